"""Layers whose result plain typing cannot state: their rule is asked, with their type arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mypy.checker import TypeChecker
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import FuncDef, TypeInfo
from mypy.plugin import FunctionContext, MethodContext
from mypy.subtypes import is_subtype
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    TupleType,
    Type,
    TypeAliasType,
    TypeOfAny,
    TypeTranslator,
    TypeVarLikeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec, TensorType
from mypy_plugin.generics import Loosened, sized_name
from mypy_plugin.making import parameters_dtype
from mypy_plugin.messages import WRONG_TYPES, code_of, refused
from mypy_plugin.opening import carried, is_dtype_variable
from mypy_plugin.ours import parts
from tensorlib.shapes import dtypes, layer_dtypes
from tensorlib.shapes.dim import UNKNOWN
from tensorlib.shapes.errors import DtypeError, ShapeError, UndecidedError
from tensorlib.shapes.layers import LAYERS
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Shape


def ruled_class(info: TypeInfo) -> TypeInfo | None:
    """Return the library's layer, among the bases of a class, whose ``forward`` has a rule."""
    forward = info.get("forward")
    node = None if forward is None else forward.node
    owner = None if node is None else node.fullname.rpartition(".")[0]
    if owner is None or not owner.startswith(names.LAYER_MODULES):
        return None
    return next((b for b in info.mro if b.fullname == owner and b.name in LAYERS), None)


def check_layer_built(context: FunctionContext, codec: Codec, layer: Instance) -> bool:
    """Report what is wrong with a new layer whatever it is applied to; tell whether it is fine."""
    base = ruled_class(layer.type)
    error = None if base is None else _misfit(codec, layer, base)
    if error is not None:
        context.api.fail(str(error), context.context, code=code_of(error))
    return error is None


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
    is_floating = codec.dtype_name(tensor.dtype) in dtypes.FLOATS
    probable = tensor.dtype if is_floating else AnyType(TypeOfAny.from_error)
    anything = codec.encode_tensor((ANY_DIMS,), tensor.tape, probable)
    if _misfit(codec, layer, base) is not None:
        return refused(context.api, anything)  # reported where it was built
    try:
        shape = _asked(LAYERS[base.name], tensor.shape, _sizes(codec, layer, base))
    except ShapeError as error:
        named = error.named(sized_name(layer, codec))
        context.api.fail(str(named), context.context, code=code_of(named))
        return refused(context.api, anything)
    dtype = _dtype(context, codec, layer, tensor.dtype)
    if dtype is None:
        return refused(context.api, anything)
    return codec.encode_tensor(shape, tensor.tape, dtype)


def _dtype(context: MethodContext, codec: Codec, layer: Instance, operand: Type) -> Type | None:
    """Return the dtype of the result of a layer with a rule of its own."""
    base = dtype_class(layer.type)
    return operand if base is None else _found_dtype(context, codec, base, [operand])


# Dtypes -------------------------------------------------------------------------------------------


def dtype_class(info: TypeInfo) -> TypeInfo | None:
    """Return the library's layer, among the bases of a class, that says the result's dtype."""
    forward = info.get("forward")
    node = None if forward is None else forward.node
    if node is None or not node.fullname.startswith(names.LAYER_MODULES):
        return None
    return next(
        (
            base
            for base in info.mro
            if base.fullname.startswith(names.LAYER_MODULES) and layer_dtypes.decides(base.name)
        ),
        None,
    )


def with_dtype(context: MethodContext, codec: Codec, base: TypeInfo, result: Type) -> Type:
    """Return the type of a layer's result with its dtype; report what certainly is wrong."""
    names_ = codec.operand_names.get(base)
    if names_ is None:
        names_ = _operand_names(base)
        codec.operand_names.put(base, names_)
    operands: list[Type] = []
    masks: list[Type] = []
    for name, types in zip(context.callee_arg_names, context.arg_types, strict=True):
        found = operands if name in names_ else masks
        found.extend(tensor.dtype for typ in types for tensor in _tensors_in(codec, typ))
    dtype = _found_dtype(context, codec, base, operands)
    if dtype is None:
        return refused(context.api, Loosened(codec).of(result))
    if not _fit_masks(context, codec, base, dtype, masks):
        return refused(context.api, Loosened(codec).of(result))
    tensor = codec.tensor(result) if isinstance(result, Instance) else None
    if tensor is not None and tensor.dtype == dtype:
        return result
    return result.accept(_OfDtype(codec, dtype))


def _fit_masks(
    context: MethodContext, codec: Codec, base: TypeInfo, operand: Type, masks: Sequence[Type]
) -> bool:
    """Report a mask of a dtype that is wrong for an operand of this dtype."""
    computed = codec.dtype_name(operand)
    for name in filter(None, map(codec.dtype_name, masks)):
        likely = name if name in dtypes.FLOATS else "float32"  # a mask of bools fits any float
        try:
            layer_dtypes.require_mask(base.name, computed or likely, name)
        except DtypeError as error:
            context.api.fail(str(error), context.context, code=code_of(error))
            return False
    return True


def _operand_names(base: TypeInfo) -> Sequence[str | None]:
    """Return the names of the parameters whose dtype bears on the result's: not those of masks."""
    forward = base.get("forward")
    node = None if forward is None else forward.node
    declared = node.type if isinstance(node, FuncDef) else None
    if not isinstance(declared, CallableType):
        return ()
    found = [
        name
        for name, typ in zip(declared.arg_names, declared.arg_types, strict=True)
        if any(map(is_dtype_variable, _leaves(typ)))
    ]
    return found or declared.arg_names  # none where the operand's dtype is fixed, as of indices


def _leaves(typ: Type) -> Iterator[Type]:
    proper = get_proper_type(typ)
    inner = parts(proper)
    if not inner:
        yield proper
    for item in inner:
        yield from _leaves(item)


def _tensors_in(codec: Codec, typ: Type) -> Iterator[TensorType]:
    tensor = codec.tensor(typ)
    if tensor is not None:
        yield tensor
        return
    proper = get_proper_type(typ)
    if isinstance(proper, AnyType):
        yield TensorType((ANY_DIMS,), proper, proper)
    for item in parts(proper) if isinstance(proper, TupleType | UnionType) else ():
        yield from _tensors_in(codec, item)


def _found_dtype(
    context: MethodContext, codec: Codec, base: TypeInfo, operands: Sequence[Type]
) -> Type | None:
    """Return the dtype of a layer's result; report operands it has none for, and return None."""
    unknown = codec.any_dtype()
    found = [codec.dtype_name(operand) for operand in operands]
    known = [name for name in found if name is not None]
    if not known or len(known) < len(found):
        return unknown
    assert isinstance(context.api, TypeChecker)
    parameters = parameters_dtype(context.context, context.api, codec)
    try:
        name = layer_dtypes.layer_dtype(base.name, *known, parameters=parameters)
    except DtypeError as error:
        context.api.fail(str(error), context.context, code=code_of(error))
        return None
    except WRONG_TYPES:  # too many operands
        return unknown
    return unknown if name is None else codec.dtype_type(name)


class _OfDtype(TypeTranslator):
    """Gives all tensors in a result a dtype."""

    def __init__(self, codec: Codec, dtype: Type) -> None:
        super().__init__()
        self._codec = codec
        self._dtype = dtype

    def visit_instance(self, t: Instance, /) -> Type:
        """Exchange the dtype of a tensor."""
        if t.type.fullname == names.TENSOR and len(t.args) == 3:
            return t.copy_modified(args=[*t.args[:2], self._dtype])
        return t.copy_modified(args=[arg.accept(self) for arg in t.args])

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)


def _asked(rule: Callable[..., Shape], x: Shape, sizes: Sequence[object]) -> Shape:
    """Return what the rule says, or an unknown shape where it cannot say it."""
    try:
        return rule(x, *sizes)
    except ShapeError:
        raise
    except (UndecidedError, *WRONG_TYPES):
        return (ANY_DIMS if ANY_DIMS in x else UNKNOWN_DIMS,)
