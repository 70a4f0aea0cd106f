"""What each container makes of its operand, for the run time and the checker alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final, TypeVar

from tensorlib.shapes.errors import ShapeError, TensorlibError
from tensorlib.shapes.reading import AnyReading, Container, Operand, Rule

E = TypeVar("E", bound=TensorlibError)


def got_several(count: int, label: str) -> ShapeError:
    """Say that a layer was handed several tensors, as a SplitInto or an LSTM returns them."""
    return ShapeError(
        f"expected a tensor, got a tuple of {count}: unpack it, or hand on one of "
        "them in a module of your own",
        subject=label,
    )


def without_modules(place: str) -> str:
    """Return what is said of a container without members."""
    return f"{place}: expected at least one module"


def not_a_module(place: str, kind: str, name: str) -> str:
    """Say that a member of a container is no module.

    Args:
        place: where it stands.
        kind: the name of its type.
        name: its own name, if it is a class.
    """
    fixes = {
        "function": ": take the layer that applies it, such as nn.ReLU() for tl.relu",
        "list": ": write *layers, or make it a tuple",
        "type": f": write {name}()",
    }
    return f"{place}: expected a module or a tuple of modules, got {kind}{fixes.get(kind, '')}"


_ANY_SIZE = re.compile(r"\bAny\b(?=[^()]*\))")


def of_no_operand(error: E) -> E:
    """Return the error of a container without an operand, of which no size can be any size."""
    if not isinstance(error, ShapeError):
        return error
    problem = _ANY_SIZE.sub("?", error.problem)
    subject, unproven, misfit = error.subject, error.unproven, error.misfit
    made: Any = type(error)
    result: E = made(problem, subject=subject, unproven=unproven, misfit=misfit)
    return result


class Sequential(Rule):
    """One member after another."""

    name = "Sequential"

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Hand each member what the one before returns."""
        for index, member in enumerate(container.members):
            x = reading.apply(member, x, reading.at(container, index))
        return x

    def start(self, reading: AnyReading, members: Sequence[Any]) -> Any:
        """Return what the first member takes; one that keeps all shapes takes what follows it."""
        for member in members:
            found = reading.start(member)
            if found is not None or not reading.keeps_shape(member):
                return found
        return None

    def keeps(self, reading: AnyReading, members: Sequence[Any]) -> bool:
        """Tell whether all members do."""
        return all(reading.keeps_shape(member) for member in members)


class Repeated(Rule):
    """One block several times, which must keep the shape."""

    name = "Repeated"

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Apply the copies one after another. The checker knows the first, and that all are alike.

        Raises:
            ShapeError: a copy does not keep the shape.
        """
        x = reading.known_of_all(x, container)
        for index, member in enumerate(container.members):
            y = reading.apply(member, x, reading.at(container, index))
            _require_kept(reading, container, x, y, "each copy")
            x = y
        return container.returns(x.value)

    def keeps(self, reading: AnyReading, members: Sequence[Any]) -> bool:
        """Return True."""
        return True


class Residual(Rule):
    """``f(x) + x``."""

    name = "Residual"
    fields: ClassVar[tuple[str, ...]] = ("f",)

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Add the operand to what f makes of it.

        Raises:
            ShapeError: f does not keep the shape.
        """
        return container.returns(reading.add(*_both(reading, container, x)))

    def keeps(self, reading: AnyReading, members: Sequence[Any]) -> bool:
        """Return True."""
        return True


class ResidualMul(Residual):
    """``f(x) * x``."""

    name = "ResidualMul"

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Multiply the operand by what f makes of it.

        Raises:
            ShapeError: f does not keep the shape.
        """
        return container.returns(reading.multiply(*_both(reading, container, x)))


def _both(reading: AnyReading, container: Container, x: Operand) -> tuple[Any, Any]:
    """Return what f makes of the operand, and the operand."""
    x = reading.known_of_all(x, container)
    (f,) = container.members
    y = reading.apply(f, x._replace(value=reading.borrowed(x.value)), container.at("f"))
    _require_kept(reading, container, x, y, "f")
    return y.value, x.value


def _require_kept(
    reading: AnyReading, container: Container, x: Operand, y: Operand, who: str
) -> None:
    problem = who + " must keep the shape {x}, got {y}{from_y}"
    reading.require_same(container, x, y, problem)


class GeneralizedResidual(Rule):
    """``f(x) + r(x)``."""

    name = "GeneralizedResidual"
    fields: ClassVar[tuple[str, ...]] = ("f", "r")

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Add what f and r make of the operand.

        Raises:
            ShapeError: their results differ in shape.
        """
        x = reading.known_of_all(x, container)
        f, r = container.members
        first = reading.apply(f, x._replace(value=reading.borrowed(x.value)), container.at("f"))
        second = reading.apply(r, x, container.at("r"))
        return container.returns(_sum(reading, container, (first, second), "f and r"))


class SplitInto(Rule):
    """Several heads on one operand, with a tuple of results."""

    name = "SplitInto"

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Return what each head makes of the operand."""
        x = reading.known_of_all(x, container)
        heads = container.members
        values = reading.shared(x.value, len(heads))
        results = [
            reading.apply(head, x._replace(value=value), reading.at(container, index)).value
            for index, (head, value) in enumerate(zip(heads, values, strict=True))
        ]
        return container.returns(reading.packed(results))


class AddInto(Rule):
    """One head for each of several operands, and the sum of their results."""

    name = "AddInto"

    def apply(self, reading: AnyReading, container: Container, x: Operand) -> Operand:
        """Add what each head makes of its operand.

        Raises:
            ShapeError: there are not as many operands as heads, or the results differ in shape.
        """
        heads = container.members
        try:
            values = reading.unpacked(x.value, len(heads))
        except ShapeError as error:
            raise error.named(reading.named(container.itself, container.place)) from None
        results = [
            reading.apply(head, x._replace(value=value), reading.at(container, index))
            for index, (head, value) in enumerate(zip(heads, values, strict=True))
        ]
        return container.returns(_sum(reading, container, results, "all heads"))

    def start(self, reading: AnyReading, members: Sequence[Any]) -> Any:
        """Return nothing: each head tells what it takes for itself."""
        return None


def _sum(reading: AnyReading, container: Container, results: Sequence[Operand], who: str) -> Any:
    """Add results, which must have the same shape."""
    problem = who + " must return the same shape, got {x}{from_x} and {y}{from_y}"
    first, *others = results
    total = first.value
    for other in others:
        reading.require_same(container, first, other, problem)
        total = reading.add(total, other.value)
    return total


RULES: Final[dict[str, Rule]] = {
    rule.name: rule()
    for rule in (
        Sequential,
        Repeated,
        Residual,
        ResidualMul,
        GeneralizedResidual,
        SplitInto,
        AddInto,
    )
}
"""The rule of each container of ``tensorlib.nn``, by the class' name."""
