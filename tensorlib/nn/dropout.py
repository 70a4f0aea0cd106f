"""Dropout, which acts where a tape is."""

from __future__ import annotations

import numpy as np

from tensorlib.creation import generator
from tensorlib.nn.module import TapeSwitched
from tensorlib.ops import random
from tensorlib.shapes.shape import Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S, Seed, T


class Dropout(TapeSwitched):
    """Set each element to 0 with probability p, and divide the others by 1 - p.

    Acts on operands that own a tape, that is, in training; others pass unchanged.

    Args:
        p: from 0 to 1.
        active: True to act on every operand, False on none, None to act by tape.
        rng: what the layer's own Generator is spawned from. `reset_params` spawns it anew.

    Raises:
        ValueError: p is not from 0 to 1.
    """

    def __init__(self, p: float = 0.5, *, active: bool | None = None, rng: Seed = None) -> None:
        random.require_probability(p, "Dropout")
        self.p = p
        self.active = active
        self.reset_own_params(generator(rng))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Spawn this layer's Generator."""
        (self.rng,) = rng.spawn(1)

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the layer.

        Raises:
            DtypeError: the layer acts, and the operand is not floating point.
        """
        return random.dropout(x, self.p, rng=self.rng) if self.acts_on(x) else x

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return x

    def __repr__(self) -> str:
        return f"Dropout(p={self.p:g})"
