"""One row of the table of ops, and one call of an op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.shapes.registry import Rule

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


Shape: TypeAlias = tuple[int, ...]


Scalar: TypeAlias = "bool | int | float | np.generic"


Values: TypeAlias = Callable[[np.random.Generator, Shape], Any]


@dataclass(frozen=True)
class Ints:
    """An operand of indices, from low up to, but not including, high."""

    shape: Shape
    low: int
    high: int

    def filled(self, rng: np.random.Generator) -> Array:
        """Draw the indices."""
        return np.asarray(rng.integers(self.low, self.high, self.shape, np.int64))


@dataclass(frozen=True)
class Bools:
    """An operand that is a mask."""

    shape: Shape

    def filled(self, rng: np.random.Generator) -> Array:
        """Draw the mask."""
        return np.asarray(rng.integers(0, 2, self.shape)).astype(bool)


@dataclass(frozen=True)
class Call:
    """The operands of one call, and the other arguments.

    An operand is a shape to be filled with the row's values, `Ints`, `Bools`, or a scalar.
    """

    operands: tuple[Shape | Ints | Bools | Scalar, ...]
    args: tuple[Any, ...] = ()

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The operands' shapes, () for a scalar."""
        return tuple(
            x if isinstance(x, tuple) else x.shape if isinstance(x, Ints | Bools) else ()
            for x in self.operands
        )


@dataclass(frozen=True)
class OpCase:
    """One way to call one op.

    Attributes:
        op: the name of the op's rule.
        ours: the call; it takes the operands, then the arguments.
        reference: the same in PyTorch.
        calls: draws operands and arguments.
        label: tells the rows of one op apart.
        values: fills a shape with operand values.
        differentiable: whether the op has gradients that mean something for these values.
        smooth: whether finite differences make sense for these values.
        cancels: whether terms of mixed sign add up, so that float32 compares positive ones.
        sizes_in_args: whether the arguments hold sizes of dimensions.
        symbols: whether sizes may become symbols: False where an argument bounds them.
        operand_names: the rule's parameters for which the operands stand, where others stand
            between them.
    """

    op: str
    ours: Callable[..., Any]
    reference: Callable[..., Any]
    calls: st.SearchStrategy[Call]
    label: str = ""
    values: Values = field(default_factory=lambda: anywhere)
    differentiable: bool = True
    smooth: bool = True
    cancels: bool = False
    sizes_in_args: bool = False
    symbols: bool = True
    operand_names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.op}-{self.label}" if self.label else self.op

    @property
    def rule(self) -> Rule:
        """The op's rule."""
        rule = tl.shapes.registry.find(self.op)
        assert rule is not None
        return rule

    @property
    def joins(self) -> bool:
        """Whether the op takes any number of operands, which the rule takes as one tuple."""
        return self.rule.group is not None

    def rule_args(self, args: tuple[Any, ...], operands: int) -> tuple[Any, ...]:
        """Return those of the arguments that the shape rule takes."""
        return args[: len(self.rule.parameters) - (1 if self.joins else operands)]

    def result_shape(self, shapes: Sequence[Any], args: Sequence[Any]) -> Any:
        """Ask the rule."""
        if self.operand_names:
            tensors = self.rule.tensor_parameters
            others = [name for name in self.rule.parameters if name not in tensors]
            given = dict(zip(self.operand_names, shapes, strict=True))
            return self.rule.check(**given, **dict(zip(others, args, strict=False)))
        place = self.rule.group
        if place is not None:
            return self.rule.check(*args[:place], tuple(shapes), *args[place:])
        return self.rule.check(*shapes, *args)


def _single(values: Any) -> Any:
    return np.asarray(values, np.float32).astype(np.float64)


def anywhere(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.normal(0, 1.5, shape))
