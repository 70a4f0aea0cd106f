"""Containers: the hooks for building one, applying it, and taking a member out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE, ErrorCode
from mypy.plugin import AttributeContext, FunctionContext, MethodContext, MethodSigContext
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeOfAny,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.members import (
    Types,
    could_be_module,
    is_many,
    label,
    members_of,
    opened_container,
)
from mypy_plugin.messages import code_of, refused
from mypy_plugin.opening import BLANK
from mypy_plugin.parameters import prepared
from mypy_plugin.strangers import TUPLES, is_refused, refuse_strangers
from mypy_plugin.values import Values
from tensorlib.shapes.containers import not_a_module, of_no_operand, without_modules
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.reading import Place
from tensorlib.shapes.shape import ANY_DIMS


class Containers:
    """One call that builds or applies a container."""

    def __init__(self, context: FunctionContext | MethodContext, codec: Codec) -> None:
        assert isinstance(context.api, TypeChecker)
        self._context = context
        self._codec = codec
        self._types = Types(context.api, codec, context.context)

    def check_built(self, container: Type, *, parts_too: bool) -> None:
        """Report a container whose members do not fit each other, whatever the operand.

        Args:
            container: its type.
            parts_too: whether containers in it are reported here; not where they were built.
        """
        if self._report_others(container):
            return
        error = self._misfit(container)
        if error is not None and (parts_too or not self._has_misfit(container)):
            self._report(of_no_operand(error))

    def _report_others(self, container: Type) -> bool:
        """Report a member that certainly is no module."""
        opened = opened_container(container, self._codec)
        if opened is None or opened[0].name == "Repeated":  # of which mypy itself tells
            return False
        place = Place(None, opened[0].name)
        found = next(self._others(opened[1], place, opened[0].fields), None)
        if found is not None:
            self._context.api.fail(found, self._context.context, code=ARG_TYPE)
        return found is not None

    def _others(
        self, members: Sequence[Type], place: Place, fields: Sequence[str] = ()
    ) -> Iterator[str]:
        if not members:
            yield without_modules(str(place))
        steps: Sequence[str | int] = fields or range(len(members))
        for step, member in zip(steps, members, strict=False):
            proper, inner = get_proper_type(member), Place(place, step)
            if isinstance(proper, TupleType):
                yield from self._others(proper.items, inner)
            elif isinstance(proper, FunctionLike):
                is_class = proper.is_type_obj()
                name = proper.type_object().name if is_class else ""
                yield not_a_module(str(inner), "type" if is_class else "function", name)
            elif isinstance(proper, NoneType):
                yield not_a_module(str(inner), "NoneType", "")
            elif isinstance(proper, Instance) and not could_be_module(proper.type):
                yield not_a_module(str(inner), proper.type.name, "")

    def applied(self, container: Type, operand: Type) -> Type:
        """Return the type of a container's result; report an operand that does not fit."""
        opened = members_of(container, self._codec)
        if opened is None:
            return AnyType(TypeOfAny.special_form)
        rule, members = opened
        try:
            return self._types.run(rule, container, members, operand)
        except (ShapeError, DtypeError, TapeError) as error:
            if self._misfit(container) is None:  # else it is reported where it was built
                self._report(error)
            return refused(self._context.api, self.anything_of(operand))

    def anything_of(self, operand: Type) -> Type:
        """Return the declared result of a container, with the operand's tape and any shape."""
        declared = self._codec.tensor(self._context.default_return_type)
        given = self._codec.tensor(operand)
        anything = AnyType(TypeOfAny.from_error)
        if declared is None:
            return anything
        tape = anything if given is None else given.tape
        return self._codec.encode_tensor((ANY_DIMS,), tape, anything)

    def _misfit(self, container: Type) -> ShapeError | DtypeError | TapeError | None:
        """Return what is wrong with a container for every operand, if anything is."""
        opened = members_of(container, self._codec)
        if opened is None:
            return None
        rule, members = opened
        try:
            self._types.run(rule, container, members, AnyType(TypeOfAny.special_form))
        except (ShapeError, DtypeError, TapeError) as error:
            return error
        return None

    def _has_misfit(self, container: Type) -> bool:
        """Tell whether a container in this one, which was built before, is wrong by itself."""
        opened = members_of(container, self._codec)
        inner = () if opened is None else opened[1]
        return any(
            self._has_misfit(member)
            or (isinstance(get_proper_type(member), Instance) and self._misfit(member) is not None)
            for member in inner
        )

    def _report(self, error: ShapeError | DtypeError | TapeError) -> None:
        code: ErrorCode = code_of(error)
        self._context.api.fail(str(error), self._context.context, code=code)


def container_built(context: FunctionContext, codec: Codec, built: Type) -> Type:
    """Check a container when it is built from its members."""
    Containers(context, codec).check_built(built, parts_too=False)
    return built


def model_built(context: FunctionContext, codec: Codec) -> Type:
    """Check the containers in a model that ``nn.build`` makes from its type."""
    built = context.default_return_type
    Containers(context, codec).check_built(built, parts_too=True)
    return built


def sequential_of_tuple(context: FunctionContext, codec: Codec) -> Type:
    """Give ``nn.sequential((a, (b, c)))`` the type of the Sequential that it makes."""
    argument = get_proper_type(context.arg_types[0][0]) if context.arg_types[0] else None
    if not isinstance(argument, TupleType):
        return context.default_return_type
    return container_built(context, codec, codec.instance(names.SEQUENTIAL, argument.items))


def open_application(context: MethodSigContext, codec: Codec) -> FunctionLike:
    """Let a container take every operand, so that its members alone report."""
    signature = context.default_signature
    places = prepared(signature, signature).tensors
    subject = partial(label, context.type, codec)
    refused_ = refuse_strangers(context, codec, subject, places, allowed=TUPLES)
    if refused_ is not None:
        return refused_
    types: list[Type] = [BLANK for _ in signature.arg_types]
    return signature.copy_modified(arg_types=types)


def container_applied(context: MethodContext, codec: Codec) -> Type:
    """Return the type of a container's result."""
    if not context.arg_types or not context.arg_types[0]:
        return context.default_return_type
    operand = get_proper_type(context.arg_types[0][0])
    each = operand.relevant_items() if isinstance(operand, UnionType) else [operand]
    call = Containers(context, codec)
    if is_refused(context.default_return_type):
        return refused(context.api, call.anything_of(operand))
    results = [call.applied(context.type, item) for item in each]
    return results[0] if len(results) == 1 else make_simplified_union(results)


def member_taken(context: MethodContext, codec: Codec) -> Type:
    """Return the type of ``model[0]`` where the index is known."""
    opened = members_of(context.type, codec)
    if opened is None or not context.args or not context.args[0]:
        return context.default_return_type
    assert isinstance(context.api, TypeChecker)
    index = Values(codec, context.api).size(context.arg_types[0][0], context.args[0][0])
    rule, members = opened
    is_known = isinstance(index, int) and -len(members) <= index < len(members)
    if rule.name == "Repeated" or not is_known or any(map(is_many, members)):
        return context.default_return_type
    assert isinstance(index, int)
    return as_module(members[index], codec)


def field_taken(context: AttributeContext, codec: Codec) -> Type:
    """Return the type of a container's field; a tuple that was passed became a Sequential."""
    return as_module(context.default_attr_type, codec)


def as_module(member: Type, codec: Codec) -> Type:
    """Return the type of a member, of which a tuple is held as a Sequential."""
    proper = get_proper_type(member)
    return (
        codec.instance(names.SEQUENTIAL, proper.items) if isinstance(proper, TupleType) else member
    )
