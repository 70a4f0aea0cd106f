"""Shape rules of pooling: over windows, over as many windows as the result is to have, over all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.convolution import Extent, padded, per_axis, places, spans, split_filled
from tensorlib.shapes.dim import Dim, Truth, at_least
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import Rule, register
from tensorlib.shapes.shape import Shape

OutputSize: TypeAlias = "Extent | tuple[Dim | None, ...]"


def pooled(
    x: Shape,
    rank: int,
    kernel_size: Extent,
    stride: Extent | None,
    padding: Extent,
    dilation: Extent,
) -> Shape:
    """Return the shape of pooling over windows; they are moved by their size for None.

    Raises:
        ShapeError: the kernel does not fit, the padding is more than half of it, or a parameter
            is out of range.
    """
    over = spans(kernel_size, dilation, rank)
    kernel = per_axis(kernel_size, rank, "kernel_size")
    for size, margin in zip(kernel, per_axis(padding, rank, "padding", least=0), strict=True):
        if at_least(size, 2 * margin) is Truth.NEVER:
            raise ShapeError(
                f"padding must be at most half of the kernel, "
                f"got {padding} for a kernel of {kernel_size}"
            )
    steps = per_axis(kernel_size if stride is None else stride, rank, "stride")
    batch, channels, dims = split_filled(x, rank)
    return (*batch, channels, *places(x, padded(dims, padding), over, steps))


def _max_pool1d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
) -> Shape:
    return pooled(x, 1, kernel_size, stride, padding, dilation)


def _max_pool2d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
) -> Shape:
    return pooled(x, 2, kernel_size, stride, padding, dilation)


def _avg_pool1d(
    x: Shape, kernel_size: Extent, stride: Extent | None = None, padding: Extent = 0
) -> Shape:
    return pooled(x, 1, kernel_size, stride, padding, 1)


def _avg_pool2d(
    x: Shape, kernel_size: Extent, stride: Extent | None = None, padding: Extent = 0
) -> Shape:
    return pooled(x, 2, kernel_size, stride, padding, 1)


def _adaptive(x: Shape, output_size: OutputSize) -> Shape:
    """Replace the last two axes; where a size is None, the axis stays.

    Raises:
        ShapeError: a size is not positive.
    """
    sizes = output_size if isinstance(output_size, tuple) else (output_size,) * 2
    if len(sizes) != 2:
        raise ShapeError(f"expected an int or 2 of them for output_size, got {output_size}")
    batch, channels, dims = split_filled(x, 2)
    wanted = tuple(dim if size is None else size for size, dim in zip(sizes, dims, strict=True))
    return (*batch, channels, *per_axis(wanted, 2, "output_size"))


def _global(x: Shape) -> Shape:
    """Drop the last two axes."""
    batch, channels, _ = split_filled(x, 2)
    return (*batch, channels)


def _entered(name: str, shape: Callable[..., Shape], dtype: dtypes.DtypeRule = dtypes.same) -> Rule:
    return register(Rule(name, shape, dtype=dtype))


max_pool1d = _entered("max_pool1d", _max_pool1d)
max_pool2d = _entered("max_pool2d", _max_pool2d)
min_pool2d = _entered("min_pool2d", _max_pool2d)
avg_pool1d = _entered("avg_pool1d", _avg_pool1d, dtypes.floating)
avg_pool2d = _entered("avg_pool2d", _avg_pool2d, dtypes.floating)
adaptive_avg_pool2d = _entered("adaptive_avg_pool2d", _adaptive, dtypes.floating)
adaptive_max_pool2d = _entered("adaptive_max_pool2d", _adaptive)
global_avg_pool2d = _entered("global_avg_pool2d", _global, dtypes.floating)
global_max_pool2d = _entered("global_max_pool2d", _global)
global_min_pool2d = _entered("global_min_pool2d", _global)
