"""Layers that are given an array or a list: each names itself."""

from __future__ import annotations

import numpy as np

from tensorlib import nn

rows = np.zeros((10, 20), np.float32)
sequences = np.zeros((2, 3, 8), np.float32)
images = np.zeros((2, 3, 8, 8), np.float32)


def case_layer_norm() -> object:
    return nn.LayerNorm(20)(rows)  # E: LayerNorm(20): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_rms_norm_of_a_list() -> object:
    return nn.RMSNorm(2)([1.0, 2.0])  # E: RMSNorm(2): expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]


def case_group_norm() -> object:
    return nn.GroupNorm(2, 4)(rows)  # E: GroupNorm(2, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_batch_norm() -> object:
    return nn.BatchNorm1d(20)(rows)  # E: BatchNorm1d(20): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_conv() -> object:
    return nn.Conv2d(3, 4, 3)(images)  # E: Conv2d(3, 4, 3): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_pool() -> object:
    return nn.MaxPool2d(2)(images)  # E: MaxPool2d(2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_lstm() -> object:
    return nn.LSTM(8, 4)(sequences)  # E: LSTM(8, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_cell() -> object:
    return nn.GRUCell(20, 4)(rows)  # E: GRUCell(20, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_attention() -> object:
    return nn.MultiHeadAttention(8, 2)(sequences)  # E: MultiHeadAttention(8, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_encoder_block() -> object:
    return nn.TransformerEncoderBlock(8, 2)(sequences)  # E: TransformerEncoderBlock(8, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_decoder_block() -> object:
    return nn.TransformerDecoderBlock(8, 2)(sequences, sequences)  # E: TransformerDecoderBlock(8, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_transformer() -> object:
    return nn.Transformer(8, 2)(sequences, sequences)  # E: Transformer(8, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_embedding_of_a_list() -> object:
    return nn.Embedding(3, 4)([1, 2])  # E: Embedding(3, 4): expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]


def case_dropout() -> object:
    return nn.Dropout(0.5)(rows)  # E: Dropout: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_relu() -> object:
    return nn.ReLU()(rows)  # E: ReLU: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_softmax() -> object:
    return nn.Softmax()(rows)  # E: Softmax(-1): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_flatten_of_a_list() -> object:
    return nn.Flatten()([[1.0, 2.0]])  # E: Flatten(1, -1): expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]


def case_identity_of_none() -> object:
    return nn.Identity()(None)  # E: Identity: expected a tensor, got NoneType  [arg-type]
