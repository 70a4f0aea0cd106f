"""Ops that join several operands into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_int
from tensorlib.ops.variadic import Variadic
from tensorlib.shapes import joining as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _concat_forward(arrays: Sequence[Array], axis: int) -> Array:
    return np.concatenate(arrays, axis=axis)


def _concat_vjp(g: Array, operand: int, shapes: Sequence[tuple[int, ...]], axis: int) -> Array:
    start = sum(shape[axis] for shape in shapes[:operand])
    place = [slice(None)] * g.ndim
    place[axis] = slice(start, start + shapes[operand][axis])
    return g[tuple(place)]


_concat = Variadic(rules.concat, _concat_forward, _concat_vjp)


def concat(xs: Sequence[Tensor[Any, T, D]], axis: int = 0) -> Tensor[Dims, T, D]:
    """Join tensors along an axis that they have.

    Shape: along axis 0, ``(M, K), (N, K) -> (M + N, K)``

    Raises:
        ShapeError: there is no tensor, or the shapes differ elsewhere than along the axis.
        IndexOutOfRangeError: the tensors lack the axis.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.concat([tl.tensor([1, 2]), tl.tensor([3])]).tolist()
        [1, 2, 3]
        >>> tl.concat([tl.ones((2, 3)), tl.ones((2, 5))], axis=1).shape
        (2, 8)

    VJP: each operand's part of ``g``
    """
    return _concat(xs, plain_int(axis, "concat"))


def _stack_forward(arrays: Sequence[Array], axis: int) -> Array:
    return np.stack(arrays, axis=axis)


def _stack_vjp(g: Array, operand: int, shapes: Sequence[tuple[int, ...]], axis: int) -> Array:
    return np.take(g, operand, axis=axis)


_stack = Variadic(rules.stack, _stack_forward, _stack_vjp)


def stack(xs: Sequence[Tensor[Any, T, D]], axis: int = 0) -> Tensor[Dims, T, D]:
    """Join tensors of one shape along a new axis.

    Shape: of three, ``(M, N), (M, N), (M, N) -> (3, M, N)`` along axis 0

    Raises:
        ShapeError: there is no tensor, or the shapes differ.
        IndexOutOfRangeError: the result would lack the axis.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.stack([tl.tensor([1, 2]), tl.tensor([3, 4])]).tolist()
        [[1, 2], [3, 4]]
        >>> tl.stack([tl.tensor([1, 2]), tl.tensor([3, 4])], axis=1).tolist()
        [[1, 3], [2, 4]]

    VJP: each operand's part of ``g``
    """
    return _stack(xs, plain_int(axis, "stack"))
