"""Arithmetic in annotations: without quotes, over several lines, solved and filled in."""

from __future__ import annotations

from typing import Any, Generic, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def zeros(n: int, m: int) -> Tensor[Shape[Any, Any]]:
    return tl.zeros((n, m))


def halves(x: Tensor[Shape[2 * N, M + 1]]) -> Tensor[Shape[N, (M + 1) // 2]]:
    return zeros(x.shape[0] // 2, x.shape[1] // 2)


def lines(
    x: Tensor[
        Shape[
            N * 2  # a comment, with a comma
            + 1,
            M,
        ]
    ],
) -> Tensor2D[N - 1, -(-M // 2), NoTape]:
    return zeros((x.shape[0] - 3) // 2, (x.shape[1] + 1) // 2)


class Pair(nn.Module, Generic[N, M]):
    """Sizes of the class in fields, methods and other classes' parameters."""

    both: Tensor[Shape[N + M]]

    def __init__(self, n: N, m: M) -> None:
        self.n, self.m = n, m
        self.both = tl.zeros((n + m,))

    def forward(self, x: Tensor[Shape[*Batch, 2 * N], T]) -> Tensor[Shape[*Batch, M + 1], T]:
        return nn.Linear(2 * self.n, self.m + 1)(x)

    def fixed(self) -> Tensor[Shape[4 * M]]:
        return tl.zeros((4 * self.m,))


def of_pair(pair: Pair[2 * N, M], other: Pair["M + 1", N]) -> Tensor[Shape[N, M]]:
    return zeros(pair.n // 2, pair.m)


reveal_type(halves(tl.zeros((6, 5))))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(lines(tl.zeros((7, 5))))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(Pair(3, 4).both)  # N: Tensor[Shape[7], NoTape, float32]
reveal_type(Pair(3, 4).fixed())  # N: Tensor[Shape[16], NoTape, float32]
reveal_type(Pair(3, 4)(tl.zeros((2, 6))))  # N: Tensor[Shape[2, 5], NoTape, float32]
reveal_type(of_pair(Pair(6, 4), Pair(5, 3)))  # N: Tensor[Shape[3, 4], NoTape, float32]


# Parameters solved, whatever their order.
def in_turn(
    a: Tensor[Shape["N + M"]], b: Tensor[Shape["2*N*K"]], c: Tensor[Shape[M]]
) -> Tensor[Shape[N, M * K]]:
    n = a.shape[0] - c.shape[0]
    return zeros(n, c.shape[0] * b.shape[0] // (2 * n))


def together(a: Tensor[Shape[N + M]], b: Tensor[Shape[N - M]]) -> Tensor[Shape[N, M]]:
    return zeros((a.shape[0] + b.shape[0]) // 2, (a.shape[0] - b.shape[0]) // 2)


def root(x: Tensor[Shape[N * N]]) -> Tensor[Shape[N, N]]:
    n = int(np.sqrt(x.shape[0]))
    return zeros(n, n)


def rounded(x: Tensor[Shape[N // 2]]) -> Tensor[Shape[N, 2]]:
    return zeros(2 * x.shape[0], 2)


def of_heads(x: Tensor[Shape[K * N]], heads: K) -> Tensor[Shape[K, N]]:
    return x.reshape((heads, -1))


reveal_type(in_turn(tl.zeros((5,)), tl.zeros((24,)), tl.zeros((2,))))  # N: Tensor[Shape[3, 8], NoTape, float32]
reveal_type(together(tl.zeros((5,)), tl.zeros((3,))))  # N: Tensor[Shape[4, 1], NoTape, float32]
reveal_type(root(tl.zeros((9,))))  # N: Tensor[Shape[3, 3], NoTape, float32]
reveal_type(rounded(tl.zeros((5,))))  # N: Tensor[Shape[int, 2], NoTape, float32]
reveal_type(of_heads(tl.zeros((12,)), 4))  # N: Tensor[Shape[4, 3], NoTape, float32]
