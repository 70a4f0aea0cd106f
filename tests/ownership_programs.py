"""Small programs over tensors that own tapes: made at random, and run on all their paths.

A program asks for every condition, every count of rounds and, inside of ``try`` and ``with``,
whether an op raises. The answers are a script; the scripts are gone through systematically.
"""

from __future__ import annotations

import contextlib
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tensorlib import Tensor, ones
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.errors import TapeError, TapeMovedError
from tensorlib.tape import Moved, Tape, Value

HEADER = """\
from typing import TypeAlias

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2], Tape]


class Planned(Exception):
    pass


class Other(Exception):
    pass


class Swallowing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *args: object) -> bool:
        return flag()


def flag() -> bool:
    return False


def number() -> int:
    return 0


def rounds() -> list[int]:
    return []


def failure() -> Exception:
    return Planned()


def use(x: object) -> bool:
    return True


def fresh() -> H:
    return tl.ones((2,)).traced()


def eats(t: H) -> H:
    return t.exp()


def eats_early(t: H) -> H:
    u = t.exp()
    return u.relu()


def eats_somehow(t: H) -> H:
    if flag():
        return t.exp()
    u = t
    return eats(u)


def eats_again(t: H) -> H:
    return eats_again(t) if flag() else t.exp()


def keeps(t: H) -> H:
    use(t.shape)
    return t.with_empty_tape()
"""
NAMES = ("a", "b", "c")
MOST_CHOICES = 14
MOST_PATHS = 1500
MOST_STEPS = 400


class Program:
    """One function of a few statements.

    Attributes:
        name: its name.
        lines: its text.
        guarded: the lines, counted from 0, in which an op may be told to raise.
    """

    def __init__(self, name: str, rng: random.Random) -> None:
        self.name = name
        self.lines = [f"def {name}({', '.join(f'{n}: H' for n in NAMES)}) -> None:"]
        self.guarded: set[int] = set()
        self._rng = rng
        self._left = rng.randint(3, 9)
        self._guards = 0
        self._loops = 0
        self._inner = 0
        self._local: list[str] = []
        self._block(1)

    def _line(self, depth: int, text: str) -> None:
        if self._guards:
            self.guarded.add(len(self.lines))
        self.lines.append("    " * depth + text)

    def _block(self, depth: int, most: int = 4) -> None:
        count = self._rng.randint(1, most)
        written = False
        local = [*self._local]
        for _ in range(count):
            if self._left <= 0:
                break
            self._left -= 1
            written = True
            if self._statement(depth):
                break
        if not written:
            self._line(depth, "pass")
        self._local = local

    def _statement(self, depth: int) -> bool:
        """Add a statement, and tell whether nothing can come behind it."""
        rng = self._rng
        if depth < 5 and rng.random() < 0.42:
            kinds = [
                *(self._if, self._if, self._for, self._while, self._while_true, self._try),
                *(self._try, self._with, self._match, self._function),
            ]
            return bool(rng.choice(kinds)(depth))
        roll = rng.random()
        if roll < 0.04 and depth > 1:
            self._line(depth, "return")
            return True
        if roll < 0.07 and depth > 1:
            self._line(depth, "raise failure()")
            return True
        if roll < 0.14 and self._loops:
            self._line(depth, rng.choice(("break", "continue")))
            return True
        self._simple(depth)
        return False

    def _name(self) -> str:
        return self._rng.choice(NAMES)

    def _simple(self, depth: int) -> None:
        x, y, z = self._name(), self._name(), self._name()
        moving = self._moving
        choices: list[Callable[[], str]] = [
            lambda: f"{x} = {moving()}",
            lambda: f"{x} = {moving()}",
            lambda: moving(),
            lambda: f"use({moving()})",
            lambda: f"{x} = {y}",
            lambda: f"{x} = fresh()",
            lambda: f"{x} = keeps({y})",
            lambda: f"{x}, {y} = {moving()}, {z}",
            lambda: f"{x}, {y} = {y}, {x}",
            lambda: f"{x} = {y} = {moving()}",
            lambda: f"{x}, *rest = {y}, {z}, {moving()}",
            lambda: f"({x}, one), {y} = ({z}, 1), {moving()}",
            lambda: f"{x} += {self._operand()}",
            lambda: f"use([{moving()} for _ in rounds()])",
            lambda: f"use([{y} for {y} in [{x}, {z}]])",
            lambda: f"use([{moving()} for _ in rounds() if flag()])",
            lambda: f"flag() and use({moving()})",
            lambda: f"use(flag() or use({moving()}))",
            lambda: f"use(({x} := {moving()}))",
            lambda: f"({x} := {y}).relu()",
            lambda: f"{x} = {y} + ({y} := {moving()})",
            lambda: f"{x} = {moving()} if flag() else {y}",
            lambda: f"({x} if flag() else {y}).exp()",
            lambda: f"{x}.sum().backward()",
            lambda: f"use({x}.numpy())",
            lambda: f"use(f'{{{x}.exp()}}')",
            lambda: f"use(list({x}))",
            lambda: f"row, other = {x}",
            lambda: f"use((lambda: {x}.exp()))",
            lambda: f"use({{'k': {moving()}}})",
            lambda: f"use(0 < number() < len({moving()}))",
        ]
        if self._local:
            inner = self._rng.choice(self._local)
            choices += [lambda: f"{inner}()"] * 8
        self._line(depth, self._rng.choice(choices)())

    def _moving(self) -> str:
        x = self._name()
        return self._rng.choice(
            (
                *(f"{x}.exp()", f"{x}.relu()", f"eats({x})", f"eats_early({x})", f"-{x}"),
                *(f"{x} + {self._operand()}", f"{x}.with_empty_tape() * {self._operand()}"),
                *(f"eats_somehow({x})", f"tl.stack([{x}, {self._name()}]).sum(0)"),
                *(f"eats_again(t={x})", f"{x}.expect_shape((2,))", f"{x} * {x}"),
            )
        )

    def _operand(self) -> str:
        x = self._name()
        return self._rng.choice((x, f"{x}.exp()", f"{x}.with_empty_tape()", "fresh()", "1"))

    def _if(self, depth: int) -> None:
        conditions = ("flag()", "not flag()", "flag() or number()")
        self._line(depth, f"if {self._rng.choice(conditions)}:")
        self._block(depth + 1)
        if self._rng.random() < 0.3:
            self._line(depth, "elif flag():")
            self._block(depth + 1)
        if self._rng.random() < 0.5:
            self._line(depth, "else:")
            self._block(depth + 1)

    def _looping(self, depth: int) -> None:
        self._loops += 1
        self._block(depth + 1)
        self._loops -= 1

    def _for(self, depth: int) -> None:
        self._line(depth, "for _ in rounds():")
        self._looping(depth)
        self._else(depth)

    def _while(self, depth: int) -> None:
        self._line(depth, "while flag():")
        self._looping(depth)
        self._else(depth)

    def _else(self, depth: int) -> None:
        if self._rng.random() < 0.25:
            self._line(depth, "else:")
            self._block(depth + 1, 2)

    def _while_true(self, depth: int) -> None:
        self._line(depth, "while True:")
        self._line(depth + 1, "if flag():")
        self._line(depth + 2, "break")
        self._looping(depth)

    def _try(self, depth: int) -> None:
        self._line(depth, "try:")
        self._guards += 1
        self._block(depth + 1)
        finishes = self._rng.random() < 0.5
        if not finishes or self._rng.random() < 0.5:
            kinds = self._rng.choice((["Planned"], ["Exception"], ["Planned", "Other"], [""]))
            for kind in kinds:
                self._line(depth, f"except {kind}:" if kind else "except:")
                self._block(depth + 1, 2)
            if self._rng.random() < 0.3:
                self._line(depth, "else:")
                self._block(depth + 1, 2)
        if finishes:
            self._line(depth, "finally:")
            self._block(depth + 1, 2)
        self._guards -= 1

    def _with(self, depth: int) -> None:
        self._line(depth, "with Swallowing():")
        self._guards += 1
        self._block(depth + 1)
        self._guards -= 1

    def _match(self, depth: int) -> None:
        self._line(depth, "match number():")
        for case in ("0", "1", "_")[: self._rng.randint(2, 3)]:
            guard = " if flag()" if case != "_" and self._rng.random() < 0.3 else ""
            self._line(depth + 1, f"case {case}{guard}:")
            self._block(depth + 2, 2)

    def _function(self, depth: int) -> None:
        self._inner += 1
        name, x = f"inner_{self._inner}", self._name()
        self._line(depth, f"def {name}() -> None:")
        self._line(
            depth + 1,
            self._rng.choice((f"{x}.exp()", f"use({x}.shape)", f"use(eats({x}))", f"{x} + 1")),
        )
        self._local.append(name)


class _Stop(BaseException):
    """Ends a path that goes on for too long."""


@dataclass
class Script:
    """The answers on one path: those given, then 0; and how many there were to choose from."""

    given: list[int]
    counts: list[int] = field(default_factory=list)
    rng: random.Random | None = None
    most_likely: int = 0
    steps: int = 0

    def choose(self, count: int, likely: int = 1) -> int:
        """Return the next answer; at random, 0 is so many times likelier than the others."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise _Stop
        place = len(self.counts)
        if place < len(self.given):
            answer = self.given[place]
        elif self.rng is not None:
            zeros = min(likely, self.most_likely) - 1
            answer = self.rng.choice((*(0,) * zeros, *range(count)))
        elif place >= MOST_CHOICES:
            raise _Stop
        else:
            answer = 0
        self.counts.append(count)
        if place >= len(self.given):
            self.given.append(answer)
        return answer

    def following(self) -> list[int] | None:
        """Return the answers of the next path, or None if this was the last."""
        answers = self.given[: len(self.counts)]
        while answers and answers[-1] + 1 >= self.counts[len(answers) - 1]:
            answers.pop()
        return [*answers[:-1], answers[-1] + 1] if answers else None


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
        self._script = Script([])
        self._raised: set[int] | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a `return` in `finally`
            code = compile(source, path, "exec")
        self._names: dict[str, Any] = {"__name__": "programs"}
        exec(code, self._names)
        planned, other = self._names["Planned"], self._names["Other"]
        self._kinds = (planned, other)
        self._names |= {
            "flag": self._failing(lambda: bool(self._script.choose(2))),
            "number": self._failing(lambda: self._script.choose(3)),
            "rounds": self._failing(lambda: [*range(self._script.choose(self._most_rounds()))]),
            "failure": self._failing(lambda: self._kinds[self._script.choose(2)]()),
            "use": self._failing(lambda x: True),
            "fresh": self._failing(lambda: ones((2,)).traced()),
        }
        runner = self

        class Swallowing:
            def __init__(self) -> None:
                runner._may_fail()

            def __enter__(self) -> None:
                pass

            def __exit__(self, kind: type | None, *args: object) -> bool:
                if kind is None or not issubclass(kind, Exception):
                    return False
                return bool(runner._script.choose(2))

        self._names["Swallowing"] = Swallowing

    def _most_rounds(self) -> int:
        return 3 if self._script.rng is None else 6

    def _may_fail(self) -> None:
        frame = sys._getframe(2)
        while frame is not None:
            if frame.f_code.co_filename == self._path and frame.f_lineno in self._guarded:
                answer = self._script.choose(3, 40)
                if answer:
                    raise self._kinds[answer - 1]
                return
            if frame.f_back is None:
                return
            frame = frame.f_back

    def _failing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any, **kwargs: Any) -> Any:
            self._may_fail()
            try:
                return function(*args, **kwargs)
            except TapeMovedError:
                if self._raised is None or self._script.rng is not None:
                    self._raised = (self._raised or set()) | self._lines()
                if self._script.rng is None:
                    raise
                return self._mended(function, args, kwargs)

        return failing

    def _lines(self) -> set[int]:
        """Return the lines of the programs that are running now."""
        frames = traceback.extract_stack()
        return {frame.lineno or 0 for frame in frames if frame.filename == self._path}

    def _mended(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Go on as if what moved had been given another tape: other mistakes may stand behind."""
        given = (*args, *kwargs.values())
        for each in (*given, *(part for one in given if isinstance(one, list) for part in one)):
            if isinstance(each, Value) and isinstance(each._tape, Moved):
                each._tape = Tape()
        try:
            return function(*args, **kwargs)
        except TapeError:  # a loss without its history
            return None

    def raising_lines(self, name: str) -> Iterator[set[int] | None]:
        """Go through the paths; where a moved tape was used, name the lines on the way there.

        At the end, None says that these were all paths.
        """
        script: list[int] | None = []
        for _ in range(MOST_PATHS):
            assert script is not None
            found, ended = self._run(name, Script(script))
            if found:
                yield found
            script = ended.following()
            if script is None:
                yield None
                return

    def sampled_lines(self, name: str, count: int) -> Iterator[set[int]]:
        """Go through random paths, on which a use of a moved tape ends nothing."""
        rng = random.Random(name)
        for _ in range(count):
            script = Script([], rng=rng, most_likely=rng.choice((4, 10, 40)))
            found, _ = self._run(name, script)
            if found:
                yield found

    def _run(self, name: str, script: Script) -> tuple[set[int] | None, Script]:
        self._script, self._raised = Script([]), None
        arguments = [ones((2,)).traced() for _ in NAMES]
        self._script = script
        try:
            self._names[name](*arguments)
        except (_Stop, TapeMovedError, *self._kinds):
            pass
        return self._raised, script

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        """Have ops ask whether they raise."""
        with (
            patch.object(Primitive, "__call__", self._method(Primitive.__call__)),
            patch.object(Tensor, "with_empty_tape", self._method(Tensor.with_empty_tape)),
            patch.object(Tensor, "backward", self._method(Tensor.backward)),
            patch.object(Tensor, "__iter__", self._method(Tensor.__iter__)),
        ):
            yield

    def _method(self, function: Callable[..., Any]) -> Callable[..., Any]:
        failing = self._failing(function)

        def method(*args: Any, **kwargs: Any) -> Any:
            return failing(*args, **kwargs)

        return method


@dataclass
class File:
    """Many programs in one file.

    Attributes:
        source: its text.
        spans: for each program the lines of its function.
        guarded: the lines in which ops may be told to raise.
    """

    source: str
    spans: dict[str, range]
    guarded: set[int]


def file_of(seed: int, count: int) -> File:
    """Make a file of so many programs."""
    lines = HEADER.splitlines()
    spans: dict[str, range] = {}
    guarded: set[int] = set()
    for place in range(count):
        program = Program(f"program_{place}", random.Random(f"{seed} {place}"))
        lines += ["", ""]
        start = len(lines) + 1
        spans[program.name] = range(start, start + len(program.lines))
        guarded |= {start + line for line in program.guarded}
        lines += program.lines
    return File("\n".join(lines) + "\n", spans, guarded)


def disagreements(file: File, path: str, reported: set[int]) -> Iterator[str]:
    """Compare the lines that were reported with those that raise on some path.

    Args:
        file: the programs.
        path: where they stand, for tracebacks.
        reported: the lines.
    """
    runner = Runner(file.source, path, file.guarded)
    with runner.patched():
        for name, span in file.spans.items():
            wanted = {line for line in reported if line in span}
            unseen = set(wanted)
            for lines in runner.raising_lines(name):
                if lines is None:
                    break
                if not lines & wanted:
                    yield f"{path}:{min(lines & {*span})}: {name}: raises, but is not reported"
                    unseen.clear()
                    break
                unseen -= lines
            if unseen:
                for lines in runner.sampled_lines(name, 10 * MOST_PATHS):
                    unseen -= lines
                    if not unseen:
                        break
            for line in sorted(unseen):
                yield f"{path}:{line}: {name}: is reported, but never raises"
