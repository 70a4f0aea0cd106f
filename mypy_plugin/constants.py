"""Constants: names that their file binds exactly once, such as ``HIDDEN = 128``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mypy.checker import TypeChecker
from mypy.nodes import (
    AssignmentStmt,
    ClassDef,
    Decorator,
    DelStmt,
    Expression,
    ForStmt,
    FuncDef,
    Import,
    ImportFrom,
    ListExpr,
    MatchStmt,
    MemberExpr,
    MypyFile,
    NameExpr,
    OperatorAssignmentStmt,
    OverloadedFuncDef,
    RefExpr,
    StarExpr,
    Statement,
    SymbolNode,
    TempNode,
    TryStmt,
    TupleExpr,
    TypeInfo,
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

from mypy_plugin import source
from mypy_plugin.statements import statements_in

_FUNCTIONS: Final = (FuncDef, OverloadedFuncDef, Decorator)


class Binding(NamedTuple):
    """What a statement binds a name to: an item of a value, or, without one, nobody knows what."""

    value: Expression | None
    path: tuple[int, ...] = ()


class Table(NamedTuple):
    """All bindings in some statements.

    Attributes:
        of: of names, by variable.
        attributes: the names of attributes that are set, on other objects than ``self``.
        members: of attributes, by name, whosever they are.
    """

    of: Mapping[SymbolNode, Sequence[Binding]]
    attributes: frozenset[str]
    members: Mapping[str, Sequence[Binding]]


class Constants:
    """Looks constants up.

    Only the file that is being checked is searched, so that the answer does not depend on what
    mypy's cache holds of other files; a constant that others import is declared ``Final``.

    Args:
        remembers: whether a file stays as it is for the whole build; in the daemon, statements
            change between two answers.
    """

    def __init__(self, *, remembers: bool) -> None:
        self._remembers = remembers
        self._last: tuple[MypyFile, Table, frozenset[str]] | None = None

    def only_binding(self, var: Var, checker: TypeChecker) -> Binding | None:
        """Return what a name is bound to that is bound once, to a value that stands there."""
        if var.info:  # in a class' body, where a name that is not always bound may be a global one
            value = body_value(var.info, var.name)
            return None if value is None else Binding(value)
        module, _, _ = var.fullname.rpartition(".")
        if module not in ("", checker.tree.fullname):  # imported, perhaps bound here again
            return None
        table, other_names = self._found(var, checker)
        bindings = table.of.get(var, ())
        if len(bindings) != 1 or var.name in other_names or bindings[0].value is None:
            return None
        return bindings[0]

    def class_constant(self, member: MemberExpr, checker: TypeChecker) -> Expression | None:
        """Return the value of ``Class.name``, set once in the class' body and nowhere else."""
        owner = member.expr.node if isinstance(member.expr, RefExpr) else None
        symbol = owner.get(member.name) if isinstance(owner, TypeInfo) else None
        if symbol is None or not isinstance(symbol.node, Var):
            return None
        info = symbol.node.info
        if not info or info.module_name != checker.tree.fullname:
            return None
        if info.is_enum or info.is_named_tuple:  # the attribute of the class is something else
            return None
        table, other_names = self._found(symbol.node, checker)
        if member.name in table.attributes or member.name in other_names:
            return None
        return body_value(info, member.name)

    def attribute(self, var: Var, checker: TypeChecker) -> Expression | None:
        """Return the value of an attribute that its file sets once: on ``self``, or in the class.

        The class may have others derived from it, elsewhere, that set it anew; but of its own
        objects it is true.
        """
        if not var.info or var.info.module_name != checker.tree.fullname:
            return None
        table, other_names = self._found(var, checker)
        bindings = table.members.get(var.name, ())
        in_class = [each for each in table.of.get(var, ()) if each not in bindings]
        only = [*bindings, *in_class]
        if len(only) != 1 or only[0].path or var.name in other_names:
            return None
        return only[0].value

    def _found(self, var: Var, checker: TypeChecker) -> tuple[Table, frozenset[str]]:
        tree = checker.tree
        if self._last is not None and self._last[0] is tree:
            return self._last[1:]
        function = checker.scope.top_level_function()
        scope: Iterable[Statement] = tree.defs
        if isinstance(function, FuncDef) and "." not in var.fullname and not self._remembers:
            scope = (function,)
        found = _table(statements_in(scope)), _imported(tree) | _with_walrus(checker.path)
        if self._remembers:
            self._last = tree, *found
        return found


def body_value(info: TypeInfo, name: str) -> Expression | None:
    """Return the value that a class' body gives a name, where it does so once and in any case."""
    values = [
        statement.rvalue if len(statement.lvalues) == 1 else None
        for statement in info.defn.defs.body
        if isinstance(statement, AssignmentStmt)
        for target in statement.lvalues
        for each in _targets(target)
        if isinstance(each.target, NameExpr) and each.target.name == name
    ]
    inside = [
        target
        for statement in info.defn.defs.body
        if not isinstance(statement, (AssignmentStmt, ClassDef, *_FUNCTIONS))
        for target in _bound_names(statement)
        if target == name
    ]
    return None if len(values) != 1 or inside or _is_absent(values[0]) else values[0]


def bound_once(statements: Iterable[Statement], path: str) -> dict[SymbolNode, Expression]:
    """Return what names are bound to that statements of a file bind once, and whole."""
    otherwise = _with_walrus(path)
    return {
        name: bindings[0].value
        for name, bindings in _table(statements).of.items()
        if len(bindings) == 1
        and bindings[0].value is not None
        and not bindings[0].path
        and name.name not in otherwise
    }


def _bound_names(statement: Statement) -> Iterator[str]:
    for target, _ in _bindings(statements_in((statement,))):
        if isinstance(target, NameExpr):
            yield target.name


def _is_absent(value: Expression | None) -> bool:
    return isinstance(value, TempNode)  # ``name: int``


def _imported(tree: MypyFile) -> frozenset[str]:
    """Return the names that imports anywhere in the file bind, too."""
    names: set[str] = set()
    for statement in tree.imports:
        if isinstance(statement, Import):
            names.update(alias or name.partition(".")[0] for name, alias in statement.ids)
        elif isinstance(statement, ImportFrom):
            names.update(alias or name for name, alias in statement.names)
        for dummy in statement.assignments:  # of names that the file binds, too
            names.update(each.name for each in dummy.lvalues if isinstance(each, NameExpr))
    return frozenset(names)


class _Everything(frozenset[str]):
    """All names there are."""

    def __contains__(self, name: object) -> bool:
        return True


def _with_walrus(path: str) -> frozenset[str]:
    """Return the names that the file may bind inside an expression, which is not searched."""
    text = source.text_of(path)
    if text is None:
        return _Everything()
    return frozenset(re.findall(r"(\w+)\s*:=", text)) if ":=" in text else frozenset()


# Going through statements -------------------------------------------------------------------------


class _Target(NamedTuple):
    target: Expression
    path: tuple[int, ...] | None


def _table(statements: Iterable[Statement]) -> Table:
    found: dict[SymbolNode, list[Binding]] = {}
    attributes: set[str] = set()
    members: dict[str, list[Binding]] = {}
    for target, binding in _bindings(statements):
        if isinstance(target, RefExpr) and target.node is not None:
            found.setdefault(target.node, []).append(binding)
        if isinstance(target, MemberExpr) and not _is_self(target.expr):
            attributes.add(target.name)
        if isinstance(target, MemberExpr):
            members.setdefault(target.name, []).append(binding)
    return Table(found, frozenset(attributes), members)


def _is_self(expr: Expression) -> bool:
    return isinstance(expr, NameExpr) and isinstance(expr.node, Var) and expr.node.is_self


def _bindings(statements: Iterable[Statement]) -> Iterator[tuple[Expression, Binding]]:
    """Go through the names and attributes that statements bind, but not those inside of them."""
    for statement in statements:
        if isinstance(statement, AssignmentStmt):
            value = None if _is_absent(statement.rvalue) else statement.rvalue
            for lvalue in statement.lvalues:
                for target, path in _targets(lvalue):
                    known = path is not None and value is not None
                    yield target, Binding(value, path or ()) if known else Binding(None)
        for bound in _otherwise_bound(statement):
            for target, _ in _targets(bound):
                yield target, Binding(None)


def _targets(lvalue: Expression | None, path: tuple[int, ...] | None = ()) -> Iterator[_Target]:
    """Go through the targets in one, each with its place in the value, if that can be told."""
    if isinstance(lvalue, NameExpr | MemberExpr):
        yield _Target(lvalue, path)
    elif isinstance(lvalue, TupleExpr | ListExpr):
        starred = [n for n, item in enumerate(lvalue.items) if isinstance(item, StarExpr)]
        for place, item in enumerate(lvalue.items):
            from_end = bool(starred) and place > starred[0]
            index = place - len(lvalue.items) if from_end else place
            yield from _targets(item, None if path is None else (*path, index))
    elif isinstance(lvalue, StarExpr):
        yield from _targets(lvalue.expr, None)


def _otherwise_bound(statement: Statement) -> Iterator[Expression | None]:
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
