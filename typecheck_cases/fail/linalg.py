"""Matrix products: the inner dimensions must agree."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def case_matmul_inner() -> None:
    tl.zeros((64, 10)) @ tl.zeros((11, 4))  # E: matmul: inner dimensions must be equal, got (64, 10) and (11, 4): 10 is not 11  [tensor-shape]


def case_matmul_function() -> None:
    tl.matmul(tl.zeros((2, 3)), tl.zeros((2, 3)))  # E: matmul: inner dimensions must be equal, got (2, 3) and (2, 3): 3 is not 2; try x1 @ x2.T or x1.T @ x2  [tensor-shape]


def case_matmul_batch() -> None:
    tl.zeros((10, 3, 2)) @ tl.zeros((9, 2, 4))  # E: matmul: shapes must be equal, or one stretch to the other, got (10,) and (9,): 10 is not 9 on axis -1  [tensor-shape]


def case_matmul_vectors() -> None:
    tl.zeros((3,)) @ tl.zeros((4,))  # E: matmul: inner dimensions must be equal, got (3,) and (4,): 3 is not 4  [tensor-shape]


def case_matmul_vector_matrix() -> None:
    tl.zeros((3,)).matmul(tl.zeros((4, 3)))  # E: matmul: inner dimensions must be equal, got (3,) and (4, 3): 3 is not 4; try x1 @ x2.T  [tensor-shape]


def case_matmul_scalar() -> None:
    tl.zeros(()) @ tl.zeros((2, 2))  # E: matmul: operands must have at least one dimension, got () and (2, 2): multiply by a scalar with *  [tensor-shape]


def case_linear() -> None:
    tl.linear(tl.zeros((5, 3)), tl.zeros((2, 4)))  # E: linear: expected last dimension 4, got 3  [tensor-shape]


def case_linear_bias() -> None:
    tl.linear(tl.zeros((5, 4)), tl.zeros((2, 4)), tl.zeros((3,)))  # E: linear: expected a bias of shape (2,), got (3,)  [tensor-shape]


def symbols(x: Tensor[Shape[N, M]]) -> None:
    x @ x  # E: matmul: inner dimensions must be equal, got (N, M) and (N, M): M is not N; try x1 @ x2.T or x1.T @ x2  [tensor-shape]
