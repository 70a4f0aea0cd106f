# mypy: disable-error-code="tensor-tape"
"""Order along an axis, draws, and ops made of a weight or of functions of the user's."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
D = TypeVar("D", bound=np.generic)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.full((2, 3, 5), 0.5)
i = tl.zeros((2, 3), np.int64)

reveal_type(x.sort())  # N: Tensor[Shape[2, 3, 5], NoTape, float32]
reveal_type(tl.sort(x.traced(), 0, descending=True))  # N: Tensor[Shape[2, 3, 5], Tape, float32]
reveal_type(tl.sort(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(x.argsort(1))  # N: Tensor[Shape[2, 3, 5], NoTape, int64]
reveal_type(tl.argsort(x.traced()))  # N: Tensor[Shape[2, 3, 5], NoTape, int64]
reveal_type(x.traced().topk(4))  # N: tuple[Tensor[Shape[2, 3, 4], Tape, float32], Tensor[Shape[2, 3, 4], NoTape, int64]]
reveal_type(tl.topk(i, 1, axis=0, largest=False))  # N: tuple[Tensor[Shape[1, 3], NoTape, int64], Tensor[Shape[1, 3], NoTape, int64]]
reveal_type(x.cummax(1))  # N: Tensor[Shape[2, 3, 5], NoTape, float32]
reveal_type(tl.cummin(x.traced(), -1))  # N: Tensor[Shape[2, 3, 5], Tape, float32]

reveal_type(tl.isclose(x, 1.0))  # N: Tensor[Shape[2, 3, 5], NoTape, bool]
reveal_type(tl.isclose(x.traced(), tl.zeros((3, 5))))  # N: Tensor[Shape[2, 3, 5], NoTape, bool]
reveal_type(tl.allclose(x, x.traced(), rtol=1e-3))  # N: bool

reveal_type(tl.bernoulli(x.traced(), rng=0))  # N: Tensor[Shape[2, 3, 5], NoTape, float32]
reveal_type(tl.categorical(x.traced(), rng=0))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.categorical(x, axis=0))  # N: Tensor[Shape[3, 5], NoTape, int64]
reveal_type(tl.multinomial(x.traced(), 4))  # N: Tensor[Shape[2, 3, 4], NoTape, int64]
reveal_type(tl.multinomial(tl.ones((6,), np.float64), 10, replacement=True))  # N: Tensor[Shape[10], NoTape, int64]

reveal_type(tl.prelu(x, tl.ones((1,))))  # N: Tensor[Shape[2, 3, 5], NoTape, float32]
reveal_type(tl.prelu(x, tl.ones((3,)).traced()))  # N: Tensor[Shape[2, 3, 5], Tape, float32]
reveal_type(tl.map(x.traced(), np.tanh, lambda a: 1 - np.tanh(a) ** 2))  # N: Tensor[Shape[2, 3, 5], Tape, float32]
reveal_type(i.map(np.exp, np.exp, uses_result=False))  # N: Tensor[Shape[2, 3], NoTape, float32]


def of_symbols(x: Tensor[Shape[N, M], T, D], p: Tensor[Shape[*Batch, "N + 2"], T], k: K) -> None:
    reveal_type(x.sort())  # N: Tensor[Shape[N, M], T, D]
    reveal_type(x.argsort())  # N: Tensor[Shape[N, M], NoTape, int64]
    reveal_type(x.topk(1, axis=0))  # N: tuple[Tensor[Shape[1, M], T, D], Tensor[Shape[1, M], NoTape, int64]]
    reveal_type(p.topk(2))  # N: tuple[Tensor[Shape[*Batch, 2], T, float32], Tensor[Shape[*Batch, 2], NoTape, int64]]
    reveal_type(x.cummax(0))  # N: Tensor[Shape[N, M], T, D]
    reveal_type(tl.categorical(p))  # N: Tensor[Shape[*Batch], NoTape, int64]
    reveal_type(tl.multinomial(p, 3))  # N: Tensor[Shape[*Batch, 3], NoTape, int64]
    reveal_type(tl.multinomial(p, k, True))  # N: Tensor[Shape[*Batch, K], NoTape, int64]
    reveal_type(tl.bernoulli(p))  # N: Tensor[Shape[*Batch, Add[N, 2]], NoTape, float32]


def of_channels(x: Tensor[Shape[N, M, *Batch], T], weight: Tensor[Shape[M]]) -> None:
    reveal_type(tl.prelu(x, weight))  # N: Tensor[Shape[N, M, *Batch], T, float32]


def of_unknown(x: Tensor[Shape[...], T], y: Tensor[Shape[4, int]], k: int) -> None:
    reveal_type(x.sort())  # N: Tensor[Shape[int, ...], T, float32]
    reveal_type(x.topk(2))  # N: tuple[Tensor[Shape[int, ...], T, float32], Tensor[Shape[int, ...], NoTape, int64]]
    reveal_type(y.topk(2))  # N: tuple[Tensor[Shape[4, 2], NoTape, float32], Tensor[Shape[4, 2], NoTape, int64]]
    reveal_type(y.topk(k, 0))  # N: tuple[Tensor[Shape[int, int], NoTape, float32], Tensor[Shape[int, int], NoTape, int64]]
    reveal_type(tl.multinomial(y, k))  # N: Tensor[Shape[4, int], NoTape, int64]
    reveal_type(tl.multinomial(x, 2))  # N: Tensor[Shape[int, ...], NoTape, int64]
    reveal_type(tl.prelu(x, tl.ones((3,))))  # N: Tensor[Shape[int, ...], T, float32]


reveal_type(nn.PReLU())  # N: PReLU[1]
reveal_type(nn.PReLU(3, init=0.1))  # N: PReLU[3]
reveal_type(nn.PReLU().weight)  # N: Parameter[tuple[1], Any]
reveal_type(nn.PReLU()(x.traced()))  # N: Tensor[Shape[2, 3, 5], Tape, float32]
reveal_type(nn.PReLU(3)(x.traced()))  # N: Tensor[Shape[2, 3, 5], Tape, float32]
reveal_type(nn.Sequential(nn.Linear(4, 3), nn.PReLU(3), nn.PReLU(), nn.DropoutOneIn(5))(tl.zeros((8, 4))))  # N: Tensor[Shape[8, 3], NoTape, float32]
reveal_type(nn.DropoutOneIn(4)(x.traced()))  # N: Tensor[Shape[2, 3, 5], Tape, float32]

for channels in (3, 4):
    reveal_type(nn.PReLU(channels))  # N: PReLU[int]


def of_layers(x: Tensor[Shape[N, M, 5], T], m: M, n: int, y: Tensor[Shape[*Batch, N]]) -> None:
    reveal_type(nn.PReLU(n))  # N: PReLU[int]
    reveal_type(nn.PReLU(n)(y))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(nn.PReLU(7)(y))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(nn.PReLU(m)(x))  # N: Tensor[Shape[N, M, 5], T, float32]
    reveal_type(nn.PReLU()(x))  # N: Tensor[Shape[N, M, 5], T, float32]
