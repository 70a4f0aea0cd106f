"""Losses that depend on an op whose tape is for certain another one: `backward` would refuse them.

That comes of using a value by its `with_empty_tape` only. A loss is followed back to where its tape
began, through ops, the library's layers, and names that are bound once. Of anything else it is not
known what the result depends on, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import NamedTuple

from mypy.checker import TypeChecker
from mypy.nodes import (
    AssignmentStmt,
    CallExpr,
    Expression,
    ExpressionStmt,
    FuncDef,
    MemberExpr,
    NameExpr,
    OpExpr,
    ReturnStmt,
    Statement,
    SymbolNode,
)
from mypy.types import AnyType, Instance, TupleType, Type, TypeVarLikeType, get_proper_type

from mypy_plugin import names, source
from mypy_plugin.codec import Codec
from mypy_plugin.constants import bound_once
from mypy_plugin.notes import Position, Taken, at_places, operands_of, taken_by
from mypy_plugin.statements import outermost_functions, statements_in
from tensorlib.shapes.dtypes import FLOATS

_STARTS = ("traced", "trace")
_ENDS = ("backward", "split_tape", "put_tape")
"""Ops whose results are no tensors made of the operand."""


class Unmerged(NamedTuple):
    """A call of `backward`, and the op whose tape is missing there."""

    backward: CallExpr
    op: Expression


class _History(NamedTuple):
    """What a value with a tape depends on.

    Attributes:
        made_by: the op whose result it is; None if `traced` made it.
        needed: ops whose results it depends on without their history.
        held: the ops on its tape.
    """

    made_by: Expression | None = None
    needed: frozenset[Expression] = frozenset()
    held: frozenset[Expression] = frozenset()


def unmerged(
    api: TypeChecker,
    taken: Mapping[Position, Taken],
    known: MutableMapping[int, Type],
    codec: Codec,
) -> Iterator[Unmerged]:
    """Go through the calls of `backward` in a module that cannot but fail.

    Args:
        api: knows the module, and types.
        taken: what each expression takes.
        known: types of expressions; in the daemon, mypy forgets them between two checks.
        codec: knows tensors.
    """
    marked = source.lines_with(api.path, "with_empty_tape")
    statements = [*_bearing(api.tree.defs, marked)] if marked else []
    losses = [*_losses(statements)]
    if not losses:
        return
    if source.has_declarations(api.path):  # other functions may bind what these use
        statements = [*statements_in(api.tree.defs)]
    histories = _Histories(api, taken, known, codec, bound_once(statements, api.path))
    for backward, loss in losses:
        missing = histories.missing(loss)
        if missing:
            yield Unmerged(backward, min(missing, key=lambda op: (op.line, op.column)))


def _bearing(scope: Iterable[Statement], marked: Iterable[int]) -> Iterator[Statement]:
    """Go through the statements that a loss and its history may stand in.

    What a function names is bound in it, in those around it, or outside of all. So what stands in
    a function without `with_empty_tape` is of no account, unless that stands outside of all.
    """
    functions = [*outermost_functions(scope)]
    holders = {_function_at(line, functions) for line in marked}
    apart = () if None in holders else {*functions} - holders
    return statements_in(scope, without=apart)


def _function_at(line: int, functions: Iterable[FuncDef]) -> FuncDef | None:
    spans = ((each, each.line, each.end_line or each.line) for each in functions)
    return next((function for function, first, last in spans if first <= line <= last), None)


def _losses(statements: Iterable[Statement]) -> Iterator[tuple[CallExpr, Expression]]:
    """Go through the calls of `backward` in statements, each with what may be a loss."""
    for statement in statements:
        if isinstance(statement, ExpressionStmt | ReturnStmt) and statement.expr is not None:
            yield from _losses_in(statement.expr)
        elif isinstance(statement, AssignmentStmt):
            yield from _losses_in(statement.rvalue)


def _losses_in(expr: Expression) -> Iterator[tuple[CallExpr, Expression]]:
    if isinstance(expr, MemberExpr):
        yield from _losses_in(expr.expr)
    elif isinstance(expr, OpExpr):
        yield from _losses_in(expr.left)
        yield from _losses_in(expr.right)
    elif isinstance(expr, CallExpr):
        for part in (expr.callee, *expr.args):
            yield from _losses_in(part)
        if isinstance(expr.callee, MemberExpr) and expr.callee.name == "backward":
            yield expr, expr.callee.expr


class _Histories:
    """The histories of the values in a module.

    Args:
        api: knows the module, and types.
        taken: what each expression takes.
        known: types of expressions; in the daemon, mypy forgets them between two checks.
        codec: knows tensors.
        values: what names are bound to that are bound once.
    """

    def __init__(
        self,
        api: TypeChecker,
        taken: Mapping[Position, Taken],
        known: MutableMapping[int, Type],
        codec: Codec,
        values: Mapping[SymbolNode, Expression],
    ) -> None:
        self._api = api
        self._taken = taken
        self._known = known
        self._codec = codec
        self._values = values
        self._found: dict[Expression, _History | None] = {}
        for value in self._values.values():  # in order: a long chain is not gone down from its end
            self._of(value)

    def missing(self, value: Expression) -> frozenset[Expression]:
        """Return the ops that a value depends on for certain, and that are not on its tape."""
        history = self._of(value)
        return frozenset() if history is None else history.needed - history.held

    def _of(self, expr: Expression) -> _History | None:
        """Return the history of a value, or None if it is not known."""
        if expr not in self._found:
            self._found[expr] = None  # while it is looked for, in `h = h + x` of a loop
            self._found[expr] = self._looked_for(expr)
        return self._found[expr]

    def _looked_for(self, expr: Expression) -> _History | None:
        if isinstance(expr, NameExpr):
            value = None if expr.node is None else self._values.get(expr.node)
            return None if value is None else self._of(value)
        if isinstance(expr, CallExpr) and isinstance(expr.callee, MemberExpr):
            if expr.callee.name in _STARTS:
                return _History() if self._has_gradient(expr) else None
            if expr.callee.name == "with_empty_tape":
                return self._with_empty_tape(expr.callee.expr)
        return self._result(expr)

    def _with_empty_tape(self, expr: Expression) -> _History | None:
        value = self._of(expr)
        if value is None or value.made_by is None:
            return value  # of a leaf, the new tape knows all there is
        return _History(value.made_by, frozenset((value.made_by,)))

    def _result(self, expr: Expression) -> _History | None:
        taken = taken_by(self._taken, expr)
        if taken is None or taken.function is not None or taken.op in _ENDS:
            return None
        if isinstance(expr, CallExpr) and not self._is_understood(expr.callee):
            return None
        found = [self._of(each) for each in at_places(operands_of(expr), taken.operands)]
        known = [history for history in found if history is not None]
        if not known or len(known) < len(found):
            return None
        needed = frozenset[Expression]().union(*(history.needed for history in known))
        held = frozenset((expr,)).union(*(history.held for history in known))
        return _History(expr, needed, held)

    def _type_of(self, expr: Expression) -> Type | None:
        found = self._api.lookup_type_or_none(expr) or self._known.get(id(expr))
        if found is not None:
            self._known[id(expr)] = found
        return found

    def _has_gradient(self, traced: Expression) -> bool:
        typ = self._type_of(traced)
        tensor = None if typ is None else self._codec.tensor(typ)
        return tensor is not None and self._codec.dtype_name(tensor.dtype) in FLOATS

    def _is_understood(self, callee: Expression) -> bool:
        """Tell whether a callee is an op, or a layer of which all parts are the library's."""
        typ = get_proper_type(self._type_of(callee))
        if not isinstance(typ, Instance) or not typ.type.has_base(names.MODULE):
            return True
        return _is_of_library(typ)


def _is_of_library(typ: Type) -> bool:
    proper = get_proper_type(typ)
    if isinstance(proper, TupleType):
        return all(map(_is_of_library, proper.items))
    if isinstance(proper, AnyType | TypeVarLikeType):
        return False  # perhaps a module of the user's, which may do anything
    if not isinstance(proper, Instance) or not proper.type.has_base(names.MODULE):
        return True
    parts = proper.args if proper.type.has_base(names.CONTAINER) else ()
    return proper.type.fullname.startswith(names.LAYER_MODULES) and all(map(_is_of_library, parts))
