"""Making tensors: like another one, on the diagonal, at equal distances, of another library."""

from __future__ import annotations

from typing import Any, reveal_type

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")
COUNT = 12

ints = tl.zeros((2, 3), np.int64)
reveal_type(tl.zeros_like(ints))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.ones_like(ints, np.float16))  # N: Tensor[Shape[2, 3], NoTape, float16]
reveal_type(tl.full_like(ints, 7))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.full_like(ints, 0.5, np.float64))  # N: Tensor[Shape[2, 3], NoTape, float64]
reveal_type(tl.rand_like(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.randn_like(tl.zeros((2, 3), np.float64), rng=0))  # N: Tensor[Shape[2, 3], NoTape, float64]
reveal_type(tl.zeros_like(tl.zeros((2, 3)).traced()))  # N: Tensor[Shape[2, 3], NoTape, float32]

reveal_type(tl.eye(3))  # N: Tensor[Shape[3, 3], NoTape, float32]
reveal_type(tl.eye(3, 4))  # N: Tensor[Shape[3, 4], NoTape, float32]
reveal_type(tl.eye(3, 4, dtype=np.int64))  # N: Tensor[Shape[3, 4], NoTape, int64]

reveal_type(tl.arange(5))  # N: Tensor[Shape[5], NoTape, int64]
reveal_type(tl.arange(2, 9, 3))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(tl.arange(9, 2, -3))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(tl.arange(5, 2))  # N: Tensor[Shape[0], NoTape, int64]
reveal_type(tl.arange(0, COUNT * 2))  # N: Tensor[Shape[24], NoTape, int64]
reveal_type(tl.arange(5, dtype=np.float32))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(tl.arange(0.5))  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(tl.arange(0, 1, 0.25))  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(tl.arange(0.0, 5, dtype=np.float64))  # N: Tensor[Shape[int], NoTape, float64]

reveal_type(tl.linspace(0, 1, 5))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(tl.linspace(0.0, 1.0, COUNT, endpoint=False, dtype=np.float64))  # N: Tensor[Shape[12], NoTape, float64]


def sized(n: N, m: M, x: Tensor[Shape[N, M]], k: int) -> None:
    reveal_type(tl.eye(n))  # N: Tensor[Shape[N, N], NoTape, float32]
    reveal_type(tl.eye(n, m + 1))  # N: Tensor[Shape[N, Add[M, 1]], NoTape, float32]
    reveal_type(tl.arange(n))  # N: Tensor[Shape[N], NoTape, int64]
    reveal_type(tl.arange(x.shape[1]))  # N: Tensor[Shape[M], NoTape, int64]
    reveal_type(tl.arange(n, n + m))  # N: Tensor[Shape[M], NoTape, int64]
    reveal_type(tl.arange(1, n))  # N: Tensor[Shape[Add[N, -1]], NoTape, int64]
    reveal_type(tl.arange(2, n))  # N: Tensor[Shape[int], NoTape, int64]
    reveal_type(tl.arange(0, 2 * n, 2))  # N: Tensor[Shape[N], NoTape, int64]
    reveal_type(tl.arange(0, n, 3))  # N: Tensor[Shape[FloorDiv[Add[N, 2], 3]], NoTape, int64]
    reveal_type(tl.arange(n, 0, -1))  # N: Tensor[Shape[N], NoTape, int64]
    reveal_type(tl.arange(0, n * m, m))  # N: Tensor[Shape[N], NoTape, int64]
    reveal_type(tl.arange(0, n, k))  # N: Tensor[Shape[int], NoTape, int64]
    reveal_type(tl.arange(k))  # N: Tensor[Shape[int], NoTape, int64]
    reveal_type(tl.linspace(0, 1, n + 1))  # N: Tensor[Shape[Add[N, 1]], NoTape, float32]
    reveal_type(tl.linspace(0, 1, k))  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(tl.eye(k, n))  # N: Tensor[Shape[int, N], NoTape, float32]


def like(x: Tensor[Shape[*Batch, N], Tape], y: Tensor[Shape[int, Any]]) -> None:
    reveal_type(tl.zeros_like(x))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(tl.ones_like(x, np.bool_))  # N: Tensor[Shape[*Batch, N], NoTape, bool]
    reveal_type(tl.randn_like(x))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(tl.full_like(y, 1))  # N: Tensor[Shape[int, Any], NoTape, float32]


def unknown(x: Tensor[Shape[...]], start: float, size: Any) -> None:
    reveal_type(tl.zeros_like(x))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.arange(start, 5))  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(tl.arange(size))  # N: Tensor[Any, Any, Any]



class Theirs:
    def __dlpack__(self, *, stream: Any = None) -> Any:
        return None

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def from_others(x: Theirs) -> None:
    reveal_type(tl.from_dlpack(x))  # N: Tensor[Shape[int, ...], NoTape, AnyDtype]


reveal_type(tl.from_dlpack(ints))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.from_dlpack(np.zeros((2, 3), np.float32)))  # N: Tensor[Shape[int, int], NoTape, float32]
exported: NDArray[Any] = np.from_dlpack(ints)
