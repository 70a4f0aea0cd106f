"""Elementwise ops over more elements than one block, and what they choose without branches."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib.ops.blocks import BLOCK, where_positive
from tensorlib.ops.special import erf_of

SIZES = (1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7)
OPS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "relu": (tl.relu, torch.relu),
    "sigmoid": (tl.sigmoid, torch.sigmoid),
    "silu": (tl.silu, torch.nn.functional.silu),
    "gelu": (tl.gelu, torch.nn.functional.gelu),
    "gelu tanh": (
        lambda x: tl.gelu(x, "tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPS)
def test_every_block_is_computed(name: str, dtype: str, size: int) -> None:
    ours, theirs = OPS[name]
    data = np.random.default_rng(size).normal(scale=3, size=size).astype(dtype)
    weights = np.random.default_rng(1).normal(size=size).astype(dtype)
    x = tl.from_numpy(data)
    y = ours(x.traced())
    reference = torch.from_numpy(data.copy()).requires_grad_()
    expected = theirs(reference)
    precision = 1e-5 if dtype == "float32" else 1e-12
    close = partial(np.testing.assert_allclose, rtol=precision, atol=precision)
    close(y.numpy(), expected.detach().numpy())
    (expected * torch.from_numpy(weights)).sum().backward()
    gradient = (y * tl.from_numpy(weights)).sum().backward()[x]
    assert reference.grad is not None
    close(gradient.numpy(), reference.grad.numpy())


@pytest.mark.parametrize("name", OPS)
def test_operands_need_not_be_contiguous(name: str) -> None:
    data = np.random.default_rng(0).normal(size=(300, 400)).astype(np.float32)
    x = tl.from_numpy(data)
    ours, _ = OPS[name]
    turned = ours(x.T.traced()).T
    np.testing.assert_array_equal(turned.numpy(), ours(x).numpy())
    weights = np.random.default_rng(1).normal(size=data.shape).astype(np.float32)
    w = tl.from_numpy(weights)
    straight = (ours(x.traced()) * w).sum().backward()[x]
    around = (ours(x.traced().T) * w.T).sum().backward()[x]
    np.testing.assert_array_equal(straight.numpy(), around.numpy())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_not_chosen_does_not_matter(dtype: str) -> None:
    x = np.array([1.0, 0.0, -0.0, -1.0, np.nan, np.inf, -np.inf], dtype)
    for given in (np.inf, -np.inf, np.nan, -0.0, 2.5):
        found = where_positive(x, np.full(x.shape, given, dtype))
        expected = np.where(x > 0, np.asarray(given, dtype), 0)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == dtype


def test_relu_of_special_values() -> None:
    x = tl.tensor([np.nan, np.inf, -np.inf, -0.0, -1.0, 1e-45])
    np.testing.assert_array_equal(x.relu().numpy(), np.maximum(x.numpy(), np.float32(0)))


def test_the_error_function_is_precise_in_float32() -> None:
    x = np.concatenate([np.linspace(-6, 6, 200_001), np.geomspace(1e-30, 1, 1000)])
    x = x.astype(np.float32)
    expected = np.array([math.erf(each) for each in x.tolist()])
    units = np.spacing(np.abs(expected).astype(np.float32))
    assert np.max(np.abs(erf_of(x) - expected) / units) < 4
    special = np.array([np.inf, -np.inf, np.nan, 0.0], np.float32)
    np.testing.assert_array_equal(erf_of(special), np.array([1, -1, np.nan, 0], np.float32))


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("kind", ["distinct", "equal", "with NaN"])
def test_topk_of_many_is_as_of_few(kind: str, largest: bool) -> None:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(6, 400)).astype(np.float32)
    if kind == "equal":
        data = np.round(data)
    if kind == "with NaN":
        data[rng.random(data.shape) < 0.02] = np.nan
    for axis in (0, 1, -1):
        x = tl.from_numpy(data if axis else data.T.copy())
        for k in (1, 3, 40):
            values, indices = x.topk(k, axis, largest)
            order = x.argsort(axis, largest).numpy()
            np.testing.assert_array_equal(indices.numpy(), np.take(order, range(k), axis))
            chosen = np.take_along_axis(x.numpy(), indices.numpy(), axis)
            np.testing.assert_array_equal(values.numpy(), chosen)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_logits_and_cotangents_of_cross_entropy_need_not_be_contiguous(
    label_smoothing: float,
) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(5, 4, 3)).astype(np.float32)
    classes = rng.integers(0, 5, (3, 4))
    weights = rng.normal(size=(4, 3)).astype(np.float32)
    x = tl.from_numpy(logits).expect_shape((5, 4, 3))
    y = tl.from_numpy(classes).expect_shape((3, 4))
    w = tl.from_numpy(weights).expect_shape((4, 3))

    def gradient(
        turned: tl.Tensor[tl.Shape[3, 4, 5]], like: tl.Tensor[tl.Shape[3, 4]]
    ) -> np.ndarray[Any, Any]:
        loss = tl.losses.cross_entropy(
            turned.traced(), y, reduction="none", label_smoothing=label_smoothing
        )
        return (loss * like).sum().backward()[turned].numpy()

    whole = tl.from_numpy(logits.transpose(2, 1, 0).copy()).expect_shape((3, 4, 5))
    expected = gradient(whole, tl.from_numpy(weights.T.copy()).expect_shape((3, 4)))
    np.testing.assert_array_equal(gradient(x.permute((2, 1, 0)), w.T), expected)
    reference = torch.from_numpy(logits.transpose(2, 1, 0).copy()).requires_grad_()
    losses: Any = torch.nn.functional.cross_entropy(
        reference.reshape(-1, 5),
        torch.from_numpy(classes.reshape(-1)),
        reduction="none",
        label_smoothing=label_smoothing,
    )
    (losses * torch.from_numpy(weights.T.reshape(-1).copy())).sum().backward()
    assert reference.grad is not None
    np.testing.assert_allclose(expected, reference.grad.numpy(), rtol=1e-5, atol=1e-6)
