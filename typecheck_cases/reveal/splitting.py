# mypy: disable-error-code="tensor-tape"
"""What is revealed of the results of splitting."""

from __future__ import annotations

from typing import TypeVar, reveal_type

from typing_extensions import TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

N = TypeVar("N", bound=int)
Batch = TypeVarTuple("Batch")

x = tl.zeros((4, 6))
reveal_type(x.split(3, axis=1))  # N: tuple[Tensor[Shape[4, 2], NoTape, float32], Tensor[Shape[4, 2], NoTape, float32], Tensor[Shape[4, 2], NoTape, float32]]
reveal_type(tl.split(x.traced(), (1, 4)))  # N: tuple[Tensor[Shape[1, 6], Tape, float32], Tensor[Shape[3, 6], Tape, float32], Tensor[Shape[0, 6], Tape, float32]]
reveal_type(x.split((2,), axis=-1)[1])  # N: Tensor[Shape[4, 4], NoTape, float32]
reveal_type(tl.zeros((5, 2)).chunk(3))  # N: tuple[Tensor[Shape[2, 2], NoTape, float32], Tensor[Shape[2, 2], NoTape, float32], Tensor[Shape[1, 2], NoTape, float32]]
reveal_type(x.chunk(2, axis=1))  # N: tuple[Tensor[Shape[4, 3], NoTape, float32], Tensor[Shape[4, 3], NoTape, float32]]
reveal_type(tl.unstack(x, axis=1)[0])  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(x.traced().unstack())  # N: tuple[Tensor[Shape[6], Tape, float32], Tensor[Shape[6], Tape, float32], Tensor[Shape[6], Tape, float32], Tensor[Shape[6], Tape, float32]]
reveal_type(tl.broadcast_arrays(tl.zeros((2, 1)), tl.zeros((3,)).traced()))  # N: tuple[Tensor[Shape[2, 3], Tape, float32], Tensor[Shape[2, 3], Tape, float32]]
reveal_type(tl.meshgrid(tl.arange(2), tl.zeros((3,)).traced()))  # N: tuple[Tensor[Shape[2, 3], Tape, int64], Tensor[Shape[2, 3], Tape, float32]]
reveal_type(tl.meshgrid(tl.arange(2), tl.zeros((3,)), indexing="xy")[1])  # N: Tensor[Shape[3, 2], NoTape, float32]
a, b = x.split(2)
reveal_type(a)  # N: Tensor[Shape[2, 6], NoTape, float32]
for row in x:
    reveal_type(row)  # N: Tensor[Shape[6], NoTape, float32]


def symbols(x: Tensor[Shape["2 * N", 3], Tape], y: Tensor[Shape[N]], k: int) -> None:
    first, second = x.split(2)
    reveal_type(first)  # N: Tensor[Shape[N, 3], Tape, float32]
    reveal_type(x.split((length(y), length(y)))[0])  # N: Tensor[Shape[N, 3], Tape, float32]
    reveal_type(x.unstack())  # N: tuple[Tensor[Shape[3], Tape, float32], ...]
    reveal_type(tl.zeros((0, 6)).unstack())  # N: tuple[Tensor[Shape[6], NoTape, float32], ...]
    reveal_type(x.unstack(1))  # N: tuple[Tensor[Shape[Mul[2, N]], Tape, float32], Tensor[Shape[Mul[2, N]], Tape, float32], Tensor[Shape[Mul[2, N]], Tape, float32]]
    reveal_type(y.chunk(3))  # N: tuple[Tensor[Shape[int], NoTape, float32], ...]
    reveal_type(y.split(k))  # N: tuple[Tensor[Shape[int], NoTape, float32], ...]
    reveal_type(tl.meshgrid(y, y, x[:, 0]))  # N: tuple[Tensor[Shape[N, N, Mul[2, N]], Tape, float32], Tensor[Shape[N, N, Mul[2, N]], Tape, float32], Tensor[Shape[N, N, Mul[2, N]], Tape, float32]]


def length(y: Tensor[Shape[N]]) -> N:
    return y.shape[0]


def batches(x: Tensor[Shape[*Batch, 6]]) -> None:
    reveal_type(x.split(2, axis=-1))  # N: tuple[Tensor[Shape[*Batch, 3], NoTape, float32], Tensor[Shape[*Batch, 3], NoTape, float32]]
    reveal_type(x.unstack(-1))  # N: tuple[Tensor[Shape[*Batch], NoTape, float32], Tensor[Shape[*Batch], NoTape, float32], Tensor[Shape[*Batch], NoTape, float32], Tensor[Shape[*Batch], NoTape, float32], Tensor[Shape[*Batch], NoTape, float32], Tensor[Shape[*Batch], NoTape, float32]]
