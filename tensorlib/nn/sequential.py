"""Modules one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic

from typing_extensions import TypeVarTuple

from tensorlib.nn.module import Module
from tensorlib.shapes.chain import located
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.shape import UNKNOWN_DIMS, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import Dims, T

Ms = TypeVarTuple("Ms")


class Sequential(Module, Generic[*Ms]):
    """Apply modules one after another; each takes what the one before returns.

    A plain tuple among the members counts as a Sequential of its own. That the members fit is
    checked when the container is built, as far as they tell their shapes, and at each call.

    Example:
        >>> from tensorlib import nn
        >>> nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(31, 2))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: Sequential[2] Linear(31, 2): expected last dimension \
31, got 32 from Sequential[1] ReLU

    Args:
        members: modules, or tuples of modules.

    Raises:
        ShapeError: a member does not take what the one before it returns.
        TypeError: a member is no module, or there is none.
    """

    def __init__(self, *members: *Ms) -> None:
        self._hold(members, "Sequential")
        self.output_shape((UNKNOWN_DIMS,))

    def _hold(self, members: tuple[object, ...], place: str) -> None:
        if not members:
            raise TypeError(f"{place}: expected at least one module")
        for index, member in enumerate(members):
            setattr(self, str(index), _as_module(member, f"{place}[{index}]"))

    @property
    def members(self) -> tuple[Module, ...]:
        """The modules, in order."""
        return tuple(member for name, member in vars(self).items() if name.isdecimal())

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.members)

    def __getitem__(self, index: int) -> Module:
        return self.members[index]

    def forward(self, x: Tensor[Any, T, Any]) -> Tensor[Dims, T, Any]:
        """Apply the members in order.

        Raises:
            ShapeError: a member does not take what it is given; the text names its place.
        """
        result: Tensor[Dims, T, Any] = self._fold(_applied, x)
        return result

    def input_shape(self) -> Shape:
        """Return the shape that the first member takes."""
        return self.members[0].input_shape()

    def output_shape(self, x: Shape) -> Shape:
        """Return the shape that the last member returns.

        Raises:
            ShapeError: a member does not take what the one before it returns.
        """
        result: Shape = self._fold(_output_shape, x)
        return result

    def _fold(self, step: Callable[[Any, Any], Any], x: Any) -> Any:
        """Take x through the members; an error names the member and what its operand is from."""
        source = ""
        for place, member in self._leaves("Sequential"):
            try:
                x = step(member, x)
            except ShapeError as error:
                raise located(error, place, member.label(), source) from None
            source = f"{place} {member.label()}"
        return x

    def _leaves(self, place: str) -> Iterator[tuple[str, Module]]:
        """Go through the members, and those of plain Sequentials among them, with their places."""
        for index, member in enumerate(self.members):
            here = f"{place}[{index}]"
            if type(member) is Sequential:
                yield from member._leaves(here)
            else:
                yield here, member


def _applied(member: Any, x: Any) -> Any:
    return member(x)


def _output_shape(member: Module, x: Shape) -> Shape:
    """Return one member's output shape; where that is undecided, start anew from what it takes."""
    for operand in (x, member.input_shape()):
        try:
            return member.output_shape(operand)
        except UndecidedError:
            continue
    return (UNKNOWN_DIMS,)


def _as_module(member: object, place: str) -> Module:
    if isinstance(member, tuple):
        # Not checked by itself: the whole chain is, and names the place in the whole.
        nested: Sequential[*tuple[Any, ...]] = Sequential.__new__(Sequential)
        nested._hold(member, place)
        return nested
    if not isinstance(member, Module):
        raise TypeError(
            f"{place}: expected a module or a tuple of modules, got {type(member).__name__}"
        )
    return member


def sequential(members: tuple[Any, ...]) -> Sequential[*tuple[Any, ...]]:
    """Turn a tuple of modules and of further tuples into one Sequential.

    Example:
        >>> from tensorlib import nn
        >>> model = nn.sequential((nn.Linear(4, 3), (nn.ReLU(), nn.Linear(3, 2))))
    """
    if not isinstance(members, tuple | list):
        raise TypeError(f"sequential: expected a tuple of modules, got {type(members).__name__}")
    return Sequential(*members)
