"""Shape rules of ops that rearrange: reshape, flatten, permute, transpose, broadcast_to."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    Dim,
    Truth,
    UnknownDim,
    at_least,
    equal,
    exact_quotient,
    prod,
    require_equal,
    symbol,
    symbols,
)
from tensorlib.shapes.elementwise import stretched, stretches_to
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError, UndecidedError
from tensorlib.shapes.mending import factored
from tensorlib.shapes.reduction import along_axes
from tensorlib.shapes.registry import Rule, TapeRule, register, rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    Axis,
    Shape,
    Sizes,
    axes_indices,
    axis_index,
    dim_at,
    format_shape,
    known_rank,
    new_axis,
    pack_index,
    replaced,
    share_pack,
    size,
    trailing,
    without,
)


@rule(mends=lambda x, shape: factored("x", x, shape))
def reshape(x: Shape, shape: Sizes) -> Shape:
    """Return the new shape, in which one dimension may be -1: whatever is left.

    Raises:
        ShapeError: the number of elements differs, -1 stands twice, or the rest does not come
            out even.
    """
    kept = pack_index(x) if share_pack(x, shape) else None
    wanted = known_rank(shape if kept is None else without(shape, (pack_index(shape) or 0,)))
    if len([dim for dim in wanted if dim == -1]) > 1:
        raise ShapeError(f"only one dimension may be -1, got {format_shape(shape)}")
    for dim in wanted:
        if isinstance(dim, int) and dim < -1:
            raise ShapeError(f"dimensions must not be negative, got {format_shape(shape)}")
    elements = size(x if kept is None else without(x, (kept,)))
    known = prod(dim for dim in wanted if dim != -1)
    problem = f"the number of elements must stay, got {format_shape(x)} and {format_shape(shape)}: "
    if -1 not in wanted:
        require_equal(elements, known, f"{problem}{elements} is not {known}")
        return shape
    if known == 0:
        raise ShapeError(f"{problem}-1 is not determined beside a dimension of 0")
    rest = exact_quotient(elements, known, f"{problem}{elements} is not a multiple of {known}")
    return replaced(shape, {shape.index(-1): rest})


@rule()
def flatten(x: Shape, start_axis: int = 0, end_axis: int = -1) -> Shape:
    """Merge the axes from start to end, both included, into one; a scalar has one axis here.

    Raises:
        IndexOutOfRangeError: the shape lacks an axis.
        ShapeError: the start lies behind the end.
    """
    if x == ():
        for axis in (start_axis, end_axis):
            if not isinstance(axis, int):
                raise UndecidedError("the axis is not known")
            if axis not in (0, -1):
                raise IndexOutOfRangeError(
                    f"axis {axis} is out of range for shape (): a scalar has axis 0 here"
                )
        return (1,)
    if pack_index(x) is not None:
        return _flatten_beside_pack(x, start_axis, end_axis)
    start, end = axis_index(x, start_axis), axis_index(x, end_axis)
    if start > end:
        raise ShapeError(_behind(start, end))
    return (*x[:start], prod(known_rank(x[start : end + 1])), *x[end + 1 :])


def _behind(start: int, end: int) -> str:
    return f"the start axis must not lie behind the end axis, got {start} and {end}"


def _flatten_beside_pack(x: Shape, start_axis: int, end_axis: int) -> Shape:
    if start_axis > end_axis and (start_axis < 0) == (end_axis < 0):
        raise ShapeError(_behind(start_axis, end_axis))
    if start_axis >= 0 > end_axis:
        return _flatten_across_pack(x, start_axis, -1 - end_axis)
    start = axis_index(x, start_axis) % len(x)
    end = axis_index(x, end_axis) % len(x)
    return (*x[:start], prod(known_rank(x[start : end + 1])), *x[end + 1 :])


def _flatten_across_pack(x: Shape, before: int, behind: int) -> Shape:
    """Merge all but so many axes at either end, which are as many as the result has left of x."""
    pack = pack_index(x)
    assert pack is not None
    unknown = ANY if x[pack] == ANY_DIMS else UNKNOWN
    left = x[: min(before, pack)]
    right = x[max(len(x) - behind, pack + 1) :]
    hidden = (before - len(left), behind - len(right))
    return (*left, *[unknown] * hidden[0], unknown, *[unknown] * hidden[1], *right)


@rule()
def permute(x: Shape, axes: tuple[int, ...]) -> Shape:
    """Return the dimensions in a new order.

    Raises:
        ShapeError: the axes do not name each axis once.
    """
    dims = known_rank(x)
    if len(axes) != len(dims):
        raise ShapeError(
            f"expected one axis for each of {len(dims)} dimensions, got {axes} "
            f"for shape {format_shape(x)}"
        )
    return tuple(dims[index] for index in axes_indices(x, axes))


@rule()
def transpose(x: Shape, axis1: int = -2, axis2: int = -1) -> Shape:
    """Exchange two axes.

    Raises:
        IndexOutOfRangeError: the shape lacks an axis.
    """
    first, second = axis_index(x, axis1), axis_index(x, axis2)
    return replaced(x, {first: dim_at(x, second), second: dim_at(x, first)})


@rule()
def expand_dims(x: Shape, axis: int) -> Shape:
    """Add an axis of length 1, which the result has at the place named.

    Raises:
        IndexOutOfRangeError: the result would lack the axis.
    """
    place = new_axis(x, axis)
    return (*x[:place], 1, *x[place:])


@rule()
def squeeze(x: Shape, axis: int | tuple[int, ...]) -> Shape:
    """Drop axes, each of length 1.

    Raises:
        IndexOutOfRangeError: the shape lacks an axis.
        ShapeError: an axis is named twice, or has another length.
    """
    indices = axes_indices(x, axis)
    for index, named in zip(indices, axis if isinstance(axis, tuple) else (axis,), strict=True):
        dim = dim_at(x, index)
        problem = f"only axes of length 1 can be dropped, got axis {named} of {format_shape(x)}"
        require_equal(dim, 1, f"{problem}: {dim} is not 1")
    return without(x, indices)


@rule()
def flip(x: Shape, axis: Axis = None) -> Shape:
    """Require that the axes exist and differ; the shape stays.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice.
    """
    return along_axes(x, axis)


@rule()
def roll(x: Shape, shift: int | tuple[int, ...], axis: Axis = None) -> Shape:
    """Require that the axes exist, and one for each of several shifts; the shape stays.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice, or there are more or fewer axes than shifts.
    """
    if isinstance(shift, tuple) and not (isinstance(axis, tuple) and len(axis) == len(shift)):
        raise ShapeError(f"expected one axis for each shift, got {axis} for {shift}")
    return along_axes(x, axis)


@rule()
def tile(x: Shape, repeats: Sizes) -> Shape:
    """Multiply the last dimensions; where there are too few, ones are added in front.

    Raises:
        ShapeError: a number of repeats is negative.
    """
    counts = known_rank(repeats)
    if any(at_least(count, 0) is Truth.NEVER for count in counts):
        raise ShapeError(f"repeats must not be negative, got {format_shape(repeats)}")
    if pack_index(x) is None:
        x = (1,) * (len(counts) - len(x)) + x
    split = trailing(x, len(counts))
    if split is None:  # behind a pack there are fewer
        raise UndecidedError(f"the last dimensions of {format_shape(x)} are not known")
    rest, dims = split
    return (*rest, *(prod(pair) for pair in zip(dims, counts, strict=True)))


def _of_matrices(x: Shape) -> Shape:
    """Require two axes; the shape stays.

    Raises:
        ShapeError: the shape has fewer.
    """
    if pack_index(x) is None and len(x) < 2:
        raise ShapeError(f"expected at least 2 dimensions, got shape {format_shape(x)}")
    return x


tril = register(Rule("tril", _of_matrices))
triu = register(Rule("triu", _of_matrices))


@rule(operators=("mT",))
def matrix_transpose(x: Shape) -> Shape:
    """Exchange the last two axes, which there must be.

    Raises:
        ShapeError: the shape has fewer.
    """
    shape: Shape = transpose.shape(_of_matrices(x))
    return shape


@rule(name="T")
def reversed_axes(x: Shape) -> Shape:
    """Return the dimensions in reverse order."""
    return known_rank(x)[::-1]


@rule()
def broadcast_to(x: Shape, shape: Sizes) -> Shape:
    """Stretch dimensions of 1 and add leading ones until the shape is reached.

    Raises:
        ShapeError: the shape cannot be reached so.
    """
    if any(isinstance(wanted, int) and wanted < 0 for wanted in shape):
        raise ShapeError(f"dimensions must not be negative, got {format_shape(shape)}")
    problem = f"shape {format_shape(x)} cannot be stretched to {format_shape(shape)}"
    if pack_index(x) is not None or pack_index(shape) is not None:
        if not stretches_to(x, shape):
            raise ShapeError(problem)
        return shape
    if len(known_rank(x)) > len(known_rank(shape)):
        raise ShapeError(f"shape {format_shape(x)} has more dimensions than {format_shape(shape)}")
    for offset in range(1, len(x) + 1):
        dim, target = known_rank(x)[-offset], known_rank(shape)[-offset]
        if dim != 1:
            require_equal(dim, target, f"{problem}: {dim} is not {target} on axis {-offset}")
    return shape


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def broadcast_like(x: Shape, other: Shape) -> Shape:
    """Stretch x to the shape of another tensor, which is only read.

    Raises:
        ShapeError: the shape cannot be reached so.
    """
    shape: Shape = broadcast_to.shape(x, other)
    return shape


@rule(dtype=dtypes.each)
def broadcast_arrays(x1: Shape, x2: Shape) -> tuple[Shape, Shape]:
    """Return the shape to which both operands stretch, twice; the explicit two-sided form.

    Raises:
        ShapeError: dimensions differ and neither is 1.
    """
    try:
        result = stretched(x1, x2)
    except ShapeError as error:
        raise ShapeError(
            "shapes must be equal where neither is 1, "
            f"got {format_shape(x1)} and {format_shape(x2)}",
            unproven=error.unproven,
        ) from None
    return result, result


def _are_apart(a: Dim, b: Dim) -> bool:
    """Tell whether these are two symbols."""
    return a != b and _is_symbol(a) and _is_symbol(b)


def _is_symbol(dim: Dim) -> bool:
    names = symbols(dim)
    return len(names) == 1 and dim == symbol(names[0].name, names[0].key)


@rule()
def expect_shape(x: Shape, shape: Sizes) -> Shape:
    """Require a shape that is known only at run time, and state it for the checker.

    A dimension given as -1 may be anything. What is stated may say more of a size than is known,
    that N is 784, but not that of two that are declared apart one is the other: they have one
    name where they are the same.

    Raises:
        ShapeError: the shapes certainly differ.
    """
    if pack_index(x) is not None or pack_index(shape) is not None:
        return tuple(UNKNOWN if dim == -1 else dim for dim in shape)
    actual, wanted = known_rank(x), known_rank(shape)
    if len(actual) != len(wanted):
        raise ShapeError(
            f"expected shape {format_shape(shape)}, got {format_shape(x)}: "
            f"{len(actual)} dimension{'' if len(actual) == 1 else 's'}, not {len(wanted)}"
        )
    result: list[Dim] = []
    for axis, (dim, want) in enumerate(zip(actual, wanted, strict=True)):
        if want == -1 or isinstance(want, UnknownDim):
            result.append(dim)
            continue
        if equal(dim, want) is Truth.NEVER or _are_apart(dim, want):
            raise ShapeError(
                f"expected shape {format_shape(shape)}, got {format_shape(x)}: "
                f"axis {axis} is {dim}, not {want}"
            )
        result.append(want)
    return tuple(result)


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def astype(x: Shape) -> Shape:
    """Return the shape as it is."""
    return x
