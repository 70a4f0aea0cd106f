"""Dropout, which acts where a tape is."""

from __future__ import annotations

import numpy as np

from tensorlib.creation import generator
from tensorlib.nn.module import TapeSwitched
from tensorlib.ops import random
from tensorlib.ops.arguments import plain_int
from tensorlib.shapes import random as rules
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

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    2014.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.Dropout(0.5, rng=0)
        >>> layer(tl.ones((6,))).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
        >>> sorted(set(layer(tl.ones((600,)).traced()).tolist()))
        [0.0, 2.0]
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
            DtypeError: the operand is not floating point, whether the layer acts on it or not.
        """
        acts = self.acts_on(x) and self.p > 0
        rules.dropout.operand_dtype(x.dtype.name)
        return random.dropout(x, self.p, rng=self.rng) if acts else x

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return x

    def __repr__(self) -> str:
        return f"Dropout(p={self.p:g})"


class DropoutOneIn(Dropout):
    """Set each element to 0 with probability 1 / n, and divide the others by 1 - 1 / n.

    What `Dropout` is otherwise, with the probability said in another way.

    Args:
        n: one in how many elements is set to 0.
        active: True to act on every operand, False on none, None to act by tape.
        rng: what the layer's own Generator is spawned from. `reset_params` spawns it anew.

    Raises:
        ValueError: n is less than 1.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.DropoutOneIn(5, rng=0)
        >>> layer, sorted(set(layer(tl.ones((600,)).traced()).tolist()))
        (DropoutOneIn(5), [0.0, 1.25])
    """

    def __init__(self, n: int, *, active: bool | None = None, rng: Seed = None) -> None:
        self.n = plain_int(n, "DropoutOneIn", "n")
        if self.n < 1:
            raise ValueError(f"DropoutOneIn: n must be positive, got {n}")
        super().__init__(1 / self.n, active=active, rng=rng)

    def __repr__(self) -> str:
        return f"DropoutOneIn({self.n})"
