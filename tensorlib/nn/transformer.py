"""Transformers: encoder, decoder, and both together."""

from __future__ import annotations

from typing import Any, Generic

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import AnyTensor
from tensorlib.nn.normalization import LayerNorm
from tensorlib.nn.projection import Projection
from tensorlib.nn.sizes import require_sizes
from tensorlib.nn.transformer_block import (
    Activation,
    OfSequences,
    TransformerDecoderBlock,
    TransformerEncoderBlock,
)
from tensorlib.tape import TapesKeptOnError
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Seed, T

E = TypeVar("E", bound=int)
H = TypeVar("H", bound=int)
S = TypeVar("S", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")


class TransformerEncoder(OfSequences[E, H], Generic[E, H]):
    """Encoder blocks one after another.

    Shape: ``(*B, S, E) -> (*B, S, E)``

    Args:
        d_model: E, the features of each place of the sequence.
        nhead: H, how many heads attention has; E is a multiple of it.
        num_layers: how many blocks.
        norm: whether a `LayerNorm` follows the last block.
        dim_feedforward: this and the others as in `TransformerEncoderBlock`.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: the activation is not known, or dropout is not from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> encoder = tl.nn.TransformerEncoder(16, 4, num_layers=2, dim_feedforward=32)
        >>> encoder(tl.zeros((64, 10, 16))).shape
        (64, 10, 16)
    """

    norm: LayerNorm[E] | None

    def __init__(
        self,
        d_model: E,
        nhead: H,
        num_layers: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        norm: bool = False,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, d_model, nhead, num_layers=num_layers, dim_feedforward=dim_feedforward)
        stream = creation.generator(rng)
        self.d_model = d_model
        self.nhead = nhead
        self.layers = [
            TransformerEncoderBlock(
                d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
                norm_first=norm_first, bias=bias, rng=stream,
            )
            for _ in range(num_layers)
        ]  # fmt: skip
        self.norm = LayerNorm(d_model, layer_norm_eps, bias=bias) if norm else None

    def forward(
        self,
        x: Tensor[tuple[*Batch, S, E], T, D],
        *,
        mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, S, E], T, D]:
        """Apply the blocks.

        Args:
            x: the sequences.
            mask: see `MultiHeadAttention`.
            is_causal: whether each place attends to itself and those before it only.

        Raises:
            ShapeError: the operand has another shape.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require_sequences(("x", x))
        h: Any = x
        with TapesKeptOnError(x, mask):
            for place, layer in enumerate(self.layers):
                h = layer(h, mask=_again(mask, place), is_causal=is_causal)
            result: Tensor[tuple[*Batch, S, E], T, D] = h if self.norm is None else self.norm(h)
        return result


class TransformerDecoder(OfSequences[E, H], Generic[E, H]):
    """Decoder blocks one after another.

    Shape: ``(*B, S, E), (*B, M, E) -> (*B, S, E)``

    Args:
        d_model: E, the features of each place of both sequences.
        nhead: H, how many heads attention has; E is a multiple of it.
        num_layers: how many blocks.
        norm: whether a `LayerNorm` follows the last block.
        dim_feedforward: this and the others as in `TransformerDecoderBlock`.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: the activation is not known, or dropout is not from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> decoder = tl.nn.TransformerDecoder(16, 4, num_layers=2, dim_feedforward=32)
        >>> decoder(tl.zeros((64, 5, 16)), tl.zeros((64, 10, 16)), is_causal=True).shape
        (64, 5, 16)
    """

    norm: LayerNorm[E] | None

    def __init__(
        self,
        d_model: E,
        nhead: H,
        num_layers: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        norm: bool = False,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, d_model, nhead, num_layers=num_layers, dim_feedforward=dim_feedforward)
        stream = creation.generator(rng)
        self.d_model = d_model
        self.nhead = nhead
        self.layers = [
            TransformerDecoderBlock(
                d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
                norm_first=norm_first, bias=bias, rng=stream,
            )
            for _ in range(num_layers)
        ]  # fmt: skip
        self.norm = LayerNorm(d_model, layer_norm_eps, bias=bias) if norm else None

    def forward(
        self,
        x: Tensor[tuple[*Batch, S, E], T, D],
        memory: Tensor[tuple[*Batch, M, E], T2, D],
        *,
        mask: AnyTensor | None = None,
        cross_mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, S, E], T | T2, D]:
        """Apply the blocks; see `TransformerDecoderBlock`.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        self._require_sequences(("x", x), ("memory", memory))
        h: Any = x.with_tape_of(memory)
        with TapesKeptOnError(x, memory, mask, cross_mask):
            for place, layer in enumerate(self.layers):
                h = layer(
                    h,
                    _again(memory, place),
                    mask=_again(mask, place),
                    cross_mask=_again(cross_mask, place),
                    is_causal=is_causal,
                )
            if self.norm is not None:
                h = self.norm(h)
        result: Tensor[tuple[*Batch, S, E], T | T2, D] = h
        return result


class Transformer(OfSequences[E, H], Generic[E, H]):
    """An encoder, and a decoder that attends to what the encoder returns.

    The same as PyTorch's with ``batch_first=True``. Embeddings and the last projection are not
    part of it.

    Shape: ``(*B, S, E), (*B, M, E) -> (*B, M, E)``

    Args:
        d_model: E, the features of each place of both sequences.
        nhead: H, how many heads attention has; E is a multiple of it.
        num_encoder_layers: how many blocks the encoder has.
        num_decoder_layers: how many blocks the decoder has.
        dim_feedforward: this and the others as in `TransformerEncoderBlock`.
        rng: where the initial values are drawn from: all matrices by Xavier's rule.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: the activation is not known, or dropout is not from 0 to 1.

    Source: Vaswani et al., "Attention Is All You Need", 2017.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Transformer(16, 4, 2, 2, dim_feedforward=32)
        >>> model(tl.zeros((64, 10, 16)), tl.zeros((64, 5, 16)), is_causal=True).shape
        (64, 5, 16)
    """

    def __init__(
        self,
        d_model: E,
        nhead: H,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_sizes(
            self, d_model, nhead,
            num_encoder_layers=num_encoder_layers,
            num_decoder_layers=num_decoder_layers,
            dim_feedforward=dim_feedforward,
        )  # fmt: skip
        self.d_model = d_model
        self.nhead = nhead
        self.encoder = TransformerEncoder(
            d_model, nhead, num_encoder_layers, dim_feedforward, dropout, activation,
            layer_norm_eps, norm_first=norm_first, bias=bias, norm=True, rng=0,
        )  # fmt: skip
        self.decoder = TransformerDecoder(
            d_model, nhead, num_decoder_layers, dim_feedforward, dropout, activation,
            layer_norm_eps, norm_first=norm_first, bias=bias, norm=True, rng=0,
        )  # fmt: skip
        for _, module in self.named_modules():
            if isinstance(module, Projection):
                module.xavier = True
        self.reset_params(rng)

    def forward(
        self,
        src: Tensor[tuple[*Batch, S, E], T, D],
        tgt: Tensor[tuple[*Batch, M, E], T2, D],
        *,
        encoder_mask: AnyTensor | None = None,
        decoder_mask: AnyTensor | None = None,
        cross_mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, M, E], T | T2, D]:
        """Encode the source, and decode the target with it.

        A tape on one operand is enough to record everything. Bools of a mask are True where a
        place may be attended to, which is the opposite of PyTorch's.

        Args:
            src: the sequences to encode.
            tgt: the sequences to go on with.
            encoder_mask: for attention within the source, ``(*B, S, S)``.
            decoder_mask: for attention within the target, ``(*B, M, M)``.
            cross_mask: for attention of the target to the source, ``(*B, M, S)``.
            is_causal: whether each place of the target attends to itself and those before it
                only.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        self._require_sequences(("src", src), ("tgt", tgt))
        with TapesKeptOnError(src, tgt, encoder_mask, decoder_mask, cross_mask):
            memory: Any = self.encoder(src.with_tape_of(tgt), mask=encoder_mask)
            result: Tensor[tuple[*Batch, M, E], T | T2, D] = self.decoder(
                tgt, memory, mask=decoder_mask, cross_mask=cross_mask, is_causal=is_causal
            )
        return result


def _again(x: Any, place: int) -> Any:
    """Return what every block uses: itself for the first, with a tape of its own for the others."""
    return x if x is None or place == 0 else x.with_empty_tape()
