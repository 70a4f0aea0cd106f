"""Sizes that are not known before run time, and code that is not checked."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
model = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def load(count: int) -> npt.NDArray[np.float32]:
    return np.zeros((count, 784), np.float32)


images = tl.tensor(load(7)).expect_shape((-1, 784))
logits: Tensor[Shape[int, 10]] = model(images)
seven: Tensor[Shape[7, 10]] = logits.expect_shape((7, 10))
rows: Tensor[Shape[int, 784]] = images[1:]
shifted = images - images.mean(axis=0)


def untyped(x):  # type: ignore[no-untyped-def]
    return model(x).sum() + x.sum() + 1


def gradual(x: Tensor[Shape[Any, 784]], y: Any, z: Tensor[Any]) -> None:
    model(x)
    model(y)
    model(z)
    y + x
    x + y


gradual(images, images, images)
for n in range(1, 3):
    made = tl.zeros((n, 784))
    model(made)
    tl.zeros((n, 3)) @ tl.zeros((3, n))


class Scores(Protocol):
    def __call__(self, x: Tensor[Shape[N, 784]]) -> Tensor[Shape[N, 10]]: ...


def use(scores: Scores) -> None:
    scores(tl.zeros((3, 784)))


def scored(x: Tensor[Shape[N, 784]]) -> Tensor[Shape[N, 10]]:
    return model(x)


use(scored)
assert untyped(images).shape == ()  # type: ignore[no-untyped-call]

COUNT = 0
if COUNT:
    nn.Linear(3, 5 // COUNT)
