"""The kinds of dimension and their arithmetic."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NoReturn, TypeAlias, overload

from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.polynomial import (
    Atom,
    Monomial,
    Polynomial,
    Symbol,
    add,
    check_size,
    depth,
    multiply,
    polynomial,
    term_order,
)


class SymbolicDim:
    """A dimension that depends on symbols, in normal form: a polynomial over atoms.

    Made by `symbol` and arithmetic, immutable. Two are `==` if they have the same normal form. They
    then agree for all sizes; where they do not, they still may, which is a question for `equal`.
    A result without symbols is a plain `int`, so a `SymbolicDim` never equals an int.

    Attributes:
        terms: coefficient and factors of each term, in canonical order.
    """

    __slots__ = ("terms",)
    terms: tuple[tuple[int, Monomial], ...]

    def __init__(self, terms: tuple[tuple[int, Monomial], ...]) -> None:
        object.__setattr__(self, "terms", terms)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a symbolic dimension is immutable, cannot set {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a symbolic dimension is immutable, cannot delete {name}")

    def __reduce__(self) -> tuple[type[SymbolicDim], tuple[tuple[tuple[int, Monomial], ...]]]:
        return SymbolicDim, (self.terms,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SymbolicDim) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a symbolic dimension has no truth value; compare {self} with equal()")

    def _refuse_order(self, other: object) -> NoReturn:
        raise TypeError(
            f"a symbolic dimension has no order; use at_least() to compare {self} and {other}"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order

    def __neg__(self) -> SymbolicDim:
        return SymbolicDim(tuple((-coefficient, factors) for coefficient, factors in self.terms))

    @overload
    def __add__(self, other: Known) -> Known: ...
    @overload
    def __add__(self, other: UnknownDim) -> UnknownDim: ...
    def __add__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return dim_of(add(polynomial(self), polynomial(other)))

    @overload
    def __sub__(self, other: Known) -> Known: ...
    @overload
    def __sub__(self, other: UnknownDim) -> UnknownDim: ...
    def __sub__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return dim_of(add(polynomial(self), polynomial(other), -1))

    @overload
    def __mul__(self, other: Known) -> Known: ...
    @overload
    def __mul__(self, other: UnknownDim) -> UnknownDim: ...
    def __mul__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return dim_of(multiply(polynomial(self), polynomial(other)))

    @overload
    def __floordiv__(self, other: Known) -> Known: ...
    @overload
    def __floordiv__(self, other: UnknownDim) -> UnknownDim: ...
    def __floordiv__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return _divide(self, other)

    def __radd__(self, other: int) -> Known:
        return self + other

    def __rsub__(self, other: int) -> Known:
        return -self + other

    def __rmul__(self, other: int) -> Known:
        return self * other

    def __rfloordiv__(self, other: int) -> Known:
        if not isinstance(other, int):
            return NotImplemented
        return _divide(other, self)

    def __str__(self) -> str:
        return _text(self)

    __repr__ = __str__


class UnknownDim:
    """A dimension about which nothing is known; `UNKNOWN` and `ANY` are the only two.

    Arithmetic with an unknown dimension is unknown: `ANY` if every unknown operand is `ANY`.
    """

    __slots__ = ("_name", "_text")

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text

    def __reduce__(self) -> str:
        return self._name

    def __bool__(self) -> NoReturn:
        raise TypeError("an unknown dimension has no truth value; compare it with equal()")

    def _refuse_order(self, other: object) -> NoReturn:
        raise TypeError("an unknown dimension has no order; use at_least()")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order

    def __neg__(self) -> UnknownDim:
        return self

    def _combine(self, other: Dim) -> UnknownDim:
        if isinstance(other, UnknownDim):
            return self if other is ANY else other
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __rfloordiv__ = _combine

    def __floordiv__(self, other: Dim) -> UnknownDim:
        if isinstance(other, int) and other == 0:
            raise ShapeError(f"division by zero in {self}//0")
        return self._combine(other)

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


UNKNOWN: Final = UnknownDim("UNKNOWN", "?")
"""An integer that is not known before run time."""

ANY: Final = UnknownDim("ANY", "Any")
"""A dimension that its author vouches for: checked at run time only."""

Known: TypeAlias = int | SymbolicDim
Dim: TypeAlias = int | SymbolicDim | UnknownDim


def symbol(name: str, key: Hashable = None) -> SymbolicDim:
    """Return the dimension of a symbol.

    Args:
        name: what is printed.
        key: tells apart symbols of the same name; symbols of the same name and key are equal.
    """
    return SymbolicDim(((1, (Symbol(name, key),)),))


def terms(dim: SymbolicDim) -> tuple[tuple[int, tuple[Atom, ...]], ...]:
    """Return coefficient and factors of each term, in canonical order.

    A factor is repeated as often as it occurs; the constant term comes last and has no factors.
    """
    return dim.terms


def dim_of(poly: Polynomial) -> Known:
    """Return the normal form of a polynomial whose floor divisions are in normal form.

    Raises:
        ShapeError: if it is too large.
    """
    if depth(poly) and len(poly) > 1:
        poly = _merge_residues(poly)
    check_size(poly)
    if not poly or (len(poly) == 1 and () in poly):
        return poly.get((), 0)
    return SymbolicDim(
        tuple((poly[monomial], monomial) for monomial in sorted(poly, key=term_order))
    )


# Imported late: the rules about floor divisions are written with the arithmetic of this file.


def _merge_residues(poly: Polynomial) -> Polynomial:
    from tensorlib.shapes.residues import merge_residues

    return merge_residues(poly)


def _divide(numerator: Known, denominator: Known) -> Known:
    from tensorlib.shapes.division import divide

    return divide(numerator, denominator)


def _text(dim: Known) -> str:
    """Write a dim as `parse` reads it: terms that are added, then subtracted, then the constant."""
    if isinstance(dim, int):
        return str(dim)
    text = ""
    for coefficient, factors in sorted(dim.terms, key=lambda term: (not term[1], term[0] < 0)):
        first = not text
        negative = coefficient < 0
        sign = ("-" if negative else "") if first else (" - " if negative else " + ")
        # `-N//2` would be read as `(-N)//2`.
        text += sign + _term_text(abs(coefficient), factors, enclose=first and negative)
    return text


def _term_text(coefficient: int, factors: Monomial, *, enclose: bool) -> str:
    parts = [str(coefficient)] if coefficient != 1 or not factors else []
    enclose = enclose or len(parts) + len(factors) > 1
    return "*".join(parts + [_atom_text(atom, enclose=enclose) for atom in factors])


def _atom_text(atom: Atom, *, enclose: bool) -> str:
    if isinstance(atom, Symbol):
        return atom.name
    text = f"{_operand_text(atom.numerator)}//{_operand_text(atom.denominator)}"
    return f"({text})" if enclose else text


def _operand_text(dim: Known) -> str:
    text = _text(dim)
    return text if text.isidentifier() or text.isdecimal() else f"({text})"
