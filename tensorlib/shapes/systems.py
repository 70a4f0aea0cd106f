"""Several equations for several symbols, and equations that have more than one solution."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

from tensorlib.shapes.bounds import never_negative
from tensorlib.shapes.polynomial import Symbol
from tensorlib.shapes.solving import linear_parts
from tensorlib.shapes.substitution import evaluate, substitute, symbols
from tensorlib.shapes.symbolic import Known, SymbolicDim

Equation: TypeAlias = tuple[SymbolicDim, Known]
"""An expression and its value."""

_MAX_EQUATIONS: Final = 24
_MAX_SIZE: Final = 2**40


def eliminated(equations: Sequence[Equation], unknowns: Collection[Symbol]) -> Iterator[Equation]:
    """Yield what follows from several equations, each with one symbol less than its parents.

    From `N + M = 5` and `N - M = 3` follow `2*M = 2` and `2*N = 8`.
    """
    pool = list(equations)
    place = 1
    while place < len(pool) <= _MAX_EQUATIONS:
        for earlier in range(place):
            for found in _combined(pool[earlier], pool[place], unknowns):
                if found not in pool:
                    pool.append(found)
                    yield found
        place += 1


def _combined(a: Equation, b: Equation, unknowns: Collection[Symbol]) -> Iterator[Equation]:
    for name in symbols(a[0]):
        parts = [linear_parts(expression, name) for expression, _ in (a, b)]
        if name not in unknowns or None in parts:
            continue
        first, second = (part[0] for part in parts if part is not None)
        if not isinstance(first, int) or not isinstance(second, int):
            continue
        expression, value = second * a[0] - first * b[0], second * a[1] - first * b[1]
        if isinstance(expression, SymbolicDim):
            is_negative = expression.terms[0][0] < 0
            yield (-expression, -value) if is_negative else (expression, value)


def solutions(expression: SymbolicDim, value: int) -> range | None:
    """Return all sizes of the one symbol for which an expression has a value.

    Returns:
        The sizes, which may be none, or None if it cannot be told: the expression must grow, or
        fall, with the symbol throughout, as `N//2` and `N*N` do.
    """
    names = symbols(expression)
    if len(names) != 1:
        return None
    name = names[0]
    growth = substitute(expression, {name: SymbolicDim(((1, (name,)),)) + 1}) - expression
    if isinstance(growth, int | SymbolicDim) and never_negative(growth):
        return range(_first(expression, name, value), _first(expression, name, value + 1))
    if isinstance(growth, int | SymbolicDim) and never_negative(-growth):
        return range(_first(-expression, name, -value), _first(-expression, name, 1 - value))
    return None


def _first(rising: SymbolicDim, name: Symbol, value: int) -> int:
    """Return the least size for which an expression that grows is at least the value."""
    low, high = 0, 1
    while evaluate(rising, {name: high}) < value:
        low, high = high, 2 * high
        if high > _MAX_SIZE:
            return high
    while high - low > 1:
        middle = (low + high) // 2
        if evaluate(rising, {name: middle}) < value:
            low = middle
        else:
            high = middle
    return high
