"""One call of an op: what its rule says of the shapes, and what happens to arrays of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import Rule
from tests.rules.functions import NOTHING


@dataclass(frozen=True, repr=False)
class Trial:
    """A call.

    Attributes:
        rule: the op's rule.
        shapes: of the operands.
        rest: the other arguments, in order.
        sizes: the places of those among them that are sizes, or tuples of sizes.
        ask: takes shapes and the other arguments, and asks the rule.
        arrays: draws operands of these shapes, of which some may be numbers.
        apply: calls the op with such operands, or tensors in their places.
        is_right: whether the op must take it.
        is_smooth: whether the op has gradients that are finite differences.
        numpy: the same in NumPy, which takes and refuses the same but for what is known.
        torch: the same in PyTorch, for the shapes of what both take.
    """

    rule: Rule
    shapes: tuple[tuple[int, ...], ...]
    rest: tuple[Any, ...]
    sizes: frozenset[int]
    ask: Callable[[Sequence[Any], Sequence[Any]], Any]
    arrays: Callable[[np.random.Generator], list[Any]]
    apply: Callable[[Sequence[Any]], Any]
    is_right: bool = False
    is_smooth: bool = False
    numpy: Callable[[Sequence[Any]], Any] | None = None
    torch: Callable[[Sequence[Any]], Any] | None = None

    def __repr__(self) -> str:
        return f"{self.rule.name}{(*self.shapes, *self.rest)}"

    @property
    def outcome(self) -> Any:
        """What the rule returns, or the error that it raises."""
        return outcome(lambda: self.ask(self.shapes, self.rest))


def outcome(f: Callable[[], Any]) -> Any:
    """Return what a function returns, or the `ShapeError` that it raises."""
    try:
        return f()
    except ShapeError as error:
        return error


def shapes_of(results: Any) -> Any:
    """Return the shapes of results in tuples and lists; () of a number, None of nothing."""
    if results is None or results is NOTHING:
        return results
    if isinstance(results, tuple | list):
        return tuple(map(shapes_of, results))
    return tuple(getattr(results, "shape", ()))
