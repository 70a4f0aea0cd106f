"""Odd but valid programs: everyday Python with tensors, layers and symbols in every corner."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import operator
from collections import OrderedDict, defaultdict
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
)
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from typing import (
    Annotated,
    Any,
    ClassVar,
    Concatenate,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypedDict,
    TypeGuard,
    cast,
    overload,
    runtime_checkable,
)

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple, Unpack, override

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
X = TypeVar("X")
Y = TypeVar("Y")
S = TypeVar("S", bound=tuple[Any, ...])
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
P = ParamSpec("P")
Batch = TypeVarTuple("Batch")
Xs = TypeVarTuple("Xs")
N_co = TypeVar("N_co", bound=int, covariant=True)
Self_ = TypeVar("Self_", bound="Counter")

# Aliases ------------------------------------------------------------------------------------------

Images: TypeAlias = Tensor[Shape[N, 784]]
Padded: TypeAlias = Tensor[Shape["N + 2"]]
Wide: TypeAlias = Tensor[Shape[N, "2*M"]]
Quoted: TypeAlias = Tensor2D["N", "M + 1"]
Ends: TypeAlias = tuple[Tensor[Shape[N]], Tensor[Shape["N + 1"]]]
Rows: TypeAlias = Tensor[Shape[Unpack[Batch], 3], T]  # noqa: UP044 (older Python's way)
Maybe: TypeAlias = Tensor[Shape["N + 1"]] | None
Step: TypeAlias = "Callable[[Tensor[Shape[N]]], Tensor[Shape[N]]]"
Tree: TypeAlias = "Tensor[Shape[2]] | list[Tree]"


def first_rows(x: Images[N]) -> Images[N]:
    return x


def cut(x: Padded[N]) -> Tensor[Shape[N]]:
    return x[2:]


def halves(x: Wide[N, M]) -> tuple[Tensor[Shape[N, M]], Tensor[Shape[N, M]]]:
    return x.split(2, axis=-1)


def widened(x: Quoted[N, M]) -> Quoted[N, M]:
    return x


def ends(pair: Ends[N]) -> Tensor[Shape["2*N + 1"]]:
    return tl.concat(pair)


def summed(x: Rows[*Batch, T]) -> Tensor[Shape[*Batch], T]:
    return x.sum(axis=-1)


def total(tree: Tree) -> float:
    return sum(map(total, tree)) if isinstance(tree, list) else tree.sum().item()


five: Padded[3] = tl.zeros((5,))
ten: Wide[2, 5] = tl.zeros((2, 10))
pair: Ends[3] = (tl.zeros((3,)), tl.zeros((4,)))
seven: Tensor[Shape[7]] = ends(pair)
three: Tensor[Shape[3]] = cut(five)
left, right = halves(ten)
fives: Tensor[Shape[2, 5]] = left + right
more: Quoted[2, 2] = widened(tl.zeros((2, 3)))
none: Maybe[3] = None
assert total([tl.ones((2,)), [tl.ones((2,))]]) == 4.0
batch: Tensor[Shape[2, 5]] = summed(tl.zeros((2, 5, 3)))

# Classes ------------------------------------------------------------------------------------------


class Block(nn.Module, Generic[C, H]):
    """Sizes shared by attributes, properties and methods."""

    layers_made: ClassVar[int] = 0

    def __init__(self, c: C, h: H) -> None:
        self.c, self.h = c, h
        self.up = nn.Linear(c, c * h)
        self.down = nn.Linear(c * h, c)
        self.table = nn.Parameter(tl.zeros((h, c)))
        self.inner = nn.Sequential(nn.Linear(c, 4 * c), nn.ReLU(), nn.Linear(4 * c, c))
        type(self).layers_made += 1

    @property
    def weights(self) -> Tensor[Shape["C*H", C]]:
        return self.up.weight

    @classmethod
    def like(cls, other: Block[C, H]) -> Block[C, H]:
        return cls(other.c, other.h)

    @staticmethod
    def doubled(x: Tensor[Shape[N]]) -> Tensor[Shape["2*N"]]:
        return tl.concat((x, x))

    def scores(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, H], T]:
        return x @ self.table.mT

    def forward(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, C], T]:
        y = self.down(self.up(x.with_empty_tape()).relu())
        return x + self.inner(y)


class Narrow(Block[C, Literal[2]]):
    """One size bound, the other free."""

    def wide(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, "2*C"], T]:
        return self.up(x)

    @override
    def forward(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, C], T]:
        return super().forward(x)


class Fixed(Block[Literal[8], Literal[2]]):
    """All sizes bound."""

    def __init__(self) -> None:
        super().__init__(8, 2)

    @override
    def scores(self, x: Tensor[Shape[*Batch, 8], T]) -> Tensor[Shape[*Batch, 2], T]:
        return super().scores(x)


block, narrow, fixed = Block(8, 3), Narrow(8, 2), Fixed()
wide24: nn.Linear[8, 24] = block.up
weights: Tensor[Shape[24, 8]] = block.weights
eights: Tensor[Shape[4, 8]] = block(narrow(fixed(tl.zeros((4, 8)))))
thirds: Tensor[Shape[4, 3], Tape] = block.scores(tl.zeros((4, 8)).traced())
sixteen: Tensor[Shape[4, 16]] = narrow.wide(tl.zeros((4, 8)))
pairs: Tensor[Shape[4, 2]] = fixed.scores(tl.zeros((4, 8)))
again: Block[8, 3] = Block.like(block)
six: Tensor[Shape[6]] = Block.doubled(tl.zeros((3,)))
blocks = [Block(8, 3), Block(8, 5), narrow]
h: Tensor[Shape[4, 8]] = eights
for each in blocks:
    h = each(h)
by_size = {layer.up.weight.shape[0]: layer for layer in blocks}
sizes: list[nn.Linear[int, int]] = [nn.Linear(8, 4), nn.Linear(4, 2)]
mixed = [nn.Linear(8, 4), nn.ReLU()]
y: Tensor[Shape[int, int]] = h
for linear in sizes:
    y = linear(y)
for module in mixed:
    module(h)
any_module: nn.Module = block
any_module(h)


class Stack(Generic[*Batch]):
    """Any number of sizes shared by the methods of a class."""

    def __init__(self, x: Tensor[Shape[*Batch]]) -> None:
        self.x = x

    def columns(self, y: Tensor[Shape[*Batch, N]]) -> Tensor[Shape[N, *Batch]]:
        return self.x.broadcast_to((y.shape[-1], *self.x.shape))

    def scaled(self, by: float) -> Stack[*Batch]:
        return Stack(self.x * by)


stack = Stack(tl.zeros((2, 3)))
stacked: Tensor[Shape[2, 3]] = stack.scaled(2.0).x


@dataclass(frozen=True)
class Item(Generic[N]):
    x: Tensor[Shape[N, 3]]
    size: N
    rest: list[Tensor[Shape[N]]] = field(default_factory=list)

    def __add__(self, other: Item[M]) -> Tensor[Shape["N + M", 3]]:
        return tl.concat((self.x, other.x))

    def __matmul__(self, y: Tensor[Shape[3, M]]) -> Tensor[Shape[N, M]]:
        return self.x @ y

    def __getitem__(self, place: int) -> Tensor[Shape[3]]:
        return self.x[place]

    def __iter__(self) -> Iterator[Tensor[Shape[3]]]:
        return iter(self.x)

    def __call__(self, y: Tensor[Shape[N]]) -> Tensor[Shape[N, 3]]:
        return self.x * y[:, None]

    def __len__(self) -> int:
        return len(self.x)

    def __contains__(self, y: object) -> bool:
        return False


item = Item(tl.zeros((2, 3)), 2)
fourth: Tensor[Shape[6, 3]] = item + Item(tl.zeros((4, 3)), 4)
product: Tensor[Shape[2, 5]] = item @ tl.zeros((3, 5))
row: Tensor[Shape[3]] = item[0]
applied_item: Tensor[Shape[2, 3]] = item(tl.zeros((2,)))
assert [r.shape for r in item] == [(3,), (3,)] and replace(item, rest=[]).size == 2


class Descriptor(Generic[N]):
    """A descriptor whose values have a size."""

    def __init__(self, n: N) -> None:
        self.n = n

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[object]) -> Tensor[Shape[N, 3]]: ...
    def __get__(self, instance: object, owner: type[object]) -> Any:
        return self if instance is None else tl.zeros((self.n, 3))


class Holder:
    x = Descriptor(2)

    @functools.cached_property
    def y(self) -> Tensor[Shape[2, 3]]:
        return self.x + 1


held: Tensor[Shape[2, 4]] = Holder().x @ tl.zeros((3, 4))
cached_y: Tensor[Shape[2, 4]] = Holder().y @ tl.zeros((3, 4))


class Counter:
    count = 0

    def counted(self: Self_, x: Tensor[Shape[N]]) -> tuple[Self_, Tensor[Shape["N + 1"]]]:
        self.count += 1
        return self, tl.zeros((x.shape[0] + 1,))


class SubCounter(Counter): ...


counter, counted = SubCounter().counted(tl.zeros((3,)))
four: Tensor[Shape[4]] = counted

# Protocols, callables, decorators -----------------------------------------------------------------


@runtime_checkable
class Encoder(Protocol[N_co]):
    def encode(self, x: Tensor[Shape[*Batch, 3]]) -> Tensor[Shape[*Batch, N_co]]: ...


class ToFour:
    def encode(self, x: Tensor[Shape[*Batch, 3]]) -> Tensor[Shape[*Batch, Literal[4]]]:
        return nn.Linear(3, 4)(x)


def encoded(encoder: Encoder[N], x: Tensor[Shape[M, 3]]) -> Tensor[Shape[M, N]]:
    return encoder.encode(x)


def timed(f: Callable[P, X]) -> Callable[P, X]:
    @functools.wraps(f)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> X:
        return f(*args, **kwargs)

    return wrapped


def seeded(f: Callable[Concatenate[int, P], X]) -> Callable[P, X]:
    return functools.partial(f, 0)


@timed
def grown(x: Tensor[Shape[N]]) -> Tensor[Shape["N + 2"]]:
    return tl.concat((x, tl.zeros((2,))))


@seeded
def noisy(seed: int, x: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return x + tl.rand((1,), rng=seed)


def composed(f: Callable[[X], Y], g: Callable[[Y], Y], x: X) -> Y:
    return g(f(x))


def spread(f: Callable[[*Xs], X], *args: *Xs) -> X:
    return f(*args)


def nudged(x: Tensor[Shape[N]], step: Step[N]) -> Tensor[Shape[N]]:
    return step(x)


def either(x: Tensor[Shape[N]] | Tensor[Shape[N, M]] | None, *, flag: bool = False) -> int:
    match x:
        case None:
            return 0
        case Tensor(ndim=1) if flag:
            return 1
        case Tensor() as tensor:
            return tensor.ndim


ToFour().encode(tl.zeros((2, 3)))
nine: Tensor[Shape[5]] = grown(tl.zeros((3,)))
noise: Tensor[Shape[3]] = noisy(tl.zeros((3,)))
both: Tensor[Shape[2, 3]] = composed(lambda q: tl.zeros((2, 3)), lambda q: q.relu(), 3)
spread_out: Tensor[Shape[2, 4]] = spread(tl.matmul, tl.zeros((2, 3)), tl.zeros((3, 4))).expect_shape((2, 4))
nudge: Tensor[Shape[3]] = nudged(tl.zeros((3,)), lambda q: q + 1)
assert [either(None), either(three, flag=True), either(tl.zeros((2, 3)))] == [0, 1, 2]
partially = functools.partial(grown, x=tl.zeros((3,)))
partially()
reduced = functools.reduce(operator.add, [tl.zeros((2,)), tl.ones((2,))])
methods: Mapping[str, Callable[[Tensor[Shape[2]]], Tensor[Shape[2]]]] = {"exp": tl.exp, "sin": tl.sin}
for f in methods.values():
    f(reduced)
sorted([tl.zeros((2,)), tl.ones((3,))], key=lambda t: t.sum().item())
assert max(map(len, [tl.zeros((2,)), tl.zeros((3, 4))])) == 3
zipped = [a + b for a, b in zip([tl.zeros((2,))], [tl.ones((2,))], strict=True)]
chained = [t.sum() for t in chain([tl.zeros((2,))], (tl.zeros((3,)) for _ in range(2)))]
longest = [a if b is None else b for a, b in zip_longest([three], [three, three])]
groups: defaultdict[str, list[Tensor[Shape[3]]]] = defaultdict(list)
groups["a"].append(three)
ordered = OrderedDict(a=nn.Linear(3, 4), b=nn.Linear(4, 4))
nested = {"x": {"y": [(three, nn.Linear(3, 4))]}}
t0, layer0 = nested["x"]["y"][0]
out4: Tensor[Shape[4]] = layer0(t0)

# Async, generators, context managers ---------------------------------------------------------------


async def loaded(n: N) -> Tensor[Shape[N, 3]]:
    await asyncio.sleep(0)
    return tl.zeros((n, 3))


async def stream(x: Tensor[Shape[N, 3]]) -> AsyncIterator[Tensor[Shape[3]]]:
    for r in x:
        yield r


async def main() -> Tensor[Shape[2, 4]]:
    x = await loaded(2)
    found = [r async for r in stream(x)]
    a, b = await asyncio.gather(loaded(2), loaded(3))
    work: Awaitable[Tensor[Shape[2, 3]]] = loaded(2)
    tl.concat((a, b)) @ tl.zeros((3, 2))
    return (await work + x + found[0]) @ tl.zeros((3, 4))


def fed(n: N) -> Generator[Tensor[Shape[N]], Tensor[Shape[N]], Tensor[Shape["N + 1"]]]:
    given = yield tl.zeros((n,))
    return tl.concat((given, tl.zeros((1,))))


@contextlib.contextmanager
def opened(x: Tensor[Shape[N]]) -> Iterator[Tensor[Shape["2*N"]]]:
    yield tl.concat((x, x))


asyncio.run(main())
feeder = fed(3)
next(feeder)
with contextlib.suppress(StopIteration):
    feeder.send(tl.ones((3,)))
with opened(tl.zeros((3,))) as doubled, contextlib.nullcontext(three) as same:
    eight = doubled[:3] + same

# Data structures ----------------------------------------------------------------------------------


class Sizes(enum.IntEnum):
    SMALL = 3
    LARGE = 4


class Config(TypedDict, total=False):
    x: Tensor[Shape[2, 3]]
    axis: int


class Point(NamedTuple, Generic[N]):
    x: Tensor[Shape[N]]
    y: Tensor[Shape["N + 1"]]


Width = NewType("Width", int)
config: Config = {"x": tl.zeros((2, 3)), "axis": 0}
point = Point(tl.zeros((2,)), tl.zeros((3,)))
px, py = point
LIMIT: Final = 4
tl.zeros((Sizes.SMALL, LIMIT)) @ tl.zeros((LIMIT, 2))
tl.zeros((Width(2), 3)).sum(axis=config["axis"])
annotated: Annotated[Tensor[Shape[2]], "metres"] = tl.zeros((2,))
options: dict[str, Any] = {"axis": 0, "keepdims": True}
tl.zeros((2, 3)).sum(**options)
shape = (2, 3)
tl.zeros((*shape, 4)) @ tl.zeros((4, 5))
assert isinstance(tl.zeros((2,)), Tensor) and callable(tl.exp)
if (walrus := tl.zeros((2, 3))) is not None and (rows := walrus.sum(axis=0)).ndim == 1:
    rows @ tl.zeros((3,))
first_row, *others = tl.zeros((3, 2))
sliced = tl.zeros((4, 3))[slice(1, 3)]
casted = cast(Tensor[Shape[2, 4]], options.get("x", held)) @ tl.zeros((4, 4))


def is_pair(x: Tensor) -> TypeGuard[Tensor[Shape[2]]]:
    return x.shape == (2,)


def guarded(x: Tensor) -> Tensor[Shape[2]]:
    assert is_pair(x)
    return x + tl.zeros((2,))


def closed(x: Tensor[Shape[N, M]]) -> Callable[[Tensor[Shape[*Batch, M]]], Tensor[Shape[*Batch, N]]]:
    weight = x.T

    def inner(y: Tensor[Shape[*Batch, M]]) -> Tensor[Shape[*Batch, N]]:
        nonlocal weight
        weight = weight * 1.0
        return y @ weight

    return inner


def branches(flag: bool, x: Tensor[Shape[2, 3]], y: Tensor[Shape[4, 3]]) -> Tensor[Shape[int, 2]]:
    either = x if flag else y
    merged = tl.concat((either, x))
    try:
        result: Tensor[Shape[int, 2]] = either @ tl.zeros((3, 2))
    except ValueError:
        result = merged @ tl.zeros((3, 2))
    else:
        result = result + 1
    finally:
        flag = not flag
    return result


def looped(x: Tensor[Shape[N, 3]], times: int) -> Tensor[Shape[N, 3]]:
    while times > 0:
        x = x + 1
        times -= 1
    for _ in range(times):
        x = x.relu()
    return x


def dispatched(x: Tensor[Shape[N]] | Tensor[Shape[N, N]]) -> Tensor[Shape[N]] | Tensor[Shape[N, N]]:
    return x.exp()


@functools.singledispatch
def shown(x: object) -> str:
    return "?"


@shown.register
def _shown(x: Tensor) -> str:
    return str(x.shape)


def recursive(x: Tensor[Shape[N, N]], depth: int = 2) -> Tensor[Shape[N, N]]:
    return x if depth == 0 else recursive(x @ x, depth - 1)


def gathered(*xs: Tensor[Shape[N, 3]], **named: Tensor[Shape[N, 3]]) -> Tensor[Shape[int, 3]]:
    return tl.concat([*xs, *named.values()])


def optional(x: Tensor[Shape[N]] | None = None, n: int | None = None) -> Tensor[Shape[int]]:
    if x is None:
        return tl.zeros((n or 1,))
    return x[: n or len(x)]


guarded(tl.zeros((2,)))
closed(tl.zeros((2, 3)))(tl.zeros((5, 3)))
branches(True, tl.zeros((2, 3)), tl.zeros((4, 3)))
looped(tl.zeros((2, 3)), 2)
dispatched(tl.zeros((2, 2)))
shown(three)
recursive(tl.zeros((2, 2)))
gathered(tl.zeros((2, 3)), *[tl.zeros((2, 3))], y=tl.zeros((2, 3)))
optional(), optional(three), optional(n=3)
