"""Sums over the shifts of a floor division, after Hermite.

`n//(k*c) + (n + c)//(k*c) + ... + (n + (k - 1)*c)//(k*c) == n//c` for an integer `k`, so each of
these `k` siblings is `n//c` less the others. A term of a sum is rewritten so wherever that makes
the sum simpler: `n//2 + (n + 1)//2` is `n`, and `n - n//2` is `(n + 1)//2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Final

from tensorlib.shapes.division import divide_terms
from tensorlib.shapes.polynomial import (
    Atom,
    Monomial,
    Order,
    Polynomial,
    Quotient,
    add,
    depth,
    multiply,
    polynomial,
    term_order,
    without,
)
from tensorlib.shapes.symbolic import Known

# Siblings of nested floor divisions have siblings inside, so their number grows with the depth.
_MAX_DEPTH: Final = 3


def merge_residues(poly: Polynomial) -> Polynomial:
    """Return the same sum with no floor division that its siblings express more simply."""
    while len(poly) > 1:
        complexity = _complexity(poly)
        simpler = (other for other in _rewritten(poly) if _complexity(other) < complexity)
        found = next(simpler, None)
        if found is None:
            break
        poly = found
    return poly


def _rewritten(poly: Polynomial) -> Iterator[Polynomial]:
    """Yield the sum with one floor division in one term replaced.

    Only one term at a time: a sum is then as simple as can be just if all its parts are, and
    adding up its terms one after the other gives it back.
    """
    for monomial in sorted(poly, key=term_order):
        for member in dict.fromkeys(monomial):
            if isinstance(member, Quotient) and _may_merge(member, monomial, poly):
                cofactor = without(monomial, (member,)) or ()
                for value in _values(member, 2 * len(poly)):
                    change = add({(member,): -1}, value)
                    yield add(poly, multiply({cofactor: poly[monomial]}, change))


def _may_merge(member: Quotient, monomial: Monomial, poly: Polynomial) -> bool:
    """Tell whether a term could merge with what replaces the member; only False is certain."""
    if member.depth > _MAX_DEPTH:
        return False
    wanted = _atoms(member.numerator) | _atoms(member.denominator)
    return any(_mentions(other, wanted) for other in poly if other != monomial)


def _mentions(monomial: Monomial, wanted: set[Atom]) -> bool:
    return any(
        not wanted.isdisjoint(_atoms(atom.numerator) | _atoms(atom.denominator))
        if isinstance(atom, Quotient)
        else atom in wanted
        for atom in monomial
    )


def _atoms(dim: Known) -> set[Atom]:
    return {atom for monomial in polynomial(dim) for atom in monomial}


def _values(member: Quotient, limit: int) -> Iterator[Polynomial]:
    """Yield what a floor division is by its siblings, for each prime that can be their number.

    More than two siblings for each term of a sum would not make it simpler.
    """
    for count in _prime_divisors(gcd(*polynomial(member.denominator).values()), limit):
        step = member.denominator // count
        numerators = (member.numerator + index * step for index in range(1, count))
        siblings = [divide_terms(numerator, member.denominator) for numerator in numerators]
        if all(depth(sibling) >= member.depth for sibling in siblings):
            value = divide_terms(member.numerator, step)
            for sibling in siblings:
                value = add(value, sibling, -1)
            yield value


def _complexity(poly: Polynomial) -> Order:
    """Return how simple a sum reads; it is as simple with all signs turned."""
    quotients = sum(isinstance(atom, Quotient) for monomial in poly for atom in monomial)
    size = sum(abs(coefficient) for coefficient in poly.values())
    ordered = sorted((term_order(monomial), abs(c)) for monomial, c in poly.items())
    return quotients, len(poly), size, ordered


def _prime_divisors(number: int, limit: int) -> Iterator[int]:
    for candidate in range(2, min(number, limit) + 1):
        if number % candidate == 0:
            yield candidate
            while number % candidate == 0:
                number //= candidate
