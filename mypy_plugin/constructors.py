"""Construction: a new layer or model has the sizes that its constructor was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from mypy.checker import TypeChecker
from mypy.expandtype import expand_type, expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_STAR, ARG_STAR2, FuncDef, TypeInfo
from mypy.plugin import FunctionContext, FunctionSigContext
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    TupleType,
    Type,
    TypeOfAny,
    TypeVarId,
    TypeVarTupleType,
    TypeVarType,
    UninhabitedType,
    UnpackType,
    get_proper_type,
)
from mypy.typevars import fill_typevars

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.folding import UnreadableError
from mypy_plugin.generics import SignatureCall, default_of, normalised
from mypy_plugin.layers import check_layer_built
from mypy_plugin.messages import WRONG_TYPES, code_of
from mypy_plugin.opening import BLANK, Opened, packs_in, plain_parameter, split_variables
from mypy_plugin.ours import Ours, by_variable
from mypy_plugin.repeats import question_of_constructor
from mypy_plugin.values import Values
from tensorlib.shapes.construction import SIZES
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.parameters import REQUIRED, parameters_of


def is_checked_class(info: TypeInfo, ours: Ours) -> bool:
    """Tell whether a constructor is checked here: by sizes of the class, or shapes it takes."""
    if info.has_base(names.TENSOR):
        return False
    if ours.is_sized(info):
        return True
    if info.has_base(names.CONTAINER):
        return False
    kinds = (Codec.is_shape_variable, Codec.is_extent_variable)
    if info.has_base(names.MODULE) and any(
        is_kind(variable) for is_kind in kinds for variable in info.defn.type_vars
    ):
        return True
    init = _declared_init(info)
    return init is not None and any(map(ours.concerns, init.arg_types[1:]))


def _declared_init(info: TypeInfo) -> CallableType | None:
    """Return the type of ``__init__`` in terms of this class' own variables, if it is plain."""
    init = info.get_method("__new__" if info.is_named_tuple else "__init__")
    declared = get_proper_type(init.type) if isinstance(init, FuncDef) else None
    if init is None or not isinstance(declared, CallableType):
        return None
    owner = map_instance_to_supertype(fill_typevars_with_own(info), init.info)
    expanded = expand_type_by_instance(declared, owner)
    assert isinstance(expanded, CallableType)
    return expanded


def fill_typevars_with_own(info: TypeInfo) -> Instance:
    """Return the class with its own variables as arguments."""
    filled = fill_typevars(info)
    return filled.partial_fallback if isinstance(filled, TupleType) else filled


def open_constructor(context: FunctionSigContext, codec: Codec, ours: Ours) -> CallableType:
    """Open the sizes and shapes among a constructor's parameters, for `constructed` to bind.

    mypy would bind them to the sizes of the expected type, and then refuse a plain int.
    """
    signature = context.default_signature
    made = get_proper_type(signature.ret_type)
    if not isinstance(made, Instance):
        return _opened(signature, codec, ours)
    known = codec.constructors.get(made.type)
    if known is None or known[0] is not signature:  # which is one for all calls of most classes
        known = signature, _opened(signature, codec, ours)
        codec.constructors.put(made.type, known)
    return known[1]


def _opened(signature: CallableType, codec: Codec, ours: Ours) -> CallableType:
    opened = Opened(codec, ours)
    types = [
        BLANK
        if isinstance(typ, TypeVarType) and codec.is_extent_variable(typ)
        else plain_parameter(typ, codec) or typ.accept(opened)
        for typ in map(get_proper_type, signature.arg_types)
    ]
    return signature.copy_modified(arg_types=types)


def constructed(context: FunctionContext, info: TypeInfo, codec: Codec) -> Type:
    """Return the type of a new object with the sizes its constructor was given."""
    default = get_proper_type(context.default_return_type)
    if isinstance(default, TupleType):  # a NamedTuple, made of the items of its class
        default = default.partial_fallback
    if not isinstance(default, Instance) or default.type is not info:
        return context.default_return_type
    init = _init_of(info, codec)
    if init is None:
        return context.default_return_type
    anything = AnyType(TypeOfAny.special_form)
    formals = [init.parameters.get(name or "", anything) for name in context.callee_arg_names]
    rule = _rule_of_sizes(info)
    passed = _passed(context, init.declared)
    others = [arg for v, given in by_variable(default) if v.id not in passed for arg in given]
    read = () if rule is None else _optional(rule)
    question = question_of_constructor(context, info, others, formals, read)
    known = None if question is None else codec.results.get(question)
    if known is not None:
        return known
    call = SignatureCall(context, codec, lambda: info.name, named=True)
    solved = get_proper_type(call.matched(formals, init.solved))
    if not isinstance(solved, TupleType):  # an argument of several types gives other sizes by each
        return default.copy_modified(args=[_or_any(arg) for arg in default.args])
    found = dict(zip(init.sizes, solved.items, strict=True))
    found |= _shapes(context, init.declared, codec)
    args: list[Type] = []
    for variable, given in by_variable(default):
        arg = found.get(variable.id)
        if arg is None:
            args.extend(given)
        elif isinstance(variable, TypeVarTupleType):
            args.extend(_spread(arg))
        else:
            args.extend([arg] if variable.id in passed else [_solved(arg, each) for each in given])
    made = default.copy_modified(args=args)
    if not info.has_type_var_tuple_type:
        for place, arg in enumerate(args):
            if isinstance(get_proper_type(arg), UninhabitedType):  # no argument says it
                args[place] = default_of(made, place)
                made = default.copy_modified(args=args)
    is_fine = rule is None or _check_sizes(context, made, codec, rule)
    is_fine = check_layer_built(context, codec, made) and is_fine and not call.is_refused
    result: Type = made
    if info.tuple_type is not None:
        filled = expand_type_by_instance(info.tuple_type, made)
        assert isinstance(filled, TupleType)
        result = normalised(filled.copy_modified(fallback=made), codec)
    if question is not None and is_fine:
        codec.results.put(question, result)
    return result


class Init(NamedTuple):
    """The constructor of a class, with variables for its sizes that each call is to bind.

    Attributes:
        declared: its type in terms of the class' own variables.
        parameters: its parameters by name, in terms of the variables to bind.
        sizes: the class' own variables that stand for sizes.
        solved: a tuple of what is bound for these.
    """

    declared: CallableType
    parameters: Mapping[str, Type]
    sizes: Sequence[TypeVarId]
    solved: TupleType


def _init_of(info: TypeInfo, codec: Codec) -> Init | None:
    """Return the constructor of a class, if it is plain."""
    known = codec.inits.get(info)
    if known is not None:
        return known
    declared = _declared_init(info)
    if declared is None:
        return None
    packs = {pack.id for typ in declared.arg_types for pack in packs_in(typ)}
    own = [v for v in info.defn.type_vars if codec.is_dim_variable(v) or v.id in packs]
    others, _ = split_variables(declared, codec)
    fresh = {v.id: v.new_unification_variable(v) for v in (*own, *others)}
    named = zip(declared.arg_names, declared.arg_types, strict=True)
    parameters = {name: expand_type(typ, fresh) for name, typ in named if name is not None}
    solved = codec.tuple_of([_as_item(fresh[v.id], codec) for v in own])
    init = Init(declared, parameters, [v.id for v in own], solved)
    codec.inits.put(info, init)
    return init


def _as_item(variable: Type, codec: Codec) -> Type:
    """Return a size, or sizes, as one item of a tuple."""
    if isinstance(variable, TypeVarTupleType):
        return codec.tuple_of([UnpackType(variable)])
    return variable


def _spread(sizes: Type) -> Sequence[Type]:
    """Return what was found for ``*Sizes`` as arguments of a class."""
    proper = get_proper_type(sizes)
    return proper.items if isinstance(proper, TupleType) else [UnpackType(proper)]


@cache
def _optional(rule: Callable[..., None]) -> Sequence[str]:
    """Return the names of the parameters that have a default."""
    return [each.name for each in parameters_of(rule) if each.default is not REQUIRED]


def _further(context: FunctionContext, rule: Callable[..., None], codec: Codec) -> dict[str, Any]:
    """Return the constructor's arguments that a rule of sizes takes beside the sizes."""
    assert isinstance(context.api, TypeChecker)
    values, found = Values(codec, context.api), {}
    for name in _optional(rule):
        place = context.callee_arg_names.index(name) if name in context.callee_arg_names else None
        if place is None or not context.args[place]:
            continue
        with suppress(UnreadableError):
            found[name] = values.read(context.arg_types[place][0], context.args[place][0])
    return found


def _rule_of_sizes(info: TypeInfo) -> Callable[..., None] | None:
    """Return the rule about the sizes of a layer, if it is one of the library's that has one."""
    return SIZES.get(info.name) if info.fullname.startswith(names.LAYER_MODULES) else None


def _check_sizes(
    context: FunctionContext, made: Instance, codec: Codec, rule: Callable[..., None]
) -> bool:
    """Report sizes that a layer of the library cannot have; tell whether there are none such."""
    try:
        rule(*(codec.dim(arg) for arg in made.args), **_further(context, rule, codec))
    except ShapeError as error:
        named = error.named(made.type.name)
        context.api.fail(str(named), context.context, code=code_of(named))
        return False
    except WRONG_TYPES:
        return True
    return True


def _shapes(
    context: FunctionContext, declared: CallableType, codec: Codec
) -> dict[TypeVarId, Type]:
    """Return what was passed for parameters declared as a whole shape or an extent, by variable."""
    assert isinstance(context.api, TypeChecker)
    values = Values(codec, context.api)
    found: dict[TypeVarId, Type] = {}
    for name, typ in zip(declared.arg_names, declared.arg_types, strict=True):
        variable = get_proper_type(typ)
        place = context.callee_arg_names.index(name) if name in context.callee_arg_names else None
        if place is None or not isinstance(variable, TypeVarType) or not context.args[place]:
            continue
        if any(kind in (ARG_STAR, ARG_STAR2) for kind in context.arg_kinds[place]):
            if codec.is_extent_variable(variable):
                found[variable.id] = AnyType(TypeOfAny.special_form)
            continue
        argument = context.arg_types[place][0], context.args[place][0]
        try:
            if codec.is_shape_variable(variable):
                found[variable.id] = codec.encode_shape(values.sizes(*argument))
            elif codec.is_extent_variable(variable):
                found[variable.id] = codec.encode_extent(values.read(*argument))
        except UnreadableError:
            if codec.is_extent_variable(variable):
                found[variable.id] = argument[0]
    return found


def _passed(context: FunctionContext, declared: CallableType) -> set[TypeVarId]:
    """Return the variables whose arguments were passed, and so do not have their defaults."""
    given = {
        name for name, exprs in zip(context.callee_arg_names, context.args, strict=True) if exprs
    }
    named = zip(declared.arg_names, map(get_proper_type, declared.arg_types), strict=True)
    return {typ.id for name, typ in named if isinstance(typ, TypeVarType) and name in given}


def _or_any(arg: Type) -> Type:
    is_told = not isinstance(get_proper_type(arg), UninhabitedType)
    return arg if is_told else AnyType(TypeOfAny.special_form)


def _solved(found: Type, default: Type) -> Type:
    return default if isinstance(get_proper_type(found), AnyType) else found
