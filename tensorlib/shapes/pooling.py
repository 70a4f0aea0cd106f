"""Shape rules of pooling: over windows, over as many windows as the result is to have, over all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.convolution import (
    Extent,
    padded,
    per_axis,
    places,
    require_fit,
    spans,
    split_filled,
)
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least, equal
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
    ceil_mode: Dim,
) -> Shape:
    """Return the shape of pooling over windows; they are moved by their size for None.

    With ``ceil_mode``, a bool, the last window may end behind the padded operand, if it begins
    in the operand or in front of it.

    Raises:
        ShapeError: the kernel does not fit, the padding is more than half of it, or a parameter
            is out of range.
    """
    over = spans(kernel_size, dilation, rank)
    kernel = per_axis(kernel_size, rank, "kernel_size")
    margins = per_axis(padding, rank, "padding", least=0)
    for size, margin in zip(kernel, margins, strict=True):
        if at_least(size, 2 * margin) is Truth.NEVER:
            raise ShapeError(
                f"padding must be at most half of the kernel, "
                f"got {padding} for a kernel of {kernel_size}"
            )
    steps = per_axis(kernel_size if stride is None else stride, rank, "stride")
    batch, channels, dims = split_filled(x, rank)
    if isinstance(ceil_mode, int) and not ceil_mode:
        return (*batch, channels, *places(x, padded(dims, padding), over, steps))
    along = tuple(zip(dims, margins, over, steps, strict=True))
    for dim, margin, span, step in along:
        require_fit(x, dim + 2 * margin + step - 1, span, "reach less than its stride beyond")
    if isinstance(ceil_mode, int):
        return (*batch, channels, *(begun_places(*axis) for axis in along))
    return (*batch, channels, *(_places_either_way(*axis) for axis in along))


def begun_places(dim: Dim, margin: Dim, span: Dim, step: Dim) -> Dim:
    """Return how many windows begin inside of an axis or in front of it.

    The last of them ends less than a step behind the padded axis.
    """
    if at_least(span, margin + step) is Truth.ALWAYS:
        return (dim + 2 * margin - span + step - 1) // step + 1
    if at_least(margin + step, span) is Truth.ALWAYS:  # any that begins so early ends in time
        return (dim + margin - 1) // step + 1
    return UNKNOWN


def _places_either_way(dim: Dim, margin: Dim, span: Dim, step: Dim) -> Dim:
    """Return how many windows there are if that is the same with and without ``ceil_mode``."""
    begun, whole = begun_places(dim, margin, span, step), (dim + 2 * margin - span) // step + 1
    return whole if equal(begun, whole) is Truth.ALWAYS else UNKNOWN


def _max_pool1d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
    ceil_mode: Dim = False,
) -> Shape:
    return pooled(x, 1, kernel_size, stride, padding, dilation, ceil_mode)


def _max_pool2d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    dilation: Extent = 1,
    ceil_mode: Dim = False,
) -> Shape:
    return pooled(x, 2, kernel_size, stride, padding, dilation, ceil_mode)


def _avg_pool1d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    ceil_mode: Dim = False,
) -> Shape:
    return pooled(x, 1, kernel_size, stride, padding, 1, ceil_mode)


def _avg_pool2d(
    x: Shape,
    kernel_size: Extent,
    stride: Extent | None = None,
    padding: Extent = 0,
    ceil_mode: Dim = False,
) -> Shape:
    return pooled(x, 2, kernel_size, stride, padding, 1, ceil_mode)


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
