"""Shape rules of ops that pick elements, or add to picked ones, by index tensors and masks."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least, require_equal
from tensorlib.shapes.dtypes import BOOL, INTEGERS, DtypeRule
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError, ShapeError, UndecidedError
from tensorlib.shapes.indexing import require_index
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import (
    Pack,
    Shape,
    axis_index,
    chained,
    dim_at,
    format_shape,
    is_unknown,
    known_rank,
    new_axis,
    size,
    without,
)

# Dtypes -------------------------------------------------------------------------------------------


def require_indices(dtype: str) -> str:
    """Return the dtype of indices.

    Raises:
        DtypeError: they are not ints.
    """
    if dtype not in (*INTEGERS, "scalar int"):
        fix = "select by a mask with x[mask]" if dtype == BOOL else "use .astype(np.int64)"
        raise DtypeError(f"indices must be ints, got {dtype}: {fix}")
    return dtype


def require_mask(dtype: str) -> str:
    """Return the dtype of a mask.

    Raises:
        DtypeError: it is not bool.
    """
    if dtype != BOOL:
        raise DtypeError(f"the mask must be bool, got {dtype}: compare it, e.g. mask != 0")
    return dtype


def _of_x(x: str, indices: str) -> str:
    require_indices(indices)
    return x


def _of_weight(input: str, weight: str) -> str:
    require_indices(input)
    return dtypes.require_floating(weight)


def _of_masked(x: str, mask: str) -> str:
    require_mask(mask)
    return x


def _of_sum(x: str, indices: str, src: str) -> str:
    require_indices(indices)
    return dtypes.to_number(x, src)


def _of_floats(x: str, mask: str) -> str:
    return dtypes.require_floating(x)


_picked = DtypeRule(_of_x, converts=False, follows=0)

# Shapes -------------------------------------------------------------------------------------------


def require_equal_shapes(a: Shape, b: Shape, problem: str) -> None:
    """Require that two shapes are equal, as far as both are known.

    Raises:
        ShapeError: they differ; the text is the problem, and which dimensions differ.
    """
    if a == b or is_unknown(a) or is_unknown(b):
        return
    if len(a) != len(b) or any(
        isinstance(item1, Pack) != isinstance(item2, Pack)
        for item1, item2 in zip(a, b, strict=True)
    ):
        raise ShapeError(problem)
    for item1, item2 in zip(a, b, strict=True):
        if isinstance(item1, Pack) or isinstance(item2, Pack):
            if item1 != item2:
                raise ShapeError(f"{problem}: {item1} is not {item2}")
        else:
            require_equal(item1, item2, f"{problem}: {item1} is not {item2}")


def _exists(x: Shape, indices: Dim, axis: int | None) -> None:
    if axis is None:
        x, axis = (size(x),), 0
    dim = dim_at(x, axis_index(x, axis) % len(x))
    require_index(x, dim, indices, axis, shows_range=True)


def _is_taken(x: Shape, indices: Dim, axis: int | None = None) -> None:
    _exists(x, indices, axis)


def _is_selected(x: Shape, indices: Dim, axis: int = -1) -> None:
    _exists(x, indices, axis)


@rule(dtype=_picked, within=_is_taken)
def take(x: Shape, indices: Shape, axis: int | None = None) -> Shape:
    """Put the shape of the indices in the place of the axis; None flattens x first.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
    """
    if axis is None:
        return indices
    place = axis_index(x, axis) % len(x)
    dim_at(x, place)
    return chained(x[:place], indices, x[place + 1 :])


@rule(dtype=_picked, within=_is_selected)
def select(x: Shape, indices: Shape, axis: int = -1) -> Shape:
    """Replace the axis by what the indices have behind the axes that stand before it in x.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: the indices do not begin with the axes before it.
    """
    place = axis_index(x, axis) % len(x)
    dim_at(x, place)
    before, after = x[:place], x[place + 1 :]
    if is_unknown(before) or is_unknown(indices):
        raise UndecidedError("how many axes the indices add is not known")
    problem = (
        f"the indices must begin with {format_shape(before)}, the axes of {format_shape(x)} before "
        f"axis {axis}, got {format_shape(indices)}"
    )
    if len(indices) < len(before):
        raise ShapeError(problem)
    require_equal_shapes(indices[: len(before)], before, problem)
    return chained(indices, after)


@rule(dtype=_picked)
def take_along_axis(x: Shape, indices: Shape, axis: int = -1) -> Shape:
    """Return the shape of the indices, stretched to x on the axes other than the one named.

    Raises:
        IndexOutOfRangeError: x or the indices lack the axis.
        ShapeError: the ranks differ, or neither shape stretches to the other beside the axis.
    """
    place, from_indices = axis_index(x, axis), axis_index(indices, axis)
    if len(x) != len(indices) and not is_unknown(x) and not is_unknown(indices):
        raise ShapeError(
            "x and the indices must have as many dimensions, "
            f"got {format_shape(x)} and {format_shape(indices)}"
        )
    try:
        rest = broadcast(without(x, (place,)), without(indices, (from_indices,)))
    except ShapeError as error:
        raise ShapeError(
            f"beside axis {axis}, x and the indices must have the same shape, or one stretch to "
            f"the other, got {format_shape(x)} and {format_shape(indices)}",
            unproven=error.unproven,
        ) from None
    split = new_axis(rest, axis)
    return (*rest[:split], dim_at(indices, from_indices), *rest[split:])


@rule(dtype=DtypeRule(_of_sum, converts=False))
def scatter_add(x: Shape, indices: Shape, src: Shape, axis: int = -1) -> Shape:
    """Require that indices and src have one shape, and that of x beside the axis; x stays.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: the shapes differ.
    """
    place = axis_index(x, axis)
    require_equal_shapes(
        indices,
        src,
        "indices and src must have the same shape, "
        f"got {format_shape(indices)} and {format_shape(src)}",
    )
    if is_unknown(x) or is_unknown(indices):
        return x
    problem = (
        f"the indices must have the shape of x but for axis {axis}, "
        f"got {format_shape(indices)} and {format_shape(x)}"
    )
    if len(x) != len(indices):
        raise ShapeError(problem)
    require_equal_shapes(without(indices, (place,)), without(x, (place,)), problem)
    return x


@rule(dtype=DtypeRule(_of_masked, converts=False, follows=0))
def masked_select(x: Shape, mask: Shape) -> Shape:
    """Return one axis, whose length depends on the values of the mask.

    Raises:
        ShapeError: neither shape stretches to the other.
    """
    broadcast(x, mask)
    return (UNKNOWN,)


@rule(dtype=DtypeRule(_of_floats, converts=False, follows=0))
def value_mask(x: Shape, mask: Shape) -> Shape:
    """Require that the mask has the shape of x, which stays.

    Raises:
        ShapeError: the shapes differ.
    """
    require_equal_shapes(
        x,
        mask,
        f"x and mask must have the same shape, got {format_shape(x)} and {format_shape(mask)}",
    )
    return mask if is_unknown(x) else x


@rule(dtype=DtypeRule(_of_weight, converts=False, follows=1))
def embedding(input: Shape, weight: Shape, padding_idx: int | None = None) -> Shape:
    """Return ``(*B, E)`` for indices ``(*B,)`` and a weight of ``(V, E)``.

    Raises:
        ShapeError: the weight is no matrix.
        IndexOutOfRangeError: the weight has no row for the padding.
    """
    dims = known_rank(weight)
    if len(dims) != 2:
        raise ShapeError(f"expected a weight of shape (V, E), got {format_shape(weight)}")
    rows, features = dims
    if isinstance(padding_idx, int) and row_exists(rows, padding_idx) in (
        Truth.NEVER,
        Truth.SOMETIMES,
    ):
        raise no_such_row(rows, padding_idx)
    return (*input, features)


def row_exists(rows: Dim, padding_idx: int) -> Truth:
    """Tell whether a weight of so many rows has one of this index."""
    return at_least(rows, padding_idx + 1 if padding_idx >= 0 else -padding_idx)


def no_such_row(rows: Dim, padding_idx: int) -> IndexOutOfRangeError:
    """Return the error of an index that there is not."""
    return IndexOutOfRangeError(f"padding_idx {padding_idx} is out of range for {rows} rows")


@rule(dtype=DtypeRule(require_indices, converts=False, declared=True), tape=TapeRule.READS)
def one_hot(indices: Shape, num_classes: Dim) -> Shape:
    """Add an axis of the classes behind the others.

    Raises:
        ShapeError: the number of classes is negative.
    """
    if at_least(num_classes, 0) is Truth.NEVER:
        raise ShapeError(f"the number of classes must not be negative, got {num_classes}")
    return (*indices, num_classes)
