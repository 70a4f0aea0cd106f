"""Making an instance of a model that is stated as a type."""

from __future__ import annotations

import inspect
from typing import Any, Literal, get_args, get_origin

from typing_extensions import TypeVar

from tensorlib.nn.module import Module
from tensorlib.nn.sequential import Sequential
from tensorlib.typevars import Seed

M = TypeVar("M", bound=Module)


def build(model: type[M], *, rng: Seed = None) -> M:
    """Make an instance of a model from its type.

    A class is called with the sizes that stand in its brackets, as ints or ``Literal`` ints; a
    `Sequential` is made of its members, of which ``tuple[...]`` is a nested one. Then
    ``reset_params(rng)`` draws all parameters in the order of their paths.

    Args:
        model: a module class, with its type arguments if it has any.
        rng: where the parameters are drawn from.

    Raises:
        TypeError: a member is no module class, or a type argument is no int.
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
    if made is Sequential:
        return Sequential(*_members(arguments, place or "Sequential"))
    subject = f"{place} {made.__name__}".lstrip()
    sizes = [_size(argument, subject) for argument in arguments]
    try:
        inspect.signature(made).bind(*sizes)
    except TypeError as error:
        raise TypeError(f"build: {subject}: {error}") from None
    return made(*sizes)


def _members(members: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    return tuple(
        _members(get_args(member), f"{place}[{index}]")
        if get_origin(member) is tuple
        else _module(member, f"{place}[{index}]")
        for index, member in enumerate(members)
    )


def _size(argument: Any, subject: str) -> int:
    values = get_args(argument) if get_origin(argument) is Literal else (argument,)
    match values:
        case (int() as size,) if not isinstance(size, bool):
            return size
    raise TypeError(f"build: {subject}: type arguments must be Literal ints, got {argument}")


def _name(model: Any) -> str:
    return str(getattr(get_origin(model) or model, "__name__", repr(model)))
