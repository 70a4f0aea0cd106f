"""How alike vectors are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlib.ops.arguments import plain_int, plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import widened
from tensorlib.shapes import similarity as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


class _Direction(NamedTuple):
    """A vector divided by its length, and that length, no less than eps."""

    unit: Array
    length: Array
    is_short: Array


class Cosines(NamedTuple):
    """The cosines between vectors, with what their derivatives need."""

    values: Array
    first: _Direction
    second: _Direction


def cosines(x1: Array, x2: Array, axis: int, eps: float) -> Cosines:
    """Return the cosines between vectors, the axis kept with length 1, float16 in float32."""
    # The slope at a vector of length 0 is 1 / eps, which is to be a number in float16 as well.
    eps = max(eps, float(np.finfo(np.result_type(x1, x2)).tiny))
    wide1, wide2 = np.broadcast_arrays(widened(x1), widened(x2))
    first, second = _direction(wide1, axis, eps), _direction(wide2, axis, eps)
    values = np.add.reduce(first.unit * second.unit, axis=axis, keepdims=True)
    return Cosines(values, first, second)


def _direction(x: Array, axis: int, eps: float) -> _Direction:
    # The largest element is taken out, so that no square is infinite or 0 where x is not.
    largest = np.maximum.reduce(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((largest > 0) & (largest < np.inf), largest, 1)
    ratio = x / scale
    root = np.sqrt(np.add.reduce(ratio * ratio, axis=axis, keepdims=True))
    with np.errstate(over="ignore"):
        length = scale * root
        is_short = ~(length > eps) & (length == length)
        unit = np.where(is_short, x / eps, ratio / np.where(is_short, 1, root))
    return _Direction(unit, np.where(is_short, eps, length), is_short)


def cosine_slope(one: _Direction, other: _Direction, values: Array) -> Array:
    """Return the derivative of the cosine by one of the vectors."""
    along = np.where(one.is_short, 0, values)
    return np.asarray((other.unit - along * one.unit) / one.length)


def _forward(x1: Array, x2: Array, axis: int, eps: float) -> tuple[Array, Cosines]:
    found = cosines(x1, x2, axis, eps)
    dtype = np.result_type(x1, x2)
    return np.squeeze(found.values, axis).astype(dtype, copy=False), found


def _vjp1(g: Array, saved: Cosines, axis: int) -> Array:
    slope = cosine_slope(saved.first, saved.second, saved.values)
    return slope * np.expand_dims(g, axis)


def _vjp2(g: Array, saved: Cosines, axis: int) -> Array:
    slope = cosine_slope(saved.second, saved.first, saved.values)
    return slope * np.expand_dims(g, axis)


_cosine_similarity = Primitive(rules.cosine_similarity, _forward, (_vjp1, _vjp2), saves=True)


def cosine_similarity(
    x1: Tensor[Any, T, D], x2: Tensor[Any, T2, D], axis: int = -1, eps: float = 1e-8
) -> Tensor[Dims, T | T2, D]:
    """Return the cosine of the angle between vectors, from -1 to 1.

    Shape: ``(*B, N), (*B, N) -> (*B)`` for vectors along the last axis; one operand may stretch
    to the other's shape.

    Args:
        x1: vectors.
        x2: other vectors.
        axis: the axis along which the vectors lie.
        eps: a length below it counts as it, so that the cosine of a zero vector is 0.

    Raises:
        ShapeError: the shapes do not fit.
        IndexOutOfRangeError: the tensors lack the axis.
        DtypeError: float64 meets another float dtype.
        ValueError: eps is not positive.

    Example:
        >>> import tensorlib as tl
        >>> x1, x2 = tl.tensor([[1.0, 0.0], [3.0, 4.0]]), tl.tensor([[0.0, 2.0], [6.0, 8.0]])
        >>> [round(cosine, 4) for cosine in tl.cosine_similarity(x1, x2).tolist()]
        [0.0, 1.0]

    VJP: ``g * (u2 - cos * u1) / |x1|`` with the unit vectors u1 and u2, and the same with both
    exchanged; ``g * u2 / eps`` for a vector shorter than eps
    """
    eps = float(plain_scalar(eps, "cosine_similarity"))
    if not eps > 0:
        raise ValueError(f"cosine_similarity: eps must be positive, got {eps:g}")
    return _cosine_similarity(x1, x2, plain_int(axis, "cosine_similarity"), eps)
