"""Rules of ops that scale elements by what stands beside them along an axis."""

from __future__ import annotations

from contextlib import suppress

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, UnknownDim, exact_quotient, require_equal
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.reduction import along_axes, along_axis
from tensorlib.shapes.registry import Rule, register, rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    Shape,
    axis_index,
    dim_at,
    format_shape,
    known_rank,
    pack_index,
    trailing,
)

softmax = register(Rule("softmax", along_axis, dtype=dtypes.floating))
log_softmax = register(Rule("log_softmax", along_axis, dtype=dtypes.floating))
normalize = register(Rule("normalize", along_axes, dtype=dtypes.floating))


@rule(dtype=dtypes.floats_only)
def layer_norm(x: Shape, weight: Shape | None = None, bias: Shape | None = None) -> Shape:
    """Require that x ends with the weight's dimensions, or has one without a weight.

    Raises:
        ShapeError: x ends with others, or the bias has another shape than the weight.
    """
    if weight is not None and bias is not None:
        _require_shape("bias", bias, known_rank(weight))
    return _ends_with(x, bias if weight is None else weight)


@rule(dtype=dtypes.floats_only)
def rms_norm(x: Shape, weight: Shape | None = None) -> Shape:
    """Require that x ends with the weight's dimensions, or has one without a weight.

    Raises:
        ShapeError: x ends with others.
    """
    return _ends_with(x, weight)


@rule(dtype=dtypes.floats_only)
def group_norm(
    x: Shape, num_groups: Dim, weight: Shape | None = None, bias: Shape | None = None
) -> Shape:
    """Require ``(N, C, *S)``, C a multiple of the number of groups, weight and bias ``(C,)``.

    Raises:
        ShapeError: there are fewer than two dimensions, or the others do not fit.
    """
    channels = _channels(x, 1, weight, bias)
    if channels is not None:
        if isinstance(num_groups, int) and num_groups < 1:
            raise ShapeError(f"num_groups must be positive, got {num_groups}")
        exact_quotient(channels, num_groups, uneven("channels", channels, "num_groups", num_groups))
    return x


@rule(dtype=dtypes.floats_only)
def batch_norm(
    x: Shape, weight: Shape | None = None, bias: Shape | None = None, axis: int = 1
) -> Shape:
    """Require weight and bias of the length of the axis.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: weight or bias have another shape.
    """
    with suppress(UndecidedError):  # the shape stays, whichever axis it is
        _require_affine(dim_at(x, axis_index(x, axis)), weight, bias)
    return x


def uneven(whole: str, n: Dim, parts: str, d: Dim) -> str:
    """Say that a size is no multiple of another."""
    return f"{whole} must be a multiple of {parts}, got {n} and {d}: {n} is not a multiple of {d}"


def _channels(x: Shape, axis: int, weight: Shape | None, bias: Shape | None) -> Dim | None:
    """Return the channels of ``(N, C, *S)``, or None if they are not known."""
    if pack_index(x) is None and len(x) < 2:
        raise ShapeError(f"expected at least 2 dimensions, got shape {format_shape(x)}")
    with suppress(UndecidedError):  # the shape stays, whichever axis it is
        channels = dim_at(x, axis_index(x, axis))
        _require_affine(channels, weight, bias)
        return channels
    return None


def _require_affine(channels: Dim, weight: Shape | None, bias: Shape | None) -> None:
    for name, shape in (("weight", weight), ("bias", bias)):
        if shape is not None:
            _require_shape(name, shape, (channels,))


def _require_shape(name: str, shape: Shape, wanted: tuple[Dim, ...]) -> None:
    dims = known_rank(shape)
    problem = f"expected a {name} of shape {format_shape(wanted)}, got {format_shape(shape)}"
    if len(dims) != len(wanted):
        raise ShapeError(problem)
    for want, have in zip(wanted, dims, strict=True):
        require_equal(want, have, problem)


def _ends_with(x: Shape, weight: Shape | None) -> Shape:
    """Require that x has the weight's dimensions at its end, as far as they are known."""
    if weight is None:
        if x == ():
            raise ShapeError("expected at least one dimension, got a scalar")
        return x
    wanted = known_rank(weight)
    if not wanted:
        raise ShapeError("expected a weight of at least one dimension, got a scalar")
    with suppress(UndecidedError):  # the shape stays, whatever its end is
        rest, dims = trailing(x, len(wanted)) or (x, ())
        known = (
            want if isinstance(have, UnknownDim) else have
            for want, have in zip(wanted, dims, strict=False)
        )
        Matcher(()).match((ANY_DIMS, *wanted), (*rest, *known))
    return x
