"""Compiled steps: to the checker they are the steps themselves."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
sgd = optim.SGD(model, lr=0.1)


@tl.compile
def step(x: Tensor[Shape[64, 10]], y: Tensor[Shape[64, 2]]) -> Tensor0D:
    loss = losses.mse_loss(model(x.traced()), y)
    value = loss.detach()
    sgd.update(model, loss.backward())
    return value


@tl.compile
def predicted(x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
    return model(x)


class Trainer:
    @tl.compile
    def step(self, x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
        return model(x)


def case_operands_in_the_wrong_order(x: Tensor[Shape[64, 10]], y: Tensor[Shape[64, 2]]) -> None:
    step(y, x)  # E: step: expected x of shape (64, 10), got (64, 2): 2 is not 10  [tensor-shape]


def case_a_wrong_size(x: Tensor[Shape[8, 12]]) -> None:
    predicted(x)  # E: predicted: expected x of shape (N, 10), got (8, 12): 12 is not 10  [tensor-shape]


def case_a_result_of_another_size(x: Tensor[Shape[8, 10]]) -> None:
    predicted(x) @ x  # E: matmul: inner dimensions must be equal, got (8, 2) and (8, 10): 2 is not 8; try x1.T @ x2  [tensor-shape]


def case_a_method(x: Tensor[Shape[8, 12]]) -> None:
    Trainer().step(x)  # E: Trainer.step: expected x of shape (N, 10), got (8, 12): 12 is not 10  [tensor-shape]


def case_a_step_that_is_wrong() -> None:
    @tl.compile
    def wrong(x: Tensor[Shape[8, 12]]) -> Tensor[Shape[8, 2]]:
        return model(x)  # E: Sequential[0] Linear(10, 32): expected last dimension 10, got 12; try nn.Linear(12, 32)  [tensor-shape]

    wrong(tl.zeros((8, 12)))


def case_a_lambda(x: Tensor[Shape[8, 10]]) -> None:
    tl.compile(lambda y: y)(x)
    tl.compile(x)  # E: Value of type variable "F" of "compile" cannot be "Tensor[Shape[8, 10], NoTape]"  [type-var]
