"""Values in the checked program: ints, tuples and slices as far as they are known.

A size is known from its type (a literal, a type variable), from arithmetic on known ones, and from
a constant: a name that its own module or function assigns exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mypy.checker import TypeChecker
from mypy.nodes import (
    EllipsisExpr,
    Expression,
    IntExpr,
    ListExpr,
    NameExpr,
    OpExpr,
    SliceExpr,
    StrExpr,
    TupleExpr,
    UnaryExpr,
    Var,
)
from mypy.types import (
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin.codec import Codec
from mypy_plugin.constants import only_value
from tensorlib.shapes.dim import UNKNOWN, Dim, UnknownDim
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.indexing import IndexTensor
from tensorlib.shapes.shape import Shape

_DEPTH = 20


class UnreadableError(Exception):
    """Nothing is known of a value."""


class Values:
    """Reads the values of one call's arguments."""

    def __init__(self, codec: Codec, checker: TypeChecker) -> None:
        self._codec = codec
        self._checker = checker

    def read(self, typ: Type, expr: Expression | None) -> Any:
        """Return the value of an argument: a Dim, bool, str, None, slice, ``...`` or a tuple.

        Raises:
            UnreadableError: it is none of these, or not known.
        """
        if isinstance(expr, SliceExpr):
            return self._slice(expr)
        if isinstance(expr, EllipsisExpr):
            return Ellipsis
        if isinstance(expr, TupleExpr):
            return tuple(self.read(self.type_of(item), item) for item in expr.items)
        proper = get_proper_type(typ)
        if isinstance(proper, NoneType):
            return None
        if isinstance(proper, TupleType):
            return tuple(self._tuple_item(item) for item in proper.items)
        return self._plain(proper, expr)

    def _tuple_item(self, item: Type) -> Any:
        if isinstance(item, UnpackType):
            return self._codec.shape(self._codec.tuple_of([item]))[0]
        return self.read(item, None)

    def index(self, typ: Type, expr: Expression | None) -> Any:
        """Return what stands in brackets, as `read` does; a tensor as an `IndexTensor`.

        Raises:
            UnreadableError: an item is nothing to index with, or not known.
        """
        if isinstance(expr, TupleExpr):
            return tuple(self.index(self.type_of(item), item) for item in expr.items)
        proper = get_proper_type(typ)
        if isinstance(proper, TupleType):
            if any(isinstance(item, UnpackType) for item in proper.items):
                raise UnreadableError
            return tuple(self.index(item, None) for item in proper.items)
        tensor = self._codec.tensor(proper)
        if tensor is not None:
            return IndexTensor(tensor.shape, self._codec.dtype_name(tensor.dtype))
        return self.read(typ, expr)

    def _plain(self, proper: Type, expr: Expression | None) -> Any:
        if isinstance(proper, UnionType) and all(map(_is_int, _members(proper))):
            return self.size(proper, expr)  # one of several sizes is an unknown size
        literal = proper
        if isinstance(proper, Instance) and proper.last_known_value is not None:
            literal = proper.last_known_value
        if isinstance(literal, LiteralType) and isinstance(literal.value, bool | str):
            return literal.value
        fullname = proper.type.fullname if isinstance(proper, Instance) else ""
        if fullname == "builtins.str" and isinstance(expr, NameExpr) and isinstance(expr.node, Var):
            value = only_value(expr.node, self._checker)
            if isinstance(value, StrExpr):
                return value.value
        if fullname in ("builtins.bool", "builtins.str"):
            raise UnreadableError
        if isinstance(literal, LiteralType | TypeVarType) or _is_int(proper):
            return self.size(proper, expr)
        raise UnreadableError

    def sizes(self, typ: Type, expr: Expression | None) -> Shape:
        """Return a shape given as a value, such as the argument of ``reshape``.

        Raises:
            UnreadableError: this is no tuple.
        """
        proper = get_proper_type(typ)
        if isinstance(expr, TupleExpr) or isinstance(proper, TupleType):
            sizes: Shape = self.read(proper, expr)
            return sizes
        is_tuple = isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple"
        if is_tuple or isinstance(proper, TypeVarType):
            return self._codec.shape(proper)
        raise UnreadableError

    def size(self, typ: Type, expr: Expression | None) -> Dim:
        """Return what is known of an int: a number, arithmetic over symbols, or unknown."""
        dim = self._codec.dim(typ, value=True)
        if isinstance(dim, UnknownDim) and expr is not None:
            return self._folded(expr, _DEPTH)
        return dim

    def _slice(self, expr: SliceExpr) -> slice[Any, Any, Any]:
        parts = (expr.begin_index, expr.end_index, expr.stride)
        return slice(
            *(None if part is None else self.read(self.type_of(part), part) for part in parts)
        )

    def type_of(self, expr: Expression) -> Type:
        """Return the type of an expression."""
        return self._checker.expr_checker.accept(expr)

    # Folding ------------------------------------------------------------------------------------

    def _folded(self, expr: Expression, depth: int) -> Dim:
        """Compute an expression from literals, type variables and constants."""
        if isinstance(expr, IntExpr):
            return expr.value
        if depth == 0:
            return UNKNOWN
        if isinstance(expr, UnaryExpr) and expr.op == "-":
            return -self._folded(expr.expr, depth - 1)
        if isinstance(expr, OpExpr):
            return self._operation(expr, depth - 1)
        if isinstance(expr, NameExpr) and isinstance(expr.node, Var):
            return self._name(expr, expr.node, depth - 1)
        return self._typed(expr)

    def _operation(self, expr: OpExpr, depth: int) -> Dim:
        if expr.op not in ("+", "-", "*", "//", "**"):
            return UNKNOWN
        left, right = self._folded(expr.left, depth), self._folded(expr.right, depth)
        try:
            if expr.op == "+":
                return left + right
            if expr.op == "-":
                return left - right
            if expr.op == "*":
                return left * right
            if expr.op == "//":
                return left // right
        except (ShapeError, ZeroDivisionError):
            return UNKNOWN
        small = isinstance(right, int) and 0 <= right <= 64 and isinstance(left, int)
        return left**right if small and isinstance(left, int) else UNKNOWN  # type: ignore[operator]

    def _name(self, expr: NameExpr, var: Var, depth: int) -> Dim:
        known = self._typed(expr)
        if not isinstance(known, UnknownDim):
            return known
        value = only_value(var, self._checker)
        return UNKNOWN if value is None else self._folded(value, depth)

    def _typed(self, expr: Expression) -> Dim:
        typ = get_proper_type(self._checker.lookup_type_or_none(expr))
        return UNKNOWN if typ is None else self._codec.dim(typ, value=True)

    # Nested literals ----------------------------------------------------------------------------

    def nested_shape(self, expr: Expression) -> Shape | None:
        """Return the shape of nested list displays, or None for any other expression.

        Raises:
            ShapeError: they differ in length.
        """
        if not isinstance(expr, ListExpr | TupleExpr):
            return None
        if not expr.items:
            return (0,)
        inner = [self._nested_item(item) for item in expr.items]
        if any(shape is None for shape in inner):
            return None
        if any(shape != inner[0] for shape in inner):
            raise ShapeError("nested lists must have equal lengths at each level", subject="tensor")
        assert inner[0] is not None
        return (len(expr.items), *inner[0])

    def _nested_item(self, expr: Expression) -> Shape | None:
        if isinstance(expr, ListExpr | TupleExpr):
            return self.nested_shape(expr)
        typ = get_proper_type(self.type_of(expr))
        scalar = self._codec.scalar_kind(typ) is not None
        return () if scalar else None


def _is_int(typ: Type) -> bool:
    return isinstance(typ, Instance) and typ.type.has_base("builtins.int")


def _members(union: UnionType) -> Iterable[Type]:
    """Go through the members of a union, of literals and type variables what they are made of."""
    for item in map(get_proper_type, union.relevant_items()):
        if isinstance(item, LiteralType):
            yield item.fallback
        else:
            yield get_proper_type(item.upper_bound) if isinstance(item, TypeVarType) else item
