"""Shape rules of resampling."""

from __future__ import annotations

import math
from typing import TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.convolution import Extent, per_axis, split_filled
from tensorlib.shapes.dim import UNKNOWN, Dim, SymbolicDim, UnknownDim
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Shape

Factor: TypeAlias = "Dim | float | tuple[Dim | float, ...]"


@rule(dtype=dtypes.floating)
def upscale2d(x: Shape, size: Extent | None = None, scale_factor: Factor | None = None) -> Shape:
    """Return the shape of images of another size, or of so many times the size.

    Raises:
        ShapeError: both or neither is given, or a size is not positive.
    """
    if isinstance(size, UnknownDim) and isinstance(scale_factor, UnknownDim):
        batch, channels, _ = split_filled(x, 2)  # one of them may be None
        return (*batch, channels, UNKNOWN, UNKNOWN)
    if (size is None) == (scale_factor is None):
        given = "neither" if size is None else f"{size} and {scale_factor}"
        raise ShapeError(f"expected either size or scale_factor, got {given}")
    batch, channels, dims = split_filled(x, 2)
    if size is not None:
        return (*batch, channels, *per_axis(size, 2, "size"))
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * 2
    if len(factors) != 2:
        raise ShapeError(f"expected a number or 2 of them for scale_factor, got {scale_factor}")
    scaled = tuple(_scaled(dim, factor) for dim, factor in zip(dims, factors, strict=True))
    return (*batch, channels, *per_axis(scaled, 2, "the size of the result"))


def _scaled(dim: Dim, factor: object) -> Dim:
    """Multiply by a factor, which may be a fraction; the result is rounded down."""
    if isinstance(factor, float):
        return math.floor(dim * factor) if isinstance(dim, int) else UNKNOWN
    if isinstance(factor, int | SymbolicDim | UnknownDim):
        return dim * factor
    raise UndecidedError(f"scale_factor is no number: {factor!r}")
