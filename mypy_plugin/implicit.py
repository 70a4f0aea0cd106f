"""Code of the user's that Python runs though nothing calls it by name.

Operators, properties and descriptors run methods; functions of others call back what they are
given, and go through iterators. Such code may bind attributes again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeGuard

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo, Var
from mypy.operators import op_methods, reverse_op_methods
from mypy.types import CallableType, Instance, Overloaded, Type, UnionType, get_proper_type

FOREIGN = ("builtins.", "enum.", "numpy.", "tensorlib.", "typing.")
"""Where methods come from that bind nothing of the user's."""
TRUTH = frozenset({"__bool__", "__len__"})
GET_ITEM = frozenset({"__getitem__"})
SET_ITEM = frozenset({"__setitem__", "__delitem__"})
UNARY = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}
_BY_CALLS_ALONE = frozenset(
    {"__init__", "__new__", "__post_init__", "__call__", "__enter__", "__exit__", "__hash__"}
)
_METHODS = (FuncDef, OverloadedFuncDef, Decorator)


def methods_of(op: str) -> frozenset[str]:
    """Return the methods that a binary operator may run, of either side."""
    method = op_methods.get(op.removeprefix("not "), "")
    in_place = f"__i{method[2:]}"
    return frozenset({method, in_place, reverse_op_methods.get(method, method)})


def runs(typ: Type | None, methods: Collection[str]) -> bool:
    """Tell whether a value has one of these methods from a class of the user's."""
    return any(_is_of_user(info, name) for info in _classes(typ) for name in methods)


def may_call_back(typ: Type | None) -> bool:
    """Tell whether a function that is given this value may run code of the user's."""
    for each in _members(typ):
        if isinstance(each, Overloaded | CallableType) and not each.is_type_obj():
            return True
    return any(
        "__next__" in base.names or any(_is_of_user(base, name) for name in _dunders(base))
        for info in _classes(typ)
        for base in info.mro
    )


def runs_as_attribute(typ: Type | None, name: str) -> bool:
    """Tell whether an attribute of a value is a property, a descriptor or made when asked for."""
    for info in _classes(typ):
        found = info.get(name)
        if found is None:
            return runs(typ, ("__getattr__", "__getattribute__", "__setattr__"))
        if _is_property(found.node):
            return not found.node.fullname.startswith(FOREIGN)
        if is_descriptor(found.node):
            return True
    return runs(typ, ("__getattribute__", "__setattr__"))


def is_descriptor(node: SymbolNode | None) -> bool:
    """Tell whether a variable of a class makes its value anew each time."""
    return isinstance(node, Var) and any(info.get("__get__") for info in _classes(node.type))


def _is_property(node: SymbolNode | None) -> TypeGuard[Decorator | OverloadedFuncDef]:
    if isinstance(node, Decorator):
        return node.var.is_property
    return isinstance(node, OverloadedFuncDef) and node.is_property


def _is_of_user(info: TypeInfo, name: str) -> bool:
    found = info.get(name)
    if found is None or found.plugin_generated or not isinstance(found.node, _METHODS):
        return False
    return not found.node.fullname.startswith(FOREIGN)


def _dunders(info: TypeInfo) -> Iterable[str]:
    special = (name for name in info.names if name[:2] == name[-2:] == "__")
    return (name for name in special if name not in _BY_CALLS_ALONE)


def _classes(typ: Type | None) -> list[TypeInfo]:
    return [each.type for each in _members(typ) if isinstance(each, Instance)]


def _members(typ: Type | None) -> list[Type]:
    proper = get_proper_type(typ)
    if proper is None:
        return []
    items = proper.items if isinstance(proper, UnionType) else [proper]
    return [get_proper_type(item) for item in items]
