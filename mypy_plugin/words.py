"""Attributes that there are not: for words of PyTorch's and NumPy's, what stands for them here.

mypy asks a plugin about attributes that exist only, or of classes with ``__getattr__``. To other
checkers that would say that every attribute exists, so the method is added here. Of a module mypy
asks about functions that are called, so its words are declared as such, which nobody can call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mypy.checker import TypeChecker
from mypy.errorcodes import ATTR_DEFINED
from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    GDEF,
    MDEF,
    Argument,
    Block,
    Context,
    FuncDef,
    StrExpr,
    SymbolTableNode,
    TypeInfo,
    Var,
)
from mypy.plugin import (
    AttributeContext,
    ClassDefContext,
    DynamicClassDefContext,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
)
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Type,
    TypeOfAny,
    UninhabitedType,
    UnionType,
    get_proper_type,
)
from mypy.typevars import fill_typevars

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.messages import refused
from tensorlib.shapes.errors import no_such_attribute
from tensorlib.shapes.shape import ANY_DIMS
from tensorlib.shapes.words import WORDS, is_called, missing

OWNERS: Final = {
    names.TENSOR: "Tensor",
    names.MODULE: "nn.Module",
    names.OPTIMIZER: "optim.Optimizer",
    names.SCHEDULE: "optim.Schedule",
}
"""The classes whose attributes are asked for under other names, as the table has them."""

_MODULES: Final = {
    "tl": "tensorlib",
    "nn": "tensorlib.nn",
    "optim": "tensorlib.optim",
    "losses": "tensorlib.losses",
    "data": "tensorlib.data",
}
FUNCTIONS: Final = {
    f"{module}.{name}": no_such_attribute(owner, name, cure)
    for owner, module in _MODULES.items()
    for name, cure in WORDS[owner].items()
    if is_called(owner, name)
}
"""What to say of the calls of words that are declared in modules."""

_METHOD: Final = "__getattr__"


def have_asked(context: ClassDefContext) -> None:
    """Have mypy ask about attributes that a class has not."""
    info, api = context.cls.info, context.api
    if _METHOD in info.names:
        return
    types: list[Type] = [fill_typevars(info), api.named_type("builtins.str")]
    variables = [Var(name, typ) for name, typ in zip(("self", "name"), types, strict=True)]
    arguments = [Argument(variable, variable.type, None, ARG_POS) for variable in variables]
    method = FuncDef(_METHOD, arguments, Block([]))
    method.type = CallableType(
        types,
        method.arg_kinds,
        method.arg_names,
        api.named_type("builtins.object"),
        api.named_type("builtins.function"),
        _METHOD,
    )
    method._fullname, method.info = f"{info.fullname}.{_METHOD}", info
    info.names[_METHOD] = SymbolTableNode(MDEF, method, plugin_generated=True)


def declare(context: DynamicClassDefContext) -> None:
    """Declare the words of a module, where the module says that it tells of them."""
    owner = context.call.args[0]
    assert isinstance(owner, StrExpr)
    api, module = context.api, _MODULES[owner.value]
    for name in WORDS[owner.value]:
        if not is_called(owner.value, name):
            continue
        nobody = Var("_checked", UninhabitedType())
        function = FuncDef(name, [Argument(nobody, nobody.type, None, ARG_NAMED)], Block([]))
        function.type = CallableType(
            [UninhabitedType()],
            function.arg_kinds,
            function.arg_names,
            AnyType(TypeOfAny.special_form),
            api.named_type("builtins.function"),
            name,
        )
        function._fullname = f"{module}.{name}"
        api.add_symbol_table_node(name, SymbolTableNode(GDEF, function, plugin_generated=True))


def function_signature(context: FunctionSigContext, text: str) -> CallableType:
    """Report the call of a function that there is not, and let it take everything."""
    context.api.fail(text, context.context, code=ATTR_DEFINED)
    return _anything(context.default_signature.fallback)


def function_called(context: FunctionContext) -> Type:
    """Return the type of the call of a function that there is not, which was reported."""
    return refused(context.api)


def _anything(function: Instance) -> CallableType:
    nothing = AnyType(TypeOfAny.from_error)
    return CallableType([nothing, nothing], [ARG_STAR, ARG_STAR2], [None, None], nothing, function)


def is_missing(info: TypeInfo, name: str) -> bool:
    """Tell whether this is one of those classes, and has no attribute of this name."""
    return info.fullname in OWNERS and info.get(name) is None


def attribute_hook(owner: str, name: str) -> Callable[[AttributeContext], Type]:
    """Return the hook for an attribute that a class has not."""

    def told(context: AttributeContext) -> Type:
        api, place, proper = context.api, context.context, get_proper_type(context.type)
        assert isinstance(api, TypeChecker)
        if isinstance(proper, Instance) and name in _found_by_hasattr(proper):
            return _found_by_hasattr(proper)[name]
        if type(place) is Context:  # a protocol is looked for, which an object is to lack
            return context.default_attr_type
        nothing = AnyType(TypeOfAny.from_error)
        text = missing(OWNERS[owner], name)
        if text is None:
            api.msg.has_no_attr(context.type, _lacking(context.type, owner), name, place)
            return nothing
        api.fail(text, place, code=ATTR_DEFINED)
        if not is_called(OWNERS[owner], name):
            return nothing
        return _anything(api.named_type("builtins.function"))

    return told


def called(context: MethodContext, codec: Codec) -> Type:
    """Return the type of the call of an attribute that there is not, of which mypy was told."""
    nothing = AnyType(TypeOfAny.from_error)
    is_tensor = codec.tensor(context.type) is not None
    tensor = codec.encode_tensor((ANY_DIMS,), nothing, nothing)
    return refused(context.api, tensor if is_tensor else None)


def _found_by_hasattr(typ: Instance) -> dict[str, Type]:
    return {} if typ.extra_attrs is None else typ.extra_attrs.attrs


def _lacking(typ: Type, owner: str) -> Type:
    """Return the member of a union that has not the attribute."""
    proper = get_proper_type(typ)
    for item in map(get_proper_type, proper.items if isinstance(proper, UnionType) else ()):
        if isinstance(item, Instance) and item.type.has_base(owner):
            return item
    return proper
