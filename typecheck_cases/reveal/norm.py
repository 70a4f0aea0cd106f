# mypy: disable-error-code="tensor-tape"
"""What normalizations return."""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.zeros((2, 6, 4))
reveal_type(tl.layer_norm(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.layer_norm(x, tl.ones((4,)), tl.zeros((4,))))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.layer_norm(x.traced(), tl.ones((6, 4)), eps=1e-6))  # N: Tensor[Shape[2, 6, 4], Tape, float32]
reveal_type(tl.layer_norm(x, tl.ones((4,)).traced()))  # N: Tensor[Shape[2, 6, 4], Tape, float32]
reveal_type(tl.layer_norm(x.astype(np.float16), tl.ones((4,))))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.rms_norm(x.traced()))  # N: Tensor[Shape[2, 6, 4], Tape, float32]
reveal_type(tl.rms_norm(x, tl.ones((4,))))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.group_norm(x, 3))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.group_norm(x.traced(), 2, tl.ones((6,)), tl.zeros((6,))))  # N: Tensor[Shape[2, 6, 4], Tape, float32]
reveal_type(tl.batch_norm(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(tl.batch_norm(x.traced(), tl.ones((4,)), tl.zeros((4,)), axis=-1))  # N: Tensor[Shape[2, 6, 4], Tape, float32]

reveal_type(nn.LayerNorm(4))  # N: LayerNorm[4]
reveal_type(nn.LayerNorm(4)(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(nn.LayerNorm(4)(x.traced()))  # N: Tensor[Shape[2, 6, 4], Tape, float32]
reveal_type(nn.LayerNorm(4)(tl.zeros((4,))))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(nn.LayerNorm(4).weight)  # N: Parameter[tuple[4], Any] | None
reveal_type(nn.RMSNorm(2 * 2)(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(nn.GroupNorm(2, 6))  # N: GroupNorm[2, 6]
reveal_type(nn.GroupNorm(2, 6)(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(nn.GroupNorm(2, 6)(tl.zeros((5, 6))))  # N: Tensor[Shape[5, 6], NoTape, float32]
reveal_type(nn.BatchNorm1d(6)(x))  # N: Tensor[Shape[2, 6, 4], NoTape, float32]
reveal_type(nn.BatchNorm1d(6)(tl.zeros((3, 6)).traced()))  # N: Tensor[Shape[3, 6], Tape, float32]
reveal_type(nn.BatchNorm1d(6).running_mean)  # N: Buffer[tuple[6], Any]
reveal_type(nn.BatchNorm1d(6).num_batches_tracked)  # N: Buffer[tuple[()], int64]
reveal_type(nn.BatchNorm2d(3)(tl.zeros((2, 3, 5, 7)).traced()))  # N: Tensor[Shape[2, 3, 5, 7], Tape, float32]
reveal_type(nn.BatchNorm2d(3)(tl.zeros((3, 5, 7))))  # N: Tensor[Shape[3, 5, 7], NoTape, float32]
reveal_type(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.LayerNorm(4))(tl.zeros((8, 3))))  # N: Tensor[Shape[8, 4], NoTape, float32]

Normed: TypeAlias = nn.Sequential[nn.Linear[Literal[3], Literal[4]], nn.LayerNorm[Literal[4]]]
reveal_type(nn.build(Normed, rng=0)(tl.zeros((8, 3))))  # N: Tensor[Shape[8, 4], NoTape, float32]


def symbols(x: Tensor[Shape[*Batch, N, M], T], n: N, m: M) -> None:
    reveal_type(tl.layer_norm(x))  # N: Tensor[Shape[*Batch, N, M], T, float32]
    reveal_type(tl.layer_norm(x, tl.ones((m,))))  # N: Tensor[Shape[*Batch, N, M], T, float32]
    reveal_type(tl.rms_norm(x, tl.ones((n, m))))  # N: Tensor[Shape[*Batch, N, M], T, float32]
    reveal_type(nn.LayerNorm(m)(x))  # N: Tensor[Shape[*Batch, N, M], T, float32]
    reveal_type(nn.GroupNorm(2, n))  # N: GroupNorm[2, N]


def channels(x: Tensor[Shape[N, M, 4], T], m: M) -> None:
    reveal_type(tl.group_norm(x, 1))  # N: Tensor[Shape[N, M, 4], T, float32]
    reveal_type(tl.batch_norm(x, tl.ones((m,))))  # N: Tensor[Shape[N, M, 4], T, float32]
    reveal_type(nn.BatchNorm1d(m)(x))  # N: Tensor[Shape[N, M, 4], T, float32]


def images(x: Tensor[Shape[*Batch, 3, N, M], T]) -> None:
    reveal_type(nn.BatchNorm2d(3)(x))  # N: Tensor[Shape[*Batch, 3, N, M], T, float32]


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.norm = nn.LayerNorm(n)
        self.linear = nn.Linear(n, 2 * n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, "2*N"], T]:
        reveal_type(self.norm(x))  # N: Tensor[Shape[*Batch, N], T, float32]
        return self.linear(self.norm(x))


reveal_type(Block(3)(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 6], NoTape, float32]
