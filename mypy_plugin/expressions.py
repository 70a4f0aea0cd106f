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
    FuncItem,
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
    Var,
    YieldExpr,
    YieldFromExpr,
)

from mypy_plugin.flow import Step
from mypy_plugin.implicit import GET_ITEM, SET_ITEM, TRUTH, UNARY, methods_of
from mypy_plugin.steps import Steps, Value, key_of
from mypy_plugin.written import constant_of, rounds_of

Values: TypeAlias = "Value | list[Values]"
"""The same of the items of a display."""


GOING_THROUGH = frozenset(
    f"builtins.{name}"
    for name in (
        *("all", "any", "enumerate", "frozenset", "iter", "list", "set", "sum", "tuple", "zip"),
    )
)
"""Functions that go through all of their arguments, or take hold of their rows."""
_NAMES = (NameExpr, MemberExpr)
_ITEMISED = (TupleExpr, ListExpr)


class Expressions(Steps):
    """The steps of expressions."""

    def _value(self, e: Expression) -> Value:
        """Add the steps of an expression, and return the name that holds what it gives."""
        handler = _EXPRESSIONS.get(type(e))
        if handler is None:  # nothing in it is evaluated
            return None
        value = handler(self, e)
        if value is not None:
            self._held[id(e)] = value
        return value

    def _name(self, e: NameExpr) -> Value:
        return key_of(e.node) if isinstance(e.node, Var) else None

    def _member(self, e: MemberExpr) -> Value:
        owner = self._value(e.expr)
        if owner is not None and isinstance(e.expr, _NAMES) and self._facts.is_field(e):
            return f"{owner}.{e.name}"
        self._may_raise()
        self._consume(e)
        if self._facts.runs_as_attribute(e):
            self._forget()
        return None

    def _operation(self, e: OpExpr) -> Value:
        if e.op in ("and", "or"):
            return self._short_circuit(e)
        self._in_order((e.left, e.right))
        self._may_raise()
        self._consume(e)
        self._forget_if_run(methods_of(e.op), e.left, e.right)
        return None

    def _unary(self, e: UnaryExpr) -> None:
        self._value(e.expr)
        self._may_raise()
        self._consume(e)
        self._forget_if_run({UNARY[e.op]} if e.op in UNARY else TRUTH, e.expr)

    def _index(self, e: IndexExpr) -> None:
        self._in_order((e.base, e.index))
        self._may_raise()
        self._consume(e)
        self._forget_if_run(GET_ITEM, e.base)

    def _walrus(self, e: AssignmentExpr) -> Value:
        return self._bind(e.target, self._value(e.value))

    def _inner(self, e: CastExpr | AssertTypeExpr) -> Value:
        return self._value(e.expr)

    def _reveal(self, e: RevealExpr) -> Value:
        return None if e.expr is None else self._value(e.expr)

    def _lambda(self, e: LambdaExpr) -> None:
        self._defaults(e)
        if e not in self.lambdas:  # a `finally` block is gone through several times
            self.lambdas.append(e)

    def _list_or_set(self, e: ListComprehension | SetComprehension) -> None:
        self._run_generator(e.generator)

    def _run_generator(self, e: GeneratorExpr) -> None:
        self._comprehension(e.sequences, e.indices, e.condlists, [e.left_expr])

    def _generator(self, e: GeneratorExpr) -> None:
        self._value(e.sequences[0])  # the rest runs when it is gone through, if it ever is
        self._go_through(e.sequences[0])

    def _dictionary(self, e: DictionaryComprehension) -> None:
        results = [part for part in (e.key, e.value) if part is not None]
        self._comprehension(e.sequences, e.indices, e.condlists, results)

    def _suspended(self, e: YieldExpr | YieldFromExpr | AwaitExpr) -> None:
        self._in_order(_parts(e))
        if isinstance(e, YieldFromExpr):
            self._go_through(e.expr)
        self._may_raise()
        self._emit(Step(forgets=True))

    def _display(self, e: TupleExpr | ListExpr | SetExpr) -> None:
        self._in_order(e.items)
        for item in e.items:
            if isinstance(item, StarExpr):
                self._go_through(item.expr)

    def _other(self, e: Expression) -> None:
        self._in_order(_parts(e))

    def _in_order(self, parts: Sequence[Expression], *, runs_generators: bool = False) -> None:
        """Add expressions; what one gives stays the same, whatever the next ones bind."""
        last = len(parts) - 1
        for place, part in enumerate(parts):
            if runs_generators and isinstance(part, GeneratorExpr):
                self._run_generator(part)
                continue
            value = self._value(part)
            if value is None or place == last:
                continue
            if any(_changes(e, value) for e in parts[place + 1 :]):
                self._held[id(part)] = self._temporary(value)

    def _call(self, call: CallExpr) -> Value:
        if call.analyzed is not None:
            return self._value(call.analyzed)  # `cast` and its like
        callee = call.callee.fullname if isinstance(call.callee, NameExpr) else ""
        self._value(call.callee)
        goes_through = callee in GOING_THROUGH
        self._in_order(call.args, runs_generators=goes_through)
        if ARG_STAR in call.arg_kinds:
            for argument, kind in zip(call.args, call.arg_kinds, strict=True):
                if kind == ARG_STAR:
                    self._go_through(argument)
        self._may_raise()
        if goes_through:
            for argument in call.args:
                self._go_through(argument, call)
        elif callee == "builtins.abs":
            for argument in call.args:
                self._go_through(argument, call, "abs")
        self._consume(call)
        if self._facts.rebinds(call):
            self._emit(Step(forgets=True))
        return None

    def _comparison(self, e: ComparisonExpr) -> None:
        """Add a chain of comparisons, which may end behind each but the first operand."""
        self._in_order(e.operands[:2])
        self._compare(e, 0)

    def _compare(self, e: ComparisonExpr, place: int) -> None:
        """Add one of the chain, whose operands have their steps, and those that follow."""
        self._may_raise()
        self._forget_if_run(methods_of(e.operators[place]), *e.operands[place : place + 2])
        if len(e.operands) > place + 2:
            self._branches([lambda: None, lambda: self._comparison_goes_on(e, place + 1)])

    def _comparison_goes_on(self, e: ComparisonExpr, place: int) -> None:
        self._value(e.operands[place + 1])
        self._compare(e, place)

    def _conditional(self, e: ConditionalExpr) -> Value:
        self._test(e.cond)
        found: list[Value] = []
        name = self._name_of_result()

        def branch(each: Expression) -> Callable[[], None]:
            def add() -> None:
                value = self._value(each)
                found.append(value)
                self._emit(Step(bound=name, source=value))

            return add

        constant = constant_of(e.cond)
        sides = [branch(e.if_expr), branch(e.else_expr)]
        self._branches(sides if constant is None else sides[not constant :][:1])
        return name if any(found) else None

    def _short_circuit(self, e: OpExpr) -> Value:
        name = self._name_of_result()
        left = self._test(e.left)
        self._emit(Step(bound=name, source=left))
        found = [left]

        def right() -> None:
            value = self._value(e.right)
            found.append(value)
            self._emit(Step(bound=name, source=value))

        constant = constant_of(e.left)
        goes_on = constant is not (e.op == "or")
        sides = [lambda: None, right] if constant is None else [right if goes_on else lambda: None]
        self._branches(sides)
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
        head, asked = self._begin_rounds(sequences[0])
        rounds, end = rounds_of(sequences[0]), self._new()
        again = head if rounds is None else self._new()
        self._bind(indices[0], None)
        for condition in conditions[0]:
            self._test(condition)
            self._link(again)
        if len(sequences) > 1:
            self._comprehension(sequences[1:], indices[1:], conditions[1:], results)
        else:
            for result in results:
                self._value(result)
        self._link(again)
        self._end_rounds(head, again, asked, rounds)
        self._link(end)
        self._at = end

    def _begin_rounds(self, iterable: Expression) -> tuple[Step, Step]:
        """Return where a loop asks for a round, and where it has the answer."""
        head = self._begin_loop()
        if self._facts.runs_code(iterable):
            self._may_raise()
            self._forget()
        return head, self._at or head

    def _end_rounds(self, head: Step, again: Step, asked: Step, rounds: int | None) -> None:
        """Go on where a loop ends; one whose rounds are written out runs them."""
        self._at = asked if rounds is None else again
        if rounds is not None and rounds > 1:
            self._link(head)

    def _test(self, e: Expression) -> Value:
        """Add a condition, of which Python asks whether it is true."""
        value = self._value(e)
        self._forget_if_run(TRUTH, e)
        return value

    def _defaults(self, function: FuncItem) -> None:
        """Add the defaults of a function that is made here."""
        for argument in function.arguments:
            if argument.initializer is not None:
                self._value(argument.initializer)

    # Binding --------------------------------------------------------------------------------------

    def _bind(self, target: Expression, value: Value) -> Value:
        """Bind a target, and return the name that now holds the value."""
        if isinstance(target, _ITEMISED):
            for item in target.items:
                self._bind(item, None)
            return None
        if isinstance(target, StarExpr):
            return self._bind(target.expr, None)
        name = self._name_of(target)
        if name is None:
            for part in _parts(target):
                self._value(part)
            if isinstance(target, IndexExpr):
                self._forget_if_run(SET_ITEM, target.base)
            elif isinstance(target, MemberExpr) and self._facts.runs_as_attribute(target):
                self._forget()
            return None
        self._emit(Step(bound=name, source=value))
        return name

    def _unpacked(self, e: Expression, targets: Sequence[Expression]) -> Values:
        """Add a value, by its items where it is written out and all targets take it apart."""
        if not isinstance(e, _ITEMISED) or has_star(e.items):
            return self._value(e)
        if not all(isinstance(target, _ITEMISED) for target in targets):
            return self._value(e)
        values: list[Values] = []
        for place, item in enumerate(e.items):
            inner = [part for target in targets for part in _at_place(target, place, len(e.items))]
            value = self._unpacked(item, inner)
            values.append(self._kept(value) if not isinstance(value, list) else value)
        return values

    def _assigned(self, target: Expression, value: Expression, values: Values) -> Value:
        """Bind a target to what was unpacked."""
        if not isinstance(values, list):
            if isinstance(target, _ITEMISED):
                self._go_through(value)
            return self._bind(target, values)
        assert isinstance(target, _ITEMISED)
        assert isinstance(value, _ITEMISED)
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
    if not isinstance(target, _ITEMISED):
        return []
    stars = [k for k, item in enumerate(target.items) if isinstance(item, StarExpr)]
    if not stars:
        return [target.items[place]] if len(target.items) == count else []
    if place < stars[0]:
        return [target.items[place]]
    behind = len(target.items) - (count - place)
    return [target.items[behind]] if behind > stars[0] else []


def _changes(e: Expression, name: str) -> bool:
    """Tell whether an expression may bind a name: by a walrus, or an attribute by a call."""
    if isinstance(e, AssignmentExpr):
        return True
    if "." in name and isinstance(e, _RUNNING):
        return True
    return any(_changes(part, name) for part in _parts(e))


def _parts(e: Expression) -> Sequence[Expression]:
    """Return the expressions that an expression evaluates, in order."""
    parts = _PARTS.get(type(e))
    return () if parts is None else parts(e)


def _given(parts: Iterable[Expression | None]) -> list[Expression]:
    return [part for part in parts if part is not None]


def has_star(items: Iterable[Expression]) -> bool:
    """Tell whether one of the items is starred."""
    return any(isinstance(item, StarExpr) for item in items)


_RUNNING = (CallExpr, AwaitExpr, YieldExpr, YieldFromExpr)
_PARTS: dict[type[Expression], Callable[..., Sequence[Expression]]] = {
    CallExpr: lambda e: (e.callee, *e.args),
    MemberExpr: lambda e: (e.expr,),
    StarExpr: lambda e: (e.expr,),
    UnaryExpr: lambda e: (e.expr,),
    AwaitExpr: lambda e: (e.expr,),
    YieldFromExpr: lambda e: (e.expr,),
    YieldExpr: lambda e: () if e.expr is None else (e.expr,),
    OpExpr: lambda e: (e.left, e.right),
    IndexExpr: lambda e: (e.base, e.index),
    ComparisonExpr: lambda e: e.operands,
    TupleExpr: lambda e: e.items,
    ListExpr: lambda e: e.items,
    SetExpr: lambda e: e.items,
    DictExpr: lambda e: _given(part for item in e.items for part in item),
    ConditionalExpr: lambda e: (e.cond, e.if_expr, e.else_expr),
    CastExpr: lambda e: (e.expr,),
    AssertTypeExpr: lambda e: (e.expr,),
    SliceExpr: lambda e: _given((e.begin_index, e.end_index, e.stride)),
}
_EXPRESSIONS: dict[type[Expression], Callable[..., Value]] = {
    NameExpr: Expressions._name,
    MemberExpr: Expressions._member,
    CallExpr: Expressions._call,
    OpExpr: Expressions._operation,
    UnaryExpr: Expressions._unary,
    IndexExpr: Expressions._index,
    ComparisonExpr: Expressions._comparison,
    ConditionalExpr: Expressions._conditional,
    AssignmentExpr: Expressions._walrus,
    TupleExpr: Expressions._display,
    ListExpr: Expressions._display,
    SetExpr: Expressions._display,
    DictExpr: Expressions._other,
    SliceExpr: Expressions._other,
    StarExpr: Expressions._other,
    LambdaExpr: Expressions._lambda,
    ListComprehension: Expressions._list_or_set,
    SetComprehension: Expressions._list_or_set,
    DictionaryComprehension: Expressions._dictionary,
    GeneratorExpr: Expressions._generator,
    CastExpr: Expressions._inner,
    AssertTypeExpr: Expressions._inner,
    RevealExpr: Expressions._reveal,
    YieldExpr: Expressions._suspended,
    YieldFromExpr: Expressions._suspended,
    AwaitExpr: Expressions._suspended,
}
