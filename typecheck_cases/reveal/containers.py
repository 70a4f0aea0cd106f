# mypy: disable-error-code="tensor-tape"
"""What containers return, and what their members are."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeAlias, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
x = tl.zeros((5, 4))
images = tl.zeros((5, 4, 3, 2))

residual = nn.Residual(nn.Linear(4, 4))
reveal_type(residual)  # N: Residual[Linear[4, 4]]
reveal_type(residual(x))  # N: Tensor[Shape[5, 4], NoTape, float32]
reveal_type(residual(x.traced()))  # N: Tensor[Shape[5, 4], Tape, float32]
reveal_type(residual.f.weight)  # N: Parameter[tuple[4, 4], Any]
reveal_type(nn.Residual((nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)))(x))  # N: Tensor[Shape[5, 4], NoTape, float32]
reveal_type(nn.Residual((nn.Linear(4, 4), nn.ReLU())).f)  # N: Sequential[Linear[4, 4], ReLU]
reveal_type(nn.ResidualMul(nn.Sequential(nn.Linear(4, 4), nn.Sigmoid()))(x.traced()))  # N: Tensor[Shape[5, 4], Tape, float32]
reveal_type(nn.GeneralizedResidual((nn.Linear(4, 9), nn.ReLU()), nn.Linear(4, 9))(x))  # N: Tensor[Shape[5, 9], NoTape, float32]

repeated = nn.Repeated(lambda: nn.Residual(nn.Linear(4, 4)), 6)
reveal_type(repeated)  # N: Repeated[Residual[Linear[4, 4]], 6]
reveal_type(repeated(x.traced()))  # N: Tensor[Shape[5, 4], Tape, float32]
reveal_type(repeated[3].f)  # N: Linear[4, 4]

split = nn.SplitInto(nn.Linear(4, 2), (nn.ReLU(), nn.Linear(4, 3)))
reveal_type(split(x))  # N: tuple[Tensor[Shape[5, 2], NoTape, float32], Tensor[Shape[5, 3], NoTape, float32]]
reveal_type(split(x.traced()))  # N: tuple[Tensor[Shape[5, 2], Tape, float32], Tensor[Shape[5, 3], Tape, float32]]
add = nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 2))
reveal_type(add((x, tl.zeros((5, 5)))))  # N: Tensor[Shape[5, 2], NoTape, float32]
reveal_type(add((x, tl.zeros((5, 5)).traced())))  # N: Tensor[Shape[5, 2], Tape, float32]
reveal_type(nn.Sequential(split, nn.AddInto(nn.Linear(2, 7), nn.Linear(3, 7)), nn.Tanh())(x))  # N: Tensor[Shape[5, 7], NoTape, float32]
reveal_type(nn.Sequential(add, nn.Residual(nn.ReLU()))((x, tl.zeros((5, 5)))))  # N: Tensor[Shape[5, 2], NoTape, float32]

reveal_type(nn.Flatten())  # N: Flatten[1, -1]
reveal_type(nn.Flatten()(images))  # N: Tensor[Shape[5, 24], NoTape, float32]
reveal_type(nn.Flatten(2)(images.traced()))  # N: Tensor[Shape[5, 4, 6], Tape, float32]
reveal_type(nn.Flatten(end_axis=-2)(images))  # N: Tensor[Shape[5, 12, 2], NoTape, float32]
reveal_type(nn.FlattenImage()(images))  # N: Tensor[Shape[5, 24], NoTape, float32]
reveal_type(nn.FlattenImage()(tl.zeros((4, 3, 2))))  # N: Tensor[Shape[24], NoTape, float32]
reveal_type(nn.Reshape((8, 3)))  # N: Reshape[tuple[8, 3]]
reveal_type(nn.Reshape((8, -1))(images))  # N: Tensor[Shape[5, 8, 3], NoTape, float32]
reveal_type(nn.Sequential(nn.Flatten(), nn.Linear(24, 10), nn.Reshape((2, 5)))(images))  # N: Tensor[Shape[5, 2, 5], NoTape, float32]
reveal_type(nn.Bias(4))  # N: Bias[4]
reveal_type(nn.Bias(4)(x))  # N: Tensor[Shape[5, 4], NoTape, float32]

Net: TypeAlias = nn.Sequential[
    nn.Flatten,
    nn.Linear[Literal[24], Literal[4]],
    nn.Residual[tuple[nn.Linear[Literal[4], Literal[4]], nn.ReLU]],
    nn.Repeated[nn.Residual[nn.Linear[Literal[4], Literal[4]]], Literal[2]],
    nn.Reshape[tuple[Literal[2], Literal[2]]],
]
reveal_type(nn.build(Net, rng=0)(images))  # N: Tensor[Shape[5, 2, 2], NoTape, float32]
model = nn.Sequential(nn.Linear(4, 3), (nn.ReLU(), nn.Linear(3, 2)), *[nn.Linear(2, 2) for _ in range(3)])
reveal_type(model(x))  # N: Tensor[Shape[5, 2], NoTape, float32]
pair = nn.Sequential(nn.Linear(4, 3), (nn.ReLU(), nn.Linear(3, 2)))
reveal_type(pair[0])  # N: Linear[4, 3]
reveal_type(pair[-1][1].weight)  # N: Parameter[tuple[2, 3], Any]
reveal_type(optim.EMA(residual, decay=0.99).model(x))  # N: Tensor[Shape[5, 4], NoTape, float32]
reveal_type(nn.Linear(4, 3).astype(np.float64))  # N: Linear[4, 3]


class Own(nn.Sequential[nn.Linear[Literal[4], Literal[4]], nn.ReLU]):
    def __init__(self) -> None:
        super().__init__(nn.Linear(4, 4), nn.ReLU())


reveal_type(Own()(x))  # N: Tensor[Shape[5, 4], NoTape, float32]
reveal_type(nn.Sequential(Own(), nn.Linear(4, 2))(x))  # N: Tensor[Shape[5, 2], NoTape, float32]


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.f = nn.Residual((nn.Linear(n, 4 * n), nn.ReLU(), nn.Linear(4 * n, n)))

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        y = self.f(x)
        reveal_type(y)  # N: Tensor[Shape[*Batch, N], T, float32]
        return y


reveal_type(nn.Repeated(lambda: Block(8), 3))  # N: Repeated[Block[8], 3]
reveal_type(nn.Repeated(lambda: Block(8), 3)(tl.zeros((2, 8)).traced()))  # N: Tensor[Shape[2, 8], Tape, float32]


def takes(
    f: nn.Residual[nn.Linear[4, 4]],
    blocks: nn.Repeated[nn.Linear[4, 4], 6],
    reshape: nn.Reshape[Shape[2, 2]],
    x: Tensor[Shape[int, 4]],
    some: Tensor[Shape[2, 4]] | Tensor[Shape[3, 4]],
) -> None:
    reveal_type(f(x))  # N: Tensor[Shape[int, 4], NoTape, float32]
    reveal_type(blocks(x))  # N: Tensor[Shape[int, 4], NoTape, float32]
    reveal_type(reshape(x))  # N: Tensor[Shape[int, 2, 2], NoTape, float32]
    reveal_type(f(some))  # N: Tensor[Shape[2, 4], NoTape, float32] | Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(reshape(some))  # N: Tensor[Shape[2, 2, 2], NoTape, float32] | Tensor[Shape[3, 2, 2], NoTape, float32]


def symbolic(x: Tensor[Shape[N, M], T], y: Tensor[Shape[*Batch, N, 4]], n: N, m: M) -> None:
    reveal_type(nn.Residual(nn.Linear(m, m))(x))  # N: Tensor[Shape[N, M], T, float32]
    reveal_type(nn.SplitInto(nn.Linear(m, n), nn.Bias(m))(x))  # N: tuple[Tensor[Shape[N, N], T, float32], Tensor[Shape[N, M], T, float32]]
    reveal_type(nn.Flatten()(y))  # N: Tensor[Shape[int, int], NoTape, float32]
    reveal_type(nn.Flatten(-2)(y))  # N: Tensor[Shape[*Batch, Mul[4, N]], NoTape, float32]
    reveal_type(nn.FlattenImage()(tl.zeros((3, n, m, 4))))  # N: Tensor[Shape[3, Mul[Mul[4, M], N]], NoTape, float32]
    reveal_type(nn.Reshape((n, m)))  # N: Reshape[tuple[N, M]]
    reveal_type(nn.Reshape((m, 4))(tl.zeros((3, 4 * m))))  # N: Tensor[Shape[3, M, 4], NoTape, float32]


def unknown(k: int, sizes: tuple[int, ...], x: Tensor[Shape[...]], anything: Any) -> None:
    reveal_type(nn.Residual(nn.Linear(k, k)))  # N: Residual[Linear[int, int]]
    reveal_type(nn.Flatten(k)(images))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(nn.Flatten()(x))  # N: Tensor[Shape[int, int], NoTape, float32]
    reveal_type(nn.Reshape(sizes)(images))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(nn.Reshape((2, -1))(x))  # N: Tensor[Shape[int, 2, int], NoTape, float32]
    reveal_type(nn.Reshape((k, 3))(images))  # N: Tensor[Shape[5, int, 3], NoTape, float32]
    reveal_type(residual(anything))  # N: Tensor[Shape[*tuple[Any, ...], 4], Any, AnyDtype]
    reveal_type(split(anything))  # N: tuple[Tensor[Shape[*tuple[Any, ...], 2], Any, AnyDtype], Tensor[Shape[*tuple[Any, ...], 3], Any, AnyDtype]]
    reveal_type(add(anything))  # N: Tensor[Shape[*tuple[Any, ...], 2], Any, AnyDtype]
    reveal_type(model[k])  # N: Module
