"""The blocks that transformers repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, TypeAlias

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.attention import MultiHeadAttention
from tensorlib.nn.dropout import Dropout
from tensorlib.nn.keeping import Keeping
from tensorlib.nn.module import AnyTensor, shape_of
from tensorlib.nn.normalization import LayerNorm
from tensorlib.nn.projection import Projection, require_dtypes
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import activation as activations
from tensorlib.ops import elementwise
from tensorlib.shapes.dim import symbol
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tape import TapesKeptOnError
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Seed, T

E = TypeVar("E", bound=int)
H = TypeVar("H", bound=int)
S = TypeVar("S", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")

Activation: TypeAlias = Literal["relu", "gelu"]

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": elementwise.relu,
    "gelu": activations.gelu,
}


class OfSequences(Keeping, Generic[E, H]):
    """The base of modules that take sequences of E features, and keep their shape."""

    operand = "x"
    d_model: E
    nhead: H

    def _require_sequences(self, *operands: tuple[str, AnyTensor]) -> None:
        """Require sequences of E features, each of any length."""
        batch, lengths = Pack("Batch"), (symbol("S"), symbol("M"))
        declared = [
            (name, (batch, length, self.d_model), shape_of(x, self))
            for (name, x), length in zip(operands, lengths, strict=False)
        ]
        self._require(*declared)
        require_dtypes(*(x for _, x in operands))

    def input_shape(self) -> Shape:
        """Return ``(*Batch, S, E)``."""
        return (Pack("Batch"), symbol("S"), self.d_model)

    def label(self) -> str:
        """Name the module with its sizes: ``TransformerEncoder(512, 8)``."""
        return f"{type(self).__name__}({self.d_model}, {self.nhead})"


class _Block(OfSequences[E, H], Generic[E, H]):
    """What both blocks share: attention to itself first, a feed-forward network last."""

    self_attn: MultiHeadAttention[E, H]
    linear1: Projection[Any, Any]
    dropout: Dropout
    linear2: Projection[Any, Any]
    activation: Activation
    norm_first: bool

    def _feed_forward(self, x: Any) -> Any:
        inner = _ACTIVATIONS[self.activation](self.linear1(x))
        return self.linear2(self.dropout(inner))

    def _residual(
        self, x: Any, branch: Callable[[Any], Any], norm: LayerNorm[Any], dropout: Dropout
    ) -> Any:
        """Add to x what a branch makes of it, and normalize before the branch or after the sum."""
        twice = x.with_empty_tape()
        if self.norm_first:
            return x + dropout(branch(norm(twice)))
        return norm(x + dropout(branch(twice)))


class TransformerEncoderBlock(_Block[E, H], Generic[E, H]):
    """Self-attention and a feed-forward network, each with a residual and a normalization.

    The same as PyTorch's ``TransformerEncoderLayer`` with ``batch_first=True``.

    Shape: ``(*B, S, E) -> (*B, S, E)``

    Args:
        d_model: E, the features of each place of the sequence.
        nhead: H, how many heads attention has; E is a multiple of it.
        dim_feedforward: the features inside the feed-forward network.
        dropout: the probability of dropout in training: of the attention's weights, inside the
            feed-forward network, and before each residual is added.
        activation: ``"relu"`` or ``"gelu"``, inside the feed-forward network.
        layer_norm_eps: what keeps the normalizations from dividing by 0.
        norm_first: whether to normalize before each branch instead of after its residual.
        bias: whether projections and normalizations add a bias.
        rng: where the initial values are drawn from.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: the activation is neither, or dropout is not from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.TransformerEncoderBlock(16, 4, dim_feedforward=32)(tl.zeros((64, 10, 16))).shape
        (64, 10, 16)
    """

    def __init__(
        self,
        d_model: E,
        nhead: H,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, d_model, nhead, dim_feedforward=dim_feedforward)
        stream = creation.generator(rng)
        self.d_model = d_model
        self.nhead = nhead
        self.activation = checked(activation, "TransformerEncoderBlock")
        self.norm_first = norm_first
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias=bias, rng=stream)
        self.linear1 = Projection(d_model, dim_feedforward, bias=bias, rng=stream)
        self.dropout = Dropout(dropout, rng=stream)
        self.linear2 = Projection(dim_feedforward, d_model, bias=bias, rng=stream)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1 = Dropout(dropout, rng=stream)
        self.dropout2 = Dropout(dropout, rng=stream)

    def forward(
        self,
        x: Tensor[tuple[*Batch, S, E], T, D],
        *,
        mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, S, E], T, D]:
        """Apply the block.

        Args:
            x: the sequences.
            mask: see `MultiHeadAttention`.
            is_causal: whether each place attends to itself and those before it only.

        Raises:
            ShapeError: the operand has another shape.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require_sequences(("x", x))
        with TapesKeptOnError(x, mask):
            h = self._residual(
                x,
                lambda x: self.self_attn(x, mask=mask, is_causal=is_causal),
                self.norm1,
                self.dropout1,
            )
            result: Tensor[tuple[*Batch, S, E], T, D] = self._residual(
                h, self._feed_forward, self.norm2, self.dropout2
            )
        return result


class TransformerDecoderBlock(_Block[E, H], Generic[E, H]):
    """Self-attention, attention to an encoder's result, and a feed-forward network.

    Each has a residual and a normalization. The same as PyTorch's ``TransformerDecoderLayer`` with
    ``batch_first=True``.

    Shape: ``(*B, S, E), (*B, M, E) -> (*B, S, E)``

    Args:
        d_model: E, the features of each place of both sequences.
        nhead: H, how many heads attention has; E is a multiple of it.
        dim_feedforward: the features inside the feed-forward network.
        dropout: the probability of dropout in training, as in `TransformerEncoderBlock`.
        activation: ``"relu"`` or ``"gelu"``, inside the feed-forward network.
        layer_norm_eps: what keeps the normalizations from dividing by 0.
        norm_first: whether to normalize before each branch instead of after its residual.
        bias: whether projections and normalizations add a bias.
        rng: where the initial values are drawn from.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: the activation is neither, or dropout is not from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> block = tl.nn.TransformerDecoderBlock(16, 4, dim_feedforward=32)
        >>> block(tl.zeros((64, 5, 16)), tl.zeros((64, 10, 16))).shape
        (64, 5, 16)
    """

    def __init__(
        self,
        d_model: E,
        nhead: H,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, d_model, nhead, dim_feedforward=dim_feedforward)
        stream = creation.generator(rng)
        self.d_model = d_model
        self.nhead = nhead
        self.activation = checked(activation, "TransformerDecoderBlock")
        self.norm_first = norm_first
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias=bias, rng=stream)
        self.multihead_attn = MultiHeadAttention(d_model, nhead, dropout, bias=bias, rng=stream)
        self.linear1 = Projection(d_model, dim_feedforward, bias=bias, rng=stream)
        self.dropout = Dropout(dropout, rng=stream)
        self.linear2 = Projection(dim_feedforward, d_model, bias=bias, rng=stream)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1 = Dropout(dropout, rng=stream)
        self.dropout2 = Dropout(dropout, rng=stream)
        self.dropout3 = Dropout(dropout, rng=stream)

    def forward(
        self,
        x: Tensor[tuple[*Batch, S, E], T, D],
        memory: Tensor[tuple[*Batch, M, E], T2, D],
        *,
        mask: AnyTensor | None = None,
        cross_mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, S, E], T | T2, D]:
        """Apply the block.

        Args:
            x: the sequences to go on with, PyTorch's ``tgt``.
            memory: what the encoder returned.
            mask: for self-attention, ``(*B, S, S)``; see `MultiHeadAttention`.
            cross_mask: for attention to the memory, ``(*B, S, M)``.
            is_causal: whether each place attends to itself and those before it only.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        self._require_sequences(("x", x), ("memory", memory))
        with TapesKeptOnError(x, memory, mask, cross_mask):
            h: Any = self._residual(
                x.with_tape_of(memory),
                lambda x: self.self_attn(x, mask=mask, is_causal=is_causal),
                self.norm1,
                self.dropout1,
            )
            h = self._residual(
                h,
                lambda x: self.multihead_attn(x, memory, mask=cross_mask),
                self.norm2,
                self.dropout2,
            )
            result: Tensor[tuple[*Batch, S, E], T | T2, D] = self._residual(
                h, self._feed_forward, self.norm3, self.dropout3
            )
        return result


def checked(activation: Activation, module: str) -> Activation:
    """Return the name of an activation.

    Raises:
        ValueError: there is none of the name.
    """
    if activation not in _ACTIVATIONS:
        raise ValueError(f"{module}: activation must be 'relu' or 'gelu', got {activation!r}")
    return activation
