"""Ops that can do without some of their operands, such as the weight of a normalization."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from tensorlib.ops.primitive import Primitive, Vjp
from tensorlib.shapes.parameters import named, names_of
from tensorlib.shapes.registry import Rule


class WithOptional(Primitive):
    """An op whose last operands may be None; forward and vjps are then given None for them.

    It asks its rule by parameter names, so that the rule may have the op's order of parameters.

    Args:
        rule: the op's rule.
        forward: as for `Primitive`; all operands stand before the parameters.
        vjps: one function per operand.
        required: how many of the operands cannot be None.
        saves: see `Primitive`.
    """

    __slots__ = ("_names", "_order", "_required", "_variants")

    def __init__(
        self,
        rule: Rule,
        forward: Callable[..., Any],
        vjps: Sequence[Vjp],
        *,
        required: int = 1,
        saves: bool = False,
    ) -> None:
        super().__init__(rule, forward, vjps, saves=saves)
        self._names = names_of(forward)
        self._order = tuple(self._names.index(name) for name in rule.parameters)
        self._seen = max((*self._order, self.operands - 1)) + 1 - self.operands
        self._required = required
        self._variants: dict[tuple[str, ...], _Without] = {}

    def __call__(self, *args: Any) -> Any:
        """Apply the op with those operands that are there."""
        operands = args[: self.operands]
        if not any(x is None for x in operands[self._required :]):
            return super().__call__(*args)
        absent = tuple(
            self._names[place]
            for place in range(self._required, self.operands)
            if operands[place] is None
        )
        variant = self._variants.get(absent)
        if variant is None:
            variant = self._variants[absent] = _Without(self, absent)
        return variant(*(operands[place] for place in variant.places), *args[self.operands :])

    def _check(self, shapes: Sequence[Any], parameters: Sequence[Any]) -> Any:
        given = (*shapes, *parameters)
        return self.rule(*(given[place] for place in self._order))


class _Without(Primitive):
    """The op without some of its operands."""

    __slots__ = ("_whole", "places")

    def __init__(self, whole: WithOptional, absent: Collection[str]) -> None:
        operands = names_of(whole.forward)[: whole.operands]
        self._whole = whole
        self.places = [place for place, name in enumerate(operands) if name not in absent]
        vjps = [_filled(whole.vjps[place], absent) for place in self.places]
        forward = _filled(whole.forward, absent)
        super().__init__(whole.rule, forward, vjps, saves=whole.saves)
        self._seen = whole._seen

    def _check(self, shapes: Sequence[Any], parameters: Sequence[Any]) -> Any:
        all_shapes: list[Any] = [None] * self._whole.operands
        for place, shape in zip(self.places, shapes, strict=True):
            all_shapes[place] = shape
        return self._whole._check(all_shapes, parameters)


def _filled(function: Callable[..., Any] | None, absent: Collection[str]) -> Callable[..., Any]:
    """Return a function without some parameters, for which it gets None."""
    assert function is not None
    names = names_of(function)
    places = [place for place, name in enumerate(names) if name not in absent]

    def filled(*args: Any) -> Any:
        every: list[Any] = [None] * len(names)
        for place, value in zip(places, args, strict=True):
            every[place] = value
        return function(*every)

    return named(filled, [names[place] for place in places])
