"""Proofs by cases: what remainders the sizes leave.

A floor division by an integer is not a polynomial, but it is one for all odd sizes, and another for
all even ones. So a claim about divisions by integers is a claim about a few polynomials.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import lcm, prod
from typing import Final

from tensorlib.shapes.polynomial import Symbol
from tensorlib.shapes.substitution import substitute
from tensorlib.shapes.symbolic import Dim, Known, SymbolicDim

_MAX_CASES: Final = 100


def cases(dim: Known) -> Iterator[Dim]:
    """Yield a dimension for each combination of remainders of its symbols.

    In each, `m*N - m + r` stands for `N`, with `r` from 1 to `m`, where `m` is what `N` is divided
    by. What holds for all of them, and all sizes, holds. There are none where nothing is divided by
    an integer, or where there would be too many.
    """
    moduli: dict[Symbol, int] = {}
    _collect(dim, 1, moduli)
    if not 1 < prod(moduli.values()) <= _MAX_CASES:
        return
    names = [name for name, modulus in moduli.items() if modulus > 1]
    for remainders in itertools.product(*(range(1, moduli[name] + 1) for name in names)):
        values: dict[Symbol, Dim] = {
            name: moduli[name] * (SymbolicDim(((1, (name,)),)) - 1) + remainder
            for name, remainder in zip(names, remainders, strict=True)
        }
        yield substitute(dim, values)


def _collect(dim: Known, divisor: int, moduli: dict[Symbol, int]) -> None:
    """Collect of each symbol the integer by which it is divided, all nested divisions together."""
    for _, factors in dim.terms if isinstance(dim, SymbolicDim) else ():
        for atom in factors:
            if isinstance(atom, Symbol):
                moduli[atom] = lcm(moduli.get(atom, 1), divisor)
            elif isinstance(atom.denominator, int):
                _collect(atom.numerator, divisor * atom.denominator, moduli)
