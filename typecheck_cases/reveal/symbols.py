"""Type variables everywhere: aliases, generic classes, closures, branches, ``*Batch`` in classes."""

from __future__ import annotations

from typing import Generic, Literal, NamedTuple, TypeAlias, reveal_type

from typing_extensions import TypeVar, TypeVarTuple, Unpack

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

# Aliases: variables in quotes only, arithmetic, ints ------------------------------------------------

Padded: TypeAlias = Tensor[Shape["N + 2"]]
Wide: TypeAlias = Tensor[Shape[N, "2*M"]]
Quoted: TypeAlias = Tensor2D["M + 1", "N"]
Ends: TypeAlias = tuple[Tensor[Shape[N]], Tensor[Shape["N + 1"]]]
Rows: TypeAlias = Tensor[Shape[Unpack[Batch], 3], T]  # noqa: UP044 (older Python's way)


def aliases(a: Padded[N], b: Padded[5], c: Wide[N, M], d: Wide[3, 4], e: Quoted[3, 4], f: Ends[3]) -> None:
    reveal_type(a)  # N: Tensor[Shape[Add[N, 2]], NoTape, float32]
    reveal_type(b)  # N: Tensor[Shape[7], NoTape, float32]
    reveal_type(c)  # N: Tensor[Shape[N, Mul[2, M]], NoTape, float32]
    reveal_type(d)  # N: Tensor[Shape[3, 8], NoTape, float32]
    reveal_type(e)  # N: Tensor[Shape[4, 4], NoTape, float32]
    reveal_type(f)  # N: tuple[Tensor[Shape[3], NoTape, float32], Tensor[Shape[4], NoTape, float32]]


def cut(x: Padded[N]) -> Tensor[Shape[N]]:
    return x[2:]


def kept(x: Rows[*Batch, T]) -> Rows[*Batch, T]:
    return x


reveal_type(cut(tl.zeros((7,))))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(kept(tl.zeros((2, 5, 3)).traced()))  # N: Tensor[Shape[2, 5, 3], Tape, float32]

def first_in_quotes(x: Tensor[Shape["2*M"]], y: Tensor[Shape[N]]) -> None:
    reveal_type(x)  # N: Tensor[Shape[Mul[2, M]], NoTape, float32]
    reveal_type(tl.outer(x, y))  # N: Tensor[Shape[Mul[2, M], N], NoTape, float32]


# Classes: attributes, methods, some sizes bound -----------------------------------------------------


class Block(nn.Module, Generic[C, H]):
    def __init__(self, c: C, h: H) -> None:
        self.up = nn.Linear(c, c * h)
        self.table = nn.Parameter(tl.zeros((h, c)))
        self.inner = nn.Sequential(nn.Linear(c, 4 * c), nn.ReLU(), nn.Linear(4 * c, c))
        reveal_type(self.up)  # N: Linear[C, Mul[C, H]]

    @property
    def weights(self) -> Tensor[Shape["C*H", C]]:
        return self.up.weight

    def split(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, H, C], T]:
        y = self.up(x)
        return y.reshape((*x.shape[:-1], self.table.shape[0], x.shape[-1]))

    def forward(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, C], T]:
        reveal_type(self.inner(x.with_empty_tape()))  # N: Tensor[Shape[*Batch, C], T, float32]
        reveal_type(x.with_empty_tape() @ self.table.mT)  # N: Tensor[Shape[*Batch, H], T, float32]
        return x


class Narrow(Block[C, Literal[2]]):
    def wide(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, "2*C"], T]:
        reveal_type(self.up)  # N: Linear[C, Mul[2, C]]
        return self.up(x)


class Fixed(Block[Literal[8], Literal[2]]):
    def __init__(self) -> None:
        super().__init__(8, 2)


block = Block(8, 3)
reveal_type(block)  # N: Block[8, 3]
reveal_type(block.up)  # N: Linear[8, 24]
reveal_type(block.up.weight)  # N: Parameter[tuple[24, 8], Any]
reveal_type(block.weights)  # N: Tensor[Shape[24, 8], NoTape, float32]
reveal_type(block.split(tl.zeros((5, 8))))  # N: Tensor[Shape[5, 3, 8], NoTape, float32]
reveal_type(Narrow(8, 2))  # N: Narrow[8]
reveal_type(Narrow(8, 2).wide(tl.zeros((5, 8)).traced()))  # N: Tensor[Shape[5, 16], Tape, float32]
reveal_type(Fixed().up)  # N: Linear[8, 16]
reveal_type(Fixed().split(tl.zeros((5, 4, 8))))  # N: Tensor[Shape[5, 4, 2, 8], NoTape, float32]
reveal_type([Block(8, 3), Block(8, 5)])  # N: list[Block[8, int]]
reveal_type([nn.Linear(3, 4), nn.Linear(4, 4)])  # N: list[Linear[int, 4]]
reveal_type({"a": nn.Linear(3, 4), "b": nn.Linear(4, 5)}["a"](tl.zeros((2, 3))))  # N: Tensor[Shape[2, int], NoTape, float32]
reveal_type([nn.Residual(nn.Linear(2, 2)), nn.Residual(nn.Linear(3, 3))])  # N: list[Residual[Linear[int, int]]]
reveal_type([nn.Linear(3, 4), nn.ReLU()])  # N: list[Module]


class Stack(Generic[*Batch]):
    def __init__(self, x: Tensor[Shape[*Batch]]) -> None:
        self.x = x

    def tabled(self, y: Tensor[Shape[*Batch, N]]) -> Tensor[Shape[N, *Batch]]:
        return self.x.broadcast_to((y.shape[-1], *self.x.shape))


class Cell(nn.Module, Generic[C, *Batch, H]):
    def __init__(self, c: C, x: Tensor[Shape[*Batch, H]]) -> None:
        self.c, self.x = c, x

    def forward(self, y: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[N, *Batch, H, C]]:
        raise NotImplementedError


class Point(NamedTuple, Generic[N]):
    x: Tensor[Shape[N]]
    y: Tensor[Shape["N + 1"]]


def unstacked(s: Stack[*Batch]) -> Tensor[Shape[*Batch, 1]]:
    return s.x.expand_dims(-1)


stack = Stack(tl.zeros((2, 3)))
reveal_type(stack)  # N: Stack[2, 3]
reveal_type(stack.x)  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(stack.tabled(tl.zeros((2, 3, 5))))  # N: Tensor[Shape[5, 2, 3], NoTape, float32]
reveal_type(unstacked(stack))  # N: Tensor[Shape[2, 3, 1], NoTape, float32]
reveal_type(Cell(3, tl.zeros((4, 5))))  # N: Cell[3, 4, 5]
reveal_type(Point(tl.zeros((2,)), tl.zeros((3,))))  # N: tuple[Tensor[Shape[2], NoTape, float32], Tensor[Shape[3], NoTape, float32], fallback=Point[2]]

# Scopes and branches --------------------------------------------------------------------------------


def closed(x: Tensor[Shape[N, M]]) -> None:
    n, m = x.shape
    layer = nn.Linear(m, 1)

    def inner(y: Tensor[Shape[*Batch, M]]) -> Tensor[Shape[*Batch, 1]]:
        reveal_type(x.T)  # N: Tensor[Shape[M, N], NoTape, float32]
        return layer(y)

    def appended() -> Tensor[Shape[N, "M + 1"]]:
        return tl.concat((x, tl.zeros((n, 1))), axis=1)

    reveal_type(inner(x.reshape((1, n, m))))  # N: Tensor[Shape[1, N, 1], NoTape, float32]
    reveal_type(appended())  # N: Tensor[Shape[N, Add[M, 1]], NoTape, float32]
    reveal_type((lambda y: y + x)(x))  # N: Tensor[Shape[N, M], NoTape, float32]


def branches(flag: bool, x: Tensor[Shape[2, 3]], y: Tensor[Shape[4, 3]], z: Tensor[Shape[N, 3]]) -> None:
    either = x if flag else y
    reveal_type(either @ tl.zeros((3, 5)))  # N: Tensor[Shape[2, 5], NoTape, float32] | Tensor[Shape[4, 5], NoTape, float32]
    reveal_type(nn.Linear(3, 2)(either))  # N: Tensor[Shape[2, 2], NoTape, float32] | Tensor[Shape[4, 2], NoTape, float32]
    reveal_type(tl.concat((either, x)))  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type(tl.stack([either, either]))  # N: Tensor[Shape[2, int, 3], NoTape, float32]
    reveal_type(tl.concat((x if flag else z, z)))  # N: Tensor[Shape[int, 3], NoTape, float32]
    for item in [x, y]:
        reveal_type(item)  # N: Tensor[Shape[int, 3], NoTape, float32]
    reveal_type({"x": x, "y": y, "z": z})  # N: dict[str, Tensor[Shape[object, 3], NoTape, float32]]
    unknown: Tensor[Shape[int, 3]] = x
    for _ in range(3):
        unknown = tl.concat((unknown, y))
    reveal_type(unknown)  # N: Tensor[Shape[int, 3], NoTape, float32]


def batches(x: Tensor[Shape[*Batch, 6], T], y: Tensor[Shape[N, *Batch, 6]], z: Tensor[Shape[*Batch, 6]]) -> None:
    reveal_type(tl.zeros(x.shape))  # N: Tensor[Shape[*Batch, 6], NoTape, float32]
    reveal_type(x.with_empty_tape().reshape((*x.shape[:-1], 2, 3)))  # N: Tensor[Shape[*Batch, 2, 3], T, float32]
    reveal_type(y + z)  # N: Tensor[Shape[N, *Batch, 6], NoTape, float32]
    reveal_type(z + tl.zeros((1, 6)))  # N: Tensor[Shape[*tuple[int, ...], 6], NoTape, float32]
    reveal_type(z.broadcast_to((7, *z.shape)))  # N: Tensor[Shape[7, *Batch, 6], NoTape, float32]
    reveal_type(tl.concat((z, z, z), axis=-1))  # N: Tensor[Shape[*Batch, 18], NoTape, float32]
    reveal_type(tl.stack((z, z), axis=-2))  # N: Tensor[Shape[*Batch, 2, 6], NoTape, float32]
