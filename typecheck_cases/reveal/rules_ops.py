# mypy: disable-error-code="tensor-tape"
"""What is revealed of windows in ceil mode, of lists that are joined, and of parts not counted."""

from __future__ import annotations

from typing import Final, Generic, reveal_type

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

B = TypeVar("B", bound=int)
N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

# Windows that may end behind the operand.
x = tl.zeros((2, 3, 7, 8))
reveal_type(x.max_pool2d(2, ceil_mode=True))  # N: Tensor[Shape[2, 3, 4, 4], NoTape, float32]
reveal_type(tl.avg_pool2d(x, (3, 2), 2, (1, 0), True))  # N: Tensor[Shape[2, 3, 4, 4], NoTape, float32]
reveal_type(tl.max_pool1d(x[0], 3, 3, 0, 1, True))  # N: Tensor[Shape[3, 7, 3], NoTape, float32]
reveal_type(nn.MaxPool2d(3, 2, ceil_mode=True))  # N: MaxPool2d[3, 2, 0, 1, 1]
reveal_type(nn.MaxPool2d(3, 2, ceil_mode=True)(x))  # N: Tensor[Shape[2, 3, 3, 4], NoTape, float32]
reveal_type(nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)(x.traced()))  # N: Tensor[Shape[2, 3, 4, 4], Tape, float32]
reveal_type(nn.MinPool2d(2, 3, 1, ceil_mode=True)(x))  # N: Tensor[Shape[2, 3, 3, 3], NoTape, float32]
reveal_type(nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), nn.Conv2d(3, 4, 2, padding="valid"))(x))  # N: Tensor[Shape[2, 4, 3, 3], NoTape, float32]


def windows(
    x: Tensor[Shape[*Batch, 3, N, M], T],
    roomy: Tensor[Shape[3, "2*N", "M + 2"]],
    k: M,
    flag: bool,
) -> None:
    reveal_type(nn.MaxPool2d(2, ceil_mode=True)(x))  # N: Tensor[Shape[*Batch, 3, FloorDiv[Add[N, 1], 2], FloorDiv[Add[M, 1], 2]], T, float32]
    reveal_type(nn.MaxPool2d(3, 2, 1, ceil_mode=True)(x))  # N: Tensor[Shape[*Batch, 3, Add[FloorDiv[N, 2], 1], Add[FloorDiv[M, 2], 1]], T, float32]
    reveal_type(x.avg_pool2d(2, 3, ceil_mode=True))  # N: Tensor[Shape[*Batch, 3, FloorDiv[Add[N, 2], 3], FloorDiv[Add[M, 2], 3]], T, float32]
    reveal_type(tl.max_pool1d(x, k, ceil_mode=True))  # N: Tensor[Shape[*Batch, 3, N, 1], T, float32]
    reveal_type(nn.AvgPool2d(2, ceil_mode=flag)(roomy))  # N: Tensor[Shape[3, N, int], NoTape, float32]
    reveal_type(roomy.max_pool2d(2, ceil_mode=flag))  # N: Tensor[Shape[3, N, int], NoTape, float32]


KERNEL: Final = (3, 5)


def convolutions(
    x: Tensor[Shape[B, N, M, K], T], images: Tensor[Shape[2, 4, 9, 9]], n: N, k: K, i: int, mode: str
) -> None:
    reveal_type(nn.Conv2d(n, 2 * n, 3, padding=1, groups=n)(x))  # N: Tensor[Shape[B, Mul[2, N], M, K], T, float32]
    reveal_type(nn.Conv2d(n, 8, 2 * k + 1, 1, k)(x))  # N: Tensor[Shape[B, 8, M, K], T, float32]
    reveal_type(nn.Conv2d(n, 8, 3, k, 1)(x))  # N: Tensor[Shape[B, 8, Add[FloorDiv[Add[M, -1], K], 1], 1], T, float32]
    reveal_type(nn.Conv2d(4, 8, KERNEL, padding="same")(images))  # N: Tensor[Shape[2, 8, 9, 9], NoTape, float32]
    reveal_type(nn.Conv2d(4, 8, (i, 3))(images))  # N: Tensor[Shape[2, 8, int, 7], NoTape, float32]
    reveal_type(tl.conv2d(images, tl.zeros((8, 2, 2, 4)), groups=2, padding=mode))  # N: Tensor[Shape[2, 8, int, int], NoTape, float32]
    reveal_type(nn.Upscale2d((2 * k, 3))(x))  # N: Tensor[Shape[B, N, Mul[2, K], 3], T, float32]


class Down(nn.Module, Generic[N]):
    def __init__(self, channels: N) -> None:
        self.conv = nn.Conv2d(channels, 2 * channels, 3, 2, 1)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)

    def forward(
        self, x: Tensor[Shape[*Batch, N, M, K], T]
    ) -> Tensor[Shape[*Batch, "2*N", "(M + 3)//4", "(K + 3)//4"], T]:
        return self.pool(self.conv(x).relu())


reveal_type(Down(4)(tl.zeros((2, 4, 9, 16))))  # N: Tensor[Shape[2, 8, 3, 4], NoTape, float32]


# Lists of one type, comprehensions, and what is unpacked.
def row(i: int) -> Tensor[Shape[2, 3]]:
    return tl.full((2, 3), float(i))


pair = (tl.zeros((2, 3)), tl.zeros((4, 3)))
reveal_type(tl.stack([row(i) for i in range(4)]))  # N: Tensor[Shape[4, 2, 3], NoTape, float32]
reveal_type(tl.concat([row(i) for i in range(1, 4)], axis=-1))  # N: Tensor[Shape[2, 9], NoTape, float32]
reveal_type(tl.stack([row(0)] * 2, axis=1))  # N: Tensor[Shape[2, 2, 3], NoTape, float32]
reveal_type(tl.concat([*pair, row(1)]))  # N: Tensor[Shape[8, 3], NoTape, float32]
reveal_type(tl.concat(pair + pair))  # N: Tensor[Shape[12, 3], NoTape, float32]
reveal_type(tl.stack([r.exp() for r in row(0).traced()]))  # N: Tensor[Shape[2, 3], Tape, float32]
rows = [row(1), row(2)]
reveal_type(tl.stack(rows))  # N: Tensor[Shape[int, 2, 3], NoTape, float32]
reveal_type(tl.concat(rows, axis=-1))  # N: Tensor[Shape[2, int], NoTape, float32]
reveal_type(tl.concat((*rows, tl.zeros((5, 3)))))  # N: Tensor[Shape[int, 3], NoTape, float32]


def joined(
    x: Tensor[Shape[N, 4], T],
    xs: list[Tensor[Shape[N, 4], T]],
    many: tuple[Tensor[Shape[*Batch, 2]], ...],
    n: N,
    k: int,
) -> None:
    reveal_type(tl.concat(xs))  # N: Tensor[Shape[int, 4], T, float32]
    reveal_type(tl.concat((x, *xs), axis=1))  # N: Tensor[Shape[N, int], T, float32]
    reveal_type(tl.stack(xs, axis=-1))  # N: Tensor[Shape[N, 4, int], T, float32]
    reveal_type(tl.stack(many))  # N: Tensor[Shape[int, *Batch, 2], NoTape, float32]
    reveal_type(tl.stack([row(i) for i in range(n)]))  # N: Tensor[Shape[N, 2, 3], NoTape, float32]
    reveal_type(tl.concat([row(i) for i in range(n)]))  # N: Tensor[Shape[Mul[2, N], 3], NoTape, float32]
    reveal_type(tl.stack([row(i) for i in range(k)]))  # N: Tensor[Shape[int, 2, 3], NoTape, float32]
    reveal_type(tl.stack([row(i) for i in range(4) if i != k]))  # N: Tensor[Shape[int, 2, 3], NoTape, float32]


# Parts that are not counted have a shape all the same.
def parts(x: Tensor[Shape["2*N", 6]], y: Tensor[Shape[N, 6]], n: N, k: int) -> None:
    reveal_type(x.split(n))  # N: tuple[Tensor[Shape[2, 6], NoTape, float32], ...]
    reveal_type(x.split(k, axis=1))  # N: tuple[Tensor[Shape[Mul[2, N], int], NoTape, float32], ...]
    reveal_type(y.split((2, 4), axis=-1)[1])  # N: Tensor[Shape[N, 2], NoTape, float32]
    reveal_type(y.split((n,)))  # N: tuple[Tensor[Shape[N, 6], NoTape, float32], Tensor[Shape[0, 6], NoTape, float32]]
    reveal_type(y.chunk(3))  # N: tuple[Tensor[Shape[int, 6], NoTape, float32], ...]
    reveal_type(x.chunk(2))  # N: tuple[Tensor[Shape[N, 6], NoTape, float32], Tensor[Shape[N, 6], NoTape, float32]]


# A symbol that is 1 stretches to what is not known.
def unknown_beside_symbols(
    x: Tensor[Shape[int, 3]], y: Tensor[Shape[N, 3]], z: Tensor[Shape["N + 1", 3]]
) -> None:
    reveal_type(x + y)  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(y * x)  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(x + z)  # N: Tensor[Shape[Add[N, 1], 3], NoTape, float32]
    reveal_type(x + tl.zeros((4, 3)))  # N: Tensor[Shape[4, 3], NoTape, float32]
