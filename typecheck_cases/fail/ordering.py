"""Order along an axis, draws, and ops made of a weight or of functions of the user's."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")


def case_sort() -> None:
    tl.zeros((2, 3)).sort(2)  # E: sort: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_argsort() -> None:
    tl.argsort(tl.zeros(()))  # E: argsort: axis -1 is out of range for shape (): a scalar has no axes  [tensor-shape]


def case_topk() -> None:
    tl.zeros((2, 3)).topk(4)  # E: topk: k must not be above the length of the axis, got 4 for axis -1 of (2, 3): 3 is less than 4  [tensor-shape]


def case_topk_negative() -> None:
    tl.topk(tl.zeros((2, 3)), -1)  # E: topk: k must not be negative, got -1  [tensor-shape]


def case_topk_axis() -> None:
    tl.topk(tl.zeros((2, 3)), 1, axis=2)  # E: topk: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def topk_symbol(x: Tensor[Shape[*Batch, N]]) -> None:
    x.topk(2)  # E: topk: k must not be above the length of the axis, got 2 for axis -1 of (*Batch, N): N is less than 2  [tensor-shape]


def case_cummax() -> None:
    tl.zeros((2, 3)).cummax(-3)  # E: cummax: axis -3 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_cummin() -> None:
    tl.cummin(tl.zeros((2, 3)), 2)  # E: cummin: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_isclose() -> None:
    tl.isclose(tl.zeros((2, 3)), tl.zeros((2,)))  # E: isclose: shapes must be equal, or one stretch to the other, got (2, 3) and (2,): 3 is not 2 on axis -1; try x2.expand_dims(-1)  [tensor-shape]


def case_isclose_dtypes() -> None:
    tl.isclose(tl.zeros((2,)), tl.zeros((2,), np.float64))  # E: isclose: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_allclose() -> None:
    tl.allclose(tl.zeros((2, 1)), tl.zeros((3,)))  # E: allclose: shapes (2, 1) and (3,) would both be stretched, to (2, 3): make it explicit with broadcast_to or tl.broadcast_arrays(a, b)  [tensor-shape]


def allclose_symbols(x: Tensor[Shape[N]], y: Tensor[Shape[M]]) -> None:
    tl.allclose(x, y)  # E: allclose: shapes must be equal, or one stretch to the other, got (N,) and (M,): N is not M on axis -1  [tensor-shape]


def case_bernoulli() -> None:
    tl.bernoulli(tl.zeros((2,), np.int64))  # E: bernoulli: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_categorical() -> None:
    tl.categorical(tl.zeros((2, 0)))  # E: categorical: there are no elements to choose from in shape (2, 0)  [tensor-shape]


def case_categorical_axis() -> None:
    tl.categorical(tl.zeros((2, 3)), axis=2)  # E: categorical: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_multinomial() -> None:
    tl.multinomial(tl.ones((2, 3)), 4)  # E: multinomial: without replacement num_samples must not be above the last dimension, got 4 for shape (2, 3): 3 is less than 4  [tensor-shape]


def case_multinomial_none() -> None:
    tl.multinomial(tl.ones((2, 3)), 0)  # E: multinomial: num_samples must be positive, got 0  [tensor-shape]


def case_multinomial_of_ints() -> None:
    tl.multinomial(tl.ones((2, 3), np.int64), 2)  # E: multinomial: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def multinomial_symbol(p: Tensor[Shape[M, N]]) -> None:
    tl.multinomial(p, 5)  # E: multinomial: without replacement num_samples must not be above the last dimension, got 5 for shape (M, N): N is less than 5  [tensor-shape]


def case_prelu() -> None:
    tl.prelu(tl.zeros((2, 3, 5)), tl.ones((5,)))  # E: prelu: expected a weight of shape (1,), or (C,) for the channels C on axis 1, got (5,) for shape (2, 3, 5): 5 is not 3  [tensor-shape]


def case_prelu_without_channels() -> None:
    tl.prelu(tl.zeros((3,)), tl.ones((3,)))  # E: prelu: expected a weight of shape (1,), or (C,) for the channels C on axis 1, got (3,) for shape (3,)  [tensor-shape]


def case_prelu_matrix() -> None:
    tl.prelu(tl.zeros((2, 3)), tl.ones((2, 3)))  # E: prelu: expected a weight of shape (1,), or (C,) for the channels C on axis 1, got (2, 3) for shape (2, 3)  [tensor-shape]


def prelu_symbols(x: Tensor[Shape[M, N]], weight: Tensor[Shape[M]]) -> None:
    tl.prelu(x, weight)  # E: prelu: expected a weight of shape (1,), or (C,) for the channels C on axis 1, got (M,) for shape (M, N): M is not N  [tensor-shape]


def case_prelu_layer() -> None:
    nn.PReLU(3)(tl.zeros((2, 4)))  # E: PReLU(3): expected 3 channels on axis 1, got shape (2, 4): 4 is not 3  [tensor-shape]


def case_prelu_layer_without_channels() -> None:
    nn.PReLU(3)(tl.zeros((3,)))  # E: PReLU(3): expected 3 channels on axis 1, got shape (3,)  [tensor-shape]


def case_prelu_layer_in_chain() -> None:
    nn.Sequential(nn.Linear(4, 3), nn.PReLU(4))(tl.zeros((8, 4)))  # E: Sequential[1] PReLU(4): expected 4 channels on axis 1, got shape (8, 3) from Sequential[0] Linear(4, 3): 3 is not 4  [tensor-shape]


def case_prelu_layer_in_longer_chain() -> None:
    nn.Sequential(nn.Linear(4, 3), nn.PReLU(), nn.Linear(4, 3))  # E: Sequential[2] Linear(4, 3): expected last dimension 4, got 3 from Sequential[1] PReLU(1); try nn.Linear(3, 3)  [tensor-shape]


def case_prelu_layer_of_no_parameters() -> None:
    nn.PReLU(0)  # E: PReLU: num_parameters must be positive, got 0  [tensor-shape]


def prelu_layer_symbols(x: Tensor[Shape[N, M]], n: N) -> None:
    nn.PReLU(n)(x)  # E: PReLU(N): expected N channels on axis 1, got shape (N, M): M is not N  [tensor-shape]


def case_map_then_matmul() -> None:
    tl.zeros((2, 3)).map(np.exp, np.exp) @ tl.zeros((2, 3))  # E: matmul: inner dimensions must be equal, got (2, 3) and (2, 3): 3 is not 2; try x1 @ x2.T or x1.T @ x2  [tensor-shape]
