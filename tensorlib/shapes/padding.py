"""Shape rules of ops that enlarge an axis: pad, repeat."""

from __future__ import annotations

from typing import Any, TypeAlias

from tensorlib.shapes.dim import Dim, Truth, at_least
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    Shape,
    axis_index,
    dim_at,
    format_shape,
    known_rank,
    pack_index,
    replaced,
    size,
)

Pair: TypeAlias = tuple[Dim, Dim]
PadWidth: TypeAlias = "Dim | Pair | tuple[Pair, ...]"

MODES = ("constant", "reflect", "edge")


@rule()
def pad(x: Shape, pad_width: PadWidth, mode: str = "constant") -> Shape:
    """Make each axis longer by its two widths.

    Raises:
        ShapeError: there are more or fewer pairs than axes, a width is negative, or an axis is too
            short for the mode.
    """
    place = pack_index(x)
    if place is not None and not _is_by_axis(pad_width):
        return _pad_all(x, place, pad_width, mode)
    dims = known_rank(x)
    pairs = pad_pairs(pad_width, len(dims))
    for axis, (dim, pair) in enumerate(zip(dims, pairs, strict=True)):
        for width in pair:
            if at_least(width, 0) is Truth.NEVER:
                raise ShapeError(f"widths must not be negative, got {width}")
            _require_room(x, axis, dim, width, mode)
    return tuple(before + dim + after for dim, (before, after) in zip(dims, pairs, strict=True))


def _is_by_axis(pad_width: PadWidth) -> bool:
    return isinstance(pad_width, tuple) and any(isinstance(each, tuple) for each in pad_width)


def _pad_all(x: Shape, place: int, pad_width: PadWidth, mode: str) -> Shape:
    """Pad every axis alike, those that are not counted as well: they are unknown then."""
    before: Shape = pad.shape(x[:place], pad_width, mode)
    after: Shape = pad.shape(x[place + 1 :], pad_width, mode)
    unknown = ANY_DIMS if x[place] == ANY_DIMS else UNKNOWN_DIMS
    return (*before, x[place] if pad_width in (0, (0, 0)) else unknown, *after)


def pad_pairs(pad_width: PadWidth, rank: int) -> tuple[Pair, ...]:
    """Return one pair of widths for each axis.

    Raises:
        ShapeError: there are more or fewer pairs than axes.
    """
    if not isinstance(pad_width, tuple):
        return ((pad_width, pad_width),) * rank
    pairs: tuple[Any, ...] = (
        pad_width if pad_width and isinstance(pad_width[0], tuple) else (pad_width,) * rank
    )
    if len(pairs) != rank or not all(isinstance(p, tuple) and len(p) == 2 for p in pairs):
        raise ShapeError(
            "expected one width, a pair (before, after), or one pair for each axis, "
            f"got {pad_width} for {rank} axes"
        )
    return tuple((before, after) for before, after in pairs)


def _require_room(x: Shape, axis: int, dim: Dim, width: Dim, mode: str) -> None:
    """Require what the mode repeats: for reflection more elements than are added, else one."""
    needed = width + 1 if mode == "reflect" else 1
    if mode == "constant" or width == 0:
        return
    if at_least(dim, needed) in (Truth.NEVER, Truth.SOMETIMES):
        raise ShapeError(
            f"{mode} needs an axis of at least {needed} to add {width}, "
            f"got axis {axis} of shape {format_shape(x)}"
        )


@rule()
def repeat(x: Shape, repeats: Dim, axis: int | None = None) -> Shape:
    """Multiply the axis; None flattens x first.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: the number of repeats is negative.
    """
    if at_least(repeats, 0) is Truth.NEVER:
        raise ShapeError(f"repeats must not be negative, got {repeats}")
    if axis is None:
        return (size(x) * repeats,)
    place = axis_index(x, axis)
    return replaced(x, {place: dim_at(x, place) * repeats})
