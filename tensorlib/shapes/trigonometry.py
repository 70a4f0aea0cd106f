"""Rules of trigonometric and hyperbolic functions: elementwise."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.elementwise import binary, unary

tan = unary("tan")
asin = unary("asin")
acos = unary("acos")
atan = unary("atan")
sinh = unary("sinh")
cosh = unary("cosh")
asinh = unary("asinh")
acosh = unary("acosh")
atanh = unary("atanh")
atan2 = binary("atan2", dtypes.floating)
