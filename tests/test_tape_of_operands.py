"""Who takes the tape of an operand: mypy and the run time agree for every op, layer and method.

The calls are those of the table of batch dimensions, which is complete for ops, losses and layers,
and for all members of `Tensor` those of some arguments that run. Each is made once for each
operand that may own a tape.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

import tensorlib as tl
from mypy_plugin.ownership import _MAY_KEEP
from tensorlib import Tape, Tensor, losses, nn
from tensorlib.shapes import registry
from tests import batch_cases
from tests.test_batch_dims import LAYERS, _declared, _operands, _value
from tests.typecheck import run_mypy

HEADER = """
from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn
"""
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "matmul": "@",
    "pow": "**", "mod": "%", "and": "&", "or": "|", "xor": "^",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
PREFIXES = {
    "neg": "-", "invert": "~", "abs": "abs", "len": "len", "bool": "bool", "float": "float",
    "int": "int", "repr": "repr", "iter": "list", "hash": "hash",
}  # fmt: skip
ARGUMENTS = (
    *("", "0", "1", "2", "y", "0, 1", "0.5", "1, 0", "(3, 2)", "(1, 0)", "(2, 2)"),
    *("((0, 0), (0, 1))", "np.float16", "np.int64", "0, 0, 1", "x.detach()", "y, 0", "0, y"),
    *("tape", "np.sinh, np.cosh", "1.0, rng=0", "0.5, rng=0", "1, rng=0", "(2, 3)", '"ij->ji"'),
)
"""What members and functions are tried with."""
_STATEMENTS = {
    "getitem": ["x[0]", "x[:1]", "x[y]"],
    "setitem": ["x[0] = y"],
    "delitem": ["del x[0]"],
    "format": ['f"{x}"'],
}
OPERANDS = ("2, 3", "()", "3, 3", "3", "2, 3 bool", "2, 3 int64", "4, 3, 2")


class Call(NamedTuple):
    """A call, one of whose operands owns a tape.

    Attributes:
        name: what is called.
        text: the expression or statement.
        operands: each operand's name, with its sizes and its dtype.
        traced: the operand that owns a tape.
    """

    name: str
    text: str
    operands: tuple[tuple[str, str], ...]
    traced: str

    def takes(self) -> bool | None:
        """Tell whether it takes the tape when it runs, or None if it raises."""
        names: dict[str, Any] = {"tl": tl, "nn": nn, "np": np, "losses": losses}
        for name, text in self.operands:
            names[name] = Tape() if text == "tape" else _operand(text)
            if text == "tape":
                names[name].held = False
        if isinstance(names[self.traced], Tensor):
            names[self.traced] = names[self.traced].traced()
        operand = names[self.traced]
        try:
            exec(self.text, names)
        except Exception:  # there is no end of what wrong arguments lead to
            return None
        if isinstance(operand, Tape):
            return operand.held
        return not operand.owns_tape

    def lines(self, number: int) -> list[str]:
        """Return the function for mypy, which uses the operand again."""
        types = ", ".join(f"{name}: {self._type(name, text)}" for name, text in self.operands)
        again = f"{self.traced}.flatten()"
        if ("tape", "tape") in self.operands and self.traced == "tape":
            again = "tl.ones((2, 3)).put_tape(tape)"
        return [f"def case_{number}({types}) -> None:", f"    {self.text}", f"    {again}", ""]

    def _type(self, name: str, text: str) -> str:
        if text == "tape":
            return "Tape"
        value = _operand(text)
        sizes = ", ".join(map(str, value.shape)) or "()"
        tape = "Tape" if name == self.traced else "NoTape"
        return (
            f"Tensor[Shape[{sizes}], {tape}, np.{'bool' if value.dtype == bool else value.dtype}]"
        )


def _operand(text: str) -> Tensor[Any, Any, Any]:
    """Return a tensor for every op; a square matrix is symmetric and positive definite."""
    value = _value(_declared(text), (2,))
    if value.ndim >= 2 and value.shape[-2] == value.shape[-1] and value.dtype == np.float32:
        return value @ value.mT + tl.eye(value.shape[-1])
    return value


def _of_the_table() -> Iterator[Call]:
    for case in batch_cases.CASES:
        operands = tuple(
            (name, f"{', '.join(dims)} {dtype}".replace("float32", "") or "()")
            for name, (dims, dtype) in _operands(case)
        )
        for name, _ in operands:
            yield Call(case.name, case.call, operands, name)


def _of_members() -> Iterator[Call]:
    for name in dir(Tensor):
        found = inspect.getattr_static(Tensor, name)
        if name.startswith("_"):
            yield from _of_operators(name)
        elif callable(found) or isinstance(found, property):
            ways = ARGUMENTS if callable(found) else (None,)
            yield from _tried(name, [f"x.{name}" + ("" if w is None else f"({w})") for w in ways])


def _of_operators(name: str) -> Iterator[Call]:
    plain = name.strip("_")
    if plain in SYMBOLS:
        texts = [f"x {SYMBOLS[plain]} {y}" for y in ("y", "2", "True", "x.mT.detach()")]
    elif plain.removeprefix("r") in SYMBOLS:
        texts = [f"{y} {SYMBOLS[plain.removeprefix('r')]} x" for y in ("2", "y")]
    elif plain in PREFIXES:
        texts = [f"{PREFIXES[plain]}(x)"]
    else:
        texts = _STATEMENTS.get(plain, [])
    yield from _tried(plain, texts)


def _of_the_rest() -> Iterator[Call]:
    """Go through layers and rules of which the table has no call with a tape."""
    for name in batch_cases.WITHOUT:
        if name[0].isupper():
            yield from _tried(name, [f"nn.{name}({w})(x)" for w in ("(6,)", "6", "2", "3, 3")])
    for rule in registry.rules():
        name = rule.name.rpartition(".")[2]
        for module in (tl.linalg,) if "." in rule.name else (tl, tl.metrics):
            if inspect.isfunction(vars(module).get(name)):
                function = f"{module.__name__}.{name}".replace("tensorlib", "tl")
                given = ("x", "x, y", "[x, y]", "x, y, 3", "x, 2", "x.numpy()")
                yield from _tried(rule.name, [f"{function}({each})" for each in given])


def _tried(name: str, texts: list[str]) -> Iterator[Call]:
    for text, shape in itertools.product(texts, OPERANDS):
        names = [each for each in ("x", "y", "tape") if re.search(rf"\b{each}\b", text)]
        operands = tuple((each, "tape" if each == "tape" else shape) for each in names)
        for each in names:
            yield Call(name, text, operands, each)


@cache
def tried() -> dict[Call, bool | None]:
    """Return all calls, with whether they take the tape, or None if they raise.

    Of a text that ran there are no more calls with operands of other shapes.
    """
    found: dict[Call, bool | None] = {}
    ran: set[tuple[str, str, str]] = set()
    for call in itertools.chain(_of_the_table(), _of_members(), _of_the_rest()):
        key = (call.name, call.text, call.traced)
        if key not in ran:
            with np.errstate(all="ignore"):
                found[call] = call.takes()
            if found[call] is not None:
                ran.add(key)
    return found


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[Call, bool]:
    """Tell of each call that mypy accepts whether it takes the tape, by what mypy says."""
    calls = [call for call, takes in tried().items() if takes is not None]
    lines = HEADER.splitlines()
    owners: dict[int, tuple[Call, int]] = {}
    for number, call in enumerate(calls):
        start = len(lines) + 1
        lines += call.lines(number)
        owners |= dict.fromkeys(range(start, start + 3), (call, start + 2))
    folder = tmp_path_factory.mktemp("operands")
    (folder / "program.py").write_text("\n".join(lines) + "\n")
    output = run_mypy("program.py", cwd=folder).stdout
    said, refused = dict.fromkeys(calls, False), set()
    for line in output.splitlines():
        match = re.match(r"program\.py:(\d+): error: (.*)", line)
        if match is not None:
            call, again = owners[int(match[1])]
            if int(match[1]) == again and match[2].endswith("[tensor-tape]"):
                said[call] = True
            else:
                refused.add(call)
    return {call: takes for call, takes in said.items() if call not in refused}


def _is_member(name: str) -> bool:
    found = inspect.getattr_static(Tensor, name)
    return name[0] != "_" and (callable(found) or isinstance(found, property))


RULES = {rule.name for rule in registry.rules() if rule.tensor_parameters}
NAMES = sorted(RULES | {*LAYERS, *filter(_is_member, dir(Tensor))})


@pytest.mark.xdist_group("typecheck")
@pytest.mark.parametrize("name", NAMES)
def test_mypy_and_the_run_time_agree(name: str, reported: dict[Call, bool]) -> None:
    mine = {call: takes for call, takes in tried().items() if call.name == name}
    ran = {call: takes for call, takes in mine.items() if takes is not None}
    accepted = {call: takes for call, takes in ran.items() if call in reported}
    if name in _MAY_KEEP:  # it depends on their numbers
        assert not any(reported[call] for call in accepted)
        return
    assert mine
    assert accepted or not ran
    wrong = [call for call, takes in accepted.items() if takes != reported[call]]
    assert not wrong


def test_only_these_refuse_a_tape() -> None:
    ran = {call.name for call, takes in tried().items() if takes is not None}
    assert set(NAMES) - ran == {"delitem", "setitem", "trace", "traced"}
