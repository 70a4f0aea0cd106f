"""Constants: names that their file assigns exactly once, such as ``HIDDEN = 128``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mypy.checker import TypeChecker
from mypy.nodes import (
    AssignmentStmt,
    DelStmt,
    Expression,
    ForStmt,
    FuncDef,
    ListExpr,
    MatchStmt,
    NameExpr,
    OperatorAssignmentStmt,
    StarExpr,
    Statement,
    TryStmt,
    TupleExpr,
    Var,
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

from mypy_plugin.statements import blocks_of


def only_value(var: Var, checker: TypeChecker) -> Expression | None:
    """Return the value of a name that is bound once, by ``name = value``, else None.

    Only the file that is being checked is searched, so that the answer does not depend on what
    mypy's cache holds of other files; a constant that others import is declared ``Final``.
    """
    if var.fullname == f"{checker.tree.fullname}.{var.name}":
        scope: Iterable[Statement] = checker.tree.defs
    else:
        function = checker.scope.top_level_function()
        if not isinstance(function, FuncDef):
            return None
        scope = (function,)
    bindings = [value for target, value in _bindings(scope) if target.node is var]
    if len(bindings) != 1 or _has_walrus(var.name, checker.path):
        return None
    return bindings[0]


def _has_walrus(name: str, path: str) -> bool:
    """Tell whether the file may bind the name inside an expression, which is not searched."""
    try:
        source = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    return re.search(rf"\b{re.escape(name)}\s*:=", source) is not None


def _bindings(scope: Iterable[Statement]) -> Iterator[tuple[NameExpr, Expression | None]]:
    """Go through the names that statements bind, with the value of a plain assignment."""
    for statement in scope:
        if isinstance(statement, AssignmentStmt):
            for target in statement.lvalues:
                plain = isinstance(target, NameExpr)
                for name in _names(target):
                    yield name, statement.rvalue if plain else None
        for bound in _targets(statement):
            for name in _names(bound):
                yield name, None
        for block in blocks_of(statement):
            yield from _bindings(block)


def _names(target: Expression | None) -> Iterator[NameExpr]:
    if isinstance(target, NameExpr):
        yield target
    elif isinstance(target, TupleExpr | ListExpr):
        for item in target.items:
            yield from _names(item)
    elif isinstance(target, StarExpr):
        yield from _names(target.expr)


def _targets(statement: Statement) -> Iterator[Expression | None]:
    """Go through what a statement other than a plain assignment binds."""
    if isinstance(statement, OperatorAssignmentStmt):
        yield statement.lvalue
    elif isinstance(statement, ForStmt):
        yield statement.index
    elif isinstance(statement, WithStmt):
        yield from statement.target
    elif isinstance(statement, TryStmt):
        yield from statement.vars
    elif isinstance(statement, DelStmt):
        yield statement.expr
    elif isinstance(statement, MatchStmt):
        for pattern in statement.patterns:
            yield from _captures(pattern)
    elif isinstance(statement, FuncDef):
        for argument in statement.arguments:
            name = NameExpr(argument.variable.name)
            name.node = argument.variable
            yield name


def _captures(pattern: Pattern | None) -> Iterator[Expression | None]:
    if isinstance(pattern, AsPattern):
        yield pattern.name
        yield from _captures(pattern.pattern)
    elif isinstance(pattern, StarredPattern):
        yield pattern.capture
    elif isinstance(pattern, MappingPattern):
        yield pattern.rest
        for value in pattern.values:
            yield from _captures(value)
    elif isinstance(pattern, OrPattern | SequencePattern):
        for part in pattern.patterns:
            yield from _captures(part)
    elif isinstance(pattern, ClassPattern):
        for part in (*pattern.positionals, *pattern.keyword_values):
            yield from _captures(part)
