"""Elementwise ops made of the user's own NumPy functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import mapping as rules
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.tape import Array
from tensorlib.typevars import D, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

ArrayFunction: TypeAlias = Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]


def _applied(function: ArrayFunction, name: str, x: Array) -> Array:
    """Apply a user's function to a read-only view; return a copy of the result in x's dtype."""
    shown = x.view()
    shown.flags.writeable = False
    result = np.asarray(function(shown))
    if result.shape != x.shape:
        raise ShapeError(
            f"{name} must return an array of the shape it is given, {x.shape}, got {result.shape}",
            subject="map",
        )
    if result.dtype.kind not in "biuf":
        raise DtypeError(
            f"{name} must return an array of numbers, got {result.dtype}", subject="map"
        )
    return np.array(result, x.dtype)  # what the function returned may be written later


def _map_forward(x: Array, f: ArrayFunction, df: ArrayFunction) -> Array:
    return _applied(f, "f", x)


_map = Primitive(rules.map_, _map_forward, lambda g, x, df: g * _applied(df, "df", x))
_map_by_result = Primitive(rules.map_, _map_forward, lambda g, y, df: g * _applied(df, "df", y))


def map(
    x: Tensor[S, T, D], f: ArrayFunction, df: ArrayFunction, *, uses_result: bool = False
) -> Tensor[S, T, D]:
    """Apply a function of your own to the elements, recorded with a derivative of your own.

    Args:
        x: floating point; ints give float32.
        f: takes an array and returns one of the same shape, of NumPy functions that act on each
            element alike. The result is converted to the dtype of x.
        df: takes the same array and returns the derivative of f at each element.
        uses_result: whether df is given ``f(x)`` in place of x, which then need not be kept.

    Raises:
        ShapeError: f, or in the backward pass df, returns another shape.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> x = tl.tensor([4.0, 16.0])
        >>> y = tl.map(x.traced(), np.sqrt, lambda y: 0.5 / y, uses_result=True)
        >>> y.sum().backward()[x].tolist()
        [0.25, 0.125]

    VJP: ``g * df(x)``, or ``g * df(f(x))`` if df uses the result
    """
    for name, function in (("f", f), ("df", df)):
        if not callable(function):
            raise TypeError(f"map: expected {name} as a function, got {type(function).__name__}")
    return (_map_by_result if uses_result else _map)(x, f, df)
