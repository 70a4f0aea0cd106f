"""How arithmetic dimensions are written as types: ``Add[N, Literal[1]]`` stands for ``N + 1``.

The mypy plugin writes and reads these; a person writes ``"N + 1"``. They are ordinary classes, so
that mypy's own equality, substitution and caches work on them. Nothing makes an instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

A = TypeVar("A", bound=int, covariant=True)
B = TypeVar("B", bound=int, covariant=True)
Declared = TypeVar("Declared", bound=tuple[Any, ...])
Result = TypeVar("Result")


class Add(int, Generic[A, B]):
    """The sum of two dimensions."""


class Mul(int, Generic[A, B]):
    """The product of two dimensions."""


class FloorDiv(int, Generic[A, B]):
    """The quotient of two dimensions, rounded down."""


class Call(Generic[Declared, Result]):
    """Carries what a call's signature declares from one plugin hook to the next."""


class Merged(Generic[Declared]):
    """Carries the tapes of which a call's result owns the merged one, declared as ``T | T2``."""


if TYPE_CHECKING:

    class AnyDtype(Any, Protocol):  # type: ignore[misc]  # it is meant
        """A dtype that nobody knows: any passes for it, and it passes for any.

        With ``Any`` in its place, mypy would not let the type of such a tensor take the place of
        what a name was before (``allow_redefinition``).
        """
