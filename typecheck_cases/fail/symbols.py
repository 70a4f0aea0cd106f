"""Sizes of generic classes, aliases and batches that do not fit."""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
Padded: TypeAlias = Tensor[Shape["N + 2"]]


class Block(nn.Module, Generic[C, H]):
    def __init__(self, c: C, h: H) -> None:
        self.up = nn.Linear(c, c * h)

    def forward(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, "C*H"], T]:
        return self.up(x)


class Narrow(Block[C, Literal[2]]): ...


class Stack(Generic[*Batch]):
    def __init__(self, x: Tensor[Shape[*Batch]]) -> None:
        self.x = x

    def tabled(self, y: Tensor[Shape[*Batch, N]]) -> Tensor[Shape[N, *Batch]]:
        raise NotImplementedError


def cut(x: Padded[N]) -> Tensor[Shape[N]]:
    return x[2:]


def halved(x: Tensor[Shape["2*N"]]) -> Tensor[Shape[N]]:
    return x[::2]


def padded_by_alias(x: Padded[3]) -> None: ...


def stacked(x: Stack[2, 3]) -> None: ...


def linear(layer: nn.Linear[3, 4]) -> None: ...


def alias_too_short() -> None:
    cut(tl.zeros((2,)))  # E: cut: expected x of shape (N + 2,), got (2,): N + 2 = 2 has no solution >= 1: N would be 0  [tensor-shape]


def alias_that_may_be_too_short(
    x: Tensor[Shape[M]], roomy: Tensor[Shape["M + 2"]], even: Tensor[Shape["2*M - 2"]]
) -> None:
    cut(roomy)
    halved(roomy[2:].repeat(2))
    cut(x)  # E: cut: expected x of shape (N + 2,), got (M,): N + 2 = M may have no solution >= 1: N would be M - 2, declare a size that suffices  [tensor-shape]
    halved(even)  # E: halved: expected x of shape (2*N,), got (2*M - 2,): 2*N = 2*M - 2 may have no solution >= 1: N would be M - 1, declare a size that suffices  [tensor-shape]


def alias_of_another_size() -> None:
    padded_by_alias(tl.zeros((4,)))  # E: padded_by_alias: expected x of shape (5,), got (4,): 4 is not 5  [tensor-shape]


def of_a_bound_size() -> None:
    Narrow(8, 3)  # E: Argument 2 to "Narrow" has incompatible type "Literal[3]"; expected "Literal[2]"  [arg-type]


def method_of_sizes() -> None:
    Stack(tl.zeros((2, 3))).tabled(tl.zeros((2, 4, 5)))  # E: Stack.tabled: expected y of shape (2, 3, N), got (2, 4, 5): 4 is not 3  [tensor-shape]


def class_of_sizes() -> None:
    stacked(Stack(tl.zeros((3, 3))))  # E: Argument 1 to "stacked" has incompatible type "Stack[Literal[3], Literal[3]]"; expected "Stack[Literal[2], Literal[3]]"  [arg-type]


def layer_of_a_list() -> None:
    for layer in [nn.Linear(3, 4), nn.Linear(4, 5)]:
        linear(layer)  # E: linear: expected layer to be Linear(3, 4), got Linear  [tensor-unproven]


def attribute() -> None:
    Block(8, 3).up(tl.zeros((5, 8))) @ tl.zeros((23, 2))  # E: matmul: inner dimensions must be equal, got (5, 24) and (23, 2): 24 is not 23  [tensor-shape]


def case_item_of_a_list() -> None:
    layers = [nn.Linear(3, 4), nn.Linear(5, 4)]
    layers[0](tl.zeros((2, 3))) @ tl.zeros((5, 2))  # E: matmul: inner dimensions must be equal, got (2, 4) and (5, 2): 4 is not 5  [tensor-shape]


def closure(x: Tensor[Shape[N, M]]) -> None:
    def inner(y: Tensor[Shape[*Batch, M]]) -> Tensor[Shape[*Batch, N]]:
        return y @ x  # E: matmul: inner dimensions must be equal, got (*Batch, M) and (N, M): M is not N; try x1 @ x2.T  [tensor-shape]

    inner(x.T)  # E: inner: expected y with last dimension M, got N  [tensor-shape]


def batches(x: Tensor[Shape[*Batch, N, 3]], y: Tensor[Shape[*Batch, M, 4]], z: Tensor[Shape[*Batch, 5]]) -> None:
    tl.concat((x, y), axis=-2)  # E: concat: shapes must be equal but for the axis, got (*Batch, N, 3), (*Batch, M, 4): 3 is not 4 on axis -1  [tensor-shape]
    tl.stack((z, x[..., 0, :]), axis=-1)  # E: stack: shapes must be equal but for the axis, got (*Batch, 5), (*Batch, 3): 5 is not 3 on axis -1  [tensor-shape]
    tl.concat((x, z), axis=-1)  # E: concat: operands must have equally many dimensions, got (*Batch, N, 3), (*Batch, 5)  [tensor-shape]
    tl.broadcast_arrays(x, z)  # E: broadcast_arrays: shapes must be equal where neither is 1, got (*Batch, N, 3) and (*Batch, 5)  [tensor-shape]
    z.broadcast_to((7, *z.shape[:-1], 6))  # E: broadcast_to: shape (*Batch, 5) cannot be stretched to (7, *Batch, 6)  [tensor-shape]
    z.reshape((*z.shape[:-1], 2, -1))  # E: reshape: the number of elements must stay, got (*Batch, 5) and (*Batch, 2, -1): 5 is not a multiple of 2  [tensor-shape]

