"""The graph of a function's body: in which order names are bound and tapes consumed.

Only what bears on tapes becomes a step. Conditions are taken as independent of each other, apart
from those that are written as ``True`` or ``False``; every call and operator may raise, and then
has moved nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias

from mypy.nodes import (
    ARG_STAR,
    AssertStmt,
    AssertTypeExpr,
    AssignmentExpr,
    AssignmentStmt,
    AwaitExpr,
    Block,
    BreakStmt,
    CallExpr,
    CastExpr,
    ClassDef,
    ComparisonExpr,
    ConditionalExpr,
    Context,
    ContinueStmt,
    Decorator,
    DelStmt,
    DictExpr,
    DictionaryComprehension,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncDef,
    FuncItem,
    GeneratorExpr,
    IfStmt,
    IndexExpr,
    IntExpr,
    LambdaExpr,
    ListComprehension,
    ListExpr,
    MatchStmt,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    OverloadedFuncDef,
    RaiseStmt,
    ReturnStmt,
    RevealExpr,
    SetComprehension,
    SetExpr,
    SliceExpr,
    StarExpr,
    Statement,
    TempNode,
    TryStmt,
    TupleExpr,
    UnaryExpr,
    Var,
    WhileStmt,
    WithStmt,
    YieldExpr,
    YieldFromExpr,
)
from mypy.patterns import (
    AsPattern,
    ClassPattern,
    MappingPattern,
    OrPattern,
    Pattern,
    SequencePattern,
    StarredPattern,
)

from mypy_plugin.flow import Step

Value: TypeAlias = "str | None"
"""The name that holds what an expression gives, if one does."""
Values: TypeAlias = "Value | list[Values]"
"""The same of the items of a display."""


class Consumption(NamedTuple):
    """What one expression consumes.

    Attributes:
        op: the op's or function's name.
        operands: the expressions whose tape moves.
        names: names of other scopes that a function consumes which is called here.
        escapes: whether it may raise when it has consumed already.
    """

    op: str
    operands: Sequence[Expression] = ()
    names: Sequence[str] = ()
    escapes: bool = False


class Facts(Protocol):
    """What is known of the expressions of a module."""

    def consumed(self, place: Context) -> Consumption | None:
        """Return what an expression consumes, besides what is inside of it."""

    def is_field(self, attribute: MemberExpr) -> bool:
        """Tell whether an attribute holds the same object until it is bound again."""

    def rebinds(self, call: CallExpr) -> bool:
        """Tell whether a call may rebind attributes, and names of other scopes."""

    def is_taped(self, iterable: Expression) -> bool:
        """Tell whether this is a tensor with a tape, which going through it takes."""

    def runs_code(self, iterable: Expression) -> bool:
        """Tell whether going through it may run code that rebinds attributes."""

    def swallows(self, manager: Expression) -> bool:
        """Tell whether a context manager may end an exception."""


class Graph:
    """The steps of a function's body.

    Attributes:
        steps: all steps.
        entry: the first.
        begun: the step where the parameters are bound.
        exit: the step behind every ``return``.
        escape: the step behind every exception that leaves the function.
        lambdas: the lambdas in the body, which are no part of the graph.

    Args:
        facts: tells about expressions.
    """

    def __init__(self, facts: Facts) -> None:
        self.steps: list[Step] = []
        self.entry = self._new()
        self.begun = self._new()
        self.exit = self._new()
        self.escape = self._new()
        self.lambdas: list[LambdaExpr] = []
        self._facts = facts
        self._at: Step | None = self.entry
        self._raised: list[Step] = []
        self._finally: list[tuple[Block | None, int, int]] = []
        self._loops: list[tuple[Step, Step, int]] = []
        self._temporaries = 0
        self._held: dict[int, str] = {}  # by the id of an expression: the name that holds its value

    # Whole bodies -------------------------------------------------------------------------------

    def function(self, function: FuncItem) -> None:
        """Add a function: its parameters are bound, then its body runs."""
        for argument in function.arguments:
            self._emit(Step(bound=key_of(argument.variable)))
        self._begin()
        if isinstance(function, LambdaExpr):
            self._value(function.expr())
        else:
            self.block(function.body.body)
        self._link(self.exit)

    def module(self, statements: Sequence[Statement]) -> None:
        """Add the statements of a module."""
        self._begin()
        self.block(statements)
        self._link(self.exit)

    def _begin(self) -> None:
        self._link(self.begun)
        self._at = self.begun

    def keep(self, names: Iterable[str]) -> dict[str, str]:
        """Return further names for what these names hold when the body begins."""
        kept = {name: f"<{name}>" for name in names}
        for name, other in kept.items():
            step = self._new(Step(bound=other, source=name, next=self.begun.next))
            self.begun.next = [step]
        return kept

    # Steps --------------------------------------------------------------------------------------

    def _new(self, step: Step | None = None) -> Step:
        made = Step() if step is None else step
        self.steps.append(made)
        return made

    def _emit(self, step: Step) -> None:
        self._link(self._new(step))
        if self._at is not None:
            self._at = step

    def _link(self, target: Step) -> None:
        if self._at is not None and target not in self._at.next:
            self._at.next.append(target)

    def _may_raise(self) -> None:
        self._link(self._raised[-1] if self._raised else self.escape)

    def _branches(self, branches: Iterable[Callable[[], None]]) -> None:
        """Go on behind whichever of these ran."""
        start, end = self._at, self._new()
        for branch in branches:
            self._at = start
            branch()
            self._link(end)
        self._at = end if start is not None else None

    def _consume(self, place: Context) -> None:
        found = self._facts.consumed(place)
        if found is None:
            return
        names = [key for operand in found.operands if (key := self._held.get(id(operand)))]
        consumed = tuple(dict.fromkeys((*names, *found.names)))
        if consumed:
            self._emit(Step(consumed=consumed, place=place, op=found.op))
            if found.escapes:
                self._may_raise()

    def _go_through(
        self, iterable: Expression, place: Context | None = None, op: str = "iter"
    ) -> None:
        """Take the tape of a tensor whose rows are gone through."""
        name = self._held.get(id(iterable))
        if name is not None and self._facts.is_taped(iterable):
            self._may_raise()
            self._emit(Step(consumed=(name,), place=place or iterable, op=op))

    # Statements ---------------------------------------------------------------------------------

    def block(self, statements: Iterable[Statement]) -> None:
        """Add statements."""
        for statement in statements:
            if self._at is None:
                return
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)

    def _body(self, block: Block | None) -> Callable[[], None]:
        return lambda: self.block(() if block is None else block.body)

    def _expression_statement(self, s: ExpressionStmt) -> None:
        self._value(s.expr)

    def _assignment(self, s: AssignmentStmt) -> None:
        if s.is_alias_def:
            return
        if isinstance(s.rvalue, TempNode):  # an annotation alone
            return
        value = self._unpacked(s.rvalue, s.lvalues)
        for lvalue in s.lvalues:
            held = self._assigned(lvalue, s.rvalue, value)
            value = held if isinstance(value, str | None) and held is not None else value

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

    def _temporary(self, source: str) -> str:
        name = self._name_of_result() + plain_name(source)
        self._emit(Step(bound=name, source=source))
        return name

    def _operator_assignment(self, s: OperatorAssignmentStmt) -> None:
        self._value(s.lvalue)
        self._value(s.rvalue)
        self._may_raise()
        self._consume(s)
        self._bind(s.lvalue, None)

    def _return(self, s: ReturnStmt) -> None:
        if s.expr is not None:
            self._value(s.expr)
        self._leave(0)
        self._link(self.exit)
        self._at = None

    def _leave(self, depth: int) -> None:
        """Run the ``finally`` blocks between here and that depth."""
        saved = self._finally
        while len(self._finally) > depth and self._at is not None:
            block, raised, loops = self._finally[-1]
            self._finally = self._finally[:-1]
            if block is not None:
                outer = self._raised, self._loops
                self._raised, self._loops = self._raised[:raised], self._loops[:loops]
                self.block(block.body)
                self._raised, self._loops = outer
        self._finally = saved

    def _raise(self, s: RaiseStmt) -> None:
        for part in (s.expr, s.from_expr):
            if part is not None:
                self._value(part)
        self._may_raise()
        self._at = None

    def _assert(self, s: AssertStmt) -> None:
        self._value(s.expr)
        holds = self._at
        if s.msg is not None:
            self._value(s.msg)
        self._may_raise()
        self._at = None if _constant(s.expr) is False else holds

    def _del(self, s: DelStmt) -> None:
        targets = s.expr.items if isinstance(s.expr, TupleExpr) else [s.expr]
        for target in targets:
            self._bind(target, None)

    def _if(self, s: IfStmt) -> None:
        end = self._new()
        for condition, body in zip(s.expr, s.body, strict=True):
            self._value(condition)
            start, constant = self._at, _constant(condition)
            if constant is not False:
                self.block(body.body)
                self._link(end)
            self._at = None if constant is True else start
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._link(end)
        self._at = end

    def _while(self, s: WhileStmt) -> None:
        head, end = self._new(), self._new()
        self._link(head)
        self._at = head
        self._value(s.expr)
        decided, constant = self._at, _constant(s.expr)
        if constant is not False:
            self._loop(s.body, head, end)
        self._at = None if constant is True else decided
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._link(end)
        self._at = end

    def _loop(self, body: Block, head: Step, end: Step) -> None:
        self._loops.append((head, end, len(self._finally)))
        self.block(body.body)
        self._loops.pop()
        self._link(head)

    def _for(self, s: ForStmt) -> None:
        self._value(s.expr)
        self._go_through(s.expr)
        head, end = self._new(), self._new()
        self._link(head)
        self._at = head
        if self._facts.runs_code(s.expr):
            self._may_raise()
            self._emit(Step(forgets=True))
        self._bind(s.index, None)
        self._loop(s.body, head, end)
        self._at = head
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._link(end)
        self._at = end

    def _break(self, s: BreakStmt) -> None:
        _, end, depth = self._loops[-1]
        self._leave(depth)
        self._link(end)
        self._at = None

    def _continue(self, s: ContinueStmt) -> None:
        head, _, depth = self._loops[-1]
        self._leave(depth)
        self._link(head)
        self._at = None

    def _try(self, s: TryStmt) -> None:
        end = self._new()
        raised = self._new()
        self._finally.append((s.finally_body, len(self._raised), len(self._loops)))
        failing = self._new() if s.finally_body is not None else None
        if failing is not None:
            self._raised.append(failing)
        self._raised.append(raised)
        self.block(s.body.body)
        self._raised.pop()
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._finish(s.finally_body, end)
        self._at = raised
        caught = False
        for kind, name, handler in zip(s.types, s.vars, s.handlers, strict=True):
            self._at = raised
            if name is not None:
                self._bind(name, None)
            self.block(handler.body)
            self._finish(s.finally_body, end)
            caught = caught or kind is None or _catches_all(kind)
        if not caught:
            self._at = raised
            self._may_raise()
        if failing is not None:
            self._raised.pop()
        self._finally.pop()
        if failing is not None and s.finally_body is not None:
            self._at = failing
            self.block(s.finally_body.body)
            self._may_raise()
        self._at = end

    def _finish(self, block: Block | None, end: Step) -> None:
        """Run a ``finally`` block after what went well, or was handled."""
        if block is not None:
            saved_raised, saved_finally = self._raised, self._finally
            self._raised, self._finally = self._raised[:-1], self._finally[:-1]
            self.block(block.body)
            self._raised, self._finally = saved_raised, saved_finally
        self._link(end)

    def _with(self, s: WithStmt) -> None:
        self._managed([*zip(s.expr, s.target, strict=True)], s.body)

    def _managed(
        self, managers: Sequence[tuple[Expression, Expression | None]], body: Block
    ) -> None:
        if not managers:
            self.block(body.body)
            return
        manager, target = managers[0]
        self._value(manager)
        self._may_raise()
        self._emit(Step(forgets=True))
        if target is not None:
            self._bind(target, None)
        ended = self._new() if self._facts.swallows(manager) else None
        if ended is not None:
            self._raised.append(ended)
        self._managed(managers[1:], body)
        if ended is not None:
            self._raised.pop()
            self._link(ended)
            self._at = ended
        self._emit(Step(forgets=True))

    def _match(self, s: MatchStmt) -> None:
        subject = self._value(s.subject)
        end = self._new()
        for pattern, guard, body in zip(s.patterns, s.guards, s.bodies, strict=True):
            start = self._at
            self._pattern(pattern, subject)
            if guard is not None:
                self._value(guard)
            refused = self._at
            self.block(body.body)
            self._link(end)
            irrefutable = guard is None and isinstance(pattern, AsPattern) and not pattern.pattern
            joined = self._new()
            if not irrefutable:
                for before in (start, refused if guard is not None else None):
                    self._at = before
                    self._link(joined)
            self._at = None if irrefutable else joined
        self._link(end)
        self._at = end

    def _pattern(self, pattern: Pattern, subject: Value) -> None:
        """Bind what a pattern captures."""
        if isinstance(pattern, AsPattern):
            if pattern.pattern is not None:
                self._pattern(pattern.pattern, subject)
            if pattern.name is not None:
                self._bind(pattern.name, subject)
        elif isinstance(pattern, OrPattern):
            self._branches([partial(self._pattern, p, subject) for p in pattern.patterns])
        elif isinstance(pattern, SequencePattern):
            for item in pattern.patterns:
                self._pattern(item, None)
        elif isinstance(pattern, StarredPattern) and pattern.capture is not None:
            self._bind(pattern.capture, None)
        elif isinstance(pattern, MappingPattern):
            for item in pattern.values:
                self._pattern(item, None)
            if pattern.rest is not None:
                self._bind(pattern.rest, None)
        elif isinstance(pattern, ClassPattern):
            for item in (*pattern.positionals, *pattern.keyword_values):
                self._pattern(item, None)

    def _inner_function(self, s: FuncDef | Decorator | OverloadedFuncDef) -> None:
        if isinstance(s, OverloadedFuncDef):
            for item in s.items:
                self._inner_function(item)
            return
        if isinstance(s, Decorator):
            for decorator in s.original_decorators:
                self._value(decorator)
        function = s.func if isinstance(s, Decorator) else s
        for argument in function.arguments:
            if argument.initializer is not None:
                self._value(argument.initializer)

    def _class(self, s: ClassDef) -> None:
        self.block(s.defs.body)

    # Binding ------------------------------------------------------------------------------------

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

    def _name_of(self, e: Expression) -> str | None:
        """Return the key of a name, or of an attribute of one."""
        if isinstance(e, NameExpr):
            return key_of(e.node) if isinstance(e.node, Var) else None
        if isinstance(e, MemberExpr):
            owner = self._name_of(e.expr)
            if owner is not None and self._facts.is_field(e):
                return f"{owner}.{e.name}"
        return None

    # Expressions --------------------------------------------------------------------------------

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
        if _goes_through(call):
            for argument in call.args:
                self._go_through(argument, call)
        if isinstance(call.callee, NameExpr) and call.callee.fullname == "builtins.abs":
            for argument in call.args:
                self._go_through(argument, call, "abs")
        self._may_raise()
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

    def _name_of_result(self) -> str:
        self._temporaries += 1
        return f"<{self._temporaries}>"

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


def key_of(variable: Var) -> str:
    """Return the key of a variable, which differs from those of the same name elsewhere."""
    return f"{variable.name}#{id(variable)}"


def plain_name(key: str) -> str:
    """Return a key as it is written in the program: ``h`` or ``self.h``."""
    first, *rest = key.rpartition(">")[2].split(".")
    return ".".join([first.split("#")[0].rstrip("'"), *rest])


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


def _constant(e: Expression) -> bool | None:
    """Return the value of a condition that is written out."""
    if isinstance(e, NameExpr) and e.fullname in ("builtins.True", "builtins.False"):
        return e.fullname == "builtins.True"
    if isinstance(e, IntExpr):
        return bool(e.value)
    if isinstance(e, UnaryExpr) and e.op == "not":
        inner = _constant(e.expr)
        return None if inner is None else not inner
    return None


def _catches_all(kind: Expression) -> bool:
    names = ("builtins.Exception", "builtins.BaseException")
    return isinstance(kind, NameExpr) and kind.fullname in names


_GOING_THROUGH = frozenset(
    f"builtins.{name}"
    for name in (
        "all",
        "any",
        "enumerate",
        "frozenset",
        "iter",
        "list",
        "set",
        "sum",
        "tuple",
        "zip",
    )
)

_STATEMENTS: dict[type[Statement], Callable[..., None]] = {
    ExpressionStmt: Graph._expression_statement,
    AssignmentStmt: Graph._assignment,
    OperatorAssignmentStmt: Graph._operator_assignment,
    ReturnStmt: Graph._return,
    RaiseStmt: Graph._raise,
    AssertStmt: Graph._assert,
    DelStmt: Graph._del,
    IfStmt: Graph._if,
    WhileStmt: Graph._while,
    ForStmt: Graph._for,
    BreakStmt: Graph._break,
    ContinueStmt: Graph._continue,
    TryStmt: Graph._try,
    WithStmt: Graph._with,
    MatchStmt: Graph._match,
    FuncDef: Graph._inner_function,
    Decorator: Graph._inner_function,
    OverloadedFuncDef: Graph._inner_function,
    ClassDef: Graph._class,
}
