"""Symbols of a dimension, and values in their place."""

from __future__ import annotations

from collections.abc import Mapping

from tensorlib.shapes.division import floor_divide
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.polynomial import Atom, Quotient, Symbol
from tensorlib.shapes.symbolic import Dim, SymbolicDim, UnknownDim


def symbols(dim: Dim) -> tuple[Symbol, ...]:
    """Return the symbols that a dimension depends on, sorted by name."""
    lone = lone_symbol(dim)
    if lone is not None or not isinstance(dim, SymbolicDim):
        return () if lone is None else (lone,)
    found: set[Symbol] = set()
    _collect(dim, found)
    return tuple(sorted(found, key=lambda symbol: symbol.order))


def lone_symbol(dim: Dim) -> Symbol | None:
    """Return the symbol that a dimension consists of, or None if it is anything else."""
    if not isinstance(dim, SymbolicDim) or len(dim.terms) != 1:
        return None
    ((coefficient, factors),) = dim.terms
    if coefficient != 1 or len(factors) != 1 or not isinstance(factors[0], Symbol):
        return None
    return factors[0]


def _collect(dim: Dim, found: set[Symbol]) -> None:
    if not isinstance(dim, SymbolicDim):
        return
    for _, factors in dim.terms:
        for atom in factors:
            if isinstance(atom, Quotient):
                _collect(atom.numerator, found)
                _collect(atom.denominator, found)
            else:
                found.add(atom)


def substitute(dim: Dim, values: Mapping[Symbol, Dim]) -> Dim:
    """Return the dimension with values in the place of symbols, in normal form.

    Symbols without a value stay.

    Raises:
        ShapeError: if a denominator becomes 0.
    """
    if not isinstance(dim, SymbolicDim):
        return dim
    lone = lone_symbol(dim)
    if lone is not None:
        return values.get(lone, dim)
    result: Dim = 0
    for coefficient, factors in dim.terms:
        product: Dim = coefficient
        for atom in factors:
            product = product * _value(atom, values)
        result = result + product
    return result


def _value(atom: Atom, values: Mapping[Symbol, Dim]) -> Dim:
    if isinstance(atom, Quotient):
        numerator = substitute(atom.numerator, values)
        return floor_divide(numerator, substitute(atom.denominator, values))
    value = values.get(atom)
    return SymbolicDim(((1, (atom,)),)) if value is None else value


def evaluate(dim: Dim, values: Mapping[Symbol, int]) -> int:
    """Return the integer that a dimension is for given sizes of all its symbols.

    Raises:
        KeyError: if a symbol has no value.
        ShapeError: if a denominator is 0.
        UndecidedError: if the dimension is unknown.
    """
    if isinstance(dim, UnknownDim):
        raise UndecidedError(f"the dimension {dim} has no value")
    if isinstance(dim, int):
        return dim
    result = 0
    for coefficient, factors in dim.terms:
        product = coefficient
        for atom in factors:
            product *= _evaluate_atom(atom, values)
        result += product
    return result


def _evaluate_atom(atom: Atom, values: Mapping[Symbol, int]) -> int:
    if isinstance(atom, Symbol):
        return values[atom]
    denominator = evaluate(atom.denominator, values)
    if denominator == 0:
        raise ShapeError(f"division by zero: {atom.denominator} is 0")
    return evaluate(atom.numerator, values) // denominator
