"""Reductions over any axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_axis, plain_int, plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import reduction as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import Axis, D, Dims, PlainAxis, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


# Without the wrappers of np.sum and np.max; their stubs take no bool that is not a literal.
_add: Callable[..., Array] = np.add.reduce
_maximum: Callable[..., Array] = np.maximum.reduce
_minimum: Callable[..., Array] = np.minimum.reduce
_multiply: Callable[..., Array] = np.multiply.reduce
_logical_or: Callable[..., Array] = np.logical_or.reduce
_logical_and: Callable[..., Array] = np.logical_and.reduce


def _restored(y: Array, rank: int, axis: PlainAxis, keepdims: bool) -> Array:
    """Return a reduced array with the reduced axes back, each of length 1."""
    if keepdims:
        return y
    if axis is None:
        return y.reshape((1,) * rank)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return np.expand_dims(y, tuple(a % rank for a in axes))


def total_of(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    """Add along axes; float16 adds up in float32, which overflows later."""
    wide = np.float32 if x.dtype == np.float16 else None
    return np.asarray(_add(x, axis=axis, dtype=wide, keepdims=keepdims))


def _sum_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return total_of(x, axis, keepdims).astype(x.dtype, copy=False)


def _sum_vjp(g: Array, x_shape: tuple[int, ...], axis: PlainAxis, keepdims: bool) -> Array:
    return np.broadcast_to(_restored(g, len(x_shape), axis, keepdims), x_shape)


_sum = Primitive(rules.sum_, _sum_forward, _sum_vjp)


def sum(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Add the elements along some axes, or all of them for None. Ints and bools give int64.

    Shape: along one axis ``(*A, N, *B) -> (*A, *B)``, or ``(*A, 1, *B)`` with ``keepdims``;
    for None ``()``

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 2], [3, 4]])
        >>> x.sum().item(), x.sum(0).tolist()
        (10, [4, 6])
        >>> x.sum(1, keepdims=True).tolist()
        [[3], [7]]

    VJP: ``g`` for each element
    """
    return _sum(x, plain_axis(axis, "sum"), keepdims)


def sum_of_products(x1: Array, x2: Array, axes: tuple[int, ...]) -> Array:
    """Return ``sum(x1 * x2)`` over axes that stay with length 1, where it can be in one pass."""
    if axes == (-1,):
        return np.vecdot(x1, x2)[..., None]
    return np.asarray(np.add.reduce(x1 * x2, axis=axes, keepdims=True))


def count_of(x_shape: tuple[int, ...], y_shape: tuple[int, ...]) -> int:
    """Return how many elements went into each result."""
    return math.prod(x_shape) // (math.prod(y_shape) or 1)


def _mean_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    y = total_of(x, axis, keepdims)
    count = count_of(x.shape, y.shape)
    return np.asarray(y / count if count else y * np.nan).astype(x.dtype, copy=False)


def _mean_vjp(g: Array, x_shape: tuple[int, ...], axis: PlainAxis, keepdims: bool) -> Array:
    return _sum_vjp(g / (count_of(x_shape, g.shape) or 1), x_shape, axis, keepdims)


_mean = Primitive(rules.mean, _mean_forward, _mean_vjp)


def mean(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Average the elements along some axes, or all of them for None. Ints give float32.

    The mean of no elements is NaN. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0], [3.0, 6.0]])
        >>> x.mean().item(), x.mean(0).tolist()
        (3.0, [2.0, 4.0])

    VJP: ``g / n`` for each of n elements
    """
    return _mean(x, plain_axis(axis, "mean"), keepdims)


def widened(x: Array) -> Array:
    """Return float16 as float32, in which squares and products overflow later."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _spread(x: Array, axis: PlainAxis, correction: int, keepdims: bool) -> tuple[Array, Array]:
    """Return the variance, and the gradient of its sum: ``2 (x - mean) / (n - correction)``."""
    wide = widened(x)
    totals = _add(wide, axis=axis, keepdims=True)
    count = count_of(x.shape, totals.shape)
    centred = np.asarray(wide - totals / (count or 1))
    with np.errstate(divide="ignore", invalid="ignore"):  # no more elements than the correction
        freedom = np.maximum(np.asarray(count - correction, wide.dtype), 0)
        y = np.asarray(_add(centred * centred, axis=axis, keepdims=keepdims) / freedom)
        return y, centred * (2 / freedom)


def _var_forward(x: Array, axis: PlainAxis, correction: int, keepdims: bool) -> tuple[Array, Array]:
    y, slope = _spread(x, axis, correction, keepdims)
    return y.astype(x.dtype, copy=False), slope


def _var_vjp(g: Array, saved: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return _restored(g, saved.ndim, axis, keepdims) * saved


_var = Primitive(rules.var, _var_forward, _var_vjp, saves=True)


def var(
    x: Tensor[Any, T, D], axis: Axis = None, correction: int = 0, keepdims: bool = False
) -> Tensor[Dims, T, D]:
    """Return the variance along some axes, or of all elements for None. Ints give float32.

    The squared distances from the mean are added and divided by ``n - correction``: 0 is for the
    variance of the whole population, 1 for an estimate from a sample.

    Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([1, 2, 3])
        >>> round(x.var().item(), 4), x.var(correction=1).item()
        (0.6667, 1.0)

    VJP: ``g * 2 (x - mean) / (n - correction)``
    """
    return _var(x, plain_axis(axis, "var"), plain_int(correction, "var"), keepdims)


def _std_forward(
    x: Array, axis: PlainAxis, correction: int, keepdims: bool, eps: float
) -> tuple[Array, tuple[Array, Array]]:
    variance, slope = _spread(x, axis, correction, keepdims)
    y = np.asarray(np.sqrt(variance + np.asarray(eps, variance.dtype)))
    return y.astype(x.dtype, copy=False), (y, slope)


def _std_vjp(g: Array, saved: tuple[Array, Array], axis: PlainAxis, keepdims: bool) -> Array:
    y, slope = saved
    scaled = np.divide(g, 2 * y, out=np.zeros_like(y), where=y != 0)
    return _restored(scaled, slope.ndim, axis, keepdims) * slope


_std = Primitive(rules.std, _std_forward, _std_vjp, saves=True)


def std(
    x: Tensor[Any, T, D],
    axis: Axis = None,
    correction: int = 0,
    keepdims: bool = False,
    eps: float = 0.0,
) -> Tensor[Dims, T, D]:
    """Return the standard deviation ``sqrt(var(x) + eps)``. Ints give float32.

    See `var`. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1.0, 3.0], [10.0, 50.0]]).std(-1).tolist()
        [1.0, 20.0]

    VJP: ``g * (x - mean) / ((n - correction) * std)``, 0 where the deviation is 0
    """
    scalar = float(plain_scalar(eps, "std"))
    return _std(x, plain_axis(axis, "std"), plain_int(correction, "std"), keepdims, scalar)


def _prod_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    y = np.asarray(_multiply(widened(x), axis=axis, keepdims=keepdims))
    return y.astype(x.dtype, copy=False)


def products_before(x: Array) -> Array:
    """Return the product of the elements that stand before each along the first axis."""
    shifted = np.ones_like(x)
    shifted[1:] = x[:-1]
    return np.asarray(np.multiply.accumulate(shifted, axis=0))


def _prod_vjp(g: Array, x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    axes = axis if isinstance(axis, tuple) else range(x.ndim) if axis is None else (axis,)
    first = [a % x.ndim for a in axes]
    order = [*first, *(a for a in range(x.ndim) if a not in first)]
    moved = widened(x).transpose(order)
    split = len(first)
    rows = moved.reshape((math.prod(moved.shape[:split]), *moved.shape[split:]))
    # The product of all others, by multiplication only: a division would fail at zeros.
    others = products_before(rows) * products_before(rows[::-1])[::-1]
    back = others.reshape(moved.shape).transpose(np.argsort(order))
    return _restored(g, x.ndim, axis, keepdims) * back


_prod = Primitive(rules.prod, _prod_forward, _prod_vjp)


def prod(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Multiply the elements along some axes, or all of them for None. Ints and bools give int64.

    Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1, 2], [3, 4]]).prod(1).tolist()
        [2, 12]

    VJP: ``g`` times the product of all other elements, also where some are 0
    """
    return _prod(x, plain_axis(axis, "prod"), keepdims)


def _any_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return np.asarray(_logical_or(x, axis=axis, dtype=np.bool, keepdims=keepdims))


def _all_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return np.asarray(_logical_and(x, axis=axis, dtype=np.bool, keepdims=keepdims))


def _count_nonzero_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return np.asarray(_add(x != 0, axis=axis, dtype=np.int64, keepdims=keepdims))


_any = Primitive(rules.any_, _any_forward, None, operands=1)
_all = Primitive(rules.all_, _all_forward, None, operands=1)
_count_nonzero = Primitive(rules.count_nonzero, _count_nonzero_forward, None, operands=1)


def any(
    x: Tensor[Any, Any, Any], axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.bool]:
    """Tell whether some element along some axes, or of all for None, is not 0; no elements: False.

    Records nothing: the operand keeps its tape. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[True, False], [False, False]]).any(1).tolist()
        [True, False]
    """
    return _any(x, plain_axis(axis, "any"), keepdims)


def all(
    x: Tensor[Any, Any, Any], axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.bool]:
    """Tell whether no element along some axes, or of all for None, is 0; no elements: True.

    Records nothing: the operand keeps its tape. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([1, 2, 3])
        >>> (x > 0).all().item()
        True
    """
    return _all(x, plain_axis(axis, "all"), keepdims)


def count_nonzero(
    x: Tensor[Any, Any, Any], axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Count the elements along some axes, or of all for None, that are not 0.

    Records nothing: the operand keeps its tape. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[0, 2], [3, 4]])
        >>> x.count_nonzero(0).tolist()
        [1, 2]
        >>> (x > 2).count_nonzero().item()
        2
    """
    return _count_nonzero(x, plain_axis(axis, "count_nonzero"), keepdims)


def _max_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return np.asarray(_maximum(x, axis=axis, keepdims=keepdims))


def _min_forward(x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return np.asarray(_minimum(x, axis=axis, keepdims=keepdims))


def _extreme_vjp(g: Array, y: Array, x: Array, axis: PlainAxis, keepdims: bool) -> Array:
    tied = x == _restored(y, x.ndim, axis, keepdims)
    reduced = tuple(range(x.ndim)) if axis is None else axis
    count = np.add.reduce(tied, axis=reduced, dtype=g.dtype, keepdims=True)
    return tied * (_restored(g, x.ndim, axis, keepdims) / count)


_max = Primitive(rules.max_, _max_forward, _extreme_vjp)
_min = Primitive(rules.min_, _min_forward, _extreme_vjp)


def max(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Return the largest element along some axes, or of all for None.

    Shapes and errors as for `sum`.

    Raises:
        ShapeError: there are no elements to choose from.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 9], [5, 2]])
        >>> x.max().item(), x.max(1).tolist()
        (9, [9, 5])
        >>> x.max((0, 1), keepdims=True).shape
        (1, 1)

    VJP: ``g``, shared evenly among equal maxima
    """
    return _max(x, plain_axis(axis, "max"), keepdims)


def min(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Return the smallest element along some axes, or of all for None.

    Shapes and errors as for `sum`.

    Raises:
        ShapeError: there are no elements to choose from.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 9], [5, 2]])
        >>> x.min().item(), x.min(1).tolist()
        (1, [1, 2])

    VJP: ``g``, shared evenly among equal minima
    """
    return _min(x, plain_axis(axis, "min"), keepdims)


def peak(x: Array, axis: PlainAxis) -> Array:
    """Return the largest elements with the reduced axes kept; -inf of none."""
    return np.asarray(np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf))


def _logsumexp_forward(x: Array, axis: PlainAxis, keepdims: bool) -> tuple[Array, Array]:
    top = peak(x, axis)
    top = np.where(np.isfinite(top), top, 0)
    terms = np.exp(x - top)
    total = np.add.reduce(terms, axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):
        y = np.log(total) + top
    if not keepdims:
        y = y.reshape(()) if axis is None else np.squeeze(y, axis)
    return np.asarray(y), terms / np.where(total == 0, 1, total)


def _logsumexp_vjp(g: Array, saved: Array, axis: PlainAxis, keepdims: bool) -> Array:
    return _restored(g, saved.ndim, axis, keepdims) * saved


_logsumexp = Primitive(rules.logsumexp, _logsumexp_forward, _logsumexp_vjp, saves=True)


def logsumexp(
    x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, T, D]:
    """Return ``log(sum(exp(x)))`` along some axes, or of all elements for None, without overflow.

    Ints give float32. Shapes and errors as for `sum`.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor([1000.0, 1000.0]).logsumexp().item(), 2)
        1000.69

    VJP: ``g * softmax(x)``
    """
    return _logsumexp(x, plain_axis(axis, "logsumexp"), keepdims)
