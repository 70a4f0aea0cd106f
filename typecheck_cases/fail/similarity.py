"""Losses of vectors, class weights, and cosines: nothing broadcasts, and each class has a weight."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, losses

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
C = TypeVar("C", bound=int)
Batch = TypeVarTuple("Batch")


def case_class_weights() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((5,), dtype=np.int64), tl.ones((9,)))  # E: cross_entropy: weight must have shape (10,), one number for each class, got (9,): 9 is not 10  [tensor-shape]


def case_class_weights_beside_probabilities() -> None:
    losses.cross_entropy(tl.zeros((5, 10)), tl.zeros((5, 10)), tl.ones((5,)))  # E: cross_entropy: weight must have shape (10,), one number for each class, got (5,): 5 is not 10  [tensor-shape]


def case_class_weights_would_broadcast() -> None:
    losses.nll_loss(tl.zeros((5, 10)), tl.zeros((5,), dtype=np.int64), tl.ones((1,)))  # E: nll_loss: weight must have shape (10,), one number for each class, got (1,): 1 is not 10  [tensor-shape]


def case_class_weights_of_rank_two() -> None:
    losses.nll_loss(tl.zeros((5, 10)), tl.zeros((5,), dtype=np.int64), tl.ones((5, 10)))  # E: nll_loss: weight must have shape (10,), one number for each class, got (5, 10)  [tensor-shape]


def case_class_weights_of_ints() -> None:
    losses.nll_loss(tl.zeros((5, 10)), tl.zeros((5,), dtype=np.int64), tl.ones((10,), dtype=np.int64))  # E: nll_loss: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_cosine_embedding_inputs() -> None:
    losses.cosine_embedding_loss(tl.zeros((5, 10)), tl.zeros((1, 10)), tl.ones((5,)))  # E: cosine_embedding_loss: input1 and input2 must have the same shape, got (5, 10) and (1, 10): 5 is not 1  [tensor-shape]


def case_cosine_embedding_target() -> None:
    losses.cosine_embedding_loss(tl.zeros((5, 10)), tl.zeros((5, 10)), tl.ones((5, 1)))  # E: cosine_embedding_loss: target must have shape (5,) for inputs (5, 10), got (5, 1)  [tensor-shape]


def case_cosine_embedding_target_of_bools() -> None:
    losses.cosine_embedding_loss(tl.zeros((5, 10)), tl.zeros((5, 10)), tl.ones((5,)) > 0)  # E: cosine_embedding_loss: target must be 1 or -1, got bool: use tl.where(target, 1, -1)  [tensor-dtype]


def case_triplet_margin() -> None:
    losses.triplet_margin_loss(tl.zeros((5, 10)), tl.zeros((5, 10)), tl.zeros((10,)))  # E: triplet_margin_loss: anchor and negative must have the same shape, got (5, 10) and (10,)  [tensor-shape]


def case_triplet_margin_of_scalars() -> None:
    losses.triplet_margin_loss(tl.zeros(()), tl.zeros(()), tl.zeros(()))  # E: triplet_margin_loss: anchor must have an axis of vectors, got a scalar  [tensor-shape]


def case_cosine_similarity() -> None:
    tl.cosine_similarity(tl.zeros((5, 10)), tl.zeros((5, 9)))  # E: cosine_similarity: shapes must be equal, or one stretch to the other, got (5, 10) and (5, 9): 10 is not 9 on axis -1  [tensor-shape]


def case_cosine_similarity_of_pairs() -> None:
    tl.cosine_similarity(tl.zeros((5, 1, 10)), tl.zeros((4, 10)))  # E: cosine_similarity: shapes (5, 1, 10) and (4, 10) would both be stretched, to (5, 4, 10): make it explicit with broadcast_to or tl.broadcast_arrays(a, b)  [tensor-shape]


def case_cosine_similarity_axis() -> None:
    tl.cosine_similarity(tl.zeros((5, 10)), tl.zeros((5, 10)), axis=2)  # E: cosine_similarity: axis 2 is out of range for shape (5, 10): use -2 to 1  [tensor-shape]


def case_cosine_similarity_of_dtypes() -> None:
    tl.cosine_similarity(tl.zeros((5, 10)), tl.zeros((5, 10), dtype=np.float64))  # E: cosine_similarity: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def symbols(a: Tensor[Shape[*Batch, C]], b: Tensor[Shape[N, C]], c: Tensor[Shape[M, C]], w: Tensor[Shape[N]]) -> None:
    losses.triplet_margin_loss(b, b, c)  # E: triplet_margin_loss: anchor and negative must have the same shape, got (N, C) and (M, C): N is not M  [tensor-shape]
    losses.cross_entropy(b, tl.zeros((1,), dtype=np.int64))  # E: cross_entropy: target must have shape (N,) for class indices or (N, C) for probabilities, got (1,): 1 is not N  [tensor-shape]
    losses.cosine_embedding_loss(a, b, w)  # E: cosine_embedding_loss: input1 and input2 must have the same shape, got (*Batch, C) and (N, C)  [tensor-shape]
    losses.cosine_embedding_loss(b, b, tl.ones((3,)))  # E: cosine_embedding_loss: target must have shape (N,) for inputs (N, C), got (3,): 3 is not N  [tensor-shape]
    losses.cross_entropy(a, a, w)  # E: cross_entropy: weight must have shape (C,), one number for each class, got (N,): N is not C  [tensor-shape]
    tl.cosine_similarity(b, c)  # E: cosine_similarity: shapes must be equal, or one stretch to the other, got (N, C) and (M, C): N is not M on axis -2  [tensor-shape]
