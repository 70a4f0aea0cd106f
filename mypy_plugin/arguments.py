"""How an op or layer is called: words of other libraries' for arguments, too many of them, too few.

mypy by itself says so without the name of a method, prints all overloads of a function, and goes on
to compare what it could not place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE, CALL_ARG
from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    CallExpr,
    Expression,
    ListExpr,
    NameExpr,
    TupleExpr,
    TypeInfo,
)
from mypy.plugin import FunctionContext, FunctionSigContext, MethodSigContext
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    TupleType,
    Type,
    TypeOfAny,
    UninhabitedType,
    get_proper_type,
)
from mypy.typevars import fill_typevars_with_any

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.folding import UnreadableError
from mypy_plugin.messages import REFUSED
from mypy_plugin.parameters import (
    PLACED,
    REQUIRED,
    Parameters,
    is_for_ints,
    is_unpassable,
    parameters_of,
)
from mypy_plugin.strangers import is_refused
from mypy_plugin.values import Values
from tensorlib.shapes.errors import (
    missing_arguments,
    not_a_model,
    not_a_tuple,
    unexpected_argument,
    wrong_count,
)
from tensorlib.shapes.words import instead_of

_DISPLAYS = (TupleExpr, ListExpr)


def refuse_call(
    context: FunctionSigContext | MethodSigContext,
    codec: Codec,
    subject: str,
    parameters: Parameters,
) -> CallableType | None:
    """Report arguments that fit no parameter; return what the call then has.

    Only parameters are looked at that are named and counted; of types it is the one of a shape that
    came as several ints.
    """
    call, signature = context.context, context.default_signature
    if not isinstance(call, CallExpr) or _is_plain(call, signature, parameters):
        return None
    checked = _Call(call, signature, subject)
    assert isinstance(context.api, TypeChecker)
    checked.items = _items(call, signature, context.api)
    code = ARG_TYPE
    if any(kind.is_star() for kind in call.arg_kinds):
        text = checked.starred_tuple(Values(codec, context.api))
    else:
        text = checked.ints_for_a_tuple(context.api, codec)
        if text is None:
            code = CALL_ARG
            is_method = isinstance(context, MethodSigContext)
            text = checked.unknown_name() or checked.count(is_method=is_method)
    if text is None:
        return None
    context.api.fail(text, call, code=code)
    return takes_everything(signature)


def _is_plain(call: CallExpr, signature: CallableType, parameters: Parameters) -> bool:
    """Tell whether each argument has its parameter, as in nearly all calls."""
    kinds, args = call.arg_kinds, call.args
    placed = kinds.count(ARG_POS)
    if placed > parameters.placed:
        return False
    if placed < len(args):
        known = signature.arg_names
        for kind, name in zip(kinds, call.arg_names, strict=True):
            if kind != ARG_POS and (kind != ARG_NAMED or name not in known):
                return False
    for place in parameters.tuples:
        if place < placed and not isinstance(args[place], _DISPLAYS):
            return False
    for place, name in parameters.required:
        if place >= placed and name not in call.arg_names:
            return False
    return True


def takes_everything(signature: CallableType) -> CallableType:
    """Return a signature that takes all, and returns what nothing more is said of."""
    return signature.copy_modified(
        arg_types=[REFUSED, REFUSED],
        arg_kinds=[ARG_STAR, ARG_STAR2],
        arg_names=[None, None],
        ret_type=REFUSED,
        variables=[],
    )


def _items(call: CallExpr, signature: CallableType, checker: TypeChecker) -> Sequence[CallableType]:
    """Return the signatures of what is called: of an overloaded function there are several."""
    callee = get_proper_type(checker.lookup_type_or_none(call.callee))
    return callee.items if isinstance(callee, FunctionLike) else [signature]


# Constructors of layers and optimizers ------------------------------------------------------------


def library_class(fullname: str, codec: Codec) -> TypeInfo | None:
    """Return the layer or optimizer of this name, if it is one."""
    is_ours = fullname.startswith((names.LAYER_MODULES, names.OPTIMIZERS))
    return codec.info(fullname) if is_ours else None


def open_constructor(
    context: FunctionSigContext,
    codec: Codec,
    otherwise: Callable[[FunctionSigContext], FunctionLike] | None,
) -> FunctionLike:
    """Report arguments that a class of the library does not take."""
    signature = context.default_signature
    made = get_proper_type(signature.ret_type)
    name = made.type.name if isinstance(made, Instance) else "call"
    told = refuse_call(context, codec, name, parameters_of(signature))
    told = told or _refuse_no_model(context, name)
    if told is not None:
        return told
    return signature if otherwise is None else otherwise(context)


def constructed(
    context: FunctionContext, info: TypeInfo, otherwise: Callable[[FunctionContext], Type] | None
) -> Type:
    """Return the type of what a constructor makes; of a call that was reported, of any size."""
    if is_refused(context.default_return_type):
        return fill_typevars_with_any(info)
    return context.default_return_type if otherwise is None else otherwise(context)


def _refuse_no_model(context: FunctionSigContext, name: str) -> CallableType | None:
    """Report what an optimizer is given instead of a model, such as its parameters."""
    signature = context.default_signature
    if "model" not in signature.arg_names[:1] or not context.args[0]:
        return None
    assert isinstance(context.api, TypeChecker)
    with context.api.msg.filter_errors():
        given = get_proper_type(context.api.expr_checker.accept(context.args[0][0]))
    kind = "tuple" if isinstance(given, TupleType) else None
    if isinstance(given, Instance) and not given.type.has_base(names.MODULE):
        kind = given.type.name
    if isinstance(given, CallableType):
        kind = "type" if given.is_type_obj() else "function"
    if kind is None:
        return None
    context.api.fail(not_a_model(kind, name), context.context, code=ARG_TYPE)
    return takes_everything(signature)


# The arguments of one call ------------------------------------------------------------------------


class _Call:
    """The arguments of one call, beside the parameters."""

    def __init__(self, call: CallExpr, signature: CallableType, subject: str) -> None:
        self._signature = signature
        self._subject = subject
        self._kinds = call.arg_kinds
        self._named = [name for name in call.arg_names if name is not None]
        self._placed = [
            expr for expr, name in zip(call.args, call.arg_names, strict=True) if name is None
        ]
        self.items: Sequence[CallableType] = [signature]

    def unknown_name(self) -> str | None:
        """Say which argument no signature has, and what stands for it here."""
        known = [name for item in self.items for name in _names(item)]
        if any(ARG_STAR2 in item.arg_kinds for item in self.items):
            return None
        for name in self._named:
            if name not in known:
                cure = instead_of(name, dict.fromkeys(known))
                return unexpected_argument(self._subject, name, cure)
        return None

    def ints_for_a_tuple(self, checker: TypeChecker, codec: Codec) -> str | None:
        """Say that ints were passed one by one where one tuple belongs."""
        too_many = all(len(self._placed) > _capacity(item) for item in self.items)
        for expr, place in self._for_tuples():
            if isinstance(expr, _DISPLAYS) or not _is_int(expr, checker):
                continue
            given = [expr]
            for further, formal in zip(
                self._placed[place + 1 :], self._formals_behind(place), strict=False
            ):
                if _takes_ints(formal, checker) and not too_many:
                    break
                if not _is_int(further, checker):
                    break
                given.append(further)
            values = Values(codec, checker)
            written = tuple(_written(each, values) for each in given)
            return not_a_tuple(self._subject, self._what(place), written)
        return None

    def starred_tuple(self, values: Values) -> str | None:
        """Say that a tuple was taken apart that belongs as it is."""
        starred = [place for place, kind in enumerate(self._kinds) if kind == ARG_STAR]
        for expr, place in self._for_tuples():
            if starred != [place] or len(self._placed) > place + 1:
                continue
            known = [*_known_ints(expr, values)]
            written = known or [f"*{expr.name if isinstance(expr, NameExpr) else '...'}"]
            return not_a_tuple(self._subject, self._what(place), written)
        return None

    def _what(self, place: int) -> str:
        name = str(self._signature.arg_names[place])
        return "a shape" if name == "shape" else name

    def count(self, *, is_method: bool) -> str | None:
        """Say that there are too many or too few arguments, in Python's words."""
        if all(len(self._placed) > _capacity(item) for item in self.items):
            most = max(map(_capacity, self.items))
            least = min(sum(kind == ARG_POS for kind in item.arg_kinds) for item in self.items)
            counts = (number + is_method for number in (least, int(most), len(self._placed)))
            return wrong_count(self._subject, *counts)
        lacking = [list(self._lacking(item)) for item in self.items]
        fewest = min(lacking, key=len)
        if not fewest or any(name not in names for name in fewest for names in lacking):
            return None
        return missing_arguments(self._subject, fewest)

    def _for_tuples(self) -> Iterator[tuple[Expression, int]]:
        """Go through the arguments by place whose parameter is a tuple of ints."""
        for place, expr in enumerate(self._placed[: len(self._signature.arg_types)]):
            if self._signature.arg_kinds[place] in PLACED and is_for_ints(
                self._signature.arg_types[place]
            ):
                yield expr, place

    def _formals_behind(self, place: int) -> Iterator[Type]:
        yield from self._signature.arg_types[place + 1 :]
        while True:  # of what is too much
            yield UninhabitedType()

    def _lacking(self, item: CallableType) -> Iterator[str]:
        for place, (name, kind, typ) in enumerate(
            zip(item.arg_names, item.arg_kinds, item.arg_types, strict=True)
        ):
            is_given = name in self._named or (kind == ARG_POS and place < len(self._placed))
            if kind in REQUIRED and not is_given and not is_unpassable(typ):
                yield str(name)


def _names(item: CallableType) -> Iterator[str]:
    """Go through the parameters of a signature that can be named."""
    for name, kind, typ in zip(item.arg_names, item.arg_kinds, item.arg_types, strict=True):
        if name is not None and not kind.is_star() and not is_unpassable(typ):
            yield name


def _capacity(item: CallableType) -> float:
    """Return how many arguments a signature takes by place."""
    if any(
        kind == ARG_STAR and not isinstance(get_proper_type(typ), UninhabitedType)
        for kind, typ in zip(item.arg_kinds, item.arg_types, strict=True)
    ):
        return inf
    return sum(kind in PLACED for kind in item.arg_kinds)


def _takes_ints(formal: Type, checker: TypeChecker) -> bool:
    proper = get_proper_type(formal)
    return is_subtype(checker.named_type("builtins.int"), proper)


def _is_int(expr: Expression, checker: TypeChecker) -> bool:
    with checker.msg.filter_errors():
        typ = get_proper_type(checker.expr_checker.accept(expr))
    return isinstance(typ, Instance) and is_subtype(typ, checker.named_type("builtins.int"))


def _known_ints(expr: Expression, values: Values) -> Iterator[str]:
    """Go through the members of a tuple of ints, if all are known."""
    try:
        found = values.sizes(AnyType(TypeOfAny.special_form), expr)
    except UnreadableError:
        return
    if all(isinstance(size, int) for size in found):
        yield from map(str, found)


def _written(expr: Expression, values: Values) -> str:
    """Return an int as Python would print it; if it is not known, as the program has it."""
    found = values.size(AnyType(TypeOfAny.special_form), expr)
    if isinstance(found, int):
        return str(found)
    return expr.name if isinstance(expr, NameExpr) else "..."
