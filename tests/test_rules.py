"""Every registered rule, on calls drawn at random: it refuses what cannot be computed, no more.

Each rule is drawn from, new ones included: see `tests/rules`. `make rules` draws a hundred times as
many calls.
"""

from __future__ import annotations

import os
import random
import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.shapes import registry
from tensorlib.shapes.dim import UnknownDim
from tensorlib.shapes.errors import ImmutableError, IndexOutOfRangeError, ShapeError
from tensorlib.shapes.registry import Rule
from tensorlib.shapes.shape import Each
from tests.rules.drawn import trials
from tests.rules.functions import NOTHING
from tests.rules.symbols import require_law, require_less_known
from tests.rules.trial import Trial, shapes_of

EXAMPLES = int(os.environ.get("RULES", "12"))
IS_LONG = EXAMPLES > 100
each_rule = pytest.mark.parametrize("rule", registry.rules(), ids=lambda rule: rule.name)


def some(examples: int) -> settings:
    return settings(
        deadline=None,
        derandomize=not IS_LONG,
        max_examples=examples,
        database=None,
        suppress_health_check=[*HealthCheck],
    )


STRICTER = {
    "would both be stretched": "broadcasting is one-sided",
    "a scalar has no axes": "NumPy counts a scalar as a vector here and there",
    "expected at least 2 dimensions": "NumPy makes a matrix of a vector",
    "expected one axis for each shift": "NumPy stretches shifts and axes",
    "axes must differ": "NumPy rolls an axis twice",
    "the number of axes must not be negative": "NumPy takes -1 for 0",
    "a mask must have at least one dimension": "NumPy takes a bool for an axis of its own",
    "a mask must be the only tensor of an index": "NumPy stretches the places that a mask finds",
    "must stand side by side": "NumPy moves their axes to the front",
    "a mask must have the lengths": "NumPy takes a mask of no elements for any axis",
    "reshape: dimensions must not be negative": "NumPy takes all below 0 for -1",
    "or one pair for each axis": "NumPy takes one pair for no axes",
    "repeats must not be negative": "NumPy multiplies nothing by anything",
    "expected at least one tensor": "NumPy makes nothing of nothing",
    "reflect needs an axis": "NumPy reflects what it reflected",
    "meshgrid: expected vectors": "NumPy makes vectors of all else",
}
"""What NumPy computes and we refuse, by what we say of it."""


LOOSER = {
    "linalg.norm": "of no axes, the absolute value of each number",
    "pad": "no axes, and for each of them no width",
    "roll": "no axes, and for each of them no shift",
}
"""What we compute and NumPy refuses."""

STATE = {
    "expect_shape": "states what is not known, and refuses what is certainly another shape",
    "item": "a size may be 1",
    "batches": "data has at least as many items as a batch",
    "setitem": "always refused",
    "delitem": "always refused",
}
"""Rules that take symbols some sizes of which they refuse, and why."""


def fits(known: Any, real: Any) -> bool:
    """Tell whether a rule says what came out; what depends on elements it leaves open."""
    if real is NOTHING or known is None or isinstance(known, UnknownDim):
        return True
    if isinstance(known, Each):
        return all(fits(known.shape, shape) for shape in real)
    if isinstance(known, tuple):
        return isinstance(real, tuple) and len(known) == len(real) and all(map(fits, known, real))
    return bool(known == real)


def outcome(f: Any) -> Any:
    """Return the shapes of what is computed, or the error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return shapes_of(f())
        except (
            tl.TensorlibError, ValueError, IndexError, TypeError, RuntimeError, ArithmeticError,
        ) as error:  # fmt: skip
            return error


def is_of_an_element(error: Any) -> bool:
    """Tell whether an error is about an index among elements, of which rules know nothing."""
    return isinstance(error, IndexOutOfRangeError) and "index 0 " in str(error)


def require_agreement(trial: Trial) -> None:
    """Require that the rule refuses what the op and NumPy do, and knows the shape of the rest."""
    try:
        said = trial.outcome
    except ImmutableError as error:
        said = error
    refuses = isinstance(said, Exception)
    assert not (trial.is_right and refuses), f"{trial}: {said}"
    arrays = trial.arrays(np.random.default_rng(0))
    real = outcome(lambda: trial.apply(arrays))
    if refuses:
        assert isinstance(real, ShapeError | ImmutableError), f"{trial}: {said}, but {real!r}"
    elif not is_of_an_element(real):
        assert not isinstance(real, Exception), f"{trial}: {said}, but {real!r}"
        assert fits(said, real), f"{trial}: {said} is not {real}"
    if trial.torch is not None and not refuses:
        theirs = outcome(partial(trial.torch, arrays))
        assert isinstance(theirs, Exception) or fits(said, theirs), f"{trial}: {said}, not {theirs}"
    if trial.numpy is not None and not is_of_an_element(real):
        theirs = outcome(partial(trial.numpy, arrays))
        if refuses and not isinstance(theirs, Exception):
            assert any(text in str(said) for text in STRICTER), f"{trial}: {said}, but {theirs}"
        elif not refuses and isinstance(theirs, Exception):
            assert trial.rule.name in LOOSER, f"{trial}: {said}, but {theirs!r}"
        elif not refuses:
            assert fits(said, theirs), f"{trial}: {said} is not {theirs}"


@each_rule
@given(data=st.data())
@some(EXAMPLES)
def test_a_rule_refuses_what_cannot_be_computed(rule: Rule, data: st.DataObject) -> None:
    require_agreement(data.draw(trials(rule)))


@pytest.mark.parametrize(
    "rule",
    [each for each in registry.rules() if each.name not in STATE],
    ids=lambda rule: rule.name,
)
@given(data=st.data())
@some(EXAMPLES)
def test_a_rule_says_of_symbols_what_it_says_of_sizes(rule: Rule, data: st.DataObject) -> None:
    trial = data.draw(trials(rule))
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    require_law(trial, rng)
    require_less_known(trial, rng)
