"""Making an instance of a model that is stated as a type."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from typing_extensions import TypeVar

from tensorlib.nn.container import Container
from tensorlib.nn.module import Module
from tensorlib.nn.repeated import Repeated
from tensorlib.typevars import Seed

M = TypeVar("M", bound=Module)


def build(model: type[M], *, rng: Seed = None) -> M:
    """Make an instance of a model from its type.

    A class is called with what stands in its brackets: sizes, as ints or ``Literal`` ints, shapes
    as a ``tuple[...]`` of such, and a container's members, where a ``tuple[...]`` of modules is a
    nested `Sequential`. Then ``reset_params(rng)`` draws all parameters in the order of their
    paths.

    Args:
        model: a module class, with its type arguments if it has any.
        rng: where the parameters are drawn from.

    Raises:
        TypeError: a member is no module class, or a type argument is no size.
        ShapeError: a member does not take what the one before it returns.

    Example:
        >>> from typing import Literal, TypeAlias
        >>> from tensorlib import nn
        >>> Mlp: TypeAlias = nn.Sequential[
        ...     nn.Linear[Literal[10], Literal[32]], nn.ReLU, nn.Linear[Literal[32], Literal[2]]
        ... ]
        >>> nn.build(Mlp, rng=0)
        Sequential(
          0: Linear(10, 32)
          1: ReLU()
          2: Linear(32, 2)
        )
    """
    result: M = _module(model, "")
    result.reset_params(rng)
    return result


def _module(model: Any, place: str) -> Any:
    """Make one module, with the parameters that its constructor gives it.

    Args:
        model: the module's type.
        place: where it stands, such as ``Sequential[1]``, or "" for the model itself.
    """
    model = getattr(model, "__value__", model)  # what `type Mlp = ...` stands for
    made, arguments = get_origin(model) or model, get_args(model)
    if not isinstance(made, type) or not issubclass(made, Module):
        where = f"{place}: " if place else ""
        raise TypeError(f"build: {where}expected a module class, got {_name(model)}")
    subject = f"{place} {made.__name__}".lstrip()
    parts: tuple[Any, ...]
    if made is Repeated and len(arguments) == 2:
        block, count = arguments
        first = f"{place or made.__name__}[0]"
        parts = (lambda: _module(block, first), _size(count, subject))
    elif issubclass(made, Container) and "rule" in vars(made):  # not a class derived from one
        parts = _members(arguments, place or made.__name__, made.rule.fields)
    else:
        # A variable that is left to its default stands for itself.
        variables = dict(enumerate(getattr(made, "__parameters__", ())))
        parts = tuple(
            _part(argument, variables.get(place), subject)
            for place, argument in enumerate(arguments)
            if not isinstance(argument, TypeVar)
        )
    try:
        inspect.signature(made).bind(*parts)
    except TypeError as error:
        raise TypeError(f"build: {subject}: {error}") from None
    return made(*parts)


def _members(members: tuple[Any, ...], place: str, fields: Sequence[str] = ()) -> tuple[Any, ...]:
    """Make the members of a container.

    Args:
        members: their types.
        place: where the container stands.
        fields: the members' names, if they have names instead of numbers.
    """
    places = [f"{place}.{field}" for field in fields]
    places = places or [f"{place}[{index}]" for index in range(len(members))]
    return tuple(
        _members(get_args(member), here) if get_origin(member) is tuple else _module(member, here)
        for member, here in zip(members, places, strict=False)
    )


def _part(argument: Any, variable: Any, subject: str) -> int | str | tuple[int | None, ...] | None:
    """Return what a type argument stands for: a size, a shape or, where it may be one, a word."""
    if get_origin(argument) is tuple:
        return tuple(
            None if _is_none(item) else _size(item, subject) for item in get_args(argument)
        )
    match get_args(argument):
        case (str() as word,) if getattr(variable, "__bound__", int) is not int:
            return word
    return None if _is_none(argument) else _size(argument, subject)


def _is_none(argument: Any) -> bool:
    return argument is None or argument is type(None)


def _size(argument: Any, subject: str) -> int:
    values = get_args(argument) if get_origin(argument) is Literal else (argument,)
    match values:
        case (int() as size,) if not isinstance(size, bool):
            return size
    raise TypeError(f"build: {subject}: type arguments must be Literal ints, got {argument}")


def _name(model: Any) -> str:
    return str(getattr(get_origin(model) or model, "__name__", repr(model)))
