"""Splitting: equal parts are equal, axes exist, parts have the shape they have."""

from __future__ import annotations

from typing import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)


def case_split() -> None:
    tl.zeros((2, 5)).split(3, axis=1)  # E: split: axis 1 of (2, 5) does not split into 3 equal parts: 5 is not a multiple of 3  [tensor-shape]


def case_split_none() -> None:
    tl.split(tl.zeros((4,)), 0)  # E: split: sections must be positive, got 0  [tensor-shape]


def case_split_axis() -> None:
    tl.split(tl.zeros((4, 2)), 2, axis=2)  # E: split: axis 2 is out of range for shape (4, 2): use -2 to 1  [tensor-shape]


def case_part() -> None:
    a, b = tl.split(tl.zeros((2, 6)), (2,), axis=1)
    a + b  # E: add: shapes must be equal, or one stretch to the other, got (2, 2) and (2, 4): 2 is not 4 on axis -1  [tensor-shape]


def too_few() -> None:
    parts = tl.zeros((4, 2)).split(2)
    parts[2]  # E: Tuple index out of range  [misc]


def case_chunk() -> None:
    tl.chunk(tl.zeros((4,)), 0)  # E: chunk: chunks must be positive, got 0  [tensor-shape]


def case_chunk_axis() -> None:
    tl.zeros(()).chunk(2)  # E: chunk: axis 0 is out of range for shape (): a scalar has no axes  [tensor-shape]


def case_chunk_last() -> None:
    a, b, c = tl.zeros((8,)).chunk(3)
    b + c  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (2,): 3 is not 2 on axis -1  [tensor-shape]


def case_unstack() -> None:
    tl.unstack(tl.zeros((2, 3)), axis=-3)  # E: unstack: axis -3 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_unstack_part() -> None:
    a, b = tl.unstack(tl.zeros((2, 3)))
    a + tl.zeros((2,))  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (2,): 3 is not 2 on axis -1  [tensor-shape]


def case_rows() -> None:
    for row in tl.zeros((2, 3)):
        row + tl.zeros((4,))  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (4,): 3 is not 4 on axis -1  [tensor-shape]


def case_meshgrid() -> None:
    tl.meshgrid(tl.zeros((2,)), tl.zeros((3, 4)))  # E: meshgrid: expected vectors, got shape (3, 4) in tensor 1  [tensor-shape]


def case_meshgrid_of_nothing() -> None:
    tl.meshgrid()  # E: meshgrid: expected at least one tensor  [tensor-shape]


def case_meshgrid_axes() -> None:
    a, b = tl.meshgrid(tl.zeros((2,)), tl.zeros((3,)), indexing="xy")
    a + tl.zeros((2, 3))  # E: add: shapes must be equal, or one stretch to the other, got (3, 2) and (2, 3): 2 is not 3 on axis -1; try x1.T or x2.T  [tensor-shape]


def halves(x: Tensor[Shape[N]]) -> None:
    x.split(2)  # E: split: axis 0 of (N,) does not split into 2 equal parts: N is not a multiple of 2  [tensor-shape]


def odd(x: Tensor[Shape["2 * N + 1"]]) -> None:
    x.split(2)  # E: split: axis 0 of (2*N + 1,) does not split into 2 equal parts: 2*N + 1 is not a multiple of 2  [tensor-shape]


def members(x: Tensor[Shape[N, 3]]) -> None:
    for member in x.unstack():
        member + tl.zeros((4,))  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (4,): 3 is not 4 on axis -1  [tensor-shape]
