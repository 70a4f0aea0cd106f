"""Loops over layers of different sizes: ``for layer in (nn.Linear(3, 4), nn.Linear(4, 5))``."""

from __future__ import annotations

from collections.abc import Callable

from mypy.checker import TypeChecker
from mypy.nodes import NameExpr, Var
from mypy.plugin import MethodContext
from mypy.types import Type, UnionType, get_proper_type


def quiet_in_turn(hook: Callable[[MethodContext], Type]) -> Callable[[MethodContext], Type]:
    """Return a hook for calls of layers that says nothing where a loop applies them in turn.

    mypy pairs each with all that the operand may be. Which meets which is known at run time only.
    """

    def tried(context: MethodContext) -> Type:
        if not _is_one_of_several(context):
            return hook(context)
        assert isinstance(context.api, TypeChecker)
        with context.api.msg.filter_errors():
            return hook(context)

    return tried


def _is_one_of_several(context: MethodContext) -> bool:
    callee = getattr(context.context, "callee", None)
    node = callee.node if isinstance(callee, NameExpr) else None
    if not isinstance(node, Var) or not node.is_index_var:
        return False
    return isinstance(get_proper_type(node.type), UnionType)
