"""What is revealed of data."""

from __future__ import annotations

from typing import TypeVar, reveal_type

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, data

N = TypeVar("N", bound=int)
B = TypeVar("B", bound=int)

x = tl.zeros((100, 784))
y = tl.tensor([0] * 100).expect_shape((100,))

for batch in data.batches(x, y, batch_size=25):
    reveal_type(batch)  # N: tuple[Tensor[Shape[25, 784], NoTape, float32], Tensor[Shape[25], NoTape, int64]]
for whole in data.batches(x, y, batch_size=32, drop_last=True):
    reveal_type(whole)  # N: tuple[Tensor[Shape[32, 784], NoTape, float32], Tensor[Shape[32], NoTape, int64]]
for images, labels in data.batches(x, y, batch_size=32, shuffle=True, rng=0):
    reveal_type(images)  # N: Tensor[Shape[int, 784], NoTape, float32]
    reveal_type(labels)  # N: Tensor[Shape[int], NoTape, int64]
for (only,) in data.batches(x, batch_size=50):
    reveal_type(only)  # N: Tensor[Shape[50, 784], NoTape, float32]

(x_train, y_train), (x_valid, y_valid) = data.random_split(x, y, sizes=(80, 20), rng=0)
reveal_type(x_train)  # N: Tensor[Shape[80, 784], NoTape, float32]
reveal_type(y_valid)  # N: Tensor[Shape[20], NoTape, int64]
for images, labels in data.prefetch(data.batches(x_train, y_train, batch_size=16)):
    reveal_type(images)  # N: Tensor[Shape[16, 784], NoTape, float32]


def whole_batches(x: Tensor[Shape[N, 3]]) -> None:
    for (a,) in data.batches(x, batch_size=10, drop_last=True):
        reveal_type(a)  # N: Tensor[Shape[10, 3], NoTape, float32]


def sized(x: Tensor[Shape[N, 3]], y: Tensor[Shape[N], NoTape, np.int64], size: B) -> None:
    for a, b in data.batches(x, y, batch_size=size, drop_last=True):
        reveal_type(a)  # N: Tensor[Shape[B, 3], NoTape, float32]
        reveal_type(b)  # N: Tensor[Shape[B], NoTape, int64]


def the_last_may_be_smaller(x: Tensor[Shape[N, 3]], size: B, last: bool) -> None:
    for (a,) in data.batches(x, batch_size=size):
        reveal_type(a)  # N: Tensor[Shape[int, 3], NoTape, float32]
    for (b,) in data.batches(x, batch_size=10, drop_last=last):
        reveal_type(b)  # N: Tensor[Shape[int, ...], NoTape, float32]
    for (c,) in data.batches(x, batch_size=x.shape[0]):
        reveal_type(c)  # N: Tensor[Shape[N, 3], NoTape, float32]


def of_items(
    items: list[tuple[Tensor[Shape[3, 32, 32]], Tensor[Shape[()], NoTape, np.int64]]],
) -> None:
    for a, b in data.Loader(items, 8, collate=data.stacked_pairs):
        reveal_type(a)  # N: Tensor[Shape[int, 3, 32, 32], NoTape, float32]
        reveal_type(b)  # N: Tensor[Shape[int], NoTape, int64]
    images = data.Mapped(items, lambda item: item[0])
    for image in data.Loader(images, 8, collate=data.stacked):
        reveal_type(image)  # N: Tensor[Shape[int, 3, 32, 32], NoTape, float32]
