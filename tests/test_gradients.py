"""Gradients of every op and loss are finite differences: at random shapes, stretched and not.

What is drawn is what `tests/test_rules.py` draws: calls of the table of ops, and any arguments that
a rule allows, of rank 0 to 6. `make rules` draws many times as many.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.shapes import registry
from tensorlib.shapes.registry import Rule
from tensorlib.testing import check_grads
from tests.op_cases import CASES
from tests.rules.drawn import trials
from tests.rules.functions import is_smooth
from tests.rules.trial import Trial
from tests.test_rules import EXAMPLES, is_of_an_element, outcome, some

MOST = 24
"""Of how many elements the operands are, in all: each is moved twice."""
SIGNS = {"cosine_embedding_loss"}
"""Losses whose target is 1 or -1, and nothing near to it; `tests/test_losses_more.py` has them."""


def is_differentiable(rule: Rule) -> bool:
    """Tell whether an op of tensors has gradients that are finite differences."""
    has_row = any(row.op == rule.name and row.differentiable and row.smooth for row in CASES)
    has_tensors = bool(rule.tensor_parameters) or rule.group is not None
    return has_tensors and rule.name not in SIGNS and (is_smooth(rule) or has_row)


DIFFERENTIABLE = [rule for rule in registry.rules() if is_differentiable(rule)]


def is_float(operand: Any) -> bool:
    return isinstance(operand, np.ndarray) and operand.dtype.kind == "f"


def require_differences(trial: Trial, seed: int) -> None:
    rng = np.random.default_rng(seed)
    arrays = trial.arrays(rng)
    places = [place for place, x in enumerate(arrays) if is_float(x)]
    assume(places)
    real = outcome(lambda: trial.apply(arrays))
    assume(not is_of_an_element(real))

    def f(*tensors: Any) -> Any:
        operands: list[Any] = list(arrays)
        for place, x in zip(places, tensors, strict=True):
            operands[place] = x
        return results(trial.apply(operands))

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        assume(all(np.isfinite(y.numpy()).all() for y in f(*(arrays[place] for place in places))))
        try:
            check_grads(f, *(arrays[place] for place in places), rtol=1e-4, atol=1e-5, rng=rng)
        except ValueError as error:  # of the classes' weights
            assume("there is no gradient for" not in str(error))
            raise


def results(found: Any) -> tuple[Any, ...]:
    """Return those of several results that have gradients."""
    several = found if isinstance(found, tuple | list) else (found,)
    return tuple(y for y in several if y.dtype.kind == "f")


@pytest.mark.parametrize("rule", DIFFERENTIABLE, ids=lambda rule: rule.name)
@given(data=st.data())
@some(max(EXAMPLES // 3, 1))
def test_gradients_are_finite_differences(rule: Rule, data: st.DataObject) -> None:
    trial = data.draw(trials(rule).filter(is_small))
    require_differences(trial, data.draw(st.integers(0, 2**32 - 1)))


def is_small(trial: Trial) -> bool:
    """Tell whether a call has few elements, and is one that the rule allows."""
    sizes = [int(np.prod(shape)) for shape in trial.shapes]
    return trial.is_smooth and 0 < sum(sizes) <= MOST and not isinstance(trial.outcome, Exception)


# The tape -----------------------------------------------------------------------------------------


def test_what_a_node_saved_is_freed_when_it_has_run() -> None:
    """At each step of the backward pass, only what the steps to come need is there."""
    saved: list[weakref.ref[Any]] = []
    alive: list[int] = []

    def slope(x: Any) -> Any:
        alive.append(sum(each() is not None for each in saved))
        return np.ones_like(x)

    x: Any = tl.ones((3,))
    y = x.traced()
    for _ in range(50):
        y = tl.map(y, np.positive, slope).tanh()
        saved.append(weakref.ref(y._data))
    loss = y.log().sum()
    del y
    loss.backward()
    assert len(alive) == 50
    assert alive == sorted(alive, reverse=True)
    assert alive[-1] <= 2


def test_a_parameter_that_is_used_in_many_places_has_the_sum() -> None:
    numbers = np.array([[0.5, -0.25], [0.125, 1.0]])
    shared = tl.nn.Parameter(tl.tensor(numbers))
    x: Any = tl.tensor([[1.0, 2.0]], np.float64)

    def through(x: Any, weights: Sequence[Any]) -> Any:
        for weight in weights:
            x = (x @ weight).tanh()
        return x.sum()

    apart = [tl.tensor(numbers) for _ in range(5)]
    check_grads(lambda *weights: through(x, weights), *apart, rng=0)
    separate = through(x, [each.traced() for each in apart]).backward()
    total = sum(separate[each].numpy() for each in apart)
    found = through(x.traced(), [shared] * 5).backward()[shared]
    np.testing.assert_allclose(found.numpy(), total, rtol=1e-12)
