"""Runs programs over tensors that own tapes on all of their paths.

Every condition, every further round of a loop and, inside of ``try`` and ``with``, every op asks
for an answer, and all sequences of answers are gone through. A path ends where it comes to a place
in a state that was seen there before: which names hold one tensor, and which tapes have moved. So
the paths are finite, however often a loop may run, and none is left out.
"""

from __future__ import annotations

import ast
import contextlib
import re
import sys
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType, FunctionType
from typing import Any, NoReturn
from unittest.mock import patch

from tensorlib import Tensor, ones
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.errors import TapeError, TapeMovedError
from tensorlib.tape import Moved, Tape, Value
from tests.ownership_programs import HEADER, NAMES, Program

_REPORT = re.compile(r".*\.py:(\d+): error: .*  \[tensor-tape\]$")
MOST_PATHS = 100_000
DEEPEST = 3
"""A function of the header that calls itself asks no further in its third call."""


@dataclass
class Raises:
    """Where a program raises `TapeMovedError`.

    Attributes:
        first: for each path that raises, the lines on the way to the first use of a moved tape.
        any: the lines on the way to any such use, where those of other tensors were mended.
        again: the same, where earlier uses of the same tensor were mended, too.
        defined: the first lines of nested functions that are defined on some path.
        paths: how many there are.
    """

    first: set[frozenset[int]] = field(default_factory=set)
    any: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    defined: set[int] = field(default_factory=set)
    paths: int = 0


class _Stop(BaseException):
    """Ends a path: what follows was seen before, or is not asked for."""


class _Script:
    """The answers on one path: those given, then 0; and how many there were to choose from."""

    def __init__(self, given: Sequence[int]) -> None:
        self.given = [*given]
        self.counts: list[int] = []
        self.is_over = False

    def stop(self) -> NoReturn:
        """End the path, though a bare ``except`` or a ``finally`` may go on for a while."""
        self.is_over = True
        raise _Stop

    def choose(self, count: int) -> int:
        """Return the next answer."""
        if self.is_over:
            raise _Stop
        place = len(self.counts)
        self.counts.append(count)
        if place == len(self.given):
            self.given.append(0)
        return self.given[place]

    def following(self) -> list[int] | None:
        """Return the answers of the next path, or None if this was the last."""
        answers = self.given[: len(self.counts)]
        while answers and answers[-1] + 1 >= self.counts[len(answers) - 1]:
            answers.pop()
        return [*answers[:-1], answers[-1] + 1] if answers else None


class _Number:
    """An int of which nothing is known."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self._choose = choose

    def __gt__(self, other: object) -> bool:
        return bool(self._choose(2))

    __lt__ = __gt__

    def __mod__(self, other: int) -> int:
        return self._choose(other + 1)  # there may be cases for all that come out


class Runner:
    """Runs the programs of a file.

    Args:
        source: the file.
        path: what it is called.
        guarded: the lines in which ops may be told to raise.
    """

    def __init__(self, source: str, path: str, guarded: set[int]) -> None:
        self._path = path
        self._guarded = guarded
        self._script = _Script([])
        self._forced = 0
        self._seen: set[Hashable] = set()
        self._raises = Raises()
        self._mended: dict[int, Value | Tape] = {}
        self._above: FrameType | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a `return` in `finally`
            code = compile(_marked(source, path), path, "exec")
        self._names: dict[str, Any] = {"__name__": "programs", "_at_": self._at}
        self._names["_defined_"] = self._defined
        exec(code, self._names)
        self._kinds = (self._names["Planned"], self._names["Other"])
        self._names |= {
            "flag": self._failing(self._flag),
            "rounds": self._failing(self._rounds),
            "range": self._failing(lambda n: self._rounds()),
            "use": self._failing(lambda x: True),
            "fresh": self._failing(_fresh),
            **{function.__name__: self._failing(function) for function in (id, len, list, sum)},
            **{name: self._failing(self._names[name]) for name in ("relu", "both", "suppress")},
        }
        self._number = _Number(self._failing(self._choose))
        self._names["Swallowing"].__init__ = self._method(lambda manager: None)
        self._names["Swallowing"].__exit__ = self._leaving

    def raises(self, name: str) -> Raises:
        """Run a program on all paths."""
        self._raises, self._seen = Raises(), set()
        answers: list[int] | None = []
        while answers is not None:
            self._raises.paths += 1
            if self._raises.paths > MOST_PATHS:
                raise AssertionError(f"{name} has too many paths")
            answers = self._run(name, answers)
        return self._raises

    def _run(self, name: str, answers: Sequence[int]) -> list[int] | None:
        """Run it once, and return the answers of the next path."""
        self._mended, self._above = {}, None
        self._script, self._forced = _Script([]), sys.maxsize
        arguments = [*(_fresh() for _ in NAMES), self._names["Box"]()]
        script = self._script = _Script(answers)
        self._forced = len(answers)
        try:
            self._names[name](*arguments, self._number, 1)
        except (_Stop, TapeMovedError, AssertionError, NameError, *self._kinds):
            pass
        return script.following()

    # What a program asks ------------------------------------------------------------------------

    def _choose(self, count: int) -> int:
        return self._script.choose(count)

    def _flag(self) -> bool:
        caller = sys._getframe(2)
        depth = sum(frame.f_code is caller.f_code for frame in _frames(caller))
        return depth < DEEPEST and bool(self._choose(2))

    def _rounds(self) -> Iterator[int]:
        """Go through any number of rounds, but through none that begins as an earlier one did."""
        seen: set[Hashable] = set()
        while True:
            state = self._state(sys._getframe(1))
            if state in seen:
                self._script.stop()
            seen.add(state)
            if not self._choose(2):
                return
            yield 0

    def _leaving(self, kind: type | None, *args: object) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        return bool(self._choose(2))

    def _may_fail(self) -> None:
        for frame in _frames(sys._getframe(2)):
            if frame.f_code.co_filename == self._path:
                break
            if frame.f_code.co_name == "failing":  # a part of another op
                return
        if any(each.f_lineno in self._guarded for each in self._running(frame)):
            answer = self._choose(3)
            if answer:
                raise self._kinds[answer - 1]

    # States -------------------------------------------------------------------------------------

    def _at(self) -> None:
        """End the path before a statement whose state was seen there."""
        if self._script.is_over:
            raise _Stop
        if len(self._script.counts) < self._forced:
            return
        state = self._state(sys._getframe(1))
        if state in self._seen:
            self._script.stop()
        self._seen.add(state)

    def _defined(self, function: FunctionType) -> None:
        """Run a nested function by itself, as mypy looks at it, with other tensors around it."""
        self._raises.defined.add(function.__code__.co_firstlineno)
        if not self._choose(2):
            return
        self._mended = {}
        self._above = sys._getframe(1)
        for cell in function.__closure__ or ():
            with contextlib.suppress(ValueError):  # of an empty cell
                if isinstance(cell.cell_contents, Value):
                    cell.cell_contents = _fresh()
        try:
            function(*(_fresh() for _ in range(function.__code__.co_argcount)))
        finally:
            self._script.stop()

    def _running(self, frame: FrameType) -> Iterator[FrameType]:
        """Go through the calls of the programs' functions, from the inside."""
        for each in _frames(frame):
            if each is self._above:
                return
            if each.f_code.co_filename == self._path:
                yield each

    def _state(self, frame: FrameType) -> Hashable:
        """Return what decides about the rest of the path."""
        numbers: dict[int, int] = {}
        parts: list[Hashable] = [bool(self._mended)]
        for each in self._running(frame):
            held = [(name, self._held(x, numbers)) for name, x in each.f_locals.items()]
            parts += [each.f_code, each.f_lasti, *sorted(held, key=lambda item: item[0])]
        handled = sys.exception()
        while handled is not None:
            parts.append(type(handled).__name__)
            handled = handled.__context__
        return tuple(parts)

    def _held(self, x: object, numbers: dict[int, int]) -> Hashable:
        if isinstance(x, Value):
            number = numbers.setdefault(id(x), len(numbers))
            return number, type(x._tape), id(x) in self._mended
        if isinstance(x, Tape):
            return numbers.setdefault(id(x), len(numbers)), x.held, id(x) in self._mended
        if isinstance(x, list | tuple):
            return tuple(self._held(item, numbers) for item in x)
        if isinstance(x, self._names["Box"]):
            fields = tuple(self._held(item, numbers) for item in vars(x).values())
            return numbers.setdefault(id(x), len(numbers)), fields
        return type(x).__name__

    # Ops ----------------------------------------------------------------------------------------

    def _failing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as one that may raise, and that goes on where a tape had moved."""

        def failing(*args: Any, **kwargs: Any) -> Any:
            if self._script.is_over:
                raise _Stop
            self._may_fail()
            try:
                return function(*args, **kwargs)
            except TapeMovedError:
                self._note([*_values((*args, *kwargs.values()))])
                return function(*args, **kwargs)

        return failing

    def _note(self, operands: Sequence[Value | Tape]) -> None:
        """Note the lines of a use of what moved, and mend it: other mistakes may stand behind."""
        moved = [x for x in operands if _has_moved(x)]
        lines = self._lines()
        if not self._mended:
            self._raises.first.add(frozenset(lines))
        if any(id(x) not in self._mended for x in moved):
            self._raises.any |= lines
        self._raises.again |= lines
        for x in moved:
            if isinstance(x, Tape):
                x.held = False
            else:
                x._tape = Tape()
            self._mended[id(x)] = x

    def _lines(self) -> set[int]:
        """Return the lines of the programs that are running now."""
        return {frame.f_lineno for frame in self._running(sys._getframe(1))}

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        """Have ops ask whether they raise."""
        names = ("with_empty_tape", "split_tape", "detach", "traced", "numpy", "__eq__")
        with contextlib.ExitStack() as stack:
            enter = stack.enter_context
            enter(patch.object(Primitive, "__call__", self._method(Primitive.__call__)))
            enter(patch.object(Tensor, "backward", self._method(_backward(Tensor.backward))))
            enter(patch.object(Tensor, "put_tape", self._method(_put(Tensor.put_tape))))
            enter(patch.object(Tensor, "__iter__", self._method(Tensor.__iter__)))
            for name in names:
                enter(patch.object(Tensor, name, self._method(getattr(Tensor, name))))
            enter(patch.object(Tensor, "__format__", self._method(Tensor.__format__)))
            yield

    def _method(self, function: Callable[..., Any]) -> Callable[..., Any]:
        failing = self._failing(function)

        def method(*args: Any, **kwargs: Any) -> Any:
            return failing(*args, **kwargs)

        return method


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _fresh() -> Any:
    return ones((2,)).traced()


def _has_moved(x: Value | Tape) -> bool:
    return x.held if isinstance(x, Tape) else isinstance(x._tape, Moved)


def _values(given: Sequence[object]) -> Iterator[Value | Tape]:
    for each in given:
        if isinstance(each, Value | Tape):
            yield each
        elif isinstance(each, list | tuple):
            yield from _values(each)


def _backward(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return it without what it asks of the history besides: this is about who owns it."""

    def consume(loss: Value) -> Any:
        try:
            return backward(loss)
        except TapeMovedError:
            raise
        except TapeError:
            loss._tape = Moved("backward")
            return None

    return consume


def _put(put_tape: Callable[..., Any]) -> Callable[..., Any]:
    """Return it as an op that raises what others raise where the tape was put before."""

    def put(value: Value, tape: Tape) -> Any:
        if tape.held:
            raise TapeMovedError("put_tape")
        return put_tape(value, tape)

    return put


class _Marking(ast.NodeTransformer):
    """Marks each statement of the programs, and each function in them, for the runner."""

    def _body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in statements:
            found += [_call("_at_", statement), self.visit(statement)]
            if isinstance(statement, ast.FunctionDef):
                name = ast.Name(statement.name, ast.Load())
                found.append(_call("_defined_", statement, name))
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list) and statements:
                setattr(node, name, self._body(statements))
        for name in ("handlers", "cases"):
            for part in getattr(node, name, ()):
                self.generic_visit(part)
        return node


def _call(name: str, place: ast.stmt, *arguments: ast.expr) -> ast.stmt:
    made = ast.Expr(ast.Call(ast.Name(name, ast.Load()), [*arguments], []))
    return ast.fix_missing_locations(ast.copy_location(made, place))


def _marked(source: str, path: str) -> ast.Module:
    tree = ast.parse(source, path)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name.startswith("program"):
            _Marking().generic_visit(statement)
    return ast.fix_missing_locations(tree)


@dataclass
class File:
    """Many programs in one file.

    Attributes:
        source: its text.
        spans: for each program by name the lines of its function.
        programs: the programs by name.
        guarded: the lines in which ops may be told to raise.
    """

    source: str
    spans: dict[str, range]
    programs: dict[str, Program]
    guarded: set[int]


def file_of(programs: Sequence[Program]) -> File:
    """Write programs into one file."""
    lines = HEADER.splitlines()
    made = File("", {}, {}, set())
    for place, program in enumerate(programs):
        name = f"program_{place}"
        lines += ["", ""]
        start = len(lines) + 1
        made.programs[name] = program
        made.spans[name] = range(start, start + len(program.lines))
        made.guarded |= {start + line for line in program.guarded}
        lines += [program.lines[0].replace("program", name, 1), *program.lines[1:]]
    made.source = "\n".join(lines) + "\n"
    return made


def run_all(file: File, path: str) -> dict[str, Raises]:
    """Run each program of a file on all paths."""
    runner = Runner(file.source, path, file.guarded)
    with runner.patched():
        return {name: runner.raises(name) for name in file.spans}


def _never_defined(function: ast.FunctionDef, defined: set[int]) -> set[int]:
    """Return the lines of nested functions to which no path leads."""
    nested = [each for each in ast.walk(function) if isinstance(each, ast.FunctionDef)]
    dead = [each for each in nested if each is not function and each.lineno not in defined]
    return {line for each in dead for line in range(each.lineno, (each.end_lineno or 0) + 1)}


def reported_lines(output: str) -> set[int]:
    """Return the lines of a file of which mypy reports a tape."""
    found = map(_REPORT.match, output.splitlines())
    return {int(match[1]) for match in found if match is not None}


def disagreements(
    file: File, raises: dict[str, Raises], reported: set[int]
) -> Iterator[tuple[str, str]]:
    """Compare the lines that were reported with those that raise on some path.

    Args:
        file: the programs.
        raises: where they raise.
        reported: the lines.
    """
    functions = {f.name: f for f in ast.parse(file.source).body if isinstance(f, ast.FunctionDef)}
    for name, span in file.spans.items():
        found, start = raises[name], span.start
        reported = reported - _never_defined(functions[name], found.defined)
        is_complete = file.programs[name].is_complete
        raising = found.any if is_complete else found.again
        for line in sorted(reported.intersection(span) - raising):
            yield name, f"line {line - start + 1} is reported, but never raises"
        if not is_complete:
            continue
        for lines in found.first:
            if not lines & reported:
                line = max(lines.intersection(span))
                yield name, f"line {line - start + 1} raises, but is not reported"
