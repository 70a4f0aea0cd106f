"""The plugin amid everyday Python: classes, protocols, decorators, unpacking, comprehensions."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import (
    Any,
    Final,
    Generic,
    NamedTuple,
    Self,
    TypeAlias,
    TypedDict,
    overload,
    reveal_type,
)

import numpy as np
from typing_extensions import ParamSpec, TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
S = TypeVar("S", bound=tuple[Any, ...])
D = TypeVar("D", bound=np.generic)
X = TypeVar("X")
Batch = TypeVarTuple("Batch")
P = ParamSpec("P")

Image: TypeAlias = Tensor[Shape[28, 28]]
Row: TypeAlias = Tensor[Shape[N]]
Vec = Tensor[Shape[3]]
OptT: TypeAlias = Tensor[Shape[2]] | None


@dataclass
class Batch_:
    x: Tensor[Shape[64, 784]]
    y: Tensor[Shape[64], NoTape, np.int64]
    extra: Tensor[Shape[...]] | None = None
    rows: list[Tensor[Shape[3]]] = field(default_factory=list)


class NT(NamedTuple):
    a: Tensor[Shape[2]]
    b: Tensor2D[2, 3, Tape]


class TD(TypedDict):
    a: Tensor[Shape[2]]


class Base(ABC, Generic[N]):
    size: N

    @abstractmethod
    def run(self, x: Tensor[Shape[N]]) -> Tensor[Shape["N+1"]]: ...
    @property
    def weights(self) -> Tensor[Shape[N, N]]:
        raise NotImplementedError

    def chain(self) -> Self:
        return self


class Derived(Base[N]):
    def run(self, x: Tensor[Shape[N]]) -> Tensor[Shape["N+1"]]:
        return tl.zeros((x.shape[0] + 1,))


def use_base(b: Base[4], d: Derived[7]) -> None:
    reveal_type(b.run(tl.zeros((4,))))  # N: Tensor[Shape[5], NoTape, float32]
    reveal_type(d.run(tl.zeros((7,))))  # N: Tensor[Shape[8], NoTape, float32]
    reveal_type(d.weights)  # N: Tensor[Shape[7, 7], NoTape, float32]


def ident(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    return x


reveal_type(ident(tl.zeros((2, 3)).traced()))  # N: Tensor[Shape[2, 3], Tape, float32]


def anyid(x: X) -> X:
    return x


reveal_type(anyid(tl.zeros((2, 3)).traced()))  # N: Tensor[Shape[2, 3], Tape, float32]


def twice(f: Callable[[Tensor[S]], Tensor[S]], x: Tensor[S]) -> Tensor[S]:
    return f(f(x))


reveal_type(twice(tl.exp, tl.zeros((2,))))  # N: Tensor[Shape[2], NoTape, float32]
twice(lambda q: q + 1, tl.zeros((2,)))
ys = [x.exp() for x in [tl.zeros((2,)), tl.ones((2,))]]
reveal_type(ys)  # N: list[Tensor[Shape[2], NoTape, float32]]
d = {k: tl.zeros((k, 3)) for k in range(3)}
reveal_type(d)  # N: dict[int, Tensor[Shape[int, 3], NoTape, float32]]
reveal_type(sum([tl.zeros((2,)), tl.zeros((2,))], tl.zeros((2,))))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(max(tl.zeros((2,)), tl.zeros((2,)), key=lambda t: t.sum().item()))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(list(map(tl.exp, [tl.zeros((2,))])))  # N: list[Tensor[Shape[2], NoTape, float32]]
p = functools.partial(tl.matmul, tl.zeros((2, 3)))
reveal_type(p)  # N: partial[Tensor[Shape[Any, ...], NoTape | Any, float32]]
p(tl.zeros((3, 4)))
args = (tl.zeros((2, 3)), tl.zeros((3, 4)))
reveal_type(tl.matmul(*args))  # N: Tensor[Shape[2, 4], NoTape, float32]


@functools.cache
def cached(n: int) -> Tensor[Shape[int, 3]]:
    return tl.zeros((n, 3))


reveal_type(cached(3))  # N: Tensor[Shape[int, 3], NoTape, float32]


def deco(f: Callable[P, X]) -> Callable[P, X]:
    return f


@deco
def decorated(x: Tensor[Shape[N, 3]]) -> Tensor[Shape[N]]:
    return x[:, 0]


reveal_type(decorated(tl.zeros((2, 3))))  # N: Tensor[Shape[2], NoTape, float32]


async def co(x: Tensor[Shape[N]]) -> Tensor[Shape["2*N"]]:
    return tl.zeros((x.shape[0] * 2,))


async def main() -> None:
    reveal_type(await co(tl.zeros((3,))))  # N: Tensor[Shape[6], NoTape, float32]


def gen(x: Tensor[Shape[N, 3]]) -> Iterator[Tensor[Shape[3]]]:
    for row in x:
        reveal_type(row)  # N: Tensor[Shape[3], NoTape, float32]
        yield row


for r in gen(tl.zeros((2, 3))):
    reveal_type(r)  # N: Tensor[Shape[3], NoTape, float32]


def opt(x: Tensor[Shape[3]] | None) -> None:
    if x is None:
        return
    reveal_type(x + 1)  # N: Tensor[Shape[3], NoTape, float32]


def m(x: Tensor[Shape[3]] | int) -> None:
    match x:
        case int():
            pass
        case Tensor():
            reveal_type(x)  # N: Tensor[Shape[3], NoTape, float32]


def row(x: Row[3], y: Row[M]) -> None:
    reveal_type(x)  # N: Tensor[Shape[3], NoTape, float32]
    reveal_type(y)  # N: Tensor[Shape[M], NoTape, float32]


nt = NT(tl.zeros((2,)), tl.zeros((2, 3)).traced())
reveal_type(nt.a)  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(nt[1])  # N: Tensor[Shape[2, 3], Tape, float32]
a, b = nt
td: TD = {"a": tl.zeros((2,))}
b1 = Batch_(tl.zeros((64, 784)), tl.zeros((64,), dtype=np.int64))
reveal_type(b1.x @ tl.zeros((784, 2)))  # N: Tensor[Shape[64, 2], NoTape, float32]
reveal_type((lambda x: x.exp())(tl.zeros((2,))))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(tl.zeros((2,)) if bool(1) else None)  # N: Tensor[Shape[2], NoTape, float32] | None
w = tl.zeros((2, 3))
w += 1.0
reveal_type(w)  # N: Tensor[Shape[2, 3], NoTape, float32]
w -= tl.zeros((2, 3))
assert w.shape == (2, 3)
reveal_type(x := tl.zeros((5,)))  # N: Tensor[Shape[5], NoTape, float32]


class Meta(nn.Module):
    def __init__(self) -> None:
        self.layers = [nn.Linear(3, 3) for _ in range(4)]
        self.heads = {"a": nn.Linear(3, 2), "b": nn.Linear(3, 2)}
        self.opt: nn.Linear[3, 3] | None = None

    def forward(self, x: Tensor[Shape[*Batch, 3], T]) -> Tensor[Shape[*Batch, 2], T]:
        for layer in self.layers:
            x = layer(x)
        if self.opt is not None:
            x = self.opt(x)
        reveal_type(self.heads["a"](x.with_empty_tape()))  # N: Tensor[Shape[*Batch, 2], T, float32]
        return self.heads["b"](x)


reveal_type(Meta()(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 2], NoTape, float32]
seq = nn.Sequential(*[nn.Linear(3, 3) for _ in range(3)])
reveal_type(seq)  # N: Sequential[*tuple[Linear[3, 3], ...]]
reveal_type(seq(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]


def ov_int(x: int) -> int:
    return x


@overload
def ov(x: Tensor[Shape[N]]) -> Tensor[Shape[N, 1]]: ...
@overload
def ov(x: int) -> int: ...
def ov(x: Any) -> Any:
    return x[:, None] if isinstance(x, Tensor) else x


reveal_type(ov(tl.zeros((3,))))  # N: Tensor[Shape[3, 1], NoTape, float32]
reveal_type(ov(3))  # N: int
CONST: Final = 12
reveal_type(nn.Linear(CONST, CONST * 2))  # N: Linear[12, 24]
reveal_type(tl.zeros((CONST, 2)))  # N: Tensor[Shape[12, 2], NoTape, float32]


def varargs(*xs: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return xs[0]


reveal_type(varargs(tl.zeros((2,)), tl.zeros((2,))))  # N: Tensor[Shape[2], NoTape, float32]


def kwargs(**xs: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return next(iter(xs.values()))


reveal_type(kwargs(a=tl.zeros((2,)), b=tl.zeros((2,))))  # N: Tensor[Shape[2], NoTape, float32]
reveal_type(type(tl.zeros((2,))))  # N: type[Tensor[Shape[2], NoTape, float32]]
t0: Tensor0D = tl.zeros(())
t0b: Tensor0D[Tape] = tl.zeros(()).traced()


def default(x: Tensor[Shape[N, 3]], n: int = 3, *, k: Tensor[Shape[N]] | None = None) -> Tensor[Shape[N]]:
    return x[:, 0]


reveal_type(default(tl.zeros((2, 3))))  # N: Tensor[Shape[2], NoTape, float32]
super_: Callable[[Tensor[Shape[N, 3]]], Tensor[Shape[N]]] = decorated
reveal_type(super_(tl.zeros((2, 3))))  # N: Tensor[Shape[2], NoTape, float32]


class Sub(Base[N]):
    def __init__(self, n: N, w: Tensor[Shape[N, N]]) -> None: ...
    def run(self, x: Tensor[Shape[N]]) -> Tensor[Shape["N+1"]]:
        raise NotImplementedError


class SubSub(Sub[M]): ...


reveal_type(SubSub(3, tl.zeros((3, 3))))  # N: SubSub[3]
for rr in tl.zeros((2, 3)):
    reveal_type(rr)  # N: Tensor[Shape[3], NoTape, float32]
u1, v1 = tl.zeros((2, 3))
reveal_type(list(tl.zeros((2, 3))))  # N: list[Tensor[Shape[int, ...], NoTape, float32]]
reveal_type(nn.Sequential(*[nn.Linear(3, 3) for _ in range(3)])(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]
