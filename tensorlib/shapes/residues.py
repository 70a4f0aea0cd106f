"""Sums over the shifts of a floor division, after Hermite.

`n//(k*c) + (n + c)//(k*c) + ... + (n + (k - 1)*c)//(k*c) == n//c` for an integer `k`, so each of
these `k` siblings is `n//c` less the others. A sum is rewritten so wherever that makes it simpler:
`n//2 + (n + 1)//2` is `n`, and `n - n//2` is `(n + 1)//2`.
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
    poly_order,
    polynomial,
    replace_atoms,
    term_order,
)
from tensorlib.shapes.symbolic import Known

_MAX_FAMILY: Final = 64


def merge_residues(poly: Polynomial) -> Polynomial:
    """Return the same sum with no floor division that its siblings express more simply."""
    while len(poly) > 1:
        simpler = next(_simpler(poly), None)
        if simpler is None:
            break
        poly = simpler
    return poly


def _simpler(poly: Polynomial) -> Iterator[Polynomial]:
    found = {a for monomial in poly for a in monomial if isinstance(a, Quotient)}
    members = sorted(found, key=lambda member: (-member.depth, member.order))
    for member in members:
        if any(_may_meet(member, monomial) for monomial in poly):
            for value in _values(member, members, len(poly)):
                candidate = replace_atoms(poly, {member: value})
                if _complexity(candidate) < _complexity(poly):
                    yield candidate


def _may_meet(member: Quotient, monomial: Monomial) -> bool:
    """Tell whether a term could merge with one of those that would replace the member."""
    wanted = _atoms(member.numerator)
    return member not in monomial and any(
        not wanted.isdisjoint(_atoms(atom.numerator) if isinstance(atom, Quotient) else {atom})
        for atom in monomial
    )


def _atoms(dim: Known) -> set[Atom]:
    return {atom for monomial in polynomial(dim) for atom in monomial}


def _values(member: Quotient, members: list[Quotient], terms: int) -> Iterator[Polynomial]:
    present = sum(other.denominator == member.denominator for other in members)
    for count in _prime_divisors(gcd(*polynomial(member.denominator).values())):
        # A sibling that does not occur yet costs a term.
        value = _by_siblings(member, count) if count - present <= terms else None
        if value is not None:
            yield value


def _by_siblings(member: Quotient, count: int) -> Polynomial | None:
    """Return the member by its siblings, or None if one of these is no floor division like it."""
    step = member.denominator // count
    value = divide_terms(member.numerator, step)
    for index in range(1, count):
        sibling = divide_terms(member.numerator + index * step, member.denominator)
        if not any(_divides_alike(member, monomial) for monomial in sibling):
            return None
        value = add(value, sibling, -1)
    return value


def _divides_alike(member: Quotient, monomial: Monomial) -> bool:
    return any(isinstance(a, Quotient) and a.denominator == member.denominator for a in monomial)


def _complexity(poly: Polynomial) -> Order:
    """Return how simple a sum reads; no two sums are equally simple, so that one of them wins."""
    quotients = sum(isinstance(atom, Quotient) for monomial in poly for atom in monomial)
    size = sum(abs(coefficient) for coefficient in poly.values())
    return (
        len(poly),
        quotients,
        size,
        poly_order({m: poly[m] for m in sorted(poly, key=term_order)}),
    )


def _prime_divisors(number: int) -> Iterator[int]:
    """Yield the small prime divisors: a family of more siblings is never complete."""
    for candidate in range(2, min(number, _MAX_FAMILY) + 1):
        if number % candidate == 0:
            yield candidate
            while number % candidate == 0:
                number //= candidate
