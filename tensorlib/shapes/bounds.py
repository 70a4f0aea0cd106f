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

_MAX_STEPS: Final = 60
_MAX_REPLACED: Final = 3
_MAX_DEGREE: Final = 8
_ONE: Final[Polynomial] = {(): 1}


def never_negative(dim: Known) -> bool:
    """Tell whether a dimension can be proven to be >= 0; False says nothing."""
    if isinstance(dim, int):
        return dim >= 0
    try:
        return _Proof().never_negative(polynomial(dim), _MAX_REPLACED)
    except ShapeError:  # a polynomial on the way grew too large
        return False


def always_positive(dim: Known) -> bool:
    """Tell whether a dimension can be proven to be >= 1; False says nothing."""
    return never_negative(dim - 1)


class _Proof:
    """The search for one proof, which gives up after a number of steps."""

    def __init__(self) -> None:
        self._steps = _MAX_STEPS
        self._least: dict[Quotient, int | None] = {}

    def never_negative(self, poly: Polynomial, replaced: int) -> bool:
        """Tell whether `poly >= 0`, with bounds in the place of some floor divisions."""
        self._steps -= 1
        if self._steps < 0:
            return False
        least = self._least_value(poly)
        if least is not None and least >= 0:
            return True
        if replaced == 0:
            return False
        quotients = {a for monomial in poly for a in monomial if isinstance(a, Quotient)}
        ordered = sorted(quotients, key=lambda atom: (-atom.depth, atom.order))
        return any(self._holds_without(atom, poly, replaced - 1) for atom in ordered)

    def _least_value(self, poly: Polynomial) -> int | None:
        """Return the value where all atoms are least, if the polynomial grows with each of them."""
        if any(len(monomial) > _MAX_DEGREE for monomial in poly):
            return None
        values: dict[Atom, Polynomial] = {}
        for atom in {atom for monomial in poly for atom in monomial}:
            least = 1 if isinstance(atom, Symbol) else self._least_quotient(atom)
            if least is None:
                return None
            values[atom] = add({(atom,): 1}, {(): least})
        rising = replace_atoms(poly, values)
        least = rising.pop((), 0)
        return least if all(coefficient >= 0 for coefficient in rising.values()) else None

    def _least_quotient(self, quotient: Quotient) -> int | None:
        if quotient not in self._least:
            self._least[quotient] = self._least_of_division(quotient)
        return self._least[quotient]

    def _least_of_division(self, quotient: Quotient) -> int | None:
        n, d = polynomial(quotient.numerator), polynomial(quotient.denominator)
        least = self._least_value(n)
        if isinstance(quotient.denominator, int):
            return None if least is None else least // quotient.denominator
        if not self.never_negative(add(d, _ONE, -1), 0):
            return None
        if self.never_negative(add(n, d, -1), 0):
            return 1
        return 0 if least is not None and least >= 0 else None

    def _holds_without(self, quotient: Quotient, poly: Polynomial, replaced: int) -> bool:
        """Put a bound in the place of `q = n//d`, using `n - d + 1 <= d*q <= n`.

        `a*q + b >= 0` holds for integers if `d*(a*q + b) > -d`, where `d` is positive.
        """
        parts = _linear_parts(quotient, poly)
        n, d = polynomial(quotient.numerator), polynomial(quotient.denominator)
        margin = add(d, _ONE, -1)
        if parts is None or not self.never_negative(margin, 0):
            return False
        a, b = parts
        if self.never_negative(a, replaced):
            bound = add(n, margin, -1)
        elif self.never_negative({monomial: -c for monomial, c in a.items()}, replaced):
            bound = n
        else:
            return False
        low = add(multiply(a, bound), multiply(b, d))
        return self.never_negative(add(low, margin), replaced)


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
