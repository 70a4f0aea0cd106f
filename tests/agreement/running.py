"""Running generated programs, and noting what happens in them."""

from __future__ import annotations

import random
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib.shapes.errors import IndexOutOfRangeError, LinAlgError, TensorlibError
from tests.agreement.program import HEADER, Assignment, Program
from tests.agreement.revealed import Have, Value

HEADER_LINES = HEADER.count("\n")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
BATCHES = ((), (2,), (3,), (1,), (4,), (2, 3), (5,), (3, 2), (4, 1, 2))
_FILE = "<generated>"


@dataclass
class Outcome:
    """What happened in a run.

    Attributes:
        kind: "end"; "refused", with an error of the library's or Python's of wrong types; "data",
            with one because of what a tensor or a plain number holds; "other", any other exception.
        error: the exception.
        lines: those of the program, counted from 1, that were running when it was raised.
        values: what was revealed, by line and in order.
        arrays: the result that was revealed last, if it was of tensors.
        operands: what the operands held.
    """

    kind: str
    error: Exception | None = None
    lines: frozenset[int] = frozenset()
    values: list[tuple[int, Value]] = field(default_factory=list)
    arrays: list[Any] = field(default_factory=list)
    operands: list[Any] = field(default_factory=list)

    def __str__(self) -> str:
        error = self.error
        return self.kind if error is None else f"{self.kind}: {type(error).__name__}: {error}"


def assignments(program: Program, rng: random.Random, count: int) -> Iterator[Assignment]:
    """Draw what its type variables stand for; each is met by its annotations.

    Small sizes come first: 1 stretches, and is where kernels do not fit.
    """
    symbols = program.symbols
    if not symbols:
        yield {}
        return
    seen = set()
    for place in range(count):
        found: Assignment = {}
        for symbol in symbols:
            if symbol == "Batch" and not place:
                found[symbol] = ()
            elif symbol == "Batch":
                some = tuple(rng.choice(SIZES[:6]) for _ in range(rng.randint(1, 3)))
                many = tuple(rng.choice((1, 2)) for _ in range(rng.randint(3, 7)))
                found[symbol] = rng.choice((*BATCHES, some, some, many))
            else:
                found[symbol] = (
                    rng.choice(SIZES) if place % 3 else rng.choice((1, 1, 2)) if place else 1
                )
        if place == 1:  # sizes that nothing else has
            primes = iter(rng.sample((5, 7, 11, 13, 3), k=5))
            found = {s: found[s] if s == "Batch" else next(primes, 17) for s in symbols}
        key = str(found)
        shapes = [operand.sizes(found) for operand in program.operands]
        if key in seen or any(size < 0 for shape in shapes for size in shape):
            continue
        seen.add(key)
        yield found


class Runner:
    """A program, compiled once, to be run with several assignments."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._values: list[tuple[int, Value]] = []
        self._last: Any = None
        self._names: dict[str, Any] = {"reveal_type": self._reveal, "__name__": "generated"}
        code = compile(HEADER + program.text("program", runs=True), _FILE, "exec")
        self._error: Exception | None = None
        try:
            exec(code, self._names)
        except Exception as error:
            self._error = error

    def run(self, assignment: Assignment, seed: int) -> Outcome:
        """Run it once, with items that depend on the seed."""
        self._values, self._last = [], None
        if self._error is not None:
            return self._failed(self._error)
        rng = np.random.default_rng(seed)
        arrays, tensors = [], []
        for operand in self._program.operands:
            array = operand.filled(operand.sizes(assignment), rng)
            tensor = tl.tensor(array)
            arrays.append(array)
            tensors.append(tensor.traced() if operand.owns_tape else tensor)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                self._names["program"](*tensors)
        except Exception as error:
            return self._failed(error, arrays)
        last = self._last if isinstance(self._last, tuple) else (self._last,)
        results = [each.numpy() for each in last if isinstance(each, tl.Tensor)]
        return Outcome("end", None, frozenset(), self._values, results, arrays)

    def _failed(self, error: Exception, operands: Sequence[Any] = ()) -> Outcome:
        lines = set()
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == _FILE:
                lines.add(trace.tb_lineno - HEADER_LINES)
            trace = trace.tb_next
        kind = kind_of(error)
        return Outcome(kind, error, frozenset(lines), self._values, [], [*operands])

    def _reveal(self, value: Any) -> Any:
        frame: FrameType = sys._getframe(1)
        self._values.append((frame.f_lineno - HEADER_LINES, described(value)))
        if frame.f_code.co_name == "program":
            self._last = value
        return value


def described(value: Any) -> Value:
    """Return what a value has that a type tells."""
    if isinstance(value, tl.Tensor):
        return Have(tuple(value.shape), value.dtype.name, value.owns_tape)
    if isinstance(value, tuple):
        return tuple(described(each) for each in value)
    return None


def kind_of(error: Exception) -> str:
    """Tell what an exception is about: see `Outcome`."""
    if isinstance(error, IndexOutOfRangeError) and " at (" in str(error):
        return "data"
    if isinstance(error, LinAlgError):
        return "data"
    if isinstance(error, TensorlibError | TypeError | IndexError):
        return "refused"
    return "data" if isinstance(error, ValueError) and _is_of_library(error) else "other"


def _is_of_library(error: Exception) -> bool:
    """Tell whether the library raised it itself, and not a function of NumPy's."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return "/tensorlib/" in last.filename and (last.line or "").startswith("raise ")
