"""Running sums, products and extrema along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import products_before, widened
from tensorlib.shapes import scan as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _cumsum_forward(x: Array, axis: int) -> Array:
    y = np.asarray(np.add.accumulate(widened(x), axis=axis, dtype=widened(x).dtype))
    return y.astype(x.dtype, copy=False)


def _cumsum_vjp(g: Array, axis: int) -> Array:
    return np.flip(np.add.accumulate(np.flip(widened(g), axis), axis=axis), axis)


_cumsum = Primitive(rules.cumsum, _cumsum_forward, _cumsum_vjp)


def cumsum(x: Tensor[S, T, D], axis: int) -> Tensor[S, T, D]:
    """Return the sum of each element and all before it along an axis. Ints and bools give int64.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2, 3, 4]).cumsum(0).tolist()
        [1, 3, 6, 10]
        >>> tl.tensor([[1, 2], [3, 4]]).cumsum(1).tolist()
        [[1, 3], [3, 7]]

    VJP: the sum of each ``g`` and all behind it
    """
    return _cumsum(x, plain_int(axis, "cumsum"))


def _cumprod_forward(x: Array, axis: int) -> Array:
    y = np.asarray(np.multiply.accumulate(widened(x), axis=axis, dtype=widened(x).dtype))
    return y.astype(x.dtype, copy=False)


def _cumprod_vjp(g: Array, x: Array, axis: int) -> Array:
    # By multiplication only, as a division would fail at zeros: what stands behind an element
    # weighs in by r[i] = g[i] + x[i + 1] * r[i + 1], times the product of what stands before.
    factors, behind = np.moveaxis(widened(x), axis, 0), np.moveaxis(widened(g).copy(), axis, 0)
    for place in range(len(factors) - 2, -1, -1):
        behind[place] += factors[place + 1] * behind[place + 1]
    return np.moveaxis(behind * products_before(factors), 0, axis)


_cumprod = Primitive(rules.cumprod, _cumprod_forward, _cumprod_vjp)


def cumprod(x: Tensor[S, T, D], axis: int) -> Tensor[S, T, D]:
    """Return the product of each element and all before it along an axis.

    Ints and bools give int64.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2, 3, 4]).cumprod(0).tolist()
        [1, 2, 6, 24]

    VJP: the sum of ``g`` times the product of all other elements, for each product it is part of
    """
    return _cumprod(x, plain_int(axis, "cumprod"))


def _extremum(x: Array, axis: int, extremum: np.ufunc) -> tuple[Array, Array]:
    """Return the running extremum, and the index of the last element so far that equals it."""
    y = np.asarray(extremum.accumulate(x, axis=axis))
    places = np.arange(x.shape[axis]).reshape(-1, *(1,) * (x.ndim - 1 - axis % x.ndim))
    reached = (x == y) | (x != x)  # NaN, from which there is no way back, equals nothing
    return y, np.maximum.accumulate(np.where(reached, places, 0), axis=axis)


def _extremum_vjp(g: Array, saved: Array, axis: int) -> Array:
    """Add up, for each element, the cotangents of the results that it is."""
    result = np.zeros_like(widened(g))
    where: list[Array] = list(np.indices(g.shape, sparse=True))
    where[axis] = saved
    np.add.at(result, tuple(where), g)
    return result


_cummax = Primitive(
    rules.cummax, lambda x, axis: _extremum(x, axis, np.maximum), _extremum_vjp, saves=True
)
_cummin = Primitive(
    rules.cummin, lambda x, axis: _extremum(x, axis, np.minimum), _extremum_vjp, saves=True
)


def cummax(x: Tensor[S, T, D], axis: int) -> Tensor[S, T, D]:
    """Return the largest of each element and all before it along an axis; NaN from a NaN on.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 3, 2, 5]).cummax(0).tolist()
        [1, 3, 3, 5]

    VJP: to each element the sum of the ``g`` of all results that it is, the last of equal ones
    """
    return _cummax(x, plain_int(axis, "cummax"))


def cummin(x: Tensor[S, T, D], axis: int) -> Tensor[S, T, D]:
    """Return the smallest of each element and all before it along an axis; NaN from a NaN on.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([4, 5, 2, 3]).cummin(0).tolist()
        [4, 4, 2, 2]

    VJP: to each element the sum of the ``g`` of all results that it is, the last of equal ones
    """
    return _cummin(x, plain_int(axis, "cummin"))
