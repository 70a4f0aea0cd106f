# mypy: disable-error-code="tensor-tape"
"""What is revealed of slices and indices: with bounds that are literals, sizes, and unknown."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.zeros((6, 5, 4))
reveal_type(x[:2])  # N: Tensor[Shape[2, 5, 4], NoTape, float32]
reveal_type(x[-3:, 1:-1])  # N: Tensor[Shape[3, 3, 4], NoTape, float32]
reveal_type(x[4:9, ::-2])  # N: Tensor[Shape[2, 3, 4], NoTape, float32]
reveal_type(x[5:2])  # N: Tensor[Shape[0, 5, 4], NoTape, float32]
reveal_type(x[-20:2, 3, None])  # N: Tensor[Shape[2, 1, 4], NoTape, float32]
reveal_type(x[:, None, ..., 0])  # N: Tensor[Shape[6, 1, 5], NoTape, float32]
reveal_type(x[..., -1, 1::2])  # N: Tensor[Shape[6, 2], NoTape, float32]
reveal_type(x[x.shape[0] // 2 :])  # N: Tensor[Shape[3, 5, 4], NoTape, float32]
reveal_type(x[::-1, 4::-3])  # N: Tensor[Shape[6, 2, 4], NoTape, float32]
reveal_type(x[()])  # N: Tensor[Shape[6, 5, 4], NoTape, float32]
reveal_type(x[None, ..., None])  # N: Tensor[Shape[1, 6, 5, 4, 1], NoTape, float32]
reveal_type(x.traced()[0, ..., :2])  # N: Tensor[Shape[5, 2], Tape, float32]
reveal_type(x[x > 0])  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(x[:, tl.tensor([0, 2, 2]), 1:])  # N: Tensor[Shape[6, 3, 3], NoTape, float32]
cut = slice(1, 3)
reveal_type(x[cut, 0])  # N: Tensor[Shape[int, 4], NoTape, float32]
first = 2
reveal_type(x[first : first + 2])  # N: Tensor[Shape[2, 5, 4], NoTape, float32]


def bounds(x: Tensor[Shape[N, M], T], y: Tensor[Shape["N + M"]], n: N, m: M, k: int) -> None:
    reveal_type(x[:n])  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(y[:n])  # N: Tensor[Shape[N], NoTape, float32]
    reveal_type(y[n:])  # N: Tensor[Shape[M], NoTape, float32]
    reveal_type(y[-n:])  # N: Tensor[Shape[N], NoTape, float32]
    reveal_type(y[:-n])  # N: Tensor[Shape[M], NoTape, float32]
    reveal_type(y[m : m + n])  # N: Tensor[Shape[N], NoTape, float32]
    reveal_type(x[1:, :-1])  # N: Tensor[Shape[Add[N, -1], Add[M, -1]], T, float32]
    reveal_type(x[::2, 1::2])  # N: Tensor[Shape[FloorDiv[Add[N, 1], 2], FloorDiv[M, 2]], T, float32]
    reveal_type(x[::-2, ::n])  # N: Tensor[Shape[FloorDiv[Add[N, 1], 2], Add[FloorDiv[Add[M, -1], N], 1]], T, float32]
    reveal_type(x[: n + 3, n - n :])  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(x[n:])  # N: Tensor[Shape[0, M], T, float32]
    reveal_type(x[n // 2 :])  # N: Tensor[Shape[FloorDiv[Add[N, 1], 2], M], T, float32]
    reveal_type(x[n - 1])  # N: Tensor[Shape[M], T, float32]
    reveal_type(x[-n, -1])  # N: Tensor[Shape[()], T, float32]
    # Nothing is guessed where it depends on which size is greater, or is not known.
    reveal_type(x[-3:, :3])  # N: Tensor[Shape[int, int], T, float32]
    reveal_type(x[:m, n:])  # N: Tensor[Shape[int, int], T, float32]
    reveal_type(x[k:, k : k + 2])  # N: Tensor[Shape[int, int], T, float32]
    reveal_type(x[k, k])  # N: Tensor[Shape[()], T, float32]


def either(x: Tensor[Shape[N, 4]], i: int | None, cut: slice) -> None:
    reveal_type(x[:i])  # N: Tensor[Shape[int, 4], NoTape, float32]
    reveal_type(x[cut, cut])  # N: Tensor[Shape[int, int], NoTape, float32]
    reveal_type(x[i])  # N: Tensor[Shape[4], NoTape, float32] | Tensor[Shape[1, N, 4], NoTape, float32]


def beside_a_pack(x: Tensor[Shape[*Batch, N, 4], T], y: Tensor[Shape[3, *Batch]]) -> None:
    reveal_type(x[..., 1:, ::2])  # N: Tensor[Shape[*Batch, Add[N, -1], 2], T, float32]
    reveal_type(x[..., None, :])  # N: Tensor[Shape[*Batch, N, 1, 4], T, float32]
    reveal_type(x[None])  # N: Tensor[Shape[1, *Batch, N, 4], T, float32]
    reveal_type(x[0])  # N: Tensor[Shape[int, ...], T, float32]
    reveal_type(y[::2])  # N: Tensor[Shape[2, *Batch], NoTape, float32]


def picks(
    x: Tensor[Shape[N, M, 3]],
    i: Tensor[Shape[4], NoTape, np.int64],
    mask: Tensor[Shape[N, M], NoTape, np.bool],
) -> None:
    reveal_type(x[mask])  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(x[:, i, 1:])  # N: Tensor[Shape[N, 4, 2], NoTape, float32]
    reveal_type(x[i, i])  # N: Tensor[Shape[4, 3], NoTape, float32]
    reveal_type(x[None, i])  # N: Tensor[Shape[1, 4, M, 3], NoTape, float32]
    reveal_type(x[x > 0.0])  # N: Tensor[Shape[int], NoTape, float32]


def tail(x: Tensor[Shape[N, M], T]) -> Tensor[Shape["N - 1", M], T]:
    return x[1:]


def every_other(x: Tensor[Shape[N], T]) -> Tensor[Shape["(N + 1)//2"], T]:
    return x[::2]


reveal_type(tail(tl.zeros((5, 2))))  # N: Tensor[Shape[4, 2], NoTape, float32]
reveal_type(every_other(tl.zeros((5,))))  # N: Tensor[Shape[3], NoTape, float32]
