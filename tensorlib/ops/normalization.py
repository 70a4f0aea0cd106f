"""Ops that scale elements by what stands beside them along an axis: softmax, normalize."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlib.ops.arguments import plain_axis, plain_int, plain_scalar
from tensorlib.ops.kernels import compiled
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import count_of, peak, sum_of_products, widened
from tensorlib.shapes import normalization as rules
from tensorlib.tape import Array
from tensorlib.typevars import Axis, D, PlainAxis, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

_add: Callable[..., Array] = np.add.reduce


@compiled("rows.softmax")
def _softmax_forward(x: Array, axis: int) -> Array:
    terms = np.asarray(x - peak(x, axis))
    np.exp(terms, terms)
    terms /= np.add.reduce(terms, axis=axis, keepdims=True)
    return terms


@compiled("rows.softmax_vjp")
def _softmax_vjp(g: Array, y: Array, axis: int) -> Array:
    slope = g - sum_of_products(g, y, (axis,))
    slope *= y
    return slope


_softmax = Primitive(rules.softmax, _softmax_forward, _softmax_vjp)


def softmax(x: Tensor[S, T, D], axis: int = -1) -> Tensor[S, T, D]:
    """Return ``exp(x)`` divided by its sum along an axis, without overflow.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> [round(p, 3) for p in tl.tensor([1.0, 2.0, 3.0]).softmax().tolist()]
        [0.09, 0.245, 0.665]
        >>> tl.tensor([[1000.0, 0.0], [0.0, 0.0]]).softmax(axis=0).tolist()
        [[1.0, 0.5], [0.0, 0.5]]

    VJP: ``s * (g - sum(g * s))`` with s = softmax(x)
    """
    return _softmax(x, plain_int(axis, "softmax"))


@compiled("rows.log_softmax")
def _log_softmax_forward(x: Array, axis: int) -> Array:
    shifted = np.asarray(x - peak(x, axis))
    with np.errstate(divide="ignore"):  # the sum of no terms
        shifted -= np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    return shifted


@compiled("rows.log_softmax_vjp")
def _log_softmax_vjp(g: Array, y: Array, axis: int) -> Array:
    return g - np.exp(y) * np.add.reduce(g, axis=axis, keepdims=True)


_log_softmax = Primitive(rules.log_softmax, _log_softmax_forward, _log_softmax_vjp)


def log_softmax(x: Tensor[S, T, D], axis: int = -1) -> Tensor[S, T, D]:
    """Return the logarithm of `softmax`, computed without taking a logarithm of 0.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> [round(p, 3) for p in tl.tensor([1.0, 2.0, 3.0]).log_softmax().tolist()]
        [-2.408, -1.408, -0.408]
        >>> tl.tensor([200.0, 0.0]).log_softmax().tolist()
        [0.0, -200.0]

    VJP: ``g - softmax(x) * sum(g)``
    """
    return _log_softmax(x, plain_int(axis, "log_softmax"))


def _normalize_forward(x: Array, axis: PlainAxis, eps: float) -> tuple[Array, tuple[Array, Array]]:
    wide = widened(x)
    totals = _add(wide, axis=axis, keepdims=True)
    count = count_of(x.shape, totals.shape) or 1
    y = np.asarray(wide - totals / count)
    variance = _add(y * y, axis=axis, keepdims=True) / count
    with np.errstate(divide="ignore", invalid="ignore"):  # equal elements, and eps is 0
        scale = np.asarray(1 / np.sqrt(variance + np.asarray(eps, wide.dtype)))
        y *= scale
    return y.astype(x.dtype, copy=False), (y, scale)


def _normalize_vjp(g: Array, saved: tuple[Array, Array], axis: PlainAxis) -> Array:
    y, scale = saved
    count = count_of(y.shape, scale.shape) or 1
    level = _add(g, axis=axis, keepdims=True, dtype=y.dtype) / count
    tilt = _add(g * y, axis=axis, keepdims=True) / count
    return scale * (g - level - y * tilt)


_normalize = Primitive(rules.normalize, _normalize_forward, _normalize_vjp, saves=True)


def normalize(x: Tensor[S, T, D], axis: Axis = -1, eps: float = 1e-5) -> Tensor[S, T, D]:
    """Return ``(x - mean(x)) / sqrt(var(x) + eps)``, along some axes, or all of them for None.

    Ints give float32.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1.0, 3.0], [10.0, 50.0]]).normalize(eps=0.0).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]

    VJP: ``(g - mean(g) - y * mean(g * y)) / sqrt(var(x) + eps)`` with y = normalize(x)
    """
    scalar = float(plain_scalar(eps, "normalize"))
    return _normalize(x, plain_axis(axis, "normalize"), scalar)
