"""Reading the rules of containers: with tensors, with shapes, or with the types of a program.

A container's rule (`containers`) applies the members, and adds or multiplies what they return. It
is read with tensors when the container is called, with shapes when it is built, and by the checker
with types. A `Reading` says what applying and adding mean there; what a rule requires, it requires
in the same words in all three.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from tensorlib.shapes.dim import WAY_OUT
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.shape import Shape, format_shape
from tensorlib.shapes.suggestions import OUTPUT, as_text, parted, resized

M = TypeVar("M")
X = TypeVar("X")


class Place(NamedTuple):
    """Where a member stands; written out, ``Sequential[1].f[0]``, only if an error needs it."""

    outer: Place | None
    step: int | str

    def __str__(self) -> str:
        if self.outer is None:
            return str(self.step)
        step = f"[{self.step}]" if isinstance(self.step, int) else f".{self.step}"
        return f"{self.outer}{step}"


class Operand(NamedTuple):
    """What is handed to a member, and which member's result it is; none for the first.

    Attributes:
        value: a tensor, a shape or a type, or several of them, packed.
        member: whose result this is.
        place: where that one stands.
        taken: True if it is no result, but what this member takes.
    """

    value: Any
    member: Any = None
    place: Place | None = None
    taken: bool = False


class Container(NamedTuple):
    """A container as its rule sees it: itself, its members, and where it stands."""

    itself: Any
    members: Sequence[Any]
    place: Place
    fields: tuple[str, ...] = ()

    @property
    def steps(self) -> Sequence[int | str]:
        """The names of the members, or their numbers."""
        return self.fields or range(len(self.members))

    def at(self, step: int | str) -> Place:
        """Return the place of a member."""
        return Place(self.place, step)

    def returns(self, value: Any) -> Operand:
        """Return a value that the container made of its members' results."""
        return Operand(value, self.itself, self.place)


class Reading(ABC, Generic[M, X]):
    """One way of reading rules: M is what stands for a module, X what stands for a tensor."""

    @abstractmethod
    def opened(self, member: M) -> tuple[Rule, Sequence[M]] | None:
        """Return a container's rule and members, or None for a module that is none."""

    @abstractmethod
    def label(self, member: M) -> str:
        """Name a module with its sizes: ``Linear(31, 2)``."""

    @abstractmethod
    def applied(self, member: M, x: X) -> X:
        """Return what a module that is no container makes of an operand.

        Raises:
            ShapeError: it does not take such an operand.
        """

    @abstractmethod
    def declared(self, member: M) -> X | None:
        """Return what a module that is no container says it takes, if it says any size."""

    @abstractmethod
    def keeps(self, member: M) -> bool:
        """Tell whether a module that is no container keeps the shape of every operand."""

    @abstractmethod
    def is_unknown(self, x: X) -> bool:
        """Tell whether nothing is known of an operand."""

    @abstractmethod
    def shape(self, x: X) -> Shape | None:
        """Return the shape of what a member returned, or None if it is no single tensor."""

    @abstractmethod
    def add(self, x1: X, x2: X) -> X:
        """Return the sum of two results of the same shape."""

    @abstractmethod
    def multiply(self, x1: X, x2: X) -> X:
        """Return the product of two results of the same shape."""

    @abstractmethod
    def borrowed(self, x: X) -> X:
        """Return the operand for a first use, so that another use may follow."""

    @abstractmethod
    def shared(self, x: X, count: int) -> Sequence[X]:
        """Return the operand once for each of several uses, each with its history."""

    @abstractmethod
    def packed(self, values: Sequence[X]) -> X:
        """Return several results as one."""

    @abstractmethod
    def unpacked(self, x: X, count: int) -> Sequence[X]:
        """Return the members of an operand that is a tuple.

        Raises:
            ShapeError: it is no tuple, or not of this length.
        """

    def at(self, container: Container, index: int) -> Place:
        """Return the place of a member that has a number."""
        return container.at(index)

    # The same in all readings -------------------------------------------------------------------

    def run(self, rule: Rule, container: M, members: Sequence[M], x: X) -> X:
        """Return what a container makes of an operand.

        Raises:
            ShapeError: a member does not take what it is given; the text names its place.
        """
        outermost = Container(container, members, Place(None, rule.name), rule.fields)
        result: X = rule.apply(self, outermost, Operand(x)).value
        return result

    def apply(self, member: M, x: Operand, place: Place) -> Operand:
        """Apply a member; an error names it, and where its operand is from."""
        opened = self.opened(member)
        if opened is not None:
            rule, members = opened
            return rule.apply(self, Container(member, members, place, rule.fields), x)
        try:
            return Operand(self.applied(member, self.known(x, member).value), member, place)
        except ShapeError as error:
            raise self._located(error, place, member, x) from None

    def _located(self, error: ShapeError, place: Place, member: M, x: Operand) -> ShapeError:
        label = self.label(member)
        if not (error.subject == label or error.subject.startswith(f"{label}(")):
            subject = f"{place} {label}"
            return ShapeError(f"{error}", subject=subject, unproven=error.unproven)
        subject = f"{place} {error.subject}"  # which may tell sizes that the module does not
        first, newline, rest = error.problem.partition("\n")
        problem, change = parted(first)
        head, mark, fix = problem.partition(": ")
        problem = f"{head}{self.origin(x)}{mark}{fix}{change}{newline}{rest}"
        return ShapeError(problem, subject=subject, unproven=error.unproven)

    def origin(self, x: Operand) -> str:
        """Name the member whose result this is: `` from Sequential[1] ReLU``."""
        if x.place is None:
            return ""
        name = self.named(x.member, x.place)
        return f", which {name} takes" if x.taken else f" from {name}"

    def named(self, member: M, place: Place) -> str:
        """Name a module with its place; the outermost is its own place."""
        return str(place) if place.outer is None else f"{place} {self.label(member)}"

    def known(self, x: Operand, member: M) -> Operand:
        """Return an operand, or, if nothing is known of it, what a member says it takes."""
        start = self.start(member) if self.is_unknown(x.value) else None
        return x if start is None else x._replace(value=start)

    def known_of_all(self, x: Operand, container: Container) -> Operand:
        """Return an operand, or, if nothing is known of it, what the first that tells takes."""
        if self.is_unknown(x.value):
            for step, member in zip(container.steps, container.members, strict=True):
                start = self.start(member)
                if start is not None:
                    return Operand(start, member, container.at(step), taken=True)
        return x

    def first_start(self, members: Sequence[M]) -> X | None:
        """Return what the first member that tells declares."""
        starts = (self.start(member) for member in members)
        return next((start for start in starts if start is not None), None)

    def start(self, member: M) -> X | None:
        """Return the operand that a module declares, if it declares any size."""
        opened = self.opened(member)
        if opened is None:
            return self.declared(member)
        rule, members = opened
        found: X | None = rule.start(self, members)
        return found

    def keeps_shape(self, member: M) -> bool:
        """Tell whether a module keeps the shape of every operand that it takes."""
        opened = self.opened(member)
        if opened is None:
            return self.keeps(member)
        rule, members = opened
        return rule.keeps(self, members)

    def require_same(self, container: Container, x: Operand, y: Operand, problem: str) -> None:
        """Require that two results in a container have the same shape.

        Args:
            container: whom an error is about.
            x: one of them.
            y: the other.
            problem: the error's text, with ``{x}`` and ``{y}`` for the shapes, and ``{from_x}`` and
                ``{from_y}`` for whose results they are.

        Raises:
            ShapeError: they differ, or (``unproven``) nothing shows that they agree.
        """
        want, have = self.shape(x.value), self.shape(y.value)
        if want == have or want is None or have is None:
            return
        try:
            Matcher(()).match(want, have)
        except ShapeError as error:
            text = problem.format(
                x=format_shape(want),
                y=format_shape(have),
                from_x=self.origin(x),
                from_y=self.origin(y),
            )
            change = f": {WAY_OUT}" if error.unproven else self._resized(y, want, have)
            raise ShapeError(
                text + change,
                subject=self.named(container.itself, container.place),
                unproven=error.unproven,
            ) from None

    def _resized(self, y: Operand, want: Shape, have: Shape) -> str:
        """Suggest a member whose result has the size that it should have, if one differs."""
        if y.member is None or len(want) != len(have):
            return ""
        differing = [place for place, item in enumerate(want) if item != have[place]]
        if len(differing) != 1:
            return ""
        place = differing[0]
        label, axis = self.label(y.member), place - len(want)
        return as_text([resized(label, have[place], want[place], OUTPUT, axis)])


AnyReading = Reading[Any, Any]


class Rule(ABC):
    """What one kind of container does.

    Attributes:
        name: the class' name.
        fields: the names of the members, where they have names instead of numbers.
    """

    name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Return what the container makes of its operand."""

    def start(self, reading: AnyReading, members: Sequence[Any]) -> Any:
        """Return the operand that the container declares, if any; all members take the same."""
        return reading.first_start(members)

    def keeps(self, reading: AnyReading, members: Sequence[Any]) -> bool:
        """Tell whether the container keeps the shape of every operand that it takes."""
        return False
