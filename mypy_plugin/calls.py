"""Calls of ops: bind the arguments, decode them, ask the op's rule, encode its answer.

One hook serves every op of the library, in functions, methods and operators alike. What differs
between ops stands in their rules (`tensorlib.shapes`), which the run time asks as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Final, NamedTuple

from mypy.checker import TypeChecker
from mypy.errorcodes import ARG_TYPE, INDEX, ErrorCode
from mypy.nodes import (
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    ArgKind,
    CallExpr,
    Expression,
)
from mypy.plugin import AttributeContext, FunctionContext, MethodContext
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeOfAny,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.arrays import is_converted_array, may_be_smaller
from mypy_plugin.codec import UNKNOWN_SCALAR, Codec
from mypy_plugin.folding import UnreadableError
from mypy_plugin.groups import Groups, Member
from mypy_plugin.indices import wrong_items
from mypy_plugin.messages import NO_TAPE_ON_A_PATH, WRONG_TYPES, code_of, refused
from mypy_plugin.misfits import has_misfit
from mypy_plugin.notes import receiver_of
from mypy_plugin.op_signatures import REPLACED
from mypy_plugin.repeats import question_of_op
from mypy_plugin.starred import Starred
from mypy_plugin.strangers import is_refused, kind_of, kind_of_no_group
from mypy_plugin.values import Values
from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN, Dim, SymbolicDim, UnknownDim
from tensorlib.shapes.dtypes import require_supported
from tensorlib.shapes.errors import (
    DtypeError,
    ImmutableError,
    ShapeError,
    TapeError,
    TensorlibError,
    UndecidedError,
    not_a_group,
    not_a_tensor,
)
from tensorlib.shapes.registry import Parameter, Rule, TapeRule
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Each, Group, Several, Shape, common_shape

_CONCRETE = ("bool", "tuple[int, ...]")
"""Annotations of rule parameters for which a rule cannot do with an unknown value."""
_SIZE = ("Dim", "Dim | None", "Ord", "Extent", "Extent | None", "Padding", "Factor | None")
"""Annotations of rule parameters where what cannot be read, such as a float, is an unknown size."""

_DIMS = (int, SymbolicDim, UnknownDim)
_KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "str": (str,),
    "None": (type(None),),
    "int": _DIMS,
    "Dim": _DIMS,
    "tuple[int, ...]": (tuple,),
    "PadWidth": (*_DIMS, tuple),
}
"""What values the annotations of rule parameters allow, as far as a rule relies on it."""


_FEW = 64
"""How many operands are told one by one; of more, the number stands for all."""


class Argument(NamedTuple):
    """One argument of a call: its type, and its expression where there is one."""

    type: Type
    expr: Expression | None


class Operand(NamedTuple):
    """A tensor or scalar among the arguments."""

    shape: Shape
    tape: ProperType | None
    dtype: str | None
    dtype_type: ProperType | None = None
    is_dtype_stated: bool = True


UNSTATED: Final = Operand((UNKNOWN_DIMS,), None, None, is_dtype_stated=False)
"""Data of which nothing is known: np.load() returns an Any that is none of the user's."""


def op_result(context: FunctionContext | MethodContext, rule: Rule, codec: Codec) -> Type:
    """Return the type of the result of an op's call; report what the rule refuses."""
    question = question_of_op(context, rule)
    known = None if question is None else codec.results.get(question)
    if known is not None:
        return known
    call = OpCall(context, rule, codec)
    result = call.result()
    if question is not None and not call.is_refused:
        codec.results.put(question, result)
    return result


class OpCall:
    """One checked call of an op.

    Attributes:
        is_refused: whether an error was reported.
    """

    def __init__(self, context: FunctionContext | MethodContext, rule: Rule, codec: Codec) -> None:
        assert isinstance(context.api, TypeChecker)
        self._context = context
        self._rule = rule
        self._codec = codec
        self._values = Values(codec, context.api)
        self.is_refused = False

    def result(self) -> Type:
        """Return the type of the call's result; report what the rule refuses."""
        if is_refused(self._context.default_return_type):
            nothing = AnyType(TypeOfAny.from_error)
            tensor = self._codec.encode_tensor((ANY_DIMS,), nothing, nothing)
            return refused(self._context.api, tensor)
        bound = self._bound()
        if bound is None:
            anything = Operand((ANY_DIMS,), AnyType(TypeOfAny.special_form), None)
            return self._encoded((ANY_DIMS,), [anything], None)
        results = [self._member_result(arguments) for arguments in _each_member(bound)]
        return results[0] if len(results) == 1 else make_simplified_union(results)

    @cached_property
    def _items(self) -> Starred:
        return Starred(self._values)

    # Binding ------------------------------------------------------------------------------------

    def _bound(self) -> dict[str, Argument] | None:
        """Return the arguments by the rule's parameter names, or None if they cannot be told."""
        context = self._context
        parameters = self._rule.parameters
        bound: dict[str, Argument] = {}
        offset = 0
        if isinstance(context, MethodContext):
            bound[next(iter(parameters))] = Argument(context.type, None)
            offset = 1
        groups = zip(
            context.callee_arg_names,
            context.arg_types,
            context.args,
            context.arg_kinds,
            strict=True,
        )
        for place, (name, types, exprs, kinds) in enumerate(groups, start=offset):
            if name not in parameters:
                # mypy names no arguments of operators, and ours call their operand `other`.
                if name not in (None, "other") or place >= len(parameters):
                    continue
                name = list(parameters)[place]
            assert name is not None
            if ARG_STAR2 in kinds:
                return None
            if parameters[name].is_group and self._is_starred(name):
                last = self._behind_group(name, types, kinds)
                if last is not None:
                    bound[last] = Argument(types[-1], exprs[-1])
                    types, exprs, kinds = types[:-1], exprs[:-1], kinds[:-1]
                bound[name] = self._gathered(types, exprs, kinds)
            elif ARG_STAR in kinds:
                starred = self._starred(types[0], exprs[0])
                if starred is None:
                    return None
                bound[name] = starred
            elif types:
                bound[name] = Argument(types[0], exprs[0])
        return bound if all(name in bound for name in self._rule.required) else None

    def _starred(self, typ: Type, expr: Expression) -> Argument | None:
        """Return the next item of ``*arguments``, if the tuple's items are known."""
        item = self._items.item(typ, expr)
        return None if item is None else Argument(item, None)

    def _is_starred(self, name: str) -> bool:
        """Tell whether the called function takes a group of tensors one by one, as ``*xs``."""
        api, call = self._context.api, self._context.context
        if not isinstance(call, CallExpr):
            return False
        assert isinstance(api, TypeChecker)
        callee = get_proper_type(api.lookup_type_or_none(call.callee))
        items = callee.items if isinstance(callee, FunctionLike) else ()
        return any((name, ARG_STAR) in zip(i.arg_names, i.arg_kinds, strict=True) for i in items)

    def _behind_group(
        self, name: str, types: Sequence[Type], kinds: Sequence[ArgKind]
    ) -> str | None:
        """Name the parameter whose int stands last among ``*xs``, as in ``batches(x, y, 64)``."""
        parameters = list(self._rule.parameters)
        after = parameters[parameters.index(name) + 1 :][:1]
        if not types or not after or kinds[-1] != ARG_POS:
            return None
        is_size = self._rule.parameters[after[0]].annotation == "Dim"
        return after[0] if is_size and self._codec.scalar_kind(types[-1]) == "scalar int" else None

    def _gathered(
        self, types: Sequence[Type], exprs: Sequence[Expression], kinds: Sequence[ArgKind]
    ) -> Argument:
        """Return the arguments of ``*xs`` as one tuple."""
        items: list[Type] = []
        for typ, expr, kind in zip(types, exprs, kinds, strict=True):
            # mypy names a starred tuple once for each of its items.
            starred = self._starred(typ, expr) if kind == ARG_STAR else Argument(typ, expr)
            items.append(UnpackType(typ) if starred is None else starred.type)
        return Argument(self._codec.tuple_of(items), None)

    # Decoding -----------------------------------------------------------------------------------

    def _operand(self, argument: Argument) -> Operand | None:
        """Decode a tensor, a scalar or an array; None for anything else."""
        tensor = self._codec.tensor(argument.type)
        if tensor is not None:
            dtype = self._codec.dtype_name(tensor.dtype)
            return Operand(tensor.shape, tensor.tape, dtype, tensor.dtype)
        kind = self._codec.scalar_kind(argument.type)
        if kind is not None:
            return Operand((), None, None if kind == UNKNOWN_SCALAR else kind)
        proper = get_proper_type(argument.type)
        if isinstance(proper, AnyType):
            return Operand((ANY_DIMS,), proper, None)
        if isinstance(proper, Instance) and proper.type.fullname == names.NDARRAY:
            doubtful = may_be_smaller(proper, argument.expr, self._values, self._codec)
            return Operand(self._array_shape(proper), None, None, is_dtype_stated=not doubtful)
        if isinstance(proper, UnionType):
            members = [self._operand(Argument(item, None)) for item in proper.relevant_items()]
            known = [member for member in members if member is not None]
            return _common(known) if len(known) == len(members) else None
        return None

    def _data(self, argument: Argument, operand: Operand | None) -> Operand | None:
        """Decode what may be nested lists of numbers too; None for anything else."""
        if isinstance(get_proper_type(argument.type), AnyType):
            return UNSTATED
        if is_converted_array(argument.type, argument.expr, self._values, self._codec):
            return UNSTATED
        if operand is not None:
            return operand
        try:
            nested = self._values.nested_shape(argument.type, argument.expr)
        except ShapeError:  # reported with the signature, once for all overloads
            nested = (ANY_DIMS,)
        return None if nested is None else Operand(nested, None, None)

    def _group(self, argument: Argument) -> tuple[list[Operand], Group | None]:
        """Decode a tuple or list of tensors; their shapes are None if some cannot be told."""
        anything = [Operand((ANY_DIMS,), AnyType(TypeOfAny.special_form), None)]
        kind = kind_of_no_group(argument.type, self._codec)
        if kind is not None:
            self._fail(not_a_group(kind, self._rule.name), ARG_TYPE)
            return anything, None
        members = Groups(self._codec, self._values).members(argument.type, argument.expr)
        for member in members:
            if self._is_refused(member):
                return anything, None
        decoded = [(self._operand(Argument(m.type, m.expr)), m.number) for m in members]
        operands = [operand for operand, _ in decoded if operand is not None]
        if len(operands) < len(decoded):
            return operands, None
        shapes: list[Shape | Several] = []
        for operand, (_, count) in zip(operands, decoded, strict=True):
            if isinstance(count, int) and count <= _FEW:
                shapes.extend([operand.shape] * count)
            else:
                shapes.append(Several(operand.shape, count))
        return operands, tuple(shapes)

    def _is_refused(self, member: Member) -> bool:
        """Report a member of a group that can be no tensor, as mypy does of other operands."""
        kind = kind_of(member.type, self._codec)
        if kind is None:
            return False
        text = not_a_tensor(kind, self._rule.name)
        self._fail(text, ARG_TYPE)
        return True

    def _array_shape(self, array: Instance) -> Shape:
        """Return an array's shape; NumPy's Any means that nobody stated it."""
        shape = self._codec.shape(array.args[0])
        items = (UNKNOWN_DIMS if item == ANY_DIMS else item for item in shape)
        return tuple(UNKNOWN if isinstance(item, UnknownDim) else item for item in items)

    # Asking the rule ----------------------------------------------------------------------------

    def _member_result(self, bound: dict[str, Argument]) -> Type:
        operands: list[Operand] = []
        arguments: dict[str, Any] = {}
        numbers: dict[str, Dim] = {}
        readable = True
        dtype: str | None = self._rule.dtype.result
        refused = False  # whether mypy itself reports an operand
        for name, argument in bound.items():
            parameter = self._rule.parameters[name]
            try:
                if parameter.is_group:
                    group, shapes = self._group(argument)
                    operands.extend(group)
                    arguments[name] = _taken(parameter, shapes)
                elif parameter.is_tensor:
                    operand = self._operand(argument)
                    if parameter.is_data:
                        operand = self._data(argument, operand)
                    if operand is None:
                        left_out = isinstance(get_proper_type(argument.type), NoneType)
                        refused = refused or not left_out or parameter.default is not None
                        continue
                    operands.append(operand)
                    arguments[name] = operand.shape
                    if self._rule.within is not None and operand.dtype == "scalar int":
                        numbers[name] = self._values.size(argument.type, argument.expr)
                else:
                    arguments[name] = self._read(parameter, argument)
            except UnreadableError:
                readable = False
        try:
            self._check_tape(operands)
            is_known = readable and not refused
            shape = self._shape(operands, arguments) if is_known else _unknown(operands)
            if is_known and numbers:
                self._require_within(arguments | numbers)
            if not refused:
                dtype = self._dtype(operands)
        except (ShapeError, DtypeError, TapeError, ImmutableError) as error:
            return self._refused(error, operands)
        return self._encoded(shape, operands, dtype)

    def _shape(self, operands: list[Operand], arguments: dict[str, Any]) -> Any:
        """Ask the rule."""
        try:
            return self._rule.check(**arguments)
        except (ShapeError, DtypeError, TapeError, ImmutableError):
            raise
        except (UndecidedError, *WRONG_TYPES):
            return _unknown(operands)

    def _require_within(self, arguments: dict[str, Any]) -> None:
        """Ask the rule about numbers in the place of operands, as far as they are known."""
        try:
            self._rule.require_within(**arguments)
        except ShapeError:
            raise
        except (UndecidedError, *WRONG_TYPES):
            return

    def _read(self, parameter: Parameter, argument: Argument) -> Any:
        annotation = parameter.annotation
        if annotation == "Sizes":
            return self._values.sizes(argument.type, argument.expr)
        if annotation == "Index":
            wrong = next(wrong_items(argument.type, argument.expr, self._values), None)
            if wrong is not None:
                self._fail(wrong, INDEX)
                raise UnreadableError
            return self._values.index(argument.type, argument.expr)
        try:
            value = self._values.read(argument.type, argument.expr)
        except UnreadableError:
            if annotation in _SIZE:
                return UNKNOWN
            raise
        if annotation in _CONCRETE:
            items = value if isinstance(value, tuple) else (value,)
            if any(isinstance(item, UnknownDim | SymbolicDim) for item in items):
                raise UnreadableError
        if not _fits(value, annotation):
            raise UnreadableError  # mypy itself reports such an argument
        return value

    def _check_tape(self, operands: list[Operand]) -> None:
        if self._rule.tape in (TapeRule.NEEDS_TAPE, TapeRule.NEEDS_NO_TAPE) and operands:
            tape = operands[0].tape
            owns = None if tape is None else self._codec.owns_tape(tape)
            if owns is False and self._owns_elsewhere():
                raise TapeError(NO_TAPE_ON_A_PATH.format(op=self._rule.name))
            if owns is not None:
                self._rule.tape.check(owns, self._rule.name)

    def _owns_elsewhere(self) -> bool:
        """Tell whether the tensor, which here owns no tape, owns one on another path."""
        if self._rule.tape is not TapeRule.NEEDS_TAPE:
            return False
        receiver = receiver_of(self._context.context)
        typ = None if receiver is None else get_proper_type(self._values.type_of(receiver))
        members = typ.items if isinstance(typ, UnionType) else ()
        tensors = filter(None, map(self._codec.tensor, members))
        return any(self._codec.owns_tape(tensor.tape) for tensor in tensors)

    def _dtype(self, operands: list[Operand]) -> str | None:
        known = [operand.dtype for operand in operands if operand.dtype is not None]
        if not known or len(known) != len(operands):
            return self._rule.dtype.result
        if self._rule.dtype.each:
            return None
        self._rule.operand_dtype(*known)  # may refuse them
        if self._rule.together is not None:
            self._rule.require_together([operand.shape for operand in operands], known)
        return None if self._rule.dtype.declared else self._rule.result_dtype(*known)

    def _fail(self, text: str, code: ErrorCode) -> None:
        self.is_refused = True
        self._context.api.fail(text, self._context.context, code=code)

    # Encoding -----------------------------------------------------------------------------------

    def _refused(self, error: TensorlibError, operands: list[Operand]) -> Type:
        self.is_refused = True
        if not has_misfit(self._context, self._rule):
            self._fail(str(error), code_of(error))
        return self._encoded((ANY_DIMS,), operands, None)

    def _encoded(
        self,
        shape: Any,
        operands: list[Operand],
        dtype: str | None,
        declared: ProperType | None = None,
    ) -> Type:
        """Encode the rule's answer: no shape (the signature says all), one, or one per result."""
        if declared is None:
            declared = get_proper_type(self._context.default_return_type)
        if shape is None:
            return declared
        if isinstance(shape, Each):
            shape = shape.shape
        elif _are_several(shape):
            if isinstance(declared, Instance) and declared.type.fullname != "builtins.tuple":
                (inner,) = map(get_proper_type, declared.args)  # of something that gives tuples
                return declared.copy_modified(args=[self._encoded(shape, operands, dtype, inner)])
            items = _declared_items(declared, len(shape))
            owners = len(items) - len(self._rule.dtype.beside)
            types = [
                self._encoded(each, *self._of_result(place, each, operands, dtype), item)
                for place, (each, item) in enumerate(zip(shape, items[:owners], strict=False))
            ]
            return self._codec.tuple_of([*types, *self._beside(shape[owners:])])
        if isinstance(declared, TupleType):
            return self._encoded((shape,) * len(declared.items), operands, dtype, declared)
        return self._tensor(shape, declared, operands, dtype)

    def _of_result(
        self, place: int, shape: Any, operands: list[Operand], dtype: str | None
    ) -> tuple[list[Operand], str | None]:
        """Return the operands and the dtype that bear on one of several results."""
        if not self._rule.dtype.each or _are_several(shape) or place >= len(operands):
            return operands, dtype
        tape = get_proper_type(self._merged_tape(operands))
        return [operands[place]._replace(tape=tape)], operands[place].dtype

    def _beside(self, shapes: tuple[Shape, ...]) -> list[Type]:
        """Return the types of the results that have a dtype of their own and no tape."""
        tape = self._codec.instance(names.NO_TAPE)
        return [
            self._codec.encode_tensor(shape, tape, self._codec.dtype_type(dtype))
            for shape, dtype in zip(shapes, self._rule.dtype.beside, strict=True)
        ]

    def _tensor(
        self, shape: Shape, declared: ProperType, operands: list[Operand], dtype: str | None
    ) -> Type:
        typ = self._codec.tensor(declared)
        if typ is None:
            if not isinstance(declared, Instance) or not declared.args:
                return declared
            items = map(get_proper_type, declared.args)  # of an iterator or list of tensors
            args = [self._tensor(shape, item, operands, dtype) for item in items]
            return declared.copy_modified(args=args)
        tape: Type = typ.tape
        if self._rule.tape is TapeRule.READS:
            tape = self._codec.instance(names.NO_TAPE)
        elif self._rule.tape is TapeRule.RECORDS:
            tape = self._merged_tape(operands)
        if not self._is_supported(typ.dtype):
            return self._codec.encode_tensor((ANY_DIMS,), tape, AnyType(TypeOfAny.from_error))
        result_dtype: Type = typ.dtype if dtype is None else self._codec.dtype_type(dtype)
        for operand in operands:
            if not operand.is_dtype_stated and "dtype" not in self._context.callee_arg_names:
                result_dtype = self._codec.any_dtype()
        if dtype is None and self._rule.tape in REPLACED and not self._rule.dtype.declared:
            result_dtype = self._open_dtype(operands)
        return self._codec.encode_tensor(shape, tape, result_dtype)

    def _is_supported(self, declared: Type) -> bool:
        """Report a dtype that tensors cannot have, if the call asks for one."""
        foreign = self._codec.foreign_dtype_name(declared) if self._rule.dtype.declared else None
        if foreign is None:
            return True
        try:
            require_supported(foreign)
        except DtypeError as error:
            named = error.named(self._rule.name)
            self._fail(str(named), code_of(named))
            return False
        return True

    def _merged_tape(self, operands: list[Operand]) -> Type:
        return self._codec.merged_tape([o.tape for o in operands if o.tape is not None])

    def _open_dtype(self, operands: list[Operand]) -> Type:
        """Return the dtype all operands share where its name is open, as in a generic function."""
        follows = self._rule.dtype.follows
        if follows is not None and follows < len(operands):
            return operands[follows].dtype_type or AnyType(TypeOfAny.special_form)
        first = operands[0].dtype_type if operands else None
        keeps = self._rule.dtype in (dtypes.same, dtypes.promoted, dtypes.each)
        if first is not None and keeps and all(o.dtype_type == first for o in operands):
            return first
        return AnyType(TypeOfAny.special_form)


def _common(operands: Sequence[Operand]) -> Operand:
    """Return what is common to several operands, of which one is passed."""
    first, *others = operands
    tape, dtype = first.tape, first.dtype_type
    if any(other.tape != tape for other in others):
        tape = AnyType(TypeOfAny.special_form)
    if any(other.dtype_type != dtype for other in others):
        dtype = None
    name = first.dtype if dtype is not None else None
    return Operand(common_shape([each.shape for each in operands]), tape, name, dtype)


def property_type(context: AttributeContext, rule: Rule, codec: Codec) -> Type:
    """Return the type of a property that is an op: that of a method called without arguments."""
    proper = get_proper_type(context.type)
    members = proper.relevant_items() if isinstance(proper, UnionType) else [proper]
    owners = [member for member in members if codec.tensor(member) is not None]
    if context.is_lvalue or not owners:
        return context.default_attr_type
    call = MethodContext(
        get_proper_type(UnionType.make_union(owners)),
        [],
        [],
        [],
        [],
        context.default_attr_type,
        [],
        context.context,
        context.api,
    )
    return op_result(call, rule, codec)


def _are_several(shape: Any) -> bool:
    """Tell whether a rule returned one shape for each of several results."""
    return bool(shape) and isinstance(shape[0], tuple)


def _declared_items(declared: ProperType, count: int) -> list[ProperType]:
    """Return the declared types of so many results, from a tuple of known length or of any."""
    if isinstance(declared, TupleType):
        return [get_proper_type(item) for item in declared.items]
    assert isinstance(declared, Instance), "an op with several results returns a tuple"
    return [get_proper_type(declared.args[0])] * count


def _unknown(operands: list[Operand]) -> Shape:
    """Return the shape of a result of which nothing is known."""
    return (ANY_DIMS if any(ANY_DIMS in o.shape for o in operands) else UNKNOWN_DIMS,)


def _each_member(bound: dict[str, Argument]) -> Iterable[dict[str, Argument]]:
    """Go through the combinations of the members of union arguments."""
    for argument in bound.values():
        if isinstance(get_proper_type(argument.type), UnionType):
            return _combinations(bound)
    return (bound,)


def _combinations(bound: dict[str, Argument]) -> Iterator[dict[str, Argument]]:
    choices = [_members(argument) for argument in bound.values()]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > 32:
        yield {name: Argument(AnyType(TypeOfAny.special_form), None) for name in bound}
        return
    for combination in itertools.product(*choices):
        yield dict(zip(bound, combination, strict=True))


def _members(argument: Argument) -> list[Argument]:
    proper = get_proper_type(argument.type)
    if not isinstance(proper, UnionType):
        return [argument]
    return [Argument(item, argument.expr) for item in proper.relevant_items()]


def _taken(parameter: Parameter, shapes: Group | None) -> Group:
    """Return a group's shapes, if the rule can do with what is known of them."""
    several = shapes is None or any(isinstance(shape, Several) for shape in shapes)
    if shapes is None or (several and not parameter.takes_several):
        raise UnreadableError
    return shapes


def _fits(value: object, annotation: str) -> bool:
    """Tell whether a rule can do with a value; a call may pass what the signature refuses."""
    kinds = _kinds(annotation)
    return kinds is None or isinstance(value, kinds)


@cache
def _kinds(annotation: str) -> tuple[type, ...] | None:
    """Return what values an annotation allows, or None for all."""
    kinds = [_KINDS.get(kind) for kind in annotation.split(" | ")]
    return None if None in kinds else tuple(kind for allowed in kinds for kind in allowed or ())
