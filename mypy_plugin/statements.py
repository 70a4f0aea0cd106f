"""Walking through the statements of a file: mypy's own traverser cannot be extended."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence

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


def statements_in(
    scope: Iterable[Statement], *, without: Container[Statement] = ()
) -> Iterator[Statement]:
    """Go through statements and all that stand inside of them, but not inside of some."""
    for statement in scope:
        if statement not in without:
            yield statement
            for block in blocks_of(statement):
                yield from statements_in(block, without=without)


def functions_in(scope: Iterable[Statement]) -> Iterator[FuncDef]:
    """Go through all functions, methods and nested functions."""
    for statement in scope:
        if isinstance(statement, FuncDef):
            yield statement
        for block in blocks_of(statement):
            yield from functions_in(block)


def outermost_functions(scope: Iterable[Statement]) -> Iterator[FuncDef]:
    """Go through all functions and methods, but not those inside of others."""
    for statement in scope:
        if isinstance(statement, FuncDef):
            yield statement
        else:
            for block in blocks_of(statement):
                yield from outermost_functions(block)


def blocks_of(statement: Statement) -> Sequence[Sequence[Statement]]:
    """Return the statements that stand inside a statement, block by block."""
    inner = _BLOCKS.get(type(statement))
    return () if inner is None else inner(statement)


def _overloads(s: OverloadedFuncDef) -> list[Sequence[Statement]]:
    return [s.items] if s.impl is None or s.impl in s.items else [s.items, [s.impl]]


def _bodies(*blocks: Block | None) -> list[Sequence[Statement]]:
    return [block.body for block in blocks if block is not None]


_BLOCKS: dict[type[Statement], Callable[..., Sequence[Sequence[Statement]]]] = {
    Block: _bodies,
    IfStmt: lambda s: _bodies(*s.body, s.else_body),
    WhileStmt: lambda s: _bodies(s.body, s.else_body),
    ForStmt: lambda s: _bodies(s.body, s.else_body),
    WithStmt: lambda s: _bodies(s.body),
    TryStmt: lambda s: _bodies(s.body, *s.handlers, s.else_body, s.finally_body),
    MatchStmt: lambda s: _bodies(*s.bodies),
    FuncDef: lambda s: _bodies(s.body),
    ClassDef: lambda s: _bodies(s.defs),
    Decorator: lambda s: [[s.func]],
    OverloadedFuncDef: _overloads,
}
