"""Shape rule of basic indexing: ints, slices, None and ``...``."""

from __future__ import annotations

from types import EllipsisType
from typing import TypeAlias

from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, UnknownDim, at_least
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError, UndecidedError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, pack_index

Item: TypeAlias = "Dim | slice | EllipsisType | None"
Index: TypeAlias = "Item | tuple[Item, ...]"


@rule(operators=("__getitem__",))
def getitem(x: Shape, index: Index) -> Shape:
    """Return the shape that is left after indexing.

    An int drops its axis, a slice keeps it, None adds one of length 1, ``...`` stands for all
    axes not named.

    Raises:
        IndexOutOfRangeError: an int lies outside its axis, or there are more items than axes.
        ShapeError: ``...`` stands twice, or a step is 0.
    """
    items = index if isinstance(index, tuple) else (index,)
    if sum(item is Ellipsis for item in items) > 1:
        raise ShapeError("only one ... may stand in an index")
    if not any(item is Ellipsis for item in items):
        items = (*items, Ellipsis)
    split = next(place for place, item in enumerate(items) if item is Ellipsis)
    before, after = items[:split], items[split + 1 :]
    lead, trail = _axes_used(before), _axes_used(after)
    _require_enough_axes(x, lead, trail)
    cut = len(x) - trail
    return (
        *_indexed(x, x[:lead], before, 0),
        *x[lead:cut],
        *_indexed(x, x[cut:], after, cut - len(x)),
    )


@rule(name="iter", operators=("__iter__",))
def iterated(x: Shape) -> Shape:
    """Return the shape of one item along the first axis.

    Raises:
        ShapeError: the operand is a scalar.
    """
    if x == ():
        raise ShapeError("a scalar has no items")
    if isinstance(x[0], Pack):
        raise UndecidedError(f"the first axis of {format_shape(x)} is not known")
    return x[1:]


def _axes_used(items: tuple[Item, ...]) -> int:
    return sum(item is not None for item in items)


def _require_enough_axes(x: Shape, lead: int, trail: int) -> None:
    pack = pack_index(x)
    if pack is None:
        if lead + trail > len(x):
            raise IndexOutOfRangeError(
                f"an index of {lead + trail} items is too long for shape {format_shape(x)}"
            )
    elif lead > pack or trail > len(x) - pack - 1:
        raise UndecidedError(f"the index reaches into the unknown part of {format_shape(x)}")


def _indexed(x: Shape, part: Shape, items: tuple[Item, ...], first_axis: int) -> list[Dim | Pack]:
    result: list[Dim | Pack] = []
    place = 0
    for item in items:
        if item is None:
            result.append(1)
            continue
        dim = part[place]
        assert not isinstance(dim, Pack) and not isinstance(item, EllipsisType)
        if isinstance(item, slice):
            result.append(_slice_length(dim, item))
        else:
            _require_in_range(x, dim, item, first_axis + place)
        place += 1
    return result


def _require_in_range(x: Shape, dim: Dim, item: Dim, axis: int) -> None:
    if not isinstance(item, int) or isinstance(dim, UnknownDim):
        return
    needed = item + 1 if item >= 0 else -item
    if at_least(dim, needed) in (Truth.NEVER, Truth.SOMETIMES):
        raise IndexOutOfRangeError(
            f"index {item} is out of range for axis {axis} of shape {format_shape(x)}"
        )


def _slice_length(dim: Dim, item: slice) -> Dim:
    start, stop, step = item.start, item.stop, item.step
    if isinstance(step, int) and step == 0:
        raise ShapeError("a slice step must not be 0")
    if all(isinstance(value, int | None) for value in (dim, start, stop, step)):
        assert isinstance(dim, int)
        return len(range(*item.indices(dim)))
    if start is None and stop is None and step in (None, -1):
        return dim
    if isinstance(step, int | None) and (step is None or step > 0):
        length = _span(dim, start, stop)
        return length if step in (None, 1) else (length + (step - 1)) // step
    return UNKNOWN


def _span(dim: Dim, start: Dim | None, stop: Dim | None) -> Dim:
    """Return the length of ``start:stop`` where both are known to lie inside the axis."""
    low = _bound(dim, 0 if start is None else start)
    high = _bound(dim, dim if stop is None else stop)
    if low is None or high is None:
        return UNKNOWN
    if at_least(high, low) is Truth.ALWAYS:
        return high - low
    return UNKNOWN


def _bound(dim: Dim, bound: Dim) -> Dim | None:
    if isinstance(bound, int) and bound < 0:
        bound = dim + bound
    inside = at_least(bound, 0) is Truth.ALWAYS and at_least(dim, bound) is Truth.ALWAYS
    return bound if inside else None
