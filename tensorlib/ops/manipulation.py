"""Ops that rearrange elements: reshape, flatten, permute, transpose, broadcasting, indexing."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlib.ops.arguments import plain_index, plain_int, plain_ints
from tensorlib.ops.primitive import Primitive, not_a_tensor
from tensorlib.shapes import indexing as indexing_rules
from tensorlib.shapes import manipulation as rules
from tensorlib.tape import Array, Value, share_tapes
from tensorlib.typevars import D, Dims, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

IndexItem: TypeAlias = "int | slice[Any, Any, Any] | EllipsisType | None"
Index: TypeAlias = "IndexItem | tuple[IndexItem, ...]"

_reshape = Primitive(
    rules.reshape,
    lambda x, shape: x.reshape(shape),
    lambda g, x_shape: g.reshape(x_shape),
    view=True,
)


def reshape(x: Tensor[Any, T, D], shape: tuple[int, ...]) -> Tensor[Dims, T, D]:
    """Return the elements in another shape; one dimension may be -1: whatever is left.

    Raises:
        ShapeError: the number of elements differs, or the rest does not come out even.

    VJP: ``reshape(g)``
    """
    return _reshape(x, plain_ints(shape, "reshape"))


def _flatten_forward(x: Array, start_axis: int, end_axis: int) -> Array:
    return x.reshape(rules.flatten(x.shape, start_axis, end_axis))


_flatten = Primitive(
    rules.flatten, _flatten_forward, lambda g, x_shape: g.reshape(x_shape), view=True
)


def flatten(x: Tensor[Any, T, D], start_axis: int = 0, end_axis: int = -1) -> Tensor[Dims, T, D]:
    """Merge the axes from start to end, both included, into one; a scalar becomes ``(1,)``.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.
        ShapeError: the start lies behind the end.

    VJP: ``reshape(g)``
    """
    return _flatten(x, plain_int(start_axis, "flatten"), plain_int(end_axis, "flatten"))


_permute = Primitive(
    rules.permute,
    lambda x, axes: x.transpose(axes),
    lambda g, axes: g.transpose(np.argsort([axis % len(axes) for axis in axes])),
    view=True,
)


def permute(x: Tensor[Any, T, D], axes: tuple[int, ...]) -> Tensor[Dims, T, D]:
    """Return the axes in a new order.

    Raises:
        ShapeError: the axes do not name each axis once.

    VJP: the inverse order
    """
    return _permute(x, plain_ints(axes, "permute", "axes"))


_transpose = Primitive(
    rules.transpose,
    lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    lambda g, axis1, axis2: g.swapaxes(axis1, axis2),
    view=True,
)


def transpose(x: Tensor[Any, T, D], axis1: int = -2, axis2: int = -1) -> Tensor[Dims, T, D]:
    """Exchange two axes, by default the last two.

    Raises:
        IndexOutOfRangeError: the tensor lacks an axis.

    VJP: ``transpose(g)``
    """
    return _transpose(x, plain_int(axis1, "transpose"), plain_int(axis2, "transpose"))


_broadcast_to = Primitive(
    rules.broadcast_to,
    lambda x, shape: np.broadcast_to(x, shape).copy(),
    lambda g: g,
)


def broadcast_to(x: Tensor[Any, T, D], shape: tuple[int, ...]) -> Tensor[Dims, T, D]:
    """Stretch dimensions of 1 and add leading ones until the shape is reached.

    Raises:
        ShapeError: the shape cannot be reached so.

    VJP: sum over the stretched axes
    """
    return _broadcast_to(x, plain_ints(shape, "broadcast_to"))


def broadcast_arrays(
    x1: Tensor[Any, T, D], x2: Tensor[Any, T, D]
) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Stretch both tensors to their common shape, the explicit form of two-sided broadcasting.

    Each result owns a tape with the history of both operands, if one of them owns a tape.

    Raises:
        ShapeError: dimensions differ and neither is 1.

    VJP: sum over the stretched axes
    """
    for x in (x1, x2):
        if not isinstance(x, Value):
            raise not_a_tensor(x, "broadcast_arrays")
    shape, _ = rules.broadcast_arrays(x1.shape, x2.shape)
    first, second = share_tapes((x1, x2), "broadcast_arrays")
    return _broadcast_to(first, shape), _broadcast_to(second, shape)


def _getitem_vjp(g: Array, x_shape: tuple[int, ...], index: Index) -> Array:
    result = np.zeros(x_shape, g.dtype)
    result[index] = g
    return result


_getitem = Primitive(indexing_rules.getitem, lambda x, index: x[index], _getitem_vjp, view=True)


def getitem(x: Tensor[Any, T, D], index: Index) -> Tensor[Dims, T, D]:
    """Select by ints, slices, None and ``...``; written ``x[index]``.

    Raises:
        IndexOutOfRangeError: an int lies outside its axis, or there are more items than axes.

    VJP: ``g`` at the selected places, 0 elsewhere
    """
    return _getitem(x, plain_index(index))


_expect_shape = Primitive(rules.expect_shape, lambda x, shape: x, lambda g: g, view=True)


def expect_shape(x: Tensor[Any, T, D], shape: S) -> Tensor[S, T, D]:
    """State the shape of a tensor whose shape the checker does not know; -1 may be anything.

    Moves the tape, like any op.

    Raises:
        ShapeError: the tensor has another shape.

    VJP: ``g``
    """
    return _expect_shape(x, plain_ints(shape, "expect_shape"))
