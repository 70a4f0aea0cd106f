"""Hyper-parameters: public numbers of an optimizer, checked whenever they are set."""

from __future__ import annotations

import math
from numbers import Real
from typing import Self, overload


def require_number(value: object, name: str, least: float = 0.0, below: float = math.inf) -> float:
    """Return a number as a Python float if it lies in ``least <= value < below``.

    Raises:
        TypeError: it is no number.
        ValueError: it is NaN or outside of the interval.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    number = float(value)
    if not least <= number < below:
        limit = "finite" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{name} must be at least {least:g} and {limit}, got {number:g}")
    return number


class NonNegative:
    """A hyper-parameter that is finite and at least 0: ``lr = NonNegative()``.

    Args:
        below: what it must be less than.
    """

    def __init__(self, below: float = math.inf) -> None:
        self._below = below

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, optimizer: None, owner: type) -> Self: ...
    @overload
    def __get__(self, optimizer: object, owner: type) -> float: ...
    def __get__(self, optimizer: object | None, owner: type) -> Self | float:
        if optimizer is None:
            return self
        value: float = vars(optimizer)[self._name]
        return value

    def __set__(self, optimizer: object, value: float) -> None:
        name = f"{type(optimizer).__name__}: {self._name}"
        vars(optimizer)[self._name] = require_number(value, name, below=self._below)
