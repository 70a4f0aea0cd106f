"""Laws of the algebra of dimensions, on random expressions and sizes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tensorlib.shapes.dim import (
    Dim,
    Symbol,
    SymbolicDim,
    Truth,
    at_least,
    divisible,
    equal,
    evaluate,
    parse,
    solve,
    substitute,
    symbol,
    symbols,
)
from tensorlib.shapes.errors import ShapeError

NAMES = ("A", "B", "N")
REFUTED = (Truth.NEVER, Truth.SOMETIMES)
Sizes = Mapping[str, int]
Operation = Callable[[Dim, Dim], Dim]


def expressions(operators: str) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(NAMES) | st.integers(-4, 6).map(str)

    def combine(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        triples = st.tuples(parts, st.sampled_from(operators.split()), parts)
        return triples.map(lambda triple: "({} {} {})".format(*triple))

    return st.recursive(leaves, combine, max_leaves=7)


def read(text: str) -> Dim:
    """Parse a text that neither divides by zero nor grows too large."""
    try:
        return parse(text, symbol)
    except ShapeError:
        assume(False)
        raise


def value(dim: Dim, sizes: Sizes) -> int:
    """Evaluate where no denominator is 0."""
    try:
        return evaluate(dim, {Symbol(name): size for name, size in sizes.items()})
    except ShapeError:
        assume(False)
        raise


polynomials = expressions("+ - *").map(read)
texts = expressions("+ - * // //")
dims = texts.map(read)
all_sizes = st.fixed_dictionaries({name: st.integers(1, 30) for name in NAMES})
laws = settings(max_examples=150, deadline=None, derandomize=True)


@laws
@given(polynomials, polynomials, polynomials)
def test_polynomials_are_a_ring(a: Dim, b: Dim, c: Dim) -> None:
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert (a + b) * c == a * c + b * c
    assert a - b == -(b - a)
    assert (a + b) - b == a
    assert a + 0 == a
    assert a * 1 == a
    assert a * 0 == 0


@laws
@given(dims, dims, dims)
def test_dims_are_a_ring(a: Dim, b: Dim, c: Dim) -> None:
    assert a + b == b + a
    assert a * b == b * a
    assert 0 - (-a) == a
    assert a - a == 0
    assert (-a) * b == -(a * b)
    assert equal((a + b) + c, a + (b + c)) not in REFUTED
    assert equal((a + b) * c, a * c + b * c) not in REFUTED


@laws
@given(polynomials, polynomials, polynomials, st.integers(1, 6))
def test_division_takes_out_multiples(a: Dim, b: Dim, c: Dim, k: int) -> None:
    assert (a * k + b) // k == a + b // k
    assert (a * k) // k == a
    assume(c != 0)
    assert (a * c) // c == a
    assert (a * c + b) // c == a + b // c


@laws
@given(polynomials, polynomials, st.sampled_from(["2", "A", "3*B", "A*N"]))
def test_division_cancels_terms(a: Dim, b: Dim, factor: str) -> None:
    assume(b != 0)
    c = parse(factor, symbol)
    try:
        assert (a * c) // (b * c) == a // b
    except ZeroDivisionError:
        raise AssertionError("a plain int was divided") from None


@laws
@given(polynomials, st.integers(2, 5))
def test_shifts_of_a_division_add_up(a: Dim, k: int) -> None:
    assert sum(((a + shift) // k for shift in range(1, k)), a // k) == a


@laws
@given(dims)
def test_text_gives_the_same_dim_again(a: Dim) -> None:
    text = str(a)
    assume(len(text) <= 1000)
    assert parse(text, symbol) == a
    assert hash(parse(text, symbol)) == hash(a)


@laws
@given(texts, all_sizes)
def test_value_is_that_of_the_text(text: str, sizes: dict[str, int]) -> None:
    dim = read(text)
    try:
        expected = eval(text, {}, sizes)
    except ZeroDivisionError:
        assume(False)
    assert evaluate(dim, {Symbol(name): size for name, size in sizes.items()}) == expected


@laws
@given(
    dims,
    dims,
    st.sampled_from([operator.add, operator.sub, operator.mul, operator.floordiv]),
    all_sizes,
)
def test_evaluation_is_a_homomorphism(a: Dim, b: Dim, op: Operation, sizes: Sizes) -> None:
    first, second = value(a, sizes), value(b, sizes)
    assume(op is not operator.floordiv or second != 0)
    assert value(op(a, b), sizes) == op(first, second)


@laws
@given(dims, dims, all_sizes)
def test_substitution_is_evaluation_in_two_steps(a: Dim, b: Dim, sizes: Sizes) -> None:
    inner = value(b, sizes)
    try:
        replaced = substitute(a, {Symbol("A"): b})
    except ShapeError:
        assume(False)
    expected = value(a, {**sizes, "A": inner})
    assert value(replaced, sizes) == expected


@laws
@given(dims, dims, all_sizes)
def test_answers_are_true(a: Dim, b: Dim, sizes: Sizes) -> None:
    first, second = value(a, sizes), value(b, sizes)
    assert consistent(equal(a, b), first == second)
    assert consistent(at_least(a, b), first >= second)
    if second != 0:
        assert consistent(divisible(a, b), first % second == 0)


def consistent(answer: Truth, outcome: bool) -> bool:
    return answer is not (Truth.NEVER if outcome else Truth.ALWAYS)


@laws
@given(dims, dims)
def test_refuted_equations_have_a_counterexample(a: Dim, b: Dim) -> None:
    difference = a - b
    if equal(a, b) is Truth.SOMETIMES:
        assert isinstance(difference, SymbolicDim)
        assert any(
            value(difference, {"A": i, "B": j, "N": k}) != 0
            for i in (1, 2, 3, 7, 64, 997)
            for j in (1, 2, 5, 8, 81, 1000)
            for k in (1, 3, 4, 16, 625)
        )


@laws
@given(dims, st.integers(1, 9), st.integers(1, 9), all_sizes)
def test_solutions_solve(rest: Dim, slope: int, size: int, sizes: Sizes) -> None:
    unknown = Symbol("X")
    expression = slope * symbol("X") + rest
    assert solve(expression, slope * size + rest, {unknown}) == (unknown, size)
    assert unknown in symbols(expression)
    assert value(expression, {**sizes, "X": size}) == slope * size + value(rest, sizes)
