"""What the functions of tl.linalg return."""

from __future__ import annotations

import math
from typing import Any, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound="Tape | NoTape")
Batch = TypeVarTuple("Batch")

a = tl.eye(3).traced()
b = tl.zeros((5, 2, 4))
ints = tl.tensor([[1, 2], [3, 4]])

reveal_type(tl.linalg.trace(a.with_empty_tape()))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(tl.linalg.trace(b))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(tl.linalg.trace(ints))  # N: Tensor[Shape[()], NoTape, int64]
reveal_type(tl.linalg.diagonal(b))  # N: Tensor[Shape[5, 2], NoTape, float32]
reveal_type(tl.linalg.diagonal(ints))  # N: Tensor[Shape[2], NoTape, int64]
reveal_type(tl.linalg.diag(tl.zeros((4,))))  # N: Tensor[Shape[4, 4], NoTape, float32]
reveal_type(tl.linalg.det(ints))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.linalg.slogdet(a.with_empty_tape()))  # N: tuple[Tensor[Shape[()], Tape, float32], Tensor[Shape[()], Tape, float32]]
reveal_type(tl.linalg.inv(a.with_empty_tape()))  # N: Tensor[Shape[3, 3], Tape, float32]
reveal_type(tl.linalg.inv(ints))  # N: Tensor[Shape[2, 2], NoTape, float32]
reveal_type(tl.linalg.cholesky(a.with_empty_tape()))  # N: Tensor[Shape[3, 3], Tape, float32]
reveal_type(tl.linalg.eigh(a.with_empty_tape()))  # N: tuple[Tensor[Shape[3], Tape, float32], Tensor[Shape[3, 3], Tape, float32]]
reveal_type(tl.linalg.svd(b))  # N: tuple[Tensor[Shape[5, 2, 2], NoTape, float32], Tensor[Shape[5, 2], NoTape, float32], Tensor[Shape[5, 4, 4], NoTape, float32]]
reveal_type(tl.linalg.svd(b, full_matrices=False))  # N: tuple[Tensor[Shape[5, 2, 2], NoTape, float32], Tensor[Shape[5, 2], NoTape, float32], Tensor[Shape[5, 2, 4], NoTape, float32]]
reveal_type(tl.linalg.svdvals(b))  # N: Tensor[Shape[5, 2], NoTape, float32]
reveal_type(tl.linalg.qr(b))  # N: tuple[Tensor[Shape[5, 2, 2], NoTape, float32], Tensor[Shape[5, 2, 4], NoTape, float32]]
reveal_type(tl.linalg.solve(a.with_empty_tape(), tl.zeros((3,))))  # N: Tensor[Shape[3], Tape, float32]
reveal_type(tl.linalg.solve(a.with_empty_tape(), tl.zeros((7, 3, 2))))  # N: Tensor[Shape[7, 3, 2], Tape, float32]
reveal_type(tl.linalg.solve(tl.eye(3).broadcast_to((5, 3, 3)), tl.zeros((3,))))  # N: Tensor[Shape[5, 3], NoTape, float32]

reveal_type(tl.linalg.norm(b))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.linalg.norm(b, axis=(1, 2)))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(tl.linalg.norm(b, 1, axis=-1, keepdims=True))  # N: Tensor[Shape[5, 2, 1], NoTape, float32]
reveal_type(tl.linalg.norm(b, math.inf, (-2, -1)))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(tl.linalg.norm(b, float("inf"), 0))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.linalg.norm(ints, "fro"))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.linalg.norm(tl.zeros((3,), np.float64), 2.5))  # N: Tensor[Shape[()], NoTape, float64]

reveal_type(tl.zeros((2, 2)).trace())  # N: Tensor[Shape[2, 2], Tape, float32]


def symbols(x: Tensor[Shape[N, N], T], y: Tensor[Shape[N, M]], v: Tensor[Shape[N]]) -> None:
    reveal_type(tl.linalg.inv(x.with_empty_tape()))  # N: Tensor[Shape[N, N], T, float32]
    reveal_type(tl.linalg.solve(x.with_empty_tape(), y))  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(tl.linalg.solve(x, v))  # N: Tensor[Shape[N], T, float32]
    reveal_type(tl.linalg.diag(v))  # N: Tensor[Shape[N, N], NoTape, float32]
    reveal_type(tl.linalg.diagonal(y))  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(tl.linalg.norm(y, axis=0))  # N: Tensor[Shape[M], NoTape, float32]


def larger(x: 'Tensor[Shape["N + 2", N]]') -> None:
    reveal_type(tl.linalg.diagonal(x))  # N: Tensor[Shape[N], NoTape, float32]
    reveal_type(tl.linalg.qr(x))  # N: tuple[Tensor[Shape[Add[N, 2], N], NoTape, float32], Tensor[Shape[N, N], NoTape, float32]]


def batches(x: Tensor[Shape[*Batch, N, N]], y: Tensor[Shape[*Batch, N, 2]]) -> None:
    reveal_type(tl.linalg.trace(x))  # N: Tensor[Shape[*Batch], NoTape, float32]
    reveal_type(tl.linalg.det(x))  # N: Tensor[Shape[*Batch], NoTape, float32]
    reveal_type(tl.linalg.cholesky(x))  # N: Tensor[Shape[*Batch, N, N], NoTape, float32]
    reveal_type(tl.linalg.eigh(x))  # N: tuple[Tensor[Shape[*Batch, N], NoTape, float32], Tensor[Shape[*Batch, N, N], NoTape, float32]]
    reveal_type(tl.linalg.solve(x, y))  # N: Tensor[Shape[*Batch, N, 2], NoTape, float32]
    reveal_type(tl.linalg.norm(x, 2, (-2, -1)))  # N: Tensor[Shape[*Batch], NoTape, float32]
    reveal_type(tl.linalg.norm(x, 2))  # N: Tensor[Shape[int, ...], NoTape, float32]


def unknown(x: Tensor, y: Tensor[Any], order: str, axis: int) -> None:
    reveal_type(tl.linalg.inv(x))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.linalg.det(y))  # N: Tensor[Shape[Any, ...], NoTape, float32]
    reveal_type(tl.linalg.norm(ints, order))  # N: Tensor[Shape[()], NoTape, float32]
    reveal_type(tl.linalg.norm(b, axis=axis))  # N: Tensor[Shape[int, ...], NoTape, float32]
