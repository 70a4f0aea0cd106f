"""Conditions and loops whose course is written out in the program."""

from __future__ import annotations

from mypy.nodes import (
    CallExpr,
    Expression,
    IntExpr,
    ListExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    SetExpr,
    StarExpr,
    TupleExpr,
    UnaryExpr,
    Var,
)

_TYPE_CHECKING = ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING")


def constant_of(e: Expression) -> bool | None:
    """Return the value of a condition that is written out, or of a `Final` one."""
    if isinstance(e, NameExpr) and e.fullname in ("builtins.True", "builtins.False"):
        return e.fullname == "builtins.True"
    if isinstance(e, RefExpr) and e.fullname in _TYPE_CHECKING:
        return False  # when the program runs
    if isinstance(e, RefExpr) and isinstance(e.node, Var) and e.node.is_final:
        return e.node.final_value if isinstance(e.node.final_value, bool) else None
    if isinstance(e, IntExpr):
        return bool(e.value)
    if isinstance(e, UnaryExpr) and e.op == "not":
        inner = constant_of(e.expr)
        return None if inner is None else not inner
    if isinstance(e, OpExpr) and e.op in ("and", "or"):
        sides = (constant_of(e.left), constant_of(e.right))
        decides = e.op == "or"
        return decides if decides in sides else None if None in sides else not decides
    return None


def rounds_of(iterable: Expression) -> int | None:
    """Return how often a loop runs, if that is written out and not zero."""
    if isinstance(iterable, TupleExpr | ListExpr) or (
        isinstance(iterable, SetExpr) and len(iterable.items) == 1
    ):
        stars = any(isinstance(item, StarExpr) for item in iterable.items)
        return None if stars else len(iterable.items) or None
    if not isinstance(iterable, CallExpr) or not isinstance(iterable.callee, NameExpr):
        return None
    bounds = [each.value for each in iterable.args if isinstance(each, IntExpr)]
    if iterable.callee.fullname != "builtins.range" or len(bounds) != len(iterable.args):
        return None
    if not 1 <= len(bounds) <= 3 or 0 in bounds[2:]:
        return None
    return len(range(*bounds)) or None
