"""Enlarging and transposing: there are as many widths as axes, and room to mirror."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def case_pad_widths() -> None:
    tl.zeros((4, 3)).pad(((1, 1), (1, 1), (1, 1)))  # E: pad: expected one width, a pair (before, after), or one pair for each axis, got ((1, 1), (1, 1), (1, 1)) for 2 axes  [tensor-shape]


def case_pad_negative() -> None:
    tl.pad(tl.zeros((4, 3)), (1, -1))  # E: pad: widths must not be negative, got -1  [tensor-shape]


def case_pad_no_room_to_mirror() -> None:
    tl.zeros((4, 3)).pad(3, "reflect")  # E: pad: reflect needs an axis of at least 4 to add 3, got axis 1 of shape (4, 3)  [tensor-shape]


def case_pad_no_edge() -> None:
    tl.zeros((0,)).pad(1, mode="edge")  # E: pad: edge needs an axis of at least 1 to add 1, got axis 0 of shape (0,)  [tensor-shape]


def mirror_symbols(x: Tensor[Shape[N, 3]]) -> None:
    x.pad(((0, 0), (2, 2)), "reflect")
    x.pad(((1, 1), (2, 2)), "reflect")  # E: pad: reflect needs an axis of at least 2 to add 1, got axis 0 of shape (N, 3)  [tensor-shape]


def case_repeat() -> None:
    tl.zeros((4, 3)).repeat(-1)  # E: repeat: repeats must not be negative, got -1  [tensor-shape]


def case_repeat_axis() -> None:
    tl.repeat(tl.zeros((4, 3)), 2, axis=2)  # E: repeat: axis 2 is out of range for shape (4, 3): use -2 to 1  [tensor-shape]


def repeated_symbols(x: Tensor[Shape[N, M]]) -> None:
    x.repeat(2, 0) + x  # E: add: shapes must be equal, or one stretch to the other, got (2*N, M) and (N, M): 2*N is not N on axis -2  [tensor-shape]


def case_broadcast_like() -> None:
    tl.zeros((4, 3)).broadcast_like(tl.zeros((4, 4)))  # E: broadcast_like: shape (4, 3) cannot be stretched to (4, 4): 3 is not 4 on axis -1  [tensor-shape]


def case_transposed() -> None:
    tl.zeros((4, 3)).T @ tl.zeros((3, 2))  # E: matmul: inner dimensions must be equal, got (3, 4) and (3, 2): 4 is not 3; try x1.T @ x2  [tensor-shape]


def case_matrices_of_a_vector() -> None:
    tl.zeros((3,)).mT  # E: matrix_transpose: expected at least 2 dimensions, got shape (3,)  [tensor-shape]


def case_matrix_transpose() -> None:
    tl.matrix_transpose(tl.zeros(()))  # E: matrix_transpose: expected at least 2 dimensions, got shape ()  [tensor-shape]


def transposed_symbols(x: Tensor[Shape[N, M]]) -> None:
    x.T + x  # E: add: shapes must be equal, or one stretch to the other, got (M, N) and (N, M): N is not M on axis -1; try x1.T or x2.T  [tensor-shape]
