"""Accuracy and confusion matrices, against NumPy written out and PyTorch's topk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import tensorlib as tl

SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=50, deadline=None, derandomize=True)


def tensor(values: Any) -> Any:
    """Make a tensor whose shape mypy does not ask for."""
    return tl.tensor(values)


@few
@given(shape=array_shapes(max_dims=3, max_side=6), seed=SEEDS)
def test_accuracy_of_scores(shape: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores: Any = rng.standard_normal(shape)
    target = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    wanted = float((scores.argmax(-1) == target).mean())
    assert tl.accuracy(tensor(scores), tensor(target)) == pytest.approx(wanted)
    one_hot = np.eye(shape[-1])[target]
    assert tl.accuracy(tensor(scores), tensor(one_hot)) == pytest.approx(wanted)
    predicted = np.asarray(scores.argmax(-1))
    assert tl.accuracy(tensor(predicted), tensor(target)) == pytest.approx(wanted)
    for k in range(1, shape[-1] + 1):
        best = torch.tensor(scores).topk(k, -1).indices.numpy()
        hits = float((best == target[..., None]).any(-1).mean())
        assert tl.accuracy(tensor(scores), tensor(target), k) == pytest.approx(hits)


@few
@given(shape=array_shapes(max_dims=3, max_side=6), seed=SEEDS, count=st.integers(1, 4))
def test_confusion_matrix(shape: tuple[int, ...], seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    predicted, target = rng.integers(count, size=(2, *shape))
    wanted = np.zeros((count, count), np.int64)
    for row, column in zip(target.reshape(-1), predicted.reshape(-1), strict=True):
        wanted[row, column] += 1
    found = tl.confusion_matrix(tensor(predicted), tensor(target), count)
    assert found.dtype == np.int64
    assert found.tolist() == wanted.tolist()


def test_of_equal_scores_the_first_counts_as_argmax_has_it() -> None:
    scores = tl.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    target = tl.tensor([0, 1])
    assert tl.accuracy(scores, target) == 0.5
    assert tl.accuracy(scores, target, top_k=2) == 1


def test_a_score_that_is_no_number_is_never_right() -> None:
    scores = tl.tensor([[np.nan, 0.0], [np.nan, 0.0]])
    assert tl.accuracy(scores, tl.tensor([0, 1])) == 0
    assert tl.accuracy(scores, tl.tensor([1, 1]), top_k=2) == 1


def test_nothing_and_other_dtypes() -> None:
    none = tl.zeros((0,), np.int64)
    assert np.isnan(tl.accuracy(tl.zeros((0, 3)), none))
    assert tl.confusion_matrix(none, none, 2).tolist() == [[0, 0], [0, 0]]
    small = tl.tensor(np.array([1, 0], np.uint8)).expect_shape((2,))
    assert tl.accuracy(tl.tensor([[0.0, 1.0], [0.0, 1.0]]), small) == 0.5
    assert tl.confusion_matrix(small, small, 300).numpy().sum() == 2
    assert tl.accuracy(tl.tensor([True, False]), tl.tensor([True, True])) == 0.5


def test_tapes_are_only_read() -> None:
    scores = tl.tensor([[0.0, 1.0]]).traced()
    assert tl.accuracy(scores, tl.tensor([1])) == 1
    assert scores.owns_tape


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: tl.accuracy(tl.zeros((2, 3)), tl.tensor([0, 3])),
            tl.IndexOutOfRangeError,
            "accuracy: class index 3 at (1,) is out of range for 3 classes",
        ),
        (
            lambda: tl.accuracy(tl.zeros((2, 3)), tensor([0.0, 0.0])),
            tl.DtypeError,
            "accuracy: class indices must be ints, got float32: use .astype(np.int64)",
        ),
        (
            lambda: tl.accuracy(tensor([0.0, 0.0]), tl.zeros((2,), np.int64)),
            tl.DtypeError,
            "accuracy: predicted classes must be ints, got float32, and targets for scores of "
            "shape (2,) must be of shape (), or floats",
        ),
        (
            lambda: tl.accuracy(tensor(0.0), tensor(0.0)),
            tl.ShapeError,
            "accuracy: input must have a class dimension, got a scalar",
        ),
        (
            lambda: tl.accuracy(tl.zeros((2, 3)), tl.tensor([0, 1]), top_k=0),
            ValueError,
            "accuracy: top_k must be at least 1, got 0",
        ),
        (
            lambda: tl.accuracy(tl.tensor([0, 1]), tl.tensor([0, 1]), top_k=2),
            ValueError,
            "accuracy: top_k=2 needs scores, got classes of int64",
        ),
        (
            lambda: tl.confusion_matrix(tl.tensor([0, 2]), tl.tensor([0, 1]), 2),
            tl.IndexOutOfRangeError,
            "confusion_matrix: class index 2 at (1,) is out of range for 2 classes",
        ),
        (
            lambda: tl.accuracy(_array(), tl.tensor([0, 1])),
            TypeError,
            "accuracy: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
        ),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def _array() -> Any:
    return np.zeros((2, 3))
