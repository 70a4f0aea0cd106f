"""What mypy sees of compiled steps: the steps."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
S = TypeVar("S", bound=tuple[int, ...])

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
sgd = optim.SGD(model, lr=0.1)


@tl.compile
def predicted(x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
    return model(x)


@tl.compile
def doubled(x: Tensor[S]) -> Tensor[S]:
    return x + x


@tl.compile
def both(x: Tensor[Shape[N, M]]) -> tuple[Tensor[Shape[M, N]], Tensor[Shape[N]]]:
    return x.T, x.sum(axis=1)


@tl.compile
def step(
    x: Tensor[Shape[N, 10]], labels: Tensor[Shape[N], NoTape, np.int64]
) -> tuple[Tensor[Shape[()]], Tensor[Shape[N, 2]]]:
    scores = model(x.traced())
    kept = scores.detach()
    loss = losses.cross_entropy(scores, labels)
    value = loss.detach()
    sgd.update(model, loss.backward())
    return value, kept


class Trainer:
    @tl.compile
    def step(self, x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
        return predicted(x)


x = tl.zeros((8, 10))
reveal_type(predicted(x))  # N: Tensor[Shape[8, 2], NoTape, float32]
reveal_type(predicted(tl.zeros((3, 10))))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(doubled(x))  # N: Tensor[Shape[8, 10], NoTape, float32]
reveal_type(doubled(predicted(x)))  # N: Tensor[Shape[8, 2], NoTape, float32]
reveal_type(both(x))  # N: tuple[Tensor[Shape[10, 8], NoTape, float32], Tensor[Shape[8], NoTape, float32]]
reveal_type(both(x)[1])  # N: Tensor[Shape[8], NoTape, float32]
reveal_type(step(x, tl.zeros((8,), np.int64)))  # N: tuple[Tensor[Shape[()], NoTape, float32], Tensor[Shape[8, 2], NoTape, float32]]
reveal_type(step(x, tl.zeros((8,), np.int64))[1])  # N: Tensor[Shape[8, 2], NoTape, float32]
reveal_type(Trainer().step(x))  # N: Tensor[Shape[8, 2], NoTape, float32]
reveal_type(predicted(x) @ both(predicted(x))[0])  # N: Tensor[Shape[8, 8], NoTape, float32]
fast = tl.compile(model)
reveal_type(fast(x))  # N: Tensor[Shape[8, 2], NoTape, float32]
reveal_type(fast(tl.zeros((5, 10))).sum(axis=0))  # N: Tensor[Shape[2], NoTape, float32]
