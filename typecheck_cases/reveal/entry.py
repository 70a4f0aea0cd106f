"""What is known of data from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, reveal_type

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, data

floats: list[float] = [1.0, 2.0]
table: list[list[int]] = [[1, 2, 3]]
point: tuple[float, float] = (0.5, 1.5)
array: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.ones((3, 4))
anything: Any = np.ones((3, 4), np.float32)

reveal_type(tl.tensor(floats))  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(tl.tensor(table))  # N: Tensor[Shape[int, int], NoTape, int64]
reveal_type(tl.tensor([point, point, point]))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(tl.tensor([floats, floats]))  # N: Tensor[Shape[2, int], NoTape, float32]
reveal_type(tl.tensor([floats, [3.0, 4.0]]))  # N: Tensor[Shape[2, 2], NoTape, float32]
reveal_type(tl.tensor([[0.0] * 4] * 3))  # N: Tensor[Shape[3, 4], NoTape, float32]
reveal_type(tl.tensor([0] * 100))  # N: Tensor[Shape[100], NoTape, int64]
reveal_type(tl.tensor(range(5)))  # N: Tensor[Shape[int], NoTape, int64]
reveal_type(tl.tensor(np.float32(3)))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.tensor(True))  # N: Tensor[Shape[()], NoTape, bool]
reveal_type(tl.tensor(array))  # N: Tensor[Shape[int, int], NoTape, float64]
reveal_type(tl.from_numpy(array).expect_shape((-1, 4)))  # N: Tensor[Shape[int, 4], NoTape, float64]
reveal_type(tl.tensor(anything, np.float32).expect_shape((3, 4)))  # N: Tensor[Shape[3, 4], NoTape, float32]

x, y = tl.zeros((100, 784)), tl.zeros((100,), np.int64)
for i, (a, b) in enumerate(data.batches(x, y, batch_size=10)):
    reveal_type(a)  # N: Tensor[Shape[10, 784], NoTape, float32]
    reveal_type(b)  # N: Tensor[Shape[10], NoTape, int64]
for (c, d), _ in zip(data.batches(x, y, batch_size=64, drop_last=True), range(2)):
    reveal_type(c)  # N: Tensor[Shape[64, 784], NoTape, float32]
for c, d in data.batches(x, y, 64, drop_last=True):
    reveal_type(d)  # N: Tensor[Shape[64], NoTape, int64]
reveal_type(next(iter(data.batches(x, y, batch_size=64))))  # N: tuple[Tensor[Shape[int, 784], NoTape, float32], Tensor[Shape[int], NoTape, int64]]
reveal_type([a for a, _ in data.batches(x, y, batch_size=20)][0])  # N: Tensor[Shape[20, 784], NoTape, float32]
reveal_type(y.one_hot(10))  # N: Tensor[Shape[100, 10], NoTape, float32]


def unknown() -> None:
    reveal_type(tl.tensor(anything))  # N: Tensor[Shape[int, ...], NoTape, AnyDtype]
    reveal_type(tl.from_numpy(np.load("x.npy")))  # N: Tensor[Shape[int, ...], NoTape, AnyDtype]


def stream() -> Iterator[tuple[Tensor[Shape[int, 784]], Tensor[Shape[int], NoTape, np.int64]]]:
    yield from data.batches(x, y, batch_size=64)


for images, labels in stream():
    reveal_type(images)  # N: Tensor[Shape[int, 784], NoTape, float32]
    reveal_type(labels)  # N: Tensor[Shape[int], NoTape, int64]
