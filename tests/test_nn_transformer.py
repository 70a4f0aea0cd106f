"""Transformers against PyTorch: results, all gradients, masks, tapes, training, drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn, optim
from tests.from_torch import assert_equal_layers, assert_near, draw_weights, load_weights

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")


def normal(*shape: int, seed: int = 0) -> Any:
    return tl.randn(shape, rng=seed)


def bools(*shape: int) -> Any:
    """A mask that leaves to each query its first key at least."""
    mask = np.random.default_rng(0).random(shape) < 0.6
    mask[..., 0] = True
    return mask


Activation = Literal["relu", "gelu"]
ALTERNATIVES = pytest.mark.parametrize(
    ("activation", "norm_first", "bias"),
    [("relu", False, True), ("gelu", True, True), ("relu", True, False), ("gelu", False, False)],
)


@ALTERNATIVES
def test_encoder_block_equals_pytorchs(
    activation: Activation, norm_first: bool, bias: bool
) -> None:
    options: dict[str, Any] = {"norm_first": norm_first, "bias": bias}
    block = nn.TransformerEncoderBlock(8, 2, 16, 0.0, activation, 1e-3, **options)
    reference = torch.nn.TransformerEncoderLayer(
        8, 2, 16, 0.0, activation, 1e-3, batch_first=True, **options
    )
    assert_equal_layers(block, reference, [(3, 5, 8)])


@ALTERNATIVES
def test_decoder_block_equals_pytorchs(
    activation: Activation, norm_first: bool, bias: bool
) -> None:
    options: dict[str, Any] = {"norm_first": norm_first, "bias": bias}
    block = nn.TransformerDecoderBlock(8, 2, 16, 0.0, activation, 1e-3, **options)
    reference = torch.nn.TransformerDecoderLayer(
        8, 2, 16, 0.0, activation, 1e-3, batch_first=True, **options
    )
    assert_equal_layers(block, reference, [(3, 5, 8), (3, 4, 8)])


@pytest.mark.parametrize("norm", [True, False])
def test_encoder_and_decoder_equal_pytorchs(norm: bool) -> None:
    encoder = torch.nn.TransformerEncoder(
        torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True),
        3,
        torch.nn.LayerNorm(8) if norm else None,
        enable_nested_tensor=False,
    )
    assert_equal_layers(nn.TransformerEncoder(8, 2, 3, 16, 0.0, norm=norm), encoder, [(3, 5, 8)])
    decoder = torch.nn.TransformerDecoder(
        torch.nn.TransformerDecoderLayer(8, 2, 16, 0.0, batch_first=True),
        3,
        torch.nn.LayerNorm(8) if norm else None,
    )
    assert_equal_layers(
        nn.TransformerDecoder(8, 2, 3, 16, 0.0, norm=norm), decoder, [(3, 5, 8), (3, 4, 8)]
    )


def torch_transformer(**options: Any) -> torch.nn.Transformer:
    return torch.nn.Transformer(8, 2, 2, 2, 16, 0.0, batch_first=True, **options)


@ALTERNATIVES
def test_transformer_equals_pytorchs(activation: Activation, norm_first: bool, bias: bool) -> None:
    options: dict[str, Any] = {"norm_first": norm_first, "bias": bias}
    model = nn.Transformer(8, 2, 2, 2, 16, 0.0, activation, **options)
    reference = torch_transformer(activation=activation, **options)
    assert_equal_layers(model, reference, [(3, 5, 8), (3, 4, 8)])


def test_transformer_with_masks_equals_pytorchs() -> None:
    encoder, cross = bools(5, 5), bools(4, 5)
    assert_equal_layers(
        nn.Transformer(8, 2, 2, 2, 16, 0.0),
        torch_transformer(),
        [(3, 5, 8), (3, 4, 8)],
        ours=lambda model, src, tgt: model(
            src, tgt, encoder_mask=tl.tensor(encoder), cross_mask=tl.tensor(cross), is_causal=True
        ),
        theirs=lambda model, src, tgt: model(
            src,
            tgt,
            src_mask=torch.tensor(~encoder),
            memory_mask=torch.tensor(~cross),
            tgt_mask=torch.tensor(~np.tri(4, dtype=bool)),
        ),
    )


def test_a_causal_decoder_does_not_look_ahead() -> None:
    model: Any = nn.Transformer(8, 2, 1, 2, 16, 0.0, rng=0)
    src, tgt = normal(5, 8), normal(4, 8, seed=1).numpy().copy()
    before = model(src, tl.tensor(tgt), is_causal=True).numpy()
    tgt[2:] += 1
    after = model(src, tl.tensor(tgt), is_causal=True).numpy()
    np.testing.assert_array_equal(after[:2], before[:2])
    assert (after[2:] != before[2:]).all()


def test_a_trained_mask_has_a_gradient_through_all_blocks() -> None:
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
    reference = torch.nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    assert_equal_layers(
        nn.TransformerEncoder(8, 2, 3, 16, 0.0),
        reference,
        [(2, 5, 8), (5, 5)],
        ours=lambda model, x, mask: model(x, mask=mask),
        theirs=lambda model, x, mask: model(x, mask=mask),
    )


@pytest.mark.parametrize("place", [0, 1])
def test_a_tape_on_one_sequence_records_everything(place: int) -> None:
    reference = torch_transformer()
    draw_weights(reference, np.random.default_rng(0))
    model: Any = nn.Transformer(8, 2, 2, 2, 16, 0.0)
    load_weights(model, reference)
    operands = [normal(3, 5, 8), normal(3, 4, 8, seed=1)]
    peers = [torch.tensor(x.numpy()) for x in operands]
    leaf = operands[place]
    operands[place] = leaf.traced()
    gradients = model(*operands).square().sum().backward()
    reference(*peers).square().sum().backward()
    assert set(gradients) == {leaf, *model.parameters()}
    for (path, mine), theirs in zip(model.named_parameters(), reference.parameters(), strict=True):
        assert theirs.grad is not None
        assert_near(gradients[mine], theirs.grad, path)


def test_ten_steps_of_training_equal_pytorchs() -> None:
    model: Any = nn.Transformer(8, 2, 1, 1, 16, 0.0)
    reference = torch.nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True)
    load_weights(model, reference)
    ours = optim.SGD(model, lr=0.05)
    theirs = torch.optim.SGD(reference.parameters(), lr=0.05)
    rng = np.random.default_rng(0)
    for _ in range(10):
        src, tgt, wanted = (rng.normal(size=(3, 5, 8)).astype(np.float32) for _ in range(3))
        y = model(tl.tensor(src).traced(), tl.tensor(tgt))
        loss = (y - tl.tensor(wanted)).square().mean()
        ours.update(model, loss.backward(model))
        theirs.zero_grad()
        expected = (reference(torch.tensor(src), torch.tensor(tgt)) - torch.tensor(wanted)) ** 2
        expected.mean().backward()
        theirs.step()
        assert loss.item() == pytest.approx(expected.mean().item(), rel=1e-4)


# Drawing ----------------------------------------------------------------------------------------


def test_transformer_starts_as_pytorchs_does() -> None:
    model: Any = nn.Transformer(32, 4, 1, 1, 64, rng=0)
    torch.manual_seed(0)
    reference = torch.nn.Transformer(32, 4, 1, 1, 64)
    theirs = dict(reference.named_parameters())
    for path, parameter in model.named_parameters():
        drawn, wanted = parameter.numpy(), theirs[path].detach().numpy()
        assert np.abs(drawn).max() == pytest.approx(np.abs(wanted).max(), rel=0.15), path
        assert drawn.mean() == pytest.approx(wanted.mean(), abs=0.05), path


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: nn.MultiHeadAttention(8, 2, rng=rng),
        lambda rng: nn.MultiHeadAttention(8, 2, kdim=3, rng=rng),
        lambda rng: nn.TransformerEncoder(8, 2, 2, 16, rng=rng),
        lambda rng: nn.TransformerDecoder(8, 2, 2, 16, rng=rng),
        lambda rng: nn.Transformer(8, 2, 1, 1, 16, rng=rng),
    ],
)
def test_reset_params_draws_what_constructing_drew(make: Callable[[Any], nn.Module]) -> None:
    model, other = make(5), make(6)
    other.reset_params(5)
    pairs = zip(model.named_tensors(), other.named_tensors(), strict=True)
    for (path, mine), (_, theirs) in pairs:
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy(), err_msg=path)


def test_blocks_of_an_encoder_differ() -> None:
    first, second = nn.TransformerEncoder(8, 2, 2, 16, rng=0).layers
    assert (first.linear1.weight.numpy() != second.linear1.weight.numpy()).all()
