"""The standard spelling of shapes, which every type checker understands: nothing is reported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
Batch = TypeVarTuple("Batch")

Images: TypeAlias = Tensor[tuple[N, Literal[784]]]
Labels: TypeAlias = Tensor[tuple[N], NoTape, np.int64]


class Net(nn.Module):
    def __init__(self) -> None:
        self.hidden: nn.Linear[Literal[784], Literal[128]] = nn.Linear(784, 128)
        self.out: nn.Linear[Literal[128], Literal[10]] = nn.Linear(128, 10)

    def forward(self, x: Tensor[tuple[N, Literal[784]], T]) -> Tensor[tuple[N, Literal[10]], T]:
        return self.out(self.hidden(x))


class Block(nn.Module, Generic[N, K]):
    def __init__(self, n: N, k: K) -> None:
        self.up = nn.Linear(n, k)
        self.down = nn.Linear(k, n)

    def forward(self, x: Tensor[tuple[*Batch, N], T]) -> Tensor[tuple[*Batch, N], T]:
        return self.down(self.up(x))


@dataclass(frozen=True)
class Pairs(Generic[N]):
    images: Images[N]
    labels: Labels[N]


def product(
    x: Tensor[tuple[*Batch, N, K], T], y: Tensor[tuple[K, M]]
) -> Tensor[tuple[*Batch, N, M], T]:
    return x @ y


def literal(
    x: Tensor[tuple[Literal[2], Literal[3]]], y: Tensor[tuple[Literal[3], Literal[4]], Tape]
) -> Tensor[tuple[Literal[2], Literal[4]], Tape]:
    return x @ y


def vectors(x: Tensor[tuple[N, K]], y: Tensor[tuple[K]]) -> Tensor[tuple[Any, ...]]:
    return x @ y + (y @ y).expand_dims(0)


def unknown(x: Tensor, y: Tensor[Any, Any, Any]) -> None:
    x @ x
    y @ x
    x @ y
    nn.Linear(4, 2)(y)


def elementwise(x: Tensor[tuple[N, K], T]) -> Tensor[tuple[N, K], T]:
    return 2.0 * x + 1.0 - np.float32(3)


@tl.check_shapes
def checked(x: Tensor[tuple[N, K], T, D]) -> Tensor[tuple[N, K], T, D]:
    return x


def narrowed(x: Tensor) -> Tensor[tuple[int, int]]:
    return x.expect_shape((64, 784))


def train(model: Net, images: Images[N], labels: Labels[N]) -> float:
    optimizer = optim.Adam(model, lr=1e-3)
    scores = model(images.traced())
    loss = losses.cross_entropy(scores, labels)
    optimizer.update(model, loss.backward())
    return loss.detach().item()


pairs = Pairs(tl.zeros((64, 784)).expect_shape((64, 784)), tl.zeros((64,), dtype=np.int64))
model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
model(tl.zeros((64, 784))).sum()
tl.concat([tl.zeros((2, 3)), tl.zeros((4, 3))]).reshape((-1,)).softmax(-1).tolist()
