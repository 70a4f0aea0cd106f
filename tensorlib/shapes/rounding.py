"""Rules of rounding, division with a remainder, and signs: elementwise."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.elementwise import binary, unary
from tensorlib.shapes.registry import TapeRule

sign = unary("sign", dtypes.numeric)
floor = unary("floor", dtypes.numeric)
ceil = unary("ceil", dtypes.numeric)
round_ = unary("round", dtypes.numeric)
trunc = unary("trunc", dtypes.numeric)
remainder = binary("remainder", dtypes.numeric, operators=("__mod__", "__rmod__"))
floor_divide = binary(
    "floor_divide",
    dtypes.numeric,
    tape=TapeRule.READS,
    operators=("__floordiv__", "__rfloordiv__"),
)
