"""Shape rules of ops that split one operand into several results."""

from __future__ import annotations

from itertools import pairwise

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least, exact_quotient
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.indexing import slice_length
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    Each,
    Shape,
    axis_index,
    dim_at,
    format_shape,
    known_rank,
    replaced,
    without,
)


@rule()
def split(
    x: Shape, indices_or_sections: int | tuple[int, ...], axis: int = 0
) -> tuple[Shape, ...] | Each:
    """Return the shapes of so many equal parts, or of the parts between the places given.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
        ShapeError: the parts are not equal, or fewer than one.
    """
    index = axis_index(x, axis)
    if isinstance(indices_or_sections, tuple):
        places: list[Dim | None] = [None, *indices_or_sections, None]
        return tuple(
            replaced(x, {index: slice_length(dim_at(x, index), slice(start, stop))})
            for start, stop in pairwise(places)
        )
    count = _at_least_one(indices_or_sections, "sections")
    length = dim_at(x, index)
    part = exact_quotient(
        length,
        count,
        f"axis {axis} of {format_shape(x)} does not split into {count} equal parts: "
        f"{length} is not a multiple of {count}",
    )
    return _so_many(replaced(x, {index: part}), count)


@rule()
def chunk(x: Shape, chunks: int, axis: int = 0) -> tuple[Shape, ...] | Each:
    """Return the shapes of at most so many parts, all but the last of one length.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
        ShapeError: there are fewer than one.
    """
    index = axis_index(x, axis)
    count = _at_least_one(chunks, "chunks")
    length = dim_at(x, index)
    if isinstance(length, int) and isinstance(count, int):
        part = -(-length // count)
        lengths = [min(part, length - start) for start in range(0, length, part)] if part else []
        lengths = lengths or [0] * count
        return tuple(replaced(x, {index: each}) for each in lengths)
    if length is UNKNOWN:
        return Each(replaced(x, {index: UNKNOWN}))  # of few elements there are fewer parts
    try:
        part_length = exact_quotient(length, count, "")
    except ShapeError:
        return Each(replaced(x, {index: UNKNOWN}))  # the last may be shorter
    return _so_many(replaced(x, {index: part_length}), count)


@rule()
def unstack(x: Shape, axis: int = 0) -> tuple[Shape, ...] | Each:
    """Return the shape without the axis, as often as the axis is long.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
    """
    index = axis_index(x, axis)
    length, part = dim_at(x, index), without(x, (index,))
    # No results at all would be the shape of a scalar.
    return (part,) * length if isinstance(length, int) and length else Each(part)


@rule(dtype=dtypes.each)
def meshgrid(xs: tuple[Shape, ...], indexing: str = "ij") -> tuple[Shape, ...]:
    """Return the shape of the grid, once for each vector.

    Raises:
        ShapeError: there is no vector, or one has not one dimension.
    """
    if not xs:
        raise ShapeError("expected at least one tensor")
    for place, x in enumerate(xs):
        if len(known_rank(x)) != 1:
            raise ShapeError(f"expected vectors, got shape {format_shape(x)} in tensor {place}")
    dims = [dim_at(x, 0) for x in xs]
    if indexing == "xy":
        dims[:2] = dims[1::-1]
    return (tuple(dims),) * len(xs)


def _so_many(part: Shape, count: Dim) -> tuple[Shape, ...] | Each:
    return (part,) * count if isinstance(count, int) else Each(part)


def _at_least_one(count: Dim, name: str) -> Dim:
    if at_least(count, 1) is Truth.NEVER:
        raise ShapeError(f"{name} must be positive, got {count}")
    return count
