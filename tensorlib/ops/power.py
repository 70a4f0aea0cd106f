"""Powers, exponentials and logarithms, elementwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.ops.special import erf_of
from tensorlib.shapes import power as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, S, Scalar, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _pow_forward(x1: Any, x2: Any) -> Any:
    if np.result_type(x1, x2).kind != "f" and np.any(np.less(x2, 0)):
        raise ValueError("pow: ints have no negative powers: convert them with .astype(np.float32)")
    return x1**x2


def _pow_base(g: Array, x1: Any, x2: Any) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(np.equal(x2, 0), 0, g * (x2 * x1 ** (x2 - 1)))


def _pow_exponent(g: Array, y: Array, x1: Any, x2: Any) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = g * (y * np.log(x1, dtype=y.dtype))
    return np.where(np.equal(x1, 0) & np.greater_equal(x2, 0), 0, slope)


_pow = Primitive(rules.pow_, _pow_forward, (_pow_base, _pow_exponent))


def pow(x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar) -> Tensor[Dims, T | T2, D]:
    """Raise x1 to the power of x2, elementwise; also ``x1 ** x2``. Shapes and errors as for `add`.

    Raises:
        ValueError: ints are raised to a negative power.
        DtypeError: both operands are bools, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([2, 3]) ** 2).tolist()
        [4, 9]
        >>> (2.0 ** tl.tensor([-1.0, 3.0])).tolist()
        [0.5, 8.0]

    VJP: ``g * x2 * x1^(x2 - 1), g * x1^x2 * log(x1)``, 0 for x1 where x2 is 0, and for x2 where x1
    is 0 and x2 is not negative
    """
    return _pow(x1, x2)


_reciprocal = Primitive(rules.reciprocal, np.reciprocal, lambda g, y: -g * (y * y))


def reciprocal(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``1 / x`` of each element.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([2.0, -4.0]).reciprocal().tolist()
        [0.5, -0.25]

    VJP: ``-g / x^2``
    """
    return _reciprocal(x)


_rsqrt = Primitive(rules.rsqrt, lambda x: 1 / np.sqrt(x), lambda g, y: g * (y * y * y) * -0.5)


def rsqrt(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``1 / sqrt(x)`` of each element; NaN below 0.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([4.0, 0.25]).rsqrt().tolist()
        [0.5, 2.0]

    VJP: ``-g / (2 * sqrt(x)^3)``
    """
    return _rsqrt(x)


_log1p = Primitive(rules.log1p, np.log1p, lambda g, x: g / (1 + x))


def log1p(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``log(1 + x)`` of each element, precise near 0.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).log1p().item(), 4)
        0.6931
        >>> tl.tensor(0.0).log1p().item()
        0.0

    VJP: ``g / (1 + x)``
    """
    return _log1p(x)


_log2 = Primitive(rules.log2, np.log2, lambda g, x: g / (x * math.log(2)))


def log2(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the logarithm to base 2 of each element; -inf at 0, NaN below.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([8.0, 0.5]).log2().tolist()
        [3.0, -1.0]

    VJP: ``g / (x * log(2))``
    """
    return _log2(x)


_log10 = Primitive(rules.log10, np.log10, lambda g, x: g / (x * math.log(10)))


def log10(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the logarithm to base 10 of each element; -inf at 0, NaN below.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1000.0).log10().item(), 4)
        3.0

    VJP: ``g / (x * log(10))``
    """
    return _log10(x)


_expm1 = Primitive(rules.expm1, np.expm1, lambda g, y: g * (y + 1))


def expm1(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``exp(x) - 1`` of each element, precise near 0.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).expm1().item(), 4)
        1.7183
        >>> tl.tensor(0.0).expm1().item()
        0.0

    VJP: ``g * exp(x)``
    """
    return _expm1(x)


_erf = Primitive(rules.erf, erf_of, lambda g, x: g * (np.exp(-x * x) * (2 / math.sqrt(math.pi))))


def erf(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the error function of each element.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).erf().item(), 4)
        0.8427

    VJP: ``g * 2 / sqrt(pi) * exp(-x^2)``
    """
    return _erf(x)
