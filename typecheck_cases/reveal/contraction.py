# mypy: disable-error-code="tensor-tape"
"""What products of vectors, tensordot and einsum return."""

from __future__ import annotations

from typing import Any, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound="Tape | NoTape")
Batch = TypeVarTuple("Batch")

a = tl.zeros((2, 3))
b = tl.zeros((3, 4))
x = tl.zeros((8, 2, 3)).traced()
y = tl.zeros((8, 3, 4))
v = tl.zeros((3,))
half = tl.zeros((3,), dtype=np.float16)
count = tl.tensor([1, 2, 3])

reveal_type(tl.dot(v, v))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.dot(half, v))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.dot(count, count))  # N: Tensor[Shape[()], NoTape, int64]
reveal_type(tl.outer(v, tl.zeros((5,))))  # N: Tensor[Shape[3, 5], NoTape, float32]
reveal_type(tl.matvec(a, v))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.matvec(x.with_empty_tape(), v))  # N: Tensor[Shape[8, 2], Tape, float32]
reveal_type(tl.matvec(a, tl.zeros((7, 3))))  # N: Tensor[Shape[7, 2], NoTape, float32]
reveal_type(tl.vecmat(v, b))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(tl.vecmat(tl.zeros((8, 3)), y))  # N: Tensor[Shape[8, 4], NoTape, float32]
reveal_type(tl.vecdot(a, a))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.vecdot(a, v))  # N: Tensor[Shape[2], NoTape, float32]

reveal_type(tl.tensordot(a, b, 1))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.tensordot(a, b, axes=((1,), (0,))))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.tensordot(a, b, (1, 0)))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.tensordot(a, b, 0))  # N: Tensor[Shape[2, 3, 3, 4], NoTape, float32]
reveal_type(tl.tensordot(x.with_empty_tape(), tl.zeros((3, 2, 5)), ((1, 2), (1, 0))))  # N: Tensor[Shape[8, 5], Tape, float32]
reveal_type(tl.tensordot(x.with_empty_tape(), tl.zeros((2, 3, 5))))  # N: Tensor[Shape[8, 5], Tape, float32]

reveal_type(tl.einsum("ij,jk->ik", a, b))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.einsum("ij,jk", a, b))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.einsum("ij,jk->ki", a, b))  # N: Tensor[Shape[4, 2], NoTape, float32]
reveal_type(tl.einsum("bij,bjk->bik", x.with_empty_tape(), y))  # N: Tensor[Shape[8, 2, 4], Tape, float32]
reveal_type(tl.einsum("ij->", a))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(tl.einsum("ji", a))  # N: Tensor[Shape[3, 2], NoTape, float32]
reveal_type(tl.einsum("ii->i", tl.zeros((3, 3))))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.einsum("...ij->...ji", tl.zeros((2, 3, 4, 5))))  # N: Tensor[Shape[2, 3, 5, 4], NoTape, float32]
reveal_type(tl.einsum("...ij,jk", tl.zeros((8, 2, 3)), b))  # N: Tensor[Shape[8, 2, 4], NoTape, float32]
reveal_type(tl.einsum("ij,jk,kl->li", a, b, tl.zeros((4, 5))))  # N: Tensor[Shape[5, 2], NoTape, float32]
reveal_type(tl.einsum("i,i", half, count))  # N: Tensor[Shape[()], NoTape, float16]

pair = (a, b)
reveal_type(tl.einsum("ij,jk->ik", *pair))  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(tl.einsum("hij,ij,jk->ik", tl.zeros((6, 2, 3)), *pair))  # N: Tensor[Shape[2, 4], NoTape, float32]
product = "ij,jk->ik"
reveal_type(tl.einsum(product, a, b))  # N: Tensor[Shape[2, 4], NoTape, float32]


def symbols(
    m: Tensor[Shape[N, M], T], n: Tensor[Shape[M, K]], u: Tensor[Shape[N]], w: Tensor[Shape[M]]
) -> None:
    reveal_type(tl.einsum("ij,jk->ik", m, n))  # N: Tensor[Shape[N, K], T, float32]
    reveal_type(tl.einsum("ij,i,j->", m.with_empty_tape(), u, w))  # N: Tensor[Shape[()], T, float32]
    reveal_type(tl.einsum("ij,kl->ikl", m.with_empty_tape(), n))  # N: Tensor[Shape[N, M, K], T, float32]
    reveal_type(tl.tensordot(m.with_empty_tape(), n, 1))  # N: Tensor[Shape[N, K], T, float32]
    reveal_type(tl.matvec(m.with_empty_tape(), w))  # N: Tensor[Shape[N], T, float32]
    reveal_type(u @ m)  # N: Tensor[Shape[M], T, float32]
    reveal_type(tl.outer(u, w))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(tl.dot(u, u))  # N: Tensor[Shape[()], NoTape, float32]


def batches(
    m: Tensor[Shape[*Batch, N, M]], n: Tensor[Shape[*Batch, M, K]], w: Tensor[Shape[*Batch, M]]
) -> None:
    reveal_type(m @ n)  # N: Tensor[Shape[*Batch, N, K], NoTape, float32]
    reveal_type(tl.matvec(m, w))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(tl.vecdot(w, w))  # N: Tensor[Shape[*Batch], NoTape, float32]
    reveal_type(tl.einsum("...ij,...jk->...ik", m, n))  # N: Tensor[Shape[*Batch, N, K], NoTape, float32]
    reveal_type(tl.einsum("...ij,...j", m, w))  # N: Tensor[Shape[*Batch, N], NoTape, float32]
    reveal_type(tl.einsum("...ij->j...", m))  # N: Tensor[Shape[M, *Batch], NoTape, float32]
    reveal_type(tl.tensordot(m, tl.zeros((2, 2)), 0))  # N: Tensor[Shape[*Batch, N, M, 2, 2], NoTape, float32]


def matrix_beside_batch(
    m: Tensor[Shape[M, K]], w: Tensor[Shape[*Batch, M]], v: Tensor[Shape[M]]
) -> None:
    reveal_type(w @ m)  # N: Tensor[Shape[*Batch, K], NoTape, float32]
    reveal_type(w @ v)  # N: Tensor[Shape[*Batch], NoTape, float32]


def unknown(
    m: Tensor, n: Tensor[Shape[N, M]], subscripts: str, several: list[Tensor[Any, Tape]]
) -> None:
    reveal_type(m @ n)  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(m @ m)  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.einsum("ij,jk->ik", m, n))  # N: Tensor[Shape[int, M], NoTape, float32]
    reveal_type(tl.einsum("ij,jk->ij", n, m))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(tl.einsum("...i->...", m))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.einsum("...i,i", n, m))  # N: Tensor[Shape[N], NoTape, float32]
    reveal_type(tl.einsum(subscripts, n))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.einsum("i,i", *several))  # N: Tensor[Shape[Any, ...], Tape, float32]
    reveal_type(tl.concat(several))  # N: Tensor[Shape[Any, ...], Tape, float32]
