"""Rules of ops that draw random numbers."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.elementwise import unary

dropout = unary("dropout", dtypes.floats_only)
