"""Shape rules of ops that join several operands into one."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, require_equal, total
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    Shape,
    axis_index,
    format_shape,
    known_rank,
)


@rule(dtype=dtypes.promoted)
def concat(xs: tuple[Shape, ...], axis: int = 0) -> Shape:
    """Add the lengths along the axis; all other dimensions must be equal.

    Raises:
        ShapeError: there is no operand, ranks or other dimensions differ, or one is a scalar.
        IndexOutOfRangeError: the operands lack the axis.
    """
    first, others = _first_and_others(xs)
    if first == ():
        raise ShapeError("a scalar cannot be joined to others: use stack")
    index = axis_index(first, axis)
    dims = [known_rank(shape) for shape in (first, *others)]
    result: list[Dim] = []
    for place in range(len(dims[0])):
        along = [dim[place] for dim in dims]
        result.append(total(along) if place == index else _common(xs, along, place))
    return tuple(result)


@rule(dtype=dtypes.promoted)
def stack(xs: tuple[Shape, ...], axis: int = 0) -> Shape:
    """Add an axis as long as there are operands, which must have equal shapes.

    Raises:
        ShapeError: there is no operand, or the shapes differ.
        IndexOutOfRangeError: the result would lack the axis.
    """
    first, others = _first_and_others(xs)
    dims = [known_rank(shape) for shape in (first, *others)]
    rank = len(first) + 1
    if not -rank <= axis < rank:
        raise IndexOutOfRangeError(
            f"axis {axis} is out of range for a result of {rank} dimensions: "
            f"use {-rank} to {rank - 1}"
        )
    shape = [_common(xs, [dim[place] for dim in dims], place) for place in range(rank - 1)]
    shape.insert(axis % rank, len(xs))
    return tuple(shape)


def _first_and_others(xs: tuple[Shape, ...]) -> tuple[Shape, tuple[Shape, ...]]:
    if not xs:
        raise ShapeError("expected at least one tensor")
    first, *others = xs
    for other in others:
        if len(known_rank(other)) != len(known_rank(first)):
            raise ShapeError(f"operands must have equally many dimensions, got {_listed(xs)}")
    return first, tuple(others)


def _common(xs: tuple[Shape, ...], along: list[Dim], place: int) -> Dim:
    """Return the dimension that all operands share at a place."""
    found = along[0]
    for dim in along[1:]:
        found = require_equal(
            found,
            dim,
            f"shapes must be equal but for the axis, got {_listed(xs)}: "
            f"{found} is not {dim} on axis {place}",
        )
    return found


def _listed(xs: tuple[Shape, ...]) -> str:
    return ", ".join(format_shape(shape) for shape in xs)
