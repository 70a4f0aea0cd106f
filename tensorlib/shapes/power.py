"""Rules of powers, exponentials and logarithms: elementwise."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.elementwise import binary, unary

pow_ = binary("pow", dtypes.numeric, operators=("__pow__", "__rpow__"))
reciprocal = unary("reciprocal")
rsqrt = unary("rsqrt")
log1p = unary("log1p")
log2 = unary("log2")
log10 = unary("log10")
expm1 = unary("expm1")
erf = unary("erf")
