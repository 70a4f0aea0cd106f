"""The model of W4 in tensorlib."""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
S = TypeVar("S", bound=int)
V = TypeVar("V", bound=int)
L = TypeVar("L", bound=int)
E = TypeVar("E", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


class CharGPT(nn.Module, Generic[V, L, E, H]):
    """From S characters to S times V scores: for each character, what may come next."""

    def __init__(self, characters: V, context: L, width: E, heads: H, layers: int) -> None:
        self.character = nn.Embedding(characters, width)
        self.place = nn.Embedding(context, width)
        self.blocks = nn.TransformerEncoder(
            width, heads, layers, dim_feedforward=4 * width, dropout=0.0, activation="gelu",
            norm_first=True, norm=True,
        )  # fmt: skip
        self.head = nn.Linear(width, characters)

    def forward(self, x: Tensor[Shape[N, S], T, np.int64]) -> Tensor[Shape[N, S, V], T]:
        """Return the scores, before softmax. Each place sees only those before it."""
        places = tl.arange(x.shape[1]).with_tape_of(x)  # so that their vectors are trained, too
        h = self.character(x) + self.place(places)
        return self.head(self.blocks(h, is_causal=True))
