"""Hyper-parameters: public settings of an optimizer, checked whenever they are set."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from numbers import Real
from typing import Any, ClassVar, Generic, Self, TypeAlias, overload

from typing_extensions import TypeVar

from tensorlib import recording

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What JSON can hold."""

In = TypeVar("In")
Out = TypeVar("Out", default=In)


def require_number(value: object, name: str, least: float = 0.0, below: float = math.inf) -> float:
    """Return a number as a Python float if it lies in ``least <= value < below``.

    Raises:
        TypeError: it is no number.
        ValueError: it is NaN or outside of the interval.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        field = name.rpartition(" ")[2]
        way_out = f": set optimizer.{field} = schedule(optimizer.steps) before each update"
        hint = way_out if callable(value) else ""
        raise TypeError(f"{name} must be a number, got {type(value).__name__}{hint}")
    try:
        number = float(value)
    except OverflowError:  # an int beyond all floats
        number = math.inf
    if not least <= number < below:
        limit = "finite" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{name} must be at least {least:g} and {limit}, got {number:g}")
    return number


class Hyperparameter(ABC, Generic[In, Out]):
    """A setting of an optimizer, stated in the class body: ``lr = LearningRate()``.

    What is assigned is checked first, and kept as `check` returns it. Groups of parameters may
    each have their own value.

    Example:
        >>> import tensorlib as tl
        >>> class Odd(tl.optim.Hyperparameter[int]):
        ...     def check(self, value: object, name: str) -> int:
        ...         if not isinstance(value, int) or value % 2 == 0:
        ...             raise ValueError(f"{name} must be an odd int, got {value!r}")
        ...         return value
        >>> Odd().check(3, "every")
        3
    """

    is_proportional: ClassVar[bool] = False
    """Whether a group's own value goes up and down with the optimizer's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, optimizer: None, owner: type) -> Self: ...
    @overload
    def __get__(self, optimizer: object, owner: type) -> Out: ...
    def __get__(self, optimizer: object | None, owner: type) -> Self | Out:
        if optimizer is None:
            return self
        if recording.active:
            what = f"{type(optimizer).__name__}.{self.name} is read"
            recording.refuse(what, "pass it as an argument")
        try:
            value: Out = vars(optimizer)[self.name]
        except KeyError:
            raise AttributeError(f"{type(optimizer).__name__}: {self.name} is not set") from None
        return value

    def __set__(self, optimizer: object, value: In) -> None:
        what = f"{type(optimizer).__name__}.{self.name} is assigned"
        recording.refuse(what, "assign it outside of the step")
        name = f"{type(optimizer).__name__}: {self.name}"
        vars(optimizer)[self.name] = self.check(value, name)

    @abstractmethod
    def check(self, value: object, name: str) -> Out:
        """Return a value in the form in which it is kept.

        Raises:
            TypeError: it is of the wrong kind; the text begins with the name.
            ValueError: it is outside of its range.
        """

    def plain(self, value: Any) -> Plain:
        """Return a value in a form that any file format can hold."""
        result: Plain = value
        return result

    def restored(self, plain: Plain, name: str) -> Out:
        """Return the value of which `plain` made this, checked as any other."""
        return self.check(plain, name)


class NonNegative(Hyperparameter[float]):
    """A number that is finite and at least 0: ``weight_decay = NonNegative()``.

    Args:
        below: what it must be less than.

    Example:
        >>> import tensorlib as tl
        >>> adam = tl.optim.Adam(tl.nn.Bias(2))
        >>> adam.weight_decay = -0.1
        Traceback (most recent call last):
            ...
        ValueError: Adam: weight_decay must be at least 0 and finite, got -0.1
    """

    def __init__(self, below: float = math.inf) -> None:
        self._below = below

    def check(self, value: object, name: str) -> float:
        """Return the number as a float."""
        return require_number(value, name, below=self._below)


class LearningRate(NonNegative):
    """A learning rate: a schedule that sets the optimizer's moves those of the groups along.

    Example:
        >>> import tensorlib as tl
        >>> adam = tl.optim.Adam(tl.nn.Linear(3, 2), lr=1.0, groups={"bias": {"lr": 0.25}})
        >>> adam.lr = 0.5
        >>> adam.groups["bias"]["lr"]
        0.125
    """

    is_proportional: ClassVar[bool] = True


class Flag(Hyperparameter[bool]):
    """True or False: ``centered = Flag()``.

    Example:
        >>> import tensorlib as tl
        >>> adam = tl.optim.Adam(tl.nn.Bias(2))
        >>> adam.amsgrad = 1
        Traceback (most recent call last):
            ...
        TypeError: Adam: amsgrad must be True or False, got 1
    """

    def check(self, value: object, name: str) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}")
        return value


class Betas(Hyperparameter[tuple[float, float]]):
    """How much of two running means is kept from step to step: ``betas = Betas()``.

    Example:
        >>> import tensorlib as tl
        >>> adam = tl.optim.Adam(tl.nn.Bias(2))
        >>> adam.betas = (0.9, 1.0)
        Traceback (most recent call last):
            ...
        ValueError: Adam: betas must be at least 0 and below 1, got 1
    """

    def check(self, value: object, name: str) -> tuple[float, float]:
        """Return the two numbers, each at least 0 and below 1."""
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise TypeError(f"{name} must be two numbers, got {value!r}")
        first, second = (require_number(beta, name, below=1.0) for beta in value)
        return first, second

    def plain(self, value: tuple[float, float]) -> Plain:
        """Return the two numbers as a list."""
        return list(value)


def hyperparameters_of(optimizer: type) -> dict[str, Hyperparameter[Any, Any]]:
    """Return what a class and its bases state as hyper-parameters, by name."""
    found: dict[str, Hyperparameter[Any, Any]] = {}
    for owner in reversed(optimizer.__mro__):
        for name, member in vars(owner).items():
            if isinstance(member, Hyperparameter):
                found[name] = member
    return found
