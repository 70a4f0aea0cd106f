"""Groups of tensors: what is known of the members of tuples, lists and comprehensions."""

from __future__ import annotations

from typing import NamedTuple

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    CallExpr,
    Expression,
    ListComprehension,
    ListExpr,
    NameExpr,
    OpExpr,
    StarExpr,
    TupleExpr,
)
from mypy.types import AnyType, Instance, TupleType, Type, TypeOfAny, UnpackType, get_proper_type

from mypy_plugin.codec import Codec
from mypy_plugin.values import Values
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least, total
from tensorlib.shapes.shape import Pack

_SAME_LENGTH = ("builtins.enumerate", "builtins.reversed", "builtins.list", "builtins.tuple")
"""What has as many items as its first argument."""


_SEQUENCES = ("builtins.list", "builtins.tuple")


class Member(NamedTuple):
    """A member of a group, or so many of one type."""

    type: Type
    expr: Expression | None
    number: Dim


class Groups:
    """Reads the groups among one call's arguments."""

    def __init__(self, codec: Codec, values: Values) -> None:
        self._codec = codec
        self._values = values

    def members(self, typ: Type, expr: Expression | None) -> list[Member]:
        """Return the members of a group, given by its type and maybe its expression."""
        proper = get_proper_type(typ)
        if isinstance(expr, ListExpr | TupleExpr):
            return [member for item in expr.items for member in self._of_item(item)]
        if isinstance(expr, ListComprehension):
            count = self._repetitions(expr)
            return [Member(self._item_type(proper), None, count)]
        if isinstance(expr, OpExpr) and self._is_sequence(expr.left):
            left = self._of(expr.left)
            if expr.op == "+":
                return left + self._of(expr.right)
            if expr.op == "*":
                times = self._values.size(self._values.type_of(expr.right), expr.right)
                return [member._replace(number=_count(member.number * times)) for member in left]
        if isinstance(proper, TupleType):
            return [self._of_tuple_item(item) for item in proper.items]
        return [Member(self._item_type(proper), None, UNKNOWN)]

    def _of(self, expr: Expression) -> list[Member]:
        return self.members(self._values.type_of(expr), expr)

    def _of_item(self, expr: Expression) -> list[Member]:
        if isinstance(expr, StarExpr):
            return self._of(expr.expr)
        return [Member(self._values.type_of(expr), expr, 1)]

    def _of_tuple_item(self, item: Type) -> Member:
        if isinstance(item, UnpackType):
            return Member(self._item_type(item.type), None, UNKNOWN)
        return Member(item, None, 1)

    def _item_type(self, typ: Type) -> Type:
        """Return what all items of a list or another iterable are; a tensor is no group."""
        proper = get_proper_type(typ)
        iterable = self._codec.info("typing.Iterable")
        if isinstance(proper, TupleType):
            proper = proper.partial_fallback
        if iterable is None or not isinstance(proper, Instance) or self._codec.tensor(proper):
            return AnyType(TypeOfAny.special_form)
        if not proper.type.has_base(iterable.fullname):
            return AnyType(TypeOfAny.special_form)
        return map_instance_to_supertype(proper, iterable).args[0]

    def _is_sequence(self, expr: Expression) -> bool:
        typ = get_proper_type(self._values.type_of(expr))
        return isinstance(typ, TupleType) or (
            isinstance(typ, Instance) and typ.type.fullname in _SEQUENCES
        )

    # Counting -----------------------------------------------------------------------------------

    def _repetitions(self, expr: ListComprehension) -> Dim:
        """Return how many items a comprehension makes."""
        generator = expr.generator
        if any(generator.condlists) or any(generator.is_async):
            return UNKNOWN
        if len(generator.sequences) > 1:  # an inner one may depend on the outer ones' names
            return UNKNOWN
        return self._length(generator.sequences[0])

    def _length(self, expr: Expression) -> Dim:
        """Return how many items an iterable has."""
        called = expr.callee if isinstance(expr, CallExpr) else None
        if isinstance(expr, CallExpr) and isinstance(called, NameExpr) and expr.args:
            if called.fullname == "builtins.range":
                return self._steps([self._size(arg) for arg in expr.args])
            if called.fullname in _SAME_LENGTH:
                return self._length(expr.args[0])
        tensor = self._codec.tensor(self._values.type_of(expr))
        if tensor is not None:
            first = tensor.shape[0] if tensor.shape else UNKNOWN
            return UNKNOWN if isinstance(first, Pack) else first
        return total(member.number for member in self._of(expr))

    def _size(self, expr: Expression) -> Dim:
        return self._values.size(self._values.type_of(expr), expr)

    @staticmethod
    def _steps(bounds: list[Dim]) -> Dim:
        """Return how many ints a range has."""
        start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
        if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int) and step:
            return len(range(start, stop, step))
        return _count(stop - start) if step == 1 else UNKNOWN


def _count(dim: Dim) -> Dim:
    """Return a number of repetitions, of which a negative one means none."""
    if isinstance(dim, int):
        return max(dim, 0)
    return dim if at_least(dim, 0) is Truth.ALWAYS else UNKNOWN
