"""What layers, models and declared functions return."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeAlias, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
HIDDEN = 128
TWICE = HIDDEN * 2
loop = 1
for loop in range(3):
    pass

reveal_type(nn.Linear(784, 10))  # N: Linear[784, 10]
reveal_type(nn.Linear(32 * 7 * 7, HIDDEN))  # N: Linear[1568, 128]
reveal_type(nn.Linear(TWICE, HIDDEN // 2))  # N: Linear[256, 64]
reveal_type(nn.Linear(loop, 3))  # N: Linear[int, 3]
reveal_type(nn.Linear(4, 3).weight)  # N: Parameter[tuple[3, 4], Any]
reveal_type(nn.Linear(4, 3).weight @ tl.zeros((4,)))  # N: Tensor[Shape[3], NoTape, AnyDtype]

mlp = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2), nn.Tanh())
reveal_type(mlp(tl.zeros((10,))))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(mlp(tl.zeros((64, 10))))  # N: Tensor[Shape[64, 2], NoTape, float32]
reveal_type(mlp(tl.zeros((5, 64, 10)).traced()))  # N: Tensor[Shape[5, 64, 2], Tape, float32]
reveal_type(nn.sequential((nn.Linear(4, 3), (nn.ReLU(), nn.Linear(3, 2))))(tl.zeros((7, 4))))  # N: Tensor[Shape[7, 2], NoTape, float32]
reveal_type(nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2)))(tl.zeros((4,))))  # N: Tensor[Shape[2], NoTape, float32]

Mlp: TypeAlias = nn.Sequential[nn.Linear[Literal[10], Literal[32]], nn.ReLU, nn.Linear[Literal[32], Literal[2]]]
reveal_type(nn.build(Mlp, rng=0)(tl.zeros((10,))))  # N: Tensor[Shape[2], NoTape, float32]


class Net(nn.Module):
    def __init__(self) -> None:
        self.hidden = nn.Linear(784, HIDDEN)
        self.out = nn.Linear(HIDDEN, 5 * 2)

    def forward(self, x: Tensor[Shape[N, 784], T]) -> Tensor[Shape[N, 10], T]:
        h = self.hidden(x).relu()
        reveal_type(h)  # N: Tensor[Shape[N, 128], T, float32]
        return self.out(h)


net = Net()
reveal_type(net(tl.zeros((3, 784))))  # N: Tensor[Shape[3, 10], NoTape, float32]
reveal_type(net(tl.zeros((3, 784)).traced()))  # N: Tensor[Shape[3, 10], Tape, float32]
reveal_type(nn.Sequential(Net(), nn.Linear(10, 2))(tl.zeros((3, 784))))  # N: Tensor[Shape[3, 2], NoTape, float32]


class Block(nn.Module, Generic[N, H]):
    def __init__(self, n: N, h: H) -> None:
        self.up = nn.Linear(n, h)
        self.down = nn.Linear(h, n * 4)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, "4*N"], T]:
        reveal_type(self.up)  # N: Linear[N, H]
        reveal_type(self.down)  # N: Linear[H, Mul[4, N]]
        return self.down(self.up(x).relu())


reveal_type(Block(3, 4))  # N: Block[3, 4]
reveal_type(Block(3, 4)(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 12], NoTape, float32]
reveal_type(Block(3, 4)(tl.zeros((3,)).traced()))  # N: Tensor[Shape[12], Tape, float32]


def takes(block: Block[64, 32], x: Tensor[Shape[int, 64]]) -> None:
    reveal_type(block(x))  # N: Tensor[Shape[int, 256], NoTape, float32]


def double(x: Tensor[Shape[N, 3]]) -> Tensor[Shape["2*N", 3]]:
    raise NotImplementedError


def half(x: Tensor[Shape["2*N + 2"]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def convolved(x: Tensor2D[N, M], k: H) -> Tensor[Shape["(N - 3)//2 + 1", "M*M"], NoTape]:
    raise NotImplementedError


def swapped(x: tuple[Tensor[Shape[N]], Tensor[Shape[M]]]) -> tuple[Tensor[Shape[M]], Tensor[Shape[N]]]:
    raise NotImplementedError


def total(x: Tensor[Shape[*Batch], T]) -> Tensor0D[T]:
    return x.sum()


def shapes() -> None:
    reveal_type(double(tl.zeros((4, 3))))  # N: Tensor[Shape[8, 3], NoTape, float32]
    reveal_type(double(double(tl.zeros((4, 3)))))  # N: Tensor[Shape[16, 3], NoTape, float32]
    reveal_type(half(tl.zeros((8,))))  # N: Tensor[Shape[3], NoTape, float32]
    reveal_type(convolved(tl.zeros((28, 3)), 5))  # N: Tensor[Shape[13, 9], NoTape, float32]
    reveal_type(swapped((tl.zeros((2,)), tl.zeros((3,)))))  # N: tuple[Tensor[Shape[3], NoTape, float32], Tensor[Shape[2], NoTape, float32]]
    reveal_type(total(tl.zeros((2, 3, 4)).traced()))  # N: Tensor[Shape[()], Tape, float32]


def rigid(x: Tensor[Shape[M, 3]]) -> None:
    reveal_type(double(x))  # N: Tensor[Shape[Mul[2, M], 3], NoTape, float32]
    reveal_type(double(double(x)))  # N: Tensor[Shape[Mul[4, M], 3], NoTape, float32]


def either(flag: bool) -> None:
    x = tl.zeros((2, 3)) if flag else tl.zeros((4, 3))
    reveal_type(x)  # N: Tensor[Shape[2, 3], NoTape, float32] | Tensor[Shape[4, 3], NoTape, float32]
    reveal_type(x.sum(axis=0))  # N: Tensor[Shape[3], NoTape, float32]


def number_or_word(x: Tensor[Shape[3]]) -> int | str:
    return x.size


def word_or_number(x: Tensor[Shape[3]]) -> str | int:
    return x.size


reveal_type(number_or_word(tl.zeros((3,))))  # N: int | str
reveal_type(word_or_number(tl.zeros((3,))))  # N: str | int
reveal_type([tl.zeros((2, n)) for n in range(3)])  # N: list[Tensor[Shape[2, int], NoTape, float32]]
reveal_type(nn.Parameter(tl.zeros((2, 3))))  # N: Parameter[tuple[2, 3], float32]
reveal_type(nn.Parameter(tl.zeros((2, 3))) * 2)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(np.asarray(tl.zeros((2, 3)).numpy()).ndim)  # N: int

for row in tl.zeros((2, 3)):
    reveal_type(row)  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(nn.Sequential(*[nn.Linear(3, 3) for _ in range(4)])(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]


def gradual(x: Any) -> None:
    reveal_type(nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16))(x))  # N: Tensor[Shape[*tuple[Any, ...], 16], Any, AnyDtype]
