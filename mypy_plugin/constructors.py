"""Construction: a new layer or model has the sizes that its constructor was given."""

from __future__ import annotations

from mypy.expandtype import expand_type, expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import FuncDef, TypeInfo
from mypy.plugin import FunctionContext
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    TupleType,
    Type,
    TypeOfAny,
    get_proper_type,
)
from mypy.typevars import fill_typevars

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.generics import SignatureCall
from mypy_plugin.opening import Blanks, Opened, split_variables
from mypy_plugin.ours import Ours


def is_checked_class(info: TypeInfo, ours: Ours) -> bool:
    """Tell whether a constructor is checked here: by sizes of the class, or shapes it takes."""
    if info.has_base(names.TENSOR) or info.has_base(names.SEQUENTIAL):
        return False
    if ours.is_sized(info):
        return True
    init = _declared_init(info)
    return init is not None and any(map(ours.concerns, init.arg_types[1:]))


def _declared_init(info: TypeInfo) -> CallableType | None:
    """Return the type of ``__init__`` in terms of this class' own variables, if it is plain."""
    init = info.get_method("__init__")
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


def open_constructor(signature: CallableType, codec: Codec, ours: Ours) -> CallableType:
    """Open the sizes and shapes among a constructor's parameters, for `constructed` to bind.

    mypy would bind them to the sizes of the expected type, and then refuse a plain int.
    """
    blanks = Blanks(codec)
    opened = Opened(codec, blanks, ours)
    types = [typ.accept(opened) for typ in signature.arg_types]
    variables = [*signature.variables, *blanks.made]
    return signature.copy_modified(arg_types=types, variables=variables)


def constructed(context: FunctionContext, info: TypeInfo, codec: Codec) -> Type:
    """Return the type of a new object with the sizes its constructor was given."""
    default = get_proper_type(context.default_return_type)
    declared = _declared_init(info)
    if not isinstance(default, Instance) or default.type is not info or declared is None:
        return context.default_return_type
    own = [v for v in info.defn.type_vars if codec.is_dim_variable(v)]
    others, _ = split_variables(declared, codec)
    fresh = {v.id: v.new_unification_variable(v) for v in (*own, *others)}
    # Declared parameters by name: the constructor lacks `self`.
    by_name = dict(zip(declared.arg_names, declared.arg_types, strict=True))
    anything = AnyType(TypeOfAny.special_form)
    formals = [
        expand_type(by_name[name], fresh) if name in by_name else anything
        for name in context.callee_arg_names
    ]
    call = SignatureCall(context, codec, info.name, named=True)
    solved = get_proper_type(call.result(formals, codec.tuple_of([fresh[v.id] for v in own])))
    assert isinstance(solved, TupleType)
    found = dict(zip((v.id for v in own), solved.items, strict=True))
    args = [
        _solved(found[variable.id], arg) if variable.id in found else arg
        for variable, arg in zip(info.defn.type_vars, default.args, strict=False)
    ]
    return default.copy_modified(args=args) if len(args) == len(default.args) else default


def _solved(found: Type, default: Type) -> Type:
    return default if isinstance(get_proper_type(found), AnyType) else found
