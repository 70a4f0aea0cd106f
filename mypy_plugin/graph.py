"""The graph of a function's body: in which order names are bound and tapes consumed.

Only what bears on tapes becomes a step. Conditions are taken as independent of each other, apart
from those that are written as ``True`` or ``False``; every call and operator may raise, and then
has moved nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial

from mypy.nodes import (
    AssertStmt,
    AssignmentStmt,
    Block,
    BreakStmt,
    CallExpr,
    ClassDef,
    ContinueStmt,
    Decorator,
    DelStmt,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncDef,
    FuncItem,
    GlobalDecl,
    IfStmt,
    LambdaExpr,
    ListExpr,
    MatchStmt,
    NonlocalDecl,
    OperatorAssignmentStmt,
    OverloadedFuncDef,
    RaiseStmt,
    RefExpr,
    ReturnStmt,
    Statement,
    TempNode,
    TryStmt,
    TupleExpr,
    TypeInfo,
    WhileStmt,
    WithStmt,
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

from mypy_plugin.expressions import Expressions, Values, has_star
from mypy_plugin.flow import Step
from mypy_plugin.implicit import methods_of
from mypy_plugin.steps import Around, Facts, key_of
from mypy_plugin.written import constant_of, rounds_of


class Graph(Expressions):
    """The steps of a function's body.

    Args:
        facts: tells about expressions.
    """

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._loops: list[tuple[Step, Step, int]] = []

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

    # Statements ---------------------------------------------------------------------------------

    def block(self, statements: Iterable[Statement]) -> None:
        """Add statements."""
        for statement in statements:
            if self._at is None:
                return
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)

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
            value = held if not isinstance(value, list) and held is not None else value

    def _operator_assignment(self, s: OperatorAssignmentStmt) -> None:
        self._value(s.lvalue)
        self._value(s.rvalue)
        self._may_raise()
        self._consume(s)
        self._forget_if_run(methods_of(s.op), s.lvalue, s.rvalue)
        self._bind(s.lvalue, None)

    def _return(self, s: ReturnStmt) -> None:
        if s.expr is not None:
            self._value(s.expr)
        self._leave(0)
        self._link(self.exit)
        self._at = None

    def _leave(self, depth: int) -> None:
        """Run the ``finally`` blocks between here and that depth."""
        saved = self._around, self._loops
        while len(self._around) > depth:
            self._leave_one()
        self._around, self._loops = saved

    def _leave_one(self) -> Around:
        """Leave what is around, which may be a ``finally`` block to run first."""
        around, self._around = self._around[-1], self._around[:-1]
        if around.block is not None:
            self._loops = self._loops[: around.loops]
            self.block(around.block.body)
        return around

    def _raise(self, s: RaiseStmt) -> None:
        for part in (s.expr, s.from_expr):
            if part is not None:
                self._value(part)
        self._raises(None if s.expr is None else _bases(s.expr))

    def _raises(self, bases: Sequence[str] | None) -> None:
        """Go on where an exception is caught whose class has these bases, itself included."""
        if bases is None:
            self._may_raise()
            self._at = None
            return
        saved = self._around, self._loops
        while self._around and self._at is not None:
            around = self._leave_one()
            for kinds, entry in around.handlers:
                if kinds is None or any(base in kinds for base in bases):
                    self._link(entry)
                if kinds is not None and any(base in kinds for base in bases):
                    self._at = None
                    break
        self._link(self.escape)
        self._at = None
        self._around, self._loops = saved

    def _assert(self, s: AssertStmt) -> None:
        self._test(s.expr)
        holds = self._at
        if s.msg is not None:
            self._value(s.msg)
        self._raises(_ASSERTION)
        self._at = None if constant_of(s.expr) is False else holds

    def _del(self, s: DelStmt) -> None:
        targets = s.expr.items if isinstance(s.expr, TupleExpr) else [s.expr]
        for target in targets:
            self._bind(target, None)

    def _if(self, s: IfStmt) -> None:
        end = self._new()
        for condition, body in zip(s.expr, s.body, strict=True):
            self._test(condition)
            start, constant = self._at, constant_of(condition)
            if constant is not False:
                self.block(body.body)
                self._link(end)
            self._at = None if constant is True else start
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._link(end)
        self._at = end

    def _while(self, s: WhileStmt) -> None:
        head, end = self._begin_loop(), self._new()
        self._test(s.expr)
        decided, constant = self._at, constant_of(s.expr)
        if constant is not False:
            self._loop(s.body, head, end)
        self._at = None if constant is True else decided
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._link(end)
        self._at = end

    def _loop(self, body: Block, head: Step, end: Step) -> None:
        self._loops.append((head, end, len(self._around)))
        self.block(body.body)
        self._loops.pop()
        self._link(head)

    def _for(self, s: ForStmt) -> None:
        self._value(s.expr)
        self._go_through(s.expr)
        head, asked = self._begin_rounds(s.expr)
        rounds, end = rounds_of(s.expr), self._new()
        again = head if rounds is None else self._new()
        self._bind(s.index, None)
        self._loop(s.body, again, end)
        self._end_rounds(head, again, asked, rounds)
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
        final = Around(self._new(), block=s.finally_body, loops=len(self._loops))
        if s.finally_body is not None:
            self._around.append(final)
        entries = [self._new() for _ in s.handlers]
        kinds = [_ALL if kind is None else _caught(kind) for kind in s.types]
        catching = Around(self._new(), [*zip(kinds, entries, strict=True)])
        self._around.append(catching)
        self.block(s.body.body)
        self._around.pop()
        if s.else_body is not None:
            self.block(s.else_body.body)
        self._finish(s, end)
        self._catch(catching)
        for entry, name, handler in zip(entries, s.vars, s.handlers, strict=True):
            self._at = entry
            if name is not None:
                self._bind(name, None)
            self.block(handler.body)
            self._finish(s, end)
        if s.finally_body is not None:
            self._around.pop()
            self._at = final.raised
            self.block(s.finally_body.body)
            self._may_raise()
        self._at = end

    def _catch(self, catching: Around) -> None:
        """Go on with any exception: to all handlers, and around if it may be caught by none."""
        self._at = catching.raised
        for _, entry in catching.handlers:
            self._link(entry)
        named = [kinds for kinds, _ in catching.handlers if kinds is not None]
        if not any(name in kinds for kinds in named for name in _ALL):
            self._may_raise()

    def _finish(self, s: TryStmt, end: Step) -> None:
        """Run a ``finally`` block after what went well, or was handled."""
        if s.finally_body is not None:
            saved = self._around, self._loops
            self._leave_one()
            self._around, self._loops = saved
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
        if not self._facts.swallows(manager):
            self._managed(managers[1:], body)
        else:
            ended = self._new()
            catching = Around(self._new(), [(_suppressed(manager), ended)])
            self._around.append(catching)
            self._managed(managers[1:], body)
            self._around.pop()
            self._link(ended)
            self._catch(catching)
            self._at = ended
        self._emit(Step(forgets=True))

    def _match(self, s: MatchStmt) -> None:
        subject = self._subject(s.subject)
        end = self._new()
        for pattern, guard, body in zip(s.patterns, s.guards, s.bodies, strict=True):
            missed = self._new()
            if not (isinstance(pattern, AsPattern) and pattern.pattern is None):
                self._link(missed)
            self._forget_if_run(methods_of("=="), s.subject)
            self._pattern(pattern, subject)
            if guard is not None:  # what the pattern captures is bound already
                self._test(guard)
                self._link(missed)
            self.block(body.body)
            self._link(end)
            self._at = missed
        self._link(end)
        self._at = end

    def _subject(self, e: Expression) -> Values:
        """Add what is matched, by its items where it is written out."""
        if isinstance(e, TupleExpr | ListExpr) and not has_star(e.items):
            return [self._subject(item) for item in e.items]
        return self._kept(self._value(e))

    def _pattern(self, pattern: Pattern, subject: Values) -> None:
        """Bind what a pattern captures."""
        whole = None if isinstance(subject, list) else subject
        if isinstance(pattern, AsPattern):
            if pattern.pattern is not None:
                self._pattern(pattern.pattern, subject)
            if pattern.name is not None:
                self._bind(pattern.name, whole)
        elif isinstance(pattern, OrPattern):
            self._branches([partial(self._pattern, p, subject) for p in pattern.patterns])
        elif isinstance(pattern, SequencePattern):
            count = len(pattern.patterns)
            is_same = isinstance(subject, list) and len(subject) == count
            is_same &= not any(isinstance(each, StarredPattern) for each in pattern.patterns)
            items = subject if isinstance(subject, list) and is_same else [None] * count
            for item, each in zip(pattern.patterns, items, strict=True):
                self._pattern(item, each)
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
        self._defaults(function)

    def _declaration(self, s: GlobalDecl | NonlocalDecl) -> None:
        self.declared.update(s.names)

    def _class(self, s: ClassDef) -> None:
        self.block(s.defs.body)


_ALL = frozenset({"builtins.Exception", "builtins.BaseException"})
_ASSERTION = ("builtins.AssertionError", *_ALL)


def _bases(raised: Expression) -> list[str] | None:
    """Return the names of the class of an exception that is made here, and of its bases."""
    kind = raised.callee if isinstance(raised, CallExpr) else raised
    if isinstance(kind, RefExpr) and isinstance(kind.node, TypeInfo):
        return [base.fullname for base in kind.node.mro]
    return None


def _caught(kind: Expression) -> Container[str] | None:
    """Return the names of the classes that a handler names, if all are known."""
    kinds = kind.items if isinstance(kind, TupleExpr) else [kind]
    found = [each.node for each in kinds if isinstance(each, RefExpr)]
    known = [node.fullname for node in found if isinstance(node, TypeInfo)]
    return frozenset(known) if len(known) == len(kinds) else None


def _suppressed(manager: Expression) -> Container[str] | None:
    """Return the names of the classes that a context manager suppresses, if they are known."""
    if not isinstance(manager, CallExpr) or not isinstance(manager.callee, RefExpr):
        return None
    suppresses = manager.callee.fullname == "contextlib.suppress"
    return _caught(TupleExpr(manager.args)) if suppresses else None


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
    GlobalDecl: Graph._declaration,
    NonlocalDecl: Graph._declaration,
}
