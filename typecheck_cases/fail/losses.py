"""Losses: predictions and targets never broadcast."""

from __future__ import annotations

import numpy as np

import tensorlib as tl
from tensorlib import losses


def case_mse_loss() -> None:
    losses.mse_loss(tl.zeros((8, 2)), tl.zeros((8, 3)))  # E: mse_loss: input and target must have the same shape, got (8, 2) and (8, 3): 2 is not 3  [tensor-shape]


def case_mse_loss_would_broadcast() -> None:
    losses.mse_loss(tl.zeros((8, 1)), tl.zeros((8,)))  # E: mse_loss: input and target must have the same shape, got (8, 1) and (8,)  [tensor-shape]


def case_mse_loss_of_ints() -> None:
    losses.mse_loss(tl.zeros((8,), dtype=np.int64), tl.zeros((8,)))  # E: mse_loss: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_cross_entropy_batch() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((6,), dtype=np.int64))  # E: cross_entropy: target must have shape (5,) for class indices or (5, 10) for probabilities, got (6,): 6 is not 5  [tensor-shape]


def case_cross_entropy_classes() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((5, 9)))  # E: cross_entropy: target must have shape (5,) for class indices or (5, 10) for probabilities, got (5, 9): 9 is not 10  [tensor-shape]


def case_cross_entropy_of_scalar() -> None:
    losses.cross_entropy(tl.zeros(()), tl.zeros((), dtype=np.int64))  # E: cross_entropy: input must have a class dimension, got a scalar  [tensor-shape]
