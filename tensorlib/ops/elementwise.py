"""Elementwise ops of one and two operands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.blocks import positive_part, where_positive
from tensorlib.ops.kernels import compiled
from tensorlib.ops.primitive import Primitive, dtype_name
from tensorlib.ops.special import logistic
from tensorlib.shapes import elementwise as rules
from tensorlib.shapes.errors import DtypeError
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import T2, D, Dims, S, Scalar, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

# One operand ------------------------------------------------------------------------------------

_neg = Primitive(rules.neg, np.negative, lambda g: -g)


def neg(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Negate each element; also ``-x``.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> (-tl.tensor([1, -2])).tolist()
        [-1, 2]

    VJP: ``-g``
    """
    return _neg(x)


_abs = Primitive(rules.abs_, np.absolute, lambda g, x: g * np.sign(x))


def abs(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the absolute value of each element.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-3, 0, 2]).abs().tolist()
        [3, 0, 2]

    VJP: ``g * sign(x)``, 0 at 0
    """
    return _abs(x)


_square = Primitive(rules.square, np.square, lambda g, x: g * (2 * x))


def square(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Multiply each element by itself.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-3, 2]).square().tolist()
        [9, 4]

    VJP: ``g * 2 * x``
    """
    return _square(x)


def _relu_forward(x: Array) -> Array:
    return positive_part(x) if x.dtype.kind == "f" else np.maximum(x, x.dtype.type(0))


# Chosen, not multiplied by 0: an infinite cotangent must not become NaN where nothing flows.
_relu = Primitive(rules.relu, _relu_forward, lambda g, y: where_positive(y, g), elementwise=True)


def relu(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``max(x, 0)`` of each element.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-1.5, 0.0, 2.0]).relu().tolist()
        [0.0, 0.0, 2.0]

    VJP: ``g`` where x > 0, else 0
    """
    return _relu(x)


def _clip_forward(x: Array, min: float | None, max: float | None) -> Array:
    try:
        rules.limits(x.dtype.name, *(dtype_name(each) for each in (min, max) if each is not None))
    except DtypeError as error:
        raise error.named("clip") from None
    return np.clip(x, min, max)


def _clip_vjp(g: Array, x: Array, min: float | None, max: float | None) -> Array:
    inside = np.ones(x.shape, bool)
    if min is not None:
        inside &= x >= min
    if max is not None:
        inside &= x <= max
    return np.where(inside, g, 0)


_clip = Primitive(rules.clip, _clip_forward, _clip_vjp)


def clip(
    x: Tensor[S, T, D], min: Scalar | None = None, max: Scalar | None = None
) -> Tensor[S, T, D]:
    """Limit each element to the closed interval from min to max; None means no limit.

    Raises:
        ValueError: both limits are None.
        DtypeError: a limit is a float while the elements are ints, or these are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-5, 0, 5]).clip(-1, 3).tolist()
        [-1, 0, 3]
        >>> tl.tensor([-5, 0, 5]).clip(min=0).tolist()
        [0, 0, 5]

    VJP: ``g`` where min <= x <= max, else 0
    """
    if min is None and max is None:
        raise ValueError("clip: at least one of min and max must be given")
    low, high = (None if limit is None else plain_scalar(limit, "clip") for limit in (min, max))
    return _clip(x, low, high)


_sqrt = Primitive(rules.sqrt, np.sqrt, lambda g, y: g / (2 * y))


def sqrt(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the square root of each element; NaN below 0.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([9.0, 0.25]).sqrt().tolist()
        [3.0, 0.5]

    VJP: ``g / (2 * sqrt(x))``
    """
    return _sqrt(x)


@compiled("elementwise.exp", light=True)
def _exp_forward(x: Array) -> Array:
    return np.exp(x)


_exp = Primitive(rules.exp, _exp_forward, lambda g, y: g * y, elementwise=True)


def exp(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return e to the power of each element.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor(0.0).exp().item()
        1.0
        >>> round(tl.tensor(1.0).exp().item(), 4)
        2.7183

    VJP: ``g * exp(x)``
    """
    return _exp(x)


_log = Primitive(rules.log, np.log, lambda g, x: g / x)


def log(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the natural logarithm of each element; -inf at 0, NaN below.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor(1.0).log().item()
        0.0
        >>> round(tl.tensor(10.0).log().item(), 4)
        2.3026

    VJP: ``g / x``
    """
    return _log(x)


_sin = Primitive(rules.sin, np.sin, lambda g, x: g * np.cos(x))


def sin(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the sine of each element, in radians.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).sin().item(), 4)
        0.8415

    VJP: ``g * cos(x)``
    """
    return _sin(x)


_cos = Primitive(rules.cos, np.cos, lambda g, x: g * -np.sin(x))


def cos(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the cosine of each element, in radians.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).cos().item(), 4)
        0.5403

    VJP: ``-g * sin(x)``
    """
    return _cos(x)


@compiled("elementwise.tanh_vjp", light=True)
def _tanh_vjp(g: Array, y: Array) -> Array:
    return g * (1 - y * y)


_tanh = Primitive(rules.tanh, np.tanh, _tanh_vjp)


def tanh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the hyperbolic tangent of each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).tanh().item(), 4)
        0.7616

    VJP: ``g * (1 - tanh(x)^2)``
    """
    return _tanh(x)


@compiled("elementwise.logistic_vjp", light=True)
def _sigmoid_vjp(g: Array, y: Array) -> Array:
    return g * (y * (1 - y))


_sigmoid = Primitive(rules.sigmoid, logistic, _sigmoid_vjp, elementwise=True)


def sigmoid(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``1 / (1 + exp(-x))`` of each element.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor(0.0).sigmoid().item()
        0.5
        >>> round(tl.tensor(2.0).sigmoid().item(), 4)
        0.8808

    VJP: ``g * s * (1 - s)`` with s = sigmoid(x)
    """
    return _sigmoid(x)


# Two operands, one of which may stretch ---------------------------------------------------------

_add = Primitive(rules.add, np.add, (lambda g: g, lambda g: g))


def add(x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar) -> Tensor[Dims, T | T2, D]:
    """Add elementwise; also ``x1 + x2``. One operand may stretch to the shape of the other.

    Shape: ``(*B, M, N), (N,) -> (*B, M, N)``, ``(M, 1), (M, N) -> (M, N)``; in ``(M, 1), (1, N)``
    both would have to stretch, for which there is `broadcast_arrays`.

    Raises:
        ShapeError: neither shape stretches to the other.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([[1, 2], [3, 4]]) + tl.tensor([10, 20])).tolist()
        [[11, 22], [13, 24]]
        >>> (1 + tl.tensor([0.5])).tolist()
        [1.5]

    VJP: ``g, g``
    """
    return _add(x1, x2)


_subtract = Primitive(rules.subtract, np.subtract, (lambda g: g, lambda g: -g))


def subtract(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Subtract elementwise; also ``x1 - x2``. Shapes and errors as for `add`.

    Raises:
        DtypeError: both operands are bools.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([5, 7]) - tl.tensor([1, 2])).tolist()
        [4, 5]

    VJP: ``g, -g``
    """
    return _subtract(x1, x2)


_multiply = Primitive(rules.multiply, np.multiply, (lambda g, x2: g * x2, lambda g, x1: g * x1))


def multiply(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Multiply elementwise; also ``x1 * x2``. Shapes and errors as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([[1, 2], [3, 4]]) * tl.tensor([[10], [100]])).tolist()
        [[10, 20], [300, 400]]

    VJP: ``g * x2, g * x1``
    """
    return _multiply(x1, x2)


_divide = Primitive(
    rules.divide, np.true_divide, (lambda g, x2: g / x2, lambda g, y, x2: -g * y / x2)
)


def divide(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Divide elementwise; also ``x1 / x2``. Ints give float32. Shapes and errors as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([3, 4]) / 2).tolist()
        [1.5, 2.0]

    VJP: ``g / x2, -g * x1 / x2^2``
    """
    return _divide(x1, x2)


def _where_less(g: Array, x: Array, other: Array) -> Array:
    """Return the cotangent where x is the smaller one, half of it where both are equal, else 0."""
    return np.where(x == other, g / 2, np.where(x < other, g, 0))


_minimum = Primitive(
    rules.minimum,
    np.minimum,
    (lambda g, x1, x2: _where_less(g, x1, x2), lambda g, x1, x2: _where_less(g, x2, x1)),
)


def minimum(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Return the smaller of two elements. Shapes and errors as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> tl.minimum(tl.tensor([1, 5]), tl.tensor([4, 2])).tolist()
        [1, 2]

    VJP: ``g`` to the smaller operand, half to each where they are equal
    """
    return _minimum(x1, x2)


_maximum = Primitive(
    rules.maximum,
    np.maximum,
    (lambda g, x1, x2: _where_less(g, x2, x1), lambda g, x1, x2: _where_less(g, x1, x2)),
)


def maximum(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Return the larger of two elements. Shapes and errors as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> tl.maximum(tl.tensor([1, 5]), 3).tolist()
        [3, 5]

    VJP: ``g`` to the larger operand, half to each where they are equal
    """
    return _maximum(x1, x2)


_equal = Primitive(rules.equal, np.equal, None, operands=2)
_not_equal = Primitive(rules.not_equal, np.not_equal, None, operands=2)
_less = Primitive(rules.less, np.less, None, operands=2)
_less_equal = Primitive(rules.less_equal, np.less_equal, None, operands=2)
_greater = Primitive(rules.greater, np.greater, None, operands=2)
_greater_equal = Primitive(rules.greater_equal, np.greater_equal, None, operands=2)


def equal(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 == x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) == 2).tolist()
        [False, True, False]
    """
    return _equal(x1, x2)


def not_equal(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 != x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) != 2).tolist()
        [True, False, True]
    """
    return _not_equal(x1, x2)


def less(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 < x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) < 2).tolist()
        [True, False, False]
    """
    return _less(x1, x2)


def less_equal(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 <= x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) <= 2).tolist()
        [True, True, False]
    """
    return _less_equal(x1, x2)


def greater(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 > x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) > tl.tensor([0, 2, 4])).tolist()
        [True, False, False]
    """
    return _greater(x1, x2)


def greater_equal(x1: Tensor[Any, Any, Any], x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Compare elementwise; also ``x1 >= x2``. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([1, 2, 3]) >= tl.tensor([0, 2, 4])).tolist()
        [True, True, False]
    """
    return _greater_equal(x1, x2)


if TYPE_CHECKING:
    Bools = Tensor[Dims, NoTape, np.bool]
