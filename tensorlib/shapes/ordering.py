"""Rules of ops that compare the elements along an axis."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.reduction import chosen
from tensorlib.shapes.registry import Rule, TapeRule, register
from tensorlib.shapes.shape import Shape


def _index_of(x: Shape, axis: int | None = None, keepdims: bool = False) -> Shape:
    """Drop one axis, or all of them for None."""
    return chosen(x, axis, keepdims)


argmax = register(Rule("argmax", _index_of, dtype=dtypes.indices, tape=TapeRule.READS))
argmin = register(Rule("argmin", _index_of, dtype=dtypes.indices, tape=TapeRule.READS))
