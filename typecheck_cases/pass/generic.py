"""Type variables: functions and modules that are checked for all sizes at once."""

from __future__ import annotations

from typing import Generic

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor1D, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def gram(x: Tensor[Shape[N, M], T]) -> Tensor[Shape[N, N], T]:
    y = x.with_empty_tape().transpose()
    return x @ y


def flat(x: Tensor[Shape[N, M, 3], T]) -> Tensor[Shape["M*N*3"], T]:
    return x.reshape((-1,))


def product(
    x: Tensor[Shape[*Batch, N, M], T], y: Tensor2D[M, K]
) -> Tensor[Shape[*Batch, N, K], T]:
    return x @ y


def centred(x: Tensor[Shape[*Batch, N]]) -> Tensor[Shape[*Batch, N]]:
    return x - x.mean(axis=-1, keepdims=True)


def padded(x: Tensor1D[N]) -> Tensor[Shape["N + 2"]]:
    return tl.zeros((x.shape[0] + 2,))


def twice(x: Tensor1D[N]) -> Tensor[Shape["2*N"]]:
    return tl.zeros((2 * x.shape[0],))


class Residual(nn.Module, Generic[N]):
    """A block that keeps the shape of its operand."""

    def __init__(self, n: N) -> None:
        self.first = nn.Linear(n, n * 4)
        self.second = nn.Linear(n * 4, n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        y = self.second(self.first(x.with_empty_tape()).relu())
        return x + y


a: Tensor[Shape[2, 2]] = gram(tl.zeros((2, 3)))
b: Tensor[Shape[30], Tape] = flat(tl.zeros((2, 5, 3)).traced())
c: Tensor[Shape[7, 2, 5]] = product(tl.zeros((7, 2, 3)), tl.zeros((3, 5)))
d: Tensor[Shape[7, 3]] = centred(tl.zeros((7, 3)))
e: Tensor[Shape[10]] = twice(padded(tl.zeros((3,))))
model = nn.Sequential(Residual(8), nn.ReLU(), Residual(8), nn.Linear(8, 2))
f: Tensor[Shape[5, 2], Tape] = model(tl.zeros((5, 8)).traced())
for value, shape in ((a, (2, 2)), (b, (30,)), (c, (7, 2, 5)), (d, (7, 3)), (e, (10,)), (f, (5, 2))):
    assert value.shape == shape
