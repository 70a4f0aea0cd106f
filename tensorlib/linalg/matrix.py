"""What is computed of a matrix or of each matrix of a batch, and linear equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_axis, plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import total_of, widened
from tensorlib.shapes import matrix as rules
from tensorlib.shapes.errors import LinAlgError
from tensorlib.shapes.matrix import Ord
from tensorlib.tape import Array
from tensorlib.typevars import T2, Axis, D, Dims, PlainAxis, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

Shape = tuple[int, ...]


def transposed(x: Array) -> Array:
    """Return each matrix with rows and columns exchanged."""
    return x.swapaxes(-1, -2)


def solved(compute: Callable[[], Any], op: str, problem: str) -> Any:
    """Return what NumPy computes; an error of NumPy's becomes ours.

    Raises:
        LinAlgError: NumPy refuses the matrix.
    """
    try:
        return compute()
    except np.linalg.LinAlgError:
        raise LinAlgError(f"{op}: {problem}") from None


_SINGULAR = "the matrix is singular, or one of the batch is"


# Diagonals ----------------------------------------------------------------------------------------


def _trace_forward(x: Array) -> Array:
    diagonals = np.diagonal(x, axis1=-2, axis2=-1)
    return total_of(diagonals, -1, False).astype(x.dtype, copy=False)


def _trace_vjp(g: Array, x_shape: Shape) -> Array:
    return g[..., None, None] * np.eye(*x_shape[-2:], dtype=g.dtype)


_trace = Primitive(rules.trace, _trace_forward, _trace_vjp)


def trace(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Add up the diagonal. Ints and bools give int64.

    Shape: ``(*B, M, N) -> (*B,)``

    Raises:
        ShapeError: the tensor has fewer than two dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.linalg.trace(tl.tensor([[1, 2], [3, 4]])).item()
        5

    VJP: ``g`` on the diagonal, 0 elsewhere
    """
    return _trace(x)


def _diagonal_vjp(g: Array, x_shape: Shape) -> Array:
    result = np.zeros(x_shape, g.dtype)
    places = np.arange(g.shape[-1])
    result[..., places, places] = g
    return result


_diagonal = Primitive(
    rules.diagonal, lambda x: np.diagonal(x, axis1=-2, axis2=-1), _diagonal_vjp, view=True
)


def diagonal(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the diagonal of each matrix.

    Shape: ``(*B, M, N) -> (*B, K)`` with K the smaller of M and N.

    Raises:
        ShapeError: the tensor has fewer than two dimensions.

    Example:
        >>> import tensorlib as tl
        >>> tl.linalg.diagonal(tl.tensor([[1, 2, 3], [4, 5, 6]])).tolist()
        [1, 5]

    VJP: ``g`` on the diagonal, 0 elsewhere
    """
    return _diagonal(x)


_diag = Primitive(rules.diag, lambda x: np.diag(x), lambda g: np.diagonal(g))


def diag(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the matrix with a vector on its diagonal, and 0 elsewhere.

    Shape: ``(N,) -> (N, N)``

    Raises:
        ShapeError: the tensor is no vector; NumPy's ``diag`` of a matrix is `diagonal`.

    Example:
        >>> import tensorlib as tl
        >>> tl.linalg.diag(tl.tensor([1, 2])).tolist()
        [[1, 0], [0, 2]]

    VJP: ``diagonal(g)``
    """
    return _diag(x)


# Norms --------------------------------------------------------------------------------------------


def _norm_axes(shape: Shape, axis: PlainAxis) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(len(shape)))
    return tuple(a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,)))


def _norm_forward(x: Array, ord: Ord, axis: PlainAxis, keepdims: bool) -> Array:
    axes = _norm_axes(x.shape, axis)
    wide = widened(x)
    if len(axes) == 2 and ord not in (None, "fro"):
        y = _matrix_norm(wide, ord, axes)
    else:
        y = _vector_norm(wide, 2 if isinstance(ord, str) or ord is None else ord, axes)
    if not keepdims:
        y = y.reshape([size for place, size in enumerate(y.shape) if place not in axes])
    return y.astype(x.dtype, copy=False)


def _vector_norm(x: Array, order: float, axes: tuple[int, ...]) -> Array:
    """Return the norm over all the axes, which stay with length 1."""
    size = np.abs(x)
    if order == np.inf:
        return np.asarray(np.maximum.reduce(size, axis=axes, keepdims=True, initial=0))
    if order == -np.inf:
        return np.asarray(np.minimum.reduce(size, axis=axes, keepdims=True, initial=np.inf))
    if order == 0:
        return np.asarray(np.add.reduce(size != 0, axis=axes, keepdims=True)).astype(x.dtype)
    if order == 1:
        return np.asarray(np.add.reduce(size, axis=axes, keepdims=True))
    if order == 2:
        return np.sqrt(np.add.reduce(size * size, axis=axes, keepdims=True))
    with np.errstate(divide="ignore"):  # a negative order of 0
        return np.asarray(np.add.reduce(size**order, axis=axes, keepdims=True) ** (1 / order))


def _matrix_norm(x: Array, order: Ord, axes: tuple[int, ...]) -> Array:
    """Return the largest sum of a column (1), of a row (inf), or the largest singular value (2)."""
    if order == 2:
        matrices = np.moveaxis(x, axes, (-2, -1))
        largest = np.linalg.svd(matrices, compute_uv=False).max(-1, initial=0)
        return np.expand_dims(largest, axes)
    summed, searched = axes if order == 1 else axes[::-1]
    sums = np.add.reduce(np.abs(x), axis=summed, keepdims=True)
    return np.asarray(np.maximum.reduce(sums, axis=searched, keepdims=True, initial=0))


def _norm_vjp(g: Array, x: Array, y: Array, ord: Ord, axis: PlainAxis, keepdims: bool) -> Array:
    axes = _norm_axes(x.shape, axis)
    if not keepdims:
        g, y = np.expand_dims(g, axes), np.expand_dims(y, axes)
    g, x, y = widened(g), widened(x), widened(y)
    if len(axes) == 2 and ord not in (None, "fro"):
        return g * _matrix_slope(x, y, ord, axes)
    return g * _vector_slope(x, y, 2 if isinstance(ord, str) or ord is None else ord, axes)


def _vector_slope(x: Array, y: Array, order: float, axes: tuple[int, ...]) -> Array:
    """Return the derivative of the norm; where it has none, one that lies in between."""
    if order in (np.inf, -np.inf):
        return np.sign(x) * _evenly(np.abs(x) == y, axes)
    if order == 0:
        return np.zeros_like(x)
    if order == 1:
        return np.sign(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = x / y if order == 2 else np.sign(x) * (np.abs(x) / y) ** (order - 1)
    return np.where(x == 0, 0, slope).astype(x.dtype, copy=False)


def _matrix_slope(x: Array, y: Array, order: Ord, axes: tuple[int, ...]) -> Array:
    if order == 2:
        u, s, vh = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        share = _evenly(s == s.max(-1, keepdims=True, initial=0), (-1,))
        return np.moveaxis((u * share[..., None, :]) @ vh, (-2, -1), axes)
    summed, searched = axes if order == 1 else axes[::-1]
    sums = np.add.reduce(np.abs(x), axis=summed, keepdims=True)
    return np.sign(x) * _evenly(sums == y, (searched,)).astype(x.dtype)


def _evenly(chosen: Array, axes: tuple[int, ...]) -> Array:
    """Return equal shares for the elements chosen."""
    count = np.add.reduce(chosen, axis=axes, keepdims=True)
    return np.asarray(chosen / np.maximum(count, 1))


_norm = Primitive(rules.norm, _norm_forward, _norm_vjp)


def norm(
    x: Tensor[Any, T, D], ord: Ord = None, axis: Axis = None, keepdims: bool = False
) -> Tensor[Dims, T, D]:
    """Return norms of vectors or matrices, as NumPy's ``linalg.norm``. Ints give float32.

    Shape: along one axis ``(*A, N, *B) -> (*A, *B)``, or ``(*A, 1, *B)`` with ``keepdims``;
    for None ``()``

    Args:
        x: the vectors or matrices.
        ord: None, the root of the sum of squares of all elements. For vectors any number p, the
            p-th root of the sum of the p-th powers; ``inf`` the largest, ``-inf`` the smallest
            element, 0 how many are not 0. For matrices "fro", the same as None; 1, the largest
            sum of a column; ``inf``, that of a row; 2, the largest singular value.
        axis: the axis of the vectors or the two axes of the matrices; None for all axes.
        keepdims: whether the axes stay, with length 1.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: there is an order, but neither one axis nor two, or it is none of theirs.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[3.0, -4.0], [6.0, 8.0]])
        >>> tl.linalg.norm(x, axis=1).tolist()
        [5.0, 10.0]
        >>> tl.linalg.norm(x, 1, axis=1).tolist()
        [7.0, 14.0]
        >>> tl.linalg.norm(x, 1).item()
        12.0

    VJP: for ``ord=None``, ``g * x / y``, and 0 where y is 0
    """
    order = ord if ord is None or isinstance(ord, str) else plain_scalar(ord, "linalg.norm")
    return _norm(x, order, plain_axis(axis, "linalg.norm"), keepdims)


# Determinants -------------------------------------------------------------------------------------


def _det_forward(x: Array) -> Array:
    return np.asarray(np.linalg.det(widened(x))).astype(x.dtype, copy=False)


def _cofactors(x: Array) -> Array:
    """Return the derivative of the determinant, of singular matrices too.

    With ``x = U diag(s) Vh`` it is ``det(U) det(Vh) U diag(p) Vh``, where p holds for each
    singular value the product of all others.
    """
    u, s, vh = np.linalg.svd(x)
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate((ones, s[..., :-1]), -1), -1)
    after = np.cumprod(np.concatenate((ones, s[..., :0:-1]), -1), -1)[..., ::-1]
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return np.asarray(sign[..., None, None] * ((u * (before * after)[..., None, :]) @ vh))


def _det_vjp(g: Array, x: Array) -> Array:
    if not x.size:
        return np.zeros_like(x)
    return g[..., None, None] * _cofactors(widened(x))


_det = Primitive(rules.det, _det_forward, _det_vjp)


def det(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Return the determinant of each matrix; a singular one has a gradient too.

    Shape: ``(*B, N, N) -> (*B,)``

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.linalg.det(tl.tensor([[2.0, 1.0], [4.0, 3.0]])).item(), 4)
        2.0

    VJP: ``g`` times the cofactors, ``g * y * inv(x).mT`` where there is an inverse
    """
    return _det(x)


def _slogdet_forward(x: Array) -> tuple[Array, ...]:
    return tuple(np.asarray(y).astype(x.dtype) for y in np.linalg.slogdet(widened(x)))


def _slogdet_vjp(g: tuple[Array, Array], x: Array) -> Array:
    return g[1][..., None, None] * transposed(_inverse(x, "linalg.slogdet"))


_slogdet = Primitive(rules.slogdet, _slogdet_forward, _slogdet_vjp, many=True)


def slogdet(x: Tensor[Any, T, D]) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Return sign and logarithm of the absolute value of the determinant of each matrix.

    Large matrices have determinants that no float can hold, whose logarithm one can. A singular
    matrix has sign 0 and logarithm ``-inf``.

    Shape: ``(*B, N, N) -> (*B,), (*B,)``

    Raises:
        ShapeError: the matrix is not square.
        LinAlgError: in the backward pass, the matrix is singular.

    Example:
        >>> import tensorlib as tl
        >>> sign, logarithm = tl.linalg.slogdet(tl.eye(500) * -0.1)
        >>> sign.item(), round(logarithm.item(), 2)
        (1.0, -1151.29)

    VJP: ``g * inv(x).mT`` of the logarithm, 0 of the sign
    """
    return _slogdet(x)


# Equations ----------------------------------------------------------------------------------------


def _inverse(x: Array, op: str = "linalg.inv") -> Array:
    y = solved(lambda: np.linalg.inv(widened(x)), op, _SINGULAR)
    return np.asarray(y).astype(x.dtype, copy=False)


_inv = Primitive(rules.inv, _inverse, lambda g, y: -(transposed(y) @ g @ transposed(y)), operands=1)


def inv(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the inverse of each matrix; to solve equations, `solve` is faster and more precise.

    Shape: ``(*B, N, N) -> (*B, N, N)``

    Raises:
        ShapeError: the matrix is not square.
        LinAlgError: it is singular.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.linalg.inv(tl.tensor([[2.0, 1.0], [4.0, 3.0]]))
        >>> tl.allclose(x, tl.tensor([[1.5, -0.5], [-2.0, 1.0]]))
        True

    VJP: ``-y.mT @ g @ y.mT``
    """
    return _inv(x)


def _solve_forward(a: Array, b: Array) -> Array:
    y = solved(lambda: np.linalg.solve(widened(a), widened(b)), "linalg.solve", _SINGULAR)
    return np.asarray(y).astype(a.dtype, copy=False)


def _right_side(g: Array, a: Array, b_shape: Shape) -> Array:
    """Return the cotangent of the right side: that of the result, through the transposed matrix."""
    if len(b_shape) > 1:
        return _solve_forward(transposed(a), g)
    return _solve_forward(transposed(a), g[..., None])[..., 0]


def _left_side(g: Array, a: Array, b_shape: Shape, y: Array) -> Array:
    right = _right_side(g, a, b_shape)
    if len(b_shape) > 1:
        return -(right @ transposed(y))
    return -(right[..., :, None] * y[..., None, :])


_solve = Primitive(rules.solve, _solve_forward, (_left_side, _right_side))


def solve(a: Tensor[Any, T, D], b: Tensor[Any, T2, D]) -> Tensor[Dims, T | T2, D]:
    """Return ``x`` with ``a @ x = b``.

    Shape: ``(*B, N, N), (*B, N, K) -> (*B, N, K)``, or ``(*B, N, N), (N,) -> (*B, N)``; as in
    NumPy, a ``b`` of one dimension is one vector, any other is made of matrices. Batch
    dimensions stretch one-sidedly.

    Raises:
        ShapeError: ``a`` is not square, ``b`` has another number of rows, or the batches do not
            fit.
        LinAlgError: ``a`` is singular.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> a, b = tl.tensor([[2.0, 1.0], [4.0, 3.0]]), tl.tensor([3.0, 7.0])
        >>> x = tl.linalg.solve(a, b)
        >>> tl.allclose(x, tl.tensor([1.0, 1.0])), tl.allclose(a @ x, b)
        (True, True)

    VJP: with ``h = solve(a.mT, g)``: ``-h @ y.mT, h``
    """
    return _solve(a, b)
