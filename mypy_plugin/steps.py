"""Building a graph of steps: what an expression consumes becomes a step, and steps are linked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from mypy.nodes import (
    Block,
    CallExpr,
    Context,
    Expression,
    GeneratorExpr,
    LambdaExpr,
    MemberExpr,
    NameExpr,
    Var,
)

from mypy_plugin.flow import Step

Value: TypeAlias = "str | None"
"""The name that holds what an expression gives, if one does."""


class Consumption(NamedTuple):
    """What one expression consumes.

    Attributes:
        op: the op's or function's name.
        names: the names whose tape moves.
        escaping: those of them that it may have consumed when it raises.
        apart: pairs of them of which it consumes one after the other, so that they must differ.
        returns: whether it ever returns.
    """

    op: str
    names: tuple[str, ...] = ()
    escaping: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    returns: bool = True


class Facts(Protocol):
    """What is known of the expressions of a module."""

    def consumed(self, place: Context, held: Mapping[int, str]) -> Consumption | None:
        """Return what an expression consumes, besides what is inside of it.

        Args:
            place: the expression.
            held: by the id of an expression inside, the name that holds its value.
        """

    def is_field(self, attribute: MemberExpr) -> bool:
        """Tell whether an attribute holds the same object until it is bound again."""

    def rebinds(self, call: CallExpr) -> bool:
        """Tell whether a call may rebind attributes, and names of other scopes."""

    def is_taped(self, iterable: Expression) -> bool:
        """Tell whether this is a tensor with a tape, which going through it takes."""

    def runs_code(self, iterable: Expression) -> bool:
        """Tell whether going through it may run code that rebinds attributes."""

    def runs(self, operand: Expression, methods: Collection[str]) -> bool:
        """Tell whether an operand has one of these methods from code that may rebind attributes."""

    def runs_as_attribute(self, attribute: MemberExpr) -> bool:
        """Tell whether getting or binding an attribute runs code that may rebind others."""

    def swallows(self, manager: Expression) -> bool:
        """Tell whether a context manager may end an exception."""


@dataclass
class Around:
    """What is around a statement and sees its exceptions.

    Attributes:
        raised: where one goes of which nothing is known.
        handlers: which classes are caught, by full name, and where that goes on. None: perhaps.
        block: what runs in any case, if this is a ``finally``.
        loops: the number of loops around this.
    """

    raised: Step
    handlers: Sequence[tuple[Container[str] | None, Step]] = ()
    block: Block | None = None
    loops: int = 0


class Steps:
    """The steps of a body, as far as it has been gone through.

    Attributes:
        steps: all steps.
        consuming: those that consume.
        has_loops: whether a step may run again.
        entry: the first.
        begun: the step where the parameters are bound.
        exit: the step behind every ``return``.
        escape: the step behind every exception that leaves the function.
        lambdas: the lambdas in the body, which are no part of the graph.
        declared: names that are declared ``global`` or ``nonlocal``.

    Args:
        facts: tells about expressions.
    """

    def __init__(self, facts: Facts) -> None:
        self.steps: list[Step] = []
        self.consuming: list[Step] = []
        self.has_loops = False
        self.entry = self._new()
        self.begun = self._new()
        self.exit = self._new()
        self.escape = self._new()
        self.lambdas: list[LambdaExpr] = []
        self.declared: set[str] = set()
        self._facts = facts
        self._at: Step | None = self.entry
        self._around: list[Around] = []
        self._temporaries = 0
        self._held: dict[int, str] = {}  # by the id of an expression: the name that holds its value

    def keep(self, names: Iterable[str]) -> dict[str, str]:
        """Return further names for what these names hold when the body begins."""
        kept = {name: f"<{name}>" for name in names}
        for name, other in kept.items():
            step = self._new(Step(bound=other, source=name, next=self.begun.next))
            self.begun.next = [step]
        return kept

    def _new(self, step: Step | None = None) -> Step:
        made = Step() if step is None else step
        self.steps.append(made)
        return made

    def _emit(self, step: Step) -> None:
        self.steps.append(step)
        if self._at is not None:
            self._at.next.append(step)
            self._at = step

    def _link(self, target: Step) -> None:
        if self._at is not None and target not in self._at.next:
            self._at.next.append(target)

    def _begin_loop(self) -> Step:
        """Return the step that a loop goes back to."""
        self.has_loops = True
        head = self._new()
        self._link(head)
        self._at = head
        return head

    def _may_raise(self) -> None:
        if self._at is not None:
            self._link(self._around[-1].raised if self._around else self.escape)

    def _forget(self) -> None:
        """Forget what attributes hold, and names that other scopes may bind."""
        self._emit(Step(forgets=True))

    def _forget_if_run(self, methods: Collection[str], *operands: Expression) -> None:
        """Forget if an operator runs code of the user's."""
        if any(self._facts.runs(operand, methods) for operand in operands):
            self._forget()

    def _branches(self, branches: Iterable[Callable[[], None]]) -> None:
        """Go on behind whichever of these ran."""
        start, end = self._at, self._new()
        for branch in branches:
            self._at = start
            branch()
            self._link(end)
        self._at = end if start is not None else None

    def _consume(self, place: Context) -> None:
        found = self._facts.consumed(place, self._held)
        if found is None:
            return
        if found.names:
            alone = len(found.names) == 1
            for name in () if alone else found.escaping:
                before = self._at
                self._take((name,), place, found.op)
                self._may_raise()
                self._at = before
            self._take(found.names, place, found.op, found.apart)
            if alone and found.escaping:
                self._may_raise()
        if not found.returns:
            self._at = None

    def _take(
        self,
        names: tuple[str, ...],
        place: Context,
        op: str,
        apart: tuple[tuple[str, str], ...] = (),
    ) -> None:
        step = Step(consumed=names, apart=apart, place=place, op=op)
        self.consuming.append(step)
        self._emit(step)

    def _go_through(
        self, iterable: Expression, place: Context | None = None, op: str = "iter"
    ) -> None:
        """Take the tape of a tensor whose rows are gone through."""
        if not isinstance(iterable, GeneratorExpr) and self._facts.runs_code(iterable):
            self._forget()
        name = self._held.get(id(iterable))
        if name is not None and self._facts.is_taped(iterable):
            self._may_raise()
            self._take((name,), place or iterable, op)

    def _temporary(self, source: str) -> str:
        name = self._name_of_result() + plain_name(source)
        self._emit(Step(bound=name, source=source))
        return name

    def _name_of_result(self) -> str:
        self._temporaries += 1
        return f"<{self._temporaries}>"

    def _name_of(self, e: Expression) -> str | None:
        """Return the key of a name, or of an attribute of one."""
        if isinstance(e, NameExpr):
            return key_of(e.node) if isinstance(e.node, Var) else None
        if isinstance(e, MemberExpr):
            owner = self._name_of(e.expr)
            if owner is not None and self._facts.is_field(e):
                return f"{owner}.{e.name}"
        return None


def key_of(variable: Var) -> str:
    """Return the key of a variable, which differs from those of the same name elsewhere."""
    return f"{variable.name}#{id(variable)}"


def plain_name(key: str) -> str:
    """Return a key as it is written in the program: ``h`` or ``self.h``."""
    first, *rest = key.rpartition(">")[2].split(".")
    return ".".join([first.split("#")[0].rstrip("'"), *rest])
