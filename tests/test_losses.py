"""Losses against PyTorch: values, gradients of every differentiable input, extremes, errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import tensorlib as tl
from tensorlib import losses

Array = np.ndarray[Any, np.dtype[Any]]
Results = list[Array]

COTANGENT = 1.7
DTYPES = st.sampled_from([np.float32, np.float64])
SEEDS = st.integers(0, 2**32 - 1)


def ours(loss: Any, arrays: list[Array]) -> Results:
    """Return the loss and the gradients of all floating inputs."""
    leaves = [tl.tensor(array) for array in arrays]
    value = loss(*(x.traced() if x.dtype.kind == "f" else x for x in leaves))
    gradients = (value * COTANGENT).sum().backward()
    return [value.numpy(), *(gradients[x].numpy() for x in leaves if x.dtype.kind == "f")]


def theirs(loss: Callable[..., torch.Tensor], arrays: list[Array], dtype: Any) -> Results:
    """Return the same from PyTorch, computed in another float dtype."""
    leaves = [torch.tensor(a if a.dtype.kind == "i" else a.astype(dtype)) for a in arrays]
    for x in leaves:
        x.requires_grad_(x.is_floating_point())
    value = loss(*leaves)
    (value * COTANGENT).sum().backward()  # type: ignore[no-untyped-call]
    return [value.detach().numpy(), *(x.grad.numpy() for x in leaves if x.grad is not None)]


def check(ours_loss: Any, torch_loss: Callable[..., torch.Tensor], arrays: list[Array]) -> None:
    """Compare by the project's tolerances for float64 and float32.

    The scale of float32 errors is the largest reference value of the call: a gradient such as
    ``softmax(input) - target`` cancels, and what is left may be as small as the rounding of its
    terms.
    """
    dtype = arrays[0].dtype
    reference = theirs(torch_loss, arrays, np.float64)
    peer = theirs(torch_loss, arrays, dtype)
    scale = max(np.abs(want).max(initial=0) for want in reference)
    for have, want, rival in zip(ours(ours_loss, arrays), reference, peer, strict=True):
        assert have.shape == want.shape
        assert have.dtype == dtype
        largest = np.abs(want).max(initial=0)
        if dtype == np.float64:
            np.testing.assert_allclose(have, want, rtol=1e-10, atol=1e-12 * largest)
        else:
            allowed = max(4 * np.abs(rival - want).max(initial=0), 1e-6 * scale)
            assert np.abs(have - want).max(initial=0) <= allowed


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    return np.asarray(rng.standard_normal(shape), dtype)


def probabilities(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1]).astype(dtype)


# The loss of (*B, C) where PyTorch wants classes on axis 1.
def torch_cross_entropy(input: torch.Tensor, target: torch.Tensor, **options: Any) -> torch.Tensor:
    classes = input.shape[-1]
    rows = (-1, classes) if target.is_floating_point() else (-1,)
    loss = F.cross_entropy(input.reshape(-1, classes), target.reshape(rows), **options)
    return loss.reshape(input.shape[:-1]) if loss.ndim else loss


def torch_nll_loss(input: torch.Tensor, target: torch.Tensor, **options: Any) -> torch.Tensor:
    loss = F.nll_loss(input.reshape(-1, input.shape[-1]), target.reshape(-1), **options)
    return loss.reshape(target.shape) if loss.ndim else loss


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=array_shapes(min_dims=0, max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_mse_loss(shape: tuple[int, ...], dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check(losses.mse_loss, F.mse_loss, [normal(rng, shape, dtype), normal(rng, shape, dtype)])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=array_shapes(max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_cross_entropy_with_class_indices(shape: tuple[int, ...], dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    check(losses.cross_entropy, torch_cross_entropy, [3 * normal(rng, shape, dtype), target])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=array_shapes(max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_cross_entropy_with_probabilities(shape: tuple[int, ...], dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    arrays = [3 * normal(rng, shape, dtype), probabilities(rng, shape, dtype)]
    check(losses.cross_entropy, torch_cross_entropy, arrays)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(shape=array_shapes(max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
@pytest.mark.parametrize("smoothing", [0.1, 1.0])
def test_cross_entropy_with_label_smoothing(
    smoothing: float, shape: tuple[int, ...], dtype: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    logits = 3 * normal(rng, shape, dtype)
    indices = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    for target in (indices, probabilities(rng, shape, dtype)):
        check(
            partial(losses.cross_entropy, label_smoothing=smoothing),
            partial(torch_cross_entropy, label_smoothing=smoothing),
            [logits, target],
        )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=array_shapes(max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_nll_loss(shape: tuple[int, ...], dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    check(losses.nll_loss, torch_nll_loss, [normal(rng, shape, dtype), target])


def torch_rmse_loss(input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return F.mse_loss(input, target).sqrt()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=array_shapes(min_dims=0, max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_rmse_loss(shape: tuple[int, ...], dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check(losses.rmse_loss, torch_rmse_loss, [normal(rng, shape, dtype), normal(rng, shape, dtype)])


def logits_of(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    return [5 * normal(rng, shape, dtype), rng.random(shape).astype(dtype)]


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    return [2 * normal(rng, shape, dtype), normal(rng, shape, dtype)]


def between(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    return [rng.uniform(0.01, 0.99, shape).astype(dtype) for _ in range(2)]


def log_and_plain(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    a, b = between(rng, shape, dtype)
    return [np.log(a), b]


ELEMENTWISE: dict[str, tuple[Any, Any, Callable[..., list[Array]]]] = {
    "mse_loss": (losses.mse_loss, F.mse_loss, numbers),
    "mae_loss": (losses.mae_loss, F.l1_loss, numbers),
    "huber_loss": (losses.huber_loss, F.huber_loss, numbers),
    "huber_loss delta": (
        partial(losses.huber_loss, delta=0.3),
        partial(F.huber_loss, delta=0.3),
        numbers,
    ),
    "smooth_l1_loss": (losses.smooth_l1_loss, F.smooth_l1_loss, numbers),
    "smooth_l1_loss beta": (
        partial(losses.smooth_l1_loss, beta=2.5),
        partial(F.smooth_l1_loss, beta=2.5),
        numbers,
    ),
    "smooth_l1_loss beta 0": (
        partial(losses.smooth_l1_loss, beta=0),
        partial(F.smooth_l1_loss, beta=0.0),
        numbers,
    ),
    "binary_cross_entropy": (losses.binary_cross_entropy, F.binary_cross_entropy, between),
    "binary_cross_entropy_with_logits": (
        losses.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits,
        logits_of,
    ),
    "kl_div": (losses.kl_div, F.kl_div, log_and_plain),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch's, about kl_div
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(shape=array_shapes(min_dims=0, max_dims=4, max_side=5), dtype=DTYPES, seed=SEEDS)
def test_elementwise_losses(
    name: str, reduction: str, shape: tuple[int, ...], dtype: Any, seed: int
) -> None:
    loss, reference, arrays = ELEMENTWISE[name]
    check(
        partial(loss, reduction=reduction),
        partial(reference, reduction=reduction),
        arrays(np.random.default_rng(seed), shape, dtype),
    )


@pytest.mark.parametrize("reduction", ["sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)])
def test_class_losses_without_the_mean(
    shape: tuple[int, ...], smoothing: float, reduction: Any
) -> None:
    rng = np.random.default_rng(0)
    logits = normal(rng, shape, np.float32)
    indices = np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    for target in (indices, probabilities(rng, shape, np.float32)):
        check(
            partial(losses.cross_entropy, reduction=reduction, label_smoothing=smoothing),
            partial(torch_cross_entropy, reduction=reduction, label_smoothing=smoothing),
            [logits, target],
        )
    check(
        partial(losses.nll_loss, reduction=reduction),
        partial(torch_nll_loss, reduction=reduction),
        [logits, indices],
    )


def test_nll_loss_of_log_softmax_is_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    logits, target = normal(rng, (6, 4), np.float64), rng.integers(4, size=6)
    have = ours(lambda x, y: losses.nll_loss(x.log_softmax(), y), [logits, target])
    for mine, want in zip(have, ours(losses.cross_entropy, [logits, target]), strict=True):
        np.testing.assert_allclose(mine, want, rtol=1e-12)


EXTREMES: dict[str, tuple[Any, Any, list[float], list[float]]] = {
    "logits": (
        losses.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits,
        [1e30, 1e30, -1e30, -1e30, 100, -100, 0],
        [0, 1, 0, 1, 0.5, 0.5, 1],
    ),
    "sure": (losses.binary_cross_entropy, F.binary_cross_entropy, [0, 1, 0, 1], [0, 1, 1, 0]),
    "huber": (losses.huber_loss, F.huber_loss, [1e30, -1e30, 1, 0], [0, 0, 0, 0]),
    "smooth": (losses.smooth_l1_loss, F.smooth_l1_loss, [1e30, -1e30, 1, 0], [0, 0, 0, 0]),
    "mae": (losses.mae_loss, F.l1_loss, [1e30, -1e30, 1], [0, 0, 1]),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes(name: str) -> None:
    loss, reference, *lists = EXTREMES[name]
    arrays: list[Array] = [np.array(values, np.float32) for values in lists]
    have = ours(partial(loss, reduction="sum"), arrays)
    wanted = theirs(partial(reference, reduction="sum"), arrays, np.float32)
    assert all(np.isfinite(mine).all() for mine in have)
    for mine, want in zip(have, wanted, strict=True):
        finite = np.isfinite(want)  # the derivative by a target at a sure input is infinite there
        np.testing.assert_allclose(mine[finite], want[finite], rtol=1e-5, atol=1e-6)


def test_kl_div_of_targets_of_zero_is_no_nan() -> None:
    arrays: list[Array] = [
        np.array([-1.0, -np.inf, -1.0], np.float32),
        np.array([0.0, 0.0, 1.0], np.float32),
    ]
    value, by_input, by_target = ours(partial(losses.kl_div, reduction="none"), arrays)
    np.testing.assert_array_equal(value, [0, 0, 1])
    np.testing.assert_allclose(by_input, [0, 0, -COTANGENT])
    np.testing.assert_allclose(by_target, [0, 0, 2 * COTANGENT], rtol=1e-6)


def test_rmse_loss_of_equal_tensors_has_no_slope() -> None:
    ones: Array = np.ones((2, 3), np.float32)
    for have in ours(losses.rmse_loss, [ones, ones]):
        assert not have.any()


def test_rmse_loss_of_large_and_small_errors() -> None:
    for size in (1e-30, 1e30):
        value, slope, _ = ours(
            losses.rmse_loss, [np.full(4, size, np.float32), np.zeros(4, np.float32)]
        )
        assert value == pytest.approx(size, rel=1e-6)
        np.testing.assert_allclose(slope, COTANGENT / 4, rtol=1e-6)


def test_targets_that_are_no_distribution_count_by_their_weight() -> None:
    rng = np.random.default_rng(0)
    arrays = [normal(rng, (6, 4), np.float64), normal(rng, (6, 4), np.float64)]
    check(losses.cross_entropy, torch_cross_entropy, arrays)


def test_mean_over_a_million_elements_keeps_its_precision() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 1_000_000), np.float32)
    exact = np.mean((a.astype(np.float64) - b) ** 2)
    x, y = tl.tensor(a).expect_shape((1_000_000,)), tl.tensor(b).expect_shape((1_000_000,))
    assert losses.mse_loss(x, y).item() == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(
    ("logits", "target"),
    [
        ([[1e30, -1e30, 0.0]], [0]),
        ([[1e30, -1e30, 0.0]], [1]),
        ([[-1e4, -1e4, -1e4], [88.0, 89.0, 90.0]], [2, 0]),
        ([[0.0, -np.inf, 1.0]], [2]),
        ([[5.0]], [0]),
    ],
    ids=["right and sure", "wrong and sure", "large", "masked class", "one class"],
)
def test_extreme_logits(logits: list[list[float]], target: list[int]) -> None:
    arrays: list[Array] = [np.array(logits, np.float32), np.array(target)]
    loss, gradient = ours(losses.cross_entropy, arrays)
    want, want_gradient = theirs(torch_cross_entropy, arrays, np.float32)
    assert np.isfinite(loss)
    np.testing.assert_allclose(loss, want, rtol=1e-6)
    np.testing.assert_allclose(gradient, want_gradient, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "reference", "arrays"),
    [
        (losses.mse_loss, F.mse_loss, [np.zeros((0, 3)), np.zeros((0, 3))]),
        (losses.cross_entropy, F.cross_entropy, [np.zeros((0, 3)), np.zeros(0, np.int64)]),
        (losses.cross_entropy, F.cross_entropy, [np.zeros((0, 3)), np.zeros((0, 3))]),
    ],
    ids=["mse_loss", "cross_entropy indices", "cross_entropy probabilities"],
)
def test_the_mean_of_no_rows_is_nan_as_in_pytorch(
    loss: Any, reference: Any, arrays: list[Array]
) -> None:
    have = ours(loss, arrays)
    for mine, want in zip(have, theirs(reference, arrays, np.float64), strict=True):
        np.testing.assert_array_equal(mine, want)
    assert np.isnan(have[0])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_losses_of_nothing_and_of_float16(name: str) -> None:
    loss, _, arrays = ELEMENTWISE[name]
    value, *gradients = ours(loss, [np.zeros((0, 3)), np.zeros((0, 3))])
    assert np.isnan(value)
    assert [g.shape for g in gradients] == [(0, 3), (0, 3)]
    small = arrays(np.random.default_rng(0), (4, 3), np.float16)
    wide = [x.astype(np.float32) for x in small]
    for have, want in zip(ours(loss, small), ours(loss, wide), strict=True):
        assert have.dtype == np.float16
        np.testing.assert_allclose(have, want, rtol=2e-2, atol=2e-3)


def test_rmse_loss_of_nothing_and_of_infinity() -> None:
    assert np.isnan(ours(losses.rmse_loss, [np.zeros(0), np.zeros(0)])[0])
    value, slope, _ = ours(losses.rmse_loss, [np.array([np.inf, 1.0]), np.zeros(2)])
    assert value == np.inf
    assert np.isnan(slope).any()


def test_float16_is_summed_without_overflow() -> None:
    logits = tl.zeros((100_000, 2), np.float16)
    labels = tl.zeros((100_000,), np.int64)
    assert losses.cross_entropy(logits, labels).item() == pytest.approx(np.log(2), rel=1e-3)
    assert losses.mse_loss(logits, tl.ones((100_000, 2), np.float16)).item() == 1


def test_float16_with_float32_gives_float32() -> None:
    logits, wide = tl.ones((2, 3), np.float16), tl.ones((2, 3))
    assert losses.cross_entropy(logits, wide).dtype == np.float32
    assert losses.cross_entropy(wide, logits).dtype == np.float32
    assert losses.mse_loss(logits, wide).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_labels_of_any_int_dtype(dtype: Any) -> None:
    logits = tl.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    labels = tl.tensor(np.array([2, 0], dtype)).expect_shape((2,))
    expected = float(np.log(1 + np.exp(-1) + np.exp(-2)))
    assert losses.cross_entropy(logits, labels).item() == pytest.approx(expected)


def floats(*shape: int) -> Any:
    return tl.zeros(shape)


def ints(values: Any) -> Any:
    return tl.tensor(np.asarray(values, np.int64))


ERRORS: list[tuple[Any, Any, Any, type[Exception], str]] = [
    (
        losses.mse_loss,
        floats(3, 1),
        floats(3),
        tl.ShapeError,
        "mse_loss: input and target must have the same shape, got (3, 1) and (3,)"
        "; try input.squeeze(-1) or target.expand_dims(-1)",
    ),
    (
        losses.mse_loss,
        floats(2, 3),
        floats(2, 4),
        tl.ShapeError,
        "mse_loss: input and target must have the same shape, got (2, 3) and (2, 4): 3 is not 4",
    ),
    (
        losses.mse_loss,
        floats(2),
        ints([0, 1]),
        tl.DtypeError,
        "mse_loss: expected a floating dtype, got int64: convert it with .astype(np.float32)",
    ),
    (
        losses.mse_loss,
        floats(2),
        tl.zeros((2,), np.float64),
        tl.DtypeError,
        "mse_loss: dtypes must agree, got float32 and float64: "
        "convert one with .astype(np.float32) or .astype(np.float64)",
    ),
    (
        losses.mse_loss,
        floats(2),
        np.zeros(2),
        TypeError,
        "mse_loss: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        losses.huber_loss,
        floats(3, 1),
        floats(3),
        tl.ShapeError,
        "huber_loss: input and target must have the same shape, got (3, 1) and (3,)"
        "; try input.squeeze(-1) or target.expand_dims(-1)",
    ),
    (
        losses.nll_loss,
        floats(4, 3),
        ints([0, 1]),
        tl.ShapeError,
        "nll_loss: target must have shape (4,) for input (4, 3), got (2,): 2 is not 4",
    ),
    (
        losses.nll_loss,
        floats(2, 3),
        floats(2),
        tl.DtypeError,
        "nll_loss: class indices must be ints, got float32: use .astype(np.int64)",
    ),
    (
        losses.nll_loss,
        floats(2, 3),
        ints([0, 3]),
        tl.IndexOutOfRangeError,
        "nll_loss: class index 3 at (1,) is out of range for 3 classes",
    ),
    (
        losses.binary_cross_entropy,
        tl.tensor([0.5, 1.5]),
        floats(2),
        ValueError,
        "binary_cross_entropy: input must be from 0 to 1, got 1.5 at (1,): "
        "use binary_cross_entropy_with_logits for scores",
    ),
    (
        partial(cast(Any, losses.mse_loss), reduction="avg"),
        floats(2),
        floats(2),
        ValueError,
        "mse_loss: reduction must be 'mean', 'sum' or 'none', got 'avg'",
    ),
    (
        partial(losses.cross_entropy, label_smoothing=1.5),
        floats(2, 3),
        ints([0, 1]),
        ValueError,
        "cross_entropy: label_smoothing must be from 0 to 1, got 1.5",
    ),
    (
        partial(losses.huber_loss, delta=0),
        floats(2),
        floats(2),
        ValueError,
        "huber_loss: delta must be positive, got 0",
    ),
    (
        partial(losses.smooth_l1_loss, beta=-1),
        floats(2),
        floats(2),
        ValueError,
        "smooth_l1_loss: beta must be at least 0 and finite, got -1",
    ),
    (
        losses.cross_entropy,
        floats(4, 3),
        ints([0, 1]),
        tl.ShapeError,
        "cross_entropy: target must have shape (4,) for class indices or (4, 3) for "
        "probabilities, got (2,): 2 is not 4",
    ),
    (
        losses.cross_entropy,
        floats(),
        ints(0),
        tl.ShapeError,
        "cross_entropy: input must have a class dimension, got a scalar",
    ),
    (
        losses.cross_entropy,
        floats(2, 0),
        ints([0, 0]),
        tl.ShapeError,
        "cross_entropy: input must have at least one class, got shape (2, 0)",
    ),
    (
        losses.cross_entropy,
        floats(2, 3),
        ints([0, 3]),
        tl.IndexOutOfRangeError,
        "cross_entropy: class index 3 at (1,) is out of range for 3 classes",
    ),
    (
        losses.cross_entropy,
        floats(2, 1, 3),
        ints([[0], [-1]]),
        tl.IndexOutOfRangeError,
        "cross_entropy: class index -1 at (1, 0) is out of range for 3 classes",
    ),
    (
        losses.cross_entropy,
        floats(2, 3),
        floats(2),
        tl.DtypeError,
        "cross_entropy: class indices must be ints, got float32: use .astype(np.int64)",
    ),
    (
        losses.cross_entropy,
        floats(2, 3),
        tl.zeros((2,), np.bool),
        tl.DtypeError,
        "cross_entropy: class indices must be ints, got bool: use .astype(np.int64)",
    ),
    (
        losses.cross_entropy,
        floats(1, 3),
        ints([[0, 1, 0]]),
        tl.DtypeError,
        "cross_entropy: probabilities must be floats, got int64 of shape (1, 3): use "
        ".astype(np.float32), or class indices without the last axis",
    ),
    (
        losses.cross_entropy,
        ints([[0, 1]]),
        ints([0]),
        tl.DtypeError,
        "cross_entropy: expected a floating dtype, got int64: convert it with .astype(np.float32)",
    ),
    (
        losses.cross_entropy,
        floats(2, 3),
        [0, 1],
        TypeError,
        "cross_entropy: expected a tensor, got list: wrap it with tl.tensor(...)",
    ),
]


@pytest.mark.parametrize(("loss", "input", "target", "error", "text"), ERRORS)
def test_errors_leave_the_tape_in_place(
    loss: Any, input: Any, target: Any, error: type[Exception], text: str
) -> None:
    traced = input.traced()
    with pytest.raises(error) as raised:
        loss(traced, target)
    assert str(raised.value) == text
    assert traced.owns_tape
