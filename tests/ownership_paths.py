"""Runs programs over tensors that own tapes on all of their paths.

Every condition, every further round of a loop and, inside of ``try`` and ``with``, every op asks
for an answer, and all sequences of answers are gone through. A path ends where it comes to a place
in a state that was seen there before: which names hold one tensor, and which tapes have moved. So
the paths are finite, however often a loop may run, and none is left out.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CellType, FrameType, FunctionType
from typing import Any, NoReturn
from unittest.mock import patch

from tensorlib import Tensor, ones
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.errors import TapeError, TapeMovedError
from tensorlib.tape import Moved, Tape, Value
from tests.ownership_programs import NAMES

MOST_PATHS = 100_000
DEEPEST = 2
"""A function of the header that calls itself asks no further in its second call."""


@dataclass
class Raises:
    """Where a program raises `TapeMovedError`.

    Attributes:
        first: for each path that raises, the lines on the way to the first use of a moved tape.
        any: the lines on the way to any such use, where those of other tensors were mended.
        again: the same, where earlier uses of the same tensor were mended, too.
        defined: the first lines of nested functions that are defined on some path.
        calls: which of them were called, with the parameters and names of other scopes of each
            call that held one tensor.
        ends: for each of them, run by itself, the sets of names whose tapes have moved at its ends.
        escapes: the names whose tapes have moved where an exception left it.
        paths: how many there are.
    """

    first: set[frozenset[int]] = field(default_factory=set)
    any: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    defined: set[int] = field(default_factory=set)
    calls: set[tuple[int, frozenset[frozenset[str]]]] = field(default_factory=set)
    ends: dict[int, set[frozenset[str]]] = field(default_factory=lambda: defaultdict(set))
    escapes: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    paths: int = 0

    @property
    def is_decided(self) -> bool:
        """Whether each function that was called takes the same tapes on all paths.

        mypy is silent about others, and about one tensor that a function finds under two names.
        """
        for line, shared in self.calls:
            taken = next(iter(self.ends[line]), frozenset())
            if len(self.ends[line]) > 1 or self.escapes[line] - taken:
                return False
            if any(len(names & taken) > 1 for names in shared):
                return False
        return True


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
        self._alone: dict[str, Value] = {}
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
        self._mended, self._above, self._alone = {}, None, {}
        self._script, self._forced = _Script([]), sys.maxsize
        self._names["shared"] = _fresh()
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

    def _defined(self, function: FunctionType) -> Callable[..., Any]:
        """Return a nested function as one whose calls are noted, or run it by itself."""
        line = function.__code__.co_firstlineno
        self._raises.defined.add(line)
        if self._choose(2):
            self._run_alone(function, line, sys._getframe(1))

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            given = {name: each.cell_contents for name, each in _cells(function).items()}
            names = function.__code__.co_varnames
            given |= dict(zip(names, args, strict=False)) | kwargs
            holding: dict[int, set[str]] = defaultdict(set)
            for name, each in given.items():
                holding[id(each)].add(name)
            shared = frozenset(frozenset(each) for each in holding.values() if len(each) > 1)
            self._raises.calls.add((line, shared))
            return function(*args, **kwargs)

        return called

    def _run_alone(self, function: FunctionType, line: int, above: FrameType) -> NoReturn:
        """Run a nested function as mypy looks at it, with other tensors around it."""
        self._mended, self._above = {}, above
        self._names["shared"] = _fresh()
        code = function.__code__
        arguments = {name: _fresh() for name in code.co_varnames[: code.co_argcount]}
        self._alone = {**arguments}
        for name, cell in _cells(function).items():
            self._alone[name] = cell.cell_contents = _fresh()
        try:
            function(**arguments)
            if not self._mended and not self._script.is_over:
                self._raises.ends[line].add(self._moved_alone())
        except (*self._kinds, AssertionError):
            if not self._mended:
                self._raises.escapes[line] |= self._moved_alone()
        finally:
            self._script.stop()

    def _moved_alone(self) -> frozenset[str]:
        return frozenset(name for name, each in self._alone.items() if _has_moved(each))

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
        around = (*self._alone.values(), self._names.get("shared"))  # if not deleted
        parts += [self._held(each, numbers) for each in around]
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
        return x if isinstance(x, int) else type(x).__name__

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


def _cells(function: FunctionType) -> dict[str, CellType]:
    """Return where a function finds tensors of other scopes, and those that it calls."""
    found: dict[str, CellType] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # of an empty cell
            if isinstance(cell.cell_contents, Value):
                found[name] = cell
            elif isinstance(cell.cell_contents, FunctionType):
                found |= _cells(inspect.unwrap(cell.cell_contents))
    return found


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
                found.append(_call("_defined_", statement, binds=statement.name))
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


def _call(name: str, place: ast.stmt, *, binds: str = "") -> ast.stmt:
    """Write a call before a statement, or behind a definition that it binds again."""
    call = ast.Call(ast.Name(name, ast.Load()), [], [])
    made: ast.stmt = ast.Expr(call)
    if binds:
        call.args = [ast.Name(binds, ast.Load())]
        made = ast.Assign([ast.Name(binds, ast.Store())], call)
    return ast.fix_missing_locations(ast.copy_location(made, place))


def _marked(source: str, path: str) -> ast.Module:
    tree = ast.parse(source, path)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name.startswith("program"):
            _Marking().generic_visit(statement)
    return ast.fix_missing_locations(tree)
