"""Functions whose annotations mypy and `check_shapes` are to read alike: see `test_checking`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Optional, TypeAlias

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor1D, Tensor2D, check_shapes, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
S = TypeVar("S", bound=tuple[Any, ...])
Batch = TypeVarTuple("Batch")

Images: TypeAlias = Tensor[Shape[N, 3, H, H]]
Weights: TypeAlias = Tensor[Shape[*Batch, 3]]
Labels: TypeAlias = Tensor[Shape[N], NoTape, np.int64]


@check_shapes
def same(x: Tensor[Shape[N]], y: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return x + y


@check_shapes
def quoted(x: "Tensor[Shape[N]]", y: "Tensor[Shape['N + 1']]") -> None: ...


@check_shapes
def half(x: Tensor[Shape["2*N", 3]], n: N) -> Tensor[Shape[N]]:
    return tl.zeros((n,))


@check_shapes
def joined(z: Tensor[Shape["N + M"]], x: Tensor[Shape[N]], y: Tensor[Shape[M]]) -> None: ...


@check_shapes
def blocks(x: Tensor[Shape["(N + 1)//2"]], n: N) -> None: ...


@check_shapes
def head(x: Tensor[Shape[*Batch, 784], T]) -> Tensor[Shape[*Batch, 10], T]:
    return nn.Linear(784, 10)(x)


@check_shapes
def batches(x: Tensor[Shape[*Batch, N]], y: Tensor[Shape[*Batch]]) -> None: ...


@check_shapes
def between(x: Tensor[Shape[N, *Batch, N]]) -> None: ...


@check_shapes
def ranked(x: Tensor2D[N, 4, Tape], y: Tensor1D[N], anything: Tensor[Shape[...]]) -> None: ...


@check_shapes
def standard(x: Tensor[tuple[Literal[2], Literal[3]]]) -> None: ...


@check_shapes
def vouched(x: Tensor[Shape[Any, 3]], y: Tensor[Any, Any, Any], z: Any) -> None: ...


@check_shapes
def of_float64(x: Tensor[Shape[3], NoTape, np.float64]) -> None: ...


@check_shapes
def no_tape(x: Tensor[Shape[3]]) -> None: ...


@check_shapes
def with_tape(x: Tensor[Shape[3], Tape]) -> None: ...


@check_shapes
def either(x: Tensor[Shape[3], NoTape | Tape]) -> None: ...


@check_shapes
def same_tape(x: Tensor[Shape[3], T], y: Tensor[Shape[3], T]) -> None: ...


@check_shapes
def option(x: Tensor[Shape[N, 3]] | None = None, y: Optional[Tensor[Shape[N]]] = None) -> None: ...  # noqa: UP045


@check_shapes
def one_of(x: Tensor[Shape[3]] | Tensor[Shape[N, 4]] | int) -> None: ...


@check_shapes
def pair(xs: tuple[Tensor[Shape[N]], Tensor[Shape[N]]]) -> None: ...


@check_shapes
def listed(xs: list[Tensor[Shape[3]]], ys: Sequence[Tensor[Shape[N]]] = ()) -> None: ...


@check_shapes
def many(xs: tuple[Tensor[Shape[N]], ...]) -> None: ...


@check_shapes
def by_name(xs: Mapping[str, Tensor[Shape[3]]]) -> None: ...


@check_shapes
def starred(*xs: Tensor[Shape[N]], **ys: Tensor[Shape[N]]) -> None: ...


@check_shapes
def aliased(x: Images[N, H], y: Labels[N]) -> None: ...


@check_shapes
def alias_of_ints(x: Images[int, Literal[5]]) -> None: ...


@check_shapes
def alias_of_pack(x: Weights[N, N]) -> None: ...


@check_shapes
def whole(x: Tensor[S], y: Tensor[S]) -> None: ...


@check_shapes
def layer(x: nn.Linear[N, 4], y: Tensor[Shape[N]]) -> None: ...


@check_shapes
def parameter(x: nn.Parameter[Shape[N, N]]) -> None: ...


@check_shapes
def fit(
    model: nn.Maps[Tensor[Shape[*Batch, 784], Tape], Tensor[Shape[*Batch, 10], Tape]],
    x: Tensor[Shape[*Batch, 784]],
) -> None: ...


@check_shapes
class Block(nn.Module, Generic[N, H]):
    up: nn.Linear[N, H]
    down: nn.Linear[H, N]

    def __init__(self, n: N, h: H) -> None:
        self.up = nn.Linear(n, h)
        self.down = nn.Linear(h, n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return self.down(self.up(x))

    def hidden(self, x: Tensor[Shape[N]], k: int) -> Tensor[Shape[H]]:
        return self.up(x)

    @staticmethod
    def static(x: Tensor[Shape[M, 3]]) -> None: ...

    @classmethod
    def made(cls, x: Tensor[Shape[M, 3]]) -> None: ...


class Wide(Block[Literal[4], Literal[8]]):
    def __init__(self) -> None:
        super().__init__(4, 8)


@check_shapes
def takes_block(block: Block[8, 16]) -> None: ...


@check_shapes
@dataclass
class Pairs:
    images: Tensor[Shape[64, 784]]
    labels: Tensor[Shape[64], NoTape, np.int64]


f4 = tl.zeros((4,))
f3 = tl.zeros((3,))
f4x3 = tl.zeros((4, 3))
taped = tl.zeros((3,)).traced()
ints = tl.zeros((4,), dtype=np.int64)
block = Block(8, 16)

CALLS = """
same(f3, f3)
same(f3, f4)
same(y=f3, x=f4)
same(f4x3, f3)
same(taped, f3)
same(ints, f4)
quoted(f3, f4)
quoted(f4, f3)
half(tl.zeros((6, 3)), 3)
half(tl.zeros((6, 3)), 4)
half(tl.zeros((7, 3)), 3)
half(tl.zeros((3, 6)), 3)
joined(tl.zeros((7,)), f3, f4)
joined(tl.zeros((8,)), f3, f4)
joined(z=tl.zeros((7,)), y=f4, x=f4)
blocks(f3, 5)
blocks(f3, 6)
blocks(f3, 7)
head(tl.zeros((2, 5, 784)))
head(tl.zeros((784,)).traced())
head(tl.zeros((2, 783)))
head(tl.zeros(()))
batches(tl.zeros((2, 3, 4)), tl.zeros((2, 3)))
batches(f4, tl.zeros(()))
batches(tl.zeros((2, 3, 4)), tl.zeros((2, 4)))
batches(tl.zeros((2, 3, 4)), tl.zeros((2,)))
between(tl.zeros((3, 7, 7, 3)))
between(tl.zeros((3, 3)))
between(tl.zeros((3,)))
between(tl.zeros((3, 7, 4)))
ranked(tl.zeros((3, 4)).traced(), f3, tl.zeros((9, 9)))
ranked(tl.zeros((3, 4)), f3, f4)
ranked(tl.zeros((3, 4)).traced(), f4, f4)
ranked(tl.zeros((3, 4)).traced(), f3, taped)
standard(tl.zeros((2, 3)))
standard(tl.zeros((3, 2)))
vouched(f4x3, ints, "anything")
vouched(tl.zeros((4, 4)), taped, None)
of_float64(tl.zeros((3,), dtype=np.float64))
of_float64(f3)
no_tape(taped)
no_tape(nn.Parameter(f3))
with_tape(taped)
with_tape(f3)
either(taped)
either(f3)
same_tape(f3, f3)
same_tape(f3, taped)
same_tape(taped, f3)
option()
option(None, f4)
option(f4x3, f4)
option(f4x3, f3)
option(tl.zeros((3, 4)))
one_of(f3)
one_of(7)
one_of(tl.zeros((9, 4)))
one_of(f4)
pair((f3, f3))
pair((f3, f4))
listed([f3, f3], [f4, f4])
listed([f3, f4])
listed([], (f3, f4))
many((f3, f3, f3))
many((f3, f3, f4))
by_name({"a": f3})
starred(f3, f3, a=f3)
starred(f3, f4)
starred(f3, a=f4)
starred()
aliased(tl.zeros((4, 3, 5, 5)), ints)
aliased(tl.zeros((4, 3, 5, 6)), ints)
aliased(tl.zeros((5, 3, 5, 5)), ints)
aliased(tl.zeros((4, 3, 5, 5)), f4)
alias_of_ints(tl.zeros((9, 3, 5, 5)))
alias_of_ints(tl.zeros((9, 3, 4, 4)))
alias_of_pack(tl.zeros((4, 4, 3)))
alias_of_pack(tl.zeros((4, 5, 3)))
whole(f3, f3)
whole(f3, f4)
layer(nn.Linear(3, 4), f3)
layer(nn.Linear(3, 4), f4)
layer(nn.Linear(3, 5), f3)
parameter(nn.Parameter(tl.zeros((3, 3))))
parameter(nn.Parameter(f4x3))
fit(nn.Linear(784, 10), tl.zeros((64, 784)))
fit(nn.Linear(783, 10), tl.zeros((64, 784)))
fit(nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 11)), tl.zeros((64, 784)))
block(tl.zeros((2, 8)))
block(tl.zeros((2, 16)))
block.hidden(tl.zeros((8,)), 1)
block.hidden(tl.zeros((16,)), 1)
block.hidden(k=1, x=tl.zeros((16,)))
Block.static(f4x3)
Block.static(tl.zeros((3, 4)))
Block.made(tl.zeros((3, 4)))
Wide()(tl.zeros((2, 4)))
Wide().hidden(tl.zeros((5,)), 1)
takes_block(Block(8, 16))
takes_block(Block(8, 17))
Pairs(tl.zeros((64, 784)), tl.zeros((64,), dtype=np.int64))
Pairs(tl.zeros((64, 783)), tl.zeros((64,), dtype=np.int64))
Pairs(tl.zeros((64, 784)), tl.zeros((64,)))
""".strip().splitlines()
"""Calls of these functions, right and wrong."""
