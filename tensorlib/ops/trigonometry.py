"""Trigonometric and hyperbolic functions; `sin`, `cos` and `tanh` are in `elementwise`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import trigonometry as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, S, Scalar, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


_tan = Primitive(rules.tan, np.tan, lambda g, y: g * (1 + y * y))


def tan(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the tangent of each element, in radians.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).tan().item(), 4)
        1.5574

    VJP: ``g * (1 + tan(x)^2)``
    """
    return _tan(x)


_asin = Primitive(rules.asin, np.arcsin, lambda g, x: g / np.sqrt((1 - x) * (1 + x)))


def asin(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the angle in radians whose sine is each element; NaN beyond -1 and 1.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).asin().item(), 4)
        1.5708

    VJP: ``g / sqrt(1 - x^2)``
    """
    return _asin(x)


_acos = Primitive(rules.acos, np.arccos, lambda g, x: -g / np.sqrt((1 - x) * (1 + x)))


def acos(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the angle in radians whose cosine is each element; NaN beyond -1 and 1.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(-1.0).acos().item(), 4)
        3.1416

    VJP: ``-g / sqrt(1 - x^2)``
    """
    return _acos(x)


_atan = Primitive(rules.atan, np.arctan, lambda g, x: g / (1 + x * x))


def atan(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the angle in radians whose tangent is each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).atan().item(), 4)
        0.7854

    VJP: ``g / (1 + x^2)``
    """
    return _atan(x)


_sinh = Primitive(rules.sinh, np.sinh, lambda g, x: g * np.cosh(x))


def sinh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the hyperbolic sine of each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).sinh().item(), 4)
        1.1752

    VJP: ``g * cosh(x)``
    """
    return _sinh(x)


_cosh = Primitive(rules.cosh, np.cosh, lambda g, x: g * np.sinh(x))


def cosh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the hyperbolic cosine of each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).cosh().item(), 4)
        1.5431

    VJP: ``g * sinh(x)``
    """
    return _cosh(x)


_asinh = Primitive(rules.asinh, np.arcsinh, lambda g, x: g / np.hypot(x, 1))


def asinh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the inverse hyperbolic sine of each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).asinh().item(), 4)
        0.8814

    VJP: ``g / sqrt(x^2 + 1)``
    """
    return _asinh(x)


_acosh = Primitive(rules.acosh, np.arccosh, lambda g, x: g / np.sqrt((x - 1) * (x + 1)))


def acosh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the inverse hyperbolic cosine of each element; NaN below 1.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(2.0).acosh().item(), 4)
        1.317

    VJP: ``g / sqrt(x^2 - 1)``
    """
    return _acosh(x)


_atanh = Primitive(rules.atanh, np.arctanh, lambda g, x: g / ((1 - x) * (1 + x)))


def atanh(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the inverse hyperbolic tangent of each element; NaN beyond -1 and 1.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(0.5).atanh().item(), 4)
        0.5493

    VJP: ``g / (1 - x^2)``
    """
    return _atanh(x)


def _over_square(g: Array, x: Array, x1: Array, x2: Array) -> Array:
    """Return ``g * x / (x1^2 + x2^2)`` without overflow."""
    distance = np.hypot(x1, x2)
    return g * (x / distance / distance)


_atan2 = Primitive(
    rules.atan2,
    np.arctan2,
    (
        lambda g, x1, x2: _over_square(g, x2, x1, x2),
        lambda g, x1, x2: -_over_square(g, x1, x1, x2),
    ),
)


def atan2(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Return the angle in radians of the point with x = x2 and y = x1.

    Shapes and errors as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> angles = tl.atan2(tl.tensor([1.0, -1.0]), tl.tensor([-1.0, -1.0]))
        >>> [round(angle, 4) for angle in angles.tolist()]
        [2.3562, -2.3562]

    VJP: ``g * x2 / (x1^2 + x2^2), -g * x1 / (x1^2 + x2^2)``
    """
    return _atan2(x1, x2)
