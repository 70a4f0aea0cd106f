"""The algebra of dimensions: what a shape rule and the checker need to know of it.

A dimension is an `int`, a `SymbolicDim` (arithmetic over symbols, in normal form) or an
`UnknownDim`. They mix freely in `+ - * //`; whether two agree is asked with `equal`, `at_least` and
`divisible`, whose answer is a `Truth`, or demanded with the `require_` functions.

Example:
    >>> n, k = symbol("N"), symbol("K")
    >>> (n * k + k) // k
    N + 1
    >>> equal((n - 1) // 2 + 1, (n + 1) // 2)
    <Truth.ALWAYS: 'holds for all sizes'>
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

from tensorlib.shapes.parsing import parse
from tensorlib.shapes.polynomial import Atom, Quotient, Symbol
from tensorlib.shapes.questions import (
    WAY_OUT,
    Truth,
    at_least,
    divisible,
    equal,
    exact_quotient,
    require_at_least,
    require_equal,
)
from tensorlib.shapes.solving import solve
from tensorlib.shapes.substitution import evaluate, substitute, symbols
from tensorlib.shapes.symbolic import ANY, UNKNOWN, Dim, SymbolicDim, UnknownDim, symbol, terms

__all__ = [
    "ANY",
    "UNKNOWN",
    "WAY_OUT",
    "Atom",
    "Dim",
    "Quotient",
    "Symbol",
    "SymbolicDim",
    "Truth",
    "UnknownDim",
    "at_least",
    "divisible",
    "equal",
    "evaluate",
    "exact_quotient",
    "parse",
    "prod",
    "require_at_least",
    "require_equal",
    "solve",
    "substitute",
    "symbol",
    "symbols",
    "terms",
    "total",
]


def prod(dims: Iterable[Dim]) -> Dim:
    """Return the product of dimensions, 1 if there are none."""
    return cast(Dim, math.prod(cast(Iterable[Any], dims)))


def total(dims: Iterable[Dim]) -> Dim:
    """Return the sum of dimensions, 0 if there are none."""
    return cast(Dim, sum(cast(Iterable[Any], dims)))
