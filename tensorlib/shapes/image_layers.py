"""Shape rules of layers over sequences and images: convolution, pooling, resampling.

Of an operand whose rank is not known, they say what they return for one that they take.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from tensorlib.shapes import pooling, resampling
from tensorlib.shapes.convolution import (
    Extent,
    Padding,
    convolved,
    per_axis,
    require_channels,
    require_groups,
    split,
    spread,
)
from tensorlib.shapes.dim import ANY, UNKNOWN, WAY_OUT, Dim
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    Shape,
    format_shape,
    known_rank,
    pack_index,
)


def _as_images(x: Shape, rank: int) -> Shape:
    """Return the operand with unknown dimensions where the last ones come out of a pack."""
    pack = pack_index(x)
    if pack is None or pack < len(x) - rank - 1:
        return x
    unknown = ANY if x[pack] == ANY_DIMS else UNKNOWN
    last = known_rank(x[pack + 1 :])
    batch = ANY_DIMS if x[pack] == ANY_DIMS else UNKNOWN_DIMS
    return (batch, *(unknown,) * (1 + rank - len(last)), *last)


def _require_stated_channels(x: Shape, channels: Dim, wanted: Dim) -> None:
    """Require that the channels of an operand are known, or Any: a layer is made for so many.

    Raises:
        ShapeError: they are not.
    """
    if channels is UNKNOWN:
        raise ShapeError(
            f"expected {wanted} channels, got shape {format_shape(x)}: {WAY_OUT}", unproven=True
        )


def _require_channels_in_groups(in_channels: Dim, out_channels: Dim, groups: Dim) -> None:
    for channels, name in ((in_channels, "in_channels"), (out_channels, "out_channels")):
        per_axis(channels, 1, name)
        require_groups(channels, groups, f"{name[:-9]}put channels")


def _conv(
    rank: int,
    x: Shape,
    in_channels: Dim,
    out_channels: Dim,
    kernel_size: Extent,
    stride: Extent,
    padding: Padding,
    dilation: Extent,
    groups: Dim,
) -> Shape:
    """Return the shape of a convolution of so many channels.

    Raises:
        ShapeError: the groups do not divide the channels, the operand has others, the kernel does
            not fit, or a parameter is out of range.
    """
    _require_channels_in_groups(in_channels, out_channels, groups)
    images = _as_images(x, rank)
    batch, channels, _ = split(images, rank)
    require_channels(images, rank, channels, in_channels)
    lengths = convolved(images, rank, kernel_size, stride, padding, dilation)
    _require_stated_channels(x, channels, in_channels)  # last, as it is not certain to be wrong
    return (*batch, out_channels, *lengths)


def conv_transpose2d(
    x: Shape,
    in_channels: Dim,
    out_channels: Dim,
    kernel_size: Extent,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    groups: Dim,
    dilation: Extent,
) -> Shape:
    """Return the shape of a transposed convolution of so many channels.

    Raises:
        ShapeError: the groups do not divide the channels, the operand has others, nothing is left
            after the padding is taken off, or a parameter is out of range.
    """
    _require_channels_in_groups(in_channels, out_channels, groups)
    images = _as_images(x, 2)
    batch, channels, _ = split(images, 2)
    _require_stated_channels(x, channels, in_channels)
    require_channels(images, 2, channels, in_channels)
    lengths = spread(images, kernel_size, stride, padding, output_padding, dilation)
    return (*batch, out_channels, *lengths)


def _best_pool(
    rank: int,
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None,
    padding: Extent,
    dilation: Extent,
    ceil_mode: Dim,
) -> Shape:
    images = _as_images(x, rank)
    return pooling.pooled(images, rank, kernel_size, stride, padding, dilation, ceil_mode)


def _mean_pool(
    rank: int,
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None,
    padding: Extent,
    ceil_mode: Dim,
) -> Shape:
    return _best_pool(rank, x, kernel_size, stride, padding, 1, ceil_mode)


def adaptive(x: Shape, output_size: pooling.OutputSize) -> Shape:
    """Return the shape of pooling to this size.

    Raises:
        ShapeError: the operand is no image, or a size is not positive.
    """
    result: Shape = pooling.adaptive_avg_pool2d.shape(_as_images(x, 2), output_size)
    return result


def global_pool(x: Shape) -> Shape:
    """Drop the last two axes.

    Raises:
        ShapeError: the operand is no image.
    """
    result: Shape = pooling.global_avg_pool2d.shape(_as_images(x, 2))
    return result


def upscale2d(x: Shape, size: Extent | None, scale_factor: resampling.Factor | None) -> Shape:
    """Return the shape of images of another size.

    Raises:
        ShapeError: the operand is no image, both or neither is given, or a size is not positive.
    """
    result: Shape = resampling.upscale2d.shape(_as_images(x, 2), size, scale_factor)
    return result


conv1d: Final = partial(_conv, 1)
conv2d: Final = partial(_conv, 2)
best_pool2d: Final = partial(_best_pool, 2)

RULES: Final[dict[str, Callable[..., Shape]]] = {
    "Conv1d": conv1d,
    "Conv2d": conv2d,
    "ConvTranspose2d": conv_transpose2d,
    "MaxPool1d": partial(_best_pool, 1),
    "MaxPool2d": best_pool2d,
    "MinPool2d": best_pool2d,
    "AvgPool1d": partial(_mean_pool, 1),
    "AvgPool2d": partial(_mean_pool, 2),
    "AdaptiveAvgPool2d": adaptive,
    "AdaptiveMaxPool2d": adaptive,
    "GlobalAvgPool2d": global_pool,
    "GlobalMaxPool2d": global_pool,
    "GlobalMinPool2d": global_pool,
    "Upscale2d": upscale2d,
}
"""The rule of each layer, by its name."""
