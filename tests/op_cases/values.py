"""What fills the operands: float32 numbers, so that a float64 reference starts from the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_cases.case import Shape, _single


def inside(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-0.9, 0.9, shape))


def above_one(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(1.2, 4, shape))


def halves(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.integers(-7, 8, shape) / 2)


def not_finite(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.choice([np.nan, np.inf, -np.inf, 0, -2.5], shape))


def positive(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(0.3, 3, shape))


def away_from_zero(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape))


def moderate(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-1.5, 1.5, shape))


def large(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-200, 200, shape))


def nearly_equal(rng: np.random.Generator, shape: Shape) -> Any:
    """Around the default tolerance of `isclose`, now and then with what is close to nothing."""
    choices = [1, 1.000005, 1.00002] if rng.random() < 0.7 else [1, np.nan, np.inf, -np.inf, 0]
    return _single(rng.choice(choices, shape))


def probabilities(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(np.clip(rng.uniform(-0.2, 1.2, shape), 0, 1))


def tied(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.integers(-1, 2, shape))


def beside_the_dip(rng: np.random.Generator, shape: Shape) -> Any:
    """Away from the minimum of gelu and silu, where float32 holds few digits of a slope near 0."""
    return _single(np.where(rng.random(shape) < 0.3, -1, 0.5) * rng.uniform(1.7, 4, shape) - 0.4)
