"""Shape rules of ops that look for elements; how many they find is known at run time only."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import Each, Shape, known_rank, pack_index


@rule(dtype=dtypes.indices, tape=TapeRule.READS)
def argwhere(x: Shape) -> Shape:
    """Return one row for each element found, with an index for each axis."""
    return (UNKNOWN, UNKNOWN if pack_index(x) is not None else len(x))


@rule(dtype=dtypes.indices, tape=TapeRule.READS)
def nonzero(x: Shape) -> tuple[Shape, ...] | Each:
    """Return one axis of indices for each axis of the operand.

    Raises:
        ShapeError: the operand is a scalar.
    """
    if x == ():
        raise ShapeError("a scalar has no axes: use x.reshape((1,))")
    if pack_index(x) is not None:
        return Each((UNKNOWN,))
    return ((UNKNOWN,),) * len(known_rank(x))


@rule(tape=TapeRule.READS)
def unique(x: Shape) -> Shape:
    """Return one axis."""
    return (UNKNOWN,)
