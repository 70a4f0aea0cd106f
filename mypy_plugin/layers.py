"""Layers whose result plain typing cannot state: their rule is asked, with their type arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import TypeInfo
from mypy.plugin import FunctionContext, MethodContext
from mypy.subtypes import is_subtype
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    Instance,
    Type,
    TypeOfAny,
    TypeVarLikeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec, TensorType
from mypy_plugin.generics import sized_name
from mypy_plugin.messages import code_of
from mypy_plugin.opening import carried
from tensorlib.shapes.dim import UNKNOWN
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.layers import DTYPES, LAYERS
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Shape


def ruled_class(info: TypeInfo) -> TypeInfo | None:
    """Return the library's layer, among the bases of a class, whose ``forward`` has a rule."""
    forward = info.get("forward")
    node = None if forward is None else forward.node
    owner = None if node is None else node.fullname.rpartition(".")[0]
    if owner is None or not owner.startswith(names.LAYER_MODULES):
        return None
    return next((b for b in info.mro if b.fullname == owner and b.name in LAYERS), None)


def check_layer_built(context: FunctionContext, codec: Codec, layer: Instance) -> None:
    """Report what is wrong with a new layer whatever it is applied to."""
    base = ruled_class(layer.type)
    error = None if base is None else _misfit(codec, layer, base)
    if error is not None:
        context.api.fail(str(error), context.context, code=code_of(error))


def _misfit(codec: Codec, layer: Instance, base: TypeInfo) -> ShapeError | None:
    """Return what the rule refuses whatever the operand."""
    try:
        _asked(LAYERS[base.name], (ANY_DIMS,), _sizes(codec, layer, base))
    except ShapeError as error:
        return error.named(sized_name(layer, codec))
    return None


def _sizes(codec: Codec, layer: Instance, base: TypeInfo) -> list[object]:
    """Return what the type of a layer says that it was made with."""
    args = map_instance_to_supertype(layer, base).args
    return [
        codec.size(variable, arg) if _is_allowed(variable, arg) else UNKNOWN
        for variable, arg in zip(base.defn.type_vars, args, strict=True)
    ]


def _is_allowed(variable: TypeVarLikeType, arg: Type) -> bool:
    """Tell whether an argument keeps to its variable's bound; where not, mypy says so itself."""
    return not isinstance(variable, TypeVarType) or is_subtype(arg, variable.upper_bound)


def layer_applied(context: MethodContext, codec: Codec, base: TypeInfo) -> Type:
    """Return the type of a layer's result; report what its rule refuses."""
    layer = get_proper_type(context.type)
    if not isinstance(layer, Instance) or not context.arg_types or not context.arg_types[0]:
        return _declared(context)
    operand = get_proper_type(context.arg_types[0][0])
    each = operand.relevant_items() if isinstance(operand, UnionType) else [operand]
    results = [_result(context, codec, layer, base, item) for item in each]
    return results[0] if len(results) == 1 else make_simplified_union(results)


def _declared(context: MethodContext) -> Type:
    """Return the declared result, out of what the signature hook put it into."""
    opened = carried(context.default_return_type)
    return context.default_return_type if opened is None else opened[1]


def _result(
    context: MethodContext, codec: Codec, layer: Instance, base: TypeInfo, operand: Type
) -> Type:
    proper = get_proper_type(operand)
    tensor = codec.tensor(proper)
    if isinstance(proper, AnyType):
        tensor = TensorType((ANY_DIMS,), proper, proper)
    if tensor is None:
        return _declared(context)
    if _misfit(codec, layer, base) is not None:
        return AnyType(TypeOfAny.from_error)  # reported where it was built
    try:
        shape = _asked(LAYERS[base.name], tensor.shape, _sizes(codec, layer, base))
    except ShapeError as error:
        named = error.named(sized_name(layer, codec))
        context.api.fail(str(named), context.context, code=code_of(named))
        return AnyType(TypeOfAny.from_error)
    return codec.encode_tensor(shape, tensor.tape, _dtype(codec, base, tensor.dtype))


def _dtype(codec: Codec, base: TypeInfo, operand: Type) -> Type:
    """Return the dtype of a layer's result."""
    rule, name = DTYPES.get(base.name), codec.dtype_name(operand)
    return operand if rule is None or name is None else codec.dtype_type(rule(name))


def _asked(rule: Callable[..., Shape], x: Shape, sizes: Sequence[object]) -> Shape:
    """Return what the rule says, or an unknown shape where it cannot say it."""
    try:
        return rule(x, *sizes)
    except UndecidedError:
        return (ANY_DIMS if ANY_DIMS in x else UNKNOWN_DIMS,)
