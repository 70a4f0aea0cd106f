"""Shape rules of convolutions, and of a window that is moved over the last axes of an operand.

An axis of length D gives ``(D + 2*P - L*(K - 1) - 1)//S + 1`` places for a window of K elements
that lie L apart, with P elements of padding on both sides, moved by S.
"""

from __future__ import annotations

from typing import TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import (
    Dim,
    SymbolicDim,
    Truth,
    UnknownDim,
    at_least,
    equal,
    exact_quotient,
    require_equal,
)
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    UNKNOWN_PACKS,
    Pack,
    Shape,
    format_shape,
    known_rank,
    pack_index,
    trailing,
)
from tensorlib.shapes.suggestions import Misfit

Extent: TypeAlias = "Dim | tuple[Dim, ...]"
"""A size for all axes that a window is moved along, or one for each."""
Padding: TypeAlias = "Extent | str"

_AXES = {1: ("L",), 2: ("H", "W")}


def per_axis(value: Extent, rank: int, name: str, least: int = 1) -> tuple[Dim, ...]:
    """Return a size for each of the axes that a window is moved along.

    Raises:
        ShapeError: there are more or fewer sizes than axes, or one is too small.
    """
    sizes = value if isinstance(value, tuple) else (value,) * rank
    if len(sizes) != rank:
        some = "one int" if rank == 1 else f"an int or {rank} of them"
        raise ShapeError(f"expected {some} for {name}, got {value}")
    for size in sizes:
        if at_least(_dim(size, name), least) is Truth.NEVER:
            limit = "must not be negative" if least == 0 else f"must be at least {least}"
            raise ShapeError(f"{name} {limit}, got {value}")
    return sizes


def _dim(value: object, name: str) -> Dim:
    """Return an argument that is a dimension; the checker may come with others, which mypy reports.

    Raises:
        UndecidedError: it is none.
    """
    if isinstance(value, int | SymbolicDim | UnknownDim):
        return value
    raise UndecidedError(f"{name} is no size: {value!r}")


def spans(kernel_size: Extent, dilation: Extent, rank: int) -> tuple[Dim, ...]:
    """Return how many elements a window reaches over, from its first to its last.

    Raises:
        ShapeError: the kernel's size or the dilation is not positive.
    """
    kernel = per_axis(kernel_size, rank, "kernel_size")
    gaps = per_axis(dilation, rank, "dilation")
    return tuple(gap * (size - 1) + 1 for size, gap in zip(kernel, gaps, strict=True))


def padded(dims: tuple[Dim, ...], padding: Extent) -> tuple[Dim, ...]:
    """Return the dimensions with padding on both sides.

    Raises:
        ShapeError: the padding is negative.
    """
    added = per_axis(padding, len(dims), "padding", least=0)
    return tuple(dim + 2 * more for dim, more in zip(dims, added, strict=True))


def places(
    x: Shape, dims: tuple[Dim, ...], over: tuple[Dim, ...], stride: Extent
) -> tuple[Dim, ...]:
    """Return how many places windows have in dimensions that are padded already.

    Args:
        x: the operand's shape, for messages.
        dims: the padded dimensions.
        over: how many elements the window reaches over.
        stride: by how many elements it is moved.

    Raises:
        ShapeError: the window does not fit, for these or for some sizes.
    """
    steps = per_axis(stride, len(dims), "stride")
    for dim, span in zip(dims, over, strict=True):
        require_fit(x, dim, span)
    return tuple(
        (dim - span) // step + 1 for dim, span, step in zip(dims, over, steps, strict=True)
    )


def require_fit(x: Shape, dim: Dim, span: Dim, verb: str = "fit into") -> None:
    """Require that a window fits; where that depends on symbols, the sizes that fail count.

    Raises:
        ShapeError: it does not.
    """
    answer = at_least(dim, span)
    if answer not in (Truth.NEVER, Truth.SOMETIMES):
        return
    problem = f"the kernel must {verb} the padded operand, {_got(x, dim)}"
    if answer is Truth.NEVER:
        raise ShapeError(f"{problem}: {span} is more than {dim}")
    example = f', such as "N + {span - 1}"' if isinstance(span, int) else ""
    fix = f"declare a size that suffices{example}"
    raise ShapeError(f"{problem}: {span} may be more than {dim}, {fix}")


def split(x: Shape, rank: int) -> tuple[Shape, Dim, tuple[Dim, ...]]:
    """Split a shape into batch, channels and the axes that a window is moved along.

    Raises:
        ShapeError: there are too few dimensions.
    """
    parts = trailing(x, rank + 1)
    if parts is None:
        wanted = f"(*Batch, C, {', '.join(_AXES[rank])})"
        count = f"{len(x)} dimension{'' if len(x) == 1 else 's'}, not at least {rank + 1}"
        raise ShapeError(f"expected shape {wanted}, got {format_shape(x)}: {count}")
    batch, (channels, *dims) = parts
    return batch, channels, tuple(dims)


def split_filled(x: Shape, rank: int) -> tuple[Shape, Dim, tuple[Dim, ...]]:
    """Split a shape as `split` does, and require that the image has elements.

    Raises:
        ShapeError: the rank is too small, or an image's axis has length 0.
    """
    parts = split(x, rank)
    if any(dim == 0 for dim in parts[-1]):
        raise ShapeError(f"there are no elements to choose from in shape {format_shape(x)}")
    return parts


def require_channels(x: Shape, rank: int, channels: Dim, wanted: Dim, whose: str = "") -> None:
    """Require the channels that a layer or a weight was made for.

    Raises:
        ShapeError: there are more or fewer.
    """
    noun = "channel" if isinstance(wanted, int) and wanted == 1 else "channels"
    detail = f": {channels} is not {wanted}" if _is_known(x) else ""
    last = _channels_last(x, channels, wanted, rank)
    if last is not None:
        detail += f", but the last dimension is; try x.permute({last})"
    is_missing = last is None and len(x) == rank + 1 and wanted == 1 and _is_known(x)
    if is_missing:  # a batch of images of one channel, as files of digits have them
        detail += "; try x.expand_dims(1)"
    try:
        require_equal(
            wanted, channels, f"expected {wanted} {noun}{whose}, {_got(x, channels)}{detail}"
        )
    except ShapeError as error:
        misfit = None if last is not None or is_missing else Misfit(wanted, channels)
        raise ShapeError(error.problem, unproven=error.unproven, misfit=misfit) from None


def _channels_last(x: Shape, channels: Dim, wanted: Dim, rank: int) -> tuple[int, ...] | None:
    """Return the permutation for images that have their channels last, as files have; else None."""
    last = x[-1]
    if pack_index(x) is not None or isinstance(last, Pack | UnknownDim):
        return None
    if isinstance(channels, UnknownDim) or isinstance(wanted, UnknownDim):
        return None
    if equal(last, wanted) is not Truth.ALWAYS or equal(channels, wanted) is Truth.ALWAYS:
        return None
    batch = len(x) - rank - 1
    return (*range(batch), len(x) - 1, *range(batch, len(x) - 1))


def _is_known(x: Shape) -> bool:
    return not any(isinstance(item, UnknownDim) or item in UNKNOWN_PACKS for item in x)


def _got(x: Shape, dim: Dim) -> str:
    """Show an operand; where little is known of it, the dimension at fault."""
    return f"got shape {format_shape(x)}" if _is_known(x) else f"got {dim}"


def convolved(
    x: Shape, rank: int, kernel_size: Extent, stride: Extent, padding: Padding, dilation: Extent
) -> tuple[Dim, ...]:
    """Return the lengths of the last axes after a convolution.

    Raises:
        ShapeError: the kernel does not fit, or a parameter is out of range.
    """
    over = spans(kernel_size, dilation, rank)
    steps = per_axis(stride, rank, "stride")
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise ShapeError(f'padding must be ints, "same" or "valid", got {padding!r}')
    if padding == "same":
        problem = f'padding "same" needs a stride of 1, got {stride}'
        for step in steps:
            require_equal(step, 1, problem)
    _, _, dims = split(x, rank)
    if padding == "same":
        return dims
    assert not isinstance(padding, str) or padding == "valid"
    return places(x, padded(dims, 0 if isinstance(padding, str) else padding), over, steps)


def _of_weight(
    x: Shape,
    weight: Shape,
    bias: Shape | None,
    stride: Extent,
    padding: Padding,
    dilation: Extent,
    groups: Dim,
    rank: int,
) -> Shape:
    """Return the shape of a convolution with a weight of shape ``(O, C//groups, *K)``."""
    out_channels, depth, *kernel = _weight_dims(weight, rank, "O, C//groups")
    require_groups(out_channels, groups, "output channels")
    _require_bias(bias, out_channels)
    lengths = convolved(x, rank, tuple(kernel), stride, padding, dilation)
    batch, channels, _ = split(x, rank)
    in_groups = "" if isinstance(groups, int) and groups == 1 else f" in {groups} groups"
    whose = f" for a weight of shape {format_shape(weight)}{in_groups}"
    require_channels(x, rank, channels, depth * groups, whose)
    return (*batch, out_channels, *lengths)


def _weight_dims(weight: Shape, rank: int, channels: str) -> tuple[Dim, ...]:
    dims = known_rank(weight)
    if len(dims) != rank + 2:
        kernel = ", ".join(f"K{axis}" for axis in _AXES[rank]) if rank > 1 else "K"
        raise ShapeError(
            f"expected a weight of shape ({channels}, {kernel}), got {format_shape(weight)}"
        )
    return dims


def require_groups(channels: Dim, groups: Dim, what: str) -> Dim:
    """Return how many channels each group has.

    Raises:
        ShapeError: the groups are not positive, or do not divide the channels.
    """
    if at_least(_dim(groups, "groups"), 1) is Truth.NEVER:
        raise ShapeError(f"groups must be at least 1, got {groups}")
    problem = f"the groups must divide the {what}: {channels} is not a multiple of {groups}"
    return exact_quotient(channels, groups, problem)


def _require_bias(bias: Shape | None, channels: Dim) -> None:
    if bias is None:
        return
    problem = f"expected a bias of shape ({channels},), got {format_shape(bias)}"
    if len(known_rank(bias)) != 1:
        raise ShapeError(problem)
    require_equal(channels, known_rank(bias)[0], problem)


@rule(dtype=dtypes.floats_only)
def conv1d(
    x: Shape,
    weight: Shape,
    bias: Shape | None = None,
    stride: Extent = 1,
    padding: Padding = 0,
    dilation: Extent = 1,
    groups: Dim = 1,
) -> Shape:
    """Return the shape of a convolution: ``(*B, C, L), (O, C//groups, K), (O,) -> (*B, O, L')``.

    Raises:
        ShapeError: the channels differ, the groups do not divide them, the kernel does not fit,
            or a parameter is out of range.
    """
    return _of_weight(x, weight, bias, stride, padding, dilation, groups, 1)


@rule(dtype=dtypes.floats_only)
def conv2d(
    x: Shape,
    weight: Shape,
    bias: Shape | None = None,
    stride: Extent = 1,
    padding: Padding = 0,
    dilation: Extent = 1,
    groups: Dim = 1,
) -> Shape:
    """Return the shape of a convolution: ``(*B, C, H, W), (O, C//groups, KH, KW), (O,)``.

    Raises:
        ShapeError: the channels differ, the groups do not divide them, the kernel does not fit,
            or a parameter is out of range.
    """
    return _of_weight(x, weight, bias, stride, padding, dilation, groups, 2)


@rule(dtype=dtypes.floats_only)
def conv_transpose2d(
    x: Shape,
    weight: Shape,
    bias: Shape | None = None,
    stride: Extent = 1,
    padding: Extent = 0,
    output_padding: Extent = 0,
    groups: Dim = 1,
    dilation: Extent = 1,
) -> Shape:
    """Return the shape of what a convolution of the same parameters would make the operand of.

    Shape: ``(*B, C, H, W), (C, O//groups, KH, KW), (O,) -> (*B, O, H', W')``

    Raises:
        ShapeError: the channels differ, the groups do not divide them, nothing is left after the
            padding is taken off, or a parameter is out of range.
    """
    in_channels, depth, *kernel = _weight_dims(weight, 2, "C, O//groups")
    out_channels = depth * groups
    require_groups(in_channels, groups, "input channels")
    _require_bias(bias, out_channels)
    lengths = spread(x, tuple(kernel), stride, padding, output_padding, dilation)
    batch, channels, _ = split(x, 2)
    whose = f" for a weight of shape {format_shape(weight)}"
    require_channels(x, 2, channels, in_channels, whose)
    return (*batch, out_channels, *lengths)


def spread(
    x: Shape,
    kernel_size: Extent,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    dilation: Extent,
) -> tuple[Dim, ...]:
    """Return the lengths of the last two axes after a transposed convolution.

    Raises:
        ShapeError: nothing is left, or a parameter is out of range.
    """
    over = spans(kernel_size, dilation, 2)
    steps, gaps = per_axis(stride, 2, "stride"), per_axis(dilation, 2, "dilation")
    margins = per_axis(padding, 2, "padding", least=0)
    extras = per_axis(output_padding, 2, "output_padding", least=0)
    for extra, step, gap in zip(extras, steps, gaps, strict=True):
        if {at_least(extra, step), at_least(extra, gap)} == {Truth.ALWAYS}:
            raise ShapeError(
                "output_padding must be smaller than the stride or the dilation, "
                f"got {output_padding} for a stride of {stride} and a dilation of {dilation}"
            )
    _, _, dims = split(x, 2)
    lengths = tuple(
        (dim - 1) * step - 2 * margin + span + extra
        for dim, step, margin, span, extra in zip(dims, steps, margins, over, extras, strict=True)
    )
    for length in lengths:
        if not isinstance(length, UnknownDim) and at_least(length, 1) in (
            Truth.NEVER,
            Truth.SOMETIMES,
        ):
            raise ShapeError(
                f"the padding must leave something, {_got(x, length)} and padding {padding}: "
                f"a length of {length}"
            )
    return lengths


@rule()
def unfold(
    x: Shape,
    kernel_size: Extent,
    dilation: Extent = 1,
    padding: Extent = 0,
    stride: Extent = 1,
) -> Shape:
    """Return the shape of the windows of an image: ``(*B, C, H, W) -> (*B, C*KH*KW, places)``.

    Raises:
        ShapeError: the kernel does not fit, or a parameter is out of range.
    """
    rows, columns = per_axis(kernel_size, 2, "kernel_size")
    height, width = convolved(x, 2, kernel_size, stride, padding, dilation)
    batch, channels, _ = split(x, 2)
    return (*batch, channels * rows * columns, height * width)
