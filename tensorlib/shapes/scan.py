"""Rules of running sums, products and extrema."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.reduction import along_axis
from tensorlib.shapes.registry import Rule, register

cumsum = register(Rule("cumsum", along_axis, dtype=dtypes.summed))
cumprod = register(Rule("cumprod", along_axis, dtype=dtypes.summed))
cummax = register(Rule("cummax", along_axis))
cummin = register(Rule("cummin", along_axis))
