"""Shapes: tuples of dimensions, of which one item may stand for any number of dimensions.

At run time a shape is a plain tuple of ints. The checker also passes symbolic and unknown
dimensions, and a `Pack` where a signature says ``*Batch``. A rule that uses the functions of this
module instead of ``len`` and indexing works for all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeAlias

from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, prod
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError, UndecidedError
from tensorlib.shapes.record import Record


class Pack(Record):
    """Zero or more dimensions, known by one name (``*Batch``) or not at all (``...``)."""

    __slots__ = ("_hash", "key", "name")
    name: str
    key: Hashable
    _hash: int

    def __init__(self, name: str, key: Hashable = None) -> None:
        self._fill(name=name, key=key, _hash=hash((name, key)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.name if self in UNKNOWN_PACKS else f"*{self.name}"


class Each(Record):
    """What an op returns whose results cannot be counted before run time: each has this shape."""

    __slots__ = ("shape",)
    shape: Shape

    def __init__(self, shape: Shape) -> None:
        self._fill(shape=shape)


class Several(Record):
    """Operands of one shape, so many of them, among those that an op joins."""

    __slots__ = ("count", "shape")
    shape: Shape
    count: Dim

    def __init__(self, shape: Shape, count: Dim) -> None:
        self._fill(shape=shape, count=count)


UNKNOWN_DIMS = Pack("...", "int")
"""Dimensions not known before run time; where a signature declares some, they must be proven."""
ANY_DIMS = Pack("...", "Any")
"""Dimensions that the user asked not to be checked (``Any``)."""
UNKNOWN_PACKS = (UNKNOWN_DIMS, ANY_DIMS)

Shape: TypeAlias = tuple[Dim | Pack, ...]
"""In a rule's signature: a tensor."""
Group: TypeAlias = tuple[Shape | Several, ...]
"""In a rule's signature: tensors, of which some may be given by their number."""
Data: TypeAlias = tuple[Dim | Pack, ...]
"""In a rule's signature: a tensor, an array, nested lists of numbers; unknown where it is Any."""
Sizes: TypeAlias = tuple[Dim | Pack, ...]
"""In a rule's signature: an argument that is a shape by itself, as in ``reshape(x, (2, -1))``."""
Axis: TypeAlias = int | tuple[int, ...] | None


def counted(xs: Group) -> tuple[tuple[Shape, ...], tuple[Dim, ...]]:
    """Return the shapes of a group, and how many operands there are of each."""
    shapes = tuple(x.shape if isinstance(x, Several) else x for x in xs)
    return shapes, tuple(x.count if isinstance(x, Several) else 1 for x in xs)


def format_shape(shape: Shape) -> str:
    """Write a shape as Python writes a tuple: ``(64, 10)``, ``(*Batch, 784)``, ``(3,)``."""
    if len(shape) == 1 and shape[0] in UNKNOWN_PACKS:
        return "(...)"
    items = [str(item) for item in shape]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def pack_index(shape: Shape) -> int | None:
    """Return where the pack stands, or None for a shape of known rank."""
    for index, item in enumerate(shape):
        if isinstance(item, Pack):
            return index
    return None


def is_unknown(shape: Shape) -> bool:
    """Tell whether some of the dimensions are not even counted."""
    return any(item in UNKNOWN_PACKS for item in shape if isinstance(item, Pack))


def chained(*parts: Sequence[Dim | Pack]) -> Shape:
    """Return parts of a shape one behind the other; undecided if they hold more than one pack."""
    shape = tuple(item for part in parts for item in part)
    if sum(isinstance(item, Pack) for item in shape) > 1:
        raise UndecidedError("a shape has room for one part of unknown rank")
    return shape


def common_shape(shapes: Sequence[Shape]) -> Shape:
    """Return what is known of a shape that is one of these."""
    first, *others = shapes
    packs = {pack_index(shape) for shape in shapes}
    if any(len(other) != len(first) for other in others) or len(packs) > 1:
        return (ANY_DIMS if any(ANY_DIMS in shape for shape in shapes) else UNKNOWN_DIMS,)
    return tuple(
        items[0]
        if all(item == items[0] for item in items)
        else UNKNOWN_DIMS
        if isinstance(items[0], Pack)
        else UNKNOWN
        for items in zip(*shapes, strict=True)
    )


def share_pack(first: Shape, second: Shape) -> bool:
    """Tell whether the same ``*Batch`` stands in both shapes."""
    packs = [item for item in first if isinstance(item, Pack) and item not in UNKNOWN_PACKS]
    return bool(packs) and packs[0] in second


def known_rank(shape: Shape) -> tuple[Dim, ...]:
    """Return the shape as a tuple of dimensions; undecided if it holds a pack."""
    dims: list[Dim] = []
    for item in shape:
        if isinstance(item, Pack):
            raise UndecidedError(f"the rank of {format_shape(shape)} is not known")
        dims.append(item)
    return tuple(dims)


def trailing(shape: Shape, count: int) -> tuple[Shape, tuple[Dim, ...]] | None:
    """Split off the last ``count`` dimensions, or return None if there are too few.

    Undecided if one of them would come out of a pack.
    """
    cut = len(shape) - count
    pack = pack_index(shape)
    if pack is not None and pack >= cut:
        raise UndecidedError(f"the last {count} dimensions of {format_shape(shape)} are not known")
    if cut < 0:
        return None
    return shape[:cut], known_rank(shape[cut:])


def axis_index(shape: Shape, axis: int) -> int:
    """Return an axis as an index into the shape; negative where it lies behind a pack.

    Raises:
        IndexOutOfRangeError: the shape has no such axis.
    """
    if not isinstance(axis, int):
        raise UndecidedError("the axis is not known")
    pack = pack_index(shape)
    if pack is None:
        rank = len(shape)
        if not -rank <= axis < rank:
            fix = f"use {-rank} to {rank - 1}" if rank else "a scalar has no axes"
            raise IndexOutOfRangeError(
                f"axis {axis} is out of range for shape {format_shape(shape)}: {fix}"
            )
        return axis % rank
    if axis >= 0 and axis < pack:
        return axis
    if axis < 0 and -axis < len(shape) - pack:
        return axis
    raise UndecidedError(f"axis {axis} of {format_shape(shape)} is not known")


def axes_indices(shape: Shape, axis: Axis) -> tuple[int, ...]:
    """Return the axes as indices into the shape, each once; all of them for None.

    Raises:
        IndexOutOfRangeError: an axis is out of range.
        ShapeError: an axis is named twice.
    """
    if axis is None:
        return tuple(range(len(known_rank(shape))))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    if pack_index(shape) is not None:  # it may hide where an axis is, but not that it stands twice
        items: tuple[object, ...] = wanted  # of which the checker may not know some
        _require_different([item for item in items if isinstance(item, int)], wanted, shape)
    found = tuple(axis_index(shape, item) for item in wanted)
    _require_different(found, wanted, shape)
    return found


def _require_different(found: Sequence[int], wanted: tuple[int, ...], shape: Shape) -> None:
    if len(set(found)) != len(found):
        raise ShapeError(f"axes must differ, got {wanted} for shape {format_shape(shape)}")


def new_axis(shape: Shape, axis: int) -> int:
    """Return where a new axis is put into the shape, which the result has at the place named.

    Raises:
        IndexOutOfRangeError: the result would lack the axis.
    """
    if not isinstance(axis, int):
        raise UndecidedError("the axis is not known")
    pack = pack_index(shape)
    rank = len(shape) + 1
    if pack is None and not -rank <= axis < rank:
        raise IndexOutOfRangeError(
            f"axis {axis} is out of range for a result of {rank} dimensions: "
            f"use {-rank} to {rank - 1}"
        )
    place = axis if axis >= 0 else rank + axis
    if pack is not None and (place > pack if axis >= 0 else place <= pack):
        raise UndecidedError(f"axis {axis} of {format_shape(shape)} with one more is not known")
    return place


def dim_at(shape: Shape, index: int) -> Dim:
    """Return the dimension at an index that `axis_index` gave."""
    item = shape[index]
    if isinstance(item, Pack):
        raise UndecidedError(f"dimension {index} of {format_shape(shape)} is not known")
    return item


def replaced(shape: Shape, items: dict[int, Dim | Pack]) -> Shape:
    """Return the shape with the items at some indices (maybe negative) exchanged."""
    result = list(shape)
    for index, item in items.items():
        result[index] = item
    return tuple(result)


def without(shape: Shape, indices: Sequence[int]) -> Shape:
    """Return the shape without the items at some indices (maybe negative)."""
    dropped = {index % len(shape) for index in indices}
    return tuple(item for index, item in enumerate(shape) if index not in dropped)


def size(shape: Shape) -> Dim:
    """Return the number of elements; unknown if the shape holds a pack."""
    if ANY_DIMS in shape:
        return ANY
    if pack_index(shape) is not None:
        return UNKNOWN
    return prod(known_rank(shape))
