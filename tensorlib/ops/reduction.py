"""Reductions over any axes, and softmax, which normalises along one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_axis, plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import reduction as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import Axis, D, Dims, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


# Without the wrappers of np.sum and np.max; their stubs take no bool that is not a literal.
_add: Callable[..., Array] = np.add.reduce
_maximum: Callable[..., Array] = np.maximum.reduce
_minimum: Callable[..., Array] = np.minimum.reduce


def _restored(y: Array, rank: int, axis: Axis, keepdims: bool) -> Array:
    """Return a reduced array with the reduced axes back, each of length 1."""
    if keepdims:
        return y
    if axis is None:
        return y.reshape((1,) * rank)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return np.expand_dims(y, tuple(a % rank for a in axes))


def _total(x: Array, axis: Axis, keepdims: bool) -> Array:
    """Add along axes; float16 adds up in float32, which overflows later."""
    wide = np.float32 if x.dtype == np.float16 else None
    return np.asarray(_add(x, axis=axis, dtype=wide, keepdims=keepdims))


def _sum_forward(x: Array, axis: Axis, keepdims: bool) -> Array:
    return _total(x, axis, keepdims).astype(x.dtype, copy=False)


def _sum_vjp(g: Array, x_shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Array:
    return np.broadcast_to(_restored(g, len(x_shape), axis, keepdims), x_shape)


_sum = Primitive(rules.sum_, _sum_forward, _sum_vjp)


def sum(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Add the elements along some axes, or all of them for None. Ints and bools give int64.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice.

    VJP: ``g`` for each element
    """
    return _sum(x, plain_axis(axis, "sum"), keepdims)


def _count(x_shape: tuple[int, ...], y_shape: tuple[int, ...]) -> int:
    """Return how many elements went into each result."""
    return math.prod(x_shape) // (math.prod(y_shape) or 1)


def _mean_forward(x: Array, axis: Axis, keepdims: bool) -> Array:
    y = _total(x, axis, keepdims)
    count = _count(x.shape, y.shape)
    return np.asarray(y / count if count else y * np.nan).astype(x.dtype, copy=False)


def _mean_vjp(g: Array, x_shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Array:
    return _sum_vjp(g / (_count(x_shape, g.shape) or 1), x_shape, axis, keepdims)


_mean = Primitive(rules.mean, _mean_forward, _mean_vjp)


def mean(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Average the elements along some axes, or all of them for None. Ints give float32.

    The mean of no elements is NaN. Errors as for `sum`.

    VJP: ``g / n`` for each of n elements
    """
    return _mean(x, plain_axis(axis, "mean"), keepdims)


def _max_forward(x: Array, axis: Axis, keepdims: bool) -> Array:
    return np.asarray(_maximum(x, axis=axis, keepdims=keepdims))


def _min_forward(x: Array, axis: Axis, keepdims: bool) -> Array:
    return np.asarray(_minimum(x, axis=axis, keepdims=keepdims))


def _extreme_vjp(g: Array, y: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    tied = x == _restored(y, x.ndim, axis, keepdims)
    reduced = tuple(range(x.ndim)) if axis is None else axis
    count = np.add.reduce(tied, axis=reduced, dtype=g.dtype, keepdims=True)
    return tied * (_restored(g, x.ndim, axis, keepdims) / count)


_max = Primitive(rules.max_, _max_forward, _extreme_vjp)
_min = Primitive(rules.min_, _min_forward, _extreme_vjp)


def max(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Return the largest element along some axes, or of all for None. Errors as for `sum`.

    Raises:
        ShapeError: there are no elements to choose from.

    VJP: ``g``, shared evenly among equal maxima
    """
    return _max(x, plain_axis(axis, "max"), keepdims)


def min(x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False) -> Tensor[Dims, T, D]:
    """Return the smallest element along some axes, or of all for None. Errors as for `sum`.

    Raises:
        ShapeError: there are no elements to choose from.

    VJP: ``g``, shared evenly among equal minima
    """
    return _min(x, plain_axis(axis, "min"), keepdims)


def _logsumexp_forward(x: Array, axis: Axis, keepdims: bool) -> tuple[Array, Array]:
    top = _top(x, axis)
    top = np.where(np.isfinite(top), top, 0)
    terms = np.exp(x - top)
    total = np.add.reduce(terms, axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):
        y = np.log(total) + top
    if not keepdims:
        y = y.reshape(()) if axis is None else np.squeeze(y, axis)
    return np.asarray(y), terms / np.where(total == 0, 1, total)


def _logsumexp_vjp(g: Array, saved: Array, axis: Axis, keepdims: bool) -> Array:
    return _restored(g, saved.ndim, axis, keepdims) * saved


_logsumexp = Primitive(rules.logsumexp, _logsumexp_forward, _logsumexp_vjp, saves=True)


def logsumexp(
    x: Tensor[Any, T, D], axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, T, D]:
    """Return ``log(sum(exp(x)))`` along some axes without overflow. Errors as for `sum`.

    VJP: ``g * softmax(x)``
    """
    return _logsumexp(x, plain_axis(axis, "logsumexp"), keepdims)


def _top(x: Array, axis: Axis) -> Array:
    """Return the largest elements with the reduced axes kept; -inf of none."""
    return np.asarray(np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf))


def _softmax_forward(x: Array, axis: int) -> Array:
    terms = np.asarray(np.exp(x - _top(x, axis)))
    terms /= np.add.reduce(terms, axis=axis, keepdims=True)
    return terms


def _softmax_vjp(g: Array, y: Array, axis: int) -> Array:
    gy = g * y
    return gy - y * np.add.reduce(gy, axis=axis, keepdims=True)


_softmax = Primitive(rules.softmax, _softmax_forward, _softmax_vjp)


def softmax(x: Tensor[S, T, D], axis: int = -1) -> Tensor[S, T, D]:
    """Return ``exp(x)`` divided by its sum along an axis, without overflow.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    VJP: ``s * (g - sum(g * s))`` with s = softmax(x)
    """
    return _softmax(x, plain_int(axis, "softmax"))


def _log_softmax_forward(x: Array, axis: int) -> Array:
    shifted = np.asarray(x - _top(x, axis))
    with np.errstate(divide="ignore"):  # the sum of no terms
        shifted -= np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    return shifted


def _log_softmax_vjp(g: Array, y: Array, axis: int) -> Array:
    return g - np.exp(y) * np.add.reduce(g, axis=axis, keepdims=True)


_log_softmax = Primitive(rules.log_softmax, _log_softmax_forward, _log_softmax_vjp)


def log_softmax(x: Tensor[S, T, D], axis: int = -1) -> Tensor[S, T, D]:
    """Return the logarithm of `softmax`, computed without taking a logarithm of 0.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    VJP: ``g - softmax(x) * sum(g)``
    """
    return _log_softmax(x, plain_int(axis, "log_softmax"))


def _argmax_forward(x: Array, axis: int | None, keepdims: bool) -> Array:
    return np.asarray(np.argmax(x, axis=axis, keepdims=keepdims)).astype(np.int64, copy=False)


def _argmin_forward(x: Array, axis: int | None, keepdims: bool) -> Array:
    return np.asarray(np.argmin(x, axis=axis, keepdims=keepdims)).astype(np.int64, copy=False)


_argmax = Primitive(rules.argmax, _argmax_forward, None, operands=1)
_argmin = Primitive(rules.argmin, _argmin_forward, None, operands=1)


def argmax(
    x: Tensor[Any, Any, Any], axis: int | None = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Return the index of the first largest element along an axis; of all, flattened, for None.

    Records nothing: the operand keeps its tape.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.
    """
    return _argmax(x, axis if axis is None else plain_int(axis, "argmax"), keepdims)


def argmin(
    x: Tensor[Any, Any, Any], axis: int | None = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Return the index of the first smallest element along an axis; of all, flattened, for None.

    Records nothing: the operand keeps its tape.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.
    """
    return _argmin(x, axis if axis is None else plain_int(axis, "argmin"), keepdims)
