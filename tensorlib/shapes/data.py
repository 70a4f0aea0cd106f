"""Shape rules of functions that cut data into parts: batches, and training and validation data."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, Truth, at_least, divisible, require_equal, total
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    Shape,
    Sizes,
    dim_at,
    format_shape,
    known_rank,
    replaced,
)


@rule(dtype=dtypes.each, tape=TapeRule.READS)
def batches(xs: tuple[Shape, ...], batch_size: Dim, drop_last: bool = False) -> tuple[Shape, ...]:
    """Return the shapes of one batch; the first axis is known if no batch is smaller.

    Raises:
        ShapeError: there is no tensor, one is a scalar, they have different numbers of items, or
            the size of a batch is not positive.
    """
    xs = tuple(map(_with_items, xs))
    length = common_length(xs)
    if at_least(batch_size, 1) is Truth.NEVER:
        raise ShapeError(f"batch_size must be positive, got {batch_size}")
    if drop_last and at_least(length, batch_size) is Truth.NEVER:
        raise ShapeError(f"{length} items make no whole batch of {batch_size}: use drop_last=False")
    whole = drop_last or divisible(length, batch_size) is Truth.ALWAYS
    size = batch_size if whole else UNKNOWN
    return tuple(replaced(x, {0: size}) for x in xs)


@rule(dtype=dtypes.each, tape=TapeRule.READS)
def random_split(xs: tuple[Shape, ...], sizes: Sizes) -> tuple[tuple[Shape, ...], ...]:
    """Return the shapes of all tensors in each part.

    Raises:
        ShapeError: there is no tensor, one is a scalar, they have different numbers of items, or
            the sizes of the parts do not add up to it.
    """
    xs = tuple(map(_with_items, xs))
    length = common_length(xs)
    if not sizes:
        raise ShapeError("expected the size of at least one part")
    parts = known_rank(sizes)
    if any(at_least(size, 0) is Truth.NEVER for size in parts):
        raise ShapeError(f"sizes must not be negative, got {format_shape(sizes)}")
    whole = total(parts)
    require_equal(
        whole,
        length,
        f"sizes must add up to the number of items, got {format_shape(sizes)}: "
        f"{whole} is not {length}",
    )
    return tuple(tuple(replaced(x, {0: size}) for x in xs) for size in parts)


def _with_items(x: Shape) -> Shape:
    """Return the shape with a first axis, where not even the rank is known: data is no scalar."""
    if x[:1] == (UNKNOWN_DIMS,):
        return (UNKNOWN, UNKNOWN_DIMS)
    return (ANY, ANY_DIMS) if x[:1] == (ANY_DIMS,) else x


def common_length(xs: tuple[Shape, ...]) -> Dim:
    """Return the length of the first axis, which all must share.

    Raises:
        ShapeError: there is no tensor, one is a scalar, or the lengths differ.
    """
    if not xs:
        raise ShapeError("expected at least one tensor")
    for x in xs:
        if x == ():
            raise ShapeError("a scalar has no items")
    first, *others = (dim_at(x, 0) for x in xs)
    for place, other in enumerate(others, start=1):
        listed = ", ".join(format_shape(x) for x in xs)
        first = require_equal(
            first,
            other,
            f"all tensors must have equally many items, got {listed}: "
            f"{first} is not {other} in tensor {place}",
        )
    return first
