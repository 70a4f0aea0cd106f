"""Running generated programs, and noting what happens in them."""

from __future__ import annotations

import math
import random
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

import tensorlib as tl
from tensorlib.shapes.errors import IndexOutOfRangeError, LinAlgError, TensorlibError
from tensorlib.tape import Moved
from tests.agreement.program import HEADER, Assignment, Program
from tests.agreement.revealed import Have, Value

HEADER_LINES = HEADER.count("\n")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
BATCHES = ((), (2,), (3,), (1,), (4,), (2, 3), (5,), (3, 2), (4, 1, 2))
ELEMENTS = 6000
"""How many all operands may have: an outer product has the square of it."""
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
        has_moved: whether the tape of an operand has moved.
    """

    kind: str
    error: Exception | None = None
    lines: frozenset[int] = frozenset()
    values: list[tuple[int, Value]] = field(default_factory=list)
    arrays: list[Any] = field(default_factory=list)
    operands: list[Any] = field(default_factory=list)
    has_moved: bool = False

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
                sizes = (*SIZES[:6], *program.numbers)
                some = tuple(rng.choice(sizes) for _ in range(rng.randint(1, 3)))
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
        is_negative = any(size < 0 for shape in shapes for size in shape)
        if key in seen or is_negative or sum(map(math.prod, shapes)) > ELEMENTS:
            continue
        seen.add(key)
        yield found


class Gradients(NamedTuple):
    """What the operands held, what the results were weighted with, and the operands' gradients."""

    operands: list[Any]
    cotangents: list[Any]
    slopes: list[Any]


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
        has_moved = any(type(each._tape) is Moved for each in tensors)
        return Outcome("end", None, frozenset(), self._values, results, arrays, has_moved)

    def gradients(self, assignment: Assignment, seed: int) -> Gradients | None:
        """Run it in float64 with a tape for each operand; None if it raises or records nothing."""
        rng = np.random.default_rng(seed)
        program = self._program
        arrays = [each.filled(each.sizes(assignment), rng) for each in program.operands]
        arrays = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in arrays]
        leaves = [tl.tensor(x) for x in arrays]
        try:
            with np.errstate(all="ignore"):
                self._names["program"](*(x.traced() if _is_real(x) else x for x in leaves))
        except TensorlibError:
            return None
        last = self._last if isinstance(self._last, tuple) else (self._last,)
        results = [each for each in last if isinstance(each, tl.Tensor) and each.owns_tape]
        if not results:
            return None
        cotangents = [np.asarray(rng.normal(size=each.shape)) for each in results]
        terms = [(y * tl.tensor(g)).sum() for y, g in zip(results, cotangents, strict=True)]
        found = sum(terms[1:], terms[0]).backward()
        slopes = [
            found[x].numpy() if x in found else np.zeros(x.shape) for x in leaves if _is_real(x)
        ]
        return Gradients(arrays, cotangents, slopes)

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


def _is_real(x: tl.Tensor[Any, Any, Any]) -> bool:
    return x.dtype.kind == "f"


def described(value: Any) -> Value:
    """Return what a value has that a type tells."""
    if isinstance(value, tl.Tensor):
        has_moved = type(value._tape) is Moved
        owns_tape = None if has_moved else value.owns_tape
        return Have(tuple(value.shape), value.dtype.name, owns_tape)
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
