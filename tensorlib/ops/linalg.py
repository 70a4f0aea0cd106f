"""Matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import linalg as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _product(x1: Array, x2: Array) -> Array:
    """Multiply; a batch of matrices times one matrix is one product of two matrices."""
    if x1.ndim > 2 and x2.ndim == 2 and x1.size:
        return np.matmul(x1.reshape(-1, x1.shape[-1]), x2).reshape(*x1.shape[:-1], x2.shape[-1])
    return np.asarray(np.matmul(x1, x2))


def _matmul_vjp1(g: Array, x1: Array, x2: Array) -> Array:
    if x2.ndim == 1:
        return g[..., None] * x2
    if x1.ndim == 1:
        return np.asarray(np.matmul(x2, g[..., None])[..., 0])
    return _product(g, np.swapaxes(x2, -1, -2))


def _matmul_vjp2(g: Array, x1: Array, x2: Array) -> Array:
    if x1.ndim == 1:
        return g * x1 if x2.ndim == 1 else x1[:, None] * g[..., None, :]
    if x2.ndim == 1:
        return np.asarray(np.matmul(np.swapaxes(x1, -1, -2), g[..., None])[..., 0])
    if x2.ndim == 2:
        return _rows(x1).T @ _rows(g)
    return np.asarray(np.matmul(np.swapaxes(x1, -1, -2), g))


def _rows(x: Array) -> Array:
    """Return the array as one matrix, all leading axes merged into its rows."""
    return x if x.ndim == 2 else x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])


_matmul = Primitive(rules.matmul, _product, (_matmul_vjp1, _matmul_vjp2))


def matmul(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Multiply matrices; also ``x1 @ x2``.

    Shape: ``(*B, M, K), (*B, K, N) -> (*B, M, N)``; a one-dimensional operand is a row on the
    left, a column on the right; batch dimensions stretch one-sidedly.

    Raises:
        ShapeError: the inner dimensions differ, the batch ones do not fit, or an operand is a
            scalar.
        DtypeError: float64 meets another float dtype.

    VJP: ``g @ x2.mT, x1.mT @ g``
    """
    return _matmul(x1, x2)


def _linear_forward(x: Array, weight: Array, bias: Array | None = None) -> Array:
    y = _product(x, weight.T)
    if bias is not None:
        np.add(y, bias, y)
    return y


_linear_vjps = (
    lambda g, weight: _product(g, weight),
    lambda g, x: _rows(g).T @ _rows(x) if x.ndim > 1 else g[:, None] * x,
)
_linear = Primitive(rules.linear, _linear_forward, (*_linear_vjps, lambda g: g))
_linear_without_bias = Primitive(rules.linear, _linear_forward, _linear_vjps)


def linear(
    x: Tensor[Any, T, D],
    weight: Tensor[Any, Any, D],
    bias: Tensor[Any, Any, D] | None = None,
) -> Tensor[Dims, T, D]:
    """Return ``x @ weight.T + bias`` as one recorded op.

    Shape: ``(*B, I), (O, I), (O,) -> (*B, O)``

    Raises:
        ShapeError: the last dimension of ``x`` is not that of the weight, or the bias does not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    VJP: ``g @ weight, g.T @ x, sum(g)``
    """
    if bias is None:
        return _linear_without_bias(x, weight)
    return _linear(x, weight, bias)
