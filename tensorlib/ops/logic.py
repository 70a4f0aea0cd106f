"""Questions to elements, bools, and choices by them, elementwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.primitive import Primitive, dtype_name
from tensorlib.shapes import logic as rules
from tensorlib.shapes.dtypes import promote
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import T2, D, Dims, S, Scalar, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

_isnan = Primitive(rules.isnan, np.isnan, None, operands=1)
_isfinite = Primitive(rules.isfinite, np.isfinite, None, operands=1)
_isinf = Primitive(rules.isinf, np.isinf, None, operands=1)
_logical_not = Primitive(rules.logical_not, np.logical_not, None, operands=1)
_logical_and = Primitive(rules.logical_and, np.logical_and, None, operands=2)
_logical_or = Primitive(rules.logical_or, np.logical_or, None, operands=2)
_logical_xor = Primitive(rules.logical_xor, np.logical_xor, None, operands=2)


def isnan(x: Tensor[S, Any, Any]) -> Tensor[S, NoTape, np.bool]:
    """Tell of each element whether it is NaN. Records nothing.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1.0, float("nan"), float("-inf")]).isnan().tolist()
        [False, True, False]
    """
    return _isnan(x)


def isfinite(x: Tensor[S, Any, Any]) -> Tensor[S, NoTape, np.bool]:
    """Tell of each element whether it is neither infinite nor NaN. Records nothing.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1.0, float("nan"), float("-inf")]).isfinite().tolist()
        [True, False, False]
    """
    return _isfinite(x)


def isinf(x: Tensor[S, Any, Any]) -> Tensor[S, NoTape, np.bool]:
    """Tell of each element whether it is inf or -inf. Records nothing.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1.0, float("nan"), float("-inf")]).isinf().tolist()
        [False, False, True]
    """
    return _isinf(x)


def logical_not(x: Tensor[S, Any, Any]) -> Tensor[S, NoTape, np.bool]:
    """Tell of each element whether it is False or 0. Records nothing.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([True, False]).logical_not().tolist()
        [False, True]
    """
    return _logical_not(x)


def logical_and(x1: Tensor[Any, Any, Any] | Scalar, x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Tell whether both elements are True, or not 0. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> x1, x2 = tl.tensor([True, True, False]), tl.tensor([True, False, False])
        >>> tl.logical_and(x1, x2).tolist()
        [True, False, False]
    """
    return _logical_and(x1, x2)


def logical_or(x1: Tensor[Any, Any, Any] | Scalar, x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Tell whether one element or both are True, or not 0. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> x1, x2 = tl.tensor([True, True, False]), tl.tensor([True, False, False])
        >>> tl.logical_or(x1, x2).tolist()
        [True, True, False]
    """
    return _logical_or(x1, x2)


def logical_xor(x1: Tensor[Any, Any, Any] | Scalar, x2: Tensor[Any, Any, Any] | Scalar) -> Bools:
    """Tell whether just one element is True, or not 0. Records nothing. Shapes as for `add`.

    Example:
        >>> import tensorlib as tl
        >>> x1, x2 = tl.tensor([True, True, False]), tl.tensor([True, False, False])
        >>> tl.logical_xor(x1, x2).tolist()
        [False, True, False]
    """
    return _logical_xor(x1, x2)


def _isclose_forward(x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    return np.isclose(x1, x2, rtol, atol, equal_nan)


def _allclose_forward(x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> Array:
    return np.asarray(np.all(_isclose_forward(x1, x2, rtol, atol, equal_nan)))


_isclose = Primitive(rules.isclose, _isclose_forward, None, operands=2)
_allclose = Primitive(rules.allclose, _allclose_forward, None, operands=2)


def isclose(
    x1: Tensor[Any, Any, Any] | Scalar,
    x2: Tensor[Any, Any, Any] | Scalar,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Bools:
    """Tell whether ``|x1 - x2| <= atol + rtol * |x2|`` elementwise, or both are the same infinity.

    Records nothing. Shapes as for `add`.

    Args:
        x1: what came out.
        x2: what it should be: rtol is relative to it.
        rtol: the relative tolerance.
        atol: the absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Raises:
        ShapeError: neither shape stretches to the other.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.isclose(tl.tensor([1.0, 2.0]), tl.tensor([1.001, 2.1]), rtol=0.01).tolist()
        [True, False]
    """
    tolerances = plain_scalar(rtol, "isclose"), plain_scalar(atol, "isclose")
    return _isclose(x1, x2, *tolerances, bool(equal_nan))


def allclose(
    x1: Tensor[Any, Any, Any] | Scalar,
    x2: Tensor[Any, Any, Any] | Scalar,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> bool:
    """Tell whether all elements are close, as `isclose` has it. Records nothing.

    Raises:
        ShapeError: neither shape stretches to the other.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.allclose(tl.tensor([0.1]) * 3, tl.tensor([0.3]))
        True
        >>> tl.allclose(tl.tensor([1.0, 2.0]), 1.0)
        False
    """
    tolerances = plain_scalar(rtol, "allclose"), plain_scalar(atol, "allclose")
    return bool(_allclose(x1, x2, *tolerances, bool(equal_nan)))


def _where_forward(condition: Array, x1: Any, x2: Any) -> Array:
    dtype = promote(dtype_name(x1), dtype_name(x2))
    return np.where(condition, x1, x2).astype(dtype, copy=False)


_where = Primitive(
    rules.where,
    _where_forward,
    (
        lambda g: np.zeros_like(g),  # never asked for: bools have no gradient
        lambda g, condition: np.where(condition, g, 0),
        lambda g, condition: np.where(condition, 0, g),
    ),
)


def where(
    condition: Tensor[Any, Any, np.bool],
    x1: Tensor[Any, T, D] | Scalar,
    x2: Tensor[Any, T2, D] | Scalar,
) -> Tensor[Dims, T | T2, D]:
    """Take the element of x1 where the condition is True, else that of x2; dfdx's ``choose``.

    Shapes as for `add`: the condition and x1 first, then their shape and x2.

    Raises:
        ShapeError: of two shapes neither stretches to the other.
        DtypeError: the condition is not bool, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([-2, 0, 3])
        >>> tl.where(x > 0, x, -1).tolist()
        [-1, -1, 3]

    VJP: ``g`` to x1 where the condition is True, to x2 elsewhere; 0 to the other
    """
    return _where(condition, x1, x2)


def _nans_to_forward(x: Array, value: float) -> Array:
    if x.dtype.kind != "f":
        return x.copy()
    return np.where(np.isnan(x), x.dtype.type(value), x)


_nans_to = Primitive(
    rules.nans_to, _nans_to_forward, lambda g, x, value: np.where(np.isnan(x), 0, g)
)


def nans_to(x: Tensor[S, T, D], value: float) -> Tensor[S, T, D]:
    """Put a value where elements are NaN.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1.0, float("nan")]).nans_to(0).tolist()
        [1.0, 0.0]

    VJP: ``g`` where x is not NaN, else 0
    """
    return _nans_to(x, plain_scalar(value, "nans_to"))


if TYPE_CHECKING:
    Bools = Tensor[Dims, NoTape, np.bool]
