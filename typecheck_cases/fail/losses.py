"""Losses: predictions and targets never broadcast."""

from __future__ import annotations

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn


def case_mse_loss() -> None:
    losses.mse_loss(tl.zeros((8, 2)), tl.zeros((8, 3)))  # E: mse_loss: input and target must have the same shape, got (8, 2) and (8, 3): 2 is not 3  [tensor-shape]


def case_mse_loss_would_broadcast() -> None:
    losses.mse_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: mse_loss: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_mse_loss_of_ints() -> None:
    losses.mse_loss(tl.zeros((8,), dtype=np.int64), tl.zeros((8,)))  # E: mse_loss: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_cross_entropy_batch() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((6,), dtype=np.int64))  # E: cross_entropy: target must have shape (5,) for class indices or (5, 10) for probabilities, got (6,): 6 is not 5  [tensor-shape]


def case_cross_entropy_classes_on_axis_1() -> None:
    losses.cross_entropy(tl.zeros((2, 9, 5)), tl.zeros((2, 5), np.int64))  # E: cross_entropy: target must have shape (2, 9) for class indices or (2, 9, 5) for probabilities, got (2, 5): 5 is not 9; try input.mT  [tensor-shape]


def case_cross_entropy_of_images() -> None:
    losses.cross_entropy(tl.zeros((2, 9, 5, 6)), tl.zeros((2, 5, 6), np.int64))  # E: cross_entropy: target must have shape (2, 9, 5) for class indices or (2, 9, 5, 6) for probabilities, got (2, 5, 6): 5 is not 9; try input.permute((0, 2, 3, 1))  [tensor-shape]


def case_cross_entropy_classes() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((5, 9)))  # E: cross_entropy: target must have shape (5,) for class indices or (5, 10) for probabilities, got (5, 9): 9 is not 10  [tensor-shape]


def case_cross_entropy_of_scalar() -> None:
    losses.cross_entropy(tl.zeros(()), tl.zeros((), dtype=np.int64))  # E: cross_entropy: input must have a class dimension, got a scalar  [tensor-shape]


def case_rmse_loss() -> None:
    losses.rmse_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: rmse_loss: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_mae_loss() -> None:
    losses.mae_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: mae_loss: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_huber_loss() -> None:
    losses.huber_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: huber_loss: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_smooth_l1_loss() -> None:
    losses.smooth_l1_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: smooth_l1_loss: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_binary_cross_entropy() -> None:
    losses.binary_cross_entropy(tl.zeros((8, 1)), tl.zeros((8,)))  # E: binary_cross_entropy: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_binary_cross_entropy_with_logits() -> None:
    losses.binary_cross_entropy_with_logits(tl.zeros((8, 1)), tl.zeros((8,)))  # E: binary_cross_entropy_with_logits: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_kl_div() -> None:
    losses.kl_div(tl.zeros((8, 1)), tl.zeros((8,)))  # E: kl_div: input and target must have the same shape, got (8, 1) and (8,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_nll_loss_batch() -> None:
    losses.nll_loss(tl.zeros((5, 10)), tl.zeros((6,), dtype=np.int64))  # E: nll_loss: target must have shape (5,) for input (5, 10), got (6,): 6 is not 5  [tensor-shape]


def case_nll_loss_of_probabilities() -> None:
    losses.nll_loss(tl.zeros((5, 10)), tl.zeros((5,)))  # E: nll_loss: class indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_loss_of_elements_is_no_scalar() -> None:
    tl.zeros((3,)) + losses.mse_loss(tl.zeros((8,)), tl.zeros((8,)), reduction="none")  # E: add: shapes must be equal, or one stretch to the other, got (3,) and (8,): 3 is not 8 on axis -1  [tensor-shape]


def a_column_of_a_batch() -> None:
    model = nn.Linear(20, 1)
    for x, y in tl.data.batches(tl.zeros((100, 20)), tl.zeros((100,)), 32):
        losses.mse_loss(model(x), y)  # E: mse_loss: input and target must have the same shape, got (?, 1) and (?,); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def a_column_of_classes() -> None:
    for x, y in tl.data.batches(tl.zeros((100, 5)), tl.zeros((100, 1), np.int64), 32):
        losses.cross_entropy(x, y)  # E: cross_entropy: target must have shape (?,) for class indices or (?, 5) for probabilities, got (?, 1): 1 is not 5; try target.squeeze(-1)  [tensor-shape]
