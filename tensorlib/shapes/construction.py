"""What layers require of the sizes they are made with: one text for the run time and the checker.

Such a rule takes the layer's sizes in the order of its type variables, and maybe arguments of its
constructor by their names. The layer asks it when it is made; the checker asks it with the layer's
type arguments. It refuses what no size of the symbols
makes right: what depends on the size is left to the run time, as a generic model has to be written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tensorlib.shapes.dim import Dim, Truth, UnknownDim, at_least, divisible
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.normalization import uneven
from tensorlib.shapes.selection import no_such_row, row_exists


def require_positive(**sizes: Dim) -> None:
    """Require that sizes are at least 1, as far as they are known.

    Raises:
        ShapeError: one is certainly not.
    """
    for name, size in sizes.items():
        if not isinstance(size, UnknownDim) and at_least(size, 1) is Truth.NEVER:
            raise ShapeError(f"{name} must be positive, got {size}")


def _require_multiple(whole: str, n: Dim, parts: str, d: Dim) -> None:
    if divisible(n, d) is Truth.NEVER:
        raise ShapeError(uneven(whole, n, parts, d))


def linear(in_features: Dim, out_features: Dim) -> None:
    """Require positive sizes.

    Raises:
        ShapeError: one is not.
    """
    require_positive(in_features=in_features, out_features=out_features)


def normalized(normalized_shape: Dim) -> None:
    """Require a positive size.

    Raises:
        ShapeError: it is not.
    """
    require_positive(normalized_shape=normalized_shape)


def by_channels(num_features: Dim) -> None:
    """Require a positive number of channels.

    Raises:
        ShapeError: it is not.
    """
    require_positive(num_features=num_features)


def biased(size: Dim) -> None:
    """Require a positive size.

    Raises:
        ShapeError: it is not.
    """
    require_positive(size=size)


def repeated(block: object, n: Dim) -> None:
    """Require a positive number of blocks.

    Raises:
        ShapeError: it is not.
    """
    require_positive(n=n)


def in_groups(num_groups: Dim, num_channels: Dim) -> None:
    """Require channels that come in groups of one size.

    Raises:
        ShapeError: they do not, or a size is not positive.
    """
    require_positive(num_groups=num_groups, num_channels=num_channels)
    _require_multiple("num_channels", num_channels, "num_groups", num_groups)


def attention(embed_dim: Dim, num_heads: Dim, kdim: Dim, vdim: Dim) -> None:
    """Require features that can be divided among the heads.

    Raises:
        ShapeError: they cannot, or a size is not positive.
    """
    require_positive(embed_dim=embed_dim, num_heads=num_heads, kdim=kdim, vdim=vdim)
    _require_multiple("embed_dim", embed_dim, "num_heads", num_heads)


def transformer(
    d_model: Dim,
    nhead: Dim,
    num_layers: Dim = 1,
    num_encoder_layers: Dim = 1,
    num_decoder_layers: Dim = 1,
    dim_feedforward: Dim = 1,
) -> None:
    """Require features that can be divided among the heads, and a block at least.

    Raises:
        ShapeError: they cannot, or a size or number is not positive.
    """
    require_positive(
        d_model=d_model,
        nhead=nhead,
        num_layers=num_layers,
        num_encoder_layers=num_encoder_layers,
        num_decoder_layers=num_decoder_layers,
        dim_feedforward=dim_feedforward,
    )
    _require_multiple("d_model", d_model, "nhead", nhead)


def words(num_embeddings: Dim, embedding_dim: Dim, padding_idx: Dim | None = None) -> None:
    """Require positive sizes, and a row for the padding.

    Raises:
        ShapeError: a size is not.
        IndexOutOfRangeError: there is no such row.
    """
    require_positive(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
    if isinstance(padding_idx, int) and row_exists(num_embeddings, padding_idx) is Truth.NEVER:
        raise no_such_row(num_embeddings, padding_idx)


def recurrent_cell(input_size: Dim, hidden_size: Dim) -> None:
    """Require positive sizes.

    Raises:
        ShapeError: one is not.
    """
    require_positive(input_size=input_size, hidden_size=hidden_size)


def recurrent(input_size: Dim, hidden_size: Dim, num_layers: Dim, bidirectional: Dim) -> None:
    """Require positive sizes, and a bool as 0 or 1.

    Raises:
        ShapeError: a size is not positive, or the bool is none.
    """
    require_positive(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    if not isinstance(bidirectional, UnknownDim) and at_least(1, bidirectional) is Truth.NEVER:
        raise ShapeError(f"bidirectional must be True or False, got {bidirectional}")


def rectified(num_parameters: Dim) -> None:
    """Require a positive number of parameters.

    Raises:
        ShapeError: it is not.
    """
    require_positive(num_parameters=num_parameters)


SIZES: Final[dict[str, Callable[..., None]]] = {
    "Linear": linear,
    "Embedding": words,
    "Bias": biased,
    "Repeated": repeated,
    "PReLU": rectified,
    "RNN": recurrent,
    "GRU": recurrent,
    "LSTM": recurrent,
    "RNNCell": recurrent_cell,
    "GRUCell": recurrent_cell,
    "LSTMCell": recurrent_cell,
    "LayerNorm": normalized,
    "RMSNorm": normalized,
    "GroupNorm": in_groups,
    "BatchNorm1d": by_channels,
    "BatchNorm2d": by_channels,
    "MultiHeadAttention": attention,
    "TransformerEncoderBlock": transformer,
    "TransformerDecoderBlock": transformer,
    "TransformerEncoder": transformer,
    "TransformerDecoder": transformer,
    "Transformer": transformer,
}
"""The rule of each such layer of ``tensorlib.nn``, by the class' name."""
