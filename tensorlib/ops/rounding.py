"""Rounding, division with a remainder, and signs, elementwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import rounding as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import T2, D, Dims, S, Scalar, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _flat(g: Array) -> Array:
    """Return the cotangent of a step function."""
    return np.zeros_like(g)


def _of_floats(f: np.ufunc) -> Callable[[Array], Array]:
    """Return the function that leaves ints as they are; before 2.1, NumPy made floats of them."""

    def forward(x: Array) -> Array:
        return np.asarray(f(x)) if x.dtype.kind == "f" else x.copy()

    return forward


_sign = Primitive(rules.sign, np.sign, _flat)


def sign(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return -1, 0 or 1, as each element is negative, 0 or positive.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-2.5, 0.0, 1.5]).sign().tolist()
        [-1.0, 0.0, 1.0]

    VJP: 0
    """
    return _sign(x)


_floor = Primitive(rules.floor, _of_floats(np.floor), _flat)


def floor(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the largest whole number that is not above each element.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-2.5, -0.5, 1.5]).floor().tolist()
        [-3.0, -1.0, 1.0]

    VJP: 0
    """
    return _floor(x)


_ceil = Primitive(rules.ceil, _of_floats(np.ceil), _flat)


def ceil(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the smallest whole number that is not below each element.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-2.5, 1.5]).ceil().tolist()
        [-2.0, 2.0]

    VJP: 0
    """
    return _ceil(x)


_trunc = Primitive(rules.trunc, _of_floats(np.trunc), _flat)


def trunc(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return each element without its fraction.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-2.5, 1.5]).trunc().tolist()
        [-2.0, 1.0]

    VJP: 0
    """
    return _trunc(x)


_round = Primitive(rules.round_, lambda x, decimals: np.round(x, decimals), _flat)


def round(x: Tensor[S, T, D], decimals: int = 0) -> Tensor[S, T, D]:
    """Round each element to a number of decimals; what is half way goes to the even digit.

    Raises:
        DtypeError: the elements are bools.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([0.5, 1.5, 2.625]).round().tolist()
        [0.0, 2.0, 3.0]
        >>> tl.tensor([1234, 1250]).round(-2).tolist()
        [1200, 1200]

    VJP: 0
    """
    return _round(x, plain_int(decimals, "round"))


_remainder = Primitive(
    rules.remainder,
    np.remainder,
    (lambda g: g, lambda g, x1, x2: -g * np.floor_divide(x1, x2)),
)


def remainder(
    x1: Tensor[Any, T, D] | Scalar, x2: Tensor[Any, T2, D] | Scalar
) -> Tensor[Dims, T | T2, D]:
    """Return what is left of x1 divided by x2, with the sign of x2; also ``x1 % x2``.

    Shapes and errors as for `add`.

    Raises:
        DtypeError: both operands are bools.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([7, -7]) % 3).tolist()
        [1, 2]
        >>> (tl.tensor([7, -7]) % -3).tolist()
        [-2, -1]

    VJP: ``g, -g * floor(x1 / x2)``
    """
    return _remainder(x1, x2)


_floor_divide = Primitive(rules.floor_divide, np.floor_divide, None, operands=2)


def floor_divide(
    x1: Tensor[Any, Any, D] | Scalar, x2: Tensor[Any, Any, D] | Scalar
) -> Tensor[Dims, NoTape, D]:
    """Divide and round down, elementwise; also ``x1 // x2``.

    Records nothing. Shapes and errors as for `add`.

    Raises:
        DtypeError: both operands are bools.

    Example:
        >>> import tensorlib as tl
        >>> (tl.tensor([7, -7]) // 2).tolist()
        [3, -4]
    """
    return _floor_divide(x1, x2)
