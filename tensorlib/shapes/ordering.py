"""Rules of ops that compare the elements along an axis."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, require_at_least
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.reduction import along_axis, chosen
from tensorlib.shapes.registry import Rule, TapeRule, register, rule
from tensorlib.shapes.shape import Shape, axis_index, dim_at, format_shape, replaced


def _index_of(x: Shape, axis: int | None = None, keepdims: bool = False) -> Shape:
    """Drop one axis, or all of them for None."""
    return chosen(x, axis, keepdims)


argmax = register(Rule("argmax", _index_of, dtype=dtypes.indices, tape=TapeRule.READS))
argmin = register(Rule("argmin", _index_of, dtype=dtypes.indices, tape=TapeRule.READS))

sort = register(Rule("sort", along_axis))
argsort = register(Rule("argsort", along_axis, dtype=dtypes.indices, tape=TapeRule.READS))


@rule(dtype=dtypes.with_indices)
def topk(x: Shape, k: Dim, axis: int = -1) -> tuple[Shape, Shape]:
    """Return the shape of k elements of each line along the axis, and that of their indices.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
        ShapeError: there are fewer than k elements along the axis, or k is negative.
    """
    if isinstance(k, int) and k < 0:
        raise ShapeError(f"k must not be negative, got {k}")
    index = axis_index(x, axis)
    length = dim_at(x, index)
    require_at_least(
        length,
        k,
        f"k must not be above the length of the axis, got {k} for axis {axis} of "
        f"{format_shape(x)}: {length} is less than {k}",
    )
    result = replaced(x, {index: k})
    return result, result
