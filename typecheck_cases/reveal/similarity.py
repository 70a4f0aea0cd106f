# mypy: disable-error-code="tensor-tape"
"""Losses of vectors, class weights, cosines, and metrics."""

from __future__ import annotations

from typing import Any, Literal, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses

N = TypeVar("N", bound=int)
C = TypeVar("C", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.full((2, 3), 0.5)
d = tl.full((2, 3), 0.5, dtype=np.float64)
labels = tl.zeros((2,), dtype=np.int64)
signs = tl.ones((2,))
weight = tl.ones((3,))

# Classes
reveal_type(losses.cross_entropy(x.traced(), labels, weight))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.cross_entropy(x.traced(), x, weight, reduction="none"))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(losses.cross_entropy(x, labels, weight.astype(np.float16), reduction="none", ignore_index=-1))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(losses.nll_loss(x.traced(), labels, weight, reduction="none"))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(losses.nll_loss(x, labels, ignore_index=0))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(losses.nll_loss(x, labels, None, reduction="sum"))  # N: Tensor[Shape[()], NoTape, float32]

# Vectors
reveal_type(losses.cosine_embedding_loss(x.traced(), x, signs))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.cosine_embedding_loss(d, d, labels * 2 + 1, reduction="none"))  # N: Tensor[Shape[2], NoTape, float64]
reveal_type(losses.triplet_margin_loss(x, x, x.traced(), p=1.0))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.triplet_margin_loss(d, d, d, reduction="none"))  # N: Tensor[Shape[2], NoTape, float64]
reveal_type(tl.cosine_similarity(x.traced(), x))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(tl.cosine_similarity(x, tl.ones((3,))))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.cosine_similarity(x, tl.ones((4, 2, 3)), axis=1))  # N: Tensor[Shape[4, 3], NoTape, float32]
reveal_type(tl.cosine_similarity(labels, labels, 0))  # N: Tensor[Shape[()], NoTape, float32]

# Metrics
scores = tl.randn((8, 10), rng=0)
classes = tl.zeros((8,), dtype=np.int64)
reveal_type(tl.accuracy(scores, classes))  # N: float
reveal_type(tl.accuracy(scores.traced(), classes, top_k=5))  # N: float
reveal_type(tl.accuracy(scores, scores.softmax()))  # N: float
reveal_type(tl.accuracy(scores.argmax(-1), classes))  # N: float
reveal_type(tl.accuracy(classes > 0, classes > 1))  # N: float
reveal_type(tl.confusion_matrix(scores.argmax(-1), classes, 10))  # N: Tensor[Shape[10, 10], NoTape, int64]
reveal_type(tl.confusion_matrix(classes, classes, num_classes=3) * 2)  # N: Tensor[Shape[3, 3], NoTape, int64]


def batches(
    a: Tensor[Shape[*Batch, C], T],
    b: Tensor[Shape[*Batch], NoTape, np.int64],
    w: Tensor[Shape[C]],
    some: Tensor[Shape[C]] | None,
) -> None:
    reveal_type(losses.cross_entropy(a, b, w, reduction="none"))  # N: Tensor[Shape[*Batch], T, float32]
    reveal_type(losses.nll_loss(a, b, some))  # N: Tensor[Shape[()], T, float32]
    reveal_type(losses.cosine_embedding_loss(a, a, b, reduction="none"))  # N: Tensor[Shape[*Batch], T, float32]
    reveal_type(losses.triplet_margin_loss(a, a, a, reduction="none"))  # N: Tensor[Shape[*Batch], T, float32]
    reveal_type(tl.cosine_similarity(a, a))  # N: Tensor[Shape[*Batch], T, float32]


def matrices(a: Tensor[Shape[N, C]]) -> None:
    reveal_type(tl.cosine_similarity(a, a, 0))  # N: Tensor[Shape[C], NoTape, float32]


def unknown(a: Tensor[Any], b: Tensor[Shape[..., 3]], w: Tensor[Shape[int]], reduction: Literal["mean", "none"]) -> None:
    reveal_type(losses.cross_entropy(a, labels, w))  # N: Tensor[Shape[()], NoTape, float32]
    reveal_type(losses.triplet_margin_loss(a, x, a, reduction="none"))  # N: Tensor[Shape[2], NoTape, float32]
    reveal_type(losses.cosine_embedding_loss(a, a, signs, reduction="none"))  # N: Tensor[Shape[2], NoTape, float32]
    reveal_type(losses.cosine_embedding_loss(x, x, signs, reduction=reduction))  # N: Tensor[Shape[()], NoTape, float32] | Tensor[Shape[2], NoTape, float32]
    reveal_type(losses.triplet_margin_loss(a, a, a, reduction="none"))  # N: Tensor[Shape[Any, ...], NoTape, float32]
    reveal_type(tl.cosine_similarity(a, a))  # N: Tensor[Shape[Any, ...], NoTape, float32]


def counted(a: Tensor[Shape[*Batch, C], T], b: Tensor[Shape[*Batch], NoTape, np.int64], classes: C) -> None:
    reveal_type(tl.accuracy(a, b))  # N: float
    reveal_type(tl.confusion_matrix(a.argmax(-1), b, classes))  # N: Tensor[Shape[C, C], NoTape, int64]


def uncounted(a: Tensor[Any], b: Tensor[Any, NoTape, np.int64], n: int) -> None:
    reveal_type(tl.accuracy(a, classes))  # N: float
    reveal_type(tl.accuracy(scores, b))  # N: float
    reveal_type(tl.confusion_matrix(b, classes, n))  # N: Tensor[Shape[int, int], NoTape, int64]
