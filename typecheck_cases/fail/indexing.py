"""Indexing: ints lie inside their axis, and there are not more items than axes."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)


def case_out_of_range() -> None:
    tl.zeros((2, 3))[5]  # E: getitem: index 5 is out of range for axis 0 of shape (2, 3)  [tensor-shape]


def case_negative_out_of_range() -> None:
    tl.zeros((2, 3))[0, -4]  # E: getitem: index -4 is out of range for axis 1 of shape (2, 3)  [tensor-shape]


def case_too_many() -> None:
    tl.zeros((2, 3))[0, 0, 0]  # E: getitem: an index of 3 items is too long for shape (2, 3)  [tensor-shape]


def case_two_ellipses() -> None:
    tl.zeros((2, 3))[..., 0, ...]  # E: getitem: only one ... may stand in an index  [tensor-shape]


def case_zero_step() -> None:
    tl.zeros((2, 3))[::0]  # E: getitem: a slice step must not be 0  [tensor-shape]


def case_after_ellipsis() -> None:
    tl.zeros((2, 3))[..., 3]  # E: getitem: index 3 is out of range for axis -1 of shape (2, 3)  [tensor-shape]


def symbol_may_be_one(x: Tensor[Shape[N]]) -> None:
    x[1]  # E: getitem: index 1 may be out of range for axis 0 of shape (N,): declare a size that suffices, such as "N + 1"  [tensor-shape]


def case_items_of_a_scalar() -> None:
    for item in tl.zeros(()):  # E: iter: a scalar has no items  [tensor-shape]
        print(item)


def case_items() -> None:
    for row in tl.zeros((2, 3)):
        row + tl.zeros((4,))  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (4,): 3 is not 4 on axis -1  [tensor-shape]
