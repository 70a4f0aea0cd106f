"""Reading the types that mypy reveals, and comparing them with what a run has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tests.agreement.program import Assignment


@dataclass(frozen=True)
class Have:
    """What a tensor of a run has; whether it owns a tape is None once its tape has moved."""

    shape: tuple[int, ...]
    dtype: str
    owns_tape: bool | None


Value: TypeAlias = "Have | tuple[Value, ...] | None"
"""What a run has: of tuples their items, of what holds no tensors None."""


@dataclass(frozen=True)
class Type:
    """A type: a name and its arguments, ``Tensor[...]``; unions and the like have the name "?"."""

    name: str
    args: tuple[Type, ...] = ()


@dataclass
class Known:
    """How many dimensions were compared, and how many were not known to mypy."""

    dims: int = 0
    unknown: int = 0


def parse(text: str) -> Type:
    """Read a revealed type, as `tests.typecheck.simplified` writes it."""
    tokens = [*re.findall(r"\*?[\w.-]+|\*|\[|\]|,|\||\(|\)|\S", text)]
    found, rest = _type(tokens)
    return found if not rest else Type("?")


def _type(tokens: list[str]) -> tuple[Type, list[str]]:
    name, rest = tokens[0], tokens[1:]
    args: list[Type] = []
    if rest[:1] == ["["]:
        rest = rest[1:]
        while rest and rest[0] != "]":
            if rest[:2] == ["(", ")"]:
                rest = rest[2:]
                continue
            arg, rest = _type(rest)
            args.append(arg)
            if rest[:1] == ["|"]:
                args[-1] = Type("?")
                while rest and rest[0] not in ("]", ","):
                    _, rest = _type(rest[1:] if rest[0] == "|" else rest)
            if rest[:1] == [","]:
                rest = rest[1:]
        rest = rest[1:]
    return Type(name, tuple(args)), rest


def agrees(revealed: Type, value: Value, assignment: Assignment, known: Known) -> bool:
    """Tell whether a value may be of a revealed type; what mypy does not know fits anything."""
    if isinstance(value, Have):
        if revealed.name in ("Parameter", "Buffer"):
            return _has_shape(revealed.args[0].args, value.shape, assignment, known)
        if revealed.name == "Tensor":
            return _is_tensor(revealed, value, assignment, known)
        return revealed.name in _OPEN
    if isinstance(value, tuple):
        if revealed.name != "tuple":
            return revealed.name in _OPEN
        if any(each.name == "..." or each.name.startswith("*") for each in revealed.args):
            known.unknown += 1
            return True
        return len(revealed.args) == len(value) and all(
            agrees(each, item, assignment, known)
            for each, item in zip(revealed.args, value, strict=True)
        )
    return revealed.name not in ("Tensor", "Parameter", "Buffer")


_OPEN = ("?", "Any", "object")


def _is_tensor(revealed: Type, value: Have, assignment: Assignment, known: Known) -> bool:
    shape, tape, dtype = revealed.args
    if tape.name in ("Tape", "NoTape") and (tape.name == "Tape") is (value.owns_tape is False):
        return False
    if re.fullmatch(r"(u?int|float)\d+|bool", dtype.name) and dtype.name != value.dtype:
        return False
    return shape.name not in ("Shape", "tuple") or _has_shape(
        shape.args, value.shape, assignment, known
    )


def _has_shape(
    dims: tuple[Type, ...], shape: tuple[int, ...], assignment: Assignment, known: Known
) -> bool:
    starred = [place for place, dim in enumerate(dims) if dim.name.startswith("*")]
    if len(dims) == 2 and dims[1].name == "...":
        known.unknown += 1
        return True
    if starred and dims[starred[0]].name != "*Batch":
        known.unknown += 1
        place = starred[0]
        behind = len(dims) - place - 1
        if len(shape) < place + behind:
            return False
        before, after = dims[:place], dims[place + 1 :]
        return _has_shape(before, shape[:place], assignment, known) and _has_shape(
            after, shape[len(shape) - behind :], assignment, known
        )
    wanted = [*_sizes(dims, assignment)]
    known.dims += len(wanted)
    known.unknown += wanted.count(None)
    return len(wanted) == len(shape) and all(
        one is None or one == other for one, other in zip(wanted, shape, strict=True)
    )


def _sizes(dims: tuple[Type, ...], assignment: Assignment) -> Iterator[int | None]:
    for dim in dims:
        if dim.name == "*Batch":
            yield from assignment["Batch"]
        else:
            yield _size(dim, assignment)


def _size(dim: Type, assignment: Assignment) -> int | None:
    """Return the size that a dimension stands for, or None if mypy does not know it."""
    if re.fullmatch(r"-?\d+", dim.name):
        return int(dim.name)
    if dim.name in assignment:
        return int(assignment[dim.name])
    if dim.name in ("Add", "Mul", "FloorDiv"):
        left, right = (_size(each, assignment) for each in dim.args)
        if left is None or right is None:
            return None
        if dim.name == "Add":
            return left + right
        return left * right if dim.name == "Mul" else left // right
    if dim.name in ("int", "Any", "object"):
        return None
    raise AssertionError(f"what dimension is {dim}?")
