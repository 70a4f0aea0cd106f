"""Expressions in the checked program, computed as far as they are known: ints, tuples and words.

What is computed is what Python would compute, of sizes with symbols. Names stand for what they are
bound to once (`constants`); a list is known only where it is written down, as it may change later.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

from mypy.checker import TypeChecker
from mypy.nodes import (
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    Expression,
    FuncDef,
    IndexExpr,
    IntExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    SliceExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
    UnaryExpr,
    Var,
)
from mypy.types import AnyType, Type, get_proper_type

from mypy_plugin.codec import Codec
from mypy_plugin.constants import Binding, body_value
from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    Dim,
    SymbolicDim,
    Truth,
    UnknownDim,
    at_least,
    prod,
    total,
)
from tensorlib.shapes.errors import TensorlibError
from tensorlib.shapes.shape import UNKNOWN_DIMS, Pack, Shape, pack_index, size

_STEPS = 200
"""How many expressions may go into one value."""
_MOST = 64
"""The largest exponent, and how often a tuple is repeated at most."""
_MOST_BITS = 4096


class UnreadableError(Exception):
    """Nothing is known of a value."""


class Listed(tuple[Any, ...]):
    """The items of a list display: a list, which others may change, is no value."""

    __slots__ = ()


class Folding:
    """Computes one value.

    Args:
        codec: reads the types of tensors.
        checker: knows the types of expressions.
        by_type: returns what a type alone says of a value.
    """

    def __init__(self, codec: Codec, checker: TypeChecker, by_type: Callable[[Type], Any]) -> None:
        self._codec = codec
        self._checker = checker
        self._by_type = by_type
        self._steps = _STEPS

    def value(self, expr: Expression) -> Any:
        """Return the value of an expression: a Dim, a tuple (or `Listed`) of such, a bool, a str.

        Raises:
            UnreadableError: it is none of these, or not known.
        """
        self._steps -= 1
        if self._steps < 0:
            raise UnreadableError
        try:
            found = self._computed(expr)
        except (UnreadableError, TensorlibError, ArithmeticError):
            found = UNKNOWN
        if isinstance(found, UnknownDim):
            typ = self._checker.lookup_type_or_none(expr)
            if typ is None:
                raise UnreadableError
            return self._by_type(typ)
        return found

    def dim(self, expr: Expression) -> Dim:
        """Return the value of an int; unknown if it is something else."""
        try:
            found = self.value(expr)
        except UnreadableError:
            return UNKNOWN
        return found if _is_dim(found) else UNKNOWN

    def items(self, expr: Expression) -> tuple[Any, ...]:
        """Return the value of a tuple or list.

        Raises:
            UnreadableError: it is neither, or not known.
        """
        found = self.value(expr)
        if not isinstance(found, tuple):
            raise UnreadableError
        return found

    def _computed(self, expr: Expression) -> Any:
        if isinstance(expr, IntExpr | StrExpr):
            return expr.value
        if isinstance(expr, NameExpr):
            return self._name(expr)
        if isinstance(expr, MemberExpr):
            return self._member(expr)
        if isinstance(expr, UnaryExpr):
            return self._unary(expr)
        if isinstance(expr, OpExpr):
            return self._operation(expr)
        if isinstance(expr, TupleExpr):
            return self._display(expr.items)
        if isinstance(expr, ListExpr):
            return Listed(self._display(expr.items))
        if isinstance(expr, IndexExpr):
            return self._picked(expr)
        if isinstance(expr, CallExpr):
            return self._called(expr)
        if isinstance(expr, ConditionalExpr):
            return _common(self.value(expr.if_expr), self.value(expr.else_expr))
        if isinstance(expr, AssignmentExpr):
            return self.value(expr.value)
        raise UnreadableError

    # Names and attributes -----------------------------------------------------------------------

    def _name(self, expr: NameExpr) -> Any:
        if not isinstance(expr.node, Var):
            raise UnreadableError
        typ = self._checker.lookup_type_or_none(expr)
        known = UNKNOWN if typ is None else self._narrowed(typ)
        if not isinstance(known, UnknownDim):
            return known
        if not expr.node.is_inferred and isinstance(get_proper_type(expr.node.type), AnyType):
            raise UnreadableError  # declared so: the way out
        return self._bound(expr.node)

    def _narrowed(self, typ: Type) -> Any:
        """Return what a type says of a name, which may be more than what the name is bound to."""
        try:
            known = self._by_type(typ)
        except UnreadableError:
            return UNKNOWN
        return UNKNOWN if isinstance(known, tuple) else known

    def _bound(self, var: Var) -> Any:
        binding = self._codec.constants.only_binding(var, self._checker)
        return _kept(self._at(binding))

    def _at(self, binding: Binding | None) -> Any:
        if binding is None or binding.value is None:
            raise UnreadableError
        found = self.value(binding.value)
        for place in binding.path:
            if not isinstance(found, tuple):
                raise UnreadableError
            found = _item(found, place)
        return found

    def _member(self, expr: MemberExpr) -> Any:
        owner = self._checker.lookup_type_or_none(expr.expr)
        tensor = None if owner is None else self._codec.tensor(owner)
        if tensor is not None:
            return _of_tensor(tensor.shape, expr.name)
        value = self._codec.constants.class_constant(expr, self._checker)
        if value is None:
            call = self._construction(expr.expr)
            value = None if call is None else self._field(call, expr.name)
        if value is None:
            raise UnreadableError
        return _kept(self.value(value))

    # Objects that do not change -----------------------------------------------------------------

    def _construction(self, expr: Expression) -> CallExpr | None:
        """Return the call that made an object whose fields cannot be set, if it can be told."""
        self._steps -= 1
        if self._steps < 0:
            return None
        if isinstance(expr, CallExpr):
            callee = expr.callee.node if isinstance(expr.callee, RefExpr) else None
            return expr if isinstance(callee, TypeInfo) and self._is_frozen(callee) else None
        value: Expression | None = None
        if isinstance(expr, NameExpr) and isinstance(expr.node, Var):
            binding = self._codec.constants.only_binding(expr.node, self._checker)
            value = None if binding is None or binding.path else binding.value
        elif isinstance(expr, MemberExpr):
            owner = self._construction(expr.expr)
            value = None if owner is None else self._field(owner, expr.name)
        return None if value is None else self._construction(value)

    def _is_frozen(self, info: TypeInfo) -> bool:
        """Tell whether objects of this class of the file have the fields they were made with."""
        if info.module_name != self._checker.tree.fullname or info.get_method("__post_init__"):
            return False
        if info.is_named_tuple:
            return True
        maker = info.names.get("__init__")
        frozen = info.metadata.get("dataclass", {}).get("frozen", False)
        return bool(frozen) and maker is not None and maker.plugin_generated

    def _field(self, call: CallExpr, name: str) -> Expression | None:
        """Return the expression that a field of a new object was given, or its default."""
        assert isinstance(call.callee, RefExpr)
        info = call.callee.node
        assert isinstance(info, TypeInfo)
        maker = info.get_method("__new__" if info.is_named_tuple else "__init__")
        field = info.get(name)
        if not isinstance(maker, FuncDef) or field is None or not isinstance(field.node, Var):
            return None
        parameters = maker.arg_names[1:]
        if name not in parameters:
            return None
        for place, (kind, keyword) in enumerate(zip(call.arg_kinds, call.arg_names, strict=True)):
            if kind in (ARG_STAR, ARG_STAR2):
                return None
            given = parameters[place : place + 1] if keyword is None else [keyword]
            if given == [name]:
                return call.args[place]
        owner = next(base for base in info.mro if name in base.names)
        if owner.module_name != self._checker.tree.fullname:
            return None
        default = body_value(owner, name)
        if isinstance(default, CallExpr):  # field(default=64)
            function = default.callee.fullname if isinstance(default.callee, RefExpr) else ""
            if function == "dataclasses.field":
                keywords = dict(zip(default.arg_names, default.args, strict=True))
                return keywords.get("default")
        return default

    # Operators ----------------------------------------------------------------------------------

    def _unary(self, expr: UnaryExpr) -> Any:
        operand = self.value(expr.expr)
        if not _is_dim(operand) or expr.op not in ("-", "+"):
            raise UnreadableError
        return -operand if expr.op == "-" else operand

    def _operation(self, expr: OpExpr) -> Any:
        left, right = self.value(expr.left), self.value(expr.right)
        if isinstance(left, tuple) or isinstance(right, tuple):
            return _sequence(expr.op, left, right)
        if not _is_dim(left) or not _is_dim(right):
            raise UnreadableError
        if expr.op in _ARITHMETIC:
            return _ARITHMETIC[expr.op](left, right)
        if expr.op == "%":
            return _remainder(left, right)
        operation = _OF_INTS.get(expr.op)
        if operation is None or not isinstance(left, int) or not isinstance(right, int):
            raise UnreadableError
        if not 0 <= right <= _MOST or left.bit_length() * right > _MOST_BITS:
            raise UnreadableError
        return operation(left, right)

    # Tuples -------------------------------------------------------------------------------------

    def _display(self, items: Sequence[Expression]) -> tuple[Any, ...]:
        found: list[Any] = []
        for item in items:
            if isinstance(item, StarExpr):
                found.extend(self._spread(item.expr))
            else:
                found.append(self._entry(item))
        if sum(isinstance(item, Pack) for item in found) > 1:
            raise UnreadableError
        return tuple(found)

    def _spread(self, expr: Expression) -> tuple[Any, ...]:
        try:
            return self.items(expr)
        except UnreadableError:
            return (UNKNOWN_DIMS,)

    def _entry(self, expr: Expression) -> Any:
        typ = self._checker.lookup_type_or_none(expr)
        is_any = typ is not None and isinstance(get_proper_type(typ), AnyType)
        return ANY if is_any else self.value(expr)

    def _picked(self, expr: IndexExpr) -> Any:
        items = self.items(expr.base)
        if isinstance(expr.index, SliceExpr):
            parts = (expr.index.begin_index, expr.index.end_index, expr.index.stride)
            return _part(items, *(None if part is None else self.dim(part) for part in parts))
        place = self.dim(expr.index)
        if not isinstance(place, int):
            raise UnreadableError
        return _item(items, place)

    # Calls --------------------------------------------------------------------------------------

    def _called(self, expr: CallExpr) -> Any:
        name = expr.callee.fullname if isinstance(expr.callee, RefExpr) else ""
        count = len(expr.args)
        function = _FUNCTIONS.get((name, count)) or _FUNCTIONS.get((name, None))
        if function is None or any(kind != ARG_POS for kind in expr.arg_kinds):
            raise UnreadableError
        return function(*map(self._argument, expr.args))

    def _argument(self, expr: Expression) -> Any:
        typ = self._checker.lookup_type_or_none(expr)
        tensor = None if typ is None else self._codec.tensor(typ)
        return self.value(expr) if tensor is None else tensor


# What is known of values --------------------------------------------------------------------------


def _is_dim(value: object) -> bool:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return is_int or isinstance(value, SymbolicDim | UnknownDim)


def _kept(value: Any) -> Any:
    """Return a value that a name stood for in the meantime; a list may have changed."""
    if isinstance(value, Listed):
        raise UnreadableError
    return tuple(map(_kept, value)) if isinstance(value, tuple) else value


def _common(one: Any, other: Any) -> Any:
    """Return what two values have in common."""
    are_tuples = isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other)
    if are_tuples and pack_index(one) is None and pack_index(other) is None:
        return type(one)(map(_common, one, other))
    if type(one) is type(other) and one == other:
        return one
    if _is_dim(one) and _is_dim(other):
        return UNKNOWN
    raise UnreadableError


def _of_tensor(shape: Shape, attribute: str) -> Any:
    if attribute == "shape":
        return shape
    if attribute == "ndim":
        return _length(shape)
    if attribute == "size":
        return size(shape)
    raise UnreadableError


def _item(items: tuple[Any, ...], place: int) -> Any:
    """Return an item, counted from the end that it can be counted from."""
    pack = pack_index(items)
    known = len(items) if pack is None else pack if place >= 0 else len(items) - pack - 1
    if not (place < known if place >= 0 else -place <= known):
        raise UnreadableError
    return items[place]


def _part(items: tuple[Any, ...], start: Any, stop: Any, step: Any) -> tuple[Any, ...]:
    bounds = [each for each in (start, stop, step) if each is not None]
    if not all(isinstance(each, int) for each in bounds) or step == 0:
        raise UnreadableError
    pack = pack_index(items)
    if pack is None:
        return items[start:stop:step]
    behind = len(items) - pack - 1
    starts = start is None or (0 <= start <= pack) or (start < 0 and -start <= behind)
    stops = stop is None or (0 <= stop <= pack) or (stop < 0 and -stop <= behind)
    if not starts or not stops or step not in (None, 1):
        raise UnreadableError
    if start is not None and start < 0 and stop is not None and stop >= 0:
        raise UnreadableError  # whether anything lies between depends on the pack
    return items[start:stop]


def _sequence(operation: str, left: Any, right: Any) -> tuple[Any, ...]:
    """Return ``+`` and ``*`` of tuples, or of lists."""
    if operation == "+" and isinstance(left, tuple) and type(left) is type(right):
        if sum(isinstance(item, Pack) for item in (*left, *right)) > 1:
            raise UnreadableError
        return type(left)((*left, *right))
    items, times = (left, right) if isinstance(left, tuple) else (right, left)
    if operation != "*" or not isinstance(times, int) or not isinstance(items, tuple):
        raise UnreadableError
    if len(items) * times > _MOST or pack_index(items) is not None:
        raise UnreadableError
    return type(items)((*items,) * times)


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    return left - left // right * right


def _length(value: Any) -> Dim:
    if not isinstance(value, tuple) or pack_index(value) is not None:
        raise UnreadableError
    return len(value)


def _len(value: Any) -> Dim:
    shape = getattr(value, "shape", None)
    if shape is None:
        return _length(value)
    first: Dim = _item(shape, 0)
    return first


def _dims(values: tuple[Any, ...]) -> list[Any]:
    items = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    if not items or not all(map(_is_dim, items)):
        raise UnreadableError
    return list(items)


def _largest(*values: Any) -> Dim:
    return _extreme(_dims(values), lambda one, other: at_least(one, other))


def _smallest(*values: Any) -> Dim:
    return _extreme(_dims(values), lambda one, other: at_least(other, one))


def _extreme(dims: list[Any], wins: Callable[[Any, Any], Truth]) -> Dim:
    for one in dims:
        if all(wins(one, other) is Truth.ALWAYS for other in dims if other is not one):
            winner: Dim = one
            return winner
    return UNKNOWN


def _absolute(value: Any) -> Dim:
    return _largest(value, -value) if _is_dim(value) else UNKNOWN


def _whole(value: Any) -> Dim:
    return value if _is_dim(value) else UNKNOWN


def _divided(left: Any, right: Any) -> tuple[Any, Any]:
    if not _is_dim(left) or not _is_dim(right):
        raise UnreadableError
    return left // right, _remainder(left, right)


def _product(values: Any) -> Dim:
    return prod(_all_dims(values))


def _sum(values: Any) -> Dim:
    return total(_all_dims(values))


def _all_dims(values: Any) -> Sequence[Any]:
    if not isinstance(values, tuple) or not all(map(_is_dim, values)):
        raise UnreadableError
    return values


def _tupled(values: Any) -> tuple[Any, ...]:
    if not isinstance(values, tuple):
        raise UnreadableError
    return tuple(values)


def _listed(values: Any) -> Listed:
    return Listed(_tupled(values))


_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
}
_OF_INTS: Final[dict[str, Callable[[int, int], Any]]] = {
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
}
_FUNCTIONS: Final[dict[tuple[str, int | None], Callable[..., Any]]] = {
    ("builtins.len", 1): _len,
    ("builtins.max", None): _largest,
    ("builtins.min", None): _smallest,
    ("builtins.abs", 1): _absolute,
    ("builtins.int", 1): _whole,
    ("builtins.divmod", 2): _divided,
    ("builtins.sum", 1): _sum,
    ("builtins.tuple", 1): _tupled,
    ("builtins.list", 1): _listed,
    ("math.prod", 1): _product,
}
"""What functions that everybody knows compute of so many plain arguments, or of any number."""
