"""The steps of expressions, in the order in which Python evaluates them, and of binding names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from mypy.nodes import (
    ARG_STAR,
    AssertTypeExpr,
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    CastExpr,
    ComparisonExpr,
    ConditionalExpr,
    DictExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    IndexExpr,
    LambdaExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RevealExpr,
    SetComprehension,
    SetExpr,
    SliceExpr,
    StarExpr,
    TupleExpr,
    UnaryExpr,
    YieldExpr,
    YieldFromExpr,
)

from mypy_plugin.flow import Step
from mypy_plugin.steps import Steps, Value

Values: TypeAlias = "Value | list[Values]"
"""The same of the items of a display."""


_GOING_THROUGH = frozenset(
    f"builtins.{name}"
    for name in (
        *("all", "any", "enumerate", "frozenset", "iter", "list", "set", "sum", "tuple", "zip"),
    )
)
"""Functions that go through all of their arguments, or take hold of their rows."""


class Expressions(Steps):
    """The steps of expressions."""

    def _value(self, e: Expression) -> Value:
        """Add the steps of an expression, and return the name that holds what it gives."""
        value = self._evaluated(e)
        if value is not None:
            self._held[id(e)] = value
        return value

    def _evaluated(self, e: Expression) -> Value:
        if isinstance(e, CallExpr) and e.analyzed is not None:
            return self._value(e.analyzed)  # `cast` and its like
        name = self._name_of(e)
        if name is not None:
            if isinstance(e, MemberExpr):
                self._value(e.expr)
            return name
        if isinstance(e, AssignmentExpr):
            return self._bind(e.target, self._value(e.value)) or None
        if isinstance(e, ConditionalExpr):
            return self._conditional(e)
        if isinstance(e, OpExpr) and e.op in ("and", "or"):
            return self._short_circuit(e)
        if isinstance(e, CastExpr | AssertTypeExpr):
            return self._value(e.expr)
        if isinstance(e, RevealExpr):
            return None if e.expr is None else self._value(e.expr)
        if isinstance(e, LambdaExpr):
            if e not in self.lambdas:  # a `finally` block is gone through several times
                self.lambdas.append(e)
            return None
        if isinstance(e, ListComprehension | SetComprehension):
            inner = e.generator
            self._comprehension(inner.sequences, inner.indices, inner.condlists, [inner.left_expr])
            return None
        if isinstance(e, GeneratorExpr):  # the rest runs when it is gone through, if it ever is
            self._value(e.sequences[0])
            self._go_through(e.sequences[0])
            return None
        if isinstance(e, DictionaryComprehension):
            results = [part for part in (e.key, e.value) if part is not None]
            self._comprehension(e.sequences, e.indices, e.condlists, results)
            return None
        if isinstance(e, ComparisonExpr):
            self._comparison(e.operands)
            return None
        self._in_order(_parts(e), runs_generators=isinstance(e, CallExpr) and _goes_through(e))
        if isinstance(e, CallExpr):
            self._called(e)
        elif isinstance(e, OpExpr | UnaryExpr | IndexExpr | MemberExpr):
            self._may_raise()
            self._consume(e)
        elif isinstance(e, YieldExpr | YieldFromExpr | AwaitExpr):
            if isinstance(e, YieldFromExpr):
                self._go_through(e.expr)
            self._may_raise()
            self._emit(Step(forgets=True))
        elif isinstance(e, TupleExpr | ListExpr | SetExpr):
            for item in e.items:
                if isinstance(item, StarExpr):
                    self._go_through(item.expr)
        return None

    def _in_order(self, parts: Sequence[Expression], *, runs_generators: bool = False) -> None:
        """Add expressions; what one gives stays the same, whatever the next ones bind."""
        for place, part in enumerate(parts):
            if runs_generators and isinstance(part, GeneratorExpr):
                self._comprehension(part.sequences, part.indices, part.condlists, [part.left_expr])
                continue
            value = self._value(part)
            if value is not None and any(_changes(e, value) for e in parts[place + 1 :]):
                self._held[id(part)] = self._temporary(value)

    def _called(self, call: CallExpr) -> None:
        for argument, kind in zip(call.args, call.arg_kinds, strict=True):
            if kind == ARG_STAR:
                self._go_through(argument)
        self._may_raise()
        if _goes_through(call):
            for argument in call.args:
                self._go_through(argument, call)
        if isinstance(call.callee, NameExpr) and call.callee.fullname == "builtins.abs":
            for argument in call.args:
                self._go_through(argument, call, "abs")
        self._consume(call)
        if self._facts.rebinds(call):
            self._emit(Step(forgets=True))

    def _comparison(self, operands: Sequence[Expression]) -> None:
        """Add a chain of comparisons, which may end behind each but the first operand."""
        self._in_order(operands[:2])
        self._may_raise()
        if len(operands) > 2:
            self._branches([lambda: None, lambda: self._comparison_goes_on(operands[2:])])

    def _comparison_goes_on(self, operands: Sequence[Expression]) -> None:
        self._value(operands[0])
        self._may_raise()
        if len(operands) > 1:
            self._branches([lambda: None, lambda: self._comparison_goes_on(operands[1:])])

    def _conditional(self, e: ConditionalExpr) -> Value:
        self._value(e.cond)
        found: list[Value] = []
        name = self._name_of_result()

        def branch(each: Expression) -> Callable[[], None]:
            def add() -> None:
                value = self._value(each)
                found.append(value)
                self._emit(Step(bound=name, source=value))

            return add

        self._branches([branch(e.if_expr), branch(e.else_expr)])
        return name if any(found) else None

    def _short_circuit(self, e: OpExpr) -> Value:
        name = self._name_of_result()
        left = self._value(e.left)
        self._emit(Step(bound=name, source=left))
        found = [left]

        def right() -> None:
            value = self._value(e.right)
            found.append(value)
            self._emit(Step(bound=name, source=value))

        self._branches([lambda: None, right])
        return name if any(found) else None

    def _comprehension(
        self,
        sequences: Sequence[Expression],
        indices: Sequence[Expression],
        conditions: Sequence[Sequence[Expression]],
        results: Sequence[Expression],
    ) -> None:
        self._value(sequences[0])
        self._go_through(sequences[0])
        head, end = self._new(), self._new()
        self._link(head)
        self._at = head
        if self._facts.runs_code(sequences[0]):
            self._may_raise()
            self._emit(Step(forgets=True))
        self._bind(indices[0], None)
        for condition in conditions[0]:
            self._value(condition)
            self._link(head)
        if len(sequences) > 1:
            self._comprehension(sequences[1:], indices[1:], conditions[1:], results)
        else:
            for result in results:
                self._value(result)
        self._link(head)
        self._at = head
        self._link(end)
        self._at = end

    # Binding --------------------------------------------------------------------------------------

    def _bind(self, target: Expression, value: Value) -> Value:
        """Bind a target, and return the name that now holds the value."""
        if isinstance(target, TupleExpr | ListExpr):
            for item in target.items:
                self._bind(item, None)
            return None
        if isinstance(target, StarExpr):
            return self._bind(target.expr, None)
        name = self._name_of(target)
        if name is None:
            for part in _parts(target):
                self._value(part)
            return None
        self._emit(Step(bound=name, source=value))
        return name

    def _unpacked(self, e: Expression, targets: Sequence[Expression]) -> Values:
        """Add a value, by its items where it is written out and all targets take it apart."""
        if not isinstance(e, TupleExpr | ListExpr) or _has_star(e.items):
            return self._value(e)
        if not all(isinstance(target, TupleExpr | ListExpr) for target in targets):
            return self._value(e)
        values: list[Values] = []
        for place, item in enumerate(e.items):
            inner = [part for target in targets for part in _at_place(target, place, len(e.items))]
            value = self._unpacked(item, inner)
            values.append(self._kept(value) if isinstance(value, str | None) else value)
        return values

    def _assigned(self, target: Expression, value: Expression, values: Values) -> Value:
        """Bind a target to what was unpacked."""
        if isinstance(values, str | None):
            if isinstance(target, TupleExpr | ListExpr):
                self._go_through(value)
            return self._bind(target, values)
        assert isinstance(target, TupleExpr | ListExpr)
        assert isinstance(value, TupleExpr | ListExpr)
        bound: set[int] = set()
        for place, (item, each) in enumerate(zip(value.items, values, strict=True)):
            for part in _at_place(target, place, len(values)):
                self._assigned(part, item, each)
                bound.add(id(part))
        for part in target.items:
            if id(part) not in bound:
                self._bind(part, None)
        return None

    def _kept(self, value: Value) -> Value:
        """Hold what a name holds now, whatever that name is bound to next."""
        return None if value is None else self._temporary(value)


def _at_place(target: Expression, place: int, count: int) -> list[Expression]:
    """Return the part of a target that an item of a display is bound to, if one is."""
    if not isinstance(target, TupleExpr | ListExpr):
        return []
    stars = [k for k, item in enumerate(target.items) if isinstance(item, StarExpr)]
    if not stars:
        return [target.items[place]] if len(target.items) == count else []
    if place < stars[0]:
        return [target.items[place]]
    behind = len(target.items) - (count - place)
    return [target.items[behind]] if behind > stars[0] else []


def _goes_through(call: CallExpr) -> bool:
    """Tell whether a call goes through all of its arguments, or takes hold of their rows."""
    callee = call.callee
    return isinstance(callee, NameExpr) and callee.fullname in _GOING_THROUGH


def _changes(e: Expression, name: str) -> bool:
    """Tell whether an expression may bind a name: by a walrus, or an attribute by a call."""
    if isinstance(e, AssignmentExpr):
        return True
    if "." in name and isinstance(e, CallExpr | AwaitExpr | YieldExpr | YieldFromExpr):
        return True
    return any(_changes(part, name) for part in _parts(e))


def _parts(e: Expression) -> list[Expression]:
    """Return the expressions that an expression evaluates, in order."""
    if isinstance(e, CallExpr):
        return [e.callee, *e.args]
    if isinstance(e, MemberExpr | StarExpr | UnaryExpr | AwaitExpr | YieldFromExpr):
        return [e.expr]
    if isinstance(e, YieldExpr):
        return [] if e.expr is None else [e.expr]
    if isinstance(e, OpExpr):
        return [e.left, e.right]
    if isinstance(e, IndexExpr):
        return [e.base, e.index]
    if isinstance(e, ComparisonExpr):
        return list(e.operands)
    if isinstance(e, TupleExpr | ListExpr | SetExpr):
        return list(e.items)
    if isinstance(e, DictExpr):
        return [part for key, value in e.items for part in (key, value) if part is not None]
    if isinstance(e, ConditionalExpr):
        return [e.cond, e.if_expr, e.else_expr]
    if isinstance(e, CastExpr | AssertTypeExpr):
        return [e.expr]
    if isinstance(e, SliceExpr):
        return [part for part in (e.begin_index, e.end_index, e.stride) if part is not None]
    return []


def _has_star(items: Iterable[Expression]) -> bool:
    return any(isinstance(item, StarExpr) for item in items)
