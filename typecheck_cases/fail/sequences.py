"""Making tensors like others, on the diagonal, and at equal distances."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)


def case_eye() -> None:
    tl.eye(3, -1)  # E: eye: dimensions must not be negative, got (3, -1)  [tensor-shape]


def case_arange_step() -> None:
    tl.arange(0, 5, 0)  # E: arange: the step must not be 0  [tensor-shape]


def case_linspace() -> None:
    tl.linspace(0, 1, -5)  # E: linspace: dimensions must not be negative, got (-5,)  [tensor-shape]


def case_rand_like_ints() -> None:
    tl.rand_like(tl.zeros((2,), np.int64))  # E: rand_like: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_randn_like_bools() -> None:
    tl.randn_like(tl.zeros((2,), np.bool_))  # E: randn_like: expected a floating dtype, got bool: convert it with .astype(np.float32)  [tensor-dtype]


def case_length_of_arange() -> None:
    tl.arange(2, 9, 3) + tl.zeros((4,), np.int64)  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (4,): 3 is not 4 on axis -1  [tensor-shape]


def case_shape_of_zeros_like() -> None:
    tl.zeros_like(tl.zeros((2, 3))) @ tl.eye(2)  # E: matmul: inner dimensions must be equal, got (2, 3) and (2, 2): 3 is not 2; try x1.T @ x2  [tensor-shape]


def length_of_symbols(n: N, x: Tensor[Shape[N]]) -> None:
    x + tl.arange(1, n)  # E: add: shapes must be equal, or one stretch to the other, got (N,) and (N - 1,): N is not N - 1 on axis -1  [tensor-shape]


def eye_of_symbols(n: N, x: Tensor[Shape[N, 3]]) -> None:
    x @ tl.eye(n)  # E: matmul: inner dimensions must be equal, got (N, 3) and (N, N): 3 is not N; try x1.T @ x2  [tensor-shape]
