"""Modules one after another."""

from __future__ import annotations

from typing import Any, Generic

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib.nn.container import Indexed, in_order
from tensorlib.nn.module import Module
from tensorlib.shapes.containers import RULES, not_a_module, without_modules
from tensorlib.tensor import Tensor
from tensorlib.typevars import Dims, T

M = TypeVar("M")
Ms = TypeVarTuple("Ms")


class Sequential(Indexed, Generic[*Ms]):
    """Apply modules one after another; each takes what the one before returns.

    A plain tuple among the members counts as a Sequential of its own. That the members fit is
    checked when the container is built, as far as they tell their shapes, and at each call.

    Args:
        members: modules, or tuples of modules.

    Raises:
        ShapeError: a member does not take what the one before it returns.
        TypeError: a member is no module, or there is none.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))(tl.zeros((64, 10))).shape
        (64, 2)
        >>> nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(31, 2))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: Sequential[2] Linear(31, 2): expected last dimension \
31, got 32 from Sequential[1] ReLU; try nn.Linear(32, 2)
    """

    rule = RULES["Sequential"]

    def __init__(self, *members: *Ms) -> None:
        self._hold(as_modules(members, "Sequential"))
        self._require_fit()

    def forward(self, x: Tensor[Any, T, Any]) -> Tensor[Dims, T, Any]:
        """Apply the members in order.

        Raises:
            ShapeError: a member does not take what it is given; the text names its place.
        """
        result: Tensor[Dims, T, Any] = super().forward(x)
        return result

    def _applied(self, x: Any) -> Any:
        return in_order(self, x)


def as_modules(members: tuple[object, ...], place: str) -> list[Module]:
    """Return the members of a container, with plain tuples made into Sequentials.

    Raises:
        TypeError: one is no module, or there is none.
    """
    if not members:
        raise TypeError(without_modules(place))
    return [as_module(member, f"{place}[{index}]") for index, member in enumerate(members)]


def as_module(member: object, place: str) -> Module:
    """Return a member of a container, a plain tuple as a Sequential.

    Raises:
        TypeError: it is no module.
    """
    if isinstance(member, tuple):
        # Not checked by itself: the whole container is, and names the place in the whole.
        nested: Sequential[*tuple[Any, ...]] = Sequential.__new__(Sequential)
        nested._hold(as_modules(member, place))
        return nested
    if not isinstance(member, Module):
        is_class = isinstance(member, type)
        kind = "function" if callable(member) and not is_class else type(member).__name__
        raise TypeError(not_a_module(place, kind, getattr(member, "__name__", "")))
    return member


def held_as_module(member: M, place: str) -> M:
    """Return a member as its container holds it, and for plain typing as what was passed.

    Raises:
        TypeError: it is no module.
    """
    held: Any = as_module(member, place)
    return held  # type: ignore[no-any-return]


def sequential(members: tuple[Any, ...]) -> Sequential[*tuple[Any, ...]]:
    """Turn a tuple of modules and of further tuples into one Sequential.

    Args:
        members: modules, and tuples of modules, each tuple a Sequential by itself.

    Raises:
        ShapeError: a member does not take what the one before it returns.
        TypeError: a member is no module, or there is none.

    Example:
        >>> from tensorlib import nn
        >>> nn.sequential((nn.Linear(4, 3), (nn.ReLU(), nn.Linear(3, 2))))
        Sequential(
          0: Linear(4, 3)
          1: Sequential(
            0: ReLU()
            1: Linear(3, 2)
          )
        )
    """
    if not isinstance(members, tuple | list):
        raise TypeError(f"sequential: expected a tuple of modules, got {type(members).__name__}")
    return Sequential(*members)
