"""Compiled steps: to the checker they are the steps themselves."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
x, wide = tl.zeros((64, 10)), tl.zeros((64, 12))


@tl.compile
def predicted(x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
    return model(x)


def case_a_result_of_another_size() -> None:
    predicted(x) @ x  # E: matmul: inner dimensions must be equal, got (64, 2) and (64, 10): 2 is not 64; try x1.T @ x2  [tensor-shape]


def case_a_step_that_is_wrong() -> None:
    @tl.compile
    def wrong(x: Tensor[Shape[64, 12]]) -> Tensor[Shape[64, 2]]:
        return model(x)  # E: Sequential[0] Linear(10, 32): expected last dimension 10, got 12; try nn.Linear(12, 32)  [tensor-shape]

    wrong(wide)


def case_a_model() -> None:
    tl.compile(model)(wide)  # E: Sequential[0] Linear(10, 32): expected last dimension 10, got 12; try nn.Linear(12, 32)  [tensor-shape]
