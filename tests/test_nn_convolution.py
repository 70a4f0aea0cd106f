"""Layers over sequences and images: against PyTorch's layers, and what they refuse."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.shapes.dim import ANY, UNKNOWN, symbol
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack

Array = np.ndarray[Any, np.dtype[Any]]
PAIRS: list[tuple[Callable[[], nn.Module], Callable[[], torch.nn.Module], tuple[int, ...]]] = [
    (lambda: nn.Conv1d(3, 4, 5), lambda: torch.nn.Conv1d(3, 4, 5), (2, 3, 9)),
    (
        lambda: nn.Conv1d(4, 6, 3, 2, "valid", 2, 2, bias=False),
        lambda: torch.nn.Conv1d(4, 6, 3, 2, "valid", 2, 2, bias=False),
        (4, 11),
    ),
    (lambda: nn.Conv2d(1, 8, 5), lambda: torch.nn.Conv2d(1, 8, 5), (3, 1, 8, 9)),
    (
        lambda: nn.Conv2d(4, 6, (3, 1), (2, 1), (1, 2), (1, 2), 2),
        lambda: torch.nn.Conv2d(4, 6, (3, 1), (2, 1), (1, 2), (1, 2), 2),
        (2, 4, 6, 5),
    ),
    (
        lambda: nn.Conv2d(4, 8, 3, padding="same", groups=4, bias=False),
        lambda: torch.nn.Conv2d(4, 8, 3, padding="same", groups=4, bias=False),
        (2, 4, 5, 1),
    ),
    (lambda: nn.Conv2d(5, 3, 1), lambda: torch.nn.Conv2d(5, 3, 1), (2, 5, 4, 4)),
    (
        lambda: nn.ConvTranspose2d(3, 4, 4, 2, 1),
        lambda: torch.nn.ConvTranspose2d(3, 4, 4, 2, 1),
        (2, 3, 5, 4),
    ),
    (
        lambda: nn.ConvTranspose2d(4, 6, (3, 2), (3, 2), 1, (2, 1), 2, 2, bias=False),
        lambda: torch.nn.ConvTranspose2d(4, 6, (3, 2), (3, 2), 1, (2, 1), 2, False, 2),
        (4, 3, 4),
    ),
    (lambda: nn.MaxPool1d(2), lambda: torch.nn.MaxPool1d(2), (2, 3, 7)),
    (lambda: nn.MaxPool2d(3, 2, 1), lambda: torch.nn.MaxPool2d(3, 2, 1), (2, 3, 7, 6)),
    (lambda: nn.MaxPool2d((2, 1), 1, 0, 2), lambda: torch.nn.MaxPool2d((2, 1), 1, 0, 2), (3, 7, 6)),
    (lambda: nn.AvgPool1d(3, 2, 1), lambda: torch.nn.AvgPool1d(3, 2, 1), (3, 7)),
    (
        lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        lambda: torch.nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        (2, 3, 7, 6),
    ),
    (lambda: nn.AdaptiveAvgPool2d(3), lambda: torch.nn.AdaptiveAvgPool2d(3), (2, 3, 7, 5)),
    (
        lambda: nn.AdaptiveMaxPool2d((None, 2)),
        lambda: torch.nn.AdaptiveMaxPool2d((None, 2)),
        (2, 3, 7, 5),
    ),
    (lambda: nn.Upscale2d(7), lambda: torch.nn.Upsample(7), (2, 3, 4, 5)),
    (
        lambda: nn.Upscale2d(scale_factor=2, mode="bilinear", align_corners=True),
        lambda: torch.nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        (2, 3, 4, 1),
    ),
]


def load(layer: Any, theirs: torch.nn.Module) -> None:
    """Give our layer the parameters of PyTorch's."""
    named = dict(theirs.named_parameters())
    assert [path for path, _ in layer.named_parameters()] == list(named)
    for path, parameter in layer.named_parameters():
        parameter.write(named[path].detach().numpy(), "test")


@pytest.mark.parametrize(("ours", "theirs", "shape"), PAIRS)
def test_a_layer_is_pytorchs(
    ours: Callable[[], Any], theirs: Callable[[], torch.nn.Module], shape: tuple[int, ...]
) -> None:
    layer, reference = ours(), theirs()
    load(layer, reference)
    x: Any = tl.randn(shape, rng=7)
    operand = torch.tensor(x.numpy().copy(), requires_grad=True)
    expected = reference(operand)
    result = layer(x.traced())
    np.testing.assert_allclose(result.numpy(), expected.detach().numpy(), rtol=1e-5, atol=1e-5)
    assert layer.output_shape(shape) == result.shape
    gradients = result.exp().mean().backward()
    expected.exp().mean().backward()
    assert operand.grad is not None
    np.testing.assert_allclose(gradients[x].numpy(), operand.grad.numpy(), rtol=2e-4, atol=1e-6)
    for path, parameter in layer.named_parameters():
        slope = dict(reference.named_parameters())[path].grad
        assert slope is not None
        np.testing.assert_allclose(
            gradients[parameter].numpy(), slope.numpy(), rtol=2e-4, atol=1e-6, err_msg=path
        )


@pytest.mark.parametrize(
    ("layer", "op"),
    [
        (nn.MinPool2d(2), lambda x: tl.min_pool2d(x, 2)),
        (nn.GlobalAvgPool2d(), lambda x: x.mean((-2, -1))),
        (nn.GlobalMaxPool2d(), lambda x: x.max((-2, -1))),
        (nn.GlobalMinPool2d(), lambda x: x.min((-2, -1))),
    ],
)
def test_layers_that_pytorch_lacks_are_ops(layer: Any, op: Callable[[Any], Any]) -> None:
    x: Any = tl.randn((2, 3, 5, 6), rng=0)
    np.testing.assert_allclose(layer(x).numpy(), op(x).numpy(), rtol=1e-6)
    assert layer.output_shape(x.shape) == layer(x).shape


@pytest.mark.parametrize(
    "layer",
    [pair[0]() for pair in PAIRS]
    + [nn.MinPool2d(2), nn.GlobalAvgPool2d(), nn.GlobalMaxPool2d(), nn.GlobalMinPool2d()],
    ids=lambda layer: layer.label(),
)
def test_an_empty_batch_is_fine(layer: Any) -> None:
    channels = getattr(layer, "in_channels", 3)
    dims = (9,) if type(layer).__name__.endswith("1d") else (9, 8)
    x: Any = tl.zeros((0, channels, *dims))
    result = layer(x.traced())
    assert result.shape == layer.output_shape(x.shape)
    assert result.shape[0] == 0
    gradients = result.sum().backward()
    assert gradients[x].shape == x.shape
    for parameter in layer.parameters():
        assert not gradients[parameter].numpy().any()


def test_any_number_of_batch_axes() -> None:
    layer: Any = nn.Conv2d(3, 4, 3, rng=0)
    x: Any = tl.randn((2, 5, 3, 6, 7), rng=1)
    each = [[layer(x[i, j]).numpy() for j in range(5)] for i in range(2)]
    np.testing.assert_allclose(layer(x).numpy(), each, rtol=1e-5, atol=1e-6)


def test_parameters_are_drawn_as_pytorchs() -> None:
    layers: tuple[tuple[Any, int], ...] = (
        (nn.Conv2d(8, 64, (3, 5), groups=2, rng=0), 4 * 15),
        (nn.Conv1d(8, 64, 9, rng=0), 8 * 9),
        (nn.ConvTranspose2d(16, 64, 3, groups=2, rng=0), 32 * 9),
    )
    for layer, fan_in in layers:
        limit = 1 / np.sqrt(fan_in)
        for parameter in layer.parameters():
            values = parameter.numpy()
            assert np.abs(values).max() <= limit
            assert np.abs(values).max() > 0.9 * limit
        assert abs(layer.weight.numpy().mean()) < 0.05 * limit


def test_the_same_seed_draws_the_same() -> None:
    first, second = nn.Conv2d(2, 3, 3, rng=5), nn.Conv2d(2, 3, 3, rng=5)
    np.testing.assert_array_equal(first.weight.numpy(), second.weight.numpy())
    second.reset_params(6)
    assert not np.array_equal(first.weight.numpy(), second.weight.numpy())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies(copied: Callable[[Any], Any]) -> None:
    layer: Any = nn.Conv2d(1, 2, 3, rng=0)
    other, x = copied(layer), tl.randn((1, 5, 5), rng=0)
    np.testing.assert_array_equal(other(x).numpy(), layer(x).numpy())


@pytest.mark.parametrize(
    ("layer", "label"),
    [
        (nn.Conv2d(1, 8, 5), "Conv2d(1, 8, 5)"),
        (nn.Conv2d(1, 8, 5, stride=2), "Conv2d(1, 8, 5, 2)"),
        (nn.Conv2d(1, 8, (5, 3), padding="same"), "Conv2d(1, 8, (5, 3), 1, 'same')"),
        (nn.Conv2d(4, 8, 5, groups=4), "Conv2d(4, 8, 5, 1, 0, 1, 4)"),
        (nn.MaxPool2d(2), "MaxPool2d(2)"),
        (nn.AvgPool2d(2, padding=1), "AvgPool2d(2, None, 1)"),
        (nn.GlobalAvgPool2d(), "GlobalAvgPool2d"),
        (nn.Upscale2d(scale_factor=2), "Upscale2d(None, 2)"),
    ],
)
def test_labels(layer: nn.Module, label: str) -> None:
    assert layer.label() == label


Net: TypeAlias = nn.Sequential[
    nn.Conv2d[Literal[1], Literal[4], Literal[3]],
    nn.ReLU,
    nn.MaxPool2d[Literal[2]],
    nn.Flatten,
    nn.Linear[Literal[16], Literal[2]],
]


Same: TypeAlias = nn.Conv2d[
    Literal[1], Literal[2], tuple[Literal[3], Literal[1]], Literal[1], Literal["same"]
]


def test_built_from_words_and_pairs() -> None:
    assert nn.build(Same, rng=0).label() == "Conv2d(1, 2, (3, 1), 1, 'same')"
    pool = nn.AdaptiveAvgPool2d[tuple[None, Literal[4]]]
    assert nn.build(pool).label() == "AdaptiveAvgPool2d((None, 4))"


def test_built_from_a_type_and_trained() -> None:
    model: Any = nn.build(Net, rng=0)
    assert repr(model[0]) == "Conv2d(1, 4, 3)"
    x, target = tl.randn((8, 1, 6, 6), rng=1), tl.randn((8, 2), rng=2)
    optimizer = tl.optim.Adam(model, lr=1e-2)
    losses = []
    for _ in range(30):
        loss = tl.losses.mse_loss(model(x.traced()), target)
        losses.append(loss.item())
        optimizer.update(model, loss.backward(wrt=model))
    assert losses[-1] < losses[0] / 4


def test_a_wrong_dtype_names_the_op() -> None:
    with pytest.raises(tl.DtypeError, match=r"^conv2d: dtypes must agree, got float64 and float32"):
        nn.Conv2d(1, 2, 3)(cast(Any, tl.zeros((1, 5, 5), np.float64)))


untyped: Any = nn


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: untyped.Conv2d(1.5, 8, 5), "Conv2d: expected in_channels as an int, got 1.5"),
        (lambda: untyped.Conv2d(1, 8, "5"), "Conv2d: expected kernel_size as ints, got '5'"),
        (lambda: untyped.MaxPool2d(2, 1.5), "MaxPool2d: expected stride as ints, got 1.5"),
        (lambda: untyped.AdaptiveAvgPool2d(None),
         "AdaptiveAvgPool2d: expected output_size as ints, got None"),
        (lambda: untyped.MaxPool2d(2)(np.zeros((1, 4, 4))),
         "MaxPool2d(2): expected a tensor, got ndarray: wrap it with tl.tensor(...)"),
    ],
)  # fmt: skip
def test_wrong_types(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: untyped.Conv2d(0, 8, 5), "Conv2d(0, 8, 5): in_channels must be at least 1, got 0"),
        (lambda: untyped.Conv2d(1, 8, 0), "Conv2d(1, 8, 0): kernel_size must be at least 1, got 0"),
        (lambda: untyped.Conv2d(1, 8, (3, 3, 3)),
         "Conv2d(1, 8, (3, 3, 3)): expected an int or 2 of them for kernel_size, got (3, 3, 3)"),
        (lambda: untyped.Conv1d(1, 8, (3, 3)),
         "Conv1d(1, 8, (3, 3)): expected one int for kernel_size, got (3, 3)"),
        (lambda: untyped.Conv2d(1, 8, 3, padding=-1),
         "Conv2d(1, 8, 3, 1, -1): padding must not be negative, got -1"),
        (lambda: untyped.Conv2d(1, 8, 3, padding="full"),
         "Conv2d(1, 8, 3, 1, 'full'): padding must be ints, \"same\" or \"valid\", got 'full'"),
        (lambda: untyped.Conv2d(1, 8, 3, groups=0),
         "Conv2d(1, 8, 3, 1, 0, 1, 0): groups must be at least 1, got 0"),
        (lambda: untyped.Upscale2d(),
         "Upscale2d(None, None): expected either size or scale_factor, got neither"),
    ],
)  # fmt: skip
def test_arguments_out_of_range(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(tl.ShapeError) as caught:
        make()
    assert str(caught.value) == text


def test_ties_go_to_the_first() -> None:
    x: Any = tl.tensor([[[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]])
    for pool in (nn.MaxPool2d(2, 1), nn.AdaptiveMaxPool2d((1, 2))):
        assert pool(x.traced()).sum().backward()[x].tolist() == [[[1, 1, 0], [0, 0, 0]]]
    assert nn.MinPool2d(2)(-x.traced()).sum().backward()[x].tolist() == [[[-1, 0, 0], [0, 0, 0]]]
    assert nn.GlobalMaxPool2d()(x.traced()).sum().backward()[x].tolist()[0][0] == [1, 0, 0]


def test_infinities_and_nan() -> None:
    low: Any = tl.full((1, 2, 2), -np.inf)
    y = nn.MaxPool2d(2, 2, 1)(low.traced())
    assert y.tolist() == [[[-np.inf] * 2] * 2]
    assert y.sum().backward()[low].tolist() == [[[1, 1], [1, 1]]]
    x: Any = tl.tensor([[[np.nan, 2.0], [3.0, 4.0]]])
    y = nn.MaxPool2d(2)(x.traced())
    assert np.isnan(y.item())
    assert y.sum().backward()[x].tolist() == [[[1, 0], [0, 0]]]
    assert x.upscale2d(4).numpy()[0, 0].tolist()[2:] == [2, 2]


def test_padding_of_ints_is_no_number() -> None:
    x: Any = tl.tensor([[[-5, -7], [-6, -8]]])
    assert nn.MaxPool2d(2, 1, 1)(x).numpy()[0, 0].tolist() == [-5, -5, -7]
    assert nn.MinPool2d(2, 1, 1)(-x).numpy()[0, 0].tolist() == [5, 5, 7]
    flags: Any = tl.tensor([[[False, True], [False, False]]])
    assert nn.MaxPool2d(2, 1, 1)(flags).numpy()[0, 2].tolist() == [False, False, False]


def test_half_precision_adds_up_in_single() -> None:
    x: Any = tl.full((1, 64, 64), 64.0, np.float16)
    assert tl.avg_pool2d(x, 64).item() == 64
    assert x.global_avg_pool2d().item() == 64
    assert x.adaptive_avg_pool2d(1).item() == 64
    ones: Any = tl.ones((1, 1, 64, 64), np.float16)
    y = tl.conv2d(tl.full((1, 64, 64), 0.3, np.float16), ones)
    assert y.dtype == np.float16
    assert y.item() == np.float16(np.float32(np.float16(0.3)) * 4096)


def test_large_batches_are_computed_in_blocks() -> None:
    """More numbers than are laid out at a time."""
    x: Any = tl.randn((300, 4, 12, 12), rng=0)
    layer: Any = nn.Conv2d(4, 6, 5, padding=2, groups=2, rng=1)
    gradients = (layer(x.traced()) * 0.5).sum().backward()
    parts = [(layer(x[i : i + 1].traced()) * 0.5).sum().backward() for i in range(300)]
    total = sum(part[layer.weight].numpy().astype(np.float64) for part in parts)
    np.testing.assert_allclose(gradients[layer.weight].numpy(), total, rtol=1e-3, atol=1e-2)
    first: Any = x[:1]
    alone = (layer(first.traced()) * 0.5).sum().backward()[first]
    np.testing.assert_allclose(gradients[x].numpy()[:1], alone.numpy(), rtol=1e-4, atol=1e-5)


def test_modes() -> None:
    mode: Any = "cubic"
    with pytest.raises(ValueError, match=r'^Upscale2d: mode must be "nearest" or "bilinear", got'):
        nn.Upscale2d(2, mode=mode)
    with pytest.raises(ValueError, match=r'^upscale2d: align_corners is for the mode "bilinear"'):
        tl.zeros((1, 2, 2)).upscale2d(2, align_corners=True)


N, M = symbol("N"), symbol("M")


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (nn.Conv2d(1, 8, 5), (N, 1, 2 * M + 4, 28), (N, 8, 2 * M, 24)),
        (nn.Conv2d(1, 8, 3, 2, 1), (1, N, M), None),
        (nn.Conv2d(1, 8, 3, 2, 1), (1, 2 * N, M), (8, N, (M - 1) // 2 + 1)),
        (nn.Conv2d(1, 8, 5), (Pack("B"), 1, 28, UNKNOWN), (Pack("B"), 8, 24, UNKNOWN)),
        (nn.Conv2d(1, 8, 5), (UNKNOWN_DIMS, 1, UNKNOWN, 9), (UNKNOWN_DIMS, 8, UNKNOWN, 5)),
        (nn.Conv2d(1, 8, 5), (ANY_DIMS, 28), (ANY_DIMS, 8, ANY, 24)),
        (nn.MaxPool2d(2), (Pack("B"), 9), (UNKNOWN_DIMS, UNKNOWN, UNKNOWN, 4)),
        (nn.MaxPool2d(2), (3, 4 * N, 2 * M + 2), (3, 2 * N, M + 1)),
        (nn.ConvTranspose2d(3, 4, 2, 2), (3, N, M), (4, 2 * N, 2 * M)),
        (nn.AdaptiveAvgPool2d((None, 7)), (3, N, M), (3, N, 7)),
        (nn.GlobalAvgPool2d(), (N, 3, N, M), (N, 3)),
        (nn.Upscale2d(scale_factor=2), (3, N, M), (3, 2 * N, 2 * M)),
        (nn.Upscale2d(scale_factor=1.5), (3, N, 4), (3, UNKNOWN, 6)),
    ],
)
def test_shapes_with_symbols(layer: nn.Module, x: Any, expected: Any) -> None:
    if expected is None:
        expected = (8, (N - 1) // 2 + 1, (M - 1) // 2 + 1)
        x = (1, N, M)
    assert layer.output_shape(x) == expected


@pytest.mark.parametrize("x", [(UNKNOWN_DIMS,), (Pack("B"), 9), (2, UNKNOWN, 9, 9)], ids=str)
@pytest.mark.parametrize("layer", [nn.Conv2d(1, 8, 5), nn.ConvTranspose2d(1, 8, 5)])
def test_unknown_channels_must_be_stated(layer: nn.Module, x: Any) -> None:
    with pytest.raises(tl.ShapeError, match=r"expected 1 channels?, got .*expect_shape") as caught:
        layer.output_shape(x)
    assert caught.value.unproven


def test_symbols_that_may_be_too_small_are_refused() -> None:
    with pytest.raises(tl.ShapeError) as caught:
        nn.Conv2d(1, 8, 5).output_shape((1, N + 3, M + 4))
    assert str(caught.value) == (
        "Conv2d(1, 8, 5): the kernel must fit into the padded operand, got shape (1, N + 3, M + 4):"
        ' 5 may be more than N + 3, declare a size that suffices, such as "N + 4"'
    )
