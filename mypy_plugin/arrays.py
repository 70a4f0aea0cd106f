"""NumPy's arrays, and where NumPy's own types are wrong about them."""

from __future__ import annotations

from mypy.nodes import (
    CallExpr,
    ConditionalExpr,
    Expression,
    IndexExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    TypeAlias,
    TypeInfo,
    UnaryExpr,
    Var,
)
from mypy.types import Instance, Type, get_proper_type

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.values import Values

_DEPTH = 20
_WHOLE = ("int64", "int32", "bool")


def dtype_of(array: Type, codec: Codec) -> str | None:
    """Name the dtype of an array, as far as its type says it."""
    proper = get_proper_type(array)
    if not isinstance(proper, Instance) or not _is_array(proper):
        return None
    dtype = get_proper_type(proper.args[1])
    return codec.dtype_name(dtype.args[0]) if isinstance(dtype, Instance) and dtype.args else None


def _is_array(typ: Type) -> bool:
    proper = get_proper_type(typ)
    return isinstance(proper, Instance) and proper.type.fullname == names.NDARRAY


def may_be_smaller(array: Type, expr: Expression | None, values: Values, codec: Codec) -> bool:
    """Tell whether an array that NumPy calls float64 may be of float32.

    NumPy's types have ``float32_array / 255`` be of float64; it is of float32. So an array that
    comes out of a division, or of a name that is bound more than once, is not taken at its word.
    """
    if expr is None or dtype_of(array, codec) != "float64":
        return False
    return _is_divided(expr, values, codec, _DEPTH)


def _is_divided(expr: Expression, values: Values, codec: Codec, depth: int) -> bool:
    if depth == 0:
        return True
    if isinstance(expr, NameExpr) and isinstance(expr.node, Var):
        if not expr.node.is_inferred:
            return False
        binding = codec.constants.only_binding(expr.node, values.checker)
        if binding is None or binding.value is None:
            return True
        return not binding.path and _is_divided(binding.value, values, codec, depth - 1)
    if isinstance(expr, OpExpr) and expr.op == "/":
        sides = [values.type_of(side) for side in (expr.left, expr.right)]
        arrays = [dtype_of(side, codec) for side in sides if _is_array(side)]
        if "float64" not in arrays and not all(dtype in _WHOLE for dtype in arrays):
            return True
    return any(_is_divided(part, values, codec, depth - 1) for part in _parts(expr))


def _parts(expr: Expression) -> list[Expression]:
    """Return the arrays that an expression is made of."""
    if isinstance(expr, OpExpr):
        return [expr.left, expr.right]
    if isinstance(expr, UnaryExpr):
        return [expr.expr]
    if isinstance(expr, IndexExpr):
        return [expr.base]
    if isinstance(expr, MemberExpr):
        return [expr.expr]
    if isinstance(expr, ConditionalExpr):
        return [expr.if_expr, expr.else_expr]
    if isinstance(expr, CallExpr) and isinstance(expr.callee, MemberExpr):
        return [] if expr.callee.name == "astype" else [expr.callee.expr, *expr.args]
    return []


def is_converted_array(typ: Type, expr: Expression | None, values: Values, codec: Codec) -> bool:
    """Tell whether this is ``np.float32(array)``: an array, where NumPy's types say a number."""
    proper = get_proper_type(typ)
    if not isinstance(proper, Instance) or not proper.type.fullname.startswith("numpy."):
        return False
    if isinstance(expr, NameExpr) and isinstance(expr.node, Var):
        binding = codec.constants.only_binding(expr.node, values.checker)
        expr = None if binding is None or binding.path else binding.value
    if not isinstance(expr, CallExpr) or not isinstance(expr.callee, RefExpr):
        return False
    is_class = isinstance(expr.callee.node, TypeInfo | TypeAlias)
    return is_class and any(codec.scalar_kind(values.type_of(each)) is None for each in expr.args)
