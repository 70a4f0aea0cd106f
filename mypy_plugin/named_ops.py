"""Ops under names of the user's: ``criterion = losses.cross_entropy``, ``self.loss = ...``."""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.nodes import CallExpr, Expression, MemberExpr, NameExpr, RefExpr, TypeInfo, Var
from mypy.plugin import FunctionContext, FunctionSigContext, MethodContext, MethodSigContext
from mypy.types import FunctionLike, Instance, get_proper_type

from mypy_plugin import names
from mypy_plugin.codec import Codec
from tensorlib.shapes import registry
from tensorlib.shapes.registry import Rule


def op_rule(fullname: str) -> Rule | None:
    """Return the rule of the op that a function of this name is, if it is one."""
    for module, prefix in names.OP_MODULES.items():
        if fullname.startswith(module):
            return registry.find(prefix + fullname.rpartition(".")[2])
    return registry.find_outside(fullname)


def op_behind(
    context: FunctionContext | FunctionSigContext | MethodContext | MethodSigContext, codec: Codec
) -> Rule | None:
    """Return the rule of the op that is called by a name or an attribute that is set once."""
    callee = getattr(context.context, "callee", None)
    assert isinstance(context.api, TypeChecker)
    value: Expression | None = None
    if isinstance(callee, NameExpr) and isinstance(callee.node, Var):
        binding = codec.constants.only_binding(callee.node, context.api)
        value = None if binding is None or binding.path else binding.value
    elif isinstance(callee, MemberExpr) and isinstance(context, MethodContext | MethodSigContext):
        owner = get_proper_type(context.type)
        found = owner.type.get(callee.name) if isinstance(owner, Instance) else None
        if found is not None and isinstance(found.node, Var):
            value = codec.constants.attribute(found.node, context.api)
    if isinstance(value, CallExpr) and _is_static(value):
        value = value.args[0]
    return op_rule(value.fullname) if isinstance(value, RefExpr) else None


def is_attribute(owner: TypeInfo | None, name: str) -> bool:
    """Tell whether an attribute of a class of the user's holds a function."""
    if owner is None or owner.has_base(names.TENSOR):
        return False
    found = owner.get(name)
    node = None if found is None else found.node
    holds = get_proper_type(node.type) if isinstance(node, Var) else None
    return isinstance(holds, FunctionLike)


def _is_static(call: CallExpr) -> bool:
    """Tell whether this is how a function becomes an attribute of a class: ``staticmethod(f)``."""
    name = call.callee.fullname if isinstance(call.callee, RefExpr) else ""
    return name == "builtins.staticmethod" and len(call.args) == 1


def as_function(context: MethodContext) -> FunctionContext:
    """Return the call of an attribute as that of a function, which gets no ``self``."""
    return FunctionContext(*context[1:])
