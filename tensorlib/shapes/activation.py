"""Rules of activations: elementwise, of one operand, or of one and a weight per channel."""

from __future__ import annotations

from contextlib import suppress

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UnknownDim, require_equal
from tensorlib.shapes.elementwise import unary
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Shape, axis_index, dim_at, format_shape, known_rank, pack_index

gelu = unary("gelu")
silu = unary("silu")
elu = unary("elu")
selu = unary("selu")
leaky_relu = unary("leaky_relu")
softplus = unary("softplus")
hardtanh = unary("hardtanh")
hardsigmoid = unary("hardsigmoid")
hardswish = unary("hardswish")
logsigmoid = unary("logsigmoid")


@rule(dtype=dtypes.floats_only)
def prelu(x: Shape, weight: Shape) -> Shape:
    """Require one weight, or one for each channel, the dimension on axis 1; x keeps its shape.

    Raises:
        ShapeError: the weight is neither.
    """
    with suppress(UndecidedError):  # the shape stays, whatever the weight is
        _require_per_channel(x, weight)
    return x


def _require_per_channel(x: Shape, weight: Shape) -> None:
    sizes = known_rank(weight)
    if sizes in ((), (1,)) or (len(sizes) == 1 and isinstance(sizes[0], UnknownDim)):
        return
    problem = (
        f"expected a weight of shape (1,), or (C,) for the channels C on axis 1, got "
        f"{format_shape(weight)} for shape {format_shape(x)}"
    )
    if sizes[1:] or (pack_index(x) is None and len(x) < 2):
        raise ShapeError(problem)
    channels = dim_at(x, axis_index(x, 1))
    require_equal(sizes[0], channels, f"{problem}: {sizes[0]} is not {channels}")
