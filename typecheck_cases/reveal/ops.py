# mypy: disable-error-code="tensor-tape"
"""What each op returns: shape, tape and dtype."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

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
reveal_type(tl.uniform((4, 1), -1.0, 1.0, rng=0))  # N: Tensor[Shape[4, 1], NoTape, float32]
reveal_type(tl.normal((4, 1), std=0.02, rng=0))  # N: Tensor[Shape[4, 1], NoTape, float32]
reveal_type(tl.randint((4, 1), 0, 9, rng=0))  # N: Tensor[Shape[4, 1], NoTape, int64]
reveal_type(tl.permutation(5, rng=0))  # N: Tensor[Shape[5], NoTape, int64]
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
reveal_type(tl.pow(x, x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x ** 2)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(2 ** i)  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(i ** 0.5)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced() ** x)  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.reciprocal(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.rsqrt(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.log1p(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.log2(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.log10(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.expm1(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.erf(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.sign(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.floor(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.ceil(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.round(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.trunc(i))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(x.traced().round(decimals=2))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.remainder(x.traced(), 2))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(i % 2)  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(2.0 % x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.traced() % x)  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.floor_divide(x.traced(), x))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(i // 2)  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(x.traced() // x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(2 // x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.gelu(x.traced(), "tanh"))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(x.gelu())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.silu())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.elu())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.selu())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.leaky_relu())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.softplus())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.hardtanh())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.hardsigmoid())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.hardswish())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(x.logsigmoid())  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.tan(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.asin(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.acos(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.atan(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.sinh(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.cosh(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.asinh(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.acosh(i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.atanh(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.atan2(x, x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.atan2(i, 2))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.isnan(x.traced()))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.isfinite(x.traced()))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.isinf(x.traced()))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.logical_not(x.traced()))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.logical_and(x.traced(), i))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.logical_or(x.traced(), i))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.logical_xor(x.traced(), i))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(tl.where(x > 0, x.traced(), 0.0))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.where(x > 0, tl.zeros((3,)), i))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(tl.where(x > 0, i, 0))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(x.traced().nans_to(0.0))  # N: Tensor[Shape[2, 3], Tape, float32]

# Reductions
reveal_type(x.sum())  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.sum(i, 0))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(x.traced().mean(axis=(0, 1)))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(i.mean())  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(x.traced().var(axis=0, correction=1))  # N: Tensor[Shape[3], Tape, float32]
reveal_type(tl.var(i))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.std(d, axis=-1, keepdims=True, eps=1e-5))  # N: Tensor[Shape[2, 1], NoTape, float64]
reveal_type(x.traced().prod(axis=1))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(tl.prod(i))  # N: Tensor[Shape[()], NoTape, int64]
reveal_type((x.traced() > 0).any())  # N: Tensor[Shape[()], NoTape, bool]
reveal_type(tl.any(x, axis=0))  # N: Tensor[Shape[3], NoTape, bool]
reveal_type(tl.all(x.traced(), axis=1, keepdims=True))  # N: Tensor[Shape[2, 1], NoTape, bool]
reveal_type(tl.count_nonzero(x.traced(), 0))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(i.cumsum(axis=0))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.cumsum(x.traced(), axis=-1))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.cumprod(x.traced(), axis=0))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.normalize(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(i.normalize(axis=(0, 1)))  # N: Tensor[Shape[2, 3], NoTape, float32]
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
reveal_type(tl.expand_dims(x.traced(), -1))  # N: Tensor[Shape[2, 3, 1], Tape, float32]
reveal_type(i.expand_dims(axis=1))  # N: Tensor[Shape[2, 1, 3], NoTape, int64]
reveal_type(tl.squeeze(tl.zeros((1, 3, 1)), (0, -1)))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.zeros((1, 3, 1)).squeeze(0))  # N: Tensor[Shape[3, 1], NoTape, float32]
reveal_type(tl.flip(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(tl.roll(x.traced(), 1))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(i.roll((1, -2), axis=(0, 1)))  # N: Tensor[Shape[2, 3], NoTape, int64]
reveal_type(tl.tile(x.traced(), (2,)))  # N: Tensor[Shape[2, 6], Tape, float32]
reveal_type(x.tile((4, 1, 3)))  # N: Tensor[Shape[4, 2, 9], NoTape, float32]
reveal_type(tl.tril(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(i.triu(k=-1))  # N: Tensor[Shape[2, 3], NoTape, int64]
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
reveal_type(x.shape)  # N: tuple[int, int]
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
    reveal_type(a.expand_dims(1))  # N: Tensor[Shape[N, 1, M], T, float32]
    reveal_type(a.tile((2, 3)))  # N: Tensor[Shape[Mul[2, N], Mul[3, M]], T, float32]
    reveal_type(a.sum(axis=0))  # N: Tensor[Shape[M], T, float32]
    reveal_type(a[1:])  # N: Tensor[Shape[Add[N, -1], M], T, float32]
    reveal_type(a[0])  # N: Tensor[Shape[M], T, float32]
    reveal_type(a[:, None, :])  # N: Tensor[Shape[N, 1, M], T, float32]
    reveal_type(a + b.detach())  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(a.shape)  # N: tuple[int, int]
    reveal_type(tl.zeros((a.shape[0] * 2, a.shape[1] + 1)))  # N: Tensor[Shape[Mul[2, N], Add[M, 1]], NoTape, float32]


def batches(a: Tensor[Shape[*Batch, N, 3], T]) -> None:
    reveal_type(a @ tl.zeros((3, 4)))  # N: Tensor[Shape[*Batch, N, 4], T, float32]
    reveal_type(a.exp() + 1)  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a.sum(axis=-1))  # N: Tensor[Shape[*Batch, N], T, float32]
    reveal_type(a.mean(axis=-1, keepdims=True))  # N: Tensor[Shape[*Batch, N, 1], T, float32]
    reveal_type(a.transpose())  # N: Tensor[Shape[*Batch, 3, N], T, float32]
    reveal_type(a.expand_dims(0))  # N: Tensor[Shape[1, *Batch, N, 3], T, float32]
    reveal_type(a.expand_dims(-2))  # N: Tensor[Shape[*Batch, N, 1, 3], T, float32]
    reveal_type(a.expand_dims(-3))  # N: Tensor[Shape[*Batch, 1, N, 3], T, float32]
    reveal_type(a.tile((2, 1)))  # N: Tensor[Shape[*Batch, Mul[2, N], 3], T, float32]
    reveal_type(a.flip(0))  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a.expand_dims(-1).squeeze(-1))  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a[..., 0])  # N: Tensor[Shape[*Batch, N], T, float32]
    reveal_type(a.softmax())  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a + tl.zeros((3,)))  # N: Tensor[Shape[*Batch, N, 3], T, float32]
    reveal_type(a.flatten(-2))  # N: Tensor[Shape[*Batch, Mul[3, N]], T, float32]
    reveal_type(a.flatten(0, -2))  # N: Tensor[Shape[int, 3], T, float32]
    reveal_type(a.expand_dims(0).flatten(1, -3))  # N: Tensor[Shape[1, int, N, 3], T, float32]
    reveal_type(nn.Flatten(2)(a))  # N: Tensor[Shape[int, int, int], T, float32]
    reveal_type(a.sum())  # N: Tensor[Shape[()], T, float32]


def unknown(a: Tensor[Shape[int, 3]], b: Tensor[Shape[...]], c: Tensor) -> None:
    reveal_type(a + a)  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(a @ tl.zeros((3, 4)))  # N: Tensor[Shape[int, 4], NoTape, float32]
    reveal_type(a + tl.zeros((5, 3)))  # N: Tensor[Shape[5, 3], NoTape, float32]
    reveal_type(b + a)  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b.sum(axis=0))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b.flatten())  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(b.flatten(1))  # N: Tensor[Shape[int, int], NoTape, float32]
    reveal_type(c.exp())  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(b.expect_shape((-1, 784)))  # N: Tensor[Shape[int, 784], NoTape, float32]
    reveal_type(b.expect_shape((32, 784)))  # N: Tensor[Shape[32, 784], NoTape, float32]


def union(a: Tensor[Shape[2]] | Tensor[Shape[3], Tape]) -> None:
    reveal_type(a.exp())  # N: Tensor[Shape[2], NoTape, float32] | Tensor[Shape[3], Tape, float32]


# Joining
reveal_type(tl.concat((x, tl.ones((4, 3)))))  # N: Tensor[Shape[6, 3], NoTape, float32]
reveal_type(tl.concat([x, x.traced(), x], axis=1))  # N: Tensor[Shape[2, 9], Tape, float32]
reveal_type(tl.stack((x, x.traced()), axis=-1))  # N: Tensor[Shape[2, 3, 2], Tape, float32]


def joined(a: Tensor[Shape[N, 3]], b: Tensor[Shape[M, 3], Tape]) -> None:
    reveal_type(tl.concat((a, b)))  # N: Tensor[Shape[Add[M, N], 3], Tape, float32]
    reveal_type(tl.concat((a, tl.zeros((2, 3)))))  # N: Tensor[Shape[Add[N, 2], 3], NoTape, float32]
    reveal_type(tl.stack([a, a, a], axis=1))  # N: Tensor[Shape[N, 3, 3], NoTape, float32]
    parts = [a, a]
    reveal_type(tl.concat(parts))  # N: Tensor[Shape[int, 3], NoTape, float32]


# Operators of bools
reveal_type((x > 0) & (x < 2))  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type(~(x > 0) | True)  # N: Tensor[Shape[2, 3], NoTape, bool]
reveal_type((x.traced() > 0) ^ (x[0] > 0))  # N: Tensor[Shape[2, 3], NoTape, bool]


# Functions of functions
def energy(x: Tensor[Shape[3], Tape]) -> Tensor[Shape[()], Tape]:
    return x.square().sum()


def scaled(x: Tensor[Shape[N], Tape], factor: float) -> Tensor[Shape[()], Tape]:
    return (x * factor).sum()


reveal_type(tl.grad(energy)(tl.ones((3,))))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.value_and_grad(energy)(tl.ones((3,))))  # N: tuple[Tensor[Shape[()], NoTape, float32], Tensor[Shape[3], NoTape, float32]]
reveal_type(tl.grad(scaled)(tl.ones((4,)), 2.0))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(tl.grad(scaled)(tl.ones((4,)), factor=2.0))  # N: Tensor[Shape[4], NoTape, float32]
