"""Draws by given probabilities: what never comes, what always does, and how often the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl

DRAWS = 20_000
DRAWERS: tuple[Callable[..., Any], ...] = (
    lambda rng: tl.bernoulli(tl.full((50,), 0.5), rng=rng),
    lambda rng: tl.categorical(tl.zeros((50, 4)), rng=rng),
    lambda rng: tl.multinomial(tl.ones((50,)), 20, rng=rng),
    lambda rng: tl.multinomial(tl.ones((4,)), 50, replacement=True, rng=rng),
)


def make(data: Any, dtype: Any = np.float64) -> Any:
    return tl.tensor(np.asarray(data, dtype))


def frequencies(draws: Any, choices: int) -> Any:
    return np.bincount(draws.numpy().reshape(-1), minlength=choices) / draws.size


def assert_as_often(found: Any, expected: Any, draws: int = DRAWS) -> None:
    """Five standard deviations of a share of independent draws."""
    expected = np.asarray(expected)
    assert (np.abs(found - expected) <= 5 * np.sqrt(expected * (1 - expected) / draws)).all()


@pytest.mark.parametrize("draw", DRAWERS)
def test_seeds_reproduce(draw: Any) -> None:
    assert draw(3).tolist() == draw(3).tolist()
    assert draw(3).tolist() != draw(4).tolist()
    rng = np.random.default_rng(3)
    assert draw(rng).tolist() != draw(rng).tolist()
    assert draw(None).tolist() != draw(None).tolist()


def test_draws_only_read() -> None:
    x = make([0.25, 0.75])
    traced = x.traced()
    for y in (tl.bernoulli(traced), tl.categorical(traced), tl.multinomial(traced, 1)):
        assert not y.owns_tape
    assert traced.sum().backward()[x].tolist() == [1, 1]


# Bernoulli ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_bernoulli_of_certainties(dtype: str) -> None:
    p = make(np.tile([0.0, 1.0], 1000), dtype)
    assert tl.bernoulli(p, rng=0).tolist() == p.tolist()
    assert tl.bernoulli(p, rng=0).dtype == dtype
    assert tl.bernoulli(make(1.0), rng=0).item() == 1


def test_bernoulli_is_as_frequent_as_told() -> None:
    p = np.array([0.02, 0.3, 0.5, 0.9])
    draws = tl.bernoulli(make(np.tile(p, (DRAWS, 1))), rng=1)
    assert set(np.unique(draws.numpy())) == {0, 1}
    assert_as_often(draws.numpy().mean(0), p)


@pytest.mark.parametrize("wrong", [-0.5, 1.5, np.nan, np.inf])
def test_bernoulli_takes_probabilities(wrong: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1") as caught:
        tl.bernoulli(make([0.5, wrong]))
    assert str(caught.value) == f"bernoulli: probabilities must be from 0 to 1, got {wrong}"


# Categorical --------------------------------------------------------------------------------------


def test_categorical_is_as_frequent_as_told() -> None:
    p = np.array([0.1, 0.2, 0.7])
    logits = make(np.tile(np.log(p) + 3, (DRAWS, 1)))
    assert_as_often(frequencies(tl.categorical(logits, rng=2), 3), p)
    assert_as_often(frequencies(tl.categorical(logits.transpose(), 0, rng=2), 3), p)


def test_categorical_of_certainties() -> None:
    never = -np.inf
    logits = make([[0, never, never], [never, never, -1000], [never, 5, never]])
    for seed in range(20):
        assert tl.categorical(logits, rng=seed).tolist() == [0, 2, 1]
    assert tl.categorical(make(np.zeros((4, 3, 2))), 1).shape == (4, 2)


def test_categorical_takes_logits() -> None:
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match=r"^categorical: logits must not be NaN or inf$"):
            tl.categorical(make([0, wrong]))
    with pytest.raises(ValueError, match=r"^categorical: the logits of a line must not all be"):
        tl.categorical(make([[0, 0], [-np.inf, -np.inf]]))


# Multinomial --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_multinomial_is_as_frequent_as_told(dtype: str) -> None:
    p = np.array([[1, 0, 2, 5], [0, 1, 0, 1]])
    draws = tl.multinomial(make(p, dtype), DRAWS, replacement=True, rng=3)
    assert draws.shape == (2, DRAWS)
    for row, weights in zip(draws, p, strict=True):
        assert_as_often(frequencies(row, 4), weights / weights.sum())


def test_multinomial_without_replacement() -> None:
    p = np.array([0.5, 0.3, 0.2])
    draws = tl.multinomial(make(np.tile(p, (DRAWS, 1))), 3, rng=4).numpy()
    assert (np.sort(draws, 1) == [0, 1, 2]).all()
    assert_as_often(np.bincount(draws[:, 0], minlength=3) / DRAWS, p)
    # The second of two that were drawn one after the other, from what was left.
    second = [
        sum(p[first] * p[k] / (1 - p[first]) for first in range(3) if first != k) for k in range(3)
    ]
    assert_as_often(np.bincount(draws[:, 1], minlength=3) / DRAWS, second)


def test_multinomial_of_certainties() -> None:
    p = make([[0.0, 3.0, 0.0], [2.0, 0.0, 0.0]])
    assert tl.multinomial(p, 4, True, rng=0).tolist() == [[1] * 4, [0] * 4]
    assert tl.multinomial(p, 1, rng=0).tolist() == [[1], [0]]
    assert sorted(tl.multinomial(make([1.0, 0.0, 1e-300, 0.0]), 2, rng=0).tolist()) == [0, 2]
    assert tl.multinomial(make(np.ones((2, 0, 3))), 2).shape == (2, 0, 2)


def test_multinomial_takes_probabilities() -> None:
    for wrong in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"^multinomial: probabilities must be finite and not"):
            tl.multinomial(make([0.5, wrong]), 1)
    with pytest.raises(ValueError, match="above 0") as caught:
        tl.multinomial(make([[1.0, 1.0], [1.0, 0.0]]), 2)
    assert str(caught.value) == (
        "multinomial: expected at least 2 probabilities above 0 in each row, got 1"
    )
    with pytest.raises(ValueError, match=r"at least 1 probabilities above 0"):
        tl.multinomial(make([0.0, 0.0]), 3, replacement=True)
    count: Any = 1.5
    with pytest.raises(TypeError, match=r"^multinomial: expected num_samples as an int, got 1\.5"):
        tl.multinomial(make([0.5, 0.5]), count)
