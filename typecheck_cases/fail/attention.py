"""Attention and transformers: features, lengths and heads fit."""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

E = TypeVar("E", bound=int)
S = TypeVar("S", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def case_features() -> None:
    tl.scaled_dot_product_attention(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 6)), tl.zeros((2, 7, 8)))  # E: scaled_dot_product_attention: q and k must have the same last dimension, got (2, 5, 8) and (2, 7, 6): 8 is not 6  [tensor-shape]


def case_lengths() -> None:
    tl.scaled_dot_product_attention(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 8)), tl.zeros((2, 6, 8)))  # E: scaled_dot_product_attention: k and v must have the same length, got (2, 7, 8) and (2, 6, 8): 7 is not 6  [tensor-shape]


def case_batches() -> None:
    tl.scaled_dot_product_attention(tl.zeros((2, 5, 8)), tl.zeros((3, 7, 8)), tl.zeros((3, 7, 8)))  # E: scaled_dot_product_attention: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_vector() -> None:
    tl.scaled_dot_product_attention(tl.zeros((8,)), tl.zeros((7, 8)), tl.zeros((7, 8)))  # E: scaled_dot_product_attention: expected q of at least 2 dimensions, got (8,)  [tensor-shape]


def case_mask() -> None:
    tl.scaled_dot_product_attention(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 8)), tl.zeros((2, 7, 8)), tl.ones((5, 5), np.bool_))  # E: scaled_dot_product_attention: a mask of shape (5, 5) cannot be stretched to (2, 5, 7): 5 is not 7 on axis -1  [tensor-shape]


def case_mask_of_ints() -> None:
    tl.scaled_dot_product_attention(tl.zeros((5, 8)), tl.zeros((5, 8)), tl.zeros((5, 8)), tl.tensor([[1, 0, 1, 1, 1]]))  # E: scaled_dot_product_attention: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_heads() -> None:
    nn.MultiHeadAttention(8, 3)  # E: MultiHeadAttention: embed_dim must be a multiple of num_heads, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]


def case_no_heads() -> None:
    nn.MultiHeadAttention(8, 0)  # E: MultiHeadAttention: num_heads must be positive, got 0  [tensor-shape]


def case_query() -> None:
    nn.MultiHeadAttention(8, 2)(tl.zeros((2, 5, 7)))  # E: MultiHeadAttention(8, 2): expected query of shape (*Batch, S, 8), got (2, 5, 7): 7 is not 8  [tensor-shape]


def case_query_without_a_sequence() -> None:
    nn.MultiHeadAttention(8, 2)(tl.zeros((8,)))  # E: MultiHeadAttention(8, 2): expected query of shape (*Batch, S, 8), got (8,): 1 dimension, not at least 2  [tensor-shape]


def case_key() -> None:
    nn.MultiHeadAttention(8, 2)(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 6)))  # E: MultiHeadAttention(8, 2): expected key of shape (*Batch, M, 8), got (2, 7, 6): 6 is not 8  [tensor-shape]


def case_value() -> None:
    nn.MultiHeadAttention(8, 2, vdim=4)(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 8)), tl.zeros((2, 7, 8)))  # E: MultiHeadAttention(8, 2, 8, 4): expected value of shape (*Batch, M, 4), got (2, 7, 8): 8 is not 4  [tensor-shape]


def case_value_of_another_length() -> None:
    nn.MultiHeadAttention(8, 2)(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 8)), tl.zeros((2, 6, 8)))  # E: MultiHeadAttention(8, 2): expected value of shape (*Batch, M, 8), got (2, 6, 8): 6 is not 7  [tensor-shape]


def case_key_of_another_batch() -> None:
    nn.MultiHeadAttention(8, 2)(tl.zeros((2, 5, 8)), tl.zeros((3, 7, 8)))  # E: MultiHeadAttention(8, 2): expected key of shape (*Batch, M, 8), got (3, 7, 8): 3 is not 2  [tensor-shape]


def case_block_heads() -> None:
    nn.TransformerEncoderBlock(10, 4)  # E: TransformerEncoderBlock: d_model must be a multiple of nhead, got 10 and 4: 10 is not a multiple of 4  [tensor-shape]


def case_block() -> None:
    nn.TransformerEncoderBlock(8, 2, 16)(tl.zeros((2, 5, 6)))  # E: TransformerEncoderBlock(8, 2): expected x of shape (*Batch, S, 8), got (2, 5, 6): 6 is not 8  [tensor-shape]


def case_encoder() -> None:
    nn.TransformerEncoder(8, 2, 1, 16)(tl.zeros((6,)))  # E: TransformerEncoder(8, 2): expected x of shape (*Batch, S, 8), got (6,): 1 dimension, not at least 2  [tensor-shape]


def case_decoder_block() -> None:
    nn.TransformerDecoderBlock(8, 2, 16)(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 6)))  # E: TransformerDecoderBlock(8, 2): expected memory of shape (*Batch, M, 8), got (2, 7, 6): 6 is not 8  [tensor-shape]


def case_decoder() -> None:
    nn.TransformerDecoder(8, 2, 1, 16)(tl.zeros((2, 5, 8)), tl.zeros((3, 7, 8)))  # E: TransformerDecoder(8, 2): expected memory of shape (*Batch, M, 8), got (3, 7, 8): 3 is not 2  [tensor-shape]


def case_transformer() -> None:
    nn.Transformer(8, 2, 1, 1, 16)(tl.zeros((2, 5, 8)), tl.zeros((2, 7, 6)))  # E: Transformer(8, 2): expected tgt of shape (*Batch, M, 8), got (2, 7, 6): 6 is not 8  [tensor-shape]


def case_transformer_heads() -> None:
    nn.Transformer(8, 5)  # E: Transformer: d_model must be a multiple of nhead, got 8 and 5: 8 is not a multiple of 5  [tensor-shape]


def case_encoder_without_layers() -> None:
    nn.TransformerEncoder(8, 2, 0)  # E: TransformerEncoder: num_layers must be positive, got 0  [tensor-shape]


def case_decoder_without_features() -> None:
    nn.TransformerDecoder(8, 2, num_layers=1, dim_feedforward=0)  # E: TransformerDecoder: dim_feedforward must be positive, got 0  [tensor-shape]


def case_transformer_without_layers() -> None:
    nn.Transformer(8, 2, 2, 0)  # E: Transformer: num_decoder_layers must be positive, got 0  [tensor-shape]


def case_chain() -> None:
    nn.Sequential(nn.Linear(4, 9), nn.MultiHeadAttention(8, 2))  # E: Sequential[1] MultiHeadAttention(8, 2): expected query of shape (*Batch, S, 8), got (..., 9) from Sequential[0] Linear(4, 9): 9 is not 8  [tensor-shape]


def case_chain_of_encoder() -> None:
    nn.Sequential(nn.TransformerEncoder(8, 2, 1, 16), nn.Linear(9, 3))  # E: Sequential[1] Linear(9, 3): expected last dimension 9, got 8 from Sequential[0] TransformerEncoder(8, 2); try nn.Linear(8, 3)  [tensor-shape]


def case_without_a_tape() -> None:
    nn.Transformer(8, 2, 1, 1, 16)(tl.zeros((5, 8)), tl.zeros((5, 8))).sum().backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def symbols(q: Tensor[Shape[*Batch, S, E], T], k: Tensor[Shape[*Batch, M, E]]) -> None:
    tl.scaled_dot_product_attention(q, q, k)  # E: scaled_dot_product_attention: k and v must have the same length, got (*Batch, S, E) and (*Batch, M, E): S is not M  [tensor-shape]
    nn.MultiHeadAttention(8, 2)(q)  # E: MultiHeadAttention(8, 2): expected query of shape (*Batch, S, 8), got (*Batch, S, E): E is not 8  [tensor-shape]


def lengths(x: Tensor[Shape[*Batch, S, 8], T], memory: Tensor[Shape[*Batch, M, 8]]) -> None:
    nn.MultiHeadAttention(8, 2)(x, memory, x)  # E: MultiHeadAttention(8, 2): expected value of shape (*Batch, M, 8), got (*Batch, S, 8): S is not M  [tensor-shape]


def unknown(x: Tensor[Shape[...]]) -> None:
    nn.TransformerEncoder(8, 2, 1)(x)  # E: TransformerEncoder(8, 2): expected x of shape (*Batch, S, 8), got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


class Model(nn.Module, Generic[E]):
    def __init__(self, features: E) -> None:
        self.encoder = nn.TransformerEncoder(4 * features, 4, 1, 16)

    def forward(self, x: Tensor[Shape[*Batch, S, E], T]) -> None:
        self.encoder(x)  # E: TransformerEncoder(4*E, 4): expected x of shape (*Batch, S, 4*E), got (*Batch, S, E): E is not 4*E  [tensor-shape]


def takes(attention: nn.MultiHeadAttention[8, 2]) -> None: ...


def other_heads() -> None:
    takes(nn.MultiHeadAttention(8, 4))  # E: takes: expected attention to be MultiHeadAttention(8, 2), got MultiHeadAttention(8, 4)  [tensor-shape]


def fit(model: nn.Maps[Tensor[Shape[*Batch, S, 8], Tape], Tensor[Shape[*Batch, S, 8], Tape]]) -> None: ...


def fits_not() -> None:
    fit(nn.TransformerEncoder(6, 2, 1))  # E: fit: model does not fit: TransformerEncoder(6, 2): expected x of shape (*Batch, S, 6), got (..., Any, 8): 8 is not 6  [tensor-shape]


class Crossed(nn.Module, Generic[E]):
    def __init__(self, features: E) -> None:
        self.cross = nn.MultiHeadAttention(features, 8, kdim=2 * features)

    def forward(self, x: Tensor[Shape[*Batch, S, E], T]) -> Tensor[Shape[*Batch, S, E], T]:
        return self.cross(x, x)  # E: MultiHeadAttention(E, 8, 2*E): expected key of shape (*Batch, M, 2*E), got (*Batch, S, E): E is not 2*E  [tensor-shape]
