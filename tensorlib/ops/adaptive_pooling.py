"""Pooling over as many parts as the result is to have, which overlap if they must, and over all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlib.ops.arguments import plain_sizes
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.windows import Ints, wide
from tensorlib.shapes import pooling as rules
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

OutputSize: TypeAlias = "int | tuple[int | None, ...]"


def _parts(size: int, wanted: int) -> Iterator[slice]:
    """Go through the parts of an axis: from the rounded down to the rounded up border of each."""
    for part in range(wanted):
        yield slice(part * size // wanted, -((part + 1) * size // -wanted))


def _wanted(x_shape: Ints, output_size: OutputSize) -> Ints:
    return tuple(map(int, rules.adaptive_avg_pool2d(x_shape[-3:], output_size)[1:]))


# The mean of each part: rows first, then columns --------------------------------------------------


def _means(x: Array, axis: int, wanted: int) -> Array:
    """Return the means of so many parts of an axis."""
    shape = list(x.shape)
    shape[axis] = wanted
    result = np.zeros(shape, x.dtype)
    sums, slices = np.moveaxis(result, axis, 0), np.moveaxis(x, axis, 0)
    for place, part in enumerate(_parts(x.shape[axis], wanted)):
        for index in range(part.start, part.stop):
            sums[place] += slices[index]
        sums[place] /= part.stop - part.start
    return result


def _shares(g: Array, axis: int, size: int) -> Array:
    """Share what each part of an axis of this size is given among its elements."""
    shape = list(g.shape)
    shape[axis] = size
    result = np.zeros(shape, g.dtype)
    slices, cotangents = np.moveaxis(result, axis, 0), np.moveaxis(g, axis, 0)
    for place, part in enumerate(_parts(size, g.shape[axis])):
        share = cotangents[place] / (part.stop - part.start)
        for index in range(part.start, part.stop):
            slices[index] += share
    return result


def _avg_forward(x: Array, output_size: OutputSize) -> Array:
    rows, columns = _wanted(x.shape, output_size)
    return _means(_means(wide(x), -2, rows), -1, columns).astype(x.dtype, copy=False)


def _avg_vjp(g: Array, x_shape: Ints) -> Array:
    return _shares(_shares(wide(g), -1, x_shape[-1]), -2, x_shape[-2])


_adaptive_avg_pool2d = Primitive(rules.adaptive_avg_pool2d, _avg_forward, _avg_vjp)


def plain_output_size(output_size: Any, op: str) -> Any:
    """Return an output size as Python ints, with None where an axis is kept.

    Raises:
        TypeError: it is of something else.
    """
    if isinstance(output_size, tuple | list):
        return tuple(
            None if size is None else plain_sizes(size, op, "output_size") for size in output_size
        )
    return plain_sizes(output_size, op, "output_size")


def adaptive_avg_pool2d(x: Tensor[Any, T, D], output_size: OutputSize) -> Tensor[Dims, T, D]:
    """Split images into so many parts, and return the mean of each. Ints and bools give float32.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        x: images; any number of batch axes, or none.
        output_size: H' and W'; an int, or one for each axis, where None keeps the axis.

    Raises:
        ShapeError: a size is not positive, or there are fewer than three dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(6.0).reshape((1, 2, 3)).adaptive_avg_pool2d((1, 3)).tolist()
        [[[1.5, 2.5, 3.5]]]
        >>> tl.ones((8, 3, 7, 9)).adaptive_avg_pool2d(2).shape
        (8, 3, 2, 2)

    VJP: ``g`` shared among the elements of each part
    """
    return _adaptive_avg_pool2d(x, plain_output_size(output_size, "adaptive_avg_pool2d"))


# The best element of each part --------------------------------------------------------------------


def _cells(x: Array, wanted: Ints) -> Iterator[tuple[int, int, slice, slice]]:
    for row, rows in enumerate(_parts(x.shape[-2], wanted[0])):
        for column, columns in enumerate(_parts(x.shape[-1], wanted[1])):
            yield row, column, rows, columns


def _flat(x: Array, rows: slice, columns: slice) -> Array:
    """Return one part of all images, its elements along the last axis."""
    part = x[..., rows, columns]
    return part.reshape(*x.shape[:-2], part.shape[-2] * part.shape[-1])


def _best_forward(x: Array, wanted: Ints, best: np.ufunc) -> Array:
    y = np.empty((*x.shape[:-2], *wanted), x.dtype)
    for row, column, rows, columns in _cells(x, wanted):
        y[..., row, column] = best.reduce(_flat(x, rows, columns), axis=-1)
    return y


def _best_vjp(g: Array, x: Array, wanted: Ints, best: np.ufunc) -> Array:
    """Give each part's cotangent to the first of its best elements."""
    first = np.argmax if best is np.maximum else np.argmin
    result = np.zeros((math.prod(x.shape[:-2]), *x.shape[-2:]), wide(g).dtype)
    images = np.arange(len(result))
    for row, column, rows, columns in _cells(x, wanted):
        place = first(_flat(x, rows, columns), axis=-1).reshape(-1)
        line, offset = np.divmod(place, columns.stop - columns.start)
        result[images, rows.start + line, columns.start + offset] += g[..., row, column].reshape(-1)
    return result.reshape(x.shape)


def _adaptive_max_forward(x: Array, output_size: OutputSize) -> Array:
    return _best_forward(x, _wanted(x.shape, output_size), np.maximum)


def _adaptive_max_vjp(g: Array, x: Array, output_size: OutputSize) -> Array:
    return _best_vjp(g, x, _wanted(x.shape, output_size), np.maximum)


_adaptive_max_pool2d = Primitive(
    rules.adaptive_max_pool2d, _adaptive_max_forward, _adaptive_max_vjp
)


def adaptive_max_pool2d(x: Tensor[Any, T, D], output_size: OutputSize) -> Tensor[Dims, T, D]:
    """Split images into so many parts, and return the largest element of each.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        x: images; any number of batch axes, or none.
        output_size: H' and W'; an int, or one for each axis, where None keeps the axis.

    Raises:
        ShapeError: a size is not positive, or there are fewer than three dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(6.0).reshape((1, 2, 3)).adaptive_max_pool2d((1, 3)).tolist()
        [[[3.0, 4.0, 5.0]]]
        >>> tl.ones((8, 3, 7, 9)).adaptive_max_pool2d((None, 1)).shape
        (8, 3, 7, 1)

    VJP: ``g`` at the first of the largest elements of each part
    """
    return _adaptive_max_pool2d(x, plain_output_size(output_size, "adaptive_max_pool2d"))


# Over all -----------------------------------------------------------------------------------------


def _global_best(rule: Rule, best: np.ufunc) -> Primitive:
    def forward(x: Array) -> Array:
        return _best_forward(x, (1, 1), best)[..., 0, 0]

    def vjp(g: Array, x: Array) -> Array:
        return _best_vjp(g[..., None, None], x, (1, 1), best)

    return Primitive(rule, forward, vjp)


def _global_avg_forward(x: Array) -> Array:
    return np.asarray(wide(x).mean((-2, -1))).astype(x.dtype, copy=False)


_global_avg_pool2d = Primitive(
    rules.global_avg_pool2d,
    _global_avg_forward,
    lambda g, x_shape: np.broadcast_to(
        g[..., None, None] / (x_shape[-2] * x_shape[-1] or 1), x_shape
    ),
)
_global_max_pool2d = _global_best(rules.global_max_pool2d, np.maximum)
_global_min_pool2d = _global_best(rules.global_min_pool2d, np.minimum)


def global_avg_pool2d(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the mean of each channel of images. Ints and bools give float32.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Raises:
        ShapeError: there are fewer than three dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(8.0).reshape((2, 2, 2)).global_avg_pool2d().tolist()
        [1.5, 5.5]

    VJP: ``g / (H*W)``
    """
    return _global_avg_pool2d(x)


def global_max_pool2d(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the largest element of each channel of images.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Raises:
        ShapeError: there are fewer than three dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(8.0).reshape((2, 2, 2)).global_max_pool2d().tolist()
        [3.0, 7.0]

    VJP: ``g`` at the first of the largest elements
    """
    return _global_max_pool2d(x)


def global_min_pool2d(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the smallest element of each channel of images.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Raises:
        ShapeError: there are fewer than three dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(8.0).reshape((2, 2, 2)).global_min_pool2d().tolist()
        [0.0, 4.0]

    VJP: ``g`` at the first of the smallest elements
    """
    return _global_min_pool2d(x)
