"""Calls like one that came before: where types alone decide about a result, it is known by them.

About half of a program's calls are such. Of all others, the expressions in them are looked at.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence

from mypy.nodes import ARG_NAMED, ARG_POS, ArgKind, TypeInfo
from mypy.plugin import FunctionContext, MethodContext
from mypy.types import (
    AnyType,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypeAliasType,
    TypeVarLikeType,
    UninhabitedType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from tensorlib.shapes.registry import Rule

_BY_PLACE = [ARG_POS]
_BY_NAME = [ARG_NAMED]
_LEAVES = (TypeVarLikeType, LiteralType, AnyType, UninhabitedType)


def question_of_op(context: FunctionContext | MethodContext, rule: Rule) -> Hashable | None:
    """Return all that the result of an op follows from, or None if types do not tell it."""
    returned = context.default_return_type
    if rule.takes_data or rule.group is not None or rule.within is not None:
        return None
    if not isinstance(returned, Instance):
        return None
    asked: list[Hashable] = [rule, returned]
    if isinstance(context, MethodContext):
        if not isinstance(context.type, Instance):
            return None
        asked.append(context.type)
    passed = zip(context.callee_arg_names, context.arg_types, context.arg_kinds, strict=True)
    for name, types, kinds in passed:
        asked.append(name)
        if not types:
            continue
        if not _is_one(kinds):
            return None
        typ = types[0]
        is_operand = rule.takes_tensors_only or name in rule.tensor_parameters
        is_told = _is_operand(typ) if is_operand else _is_literal(typ)
        if not is_told:
            return None
        asked.append(typ)
    return tuple(asked)


def question_of_signature(
    context: FunctionContext | MethodContext, declared: Sequence[Type], returned: Type
) -> Hashable | None:
    """Return all that the result of a call by its signature follows from, or None."""
    if not _is_written_alike(returned):
        return None
    asked: list[Hashable] = [returned]
    for want, types, kinds in zip(declared, context.arg_types, context.arg_kinds, strict=False):
        if not types or _bears_on_nothing(want):
            continue
        if not _is_one(kinds):
            return None
        typ = types[0]
        if isinstance(want, Instance) and want.type.has_base(names.TENSOR):
            is_told = isinstance(typ, Instance)
        else:
            is_told = Codec.is_dim_variable(want) and _is_int(typ)
        if not is_told:
            return None
        asked += want, typ
    return tuple(asked)


def question_of_constructor(
    context: FunctionContext,
    made: TypeInfo,
    others: Sequence[Type],
    declared: Sequence[Type],
    read: Container[str | None],
) -> Hashable | None:
    """Return all that the type of a new object follows from, or None if types do not tell it.

    Args:
        context: the call.
        made: the object's class.
        others: those arguments of the class, as mypy has them, of which no parameter tells.
        declared: the parameters, with variables for sizes that the call is to bind.
        read: the names of parameters whose values a rule asks for beside the sizes.
    """
    if not all(map(_is_written_alike, others)):
        return None
    asked: list[Hashable] = [made, *others]
    passed = zip(
        context.callee_arg_names, declared, context.arg_types, context.arg_kinds, strict=True
    )
    for name, want, types, kinds in passed:
        if not types or (name not in read and _bears_on_nothing(want)):
            continue
        if not _is_one(kinds) or not _is_literal(types[0]):
            return None
        asked += name, types[0]
    return tuple(asked)


def _is_one(kinds: Sequence[ArgKind]) -> bool:
    """Tell whether a parameter is given one argument as it is."""
    return kinds in (_BY_PLACE, _BY_NAME)


def _is_operand(typ: Type) -> bool:
    """Tell whether an operand is read from its type alone, as all are but NumPy's arrays."""
    return isinstance(typ, Instance) and typ.type.fullname != names.NDARRAY


def _is_literal(typ: Type) -> bool:
    """Tell whether a type says the value: a word, an int, a bool, or a tuple of such."""
    if isinstance(typ, TupleType):
        return all(map(_is_literal, typ.items))
    return isinstance(typ, Instance) and typ.last_known_value is not None


def _is_int(typ: Type) -> bool:
    literal = typ.last_known_value if isinstance(typ, Instance) else None
    return literal is not None and isinstance(literal.value, int)


def _is_written_alike(typ: Type) -> bool:
    """Tell whether all types that equal this one read the same: unions do in any order."""
    if isinstance(typ, TypeAliasType) and typ.is_recursive:
        return False
    proper = get_proper_type(typ)
    if isinstance(proper, Instance):
        return all(map(_is_written_alike, proper.args))
    if isinstance(proper, TupleType):
        return all(map(_is_written_alike, proper.items))
    if isinstance(proper, UnpackType):
        return _is_written_alike(proper.type)
    return isinstance(proper, _LEAVES)


def _bears_on_nothing(declared: Type) -> bool:
    """Tell whether a parameter is for something without sizes, such as a flag."""
    proper = get_proper_type(declared)
    if isinstance(proper, UnionType):
        return all(map(_bears_on_nothing, proper.items))
    if isinstance(proper, Instance):
        return not proper.args and not proper.type.has_base(names.TENSOR)
    return isinstance(proper, NoneType)
