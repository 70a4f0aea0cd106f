"""Small random programs over tensors that own tapes, drawn by Hypothesis.

A program is one function of three tensors, an object with two more, and a number on which its
conditions depend. What mypy reports of it is compared with its runs on all paths
(`tests.ownership_paths`), but where the checker is silent by design: such a program is not
``complete``, and what mypy reports of it still has to be true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

NAMES = ("a", "b", "c")
ATTRIBUTES = ("box.h", "box.k")
PARAMETERS = "a: H, b: H, c: H, box: Box, n: int, any: Any"


@dataclass(frozen=True)
class Program:
    """One function.

    Attributes:
        lines: its text; its name is ``program``.
        guarded: the lines, counted from 0, in which an op may be told to raise.
        is_complete: whether mypy has to report all that raises.
    """

    lines: tuple[str, ...]
    guarded: frozenset[int]
    is_complete: bool

    def __repr__(self) -> str:
        return "\n".join(self.lines)


@st.composite
def programs(draw: Draw) -> Program:
    """Draw a program."""
    writer = _Writer(draw)
    return Program(tuple(writer.lines), frozenset(writer.guarded), writer.is_complete)


def drawn(count: int, number: int) -> list[Program]:
    """Draw so many programs, the same for each number, and leave out those that came before."""
    found: dict[Program, None] = {}

    @settings(steady(count), phases=[Phase.generate])
    @seed(number)
    @given(programs())
    def draw(program: Program) -> None:
        found[program] = None

    draw()
    return [*found]


def steady(count: int) -> settings:
    """Return settings for so many programs, which are the same in each run."""
    return settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )


@dataclass
class _Scope:
    """What may be used at a place.

    Attributes:
        read: names and attributes of tensors.
        bound: those of them that may be bound.
        functions: functions that were defined before, with their parameters.
        tapes: names of tapes that were split off, each with its value's.
        loops: how many loops are around it in this function.
    """

    read: tuple[str, ...]
    bound: tuple[str, ...]
    functions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    tapes: list[tuple[str, str]] = field(default_factory=list)
    loops: int = 0

    def inside(self, loops: int = 0) -> _Scope:
        """Return the scope of a block that may not run."""
        names = [*self.functions], [*self.tapes]
        return _Scope(self.read, self.bound, *names, self.loops + loops)


class _Writer:
    """Writes one program, asking Hypothesis for each choice: the first one is the simplest."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.lines = [f"def program({PARAMETERS}) -> None:"]
        self.guarded: set[int] = set()
        self.is_complete = True
        self._guards = 0
        self._made = 0
        self._left = self._number(3, 12)
        # A call of a function may bind attributes again: what is known of them is forgotten.
        self._calls = self._chance(60)
        self._is_silent = self._chance(12)
        self._reaches_out = self._chance(6)
        names: tuple[str, ...] = NAMES
        if self._reaches_out:
            names = (*NAMES[:2], "shared")
            self._line(1, "global shared")
        elif self._is_silent or not self._calls:
            names = NAMES[:2] + ATTRIBUTES
        self._renews = names != NAMES and self._chance(40)
        if self._renews or (names != NAMES and self._calls):
            self.is_complete = False
        self._block(1, _Scope(names, names), least=3, most=8)

    # Choices ------------------------------------------------------------------------------------

    def _number(self, least: int, most: int) -> int:
        return int(self._draw(st.integers(least, most)))

    def _chance(self, percent: int) -> bool:
        return self._number(0, 99) >= 100 - percent

    def _pick(self, *options: Any) -> Any:
        return options[self._number(0, len(options) - 1)]

    def _new(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"

    def _line(self, depth: int, text: str) -> None:
        if self._guards:
            self.guarded.add(len(self.lines))
        self.lines.append("    " * depth + text)

    # Expressions --------------------------------------------------------------------------------

    def _condition(self) -> str:
        conditions = ["n > 0", "not n > 0", "n > 0 and n < 9", "0 < n < 9"]
        return str(self._pick(*conditions, *(["flag()", "flag() or n > 0"] * self._calls)))

    def _fresh(self) -> str:
        return str(self._pick("tl.ones((2,)).traced()", *(["fresh()"] * self._calls)))

    def _rounds(self) -> str:
        return str(self._pick("range(n)", *(["rounds()"] * self._calls)))

    def _use(self) -> str:
        return str(self._pick("id", *(["use"] * self._calls)))

    def _moving(self, scope: _Scope) -> str:
        """Write an expression that takes a tape."""
        x, o = self._pick(*scope.read), self._operand
        plain = [
            *(lambda: f"{x}.exp()", lambda: f"-{x}", lambda: f"{x} + {o(scope)}"),
            *(lambda: f"{x} * {x}", lambda: f"relu({x})", lambda: f"both({x})"),
            *(lambda: f"{o(scope)} - {x}", lambda: f"{x}.with_empty_tape() * {o(scope)}"),
            lambda: f"tl.stack([{x}, {self._pick(*scope.read)}]).sum(0)",
            *(lambda: f"{x}.expect_shape((2,))", lambda: f"tl.maximum({x}, {o(scope)})"),
            *(lambda: f"{x}.split_tape()[0].traced()", lambda: f"abs({x})"),
        ]
        calls = [
            *(lambda: f"eats({x})", lambda: f"eats_early({x})", lambda: f"eats_somehow({x})"),
            *(lambda: f"eats_again(t={x})", lambda: f"taker.take({x})"),
            lambda: f"eats_second({self._pick(*scope.read)}, {x})",
            lambda: f"eats_second(t={x}, s={self._pick(*scope.read)})",
            *(lambda: f"eats_and_binds({x})", lambda: f"eats_generic({x})"),
            *(
                lambda: f"sparer.take_too(t={x})",
                lambda: f"eats_sum({x}, {self._pick(*scope.read)})",
            ),
        ]
        return str(self._pick(*plain, *(calls * self._calls))())

    def _operand(self, scope: _Scope) -> str:
        x = self._pick(*scope.read)
        return str(self._pick("1", "any", x, f"{x}.exp()", f"{x}.with_empty_tape()", self._fresh()))

    # Statements ---------------------------------------------------------------------------------

    def _block(self, depth: int, scope: _Scope, least: int = 1, most: int = 4) -> None:
        count = self._number(least, most)
        written = len(self.lines)
        for _ in range(count):
            if self._left <= 0:
                break
            self._left -= 1
            if self._statement(depth, scope):
                break
        if len(self.lines) == written:
            self._line(depth, "pass")

    def _statement(self, depth: int, scope: _Scope) -> bool:
        """Write a statement, and tell whether nothing can come behind it."""
        if depth < 5 and self._chance(42):
            self._compound(depth, scope)
            return False
        leaving = 8 if self._guards else 4  # through a `finally`, perhaps
        roll = self._number(0, 99)
        if roll >= 100 - leaving and depth > 1:
            self._line(depth, "return")
            return True
        if roll >= 100 - 2 * leaving and depth > 1:
            self._line(depth, self._pick("raise Planned", "raise Other"))
            return True
        if roll >= 90 - 2 * leaving and scope.loops:
            self._line(depth, self._pick("break", "continue"))
            return True
        self._simple(depth, scope)
        return False

    def _compound(self, depth: int, scope: _Scope) -> None:
        write: Callable[[int, _Scope], None] = self._pick(
            *(self._if, self._if, self._for, self._while, self._endless, self._try, self._try),
            *(self._with, self._match, self._function, self._function, self._leaving),
        )
        write(depth, scope)

    def _simple(self, depth: int, scope: _Scope) -> None:
        x, y = self._pick(*scope.bound), self._pick(*scope.bound)
        z, w = self._pick(*scope.read), self._pick(*scope.read)
        name = x if "." not in x else None

        def m() -> str:
            return self._moving(scope)

        use, fresh, rounds, condition = self._use, self._fresh, self._rounds, self._condition
        choices: list[Callable[[], str]] = [
            *(lambda: f"{x} = {m()}", lambda: f"{m()}", lambda: f"{x} = {z}"),
            *(lambda: f"{x} = {m()}", lambda: f"{x} = {fresh()}", lambda: f"{use()}({m()})"),
            *(lambda: f"{x}, {y} = {m()}, {z}", lambda: f"{x}, {y} = {z}, {w}"),
            *(lambda: f"{x} = {y} = {m()}", lambda: f"{x} = {y} = {z}"),
            lambda: f"{x}, *rest = {z}, {w}, {m()}",
            lambda: f"*rest, {x} = {z}, {w}",
            lambda: f"({x}, one), {y} = ({z}, 1), {m()}",
            lambda: f"{x} += {self._operand(scope)}",
            lambda: f"{x} = {m()} if {condition()} else {z}",
            lambda: f"{x} = {z} if {condition()} else {w}",
            lambda: f"({z} if {condition()} else {w}).exp()",
            lambda: f"{condition()} and {use()}({m()})",
            lambda: f"{use()}({condition()} or {use()}({m()}))",
            lambda: f"{use()}([{m()} for _ in {rounds()}])",
            lambda: f"{use()}([{m()} for _ in {rounds()} if {condition()}])",
            lambda: f"{use()}([_ for _ in {rounds()} if {use()}({m()})])",
            lambda: f"{use()}([{m()} for _ in {rounds()} for _ in {rounds()}])",
            lambda: f"{use()}({{1: {m()} for _ in {rounds()}}})",
            lambda: f"sum({use()}({m()}) for _ in {rounds()})",
            lambda: f"{use()}({m()} for _ in {rounds()})",
            lambda: f"{z}.sum().backward()",
            lambda: f"{use()}({z}.numpy())",
            lambda: f"{use()}({z} == {w})",
            lambda: f"{use()}(f'{{{m()}}}')",
            lambda: f"{use()}({z}[0])",
            lambda: f"{use()}(list({z}))",
            lambda: f"row, other = {z}",
            lambda: f"{use()}(lambda: {z}.exp())",
            lambda: f"{use()}({{'k': {m()}}})",
            lambda: f"{use()}([{z}, {w}.exp()])",
            lambda: f"{use()}(0 < n < len({m()}))",
            lambda: f"assert {condition()}, {use()}({m()})",
            lambda: f"{x} = {z}.with_empty_tape()",
            lambda: f"{x} = {z}.detach().traced()",
        ]
        if name is not None:
            choices += [
                lambda: f"{use()}(({name} := {m()}))",
                lambda: f"({name} := {z}).relu()",
                lambda: f"{use()}({z} + ({name} := {m()}))",
                lambda: f"{use()}([({name} := {m()}) for _ in {rounds()}])",
                lambda: self._renewed_in_comprehension(name, scope),
            ]
        if self._calls:
            choices += [
                *(lambda: f"{x} = keeps({z})", lambda: f"keeps({z})", lambda: f"binds_first({z})"),
                *(lambda: f"{x} = sparer.spare({z})", lambda: f"passing.give({z})"),
                lambda: f"passing_on.give({z})",
            ]
        if scope.functions:
            choices += [lambda: self._called(scope)] * 12
        if scope.tapes:
            value, tape = self._pick(*scope.tapes)
            choices += [lambda: f"{x} = {value}.put_tape({tape})"] * 8
        if self._is_silent:
            choices += [lambda: self._silent(x, z, w)] * 12
        if self._renews:
            renewals = (
                ("renew_shared()", "eats_shared()") if self._reaches_out else ("box.renew()",)
            )
            choices += [lambda: str(self._pick("renew(box)", *renewals))] * 12
        place = self._number(0, len(choices) + 1)
        if place == len(choices) and name is not None and name != z:
            self._line(depth, f"del {name}")
            self._line(depth, f"{name} = {z}")
        elif place == len(choices) + 1:
            value, tape = self._new("value"), self._new("tape")
            self._line(depth, f"{value}, {tape} = {z}.split_tape()")
            scope.tapes.append((value, tape))
        else:
            self._line(depth, choices[place % len(choices)]())

    def _silent(self, x: str, z: str, w: str) -> str:
        """Write what mypy is silent about by design."""
        self.is_complete = False
        return str(
            self._pick(
                f"{x} = [{z}, {w}][0]",
                f"(lambda t: t.exp())({z})",
                f"for place, {x} in enumerate([{z}, {w}]): {x}.exp()",
                f"pair = ({z}, {w}); {x}, second = pair",
                f"{x} = max([{z}], key=id)",
                f"other_box = box; other_box.h = {z}; {x} = other_box.h",
                f"other_box = Box(); other_box.h = {z}; {w}.exp()",
                f"use({z}); {w}.exp()",
            )
        )

    def _renewed_in_comprehension(self, name: str, scope: _Scope) -> str:
        condition = f"{self._use()}({self._moving(scope)}) and {self._condition()}"
        made = f"({name} := {self._fresh()})"
        return f"{self._use()}([{made} for _ in {self._rounds()} if {condition}])"

    def _called(self, scope: _Scope) -> str:
        name, parameters = self._pick(*scope.functions)
        given = [self._pick(*scope.read) for _ in parameters]
        if self._chance(30):
            named = [*zip(parameters, given, strict=True)][::-1]
            given = [f"{parameter}={each}" for parameter, each in named]
        if self._is_loose(scope):
            self.is_complete = False  # the call may bind them again
        return f"{name}({', '.join(given)})"

    def _is_loose(self, scope: _Scope) -> bool:
        """Tell whether there are names which a call may bind again."""
        return any("." in each or each == "shared" for each in scope.read)

    def _if(self, depth: int, scope: _Scope) -> None:
        condition = self._condition() if self._chance(92) else self._pick("True", "False")
        self._line(depth, f"if {condition}:")
        self._block(depth + 1, scope.inside())
        if self._chance(30):
            self._line(depth, f"elif {self._condition()}:")
            self._block(depth + 1, scope.inside())
        if self._chance(50):
            self._line(depth, "else:")
            self._block(depth + 1, scope.inside())

    def _for(self, depth: int, scope: _Scope) -> None:
        self._line(depth, f"for _ in {self._rounds()}:")
        self._block(depth + 1, scope.inside(loops=1))
        self._else(depth, scope)

    def _while(self, depth: int, scope: _Scope) -> None:
        self._line(depth, f"while {self._condition()}:")
        self._block(depth + 1, scope.inside(loops=1))
        self._else(depth, scope)

    def _else(self, depth: int, scope: _Scope) -> None:
        if self._chance(25):
            self._line(depth, "else:")
            self._block(depth + 1, scope.inside(), most=2)

    def _endless(self, depth: int, scope: _Scope) -> None:
        self._line(depth, "while True:")
        self._line(depth + 1, f"if {self._condition()}:")
        self._line(depth + 2, "break")
        self._block(depth + 1, scope.inside(loops=1))

    def _try(self, depth: int, scope: _Scope) -> None:
        self._line(depth, "try:")
        self._guards += 1
        self._block(depth + 1, scope.inside())
        finishes = self._chance(50)
        if not finishes or self._chance(50):
            kinds = self._pick(
                *(["Planned"], ["Exception"], [""], ["Planned", "Other"]),
                *(["(Planned, Other)"], ["Other as e"], ["Planned", "Exception"]),
            )
            for kind in kinds:
                self._line(depth, f"except {kind}:" if kind else "except:")
                self._block(depth + 1, scope.inside(), most=2)
            if self._chance(30):
                self._line(depth, "else:")
                self._block(depth + 1, scope.inside(), most=2)
        if finishes:
            self._line(depth, "finally:")
            self._block(depth + 1, scope.inside(), most=2)
        self._guards -= 1

    def _with(self, depth: int, scope: _Scope) -> None:
        managers = self._pick("Swallowing()", "suppress(Planned)", "suppress(Other), Swallowing()")
        if self._is_loose(scope):
            self.is_complete = False  # what a manager runs may bind them again
        self._guards += 1
        self._line(depth, f"with {managers}:")
        self._block(depth + 1, scope.inside())
        self._guards -= 1

    def _match(self, depth: int, scope: _Scope) -> None:
        if self._chance(30):
            taken = self._pick(*(name for name in scope.bound if "." not in name))
            subject, last = self._pick(*scope.read), self._pick("_", taken)
            cases = [f"{taken} if {self._condition()}", last]
        else:
            subject = "n % 3"
            cases = ["0", "1 | 2", "_"] if self._chance(30) else ["0", "1", "_"]
            cases = cases[: self._number(2, 3)]
            if self._chance(30):
                cases[0] += f" if {self._condition()}"
        self._line(depth, f"match {subject}:")
        for case in cases:
            self._line(depth + 1, f"case {case}:")
            self._block(depth + 2, scope.inside(), most=2)

    def _leaving(self, depth: int, scope: _Scope) -> None:
        """Write a loop that is left, or goes on, through a ``finally``."""
        self._line(depth, self._pick(f"for _ in {self._rounds()}:", "while True:"))
        self._line(depth + 1, "try:")
        self._guards += 1
        inner = scope.inside(loops=1)
        self._block(depth + 2, inner, most=2)
        if self._chance(30):
            self._line(depth + 2, f"if {self._condition()}:")
            self._line(depth + 3, self._pick("break", "continue", "return"))
        self._line(depth + 2, self._pick("break", "break", "continue", "return"))
        self._line(depth + 1, "finally:")
        self._block(depth + 2, inner.inside(), most=2)
        self._guards -= 1

    def _function(self, depth: int, scope: _Scope) -> None:
        """Write a nested function: of one line, or of statements with branches."""
        name, outer = self._new("inner"), tuple(dict.fromkeys((*scope.read, *NAMES[:2])))
        outer = tuple(each for each in outer if "." not in each)
        guards, self._guards = self._guards, 0
        parameters: tuple[str, ...] = ()
        kind = self._number(0, 6)
        if kind <= 1:
            self._line(depth, f"def {name}() -> None:")
            one = self._pick(*outer)  # two may turn out to be one tensor
            inner = _Scope((one,), (one,))
            self._line(depth + 1, self._pick(self._moving(inner), f"id({one}.shape)"))
        elif kind <= 5:
            parameters = tuple(self._new("t") for _ in range(self._number(0, 2)))
            typed = (f"{parameter}: H" for parameter in parameters)
            self._line(depth, f"def {name}({', '.join(typed)}) -> None:")
            local = self._new("u")
            self._line(depth + 1, f"{local} = {self._pick(*parameters, *outer)}")
            bound = (*parameters, local)
            inner = _Scope((*bound, *outer), bound, [*scope.functions])
            self._block(depth + 1, inner, most=2)
            if self._chance(60):
                self._line(depth + 1, self._moving(_Scope(inner.read, inner.bound)))
        else:
            self.is_complete = False
            one = self._pick(*outer)
            self._line(depth, f"def {name}() -> None:")
            self._line(depth + 1, f"{'global' if one == 'shared' else 'nonlocal'} {one}")
            self._line(depth + 1, f"{one} = {self._moving(_Scope(outer, outer))}")
        self._guards = guards
        scope.functions.append((name, parameters))
