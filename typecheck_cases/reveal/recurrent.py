# mypy: disable-error-code="tensor-tape"
"""Recurrent ops, cells and layers."""

from __future__ import annotations

from typing import Generic, reveal_type

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

x = tl.zeros((2, 5, 3))
h = tl.zeros((2, 4))
d = tl.zeros((5, 3), dtype=np.float64)

# Ops
reveal_type(tl.rnn(x.traced(), h, tl.zeros((4, 3)), tl.zeros((4, 4))))  # N: tuple[Tensor[Shape[2, 5, 4], Tape, float32], Tensor[Shape[2, 4], Tape, float32]]
reveal_type(tl.gru(x, h, tl.zeros((12, 3)), tl.zeros((12, 4)), tl.zeros((12,)), tl.zeros((12,)), reverse=True))  # N: tuple[Tensor[Shape[2, 5, 4], NoTape, float32], Tensor[Shape[2, 4], NoTape, float32]]
reveal_type(tl.lstm(x, h.traced(), h, tl.zeros((16, 3)), tl.zeros((16, 4))))  # N: tuple[Tensor[Shape[2, 5, 4], Tape, float32], Tensor[Shape[2, 4], Tape, float32], Tensor[Shape[2, 4], Tape, float32]]
reveal_type(tl.rnn(d, tl.zeros((4,), dtype=np.float64), tl.zeros((4, 3), dtype=np.float64), tl.zeros((4, 4), dtype=np.float64)))  # N: tuple[Tensor[Shape[5, 4], NoTape, float64], Tensor[Shape[4], NoTape, float64]]

# Cells
reveal_type(nn.RNNCell(3, 4, nonlinearity="relu"))  # N: RNNCell[3, 4]
reveal_type(nn.RNNCell(3, 4)(tl.zeros((3,))))  # N: Tensor[Shape[4], NoTape, float32]
reveal_type(nn.GRUCell(3, 4)(tl.zeros((2, 3)).traced(), h))  # N: Tensor[Shape[2, 4], Tape, float32]
reveal_type(nn.GRUCell(3, 4)(tl.zeros((2, 3)), h.traced()))  # N: Tensor[Shape[2, 4], Tape, float32]
reveal_type(nn.LSTMCell(3, 4)(tl.zeros((2, 3))))  # N: tuple[Tensor[Shape[2, 4], NoTape, float32], Tensor[Shape[2, 4], NoTape, float32]]
reveal_type(nn.LSTMCell(3, 4)(tl.zeros((2, 3)).traced(), (h, h)))  # N: tuple[Tensor[Shape[2, 4], Tape, float32], Tensor[Shape[2, 4], Tape, float32]]

# Layers
rnn, gru, lstm = nn.RNN(3, 4), nn.GRU(3, 4, 2), nn.LSTM(3, 4, 2, bidirectional=True)
reveal_type(rnn)  # N: RNN[3, 4, 1, 0]
reveal_type(gru)  # N: GRU[3, 4, 2, 0]
reveal_type(lstm)  # N: LSTM[3, 4, 2, 1]
reveal_type(rnn(x.traced()))  # N: tuple[Tensor[Shape[2, 5, 4], Tape, float32], Tensor[Shape[1, 2, 4], Tape, float32]]
reveal_type(gru(tl.zeros((5, 3)), tl.zeros((2, 4)).traced()))  # N: tuple[Tensor[Shape[5, 4], Tape, float32], Tensor[Shape[2, 4], Tape, float32]]
reveal_type(gru(tl.zeros((7, 6, 5, 3)))[0])  # N: Tensor[Shape[7, 6, 5, 4], NoTape, float32]
reveal_type(gru(x)[1][-1])  # N: Tensor[Shape[2, 4], NoTape, float32]
reveal_type(lstm(x)[0])  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
reveal_type(lstm(x.traced(), (tl.zeros((4, 2, 4)), tl.zeros((4, 2, 4))))[1])  # N: tuple[Tensor[Shape[4, 2, 4], Tape, float32], Tensor[Shape[4, 2, 4], Tape, float32]]
reveal_type(nn.Sequential(nn.Linear(2, 3), nn.GRUCell(3, 4), nn.Linear(4, 1))(tl.zeros((5, 2))))  # N: Tensor[Shape[5, 1], NoTape, float32]

y, (last, cell) = lstm(x.traced())
reveal_type(y.flatten(1))  # N: Tensor[Shape[2, 40], Tape, float32]
reveal_type(tl.concat((last[-1], cell[-1]), -1))  # N: Tensor[Shape[2, 8], Tape, float32]


class Reader(nn.Module, Generic[I, H]):
    def __init__(self, features: I, hidden: H) -> None:
        self.encoder = nn.LSTM(features, hidden)
        self.both = nn.GRU(hidden, hidden, bidirectional=True)
        self.head = nn.Linear(2 * hidden, 10)

    def forward(self, x: Tensor[Shape[*Batch, L, I], T]) -> Tensor[Shape[*Batch, 10], T]:
        states, (last, _) = self.encoder(x)
        reveal_type(states)  # N: Tensor[Shape[*Batch, L, H], T, float32]
        reveal_type(last)  # N: Tensor[Shape[1, *Batch, H], T, float32]
        sequence, ends = self.both(states)
        reveal_type(sequence)  # N: Tensor[Shape[*Batch, L, Mul[2, H]], T, float32]
        reveal_type(ends)  # N: Tensor[Shape[2, *Batch, H], T, float32]
        return self.head(sequence[..., -1, :])


reveal_type(Reader(3, 4)(x))  # N: Tensor[Shape[2, 10], NoTape, float32]
reveal_type(Reader(3, 4)(tl.zeros((5, 3)).traced()))  # N: Tensor[Shape[10], Tape, float32]


def symbols(
    a: Tensor[Shape[*Batch, L, I], T],
    state: Tensor[Shape[*Batch, H]],
    features: I,
    hidden: H,
    layers: N,
) -> None:
    reveal_type(nn.GRU(features, hidden, layers))  # N: GRU[I, H, N, 0]
    reveal_type(nn.GRU(features, hidden, layers)(a))  # N: tuple[Tensor[Shape[*Batch, L, H], T, float32], Tensor[Shape[N, *Batch, H], T, float32]]
    reveal_type(nn.LSTM(features, hidden, layers, bidirectional=True)(a)[1][0])  # N: Tensor[Shape[Mul[2, N], *Batch, H], T, float32]


def options(flag: bool, count: int, state: Tensor[Shape[1, 2, 4]] | None) -> None:
    reveal_type(nn.RNN(3, 4, bidirectional=flag)(x))  # N: tuple[Tensor[Shape[2, 5, int], NoTape, float32], Tensor[Shape[int, 2, 4], NoTape, float32]]
    reveal_type(nn.RNN(3, 4, count)(x))  # N: tuple[Tensor[Shape[2, 5, 4], NoTape, float32], Tensor[Shape[int, 2, 4], NoTape, float32]]
    reveal_type(rnn(x, state))  # N: tuple[Tensor[Shape[2, 5, 4], NoTape, float32], Tensor[Shape[1, 2, 4], NoTape, float32]]


def step(a: Tensor[Shape[N, 3], T], state: tuple[Tensor[Shape[N, 4]], Tensor[Shape[N, 4]]] | None) -> None:
    reveal_type(nn.LSTMCell(3, 4)(a, state))  # N: tuple[Tensor[Shape[N, 4], T, float32], Tensor[Shape[N, 4], T, float32]]


def annotated(a: nn.LSTM[3, 4], b: nn.GRU[3, 4, 2, 1]) -> None:
    reveal_type(a)  # N: LSTM[3, 4, 1, 0]
    reveal_type(b(x)[0])  # N: Tensor[Shape[2, 5, 8], NoTape, float32]
