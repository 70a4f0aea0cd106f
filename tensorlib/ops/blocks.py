"""Elementwise work in pieces that stay in the cache, and choices that NumPy makes slowly.

`np.where` and `np.maximum` with a scalar take ten times as long as an addition; with arrays of
zeros and with masks of bits, the same comes at the price of two or three.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from tensorlib.ops.kernels import compiled
from tensorlib.ops.memory import empty
from tensorlib.tape import Array

BLOCK = 32_768
"""How many elements a piece has: with a few results in between, all stay in the cache."""
_INTEGERS = {2: np.int16, 4: np.int32, 8: np.int64}


def blocks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Go through arrays of the same shape, a piece of each at a time, in order.

    The pieces are flat; of a contiguous array they are views, so that what is written to them is
    written to the array.
    """
    flat = [x.reshape(-1) for x in arrays]
    size = flat[0].size
    if size <= BLOCK:
        yield (*flat,)
        return
    for start in range(0, size, BLOCK):
        yield (*[x[start : start + BLOCK] for x in flat],)


def like(x: Array) -> Array:
    """Return a contiguous array of the same shape and dtype, with anything in it."""
    return empty(x.shape, x.dtype)


@compiled("elementwise.positive_part", light=True)
def positive_part(x: Array) -> Array:
    """Return ``max(x, 0)`` of each element."""
    zeros = _filled(0.0, x.dtype)
    if x.size <= BLOCK:
        return np.maximum(x.reshape(-1), zeros[: x.size]).reshape(x.shape)
    x = np.ascontiguousarray(x)
    result = like(x)
    for part, out in blocks(x, result):
        np.maximum(part, zeros[: part.size], out=out)
    return result


def at_most(x: Array, limit: float) -> None:
    """Make all elements of a flat array, of at most a block, at most a number."""
    np.minimum(x, _filled(limit, x.dtype)[: x.size], out=x)


def where(chosen: Array, x: Array, out: Array | None = None) -> Array:
    """Return the elements of x, of a floating dtype, that are chosen, else 0."""
    integer = _INTEGERS[x.itemsize]
    # All bits where an element is chosen, none elsewhere.
    mask = np.negative(chosen.view(np.int8)).astype(integer)
    target = mask if out is None else out.view(integer)
    return np.bitwise_and(x.view(integer), mask, target).view(x.dtype)


@compiled("elementwise.where_positive")
def where_positive(x: Array, g: Array) -> Array:
    """Return the elements of g where those of x are positive, else 0, whatever stands in g there.

    Both have one shape and one floating dtype.
    """
    x, g = np.ascontiguousarray(x), np.ascontiguousarray(g)
    if x.size <= BLOCK:
        return where(np.greater(x, 0), g)
    result = like(g)
    for part, given, out in blocks(x, g, result):
        where(np.greater(part, 0), given, out)
    return result


def column_sums(x: Array) -> Array:
    """Return the sum of each column of a matrix."""
    if x.dtype.char not in "fd" or len(x) > BLOCK or not x.flags.c_contiguous:
        return np.asarray(np.add.reduce(x, axis=0))
    return _filled(1.0, x.dtype)[: len(x)].dot(x)  # several times as fast as a reduction


@cache
def _filled(value: float, dtype: np.dtype[Any]) -> Array:
    array = np.full(BLOCK, value, dtype)
    array.flags.writeable = False
    return array
