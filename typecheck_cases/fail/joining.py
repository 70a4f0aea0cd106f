"""Joining: shapes are equal but for the axis."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def case_concat() -> None:
    tl.concat((tl.zeros((2, 3)), tl.zeros((4, 3))), axis=1)  # E: concat: shapes must be equal but for the axis, got (2, 3), (4, 3): 2 is not 4 on axis 0; try axis=0  [tensor-shape]


def case_concat_ranks() -> None:
    tl.concat([tl.zeros((2, 3)), tl.zeros((3,))])  # E: concat: operands must have equally many dimensions, got (2, 3), (3,)  [tensor-shape]


def case_concat_axis() -> None:
    tl.concat((tl.zeros((2, 3)), tl.zeros((2, 3))), axis=2)  # E: concat: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_concat_scalars() -> None:
    tl.concat((tl.zeros(()), tl.zeros(())))  # E: concat: a scalar cannot be joined to others: use stack  [tensor-shape]


def case_concat_nothing() -> None:
    tl.concat(())  # E: concat: expected at least one tensor  [tensor-shape]


def case_concat_dtypes() -> None:
    tl.concat((tl.zeros((2,)), tl.zeros((2,), dtype=np.float64)))  # E: concat: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_stack() -> None:
    tl.stack((tl.zeros((2, 3)), tl.zeros((2, 4))))  # E: stack: shapes must be equal but for the axis, got (2, 3), (2, 4): 3 is not 4 on axis 1  [tensor-shape]


def case_stack_axis() -> None:
    tl.stack((tl.zeros((2, 3)), tl.zeros((2, 3))), axis=3)  # E: stack: axis 3 is out of range for a result of 3 dimensions: use -3 to 2  [tensor-shape]


def symbols_differ(x: Tensor[Shape[N, 3]], y: Tensor[Shape[M, 3]]) -> None:
    tl.stack((x, y))  # E: stack: shapes must be equal but for the axis, got (N, 3), (M, 3): N is not M on axis 0  [tensor-shape]
