"""What runs to the end elsewhere, with wrong numbers: labels, dtypes and masks."""

from __future__ import annotations

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, losses, nn

scores, classes, one_hot = tl.ones((5, 3)), tl.zeros((5,), np.int64), tl.zeros((5, 3), np.int64)
double, half, row = tl.ones((2, 3), np.float64), tl.ones((2, 3), np.float16), tl.ones((2, 3))
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
cast = model.astype(np.float64)


def case_one_hot_of_ints() -> None:
    losses.cross_entropy(scores, one_hot)  # E: cross_entropy: probabilities must be floats, got int64 of shape (5, 3): use .astype(np.float32), or class indices without the last axis  [tensor-dtype]


def case_class_indices_of_floats() -> None:
    losses.cross_entropy(scores, tl.zeros((5,)))  # E: cross_entropy: class indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_input_and_target_swapped() -> None:
    losses.cross_entropy(classes, scores)  # E: cross_entropy: target must have shape () for class indices or (5,) for probabilities, got (5, 3)  [tensor-shape]


def case_mask_as_classes() -> None:
    losses.cross_entropy(scores, classes > 0)  # E: cross_entropy: class indices must be ints, got bool: use .astype(np.int64)  [tensor-dtype]


def case_accuracy_of_one_hot() -> None:
    tl.accuracy(scores, one_hot)  # E: accuracy: predicted classes must be ints, got float32, and targets for scores of shape (5, 3) must be of shape (5,), or floats  [tensor-dtype]


def case_accuracy_of_floats() -> None:
    tl.accuracy(scores, tl.zeros((5,)))  # E: accuracy: class indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_shape_before_dtype() -> None:
    row + tl.ones((2, 4), np.float64)  # E: add: shapes must be equal, or one stretch to the other, got (2, 3) and (2, 4): 3 is not 4 on axis -1  [tensor-shape]


def case_float64_into_a_new_layer() -> None:
    nn.Linear(3, 4)(double)  # E: linear: dtypes must agree, got float64 and float32: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_float64_into_a_model() -> None:
    model(double)  # E: linear: dtypes must agree, got float64 and float32: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_float32_into_a_cast_model() -> None:
    cast(row)  # E: linear: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_float16_into_a_cast_layer() -> None:
    nn.LayerNorm(3).astype(np.float64)(half)  # E: layer_norm: dtypes must agree, got float16 and float64: convert one with .astype(np.float16) or .astype(np.float64)  [tensor-dtype]


def case_mask_of_ints() -> None:
    nn.MultiHeadAttention(4, 2)(tl.ones((2, 5, 4)), mask=tl.ones((5, 5), np.int64))  # E: scaled_dot_product_attention: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


class Net(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(3, 4)

    def forward(self, x: Tensor[Shape[2, 3], NoTape, np.float64]) -> Tensor[Shape[2, 4], NoTape, np.float64]:
        return self.layer(x)


def known(layer: nn.Linear[3, 4]) -> None:
    reveal_type(model(half))  # N: Tensor[Shape[2, 2], NoTape, float32]
    reveal_type(cast(double))  # N: Tensor[Shape[2, 2], NoTape, float64]
    reveal_type(nn.Linear(3, 4).astype(np.float16)(half))  # N: Tensor[Shape[2, 4], NoTape, float16]
    reveal_type(layer(half))  # N: Tensor[Shape[2, 4], NoTape, AnyDtype]
    reveal_type(layer(double))  # N: Tensor[Shape[2, 4], NoTape, float64]
    Net().astype(np.float64)(double)


criterion = losses.cross_entropy


def case_a_name_for_a_loss() -> None:
    criterion(scores, tl.zeros((4,), np.int64))  # E: cross_entropy: target must have shape (5,) for class indices or (5, 3) for probabilities, got (4,): 4 is not 5  [tensor-shape]


def case_a_local_name_for_an_op() -> None:
    product = tl.matmul
    product(scores, row)  # E: matmul: inner dimensions must be equal, got (5, 3) and (2, 3): 3 is not 2; try x1 @ x2.T  [tensor-shape]
