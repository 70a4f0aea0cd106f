"""Normalization layers against PyTorch: results, gradients, running statistics, errors."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn, optim
from tests.from_torch import assert_equal_layers, assert_near, draw_weights, load_weights

LAYERS: list[tuple[Callable[[], Any], Callable[[], torch.nn.Module], tuple[int, ...]]] = [
    (lambda: nn.LayerNorm(5), lambda: torch.nn.LayerNorm(5), (5,)),
    (lambda: nn.LayerNorm(5), lambda: torch.nn.LayerNorm(5), (2, 3, 5)),
    (lambda: nn.LayerNorm(5, 0.5), lambda: torch.nn.LayerNorm(5, 0.5), (2, 3, 5)),
    (lambda: nn.LayerNorm(5, bias=False), lambda: torch.nn.LayerNorm(5, bias=False), (4, 5)),
    (
        lambda: nn.LayerNorm(5, elementwise_affine=False),
        lambda: torch.nn.LayerNorm(5, elementwise_affine=False),
        (4, 5),
    ),
    (lambda: nn.LayerNorm(3), lambda: torch.nn.LayerNorm(3), (1, 3)),
    (lambda: nn.RMSNorm(5), lambda: torch.nn.RMSNorm(5), (2, 3, 5)),
    (lambda: nn.RMSNorm(5, 0.5), lambda: torch.nn.RMSNorm(5, 0.5), (3, 5)),
    (
        lambda: nn.RMSNorm(5, elementwise_affine=False),
        lambda: torch.nn.RMSNorm(5, elementwise_affine=False),
        (3, 5),
    ),
    (lambda: nn.GroupNorm(2, 6), lambda: torch.nn.GroupNorm(2, 6), (3, 6)),
    (lambda: nn.GroupNorm(3, 6), lambda: torch.nn.GroupNorm(3, 6), (2, 6, 5)),
    (lambda: nn.GroupNorm(6, 6), lambda: torch.nn.GroupNorm(6, 6), (2, 6, 3, 4)),
    (lambda: nn.GroupNorm(1, 4, 0.5), lambda: torch.nn.GroupNorm(1, 4, 0.5), (1, 4, 3, 2, 2)),
    (
        lambda: nn.GroupNorm(2, 4, affine=False),
        lambda: torch.nn.GroupNorm(2, 4, affine=False),
        (2, 4, 3),
    ),
    (lambda: nn.BatchNorm1d(4), lambda: torch.nn.BatchNorm1d(4), (5, 4)),
    (lambda: nn.BatchNorm1d(4), lambda: torch.nn.BatchNorm1d(4), (3, 4, 5)),
    (lambda: nn.BatchNorm1d(4, 0.5, 0.3), lambda: torch.nn.BatchNorm1d(4, 0.5, 0.3), (1, 4, 5)),
    (
        lambda: nn.BatchNorm1d(4, affine=False),
        lambda: torch.nn.BatchNorm1d(4, affine=False),
        (6, 4),
    ),
    (
        lambda: nn.BatchNorm1d(4, momentum=None),
        lambda: torch.nn.BatchNorm1d(4, momentum=None),
        (6, 4),
    ),
    (lambda: nn.BatchNorm2d(3), lambda: torch.nn.BatchNorm2d(3), (2, 3, 4, 5)),
    (lambda: nn.BatchNorm2d(3), lambda: torch.nn.BatchNorm2d(3), (1, 3, 1, 2)),
]


@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS)
def test_layers_equal_pytorchs(
    ours: Callable[[], Any], theirs: Callable[[], torch.nn.Module], shape: tuple[int, ...]
) -> None:
    assert_equal_layers(ours(), theirs(), [shape])


@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS)
def test_layers_start_as_pytorchs(
    ours: Callable[[], Any], theirs: Callable[[], torch.nn.Module], shape: tuple[int, ...]
) -> None:
    model = ours()
    for path, array in theirs().state_dict().items():
        np.testing.assert_array_equal(dict(model.named_tensors())[path].numpy(), array.numpy())
    assert model.output_shape(shape) == shape


def t(*shape: int) -> Any:
    return tl.zeros(shape)


# Batch norm -------------------------------------------------------------------------------------


def batches(count: int, shape: tuple[int, ...] = (6, 4)) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.normal(i, i + 1, shape).astype(np.float32) for i in range(count)]


@pytest.mark.parametrize("momentum", [0.1, 0.5, 1.0, None])
def test_running_statistics_over_several_batches(momentum: float | None) -> None:
    layer: Any = nn.BatchNorm1d(4, momentum=momentum)
    reference = torch.nn.BatchNorm1d(4, momentum=momentum)
    for batch in batches(5):
        assert_near(layer(tl.tensor(batch).traced()).detach(), reference(torch.tensor(batch)))
        assert_near(layer.running_mean, reference.running_mean)  # type: ignore[arg-type]
        assert_near(layer.running_var, reference.running_var)  # type: ignore[arg-type]
    assert layer.num_batches_tracked.item() == 5
    reference.eval()
    assert_near(layer(tl.tensor(batches(1)[0])), reference(torch.tensor(batches(1)[0])))


@pytest.mark.parametrize("active", [True, False])
def test_active_overrides_the_tape(active: bool) -> None:
    layer: Any = nn.BatchNorm1d(4, active=active)
    reference = torch.nn.BatchNorm1d(4).train(active)
    for batch in batches(3):
        x = tl.tensor(batch)
        for operand in (x, x.traced()):
            assert_near(layer(operand).detach(), reference(torch.tensor(batch)))
    assert layer.num_batches_tracked.item() == (6 if active else 0)
    assert_near(layer.running_mean, reference.running_mean)  # type: ignore[arg-type]


def test_frozen_statistics_have_gradients() -> None:
    reference = torch.nn.BatchNorm2d(3)
    reference(torch.randn(4, 3, 2, 2))
    layer = nn.BatchNorm2d(3)
    load_weights(layer, reference)
    model: Any = nn.Sequential(layer)
    frozen = model.with_active(False)
    peer = torch.nn.Sequential(reference).eval()
    before = layer.running_mean.numpy().copy()
    x: Any = tl.randn((2, 3, 4, 5), rng=1)
    y = torch.tensor(x.numpy(), requires_grad=True)
    gradients = frozen(x.traced()).square().sum().backward()
    peer(y).square().sum().backward()
    assert y.grad is not None
    assert_near(gradients[x], y.grad)
    for mine, theirs in zip(model.parameters(), peer.parameters(), strict=True):
        assert theirs.grad is not None
        assert_near(gradients[mine], theirs.grad)
    np.testing.assert_array_equal(layer.running_mean.numpy(), before)


def test_with_active_shares_the_statistics() -> None:
    model: Any = nn.Sequential(nn.BatchNorm1d(4))
    model.with_active(True)(tl.tensor(batches(1)[0]))
    assert model[0].num_batches_tracked.item() == 1
    assert model[0].running_var.numpy().max() != 1


def test_a_tape_that_has_moved_is_an_error() -> None:
    x: Any = tl.ones((3, 4)).traced()
    x.sum()
    with pytest.raises(tl.TapeMovedError, match=r"^BatchNorm1d\(4\): the tape of this tensor"):
        nn.BatchNorm1d(4)(x)


def test_images_without_a_batch_and_with_several_batch_axes() -> None:
    layer: Any = nn.BatchNorm2d(3, active=True)
    x: Any = tl.randn((2, 5, 3, 4, 4), rng=0)
    flat = layer(x.reshape((10, 3, 4, 4)))
    np.testing.assert_allclose(layer(x).numpy().reshape(10, 3, 4, 4), flat.numpy(), atol=1e-6)
    assert layer(x[0, 0]).shape == (3, 4, 4)


def test_twenty_steps_of_training_equal_pytorchs(tmp_path: Path) -> None:
    model: Any = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 2)
    )
    peer = torch.nn.Sequential(
        torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(),
        torch.nn.LayerNorm(8), torch.nn.Linear(8, 2),
    )  # fmt: skip
    draw_weights(peer, np.random.default_rng(3))
    load_weights(model, peer)
    sgd, theirs = optim.SGD(model, lr=0.1), torch.optim.SGD(peer.parameters(), lr=0.1)
    for batch in batches(20, (16, 5)):
        sgd.update(model, model(tl.tensor(batch).traced()).square().mean().backward(model))
        theirs.zero_grad()
        peer(torch.tensor(batch)).square().mean().backward()
        theirs.step()
    peer.eval()
    (batch,) = batches(1, (16, 5))
    expected = peer(torch.tensor(batch)).detach().numpy()
    np.testing.assert_allclose(model(tl.tensor(batch)).numpy(), expected, rtol=1e-4, atol=1e-4)
    model.save(tmp_path / "model.npz")
    other = copy.deepcopy(model)
    other.reset_params(0)
    assert other[1].num_batches_tracked.item() == 0
    other.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(other(tl.tensor(batch)).numpy(), model(tl.tensor(batch)).numpy())


# Edges ------------------------------------------------------------------------------------------


def test_one_element_is_brought_to_zero_without_a_gradient() -> None:
    x: Any = tl.tensor([[3.0], [5.0]])
    for f in (tl.layer_norm, lambda x: tl.group_norm(x, 1), lambda x: tl.batch_norm(x, axis=0)):
        y = f(x.traced())
        assert y.tolist() == [[0], [0]]
        assert y.sum().backward()[x].tolist() == [[0], [0]]


@pytest.mark.parametrize("eps", [0.0, 1e-5])
def test_equal_elements(eps: float) -> None:
    x: Any = tl.full((2, 4), 3.0)
    y = tl.layer_norm(x, eps=eps).numpy()
    assert np.isnan(y).all() if eps == 0 else (y == 0).all()


def test_half_precision_is_measured_in_single() -> None:
    x: Any = tl.tensor(np.full((2, 4), 300.0) * [1, -1, 1, -1], np.float16)
    for y in (tl.layer_norm(x), tl.rms_norm(x), tl.group_norm(x, 2), tl.batch_norm(x)):
        assert y.dtype == np.float16
        assert np.isfinite(y.numpy()).all()
    gradient = tl.layer_norm(x.traced()).square().sum().backward()[x]
    assert gradient.dtype == np.float16


def test_no_elements() -> None:
    batch_norm = nn.BatchNorm2d(3)
    for layer, shape in (
        (nn.LayerNorm(3), (0, 3)), (nn.RMSNorm(3), (0, 3)), (nn.GroupNorm(1, 3), (0, 3, 2)),
        (nn.BatchNorm1d(3), (0, 3)), (batch_norm, (2, 3, 0, 4)),
    ):  # fmt: skip
        module: Any = layer
        x: Any = tl.zeros(shape)
        assert module(x).shape == shape
        y = module(x.traced())
        assert y.shape == shape
        assert y.sum().backward()[x].shape == shape
    assert batch_norm.num_batches_tracked.item() == 0
    assert batch_norm.running_mean.tolist() == [0, 0, 0]


def test_an_observer_is_told_the_statistics_of_each_channel() -> None:
    x: Any = tl.randn((4, 3, 5), rng=0)
    seen: list[Any] = []
    tl.batch_norm(x, observe=seen.append)
    np.testing.assert_allclose(seen[0].mean, x.numpy().mean((0, 2)), atol=1e-6)
    np.testing.assert_allclose(seen[0].var, x.numpy().var((0, 2)), atol=1e-6)


def test_weights_may_be_traced_while_the_operand_is_not() -> None:
    x: Any = tl.randn((2, 3), rng=0)
    weight: Any = tl.ones((3,))
    gradients = tl.layer_norm(x, weight.traced()).square().sum().backward()
    assert list(gradients) == [weight]


def test_sizes_may_be_numpys() -> None:
    size: Any = np.int64(4)
    two: Any = np.int32(2)
    for layer in (nn.LayerNorm(size), nn.GroupNorm(two, size), nn.BatchNorm1d(size)):
        assert layer(t(3, 4)).shape == (3, 4)
        assert layer.output_shape((3, 4)) == (3, 4)
        assert layer.label().endswith("4)")
    attention: Any = nn.MultiHeadAttention(size, two)
    assert attention(t(5, 4)).shape == (5, 4)
    encoder: Any = nn.TransformerEncoder(size, two, 1, 8)
    assert encoder(t(5, 4)).shape == (5, 4)


# Errors -----------------------------------------------------------------------------------------


def call(layer: Any, *operands: Any) -> Any:
    return layer(*operands)


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: call(nn.LayerNorm, 0),
        tl.ShapeError,
        "LayerNorm: normalized_shape must be positive, got 0",
    ),
    (
        lambda: call(nn.GroupNorm, 0, 4),
        tl.ShapeError,
        "GroupNorm: num_groups must be positive, got 0",
    ),
    (
        lambda: call(nn.GroupNorm, 3, 4),
        tl.ShapeError,
        "GroupNorm: num_channels must be a multiple of num_groups, got 4 and 3: "
        "4 is not a multiple of 3",
    ),
    (lambda: call(nn.RMSNorm, 2.5), TypeError, "RMSNorm: sizes must be ints, got 2.5"),
    (
        lambda: call(nn.BatchNorm2d, -1),
        tl.ShapeError,
        "BatchNorm2d: num_features must be positive, got -1",
    ),
    (
        lambda: call(nn.LayerNorm(4), t()),
        tl.ShapeError,
        "LayerNorm(4): expected last dimension 4, got a scalar",
    ),
    (
        lambda: call(nn.RMSNorm(4), t(4, 5)),
        tl.ShapeError,
        "RMSNorm(4): expected last dimension 4, got 5; try nn.RMSNorm(5)",
    ),
    (
        lambda: call(nn.GroupNorm(2, 4), t(4)),
        tl.ShapeError,
        "GroupNorm(2, 4): expected shape (B, 4, *Rest), got (4,): 1 dimension, not at least 2",
    ),
    (
        lambda: call(nn.BatchNorm1d(3), t(1, 3).traced()),
        tl.ShapeError,
        "BatchNorm1d(3): training needs more than one value for each channel, got shape (1, 3)",
    ),
    (
        lambda: call(nn.LayerNorm(3), tl.zeros((2, 3), np.float64)),
        tl.DtypeError,
        "layer_norm: dtypes must agree, got float64 and float32: "
        "convert one with .astype(np.float32) or .astype(np.float64)",
    ),
    (
        lambda: tl.layer_norm(t(2, 3, 4), t(4, 4)),
        tl.ShapeError,
        "layer_norm: expected shape (..., 4, 4), got (2, 3, 4): 3 is not 4",
    ),
    (
        lambda: tl.layer_norm(t(2, 3), t(3), t(2)),
        tl.ShapeError,
        "layer_norm: expected a bias of shape (3,), got (2,)",
    ),
    (
        lambda: tl.layer_norm(t(2, 3), None, t(2)),
        tl.ShapeError,
        "layer_norm: expected last dimension 2, got 3",
    ),
    (
        lambda: tl.layer_norm(t(2, 3), t()),
        tl.ShapeError,
        "layer_norm: expected a weight of at least one dimension, got a scalar",
    ),
    (
        lambda: tl.rms_norm(t()),
        tl.ShapeError,
        "rms_norm: expected at least one dimension, got a scalar",
    ),
    (
        lambda: tl.group_norm(t(2, 3), 2),
        tl.ShapeError,
        "group_norm: channels must be a multiple of num_groups, got 3 and 2: "
        "3 is not a multiple of 2",
    ),
    (
        lambda: tl.group_norm(t(2, 3), 0),
        tl.ShapeError,
        "group_norm: num_groups must be positive, got 0",
    ),
    (
        lambda: tl.group_norm(t(3), 1),
        tl.ShapeError,
        "group_norm: expected at least 2 dimensions, got shape (3,)",
    ),
    (
        lambda: tl.batch_norm(t(2, 3), t(2)),
        tl.ShapeError,
        "batch_norm: expected a weight of shape (3,), got (2,)",
    ),
    (
        lambda: tl.batch_norm(t(2, 3), axis=2),
        tl.IndexOutOfRangeError,
        "batch_norm: axis 2 is out of range for shape (2, 3): use -2 to 1",
    ),
    (
        lambda: call(tl.layer_norm, tl.tensor([1, 2])),
        tl.DtypeError,
        "layer_norm: expected a floating dtype, got int64: convert it with .astype(np.float32)",
    ),
    (
        lambda: call(tl.layer_norm, None),
        TypeError,
        "layer_norm: expected a tensor, got NoneType",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), ERRORS, ids=[text for *_, text in ERRORS])
def test_errors(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


def test_an_error_leaves_tape_and_statistics_alone() -> None:
    layer: Any = nn.BatchNorm1d(3)
    x: Any = tl.ones((2, 4)).traced()
    with pytest.raises(tl.ShapeError):
        layer(x)
    assert x.owns_tape
    assert layer.num_batches_tracked.item() == 0


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            (nn.Linear(4, 3), nn.LayerNorm(4)),
            "Sequential[1] LayerNorm(4): expected last dimension 4, "
            "got 3 from Sequential[0] Linear(4, 3); try nn.LayerNorm(3)",
        ),
        (
            (nn.LayerNorm(4), nn.ReLU(), nn.Linear(3, 2)),
            "Sequential[2] Linear(3, 2): expected last dimension 3, got 4 from Sequential[1] ReLU"
            "; try nn.Linear(4, 2)",
        ),
        (
            (nn.BatchNorm2d(3), nn.GroupNorm(1, 4)),
            None,
        ),
        (
            (nn.GroupNorm(1, 3), nn.BatchNorm1d(4)),
            "Sequential[1] BatchNorm1d(4): expected shape (B, 4, *Rest), got (?, 3, ...) from "
            "Sequential[0] GroupNorm(1, 3): 3 is not 4; try nn.BatchNorm1d(3)",
        ),
    ],
)
def test_members_of_a_chain_are_checked_when_it_is_built(
    members: tuple[Any, ...], text: str | None
) -> None:
    build: Any = nn.Sequential
    if text is None:
        build(*members)
        return
    with pytest.raises(tl.ShapeError) as raised:
        build(*members)
    assert str(raised.value) == text


def test_repr() -> None:
    layers = (nn.LayerNorm(4), nn.RMSNorm(4), nn.GroupNorm(2, 4), nn.BatchNorm1d(4))
    assert [repr(layer) for layer in layers] == [
        "LayerNorm(4)", "RMSNorm(4)", "GroupNorm(2, 4)", "BatchNorm1d(4)",
    ]  # fmt: skip
