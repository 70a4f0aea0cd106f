# mypy: disable-error-code="tensor-tape"
"""What layers make of dtypes, whatever dtype their parameters have."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)


def case_linear() -> None:
    nn.Linear(3, 4)(tl.ones((2, 3), np.int64))  # E: linear: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_linear_in_a_sequential() -> None:
    nn.Sequential(nn.ReLU(), nn.Linear(3, 4))(tl.ones((2, 3), np.uint8))  # E: linear: expected a floating dtype, got uint8: convert it with .astype(np.float32)  [tensor-dtype]


def case_conv2d() -> None:
    nn.Conv2d(3, 8, 3)(tl.ones((2, 3, 8, 8), np.uint8).traced())  # E: conv2d: expected a floating dtype, got uint8: convert it with .astype(np.float32)  [tensor-dtype]


def case_layer_norm() -> None:
    nn.LayerNorm(4)(tl.ones((2, 4), np.bool_))  # E: layer_norm: expected a floating dtype, got bool: convert it with .astype(np.float32)  [tensor-dtype]


def case_lstm() -> None:
    nn.LSTM(3, 4)(tl.ones((2, 5, 3), np.int32))  # E: lstm: expected a floating dtype, got int32: convert it with .astype(np.float32)  [tensor-dtype]


def case_attention_of_two_dtypes() -> None:
    nn.MultiHeadAttention(8, 2)(tl.ones((2, 5, 8)), tl.ones((2, 6, 8), np.float64))  # E: linear: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_square() -> None:
    nn.Square()(tl.ones((2, 3), np.bool_))  # E: square: expected a numeric dtype, got bool: convert it with .astype(np.int64)  [tensor-dtype]


def case_shape_before_dtype() -> None:
    nn.Linear(3, 4)(tl.ones((2, 5), np.int64))  # E: Linear(3, 4): expected last dimension 3, got 5; try nn.Linear(5, 4)  [tensor-shape]


def case_condition_is_no_mask() -> None:
    tl.where(tl.ones((2,)), tl.ones((2,)), tl.zeros((2,)))  # E: where: the condition must be bool, got float32: compare it, e.g. condition != 0  [tensor-dtype]


def case_item_of_several() -> None:
    tl.ones((2, 3)).item()  # E: item: expected one element, got shape (2, 3)  [tensor-shape]


def kept() -> None:
    x = tl.ones((2, 3))
    reveal_type(nn.Linear(3, 4)(x))  # N: Tensor[Shape[2, 4], NoTape, float32]
    reveal_type(nn.Linear(3, 4)(x.astype(np.float16)))  # N: Tensor[Shape[2, 4], NoTape, float32]
    reveal_type(nn.Linear(3, 4).astype(np.float64)(x.astype(np.float64)))  # N: Tensor[Shape[2, 4], NoTape, float64]
    reveal_type(nn.Linear(3, 4).astype(np.float64).weight)  # N: Parameter[tuple[4, 3], Any]
    reveal_type(nn.Embedding(5, 4)(tl.arange(3)))  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(nn.GRU(3, 4, bidirectional=True)(tl.ones((2, 5, 3), np.float16), tl.ones((2, 2, 4))))  # N: tuple[Tensor[Shape[2, 5, 8], NoTape, float32], Tensor[Shape[2, 2, 4], NoTape, float32]]
    reveal_type(nn.Tanh()(tl.arange(3)))  # N: Tensor[Shape[3], NoTape, float32]
    reveal_type(nn.ReLU()(tl.arange(3)))  # N: Tensor[Shape[3], NoTape, int64]
    reveal_type(tl.broadcast_arrays(x, tl.ones((2, 1), np.int64)))  # N: tuple[Tensor[Shape[2, 3], NoTape, float32], Tensor[Shape[2, 3], NoTape, int64]]


def generic(x: Tensor[Shape[N, 3], T, D]) -> None:
    reveal_type(nn.Linear(3, 4)(x))  # N: Tensor[Shape[N, 4], T, AnyDtype]
    reveal_type(nn.ReLU()(x))  # N: Tensor[Shape[N, 3], T, D]


def sequences_in_a_chain() -> None:
    nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 2))  # E: Sequential[1] Linear(4, 2): expected a tensor, got a tuple of 2 from Sequential[0] LSTM(3, 4): unpack it, or hand on one of them in a module of your own  [tensor-shape]
