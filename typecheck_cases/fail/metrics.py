"""Metrics: predictions and targets belong together."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
C = TypeVar("C", bound=int)
Batch = TypeVarTuple("Batch")


def case_rows() -> None:
    tl.accuracy(tl.zeros((8, 10)), tl.zeros((7,), dtype=np.int64))  # E: accuracy: target must have shape (8,) for class indices or (8, 10) for probabilities, got (7,): 7 is not 8  [tensor-shape]


def case_classes() -> None:
    tl.accuracy(tl.zeros((8, 10)), tl.zeros((8, 9)))  # E: accuracy: target must have shape (8,) for class indices or (8, 10) for probabilities, got (8, 9): 9 is not 10  [tensor-shape]


def case_columns_of_labels() -> None:
    tl.accuracy(tl.zeros((8, 10)), tl.zeros((8, 1), dtype=np.int64))  # E: accuracy: target must have shape (8,) for class indices or (8, 10) for probabilities, got (8, 1): 1 is not 10  [tensor-shape]


def case_no_labels() -> None:
    tl.accuracy(tl.zeros((8,), dtype=np.int64), tl.zeros((8,)))  # E: accuracy: class indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_confusion_of_scores() -> None:
    tl.confusion_matrix(tl.zeros((8, 10)), tl.zeros((8, 10), dtype=np.int64), 10)  # E: confusion_matrix: classes must be ints, got float32: of scores, take .argmax(-1)  [tensor-dtype]


def case_confusion_of_rows() -> None:
    tl.confusion_matrix(tl.zeros((8, 1), dtype=np.int64), tl.zeros((8,), dtype=np.int64), 10)  # E: confusion_matrix: input and target must have the same shape, got (8, 1) and (8,)  [tensor-shape]


def case_confusion_of_negative_classes() -> None:
    tl.confusion_matrix(tl.zeros((8,), dtype=np.int64), tl.zeros((8,), dtype=np.int64), -1)  # E: confusion_matrix: num_classes must not be negative, got -1  [tensor-shape]


def symbols(a: Tensor[Shape[N, C]], b: Tensor[Shape[M], NoTape, np.int64], c: Tensor[Shape[*Batch], NoTape, np.int64]) -> None:
    tl.accuracy(a, b)  # E: accuracy: target must have shape (N,) for class indices or (N, C) for probabilities, got (M,): M is not N  [tensor-shape]
    tl.accuracy(a, c)  # E: accuracy: target must have shape (N,) for class indices or (N, C) for probabilities, got (*Batch,)  [tensor-shape]
    tl.confusion_matrix(a.argmax(-1), b, 3)  # E: confusion_matrix: input and target must have the same shape, got (N,) and (M,): N is not M  [tensor-shape]
