"""Questions about dimensions, and their four answers."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from math import gcd
from typing import Final, NoReturn

from tensorlib.shapes.bounds import never_negative
from tensorlib.shapes.division import floor_divide
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.remainders import cases
from tensorlib.shapes.substitution import evaluate, symbols
from tensorlib.shapes.symbolic import ANY, Dim, Known, SymbolicDim, UnknownDim

WAY_OUT: Final = "state what is unknown with expect_shape, or write Any for it"
"""What to do about an error that says that nothing is proven."""


class Truth(enum.Enum):
    """The answer to a question about dimensions, over all sizes >= 1 of their symbols.

    Sizes for which a denominator would be 0 do not count.
    """

    ALWAYS = "holds for all sizes"
    NEVER = "fails for all sizes"
    SOMETIMES = "fails for some sizes"
    UNKNOWN = "is not known"

    def __bool__(self) -> NoReturn:
        raise TypeError("the answer about a dimension is no bool; compare it with a Truth")


def equal(a: Dim, b: Dim) -> Truth:
    """Tell whether two dimensions are equal."""
    if isinstance(a, int) and isinstance(b, int):
        return Truth.ALWAYS if a == b else Truth.NEVER
    if isinstance(a, UnknownDim) or isinstance(b, UnknownDim):
        return Truth.UNKNOWN
    return Truth.ALWAYS if a == b else _is_zero(a - b)


def at_least(a: Dim, b: Dim) -> Truth:
    """Tell whether `a >= b`."""
    if isinstance(a, int) and isinstance(b, int):
        return Truth.ALWAYS if a >= b else Truth.NEVER
    if isinstance(a, UnknownDim) or isinstance(b, UnknownDim):
        return Truth.UNKNOWN
    difference = a - b
    if never_negative(difference):
        return Truth.ALWAYS
    outcomes = _outcomes(value >= 0 for value in _samples(difference))
    if True not in outcomes and never_negative(-difference - 1):
        return Truth.NEVER
    if False in outcomes:
        return Truth.SOMETIMES
    return Truth.ALWAYS if _in_all_cases(never_negative, difference) else Truth.UNKNOWN


def divisible(n: Dim, d: Dim) -> Truth:
    """Tell whether `n` is a multiple of `d`.

    Raises:
        ShapeError: if `d` is 0.
    """
    return equal(floor_divide(n, d) * d, n)


def require_equal(a: Dim, b: Dim, problem: str) -> Dim:
    """Return the better known of two dimensions that must be equal.

    Args:
        a: a dimension.
        b: another; it is returned where `a` is unknown and it is known, or `a` is `ANY`.
        problem: what to say if they differ.

    Raises:
        ShapeError: if they differ for some sizes, or (`unproven`) are not known to agree.
    """
    if isinstance(a, int) and isinstance(b, int):
        if a == b:
            return a
        raise ShapeError(problem)
    if isinstance(a, UnknownDim):
        return b if not isinstance(b, UnknownDim) or a is ANY else a
    if not isinstance(b, UnknownDim):
        _require(equal(a, b), problem)
    return a


def require_at_least(a: Dim, b: Dim, problem: str) -> None:
    """Require `a >= b`, as far as both are known.

    Raises:
        ShapeError: if it fails for some sizes, or (`unproven`) is not known to hold.
    """
    if isinstance(a, int) and isinstance(b, int):
        if a < b:
            raise ShapeError(problem)
    elif not isinstance(a, UnknownDim) and not isinstance(b, UnknownDim):
        _require(at_least(a, b), problem)


def exact_quotient(n: Dim, d: Dim, problem: str) -> Dim:
    """Return `n // d`, which must leave no remainder as far as both are known.

    Raises:
        ShapeError: if it leaves one for some sizes, or (`unproven`) is not known to leave none.
    """
    quotient = floor_divide(n, d)
    if isinstance(quotient, UnknownDim):
        return quotient
    _require(equal(quotient * d, n), problem)
    return quotient


def _require(answer: Truth, problem: str) -> None:
    if answer is Truth.ALWAYS:
        return
    if answer is Truth.UNKNOWN:
        before, verb, after = problem.rpartition(" is not ")
        doubt = f"{before} may not be {after}" if verb else problem
        raise ShapeError(f"{doubt}: {WAY_OUT}", unproven=True)
    raise ShapeError(problem)


def _is_zero(dim: Known) -> Truth:
    if isinstance(dim, int):
        return Truth.NEVER if dim else Truth.ALWAYS
    if _has_odd_constant(dim):
        return Truth.NEVER
    outcomes = _outcomes(value == 0 for value in _samples(dim))
    if False not in outcomes and never_negative(dim) and never_negative(-dim):
        return Truth.ALWAYS
    if True not in outcomes and (never_negative(dim - 1) or never_negative(-dim - 1)):
        return Truth.NEVER
    if False in outcomes:
        return Truth.SOMETIMES
    return Truth.ALWAYS if _in_all_cases(_is_nothing, dim) else Truth.UNKNOWN


def _is_nothing(dim: Known) -> bool:
    return isinstance(dim, int) and dim == 0


def _in_all_cases(claim: Callable[[Known], bool], dim: Known) -> bool:
    """Tell whether a claim can be proven for all remainders that the symbols may leave."""
    try:
        proven = [claim(case) for case in cases(dim) if not isinstance(case, UnknownDim)]
    except ShapeError:  # one of them is too large
        return False
    return bool(proven) and all(proven)


def _outcomes(tests: Iterable[bool]) -> set[bool]:
    """Return which outcomes there are, and stop as soon as there are both."""
    seen: set[bool] = set()
    for outcome in tests:
        seen.add(outcome)
        if len(seen) == 2:
            break
    return seen


def _has_odd_constant(dim: SymbolicDim) -> bool:
    """Tell whether the constant term is no multiple of what divides all others, as in 2*N + 1."""
    divisor = gcd(*(coefficient for coefficient, factors in dim.terms if factors))
    return any(coefficient % divisor for coefficient, factors in dim.terms if not factors)


_SIZES: Final = (1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 6, 9, 64, 97)
_STRIDES: Final = (0, 1, 3, 5, 8)


def _samples(dim: Known) -> Iterator[int]:
    """Yield the values of a dimension for some sizes of its symbols: equal, prime, powers of 2."""
    names = symbols(dim)
    for stride in _STRIDES if len(names) > 1 else _STRIDES[:1]:
        for start in range(len(_SIZES)):
            sizes = (_SIZES[(start + stride * i) % len(_SIZES)] for i in range(len(names)))
            try:
                yield evaluate(dim, dict(zip(names, sizes, strict=True)))
            except ShapeError:  # a denominator is 0 here
                continue
