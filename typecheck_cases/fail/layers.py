"""Layers and models: the operand has the declared sizes, and the members of a chain fit."""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

N = TypeVar("N", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
WIDTH = 32


def case_linear() -> None:
    nn.Linear(4, 2)(tl.zeros((8, 5)))  # E: Linear(4, 2): expected last dimension 4, got 5; try nn.Linear(5, 2)  [tensor-shape]


def case_linear_scalar() -> None:
    nn.Linear(4, 2)(tl.zeros(()))  # E: Linear(4, 2): expected last dimension 4, got a scalar  [tensor-shape]


def case_adjacent_layers() -> None:
    nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(31, 2))  # E: Sequential[2] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1] ReLU; try nn.Linear(32, 2)  [tensor-shape]


def case_adjacent_layers_by_constant() -> None:
    nn.Sequential(nn.Linear(4 * 7, WIDTH), nn.ReLU(), nn.Linear(WIDTH - 1, 2))  # E: Sequential[2] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1] ReLU; try nn.Linear(32, 2)  [tensor-shape]


def case_operand_of_chain() -> None:
    mlp = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
    mlp(tl.zeros((64, 9)))  # E: Sequential[0] Linear(10, 32): expected last dimension 10, got 9; try nn.Linear(9, 32)  [tensor-shape]


def case_nested_chain() -> None:
    nn.Sequential(nn.Linear(10, 32), nn.Sequential(nn.ReLU(), nn.Linear(31, 2)))  # E: Sequential[1][1] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1][0] ReLU; try nn.Linear(32, 2)  [tensor-shape]


def case_tuple_in_chain() -> None:
    nn.Sequential(nn.Linear(10, 32), (nn.ReLU(), nn.Linear(31, 2)), nn.Tanh())  # E: Sequential[1][1] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1][0] ReLU; try nn.Linear(32, 2)  [tensor-shape]


def case_sequential_of_tuples() -> None:
    nn.sequential((nn.Linear(10, 32), (nn.ReLU(), (nn.Linear(31, 2),))))  # E: Sequential[1][1][0] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1][0] ReLU; try nn.Linear(32, 2)  [tensor-shape]


def case_activation_first() -> None:
    nn.Sequential(nn.ReLU(), nn.Linear(4, 3), nn.Linear(4, 3))  # E: Sequential[2] Linear(4, 3): expected last dimension 4, got 3 from Sequential[1] Linear(4, 3); try nn.Linear(3, 3)  [tensor-shape]


def case_result_of_chain() -> None:
    mlp = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
    losses.mse_loss(mlp(tl.zeros((64, 10))), tl.zeros((64, 3)))  # E: mse_loss: input and target must have the same shape, got (64, 2) and (64, 3): 2 is not 3  [tensor-shape]


class Net(nn.Module):
    def __init__(self) -> None:
        self.hidden = nn.Linear(784, WIDTH)
        self.out = nn.Linear(WIDTH, 10)

    def forward(self, x: Tensor[Shape[N, 784], T]) -> Tensor[Shape[N, 10], T]:
        return self.out(self.hidden(x).relu())


def model_of_the_users() -> None:
    Net()(tl.zeros((64, 10)))  # E: Net: expected shape (N, 784), got (64, 10): 10 is not 784  [tensor-shape]


def rank_of_model_of_the_users() -> None:
    Net()(tl.zeros((784,)))  # E: Net: expected shape (N, 784), got (784,): 1 dimension, not 2  [tensor-shape]


class Block(nn.Module, Generic[N, H]):
    def __init__(self, n: N, h: H) -> None:
        self.up = nn.Linear(n, h)
        self.down = nn.Linear(h, n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        y = self.up(x)
        self.up(y)  # E: Linear(N, H): expected last dimension N, got H  [tensor-shape]
        return self.down(y)


def generic_model() -> None:
    Block(8, 16)(tl.zeros((2, 16)))  # E: Block(8, 16): expected last dimension 8, got 16  [tensor-shape]


def takes_block(block: Block[8, 16]) -> None: ...


def generic_model_of_another_size() -> None:
    takes_block(Block(8, 17))  # E: takes_block: expected block to be Block(8, 16), got Block(8, 17)  [tensor-shape]


def unknown_shape(x: Tensor[Shape[...]]) -> None:
    nn.Linear(4, 2)(x)  # E: Linear(4, 2): expected last dimension 4, got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def unknown_last_dimension(x: Tensor[Shape[64, int]]) -> None:
    nn.Linear(4, 2)(x)  # E: Linear(4, 2): expected last dimension 4, got (64, ?): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def fit(
    model: nn.Maps[Tensor[Shape[*Batch, 784], Tape], Tensor[Shape[*Batch, 10], Tape]],
    x: Tensor[Shape[*Batch, 784]],
) -> None: ...


def fits_not() -> None:
    fit(nn.Sequential(nn.Linear(784, 32), nn.Linear(32, 11)), tl.zeros((64, 784)))  # E: fit: expected model to return (64, 10) with a tape, got (64, 11) with a tape  [tensor-shape]


def takes_not() -> None:
    fit(nn.Sequential(nn.Linear(783, 32), nn.Linear(32, 10)), tl.zeros((64, 784)))  # E: fit: model does not fit: Sequential[0] Linear(783, 32): expected last dimension 783, got 784; try nn.Linear(784, 32)  [tensor-shape]


def case_chain_is_reported_once() -> None:
    mlp = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(31, 2))  # E: Sequential[2] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1] ReLU; try nn.Linear(32, 2)  [tensor-shape]
    mlp(tl.zeros((64, 10))).sum()
    mlp(tl.zeros((64, 9)))


Mlp: TypeAlias = nn.Sequential[nn.Linear[Literal[10], Literal[32]], nn.Linear[Literal[31], Literal[2]]]


def case_built_from_a_type() -> None:
    nn.build(Mlp, rng=0)  # E: Sequential[1] Linear(31, 2): expected last dimension 31, got 32 from Sequential[0] Linear(10, 32); try nn.Linear(32, 2)  [tensor-shape]


def case_nothing_follows_from_an_error() -> None:
    decoder = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16))
    logits = decoder(tl.zeros((8, 4)) @ tl.zeros((5, 6)))  # E: matmul: inner dimensions must be equal, got (8, 4) and (5, 6): 4 is not 5  [tensor-shape]
    losses.mse_loss(logits, tl.zeros((8, 16)))
