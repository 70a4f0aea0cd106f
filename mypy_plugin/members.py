"""Members of containers as mypy sees them: what each takes, and what becomes of an operand.

The rules of containers are those of the run time (`tensorlib.shapes.containers`), read here with
types: a module is its type, and so is an operand.
"""

from __future__ import annotations

from collections.abc import Sequence

from mypy.checker import TypeChecker
from mypy.erasetype import erase_typevars
from mypy.errors import ErrorInfo
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_POS, Context, TempNode, TypeInfo
from mypy.subtypes import is_same_type
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    TupleType,
    Type,
    TypeOfAny,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from mypy_plugin import names
from mypy_plugin.codec import Codec
from mypy_plugin.codes import TENSOR_DTYPE, TENSOR_TAPE
from mypy_plugin.generics import sized_name
from mypy_plugin.messages import CODES
from mypy_plugin.strangers import kind_of
from tensorlib.shapes.containers import RULES, got_several
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError, not_a_tensor
from tensorlib.shapes.reading import Container, Operand, Place, Reading, Rule
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack, Shape


def label(module: Type, codec: Codec) -> str:
    """Name a module as it names itself at run time: ``Linear(31, 2)``, ``ReLU``."""
    proper = get_proper_type(module)
    if isinstance(proper, UnpackType):
        return label(_repeated(proper), codec)
    if isinstance(proper, TupleType):
        return "Sequential"
    if isinstance(proper, UnionType):
        names_ = dict.fromkeys(label(item, codec) for item in proper.relevant_items())
        return " or ".join(names_)
    if not isinstance(proper, Instance):
        return "module"
    return sized_name(proper, codec)


def could_be_module(info: TypeInfo) -> bool:
    """Tell whether an instance of a class may be a module."""
    return info.is_protocol or info.has_base(names.MODULE) or info.fullname == "builtins.object"


def is_container(info: TypeInfo) -> bool:
    """Tell whether a class is a container whose ``forward`` is the library's."""
    if not info.has_base(names.CONTAINER):
        return False
    forward = info.get("forward")
    owner = None if forward is None or forward.node is None else forward.node.fullname
    return owner is not None and owner.startswith(names.LAYER_MODULES)


def rule_of(info: TypeInfo) -> Rule | None:
    """Return the rule of a container of the library, by its class."""
    return RULES.get(info.name) if info.fullname.startswith(names.LAYER_MODULES) else None


def members_of(module: Type, codec: Codec) -> tuple[Rule, Sequence[Type]] | None:
    """Return the rule and the members of a container, unless it has none and cannot be made."""
    opened = opened_container(module, codec)
    return opened if opened is not None and opened[1] else None


def opened_container(module: Type, codec: Codec) -> tuple[Rule, Sequence[Type]] | None:
    """Return the rule and the members of a container, of a class derived from one, or of a tuple.

    A tuple stands for a Sequential.
    """
    proper = get_proper_type(module)
    if isinstance(proper, TupleType):
        return RULES["Sequential"], proper.items
    if not isinstance(proper, Instance) or not is_container(proper.type):
        return None
    base = next((info for info in proper.type.mro if rule_of(info) is not None), None)
    rule = None if base is None else rule_of(base)
    if base is None or rule is None:
        return None
    args = map_instance_to_supertype(proper, base).args
    if not base.has_type_var_tuple_type:
        variables = zip(base.defn.type_vars, args, strict=False)
        args = tuple(arg for variable, arg in variables if not codec.is_dim_variable(variable))
    return rule, args


class Types(Reading[Type, Type]):
    """Reads the rules of containers with types."""

    def __init__(self, checker: TypeChecker, codec: Codec, context: Context) -> None:
        self._checker = checker
        self._codec = codec
        self._context = context
        self._anything = AnyType(TypeOfAny.special_form)

    def opened(self, member: Type) -> tuple[Rule, Sequence[Type]] | None:
        """Look into containers, but not into classes derived from them."""
        proper = get_proper_type(member)
        if isinstance(proper, Instance) and rule_of(proper.type) is None:
            return None
        return members_of(proper, self._codec)

    def label(self, member: Type) -> str:
        """Name a module with its sizes."""
        return label(member, self._codec)

    def apply(self, member: Type, x: Operand, place: Place) -> Operand:
        """Apply a member: several equal ones, or each of those that it may be."""
        proper = get_proper_type(member)
        if isinstance(proper, UnpackType):
            one = _repeated(proper)
            returned = self.apply(one, x, place)
            if isinstance(place.step, int):  # in a Sequential; two of them have to fit together
                self.apply(one, returned, place._replace(step=place.step + 1))
            return returned._replace(value=self._after_many(x.value, returned.value))
        if not isinstance(proper, UnionType):
            return super().apply(member, x, place)
        each = [super(Types, self).apply(item, x, place) for item in proper.relevant_items()]
        value = make_simplified_union([result.value for result in each])
        return Operand(value, each[0].member if len(each) == 1 else member, place)

    def applied(self, member: Type, x: Type) -> Type:
        """Return the type of ``member.forward(x)``."""
        proper = get_proper_type(member)
        if not isinstance(proper, Instance):
            return self._anything
        operand = get_proper_type(x)
        if isinstance(operand, UnionType):
            each = [self.applied(member, item) for item in operand.relevant_items()]
            return make_simplified_union(each)
        if proper.type.fullname == names.MAPS:
            try:
                return self._called("__call__", proper, x)
            except ShapeError as error:  # named by what is called, the whole container
                raise error.named(self.label(member)) from None
        if not proper.type.has_readable_member("forward"):
            if not could_be_module(proper.type):
                return self._anything  # reported where the container was built
            raise ShapeError(
                f"what it takes is not known, as its type is {proper.type.name}: hold layers of "
                "different types in a tuple, and declare models as nn.Maps[...]",
                unproven=True,
            )
        kind = self._other_kind(operand)
        if kind is not None and self._takes_tensor(proper):
            name = self.label(member)
            if isinstance(operand, TupleType):
                raise got_several(len(operand.items), name)
            raise ShapeError(not_a_tensor(kind, name).removeprefix(f"{name}: "), subject=name)
        return self._called("forward", proper, x)

    def at(self, container: Container, index: int) -> Place:
        """Return the place of a member; behind an unknown number of others, from the end."""
        is_counted = not any(map(is_many, container.members[:index]))
        return container.at(index if is_counted else index - len(container.members))

    def _takes_tensor(self, member: Type) -> bool:
        """Tell whether a module declares that its operand is one tensor."""
        forward = self._forward(member)
        return forward is not None and self._codec.tensor(forward.arg_types[0]) is not None

    def _after_many(self, x: Type, returned: Type) -> Type:
        """Return what an unknown number of members make of an operand, one of which returned this.

        The second takes what the first returns.
        """
        if is_same_type(returned, x):
            return returned
        have, made = self._codec.tensor(x), self._codec.tensor(returned)
        if have is None:
            return self._anything
        dtype = have.dtype if made is not None and made.dtype == have.dtype else self._anything
        # Of plain modules nothing is known, wherever they are called: that is Any.
        is_any = isinstance(get_proper_type(returned), AnyType)
        shape = (ANY_DIMS if is_any else UNKNOWN_DIMS,)
        return self._codec.encode_tensor(shape, have.tape, dtype)

    def _called(self, method: str, owner: Instance, x: Type) -> Type:
        checker = self._checker
        node = TempNode(x, context=self._context)
        with checker.msg.filter_errors(save_filtered_errors=True) as watcher:
            returned, _ = checker.expr_checker.check_method_call_by_name(
                method, owner, [node], [ARG_POS], self._context
            )
        errors = watcher.filtered_errors()
        if errors:
            raise _as_error(errors, self.label(owner))
        return returned

    def _forward(self, member: Type) -> CallableType | None:
        proper = get_proper_type(member)
        if not isinstance(proper, Instance) or not proper.type.has_readable_member("forward"):
            return None
        forward = get_proper_type(
            self._checker.expr_checker.analyze_external_member_access(
                "forward", proper, self._context
            )
        )
        return forward if isinstance(forward, CallableType) and forward.arg_types else None

    def declared(self, member: Type) -> Type | None:
        """Return the operand that a module declares, if it declares sizes."""
        forward = self._forward(member)
        if forward is None:
            return None
        # The method's own variables would be rigid in whatever comes behind.
        operand = erase_typevars(forward.arg_types[0], {v.id for v in forward.variables})
        tensor = self._codec.tensor(operand)
        if tensor is None or (len(tensor.shape) == 1 and isinstance(tensor.shape[0], Pack)):
            return None
        return operand

    def keeps(self, member: Type) -> bool:
        """Tell whether a module declares that it keeps the shape."""
        forward = self._forward(member)
        if forward is None:
            return False
        types = (forward.arg_types[0], forward.ret_type)
        taken, returned = (self._codec.as_tensor(typ) for typ in types)
        if taken is None or returned is None:
            return False
        shape = get_proper_type(taken.args[0])
        return isinstance(shape, TypeVarType) and shape == get_proper_type(returned.args[0])

    def is_unknown(self, x: Type) -> bool:
        """Tell whether nothing is known of an operand."""
        tensor = self._codec.tensor(x)
        if tensor is None:
            is_union = isinstance(get_proper_type(x), UnionType)
            return not is_union and self._other_kind(x) is None
        return tensor.shape == (ANY_DIMS,)

    def shape(self, x: Type) -> Shape | None:
        """Return the shape of a tensor's type."""
        tensor = self._codec.tensor(x)
        return None if tensor is None else tensor.shape

    def add(self, x1: Type, x2: Type) -> Type:
        """Return the type of ``x1 + x2``."""
        return self._combined("__add__", x1, x2)

    def multiply(self, x1: Type, x2: Type) -> Type:
        """Return the type of ``x1 * x2``."""
        return self._combined("__mul__", x1, x2)

    def _combined(self, operator: str, x1: Type, x2: Type) -> Type:
        left = self._codec.as_tensor(x1)
        return self._anything if left is None else self._called(operator, left, x2)

    def borrowed(self, x: Type) -> Type:
        """Return the same type."""
        return x

    def shared(self, x: Type, count: int) -> Sequence[Type]:
        """Return the same type for each use."""
        return [x] * count

    def packed(self, values: Sequence[Type]) -> Type:
        """Return the type of a tuple."""
        return self._codec.tuple_of(values)

    def unpacked(self, x: Type, count: int) -> Sequence[Type]:
        """Return the types of a tuple's items."""
        proper = get_proper_type(x)
        if self._codec.tensor(proper) is not None:
            raise ShapeError(f"expected a tuple of {count} tensors, got a tensor")
        if (kind := self._other_than_a_group(proper)) is not None:
            raise ShapeError(f"expected a tuple of {count} tensors, got {kind}")
        is_plain = isinstance(proper, TupleType) and not any(
            isinstance(item, UnpackType) for item in proper.items
        )
        if not is_plain or not isinstance(proper, TupleType):
            return [self._anything] * count
        if len(proper.items) != count:
            raise ShapeError(f"expected a tuple of {count} tensors, got {len(proper.items)}")
        return proper.items

    def _other_kind(self, x: Type) -> str | None:
        """Name the kind of what certainly is no tensor."""
        proper = get_proper_type(x)
        if isinstance(proper, FunctionLike):
            return "type" if proper.is_type_obj() else "function"
        return kind_of(proper, self._codec)

    def _other_than_a_group(self, x: Type) -> str | None:
        """Name the kind of what certainly is no tuple or list either."""
        proper = get_proper_type(x)
        if isinstance(proper, TupleType):
            return None
        if isinstance(proper, Instance):
            for group in filter(None, map(self._codec.info, _GROUPS)):
                if proper.type.has_base(group.fullname) or group.has_base(proper.type.fullname):
                    return None
        return self._other_kind(proper)


_GROUPS = ("builtins.tuple", "builtins.list")


def _repeated(many: UnpackType) -> Type:
    """Return the one module that stands for an unknown number of equal ones."""
    item = get_proper_type(many.type)
    if isinstance(item, Instance) and item.args:
        return item.args[0]
    return AnyType(TypeOfAny.special_form)


def _as_error(errors: list[ErrorInfo], subject: str) -> ShapeError | DtypeError | TapeError:
    """Turn what mypy would have printed about a member back into an error about it."""
    ours = [error for error in errors if error.code is not None and error.code.code in CODES]
    text = (ours or errors)[0].message
    code = ours[0].code if ours else None
    if code == TENSOR_DTYPE:
        return DtypeError(text)
    if code == TENSOR_TAPE:
        return TapeError(text)
    unproven = code is not None and code.code == "tensor-unproven"
    problem = text.removeprefix(f"{subject}: ")
    if problem != text:
        return ShapeError(problem, subject=subject, unproven=unproven)
    op, colon, rest = text.partition(": ")
    nested = bool(ours) and bool(colon)
    return ShapeError(rest if nested else text, subject=op if nested else "", unproven=unproven)


def is_many(member: Type) -> bool:
    """Tell whether this stands for an unknown number of members."""
    return isinstance(get_proper_type(member), UnpackType)
