"""What containers in containers, in models, in lists and in unions return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, reveal_type

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
x = tl.zeros((2, 3))


class Block(nn.Module, Generic[N, H]):
    def __init__(self, n: N, h: H) -> None:
        self.net = nn.Residual((nn.LayerNorm(n), nn.Linear(n, h), nn.ReLU(), nn.Linear(h, n)))
        self.blocks = [nn.Residual(nn.Linear(n, n)) for _ in range(3)]
        self.by_name = {"a": nn.Linear(n, h), "b": nn.Linear(n, h)}
        self.heads = (nn.Linear(n, 2), nn.Linear(n, h))
        self.split = nn.SplitInto(nn.Linear(n, 2), (nn.ReLU(), nn.Linear(n, h)))
        self.stack = nn.Repeated(lambda: nn.Residual((nn.Linear(n, n), nn.ReLU())), 4)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        y = self.net(x)
        for block in self.blocks:
            y = block(y)
        for norm, block in zip([nn.Tanh(), nn.Tanh()], reversed(self.blocks), strict=False):
            y = block(norm(y))
        for index in range(len(self.blocks)):
            y = self.blocks[index](y)
        return self.stack(y)

    def others(self, x: Tensor[Shape[*Batch, N], T]) -> None:
        reveal_type(self.by_name["a"](x.with_empty_tape()))  # N: Tensor[Shape[*Batch, H], T, float32]
        reveal_type(self.heads[1](x.with_empty_tape()))  # N: Tensor[Shape[*Batch, H], T, float32]
        reveal_type(self.split(x.with_empty_tape()))  # N: tuple[Tensor[Shape[*Batch, 2], T, float32], Tensor[Shape[*Batch, H], T, float32]]
        reveal_type(nn.Sequential(*self.blocks, self.heads[0])(x.with_empty_tape()))  # N: Tensor[Shape[*Batch, 2], T, float32]
        for head in self.heads:
            reveal_type(head(x.with_empty_tape()))  # N: Tensor[Shape[*Batch, 2], T, float32] | Tensor[Shape[*Batch, H], T, float32]


def made(n: N, h: H) -> nn.Sequential[Block[N, H], nn.Linear[N, H]]:
    return nn.Sequential(Block(n, h), nn.Linear(n, h))


reveal_type(Block(3, 5)(x.traced()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(made(3, 5))  # N: Sequential[Block[3, 5], Linear[3, 5]]
reveal_type(made(3, 5)(x))  # N: Tensor[Shape[2, 5], NoTape, float32]
reveal_type(nn.Sequential(made(3, 5), nn.Residual((made(5, 4), made(4, 5))))(x.traced()))  # N: Tensor[Shape[2, 5], Tape, float32]
reveal_type(nn.Sequential(made(3, 5), (nn.ReLU(), (nn.Linear(5, 7), nn.Repeated(lambda: Block(7, 2), 3))))(x))  # N: Tensor[Shape[2, 7], NoTape, float32]
reveal_type(nn.Sequential(*(nn.Linear(3, 4), nn.Linear(4, 5)))(x))  # N: Tensor[Shape[2, 5], NoTape, float32]
reveal_type(nn.Sequential(nn.Linear(3, 4), *[nn.Linear(4, 4) for _ in range(3)], nn.Linear(4, 1))(x))  # N: Tensor[Shape[2, 1], NoTape, float32]
reveal_type(nn.Sequential(*[nn.Linear(3, 3) for _ in range(3)])(x))  # N: Tensor[Shape[2, 3], NoTape, float32]
layers = [nn.Linear(3, 3) for _ in range(3)]
y = x
for layer in layers:
    y = layer(y)
reveal_type(y)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type({"a": nn.Linear(3, 2), "b": nn.Linear(3, 2)}["b"](x))  # N: Tensor[Shape[2, 2], NoTape, float32]
cnn = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
reveal_type(cnn(tl.zeros((2, 3, 32, 32))))  # N: Tensor[Shape[2, 2048], NoTape, float32]
reveal_type(nn.Sequential(cnn, nn.Linear(8 * 16 * 16, 10))(tl.zeros((2, 3, 32, 32))))  # N: Tensor[Shape[2, 10], NoTape, float32]
reveal_type(nn.Residual((nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 3, 3, padding=1)))(tl.zeros((2, 3, 9, 9))))  # N: Tensor[Shape[2, 3, 9, 9], NoTape, float32]


def either(layer: nn.Linear[3, 4] | nn.Linear[3, 5], act: nn.ReLU | nn.Tanh) -> None:
    reveal_type(nn.Sequential(layer, act)(x))  # N: Tensor[Shape[2, 4], NoTape, float32] | Tensor[Shape[2, 5], NoTape, float32]
    reveal_type(nn.Sequential(nn.Linear(2, 3), act)(tl.zeros((7, 2))))  # N: Tensor[Shape[7, 3], NoTape, float32]


def declared(model: nn.Maps[Tensor[Shape[N, 4]], Tensor[Shape[N, 5]]], x: Tensor[Shape[N, 3]]) -> None:
    reveal_type(nn.Sequential(nn.Linear(3, 4), model, nn.Linear(5, 1))(x))  # N: Tensor[Shape[N, 1], NoTape, float32]


either(nn.Linear(3, 4), nn.ReLU())


def mapped(f: nn.Maps[Tensor[Shape[N]], Tensor[Shape[H]]], x: Tensor[Shape[N]]) -> Tensor[Shape[N, H]]:
    return tl.outer(x, f(x))


def called(f: Callable[[Tensor[Shape[N]]], Tensor[Shape[H]]], x: Tensor[Shape[N]]) -> Tensor[Shape[N, H]]:
    return tl.outer(x, f(x))


reveal_type(mapped(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), tl.zeros((3,))))  # N: Tensor[Shape[3, 4], NoTape, float32]
reveal_type(called(nn.Linear(3, 4), tl.zeros((3,))))  # N: Tensor[Shape[3, 4], NoTape, float32]
