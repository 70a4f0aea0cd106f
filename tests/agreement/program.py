"""What a generated program is, and its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from tests.op_cases.case import Array, Values, anywhere

Assignment: TypeAlias = dict[str, Any]
"""What each type variable stands for: a size, or sizes for `Batch`."""

Peer: TypeAlias = Callable[[Sequence[Any]], Any]
"""The same in PyTorch, of the operands' arrays, or of tensors of PyTorch's."""

HEADER = """from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Generic, Literal

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
K = TypeVar("K", bound=int)
M = TypeVar("M", bound=int)
N = TypeVar("N", bound=int)
W = TypeVar("W", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

"""
OWN = "OWN"
"""Stands in a program's text for what the name of its own begins with."""
REFUSED = "refused"
CHECKED = "@CHECKED"
"""Stands above definitions whose annotations are enforced when the program runs.

mypy sees them undecorated: it does not follow tapes through decorated functions.
"""


@dataclass(frozen=True)
class Operand:
    """A parameter of a program, a tensor.

    Attributes:
        name: its name.
        dims: its dimensions, as they stand in a shape.
        dtype: its dtype's name.
        owns_tape: whether it is traced.
        values: fills it, if it is of floats.
        bounds: what its items are drawn from, if it is of ints.
    """

    name: str
    dims: tuple[str, ...]
    dtype: str = "float32"
    owns_tape: bool = False
    values: Values = field(default=anywhere, compare=False)
    bounds: tuple[int, int] = (0, 1)

    @property
    def annotation(self) -> str:
        """Return what declares it."""
        return annotation(self.dims, "Tape" if self.owns_tape else "NoTape", self.dtype)

    def sizes(self, assignment: Assignment) -> tuple[int, ...]:
        """Return its shape for an assignment."""
        return sizes_of(self.dims, assignment)

    def filled(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw its items."""
        if self.dtype == "bool":
            return np.asarray(rng.integers(0, 2, shape)).astype(bool)
        if np.dtype(self.dtype).kind == "i":
            return np.asarray(rng.integers(*self.bounds, shape)).astype(self.dtype)
        try:
            filled = np.asarray(self.values(rng, shape))
        except (ValueError, IndexError):  # made for matrices, say, and the mistake is the rank
            filled = anywhere(rng, shape)
        return filled.astype(self.dtype)


@dataclass(frozen=True)
class Program:
    """A function of tensors, with the functions and classes of its own.

    Attributes:
        origin: the op, layer or kind that it is about.
        operands: its parameters.
        body: its statements; of each ``name = ...`` the type is revealed.
        definitions: its functions and classes, whose names begin with `OWN`.
        peer: the same in PyTorch, if there is such a thing.
        is_whole: whether no mistake was put into it.
        has_slopes: whether PyTorch's gradients are compared, too.
        stated: the dtype of the last result, or that it is `REFUSED`, as the documentation says.
    """

    origin: str
    operands: tuple[Operand, ...]
    body: tuple[str, ...]
    definitions: tuple[str, ...] = ()
    peer: Peer | None = field(default=None, compare=False)
    is_whole: bool = True
    has_slopes: bool = False
    stated: str = ""

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the type variables in its operands' shapes, in order."""
        return symbols_in(dim for operand in self.operands for dim in operand.dims)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the plain sizes in its operands' shapes."""
        dims = (dim for operand in self.operands for dim in operand.dims)
        return tuple(sorted({int(dim) for dim in dims if dim.isdigit()}))

    @property
    def first_line(self) -> int:
        """Return the line on which the function begins, behind what is its own."""
        return 1 + sum(each.count("\n") + 1 for each in self.definitions)

    def text(self, name: str, *, runs: bool = False) -> str:
        """Return its source, as a function of this name, for mypy or for Python."""
        parameters = ", ".join(f"{each.name}: {each.annotation}" for each in self.operands)
        lines = [*self.definitions, f"def {OWN}_program({parameters}) -> None:"]
        for statement in self.body:
            lines += [f"    {line}" for line in statement.splitlines()]
            lines += [f"    reveal_type({bound})" for bound in _bound(statement)]
        text = "\n".join(lines).replace(CHECKED, "@tl.check_shapes" if runs else "# checked, too")
        return text.replace(f"{OWN}_program", name).replace(OWN, f"{name}_own") + "\n"

    @property
    def own_call(self) -> Program | None:
        """Return a call of its own function with all that the signature allows."""
        found = [each for each in self.definitions if each.startswith(f"{CHECKED}\ndef {OWN}(")]
        if not found:
            return None
        signature = found[0].split(" -> ")[0]
        fillings = {each.name: each for each in self.operands}
        operands = []
        for name, dims, _, dtype in _DECLARED.findall(signature):
            like = fillings.get(name, Operand(name, ()))
            written = tuple(dims.replace('"', "").split(", ")) if dims != "()" else ()
            operands.append(replace(like, name=name, dims=written, dtype=dtype, owns_tape=False))
        names = ", ".join(each.name for each in operands)
        return replace(self, operands=tuple(operands), body=(f"r = {OWN}({names})",))

    def __str__(self) -> str:
        return self.text("program")


_DECLARED = re.compile(r"(\w+): Tensor\[Shape\[(.*?)\], (\w+), np\.(\w+)\]")


def annotation(dims: Sequence[str], tape: str, dtype: str) -> str:
    """Write the type of a tensor."""
    written = ", ".join(dim if re.fullmatch(r"\*?\w+", dim) else f'"{dim}"' for dim in dims)
    return f"Tensor[Shape[{written or '()'}], {tape}, np.{dtype}]"


def symbols_in(dims: Any) -> tuple[str, ...]:
    """Return the type variables in these dimensions, in order."""
    found = (name for dim in dims for name in re.findall(r"[A-Z]\w*", dim))
    return tuple(dict.fromkeys(found))


def sizes_of(dims: Sequence[str], assignment: Assignment) -> tuple[int, ...]:
    """Return the shape that dimensions stand for."""
    sizes: list[int] = []
    for dim in dims:
        if dim == "*Batch":
            sizes += assignment["Batch"]
        else:
            sizes.append(int(eval(dim, {}, assignment)))
    return tuple(sizes)


def _bound(statement: str) -> list[str]:
    found = re.match(r"([a-z]\w*(?:, [a-z]\w*)*) = ", statement)
    return found[1].split(", ") if found else []
