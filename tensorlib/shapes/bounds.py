"""Proofs that a dimension is never negative, whatever the sizes >= 1 of its symbols."""

from __future__ import annotations

from typing import Final

from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.polynomial import (
    Atom,
    Polynomial,
    Quotient,
    Symbol,
    add,
    multiply,
    polynomial,
    replace_atoms,
    without,
)
from tensorlib.shapes.symbolic import Known

_EFFORT: Final = 4
_MAX_DEGREE: Final = 8
_ONE: Final[Polynomial] = {(): 1}


def never_negative(dim: Known) -> bool:
    """Tell whether a dimension can be proven to be >= 0; False says nothing."""
    if isinstance(dim, int):
        return dim >= 0
    try:
        return _never_negative(polynomial(dim), _EFFORT)
    except ShapeError:  # a polynomial on the way grew too large
        return False


def always_positive(dim: Known) -> bool:
    """Tell whether a dimension can be proven to be >= 1; False says nothing."""
    return never_negative(dim - 1)


def _never_negative(poly: Polynomial, effort: int) -> bool:
    if effort == 0 or any(len(monomial) > _MAX_DEGREE for monomial in poly):
        return False
    quotients = {a for monomial in poly for a in monomial if isinstance(a, Quotient)}
    lows = {atom: _low(atom, effort) for atom in quotients}
    if None not in lows.values() and _grows_from(poly, lows):
        return True
    ordered = sorted(quotients, key=lambda atom: (-atom.depth, atom.order))
    return any(_never_negative_without(atom, poly, effort - 1) for atom in ordered)


def _low(quotient: Quotient, effort: int) -> int | None:
    """Return a lower bound of a quotient, 0 or 1, or None if none is known."""
    numerator, denominator = polynomial(quotient.numerator), polynomial(quotient.denominator)
    if not _never_negative(add(denominator, _ONE, -1), effort - 1):
        return None
    if _never_negative(add(numerator, denominator, -1), effort - 1):
        return 1
    return 0 if _never_negative(numerator, effort - 1) else None


def _grows_from(poly: Polynomial, lows: dict[Quotient, int | None]) -> bool:
    """Tell whether no coefficient is negative once each atom is written as its least value + x."""
    values: dict[Atom, Polynomial] = {}
    for atom in {atom for monomial in poly for atom in monomial}:
        least = 1 if isinstance(atom, Symbol) else lows[atom]
        values[atom] = {(atom,): 1, (): least} if least else {(atom,): 1}
    return all(c >= 0 for c in replace_atoms(poly, values).values())


def _never_negative_without(quotient: Quotient, poly: Polynomial, effort: int) -> bool:
    """Put a bound in the place of `q = n//d`, using `n - d + 1 <= d*q <= n`.

    `a*q + b >= 0` for integers if `d*(a*q + b) > -d`, and `d` is positive.
    """
    parts = _linear_parts(quotient, poly)
    n, d = polynomial(quotient.numerator), polynomial(quotient.denominator)
    margin = add(d, _ONE, -1)
    if parts is None or not _never_negative(margin, effort):
        return False
    a, b = parts
    if _never_negative(a, effort):
        bound = add(n, margin, -1)
    elif _never_negative({monomial: -c for monomial, c in a.items()}, effort):
        bound = n
    else:
        return False
    low = add(multiply(a, bound), multiply(b, d))
    return _never_negative(add(low, margin), effort)


def _linear_parts(atom: Quotient, poly: Polynomial) -> tuple[Polynomial, Polynomial] | None:
    """Return `a, b` with `poly == a*atom + b`, or None if the atom occurs in a power."""
    slope: Polynomial = {}
    rest: Polynomial = {}
    for monomial, coefficient in poly.items():
        cofactor = without(monomial, (atom,))
        if cofactor is None:
            rest[monomial] = coefficient
        else:
            slope[cofactor] = coefficient
    return None if any(atom in monomial for monomial in slope) else (slope, rest)
