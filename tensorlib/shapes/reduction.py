"""Shape rules of reductions over any axes, and of ops that keep the shape but name an axis."""

from __future__ import annotations

from contextlib import suppress

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim
from tensorlib.shapes.dtypes import DtypeRule
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.registry import Rule, TapeRule, register
from tensorlib.shapes.shape import (
    Axis,
    Pack,
    Shape,
    axes_indices,
    axis_index,
    format_shape,
    replaced,
    without,
)


def reduced(x: Shape, axis: Axis = None, keepdims: bool = False) -> Shape:
    """Drop the axes, or keep them with length 1; None means all axes.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice.
    """
    if axis is None and not keepdims:
        return ()
    indices = axes_indices(x, axis)
    if keepdims:
        ones: dict[int, Dim | Pack] = dict.fromkeys(indices, 1)
        return replaced(x, ones)
    return without(x, indices)


def chosen(x: Shape, axis: Axis = None, keepdims: bool = False) -> Shape:
    """Reduce as `reduced` does, where each result is one of the elements.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice, or there are no elements to choose from.
    """
    result = reduced(x, axis, keepdims)
    if any(x[index] == 0 for index in (range(len(x)) if axis is None else axes_indices(x, axis))):
        raise ShapeError(f"there are no elements to choose from in shape {format_shape(x)}")
    return result


def along_axis(x: Shape, axis: int = -1) -> Shape:
    """Require that the axis exists; the shape stays.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
    """
    with suppress(UndecidedError):  # the shape stays, whichever axis it is
        axis_index(x, axis)
    return x


def along_axes(x: Shape, axis: Axis = -1) -> Shape:
    """Require that the axes exist and differ; the shape stays.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice.
    """
    with suppress(UndecidedError):  # the shape stays, whichever axes they are
        axes_indices(x, axis)
    return x


def spread(x: Shape, axis: Axis = None, correction: int = 0, keepdims: bool = False) -> Shape:
    """Reduce as `reduced` does; the correction does not bear on the shape.

    Raises:
        IndexOutOfRangeError: the shape lacks one of the axes.
        ShapeError: an axis is named twice.
    """
    return reduced(x, axis, keepdims)


def reduction(name: str, dtype: DtypeRule) -> Rule:
    """Register a reduction that has a result for no elements too."""
    return register(Rule(name, reduced, dtype=dtype))


sum_ = reduction("sum", dtypes.summed)
mean = reduction("mean", dtypes.floating)
logsumexp = reduction("logsumexp", dtypes.floating)

prod = reduction("prod", dtypes.summed)
var = register(Rule("var", spread, dtype=dtypes.floating))
std = register(Rule("std", spread, dtype=dtypes.floating))

any_ = register(Rule("any", reduced, dtype=dtypes.truths, tape=TapeRule.READS))
all_ = register(Rule("all", reduced, dtype=dtypes.truths, tape=TapeRule.READS))
count_nonzero = register(Rule("count_nonzero", reduced, dtype=dtypes.indices, tape=TapeRule.READS))

max_ = register(Rule("max", chosen))
min_ = register(Rule("min", chosen))
