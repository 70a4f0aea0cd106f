"""Polynomials as dictionaries from monomials to coefficients: what lies under `SymbolicDim`.

Everything here is about one polynomial ring over atoms (symbols and floor divisions). That a floor
division obeys further laws is the business of `division` and `residues`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from math import gcd
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.record import Record

if TYPE_CHECKING:
    from tensorlib.shapes.symbolic import SymbolicDim

MAX_TERMS: Final = 200
MAX_DEPTH: Final = 24
MAX_WEIGHT: Final = 2000

Order: TypeAlias = tuple[Any, ...]


class Symbol(Record):
    """A named size, an integer >= 1.

    Attributes:
        name: what is printed.
        key: tells apart symbols of the same name, e.g. the scope that declares the type variable.
        order: its place among atoms.
    """

    __slots__ = ("_hash", "key", "name", "order")
    name: str
    key: Hashable
    order: Order
    _hash: int
    depth: ClassVar[int] = 0
    weight: ClassVar[int] = 1

    def __init__(self, name: str, key: Hashable = None) -> None:
        # The hash only decides between different keys of the same text, so that products of such
        # symbols still have one form.
        order = (0, name, repr(key), hash(key))
        self._fill(name=name, key=key, order=order, _hash=hash((name, key)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Symbol):
            return NotImplemented
        return self.name == other.name and self.key == other.key

    def __str__(self) -> str:
        return self.name


class Quotient(Record):
    """A floor division that does not simplify.

    Only arithmetic should make one: it is in normal form, and so never `N//1` or `(2*N)//2`.

    Attributes:
        numerator: reduced modulo the denominator.
        denominator: not 0, and its leading coefficient is positive.
        order: its place among atoms, after all symbols.
        depth: how deep floor divisions are nested in it.
        weight: how many atoms it takes to write it.
    """

    __slots__ = ("_hash", "denominator", "depth", "numerator", "order", "weight")
    numerator: SymbolicDim | int
    denominator: SymbolicDim | int
    order: Order
    depth: int
    weight: int
    _hash: int

    def __init__(self, numerator: SymbolicDim | int, denominator: SymbolicDim | int) -> None:
        parts = (polynomial(numerator), polynomial(denominator))
        self._fill(
            numerator=numerator,
            denominator=denominator,
            order=(1, *(poly_order(part) for part in parts)),
            depth=1 + max(depth(part) for part in parts),
            weight=sum(weight(part) for part in parts),
            _hash=hash((numerator, denominator)),
        )

    def __hash__(self) -> int:
        return self._hash


Atom: TypeAlias = Symbol | Quotient
Monomial: TypeAlias = tuple[Atom, ...]
Polynomial: TypeAlias = dict[Monomial, int]


def polynomial(dim: SymbolicDim | int) -> Polynomial:
    """Return the coefficients of a dim, in its canonical order."""
    if isinstance(dim, int):
        return {(): int(dim)} if dim else {}
    return {factors: coefficient for coefficient, factors in dim.terms}


def term_order(monomial: Monomial) -> Order:
    """Return the sort key of a monomial: high degree first, then by atoms, the constant last.

    This order is compatible with multiplication, which long division relies on.
    """
    return (-len(monomial), tuple(atom.order for atom in monomial))


def poly_order(poly: Polynomial) -> Order:
    """Return the place of a polynomial among others; its terms must be in canonical order."""
    return tuple((term_order(monomial), coefficient) for monomial, coefficient in poly.items())


def depth(poly: Polynomial) -> int:
    """Return how deep floor divisions are nested in a polynomial."""
    return max((atom.depth for monomial in poly for atom in monomial), default=0)


def weight(poly: Polynomial) -> int:
    """Return how many constants and atoms it takes to write a polynomial."""
    return sum(1 + sum(atom.weight for atom in monomial) for monomial in poly)


def check_size(poly: Polynomial) -> None:
    """Refuse a polynomial that is too large to be a dimension somebody meant.

    Raises:
        ShapeError: if it has too many terms or factors, or nests too many floor divisions.
    """
    if len(poly) > MAX_TERMS:
        raise ShapeError(f"a dimension of more than {MAX_TERMS} terms is not supported")
    if weight(poly) > MAX_WEIGHT:
        raise ShapeError(f"a dimension of more than {MAX_WEIGHT} factors is not supported")
    if depth(poly) > MAX_DEPTH:
        raise ShapeError(f"more than {MAX_DEPTH} nested floor divisions are not supported")


def add(a: Polynomial, b: Polynomial, factor: int = 1) -> Polynomial:
    """Return `a + factor*b` without zero coefficients."""
    result = dict(a)
    for monomial, coefficient in b.items():
        value = result.get(monomial, 0) + factor * coefficient
        if value:
            result[monomial] = value
        else:
            result.pop(monomial, None)
    return result


def join(a: Monomial, b: Monomial) -> Monomial:
    """Return the product of two monomials."""
    if not a or not b:
        return a or b
    return tuple(sorted(a + b, key=lambda atom: atom.order))


def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    """Return `a*b`.

    Raises:
        ShapeError: if the product has too many terms.
    """
    result: Polynomial = {}
    for left, first in a.items():
        result = add(result, {join(left, right): first * c for right, c in b.items()})
        if len(result) > MAX_TERMS:
            check_size(result)
    return result


def without(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """Return `monomial/divisor`, or None if it does not divide."""
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def long_division(poly: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return `(whole, rest)` with `poly == whole*divisor + rest` and `rest` as small as can be.

    The rest is unique: two polynomials that differ by a multiple of the divisor have the same.
    """
    lead = min(divisor, key=term_order)
    whole: Polynomial = {}
    rest: Polynomial = {}
    pending = dict(poly)
    while pending:
        monomial = min(pending, key=term_order) if len(divisor) > 1 else next(iter(pending))
        cofactor = without(monomial, lead)
        times = 0 if cofactor is None else _times(pending[monomial], divisor[lead], monomial)
        if times and cofactor is not None:
            whole[cofactor] = times
            pending = add(pending, multiply({cofactor: times}, divisor), -1)
        if monomial in pending:
            rest[monomial] = pending.pop(monomial)
    return whole, rest


def _times(coefficient: int, divisor: int, monomial: Monomial) -> int:
    """Return how often a coefficient is taken out: constants leave 0..d-1, others -d/2..d/2."""
    if not monomial:
        return coefficient // divisor
    return -((divisor - 2 * coefficient) // (2 * divisor))


def common_factor(polys: Iterable[Polynomial]) -> tuple[int, Monomial]:
    """Return the greatest coefficient and monomial that divide every term of all polynomials."""
    monomials = [(m, c) for poly in polys for m, c in poly.items()]
    shared = list(monomials[0][0])
    for monomial, _ in monomials:
        rest = list(monomial)
        for atom in tuple(shared):
            if atom in rest:
                rest.remove(atom)
            else:
                shared.remove(atom)
    return gcd(*(c for _, c in monomials)), tuple(shared)


def replace_atoms(poly: Polynomial, values: Mapping[Atom, Polynomial]) -> Polynomial:
    """Return the polynomial with values in the place of some atoms."""
    result: Polynomial = {}
    for monomial, coefficient in poly.items():
        product = {tuple(atom for atom in monomial if atom not in values): coefficient}
        for atom in monomial:
            if atom in values:
                product = multiply(product, values[atom])
        result = add(result, product)
    return result
