"""Which types are this library's business; code that has none of them is left to mypy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo, Var
from mypy.types import (
    CallableType,
    Instance,
    ProperType,
    TupleType,
    Type,
    TypeVarLikeType,
    TypeVarTupleType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec

_DEPTH = 8  # a recursive alias is not followed further
_ARITHMETIC = (names.ADD, names.MUL, names.FLOOR_DIV)
_MODELS_AND_ARITHMETIC = (names.MAPS, *_ARITHMETIC)
_OF_ITEMS = (UnionType, TupleType)


class Ours:
    """Tells the types that mention tensors or sizes of modules.

    Args:
        codec: tells dimensions.
        remembers: whether answers about classes hold for the whole build; in the daemon, classes
            change between two answers.
    """

    def __init__(self, codec: Codec, *, remembers: bool) -> None:
        self._codec = codec
        self._remembers = remembers
        self._sized: dict[TypeInfo, bool] = {}

    def concerns(self, typ: Type) -> bool:
        """Tell whether a type mentions a tensor, a model's protocol or a class with sizes."""
        return self._concerns(typ, 0)

    def mentions_dims(self, typ: Type) -> bool:
        """Tell whether a type mentions what `concerns` tells, or is made of dimensions."""
        proper = get_proper_type(typ)
        if isinstance(proper, TupleType) and any(map(self.mentions_dims, proper.items)):
            return True
        codec = self._codec
        return codec.is_dim_variable(typ) or codec.is_shape_variable(typ) or self.concerns(typ)

    def _concerns(self, typ: Type, depth: int) -> bool:
        proper = get_proper_type(typ)
        if isinstance(proper, Instance):
            info = proper.type
            if info.has_base(names.TENSOR) or info.fullname in _MODELS_AND_ARITHMETIC:
                return True
            if self.is_sized(info):
                return True
        for part in parts(proper) if depth < _DEPTH else ():
            if self._concerns(part, depth + 1):
                return True
        return False

    def is_sized(self, info: TypeInfo) -> bool:
        """Tell whether a generic class has sizes among its variables, as Linear has.

        A type variable bound to int alone does not make it ours: it is a module, or its own fields
        or methods mention tensors.
        """
        if not any(self._codec.is_dim_variable(variable) for variable in info.defn.type_vars):
            return False
        known = self._sized.get(info)
        if known is None:
            self._sized[info] = False  # as long as the question is open, for a class in itself
            known = info.has_base(names.MODULE) or any(
                self._declares(symbol.node) for base in info.mro for symbol in base.names.values()
            )
            if self._remembers:
                self._sized[info] = known
            else:
                del self._sized[info]
        return known

    def _declares(self, node: SymbolNode | None) -> bool:
        if isinstance(node, OverloadedFuncDef):
            return any(map(self._declares, node.items))
        if isinstance(node, Decorator):  # such as a property
            return self._declares(node.func)
        declared = node.type if isinstance(node, Var | FuncDef) else None
        return declared is not None and self.concerns(declared)


def parts(typ: ProperType) -> Sequence[Type]:
    """Return the types that a type is made of."""
    if isinstance(typ, Instance):
        return typ.args
    if isinstance(typ, _OF_ITEMS):
        return typ.items
    if isinstance(typ, CallableType):
        return (*typ.arg_types, typ.ret_type)
    return (typ.type,) if isinstance(typ, UnpackType) else ()


def mentions_arithmetic(typ: Type, depth: int = 0) -> bool:
    """Tell whether a dimension in a type is arithmetic."""
    proper = get_proper_type(typ)
    if isinstance(proper, Instance) and proper.type.fullname in _ARITHMETIC:
        return True
    for part in parts(proper) if depth < _DEPTH else ():
        if mentions_arithmetic(part, depth + 1):
            return True
    return False


def calls_another(node: SymbolNode | None) -> bool:
    """Tell whether a function takes a function, and may return what that returns."""
    declared = get_proper_type(node.type) if isinstance(node, FuncDef) else None
    if not isinstance(declared, CallableType) or not declared.variables:
        return False
    return any(isinstance(get_proper_type(typ), CallableType) for typ in declared.arg_types)


def by_variable(typ: Instance) -> Iterator[tuple[TypeVarLikeType, Sequence[Type]]]:
    """Go through the variables of a class, each with its arguments: of ``*Sizes`` any number."""
    variables, args = typ.type.defn.type_vars, typ.args
    place = 0
    for variable in variables:
        is_pack = isinstance(variable, TypeVarTupleType)
        count = len(args) - len(variables) + 1 if is_pack else 1
        yield variable, args[place : place + count]
        place += count
