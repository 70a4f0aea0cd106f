"""Containers: does each member take what the one before returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mypy.checker import TypeChecker
from mypy.erasetype import erase_typevars
from mypy.errors import ErrorInfo
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_POS, Context, TempNode
from mypy.plugin import FunctionContext, MethodContext
from mypy.subtypes import is_same_type
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    ProperType,
    TupleType,
    Type,
    TypeOfAny,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.generics import sized_name
from mypy_plugin.messages import CODES, TENSOR_SHAPE
from tensorlib.shapes.chain import located
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack


def label(module: Type, codec: Codec) -> str:
    """Name a module as it names itself at run time: ``Linear(31, 2)``, ``ReLU``."""
    proper = get_proper_type(module)
    if not isinstance(proper, Instance):
        return "module"
    return sized_name(proper, codec)


class Chain:
    """The members of one Sequential, checked one after another."""

    def __init__(self, checker: TypeChecker, codec: Codec, context: Context) -> None:
        self._checker = checker
        self._codec = codec
        self._context = context

    def checked(self, members: Sequence[Type], operand: Type, place: str) -> Type:
        """Return the type of the chain's result for an operand.

        Raises:
            ShapeError: a member does not take what it is given.
        """
        source = ""
        current = operand
        for here, member in _leaves(members, place):
            name = label(member, self._codec)
            try:
                current = self._step(member, current)
            except ShapeError as error:
                raise located(error, here, name, source) from None
            source = f"{here} {name}"
        return current

    def _step(self, member: ProperType, operand: Type) -> Type:
        if not isinstance(member, Instance):
            return AnyType(TypeOfAny.special_form)
        if self._is_unknown(operand):
            operand = self.start([member]) or operand
        checker = self._checker
        node = TempNode(operand, context=self._context)
        with checker.msg.filter_errors(save_filtered_errors=True) as watcher:
            returned, _ = checker.expr_checker.check_method_call_by_name(
                "forward", member, [node], [ARG_POS], self._context
            )
        errors = watcher.filtered_errors()
        if errors:
            raise _as_shape_error(errors, label(member, self._codec))
        return returned

    def fits(self, members: Sequence[Type]) -> bool:
        """Tell whether the members fit each other, whatever the operand."""
        try:
            self.checked(members, self.start(members) or AnyType(TypeOfAny.special_form), "")
        except ShapeError:
            return False
        return True

    def _is_unknown(self, operand: Type) -> bool:
        tensor = self._codec.tensor(operand)
        return tensor is None or tensor.shape == (ANY_DIMS,)

    def start(self, members: Sequence[Type]) -> Type | None:
        """Return the operand that the first leaf declares, if it declares sizes."""
        for _, leaf in _leaves(members, ""):
            if not isinstance(leaf, Instance):
                return None
            forward = get_proper_type(
                self._checker.expr_checker.analyze_external_member_access(
                    "forward", leaf, self._context
                )
            )
            if not isinstance(forward, CallableType) or not forward.arg_types:
                return None
            # Open variables, not the member's own, which would be rigid in whatever comes behind.
            operand = erase_typevars(forward.arg_types[0])
            tensor = self._codec.tensor(operand)
            if tensor is None or (len(tensor.shape) == 1 and isinstance(tensor.shape[0], Pack)):
                return None
            return operand
        return None


def _leaves(members: Sequence[Type], place: str) -> Iterator[tuple[str, ProperType]]:
    """Go through the members, and those of nested chains among them, with their places."""
    for index, member in enumerate(members):
        here = f"{place}[{index}]"
        proper = get_proper_type(member)
        is_own_class = isinstance(proper, Instance) and proper.type.fullname != names.SEQUENTIAL
        nested = None if is_own_class else members_of(proper)
        if nested is None:
            yield here, proper
        else:
            yield from _leaves(nested, here)


def members_of(module: ProperType) -> Sequence[Type] | None:
    """Return the members of a Sequential or of a tuple that stands for one."""
    if isinstance(module, TupleType):
        return module.items
    if not isinstance(module, Instance) or not module.type.has_base(names.SEQUENTIAL):
        return None
    base = next(info for info in module.type.mro if info.fullname == names.SEQUENTIAL)
    return map_instance_to_supertype(module, base).args


def _as_shape_error(errors: list[ErrorInfo], subject: str) -> ShapeError:
    """Turn what mypy would have printed about a member back into an error about it."""
    ours = [error for error in errors if error.code is not None and error.code.code in CODES]
    text = (ours or errors)[0].message
    unproven = bool(ours) and ours[0].code is not None and ours[0].code.code == "tensor-unproven"
    problem = text.removeprefix(f"{subject}: ")
    if problem != text:
        return ShapeError(problem, subject=subject, unproven=unproven)
    op, colon, rest = text.partition(": ")
    nested = bool(ours) and bool(colon)
    return ShapeError(rest if nested else text, subject=op if nested else "", unproven=unproven)


def sequential_built(context: FunctionContext, codec: Codec) -> Type:
    """Check a Sequential when it is built, from its members or by ``nn.build`` from its type.

    What it is applied to may still be anything.
    """
    members = members_of(get_proper_type(context.default_return_type))
    if members is not None and not any(isinstance(m, UnpackType) for m in members):
        _checked_or_reported(context, codec, members, None)
    return context.default_return_type


def sequential_of_tuple(context: FunctionContext, codec: Codec) -> Type:
    """Give ``nn.sequential((a, (b, c)))`` the type of the Sequential that it makes."""
    argument = get_proper_type(context.arg_types[0][0]) if context.arg_types[0] else None
    if not isinstance(argument, TupleType):
        return context.default_return_type
    _checked_or_reported(context, codec, argument.items, None)
    return codec.instance(names.SEQUENTIAL, argument.items)


def sequential_applied(context: MethodContext, codec: Codec) -> Type:
    """Return the type of a Sequential's result."""
    members = members_of(get_proper_type(context.type))
    if members is None or not context.arg_types or not context.arg_types[0]:
        return context.default_return_type
    if any(isinstance(member, UnpackType) for member in members):
        return _applied_repeatedly(context, codec, members)
    chain = _chain(context, codec)
    if not chain.fits(members):
        return AnyType(TypeOfAny.from_error)  # reported where it was built
    return _checked_or_reported(context, codec, members, context.arg_types[0][0])


def _applied_repeatedly(context: MethodContext, codec: Codec, members: Sequence[Type]) -> Type:
    """Return the type of a chain of unknown length: the operand's, if each member keeps it."""
    operand = context.arg_types[0][0]
    item = get_proper_type(members[0].type) if isinstance(members[0], UnpackType) else None
    if len(members) == 1 and isinstance(item, Instance) and item.args:
        returned = _checked_or_reported(context, codec, [item.args[0]], operand)
        if is_same_type(returned, operand):
            return returned
    declared = codec.tensor(context.default_return_type)
    if declared is None:
        return context.default_return_type
    return codec.encode_tensor((UNKNOWN_DIMS,), declared.tape, declared.dtype)


def _chain(context: FunctionContext | MethodContext, codec: Codec) -> Chain:
    assert isinstance(context.api, TypeChecker)
    return Chain(context.api, codec, context.context)


def _checked_or_reported(
    context: FunctionContext | MethodContext,
    codec: Codec,
    members: Sequence[Type],
    operand: Type | None,
) -> Type:
    chain = _chain(context, codec)
    anything = AnyType(TypeOfAny.special_form)
    try:
        return chain.checked(members, operand or chain.start(members) or anything, "Sequential")
    except ShapeError as error:
        code = CODES["tensor-unproven"] if error.unproven else TENSOR_SHAPE
        context.api.fail(str(error), context.context, code=code)
        return anything
