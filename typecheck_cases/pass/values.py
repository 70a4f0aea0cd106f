"""Sizes are ints, and may be used and set anew as ints: nothing here is an error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVarTuple

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")
T = TypeVar("T", bound=NoTape | Tape)


def as_ints(x: Tensor[Shape[N, 8]], y: Tensor[Shape[3, 4]]) -> dict[str, int]:
    n, h = x.shape
    n = n + 1
    for _ in range(3):
        h = h // 2
    h -= 1
    n, h = h, n
    sizes = [x.shape[0]]
    sizes.append(5)
    by_name = {"a": y.shape[0], "b": x.shape[0]}
    by_name["c"] = 7
    best = max(x.shape[0], 3, *y.shape)
    best += sum(x.shape) + min(y.shape)
    size: int | None = y.shape[1]
    size = None if size == 3 else 4
    if y.shape[0] == 5 or x.shape == y.shape or y.shape == (3, 5):
        best = 0
    numbers = np.array([*x.shape, *y.shape]) + x.shape[0]
    shapes = [x.shape, y.shape, (1, 2)]
    shapes.append((7, 8))
    for rows, columns in shapes:
        best = max(best, rows * columns)
    tl.zeros((best % 3 + 1, int(numbers.max())))
    return by_name


def axes(x: Tensor[Shape[2, 3, 4]], some: list[int], more: Sequence[int]) -> Iterator[int]:
    yield from x.shape
    x.sum(axis=some)
    x.reshape(more)
    x.sum(axis=range(2))
    tl.zeros(some)
    tl.rand(more)


class Counted(nn.Module, Generic[N]):
    """A size in an attribute, which is set anew."""

    def __init__(self, n: N) -> None:
        super().__init__()
        self.layer = nn.Linear(n, n * 4, rng=0)
        self.rows = 0

    def forward(self, x: Tensor[Shape[M, N], T]) -> Tensor[Shape[M, "4*N"], T]:
        self.rows = x.shape[0]
        self.rows += len(x)
        return self.layer(x)


def first(x: Tensor[Shape[N, M]]) -> N:
    n: N = x.shape[0]
    return n


def wider(n: N) -> nn.Linear[N, "4*N"]:
    return nn.Linear(n, n * 4)


def ignored(x: Tensor[Shape[N, M]], width: Any) -> Tensor[Shape[N, 3]]:
    return tl.zeros((len(x), width)).expect_shape((len(x), 3))


class Frozen(NamedTuple):
    a: int
    t: tuple[int, ...] = (1, 2)


PAIR = (1, 2)
MADE = Frozen(2)


def odd(
    x: Tensor[Shape[N, M]],
    b: Tensor[Shape[*Batch, N]],
    o: Tensor[Shape[N]] | None,
    u: Tensor[Shape[3]] | Tensor[Shape[4]],
    a: Any,
    i: int,
) -> None:
    """Compute sizes in ways that are not read; nothing is said of them, and nothing fails."""
    n, m = x.shape
    for shape in (x.shape[::1], x.shape[::-1], x.shape[1:0], x.shape[i:], x.shape[:i]):
        tl.zeros(shape)
    tl.zeros((n // -2 + 100 * n, m % n, n // m, divmod(n, m)[1], abs(n - m), max(n, m)))
    tl.zeros((n**2, 2**n, 1 << n, n >> 1, n & 1, n | 1, n ^ 1, ~n + 2 * n, 2**3**2, 10**100 % 7))
    tl.zeros((len([1, *x.shape]), len((*b.shape, 2)), len({1, 2}), int("3"), sum(x.shape, 3)))
    tl.zeros((max(x.shape, default=3), max(*x.shape), max(b.shape), math.prod(b.shape), len(b)))
    for tiled in ((1, 2) * i, PAIR * n, (1,) * 1000, 2 * PAIR, b.shape + b.shape, b.shape[0:0]):
        tl.zeros(tiled)
    tl.zeros((*b.shape, *b.shape))
    tl.zeros((MADE.a, MADE[0], len(MADE), *MADE.t, a, a.b, a[0], a(), *a))
    tl.zeros((u.shape[0], u.ndim, u.size, len(u), not i))
    tl.zeros(o.shape if o is not None else (3,))
    tl.zeros((n, 2) if i else (m,))
    tl.zeros(tuple(size + 1 for size in x.shape))
    tl.zeros([size for size in sorted(x.shape)])
    x.sum(axis=(0,) if i else None)
    [c, d] = x.shape
    (e, f), g = b.shape[-2:], d
    tl.zeros((c, d, e, f, g))
    match a:
        case {"x": s, **rest}:
            tl.zeros((s, len(rest)))
        case [s, *others]:
            tl.zeros((s, *others))
        case Frozen(a=s):
            tl.zeros((s,))


assert as_ints(tl.zeros((2, 8)), tl.zeros((3, 4))) == {"a": 3, "b": 2, "c": 7}
assert list(axes(tl.zeros((2, 3, 4)), [0, 1], (4, 6))) == [2, 3, 4]
wide: Tensor[Shape[2, 12]] = Counted(3)(tl.zeros((2, 3)))
five: Tensor[Shape[5, 20]] = wider(5)(tl.zeros((first(tl.zeros((5, 1))), 5)))
assert ignored(wide, 3).shape == (2, 3)
