"""Arguments of ops that mypy itself reports, so that nothing else is said of the call."""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.erasetype import erase_typevars
from mypy.nodes import CallExpr
from mypy.plugin import FunctionContext, MethodContext
from mypy.subtypes import is_subtype
from mypy.types import CallableType, get_proper_type

from tensorlib.shapes.registry import Rule


def has_misfit(context: FunctionContext | MethodContext, rule: Rule) -> bool:
    """Tell whether an argument that is no tensor is of another type than declared."""
    call, api = context.context, context.api
    if not isinstance(call, CallExpr):  # of an operator's operands the rule alone tells
        return False
    assert isinstance(api, TypeChecker)
    callee = get_proper_type(api.lookup_type_or_none(call.callee))
    if not isinstance(callee, CallableType):
        return False
    declared = dict(zip(callee.arg_names, callee.arg_types, strict=True))
    plain = [
        name
        for name, parameter in rule.parameters.items()
        if not parameter.is_tensor and not parameter.is_group
    ]
    return any(
        name in plain
        and name in declared
        and not all(is_subtype(typ, erase_typevars(declared[name])) for typ in types)
        for name, types in zip(context.callee_arg_names, context.arg_types, strict=True)
    )
