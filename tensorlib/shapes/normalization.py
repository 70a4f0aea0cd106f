"""Rules of ops that scale elements by what stands beside them along an axis."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.reduction import along_axes, along_axis
from tensorlib.shapes.registry import Rule, register

softmax = register(Rule("softmax", along_axis, dtype=dtypes.floating))
log_softmax = register(Rule("log_softmax", along_axis, dtype=dtypes.floating))
normalize = register(Rule("normalize", along_axes, dtype=dtypes.floating))
