"""Shape rules of layers whose result plain typing cannot state.

Such a rule takes the operand's shape and then what the layer was made with, in the order of its
type variables. The layer asks it at run time; the checker asks it with the layer's type arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tensorlib.shapes import image_layers, manipulation
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, UnknownDim, require_equal
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.shape import (
    ANY_DIMS,
    Pack,
    Shape,
    Sizes,
    axis_index,
    dim_at,
    format_shape,
    known_rank,
    pack_index,
)


def flatten(x: Shape, start_axis: int, end_axis: int) -> Shape:
    """Merge the axes from start to end, both included.

    Raises:
        IndexOutOfRangeError: the shape lacks an axis.
        ShapeError: the start lies behind the end.
    """
    result: Shape = manipulation.flatten.shape(x, start_axis, end_axis)
    return result


def reshape(x: Shape, shape: Sizes) -> Shape:
    """Give each member of a batch another shape: ``(N, *rest) -> (N, *shape)``.

    Raises:
        ShapeError: there is no batch axis, or a member's number of elements is another.
    """
    if x == ():
        raise ShapeError("expected a batch axis, got a scalar")
    batch, *rest = x
    if isinstance(batch, Pack):
        unknown = ANY if batch == ANY_DIMS else UNKNOWN
        return (unknown, *(unknown if size == -1 else size for size in known_rank(shape)))
    return (batch, *manipulation.reshape.shape(tuple(rest), shape))


def prelu(x: Shape, num_parameters: Dim) -> Shape:
    """Require one parameter for each channel, the dimension on axis 1, or one for all.

    Raises:
        ShapeError: there are neither one nor as many as channels.
    """
    if isinstance(num_parameters, UnknownDim) or num_parameters == 1:
        return x
    problem = f"expected {num_parameters} channels on axis 1, got shape {format_shape(x)}"
    if pack_index(x) is None and len(x) < 2:
        raise ShapeError(problem)
    with suppress(UndecidedError):  # the shape stays, whatever stands on the axis
        channels = dim_at(x, axis_index(x, 1))
        require_equal(channels, num_parameters, f"{problem}: {channels} is not {num_parameters}")
    return x


def normalized(x: Shape, axis: int) -> Shape:
    """Require the axis; the shape stays.

    Raises:
        IndexOutOfRangeError: the shape lacks the axis.
    """
    with suppress(UndecidedError):
        axis_index(x, axis)
    return x


LAYERS: Final[dict[str, Callable[..., Shape]]] = {
    "Flatten": flatten,
    "LogSoftmax": normalized,
    "PReLU": prelu,
    "Reshape": reshape,
    "Softmax": normalized,
    **image_layers.RULES,
}
"""The rule of each such layer of ``tensorlib.nn``, by the class' name."""
