"""Equations for one symbol."""

from __future__ import annotations

from collections.abc import Collection

from tensorlib.shapes.division import floor_divide
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.polynomial import Monomial, Polynomial, Symbol, without
from tensorlib.shapes.questions import WAY_OUT, Truth, at_least, divisible, equal
from tensorlib.shapes.substitution import symbols
from tensorlib.shapes.symbolic import Dim, Known, SymbolicDim, UnknownDim, dim_of


def solve(expression: Dim, value: Dim, unknowns: Collection[Symbol]) -> tuple[Symbol, Dim] | None:
    """Solve `expression == value` for a symbol, e.g. `2*N + 1 == 7` for `N`.

    Args:
        expression: a dimension in which exactly one of the unknowns occurs, and in no product with
            itself and no floor division.
        value: a dimension without that symbol.
        unknowns: the symbols to solve for; all others count as known.

    Returns:
        The symbol and its value, or None if that cannot be decided.

    Raises:
        ShapeError: if for some sizes of the value's symbols there is no solution that is an
            integer >= 1, or (`unproven`) none is known to be.
    """
    found = quotient(expression, value, unknowns)
    if found is None:
        return None
    difference, coefficient = found
    (name,) = (symbol for symbol in symbols(expression) if symbol in unknowns)
    equation = f"{expression} = {value}"
    exact = divisible(difference, coefficient)
    if exact is Truth.NEVER and equal(coefficient, 0) is Truth.NEVER:
        raise ShapeError(f"{equation} has no whole solution")
    if exact is not Truth.ALWAYS:
        return None
    solution = floor_divide(difference, coefficient)
    enough = at_least(solution, 1)
    if enough is Truth.ALWAYS:
        return name, solution
    if enough is Truth.NEVER:
        raise ShapeError(f"{equation} has no solution >= 1: {name} would be {solution}")
    problem = f"{equation} may have no solution >= 1: {name} would be {solution}"
    if enough is Truth.UNKNOWN:
        raise ShapeError(f"{problem}: {WAY_OUT}", unproven=True)
    raise ShapeError(f"{problem}, declare a size that suffices")


def quotient(
    expression: Dim, value: Dim, unknowns: Collection[Symbol]
) -> tuple[Known, Known] | None:
    """Return what `expression == value` says of an unknown as a dividend and a divisor.

    For `2*N + 1 == M` these are M - 1 and 2. None where `solve` would return None at once.
    """
    if isinstance(value, UnknownDim) or not isinstance(expression, SymbolicDim):
        return None
    wanted = [symbol for symbol in symbols(expression) if symbol in unknowns]
    if len(wanted) != 1 or wanted[0] in symbols(value):
        return None
    parts = linear_parts(expression, wanted[0])
    return None if parts is None else (value - parts[1], parts[0])


def linear_parts(expression: SymbolicDim, symbol: Symbol) -> tuple[Known, Known] | None:
    """Return `a, b` with `expression == a*symbol + b`, or None if that is not its form."""
    slope: Polynomial = {}
    rest: Polynomial = {}
    for coefficient, factors in expression.terms:
        cofactor = without(factors, (symbol,))
        if cofactor is None:
            rest[factors] = coefficient
        else:
            slope[cofactor] = coefficient
    if not slope or any(_occurs(symbol, factors) for factors in (*slope, *rest)):
        return None
    return dim_of(slope), dim_of(rest)


def _occurs(symbol: Symbol, factors: Monomial) -> bool:
    return symbol in symbols(SymbolicDim(((1, factors),)))
