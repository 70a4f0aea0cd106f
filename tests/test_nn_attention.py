"""Attention against PyTorch: results, all gradients, masks, dropout; errors of transformers too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.testing import check_grads
from tests.from_torch import Shape, assert_equal_layers, assert_near, draw_weights, load_weights


def t(*shape: int) -> Any:
    return tl.zeros(shape)


def normal(*shape: int, seed: int = 0) -> Any:
    return tl.randn(shape, rng=seed)


def bools(*shape: int) -> Any:
    """A mask that leaves to each query its first key at least."""
    mask = np.random.default_rng(0).random(shape) < 0.6
    mask[..., 0] = True
    return mask


def peer(**options: Any) -> torch.nn.MultiheadAttention:
    return torch.nn.MultiheadAttention(8, 2, batch_first=True, **options)


def attend(reference: Any, query: Any, key: Any = None, value: Any = None, **options: Any) -> Any:
    key = query if key is None else key
    value = key if value is None else value
    return reference(query, key, value, need_weights=False, **options)[0]


def unused(x: Any, y: Any) -> Any:
    """A sum to which x and y contribute nothing, wherever their tapes are."""
    return 0 * (x.with_empty_tape() + y.with_empty_tape())


# Multi-head attention ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [(), (1,), (3,)])
@pytest.mark.parametrize(("embed_dim", "num_heads"), [(8, 1), (8, 2), (6, 6), (1, 1)])
@pytest.mark.parametrize("bias", [True, False])
def test_self_attention_equals_pytorchs(
    batch: Shape, embed_dim: int, num_heads: int, bias: bool
) -> None:
    reference = torch.nn.MultiheadAttention(embed_dim, num_heads, bias=bias, batch_first=True)
    layer = nn.MultiHeadAttention(embed_dim, num_heads, bias=bias)
    assert_equal_layers(layer, reference, [(*batch, 5, embed_dim)], theirs=attend)


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        ({}, (3, 5, 8), (3, 5, 8)),
        ({"bias": False}, (3, 1, 8), (3, 1, 8)),
        ({"kdim": 3, "vdim": 6}, (3, 5, 3), (3, 5, 6)),
        ({"kdim": 3}, (3, 5, 3), (3, 5, 8)),
        ({"vdim": 3, "bias": False}, (3, 5, 8), (3, 5, 3)),
        ({"kdim": 8, "vdim": 8}, (3, 5, 8), (3, 5, 8)),
    ],
)
def test_attention_to_another_sequence_equals_pytorchs(
    options: dict[str, Any], key: Shape, value: Shape
) -> None:
    layer = nn.MultiHeadAttention(8, 2, **options)
    assert_equal_layers(layer, peer(**options), [(3, 4, 8), key, value], theirs=attend)


def test_the_value_is_the_key_if_it_is_left_out() -> None:
    assert_equal_layers(nn.MultiHeadAttention(8, 2), peer(), [(3, 4, 8), (3, 5, 8)], theirs=attend)


@pytest.mark.parametrize(
    "operands",
    [
        lambda x, y: (x, x, x),
        lambda x, y: (x, y, y),
        lambda x, y: (x, y, x),
        lambda x, y: (x, x, y),
        lambda x, y: (x, None, y),
    ],
)
def test_an_operand_in_several_places_is_one_move(operands: Callable[..., Any]) -> None:
    assert_equal_layers(
        nn.MultiHeadAttention(8, 2),
        peer(),
        [(3, 4, 8), (3, 4, 8)],
        ours=lambda layer, x, y: layer(*operands(x, y)) + unused(x, y),
        theirs=lambda layer, x, y: attend(layer, *operands(x, y)) + 0 * (x + y),
    )


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((4, 5), bool),
        ((1, 5), bool),
        ((3, 4, 5), bool),
        ((3, 1, 5), bool),
        ((4, 5), float),
        ((5,), bool),
    ],
)
@pytest.mark.parametrize("is_causal", [True, False])
def test_masks_equal_pytorchs(shape: Shape, kind: type, is_causal: bool) -> None:
    rng = np.random.default_rng(1)
    mask = bools(*shape) if kind is bool else rng.normal(size=shape).astype(np.float32)
    allowed = np.tri(4, 5, dtype=bool) if is_causal else np.ones((4, 5), bool)
    whole = np.broadcast_to(mask, (3, 4, 5))
    added = np.where(whole if kind is bool else True, 0 if kind is bool else whole, -np.inf)
    added = np.where(allowed, added, -np.inf).astype(np.float32)
    assert_equal_layers(
        nn.MultiHeadAttention(8, 2),
        peer(),
        [(3, 4, 8), (3, 5, 8)],
        ours=lambda layer, x, y: layer(x, y, mask=tl.tensor(mask), is_causal=is_causal),
        theirs=lambda layer, x, y: attend(
            layer, x, y, attn_mask=torch.tensor(np.repeat(added, 2, 0))
        ),
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_traced_operand_is_enough_for_all_parameters(place: int) -> None:
    reference = peer()
    draw_weights(reference, np.random.default_rng(0))
    layer: Any = nn.MultiHeadAttention(8, 2)
    load_weights(layer, reference)
    operands = [normal(3, 4, 8, seed=seed) for seed in range(3)]
    leaf = operands[place]
    peers = [torch.tensor(x.numpy()) for x in operands]
    peers[place].requires_grad_()
    operands[place] = leaf.traced()
    gradients = layer(*operands).square().sum().backward()
    attend(reference, *peers).square().sum().backward()
    assert set(gradients) == {leaf, *layer.parameters()}
    assert peers[place].grad is not None
    assert_near(gradients[leaf], peers[place].grad)  # type: ignore[arg-type]
    for mine, theirs in zip(layer.parameters(), reference.parameters(), strict=True):
        assert theirs.grad is not None
        assert_near(gradients[mine], theirs.grad)


def test_several_batch_axes() -> None:
    layer: Any = nn.MultiHeadAttention(8, 2, rng=0)
    x = normal(2, 3, 5, 8)
    flat = layer(x.reshape((6, 5, 8))).numpy()
    np.testing.assert_allclose(layer(x).numpy().reshape(6, 5, 8), flat, atol=1e-6)
    mask = tl.tensor(bools(2, 3, 5, 5))
    assert layer(x, mask=mask).shape == (2, 3, 5, 8)


# The op -----------------------------------------------------------------------------------------


def test_a_query_without_keys_gets_zeros_and_no_gradient() -> None:
    q, k, v = (normal(2, 3, 4, seed=seed) for seed in range(3))
    mask = tl.tensor([[True, False, True], [False, False, False], [False, False, True]])
    floats = tl.where(mask, 0.0, -np.inf)
    for given in (mask, floats):
        y = tl.scaled_dot_product_attention(q.traced(), k.traced(), v.traced(), given)
        assert (y.numpy()[:, 1] == 0).all()
        assert (y.numpy()[:, 2] == v.numpy()[:, 2]).all()
        gradients = y.square().sum().backward()
        assert (gradients[q].numpy()[:, 1] == 0).all()
        assert all(np.isfinite(gradients[x].numpy()).all() for x in (q, k, v))
    y = tl.scaled_dot_product_attention(q, k, v, mask, is_causal=True)
    np.testing.assert_allclose(y.numpy()[:, 0], v.numpy()[:, 0], atol=1e-7)


def test_no_keys_and_no_queries() -> None:
    assert tl.scaled_dot_product_attention(t(3, 4), t(0, 4), t(0, 2)).tolist() == [[0, 0]] * 3
    k: Any = t(5, 4)
    y = tl.scaled_dot_product_attention(t(0, 4), k.traced(), t(5, 2))
    assert y.shape == (0, 2)
    assert y.sum().backward()[k].shape == (5, 4)
    assert tl.scaled_dot_product_attention(t(3, 0), t(5, 0), t(5, 2)).shape == (3, 2)


def test_large_scores_and_half_precision() -> None:
    q, k, v = (normal(3, 4, seed=seed) * 100 for seed in range(3))
    y = tl.scaled_dot_product_attention(q * 100, k, v)
    assert np.isfinite(y.numpy()).all()
    halves: list[Any] = [x.astype(np.float16) for x in (q, k, v)]
    result = tl.scaled_dot_product_attention(*(x.traced() for x in halves))
    assert result.dtype == np.float16
    np.testing.assert_allclose(
        result.numpy(), tl.scaled_dot_product_attention(q, k, v).numpy(), rtol=1e-2, atol=1
    )
    gradients = result.sum().backward()
    assert all(gradients[x].dtype == np.float16 for x in halves)
    q, k, v = halves
    assert tl.scaled_dot_product_attention(q, k, v, t(3, 3)).dtype == np.float32


@pytest.mark.parametrize("p", [0.0, 0.3, 0.9, 1.0])
def test_gradients_with_dropout(p: float) -> None:
    operands = [normal(2, 3, 4, seed=seed) for seed in range(3)]
    check_grads(
        lambda q, k, v, mask: tl.scaled_dot_product_attention(
            q, k, v, mask, is_causal=True, dropout_p=p, rng=1
        ),
        *operands,
        normal(3, 3),
        rng=0,
    )


def test_dropout_drops_weights_and_scales_the_rest() -> None:
    identity: Any = tl.tensor(np.eye(200, dtype=np.float32))
    weights = tl.scaled_dot_product_attention(t(300, 1), t(200, 1), identity, dropout_p=0.25, rng=0)
    kept = weights.numpy() != 0
    assert kept.mean() == pytest.approx(0.75, abs=0.01)
    np.testing.assert_allclose(weights.numpy()[kept], 1 / 200 / 0.75, rtol=1e-5)


# Dropout in the layers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MultiHeadAttention(8, 2, 0.5, rng=0),
        lambda: nn.TransformerEncoderBlock(8, 2, 16, 0.5, rng=0),
        lambda: nn.TransformerEncoder(8, 2, 2, 16, 0.5, rng=0),
    ],
)
def test_dropout_acts_by_tape(make: Callable[[], Any]) -> None:
    layer, x = make(), normal(2, 5, 8)
    still = layer(x).tolist()
    assert layer(x).tolist() == still
    assert layer(x.traced()).tolist() != layer(x.traced()).tolist()
    assert layer.with_active(False)(x.traced()).tolist() == still
    assert layer.with_active(True)(x).tolist() != still
    layer.reset_params(3)
    first = layer(x.traced()).tolist()
    layer.reset_params(3)
    assert layer(x.traced()).tolist() == first


def test_dropout_of_all_leaves_the_residuals() -> None:
    block: Any = nn.TransformerEncoderBlock(8, 2, 16, 1.0, norm_first=True)
    x = normal(2, 5, 8)
    assert block(x.traced()).tolist() == x.tolist()


# Drawing ----------------------------------------------------------------------------------------


def test_attention_starts_as_pytorchs_does() -> None:
    layer: Any = nn.MultiHeadAttention(64, 4, rng=0)
    torch.manual_seed(0)
    reference = torch.nn.MultiheadAttention(64, 4)
    for (path, mine), theirs in zip(layer.named_parameters(), reference.parameters(), strict=True):
        drawn, wanted = mine.numpy(), theirs.detach().numpy()
        if path.endswith("bias"):
            assert (drawn == 0).all()
        else:
            assert np.abs(drawn).max() == pytest.approx(np.abs(wanted).max(), rel=0.02)
            assert drawn.std() == pytest.approx(wanted.std(), rel=0.05)


def test_build_from_a_type() -> None:
    stated: Any = nn.MultiHeadAttention
    layer = nn.build(stated[Literal[8], Literal[2]], rng=0)
    assert layer.label() == "MultiHeadAttention(8, 2)"


# Errors -----------------------------------------------------------------------------------------


def call(layer: Any, *operands: Any, **options: Any) -> Any:
    return layer(*operands, **options)


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: call(nn.MultiHeadAttention, 8, 2.0),
        TypeError,
        "MultiHeadAttention: sizes must be ints, got 2.0",
    ),
    (
        lambda: call(nn.MultiHeadAttention, 0, 1),
        tl.ShapeError,
        "MultiHeadAttention: embed_dim must be positive, got 0",
    ),
    (
        lambda: call(nn.MultiHeadAttention, 8, 2, kdim=0),
        tl.ShapeError,
        "MultiHeadAttention: kdim must be positive, got 0",
    ),
    (
        lambda: nn.MultiHeadAttention(8, 2, 1.5),
        ValueError,
        "MultiHeadAttention: p must be from 0 to 1, got 1.5",
    ),
    (
        lambda: call(nn.MultiHeadAttention(8, 2), t(3, 5, 8), mask=tl.ones((4, 5), np.bool_)),
        tl.ShapeError,
        "MultiHeadAttention(8, 2): a mask of shape (4, 5) cannot be stretched to (3, 5, 5): "
        "4 is not 5 on axis -2",
    ),
    (
        lambda: call(nn.MultiHeadAttention(8, 2, kdim=6), t(3, 5, 8)),
        tl.ShapeError,
        "MultiHeadAttention(8, 2, 6): expected key of shape (*Batch, M, 6), got (3, 5, 8): "
        "8 is not 6",
    ),
    (
        lambda: call(nn.MultiHeadAttention(8, 2), np.zeros((5, 8))),
        TypeError,
        "MultiHeadAttention(8, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        lambda: call(nn.MultiHeadAttention(8, 2), tl.zeros((5, 8), np.float64)),
        tl.DtypeError,
        "linear: dtypes must agree, got float64 and float32: "
        "convert one with .astype(np.float32) or .astype(np.float64)",
    ),
    (
        lambda: call(nn.TransformerEncoderBlock, 8, 2, 16, 0.1, "tanh"),
        ValueError,
        "TransformerEncoderBlock: activation must be 'relu' or 'gelu', got 'tanh'",
    ),
    (
        lambda: call(nn.TransformerEncoder, 8, 2, 0),
        tl.ShapeError,
        "TransformerEncoder: num_layers must be positive, got 0",
    ),
    (
        lambda: call(nn.TransformerDecoderBlock, 8, 2, 0),
        tl.ShapeError,
        "TransformerDecoderBlock: dim_feedforward must be positive, got 0",
    ),
    (
        lambda: call(nn.Transformer, 8, 2, 1, 0),
        tl.ShapeError,
        "Transformer: num_decoder_layers must be positive, got 0",
    ),
    (
        lambda: tl.scaled_dot_product_attention(t(3, 4), t(3, 4), t(3, 4), dropout_p=2.0),
        ValueError,
        "scaled_dot_product_attention: p must be from 0 to 1, got 2.0",
    ),
    (
        lambda: call(tl.scaled_dot_product_attention, t(3, 4), None, t(3, 4)),
        TypeError,
        "scaled_dot_product_attention: expected a tensor, got NoneType",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), ERRORS, ids=[text for *_, text in ERRORS])
def test_errors(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


def test_an_error_leaves_the_tapes_in_place() -> None:
    x, memory = t(3, 5, 8).traced(), t(3, 4, 7).traced()
    with pytest.raises(tl.ShapeError):
        call(nn.TransformerDecoder(8, 2, 1, 16), x, memory)
    assert x.owns_tape
    assert memory.owns_tape


def test_a_tape_that_has_moved_is_an_error() -> None:
    memory = t(3, 4, 8).traced()
    memory.sum()
    for layer in (nn.MultiHeadAttention(8, 2), nn.TransformerDecoderBlock(8, 2, 16)):
        with pytest.raises(tl.TapeMovedError, match="the tape of this tensor moved"):
            call(layer, t(3, 5, 8), memory)
