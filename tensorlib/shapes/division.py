"""Floor division of dimensions, simplified.

Each rule is an identity between floors of fractions. It holds for all sizes for which the
denominator is not 0, and a rule about positive denominators is used where that is proven.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tensorlib.shapes.bounds import always_positive, never_negative
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.polynomial import (
    Order,
    Polynomial,
    Quotient,
    add,
    common_factor,
    long_division,
    poly_order,
    polynomial,
)
from tensorlib.shapes.symbolic import Dim, Known, SymbolicDim, UnknownDim, dim_of

_MAX_ROUNDS: Final = 8


def floor_divide(n: Dim, d: Dim) -> Dim:
    """Return `n // d`, with a `ShapeError` for a division by 0 even among plain integers."""
    if isinstance(n, UnknownDim) or isinstance(d, UnknownDim):
        return n // d
    if isinstance(n, int) and isinstance(d, int) and d != 0:
        return n // d
    return divide(n, d)


def divide(n: Known, d: Known) -> Known:
    """Return the normal form of `n//d`.

    Raises:
        ShapeError: if `d` is 0.
    """
    return dim_of(divide_terms(n, d))


# Proofs and siblings ask for the same divisions again and again.
@lru_cache(maxsize=4096)
def divide_terms(n: Known, d: Known) -> Polynomial:
    """Return `n//d` in normal form but for sums of floor divisions that are siblings.

    Raises:
        ShapeError: if `d` is 0.
    """
    if isinstance(d, int):
        if d == 0:
            raise ShapeError(f"division by zero in ({n})//0")
        if isinstance(n, int):
            return polynomial(n // d)
    if _leading_coefficient(d) < 0:
        return divide_terms(-n, -d)
    # (a*d + b)//d == a + b//d
    whole, rest = _reduce(n, d)
    return add(whole, _divide_rest(rest, d))


def _reduce(n: Known, d: Known) -> tuple[Polynomial, Known]:
    """Return the result of long division.

    The rest in normal form may have another, so there are rounds; the limit spares a proof of
    their end.
    """
    whole: Polynomial = {}
    for _ in range(_MAX_ROUNDS):
        more, rest = long_division(polynomial(n), polynomial(d))
        if not more:
            break
        whole = add(whole, more)
        n = dim_of(rest)
    return whole, n


def _divide_rest(n: Known, d: Known) -> Polynomial:
    """Divide what is left of long division."""
    if isinstance(n, int) and n == 0:
        return {}
    result = _cancel(n, d)
    if result is None and always_positive(d):
        result = _divide_by_positive(n, d)
    return {(Quotient(n, d),): 1} if result is None else result


def _divide_by_positive(n: Known, d: Known) -> Polynomial | None:
    if never_negative(n) and never_negative(d - 1 - n):
        return {}
    opposite = -n - 1
    if _sign_order(_reduce(opposite, d)[1]) < _sign_order(n):
        # n//d == -1 - (-n - 1)//d
        return add({(): -1}, divide_terms(opposite, d), -1)
    if isinstance(n, int):
        return _narrow_constant(n, d)
    for rule in (_drop_constant, _drop_remainder, _unnest):
        result = rule(n, d)
        if result is not None:
            return result
    return None


def _sign_order(dim: Known) -> Order:
    """Return a sort key by which one of `n` and `-n - 1` comes first: the one that leads with +.

    The constant has no say: modulo 2 the two differ in nothing else, and are siblings.
    """
    poly = polynomial(dim)
    if isinstance(dim, SymbolicDim):
        poly.pop((), None)
    signs = [coefficient < 0 for coefficient in poly.values()]
    return signs[:1], sum(signs), poly_order(poly)


def _cancel(n: Known, d: Known) -> Polynomial | None:
    """Use `(a*c)//(b*c) == a//b`."""
    for c in (_shared_term(n, d), _primitive(n), _primitive(d)):
        if c != 1:
            a, b = _exactly(n, c), _exactly(d, c)
            if a is not None and b is not None:
                return divide_terms(a, b)
    return None


def _narrow_constant(n: int, d: Known) -> Polynomial | None:
    """Use `n//(b*c) == (n//c)//b` for integers `n` and `c` and positive `b`."""
    c, _ = common_factor([polynomial(d)])
    b = _exactly(d, c)
    return None if c == 1 or b is None else divide_terms(n // c, b)


def _drop_constant(n: SymbolicDim, d: Known) -> Polynomial | None:
    """Use `(a*c + k)//(b*c) == (a + k//c)//b` where `k//c` is an integer and `b` is positive."""
    k = polynomial(n).get((), 0)
    shared = _shared_term(n - k, d)
    content, _ = common_factor([polynomial(shared)])
    for c in (shared, content):
        if c != 1 and k != 0:
            a, b, constant = _exactly(n - k, c), _exactly(d, c), divide(k, c)
            if isinstance(constant, int) and a is not None and b is not None and always_positive(b):
                return divide_terms(a + constant, b)
    return None


def _drop_remainder(n: SymbolicDim, d: Known) -> Polynomial | None:
    """Use `(a*c + m)//(b*c) == (a + m//c)//b` where it takes a floor division out of `n`.

    So `(a*c + m - c*(m//c))//(b*c)` is `a//b`: what `m` leaves does not count.
    """
    quotients = _quotients(n)
    for c in dict.fromkeys(quotient.denominator for quotient in quotients):
        b = _exactly(d, c)
        if b is not None and b != 1 and always_positive(b):
            whole, rest = long_division(polynomial(n), polynomial(c))
            inner = dim_of(add(whole, divide_terms(dim_of(rest), c)))
            if len(_quotients(inner)) < len(quotients):
                return divide_terms(inner, b)
    return None


def _quotients(dim: Known) -> dict[Quotient, None]:
    """Return the floor divisions in a sum, those inside of others as well."""
    found: dict[Quotient, None] = {}
    for monomial in polynomial(dim):
        for atom in monomial:
            if isinstance(atom, Quotient):
                inner = _quotients(atom.numerator) | _quotients(atom.denominator)
                found |= {atom: None, **inner}
    return found


def _unnest(n: SymbolicDim, d: Known) -> Polynomial | None:
    """Use `(m//c + a)//d == (m + a*c)//(c*d)` for positive `d`, and its mirror image."""
    for coefficient, factors in n.terms:
        match factors:
            case (Quotient(numerator=m, denominator=c) as atom,) if coefficient in (1, -1):
                inner = SymbolicDim(((1, (atom,)),))
                if coefficient == 1:
                    return divide_terms(m + (n - inner) * c, c * d)
                return add({(): -1}, divide_terms(m + (-n - 1 - inner) * c, c * d), -1)
    return None


def _leading_coefficient(dim: Known) -> int:
    return dim if isinstance(dim, int) else dim.terms[0][0]


def _shared_term(n: Known, d: Known) -> Known:
    """Return the greatest term that divides every term of both."""
    coefficient, factors = common_factor([polynomial(n), polynomial(d)])
    return dim_of({factors: coefficient})


def _primitive(dim: Known) -> Known:
    """Return the sum that is left of a sum without the factors that all its terms share."""
    if isinstance(dim, int) or len(dim.terms) == 1:
        return 1
    coefficient, factors = common_factor([polynomial(dim)])
    result = _exactly(dim, dim_of({factors: coefficient}))
    return 1 if result is None else result


def _exactly(n: Known, d: Known) -> Known | None:
    """Return `n/d`, or None if that is no polynomial."""
    whole, rest = long_division(polynomial(n), polynomial(d))
    return None if rest else dim_of(whole)
