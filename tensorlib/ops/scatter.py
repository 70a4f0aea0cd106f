"""Adding up values by index: what the gradient of every selection is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError
from tensorlib.shapes.selection import require_indices
from tensorlib.tape import Array


def wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which to add up many elements of a dtype."""
    return np.promote_types(dtype, np.float32) if dtype.kind == "f" else dtype


def add_at(x: Array, places: Array, values: Array) -> None:
    """Add values to x in place, each at its place along the middle of three axes.

    One pass over flat places is several times as fast as adding whole rows, sorting the places
    or counting them.

    Args:
        x: of shape (P, M, A), contiguous.
        places: ints from -M to M - 1 that stretch to (P, K, A).
        values: of shape (P, K, A).
    """
    before, size, after = x.shape
    offsets = np.arange(before).reshape(-1, 1, 1) * size
    flat = (offsets + places.astype(np.int64) % max(size, 1)) * after + np.arange(after)
    np.add.at(x.reshape(-1), flat.reshape(-1), values.astype(x.dtype, copy=False).reshape(-1))


def scattered(g: Array, places: Array, shape: tuple[int, ...], axis: int, axes: int = 1) -> Array:
    """Return zeros of a shape with g added along one axis, or several that count as one.

    Args:
        g: has any number of axes in the place of those.
        places: stretch to g, seen as (P, K, A); P, A are sizes of the shape before and behind.
        shape: the result's.
        axis: the first of the axes.
        axes: how many there are.
    """
    before, size, after = (
        math.prod(part) for part in (shape[:axis], shape[axis : axis + axes], shape[axis + axes :])
    )
    count = g.size // max(before * after, 1)
    result = np.zeros((before, size, after), wide(g.dtype))
    add_at(result, places, g.reshape(before, count, after))
    return result.reshape(shape).astype(g.dtype, copy=False)


def require_in_range(indices: Any, low: int, high: int, op: str, of: str) -> None:
    """Require that indices are ints from low up to, but not including, high.

    Raises:
        DtypeError: they are not ints.
        IndexOutOfRangeError: one is not in the range; the text names it and its place.
    """
    array = np.asarray(indices)
    try:
        require_indices(array.dtype.name)
    except DtypeError as error:
        raise error.named(op) from None
    if not array.size or (array.min() >= low and array.max() < high):
        return
    place = tuple(int(i) for i in np.argwhere((array < low) | (array >= high))[0])
    at = f" at {place}" if place else ""
    fix = f": use {low} to {high - 1}" if high > low else ""
    raise IndexOutOfRangeError(
        f"index {array[place]}{at} is out of range for {of}{fix}", subject=op
    )
