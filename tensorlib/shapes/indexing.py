"""Shape rule of indexing: by ints, slices, None and ``...``, by index tensors and masks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from types import EllipsisType
from typing import NoReturn, TypeAlias

from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    WAY_OUT,
    Dim,
    Truth,
    UnknownDim,
    at_least,
    require_equal,
)
from tensorlib.shapes.dtypes import BOOL, INTEGERS
from tensorlib.shapes.errors import (
    DtypeError,
    ImmutableError,
    IndexOutOfRangeError,
    ShapeError,
    UndecidedError,
)
from tensorlib.shapes.manipulation import broadcast_arrays
from tensorlib.shapes.record import Record
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import Pack, Shape, chained, format_shape, known_rank, pack_index


class IndexTensor(Record):
    """A tensor in an index: its shape, and its dtype as far as that is known."""

    __slots__ = ("dtype", "shape")
    shape: Shape
    dtype: str | None

    def __init__(self, shape: Shape, dtype: str | None) -> None:
        self._fill(shape=shape, dtype=dtype)

    @property
    def is_mask(self) -> bool:
        """Whether it is of bools, and stands for as many axes as it has itself."""
        return self.dtype == BOOL

    def require_supported(self) -> None:
        """Require ints or bools.

        Raises:
            DtypeError: it is floating point.
        """
        if self.dtype is None:
            raise UndecidedError("the dtype of an index tensor is not known")
        if self.dtype not in (BOOL, *INTEGERS):
            raise DtypeError(
                f"an index tensor must be of ints or bools, got {self.dtype}: "
                "use .astype(np.int64)",
                subject="getitem",
            )


OF_WHAT_INDEX = "an index is made of ints, slices, None, ... and tensors"
OF_WHAT_SLICE = "a slice is made of ints and None"


def not_an_index(kind: str, requirement: str) -> str:
    """Say that an index holds something else, given by the name of its type."""
    fix = ": wrap it with tl.tensor(...)" if kind in ("ndarray", "list") else ""
    return f"getitem: {requirement}, got {kind}{fix}"


Item: TypeAlias = "Dim | slice | EllipsisType | IndexTensor | None"
Index: TypeAlias = "Item | tuple[Item, ...]"


@rule(operators=("__getitem__",))
def getitem(x: Shape, index: Index) -> Shape:
    """Return the shape that is left after indexing.

    An int drops its axis, a slice keeps it, None adds one of length 1, ``...`` stands for all
    axes not named. A tensor of ints puts its shape in the place of its axis; several of them
    stretch to one shape, which takes the place of all their axes. A mask turns the axes that it
    covers into one, of unknown length.

    Raises:
        IndexOutOfRangeError: an int lies outside its axis, or there are more items than axes.
        ShapeError: ``...`` stands twice, a step is 0, a mask has not the lengths of its axes, or
            something stands between index tensors.
        DtypeError: an index tensor is neither of ints nor of bools.
    """
    items = index if isinstance(index, tuple) else (index,)
    if sum(item is Ellipsis for item in items) > 1:
        raise ShapeError("only one ... may stand in an index")
    tensors = [item for item in items if isinstance(item, IndexTensor)]
    picked: Shape = ()
    if tensors:
        _require_side_by_side(items)
        picked = _picked_shape(tensors)
        lone = tensors[0]
        if len(items) == 1 and lone.is_mask and lone.shape == x[: len(lone.shape)]:
            return (*picked, *x[len(lone.shape) :])  # a pack may be covered as a whole
    if not any(item is Ellipsis for item in items):
        items = (*items, Ellipsis)
    split = next(place for place, item in enumerate(items) if item is Ellipsis)
    before, after = items[:split], items[split + 1 :]
    lead, trail = _axes_used(before), _axes_used(after)
    _require_enough_axes(x, lead, trail)
    cut = len(x) - trail
    return chained(
        _indexed(x, x[:lead], before, 0, picked),
        x[lead:cut],
        _indexed(x, x[cut:], after, cut - len(x), picked),
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


@rule(operators=("__setitem__",), tape=TapeRule.DECLARED)
def setitem(x: Shape) -> NoReturn:
    """Refuse ``x[index] = value``.

    Raises:
        ImmutableError: always.
    """
    raise ImmutableError(
        "setitem: tensors are immutable: make a new one with tl.where(mask, value, x), "
        "tl.concat of its parts, or tl.scatter_add"
    )


@rule(operators=("__delitem__",), tape=TapeRule.DECLARED)
def delitem(x: Shape) -> NoReturn:
    """Refuse ``del x[index]``.

    Raises:
        ImmutableError: always.
    """
    raise ImmutableError(
        "delitem: tensors are immutable: keep the rest, with a slice or a mask, x[mask], "
        "or tl.concat of two parts"
    )


def _require_side_by_side(items: tuple[Item, ...]) -> None:
    """Require that nothing stands between tensors, and ints, which count as such beside them."""
    places = [
        place
        for place, item in enumerate(items)
        if item is not None and not isinstance(item, slice | EllipsisType)
    ]
    if places[-1] - places[0] >= len(places):
        raise ShapeError(
            "index tensors and ints must stand side by side, as the place of their axes in the "
            "result is unclear otherwise: index in two steps, or permute the axes first"
        )


def _picked_shape(tensors: Sequence[IndexTensor]) -> Shape:
    """Return the shape that takes the place of the axes of index tensors."""
    for tensor in tensors:
        tensor.require_supported()
    if not any(tensor.is_mask for tensor in tensors):
        if len(tensors) == 1:
            return tensors[0].shape
        return reduce(_meeting, (tensor.shape for tensor in tensors))
    if len(tensors) > 1:
        raise ShapeError("a mask must be the only tensor of an index: index in two steps")
    if tensors[0].shape == ():
        raise ShapeError("a mask must have at least one dimension, got a scalar")
    return (UNKNOWN,)


def _meeting(a: Shape, b: Shape) -> Shape:
    try:
        result: Shape = broadcast_arrays.shape(a, b)[0]
    except ShapeError as error:
        raise ShapeError(
            "index tensors must have equal lengths where neither is 1, "
            f"got {format_shape(a)} and {format_shape(b)}",
            unproven=error.unproven,
        ) from None
    return result


def axes_of(item: Item) -> int:
    """Return how many axes of the operand an item of an index stands for."""
    if isinstance(item, IndexTensor) and item.is_mask:
        return len(known_rank(item.shape))
    return int(item is not None)


def _axes_used(items: tuple[Item, ...]) -> int:
    return sum(map(axes_of, items))


def _require_enough_axes(x: Shape, lead: int, trail: int) -> None:
    pack = pack_index(x)
    if pack is None:
        if lead + trail > len(x):
            raise IndexOutOfRangeError(
                f"an index of {lead + trail} items is too long for shape {format_shape(x)}"
            )
    elif lead > pack or trail > len(x) - pack - 1:
        raise UndecidedError(f"the index reaches into the unknown part of {format_shape(x)}")


def _indexed(
    x: Shape, part: Shape, items: tuple[Item, ...], first_axis: int, picked: Shape
) -> list[Dim | Pack]:
    result: list[Dim | Pack] = []
    place = 0
    is_first = True
    for item in items:
        if item is None:
            result.append(1)
            continue
        if isinstance(item, IndexTensor):
            if item.is_mask:
                _require_covers(x, part[place : place + axes_of(item)], item.shape)
            if is_first:
                result.extend(picked)
            is_first = False
            place += axes_of(item)
            continue
        dim = part[place]
        assert not isinstance(dim, Pack) and not isinstance(item, EllipsisType)
        if isinstance(item, slice):
            result.append(slice_length(dim, item))
        else:
            require_index(x, dim, item, first_axis + place)
        place += 1
    return result


def _require_covers(x: Shape, part: Shape, mask: Shape) -> None:
    for dim, length in zip(known_rank(part), known_rank(mask), strict=True):
        require_equal(
            length,
            dim,
            "a mask must have the lengths of the axes that it stands for, "
            f"got {format_shape(mask)} for {format_shape(part)} of {format_shape(x)}: "
            f"{length} is not {dim}",
        )


def require_index(x: Shape, dim: Dim, item: Dim, axis: int, *, shows_range: bool = False) -> None:
    """Require that an int lies inside its axis; where that depends on symbols, for all sizes.

    Raises:
        IndexOutOfRangeError: it does not; the text may show the range that is allowed.
    """
    needed = _least_length(item)
    if needed is None or isinstance(dim, UnknownDim):
        return
    answer = at_least(dim, needed)
    if answer is Truth.ALWAYS:
        return
    place = f"out of range for axis {axis} of shape {format_shape(x)}"
    if answer is Truth.NEVER:
        fix = f": use {-dim} to {dim - 1}" if shows_range and isinstance(dim, int) and dim else ""
        raise IndexOutOfRangeError(f"index {item} is {place}{fix}")
    problem = f"index {item} may be {place}"
    if answer is Truth.UNKNOWN:
        raise IndexOutOfRangeError(f"{problem}: {WAY_OUT}", unproven=True)
    example = f', such as "{dim} + {needed - 1}"' if str(dim).isidentifier() else ""
    raise IndexOutOfRangeError(f"{problem}: declare a size that suffices{example}")


def _least_length(item: Dim) -> Dim | None:
    """Return how long an axis must be to have an index; None if the index' sign is not known."""
    if at_least(item, 0) is Truth.ALWAYS:
        return item + 1
    return -item if at_least(-1, item) is Truth.ALWAYS else None


# Slices -------------------------------------------------------------------------------------------


def slice_length(dim: Dim, item: slice) -> Dim:
    """Return how long a slice of an axis is, as far as that is known.

    As in Python, a bound outside of the axis counts as its end.

    Raises:
        ShapeError: the step is 0.
    """
    start, stop, step = item.start, item.stop, item.step
    if isinstance(step, int) and step == 0:
        raise ShapeError("a slice step must not be 0")
    if all(isinstance(value, int | None) for value in (dim, start, stop, step)):
        assert isinstance(dim, int)
        return len(range(*item.indices(dim)))
    if start is None and stop is None and step in (None, 1, -1):
        return dim
    length = _stepped(dim, start, stop, 1 if step is None else step)
    if length is None:
        return ANY if dim is ANY else UNKNOWN
    return length


def _stepped(dim: Dim, start: Dim | None, stop: Dim | None, step: Dim) -> Dim | None:
    """Return the length of ``start:stop:step``, or None if it depends on what is not known."""
    rises = at_least(step, 1) is Truth.ALWAYS
    if not rises and at_least(-1, step) is not Truth.ALWAYS:
        return None
    low, high = (0, dim) if rises else (-1, dim - 1)
    begin = (low if rises else high) if start is None else _from_front(dim, start)
    end = (high if rises else low) if stop is None else _from_front(dim, stop)
    if not rises:
        begin, end, step = end, begin, -step
    if begin is None or end is None:
        return None
    if at_least(begin, end) is Truth.ALWAYS:
        return 0
    first, last = _clipped(begin, low, high), _clipped(end, low, high)
    if first is None or last is None or at_least(last, first) is not Truth.ALWAYS:
        return None
    return (last - first + step - 1) // step


def _from_front(dim: Dim, bound: Dim) -> Dim | None:
    """Return a bound counted from the front of the axis; None if its sign is not known."""
    if at_least(bound, 0) is Truth.ALWAYS:
        return bound
    return dim + bound if at_least(-1, bound) is Truth.ALWAYS else None


def _clipped(bound: Dim, low: Dim, high: Dim) -> Dim | None:
    """Return the nearest place to a bound from low to high; None if that is not known."""
    if at_least(low, bound) is Truth.ALWAYS:
        return low
    if at_least(bound, high) is Truth.ALWAYS:
        return high
    return bound if at_least(high, bound) is at_least(bound, low) is Truth.ALWAYS else None
