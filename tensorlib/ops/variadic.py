"""Ops of any number of operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from tensorlib.ops.primitive import Primitive, R, Vjp, not_a_tensor
from tensorlib.shapes.errors import not_a_group
from tensorlib.shapes.parameters import named, names_of
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array, Value


class Variadic:
    """An op of any number of operands: a primitive for each number, made when first needed.

    Args:
        rule: the op's rule, one parameter of which takes the operands' shapes as one tuple.
        forward: computes the result from the tuple of arrays and the parameters.
        vjp: returns one operand's cotangent from ``g``, the operand's place, and what else it
            names: ``shapes`` of all operands, ``others``, the arrays of the other operands, and
            parameters.
        many: whether ``forward`` returns a tuple of results.
    """

    __slots__ = ("_group", "_primitives", "forward", "many", "rule", "vjp")

    def __init__(
        self, rule: Rule, forward: Callable[..., Any], vjp: Vjp, *, many: bool = False
    ) -> None:
        self.many = many
        self.rule = rule
        self.forward = forward
        self.vjp = vjp
        assert rule.group is not None, f"the rule of {rule.name} takes no group of tensors"
        self._group = rule.group
        self._primitives: dict[int, Primitive] = {}

    def check(self, shapes: tuple[tuple[int, ...], ...], parameters: Sequence[Any]) -> Any:
        """Ask the rule for the shape of the result."""
        return self.rule(*parameters[: self._group], shapes, *parameters[self._group :])

    def __call__(self, operands: Any, *parameters: Any) -> R:  # type: ignore[type-var]
        """Apply the op to a sequence of tensors."""
        name = self.rule.name
        if isinstance(operands, Value) or not isinstance(operands, Sequence):
            raise TypeError(not_a_group(type(operands).__name__, name))
        for x in operands:
            if not isinstance(x, Value):
                raise not_a_tensor(x, name)
        if not operands:
            self.check((), parameters)  # says what is wrong with that
        primitive = self._primitives.get(len(operands))
        if primitive is None:
            primitive = self._primitives[len(operands)] = _OfMany(self, len(operands))
        return primitive(*operands, *parameters)


class _OfMany(Primitive):
    """The primitive of a variadic op for one number of operands."""

    __slots__ = ("_op",)

    def __init__(self, op: Variadic, count: int) -> None:
        self._op = op
        parameters = names_of(op.forward)[1:]
        operands = [f"x{place}" for place in range(count)]

        def forward(*args: Any) -> Any:
            return op.forward(args[:count], *args[count:])

        def vjp_of(operand: int) -> Vjp:
            groups = {
                "shapes": [f"{name}_shape" for name in operands],
                "others": [*operands[:operand], *operands[operand + 1 :]],
            }

            def vjp(g: Any, *kept: Any) -> Array:
                rest = iter(kept)
                given = [
                    tuple(islice(rest, len(groups[name]))) if name in groups else next(rest)
                    for name in wanted
                ]
                return op.vjp(g, operand, *given)

            names = [each for name in wanted for each in groups.get(name, [name])]
            return named(vjp, ["g", *names])

        wanted = names_of(op.vjp)[2:]
        vjps = [vjp_of(operand) for operand in range(count)]
        named(forward, [*operands, *parameters])
        super().__init__(op.rule, forward, vjps, many=op.many)
        self._seen = len(parameters)

    def _check(self, shapes: Sequence[tuple[int, ...]], parameters: Sequence[Any]) -> Any:
        return self._op.check(tuple(shapes), parameters)
