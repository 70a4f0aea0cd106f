"""Convolutions, and the windows of images as columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.arguments import plain_int, plain_sizes
from tensorlib.ops.correlation import apply, apply_transposed, weight_gradient
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.windows import (
    Extent,
    Ints,
    Padding,
    Windows,
    add_columns,
    as_images,
    columns,
    wide,
    windows_of,
)
from tensorlib.shapes import convolution as rules
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

Kernel: TypeAlias = "tuple[Extent, Padding, Extent, int]"
"""Stride, padding, dilation and groups."""

# Convolution --------------------------------------------------------------------------------------


def _over(x_shape: Ints, weight: Ints, kernel: Kernel) -> Windows:
    stride, padding, dilation, _ = kernel
    rank = len(weight) - 2
    return windows_of(x_shape[-rank:], weight[2:], stride, padding, dilation)


def _conv_forward(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Extent,
    padding: Padding,
    dilation: Extent,
    groups: int,
) -> Array:
    rank = weight.ndim - 2
    windows = _over(x.shape, weight.shape, (stride, padding, dilation, groups))
    y = apply(as_images(x, rank), weight, bias, windows, groups)
    shape = (*x.shape[: -rank - 1], weight.shape[0], *windows.places)
    return y.reshape(shape).astype(x.dtype, copy=False)


def _conv_vjp_x(
    g: Array,
    x_shape: Ints,
    weight: Array,
    stride: Extent,
    padding: Padding,
    dilation: Extent,
    groups: int,
) -> Array:
    windows = _over(x_shape, weight.shape, (stride, padding, dilation, groups))
    images = apply_transposed(as_images(g, weight.ndim - 2), weight, None, windows, groups)
    return images.reshape(x_shape)


def _conv_vjp_weight(
    g: Array,
    x: Array,
    weight_shape: Ints,
    stride: Extent,
    padding: Padding,
    dilation: Extent,
    groups: int,
) -> Array:
    rank = len(weight_shape) - 2
    windows = _over(x.shape, weight_shape, (stride, padding, dilation, groups))
    return weight_gradient(as_images(x, rank), as_images(g, rank), windows, groups)


def _vjp_bias(g: Array, weight_shape: Ints) -> Array:
    images = np.ascontiguousarray(wide(as_images(g, len(weight_shape) - 2)))
    count, channels, length = *images.shape[:2], math.prod(images.shape[2:])
    # A product with ones takes a third of the time of a sum.
    sums = products.matmul(images.reshape(count * channels, length), np.ones(length, images.dtype))
    return np.asarray(np.add.reduce(sums.reshape(count, channels), axis=0))


def _convolution(rule: Rule) -> tuple[Primitive, Primitive]:
    """Return a convolution with a bias, and one whose bias is None and no operand."""
    vjps = (_conv_vjp_x, _conv_vjp_weight)
    return Primitive(rule, _conv_forward, (*vjps, _vjp_bias)), Primitive(rule, _conv_forward, vjps)


_conv1d, _conv1d_without_bias = _convolution(rules.conv1d)
_conv2d, _conv2d_without_bias = _convolution(rules.conv2d)


def _plain_padding(padding: Padding, op: str) -> Padding:
    return padding if isinstance(padding, str) else plain_sizes(padding, op, "padding")


def conv1d(
    x: Tensor[Any, T, D],
    weight: Tensor[Any, Any, D],
    bias: Tensor[Any, Any, D] | None = None,
    stride: Extent = 1,
    padding: Padding = 0,
    dilation: Extent = 1,
    groups: int = 1,
) -> Tensor[Dims, T, D]:
    """Slide kernels over a sequence: the sums of products at each place.

    Shape: ``(*B, C, L), (O, C//groups, K), (O,) -> (*B, O, L')`` with
    ``L' = (L + 2*padding - dilation*(K - 1) - 1)//stride + 1``

    Args:
        x: sequences of C channels; any number of batch axes, or none.
        weight: O kernels of K elements.
        bias: what is added to each channel of the result.
        stride: by how many elements the kernels are moved.
        padding: how many zeros are added on either side; ``"same"`` keeps the length, ``"valid"``
            adds none.
        dilation: how far apart the elements under a kernel lie.
        groups: into how many parts the channels are split, of which each sees itself only.

    Raises:
        ShapeError: the channels differ, the groups do not divide them, or the kernel does not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0, 4.0, 8.0]])
        >>> tl.conv1d(x, tl.tensor([[[-1.0, 1.0]]])).tolist()
        [[1.0, 2.0, 4.0]]

    VJP: the transposed convolution of ``g``; the products of ``x`` and ``g`` at each offset
    """
    sizes = plain_sizes(stride, "conv1d", "stride"), _plain_padding(padding, "conv1d")
    rest = plain_sizes(dilation, "conv1d", "dilation"), plain_int(groups, "conv1d", "groups")
    if bias is None:
        return _conv1d_without_bias(x, weight, None, *sizes, *rest)
    return _conv1d(x, weight, bias, *sizes, *rest)


def conv2d(
    x: Tensor[Any, T, D],
    weight: Tensor[Any, Any, D],
    bias: Tensor[Any, Any, D] | None = None,
    stride: Extent = 1,
    padding: Padding = 0,
    dilation: Extent = 1,
    groups: int = 1,
) -> Tensor[Dims, T, D]:
    """Slide kernels over an image: the sums of products at each place (cross-correlation).

    Shape: ``(*B, C, H, W), (O, C//groups, KH, KW), (O,) -> (*B, O, H', W')`` with
    ``H' = (H + 2*padding - dilation*(KH - 1) - 1)//stride + 1``

    Args:
        x: images of C channels; any number of batch axes, or none.
        weight: O kernels of KH rows and KW columns.
        bias: what is added to each channel of the result.
        stride: by how many elements the kernels are moved; an int, or one for each axis.
        padding: how many zeros are added on either side; ``"same"`` keeps height and width,
            ``"valid"`` adds none.
        dilation: how far apart the elements under a kernel lie.
        groups: into how many parts the channels are split, of which each sees itself only.

    Raises:
        ShapeError: the channels differ, the groups do not divide them, or the kernel does not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.conv2d(tl.ones((64, 1, 28, 28)), tl.ones((16, 1, 5, 5)), stride=2).shape
        (64, 16, 12, 12)

    VJP: the transposed convolution of ``g``; the products of ``x`` and ``g`` at each offset
    """
    sizes = plain_sizes(stride, "conv2d", "stride"), _plain_padding(padding, "conv2d")
    rest = plain_sizes(dilation, "conv2d", "dilation"), plain_int(groups, "conv2d", "groups")
    if bias is None:
        return _conv2d_without_bias(x, weight, None, *sizes, *rest)
    return _conv2d(x, weight, bias, *sizes, *rest)


# Transposed convolution ---------------------------------------------------------------------------


def _spread(
    x_shape: Ints,
    weight_shape: Ints,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    dilation: Extent,
) -> Windows:
    """Return the windows of the convolution whose operand would be the result."""
    dims: Any = rules.spread(x_shape, weight_shape[2:], stride, padding, output_padding, dilation)
    kernel = windows_of(dims, weight_shape[2:], stride, padding, dilation)
    return kernel._replace(places=x_shape[-2:])


def _conv_transpose_forward(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    groups: int,
    dilation: Extent,
) -> Array:
    windows = _spread(x.shape, weight.shape, stride, padding, output_padding, dilation)
    y = apply_transposed(as_images(x, 2), weight, bias, windows, groups)
    return y.reshape(*x.shape[:-3], *y.shape[1:]).astype(x.dtype, copy=False)


def _conv_transpose_vjp_x(
    g: Array,
    x_shape: Ints,
    weight: Array,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    groups: int,
    dilation: Extent,
) -> Array:
    windows = _spread(x_shape, weight.shape, stride, padding, output_padding, dilation)
    return apply(as_images(g, 2), weight, None, windows, groups).reshape(x_shape)


def _conv_transpose_vjp_weight(
    g: Array,
    x: Array,
    weight_shape: Ints,
    stride: Extent,
    padding: Extent,
    output_padding: Extent,
    groups: int,
    dilation: Extent,
) -> Array:
    windows = _spread(x.shape, weight_shape, stride, padding, output_padding, dilation)
    return weight_gradient(as_images(g, 2), as_images(x, 2), windows, groups)


_conv_transpose2d_vjps = (_conv_transpose_vjp_x, _conv_transpose_vjp_weight)
_conv_transpose2d = Primitive(
    rules.conv_transpose2d, _conv_transpose_forward, (*_conv_transpose2d_vjps, _vjp_bias)
)
_conv_transpose2d_without_bias = Primitive(
    rules.conv_transpose2d, _conv_transpose_forward, _conv_transpose2d_vjps
)


def conv_transpose2d(
    x: Tensor[Any, T, D],
    weight: Tensor[Any, Any, D],
    bias: Tensor[Any, Any, D] | None = None,
    stride: Extent = 1,
    padding: Extent = 0,
    output_padding: Extent = 0,
    groups: int = 1,
    dilation: Extent = 1,
) -> Tensor[Dims, T, D]:
    """Do the adjoint of a convolution: each element lays its multiple of a kernel into the result.

    Shape: ``(*B, C, H, W), (C, O//groups, KH, KW), (O,) -> (*B, O, H', W')`` with
    ``H' = (H - 1)*stride - 2*padding + dilation*(KH - 1) + output_padding + 1``

    Args:
        x: images of C channels; any number of batch axes, or none.
        weight: C kernels of KH rows and KW columns for each of the O channels of a group.
        bias: what is added to each channel of the result.
        stride: by how many elements neighbours are moved apart.
        padding: how many elements of the result are cut off on either side.
        output_padding: how many elements are added at the end of each axis, of those that a
            convolution with this stride would not reach.
        groups: into how many parts the channels are split.
        dilation: how far apart the elements of a kernel lie.

    Raises:
        ShapeError: the channels differ, the groups do not divide them, or nothing is left.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[[1.0, 2.0]]])
        >>> tl.conv_transpose2d(x, tl.ones((1, 1, 1, 2)), stride=2).tolist()
        [[[1.0, 1.0, 2.0, 2.0]]]
        >>> tl.conv_transpose2d(x, tl.ones((1, 1, 1, 2))).tolist()
        [[[1.0, 3.0, 2.0]]]

    VJP: the convolution of ``g``; the products of ``g`` and ``x`` at each offset
    """
    op = "conv_transpose2d"
    sizes = tuple(
        plain_sizes(value, op, name)
        for value, name in (
            (stride, "stride"),
            (padding, "padding"),
            (output_padding, "output_padding"),
            (groups, "groups"),
            (dilation, "dilation"),
        )
    )
    if bias is None:
        return _conv_transpose2d_without_bias(x, weight, None, *sizes)
    return _conv_transpose2d(x, weight, bias, *sizes)


# Windows as columns -------------------------------------------------------------------------------


def _unfold_forward(
    x: Array, kernel_size: Extent, dilation: Extent, padding: Extent, stride: Extent
) -> Array:
    windows = windows_of(x.shape[-2:], kernel_size, stride, padding, dilation)
    size = x.shape[-3] * math.prod(windows.kernel)
    cols = columns(as_images(x, 2), windows)
    return cols.reshape(*x.shape[:-3], size, math.prod(windows.places))


def _unfold_vjp(
    g: Array,
    x_shape: Ints,
    kernel_size: Extent,
    dilation: Extent,
    padding: Extent,
    stride: Extent,
) -> Array:
    windows = windows_of(x_shape[-2:], kernel_size, stride, padding, dilation)
    count = math.prod(x_shape[:-3])
    cols = wide(g).reshape(count, x_shape[-3], *windows.kernel, *windows.places)
    return add_columns(cols, windows).reshape(x_shape)


_unfold = Primitive(rules.unfold, _unfold_forward, _unfold_vjp, view=True)


def unfold(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    dilation: Extent = 1,
    padding: Extent = 0,
    stride: Extent = 1,
) -> Tensor[Dims, T, D]:
    """Return the windows of images as columns, each with the elements of all channels.

    Shape: ``(*B, C, H, W) -> (*B, C*KH*KW, places)``

    Args:
        x: images; any number of batch axes, or none.
        kernel_size: how many rows and columns a window has; an int, or one for each axis.
        dilation: how far apart the elements of a window lie.
        padding: how many zeros are added on either side.
        stride: by how many elements the window is moved.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.arange(6).reshape((1, 2, 3))
        >>> x.unfold((2, 2)).tolist()
        [[0, 1], [1, 2], [3, 4], [4, 5]]

    VJP: sum of ``g`` over the windows in which an element lies
    """
    given = (
        (kernel_size, "kernel_size"),
        (dilation, "dilation"),
        (padding, "padding"),
        (stride, "stride"),
    )
    return _unfold(x, *(plain_sizes(value, "unfold", name) for value, name in given))
