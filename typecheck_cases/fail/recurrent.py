"""Recurrent ops, cells and layers: sequences and states have the declared sizes."""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

I = TypeVar("I", bound=int)
H = TypeVar("H", bound=int)
N = TypeVar("N", bound=int)
L = TypeVar("L", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def case_features() -> None:
    nn.LSTM(3, 4)(tl.zeros((2, 5, 4)))  # E: LSTM(3, 4): expected x of shape (*Batch, L, 3), got (2, 5, 4): 4 is not 3; try nn.LSTM(4, 4)  [tensor-shape]


def case_features_of_a_bidirectional_layer() -> None:
    nn.GRU(3, 4, 2, bidirectional=True)(tl.zeros((2, 5, 4)))  # E: GRU(3, 4, 2, 1): expected x of shape (*Batch, L, 3), got (2, 5, 4): 4 is not 3; try nn.GRU(4, 4, 2, 1)  [tensor-shape]


def case_no_sequence() -> None:
    nn.RNN(3, 4)(tl.zeros((3,)))  # E: RNN(3, 4): expected x of shape (*Batch, L, 3), got (3,): 1 dimension, not at least 2  [tensor-shape]


def case_layers_of_the_state() -> None:
    nn.GRU(3, 4, 2)(tl.zeros((2, 5, 3)), tl.zeros((1, 2, 4)))  # E: GRU(3, 4, 2): expected h of shape (2, *Batch, 4), got (1, 2, 4): 1 is not 2  [tensor-shape]


def case_directions_of_the_state() -> None:
    nn.GRU(3, 4, 2, bidirectional=True)(tl.zeros((2, 5, 3)), tl.zeros((2, 2, 4)))  # E: GRU(3, 4, 2, 1): expected h of shape (4, *Batch, 4), got (2, 2, 4): 2 is not 4  [tensor-shape]


def case_batch_of_the_state() -> None:
    nn.RNN(3, 4)(tl.zeros((2, 5, 3)), tl.zeros((1, 3, 4)))  # E: RNN(3, 4): expected h of shape (1, *Batch, 4), got (1, 3, 4): 3 is not 2  [tensor-shape]


def case_cell_state() -> None:
    nn.LSTM(3, 4)(tl.zeros((2, 5, 3)), (tl.zeros((1, 2, 4)), tl.zeros((1, 2, 5))))  # E: LSTM(3, 4): expected state of shape (1, *Batch, 4), got (1, 2, 5): 5 is not 4  [tensor-shape]


def case_cell() -> None:
    nn.RNNCell(3, 4)(tl.zeros((2, 4)))  # E: RNNCell(3, 4): expected x with last dimension 3, got 4; try nn.RNNCell(4, 4)  [tensor-shape]


def case_state_of_a_cell() -> None:
    nn.GRUCell(3, 4)(tl.zeros((2, 3)), tl.zeros((4,)))  # E: GRUCell(3, 4): expected h of shape (*Batch, 4), got (4,): () is not (2,)  [tensor-shape]


def case_states_of_a_cell() -> None:
    nn.LSTMCell(3, 4)(tl.zeros((2, 3)), (tl.zeros((2, 4)), tl.zeros((2, 3))))  # E: LSTMCell(3, 4): expected state with last dimension 4, got 3  [tensor-shape]


def case_cell_in_a_chain() -> None:
    nn.Sequential(nn.Linear(2, 5), nn.GRUCell(3, 4))  # E: Sequential[1] GRUCell(3, 4): expected x with last dimension 3, got 5 from Sequential[0] Linear(2, 5); try nn.GRUCell(5, 4)  [tensor-shape]


def case_result() -> None:
    y, _ = nn.LSTM(3, 4)(tl.zeros((2, 5, 3)))
    nn.Linear(8, 1)(y)  # E: Linear(8, 1): expected last dimension 8, got 4; try nn.Linear(4, 1)  [tensor-shape]


def case_result_of_both_directions() -> None:
    y, _ = nn.LSTM(3, 4, bidirectional=True)(tl.zeros((2, 5, 3)))
    nn.Linear(4, 1)(y)  # E: Linear(4, 1): expected last dimension 4, got 8; try nn.Linear(8, 1)  [tensor-shape]


def case_sizes() -> None:
    nn.LSTM(3, 0)  # E: LSTM: hidden_size must be positive, got 0  [tensor-shape]


def case_directions() -> None:
    nn.GRU(3, 4, bidirectional=2)  # E: GRU: bidirectional must be True or False, got 2  [tensor-shape]


def case_op_sequence() -> None:
    tl.lstm(tl.zeros((2, 5, 4)), tl.zeros((2, 4)), tl.zeros((2, 4)), tl.zeros((16, 3)), tl.zeros((16, 4)))  # E: lstm: expected x of shape (*Batch, L, 3), got (2, 5, 4): 4 is not 3  [tensor-shape]


def case_op_state() -> None:
    tl.rnn(tl.zeros((2, 5, 3)), tl.zeros((4,)), tl.zeros((4, 3)), tl.zeros((4, 4)))  # E: rnn: expected h of shape (*Batch, 4), got (4,): () is not (2,)  [tensor-shape]


def case_op_gates() -> None:
    tl.gru(tl.zeros((5, 3)), tl.zeros((4,)), tl.zeros((16, 3)), tl.zeros((16, 4)))  # E: gru: expected weight_hh of shape (12, 4), got (16, 4)  [tensor-shape]


def case_op_weights() -> None:
    tl.gru(tl.zeros((5, 3)), tl.zeros((4,)), tl.zeros((4, 3)), tl.zeros((12, 4)))  # E: gru: expected weight_ih of 12 rows, as weight_hh has, got (4, 3)  [tensor-shape]


def case_op_bias() -> None:
    tl.rnn(tl.zeros((5, 3)), tl.zeros((4,)), tl.zeros((4, 3)), tl.zeros((4, 4)), tl.zeros((4,)), tl.zeros((3,)))  # E: rnn: expected bias_hh of shape (4,), got (3,)  [tensor-shape]


def case_op_dtype() -> None:
    tl.rnn(tl.zeros((5, 3), dtype=np.int64), tl.zeros((4,)), tl.zeros((4, 3)), tl.zeros((4, 4)))  # E: rnn: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


class Reader(nn.Module, Generic[I, H]):
    def __init__(self, features: I, hidden: H) -> None:
        self.encoder = nn.LSTM(features, hidden)
        self.decoder = nn.GRU(features, features)

    def forward(self, x: Tensor[Shape[*Batch, L, I], T]) -> Tensor[Shape[*Batch, L, I], T]:
        states, (last, _) = self.encoder(x)
        self.decoder(states)  # E: GRU(I, I): expected x of shape (*Batch, L, I), got (*Batch, L, H): H is not I  [tensor-shape]
        y, _ = self.decoder(x.with_empty_tape())
        return y


def model_of_the_users() -> None:
    Reader(3, 4)(tl.zeros((2, 5, 4)))  # E: Reader(3, 4): expected shape (*Batch, L, 3), got (2, 5, 4): 4 is not 3  [tensor-shape]


def symbols(a: Tensor[Shape[N, L, I]], h: Tensor[Shape[1, N, I]]) -> None:
    nn.GRU(3, 4)(a)  # E: GRU(3, 4): expected x of shape (*Batch, L, 3), got (N, L, I): I is not 3  [tensor-shape]
    nn.GRU(3, 4)(tl.zeros((5, 6, 3)), h)  # E: GRU(3, 4): expected h of shape (1, *Batch, 4), got (1, N, I): I is not 4  [tensor-shape]


def unknown(a: Tensor[Shape[...]]) -> None:
    nn.GRU(3, 4)(a)  # E: GRU(3, 4): expected x of shape (*Batch, L, 3), got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
