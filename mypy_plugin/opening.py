"""Opening signatures: mypy is to accept every shape, so that the plugin alone reports.

Shapes in the parameters are replaced by what takes anything. The signature hooks of functions,
methods and models stand here; they also hand the declared types on, inside the return type, to the
return hook (`generics`), which matches them against the arguments. That of ops: `op_signatures`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from mypy.expandtype import expand_type
from mypy.nodes import FuncDef
from mypy.plugin import FunctionSigContext, MethodSigContext
from mypy.types import (
    AnyType,
    CallableType,
    ErasedType,
    Instance,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypeOfAny,
    TypeTranslator,
    TypeVarId,
    TypeVarLikeType,
    TypeVarTupleType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.ours import Ours, by_variable, parts
from mypy_plugin.parameters import Prepared, prepared
from tensorlib.shapes.shape import ANY_DIMS

_DEPTH = 8  # a recursive alias is not followed further


BLANK: Final = ErasedType()
"""Takes anything and expects nothing, as what mypy puts where it has yet to infer a type.

Any would be taken for the expected type of an argument, and a call that stands there inferred to
return Any. A type variable would make the function generic, whose arguments mypy checks twice.
"""


def open_tensor(typ: Instance, opened: Sequence[bool] = (True, True, True)) -> Instance:
    """Return a tensor type of which some arguments are open: shape, tape, dtype."""
    args = [BLANK if is_open else arg for is_open, arg in zip(opened, typ.args, strict=False)]
    return typ.copy_modified(args=args) if len(args) == len(typ.args) else typ


# Both kinds of calls -----------------------------------------------------------------------------


def signature_origin(
    context: FunctionSigContext | MethodSigContext, *, is_op: bool = False
) -> Hashable | None:
    """Return what the signature of a call follows from: a definition, and the type of its object.

    Two calls of one origin have the same signature, but for the ids of its variables, which mypy
    renews at each call.

    Args:
        context: the call.
        is_op: whether it is one of an op, which has no decorator but ``overload``.

    Returns:
        None if there is no telling, as of what a decorator returned.
    """
    definition = context.default_signature.definition
    if definition is None:  # as of the overloads of an attribute that mypy's cache gave back
        return None
    if isinstance(context, MethodSigContext):
        owner = get_proper_type(context.type)
        is_plain = isinstance(definition, FuncDef) and not definition.is_decorated
        return (definition, owner) if (is_op or is_plain) and isinstance(owner, Instance) else None
    is_plain = isinstance(definition, FuncDef) and definition.type is context.default_signature
    return definition if is_op or is_plain else None


def plain_parameter(typ: Type, codec: Codec) -> Type | None:
    """Return the plain type of a parameter that is a size or a shape by itself, else None.

    So mypy says what it expects; a variable that stands for anything has no such name.
    """
    if codec.is_shape_variable(typ):
        return codec.instance("typing.Sequence", (codec.instance("builtins.int"),))
    return codec.instance("builtins.int") if codec.is_dim_variable(typ) else None


# Functions, methods and models --------------------------------------------------------------------


def prepared_signature(
    context: FunctionSigContext | MethodSigContext,
    codec: Codec,
    ours: Ours,
    *,
    dtypes_too: bool = False,
) -> Prepared:
    """Return the signature of a call as `open_signature` does, from memory if it came before."""
    origin = signature_origin(context)
    known = None if origin is None else codec.signatures.get((origin, dtypes_too))
    if known is None:
        signature = context.default_signature
        opened = open_signature(signature, codec, ours, dtypes_too=dtypes_too)
        known = prepared(signature, opened)
        if origin is not None:
            codec.signatures.put((origin, dtypes_too), known)
    return known


def open_signature(
    signature: CallableType, codec: Codec, ours: Ours, *, dtypes_too: bool = False
) -> CallableType:
    """Open the shapes in the parameters and carry the declared types in the return type.

    A signature that is none of our business, or has nothing to solve, is returned as it is. With
    ``dtypes_too``, dtypes that are variables are open as well, and Any in the result.
    """
    if not ours.concerns(signature) or not any(map(ours.mentions_dims, signature.arg_types)):
        return signature
    if dtypes_too:
        signature = _without_dtypes(signature)
    dims, others = split_variables(signature, codec)
    tapes = _tapes_of_tensors(others, signature, codec)
    ours_too = [*tapes, *_passed_shapes(others, signature, codec)]
    fresh = {v.id: v.new_unification_variable(v) for v in (*dims, *ours_too)}
    others = [v for v in others if v not in ours_too]
    declared = [expand_type(typ, fresh) for typ in signature.arg_types]
    result = expand_type(signature.ret_type.accept(_MergedTapes(codec)), fresh)
    opened = Opened(codec, ours)
    carried = codec.instance(names.CALL, (codec.tuple_of(_plain(declared)), result))
    types = [typ.accept(opened) for typ in declared]
    return signature.copy_modified(arg_types=types, ret_type=carried, variables=others)


def _passed_shapes(
    variables: Sequence[TypeVarLikeType], signature: CallableType, codec: Codec
) -> list[TypeVarLikeType]:
    """Return the variables for whole shapes that are passed by themselves, as ``shape: S``."""
    parameters = list(map(get_proper_type, signature.arg_types))
    return [v for v in variables if codec.is_shape_variable(v) and v in parameters]


def _without_dtypes(signature: CallableType) -> CallableType:
    """Return the signature with Any for its variables that stand for dtypes."""
    dtypes = [v for v in signature.variables if is_dtype_variable(v)]
    anything = {v.id: AnyType(TypeOfAny.special_form) for v in dtypes}
    rest = [v for v in signature.variables if v not in dtypes]
    return expand_type(signature, anything).copy_modified(variables=rest)


def is_dtype_variable(typ: Type) -> bool:
    """Tell whether this is a type variable that stands for a dtype."""
    bound = get_proper_type(typ.upper_bound) if isinstance(typ, TypeVarType) else None
    return isinstance(bound, Instance) and bound.type.fullname == names.GENERIC_DTYPE


class _MergedTapes(TypeTranslator):
    """Marks ``T | T2`` in the tape of a declared result, to be merged once mypy has solved both."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self._codec = codec

    def visit_instance(self, t: Instance, /) -> Type:
        """Mark the tape of a tensor."""
        if t.type.fullname != names.TENSOR or len(t.args) != 3:
            return t.copy_modified(args=[arg.accept(self) for arg in t.args]) if t.args else t
        shape, tape, dtype = t.args
        proper = get_proper_type(tape)
        if not isinstance(proper, UnionType) or not all(map(is_variable, proper.items)):
            return t
        merged = self._codec.instance(names.MERGED, (self._codec.tuple_of(proper.items),))
        return t.copy_modified(args=[shape, merged, dtype])

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)


def _tapes_of_tensors(
    variables: Iterable[TypeVarLikeType], signature: CallableType, codec: Codec
) -> list[TypeVarLikeType]:
    """Return the variables for tapes of tensors.

    mypy would join what is passed for them, also the members of a union. One that stands elsewhere
    as well, or in a function that is passed, is left to it.
    """
    tapes = [v for v in variables if codec.is_tape_variable(v)]
    if not tapes:
        return tapes
    uses = [use for typ in signature.arg_types for use in _tape_uses(typ, 0)]
    apart = {id for id, in_tensor in uses if not in_tensor}
    found = {id for id, _ in uses}
    return [v for v in tapes if v.id in found and v.id not in apart]


def _tape_uses(typ: Type, depth: int) -> Iterable[tuple[TypeVarId, bool]]:
    """Go through the variables in a parameter, with whether each is the tape of a tensor."""
    proper = get_proper_type(typ)
    if isinstance(proper, TypeVarType):
        yield proper.id, False
    elif depth > _DEPTH or (isinstance(proper, Instance) and proper.type.fullname == names.MAPS):
        return
    elif isinstance(proper, CallableType):
        yield from ((id, False) for part in parts(proper) for id, _ in _tape_uses(part, depth + 1))
    elif isinstance(proper, Instance) and proper.type.fullname == names.TENSOR and proper.args:
        tape = get_proper_type(proper.args[1])
        if isinstance(tape, TypeVarType):
            yield tape.id, True
    else:
        for part in parts(proper):
            yield from _tape_uses(part, depth + 1)


def _plain(types: list[Type]) -> list[Type]:
    """Return the types of parameters as items of a tuple; ``*args: *Ts`` cannot stand there."""
    return [
        AnyType(TypeOfAny.special_form) if isinstance(get_proper_type(t), UnpackType) else t
        for t in types
    ]


def split_variables(
    signature: CallableType, codec: Codec
) -> tuple[list[TypeVarLikeType], list[TypeVarLikeType]]:
    """Split a signature's variables into those that stand for dimensions, and the others."""
    packs = {
        item.id for typ in (*signature.arg_types, signature.ret_type) for item in packs_in(typ)
    }
    dims = [v for v in signature.variables if codec.is_dim_variable(v) or v.id in packs]
    return dims, [v for v in signature.variables if v not in dims]


def packs_in(typ: Type, depth: int = 0) -> Iterable[TypeVarTupleType]:
    """Go through the type variable tuples that stand for dimensions of tensors."""
    proper = get_proper_type(typ)
    if depth > _DEPTH:
        return
    if isinstance(proper, Instance) and proper.type.has_base(names.TENSOR) and proper.args:
        shape = get_proper_type(proper.args[0])
        for item in shape.items if isinstance(shape, TupleType) else ():
            inner = get_proper_type(item.type) if isinstance(item, UnpackType) else None
            if isinstance(inner, TypeVarTupleType):
                yield inner
        return
    for part in parts(proper):
        yield from packs_in(part, depth + 1)


def has_fresh(typ: Type, codec: Codec, depth: int = 0) -> bool:
    """Tell whether a type has a dimension that this call is to bind."""
    proper = get_proper_type(typ)
    if isinstance(proper, TypeVarLikeType):
        is_dim = codec.is_dim_variable(proper) or isinstance(proper, TypeVarTupleType)
        is_dim = is_dim or codec.is_shape_variable(proper)
        return is_dim and proper.id.meta_level > 0
    return depth < _DEPTH and any(has_fresh(part, codec, depth + 1) for part in parts(proper))


class Opened(TypeTranslator):
    """Opens shapes and dimensions, so that mypy accepts every one."""

    def __init__(self, codec: Codec, ours: Ours) -> None:
        super().__init__()
        self._codec = codec
        self._ours = ours

    def visit_type_var(self, t: TypeVarType, /) -> Type:
        """Open a dimension, or a whole shape that the call is to bind."""
        is_shape = is_fresh(t) and self._codec.is_shape_variable(t)
        is_ours = is_shape or self._codec.is_dim_variable(t)
        return BLANK if is_ours else t

    def visit_instance(self, t: Instance, /) -> Type:
        """Open the shape of a tensor, the sizes of a module, a model's protocol, arithmetic."""
        if t.type.fullname in (names.MAPS, names.ADD, names.MUL, names.FLOOR_DIV):
            return BLANK
        if t.type.has_base(names.TENSOR) and t.args:
            return open_tensor(t, [not is_variable(a) or is_fresh(a) for a in t.args])
        sized = self._ours.is_sized(t.type)
        args: list[Type] = []
        for variable, given in by_variable(t):
            if isinstance(variable, TypeVarTupleType) and self._codec.are_dims(given):
                args.append(UnpackType(self._codec.encode_shape((ANY_DIMS,))))
            elif sized and self._codec.is_dim_variable(variable):
                args.append(BLANK)
            else:
                args.extend(arg.accept(self) for arg in given)
        return t.copy_modified(args=args) if len(t.args) else t

    def visit_callable_type(self, t: CallableType, /) -> Type:
        """Leave to mypy what it can compare; where sizes are to be solved, keep the arity only."""
        if not any(has_fresh(part, self._codec, 0) for part in parts(t)):
            return t
        anything: list[Type] = [AnyType(TypeOfAny.special_form) for _ in t.arg_types]
        return t.copy_modified(arg_types=anything, ret_type=AnyType(TypeOfAny.special_form))

    def visit_union_type(self, t: UnionType, /) -> Type:
        """Open the members; of those that opening made alike, mypy could not choose one."""
        members: list[Type] = []
        for item in t.items:
            opened = get_proper_type(item.accept(self))
            place = self._place_of_like(opened, members)
            if place is None:
                members.append(opened)
            else:
                members[place] = self._merged(members[place], opened)
        return UnionType.make_union(members, t.line, t.column)

    @staticmethod
    def _place_of_like(typ: ProperType, members: Sequence[Type]) -> int | None:
        """Return the place of a member of the same generic class or length, if there is one."""
        for place, member in enumerate(map(get_proper_type, members)):
            if isinstance(typ, Instance) and isinstance(member, Instance):
                is_like = bool(typ.args) and member.type is typ.type
            else:
                both = isinstance(typ, TupleType) and isinstance(member, TupleType)
                is_like = both and len(parts(typ)) == len(parts(member))
            if is_like:
                return place
        return None

    def _merged(self, first: Type, second: Type) -> Type:
        """Return a type that takes what either takes."""
        one, other = get_proper_type(first), get_proper_type(second)
        if one == other or isinstance(one, ErasedType):
            return other
        if isinstance(other, ErasedType):
            return one
        if (
            isinstance(one, Instance)
            and isinstance(other, Instance)
            and one.type is other.type
            and len(one.args) == len(other.args)
        ):
            args = [self._merged(a, b) for a, b in zip(one.args, other.args, strict=True)]
            return one.copy_modified(args=args)
        if (
            isinstance(one, TupleType)
            and isinstance(other, TupleType)
            and len(one.items) == len(other.items)
        ):
            items = [self._merged(a, b) for a, b in zip(one.items, other.items, strict=True)]
            return one.copy_modified(items=items)
        return BLANK

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)


def is_variable(typ: Type) -> bool:
    """Tell whether this is a variable that mypy is to solve: for a whole shape, tape or dtype."""
    return isinstance(get_proper_type(typ), TypeVarType)


def is_fresh(typ: Type) -> bool:
    """Tell whether this is a variable that the call is to bind here."""
    proper = get_proper_type(typ)
    return isinstance(proper, TypeVarType) and proper.id.meta_level > 0


def carried(typ: Type) -> tuple[Sequence[Type], Type] | None:
    """Return what the signature hook put into a return type: declared parameters and result."""
    proper = get_proper_type(typ)
    if not isinstance(proper, Instance) or proper.type.fullname != names.CALL:
        return None
    declared = get_proper_type(proper.args[0])
    assert isinstance(declared, TupleType)
    return declared.items, proper.args[1]
