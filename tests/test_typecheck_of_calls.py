"""Calls drawn for every op: the shape and dtype that mypy reveals are those of the run.

One program calls the ops of the table, with symbols for sizes where a row allows it. What is
revealed is read back, sizes are put in the place of the symbols, and the op is called.
"""

from __future__ import annotations

import ast
import itertools
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tensorlib as tl
from tests.op_cases import CASES
from tests.op_cases.case import Bools, Call, Ints, OpCase
from tests.typecheck import printed, run_mypy

DRAWN = 3
SIZES = range(1, 10)
HEADER = """
from typing import reveal_type
import numpy as np
from typing_extensions import TypeVar
import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor
"""
TENSOR = re.compile(r"Tensor\[Shape\[(?P<dims>.*?)\], NoTape, (?P<dtype>\w+)\]")


@dataclass(frozen=True)
class Line:
    """One line of the program: a call, and whether its sizes are symbols."""

    case: OpCase
    call: Call
    is_symbolic: bool

    def source(self, name: str) -> str:
        """A function whose parameters are the operands, around the call."""
        parameters, arguments = [], []
        for place, operand in enumerate(self.call.operands):
            if isinstance(operand, tuple | Ints | Bools):
                parameters.append(f"x{place}: {self._annotation(operand)}")
                arguments.append(f"x{place}")
            else:
                arguments.append(repr(getattr(operand, "item", lambda x=operand: x)()))
        arguments += map(repr, self.call.args)
        call = f"tl.{self.case.op}({', '.join(arguments)})"
        return f"def {name}({', '.join(parameters)}) -> None:\n    reveal_type({call})\n"

    def _annotation(self, operand: Any) -> str:
        shape = operand if isinstance(operand, tuple) else operand.shape
        dims = [f"N{d}" if self.is_symbolic and d > 1 else str(d) for d in shape]
        dtype = self.filled(operand, {}).dtype
        return f"Tensor[Shape[{', '.join(dims) or '()'}], NoTape, np.{dtype}]"

    def filled(self, operand: Any, sizes: dict[int, int]) -> Any:
        """Return an operand of other sizes, with values; floats are float32."""
        if not isinstance(operand, tuple | Ints | Bools):
            return operand
        shape = operand if isinstance(operand, tuple) else operand.shape
        shape = tuple(sizes.get(d, d) for d in shape)
        if isinstance(operand, tuple):
            array = np.asarray(self.case.values(np.random.default_rng(0), shape))
        elif isinstance(operand, Bools):
            array = np.ones(shape, bool)
        else:  # the least index is one whatever the sizes are
            array = np.full(shape, max(operand.low, 0))
        return array.astype(np.float32) if array.dtype.kind == "f" else array

    def shapes_of_run(self, sizes: dict[int, int]) -> list[tuple[tuple[int, ...], str]]:
        """Return the shapes and dtypes of the results for some sizes."""
        filled = [self.filled(x, sizes) for x in self.call.operands]
        results = self.case.ours(
            *(tl.tensor(x) if isinstance(x, np.ndarray) else x for x in filled), *self.call.args
        )
        members = results if isinstance(results, tuple | list) else (results,)
        return [(y.shape, y.dtype.name) for y in members]


def is_plain(value: object) -> bool:
    """Tell whether a value can be written into a program."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def drawn(case: OpCase) -> list[Call]:
    """Return some calls of an op that can be written down."""
    calls: list[Call] = []

    @given(case.calls)
    @settings(deadline=None, derandomize=True, max_examples=3 * DRAWN, database=None)
    def collect(call: Call) -> None:
        if all(map(is_plain, call.args)) and call not in calls:
            calls.append(call)

    collect()
    return calls[-DRAWN:]


def lines() -> Iterator[Line]:
    for case in CASES:
        if case.ours is not _public(case.op):
            continue
        for call in drawn(case):
            yield Line(case, call, case.symbols and not case.sizes_in_args)


def _public(op: str) -> Callable[..., Any] | None:
    try:
        found: Callable[..., Any] = operator.attrgetter(op)(tl)
    except AttributeError:
        return None
    return found


class Arithmetic:
    """Reads ``Add[N2, 1]`` back."""

    def __init__(self, f: Callable[[Any, Any], Any]) -> None:
        self._f = f

    def __getitem__(self, operands: tuple[Any, Any]) -> Any:
        return self._f(*operands)


READ = {
    "Add": Arithmetic(operator.add),
    "Mul": Arithmetic(operator.mul),
    "FloorDiv": Arithmetic(operator.floordiv),
    "int": None,
}


def read(text: str, sizes: dict[str, int]) -> list[tuple[tuple[int | None, ...], str]]:
    """Return the shapes and dtypes in a revealed type, for some sizes of the symbols."""
    return [
        (tuple(eval(dims if dims == "()" else f"({dims},)", READ | sizes)), dtype)
        for dims, dtype in TENSOR.findall(text)
    ]


def fits(shape: tuple[int | None, ...], actual: tuple[int, ...]) -> bool:
    return len(shape) == len(actual) and all(
        want in (None, have) for want, have in zip(shape, actual, strict=True)
    )


@pytest.mark.xdist_group("typecheck")
def test_what_is_revealed_is_what_runs(tmp_path: Path) -> None:
    calls = list(lines())
    assert len({line.case.op for line in calls}) > 100
    program = HEADER + "".join(f'N{d} = TypeVar("N{d}", bound=int)\n' for d in range(2, 30))
    places: dict[int, Line] = {}
    for number, line in enumerate(calls):
        program += line.source(f"f{number}")
        places[program.count("\n")] = line
    path = tmp_path / "calls.py"
    path.write_text(program)
    revealed = {m.line: m for m in printed(run_mypy(path, cwd=tmp_path).stdout)}
    assert revealed.keys() == places.keys()
    rng = np.random.default_rng(0)
    for place, line in places.items():
        message = revealed[place]
        where = (
            f"{program.splitlines()[place - 2]} {program.splitlines()[place - 1]} {message.text}"
        )
        assert message.kind == "N", where
        used = sorted({d for shape in line.call.shapes for d in shape if d > 1})
        other = {d: int(rng.choice(SIZES)) for d in used} if line.is_symbolic else {}
        for sizes in ({d: d for d in used}, other):
            known = read(message.text, {f"N{d}": sizes.get(d, d) for d in used})
            actual = line.shapes_of_run(sizes)
            assert known, where
            if message.text.endswith('], ...]"'):
                known *= len(actual)
            assert len(known) == len(actual), where
            for (shape, dtype), (have, name) in zip(known, actual, strict=True):
                assert fits(shape, have), f"{where} but {have}"
                assert dtype in ("Any", name), f"{where} but {name}"


BOUNDS = (
    "", "", "0", "1", "3", "-1", "-4",
    "n", "m", "-n", "n + 1", "m - 1", "n + m", "n // 2", "-m // 2",
)  # fmt: skip
PAIRS = (*itertools.product(range(1, 7), range(1, 8)), (14, 1), (40, 2), (1, 40), (14, 14))
STEPS = ("", "", "", ":2", ":3", ":-1", ":-2", ":n")
SLICED = """
N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def indexed(x: Tensor[Shape[N, "N + M", "2*M", 6]], n: N, m: M) -> None:
"""


def index_source(rng: np.random.Generator) -> str:
    """Write an index of up to four items, and maybe more that take no axis."""
    items = []
    for _ in range(int(rng.integers(1, 5))):
        kind = int(rng.integers(6))
        bound = str(rng.choice([bound for bound in BOUNDS if bound]))
        start, stop, step = (str(rng.choice(each)) for each in (BOUNDS, BOUNDS, STEPS))
        items.append("None" if kind == 0 else bound if kind == 1 else f"{start}:{stop}{step}")
    if rng.integers(3) == 0:
        items.insert(int(rng.integers(len(items) + 1)), "...")
    return ", ".join(items)


@pytest.mark.xdist_group("typecheck")
def test_what_is_revealed_of_an_index_is_what_it_gives(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    indices = sorted({index_source(rng) for _ in range(400)})
    program = HEADER + SLICED
    start = program.count("\n") + 1
    program += "".join(f"    reveal_type(x[{index}])\n" for index in indices)
    path = tmp_path / "indices.py"
    path.write_text(program)
    messages = printed(run_mypy(path, cwd=tmp_path).stdout)
    refused = {m.line: m for m in messages if m.kind == "E"}
    revealed = {m.line: m for m in messages if m.kind == "N"}
    assert len(revealed) == len(indices)
    assert 30 < len(refused) < len(indices) / 2
    for place, index in enumerate(indices, start=start):
        outcomes = [(sizes, _of_run(index, *sizes)) for sizes in PAIRS]
        if place in refused:
            assert any(shape is None for _, shape in outcomes), f"{index}: {refused[place].text}"
            continue
        text = revealed[place].text
        for (n, m), shape in outcomes:
            ((known, _),) = read(text, {"N": n, "M": m})
            assert shape is not None, f"{index} for {n} and {m}"
            assert fits(known, shape), f"{index} for {n} and {m}: {text}, but {shape}"
    lengths = [length for m in revealed.values() for each, _ in _symbols(m.text) for length in each]
    assert lengths.count(None) < len(lengths) / 3


def _symbols(text: str) -> list[tuple[tuple[int | None, ...], str]]:
    return read(text, {"N": 5, "M": 7}) if "Any, ..." not in text else []


def _of_run(index: str, n: int, m: int) -> tuple[int, ...] | None:
    """Return the shape that an index gives for these sizes, or None if it is out of range."""
    try:
        x = tl.zeros((n, n + m, 2 * m, 6))
        shape: tuple[int, ...] = eval(f"x[{index}]", {"x": x, "n": n, "m": m}).shape
    except tl.ShapeError:
        return None
    return shape
