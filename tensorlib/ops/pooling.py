"""Pooling over windows: the largest, smallest or mean element of each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_sizes
from tensorlib.ops.blocks import BLOCK, where
from tensorlib.ops.memory import empty
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.windows import Extent, Ints, Windows, wide, windows_of
from tensorlib.shapes import pooling as rules
from tensorlib.shapes.convolution import spans
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _windows(
    dims: Ints,
    kernel_size: Extent,
    stride: Extent | None,
    padding: Extent,
    dilation: Extent,
    ceil_mode: bool,
) -> Windows:
    """Return the windows; with ``ceil_mode`` also one that ends behind the padded axes."""
    step = kernel_size if stride is None else stride
    windows = windows_of(dims, kernel_size, step, padding, dilation)
    if not ceil_mode:
        return windows
    over = spans(kernel_size, dilation, len(dims))
    along = zip(dims, windows.padding, over, windows.stride, strict=True)
    places: Any = tuple(rules.begun_places(*axis) for axis in along)
    return windows._replace(places=places)


# The best element of each window ------------------------------------------------------------------


def _worst(dtype: np.dtype[Any], best: np.ufunc) -> Any:
    """Return the number that every other is at least as good as."""
    if dtype.kind == "f":
        return -np.inf if best is np.maximum else np.inf
    if dtype.kind == "b":
        return best is not np.maximum
    limits = np.iinfo(dtype)
    return limits.min if best is np.maximum else limits.max


def _planes(count: int, windows: Windows) -> Iterator[slice]:
    """Split so many arrays under windows into blocks that stay in the cache."""
    step = max(1, 4 * BLOCK // max(1, math.prod(windows.dims)))
    return (slice(start, start + step) for start in range(0, count, step))


def _flat(x: Array, rank: int) -> Array:
    """Return an array with one axis in front of those that windows are moved along."""
    return x.reshape(math.prod(x.shape[:-rank]), *x.shape[-rank:])


def _best_of(x: Array, windows: Windows, best: np.ufunc) -> Array:
    """Return the best element of each window; NaN is better than any other."""
    rank = len(windows.dims)
    y = empty((*x.shape[:-rank], *windows.places), x.dtype)
    if windows.overhang:
        y[...] = _worst(x.dtype, best)
    for number, (_, inside, elements) in enumerate(windows.positions()):
        part = y[..., *inside]
        if number or windows.overhang:
            best(part, x[..., *elements], out=part)
        else:
            part[...] = x[..., *elements]
    return y


def _to_best(g: Array, x: Array, y: Array, windows: Windows) -> Array:
    """Give each window's cotangent to the first of its best elements."""
    rank = len(windows.dims)
    given = g if windows.are_apart else wide(g)
    result = empty(x.shape, given.dtype)
    images, found, cotangents, sums = (_flat(each, rank) for each in (x, y, given, result))
    last = math.prod(windows.kernel) - 1
    for block in _planes(len(images), windows):
        best, free = found[block], np.ones(found[block].shape, bool)
        some_nan = not (best == best).all()
        if not windows.are_tiles:
            sums[block] = 0
        for number, (_, inside, elements) in enumerate(windows.positions()):
            if number == last and not windows.overhang:
                hit = free  # as each window has a best element
            else:
                part = images[block, *elements]
                hit = part == best[:, *inside]
                if some_nan:
                    hit |= part != part
                hit &= free[:, *inside]
                free[:, *inside] ^= hit
            # Not a product: an infinite cotangent is to stay where it belongs.
            if windows.are_apart:
                where(hit, cotangents[block, *inside], sums[block, *elements])
            else:
                sums[block, *elements] += where(hit, cotangents[block, *inside])
    return result


def _best_pool(rule: Rule, best: np.ufunc, rank: int) -> Primitive:
    def forward(
        x: Array,
        kernel_size: Extent,
        stride: Extent | None,
        padding: Extent,
        dilation: Extent,
        ceil_mode: bool,
    ) -> Array:
        windows = _windows(x.shape[-rank:], kernel_size, stride, padding, dilation, ceil_mode)
        return _best_of(x, windows, best)

    def vjp(
        g: Array,
        x: Array,
        y: Array,
        kernel_size: Extent,
        stride: Extent | None,
        padding: Extent,
        dilation: Extent,
        ceil_mode: bool,
    ) -> Array:
        windows = _windows(x.shape[-rank:], kernel_size, stride, padding, dilation, ceil_mode)
        return _to_best(g, x, y, windows)

    return Primitive(rule, forward, vjp)


_max_pool1d = _best_pool(rules.max_pool1d, np.maximum, 1)
_max_pool2d = _best_pool(rules.max_pool2d, np.maximum, 2)
_min_pool2d = _best_pool(rules.min_pool2d, np.minimum, 2)


def _plain(
    op: str, kernel_size: Extent, stride: Extent | None, padding: Extent
) -> tuple[Extent, Extent | None, Extent]:
    return (
        plain_sizes(kernel_size, op, "kernel_size"),
        None if stride is None else plain_sizes(stride, op, "stride"),
        plain_sizes(padding, op, "padding"),
    )


def max_pool1d(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
    ceil_mode: bool = False,
) -> Tensor[Dims, T, D]:
    """Return the largest element of each window of a sequence.

    Shape: ``(*B, C, L) -> (*B, C, L')``, ``L'`` as for `tensorlib.conv1d`

    Args:
        x: sequences; any number of batch axes, or none.
        kernel_size: how many elements a window has.
        stride: by how many elements the window is moved; its own size for None.
        padding: how far windows may reach beyond either end, at most half of the window.
        dilation: how far apart the elements of a window lie.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1.0, 4.0, 2.0, 3.0]]).max_pool1d(2).tolist()
        [[4.0, 3.0]]
        >>> tl.tensor([[1.0, 4.0, 2.0, 3.0]]).max_pool1d(2, stride=1).tolist()
        [[4.0, 4.0, 3.0]]

    VJP: ``g`` at the first of the largest elements of each window
    """
    sizes = _plain("max_pool1d", kernel_size, stride, padding)
    gaps = plain_sizes(dilation, "max_pool1d", "dilation")
    return _max_pool1d(x, *sizes, gaps, bool(ceil_mode))


def max_pool2d(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
    ceil_mode: bool = False,
) -> Tensor[Dims, T, D]:
    """Return the largest element of each window of an image.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``, ``H'`` as for `tensorlib.conv2d`

    Args:
        x: images; any number of batch axes, or none.
        kernel_size: how many rows and columns a window has; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how far windows may reach beyond either side, at most half of the window.
        dilation: how far apart the elements of a window lie.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]]).max_pool2d(2).tolist()
        [[[4.0, 5.0]]]

    VJP: ``g`` at the first of the largest elements of each window
    """
    sizes = _plain("max_pool2d", kernel_size, stride, padding)
    gaps = plain_sizes(dilation, "max_pool2d", "dilation")
    return _max_pool2d(x, *sizes, gaps, bool(ceil_mode))


def min_pool2d(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
    ceil_mode: bool = False,
) -> Tensor[Dims, T, D]:
    """Return the smallest element of each window of an image; see `max_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``, ``H'`` as for `tensorlib.conv2d`

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]]).min_pool2d(2).tolist()
        [[[1.0, 0.0]]]

    VJP: ``g`` at the first of the smallest elements of each window
    """
    sizes = _plain("min_pool2d", kernel_size, stride, padding)
    gaps = plain_sizes(dilation, "min_pool2d", "dilation")
    return _min_pool2d(x, *sizes, gaps, bool(ceil_mode))


# The mean of each window --------------------------------------------------------------------------


def _counts(windows: Windows, dtype: np.dtype[Any], *, with_padding: bool) -> Any:
    """Return by how many elements each window's sum is divided."""
    if with_padding:
        dims = tuple(d + 2 * p for d, p in zip(windows.dims, windows.padding, strict=True))
        windows = windows._replace(dims=dims, padding=(0,) * len(dims))
    if not windows.overhang:
        return math.prod(windows.kernel)
    counts = np.zeros(windows.places, dtype)
    for _, inside, _ in windows.positions():
        counts[inside] += 1
    return counts


def _mean_pool(rule: Rule, rank: int) -> Primitive:
    def forward(
        x: Array,
        kernel_size: Extent,
        stride: Extent | None,
        padding: Extent,
        ceil_mode: bool,
        count_include_pad: bool,
    ) -> Array:
        windows = _windows(x.shape[-rank:], kernel_size, stride, padding, 1, ceil_mode)
        y = np.zeros((*x.shape[:-rank], *windows.places), wide(x).dtype)
        for _, inside, elements in windows.positions():
            y[..., *inside] += x[..., *elements]
        y /= _counts(windows, y.dtype, with_padding=count_include_pad)
        return y.astype(x.dtype, copy=False)

    def vjp(
        g: Array,
        x_shape: Ints,
        kernel_size: Extent,
        stride: Extent | None,
        padding: Extent,
        ceil_mode: bool,
        count_include_pad: bool,
    ) -> Array:
        windows = _windows(x_shape[-rank:], kernel_size, stride, padding, 1, ceil_mode)
        shares = wide(g) / _counts(windows, wide(g).dtype, with_padding=count_include_pad)
        result = np.zeros(x_shape, shares.dtype)
        for _, inside, elements in windows.positions():
            result[..., *elements] += shares[..., *inside]
        return result

    return Primitive(rule, forward, vjp)


_avg_pool1d = _mean_pool(rules.avg_pool1d, 1)
_avg_pool2d = _mean_pool(rules.avg_pool2d, 2)


def avg_pool1d(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor[Dims, T, D]:
    """Return the mean of each window of a sequence. Ints and bools give float32.

    Shape: ``(*B, C, L) -> (*B, C, L')``, ``L'`` as for `tensorlib.conv1d`

    Args:
        x: sequences; any number of batch axes, or none.
        kernel_size: how many elements a window has.
        stride: by how many elements the window is moved; its own size for None.
        padding: how many zeros are added at either end, at most half of the window.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.
        count_include_pad: whether the zeros count, or the mean is of the sequence's elements only.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1.0, 4.0, 2.0, 3.0]]).avg_pool1d(2).tolist()
        [[2.5, 2.5]]

    VJP: ``g`` shared among the elements of each window
    """
    sizes = _plain("avg_pool1d", kernel_size, stride, padding)
    return _avg_pool1d(x, *sizes, bool(ceil_mode), bool(count_include_pad))


def avg_pool2d(
    x: Tensor[Any, T, D],
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor[Dims, T, D]:
    """Return the mean of each window of an image. Ints and bools give float32.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``, ``H'`` as for `tensorlib.conv2d`

    Args:
        x: images; any number of batch axes, or none.
        kernel_size: how many rows and columns a window has; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how many zeros are added on either side, at most half of the window.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.
        count_include_pad: whether the zeros count, or the mean is of the image's elements only.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 6.0]]]).avg_pool2d(2).tolist()
        [[[2.5, 1.5]]]
        >>> tl.ones((8, 3, 9, 9)).avg_pool2d(3, stride=2, padding=1).shape
        (8, 3, 5, 5)

    VJP: ``g`` shared among the elements of each window
    """
    sizes = _plain("avg_pool2d", kernel_size, stride, padding)
    return _avg_pool2d(x, *sizes, bool(ceil_mode), bool(count_include_pad))
