"""Sizes from values: what is read, and what stays ``int`` because it may be something else.

`tests/test_values.py` runs this file, too: a size that stands here is the size that Python has.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, Final, Generic, Literal, NamedTuple, TypeVarTuple

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
S = TypeVar("S", bound=tuple[Any, ...])
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

# Constants of the module ---------------------------------------------------------------------------

ONCE = 3
TWICE = 3
TWICE = 4
ADDED = 3
ADDED += 1
WALRUS = 3
assert (WALRUS := 5)
LOOPED = 3
for LOOPED in range(5):
    pass
BRANCH = 3
if ONCE:
    BRANCH = 4
GLOBAL = 3


def set_global() -> None:
    global GLOBAL, FROM_INSIDE
    GLOBAL = 7
    FROM_INSIDE = 8


FROM_INSIDE: int
DELETED = 3
del DELETED
DELETED = 4
try:
    TRIED = int("3")
except ValueError:
    TRIED = 4
FINAL: Final = 11
ANNOTATED: int = 12
VOUCHED: Any = 13
CHAINED = ALIKE = 14
LEFT, RIGHT = 5, 6
(INNER, OUTER_ONE), *REST, LAST = (7, 8), 9, 10
CHOSEN = 3 if ONCE > 2 else 4
SAME = 3 if ONCE > 2 else 3
SIZES = (17, 9, 3)
LISTED = [7, 5, 2]
BY_NAME = {"a": 3}
NESTED = ([1, 2], 3)
NAMESPACE = SimpleNamespace(width=3)
KEEP = True
EQUATION = "ij,jk->ik"

set_global()
LISTED.append(4)
NESTED[0].append(5)
reveal_type(tl.zeros((ONCE, TWICE, ADDED, WALRUS, LOOPED, BRANCH, GLOBAL, FROM_INSIDE, DELETED, TRIED)))  # N: Tensor[Shape[3, int, int, int, int, int, int, int, int, int], NoTape, float32]
reveal_type(tl.zeros((FINAL, ANNOTATED, VOUCHED, CHAINED, ALIKE)))  # N: Tensor[Shape[11, 12, Any, 14, 14], NoTape, float32]
reveal_type(tl.zeros((LEFT, RIGHT, INNER, OUTER_ONE, LAST, len(REST))))  # N: Tensor[Shape[5, 6, 7, 8, 10, int], NoTape, float32]
reveal_type(tl.zeros((CHOSEN, SAME)))  # N: Tensor[Shape[int, 3], NoTape, float32]
reveal_type(tl.zeros(SIZES))  # N: Tensor[Shape[17, 9, 3], NoTape, float32]
reveal_type(tl.zeros((SIZES[0], SIZES[-1], len(SIZES), sum(SIZES), max(SIZES), min(SIZES))))  # N: Tensor[Shape[17, 3, 3, 29, 17, 3], NoTape, float32]
reveal_type(tl.zeros(SIZES[1:]))  # N: Tensor[Shape[9, 3], NoTape, float32]
reveal_type(tl.zeros((LISTED[0], len(LISTED), BY_NAME["a"], NESTED[0][0], len(NESTED[0]), NESTED[1])))  # N: Tensor[Shape[int, int, int, int, int, int], NoTape, float32]
reveal_type(tl.zeros(LISTED[:2]))  # N: Tensor[Shape[int, ...], NoTape, float32]
reveal_type(tl.zeros((NAMESPACE.width, 2)))  # N: Tensor[Shape[Any, 2], NoTape, float32]
reveal_type(tl.ones((2, 3)).sum(axis=1, keepdims=KEEP))  # N: Tensor[Shape[2, 1], NoTape, float32]
reveal_type(tl.einsum(EQUATION, tl.ones((2, 3)), tl.ones((3, 4))))  # N: Tensor[Shape[2, 4], NoTape, float32]

# Arithmetic ----------------------------------------------------------------------------------------

reveal_type(tl.zeros((64 * 7 * 7, SIZES[1] // 4, -(-7 // 2), 7 % 4, 2**4, 1 << 3)))  # N: Tensor[Shape[3136, 2, 4, 3, 16, 8], NoTape, float32]
reveal_type(tl.zeros((abs(-3), int(FINAL), math.prod((2, 3)), sum([1, 2, 3]), max(2, ONCE), min(2, ONCE))))  # N: Tensor[Shape[3, 11, 6, 6, 3, 2], NoTape, float32]
reveal_type(tl.zeros((divmod(17, 5)[0], *divmod(17, 5), len([1, 2]), len("ab"))))  # N: Tensor[Shape[3, 3, 2, 2, int], NoTape, float32]
reveal_type(tl.zeros((int("3"), round(2.6), 7 & 3, math.ceil(7 / 2), True + 1, max(ONCE, BRANCH))))  # N: Tensor[Shape[int, int, int, int, int, int], NoTape, float32]
reveal_type(tl.zeros((2,) * 2 + (3,)))  # N: Tensor[Shape[2, 2, 3], NoTape, float32]
QUOTIENT, REMAINDER = divmod(SIZES[0], 10)
reveal_type(tl.zeros((QUOTIENT, REMAINDER)))  # N: Tensor[Shape[1, 7], NoTape, float32]

# Classes -------------------------------------------------------------------------------------------


class Plain(enum.Enum):
    SMALL = 3
    BOTH = (2, 3)


class Whole(enum.IntEnum):
    SMALL = 3


class Config:
    width = 6
    height: ClassVar[int] = 4
    depth: Final = 5
    double = width * 2
    changed = 5
    maybe = 6
    if KEEP:
        maybe = 7
    layer = nn.Linear(width, depth)


class Wider(Config):
    width = 7


Config.changed = 6
reveal_type(tl.zeros((Plain.SMALL.value, *Plain.BOTH.value, Whole.SMALL, Whole.SMALL.value)))  # N: Tensor[Shape[3, 2, 3, 3, 3], NoTape, float32]
reveal_type(tl.zeros((Config.width, Config.height, Config.depth, Config.double, Wider.width, Wider.height)))  # N: Tensor[Shape[6, 4, 5, 12, 7, 4], NoTape, float32]
reveal_type(tl.zeros((Config.changed, Config.maybe)))  # N: Tensor[Shape[int, int], NoTape, float32]
reveal_type(Config.layer)  # N: Linear[6, 5]


def of_config(config: Config, kind: type[Config]) -> None:
    reveal_type(tl.zeros((config.width, kind.width, config.depth)))  # N: Tensor[Shape[int, int, 5], NoTape, float32]


of_config(Wider(), Wider)

# Objects that do not change ------------------------------------------------------------------------


@dataclass(frozen=True)
class Frozen:
    width: int = 64
    heads: int = field(default=4)
    made: int = field(default_factory=lambda: 2)
    depth: int = 2

    def of_width(self) -> Tensor[Shape[int]]:
        return reveal_type(tl.zeros((self.width,)))  # N: Tensor[Shape[int], NoTape, float32]


@dataclass(frozen=True)
class Outer:
    inner: Frozen = Frozen(width=7)
    k: int = 3


@dataclass
class Thawed:
    extent: int = 64


@dataclass(frozen=True)
class Mended:
    width: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", 3)


class Pair(NamedTuple):
    a: int = 5
    b: int = 6


CONFIG = Frozen()
GIVEN = Frozen(32, depth=ONCE)
THAWED = Thawed()
THAWED.extent = 3
OTHER = dataclasses.replace(CONFIG, width=3)
UNPACKED = Frozen(**{"width": 3})
reveal_type(tl.zeros((CONFIG.width, CONFIG.heads, CONFIG.made, GIVEN.width, GIVEN.depth)))  # N: Tensor[Shape[64, 4, int, 32, 3], NoTape, float32]
reveal_type(tl.zeros((Outer(k=9).k, Outer().inner.width, Pair(b=8).a, Pair(b=8).b)))  # N: Tensor[Shape[9, 7, 5, 8], NoTape, float32]
reveal_type(tl.zeros((THAWED.extent, Mended().width, OTHER.width, UNPACKED.width)))  # N: Tensor[Shape[int, int, int, int], NoTape, float32]
CONFIG.of_width()
OTHER.of_width()


def of_frozen(config: Frozen, width: int = 3) -> None:
    reveal_type(tl.zeros((config.width, width)))  # N: Tensor[Shape[int, int], NoTape, float32]


of_frozen(Frozen(width=5), 4)

# Names in functions --------------------------------------------------------------------------------


def local(n: N, flag: bool) -> None:
    width = 4
    changed = 3
    chosen = n if flag else n * 1

    def inside() -> None:
        nonlocal changed
        changed = 4
        reveal_type(tl.zeros((width, changed)))  # N: Tensor[Shape[4, int], NoTape, float32]

    inside()
    for i in range(2):
        twice = n * 2
        total = 0
        total += i + 1
        reveal_type(tl.zeros((i, twice, total, chosen)))  # N: Tensor[Shape[int, Mul[2, N], int, N], NoTape, float32]
    for row in [tl.zeros((size,)) for size in (1, 2)]:
        reveal_type(row)  # N: Tensor[Shape[int], NoTape, float32]
    reveal_type(tl.zeros(((fresh := 5), fresh)))  # N: Tensor[Shape[5, int], NoTape, float32]
    with open(__file__) as fresh_file:
        reveal_type(tl.zeros((len(fresh_file.name) * 0, 2)))  # N: Tensor[Shape[int, 2], NoTape, float32]


local(6, True)

# Shapes of tensors ---------------------------------------------------------------------------------


def read(x: Tensor[Shape[N, M]], y: Tensor[Shape[6, 4]]) -> None:
    n, m = x.shape
    reveal_type(tl.zeros((len(x), x.shape[-1], x.ndim, x.size)))  # N: Tensor[Shape[N, M, 2, Mul[M, N]], NoTape, float32]
    reveal_type(tl.zeros((y.size, len(y), y.ndim, y.shape[1], len(y.shape))))  # N: Tensor[Shape[24, 6, 2, 4, 2], NoTape, float32]
    reveal_type(tl.zeros((n * 2, m // 2, n % 2 + 1, max(n, n + 1), abs(m))))  # N: Tensor[Shape[int, FloorDiv[M, 2], int, int, M], NoTape, float32]
    reveal_type(tl.zeros(x.shape))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(tl.zeros(x.shape[1:]))  # N: Tensor[Shape[M], NoTape, float32]
    reveal_type(tl.zeros(x.shape[:-1] + (3,)))  # N: Tensor[Shape[N, 3], NoTape, float32]
    reveal_type(tl.zeros((*x.shape[:-1], 3)))  # N: Tensor[Shape[N, 3], NoTape, float32]
    reveal_type(tl.zeros((*reversed(x.shape), 3)))  # N: Tensor[Shape[*tuple[int, ...], 3], NoTape, float32]
    reveal_type(x.reshape((math.prod(x.shape),)))  # N: Tensor[Shape[Mul[M, N]], NoTape, float32]
    reveal_type(x.reshape((n * m // m, -1)))  # N: Tensor[Shape[int, int], NoTape, float32]
    reveal_type(y.reshape((y.size // 2, 2)))  # N: Tensor[Shape[12, 2], NoTape, float32]
    reveal_type(x.expect_shape(x.shape))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type((n, m, x.shape, x.shape == y.shape))  # N: tuple[int, int, tuple[int, int], bool]
    shape = x.shape
    first, *_ = shape
    reveal_type(y.broadcast_to((first, *y.shape)))  # N: Tensor[Shape[N, 6, 4], NoTape, float32]
    n = n + 1
    reveal_type(tl.zeros((n, m)))  # N: Tensor[Shape[int, M], NoTape, float32]
    sizes = [x.shape[0]]
    sizes.append(5)
    reveal_type(tl.zeros((sizes[0], first)))  # N: Tensor[Shape[int, N], NoTape, float32]


read(tl.zeros((2, 4)), tl.zeros((6, 4)))


def rebound(x: Tensor[Shape[N, 8]]) -> None:
    n, h = x.shape
    for _ in range(2):
        h = h // 2
    reveal_type(tl.zeros((n, h)))  # N: Tensor[Shape[N, int], NoTape, float32]
    kept = x.shape[1]
    x = tl.zeros((len(x), 8))
    if x.shape[1] == 4:
        reveal_type(tl.zeros((kept, 2)))  # N: Tensor[Shape[8, 2], NoTape, float32]
    reveal_type(tl.zeros((kept, 2)))  # N: Tensor[Shape[8, 2], NoTape, float32]


rebound(tl.zeros((2, 8)))


def packs(x: Tensor[Shape[*Batch, N, 3]], anything: Tensor, i: int) -> None:
    reveal_type((x.shape, x.shape[-1], anything.shape))  # N: tuple[tuple[int, ...], int, tuple[int, ...]]
    reveal_type(tl.zeros((x.shape[-1], x.shape[-2], x.shape[0], x.ndim)))  # N: Tensor[Shape[3, N, int, int], NoTape, float32]
    reveal_type(tl.zeros(x.shape[:-2]))  # N: Tensor[Shape[*Batch], NoTape, float32]
    reveal_type(tl.zeros((*x.shape[:-1], 4)))  # N: Tensor[Shape[*Batch, N, 4], NoTape, float32]
    reveal_type(tl.zeros(x.shape[-2:]))  # N: Tensor[Shape[N, 3], NoTape, float32]
    reveal_type(tl.zeros(x.shape[1:]))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.zeros((x.shape[i], math.prod(x.shape), anything.shape[0])))  # N: Tensor[Shape[int, int, int], NoTape, float32]
    reveal_type(tl.zeros((*anything.shape, 3)))  # N: Tensor[Shape[*tuple[int, ...], 3], NoTape, float32]
    *_, n, three = x.shape
    reveal_type(tl.zeros((n, three)))  # N: Tensor[Shape[N, 3], NoTape, float32]


packs(tl.zeros((2, 5, 3)), tl.zeros((2,)), 0)

# Lists ---------------------------------------------------------------------------------------------


def lists(x: Tensor[Shape[N, M]], y: Tensor[Shape[6, 4]], shape: Sequence[int]) -> None:
    n, m = x.shape
    reveal_type(tl.zeros([2, 3]))  # N: Tensor[Shape[2, 3], NoTape, float32]
    reveal_type(tl.full([n, 3], 1.0))  # N: Tensor[Shape[N, 3], NoTape, float32]
    reveal_type(tl.rand([*x.shape, 3]))  # N: Tensor[Shape[N, M, 3], NoTape, float32]
    reveal_type(x.reshape([m, n]))  # N: Tensor[Shape[M, N], NoTape, float32]
    reveal_type(y.permute([1, 0]))  # N: Tensor[Shape[4, 6], NoTape, float32]
    reveal_type(y.sum(axis=[0, 1]))  # N: Tensor[Shape[()], NoTape, float32]
    reveal_type(y.max(axis=range(1), keepdims=True))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(tl.split(y, [2, 3])[2])  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(y.broadcast_to([5, *y.shape]))  # N: Tensor[Shape[5, 6, 4], NoTape, float32]
    reveal_type(tl.zeros(list(x.shape) + [3]))  # N: Tensor[Shape[N, M, 3], NoTape, float32]
    reveal_type(tl.zeros(shape))  # N: Tensor[Shape[int, ...], NoTape, float32]
    reveal_type(y.reshape(shape))  # N: Tensor[Shape[int, ...], NoTape, float32]


lists(tl.zeros((2, 3)), tl.zeros((6, 4)), [2, 12])

# Handed on -----------------------------------------------------------------------------------------


def made(n: N, m: M) -> Tensor[Shape[N, M]]:
    return tl.zeros((n, m))


def shaped(shape: tuple[N, M]) -> Tensor[Shape[N, M]]:
    return tl.zeros(shape)


def any_shape(shape: S) -> Tensor[S]:
    return tl.zeros(shape)


def rows(x: Tensor[Shape[N, M]]) -> N:
    return x.shape[0]


def declared(x: Tensor[Shape[N, M]]) -> tuple[N, M]:
    n: N = x.shape[0]
    return n, x.shape[1]


def three(n: Literal[3]) -> None: ...


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        super().__init__()
        self.up = nn.Linear(n, n * 4, rng=0)
        self.down: nn.Linear[Any, N] = nn.Linear(n * 4, n, rng=0)
        reveal_type(self.up)  # N: Linear[N, Mul[4, N]]

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return x + self.down(self.up(x.with_empty_tape()).relu())


def widened(n: N) -> nn.Linear[N, "4*N"]:
    return nn.Linear(n, n * 4)


def handed_on(x: Tensor[Shape[N, M]], y: Tensor[Shape[3, 4]]) -> None:
    n, m = x.shape
    shape = y.shape
    reveal_type(made(n, m * 2))  # N: Tensor[Shape[N, Mul[2, M]], NoTape, float32]
    reveal_type(made(len(y), ONCE))  # N: Tensor[Shape[3, 3], NoTape, float32]
    reveal_type(made(*x.shape))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(made(*shape))  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(shaped(x.shape))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(shaped((n, 3)))  # N: Tensor[Shape[N, 3], NoTape, float32]
    reveal_type(shaped(shape))  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(any_shape(x.shape))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(any_shape((n, m + 1, 2)))  # N: Tensor[Shape[N, Add[M, 1], 2], NoTape, float32]
    reveal_type(any_shape(shape))  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(made(rows(y), rows(x)))  # N: Tensor[Shape[3, N], NoTape, float32]
    reveal_type(shaped(declared(y)))  # N: Tensor[Shape[3, 4], NoTape, float32]
    reveal_type(Block(m)(x))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(Block(n * m))  # N: Block[Mul[M, N]]
    reveal_type(widened(m)(x))  # N: Tensor[Shape[N, Mul[4, M]], NoTape, float32]
    reveal_type(nn.Linear(m, m // 2)(x))  # N: Tensor[Shape[N, FloorDiv[M, 2]], NoTape, float32]
    reveal_type(tl.one_hot(tl.arange(n), m + n))  # N: Tensor[Shape[N, Add[M, N]], NoTape, float32]
    reveal_type(nn.Embedding(n, m)(tl.arange(n)))  # N: Tensor[Shape[N, M], NoTape, float32]
    reveal_type(tl.from_numpy(np.zeros(shape)).expect_shape(shape))  # N: Tensor[Shape[3, 4], NoTape, float64]
    three(y.shape[0])


handed_on(tl.zeros((2, 4)), tl.zeros((3, 4)))
