"""Indices in brackets: what they may be made of."""

from __future__ import annotations

from collections.abc import Iterator

from mypy.nodes import Expression, TupleExpr
from mypy.types import (
    AnyType,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.values import Values
from tensorlib.shapes.indexing import OF_WHAT_INDEX, OF_WHAT_SLICE, not_an_index

_MASKS = ("builtins.bool", "numpy.bool", names.NDARRAY)
"""What has `__index__` and is a mask to NumPy, or may be one."""
_ALLOWED = ("builtins.ellipsis", "types.EllipsisType", names.TENSOR)


def wrong_items(typ: Type, expr: Expression | None, values: Values) -> Iterator[str]:
    """Go through the items of an index that the run time refuses, and say so of each."""
    proper = get_proper_type(typ)
    if isinstance(expr, TupleExpr):
        for item in expr.items:
            yield from _wrong(values.type_of(item))
    elif isinstance(proper, TupleType):
        for part in proper.items:
            yield from _wrong(part)
    elif isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
        yield from _wrong(proper.args[0])
    else:
        yield from _wrong(proper)


def _wrong(typ: Type) -> Iterator[str]:
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        for item in proper.relevant_items():
            yield from _wrong(item)
    elif isinstance(proper, Instance) and proper.type.fullname == "builtins.slice":
        for bound in map(get_proper_type, proper.args):
            if not is_position(bound):
                yield not_an_index(_kind(bound), OF_WHAT_SLICE)
    elif not (is_position(proper) or _is_allowed(proper)):
        yield not_an_index(_kind(proper), OF_WHAT_INDEX)


def _is_allowed(typ: Type) -> bool:
    if isinstance(typ, UnpackType):
        return True
    return isinstance(typ, Instance) and any(map(typ.type.has_base, _ALLOWED))


def is_position(typ: Type) -> bool:
    """Tell whether this is an int, may be one, or None."""
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        return all(map(is_position, proper.items))
    if isinstance(proper, TypeVarType):
        return is_position(proper.upper_bound)
    if isinstance(proper, LiteralType):
        proper = proper.fallback
    if not isinstance(proper, Instance):
        return isinstance(proper, NoneType | AnyType)
    return proper.type.fullname not in _MASKS and proper.type.get("__index__") is not None


def _kind(typ: Type) -> str:
    proper = get_proper_type(typ)
    if isinstance(proper, LiteralType):
        proper = proper.fallback
    if isinstance(proper, TupleType):
        return "tuple"
    return proper.type.name if isinstance(proper, Instance) else "function"
