"""Calls of functions, layers and models by their declared signature.

mypy itself would compare the shapes argument by argument, without arithmetic and with a text of
its own. So the signature hook (`opening`) lets every shape pass and hands the declared types on;
the return hook, here, matches them against the arguments, reports one error, or substitutes what
was bound into the declared result.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeGuard

from mypy.checker import TypeChecker
from mypy.constraints import SUPERTYPE_OF, infer_constraints
from mypy.expandtype import expand_type
from mypy.nodes import (
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    Expression,
    ListExpr,
    StarExpr,
    TempNode,
    TupleExpr,
    TypeInfo,
)
from mypy.plugin import FunctionContext, MethodContext
from mypy.subtypes import is_subtype
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    NoneType,
    PlaceholderType,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypeOfAny,
    TypeTranslator,
    TypeVarId,
    TypeVarTupleType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec, Variable
from mypy_plugin.folding import UnreadableError
from mypy_plugin.messages import code_of
from mypy_plugin.opening import has_fresh, is_fresh, is_variable
from mypy_plugin.ours import by_variable, mentions_arithmetic
from mypy_plugin.repeats import question_of_signature
from mypy_plugin.starred import Starred
from mypy_plugin.values import Values
from tensorlib.shapes.declared import (
    fits_no_shape,
    fits_no_shapes,
    require_dtype,
    require_same_tape,
    require_tape,
)
from tensorlib.shapes.dim import Symbol, UnknownDim
from tensorlib.shapes.dtypes import FLOATS
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.shape import ANY_DIMS, Pack, Shape, format_shape, is_unknown

_MOST_CHOICES: Final = 32
"""How many combinations of the members of union arguments are looked at one by one."""


def sized_name(typ: Instance, codec: Codec) -> str:
    """Name a class with its sizes, as a module names itself at run time: ``Linear(31, 2)``."""
    variables = typ.type.defn.type_vars
    texts: list[str] = []
    for variable, arg in zip(variables, typ.args, strict=False):
        if codec.is_dim_variable(variable):
            items: Shape = (codec.dim(arg),)
            texts.append(str(items[0]))
        elif codec.is_shape_variable(variable):
            items = codec.shape(arg)
            texts.append(format_shape(items))
        elif codec.is_extent_variable(variable):
            extent = codec.extent(arg)
            items = extent if isinstance(extent, tuple) else (extent,)
            texts.append(repr(extent))
        else:
            return typ.type.name
        if is_unknown(items) or any(isinstance(item, UnknownDim) for item in items):
            return typ.type.name
    while texts and _is_default(typ, len(texts) - 1, codec):
        texts.pop()
    complete = texts and len(typ.args) == len(variables)
    return f"{typ.type.name}({', '.join(texts)})" if complete else typ.type.name


def _is_default(typ: Instance, place: int, codec: Codec) -> bool:
    """Tell whether a size is its variable's default, in a class that has a size without one.

    Such a size is not shown where no other stands behind it.
    """
    variables = typ.type.defn.type_vars
    if variables[0].has_default() or not variables[place].has_default():
        return False
    default = codec.size(variables[place], default_of(typ, place))
    return bool(default == codec.size(variables[place], typ.args[place]))


def default_of(typ: Instance, place: int) -> Type:
    """Return the default of a class' variable, by the arguments of those before it; or Any."""
    before = zip(typ.type.defn.type_vars[:place], typ.args, strict=False)
    given = {variable.id: arg for variable, arg in before}
    return expand_type(_declared_default(typ, place), given)


def _declared_default(typ: Instance, place: int) -> Type:
    return typ.type.defn.type_vars[place].default


class _Maps(NamedTuple):
    """A parameter declared as ``nn.Maps[In, Out]``, or as a ``Callable``, and what was passed."""

    taken: Sequence[Type]
    returned: Type
    actual: Type
    name: str


class _Passed(NamedTuple):
    """An argument, and how its parameter is declared."""

    declared: Type
    actual: Type
    expr: Expression | None
    name: str


class SignatureCall:
    """One checked call by declared signature.

    Attributes:
        is_refused: whether an error was reported.
    """

    def __init__(
        self,
        context: FunctionContext | MethodContext,
        codec: Codec,
        subject: Callable[[], str],
        *,
        named: bool,
    ) -> None:
        assert isinstance(context.api, TypeChecker)
        self._context = context
        self._checker: TypeChecker = context.api
        self._codec = codec
        self._subject = subject
        self._named = named
        self._values = Values(codec, context.api)
        self.is_refused = False
        self._maps: list[_Maps] = []
        self._tapes: dict[TypeVarId, ProperType] = {}

    @cached_property
    def _starred(self) -> Starred:
        return Starred(self._values)

    def result(self, declared: Sequence[Type], returned: Type) -> Type:
        """Match the arguments against the declared parameters; return the result's type."""
        question = question_of_signature(self._context, declared, returned)
        known = None if question is None else self._codec.results.get(question)
        if known is None:
            known = self.matched(declared, returned)
            if question is not None and not self.is_refused:
                self._codec.results.put(question, known)
        return known

    def matched(self, declared: Sequence[Type], returned: Type) -> Type:
        """Do the same, whatever came before."""
        results: list[Type] = []
        for passed in self._choices(declared):
            matcher = Matcher(_Free())
            self._maps = []
            self._tapes = {}
            try:
                for each in passed:
                    self._match(each.declared, each.actual, each.expr, each.name, matcher)
                matcher.finish()
                for maps in self._maps:
                    self._check_maps(maps, matcher)
            except (ShapeError, DtypeError, TapeError) as error:
                self._context.api.fail(
                    self._text(error), self._context.context, code=code_of(error)
                )
                self.is_refused = True
                open_tape = isinstance(error, TapeError)
                return Loosened(self._codec, self._floating(), open_tape=open_tape).of(
                    _Substitution(self._codec, Matcher(_Free()), self._tapes).of(returned)
                )
            results.append(_Substitution(self._codec, matcher, self._tapes).of(returned))
        return results[0] if len(results) == 1 else make_simplified_union(results)

    def _floating(self) -> Type | None:
        """Return the floating dtype of an argument, which the result probably has as well."""
        types = (get_proper_type(typ) for types in self._context.arg_types for typ in types)
        tensors = filter(None, map(self._codec.tensor, types))
        found = (each.dtype for each in tensors if self._codec.dtype_name(each.dtype) in FLOATS)
        return next(found, None)

    def _text(self, error: ShapeError | DtypeError | TapeError) -> str:
        """Return the text of an error about this call, which a layer completes with its sizes."""
        context = self._context
        owner = get_proper_type(context.type) if isinstance(context, MethodContext) else None
        is_layer = isinstance(owner, Instance) and owner.type.fullname.startswith(
            names.LAYER_MODULES
        )
        if error.subject or not isinstance(error, ShapeError) or not is_layer:
            return str(error) if error.subject else f"{self._subject()}: {error}"
        return str(error.named(self._subject()))

    def _choices(self, declared: Sequence[Type]) -> Iterable[Sequence[_Passed]]:
        """Go through the arguments, once for each combination of the members of unions."""
        passed = [each for place, typ in enumerate(declared) for each in self._passed(place, typ)]
        members = [self._members(each) for each in passed]
        if math.prod(map(len, members)) > _MOST_CHOICES:
            return [passed]
        return itertools.product(*members)

    def _passed(self, place: int, declared: Type) -> Iterator[_Passed]:
        """Go through what was passed for one parameter."""
        context = self._context
        if place >= len(context.arg_types):
            return
        name = context.callee_arg_names[place] or f"argument {place + 1}"
        actuals = zip(
            context.arg_types[place], context.args[place], context.arg_kinds[place], strict=True
        )
        for typ, expr, kind in actuals:
            if kind == ARG_STAR:
                item = self._starred.item(typ, expr)
                if item is not None:
                    yield _Passed(declared, item, None, name)
            elif kind != ARG_STAR2:
                yield _Passed(declared, typ, expr, name)

    def _members(self, passed: _Passed) -> Sequence[_Passed]:
        """Split an argument of union type; but one of several sizes is an unknown size."""
        actual = get_proper_type(passed.actual)
        if not isinstance(actual, UnionType) or self._is_dim(get_proper_type(passed.declared)):
            return [passed]
        return [passed._replace(actual=item, expr=None) for item in actual.relevant_items()]

    def _match(
        self, declared: Type, actual: Type, expr: Expression | None, name: str, matcher: Matcher
    ) -> None:
        want, have = get_proper_type(declared), get_proper_type(actual)
        is_dim = self._is_dim(want)  # one of several sizes is an unknown size
        if isinstance(want, UnionType):
            self._match_union(want, have, expr, name, matcher)
        elif isinstance(have, UnionType) and not is_dim:
            for item in have.relevant_items():
                self._match(want, item, None, name, matcher)
        elif isinstance(want, Instance) and want.type.fullname == names.MAPS:
            if not any(map(is_variable, want.args)):  # one for any operand whatever
                self._maps.append(_Maps(want.args[:1], want.args[1], have, name))
        elif isinstance(want, CallableType):
            if set(want.arg_kinds) <= {ARG_POS} and self._is_checked_model(want, have):
                self._maps.append(_Maps(want.arg_types, want.ret_type, have, name))
        elif isinstance(want, Instance) and want.type.has_base(names.TENSOR):
            self._match_tensor(want, have, name, matcher)
        elif is_dim:
            self._match_dim(want, have, expr, name, matcher)
        elif self._codec.is_shape_variable(want):
            self._match_shape(want, have, expr, name, matcher)
        elif isinstance(want, TupleType) and isinstance(have, TupleType):
            refined = have if expr is None else self._values.refined(have, expr)
            for first, second in zip(want.items, refined.items, strict=False):
                self._match(first, second, None, name, matcher)
        elif isinstance(want, Instance) and len(want.args) == 1 and _has_plain_items(expr):
            # The items have no common type where their shapes differ.
            for each in expr.items:
                self._match(want.args[0], self._values.type_of(each), each, name, matcher)
        elif isinstance(want, Instance) and isinstance(have, Instance) and want.args:
            base = _as_base(have, want.type)
            if base is not None:
                self._match_generic(want, base, name, matcher)

    def _match_generic(self, want: Instance, have: Instance, name: str, matcher: Matcher) -> None:
        """Match the arguments of a generic class: sizes of a module, members of a container."""
        groups = zip(by_variable(want), by_variable(have), strict=False)
        for (variable, wanted), (_, given) in groups:
            if isinstance(variable, TypeVarTupleType) and self._codec.are_dims([*wanted, *given]):
                expected_sizes = self._codec.shape(self._codec.tuple_of(wanted))
                matcher.match(expected_sizes, self._codec.shape(self._codec.tuple_of(given)), name)
                continue
            if not self._codec.is_dim_variable(variable):
                for first, second in zip(wanted, given, strict=False):
                    self._match(first, second, None, name, matcher)
                continue
            (first,), (second,) = wanted, given
            try:
                matcher.match_dim(self._codec.dim(first), self._codec.dim(second), name)
            except ShapeError as error:
                expected, got = sized_name(want, self._codec), sized_name(have, self._codec)
                if expected == got:  # not all of its arguments are sizes
                    expected = f"{expected} with {variable.name} = {self._codec.dim(first)}"
                    got = str(self._codec.dim(second))
                raise ShapeError(
                    f"expected {name} to be {expected}, got {got}", unproven=error.unproven
                ) from None

    def _match_union(
        self,
        want: UnionType,
        have: ProperType,
        expr: Expression | None,
        name: str,
        matcher: Matcher,
    ) -> None:
        """Match the first member that fits, among those of the argument's kind."""
        dims = [item for item in map(get_proper_type, want.items) if self._is_dim(item)]
        if isinstance(have, UnionType) and not dims:
            for item in have.relevant_items():
                self._match(want, item, None, name, matcher)
            return
        members = map(get_proper_type, want.relevant_items())
        alike = [each for each in members if self._is_alike(each, have)]
        problems: list[ShapeError | DtypeError | TapeError] = []
        for member in alike:
            trial, tapes = matcher.copy(), dict(self._tapes)
            try:
                self._match(member, have, expr, name, trial)
            except (ShapeError, DtypeError, TapeError) as error:
                problems.append(error)
                self._tapes = tapes
                continue
            matcher.take(trial)
            return
        if problems:
            raise self._misfit(alike, have, name, problems)

    def _is_alike(self, want: ProperType, have: ProperType) -> bool:
        """Tell whether an argument may be meant for this member of a union."""
        if self._is_dim(want):
            return not isinstance(have, NoneType)
        if isinstance(want, TupleType):
            return isinstance(have, TupleType) and len(want.items) == len(have.items)
        if not isinstance(want, Instance) or not want.args:
            return False
        if want.type.has_base(names.TENSOR):
            return self._codec.tensor(have) is not None
        return isinstance(have, Instance) and have.type.has_base(want.type.fullname)

    def _misfit(
        self,
        wanted: Sequence[ProperType],
        have: ProperType,
        name: str,
        problems: Sequence[ShapeError | DtypeError | TapeError],
    ) -> ShapeError | DtypeError | TapeError:
        """Return the error for an argument that fits no member of a union."""
        tensors, actual = [self._codec.tensor(each) for each in wanted], self._codec.tensor(have)
        shapes = [each.shape for each in tensors if each is not None]
        by_shape = [each for each in problems if isinstance(each, ShapeError)]
        if len(problems) == 1 or len(by_shape) < len(problems):
            return problems[0]
        modules = [each for each in wanted if isinstance(each, Instance)]
        if not shapes and len(modules) == len(wanted) and isinstance(have, Instance):
            sizes = " or ".join(sized_name(each, self._codec) for each in modules)
            got = sized_name(have, self._codec)
            unproven = any(each.unproven for each in by_shape)
            return ShapeError(f"expected {name} to be {sizes}, got {got}", unproven=unproven)
        unproven = any(each.unproven for each in by_shape)
        tuples = [self._shapes_in(each) for each in wanted]
        passed = self._shapes_in(have)
        if passed and all(tuples):
            label = name if self._named else ""
            return fits_no_shapes(tuples, passed, label, unproven=unproven)
        if actual is None or len(shapes) < len(wanted):
            return problems[0]
        return fits_no_shape(shapes, actual.shape, name if self._named else "", unproven=unproven)

    def _shapes_in(self, typ: ProperType) -> Sequence[Shape]:
        """Return the shapes of a tuple's items; none if it is no tuple of tensors."""
        items = typ.items if isinstance(typ, TupleType) else ()
        found = [self._codec.tensor(item) for item in items]
        shapes = [each.shape for each in found if each is not None]
        return shapes if len(shapes) == len(items) else ()

    def _match_tensor(self, want: Instance, have: ProperType, name: str, matcher: Matcher) -> None:
        declared, actual = self._codec.tensor(want), self._codec.tensor(have)
        if declared is None or actual is None:
            return
        label = name if self._named else ""
        codec = self._codec
        require_tape(codec.owns_tape(declared.tape), codec.owns_tape(actual.tape), label)
        self._bind_tape(declared.tape, actual.tape, label)
        require_dtype(codec.dtype_name(declared.dtype), codec.dtype_name(actual.dtype), label)
        if not is_variable(want.args[0]) or is_fresh(want.args[0]):
            matcher.match(declared.shape, actual.shape, label)

    def _bind_tape(self, declared: ProperType, tape: ProperType, name: str) -> None:
        """Bind a variable for a tape, or require that it is bound to the same one already."""
        if not isinstance(declared, TypeVarType) or not is_fresh(declared):
            return
        known = self._tapes.setdefault(declared.id, tape)
        if known == tape or isinstance(tape, AnyType):
            return
        if isinstance(known, AnyType):
            self._tapes[declared.id] = tape
        elif isinstance(known, UnionType) or isinstance(tape, UnionType):
            merged = get_proper_type(self._codec.merged_tape([known, tape]))
            self._tapes[declared.id] = merged
        else:
            require_same_tape(self._codec.owns_tape(known), name, declared.name)

    def _is_dim(self, typ: ProperType) -> bool:
        if self._codec.is_dim_variable(typ):
            return True
        arithmetic = (names.ADD, names.MUL, names.FLOOR_DIV)
        return isinstance(typ, Instance) and typ.type.fullname in arithmetic

    def _match_dim(
        self,
        want: ProperType,
        have: ProperType,
        expr: Expression | None,
        name: str,
        matcher: Matcher,
    ) -> None:
        matcher.match_dim(self._codec.dim(want), self._values.size(have, expr), name)

    def _match_shape(
        self,
        want: ProperType,
        have: ProperType,
        expr: Expression | None,
        name: str,
        matcher: Matcher,
    ) -> None:
        try:
            sizes = self._values.sizes(have, expr)
        except UnreadableError:
            sizes = self._codec.shape(have)
        if is_fresh(want):
            matcher.match(self._codec.shape(want), sizes, name)

    def _check_maps(self, maps: _Maps, matcher: Matcher) -> None:
        """Apply the model that was passed to the declared operand, and compare the results.

        What only the model tells, such as M in ``Maps[Tensor[Shape[N]], Tensor[Shape[M]]]``, is
        bound by what it returns.
        """
        substitution = _Substitution(self._codec, matcher, self._tapes)
        wanted = substitution.of(maps.returned)
        if isinstance(get_proper_type(maps.actual), AnyType):
            return
        checker = self._checker
        nodes: list[Expression] = [
            TempNode(substitution.of(each), context=self._context.context) for each in maps.taken
        ]
        with checker.msg.filter_errors(save_filtered_errors=True) as watcher:
            returned, _ = checker.expr_checker.check_call(
                maps.actual, nodes, [ARG_POS] * len(nodes), self._context.context
            )
        errors = watcher.filtered_errors()
        if errors:
            raise ShapeError(f"{maps.name} does not fit: {errors[0].message}")
        if not is_subtype(returned, wanted):
            raise ShapeError(
                f"expected {maps.name} to return {self._described(wanted)}, "
                f"got {self._described(returned)}"
            )
        self._match(maps.returned, returned, None, maps.name, matcher)
        matcher.finish()

    def _is_checked_model(self, want: CallableType, have: ProperType) -> bool:
        """Tell whether this is a module that mypy took; what it refused, it has reported."""
        if not isinstance(have, Instance) or not have.type.has_base(names.MODULE):
            return False
        return has_fresh(want, self._codec) or is_subtype(have, want)

    def _described(self, typ: Type) -> str:
        tensor = self._codec.tensor(typ)
        if tensor is None:
            return str(typ)
        tape = {True: " with a tape", False: " without a tape"}.get(
            self._codec.owns_tape(tensor.tape) is True, ""
        )
        return f"{format_shape(tensor.shape)}{tape}"


def _has_plain_items(expr: Expression | None) -> TypeGuard[ListExpr | TupleExpr]:
    """Tell whether this is a list or tuple display whose items are all there."""
    return isinstance(expr, ListExpr | TupleExpr) and not any(
        isinstance(item, StarExpr) for item in expr.items
    )


def _as_base(typ: Instance, base: TypeInfo) -> Instance | None:
    """Return a type as a class that it is derived from, or as a protocol that it follows."""
    if not typ.type.has_base(base.fullname):
        return _as_protocol(typ, base) if base.is_protocol else None
    from mypy.maptype import map_instance_to_supertype

    return map_instance_to_supertype(typ, base)


def _as_protocol(typ: Instance, protocol: TypeInfo) -> Instance | None:
    """Return the protocol with what a class puts in the place of its variables, as Iterable's."""
    variables = [
        v.new_unification_variable(v) for v in protocol.defn.type_vars if isinstance(v, TypeVarType)
    ]
    if len(variables) < len(protocol.defn.type_vars):
        return None
    found = infer_constraints(Instance(protocol, variables), typ, SUPERTYPE_OF)
    targets = {each.type_var: each.target for each in found}
    if not all(variable.id in targets for variable in variables):
        return None
    return Instance(protocol, [targets[variable.id] for variable in variables])


class _Free(Container["Symbol | Pack"]):
    """The names that a call may bind: those of variables made fresh for it."""

    def __contains__(self, item: object) -> bool:
        key = item.key if isinstance(item, Symbol | Pack) else None
        return isinstance(key, Variable) and key.id.meta_level > 0


def normalised(typ: Type, codec: Codec) -> Type:
    """Return a type with the arithmetic in it computed, as far as mypy's substitution left it."""
    if not mentions_arithmetic(typ):
        return typ
    return _Substitution(codec, Matcher(())).of(get_proper_type(typ))


class Loosened(TypeTranslator):
    """Makes the shapes and dtypes of all tensors in a type Any, so that nothing follows from it.

    A dtype that is probable stays: where both are Any, mypy takes the result for all types that
    `x` had before, in `x = layer(x)`.
    """

    def __init__(self, codec: Codec, dtype: Type | None = None, *, open_tape: bool = False) -> None:
        super().__init__()
        self._codec = codec
        self._dtype = AnyType(TypeOfAny.from_error) if dtype is None else dtype
        self._tape = AnyType(TypeOfAny.from_error) if open_tape else None

    def of(self, typ: Type) -> Type:
        """Return the type without shapes, and with no dtype that is certain."""
        return typ.accept(self)

    def visit_instance(self, t: Instance, /) -> Type:
        """Loosen a tensor."""
        if t.type.fullname == names.TENSOR and len(t.args) == 3:
            tape = t.args[1] if self._tape is None else self._tape
            return self._codec.encode_tensor((ANY_DIMS,), tape, self._dtype)
        return t.copy_modified(args=[arg.accept(self) for arg in t.args]) if t.args else t

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)


class _Substitution(TypeTranslator):
    """Fills what a call bound into its declared result, and normalises the arithmetic."""

    def __init__(
        self, codec: Codec, matcher: Matcher, tapes: Mapping[TypeVarId, Type] | None = None
    ) -> None:
        super().__init__()
        self._codec = codec
        self._matcher = matcher
        self._tapes = tapes or {}

    def of(self, typ: Type) -> Type:
        """Return the type with everything bound filled in."""
        return typ.accept(self)

    def visit_type_var(self, t: TypeVarType, /) -> Type:
        """Fill in a dimension, or a tape."""
        if is_fresh(t) and self._codec.is_shape_variable(t):
            return self._codec.encode_shape(self._matcher.substituted(self._codec.shape(t)))
        if not self._codec.is_dim_variable(t):
            is_tape = is_fresh(t) and self._codec.is_tape_variable(t)
            return self._tapes.get(t.id, AnyType(TypeOfAny.special_form)) if is_tape else t
        return self._codec.encode_dim(self._matcher.dim(self._codec.dim(t)))

    def visit_instance(self, t: Instance, /) -> Type:
        """Fill in arithmetic, merged tapes, and the arguments of everything else."""
        if t.type.fullname in (names.ADD, names.MUL, names.FLOOR_DIV):
            return self._codec.encode_dim(self._matcher.dim(self._codec.dim(t)))
        if t.type.fullname == names.MERGED:
            tapes = get_proper_type(t.args[0])
            assert isinstance(tapes, TupleType)
            solved = [get_proper_type(item.accept(self)) for item in self._bound(tapes.items)]
            return self._codec.merged_tape(
                [tape for tape in solved if not isinstance(tape, UninhabitedType)]
            )
        return t.copy_modified(args=[arg.accept(self) for arg in t.args]) if t.args else t

    def _bound(self, tapes: Sequence[Type]) -> Iterator[Type]:
        """Go through tapes but for variables of which nothing was passed."""
        for tape in map(get_proper_type, tapes):
            if not isinstance(tape, TypeVarType) or not is_fresh(tape) or tape.id in self._tapes:
                yield tape

    def visit_tuple_type(self, t: TupleType, /) -> Type:
        """Fill in a shape, whose pack may become several dimensions."""
        if any(isinstance(item, UnpackType) for item in t.items):
            shape = self._codec.shape(t)
            if any(isinstance(item, Pack) and item in self._matcher.free for item in shape):
                return self._codec.encode_shape(self._matcher.substituted(shape))
        return t.copy_modified(items=[item.accept(self) for item in t.items])

    def visit_type_alias_type(self, t: TypeAliasType, /) -> Type:
        """Look through aliases; a recursive one holds no tensors."""
        return t if t.is_recursive else get_proper_type(t).accept(self)

    def visit_placeholder_type(self, t: PlaceholderType, /) -> Type:
        """Leave alone what mypy does not know yet, and asks for again."""
        return t
