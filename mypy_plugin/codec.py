"""Between mypy's types and the shape calculus: the only file that builds or opens mypy types."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mypy.nodes import FuncDef, TypeAlias, TypeInfo
from mypy.plugin import Plugin
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeOfAny,
    TypeVarId,
    TypeVarLikeType,
    TypeVarTupleType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.constants import Constants
from mypy_plugin.enums import size_of_member
from mypy_plugin.memory import Memory
from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    Dim,
    Quotient,
    Symbol,
    SymbolicDim,
    symbol,
    terms,
)
from tensorlib.shapes.dtypes import DTYPES, FOREIGN
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack, Shape

if TYPE_CHECKING:
    from mypy_plugin.constructors import Init
    from mypy_plugin.op_signatures import Merged
    from mypy_plugin.parameters import Prepared

UNKNOWN_SCALAR: Final = "scalar"
"""The kind of a number that may be an int or a float."""
_SCALARS: Final = {
    "builtins.bool": "scalar bool",
    "numpy.bool": "scalar bool",
    "builtins.int": "scalar int",
    "numpy.integer": "scalar int",
    "builtins.float": "scalar float",
    "numpy.floating": "scalar float",
    "numpy.number": UNKNOWN_SCALAR,
}
_OWNING: Final = {names.TAPE: True, names.NO_TAPE: False}


class Variable:
    """Identifies a symbol or pack by the type variable that it stands for."""

    __slots__ = ("type",)

    def __init__(self, type: TypeVarLikeType) -> None:
        self.type = type

    @property
    def id(self) -> TypeVarId:
        """The type variable's id."""
        return self.type.id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Variable):
            return False
        # In mypy's next pass over a signature, an id may be another variable's.
        return self.id == other.id and self.type.name == other.type.name

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:  # symbols of one name are ordered by it
        return f"{self.id.namespace}:{self.id.meta_level}:{self.id.raw_id:+09d}"


class TensorType(NamedTuple):
    """What the type of a tensor says."""

    shape: Shape
    tape: ProperType
    dtype: ProperType


class Codec:
    """Decodes mypy's types to dimensions and shapes, and encodes these.

    Attributes:
        remembers: whether what is known of a name holds for the whole build: not in the daemon.
        operand_names: the parameters of layers whose dtypes bear on the result's.
        signatures: signatures of calls, by what they follow from.
        inits: the constructors of classes.
        constructors: the signatures of constructors as mypy has them, and opened.
        results: the types of calls' results, by all that they follow from.
        operands: what operators take by any of their overloads, by the first of these.
        merged: the operator last met, by its first overload, if that stands for all.
    """

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin
        self._dtypes: dict[str, Instance] = {}
        self.remembers = remembers = not plugin.options.fine_grained_incremental
        self.constants = Constants(remembers=remembers)
        self._dtype_names: dict[Instance, str | None] = {}
        self._symbols: Memory[tuple[TypeVarId, str], Dim] = Memory(is_on=remembers)
        self._tensors: Memory[Instance, TensorType] = Memory(is_on=remembers)
        self.operand_names: Memory[TypeInfo, Sequence[str | None]] = Memory(is_on=remembers)
        self.signatures: Memory[Hashable, Prepared] = Memory(is_on=remembers)
        self.operands: Memory[FuncDef, Type] = Memory(is_on=remembers)
        self.merged: Merged | None = None
        self.inits: Memory[TypeInfo, Init] = Memory(is_on=remembers)
        self.constructors: Memory[TypeInfo, Sequence[CallableType]] = Memory(is_on=remembers)
        self.results: Memory[Hashable, Type] = Memory(is_on=remembers)
        self._encoded: Memory[Shape, Type] = Memory(is_on=remembers)
        self._plain: Memory[str, Instance] = Memory(is_on=remembers)

    # Looking up ---------------------------------------------------------------------------------

    def info(self, fullname: str) -> TypeInfo | None:
        """Return the class of this name, if the checked program has it."""
        found = self._plugin.lookup_fully_qualified(fullname)
        return found.node if found is not None and isinstance(found.node, TypeInfo) else None

    def instance(self, fullname: str, args: Sequence[Type] = ()) -> Instance:
        """Return a class of this name with arguments; it must be part of the checked program."""
        known = self._plain.get(fullname)
        if known is None:
            info = self.info(fullname)
            assert info is not None, fullname
            known = Instance(info, [])
            self._plain.put(fullname, known)
        return Instance(known.type, args) if args else known

    # Dimensions ---------------------------------------------------------------------------------

    def dim(self, typ: Type, *, value: bool = False) -> Dim:
        """Decode a dimension.

        Args:
            typ: an argument of a shape, or the type of an int.
            value: whether it is the type of a value, which may remember a literal.
        """
        proper = get_proper_type(typ)
        if isinstance(proper, LiteralType):
            return proper.value if isinstance(proper.value, int) else size_of_member(proper)
        if isinstance(proper, TypeVarType):
            return self._symbol(proper) if self.is_dim_variable(proper) else ANY
        if not isinstance(proper, Instance):
            return UNKNOWN if isinstance(proper, UnionType) else ANY
        if value and proper.last_known_value is not None:
            return self.dim(proper.last_known_value)
        return self._arithmetic(proper)

    def _symbol(self, variable: TypeVarType) -> Dim:
        key = variable.id, variable.name
        found = self._symbols.get(key)
        if found is None:
            found = symbol(variable.name, Variable(variable))
            self._symbols.put(key, found)
        return found

    def _arithmetic(self, typ: Instance) -> Dim:
        if typ.type.fullname not in (names.ADD, names.MUL, names.FLOOR_DIV):
            return UNKNOWN
        left, right = (self.dim(arg) for arg in typ.args)
        if typ.type.fullname == names.ADD:
            return left + right
        return left * right if typ.type.fullname == names.MUL else left // right

    @staticmethod
    def is_dim_variable(typ: Type) -> bool:
        """Tell whether this is a type variable bound to int, that is, a dimension."""
        if not isinstance(typ, TypeVarType):
            return False
        bound = get_proper_type(typ.upper_bound)
        return isinstance(bound, Instance) and bound.type.fullname == "builtins.int"

    @staticmethod
    def is_tape_variable(typ: Type) -> bool:
        """Tell whether this is a type variable bound to ``NoTape | Tape``."""
        bound = get_proper_type(typ.upper_bound) if isinstance(typ, TypeVarType) else None
        if not isinstance(bound, UnionType):
            return False
        items = map(get_proper_type, bound.items)
        found = {item.type.fullname for item in items if isinstance(item, Instance)}
        return found == {names.TAPE, names.NO_TAPE}

    @staticmethod
    def is_shape_variable(typ: Type) -> bool:
        """Tell whether this is a type variable bound to tuple, that is, a whole shape."""
        if not isinstance(typ, TypeVarType):
            return False
        bound = get_proper_type(typ.upper_bound)
        return isinstance(bound, Instance) and bound.type.fullname == "builtins.tuple"

    @staticmethod
    def is_extent_variable(typ: Type) -> bool:
        """Tell whether this is a type variable for an argument that may be an int, or else.

        Its bound is a union of int with tuples, None or str.
        """
        bound = get_proper_type(typ.upper_bound) if isinstance(typ, TypeVarType) else None
        items = map(get_proper_type, bound.items if isinstance(bound, UnionType) else ())
        return any(isinstance(i, Instance) and i.type.fullname == "builtins.int" for i in items)

    def are_dims(self, types: Sequence[Type]) -> bool:
        """Tell whether arguments of a class, given for ``*Sizes``, are dimensions."""
        told = [self._is_dim(typ) for typ in types]
        return any(told) and all(each is not False for each in told)

    def _is_dim(self, typ: Type) -> bool | None:
        """Tell whether a type stands for dimensions; None if it may."""
        proper = get_proper_type(typ)
        if isinstance(proper, UnpackType):
            inner = get_proper_type(proper.type)
            if isinstance(inner, TypeVarTupleType):
                return True if inner.id.meta_level > 0 else None  # made for dimensions only
            return self._is_dim(inner.args[0]) if isinstance(inner, Instance) else False
        if isinstance(proper, AnyType):
            return None
        if isinstance(proper, LiteralType):
            return isinstance(proper.value, int)
        if isinstance(proper, Instance):
            arithmetic = (names.ADD, names.MUL, names.FLOOR_DIV)
            return proper.type.fullname in ("builtins.int", *arithmetic)
        return self.is_dim_variable(proper)

    def takes_ints(self, typ: Type) -> bool:
        """Tell whether this is a type variable for a dimension or an extent."""
        return self.is_dim_variable(typ) or self.is_extent_variable(typ)

    def size(self, variable: TypeVarLikeType, typ: Type) -> Any:
        """Decode what a size variable stands for: a dimension, a shape or an extent."""
        if self.is_shape_variable(variable):
            return self.shape(typ)
        return self.extent(typ) if self.is_extent_variable(variable) else self.dim(typ)

    def extent(self, typ: Type) -> Any:
        """Decode an argument that is a dimension, or a tuple of such, None or a word."""
        proper = get_proper_type(typ)
        if isinstance(proper, NoneType):
            return None
        if isinstance(proper, LiteralType) and isinstance(proper.value, str):
            return proper.value
        if isinstance(proper, TupleType) and not any(
            isinstance(item, UnpackType) for item in proper.items
        ):
            return tuple(map(self.extent, proper.items))
        return self.dim(proper)

    def encode_extent(self, value: Any) -> Type:
        """Encode an argument as `extent` decodes it."""
        if value is None:
            return NoneType()
        if isinstance(value, str):
            return LiteralType(value, self.instance("builtins.str"))
        if isinstance(value, tuple):
            return self.tuple_of(list(map(self.encode_extent, value)))
        return self.encode_dim(value)

    def encode_dim(self, dim: Dim) -> Type:
        """Encode a dimension as an argument of a shape."""
        if isinstance(dim, int):
            return LiteralType(int(dim), self.instance("builtins.int"))
        if dim is ANY:
            return AnyType(TypeOfAny.special_form)
        if not isinstance(dim, SymbolicDim):
            return self.instance("builtins.int")
        encoded = [self._term(*term) for term in terms(dim)]
        return reduce(lambda a, b: self.instance(names.ADD, (a, b)), encoded)

    def _term(self, coefficient: int, factors: tuple[Symbol | Quotient, ...]) -> Type:
        encoded = [self._atom(factor) for factor in factors]
        if coefficient != 1 or not encoded:
            encoded.insert(0, self.encode_dim(coefficient))
        return reduce(lambda a, b: self.instance(names.MUL, (a, b)), encoded)

    def _atom(self, atom: Symbol | Quotient) -> Type:
        if isinstance(atom, Quotient):
            parts = (self.encode_dim(atom.numerator), self.encode_dim(atom.denominator))
            return self.instance(names.FLOOR_DIV, parts)
        assert isinstance(atom.key, Variable)
        return atom.key.type

    # Shapes -------------------------------------------------------------------------------------

    def shape(self, typ: Type) -> Shape:
        """Decode the shape argument of a tensor type."""
        proper = get_proper_type(typ)
        if isinstance(proper, TupleType):
            return tuple([self._item(item) for item in proper.items])
        if isinstance(proper, TypeVarType):
            return (Pack(proper.name, Variable(proper)),)
        if isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
            return (self._unknown_pack(proper.args[0]),)
        return (UNKNOWN_DIMS,) if isinstance(proper, UnionType) else (ANY_DIMS,)

    def _item(self, typ: Type) -> Dim | Pack:
        if not isinstance(typ, UnpackType):
            return self.dim(typ)
        inner = get_proper_type(typ.type)
        if isinstance(inner, TypeVarTupleType):
            return Pack(inner.name, Variable(inner))
        if isinstance(inner, Instance) and inner.args:
            return self._unknown_pack(inner.args[0])
        return ANY_DIMS

    @staticmethod
    def _unknown_pack(item: Type) -> Pack:
        return ANY_DIMS if isinstance(get_proper_type(item), AnyType) else UNKNOWN_DIMS

    def encode_shape(self, shape: Shape) -> Type:
        """Encode the shape argument of a tensor type."""
        known = self._encoded.get(shape)
        if known is None:
            known = self._newly_encoded(shape)
            self._encoded.put(shape, known)
        return known

    def _newly_encoded(self, shape: Shape) -> Type:
        if len(shape) == 1 and isinstance(shape[0], Pack):
            inner = self._pack(shape[0])
            if not isinstance(inner, TypeVarTupleType):
                return inner
        items: list[Type] = []
        for item in shape:
            if isinstance(item, Pack):
                inner = self._pack(item)
                if isinstance(inner, TypeVarType):  # a variable shape inside another has no type
                    inner = self._pack(UNKNOWN_DIMS)
                items.append(UnpackType(inner))
            else:
                items.append(self.encode_dim(item))
        return self.tuple_of(items)

    def _pack(self, pack: Pack) -> Type:
        if isinstance(pack.key, Variable):
            variable = pack.key.type
            if not isinstance(variable, TypeVarTupleType):
                return variable
            # To mypy its items may be anything, and `zeros(x.shape)` takes ints.
            return variable.copy_modified(upper_bound=self._tuple_of_any_length(UNKNOWN_DIMS))
        return self._tuple_of_any_length(pack)

    def _tuple_of_any_length(self, pack: Pack) -> Instance:
        item: Type = AnyType(TypeOfAny.special_form)
        if pack == UNKNOWN_DIMS:
            item = self.instance("builtins.int")
        return self.instance("builtins.tuple", (item,))

    def tuple_of(self, items: Sequence[Type]) -> TupleType:
        """Return the type of a tuple with these items."""
        fallback = self.instance("builtins.tuple", (AnyType(TypeOfAny.special_form),))
        return TupleType(list(items), fallback)

    # Tensors ------------------------------------------------------------------------------------

    def as_tensor(self, typ: Type) -> Instance | None:
        """Return a tensor's type as a `Tensor` itself, or None for anything else."""
        if isinstance(typ, Instance) and typ.type.fullname == names.TENSOR:
            return typ
        proper = get_proper_type(typ)
        if isinstance(proper, TypeVarType):
            return self.as_tensor(proper.upper_bound)
        if not isinstance(proper, Instance) or not proper.type.has_base(names.TENSOR):
            return None
        from mypy.maptype import map_instance_to_supertype

        info = self.info(names.TENSOR)
        return None if info is None else map_instance_to_supertype(proper, info)

    def is_tensor(self, typ: Type) -> bool:
        """Tell whether a type is that of a tensor."""
        found = self.as_tensor(typ)
        return found is not None and len(found.args) == 3

    def tensor(self, typ: Type) -> TensorType | None:
        """Decode the type of a tensor, or return None for anything else."""
        found = self.as_tensor(typ)
        if found is None or len(found.args) != 3:
            return None
        known = self._tensors.get(found)
        if known is None:
            shape, tape, dtype = found.args
            known = TensorType(self.shape(shape), get_proper_type(tape), get_proper_type(dtype))
            self._tensors.put(found, known)
        return known

    def encode_tensor(self, shape: Shape, tape: Type, dtype: Type) -> Instance:
        """Encode the type of a tensor."""
        if isinstance(get_proper_type(dtype), AnyType):
            dtype = self.any_dtype()
        return self.instance(names.TENSOR, (self.encode_shape(shape), tape, dtype))

    # Tapes and dtypes ---------------------------------------------------------------------------

    def any_dtype(self) -> Instance:
        """Return the dtype of a tensor of which nobody knows it."""
        return self.instance(names.ANY_DTYPE)

    def owns_tape(self, tape: Type) -> bool | None:
        """Tell whether a tape argument says that a tape is owned; None if it leaves it open."""
        proper = get_proper_type(tape)
        if isinstance(proper, Instance):
            return _OWNING.get(proper.type.fullname)
        return None

    def merged_tape(self, tapes: Sequence[ProperType]) -> Type:
        """Return the tape of a result that takes the tapes of all operands."""
        owns = [self.owns_tape(tape) for tape in tapes]
        if any(owns):
            return self.instance(names.TAPE)
        if any(isinstance(tape, AnyType) for tape in tapes):
            return AnyType(TypeOfAny.special_form)
        open_tapes: list[ProperType] = []
        for tape, owned in zip(tapes, owns, strict=True):
            if owned is None and tape not in open_tapes:
                open_tapes.append(tape)
        if not open_tapes:
            return self.instance(names.NO_TAPE)
        if len(open_tapes) == 1:
            return open_tapes[0]
        return UnionType(open_tapes)

    def dtype_name(self, typ: Type) -> str | None:
        """Name a dtype argument; None if the type leaves it open."""
        proper = get_proper_type(typ)
        if not isinstance(proper, Instance):
            return None
        if proper not in self._dtype_names:
            is_bool = proper.type.fullname == "numpy.bool"
            same = (name for name in DTYPES if proper == self.dtype_type(name))
            self._dtype_names[proper] = "bool" if is_bool else next(same, None)
        return self._dtype_names[proper]

    def foreign_dtype_name(self, typ: Type) -> str | None:
        """Name a dtype of numbers that tensors cannot have; None for every other type."""
        proper = get_proper_type(typ)
        if not isinstance(proper, Instance):
            return None
        return next((name for name in FOREIGN if proper == self.dtype_type(name)), None)

    def scalar_kind(self, typ: Type) -> str | None:
        """Name the kind of a scalar's type, or return None if it is no scalar's."""
        proper = get_proper_type(typ)
        if isinstance(proper, LiteralType):
            proper = proper.fallback
        if not isinstance(proper, Instance):
            return None
        for base in proper.type.mro:
            if base.fullname in _SCALARS:
                return _SCALARS[base.fullname]
        return None

    def dtype_type(self, name: str) -> ProperType:
        """Return NumPy's scalar type of this dtype name."""
        if name not in self._dtypes:
            found = self._plugin.lookup_fully_qualified(f"numpy.{name}")
            node = None if found is None else found.node
            if isinstance(node, TypeInfo):
                args = [self.instance("builtins.bool")] if node.type_vars else []
                self._dtypes[name] = Instance(node, args)
            else:
                target = get_proper_type(node.target) if isinstance(node, TypeAlias) else None
                if not isinstance(target, Instance):
                    return AnyType(TypeOfAny.special_form)
                self._dtypes[name] = target
        return self._dtypes[name]
