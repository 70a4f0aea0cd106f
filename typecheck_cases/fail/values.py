"""Sizes that come from values: constants, shapes of tensors, lists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
S = TypeVar("S", bound=tuple[Any, ...])

HIDDEN = 32
SIZES = (6, 5, 4)


@dataclass(frozen=True)
class Config:
    width: int = 8
    heads: int = 3


CONFIG = Config()


class Sizes:
    width = 7


def case_constant() -> object:
    return nn.Linear(HIDDEN * 2, 4)(tl.zeros((3, HIDDEN)))  # E: Linear(64, 4): expected last dimension 64, got 32; try nn.Linear(32, 4)  [tensor-shape]


def case_items() -> object:
    return tl.zeros(SIZES[:2]) @ tl.zeros(SIZES[1:][::-1])  # E: matmul: inner dimensions must be equal, got (6, 5) and (4, 5): 5 is not 4; try x1 @ x2.T  [tensor-shape]


def case_class() -> object:
    return nn.Linear(Sizes.width - 1, 2)(tl.zeros((3, Sizes.width)))  # E: Linear(6, 2): expected last dimension 6, got 7; try nn.Linear(7, 2)  [tensor-shape]


def case_fields() -> object:
    return nn.MultiHeadAttention(CONFIG.width, CONFIG.heads)  # E: MultiHeadAttention: embed_dim must be a multiple of num_heads, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]


def case_unpacked() -> object:
    x = tl.zeros((3, 4))
    rows, columns = x.shape
    return x.reshape((rows, columns + 1))  # E: reshape: the number of elements must stay, got (3, 4) and (3, 5): 12 is not 15; try x.reshape((3, -1))  [tensor-shape]


def case_computed() -> object:
    x = tl.zeros((3, 4))
    return x.reshape((math.prod(x.shape) // 2 - 1, -1))  # E: reshape: the number of elements must stay, got (3, 4) and (5, -1): 12 is not a multiple of 5  [tensor-shape]


def case_spread() -> object:
    x = tl.zeros((3, 4))
    return tl.zeros((*x.shape[:-1], 5)) + x  # E: add: shapes must be equal, or one stretch to the other, got (3, 5) and (3, 4): 5 is not 4 on axis -1  [tensor-shape]


def case_list() -> object:
    return tl.zeros([2, 3]).reshape([2, len(SIZES) + 1])  # E: reshape: the number of elements must stay, got (2, 3) and (2, 4): 6 is not 8; try x.reshape((2, -1))  [tensor-shape]


def case_axes_in_a_list() -> object:
    return tl.zeros([2, 3]).sum(axis=[0, 2])  # E: sum: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_list_of_tensors() -> object:
    x = tl.zeros((2,))
    return tl.tensor([x.mean(), x.sum()])  # E: tensor: expected numbers, got tensors: join tensors with tl.stack  [tensor-dtype]


def case_nested_list_of_tensors() -> object:
    return tl.tensor([[1.0, 2.0], (1.0, tl.zeros(()))])  # E: tensor: expected numbers, got tensors: join tensors with tl.stack  [tensor-dtype]


def made(n: N, m: M) -> Tensor[Shape[N, M]]:
    return tl.zeros((n, m))


def any_shape(shape: S, like: Tensor[S]) -> Tensor[S]:
    return tl.zeros(shape) + like


def symbols(x: Tensor[Shape[N, M]], y: Tensor[Shape[6, 4]]) -> None:
    n, m = x.shape
    made(n, m) + made(m, n)  # E: add: shapes must be equal, or one stretch to the other, got (N, M) and (M, N): M is not N on axis -1; try x1.T or x2.T  [tensor-shape]
    made(*x.shape) + made(*x.shape[::-1])  # E: add: shapes must be equal, or one stretch to the other, got (N, M) and (M, N): M is not N on axis -1; try x1.T or x2.T  [tensor-shape]
    nn.Linear(m * 4, m)(x)  # E: Linear(4*M, M): expected last dimension 4*M, got M  [tensor-shape]
    x.reshape((n, m // 2, 2))  # E: reshape: the number of elements must stay, got (N, M) and (N, M//2, 2): M*N is not 2*N*(M//2)  [tensor-shape]
    any_shape(x.shape, y)  # E: any_shape: expected like of shape (*S,), got (6, 4): 6 is not N  [tensor-shape]
    any_shape((n, m), x) + tl.zeros((n, m + 1))  # E: add: shapes must be equal, or one stretch to the other, got (N, M) and (N, M + 1): M is not M + 1 on axis -1  [tensor-shape]
    x[: n + 1] + x[:, : m - 1]  # E: add: shapes must be equal, or one stretch to the other, got (N, M) and (N, M - 1): M is not M - 1 on axis -1  [tensor-shape]
    y.permute([0, y.ndim])  # E: permute: axis 2 is out of range for shape (6, 4): use -2 to 1  [tensor-shape]


def returned(x: Tensor[Shape[N, M]]) -> N:
    return x.shape[1]  # E: Incompatible return value type (got "M", expected "N")  [return-value]


def counted(x: Tensor[Shape[N, M]]) -> N:
    return len(x)  # E: Incompatible return value type (got "int", expected "N")  [return-value]
