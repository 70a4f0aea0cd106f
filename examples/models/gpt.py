"""GPT: a transformer decoder that foresees the next token, and writes on from what it is given.

    python examples/models/gpt.py    a few training steps on random tokens, then a sample

Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019 (GPT-2).
"""

from __future__ import annotations

import math
from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # texts in a batch
S = TypeVar("S", bound=int)  # tokens in a text
M = TypeVar("M", bound=int)  # tokens that are written
V = TypeVar("V", bound=int)  # different tokens
L = TypeVar("L", bound=int)  # the longest text
H = TypeVar("H", bound=int)  # heads of attention
K = TypeVar("K", bound=int)  # features of a head
T = TypeVar("T", bound=NoTape | Tape)


class Attention(nn.Module, Generic[H, K]):
    """Let each token gather from itself and those before it, in H heads of K features."""

    def __init__(self, heads: H, size: K) -> None:
        self.heads = heads
        self.size = size
        self.project = nn.Linear(heads * size, 3 * heads * size)
        self.join = nn.Linear(heads * size, heads * size)

    def forward(self, x: Tensor[Shape[N, S, "H * K"], T]) -> Tensor[Shape[N, S, "H * K"], T]:
        """Return what each token has gathered."""
        n, s, _ = x.shape
        q, k, v = self.project(x).reshape((n, s, 3, self.heads, self.size)).unstack(2)
        scores = tl.einsum("nqhk,nmhk->nhqm", q, k) / math.sqrt(self.size)
        seen = tl.ones((s, s), np.bool).tril()
        weights = tl.where(seen, scores, -np.inf).softmax()
        return self.join(tl.einsum("nhqm,nmhk->nqhk", weights, v).flatten(2))


class Block(nn.Module, Generic[H, K]):
    """Attention, then a small network for each token, both added to what was there."""

    def __init__(self, heads: H, size: K) -> None:
        width = heads * size
        self.first_norm = nn.LayerNorm(width)
        self.attention = Attention(heads, size)
        self.second_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor[Shape[N, S, "H * K"], T]) -> Tensor[Shape[N, S, "H * K"], T]:
        """Apply the block."""
        x = x.with_empty_tape() + self.attention(self.first_norm(x))
        return x.with_empty_tape() + self.mlp(self.second_norm(x))


class GPT(nn.Module, Generic[V, L, H, K]):
    """From tokens to V scores at each place: for each token, what may come next."""

    def __init__(self, vocabulary: V, context: L, heads: H, size: K, layers: int) -> None:
        self.context = context
        self.token = nn.Embedding(vocabulary, heads * size)
        self.place = nn.Embedding(context, heads * size)
        self.blocks = [Block(heads, size) for _ in range(layers)]
        self.norm = nn.LayerNorm(heads * size)

    def forward(self, x: Tensor[Shape[N, S], T, np.int64]) -> Tensor[Shape[N, S, V], T]:
        """Return the scores, before softmax. The head is the table of tokens, transposed."""
        places = tl.arange(x.shape[1]).with_tape_of(x)
        h = self.token(x) + self.place(places)
        for block in self.blocks:
            h = block(h)
        return tl.linear(self.norm(h), self.token.weight)

    def generate(
        self, text: Tensor[Shape[N, S], NoTape, np.int64], length: M, rng: np.random.Generator
    ) -> Tensor[Shape[N, "S + M"], NoTape, np.int64]:
        """Return the texts with M tokens more, each drawn from the scores for it."""
        n, s = text.shape
        longer: Tensor[Shape[N, int], NoTape, np.int64] = text
        for _ in range(length):
            scores = self(longer[:, -self.context :])[:, -1]
            longer = tl.concat((longer, tl.categorical(scores, rng=rng).expand_dims(1)), axis=1)
        return longer.expect_shape((n, s + length))


def loss_of(
    logits: Tensor[Shape[N, S, V], Tape], following: Tensor[Shape[N, S], NoTape, np.int64]
) -> Tensor0D[Tape]:
    """Return how surprised the model is by the tokens that follow, in nats."""
    return losses.cross_entropy(logits, following)


def training_step(
    model: GPT[V, L, H, K],
    optimizer: optim.Optimizer[GPT[V, L, H, K]],
    text: Tensor[Shape[N, "S + 1"], NoTape, np.int64],
) -> float:
    """Take a step on texts; each token is to be foreseen from those before it."""
    loss = loss_of(model(text[:, :-1].traced()), text[:, 1:])
    optimizer.update(model, loss.backward(wrt=model).clip_norm(1.0))
    return loss.item()


def run(
    batch: N, length: S, vocabulary: V, context: L, heads: H, size: K, steps: int = 2
) -> Tensor[Shape[N, S, V]]:
    """Train on random texts; return the scores for them."""
    rng = np.random.default_rng(0)
    model = GPT(vocabulary, context, heads, size, layers=2)
    model.reset_params(rng)
    adam = optim.AdamW(model, lr=1e-2)
    text = tl.randint((batch, length + 1), 0, vocabulary, rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, adam, text):.3f}")
    scores = model(text[:, :-1])
    print(f"scores {scores.shape}, written {model.generate(text[:, :1], 3, rng).shape}")
    return scores


SIZES = (
    (2, 6, 11, 8, 2, 4),
    (1, 1, 5, 4, 1, 3),
    (3, 5, 7, 9, 3, 2),
    (4, 8, 16, 8, 4, 1),
    (2, 3, 13, 3, 1, 8),
)
"""For instance: batch, length, vocabulary, context, heads and features of each."""


def main() -> None:
    """Train a small one."""
    run(batch=4, length=16, vocabulary=32, context=16, heads=2, size=8, steps=5)


if __name__ == "__main__":
    main()
