"""Signatures of ops: mypy is to accept every shape, so that the op's rule alone reports.

The signature hook of all ops stands here. What mypy could not choose or infer is reported before it
looks: lists that differ in length, values that are no tensors, dtypes that tensors cannot have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE
from mypy.expandtype import expand_type
from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ComparisonExpr,
    Context,
    Decorator,
    FuncDef,
    ListExpr,
    OperatorAssignmentStmt,
    OpExpr,
    OverloadedFuncDef,
    StrExpr,
    SymbolNode,
)
from mypy.plugin import FunctionSigContext, MethodSigContext
from mypy.typeops import get_all_type_vars
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    TupleType,
    Type,
    TypeAliasType,
    TypeOfAny,
    TypeTranslator,
    TypeType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)

from mypy_plugin import names
from mypy_plugin.arguments import refuse_call
from mypy_plugin.codec import Codec
from mypy_plugin.messages import code_of
from mypy_plugin.opening import BLANK, open_tensor, plain_parameter, signature_origin
from mypy_plugin.parameters import Prepared, is_unpassable, prepared
from mypy_plugin.strangers import anything_goes, refuse_strangers
from mypy_plugin.values import Values
from tensorlib.shapes.dtypes import DEFAULT_FLOAT, require_supported
from tensorlib.shapes.errors import DtypeError, ShapeError, not_a_dtype, tensors_among_numbers
from tensorlib.shapes.registry import Rule, TapeRule

REPLACED = (TapeRule.RECORDS, TapeRule.READS)
"""Ops whose result's type is computed in full; of the others the signature says part."""


def op_signature(
    context: FunctionSigContext | MethodSigContext, rule: Rule, codec: Codec
) -> FunctionLike:
    """Return an op's signature with the tensors' shapes open, so that only the rule reports."""
    signature = context.default_signature
    if rule.takes_data and _has_bad_lists(context, rule, codec):
        nothing = AnyType(TypeOfAny.from_error)
        anything: list[Type] = [nothing] * len(signature.arg_types)
        solved = expand_type(signature.ret_type, {v.id: nothing for v in signature.variables})
        return signature.copy_modified(arg_types=anything, ret_type=solved, variables=[])
    if isinstance(context, MethodSigContext) and isinstance(context.context, _OPERATORS):
        merged = _merged_operator(context, rule, codec)
        if merged is not None:
            return merged
    if not signature.arg_types and not getattr(context.context, "args", ()):
        return signature
    known = _prepared_op(context, rule, codec)
    refused = refuse_call(context, codec, rule.name, known.parameters)
    if refused is None and known.tensors and not rule.takes_data:
        refused = refuse_strangers(context, codec, lambda: rule.name, known.tensors)
    if refused is None and rule.dtype.declared:
        refused = _without_foreign_dtype(context, rule, codec)
    return known.opened if refused is None else refused


def _prepared_op(
    context: FunctionSigContext | MethodSigContext, rule: Rule, codec: Codec
) -> Prepared:
    """Return the signature of an op, from memory if it came before."""
    signature = context.default_signature
    origin = signature_origin(context, is_op=True)
    known = None if origin is None else codec.signatures.get((rule.name, origin))
    if known is None:
        known = prepared(signature, _opened_op(signature, rule, codec))
        if origin is not None:
            codec.signatures.put((rule.name, origin), known)
    return known


_OPERATORS = (OpExpr, OperatorAssignmentStmt, ComparisonExpr)


class Merged(NamedTuple):
    """The first overload of an operator in one expression, which stands for the others too."""

    first: FuncDef
    expression: Context
    owner: Type
    signature: CallableType

    def stands_for(self, overload: FuncDef | None, context: MethodSigContext) -> bool:
        """Tell whether this is another overload of the same."""
        is_same = self.expression is context.context and self.owner is context.type
        return is_same and overload is not self.first


def _merged_operator(context: MethodSigContext, rule: Rule, codec: Codec) -> CallableType | None:
    """Return an overload of an operator, of which the first then takes what any of them takes.

    mypy asks for each of the overloads, and would try one after the other.

    Returns:
        None if this is no overload of an operator whose result the rule tells in full.
    """
    if not context.args or len(context.args[0]) != 1 or not _is_whole(rule):
        return None
    overload = _function(context.default_signature.definition)
    if codec.merged is not None and codec.merged.stands_for(overload, context):
        return codec.merged.signature
    if overload is None:
        return None
    operand = codec.operands.get(overload) or _operand(overload)
    if operand is None:
        return None
    codec.operands.put(overload, operand)
    refused = refuse_strangers(context, codec, lambda: rule.name, [0], formals=[operand])
    if refused is not None:
        codec.merged = None  # for mypy may ask again, and only then tell
        return refused
    signature = _without_variables(context.default_signature).copy_modified(arg_types=[operand])
    codec.merged = Merged(overload, context.context, context.type, signature)
    return signature


def _operand(overload: FuncDef) -> Type | None:
    """Return what the overloads of an operator take, if this is the first and they have that."""
    overloads = _overloads(overload)
    if overloads is None or overload is not overloads[0]:
        return None
    formals: list[Type] = []
    for each in overloads:
        declared = get_proper_type(each.type)
        assert isinstance(declared, CallableType)
        formal = get_proper_type(declared.arg_types[-1])
        if isinstance(formal, Instance) and formal.type.fullname == names.TENSOR:
            tensor = open_tensor(formal)
            if tensor not in formals:
                formals.append(tensor)
        elif has_type_vars(formal):
            return None
        else:
            formals.append(formal)
    return UnionType.make_union(formals)


def _without_variables(signature: CallableType) -> CallableType:
    """Return a signature of which mypy has nothing to infer, as the rule tells the result."""
    anything = {v.id: AnyType(TypeOfAny.special_form) for v in signature.variables}
    if not anything:
        return signature
    returned = expand_type(signature.ret_type, anything)
    return signature.copy_modified(ret_type=returned, variables=[])


def _overloads(function: FuncDef) -> Sequence[FuncDef] | None:
    """Return the overloads of a method, if it has such and each takes one operand."""
    found = function.info.get(function.name) if function.info else None
    if found is None or not isinstance(found.node, OverloadedFuncDef):
        return None
    functions = [_function(item) for item in found.node.items]
    known = [each for each in functions if each is not None and len(each.arg_names) == 2]
    return known if len(known) == len(functions) else None


def _function(node: SymbolNode | None) -> FuncDef | None:
    function = node.func if isinstance(node, Decorator) else node
    return function if isinstance(function, FuncDef) else None


@cache
def _is_whole(rule: Rule) -> bool:
    """Tell whether the rule tells all about the result's type."""
    decides = not rule.dtype.declared or rule.dtype.operands is not None
    return rule.tape in REPLACED and decides


def _opened_op(signature: CallableType, rule: Rule, codec: Codec) -> CallableType:
    kinds = list(signature.arg_kinds)
    unpassable = list(map(is_unpassable, signature.arg_types))
    for place, kind in enumerate(signature.arg_kinds):
        if unpassable[place] and kind == ARG_NAMED:
            kinds[place] = ARG_NAMED_OPT
    whole = _is_whole(rule)
    opened = _OpenedOperands(whole=whole)
    # Tensors of several shapes in one list have no common type but object.
    groups: list[str | None] = [name for name, each in rule.parameters.items() if each.is_group]
    # Of an index, whose parameter has no name, mypy would print all that it may be.
    if any(each.annotation == "Index" for each in rule.parameters.values()):
        groups.append(None)
    types = [
        _any_before(typ, codec) or BLANK
        if name in groups or nobody_can
        else plain_parameter(typ, codec) or typ.accept(opened)
        for name, typ, nobody_can in zip(
            signature.arg_names, signature.arg_types, unpassable, strict=True
        )
    ]
    variables = {v.id for v in signature.variables}
    if whole and variables.isdisjoint(v.id for typ in types for v in get_all_type_vars(typ)):
        signature = _without_variables(signature)
    return signature.copy_modified(arg_types=types, arg_kinds=kinds)


def _any_before(typ: Type, codec: Codec) -> Type | None:
    """Return the type of ``*xs`` that ends with something else, open before that; else None."""
    inner = get_proper_type(typ.type) if isinstance(typ, UnpackType) else None
    if not isinstance(inner, TupleType):
        return None
    anything = codec.instance("builtins.tuple", (codec.instance("builtins.object"),))
    items = [UnpackType(anything) if isinstance(i, UnpackType) else i for i in inner.items]
    return UnpackType(inner.copy_modified(items=items))


def _has_bad_lists(
    context: FunctionSigContext | MethodSigContext, rule: Rule, codec: Codec
) -> bool:
    """Report nested lists that differ in length, or hold tensors where numbers are to stand.

    This is done here, where every overload is asked once and before mypy chooses one, as such
    lists fit none of them.
    """
    assert isinstance(context.api, TypeChecker)
    values = Values(codec, context.api)
    anything = AnyType(TypeOfAny.special_form)
    try:
        for exprs in context.args:
            for expr in exprs:
                if values.has_tensors(expr):
                    raise tensors_among_numbers(rule.name)
                if isinstance(expr, ListExpr):
                    values.nested_shape(anything, expr)
    except (ShapeError, DtypeError) as error:
        context.api.fail(str(error), context.context, code=code_of(error))
        return True
    return False


def _without_foreign_dtype(
    context: FunctionSigContext | MethodSigContext, rule: Rule, codec: Codec
) -> CallableType | None:
    """Report a dtype that tensors cannot have; return what the call then has.

    This is done before mypy chooses an overload, as it would tell what each requires.
    """
    assert isinstance(context.api, TypeChecker)
    for formal, exprs in zip(context.default_signature.arg_types, context.args, strict=False):
        if not exprs or not isinstance(get_proper_type(formal), TypeType):
            continue
        with context.api.msg.filter_errors():
            passed = get_proper_type(context.api.expr_checker.accept(exprs[0]))
        if isinstance(exprs[0], StrExpr):
            text = not_a_dtype(rule.name, exprs[0].value)
            context.api.fail(text, context.context, code=ARG_TYPE)
            return anything_goes(context.default_signature)
        if not isinstance(passed, CallableType) or not passed.is_type_obj():
            continue
        try:
            require_supported(codec.foreign_dtype_name(passed.ret_type) or DEFAULT_FLOAT)
        except DtypeError as error:
            named = error.named(rule.name)
            context.api.fail(str(named), context.context, code=code_of(named))
            return anything_goes(context.default_signature)
    return None


class _OpenedOperands(TypeTranslator):
    """Opens shapes; with ``whole``, the tapes and dtypes of tensors too."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__()
        self._whole = whole

    def visit_type_var(self, t: TypeVarType, /) -> Type:
        """Open a variable that stands for a shape."""
        bound = get_proper_type(t.upper_bound)
        is_shape = isinstance(bound, Instance) and bound.type.fullname == "builtins.tuple"
        return BLANK if is_shape else t

    def visit_instance(self, t: Instance, /) -> Type:
        """Open a tensor type."""
        if not self._whole or t.type.fullname != names.TENSOR:
            return t.copy_modified(args=[arg.accept(self) for arg in t.args])
        return open_tensor(t)

    def visit_callable_type(self, t: CallableType, /) -> Type:
        """Leave callables as they are."""
        return t

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)
