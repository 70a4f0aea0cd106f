"""Random snippets for the checker: calls of anything with anything, right and wrong ones.

The header declares what they use; `snippets` draws functions around one random expression each.
Those whose parameters have one meaning only can also be run.
"""

# ruff: noqa: SIM905 - long lists of code read better as words

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tensorlib as tl
from tensorlib import Tensor, nn

HEADER = """from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import *

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor1D, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
X = TypeVar("X")
S = TypeVar("S", bound=tuple[Any, ...])
T = TypeVar("T", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
P = ParamSpec("P")
Batch = TypeVarTuple("Batch")
Xs = TypeVarTuple("Xs")
Row: TypeAlias = Tensor[Shape[N]]
Padded: TypeAlias = Tensor[Shape["N + 2"]]
Size = NewType("Size", int)


class Options(TypedDict, total=False):
    axis: int
    keepdims: bool


class Pair(NamedTuple):
    first: Tensor[Shape[2, 3]]
    second: Tensor[Shape[3]]


@dataclass
class Box(Generic[N]):
    x: Tensor[Shape[N, 3]]
    size: N

    def grown(self, by: Tensor[Shape[M, 3]]) -> Tensor[Shape["N + M", 3]]:
        return tl.concat((self.x, by))

    @property
    def wide(self) -> Tensor[Shape["2*N"]]:
        return tl.zeros((2 * self.size,))


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.up = nn.Linear(n, 2 * n)
        self.down = nn.Linear(2 * n, n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return self.down(self.up(x).relu())


class Model(Protocol):
    def __call__(self, x: Tensor[Shape[N, 3]], /) -> Tensor[Shape[N, 3]]: ...


class Descriptor:
    def __get__(self, instance: object, owner: object) -> Tensor[Shape[2, 3]]:
        return tl.ones((2, 3))


class Holder:
    x = Descriptor()


def same(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    return x


def anything(x: X) -> X:
    return x


def doubled(x: Tensor[Shape[N]]) -> Tensor[Shape["2*N"]]:
    return tl.concat((x, x))


def halved(x: Tensor[Shape["2*N"]]) -> Tensor[Shape[N]]:
    return x[::2]


def padded(x: Row[N]) -> Padded[N]:
    return tl.concat((x, tl.zeros((2,))))


def both(x: Tensor[Shape[N]], y: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return x + y


def batched(x: Tensor[Shape[*Batch, 3], T]) -> Tensor[Shape[*Batch], T]:
    return x.sum(axis=-1)


def either(x: Tensor[Shape[N]] | Tensor[Shape[N, M]] | None = None, n: int | None = 3) -> None:
    pass


def several(*xs: Tensor[Shape[N]], **named: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    return xs[0]


def sized(n: N, m: M) -> Tensor[Shape[N, "M + 1"]]:
    return tl.zeros((n, m + 1))


def spread(f: Callable[[*Xs], X], *args: *Xs) -> X:
    return f(*args)


def applied(f: Callable[P, X], *args: P.args, **kwargs: P.kwargs) -> X:
    return f(*args, **kwargs)


def mapped(f: nn.Maps[Tensor[Shape[N, 3]], Tensor[Shape[N, M]]], x: Tensor[Shape[N, 3]]) -> M:
    raise ValueError


def recursive(x: Tensor[Shape[N]], depth: int = 3) -> Tensor[Shape["N + 1"]]:
    return recursive(x) if depth < 0 else tl.zeros((x.shape[0] + 1,))


@overload
def chosen(x: Tensor[Shape[N]]) -> Tensor[Shape[N, 1]]: ...
@overload
def chosen(x: int) -> int: ...
def chosen(x: Any) -> Any:
    return x if isinstance(x, int) else x.expand_dims(-1)


@functools.cache
def cached(n: int) -> Tensor[Shape[int, 3]]:
    return tl.zeros((n, 3))


async def later(x: Tensor[Shape[N]]) -> Tensor[Shape["N + 1"]]:
    return tl.zeros((x.shape[0] + 1,))


@contextlib.contextmanager
def opened(x: Tensor[Shape[N]]) -> Iterator[Tensor[Shape["N + 1"]]]:
    yield tl.zeros((x.shape[0] + 1,))


def untyped(x, *y):
    return x
"""

DEFINITE = {
    "scalar": ("Tensor[Shape[()]]", "tl.tensor(2.0)"),
    "row": ("Tensor[Shape[3]]", "tl.ones((3,))"),
    "matrix": ("Tensor[Shape[2, 3]]", "tl.ones((2, 3))"),
    "other": ("Tensor2D[3, 4]", "tl.ones((3, 4))"),
    "square": ("Tensor[Shape[3, 3]]", "tl.eye(3)"),
    "images": ("Tensor[Shape[2, 3, 6, 6]]", "tl.ones((2, 3, 6, 6))"),
    "empty": ("Tensor[Shape[0, 3]]", "tl.zeros((0, 3))"),
    "taped": ("Tensor[Shape[2, 3], Tape]", "tl.ones((2, 3)).traced()"),
    "loss": ("Tensor[Shape[()], Tape]", "tl.tensor(2.0).traced()"),
    "indices": ("Tensor[Shape[2], NoTape, np.int64]", "tl.tensor([0, 1])"),
    "mask": ("Tensor[Shape[2, 3], NoTape, np.bool]", "tl.ones((2, 3)) > 0"),
    "double": ("Tensor[Shape[3], NoTape, np.float64]", "tl.ones((3,), dtype=np.float64)"),
    "one": ("Literal[1]", "1"),
    "pair": ("Pair", "Pair(tl.ones((2, 3)), tl.ones((3,)))"),
    "box": ("Box[Literal[2]]", "Box(tl.ones((2, 3)), 2)"),
    "block": ("Block[Literal[3]]", "Block(3)"),
    "layer": ("nn.Linear[Literal[3], Literal[4]]", "nn.Linear(3, 4)"),
    "tensors": (
        "tuple[Tensor[Shape[2, 3]], Tensor[Shape[2, 3]]]",
        "(tl.ones((2, 3)), tl.ones((2, 3)))",
    ),
    "holder": ("Holder", "Holder()"),
}
"""Parameters of one meaning, and a value of each."""

OPEN = {
    "rows": "Tensor[Shape[N, 3]]",
    "columns": "Tensor[Shape[3, M], T]",
    "wide": 'Tensor[Shape["2*N + 1"]]',
    "many": "Tensor[Shape[*Batch, 3], T]",
    "unknown": "Tensor[Shape[int, 3]]",
    "bare": "Tensor",
    "shapeless": "Tensor[Shape[...], Tape]",
    "vouched": "Tensor[Shape[Any, 3]]",
    "whole": "Tensor[S, T, D]",
    "any_dtype": "Tensor[Shape[3], NoTape, Any]",
    "optional": "Tensor[Shape[2, 3]] | None",
    "union": "Tensor[Shape[2, 3]] | Tensor[Shape[3]] | Tensor[Shape[3, 3], Tape]",
    "mixed": "Tensor[Shape[2, 3]] | int | str",
    "anything_": "Any",
    "object_": "object",
    "never": "Never",
    "thing": "X",
    "number": "int",
    "n": "N",
    "size": "Size",
    "choice": "Literal[1, 2]",
    "flag": "bool",
    "real": "float",
    "complex_": "complex",
    "text": "str",
    "options": "Options",
    "listed": "list[Tensor[Shape[2, 3]]]",
    "sequence": "Sequence[Tensor[Shape[N]]]",
    "dictionary": "dict[str, Tensor[Shape[3]]]",
    "function": "Callable[[Tensor[Shape[N]]], Tensor[Shape[N]]]",
    "opaque": "Callable[..., Any]",
    "model": "Model",
    "module": "nn.Module",
    "modules": "list[nn.Linear[int, int]]",
    "maps": "nn.Maps[Tensor[Shape[N, 3]], Tensor[Shape[N, 3]]]",
    "sequential": "nn.Sequential[nn.Linear[3, 4], nn.ReLU]",
    "unknown_layer": "nn.Linear[int, int]",
    "boxed": "Box[N]",
    "kind": "type[nn.Linear[Literal[3], Literal[4]]]",
    "factory": "type[Block[N]]",
    "array": "np.ndarray[tuple[int, int], np.dtype[np.float32]]",
    "variadic": "tuple[*Batch]",
    "ints": "tuple[int, ...]",
    "nested": "tuple[tuple[Tensor[Shape[2]], int], list[Tensor[Shape[3]]]]",
}
"""Parameters of which little is known, or which are odd."""

_TENSORS = [name for name, (typ, _) in DEFINITE.items() if typ.startswith("Tensor")]
OPERATORS = "+ - * / @ ** % // == < & |".split()
INTS = "0 1 2 3 4 6 -1 -2 -3 7 -9".split()
ODD = (
    "None True False 'mean' '...ij->...ji' 'same' b'x' 1.5 float('nan') ... () (1,) (2, -1) (-1,) "
    "(2, 3) (3, 2) (6,) (1, 2, 3) [1, 2] [] [[1.0, 2.0], [3.0, 4.0]] [[1.0], [2.0, 3.0]] {} 2**70 "
    "-2**70 slice(1) slice(None, None, -1) np.float32(2) np.int64(1) np.float64 int tl nn.Linear "
    "np.zeros((2, 3)) range(3) tl.exp tl.sum NotImplemented"
).split()
_FITTING = {
    "Axis": [*INTS, "(0, 1)", "(0, -1)", "(-1, -2)", "None"],
    "S": ["(2, 3)", "(6,)", "(3, 2)", "(-1,)", "(2, -1)", "(1, 2, 3)", "()", "(3, 3)", "(0, 3)"],
    "tuple": ["(2, 3)", "(1, 0)", "(0, 1)", "(2, 1)", "(1, 1)", "(3,)", "(1, 2, 3)"],
    "Index": ["0", "-1", "None", "slice(1)"],
    "bool": ["True", "False"],
    "str": ["'mean'", "'sum'", "'none'", "'...ij->...ji'", "'ij,jk->ik'", "'same'", "'constant'"],
    "type": ["np.float32", "np.float64", "np.int64", "np.bool"],
    "float": ["0.5", "1", "2.0"],
    "int": INTS,
    "I": INTS,
}
"""What fits parameters, by what stands in their annotations."""
INDICES = (
    "0", "-1", "5", ":", "1:", ":-1", "::2", "::-1", "::0", "..., 0", "None", ":, None", "0, 0",
    "0, 0, 0, 0, 0", "...", "(0, 1)", "[0, 1]", "True", "'a'", "1.5", "..., ..., 0", ":, 1:2",
    "{}", "{} > 0", "..., {}", "{}, {}", "2**70", "-2**70:", "slice(1)", "None, ..., None",
)  # fmt: skip
FUNCTIONS = (
    "same anything doubled halved padded both batched either several sized recursive chosen cached "
    "untyped Box Block Pair functools.partial(doubled) functools.partial(both,{}) (lambda q:q) "
    "(lambda*q:q) (lambda**q:q) functools.partial(tl.matmul,{}) nn.build nn.sequential print len "
    "list tuple type id iter next sum max super"
).split()


@dataclass(frozen=True)
class Snippet:
    """One expression.

    Attributes:
        expression: its text.
        operands: the parameters that it uses.
    """

    expression: str
    operands: tuple[str, ...]

    @property
    def is_definite(self) -> bool:
        """Whether its parameters have one meaning only, so that a run tells what is right.

        A cast is believed whatever it says, and what ``and`` returns depends on a number.
        """
        is_plain = not any(text in self.expression for text in ("2**70", "cast(", " and "))
        return is_plain and all(name in DEFINITE for name in self.operands)

    def function(self, name: str) -> str:
        """Return a function of two lines around it."""
        annotations = {**{k: v[0] for k, v in DEFINITE.items()}, **OPEN}
        parameters = ", ".join(f"{operand}: {annotations[operand]}" for operand in self.operands)
        return f"def {name}({parameters}) -> object:\n    return {self.expression}\n"


def _public(owner: Any, wanted: Callable[[Any], bool]) -> dict[str, Any]:
    return {k: v for k, v in vars(owner).items() if not k.startswith("_") and wanted(v)}


def _is_function(value: Any) -> bool:
    return inspect.isfunction(value)


TL = {
    f"tl.{prefix}{name}": value
    for prefix, owner in (("", tl), ("losses.", tl.losses), ("linalg.", tl.linalg))
    for name, value in _public(owner, _is_function).items()
    if not name.startswith(("load", "save"))  # nothing is to touch files
}
METHODS = {
    name: value
    for name, value in inspect.getmembers(Tensor)
    if not name.startswith("_") and inspect.isfunction(value)
}
PROPERTIES = "T mT shape ndim size dtype owns_tape nothing".split()
LAYERS = {f"nn.{name}": v.__init__ for name, v in _public(nn, inspect.isclass).items()}


class _Grammar:
    """Draws expressions."""

    def __init__(self, rng: random.Random, names: Sequence[str]) -> None:
        self._rng = rng
        self._names = names
        self.used: list[str] = []

    def expression(self, depth: int) -> str:
        """Return an expression, of what may be a tensor."""
        if depth <= 0:
            return self._operand()
        rules = (
            (20, self._method), (20, self._function), (12, self._layer), (12, self._binary),
            (10, self._indexed), (8, self._own), (3, self._property), (3, self._odd_form),
            (3, self._tuple_method),
        )  # fmt: skip
        weights, options = zip(*rules, strict=True)
        (rule,) = self._rng.choices(options, weights)
        text: str = rule(depth - 1)
        return text

    def _operand(self) -> str:
        name = self._rng.choice(self._names)
        self.used.append(name)
        return name

    def _value(self, depth: int) -> str:
        """Return an argument: mostly an int or a tensor, sometimes anything."""
        drawn = self._rng.random()
        if drawn < 0.35:
            return self._rng.choice(INTS)
        if drawn < 0.55:
            return self._rng.choice(ODD)
        return self.expression(depth)

    def _fitting(self, parameter: inspect.Parameter, depth: int) -> str:
        """Return an argument that mostly fits a parameter."""
        if self._rng.random() < 0.2:
            return self._value(depth)
        declared = str(parameter.annotation)
        if "Tensor" in declared:
            return self.expression(depth)
        for kind, values in _FITTING.items():
            if kind in declared:
                return self._rng.choice(values)
        return self._value(depth)

    def _arguments(self, function: Any, given: int, depth: int) -> str:
        """Return arguments for a call, of which most fit the signature by number and name."""
        try:
            parameters = [*inspect.signature(function).parameters.values()][given:]
        except (TypeError, ValueError):
            parameters = []
        required = [p for p in parameters if p.default is p.empty and p.kind <= p.KEYWORD_ONLY]
        arguments = [
            f"{p.name}=" * (p.kind == p.KEYWORD_ONLY) + self._fitting(p, depth) for p in required
        ]
        for p in parameters:
            if p.default is not p.empty and self._rng.random() < 0.25:
                arguments.append(f"{p.name}={self._fitting(p, depth)}")
        drawn = self._rng.random()
        if drawn < 0.03 and arguments:
            arguments.pop()
        elif drawn < 0.06:
            arguments.insert(0, self._value(depth))
        elif drawn < 0.09:
            arguments.insert(0, f"*{self.expression(0)}")
        elif drawn < 0.12:
            arguments.append(f"**{self.expression(0)}")
        elif drawn < 0.14:
            arguments.append(f"wrong={self._value(depth)}")
        positional = [a for a in arguments if not a.startswith("**") and "=" not in a.split("(")[0]]
        return ", ".join([*positional, *(a for a in arguments if a not in positional)])

    def _method(self, depth: int) -> str:
        name = self._rng.choice([*METHODS])
        return f"{self.expression(depth)}.{name}({self._arguments(METHODS[name], 1, depth - 1)})"

    def _function(self, depth: int) -> str:
        name = self._rng.choice([*TL])
        return f"{name}({self._arguments(TL[name], 0, depth)})"

    def _layer(self, depth: int) -> str:
        name = self._rng.choice([*LAYERS])
        made = f"{name}({self._arguments(LAYERS[name], 1, 0)})"
        return f"{made}({self.expression(depth)})" if self._rng.random() < 0.8 else made

    def _binary(self, depth: int) -> str:
        operator = self._rng.choice(OPERATORS)
        return f"({self.expression(depth)} {operator} {self._value(depth)})"

    def _indexed(self, depth: int) -> str:
        index = self._rng.choice(INDICES)
        while "{}" in index:
            index = index.replace("{}", self.expression(0), 1)
        return f"{self.expression(depth)}[{index}]"

    def _own(self, depth: int) -> str:
        function = self._rng.choice(FUNCTIONS).replace("{}", self.expression(0))
        count = self._rng.choice((0, 1, 1, 1, 2, 2, 3))
        arguments = [self._value(depth) for _ in range(count)]
        if self._rng.random() < 0.15:
            arguments.append(f"*{self.expression(0)}")
        if self._rng.random() < 0.1:
            arguments.append(f"**{self.expression(0)}")
        return f"{function}({', '.join(arguments)})"

    def _property(self, depth: int) -> str:
        return f"{self.expression(depth)}.{self._rng.choice(PROPERTIES)}"

    def _tuple_method(self, depth: int) -> str:
        name = self._rng.choice(("x", "first", "wide", "grown", "up", "forward", "weight", "down"))
        return f"{self.expression(depth)}.{name}"

    def _odd_form(self, depth: int) -> str:
        x, y = self.expression(depth), self.expression(0)
        return self._rng.choice(
            (
                f"({x} if {y} is None else {y})",
                f"[{x} for q in {y}]",
                f"(lambda q: q + {x})({y})",
                f"{{'a': {x}, **{y}}}",
                f"({x}, *{y})",
                f"[*map(doubled, [{x}])]",
                f"spread(both, {x}, {y})",
                f"applied(tl.matmul, {x}, {y})",
                f"mapped({x}, {y})",
                f"tl.grad(lambda q: q.sum())({x})",
                f"tl.value_and_grad({x})({y})",
                f"(q := {x})",
                f"{x} and {y}",
                f"not {x}",
                f"-{x}",
                f"~{x}",
                f"{x}({y})",
                f"cast(Tensor[Shape[2]], {x})",
                f"Tensor.sum({x})",
                f"nn.Linear.forward({x}, {y})",
                f"later({x})",
                f"opened({x}).__enter__()",
                f"max({x}, {y}, key=lambda t: t.sum().item())",
                f"sorted([{x}, {y}])",
                f"tl.stack([{x} for _ in range(3)])",
                f"tl.concat([{x}, *{y}], axis=1)",
                f"nn.Sequential({x}, {y})",
                f"nn.Sequential(nn.Linear(3, 4), {x})({y})",
                f"nn.Residual({x})({y})",
                f"{x}.shape[0]",
                f"tl.zeros({x}.shape)",
                f"tl.zeros((*{x}.shape, 2))",
                f"f'{{{x}}}'",
            )
        )


def snippets(seed: int, count: int) -> Iterator[Snippet]:
    """Draw so many snippets; half of them have parameters of one meaning only."""
    rng = random.Random(seed)
    for place in range(count):
        names = [*DEFINITE, *_TENSORS] if place % 2 else [*DEFINITE, *_TENSORS, *OPEN, *OPEN]
        while True:
            grammar = _Grammar(rng, names)
            expression = grammar.expression(rng.choice((1, 2, 2, 3)))
            try:
                compile(expression, "", "eval")
            except SyntaxError:
                continue
            yield Snippet(expression, tuple(dict.fromkeys(grammar.used)))
            break
