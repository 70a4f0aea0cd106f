"""Sizes that no array can have."""

from __future__ import annotations

import math
from typing import Any

from tensorlib.shapes.errors import ShapeError

_MOST_AXES = 64
_MOST_ELEMENTS = 1 << 59
"""With 8 bytes each and a sign, NumPy addresses no more."""


def possible(shape: Any, op: str) -> Any:
    """Return a shape, or several, of which there can be arrays; unknown sizes are let pass.

    Raises:
        ShapeError: the sizes multiply to more than can be addressed, or there are too many axes.
    """
    if not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
        return shape
    # NumPy leaves out axes of length 0 as well.
    if math.prod(filter(None, shape)) >= _MOST_ELEMENTS or len(shape) > _MOST_AXES:
        raise ShapeError(f"no array can be of shape {shape}", subject=op)
    return shape
