"""Shape rules of ops that compare vectors."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.reduction import reduced
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Shape


@rule(dtype=dtypes.floating)
def cosine_similarity(x1: Shape, x2: Shape, axis: int = -1) -> Shape:
    """Drop the axis along which the vectors lie, of the shape to which both stretch.

    Raises:
        ShapeError: the shapes do not fit.
        IndexOutOfRangeError: the shape lacks the axis.
    """
    return reduced(broadcast(x1, x2), axis)
