"""Shape rules of ops that join several operands into one."""

from __future__ import annotations

from collections.abc import Iterable

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, prod, require_equal, total
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.mending import Mend
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    Group,
    Pack,
    Shape,
    axis_index,
    counted,
    dim_at,
    format_shape,
    known_rank,
    new_axis,
    pack_index,
    share_pack,
)


def _other_axes(xs: Group, axis: int) -> Iterable[Mend]:
    shapes, _ = counted(xs)
    for other in range(len(known_rank(shapes[0])) if xs else 0):
        yield Mend(f"axis={other}", {"axis": other})


@rule(dtype=dtypes.promoted, mends=_other_axes)
def concat(xs: Group, axis: int = 0) -> Shape:
    """Add the lengths along the axis; all other dimensions must be equal.

    Raises:
        ShapeError: there is no operand, ranks or other dimensions differ, or one is a scalar.
        IndexOutOfRangeError: the operands lack the axis.
    """
    shapes, counts = counted(xs)
    first, others = _first_and_others(shapes)
    if first == ():
        raise ShapeError("a scalar cannot be joined to others: use stack")
    index = axis_index(first, axis) % len(first)
    result: list[Dim | Pack] = []
    for place, item in enumerate(first):
        if isinstance(item, Pack):
            result.append(item)
            continue
        along = [dim_at(shape, place) for shape in (first, *others)]
        lengths = (prod(pair) for pair in zip(along, counts, strict=True))
        result.append(total(lengths) if place == index else _common(shapes, along, place))
    return tuple(result)


@rule(dtype=dtypes.promoted)
def stack(xs: Group, axis: int = 0) -> Shape:
    """Add an axis as long as there are operands, which must have equal shapes.

    Raises:
        ShapeError: there is no operand, or the shapes differ.
        IndexOutOfRangeError: the result would lack the axis.
    """
    shapes, counts = counted(xs)
    first, others = _first_and_others(shapes)
    place = new_axis(first, axis)
    shape = [
        item
        if isinstance(item, Pack)
        else _common(shapes, [dim_at(other, index) for other in (first, *others)], index)
        for index, item in enumerate(first)
    ]
    return (*shape[:place], total(counts), *shape[place:])


def _first_and_others(xs: tuple[Shape, ...]) -> tuple[Shape, tuple[Shape, ...]]:
    if not xs:
        raise ShapeError("expected at least one tensor")
    first, *others = xs
    for other in others:
        if not share_pack(first, other) and len(known_rank(other)) == len(known_rank(first)):
            continue
        if len(other) != len(first):
            raise ShapeError(f"operands must have equally many dimensions, got {_listed(xs)}")
        if pack_index(first) != pack_index(other):
            raise UndecidedError(f"which dimensions of {_listed(xs)} meet is not known")
    return first, tuple(others)


def _common(xs: tuple[Shape, ...], along: list[Dim], place: int) -> Dim:
    """Return the dimension that all operands share at a place."""
    found, pack = along[0], pack_index(xs[0])
    axis = place if pack is None or place < pack else place - len(xs[0])
    for dim in along[1:]:
        found = require_equal(
            found,
            dim,
            f"shapes must be equal but for the axis, got {_listed(xs)}: "
            f"{found} is not {dim} on axis {axis}",
        )
    return found


def _listed(xs: tuple[Shape, ...]) -> str:
    return ", ".join(format_shape(shape) for shape in xs)
