"""What a call knows of its type variables."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tensorlib.shapes.dim import Dim, Symbol, SymbolicDim, substitute, symbol
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.shape import Pack, Shape

Variable: TypeAlias = Any
"""A type variable, of `typing` or `typing_extensions`."""
Misfit = (ShapeError, DtypeError, TapeError)


class _All(Container["Symbol | Pack"]):
    """All type variables of a call may be bound; those of an outer scope are so already."""

    def __contains__(self, item: object) -> bool:
        return True


ALL = _All()


@dataclass(slots=True)
class Facts:
    """What a call knows of its type variables.

    Attributes:
        matcher: sizes, and shapes of packs.
        tapes: of each variable for a tape, whether there is one.
        dtypes: of each variable for a dtype, which it is.
        shapes: of each variable for a whole shape, those that were passed.
        instance: the sizes that the instance has whose method is called; they are shown as numbers.
    """

    matcher: Matcher
    tapes: dict[Variable, bool] = field(default_factory=dict)
    dtypes: dict[Variable, str] = field(default_factory=dict)
    shapes: dict[Variable, list[Shape]] = field(default_factory=dict)
    instance: Mapping[Symbol, Dim] = field(default_factory=dict)

    def copy(self) -> Facts:
        """Return facts that know the same, to try something."""
        shapes = {variable: list(seen) for variable, seen in self.shapes.items()}
        tapes, dtypes = dict(self.tapes), dict(self.dtypes)
        return Facts(self.matcher.copy(), tapes, dtypes, shapes, self.instance)

    def in_instance(self, shape: Shape) -> Shape:
        """Return a declared shape with the sizes of the instance in it."""
        if not self.instance:
            return shape
        return tuple(
            item if isinstance(item, Pack) else substitute(item, self.instance) for item in shape
        )

    def take(self, other: Facts) -> None:
        """Take over what a copy has learned."""
        self.matcher.take(other.matcher)
        self.tapes, self.dtypes, self.shapes = other.tapes, other.dtypes, other.shapes


def single(item: SymbolicDim) -> Symbol | None:
    """Return the symbol that a dimension is, if it is one without arithmetic."""
    if len(item.terms) == 1:
        coefficient, factors = item.terms[0]
        if coefficient == 1 and len(factors) == 1 and isinstance(factors[0], Symbol):
            return factors[0]
    return None


def symbol_of(variable: Variable) -> Symbol:
    """Return the symbol of a type variable bound to int."""
    name = single(as_dim(variable))
    assert name is not None
    return name


def as_dim(variable: Variable) -> SymbolicDim:
    """Return a type variable bound to int as a dimension."""
    return symbol(variable.__name__, variable)


def parameters(kind: Any) -> tuple[Variable, ...]:
    """Return the type variables of a generic class."""
    return tuple(getattr(kind, "__parameters__", ()))
