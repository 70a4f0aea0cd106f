"""Arrays, lists and whatever else is no tensor where a tensor belongs: one error, with the way out.

mypy by itself compares such an argument with types that are open while a call is checked, and
prints these; and it lets an operator pass whose other operand is an array, which takes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Final

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE
from mypy.nodes import (
    ARG_STAR,
    ARG_STAR2,
    BytesExpr,
    CallExpr,
    Context,
    DictExpr,
    Expression,
    FloatExpr,
    FuncDef,
    IntExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    RefExpr,
    SetExpr,
    StrExpr,
    SymbolNode,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.plugin import FunctionSigContext, MethodContext, MethodSigContext
from mypy.types import (
    CallableType,
    Instance,
    NoneType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    UnionType,
    UnpackType,
    flatten_nested_unions,
    get_proper_type,
    has_type_vars,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.messages import REFUSED
from mypy_plugin.ours import parts
from tensorlib.shapes.errors import group_kind, not_a_tensor


def kind_of(typ: Type, codec: Codec) -> str | None:
    """Name the kind of a value that can be no tensor; None if it may be one."""
    proper = get_proper_type(typ)
    if isinstance(proper, NoneType):
        return "NoneType"
    if isinstance(proper, TupleType):
        are_all = not any(isinstance(item, UnpackType) for item in proper.items)
        count = len(proper.items) if are_all else None
        return group_kind("tuple", count) if _holds_tensors(proper, codec) else "tuple"
    if not isinstance(proper, Instance) or codec.is_tensor(proper):
        return None
    tensor = codec.info(names.TENSOR)
    if tensor is None or proper.type.is_protocol or tensor.has_base(proper.type.fullname):
        return None
    name = proper.type.name
    return group_kind(name, None) if _holds_tensors(proper, codec) else name


def kind_of_no_group(typ: Type, codec: Codec) -> str | None:
    """Name the kind of a value that can be no tuple or list of tensors; None if it may be one."""
    proper = get_proper_type(typ)
    if isinstance(proper, NoneType):
        return "NoneType"
    sequence = codec.info("typing.Sequence")
    if not isinstance(proper, Instance) or sequence is None:
        return None
    info = proper.type
    if info.fullname == "typing.Generator":
        return "generator"
    if info.is_protocol or info.has_base(sequence.fullname) or sequence.has_base(info.fullname):
        return None
    return info.name


def _holds_tensors(typ: Type, codec: Codec) -> bool:
    """Tell whether this is a tuple or list with tensors in it."""
    proper = get_proper_type(typ)
    if isinstance(proper, UnpackType):
        return _holds_tensors(proper.type, codec)
    is_group = isinstance(proper, Instance) and proper.type.fullname in _GROUPS
    if not is_group and not isinstance(proper, TupleType):
        return False
    return any(codec.is_tensor(i) or _holds_tensors(i, codec) for i in parts(proper))


_GROUPS = ("builtins.tuple", "builtins.list")


def refuse_strangers(
    context: FunctionSigContext | MethodSigContext,
    codec: Codec,
    subject: Callable[[], str],
    places: Sequence[int],
    *,
    allowed: Container[str] = (),
    formals: Sequence[Type] | None = None,
) -> CallableType | None:
    """Report an argument that stands for a tensor and is none; return what the call then has.

    This is done before mypy looks at the arguments; so only those whose type costs nothing to ask
    for are looked at. Of others mypy itself tells.

    Args:
        context: the call.
        codec: reads types.
        subject: tells who is called, once something is reported.
        places: the places of the parameters that may be for tensors.
        allowed: kinds that are no tensors and may be passed all the same.
        formals: what the parameters may be, where the signature does not say all of it.
    """
    if not places:
        return None
    signature, call = context.default_signature, context.context
    if isinstance(call, CallExpr) and (ARG_STAR in call.arg_kinds or ARG_STAR2 in call.arg_kinds):
        return None
    assert isinstance(context.api, TypeChecker)
    declared = signature.arg_types if formals is None else formals
    is_operator = not isinstance(call, CallExpr)
    for place in places:
        formal = declared[place]
        for expr in context.args[place]:
            if _is_declared_tensor(expr) or (is_operator and isinstance(expr, _WRITTEN_NUMBERS)):
                continue
            typ = _known_type(expr, context.api, codec)
            kind = None if typ is None else kind_of(typ, codec)
            if kind is None or kind in allowed:  # as of nearly all arguments
                continue
            if kind in _NUMBERS and isinstance(get_proper_type(formal), UnionType):
                continue  # which no union refuses
            if kind in _refused_kinds(formal, call, context.api, codec):
                text = not_a_tensor(kind, subject())
                context.api.fail(text, context.context, code=ARG_TYPE)
                return anything_goes(signature)
    return None


TUPLES: Final = ("tuple", "a tuple of one tensor", "a tuple of tensors")
_WRAPPED = ("ndarray", "list", "a list of tensors")
_OTHERS = ("str", "bytes", "dict", "set", "NoneType")
_NUMBERS = ("int", "float", "bool")
_ALLOWED = ("NoneType", "number", *_NUMBERS)
"""Kinds that are reported here."""


def _is_declared_tensor(expr: Expression) -> bool:
    """Tell whether this is a name of a tensor, as it is of nearly all, without asking mypy."""
    node = expr.node if isinstance(expr, NameExpr) else None
    declared = get_proper_type(node.type) if isinstance(node, Var) else None
    return isinstance(declared, Instance) and declared.type.has_base(names.TENSOR)


def _refused_kinds(
    formal: Type, call: Context, checker: TypeChecker, codec: Codec
) -> tuple[str, ...]:
    """Return the kinds that certainly are wrong for a parameter; none if it is for no tensor."""
    proper = get_proper_type(formal)
    if isinstance(proper, UnionType):  # of a tensor and a number, say
        items = flatten_nested_unions(proper.items)
        others = [item for item in items if not _is_tensor(item, codec)]
        allowed = [kind_of(item, codec) for item in others]
        if len(others) == len(items) or not all(kind in _ALLOWED for kind in allowed):
            return ()
        return tuple(kind for kind in (*_WRAPPED, *_OTHERS, *TUPLES) if kind not in allowed)
    if not _is_tensor(proper, codec):
        return ()
    if not isinstance(call, CallExpr):  # an operator, which takes numbers too
        return (*_WRAPPED, *_OTHERS, *TUPLES)
    callee = get_proper_type(checker.lookup_type_or_none(call.callee))
    if isinstance(callee, Overloaded):
        return _WRAPPED
    return (*_WRAPPED, *_OTHERS, *TUPLES, *_NUMBERS)


def callee_name(signature: CallableType) -> str:
    """Name the function of a signature, as messages about its calls do."""
    return (signature.name or "call").partition(" of ")[0].strip('"')


def anything_goes(signature: CallableType) -> CallableType:
    """Return a signature that takes everything and returns what nothing more is said of."""
    return signature.copy_modified(
        arg_types=[REFUSED] * len(signature.arg_types), ret_type=REFUSED, variables=[]
    )


def is_refused(returned: Type) -> bool:
    """Tell whether a call was reported before mypy looked at its arguments."""
    return returned is REFUSED  # other Anys that are called errors are mypy's own


def _is_tensor(formal: Type, codec: Codec) -> bool:
    proper: ProperType = get_proper_type(formal)
    return isinstance(proper, Instance) and codec.is_tensor(proper)


def _known_type(expr: Expression, checker: TypeChecker, codec: Codec) -> Type | None:
    """Return the type of a name, of a display, or of a call as far as it is declared, else None."""
    is_cheap = isinstance(expr, _CHEAP)
    if is_cheap or (isinstance(expr, CallExpr) and _is_numpy(expr.callee)):
        with checker.msg.filter_errors():
            return checker.expr_checker.accept(expr)
    return _declared_result(expr.callee, codec) if isinstance(expr, CallExpr) else None


def _declared_result(callee: Expression, codec: Codec) -> Type | None:
    """Return what a function, a method or a module declares to return, if no call bears on it."""
    node: SymbolNode | None = callee.node if isinstance(callee, RefExpr) else None
    if node is None and isinstance(callee, MemberExpr) and isinstance(callee.expr, NameExpr):
        node = _member(callee.expr.node, callee.name)
    if isinstance(callee, CallExpr) and isinstance(callee.callee, RefExpr):
        node = _method(callee.callee.node, "forward")  # of a module that is made there
    if isinstance(node, Var) and isinstance(get_proper_type(node.type), Instance):
        node = _member(node, "forward")
    declared = get_proper_type(node.type) if isinstance(node, FuncDef | Var) else None
    if not isinstance(declared, CallableType):
        return None
    returned = get_proper_type(declared.ret_type)
    is_array = isinstance(returned, Instance) and returned.type.fullname == names.NDARRAY
    is_known = is_array or _holds_tensors(returned, codec) or not has_type_vars(returned)
    return returned if is_known else None


def _member(owner: SymbolNode | None, name: str) -> SymbolNode | None:
    """Return what an attribute of a variable's class stands for."""
    typ = get_proper_type(owner.type) if isinstance(owner, Var) else None
    return _method(typ.type, name) if isinstance(typ, Instance) else None


def _method(owner: SymbolNode | None, name: str) -> SymbolNode | None:
    """Return what an attribute of a class stands for."""
    found = owner.get(name) if isinstance(owner, TypeInfo) else None
    return None if found is None else found.node


_WRITTEN_NUMBERS = (IntExpr, FloatExpr)
_DISPLAYS = (DictExpr, ListExpr, SetExpr, TupleExpr)
_CHEAP = (NameExpr, IntExpr, FloatExpr, BytesExpr, StrExpr, *_DISPLAYS)


def _is_numpy(callee: Expression) -> bool:
    while isinstance(callee, MemberExpr):
        callee = callee.expr
    node = callee.node if isinstance(callee, NameExpr) else None
    return isinstance(node, MypyFile) and node.fullname.partition(".")[0] == "numpy"


def takes_anything(fullname: str, codec: Codec) -> bool:
    """Tell whether this operator takes any object: of arrays, and ``==`` of what Python has."""
    if fullname.startswith(names.NDARRAY_OPERATOR):
        return True
    if not fullname.endswith(names.EQUALITIES):
        return False
    owner, _, method = fullname.rpartition(".")
    info = codec.info(owner)
    defined = None if info is None else info.get(method)
    return defined is not None and str(defined.fullname).startswith("builtins.")


def meeting_a_tensor(context: MethodContext, codec: Codec, op: str) -> Type:
    """Report an operator between something else and a tensor, which its signature lets pass.

    Those of NumPy's arrays do, and ``==`` of whatever there is.
    """
    operand = context.arg_types[0][0] if context.arg_types and context.arg_types[0] else None
    kind = kind_of(context.type, codec)
    if operand is None or codec.tensor(operand) is None or kind is None or kind in _NUMBERS:
        return context.default_return_type
    context.api.fail(not_a_tensor(kind, op), context.context, code=ARG_TYPE)
    return REFUSED
