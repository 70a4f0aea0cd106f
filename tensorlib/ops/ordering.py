"""Ops that compare the elements along an axis: where the largest is, and what order they have.

NaN counts as larger than all numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import ordering as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import D, Dims, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


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

    Shape: along one axis ``(*A, N, *B) -> (*A, *B)``, or ``(*A, 1, *B)`` with ``keepdims``;
    for None ``()``

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[3, 9, 9], [5, 1, 2]])
        >>> x.argmax(1).tolist()
        [1, 0]
        >>> x.argmax().item()
        1
    """
    return _argmax(x, axis if axis is None else plain_int(axis, "argmax"), keepdims)


def argmin(
    x: Tensor[Any, Any, Any], axis: int | None = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Return the index of the first smallest element along an axis; of all, flattened, for None.

    Records nothing: the operand keeps its tape.

    Shape: along one axis ``(*A, N, *B) -> (*A, *B)``, or ``(*A, 1, *B)`` with ``keepdims``;
    for None ``()``

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[3, 9, 9], [5, 1, 2]])
        >>> x.argmin(1).tolist()
        [0, 1]
        >>> x.argmin(0, keepdims=True).tolist()
        [[0, 1, 1]]
    """
    return _argmin(x, axis if axis is None else plain_int(axis, "argmin"), keepdims)


def _order(x: Array, axis: int, descending: bool) -> Array:
    """Return the indices that sort the elements along an axis, equal ones in their own order."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    # Sorted backwards and read backwards, equal elements keep their order.
    mirrored = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(mirrored, axis)


def _sort_forward(x: Array, axis: int, descending: bool) -> tuple[Array, Array]:
    order = _order(x, axis, descending)
    return np.take_along_axis(x, order, axis), order


def _put_back(g: Array, indices: Array, shape: tuple[int, ...], axis: int) -> Array:
    """Return zeros of a shape, with g where the indices say."""
    result = np.zeros(shape, g.dtype)
    np.put_along_axis(result, indices, g, axis)
    return result


_sort = Primitive(
    rules.sort,
    _sort_forward,
    lambda g, saved, x_shape, axis: _put_back(g, saved, x_shape, axis),
    saves=True,
)


def sort(x: Tensor[S, T, D], axis: int = -1, descending: bool = False) -> Tensor[S, T, D]:
    """Sort the elements along an axis, the smallest first, or the largest if descending.

    Equal elements keep their order; NaN counts as the largest.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[3, 1, 2], [9, 7, 8]]).sort().tolist()
        [[1, 2, 3], [7, 8, 9]]
        >>> tl.tensor([3, 1, 2]).sort(descending=True).tolist()
        [3, 2, 1]

    VJP: ``g``, each to where its element came from
    """
    return _sort(x, plain_int(axis, "sort"), bool(descending))


_argsort = Primitive(rules.argsort, _order, None, operands=1)


def argsort(
    x: Tensor[S, Any, Any], axis: int = -1, descending: bool = False
) -> Tensor[S, NoTape, np.int64]:
    """Return the indices of the elements along an axis in sorted order; see `sort`.

    Records nothing: the operand keeps its tape.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([30, 10, 20])
        >>> x.argsort().tolist()
        [1, 2, 0]
        >>> x[x.argsort()].tolist()
        [10, 20, 30]
    """
    return _argsort(x, plain_int(axis, "argsort"), bool(descending))


def _chosen(x: Array, k: int, axis: int, largest: bool) -> Array:
    """Return the indices of the k largest or smallest elements along an axis, in their order."""
    rows = np.moveaxis(x, axis, -1)
    count = rows.shape[-1]
    if 0 < k <= count // 8:  # else sorting everything costs no more
        place = count - k if largest else k - 1
        edge = np.partition(rows, place, axis=-1)[..., place, None]
        chosen = ~(rows < edge if largest else rows > edge)
        if np.count_nonzero(chosen) == k * edge.size:  # no row has more: of equals, or NaN
            places = np.nonzero(chosen)[-1].reshape(*edge.shape[:-1], k)
            order = _order(np.take_along_axis(rows, places, -1), -1, largest)
            return np.moveaxis(np.take_along_axis(places, order, -1), -1, axis)
    return np.take(_order(x, axis, largest), np.arange(k), axis)


def _topk_forward(x: Array, k: int, axis: int, largest: bool) -> tuple[tuple[Array, Array], Array]:
    indices = _chosen(x, k, axis, largest)
    return (np.take_along_axis(x, indices, axis), indices), indices


_topk = Primitive(
    rules.topk,
    _topk_forward,
    lambda g, saved, x_shape, axis: _put_back(g[0], saved, x_shape, axis),
    saves=True,
    many=True,
)


def topk(
    x: Tensor[Any, T, D], k: int, axis: int = -1, largest: bool = True
) -> tuple[Tensor[Dims, T, D], Tensor[Dims, NoTape, np.int64]]:
    """Return the k largest elements along an axis in sorted order, and their indices.

    Shape: ``(*A, N, *B) -> (*A, k, *B), (*A, k, *B)``

    Args:
        x: any shape but a scalar's.
        k: how many; of equal elements the first ones are taken.
        axis: along which to look.
        largest: False for the k smallest elements.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are fewer than k elements along the axis.

    Example:
        >>> import tensorlib as tl
        >>> values, indices = tl.tensor([3, 9, 4]).topk(2)
        >>> values.tolist(), indices.tolist()
        ([9, 4], [1, 2])

    VJP: ``g`` to the elements that were taken, 0 to the others
    """
    return _topk(x, plain_int(k, "topk", "k"), plain_int(axis, "topk"), bool(largest))
