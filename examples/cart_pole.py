"""Carts that balance poles: what dqn.py and ppo.py learn to do.

A pole stands on a cart, and falls unless the cart is pushed the right way. The carts are pushed
left (0) or right (1), 50 times a second, and each moment that a pole still stands is worth 1. The
physics and the limits are those of A. G. Barto, R. S. Sutton and C. W. Anderson, Neuronlike
Adaptive Elements That Can Solve Difficult Learning Control Problems, 1983.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool]

GRAVITY, CART, POLE, HALF_LENGTH = 9.8, 1.0, 0.1, 0.5  # m/s^2, kg, kg, m
FORCE, SECONDS = 10.0, 0.02  # N, and how long a push lasts
WIDEST, STEEPEST = 2.4, np.radians(12)  # a pole has fallen beyond this place or angle
LONGEST = 500  # an episode ends after so many pushes


@dataclass(frozen=True)
class Pushed:
    """What a push did to each cart."""

    states: Floats
    """Where it came: place, speed, angle and angular speed, (carts, 4)."""
    fallen: Bools
    ended: Bools
    """Whether the episode is over: the pole has fallen, or it was the last push."""


class CartPoles:
    """Some carts at once. One whose episode is over starts anew."""

    def __init__(self, carts: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pushes = np.zeros(carts, np.int64)
        self.states = self._starts(carts)

    def _starts(self, carts: int) -> Floats:
        return self._rng.uniform(-0.05, 0.05, (carts, 4)).astype(np.float32)

    def push(self, rightwards: Ints) -> Pushed:
        """Push each cart to the left (0) or to the right (1)."""
        _, speed, angle, turning = self.states.T
        force = np.where(rightwards == 1, FORCE, -FORCE)
        sin, cos = np.sin(angle), np.cos(angle)
        mass = CART + POLE
        pull = (force + POLE * HALF_LENGTH * turning**2 * sin) / mass
        inertia = HALF_LENGTH * (4 / 3 - POLE * cos**2 / mass)
        bend = (GRAVITY * sin - cos * pull) / inertia
        push = pull - POLE * HALF_LENGTH * bend * cos / mass
        rates = np.stack([speed, push, turning, bend], axis=1)
        states = (self.states + SECONDS * rates).astype(np.float32)
        self._pushes += 1
        fallen = (np.abs(states[:, 0]) > WIDEST) | (np.abs(states[:, 2]) > STEEPEST)
        ended = fallen | (self._pushes == LONGEST)
        self._pushes[ended] = 0
        self.states = states.copy()
        self.states[ended] = self._starts(int(ended.sum()))
        return Pushed(states, fallen, ended)


def balanced(choose: Callable[[Floats], Ints], carts: int = 20) -> float:
    """Return how many pushes poles stand on average, if each is chosen by its cart's state."""
    poles = CartPoles(carts, np.random.default_rng(1))
    standing = np.ones(carts, np.bool)
    total = 0
    for _ in range(LONGEST):
        total += int(standing.sum())
        standing &= ~poles.push(choose(poles.states)).fallen
    return total / carts


def draw(curve: list[tuple[int, float]], path: Path) -> None:
    """Write a picture of how long poles were balanced along the way."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    panel = figure.add_subplot()
    panel.plot(*zip(*curve, strict=True), ".-")
    panel.set(xlabel="step", ylabel=f"pushes that poles stand, of {LONGEST}", ylim=(0, None))
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)
    print(f"A learning curve is in {path}")
