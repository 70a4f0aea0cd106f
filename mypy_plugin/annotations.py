"""Annotations: ``Shape[2, N, "2*N", *Batch]``, ``Tensor2D[2, 3, Tape]``, ``Block[64, 32]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mypy.nodes import FuncDef, TypeAlias, TypeInfo, TypeVarExpr, Var
from mypy.plugin import AnalyzeTypeContext
from mypy.typeanal import TypeAnalyser
from mypy.types import (
    AnyType,
    CallableType,
    EllipsisType,
    Instance,
    RawExpressionType,
    Type,
    TypeAliasType,
    TypeList,
    TypeOfAny,
    TypeVarTupleType,
    TypeVarType,
    UnboundType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import aliases, messages, names
from mypy_plugin.codec import Codec
from mypy_plugin.codes import TENSOR_ANNOTATION
from mypy_plugin.generics import normalised
from mypy_plugin.opening import packs_in
from mypy_plugin.source import quoted
from mypy_plugin.statements import functions_in
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, UnknownDim, parse
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Pack, Shape

_SPECIAL_FORMS = ("builtins.", "typing.", "typing_extensions.")


class Annotations:
    """The type-analyze hooks."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._skip: str | None = None
        self._settled: dict[TypeAlias, Type] = {}
        self._plain: dict[str, tuple[TypeAlias, Type]] = {}

    def hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Return the hook for annotations of this name, if it is one of ours."""
        if fullname == names.SHAPE:
            return self._shape
        if fullname in names.RANKED:
            return self._ranked
        return None

    def generic_hook(
        self, fullname: str, node: object
    ) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Return the hook for a generic class or alias that takes bare ints, if this is one."""
        if self._skip == fullname:
            self._skip = None
            return None
        if not isinstance(node, TypeAlias):
            return self._literals_hook(fullname, node)
        if not self._is_settled(node):
            return lambda context: aliases.wait(_api(context))
        hook = self._literals_hook(fullname, node)
        if hook is None and self._codec.remembers:
            self._plain[fullname] = node, node.target
        return hook

    def is_plain_alias(self, fullname: str) -> bool:
        """Tell whether this is known to be an alias without ints, as nearly all of a program are.

        mypy may find another target for it in a later pass.
        """
        known = self._plain.get(fullname)
        return known is not None and known[0].target is known[1]

    def _literals_hook(
        self, fullname: str, node: object
    ) -> Callable[[AnalyzeTypeContext], Type] | None:
        if any(map(self._codec.takes_ints, _variables(node))) or _takes_dims(node):
            return lambda context: self._with_literals(context, fullname)
        return None

    def _is_settled(self, alias: TypeAlias) -> bool:
        """Tell whether no part of an alias is left for a later pass to tell."""
        if self._settled.get(alias) is not alias.target:
            if aliases.is_pending(alias.target):
                return False
            self._settled[alias] = alias.target
        return True

    def takes_no_ints(self, node: object) -> bool:
        """Tell whether this is known, for the whole build, to have no variables for ints."""
        if not isinstance(node, TypeInfo) or not node.mro:  # mypy sets the variables first
            special = isinstance(node, Var) and node.fullname.startswith(_SPECIAL_FORMS)
            return special or isinstance(node, TypeVarExpr)
        takes_ints = any(map(self._codec.takes_ints, node.defn.type_vars))
        return not takes_ints and not node.has_type_var_tuple_type

    # Shape[...] ---------------------------------------------------------------------------------

    def _shape(self, context: AnalyzeTypeContext) -> Type:
        unbound = context.type
        if not unbound.args and not unbound.empty_tuple_index:
            return self._codec.encode_shape((Pack("...", "int"),))
        return self._encoded(context, unbound.args)

    def _encoded(self, context: AnalyzeTypeContext, args: Iterable[Type]) -> Type:
        try:
            items = _Item(context, self._codec).read_all(args)
        except _DeferredError:  # or mypy only looks which variables there are
            return aliases.pending()
        except ShapeError as error:
            _api(context).fail(str(error), context.context, code=TENSOR_ANNOTATION)
            return AnyType(TypeOfAny.from_error)
        if sum(isinstance(item, Pack) for item in items) > 1:
            _api(context).fail(messages.TOO_MANY_PACKS, context.context, code=TENSOR_ANNOTATION)
            return AnyType(TypeOfAny.from_error)
        return self._codec.encode_shape(tuple(items))

    # Tensor0D ... Tensor4D ----------------------------------------------------------------------

    def _ranked(self, context: AnalyzeTypeContext) -> Type:
        unbound = context.type
        rank = names.RANKED[_fullname(context)]
        args = [arg for arg in unbound.args if not _is_mark(arg)]
        problem = None
        shape: Type = AnyType(TypeOfAny.from_error)
        if not unbound.args and rank and not unbound.empty_tuple_index:
            shape = self._codec.encode_shape((UNKNOWN,) * rank)
        elif len(args) < rank:
            problem = messages.TOO_FEW_DIMS.format(rank, len(args))
        elif len(args) > rank + 2:
            problem = messages.TOO_MANY_ARGUMENTS.format(rank, len(args))
        else:
            shape = self._encoded(context, args[:rank])
        if problem is not None:
            _api(context).fail(problem, context.context, code=TENSOR_ANNOTATION)
            return AnyType(TypeOfAny.from_error)
        info = self._codec.info(names.TENSOR)
        assert info is not None
        rest = [context.api.analyze_type(arg) for arg in args[rank:]]
        defaults = [
            variable.default
            for variable in info.defn.type_vars[1 + len(rest) :]
            if isinstance(variable, TypeVarType)
        ]
        return Instance(info, [shape, *rest, *defaults], line=unbound.line, column=unbound.column)

    # Linear[10, 32], Block[64, 32] --------------------------------------------------------------

    def _with_literals(self, context: AnalyzeTypeContext, fullname: str) -> Type:
        stated = [_quoted(arg, context) for arg in context.type.args if not _is_mark(arg)]
        item = _Item(context, self._codec)
        try:
            args = [
                self._codec.encode_dim(item.read_one(arg)) if _is_expression(arg) else arg
                for arg in stated
            ]
        except _DeferredError:
            return aliases.pending()
        except ShapeError as error:
            _api(context).fail(str(error), context.context, code=TENSOR_ANNOTATION)
            return AnyType(TypeOfAny.from_error)
        self._skip = fullname  # the analysis asks for this very hook again
        try:
            analysed = context.api.analyze_type(context.type.copy_modified(args=args))
        finally:
            self._skip = None
        is_alias = isinstance(analysed, TypeAliasType) and not analysed.is_recursive
        return normalised(analysed, self._codec) if is_alias else analysed


class _DeferredError(Exception):
    """The type variables of this annotation are found in a later pass."""


class _Item:
    """Reads one dimension of a ``Shape[...]``."""

    def __init__(self, context: AnalyzeTypeContext, codec: Codec) -> None:
        self._context = context
        self._api = _api(context)
        self._codec = codec

    def read_all(self, args: Iterable[Type]) -> list[Dim | Pack]:
        """Return the dimensions and packs that the arguments of a shape state.

        Raises:
            ShapeError: one states none.
        """
        stated = [_quoted(arg, self._context) for arg in args if not _is_mark(arg)]
        self._require_bound(stated)
        return list(map(self._read, stated))

    def read_one(self, arg: Type) -> Dim:
        """Return the dimension that an argument of a generic class states.

        Raises:
            ShapeError: it states none.
        """
        self._require_bound([arg])
        dim = self._read(arg)
        assert not isinstance(dim, Pack)
        return dim

    def _require_bound(self, args: Iterable[Type]) -> None:
        """Wait for a later pass if type variables occur inside of strings only.

        All of a shape are asked for at once: mypy looks through a signature a second time only.
        """
        names = [name for arg in args for name in aliases.NAME.findall(_text(arg) or "")]
        unbound = list(filter(self._is_unbound, dict.fromkeys(names)))
        if unbound:
            self._bind_later(unbound)

    def _read(self, arg: Type) -> Dim | Pack:
        if isinstance(arg, EllipsisType):
            return Pack("...", "int")
        if isinstance(arg, UnpackType):
            return self._pack(arg)
        if isinstance(arg, RawExpressionType):
            return self._expression(arg)
        if isinstance(arg, UnboundType) and arg.name.endswith("Unpack") and len(arg.args) == 1:
            return self._pack(UnpackType(arg.args[0]))
        if isinstance(arg, UnboundType):
            text = _text(arg)
            return self._name(arg) if text is None else self._arithmetic(text)
        return self._decoded(arg, str(arg))

    def _expression(self, arg: RawExpressionType) -> Dim:
        value = arg.literal_value
        if value is None and arg.base_type_name == "typing.Any":
            raise ShapeError(messages.UNQUOTED)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ShapeError(messages.BAD_DIM.format(arg.simple_name()))
        if isinstance(value, str):
            return self._arithmetic(value)
        if value < 0:
            raise ShapeError(messages.NEGATIVE_DIM.format(value))
        return value

    def _arithmetic(self, text: str) -> Dim:
        try:
            return parse(text, self._lookup)
        except ShapeError as error:
            if str(error).startswith("Shape: "):
                raise
            raise ShapeError(str(error), subject="Shape") from None

    def _lookup(self, name: str) -> Dim:
        return self._name(self._reference(name))

    def _reference(self, name: str) -> UnboundType:
        reference = UnboundType(name, line=self._context.context.line)
        reference.column = self._context.context.column
        return reference

    def _name(self, arg: UnboundType) -> Dim:
        return self._decoded(self._api.analyze_type(arg), arg.name)

    def _is_unbound(self, name: str) -> bool:
        symbol = self._api.lookup_qualified(name, self._context.context, suppress_errors=True)
        return (
            symbol is not None
            and isinstance(symbol.node, TypeVarExpr)
            and self._api.tvar_scope.get_binding(symbol) is None
        )

    def _bind_later(self, names: Iterable[str]) -> None:
        """Have type variables that only occur inside a string bound in the next pass.

        mypy collects the variables of a signature before it calls hooks, and does not look into
        strings; marked arguments make it find these.
        """
        if getattr(self._api.api, "final_iteration", True):
            return
        if self._api.defining_alias:
            aliases.name_variables(self._api.cur_mod_node, self._context.type)
        else:
            for name in names:
                marked = self._reference(name)
                marked.original_str_fallback = _MARK_TEXT
                self._context.type.args = (*self._context.type.args, marked)
            self._search_signature_again()
        aliases.wait(self._api)
        raise _DeferredError

    def _search_signature_again(self) -> None:
        """Forget the variables that mypy found in the signature, for it to find all of them."""
        for function in functions_in(self._api.cur_mod_node.defs):
            signature = function.type
            if isinstance(signature, CallableType) and any(
                _holds(typ, self._context.type)
                for typ in (*signature.arg_types, signature.ret_type)
            ):
                signature.variables = ()

    def _decoded(self, typ: Type, text: str) -> Dim:
        proper = get_proper_type(typ)
        if isinstance(proper, UnboundType):
            raise _DeferredError
        if isinstance(proper, AnyType):
            return ANY
        if isinstance(proper, TypeVarType) and not self._codec.is_dim_variable(proper):
            raise ShapeError(messages.NOT_INT_BOUND.format(text))
        dim = self._codec.dim(proper)
        is_int = isinstance(proper, Instance) and proper.type.fullname == "builtins.int"
        if isinstance(dim, UnknownDim) and not is_int:
            raise ShapeError(messages.BAD_DIM.format(text))
        return dim

    def _pack(self, arg: UnpackType) -> Pack:
        api = self._api
        # As deep as mypy itself would allow *Batch; the wrapper is then made here.
        api.allow_type_var_tuple = api.nesting_level
        inner = api.analyze_type(arg.type)
        api.allow_type_var_tuple = -1
        shape: Shape = self._codec.shape(self._codec.tuple_of([UnpackType(inner)]))
        if len(shape) != 1 or not isinstance(shape[0], Pack):
            raise ShapeError(messages.BAD_DIM.format(f"*{arg.type}"))
        return shape[0]


_MARK_TEXT = "tensorlib: bound by the plugin"


def _holds(typ: Type, part: UnboundType) -> bool:
    """Tell whether a type that is not analysed yet has this very part."""
    if typ is part:
        return True
    parts: Iterable[Type] = ()
    if isinstance(typ, UnboundType):
        parts = typ.args
    elif isinstance(typ, UnionType | TypeList):
        parts = typ.items
    elif isinstance(typ, UnpackType):
        parts = (typ.type,)
    return any(_holds(item, part) for item in parts)


def _text(arg: Type) -> str | None:
    """Return the text of a dimension that is written as an expression in quotes, else None."""
    if isinstance(arg, RawExpressionType):
        return arg.literal_value if isinstance(arg.literal_value, str) else None
    if not isinstance(arg, UnboundType) or arg.original_str_expr is None:
        return None
    text = arg.original_str_expr
    return text if arg.args or text.strip() != arg.name else None


def _is_mark(arg: Type) -> bool:
    if isinstance(arg, UnboundType) and arg.original_str_fallback == _MARK_TEXT:
        return True
    return aliases.is_mark(arg)


def _quoted(arg: Type, context: AnalyzeTypeContext) -> Type:
    return quoted(arg, _api(context).cur_mod_node.path)


def _is_expression(arg: Type) -> bool:
    """Tell whether an argument of a generic class is an int or arithmetic, and no type."""
    value = arg.literal_value if isinstance(arg, RawExpressionType) else None
    return isinstance(value, int | str) and not isinstance(value, bool)


def _fullname(context: AnalyzeTypeContext) -> str:
    symbol = _api(context).lookup_qualified(context.type.name, context.context)
    assert symbol is not None and symbol.node is not None
    return symbol.node.fullname


def _api(context: AnalyzeTypeContext) -> TypeAnalyser:
    assert isinstance(context.api, TypeAnalyser)
    return context.api


def _variables(node: object) -> Iterable[Type]:
    if isinstance(node, TypeInfo):
        return node.defn.type_vars
    if isinstance(node, TypeAlias):
        return node.alias_tvars
    return ()


def _takes_dims(node: object) -> bool:
    """Tell whether a class or alias has a ``*Sizes`` that stands for dimensions of tensors."""
    mentioned: Iterable[Type | None] = ()
    if isinstance(node, TypeInfo) and node.has_type_var_tuple_type:
        members = (symbol.node for symbol in node.names.values())
        mentioned = (each.type for each in members if isinstance(each, Var | FuncDef))
    elif isinstance(node, TypeAlias) and any(map(_is_pack, node.alias_tvars)):
        mentioned = (node.target,)
    return any(True for typ in mentioned if typ is not None for _ in packs_in(typ))


def _is_pack(variable: Type) -> bool:
    return isinstance(variable, TypeVarTupleType)
