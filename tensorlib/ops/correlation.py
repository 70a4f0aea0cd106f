"""Images times kernels: the windows of the images, laid out as columns, times a matrix.

Images are ``(N, C, *dims)`` here, and results ``(N, O, *places)``; a weight is
``(O, C//groups, *kernel)``. So many images are laid out at a time as the processor's cache holds,
into one array that all blocks of a call use in turn; nothing that is laid out is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.memory import empty
from tensorlib.ops.overlaps import overlaps_of
from tensorlib.ops.windows import Windows, columns, wide
from tensorlib.tape import Array

_BLOCK = 2**17
"""How many numbers are laid out at a time, if one image has not more."""


def _blocks(count: int, size: int) -> list[slice]:
    """Split so many images, each of which takes so many numbers, into blocks."""
    step = max(1, _BLOCK // max(1, size))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def _contiguous(x: Array) -> Array:
    """Return numbers that add up, laid out as BLAS takes them."""
    return np.ascontiguousarray(wide(x))


def _matrices(weight: Array, groups: int) -> Array:
    """Return the kernels of each group as the rows of a matrix."""
    out_channels = weight.shape[0]
    return _contiguous(weight).reshape(groups, out_channels // groups, math.prod(weight.shape[1:]))


def _column_blocks(
    x: Array, windows: Windows, groups: int, beside: int = 0
) -> Iterator[tuple[slice, Array]]:
    """Go through the images, so many at a time, with their windows ``(N, G, size, places)``.

    The windows are to be used before the next are asked for.

    Args:
        x: images.
        windows: over the images.
        groups: into how many parts the channels are split.
        beside: how many other numbers each image will take.
    """
    length = math.prod(windows.places)
    size = x.shape[1] // groups * math.prod(windows.kernel)
    laid_out: Array | None = None
    for block in _blocks(len(x), max(beside, groups * size * length)):
        part = x[block]
        laid_out = columns(part, windows, None if laid_out is None else laid_out[: len(part)])
        yield block, laid_out.reshape(len(part), groups, size, length)


def apply(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Array:
    """Convolve images with a weight, and add a bias."""
    kernels, images = _matrices(weight, groups), _contiguous(x)
    count, out_channels, length = x.shape[0], weight.shape[0], math.prod(windows.places)
    result = empty((count, groups, out_channels // groups, length), images.dtype)
    added = None if bias is None else bias.reshape(groups, out_channels // groups, 1)
    for block, cols in _column_blocks(images, windows, groups):
        y = products.matmul(kernels, cols, out=result[block])
        if added is not None:
            y += added
    return result.reshape(count, out_channels, *windows.places)


def apply_transposed(
    g: Array, weight: Array, bias: Array | None, windows: Windows, groups: int
) -> Array:
    """Do the adjoint of `apply` without its bias: from results to images; then add a bias."""
    kernels, results = _matrices(weight, groups).swapaxes(1, 2), _contiguous(g)
    channels = groups * weight.shape[1]
    images = empty((len(g), channels, *windows.dims), results.dtype)
    added = None if bias is None else bias.reshape(channels, *(1,) * len(windows.dims))
    if not (results.size and images.size):
        images[...] = 0 if added is None else added
        return images
    if windows.are_elements:
        length = math.prod(windows.dims)
        rows = results.reshape(len(g), groups, kernels.shape[2], length)
        _multiply(kernels, rows, images.reshape(len(g), groups, kernels.shape[1], length))
        if added is not None:
            images += added
        return images
    overlaps = overlaps_of(windows)
    blocks = _blocks(len(g), channels * math.prod(windows.kernel) * overlaps.row)
    spaced = np.zeros((blocks[0].stop, g.shape[1], *overlaps.padded), results.dtype)
    cols = np.zeros((blocks[0].stop, channels, *windows.kernel, overlaps.row), results.dtype)
    at = [slice(place) for place in windows.places]
    for block in blocks:
        count = block.stop - block.start
        spaced[:count, :, *at] = results[block]
        rows = spaced[:count].reshape(count, groups, kernels.shape[2], -1)
        found = cols[:count].reshape(count, groups, kernels.shape[1], -1)
        _multiply(kernels, rows, found[..., overlaps.inside])
        overlaps.add_up(cols[:count], images[block])
        if added is not None:
            images[block] += added
    return images


def _multiply(kernels: Array, rows: Array, out: Array) -> None:
    """Write the products of matrices, of which BLAS is slow to make those of single columns."""
    if kernels.shape[2] == 1:
        np.multiply(kernels, rows, out)
    else:
        products.matmul(kernels, rows, out=out)


def weight_gradient(x: Array, g: Array, windows: Windows, groups: int) -> Array:
    """Return the cotangent of the weight for images and cotangents of their results."""
    images, cotangents = _contiguous(x), _contiguous(g)
    out_channels, length = g.shape[1], math.prod(windows.places)
    size = x.shape[1] // groups * math.prod(windows.kernel)
    rows = cotangents.reshape(len(g), groups, out_channels // groups, length).swapaxes(2, 3)
    result = np.zeros((groups, size, out_channels // groups), cotangents.dtype)
    for block, cols in _column_blocks(images, windows, groups, size * out_channels):
        found = products.matmul(cols, rows[block])
        result += found[0] if len(found) == 1 else np.add.reduce(found, 0)
    shape = (out_channels, x.shape[1] // groups, *windows.kernel)
    return result.swapaxes(1, 2).reshape(shape)
