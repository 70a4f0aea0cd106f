"""The parameters of functions: their names, and what they are declared to be.

Every rule, forward function and derivative is asked for them at import, where `inspect` would
take longer than all the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class _Required:
    """The default of a parameter that has none."""

    __slots__ = ()


REQUIRED = _Required()


class Declared(NamedTuple):
    """A parameter as it is written; the default of one that has none is `REQUIRED`."""

    name: str
    annotation: Any
    default: Any


def names_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters."""
    function = _unwrapped(function)
    if not isinstance(function, FunctionType):
        return tuple(inspect.signature(function).parameters)
    given: tuple[str, ...] | None = function.__dict__.get(_NAMES)
    if given is not None:
        return given
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def named(function: F, names: Sequence[str]) -> F:
    """Give a function of any arguments the names by which `names_of` tells of its parameters."""
    function.__dict__[_NAMES] = tuple(names)
    return function


def parameters_of(function: Callable[..., Any]) -> Iterator[Declared]:
    """Go through the parameters of a function, none of which gathers several arguments."""
    function = _unwrapped(function)
    if not isinstance(function, FunctionType):
        for each in inspect.signature(function).parameters.values():
            default = REQUIRED if each.default is each.empty else each.default
            yield Declared(each.name, each.annotation, default)
        return
    names, given = names_of(function), function.__defaults__ or ()
    last = function.__code__.co_argcount
    defaults = dict(zip(names[last - len(given) : last], given, strict=True))
    defaults.update(function.__kwdefaults__ or {})
    for name in names:
        yield Declared(name, function.__annotations__.get(name), defaults.get(name, REQUIRED))


def _unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


_NAMES = "_names_of_parameters"
