"""The base of containers: their rules, read with tensors and with shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from tensorlib.nn.module import Module
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.shapes.containers import got_several, of_no_operand
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, SymbolicDim, UnknownDim
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.reading import Operand, Place, Reading, Rule
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack, Shape, pack_index
from tensorlib.tape import Moved, TapesKeptOnError, require_tape_present, take_tapes
from tensorlib.tensor import Tensor


class Container(Module):
    """A module made of modules, whose rule says what becomes of the operand.

    Attributes:
        rule: the rule of the class' name in `tensorlib.shapes.containers`; the mypy plugin reads
            the same one.
    """

    rule: ClassVar[Rule]

    @property
    def members(self) -> tuple[Module, ...]:
        """The modules in it, in order."""
        return tuple(getattr(self, name) for name in self.rule.fields)

    def forward(self, x: Any) -> Any:
        """Apply the members as the container does. On an error, the operand keeps its tape.

        Raises:
            ShapeError: a member does not take what it is given; the text names its place.
            TypeError: the operand is no tensor.
        """
        try:
            with TapesKeptOnError(x):
                return self._applied(x)
        except TypeError as error:
            if isinstance(x, Tensor) or not str(error).endswith(str(not_a_tensor(x, ""))):
                raise
            raise not_a_tensor(x, self.label()) from None

    def _applied(self, x: Any) -> Any:
        return _TENSORS.run(self.rule, self, self.members, x)

    def input_shape(self) -> Shape:
        """Return the shape that the members take, as far as the first that tells knows it."""
        found = self.rule.start(_SHAPES, self.members)
        return (UNKNOWN_DIMS,) if found is None else found

    def output_shape(self, x: Any) -> Any:
        """Return the shape of the result; of several results, a tuple of shapes.

        Args:
            x: the operand's shape, or a tuple of shapes for a container that takes several.

        Raises:
            ShapeError: a member does not take what it is given.
        """
        return _SHAPES.run(self.rule, self, self.members, x)

    def _require_fit(self) -> None:
        """Require that the members fit each other, as far as they tell their shapes.

        Raises:
            ShapeError: they do not.
        """
        try:
            self.output_shape((UNKNOWN_DIMS,))
        except ShapeError as error:
            raise of_no_operand(error) from None


class Indexed(Container):
    """A container whose members have numbers."""

    def _hold(self, members: Sequence[Module]) -> None:
        for index, member in enumerate(members):
            setattr(self, str(index), member)

    @property
    def members(self) -> tuple[Module, ...]:
        """The modules in it, in order."""
        return tuple([member for name, member in vars(self).items() if name.isdecimal()])

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.members)

    def __getitem__(self, index: int) -> Module:
        return self.members[index]


def in_order(container: Indexed, x: Any) -> Any:
    """Apply the members of a container one after another, each to what the one before returns.

    This is what reading `Sequential`'s rule comes to. Where no member is a container itself, only
    an error needs to know the places.
    """
    members = container.members
    for member in members:
        if isinstance(member, Container):
            return _TENSORS.run(container.rule, container, members, x)
    for index, member in enumerate(members):
        try:
            x = _TENSORS.applied(member, x)
        except ShapeError as error:
            raise _TENSORS.misfit(error, container.rule.name, members, index, x) from None
    return x


class _Reading(Reading[Module, Any]):
    """What reading with tensors and reading with shapes have in common."""

    def opened(self, member: Module) -> tuple[Rule, Sequence[Module]] | None:
        # A class derived from a container may do what it likes, and is not looked into.
        rule = vars(type(member)).get("rule")
        return (rule, member.members) if rule and isinstance(member, Container) else None

    def label(self, member: Module) -> str:
        return member.label()

    def packed(self, values: Sequence[Any]) -> Any:
        return tuple(values)


class _Tensors(_Reading):
    """Reads rules with tensors: what calling a container does."""

    def applied(self, member: Any, x: Any) -> Any:
        if isinstance(x, tuple) and _takes_tensor(member):
            raise got_several(len(x), member.label())
        return member(x)

    def misfit(
        self, error: ShapeError, name: str, members: Sequence[Module], index: int, x: Any
    ) -> ShapeError:
        """Return the error of a member of an outermost container, with its place in it."""
        outer = Place(None, name)
        before = Operand(x, members[index - 1], Place(outer, index - 1)) if index else Operand(x)
        return self._located(error, Place(outer, index), members[index], before)

    def declared(self, member: Module) -> Any:
        return None

    def keeps(self, member: Module) -> bool:
        return False

    def is_unknown(self, x: Any) -> bool:
        return False

    def shape(self, x: Any) -> Shape | None:
        return x.shape if isinstance(x, Tensor) else None

    def add(self, x1: Any, x2: Any) -> Any:
        return x1 + x2

    def multiply(self, x1: Any, x2: Any) -> Any:
        return x1 * x2

    def borrowed(self, x: Any) -> Any:
        # The operand keeps its own tape, so that an error in the first use leaves it in place.
        return x.with_empty_tape() if isinstance(x, Tensor) else x

    def shared(self, x: Any, count: int) -> Sequence[Any]:
        if not isinstance(x, Tensor):
            return [x] * count
        require_tape_present(x, "SplitInto")
        if not x.owns_tape:
            return [x] * count
        tape = take_tapes([x], Moved("SplitInto"))
        return [x._handle(fork) for fork in tape.fork(count)]

    def unpacked(self, x: Any, count: int) -> Sequence[Any]:
        if isinstance(x, Tensor):
            raise ShapeError(f"expected a tuple of {count} tensors, got a tensor")
        if not isinstance(x, tuple | list):
            name = type(x).__name__
            raise TypeError(f"AddInto: expected a tuple of {count} tensors, got {name}")
        _require_count(x, count)
        return x


class _Shapes(_Reading):
    """Reads rules with shapes: what can be said of a container without computing."""

    def applied(self, member: Module, x: Shape) -> Shape:
        if _is_packed(x) and _takes_tensor(member):
            raise got_several(len(x), member.label())
        for operand in (x, self.declared(member)):
            if operand is not None:
                try:
                    return member.output_shape(operand)
                except UndecidedError:
                    continue
                except ShapeError as error:
                    if not error.unproven:
                        raise
        return (UNKNOWN_DIMS,)

    def declared(self, member: Module) -> Shape | None:
        # A size that may differ from call to call is not known yet, rather than any size at all.
        shape = tuple(map(_as_unknown, member.input_shape()))
        return None if shape == (UNKNOWN_DIMS,) else shape

    def keeps(self, member: Module) -> bool:
        whole: Shape = (Pack("x"),)
        try:
            return member.output_shape(whole) == whole
        except (ShapeError, UndecidedError):
            return False

    def is_unknown(self, x: Shape) -> bool:
        return x == (UNKNOWN_DIMS,)

    def shape(self, x: Any) -> Shape | None:
        if _is_packed(x):
            return None
        # What is not known yet is not held against anybody: the call will tell.
        shape = (ANY_DIMS if item == UNKNOWN_DIMS else item for item in x)
        return tuple(ANY if isinstance(item, UnknownDim) else item for item in shape)

    def add(self, x1: Shape, x2: Shape) -> Shape:
        return max(x1, x2, key=lambda shape: (pack_index(shape) is None, len(shape)))

    multiply = add

    def borrowed(self, x: Shape) -> Shape:
        return x

    def shared(self, x: Shape, count: int) -> Sequence[Shape]:
        return [x] * count

    def unpacked(self, x: Any, count: int) -> Sequence[Shape]:
        if self.is_unknown(x):
            return [x] * count
        if not _is_packed(x):
            raise ShapeError(f"expected a tuple of {count} tensors, got a tensor")
        _require_count(x, count)
        return tuple(x)


def _takes_tensor(member: Module) -> bool:
    """Tell whether a module takes one tensor, as the library's do that are no containers."""
    return type(member).__module__.startswith("tensorlib.nn.")


def _as_unknown(item: Dim | Pack) -> Dim | Pack:
    """Return a size as it is, and what stands for any size, or for several, as unknown."""
    if isinstance(item, Pack):
        return UNKNOWN_DIMS
    return UNKNOWN if isinstance(item, SymbolicDim) else item


def _is_packed(x: Any) -> bool:
    """Tell whether these are the shapes of several tensors."""
    return bool(x) and all(isinstance(item, tuple) for item in x)


def _require_count(x: Sequence[Any], count: int) -> None:
    if len(x) != count:
        raise ShapeError(f"expected a tuple of {count} tensors, got {len(x)}")


_TENSORS = _Tensors()
_SHAPES = _Shapes()
