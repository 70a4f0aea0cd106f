"""Class weights, ignored classes, and losses of vectors, against PyTorch."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import tensorlib as tl
from tensorlib import losses, nn
from tests.test_losses import (
    COTANGENT,
    DTYPES,
    SEEDS,
    Array,
    check,
    floats,
    ints,
    normal,
    ours,
    probabilities,
    theirs,
    torch_cross_entropy,
    torch_nll_loss,
)

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
few = settings(max_examples=30, deadline=None, derandomize=True)
shapes = array_shapes(max_dims=4, max_side=5)
# One class, or vectors of one element, have a slope of 0, and nothing to compare rounding with.
wide_shapes = array_shapes(max_dims=4, max_side=4).map(lambda s: (*s[:-1], s[-1] + 1))

# Class weights and ignored classes ---------------------------------------------------------------


def weighted(loss: Any, weight: Array, **options: Any) -> Any:
    return lambda input, target: loss(input, target, tl.tensor(weight), **options)


def torch_weighted(loss: Any, weight: Array, **options: Any) -> Any:
    def reference(input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = loss(
            input, target, weight=torch.tensor(weight, dtype=input.dtype), **options
        )
        return result

    return reference


def labels(rng: np.random.Generator, shape: tuple[int, ...], ignored: int) -> Array:
    """Class indices, of which about a third are ignored; the first never is."""
    target = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    target = np.where(rng.random(target.shape) < 0.3, ignored, target)
    target.reshape(-1)[:1] = 0 if ignored else shape[-1] - 1
    return target


@few
@given(shape=wide_shapes, dtype=DTYPES, seed=SEEDS, reduction=REDUCTIONS)
@pytest.mark.parametrize("ignore_index", [-100, -1, 0])
@pytest.mark.parametrize("smoothing", [0.0, 0.2, 1.0])
def test_cross_entropy_with_weights_and_ignored_classes(
    smoothing: float,
    ignore_index: int,
    shape: tuple[int, ...],
    dtype: Any,
    seed: int,
    reduction: Any,
) -> None:
    rng = np.random.default_rng(seed)
    logits = 3 * normal(rng, shape, dtype)
    target = labels(rng, shape, ignore_index)
    weight = rng.uniform(0.1, 2, shape[-1]).astype(dtype)
    options: Any = {
        "reduction": reduction, "label_smoothing": smoothing, "ignore_index": ignore_index,
    }  # fmt: skip
    check(
        partial(losses.cross_entropy, **options),
        partial(torch_cross_entropy, **options),
        [logits, target],
    )
    check(
        weighted(losses.cross_entropy, weight, **options),
        torch_weighted(torch_cross_entropy, weight, **options),
        [logits, target],
    )


@few
@given(shape=shapes, dtype=DTYPES, seed=SEEDS, reduction=REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_of_probabilities_with_weights(
    smoothing: float, shape: tuple[int, ...], dtype: Any, seed: int, reduction: Any
) -> None:
    rng = np.random.default_rng(seed)
    arrays = [3 * normal(rng, shape, dtype), probabilities(rng, shape, dtype)]
    weight = rng.uniform(0.1, 2, shape[-1]).astype(dtype)
    options: Any = {"reduction": reduction, "label_smoothing": smoothing}
    check(
        weighted(losses.cross_entropy, weight, **options),
        torch_weighted(torch_cross_entropy, weight, **options),
        arrays,
    )


@few
@given(shape=shapes, dtype=DTYPES, seed=SEEDS, reduction=REDUCTIONS)
def test_nll_loss_with_weights_and_ignored_classes(
    shape: tuple[int, ...], dtype: Any, seed: int, reduction: Any
) -> None:
    rng = np.random.default_rng(seed)
    arrays = [normal(rng, shape, dtype), labels(rng, shape, -1)]
    weight = rng.uniform(0.1, 2, shape[-1]).astype(dtype)
    options: Any = {"reduction": reduction, "ignore_index": -1}
    check(partial(losses.nll_loss, **options), partial(torch_nll_loss, **options), arrays)
    check(
        weighted(losses.nll_loss, weight, **options),
        torch_weighted(torch_nll_loss, weight, **options),
        arrays,
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    ("loss", "reference"),
    [(losses.cross_entropy, torch_cross_entropy), (losses.nll_loss, torch_nll_loss)],
)
def test_nothing_but_ignored_rows_is_nan_as_in_pytorch(
    loss: Any, reference: Any, reduction: Any
) -> None:
    arrays: list[Array] = [np.ones((4, 3)), np.full(4, -100)]
    have = ours(partial(loss, reduction=reduction), arrays)
    want = theirs(partial(reference, reduction=reduction), arrays, np.float64)
    for mine, other in zip(have, want, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert np.isnan(have[0]).all() == (reduction == "mean")
    assert not have[1].any()


def test_ignored_rows_may_be_impossible() -> None:
    logits: Array = np.array([[0.0, -np.inf], [0.0, 1.0]], np.float32)
    value, slope = ours(partial(losses.cross_entropy, ignore_index=1), [logits, np.array([1, 0])])
    assert value == pytest.approx(np.log1p(np.e), rel=1e-6)
    assert not slope[0].any()


def test_float16_weights_are_summed_without_overflow() -> None:
    rows = 100_000
    logits, target = tl.zeros((rows, 2), np.float16), tl.zeros((rows,), np.int64)
    weight = tl.tensor(np.array([2.0, 1.0], np.float16))
    loss = losses.cross_entropy(logits, target, weight)
    assert loss.dtype == np.float16
    assert loss.item() == pytest.approx(np.log(2), rel=1e-3)


@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.nll_loss])
def test_a_weight_is_a_constant(loss: Any) -> None:
    weight = tl.ones((3,))
    for leaf in (weight.traced(), nn.Parameter(weight)):
        with pytest.raises(ValueError, match=f"^{loss.__name__}: there is no gradient for weight"):
            loss(floats(2, 3), ints([0, 1]), leaf)
    loss(floats(2, 3), ints([0, 1]), nn.Parameter(weight).detach())


# Vectors -----------------------------------------------------------------------------------------


def vectors(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    signs = rng.choice([-1, 1], shape)
    return np.asarray(rng.uniform(0.5, 2, shape) * signs, dtype)


def torch_cosine(
    input1: torch.Tensor, input2: torch.Tensor, target: Array, margin: float, reduction: str
) -> torch.Tensor:
    cosine = F.cosine_similarity(input1, input2, dim=-1)
    rows = torch.where(torch.tensor(target) > 0, 1 - cosine, (cosine - margin).clamp(min=0))
    return rows if reduction == "none" else getattr(rows, reduction)()


@few
@given(shape=wide_shapes, dtype=DTYPES, seed=SEEDS, reduction=REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.3, -0.5])
def test_cosine_embedding_loss(
    margin: float, shape: tuple[int, ...], dtype: Any, seed: int, reduction: Any
) -> None:
    rng = np.random.default_rng(seed)
    target = rng.choice([-1, 1], shape[:-1])
    check(
        lambda a, b: losses.cosine_embedding_loss(
            a, b, tl.tensor(target), margin=margin, reduction=reduction
        ),
        partial(torch_cosine, target=target, margin=margin, reduction=reduction),
        [vectors(rng, shape, dtype), vectors(rng, shape, dtype)],
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cosine_embedding_loss_is_pytorchs(reduction: Any) -> None:
    """PyTorch adds 1e-12 to the squared lengths, so that digits differ behind the tenth."""
    rng = np.random.default_rng(0)
    target = rng.choice([-1, 1], 20)
    arrays = [vectors(rng, (20, 5), np.float64), vectors(rng, (20, 5), np.float64)]
    options: Any = {"margin": 0.1, "reduction": reduction}
    have = ours(
        lambda a, b: losses.cosine_embedding_loss(a, b, tl.tensor(target), **options), arrays
    )
    want = theirs(
        lambda a, b: F.cosine_embedding_loss(a, b, torch.tensor(target), **options),
        arrays,
        np.float64,
    )
    for mine, other in zip(have, want, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("target", [1, -1])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_cosines_of_zero_vectors_are_zero(target: int, dtype: Any) -> None:
    arrays: list[Array] = [np.zeros((2, 3), dtype), np.array([[0, 0, 0], [1, 2, 2]], dtype)]
    signs = tl.tensor(np.full(2, target))
    have = ours(lambda a, b: losses.cosine_embedding_loss(a, b, signs, reduction="none"), arrays)
    assert have[0].dtype == dtype
    np.testing.assert_array_equal(have[0], [1 if target == 1 else 0] * 2)
    assert all(np.isfinite(gradient).all() for gradient in have[1:])


@pytest.mark.parametrize("size", [1e-18, 1e-30, 1e30, 3e38])
def test_cosines_of_long_and_short_vectors(size: float) -> None:
    a: Array = np.array([size, 0, size], np.float32)
    b: Array = np.array([1, 1, 0], np.float32)
    value, *slopes = ours(lambda x, y: tl.cosine_similarity(x, y, eps=1e-36), [a, b])
    assert value == pytest.approx(0.5, rel=1e-6)
    assert all(np.isfinite(slope).all() for slope in slopes)
    np.testing.assert_allclose(
        slopes[1], COTANGENT / np.sqrt(2) * (a / a.max() / np.sqrt(2) - b / np.sqrt(8)), rtol=1e-5
    )


def test_short_vectors_are_pytorchs() -> None:
    a: Array = np.array([3e-9, -4e-9])
    b: Array = np.array([1.0, 2.0])
    have = tl.cosine_similarity(tl.tensor(a), tl.tensor(b)).item()
    want = F.cosine_similarity(torch.tensor(a), torch.tensor(b), dim=-1).item()
    assert have == pytest.approx(want, rel=1e-12)


@few
@given(shape=shapes, dtype=DTYPES, seed=SEEDS, reduction=REDUCTIONS)
@pytest.mark.parametrize(
    "options", [{}, {"p": 1}, {"p": 3, "margin": 0.5}, {"p": np.inf}, {"eps": 1e-3, "margin": 2}]
)
def test_triplet_margin_loss(
    options: Any, shape: tuple[int, ...], dtype: Any, seed: int, reduction: Any
) -> None:
    rng = np.random.default_rng(seed)
    check(
        partial(losses.triplet_margin_loss, reduction=reduction, **options),
        partial(F.triplet_margin_loss, reduction=reduction, **options),
        [normal(rng, shape, dtype) for _ in range(3)],
    )


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, np.inf])
def test_triplets_of_equal_points_have_no_slope(p: float) -> None:
    point: Array = np.ones((2, 3), np.float32)
    value, *slopes = ours(partial(losses.triplet_margin_loss, p=p, eps=0.0), [point, point, point])
    assert value == 1
    assert not any(slope.any() for slope in slopes)
    value, *slopes = ours(partial(losses.triplet_margin_loss, p=p), [point, point, point + 2])
    assert all(np.isfinite(slope).all() for slope in slopes)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 7.0, np.inf])
def test_triplets_of_distant_points_do_not_overflow(p: float) -> None:
    near: Array = np.zeros((1, 2), np.float32)
    value, *slopes = ours(
        partial(losses.triplet_margin_loss, p=p), [near, near + np.float32(1e30), near]
    )
    assert value == pytest.approx(2 ** (1 / p) * 1e30, rel=1e-5)
    assert all(np.isfinite(slope).all() and slope.any() for slope in slopes[:2])


def test_float16_vectors() -> None:
    rng = np.random.default_rng(0)
    small = [vectors(rng, (4, 3), np.float16) for _ in range(3)]
    wide = [x.astype(np.float32) for x in small]
    target = tl.tensor(np.array([1, -1, 1, -1]))
    for loss, count in (
        (losses.triplet_margin_loss, 3),
        (lambda a, b: losses.cosine_embedding_loss(a, b, target), 2),
    ):
        for have, want in zip(ours(loss, small[:count]), ours(loss, wide[:count]), strict=True):
            assert have.dtype == np.float16
            np.testing.assert_allclose(have, want, rtol=2e-2, atol=2e-3)


def test_vectors_of_nothing() -> None:
    empty: Array = np.zeros((0, 3))
    no_target = tl.zeros((0,), np.int64)
    value, *_ = ours(lambda a, b: losses.cosine_embedding_loss(a, b, no_target), [empty, empty])
    assert np.isnan(value)
    assert np.isnan(ours(losses.triplet_margin_loss, [empty, empty, empty])[0])


ERRORS: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: losses.cross_entropy(floats(2, 3), ints([0, 3])),
        tl.IndexOutOfRangeError,
        "cross_entropy: class index 3 at (1,) is out of range for 3 classes",
    ),
    (
        lambda: losses.cross_entropy(floats(2, 3), ints([0, -1])),
        tl.IndexOutOfRangeError,
        "cross_entropy: class index -1 at (1,) is out of range for 3 classes",
    ),
    (
        lambda: losses.cross_entropy(floats(2, 3), ints([0, 1]), floats(2)),
        tl.ShapeError,
        "cross_entropy: weight must have shape (3,), one number for each class, got (2,): "
        "2 is not 3",
    ),
    (
        lambda: losses.nll_loss(floats(2, 3), ints([0, 1]), floats(1, 3)),
        tl.ShapeError,
        "nll_loss: weight must have shape (3,), one number for each class, got (1, 3)",
    ),
    (
        lambda: losses.nll_loss(floats(2, 3), ints([0, 1]), ints([1, 1, 1])),
        tl.DtypeError,
        "nll_loss: expected a floating dtype, got int64: convert it with .astype(np.float32)",
    ),
    (
        lambda: losses.cross_entropy(floats(2, 3), floats(2, 3), ignore_index=0),
        ValueError,
        "cross_entropy: there are no class indices to ignore among probabilities, got "
        "ignore_index=0: give such rows the probabilities 0",
    ),
    (
        lambda: losses.cosine_embedding_loss(floats(2, 3), floats(2, 3), ints([1, 0])),
        ValueError,
        "cosine_embedding_loss: target must be 1 or -1, got 0 at (1,)",
    ),
    (
        lambda: losses.cosine_embedding_loss(floats(2, 3), floats(2, 3), tl.ones((2,)) > 0),
        tl.DtypeError,
        "cosine_embedding_loss: target must be 1 or -1, got bool: use tl.where(target, 1, -1)",
    ),
    (
        lambda: losses.cosine_embedding_loss(floats(), floats(), ints(1)),
        tl.ShapeError,
        "cosine_embedding_loss: input1 must have an axis of vectors, got a scalar",
    ),
    (
        lambda: losses.triplet_margin_loss(floats(2, 3), floats(2, 3), floats(3)),
        tl.ShapeError,
        "triplet_margin_loss: anchor and negative must have the same shape, got (2, 3) and (3,)",
    ),
    (
        lambda: losses.triplet_margin_loss(floats(3), floats(3), floats(3), p=0.5),
        ValueError,
        "triplet_margin_loss: p must be at least 1, got 0.5",
    ),
    (
        lambda: losses.triplet_margin_loss(floats(3), floats(3), floats(3), margin=-1),
        ValueError,
        "triplet_margin_loss: margin must not be negative, got -1",
    ),
    (
        lambda: losses.triplet_margin_loss(
            floats(3), floats(3), floats(3), reduction=_not_a_reduction()
        ),
        ValueError,
        "triplet_margin_loss: reduction must be 'mean', 'sum' or 'none', got 'max'",
    ),
    (
        lambda: tl.cosine_similarity(floats(3), floats(3), eps=0),
        ValueError,
        "cosine_similarity: eps must be positive, got 0",
    ),
]


def _not_a_reduction() -> Any:
    return "max"


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=[e[2] for e in ERRORS])
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_a_bool_target_becomes_signs() -> None:
    signs = tl.where(tl.tensor([True, False]), 1, -1)
    assert signs.tolist() == [1, -1]
    losses.cosine_embedding_loss(floats(2, 3), floats(2, 3), signs)
