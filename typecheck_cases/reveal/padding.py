# mypy: disable-error-code="tensor-tape"
"""What enlarging and transposing return: shape, tape and dtype."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
Batch = TypeVarTuple("Batch")

x = tl.ones((4, 3))
i = tl.tensor([0, 2])

reveal_type(x.pad(1))  # N: Tensor[Shape[6, 5], NoTape, float32]
reveal_type(x.traced().pad((1, 2), value=0.5))  # N: Tensor[Shape[7, 6], Tape, float32]
reveal_type(tl.pad(x, ((1, 2), (0, 0)), "reflect"))  # N: Tensor[Shape[7, 3], NoTape, float32]
reveal_type(i.pad(3, mode="edge"))  # N: Tensor[Shape[8], NoTape, int64]
reveal_type(x.repeat(2))  # N: Tensor[Shape[24], NoTape, float32]
reveal_type(x.traced().repeat(2, axis=-1))  # N: Tensor[Shape[4, 6], Tape, float32]
reveal_type(tl.repeat(i, 3, 0))  # N: Tensor[Shape[6], NoTape, int64]
reveal_type(tl.tensor([1.0]).broadcast_like(x.traced()))  # N: Tensor[Shape[4, 3], NoTape, float32]
reveal_type(tl.broadcast_like(x.traced()[0], x))  # N: Tensor[Shape[4, 3], Tape, float32]

reveal_type(x.T)  # N: Tensor[Shape[3, 4], NoTape, float32]
reveal_type(x.traced().T)  # N: Tensor[Shape[3, 4], Tape, float32]
reveal_type(i.T)  # N: Tensor[Shape[2], NoTape, int64]
reveal_type(tl.zeros((2, 3, 4)).T)  # N: Tensor[Shape[4, 3, 2], NoTape, float32]
reveal_type(tl.zeros((2, 3, 4)).mT)  # N: Tensor[Shape[2, 4, 3], NoTape, float32]
reveal_type(x.traced().mT @ tl.ones((4, 7)))  # N: Tensor[Shape[3, 7], Tape, float32]
reveal_type(tl.matrix_transpose(x))  # N: Tensor[Shape[3, 4], NoTape, float32]
reveal_type(nn.Linear(3, 5).weight.T)  # N: Tensor[Shape[3, 5], NoTape, AnyDtype]


def symbols(
    x: Tensor[Shape[N, M], T, D],
    b: Tensor[Shape[*Batch, N, M]],
    u: Tensor[Shape[2]] | Tensor[Shape[3, 2], Tape],
    n: N,
) -> None:
    reveal_type(x.pad(1))  # N: Tensor[Shape[Add[N, 2], Add[M, 2]], T, D]
    reveal_type(x.pad(((n, 1), (0, 1))))  # N: Tensor[Shape[Add[Mul[2, N], 1], Add[M, 1]], T, D]
    reveal_type(b.pad(1))  # N: Tensor[Shape[*tuple[int, ...], Add[N, 2], Add[M, 2]], NoTape, float32]
    reveal_type(x.repeat(2))  # N: Tensor[Shape[Mul[Mul[2, M], N]], T, D]
    reveal_type(b.repeat(3, -1))  # N: Tensor[Shape[*Batch, N, Mul[3, M]], NoTape, float32]
    reveal_type(b.repeat(2))  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(x.repeat(n, 0))  # N: Tensor[Shape[Mul[N, N], M], T, D]
    reveal_type(x.broadcast_like(b))  # N: Tensor[Shape[*Batch, N, M], T, D]
    reveal_type(x.T)  # N: Tensor[Shape[M, N], T, D]
    reveal_type(b.mT)  # N: Tensor[Shape[*Batch, M, N], NoTape, float32]
    reveal_type(b.T)  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(u.T)  # N: Tensor[Shape[2], NoTape, float32] | Tensor[Shape[2, 3], Tape, float32]
