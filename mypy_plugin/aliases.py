"""Aliases whose type variables stand in quotes only: ``Padded = Tensor[Shape["N + 2"]]``.

mypy reads an alias anew from its expression in every pass, and looks for its type variables before
any hook runs, outside of strings. So the names are put into the expression itself, in front of the
dimensions and marked by an impossible column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mypy.nodes import (
    AssignmentStmt,
    Expression,
    IndexExpr,
    ListExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    StarExpr,
    Statement,
    StrExpr,
    TupleExpr,
)
from mypy.typeanal import TypeAnalyser
from mypy.types import AnyType, Type, TypeOfAny, UnboundType, UnpackType, get_proper_type

from mypy_plugin.ours import parts
from mypy_plugin.statements import blocks_of

NAME = re.compile(r"[^\W\d]\w*")
_MARK_COLUMN = -2
_PENDING_COLUMN = -3
_DEPTH = 8  # a recursive alias is not followed further


def is_mark(arg: Type) -> bool:
    """Tell whether an argument of a shape is one that `name_variables` put there."""
    return (arg.type if isinstance(arg, UnpackType) else arg).column == _MARK_COLUMN


def pending() -> AnyType:
    """Return what stands for a type that a later pass tells."""
    return AnyType(TypeOfAny.special_form, column=_PENDING_COLUMN)


def is_pending(typ: Type, depth: int = 0) -> bool:
    """Tell whether a type has a part that a later pass tells."""
    proper = get_proper_type(typ)
    if isinstance(proper, AnyType):
        return proper.column == _PENDING_COLUMN
    return depth < _DEPTH and any(is_pending(part, depth + 1) for part in parts(proper))


def wait(api: TypeAnalyser) -> AnyType:
    """Have mypy look once more in its next pass.

    An alias is kept as far as it is known: mypy itself reads what stands in the brackets of one
    that it does not know, and refuses ints.
    """
    if api.allow_unbound_tvars:  # in `type X[N: int] = ...`, read as an expression beforehand
        return pending()
    if not getattr(api.api, "final_iteration", True):
        if not api.defining_alias:
            api.api.record_incomplete_ref()
        api.api.defer()
    return pending()


def name_variables(module: MypyFile, shape: UnboundType) -> None:
    """Have mypy find the type variables of a shape in an alias, in the order of their mention."""
    for found in _indexed(module.defs):
        place = (found.base.line, found.base.column)
        if place != (shape.line, shape.column):
            continue
        items = found.index.items if isinstance(found.index, TupleExpr) else [found.index]
        if any(isinstance(item, NameExpr) and item.column == _MARK_COLUMN for item in items):
            return
        marked = TupleExpr([*_marks(items), *items])
        marked.set_line(found.index)
        found.index = marked
        return


def _marks(items: Iterable[Expression]) -> Iterator[Expression]:
    for item in items:
        if isinstance(item, StrExpr):
            for name in NAME.findall(item.value):
                yield _mark(name, item)
        elif isinstance(item, NameExpr):
            yield _mark(item.name, item)
        elif isinstance(item, StarExpr) and isinstance(item.expr, NameExpr):
            starred = StarExpr(_mark(item.expr.name, item))
            starred.set_line(item)
            yield starred


def _mark(name: str, at: Expression) -> NameExpr:
    mark = NameExpr(name)
    mark.set_line(at.line, _MARK_COLUMN, at.end_line, at.end_column)
    return mark


def _indexed(scope: Iterable[Statement]) -> Iterator[IndexExpr]:
    """Go through the ``X[...]`` in what names are assigned to."""
    for statement in scope:
        if isinstance(statement, AssignmentStmt):
            yield from _indexed_in(statement.rvalue)
        for block in blocks_of(statement):
            yield from _indexed(block)


def _indexed_in(expr: Expression) -> Iterator[IndexExpr]:
    parts: Iterable[Expression] = ()
    if isinstance(expr, IndexExpr):
        yield expr
        parts = (expr.index,)
    elif isinstance(expr, TupleExpr | ListExpr):
        parts = expr.items
    elif isinstance(expr, OpExpr):
        parts = (expr.left, expr.right)
    for part in parts:
        yield from _indexed_in(part)
