"""Decompositions of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.linalg.matrix import solved, transposed
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import widened
from tensorlib.shapes import decomposition as rules
from tensorlib.shapes.errors import LinAlgError
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _halved(x: Array) -> Array:
    """Return the lower triangle of each matrix with half its diagonal."""
    return np.tril(x) * (1 - 0.5 * np.eye(x.shape[-1], dtype=x.dtype))


def _symmetric(x: Array) -> Array:
    return (x + transposed(x)) / 2


# Cholesky -----------------------------------------------------------------------------------------


def _cholesky_forward(x: Array) -> Array:
    problem = "the matrix is not positive definite, or one of the batch is not"
    y = solved(lambda: np.linalg.cholesky(widened(x)), "linalg.cholesky", problem)
    return np.asarray(y).astype(x.dtype, copy=False)


def _cholesky_vjp(g: Array, y: Array) -> Array:
    g, y = widened(g), widened(y)
    inner = _halved(transposed(y) @ g)
    left = np.linalg.solve(transposed(y), inner)  # L^-T P, and the same from the other side
    return _symmetric(transposed(np.linalg.solve(transposed(y), transposed(left))))


_cholesky = Primitive(rules.cholesky, _cholesky_forward, _cholesky_vjp, operands=1)


def cholesky(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the lower triangular ``y`` with ``y @ y.mT = x``.

    The matrix is taken for symmetric: only its lower triangle is read, and its gradient is
    symmetric.

    Shape: ``(*B, N, N) -> (*B, N, N)``

    Raises:
        ShapeError: the matrix is not square.
        LinAlgError: it is not positive definite.

    Example:
        >>> import tensorlib as tl
        >>> tl.linalg.cholesky(tl.tensor([[4.0, 2.0], [2.0, 2.0]])).tolist()
        [[2.0, 0.0], [1.0, 1.0]]

    VJP: ``P = tril(y.mT @ g)`` with half its diagonal; ``inv(y).mT @ P @ inv(y)`` made symmetric
    """
    return _cholesky(x)


def _inverse_gaps(values: Array) -> Array:
    """Return ``1 / (w_j - w_i)``; 0 for equal values, whose vectors are not determined."""
    gaps = values[..., None, :] - values[..., :, None]
    with np.errstate(divide="ignore"):
        return np.where(gaps == 0, 0, 1 / gaps)


# Eigenvalues of symmetric matrices ----------------------------------------------------------------


def _eigh_forward(x: Array) -> tuple[Array, ...]:
    problem = "the eigenvalues were not found"
    found = solved(lambda: np.linalg.eigh(widened(x)), "linalg.eigh", problem)
    return tuple(np.asarray(y).astype(x.dtype, copy=False) for y in found)


def _eigh_vjp(g: tuple[Array, Array], y: tuple[Array, Array]) -> Array:
    (g_values, g_vectors), (values, vectors) = (map(widened, pair) for pair in (g, y))
    inner = (transposed(vectors) @ g_vectors) * _inverse_gaps(values)
    inner = inner + g_values[..., None] * np.eye(values.shape[-1], dtype=values.dtype)
    return _symmetric(vectors @ inner @ transposed(vectors))


_eigh = Primitive(rules.eigh, _eigh_forward, _eigh_vjp, operands=1, many=True)


def eigh(x: Tensor[Any, T, D]) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Return the eigenvalues of symmetric matrices in ascending order, and their eigenvectors.

    The vectors are the columns of the second result; their signs are arbitrary. Only the lower
    triangle is read, and the gradient is symmetric.

    Shape: ``(*B, N, N) -> (*B, N), (*B, N, N)``

    Raises:
        ShapeError: the matrix is not square.
        LinAlgError: the eigenvalues were not found; of a matrix with NaN they may also be NaN.

    Example:
        >>> import tensorlib as tl
        >>> values, vectors = tl.linalg.eigh(tl.tensor([[2.0, 1.0], [1.0, 2.0]]))
        >>> [round(value, 4) for value in values.tolist()]
        [1.0, 3.0]
        >>> tl.allclose(vectors @ tl.linalg.diag(values) @ vectors.mT, 1 + tl.eye(2))
        True

    VJP: ``V (diag(g_w) + V.mT g_V / (w_j - w_i)) V.mT`` made symmetric
    """
    return _eigh(x)


# Orthogonal and triangular ------------------------------------------------------------------------


def _qr_forward(x: Array) -> tuple[Array, ...]:
    return tuple(np.asarray(y).astype(x.dtype, copy=False) for y in np.linalg.qr(widened(x)))


def _qr_vjp(g: tuple[Array, Array], x: Array, y: tuple[Array, Array]) -> Array:
    (g_q, g_r), (q, r), x = map(widened, g), map(widened, y), widened(x)
    side = r.shape[-2]
    if r.shape[-1] == side:
        return _tall_qr_vjp(g_q, g_r, q, r)
    # Of a wide matrix [A, B] = Q [U, V], A = Q U is square and B = Q V follows from it.
    g_u, g_v = g_r[..., :side], g_r[..., side:]
    g_q = g_q + x[..., side:] @ transposed(g_v)
    return np.concatenate((_tall_qr_vjp(g_q, g_u, q, r[..., :side]), q @ g_v), -1)


def _tall_qr_vjp(g_q: Array, g_r: Array, q: Array, r: Array) -> Array:
    m = r @ transposed(g_r) - transposed(g_q) @ q
    lower = _halved(m)
    right = g_q + q @ (lower + transposed(lower))
    return transposed(np.linalg.solve(r, transposed(right)))  # right @ R^-T


_qr = Primitive(rules.qr, _qr_forward, _qr_vjp, operands=1, many=True)


def qr(x: Tensor[Any, T, D]) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Return ``Q`` with orthonormal columns and the upper triangular ``R``, ``Q @ R = x``.

    Shape: ``(*B, M, N) -> (*B, M, K), (*B, K, N)`` with K the smaller of M and N.

    Raises:
        ShapeError: the tensor has fewer than two dimensions.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> q, r = tl.linalg.qr(x)
        >>> q.shape, r.shape, tl.allclose(q @ r, x)
        ((3, 2), (2, 2), True)

    VJP: for M >= N, with ``S = R g_R.mT - g_Q.mT Q`` and its lower triangle mirrored,
    ``(g_Q + Q S) inv(R).mT``
    """
    return _qr(x)


# Singular values ----------------------------------------------------------------------------------

_NOT_CONVERGED = "the singular values were not found"


def _decomposed(x: Array, full_matrices: bool, op: str = "linalg.svd") -> tuple[Array, ...]:
    found = solved(
        lambda: np.linalg.svd(widened(x), full_matrices=full_matrices), op, _NOT_CONVERGED
    )
    return tuple(np.asarray(y).astype(x.dtype, copy=False) for y in found)


def _svdvals_forward(x: Array) -> tuple[Array, tuple[Array, Array]]:
    u, s, vh = _decomposed(x, False, "linalg.svdvals")
    return s, (u, vh)


_svdvals = Primitive(
    rules.svdvals,
    _svdvals_forward,
    lambda g, saved: (saved[0] * g[..., None, :]) @ saved[1],
    operands=1,
    saves=True,
)


def svdvals(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the singular values of each matrix, in descending order.

    Shape: ``(*B, M, N) -> (*B, K)`` with K the smaller of M and N.

    Raises:
        ShapeError: the tensor has fewer than two dimensions.
        LinAlgError: they were not found, as of a matrix with NaN.

    Example:
        >>> import tensorlib as tl
        >>> values = tl.linalg.svdvals(tl.tensor([[0.0, 2.0], [3.0, 0.0]]))
        >>> [round(value, 4) for value in values.tolist()]
        [3.0, 2.0]

    VJP: ``U diag(g) Vh``
    """
    return _svdvals(x)


def _svd_vjp(
    g: tuple[Array, Array, Array], y: tuple[Array, Array, Array], full_matrices: bool
) -> Array:
    (g_u, g_s, g_vh), (u, s, vh) = map(widened, g), map(widened, y)
    side = s.shape[-1]
    if np.any(g_u[..., side:]) or np.any(g_vh[..., side:, :]):
        raise LinAlgError(
            "linalg.svd: the vectors beyond the singular values are not determined and have no "
            "gradient: use full_matrices=False"
        )
    g_u, u, g_vh, vh = g_u[..., :side], u[..., :side], g_vh[..., :side, :], vh[..., :side, :]
    squares = s * s
    left, right = transposed(u) @ g_u, vh @ transposed(g_vh)
    f = _inverse_gaps(squares)
    inner = (left - transposed(left)) * f * s[..., None, :]
    inner = inner + s[..., :, None] * (right - transposed(right)) * f
    inner = inner + g_s[..., None] * np.eye(side, dtype=s.dtype)
    result = u @ inner @ vh
    # What of the vectors lies outside the space that they span.
    with np.errstate(divide="ignore", invalid="ignore"):
        if u.shape[-2] > side:
            result = result + ((g_u - u @ left) / s[..., None, :]) @ vh
        if vh.shape[-1] > side:
            result = result + u @ ((g_vh - transposed(right) @ vh) / s[..., :, None])
    return result


_svd = Primitive(rules.svd, _decomposed, _svd_vjp, operands=1, many=True)


def svd(
    x: Tensor[Any, T, D], full_matrices: bool = True
) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Return ``U``, the singular values ``S`` in descending order, and ``Vh``.

    ``U @ diag(S) @ Vh = x``; the columns of ``U`` and the rows of ``Vh`` are orthonormal, and
    determined up to a sign for each pair. Where only ``S`` is wanted, use `svdvals`.

    Shape: ``(*B, M, N) -> (*B, M, M), (*B, K), (*B, N, N)`` with K the smaller of M and N;
    ``(*B, M, K), (*B, K), (*B, K, N)`` without ``full_matrices``.

    Raises:
        ShapeError: the tensor has fewer than two dimensions.
        LinAlgError: the singular values were not found, as of a matrix with NaN; in the backward
            pass, the loss depends on vectors of ``full_matrices`` that are not determined.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> u, s, vh = tl.linalg.svd(x, full_matrices=False)
        >>> u.shape, s.shape, vh.shape
        ((3, 2), (2,), (2, 2))
        >>> tl.allclose(u * s @ vh, x)
        True

    VJP: that of `eigh` for both sides, with the gaps between squared singular values
    """
    return _svd(x, full_matrices)
