"""Walking through the statements of a file: mypy's own traverser cannot be extended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mypy.nodes import (
    Block,
    ClassDef,
    Decorator,
    ForStmt,
    FuncDef,
    IfStmt,
    MatchStmt,
    OverloadedFuncDef,
    Statement,
    TryStmt,
    WhileStmt,
    WithStmt,
)


def functions_in(scope: Iterable[Statement]) -> Iterator[FuncDef]:
    """Go through all functions, methods and nested functions."""
    for statement in scope:
        if isinstance(statement, FuncDef):
            yield statement
        for block in blocks_of(statement):
            yield from functions_in(block)


def blocks_of(statement: Statement) -> Iterator[Iterable[Statement]]:
    """Go through the statements that stand inside a statement."""
    found: list[Block | None] = []
    if isinstance(statement, Block):
        yield statement.body
    elif isinstance(statement, IfStmt):
        found = [*statement.body, statement.else_body]
    elif isinstance(statement, WhileStmt | ForStmt):
        found = [statement.body, statement.else_body]
    elif isinstance(statement, WithStmt | FuncDef):
        found = [statement.body]
    elif isinstance(statement, TryStmt):
        found = [
            statement.body,
            *statement.handlers,
            statement.else_body,
            statement.finally_body,
        ]
    elif isinstance(statement, MatchStmt):
        found = [*statement.bodies]
    elif isinstance(statement, ClassDef):
        found = [statement.defs]
    elif isinstance(statement, Decorator):
        yield (statement.func,)
    elif isinstance(statement, OverloadedFuncDef):
        yield statement.items
        if statement.impl is not None and statement.impl not in statement.items:
            yield (statement.impl,)
    for block in found:
        if block is not None:
            yield block.body
