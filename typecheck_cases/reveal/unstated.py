# mypy: disable-error-code="tensor-tape"
"""Where mypy knows one of two things: tensors that own a tape on some paths, data of any shape."""

from __future__ import annotations

from typing import Any, reveal_type

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, data, losses, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
T2 = TypeVar("T2", bound=NoTape | Tape)
anything: Any = np.ones((6, 4), np.float32)
loaded, labels = tl.tensor(anything), tl.zeros((6,), np.int64)
single = np.ones((6, 4), np.float32)


def same(x: Tensor[Shape[N, 4], T]) -> Tensor[Shape[N, 4], T]:
    return x


def both(x: Tensor[Shape[N], T], y: Tensor[Shape[N], T2]) -> Tensor[Shape[N], T | T2]:
    return x + y


def on_some_path(taped: bool) -> None:
    x = tl.ones((2, 4)) if taped else tl.ones((2, 4)).traced()
    reveal_type(same(x))  # N: Tensor[Shape[2, 4], NoTape, float32] | Tensor[Shape[2, 4], Tape, float32]
    reveal_type(both(x[0], tl.ones((4,))))  # N: Tensor[Shape[4], NoTape, float32] | Tensor[Shape[4], Tape, float32]
    reveal_type(nn.Linear(4, 3)(x))  # N: Tensor[Shape[2, 3], NoTape, float32] | Tensor[Shape[2, 3], Tape, float32]
    reveal_type(nn.ReLU()(x))  # N: Tensor[Shape[2, 4], NoTape, float32] | Tensor[Shape[2, 4], Tape, float32]
    reveal_type(nn.Flatten()(x))  # N: Tensor[Shape[2, 4], NoTape, float32] | Tensor[Shape[2, 4], Tape, float32]
    reveal_type(nn.Sequential(nn.Linear(4, 3))(x))  # N: Tensor[Shape[2, 3], NoTape, float32] | Tensor[Shape[2, 3], Tape, float32]
    reveal_type(tl.sum(x))  # N: Tensor[Shape[()], NoTape, float32] | Tensor[Shape[()], Tape, float32]
    reveal_type(losses.mse_loss(x, tl.ones((2, 4))))  # N: Tensor[Shape[()], NoTape, float32] | Tensor[Shape[()], Tape, float32]


def of_either_dtype(whole: bool) -> None:
    x = tl.ones((2, 4), np.int64) if whole else tl.ones((2, 4))
    reveal_type(tl.sum(x))  # N: Tensor[Shape[()], NoTape, int64] | Tensor[Shape[()], NoTape, float32]
    reveal_type(tl.argmax(x))  # N: Tensor[Shape[()], NoTape, int64]


for batch in data.batches(loaded, batch_size=3):
    reveal_type(batch)  # N: tuple[Tensor[Shape[int, *tuple[int, ...]], NoTape, AnyDtype]]
for x, y in data.batches(loaded, labels, batch_size=3):
    reveal_type(x)  # N: Tensor[Shape[3, *tuple[int, ...]], NoTape, AnyDtype]
    reveal_type(y)  # N: Tensor[Shape[3], NoTape, int64]
(train, train_labels), (rest, validation) = data.random_split(loaded, labels, sizes=(4, 2))
reveal_type(train)  # N: Tensor[Shape[4, *tuple[int, ...]], NoTape, AnyDtype]
reveal_type(validation)  # N: Tensor[Shape[2], NoTape, int64]
reveal_type(tl.tensor(single / 255))  # N: Tensor[Shape[int, ...], NoTape, AnyDtype]
reveal_type(tl.tensor((single / 255).reshape(4, 6), np.float32))  # N: Tensor[Shape[int, int], NoTape, float32]
reveal_type(tl.tensor(np.ones((6, 4)) / 255))  # N: Tensor[Shape[int, ...], NoTape, float64]
reveal_type(tl.tensor(np.float32(single)).expect_shape((6, -1)))  # N: Tensor[Shape[6, int], NoTape, AnyDtype]


def of_any_modules(modules: list[nn.Module], x: Tensor[Shape[N, 4], T]) -> None:
    reveal_type(nn.Sequential(*modules)(x))  # N: Tensor[Shape[Any, ...], T, AnyDtype]
