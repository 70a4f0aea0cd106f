"""Arrays, lists and whatever else is no tensor where a tensor belongs: one error, with the way out.

mypy by itself compares such an argument with types that are open while a call is checked, and
prints these; and it lets an operator pass whose other operand is an array, which takes anything.
"""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    FloatExpr,
    IntExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    StrExpr,
    TupleExpr,
)
from mypy.plugin import FunctionSigContext, MethodContext, MethodSigContext
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    NoneType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypeOfAny,
    UnionType,
    flatten_nested_unions,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from tensorlib.shapes.errors import not_a_tensor


def kind_of(typ: Type, codec: Codec) -> str | None:
    """Name the kind of a value that can be no tensor; None if it may be one."""
    proper = get_proper_type(typ)
    if isinstance(proper, NoneType | TupleType):
        return "tuple" if isinstance(proper, TupleType) else "NoneType"
    tensor = codec.info(names.TENSOR)
    if not isinstance(proper, Instance) or tensor is None:
        return None
    could_be = proper.type.is_protocol or tensor.has_base(proper.type.fullname)
    return None if could_be or codec.tensor(proper) is not None else proper.type.name


def refuse_strangers(
    context: FunctionSigContext | MethodSigContext, codec: Codec, subject: str
) -> CallableType | None:
    """Report an argument that stands for a tensor and is none; return what the call then has.

    This is done before mypy looks at the arguments; so only those whose type costs nothing to ask
    for are looked at. Of others mypy itself tells.
    """
    signature, call = context.default_signature, context.context
    if isinstance(call, CallExpr) and any(kind.is_star() for kind in call.arg_kinds):
        return None
    assert isinstance(context.api, TypeChecker)
    for formal, exprs in zip(signature.arg_types, context.args, strict=False):
        for expr in exprs:
            typ = _known_type(expr, context.api)
            kind = None if typ is None else kind_of(typ, codec)
            if kind is None:  # as of nearly all arguments
                continue
            if kind in _refused_kinds(formal, call, context.api, codec):
                text = not_a_tensor(kind, subject)
                context.api.fail(text, context.context, code=ARG_TYPE)
                return anything_goes(signature)
    return None


_WRAPPED = ("ndarray", "list")
_OTHERS = ("str", "bytes", "dict", "set", "NoneType")
_NUMBERS = ("int", "float", "bool")
_ALLOWED = ("NoneType", "number", *_NUMBERS)
"""Kinds that are reported here; a tuple may be what a container is to take apart."""


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
        return tuple(kind for kind in (*_WRAPPED, *_OTHERS) if kind not in allowed)
    if not _is_tensor(proper, codec):
        return ()
    if not isinstance(call, CallExpr):  # an operator, which takes numbers too
        return (*_WRAPPED, *_OTHERS)
    callee = get_proper_type(checker.lookup_type_or_none(call.callee))
    return _WRAPPED if isinstance(callee, Overloaded) else (*_WRAPPED, *_OTHERS, *_NUMBERS)


def callee_name(signature: CallableType) -> str:
    """Name the function of a signature, as messages about its calls do."""
    return (signature.name or "call").partition(" of ")[0].strip('"')


def anything_goes(signature: CallableType) -> CallableType:
    """Return a signature that takes everything and returns what nothing more is said of."""
    nothing = AnyType(TypeOfAny.from_error)
    return signature.copy_modified(
        arg_types=[nothing] * len(signature.arg_types), ret_type=nothing, variables=[]
    )


def is_refused(returned: Type) -> bool:
    """Tell whether a call was reported before mypy looked at its arguments."""
    proper = get_proper_type(returned)
    return isinstance(proper, AnyType) and proper.type_of_any == TypeOfAny.from_error


def _is_tensor(formal: Type, codec: Codec) -> bool:
    proper: ProperType = get_proper_type(formal)
    return isinstance(proper, Instance) and codec.tensor(proper) is not None


def _known_type(expr: Expression, checker: TypeChecker) -> Type | None:
    """Return the type of a name, of a display, or of a call of NumPy's, and of nothing else."""
    is_cheap = isinstance(expr, _CHEAP)
    if is_cheap or (isinstance(expr, CallExpr) and _is_numpy(expr.callee)):
        with checker.msg.filter_errors():
            return checker.expr_checker.accept(expr)
    return None


_CHEAP = (NameExpr, ListExpr, TupleExpr, IntExpr, FloatExpr, StrExpr)


def _is_numpy(callee: Expression) -> bool:
    while isinstance(callee, MemberExpr):
        callee = callee.expr
    node = callee.node if isinstance(callee, NameExpr) else None
    return isinstance(node, MypyFile) and node.fullname.partition(".")[0] == "numpy"


def meeting_an_array(context: MethodContext, codec: Codec, op: str) -> Type:
    """Report an operator between an array and a tensor, which NumPy's signatures let pass."""
    operand = context.arg_types[0][0] if context.arg_types and context.arg_types[0] else None
    if operand is None or codec.tensor(operand) is None:
        return context.default_return_type
    context.api.fail(not_a_tensor("ndarray", op), context.context, code=ARG_TYPE)
    return AnyType(TypeOfAny.from_error)
