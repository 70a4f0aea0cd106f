# mypy: disable-error-code="tensor-tape"
"""What picking by index tensors and masks returns: shape, tape and dtype."""

from __future__ import annotations

from typing import Any, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
Batch = TypeVarTuple("Batch")

x = tl.ones((4, 3))
i = tl.tensor([0, 2])
rows = tl.zeros((4,), np.int64)

# In brackets
reveal_type(x[i])  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced()[:, i])  # N: Tensor[Shape[4, 2], Tape, float32]
reveal_type(x[i, i])  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(x[i, 0])  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(x[i.reshape((2, 1)), i])  # N: Tensor[Shape[2, 2], NoTape, float32]
reveal_type(x[None, ..., i])  # N: Tensor[Shape[1, 4, 2], NoTape, float32]
reveal_type(x[tl.tensor(2)])  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(x[x > 0])  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(x.traced()[x[:, 0] > 0])  # N: Tensor[Shape[int, 3], Tape, float32]
reveal_type(x[:, x[0] > 0])  # N: Tensor[Shape[4, int], NoTape, float32]
reveal_type(x[i.traced()])  # N: Tensor[Shape[2, 3], NoTape, float32]

# Along an axis
reveal_type(x.take(i, axis=1))  # N: Tensor[Shape[4, 2], NoTape, float32]
reveal_type(x.traced().take(i))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(tl.take(x, 2, 0))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.take(x, i.reshape((2, 1)), axis=-1))  # N: Tensor[Shape[4, 2, 1], NoTape, float32]
reveal_type(x.select(rows))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(tl.select(x.traced(), tl.zeros((4, 7), np.int64), -1))  # N: Tensor[Shape[4, 7], Tape, float32]
reveal_type(x.select(i, 0))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.take_along_axis(tl.zeros((4, 7), np.int64)))  # N: Tensor[Shape[4, 7], NoTape, float32]
reveal_type(tl.take_along_axis(x.traced(), tl.zeros((9, 3), np.int64), axis=0))  # N: Tensor[Shape[9, 3], Tape, float32]
reveal_type(x.scatter_add(tl.zeros((4, 2), np.int64), tl.ones((4, 2)).traced()))  # N: Tensor[Shape[4, 3], Tape, float32]
reveal_type(tl.scatter_add(x, tl.zeros((1, 3), np.int64), tl.ones((1, 3)), axis=0))  # N: Tensor[Shape[4, 3], NoTape, float32]

# By masks
reveal_type(x.masked_select(x > 0))  # N: Tensor[Shape[int], NoTape, float32]
reveal_type(x.traced().value_mask(x, 1.0))  # N: Tensor[Shape[4, 3], Tape, float32]

# Looking for elements
reveal_type(x.argwhere())  # N: Tensor[Shape[int, 2], NoTape, int64]
reveal_type(x.traced().nonzero())  # N: tuple[Tensor[Shape[int], NoTape, int64], Tensor[Shape[int], NoTape, int64]]
reveal_type(i.unique())  # N: Tensor[Shape[int], NoTape, int64]
reveal_type(x[x.nonzero()])  # N: Tensor[Shape[int], NoTape, float32]

# Classes and words
reveal_type(tl.one_hot(i, 5))  # N: Tensor[Shape[2, 5], NoTape, float32]
reveal_type(i.one_hot(5, np.float64))  # N: Tensor[Shape[2, 5], NoTape, float64]
reveal_type(tl.embedding(i, x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.embedding(i.traced(), x, padding_idx=0))  # N: Tensor[Shape[2, 3], Tape, float32]
words = nn.Embedding(10, 6, rng=0)
reveal_type(words)  # N: Embedding[10, 6]
reveal_type(words.weight)  # N: Parameter[tuple[10, 6], Any]
reveal_type(words(i))  # N: Tensor[Shape[2, 6], NoTape, float32]
reveal_type(nn.Sequential(words, nn.Linear(6, 2))(i.traced()))  # N: Tensor[Shape[2, 2], Tape, float32]


def picks(
    x: Tensor[Shape[N, M], T, D],
    b: Tensor[Shape[*Batch, M]],
    i: Tensor[Shape[K], NoTape, np.int64],
    words: Tensor[Shape[*Batch], T, np.int64],
    anything: Any,
) -> None:
    reveal_type(x[i])  # N: Tensor[Shape[K, M], T, D]
    reveal_type(x[i, 0])  # N: Tensor[Shape[K], T, D]
    reveal_type(x[i, i])  # N: Tensor[Shape[K], T, D]
    reveal_type(b[..., i])  # N: Tensor[Shape[*Batch, K], NoTape, float32]
    reveal_type(b[i])  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b[b > 0])  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(x[anything])  # N: Tensor[Shape[int, ...], T, D]
    reveal_type(x.take(i, 0))  # N: Tensor[Shape[K, M], T, D]
    reveal_type(b.take(i, -1))  # N: Tensor[Shape[*Batch, K], NoTape, float32]
    reveal_type(b.select(words, -1))  # N: Tensor[Shape[*Batch], T, float32]
    reveal_type(x.take_along_axis(tl.zeros((1, 5), np.int64)))  # N: Tensor[Shape[N, 5], T, D]
    reveal_type(x.nonzero())  # N: tuple[Tensor[Shape[int], NoTape, int64], Tensor[Shape[int], NoTape, int64]]
    reveal_type(b.nonzero())  # N: tuple[Tensor[Shape[int], NoTape, int64], ...]
    reveal_type(b.argwhere())  # N: Tensor[Shape[int, int], NoTape, int64]
    reveal_type(words.one_hot(5))  # N: Tensor[Shape[*Batch, 5], NoTape, float32]
    reveal_type(tl.embedding(words, x))  # N: Tensor[Shape[*Batch, M], T, D]


def model(size: N, dim: M, words: Tensor[Shape[*Batch], T, np.int64]) -> None:
    reveal_type(nn.Embedding(size, dim)(words))  # N: Tensor[Shape[*Batch, M], T, AnyDtype]
