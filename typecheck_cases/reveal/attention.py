# mypy: disable-error-code="tensor-tape"
"""What attention and transformers return."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeAlias, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

E = TypeVar("E", bound=int)
S = TypeVar("S", bound=int)
H = TypeVar("H", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

q, k, v = tl.zeros((2, 3, 5, 8)), tl.zeros((2, 3, 7, 8)), tl.zeros((2, 3, 7, 4))
mask = tl.ones((5, 7), np.bool_)
reveal_type(tl.scaled_dot_product_attention(q, k, v))  # N: Tensor[Shape[2, 3, 5, 4], NoTape, float32]
reveal_type(tl.scaled_dot_product_attention(q, k, v, mask))  # N: Tensor[Shape[2, 3, 5, 4], NoTape, float32]
reveal_type(tl.scaled_dot_product_attention(q, k.traced(), v, is_causal=True))  # N: Tensor[Shape[2, 3, 5, 4], Tape, float32]
reveal_type(tl.scaled_dot_product_attention(q, tl.zeros((7, 8)), tl.zeros((7, 2)), tl.zeros((7,))))  # N: Tensor[Shape[2, 3, 5, 2], NoTape, float32]
reveal_type(tl.scaled_dot_product_attention(q.astype(np.float16), k.astype(np.float16), v.astype(np.float16), mask))  # N: Tensor[Shape[2, 3, 5, 4], NoTape, float16]
reveal_type(tl.scaled_dot_product_attention(q, k, v, scale=0.5, dropout_p=0.1, rng=0))  # N: Tensor[Shape[2, 3, 5, 4], NoTape, float32]

x, memory = tl.zeros((2, 5, 8)), tl.zeros((2, 7, 8))
attention = nn.MultiHeadAttention(8, 2)
reveal_type(attention)  # N: MultiHeadAttention[8, 2, 8, 8]
reveal_type(attention(x))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(attention(x.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(attention(x, is_causal=True))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(attention(x[0]))  # N: Tensor[Shape[5, 8], NoTape, float32]
reveal_type(attention(x, memory))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(attention(x, memory, memory, mask=mask))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(attention(x, memory.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(attention(x, memory, memory.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(attention(x.traced(), memory))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(nn.MultiHeadAttention(8, 2, kdim=6))  # N: MultiHeadAttention[8, 2, 6, 8]
reveal_type(nn.MultiHeadAttention(8, 2, vdim=4))  # N: MultiHeadAttention[8, 2, 8, 4]
reveal_type(nn.MultiHeadAttention(8, 2, kdim=6, vdim=4)(x, tl.zeros((2, 3, 6)), tl.zeros((2, 3, 4))))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(attention.out_proj)  # N: OutProjection[8, 8]

reveal_type(nn.TransformerEncoderBlock(8, 2))  # N: TransformerEncoderBlock[8, 2]
reveal_type(nn.TransformerEncoderBlock(8, 2, 16)(x.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(nn.TransformerEncoder(8, 2, 2, 16)(x))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(nn.TransformerDecoderBlock(8, 2, 16)(x, memory.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(nn.TransformerDecoder(8, 2, 2, 16)(x, memory))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(nn.Transformer(8, 2, 1, 1, 16))  # N: Transformer[8, 2]
reveal_type(nn.Transformer(8, 2, 1, 1, 16)(memory, x))  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(nn.Transformer(8, 2, 1, 1, 16)(memory, x.traced(), is_causal=True))  # N: Tensor[Shape[2, 5, 8], Tape, float32]
reveal_type(nn.Sequential(nn.Linear(4, 8), nn.TransformerEncoder(8, 2, 1, 16), nn.Linear(8, 3))(tl.zeros((2, 5, 4))))  # N: Tensor[Shape[2, 5, 3], NoTape, float32]
reveal_type(nn.Sequential(attention, nn.LayerNorm(8))(x.traced()))  # N: Tensor[Shape[2, 5, 8], Tape, float32]


def symbols(q: Tensor[Shape[*Batch, S, E], T], k: Tensor[Shape[*Batch, M, E]], v: Tensor[Shape[*Batch, M, 4]]) -> None:
    reveal_type(tl.scaled_dot_product_attention(q, k, v))  # N: Tensor[Shape[*Batch, S, 4], T, float32]


def lengths(x: Tensor[Shape[*Batch, S, 8], T], memory: Tensor[Shape[*Batch, M, 8]]) -> None:
    reveal_type(attention(x))  # N: Tensor[Shape[*Batch, S, 8], T, float32]
    reveal_type(attention(x, memory))  # N: Tensor[Shape[*Batch, S, 8], T, float32]
    reveal_type(nn.TransformerEncoder(8, 2, 1)(x))  # N: Tensor[Shape[*Batch, S, 8], T, float32]
    reveal_type(nn.Transformer(8, 2, 1, 1)(memory, x))  # N: Tensor[Shape[*Batch, S, 8], T, float32]


class Model(nn.Module, Generic[E]):
    def __init__(self, features: E) -> None:
        self.encoder = nn.TransformerEncoder(4 * features, 4, 1, 16)
        self.head = nn.Linear(4 * features, 3)

    def forward(self, x: Tensor[Shape[*Batch, S, "4*E"], T]) -> Tensor[Shape[*Batch, S, 3], T]:
        reveal_type(self.encoder)  # N: TransformerEncoder[Mul[4, E], 4]
        reveal_type(self.encoder(x))  # N: Tensor[Shape[*Batch, S, Mul[4, E]], T, float32]
        return self.head(self.encoder(x))


reveal_type(Model(2)(tl.zeros((6, 5, 8))))  # N: Tensor[Shape[6, 5, 3], NoTape, float32]


class Generalized(nn.Module, Generic[E, H]):
    def __init__(self, features: E, heads: H) -> None:
        self.attention = nn.MultiHeadAttention(features, heads)
        self.cross = nn.MultiHeadAttention(features, 8, kdim=2 * features)
        reveal_type(self.attention)  # N: MultiHeadAttention[E, H, E, E]
        reveal_type(self.cross)  # N: MultiHeadAttention[E, 8, Mul[2, E], E]


def takes(attention: nn.MultiHeadAttention[8, 2], encoder: nn.TransformerEncoder[8, 2]) -> None:
    reveal_type(attention)  # N: MultiHeadAttention[8, 2, 8, 8]


takes(nn.MultiHeadAttention(8, 2), nn.TransformerEncoder(8, 2, 1, 16))
Stated: TypeAlias = nn.Sequential[nn.Linear[Literal[4], Literal[8]], nn.MultiHeadAttention[Literal[8], Literal[2]]]
reveal_type(nn.build(Stated)(tl.zeros((5, 4))))  # N: Tensor[Shape[5, 8], NoTape, float32]


def fit(model: nn.Maps[Tensor[Shape[*Batch, S, 8], Tape], Tensor[Shape[*Batch, S, 8], Tape]]) -> None: ...


fit(nn.TransformerEncoder(8, 2, 1, 16))


def unknown(size: int, x: Any) -> None:
    reveal_type(nn.MultiHeadAttention(size, 2))  # N: MultiHeadAttention[int, 2, int, int]
    reveal_type(nn.MultiHeadAttention(8, 2, kdim=size))  # N: MultiHeadAttention[8, 2, int, 8]
    reveal_type(nn.TransformerEncoder(8, 2, 1)(x))  # N: Tensor[Shape[*tuple[Any, ...], Any, 8], Any, AnyDtype]
