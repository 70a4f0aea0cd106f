"""Matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import linalg as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _product(x1: Array, x2: Array) -> Array:
    """Multiply; a batch of matrices times one matrix is one product of two matrices."""
    if x1.ndim > 2 and x2.ndim == 2 and x1.size:
        y = products.matmul(x1.reshape(-1, x1.shape[-1]), x2)
        return y.reshape(*x1.shape[:-1], x2.shape[-1])
    return products.matmul(x1, x2)


def _matmul_vjp1(g: Array, x1: Array, x2: Array) -> Array:
    if x2.ndim == 1:
        return g[..., None] * x2
    if x1.ndim == 1:
        return products.matmul(x2, g[..., None])[..., 0]
    return _product(g, np.swapaxes(x2, -1, -2))


def _matmul_vjp2(g: Array, x1: Array, x2: Array) -> Array:
    if x1.ndim == 1:
        return g * x1 if x2.ndim == 1 else x1[:, None] * g[..., None, :]
    if x2.ndim == 1:
        return products.matmul(np.swapaxes(x1, -1, -2), g[..., None])[..., 0]
    if x2.ndim == 2:
        return products.matmul(_rows(x1).T, _rows(g))
    return products.matmul(np.swapaxes(x1, -1, -2), g)


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

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([[1, 2], [3, 4]]) @ tl.tensor([[1, 0], [0, 10]])).tolist()
        [[1, 20], [3, 40]]
        >>> (tl.ones((8, 2, 3)) @ tl.ones((3, 5))).shape
        (8, 2, 5)

    VJP: ``g @ x2.mT, x1.mT @ g``
    """
    return _matmul(x1, x2)


def _matvec_forward(x1: Array, x2: Array) -> Array:
    """Multiply; one matrix times a batch of vectors is one product of two matrices."""
    if x1.ndim == 2:
        return _product(x2, x1.T)
    return products.matmul(x1, x2[..., None])[..., 0]


def _matvec_vjp1(g: Array, x1: Array, x2: Array) -> Array:
    if x1.ndim == 2 and x2.ndim > 1:
        return products.matmul(_rows(g).T, _rows(x2))
    return g[..., :, None] * x2[..., None, :]


def _matvec_vjp2(g: Array, x1: Array) -> Array:
    return _matvec_forward(x1.swapaxes(-1, -2), g)


_matvec = Primitive(rules.matvec, _matvec_forward, (_matvec_vjp1, _matvec_vjp2))


def matvec(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Multiply matrices by vectors, both of which may come in batches.

    ``x1 @ x2`` takes a two-dimensional ``x2`` for one matrix, this for a batch of vectors.

    Shape: ``(*B, M, K), (*B, K) -> (*B, M)``; batch dimensions stretch one-sidedly.

    Raises:
        ShapeError: an operand has too few dimensions, the inner dimensions differ, or the batch
            ones do not fit.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.matvec(tl.tensor([[1, 2], [3, 4]]), tl.tensor([1, 10])).tolist()
        [21, 43]
        >>> tl.matvec(tl.ones((4, 3)), tl.ones((8, 3))).shape
        (8, 4)

    VJP: the outer product of ``g`` and ``x2``; ``vecmat(g, x1)``
    """
    return _matvec(x1, x2)


_vecmat = Primitive(
    rules.vecmat,
    lambda x1, x2: _matvec_forward(x2.swapaxes(-1, -2), x1),
    (
        lambda g, x2: _matvec_forward(x2, g),
        lambda g, x1, x2: _matvec_vjp1(x1, x2, g),
    ),
)


def vecmat(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Multiply vectors by matrices, both of which may come in batches.

    Shape: ``(*B, K), (*B, K, N) -> (*B, N)``; batch dimensions stretch one-sidedly.

    Raises:
        ShapeError: as for `matvec`.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.vecmat(tl.tensor([1, 10]), tl.tensor([[1, 2], [3, 4]])).tolist()
        [31, 42]
        >>> tl.vecmat(tl.ones((8, 3)), tl.ones((3, 4))).shape
        (8, 4)

    VJP: ``matvec(x2, g)``; the outer product of ``x1`` and ``g``
    """
    return _vecmat(x1, x2)


def _vecdot_forward(x1: Array, x2: Array) -> Array:
    return np.asarray(products.matmul(x1[..., None, :], x2[..., :, None])[..., 0, 0])


_vecdot = Primitive(
    rules.vecdot,
    _vecdot_forward,
    (lambda g, x2: g[..., None] * x2, lambda g, x1: g[..., None] * x1),
)


def vecdot(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Return the dot products of vectors along the last axis.

    Shape: ``(*B, K), (*B, K) -> (*B,)``; batch dimensions stretch one-sidedly.

    Raises:
        ShapeError: as for `matvec`.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.vecdot(tl.tensor([[1, 2], [3, 4]]), tl.tensor([1, 10])).tolist()
        [21, 43]

    VJP: ``g * x2, g * x1``
    """
    return _vecdot(x1, x2)


_dot = Primitive(
    rules.dot,
    lambda x1, x2: products.matmul(x1, x2),
    (lambda g, x2: g * x2, lambda g, x1: g * x1),
)


def dot(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Return the dot product of two vectors, a scalar.

    Shape: ``(K,), (K,) -> ()``

    Raises:
        ShapeError: an operand is no vector, or the lengths differ.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.dot(tl.tensor([1, 2]), tl.tensor([3, 4])).item()
        11

    VJP: ``g * x2, g * x1``
    """
    return _dot(x1, x2)


_outer = Primitive(
    rules.outer,
    lambda x1, x2: x1[:, None] * x2,
    (lambda g, x2: products.matmul(g, x2), lambda g, x1: products.matmul(x1, g)),
)


def outer(x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Return the products of every element of one vector with every element of another.

    Shape: ``(M,), (N,) -> (M, N)``

    Raises:
        ShapeError: an operand is no vector.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.outer(tl.tensor([1, 2]), tl.tensor([1, 10, 100])).tolist()
        [[1, 10, 100], [2, 20, 200]]

    VJP: ``g @ x2, x1 @ g``
    """
    return _outer(x1, x2)


def _linear_forward(x: Array, weight: Array, bias: Array | None = None) -> Array:
    y = _product(x, weight.T)
    if bias is not None:
        np.add(y, bias, y)
    return y


_linear_vjps = (
    lambda g, weight: _product(g, weight),
    lambda g, x: products.matmul(_rows(g).T, _rows(x)) if x.ndim > 1 else g[:, None] * x,
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

    Example:
        >>> import tensorlib as tl
        >>> x, weight, bias = tl.tensor([1.0, 2.0]), tl.tensor([[1.0, 10.0]]), tl.tensor([0.5])
        >>> tl.linear(x, weight, bias).tolist()
        [21.5]

    VJP: ``g @ weight, g.T @ x, sum(g)``
    """
    if bias is None:
        return _linear_without_bias(x, weight)
    return _linear(x, weight, bias)
