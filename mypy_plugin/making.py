"""How a layer was made, as far as the program shows: which dtype its parameters have.

The dtype of parameters is not part of a layer's type. A layer that is made has float32, though, and
`astype` returns a copy; so where a call can be traced back to both, the dtype is known.
"""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    FloatExpr,
    IntExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    StrExpr,
    TypeAlias,
    TypeInfo,
    Var,
)
from mypy.types import CallableType, Instance, ProperType, TypeType, get_proper_type

from mypy_plugin import names
from mypy_plugin.codec import Codec
from tensorlib.shapes.dtypes import DEFAULT_FLOAT

_DEPTH = 20


def parameters_dtype(call: Context, checker: TypeChecker, codec: Codec) -> str | None:
    """Return the dtype of the parameters of the layer that is called; None if it is not seen."""
    if not isinstance(call, CallExpr):
        return None
    callee = call.callee
    if isinstance(callee, MemberExpr) and callee.name == "forward":
        callee = callee.expr
    return _dtype(callee, checker, codec, _DEPTH)


def _dtype(expr: Expression, checker: TypeChecker, codec: Codec, depth: int) -> str | None:
    if depth == 0:
        return None
    if isinstance(expr, NameExpr) and isinstance(expr.node, Var):
        binding = codec.constants.only_binding(expr.node, checker)
        if binding is None or binding.value is None or binding.path:
            return None
        return _dtype(binding.value, checker, codec, depth - 1)
    if not isinstance(expr, CallExpr):
        return None
    callee = expr.callee
    if isinstance(callee, MemberExpr) and callee.name == "astype" and len(expr.args) == 1:
        is_module = _is_module(callee.expr, checker)
        return _named(expr.args[0], checker, codec) if is_module else None
    info = callee.node if isinstance(callee, RefExpr) else None
    if not isinstance(info, TypeInfo) or not info.fullname.startswith(names.LAYER_MODULES):
        return None  # a class of the user's may change the dtype of its layers
    members = [arg for arg in expr.args if not _is_plain(arg, checker)]
    found = {_dtype(member, checker, codec, depth - 1) for member in members}
    return found.pop() if len(found) == 1 else None if found else DEFAULT_FLOAT


def _is_module(expr: Expression, checker: TypeChecker) -> bool:
    typ = _type_of(expr, checker)
    return isinstance(typ, Instance) and typ.type.has_base(names.MODULE)


def _is_plain(expr: Expression, checker: TypeChecker) -> bool:
    """Tell whether an argument is a number, a bool or a text, and no module."""
    typ = _type_of(expr, checker)
    kinds = ("builtins.int", "builtins.float", "builtins.bool", "builtins.str")
    written = isinstance(expr, IntExpr | FloatExpr | StrExpr)
    return written or (isinstance(typ, Instance) and typ.type.fullname in kinds)


def _named(expr: Expression, checker: TypeChecker, codec: Codec) -> str | None:
    """Return the dtype that a class of NumPy's stands for."""
    node = expr.node if isinstance(expr, RefExpr) else None
    if isinstance(node, TypeAlias):
        return codec.dtype_name(node.target)
    if isinstance(node, TypeInfo) and not node.type_vars:
        return codec.dtype_name(Instance(node, []))
    typ = _type_of(expr, checker)
    if isinstance(typ, CallableType) and typ.is_type_obj():
        return codec.dtype_name(typ.ret_type)
    return codec.dtype_name(typ.item) if isinstance(typ, TypeType) else None


def _type_of(expr: Expression, checker: TypeChecker) -> ProperType | None:
    """Return the type of an expression, which may stand in a scope that is not checked anew.

    The daemon forgets the types of expressions there, but not those of names.
    """
    found = checker.lookup_type_or_none(expr)
    if found is None and isinstance(expr, RefExpr) and isinstance(expr.node, Var):
        found = expr.node.type
    return get_proper_type(found)
