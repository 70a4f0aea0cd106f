"""Shape rule of indexing: by ints, slices, None and ``...``, by index tensors and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from types import EllipsisType
from typing import TypeAlias

from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, UnknownDim, at_least, require_equal
from tensorlib.shapes.dtypes import BOOL, INTEGERS
from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError, ShapeError, UndecidedError
from tensorlib.shapes.manipulation import broadcast_arrays
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, known_rank, pack_index


@dataclass(frozen=True, slots=True)
class IndexTensor:
    """A tensor in an index: its shape, and its dtype as far as that is known."""

    shape: Shape
    dtype: str | None

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
    result = (
        *_indexed(x, x[:lead], before, 0, picked),
        *x[lead:cut],
        *_indexed(x, x[cut:], after, cut - len(x), picked),
    )
    if sum(isinstance(item, Pack) for item in result) > 1:
        raise UndecidedError("a shape has room for one part of unknown rank")
    return result


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
            _require_in_range(x, dim, item, first_axis + place)
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


def _require_in_range(x: Shape, dim: Dim, item: Dim, axis: int) -> None:
    if not isinstance(item, int) or isinstance(dim, UnknownDim):
        return
    needed = item + 1 if item >= 0 else -item
    if at_least(dim, needed) in (Truth.NEVER, Truth.SOMETIMES):
        raise IndexOutOfRangeError(
            f"index {item} is out of range for axis {axis} of shape {format_shape(x)}"
        )


def slice_length(dim: Dim, item: slice) -> Dim:
    """Return how long a slice of an axis is, as far as that is known."""
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
