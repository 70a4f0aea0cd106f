"""Ops that rearrange elements: reshape, flatten, permute, transpose, broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from tensorlib.ops.arguments import one_tuple, plain_axis, plain_int, plain_ints
from tensorlib.ops.primitive import Primitive, not_a_tensor
from tensorlib.shapes import manipulation as rules
from tensorlib.tape import Array, Value
from tensorlib.typevars import Axis, D, Dims, PlainAxis, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

_reshape = Primitive(
    rules.reshape,
    lambda x, shape: x.reshape(shape),
    lambda g, x_shape: g.reshape(x_shape),
    view=True,
)


def reshape(x: Tensor[Any, T, D], shape: Sequence[int], *more: Never) -> Tensor[Dims, T, D]:
    """Return the elements in another shape; one dimension may be -1: whatever is left.

    Raises:
        ShapeError: the number of elements differs, or the rest does not come out even.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(6).reshape((2, 3)).tolist()
        [[0, 1, 2], [3, 4, 5]]
        >>> tl.ones((8, 3, 4)).reshape((8, -1)).shape
        (8, 12)

    VJP: ``reshape(g)``
    """
    return _reshape(x, one_tuple(shape, "reshape", more=more))


def _flatten_forward(x: Array, start_axis: int, end_axis: int) -> Array:
    return x.reshape(rules.flatten(x.shape, start_axis, end_axis))


_flatten = Primitive(
    rules.flatten, _flatten_forward, lambda g, x_shape: g.reshape(x_shape), view=True
)


def flatten(x: Tensor[Any, T, D], start_axis: int = 0, end_axis: int = -1) -> Tensor[Dims, T, D]:
    """Merge the axes from start to end, both included, into one; a scalar has axis 0 here.

    Shape: from axis 1 on, ``(L, M, N) -> (L, M*N)``

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: the start lies behind the end.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((8, 3, 4)).flatten(1).shape
        (8, 12)
        >>> tl.tensor([[1, 2], [3, 4]]).flatten().tolist()
        [1, 2, 3, 4]

    VJP: ``reshape(g)``
    """
    return _flatten(x, plain_int(start_axis, "flatten"), plain_int(end_axis, "flatten"))


_permute = Primitive(
    rules.permute,
    lambda x, axes: x.transpose(axes),
    lambda g, axes: g.transpose(np.argsort([axis % len(axes) for axis in axes])),
    view=True,
)


def permute(x: Tensor[Any, T, D], axes: Sequence[int], *more: Never) -> Tensor[Dims, T, D]:
    """Return the axes in a new order.

    Shape: for ``(2, 0, 1)``, ``(L, M, N) -> (N, L, M)``

    Raises:
        ShapeError: the axes do not name each axis once.
        IndexOutOfRangeError: the tensor lacks an axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((8, 32, 16, 3)).permute((0, 3, 1, 2)).shape
        (8, 3, 32, 16)

    VJP: the inverse order
    """
    return _permute(x, one_tuple(axes, "permute", "axes", more=more))


_transpose = Primitive(
    rules.transpose,
    lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    lambda g, axis1, axis2: g.swapaxes(axis1, axis2),
    view=True,
)


def transpose(x: Tensor[Any, T, D], axis1: int = -2, axis2: int = -1) -> Tensor[Dims, T, D]:
    """Exchange two axes, by default the last two.

    Shape: ``(*B, M, N) -> (*B, N, M)`` for the last two

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1, 2], [3, 4]]).transpose().tolist()
        [[1, 3], [2, 4]]
        >>> tl.ones((2, 3, 4)).transpose(0, 1).shape
        (3, 2, 4)

    VJP: ``transpose(g)``
    """
    return _transpose(x, plain_int(axis1, "transpose"), plain_int(axis2, "transpose"))


_matrix_transpose = Primitive(
    rules.matrix_transpose,
    lambda x: x.swapaxes(-2, -1),
    lambda g: g.swapaxes(-2, -1),
    view=True,
)


def matrix_transpose(x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Exchange rows and columns of each matrix, that is, the last two axes; written ``x.mT``.

    Shape: ``(*B, M, N) -> (*B, N, M)``

    Raises:
        ShapeError: the tensor has fewer than two axes.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((8, 2, 3)).mT.shape
        (8, 3, 2)

    VJP: ``matrix_transpose(g)``
    """
    return _matrix_transpose(x)


_expand_dims = Primitive(
    rules.expand_dims,
    lambda x, axis: np.expand_dims(x, axis),
    lambda g, x_shape: g.reshape(x_shape),
    view=True,
)


def expand_dims(x: Tensor[Any, T, D], axis: int) -> Tensor[Dims, T, D]:
    """Add an axis of length 1, which the result has at the place named.

    Shape: for axis 1, ``(M, N) -> (M, 1, N)``

    Raises:
        IndexOutOfRangeError: the result would lack the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((2, 3)).expand_dims(1).shape
        (2, 1, 3)
        >>> tl.ones((2, 3)).expand_dims(-1).shape
        (2, 3, 1)

    VJP: ``reshape(g)``
    """
    return _expand_dims(x, plain_int(axis, "expand_dims"))


_squeeze = Primitive(
    rules.squeeze,
    lambda x, axis: np.squeeze(x, axis),
    lambda g, x_shape: g.reshape(x_shape),
    view=True,
)


def squeeze(x: Tensor[Any, T, D], axis: int | Sequence[int]) -> Tensor[Dims, T, D]:
    """Drop axes, each of length 1.

    Shape: for axis 1, ``(M, 1, N) -> (M, N)``

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice, or has another length.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((2, 1, 3, 1)).squeeze(1).shape
        (2, 3, 1)
        >>> tl.ones((2, 1, 3, 1)).squeeze((1, -1)).shape
        (2, 3)

    VJP: ``reshape(g)``
    """
    return _squeeze(x, _ints(axis, "squeeze"))


def _ints(values: int | Sequence[int], op: str) -> int | tuple[int, ...]:
    """Return one int or several as Python's."""
    return plain_ints(values, op, "axes") if isinstance(values, Sequence) else plain_int(values, op)


_flip = Primitive(
    rules.flip, lambda x, axis: np.flip(x, axis), lambda g, axis: np.flip(g, axis), view=True
)


def flip(x: Tensor[S, T, D], axis: Axis = None) -> Tensor[S, T, D]:
    """Reverse the order of the elements along some axes, or all of them for None.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 2], [3, 4]])
        >>> x.flip(1).tolist()
        [[2, 1], [4, 3]]
        >>> x.flip().tolist()
        [[4, 3], [2, 1]]

    VJP: ``flip(g)``
    """
    return _flip(x, plain_axis(axis, "flip"))


def _rolled(x: Array, shift: int | tuple[int, ...], axis: PlainAxis) -> Array:
    return np.roll(x, shift, axis) if x.ndim else x.copy()  # NumPy takes no axes of a scalar


def _roll_vjp(g: Array, shift: int | tuple[int, ...], axis: PlainAxis) -> Array:
    back = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    return _rolled(g, back, axis)


_roll = Primitive(rules.roll, _rolled, _roll_vjp)


def roll(x: Tensor[S, T, D], shift: int | Sequence[int], axis: Axis = None) -> Tensor[S, T, D]:
    """Move elements along axes; those moved beyond the end come in at the start.

    One shift is for all axes named; several are for one axis each. For None, the tensor is
    flattened first, and has its shape again afterwards.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: an axis is named twice, or there are more or fewer axes than shifts.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2, 3, 4]).roll(1).tolist()
        [4, 1, 2, 3]
        >>> tl.tensor([[1, 2], [3, 4], [5, 6]]).roll(-1, axis=0).tolist()
        [[3, 4], [5, 6], [1, 2]]

    VJP: ``roll(g, -shift)``
    """
    return _roll(x, _ints(shift, "roll"), plain_axis(axis, "roll"))


def _tile_vjp(g: Array, x_shape: tuple[int, ...], repeats: tuple[int, ...]) -> Array:
    rank = max(len(repeats), len(x_shape))
    dims = (1,) * (rank - len(x_shape)) + x_shape
    counts = (1,) * (rank - len(repeats)) + repeats
    pairs = [size for pair in zip(counts, dims, strict=True) for size in pair]
    copies = np.add.reduce(g.reshape(pairs), axis=tuple(range(0, 2 * rank, 2)))
    return np.asarray(copies).reshape(x_shape)


_tile = Primitive(rules.tile, lambda x, repeats: np.tile(x, repeats), _tile_vjp)


def tile(x: Tensor[Any, T, D], repeats: Sequence[int], *more: Never) -> Tensor[Dims, T, D]:
    """Lay copies of the tensor side by side, so many along each of the last axes.

    Where there are more numbers than axes, axes of length 1 are added in front.

    Shape: for ``(K, L)``, ``(M, N) -> (K*M, L*N)``

    Raises:
        ShapeError: a number of repeats is negative.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2]).tile((2,)).tolist()
        [1, 2, 1, 2]
        >>> tl.ones((2, 3)).tile((4, 1, 2)).shape
        (4, 2, 6)

    VJP: sum of ``g`` over the copies
    """
    return _tile(x, one_tuple(repeats, "tile", "repeats", more=more))


_tril = Primitive(rules.tril, lambda x, k: np.tril(x, k), lambda g, k: np.tril(g, k))
_triu = Primitive(rules.triu, lambda x, k: np.triu(x, k), lambda g, k: np.triu(g, k))


def tril(x: Tensor[S, T, D], k: int = 0) -> Tensor[S, T, D]:
    """Keep the lower triangle of each matrix, up to the k-th diagonal; 0 above it.

    Raises:
        ShapeError: the tensor has fewer than two axes.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.ones((3, 3), np.int64).tril().tolist()
        [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
        >>> tl.ones((3, 3), np.int64).tril(-1).tolist()
        [[0, 0, 0], [1, 0, 0], [1, 1, 0]]

    VJP: ``tril(g)``
    """
    return _tril(x, plain_int(k, "tril"))


def triu(x: Tensor[S, T, D], k: int = 0) -> Tensor[S, T, D]:
    """Keep the upper triangle of each matrix, from the k-th diagonal on; 0 below it.

    Raises:
        ShapeError: the tensor has fewer than two axes.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.ones((3, 3), np.int64).triu().tolist()
        [[1, 1, 1], [0, 1, 1], [0, 0, 1]]
        >>> tl.ones((3, 3), np.int64).triu(1).tolist()
        [[0, 1, 1], [0, 0, 1], [0, 0, 0]]

    VJP: ``triu(g)``
    """
    return _triu(x, plain_int(k, "triu"))


_broadcast_to = Primitive(
    rules.broadcast_to,
    lambda x, shape: np.broadcast_to(x, shape).copy(),
    lambda g: g,
)


def broadcast_to(x: Tensor[Any, T, D], shape: Sequence[int], *more: Never) -> Tensor[Dims, T, D]:
    """Stretch dimensions of 1 and add leading ones until the shape is reached.

    Shape: for ``(L, M, N)``, ``(M, 1) -> (L, M, N)``

    Raises:
        ShapeError: the shape cannot be reached so.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1], [2]]).broadcast_to((2, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]

    VJP: sum over the stretched axes
    """
    return _broadcast_to(x, one_tuple(shape, "broadcast_to", more=more))


_broadcast_like = Primitive(
    rules.broadcast_like,
    lambda x, other: np.broadcast_to(x, other).copy(),
    lambda g: g,
)


def broadcast_like(x: Tensor[Any, T, D], other: Tensor[Any, Any, Any]) -> Tensor[Dims, T, D]:
    """Stretch x to the shape of another tensor, which is only read; PyTorch's ``expand_as``.

    Shape: ``(M, 1), (L, M, N) -> (L, M, N)``

    Raises:
        ShapeError: the shape cannot be reached so.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[1], [2]]).broadcast_like(tl.ones((2, 3))).tolist()
        [[1, 1, 1], [2, 2, 2]]

    VJP: sum over the stretched axes
    """
    if not isinstance(other, Value):
        raise not_a_tensor(other, "broadcast_like")
    return _broadcast_like(x, other._data.shape)


_expect_shape = Primitive(rules.expect_shape, lambda x, shape: x, lambda g: g, view=True)


def expect_shape(x: Tensor[Any, T, D], shape: S) -> Tensor[S, T, D]:
    """State the shape of a tensor whose shape the checker does not know; -1 may be anything.

    Moves the tape, like any op.

    Raises:
        ShapeError: the tensor has another shape.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 2], [3, 4]])
        >>> x[x > 1].expect_shape((3,)).tolist()
        [2, 3, 4]

    VJP: ``g``
    """
    return _expect_shape(x, plain_ints(shape, "expect_shape"))
