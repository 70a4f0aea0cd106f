"""What mypy sees of compiled steps."""

from __future__ import annotations

from typing import reveal_type

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))


@tl.compile
def predicted(x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
    return model(x)


class Trainer:
    @tl.compile
    def step(self, x: Tensor[Shape[N, 10]]) -> Tensor[Shape[N, 2]]:
        return predicted(x)


def case_a_function(x: Tensor[Shape[8, 10]]) -> None:
    reveal_type(predicted(x))  # N: Tensor[Shape[8, 2], NoTape, float32]


def case_a_method(x: Tensor[Shape[8, 10]]) -> None:
    reveal_type(Trainer().step(x))  # N: Tensor[Shape[8, 2], NoTape, float32]


def case_by_hand(x: Tensor[Shape[8, 10]]) -> None:
    fast = tl.compile(model)
    reveal_type(fast(x))  # N: Tensor[Shape[8, 2], NoTape, float32]
