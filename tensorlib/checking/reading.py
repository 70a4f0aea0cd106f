"""Reading annotations into forms.

`typing.get_type_hints` evaluates what stands in quotes, and ``"N + 1"`` has no value. So
annotations are read here as they are, from text or from what Python made of them.
"""

from __future__ import annotations

import ast
import collections.abc
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, get_args, get_origin

import numpy as np
import typing_extensions

from tensorlib.checking.facts import Variable, as_dim, parameters
from tensorlib.checking.forms import (
    ANYTHING,
    Foreign,
    Form,
    ItemsForm,
    MapsForm,
    SizeForm,
    TapeWanted,
    TensorForm,
    TupleForm,
    UnionForm,
)
from tensorlib.checking.names import Names, UnresolvedError
from tensorlib.nn.module import Maps
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, parse
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack, Shape
from tensorlib.tape import NoTape, Tape
from tensorlib.tensor import Tensor
from tensorlib.types import Shape as ShapeClass
from tensorlib.types import Tensor0D, Tensor1D, Tensor2D, Tensor3D, Tensor4D

_RANKED: Final[dict[Any, int]] = {Tensor0D: 0, Tensor1D: 1, Tensor2D: 2, Tensor3D: 3, Tensor4D: 4}
_ALIASES: Final = (typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", ()))
_UNPACKS: Final = (typing.Unpack, typing_extensions.Unpack)
_WRAPPERS: Final = tuple(
    getattr(module, name)
    for module in (typing, typing_extensions)
    for name in ("Final", "Required", "NotRequired", "ReadOnly")
    if hasattr(module, name)
)
_MAPPINGS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_UNKNOWN: Final = object()
"""What stands for nothing that a form could be made of."""


@dataclass(frozen=True)
class Written:
    """A part of an annotation: a syntax tree, or what Python evaluated it to.

    Attributes:
        node: the part.
        given: what stands for the type variables in it, for the arguments of an alias.
    """

    node: Any
    given: Given = field(default_factory=dict)


Given: TypeAlias = "Mapping[Any, tuple[Written, ...]]"
Opened: TypeAlias = "tuple[Any, tuple[Written, ...] | None]"
"""What stands before brackets, and what in them."""


class Reader:
    """Reads the annotations of one function or class.

    Args:
        names: where names are looked up.
        is_patient: whether a name that stands for nothing is an error, so that it can be tried
            again later, or else requires nothing.
        of_class: makes the form of a class that is generic in sizes, with these sizes.
    """

    def __init__(
        self,
        names: Names,
        *,
        is_patient: bool,
        of_class: Callable[[type, Mapping[Variable, Dim]], Form],
    ) -> None:
        self._names = names
        self._is_patient = is_patient
        self._of_class = of_class

    def form(self, annotation: Any) -> Form:
        """Return the form of an annotation.

        Raises:
            UnresolvedError: a name in it stands for nothing yet.
            ShapeError: a ``Shape[...]`` in it cannot be read.
        """
        return self._form(Written(annotation))

    def items_form(self, annotation: Any) -> Form:
        """Return the form of what a generator yields, by its annotation ``Iterator[X]``."""
        _, args = self._opened(Written(annotation))
        return self._form(args[0]) if args else ANYTHING

    def shape(self, written: Written) -> Shape | Variable:
        """Return the shape that the first argument of a tensor states."""
        origin, args = self._opened(written)
        if is_variable(origin):
            return origin
        if args is None or origin not in (tuple, ShapeClass):
            return (UNKNOWN_DIMS,) if origin in (tuple, ShapeClass) else (ANY_DIMS,)
        return self._dims(args)

    def dim(self, written: Written) -> Dim:
        """Return one dimension; Any if it cannot be told."""
        text = self._arithmetic(written.node)
        if text is not None:
            return parse(text, lambda name: self.dim(Written(ast.Name(name), written.given)))
        origin, args = self._opened(written)
        if isinstance(origin, int):
            return origin
        if is_size(origin):
            return as_dim(origin)
        if origin in (typing.Literal, typing_extensions.Literal) and args and len(args) == 1:
            return self.dim(args[0])
        return UNKNOWN if origin is int else ANY

    # Forms --------------------------------------------------------------------------------------

    def _form(self, written: Written) -> Form:
        origin, args = self._opened(written)
        if origin is None:
            return Foreign(type(None))
        if origin in _RANKED:
            return self._ranked(_RANKED[origin], args)
        if is_size(origin):
            return SizeForm(as_dim(origin))
        if origin in (typing.Literal, typing_extensions.Literal):
            return Foreign(())
        if origin in (typing.Union, types.UnionType, typing.Optional):
            members = [self._form(arg) for arg in args or ()]
            if origin is typing.Optional:
                members.append(Foreign(type(None)))
            return UnionForm(members) if any(map(_is_ours, members)) else ANYTHING
        if origin is Maps and args and len(args) == 2:
            return MapsForm(self._form(args[0]), self._form(args[1]))
        if not isinstance(origin, type) or origin in (object, collections.abc.Callable):
            return ANYTHING
        if issubclass(origin, Tensor):
            return self._tensor(origin, args)
        if issubclass(origin, tuple) and args is not None:
            return self._tuple(args)
        if args and issubclass(origin, collections.abc.Iterable) and _is_collection(origin):
            item = self._form(args[-1 if origin in _MAPPINGS else 0])
            return ItemsForm(origin, item) if _is_ours(item) else Foreign(origin)
        if args and any(map(is_size, parameters(origin))):
            return self._of_class(origin, self._sizes(origin, args))
        return Foreign(origin)

    def _tuple(self, args: tuple[Written, ...]) -> Form:
        if len(args) == 2 and self._opened(args[1])[0] is Ellipsis:
            item = self._form(args[0])
            return ItemsForm(tuple, item) if _is_ours(item) else Foreign(tuple)
        if any(self._opened(arg)[0] in _UNPACKS for arg in args):
            return ANYTHING
        items = tuple(self._form(arg) for arg in args)
        return TupleForm(items) if any(map(_is_ours, items)) else Foreign(tuple)

    def _tensor(self, kind: type[Any], args: tuple[Written, ...] | None) -> Form:
        shape, tape, dtype = self._as_base(kind, args or (), Tensor)
        return TensorForm(kind, self.shape(shape), self._tape(tape), self._dtype(dtype))

    def _ranked(self, rank: int, args: tuple[Written, ...] | None) -> Form:
        if args is None and rank:
            shape: Shape = (UNKNOWN,) * rank
        else:
            shape = self._dims((args or ())[:rank])
        rest = (args or ())[rank:]
        defaults = (Written(NoTape), Written(np.float32))
        tape, dtype = (*rest, *defaults[len(rest) :])[:2]
        return TensorForm(Tensor, shape, self._tape(tape), self._dtype(dtype))

    def _as_base(self, kind: type, args: tuple[Written, ...], base: type) -> tuple[Written, ...]:
        """Return the arguments of a generic class as those of one of its bases."""
        variables = parameters(kind)
        filled = tuple(
            args[place] if place < len(args) else Written(_default(variable))
            for place, variable in enumerate(variables)
        )
        if kind is base:
            return filled
        given = {variable: (arg,) for variable, arg in zip(variables, filled, strict=True)}
        for each in kind.__dict__.get("__orig_bases__", kind.__bases__):
            origin = get_origin(each) or each
            if isinstance(origin, type) and issubclass(origin, base):
                inner = tuple(Written(arg, given) for arg in get_args(each))
                return self._as_base(origin, inner, base)
        return tuple(Written(Any) for _ in parameters(base))

    def _sizes(self, kind: type, args: tuple[Written, ...]) -> dict[Variable, Dim]:
        groups = zip(parameters(kind), args, strict=False)
        return {variable: self.dim(arg) for variable, arg in groups if is_size(variable)}

    def _dims(self, args: tuple[Written, ...]) -> Shape:
        if len(args) == 2 and self._opened(args[1])[0] is Ellipsis:  # tuple[int, ...]
            return (UNKNOWN_DIMS,) if self._opened(args[0])[0] is int else (ANY_DIMS,)
        items: list[Dim | Pack] = []
        for arg in args:
            origin, inner = self._opened(arg)
            if origin is Ellipsis:
                items.append(UNKNOWN_DIMS)
            elif origin in _UNPACKS and inner:
                items.extend(self._pack(inner[0]))
            else:
                items.append(self.dim(arg))
        return tuple(items)

    def _pack(self, written: Written) -> Shape:
        given = written.given.get(self._object(written.node))
        if given is not None:
            return self._dims(given)
        origin, args = self._opened(written)
        if isinstance(origin, typing.TypeVarTuple):
            return (Pack(origin.__name__, origin),)
        return self._dims(args) if origin is tuple and args is not None else (ANY_DIMS,)

    def _tape(self, written: Written) -> TapeWanted:
        origin, args = self._opened(written)
        if origin in (Tape, NoTape):
            return origin is Tape
        if is_variable(origin):
            return (origin,)
        if origin in (typing.Union, types.UnionType):
            members = tuple(self._opened(arg)[0] for arg in args or ())
            return members if all(map(is_variable, members)) else None
        return None

    def _dtype(self, written: Written) -> Variable:
        origin, _ = self._opened(written)
        if isinstance(origin, type) and issubclass(origin, np.generic):
            return origin
        return origin if is_variable(origin) else None

    # Opening ------------------------------------------------------------------------------------

    def _opened(self, written: Written) -> Opened:
        """Return what stands before the brackets and what stands in them, or None without any."""
        node, given = written.node, written.given
        if isinstance(node, typing.ForwardRef):
            node = node.__forward_arg__
        if isinstance(node, str):
            node = _tree(node)
        if not isinstance(node, ast.expr):
            return self._opened_object(node, given)
        match node:
            case ast.Constant(value=str(text)):
                return self._opened(Written(text, given))
            case ast.Constant(value=value):
                return value, None
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return typing.Union, (Written(left, given), Written(right, given))
            case ast.Starred(value=value):
                return typing.Unpack, (Written(value, given),)
            case ast.Subscript(value=value, slice=index):
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                args = tuple(Written(item, given) for item in items)
                return self._subscribed(self._object(value), args)
            case ast.Name() | ast.Attribute():
                return self._named(self._object(node), given)
        return _UNKNOWN, None

    def _object(self, node: Any) -> Any:
        if not isinstance(node, ast.expr):
            return node
        try:
            return self._names.value(node)
        except UnresolvedError:
            if self._is_patient:
                raise
            return Any

    def _subscribed(self, origin: Any, args: tuple[Written, ...]) -> Opened:
        """Open a name with brackets, which may be an alias."""
        if isinstance(origin, _ALIASES):
            value = Written(origin.__value__, _given(origin.__type_params__, args))
            return self._opened(value)
        if origin in (typing.Annotated, *_WRAPPERS):
            return self._opened(args[0])
        inner = get_origin(origin)
        if inner is None:
            return origin, args
        variables = getattr(origin, "__parameters__", ())
        if variables:  # an alias, Images[N]
            return self._opened_object(origin, _given(variables, args))
        return inner, args  # typing.List[...]

    def _named(self, value: Any, given: Given) -> Opened:
        """Open a name without brackets: the variables of an alias are Any then, as in mypy."""
        if get_origin(value) is not None:
            variables = getattr(value, "__parameters__", ())
            return self._opened_object(value, {each: (Written(Any),) for each in variables})
        return self._opened_object(value, given)

    def _opened_object(self, value: Any, given: Given) -> Opened:
        if is_variable(value) and value in given:
            return self._opened(given[value][0])
        if isinstance(value, str | typing.ForwardRef):
            return self._opened(Written(value, given))
        if isinstance(value, _ALIASES):
            nothing = {each: (Written(Any),) for each in value.__type_params__}
            return self._opened(Written(value.__value__, nothing))
        origin = get_origin(value)
        if origin is None:
            return value, None
        args = tuple(Written(arg, given) for arg in get_args(value))
        if getattr(value, "__unpacked__", False):  # *tuple[...]
            inner: Any = tuple
            return typing.Unpack, (Written(inner[tuple(arg.node for arg in args)], given),)
        return self._subscribed(origin, args)

    def _arithmetic(self, node: Any) -> str | None:
        """Return the text of a dimension that is more than a name."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = node.value
        if isinstance(node, typing.ForwardRef):
            node = node.__forward_arg__
        if isinstance(node, str):
            return None if node.strip().isidentifier() else node
        is_sum = isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitOr)
        return ast.unparse(node) if is_sum or isinstance(node, ast.UnaryOp) else None


def is_variable(value: Any) -> bool:
    """Tell whether this is a type variable, of typing or typing_extensions."""
    return isinstance(value, typing.TypeVar)


def is_size(value: Any) -> bool:
    """Tell whether this is a type variable bound to int."""
    if not is_variable(value):
        return False
    bound = value.__bound__
    text = bound.__forward_arg__ if isinstance(bound, typing.ForwardRef) else bound
    return text is int or text == "int"


def _default(variable: Any) -> Any:
    default = getattr(variable, "__default__", None)
    is_none = default in (None, getattr(typing_extensions, "NoDefault", None))
    return Any if is_none else default


def _given(variables: Iterable[Any], args: tuple[Written, ...]) -> Given:
    """Say what stands for each variable of an alias; what is left over stands for ``*Batch``."""
    return dict(_assigned(tuple(variables), args))


def _assigned(
    variables: tuple[Any, ...], args: tuple[Written, ...]
) -> Iterator[tuple[Any, tuple[Written, ...]]]:
    place = 0
    for index, variable in enumerate(variables):
        if is_variable(variable):
            yield variable, args[place : place + 1] or (Written(Any),)
            place += 1
        else:
            end = max(place, len(args) - (len(variables) - index - 1))
            yield variable, args[place:end]
            place = end


def _tree(text: str) -> ast.expr | object:
    """Return an annotation's text as a tree; one that is none is left to the type checker."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        pass
    try:  # *args: *Ts
        (item,) = ast.parse(f"_[{text.strip()}]", mode="eval").body.slice.elts  # type: ignore[attr-defined]
    except (SyntaxError, AttributeError, ValueError):
        return _UNKNOWN
    tree: ast.expr = item
    return tree


def _is_ours(form: Form) -> bool:
    """Tell whether a form ever refuses anything."""
    return form is not ANYTHING and not isinstance(form, Foreign)


def _is_collection(kind: type) -> bool:
    """Tell whether values of a class may be read without using them up."""
    return kind in (collections.abc.Iterable, collections.abc.Collection) or issubclass(
        kind, collections.abc.Collection
    )
