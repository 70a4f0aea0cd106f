"""Data: what goes together has equally many items; models meet the batches they are made for."""

from __future__ import annotations

from typing import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, data, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def case_lengths() -> None:
    data.batches(tl.zeros((100, 3)), tl.zeros((99,)), batch_size=10)  # E: batches: all tensors must have equally many items, got (100, 3), (99,): 100 is not 99 in tensor 1  [tensor-shape]


def case_scalar() -> None:
    data.batches(tl.zeros(()), batch_size=10)  # E: batches: a scalar has no items  [tensor-shape]


def case_nothing() -> None:
    data.batches(batch_size=10)  # E: batches: expected at least one tensor  [tensor-shape]


def case_size() -> None:
    data.batches(tl.zeros((100, 3)), batch_size=0)  # E: batches: batch_size must be positive, got 0  [tensor-shape]


def case_no_whole_batch() -> None:
    data.batches(tl.zeros((10, 3)), batch_size=64, drop_last=True)  # E: batches: 10 items make no whole batch of 64: use drop_last=False  [tensor-shape]


def case_model() -> None:
    model = nn.Linear(784, 10)
    for (x,) in data.batches(tl.zeros((100, 28)), batch_size=10):
        model(x)  # E: Linear(784, 10): expected last dimension 784, got 28; try nn.Linear(28, 10)  [tensor-shape]


def case_loss_of_labels() -> None:
    for x, y in data.batches(tl.zeros((100, 10)), tl.zeros((100, 9)), batch_size=10):
        tl.losses.mse_loss(x, y)  # E: mse_loss: input and target must have the same shape, got (10, 10) and (10, 9): 10 is not 9  [tensor-shape]


def case_parts() -> None:
    data.random_split(tl.zeros((100, 3)), sizes=(80, 10))  # E: random_split: sizes must add up to the number of items, got (80, 10): 90 is not 100  [tensor-shape]


def case_no_parts() -> None:
    data.random_split(tl.zeros((100, 3)), sizes=())  # E: random_split: expected the size of at least one part  [tensor-shape]


def case_negative_part() -> None:
    data.random_split(tl.zeros((100, 3)), sizes=(110, -10))  # E: random_split: sizes must not be negative, got (110, -10)  [tensor-shape]


def case_parts_of_scalar() -> None:
    data.random_split(tl.zeros(()), sizes=(1,))  # E: random_split: a scalar has no items  [tensor-shape]


def symbols(x: Tensor[Shape[N, 3]], y: Tensor[Shape[M]]) -> None:
    data.batches(x, y, batch_size=10)  # E: batches: all tensors must have equally many items, got (N, 3), (M,): N is not M in tensor 1  [tensor-shape]
    data.random_split(x, sizes=(80, 20))  # E: random_split: sizes must add up to the number of items, got (80, 20): 100 is not N  [tensor-shape]


def a_column_beside_a_row(x: Tensor[Shape[int, 1]], y: Tensor[Shape[int]]) -> None:
    x - y  # E: subtract: shapes (?, 1) and (?,) would both be stretched, to (?, ?): make it explicit with broadcast_to or tl.broadcast_arrays(a, b); try x1.squeeze(-1) or x2.expand_dims(-1)  [tensor-unproven]
