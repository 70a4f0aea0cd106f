"""What each op returns: shape, tape and dtype."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.ones((2, 3))
h = x.traced()
i = tl.ones((2, 3), dtype=np.int64)
d = tl.ones((2, 3), dtype=np.float64)

# Making tensors
reveal_type(tl.zeros((2, 3)))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.ones((2,), dtype=np.bool))  # N: Tensor[Shape[2], NoTape, bool]
reveal_type(tl.full((), 2.0))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.rand((4, 1), rng=0))  # N: Tensor[Shape[4, 1], NoTape, float32]
reveal_type(tl.randn((4, 1), rng=0))  # N: Tensor[Shape[4, 1], NoTape, float32]
reveal_type(tl.tensor([[1.0, 2.0], [3, 4.0]]))  # N: Tensor[Shape[2, 2], NoTape, float32]
reveal_type(tl.tensor([1, 2, 3]))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(tl.tensor([[True], [False]]))  # N: Tensor[Shape[2, 1], NoTape, bool]
reveal_type(tl.tensor(1.5))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.tensor(np.zeros((2, 3), np.float32)))  # N: Tensor[Shape[int, int], NoTape, float32]
reveal_type(tl.from_numpy(np.zeros((2, 3), np.float32)))  # N: Tensor[Shape[int, int], NoTape, float32]

# Elementwise
reveal_type(x.neg())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(-x.traced())  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(abs(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.abs(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.square(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(h.with_empty_tape().relu())  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.sqrt(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.exp(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.log(d))  # N: Tensor[Shape[2, 3], NoTape, float64]
reveal_type(tl.sin(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.cos(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.tanh(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.sigmoid(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.clip(x, 0.0, 1.0))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.dropout(x.traced(), 0.5, rng=0))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x + h.with_empty_tape())  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(h.with_empty_tape() - x)  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x * 2)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(2.0 * i)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(i / i)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(1 / x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(i + i)  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(i * x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.astype(np.float16) * x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(np.float32(2) * x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x + tl.zeros((3,)))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.zeros((3,)) + x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x - tl.zeros((2, 1)))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x + tl.zeros(()))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.add(x, 1.0))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.subtract(1.0, x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.multiply(x, x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.divide(x, x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.minimum(x, 0.0))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.maximum(x, x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x == x)  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(h.with_empty_tape() > 0)  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.equal(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.not_equal(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.less(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.less_equal(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.greater(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.greater_equal(x, x))  # N: Tensor[Shape[2, 3], NoTape, bool]

# Reductions
reveal_type(x.sum())  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.sum(i, 0))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(x.traced().mean(axis=(0, 1)))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(i.mean())  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(x.max(axis=-1, keepdims=True))  # N: Tensor[Shape[2, 1], NoTape, float32]
reveal_type(tl.min(x, axis=0))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.logsumexp(x, axis=1))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.softmax(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.log_softmax(axis=0))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced().argmax(axis=1))  # N: Tensor[Shape[2], NoTape, int64]
reveal_type(tl.argmin(x))  # N: Tensor[Shape[()], NoTape, int64]

# Products
reveal_type(x @ tl.zeros((3, 4)))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.zeros((5, 2, 3)) @ tl.zeros((3, 4)))  # N: Tensor[Shape[5, 2, 4], NoTape, float32]
reveal_type(tl.zeros((5, 2, 3)) @ tl.zeros((5, 3, 4)))  # N: Tensor[Shape[5, 2, 4], NoTape, float32]
reveal_type(tl.zeros((3,)) @ tl.zeros((3, 4)))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(x @ tl.zeros((3,)))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.matmul(tl.zeros((3,)), tl.zeros((3,)).traced()))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(tl.linear(x, tl.zeros((5, 3)), tl.zeros((5,))))  # N: Tensor[Shape[2, 5], NoTape, float32]

# Rearranging
reveal_type(x.reshape((3, -1)))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(tl.reshape(x, (6,)))  # N: Tensor[Shape[6], NoTape, float32]
reveal_type(tl.zeros((2, 3, 4)).flatten(1))  # N: Tensor[Shape[2, 12], NoTape, float32]
reveal_type(tl.flatten(x))  # N: Tensor[Shape[6], NoTape, float32]
reveal_type(tl.zeros((2, 3, 4)).permute((2, 0, 1)))  # N: Tensor[Shape[4, 2, 3], NoTape, float32]
reveal_type(tl.permute(x, (1, 0)))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(x.transpose())  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(tl.transpose(tl.zeros((2, 3, 4)), 0, 1))  # N: Tensor[Shape[3, 2, 4], NoTape, float32]
reveal_type(tl.broadcast_to(tl.zeros((3,)), (2, 3)))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.broadcast_arrays(tl.zeros((2, 1)), tl.zeros((3,)).traced()))  # N: tuple[Tensor[Shape[2, 3], Tape, float32], Tensor[Shape[2, 3], Tape, float32]]
reveal_type(tl.expect_shape(x, (2, 3)))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.astype(np.float64))  # N: Tensor[Shape[2, 3], NoTape, float64]
reveal_type(x.traced().astype(np.int64))  # N: Tensor[Shape[2, 3], NoTape, int64]

# Indexing
reveal_type(x[0])  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(x[1, -1])  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(x[:, 1:])  # N: Tensor[Shape[2, 2], NoTape, float32]
reveal_type(x[::2, ::-1])  # N: Tensor[Shape[1, 3], NoTape, float32]
reveal_type(x[None, ..., 0])  # N: Tensor[Shape[1, 2], NoTape, float32]
reveal_type(x[..., None])  # N: Tensor[Shape[2, 3, 1], NoTape, float32]

# The tape
reveal_type(x.traced())  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x.with_empty_tape())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced().with_empty_tape())  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x.traced().split_tape())  # N: tuple[Tensor[Shape[2, 3], NoTape, float32], Tape]
reveal_type(x.put_tape(x.traced().split_tape()[1]))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x.traced().detach())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced().sum().backward())  # N: Gradients
reveal_type(x.shape)  # N: tuple[2, 3]
reveal_type(x.numpy().shape)  # N: tuple[2, 3]

# Losses
reveal_type(losses.mse_loss(x.traced(), x))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.cross_entropy(x.traced(), tl.zeros((2,), dtype=np.int64)))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.cross_entropy(x, x))  # N: Tensor[Shape[()], NoTape, float32]


def symbols(a: Tensor[Shape[N, M], T], b: Tensor[Shape[M], Tape]) -> None:
    reveal_type(a @ b)  # N: Tensor[Shape[N], Tape, float32]
    reveal_type(a.reshape((-1,)))  # N: Tensor[Shape[Mul[M, N]], T, float32]
    reveal_type(a.flatten())  # N: Tensor[Shape[Mul[M, N]], T, float32]
    reveal_type(a.transpose())  # N: Tensor[Shape[M, N], T, float32]
    reveal_type(a.sum(axis=0))  # N: Tensor[Shape[M], T, float32]
    reveal_type(a[1:])  # N: Tensor[Shape[Add[N, -1], M], T, float32]
    reveal_type(a[0])  # N: Tensor[Shape[M], T, float32]
    reveal_type(a[:, None, :])  # N: Tensor[Shape[N, 1, M], T, float32]
    reveal_type(a + b.detach())  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(a.shape)  # N: tuple[N, M]
    reveal_type(tl.zeros((a.shape[0] * 2, a.shape[1] + 1)))  # N: Tensor[Shape[Mul[2, N], Add[M, 1]], NoTape, float32]


def batches(a: Tensor[Shape[*Batch, N, 3], T]) -> None:
    reveal_type(a @ tl.zeros((3, 4)))  # N: Tensor[Shape[*Batch, N, 4], T, float32]
    reveal_type(a.exp() + 1)  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a.sum(axis=-1))  # N: Tensor[Shape[*Batch, N], T, float32]
    reveal_type(a.mean(axis=-1, keepdims=True))  # N: Tensor[Shape[*Batch, N, 1], T, float32]
    reveal_type(a.transpose())  # N: Tensor[Shape[*Batch, 3, N], T, float32]
    reveal_type(a[..., 0])  # N: Tensor[Shape[*Batch, N], T, float32]
    reveal_type(a.softmax())  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a + tl.zeros((3,)))  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a.flatten(-2))  # N: Tensor[Shape[*Batch, Mul[3, N]], T, float32]
    reveal_type(a.sum())  # N: Tensor[Shape[()], T, float32]


def unknown(a: Tensor[Shape[int, 3]], b: Tensor[Shape[...]], c: Tensor) -> None:
    reveal_type(a + a)  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(a @ tl.zeros((3, 4)))  # N: Tensor[Shape[int, 4], NoTape, float32]
    reveal_type(a + tl.zeros((5, 3)))  # N: Tensor[Shape[5, 3], NoTape, float32]
    reveal_type(b + a)  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b.sum(axis=0))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(c.exp())  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b.expect_shape((-1, 784)))  # N: Tensor[Shape[int, 784], NoTape, float32]
    reveal_type(b.expect_shape((32, 784)))  # N: Tensor[Shape[32, 784], NoTape, float32]


def union(a: Tensor[Shape[2]] | Tensor[Shape[3], Tape]) -> None:
    reveal_type(a.exp())  # N: Tensor[Shape[2], NoTape, float32] | Tensor[Shape[3], Tape, float32]
