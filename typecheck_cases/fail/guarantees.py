"""What dfdx refuses to compile, as far as no other file has it: see docs/guarantees.md."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Gradients, Shape, Tensor, Tensor1D, Tensor2D, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def annotated_output_of_a_layer(x: Tensor2D[8, 4]) -> None:
    y: Tensor2D[8, 3] = nn.Linear(4, 2)(x)  # E: Incompatible types in assignment (expression has type "Tensor[Shape[8, 2], NoTape]", variable has type "Tensor[Shape[8, 3], NoTape]")  [assignment]


def annotated_product(x: Tensor2D[3, 2], y: Tensor2D[2, 4]) -> Tensor2D[3, 5]:
    return x @ y  # E: Incompatible return value type (got "Tensor[Shape[3, 4], NoTape]", expected "Tensor[Shape[3, 5], NoTape]")  [return-value]


def annotated_reduction(x: Tensor2D[3, 2]) -> None:
    y: Tensor1D[2] = x.sum(axis=-1)  # E: Incompatible types in assignment (expression has type "Tensor[Shape[3], NoTape]", variable has type "Tensor[Shape[2], NoTape]")  [assignment]


def annotated_permutation(x: Tensor2D[3, 4]) -> None:
    y: Tensor2D[3, 3] = x.permute((1, 0))  # E: Incompatible types in assignment (expression has type "Tensor[Shape[4, 3], NoTape]", variable has type "Tensor[Shape[3, 3], NoTape]")  [assignment]


def annotated_literals() -> None:
    x: Tensor1D[3] = tl.tensor([1.0, 2.0])  # E: Incompatible types in assignment (expression has type "Tensor[Shape[2], NoTape]", variable has type "Tensor[Shape[3], NoTape]")  [assignment]


def case_matmul_batch() -> None:
    tl.zeros((10, 3, 2)) @ tl.zeros((9, 2, 4))  # E: matmul: shapes must be equal, or one stretch to the other, got (10,) and (9,): 10 is not 9 on axis -1  [tensor-shape]


def matmul_of_symbols(x: Tensor[Shape[N, M]]) -> None:
    x @ x  # E: matmul: inner dimensions must be equal, got (N, M) and (N, M): M is not N; try x1 @ x2.T or x1.T @ x2  [tensor-shape]


def case_labels() -> None:
    target = tl.one_hot(tl.tensor([0, 1, 2, 1]), 5)
    losses.cross_entropy(tl.zeros((3, 5)), target.astype(np.float32))  # E: cross_entropy: target must have shape (3,) for class indices or (3, 5) for probabilities, got (4, 5)  [tensor-shape]


def case_std_of_a_scalar() -> None:
    tl.zeros(()).std(axis=0)  # E: std: axis 0 is out of range for shape (): a scalar has no axes  [tensor-shape]


def case_conv_of_another_layer() -> None:
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(5, 8, 3))  # E: Sequential[2] Conv2d(5, 8, 3): expected 5 channels, got 4 from Sequential[1] ReLU; try nn.Conv2d(4, 8, 3)  [tensor-shape]


def case_kernel_larger_than_the_image() -> None:
    nn.Conv2d(3, 4, 9)(tl.zeros((3, 5, 5)))  # E: Conv2d(3, 4, 9): the kernel must fit into the padded operand, got shape (3, 5, 5): 9 is more than 5  [tensor-shape]


class Encoder(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(4, 2)


class Decoder(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(2, 4)


def optimizer_of_another_model(gradients: Gradients) -> None:
    optim.SGD(Encoder()).update(Decoder(), gradients)  # E: Argument 1 to "update" of "Optimizer" has incompatible type "Decoder"; expected "Encoder"  [arg-type]


def loss_instead_of_gradients(model: Encoder, loss: Tensor[Shape[()]]) -> None:
    optim.SGD(model).update(model, loss)  # E: Argument 2 to "update" of "Optimizer" has incompatible type "Tensor[Shape[()], NoTape]"; expected "Gradients"  [arg-type]
