"""Rules of ops that draw random numbers."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, require_at_least
from tensorlib.shapes.dtypes import DEFAULT_INT, DtypeRule, require_floating
from tensorlib.shapes.elementwise import unary
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.reduction import chosen
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import Shape, format_shape, trailing

dropout = unary("dropout", dtypes.floats_only)


@rule(dtype=dtypes.floats_only, tape=TapeRule.READS)
def bernoulli(p: Shape) -> Shape:
    """Return the shape of the probabilities."""
    return p


_DRAWN = DtypeRule(require_floating, DEFAULT_INT)
"""Indices drawn by float probabilities."""


@rule(dtype=_DRAWN, tape=TapeRule.READS)
def categorical(logits: Shape, axis: int = -1) -> Shape:
    """Drop the axis along which one index is drawn.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
        ShapeError: there is nothing to choose from.
    """
    return chosen(logits, axis)


@rule(dtype=_DRAWN, tape=TapeRule.READS)
def multinomial(probs: Shape, num_samples: Dim, replacement: bool = False) -> Shape:
    """Put so many drawn indices in the place of the last dimension.

    Raises:
        ShapeError: there is nothing to choose from, the number is not positive, or there are not
            so many to choose from without replacement.
    """
    if isinstance(num_samples, int) and num_samples < 1:
        raise ShapeError(f"num_samples must be positive, got {num_samples}")
    chosen(probs, -1)
    batch, (choices,) = trailing(probs, 1) or ((), (0,))
    if not replacement:
        require_at_least(
            choices,
            num_samples,
            f"without replacement num_samples must not be above the last dimension, got "
            f"{num_samples} for shape {format_shape(probs)}: {choices} is less than {num_samples}",
        )
    return (*batch, num_samples)
