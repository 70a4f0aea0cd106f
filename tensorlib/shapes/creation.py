"""Shape rules of functions that make tensors from a shape."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Truth, at_least
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import Rule, TapeRule, register, rule
from tensorlib.shapes.shape import Pack, Shape, Sizes, format_shape


def created(shape: Sizes) -> Shape:
    """Return the shape asked for.

    Raises:
        ShapeError: a dimension is negative.
    """
    for dim in shape:
        if not isinstance(dim, Pack) and at_least(dim, 0) is Truth.NEVER:
            raise ShapeError(f"dimensions must not be negative, got {format_shape(shape)}")
    return shape


def creation(name: str) -> Rule:
    """Register a function that makes a tensor of a given shape."""
    return register(Rule(name, created, dtype=dtypes.declared, tape=TapeRule.DECLARED))


zeros = creation("zeros")
ones = creation("ones")
full = creation("full")
rand = creation("rand")
randn = creation("randn")
uniform = creation("uniform")
normal = creation("normal")
randint = creation("randint")


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def permutation(n: int) -> Shape:
    """Return the shape of n numbers.

    Raises:
        ShapeError: n is negative.
    """
    return created((n,))


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def tensor(data: Shape) -> Shape:
    """Return the data's own shape."""
    return data


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def from_numpy(array: Shape) -> Shape:
    """Return the array's own shape."""
    return array
