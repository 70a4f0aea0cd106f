"""The laws of dimensions: they hold, they are proven, none is an instance of another."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tensorlib.shapes.dim import (
    Dim,
    Truth,
    at_least,
    equal,
    evaluate,
    parse,
    require_equal,
    substitute,
    symbol,
    symbols,
)
from tensorlib.shapes.errors import ShapeError
from tests.shapes.laws import CASES, DEMANDED, EXAMPLES, FAMILIES
from tests.shapes.matching import is_instance
from tests.shapes.test_dim_laws import dims, polynomials, texts

LAWS = {family: laws.true for family, laws in {**FAMILIES, "cases": CASES}.items()}
TRUE = [*DEMANDED, *(law for laws in LAWS.values() for law in laws), *EXAMPLES]
FALSE = [mistake for laws in (*FAMILIES.values(), CASES) for mistake in laws.false]
BY_NORMAL_FORM = [equation for equation in TRUE if equation not in CASES.true]
REFUTED = (Truth.NEVER, Truth.SOMETIMES)


def sides(equation: str) -> tuple[Dim, Dim]:
    left, right = equation.split(" == ")
    return parse(left, symbol), parse(right, symbol)


def names_in(text: str) -> list[str]:
    return sorted(set(re.findall(r"[A-Za-z]+", text)))


def outcomes(equation: str) -> Iterator[bool]:
    """Evaluate both sides for random sizes, in Python's own integers."""
    rng = np.random.default_rng(len(equation))
    left, right = equation.split(" == ")
    for most in np.repeat([3, 12, 1000], 100):
        sizes = {name: int(rng.integers(1, most + 1)) for name in names_in(equation)}
        try:
            yield eval(left, {}, sizes) == eval(right, {}, sizes)
        except ZeroDivisionError:
            continue


def test_there_are_enough_families_and_laws() -> None:
    assert len(FAMILIES) >= 12
    assert sum(map(len, LAWS.values())) >= 60
    assert len(TRUE) == len(set(TRUE))
    assert all(laws.true and laws.false for laws in (*FAMILIES.values(), CASES))


@pytest.mark.parametrize("equation", TRUE)
def test_laws_hold(equation: str) -> None:
    tried = list(outcomes(equation))
    assert len(tried) > 100
    assert all(tried)


@pytest.mark.parametrize("equation", BY_NORMAL_FORM)
def test_laws_are_proven_by_normal_form(equation: str) -> None:
    left, right = sides(equation)
    assert left == right
    assert hash(left) == hash(right)
    assert equal(left, right) is Truth.ALWAYS
    assert require_equal(left, right, "differ") == left


@pytest.mark.parametrize("equation", CASES.true)
def test_laws_are_proven_by_cases(equation: str) -> None:
    left, right = sides(equation)
    assert left != right
    assert equal(left, right) is Truth.ALWAYS
    assert at_least(left, right) is Truth.ALWAYS


@pytest.mark.parametrize("equation", FALSE)
def test_mistakes_are_refuted(equation: str) -> None:
    assert False in outcomes(equation)
    left, right = sides(equation)
    assert left != right
    assert equal(left, right) in REFUTED
    with pytest.raises(ShapeError, match=r"^differ$") as caught:
        require_equal(left, right, "differ")
    assert not caught.value.unproven


@pytest.mark.parametrize("family", LAWS)
def test_no_law_is_an_instance_of_another(family: str) -> None:
    """As far as `is_instance` tells; the demanded equations are instances of each other."""
    others = [*DEMANDED, *(law for laws in LAWS.values() for law in laws)]
    for law in LAWS[family]:
        assert [other for other in others if other != law and is_instance(law, other)] == []


@pytest.mark.parametrize(
    ("special", "general"),
    [
        ("(2*n)//2 == n", "(n*m)//m == n"),
        ("(n + 2)//2 == n//2 + 1", "(a + c)//c == a//c + 1"),
        ("(2*a + 2*b)//2 == a + b", "(n*m)//m == n"),
        ("(3*n + n)//n == (3*n)//n + 1", "(a + c)//c == a//c + 1"),
        ("(h + 1)*(h + 1) == h*h + 2*h*1 + 1*1", "(a + b)*(a + b) == a*a + 2*a*b + b*b"),
    ],
)
def test_instances_are_found(special: str, general: str) -> None:
    assert is_instance(special, general)
    assert not is_instance(general, special)


positive = dims.filter(lambda dim: at_least(dim, 1) is Truth.ALWAYS)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(TRUE), st.data())
def test_no_instance_of_a_law_is_refuted(equation: str, data: st.DataObject) -> None:
    left, right = sides(equation)
    names = {*symbols(left), *symbols(right)}
    images = {name: data.draw(positive) for name in sorted(names, key=str)}
    try:
        answer = equal(substitute(left, images), substitute(right, images))
    except ShapeError:  # too large, or a denominator is 0 for all sizes
        assume(False)
        raise
    assert answer not in REFUTED


# A second opinion ---------------------------------------------------------------------------------


def of_sympy(text: str) -> sympy.Expr:
    """Read an expression as sympy does, to which a floor division is the floor of a fraction."""
    names = {name: sympy.Symbol(name, integer=True, positive=True) for name in names_in(text)}
    return sympy.sympify(eval(text, {}, names))


def value_by_sympy(expression: sympy.Expr, sizes: dict[str, int]) -> sympy.Expr:
    return expression.subs({symbol: sizes[symbol.name] for symbol in expression.free_symbols})


@settings(max_examples=100, deadline=None, derandomize=True)
@given(texts, st.fixed_dictionaries({name: st.integers(1, 30) for name in ("A", "B", "N")}))
def test_normal_forms_have_the_values_that_sympy_computes(text: str, sizes: dict[str, int]) -> None:
    try:
        dim = parse(text, symbol)
        value = evaluate(dim, {each: sizes[each.name] for each in symbols(dim)})
        theirs = value_by_sympy(of_sympy(text), sizes)
    except (ShapeError, ZeroDivisionError):
        assume(False)
    assume(theirs.is_finite)  # else a denominator is 0
    assert theirs == value
    assert value_by_sympy(of_sympy(str(dim)), sizes) == value


@settings(max_examples=100, deadline=None, derandomize=True)
@given(polynomials, polynomials)
def test_polynomials_are_equal_just_where_sympy_says_so(a: Dim, b: Dim) -> None:
    ours, theirs = of_sympy(str(a)), of_sympy(str(b))
    assert (a == b) == (sympy.expand(ours - theirs) == 0)
    assert sympy.expand(of_sympy(str(a * b)) - ours * theirs) == 0
    assert sympy.expand(of_sympy(str(a - b)) - ours + theirs) == 0


@pytest.mark.parametrize("equation", TRUE)
def test_sympy_agrees_with_the_laws(equation: str) -> None:
    left, right = map(of_sympy, equation.split(" == "))
    rng = np.random.default_rng(len(equation))
    for _ in range(5):
        sizes = {name: int(rng.integers(1, 100)) for name in names_in(equation)}
        first, second = value_by_sympy(left, sizes), value_by_sympy(right, sizes)
        assert first == second or not first.is_finite
