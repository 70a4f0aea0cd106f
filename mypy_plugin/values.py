"""Values in the checked program: ints, tuples and slices as far as they are known.

A size is known from its type (a literal, a type variable) or from its expression (`folding`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from mypy.checker import TypeChecker
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    EllipsisExpr,
    Expression,
    ListExpr,
    OpExpr,
    SliceExpr,
    StarExpr,
    TupleExpr,
)
from mypy.plugin import AttributeContext
from mypy.types import (
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin.codec import Codec
from mypy_plugin.folding import Folding, UnreadableError
from tensorlib.shapes.dim import UNKNOWN, Dim, SymbolicDim, UnknownDim
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.indexing import IndexTensor
from tensorlib.shapes.shape import UNKNOWN_DIMS, Pack, Shape

_RAGGED = "nested lists must have equal lengths at each level"


class Values:
    """Reads the values of one call's arguments."""

    def __init__(self, codec: Codec, checker: TypeChecker) -> None:
        self._codec = codec
        self.checker = checker

    def read(self, typ: Type, expr: Expression | None) -> Any:
        """Return the value of an argument: a Dim, bool, str, None, slice, ``...`` or a tuple.

        Raises:
            UnreadableError: it is none of these, or not known.
        """
        if isinstance(expr, SliceExpr):
            return self._slice(expr)
        if isinstance(expr, EllipsisExpr):
            return Ellipsis
        found = UNKNOWN if expr is None else self._folded(expr)
        return self._of_type(typ) if isinstance(found, UnknownDim) else _without_lists(found)

    def _folded(self, expr: Expression) -> Any:
        try:
            return Folding(self._codec, self.checker, self._of_type).value(expr)
        except UnreadableError:
            return UNKNOWN

    def _of_type(self, typ: Type) -> Any:
        """Return what a type alone says."""
        proper = get_proper_type(typ)
        if isinstance(proper, NoneType):
            return None
        if isinstance(proper, TupleType):
            return tuple(map(self._tuple_item, proper.items))
        return self._plain(proper)

    def _tuple_item(self, item: Type) -> Any:
        if isinstance(item, UnpackType):
            return self._codec.shape(self._codec.tuple_of([item]))[0]
        return self._of_type(item)

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
        if isinstance(expr, ListExpr):
            raise UnreadableError
        if _is_slice(proper) and not isinstance(expr, SliceExpr):
            return slice(*(self._bound(arg, None) for arg in proper.args))
        value = self.read(typ, expr)
        if isinstance(value, bool):  # a mask to NumPy, not an int
            raise UnreadableError
        return value

    def _plain(self, proper: Type) -> Any:
        if isinstance(proper, UnionType) and all(map(_is_int, _members(proper))):
            return UNKNOWN  # one of several sizes
        literal = proper
        if isinstance(proper, Instance) and proper.last_known_value is not None:
            literal = proper.last_known_value
        if isinstance(literal, LiteralType) and literal.is_enum_literal():
            size = self._codec.dim(literal)
            if not isinstance(size, UnknownDim):
                return size
            literal = proper = literal.fallback  # what a member is worth stands elsewhere
        if isinstance(literal, LiteralType) and isinstance(literal.value, bool | str):
            return literal.value
        fullname = proper.type.fullname if isinstance(proper, Instance) else ""
        if fullname in ("builtins.bool", "builtins.str"):
            raise UnreadableError
        if isinstance(literal, LiteralType | TypeVarType) or _is_int(proper):
            return self._codec.dim(proper, value=True)
        raise UnreadableError

    def sizes(self, typ: Type, expr: Expression | None) -> Shape:
        """Return a shape given as a value, such as the argument of ``reshape``.

        Raises:
            UnreadableError: this is no tuple or list.
        """
        proper = get_proper_type(typ)
        found = UNKNOWN if expr is None else self._folded(expr)
        if not isinstance(found, tuple) and isinstance(proper, TupleType):
            found = self._of_type(proper)
        if isinstance(found, tuple):
            if not all(map(_is_size, found)):
                raise UnreadableError
            return tuple(found)
        if isinstance(proper, TypeVarType) or _is_of(proper, "builtins.tuple"):
            return self._codec.shape(proper)
        if _is_of(proper, "typing.Sequence"):
            return (UNKNOWN_DIMS,)
        raise UnreadableError

    def size(self, typ: Type, expr: Expression | None) -> Dim:
        """Return what is known of an int: a number, arithmetic over symbols, or unknown."""
        dim = self._codec.dim(typ, value=True)
        if not isinstance(dim, UnknownDim) or expr is None:
            return dim
        found = Folding(self._codec, self.checker, self._of_type).dim(expr)
        return dim if isinstance(found, UnknownDim) else found

    def refined(self, typ: TupleType, expr: Expression) -> TupleType:
        """Return the type of a tuple with what is known of the sizes in it."""
        try:
            refined = get_proper_type(self._codec.encode_shape(self.sizes(typ, expr)))
        except UnreadableError:
            return typ
        if isinstance(refined, TupleType) and len(refined.items) == len(typ.items):
            return refined
        return typ

    def _slice(self, expr: SliceExpr) -> slice[Any, Any, Any]:
        parts = (expr.begin_index, expr.end_index, expr.stride)
        return slice(
            *(None if part is None else self._bound(self.type_of(part), part) for part in parts)
        )

    def _bound(self, typ: Type, expr: Expression | None) -> Any:
        """Return a bound of a slice; what cannot be read is an unknown one."""
        try:
            return self.read(typ, expr)
        except UnreadableError:
            return UNKNOWN

    def type_of(self, expr: Expression) -> Type:
        """Return the type of an expression, which mypy mostly knows: of arguments, say."""
        return self.checker.lookup_type_or_none(expr) or self.checker.expr_checker.accept(expr)

    # Nested lists -------------------------------------------------------------------------------

    def nested_shape(self, typ: Type, expr: Expression | None) -> Shape | None:
        """Return the shape of a number or nested lists of such, or None for anything else.

        Raises:
            ShapeError: they differ in length.
        """
        if isinstance(expr, ListExpr | TupleExpr):
            if any(isinstance(item, StarExpr) for item in expr.items):
                return None
            return self._stacked([self.nested_shape(self.type_of(i), i) for i in expr.items])
        if isinstance(expr, OpExpr) and expr.op == "*" and isinstance(expr.left, ListExpr):
            one = self.nested_shape(typ, expr.left)
            times = self.size(self.type_of(expr.right), expr.right)
            return None if one is None else (_repeated(one[0], times), *one[1:])
        proper = get_proper_type(typ)
        if self._codec.scalar_kind(proper) is not None:
            return ()
        if isinstance(proper, TupleType):
            return self._stacked([self.nested_shape(item, None) for item in proper.items])
        item = _item_of_sequence(proper)
        inner = None if item is None else self.nested_shape(item, None)
        return None if inner is None else (UNKNOWN, *inner)

    def has_tensors(self, expr: Expression) -> bool:
        """Tell whether nested lists hold tensors."""
        return isinstance(expr, ListExpr | TupleExpr) and any(
            self._codec.tensor(self.type_of(item)) is not None or self.has_tensors(item)
            for item in expr.items
        )

    @staticmethod
    def _stacked(items: Sequence[Shape | None]) -> Shape | None:
        if not items:
            return (0,)
        known = [item for item in items if item is not None]
        if len(known) < len(items):
            return None
        if len(set(map(len, known))) > 1:
            raise ShapeError(_RAGGED, subject="tensor")
        inner: list[Dim] = []
        for dims in zip(*known, strict=True):
            lengths = {dim for dim in dims if not isinstance(dim, UnknownDim)}
            if len(lengths) > 1:
                raise ShapeError(_RAGGED, subject="tensor")
            inner.append(lengths.pop() if lengths else UNKNOWN)
        return (len(items), *inner)


def _repeated(length: Dim | Pack, times: Dim) -> Dim:
    if isinstance(length, int) and isinstance(times, int):
        return max(length * times, 0)
    return UNKNOWN


def _item_of_sequence(typ: Type) -> Type | None:
    """Return the type of the items of a list, or of another sequence but a text."""
    if not isinstance(typ, Instance) or typ.type.has_base("builtins.str"):
        return None
    info = next((base for base in typ.type.mro if base.fullname == "typing.Sequence"), None)
    return None if info is None else map_instance_to_supertype(typ, info).args[0]


def shape_type(context: AttributeContext, codec: Codec) -> Type:
    """Return the type of ``x.shape``: a tuple of ints, which may go where any ints may go.

    A variable that was given ``x.shape[0]`` may be given another int later, so what is known of the
    sizes is read from the expression (`folding`). It is part of the type where a type is expected
    that mentions sizes, as in ``-> N: return x.shape[0]``.
    """
    assert isinstance(context.api, TypeChecker)
    shape = get_proper_type(context.default_attr_type)
    expected = context.api.expr_checker.type_context[-2:]
    if not isinstance(shape, TupleType) or any(_mentions_sizes(typ, codec) for typ in expected):
        return context.default_attr_type
    if any(isinstance(item, UnpackType) for item in shape.items):
        return codec.instance("builtins.tuple", (codec.instance("builtins.int"),))
    return shape.copy_modified(items=[codec.instance("builtins.int")] * len(shape.items))


def _mentions_sizes(typ: Type | None, codec: Codec) -> bool:
    proper = get_proper_type(typ)
    if isinstance(proper, TupleType):
        return any(isinstance(i, UnpackType) or _mentions_sizes(i, codec) for i in proper.items)
    return proper is not None and (isinstance(proper, LiteralType) or codec.is_dim_variable(proper))


def _is_of(typ: Type, base: str) -> bool:
    return isinstance(typ, Instance) and typ.type.has_base(base)


def _is_slice(typ: ProperType) -> TypeGuard[Instance]:
    if not isinstance(typ, Instance):
        return False
    return typ.type.fullname == "builtins.slice" and len(typ.args) == 3


def _is_size(item: object) -> bool:
    is_int = isinstance(item, int) and not isinstance(item, bool)
    return is_int or isinstance(item, SymbolicDim | UnknownDim | Pack)


def _without_lists(value: Any) -> Any:
    return tuple(map(_without_lists, value)) if isinstance(value, tuple) else value


def _is_int(typ: Type) -> bool:
    if not isinstance(typ, Instance):
        return False
    return typ.type.has_base("builtins.int") or typ.type.has_base("numpy.integer")


def _members(union: UnionType) -> Iterable[Type]:
    """Go through the members of a union, of literals and type variables what they are made of."""
    for item in map(get_proper_type, union.relevant_items()):
        if isinstance(item, LiteralType):
            yield item.fallback
        else:
            yield get_proper_type(item.upper_bound) if isinstance(item, TypeVarType) else item
