"""Images times kernels: the windows of the images, laid out as columns, times a matrix.

Images are ``(N, C, *dims)`` here, and results ``(N, O, *places)``; a weight is
``(O, C//groups, *kernel)``. So many images are laid out at a time as the processor's cache holds,
into one array that all blocks of a call use in turn; nothing that is laid out is kept.

Windows that are moved down a row at a time have all rows but one in common with the next. So only
lines of windows are laid out then, and the kernel is split into its rows: the columns that belong
to each are a part of the lines as they lie there, from some row on. The products of the rows are
added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.memory import empty
from tensorlib.ops.overlaps import overlaps_of
from tensorlib.ops.windows import Windows, columns, wide
from tensorlib.tape import Array

_BLOCK = 2**17
"""How many numbers are laid out at a time, if one image has not more."""
_LARGE = 2**21
"""How many numbers an image may take without being split, into parts of a quarter of that."""


def _blocks(count: int, size: int) -> list[slice]:
    """Split so many images, each of which takes so many numbers, into blocks."""
    step = max(1, _BLOCK // max(1, size))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def _contiguous(x: Array) -> Array:
    """Return numbers that add up, laid out as BLAS takes them."""
    return np.ascontiguousarray(wide(x))


def _rows_apart(windows: Windows, channels: int, out_channels: int) -> int:
    """Return into how many rows kernels of one group are split: into all, or not at all.

    To add up their products costs as much for each channel of the result as to lay out a column
    does for each of its elements.
    """
    depth = channels * math.prod(windows.kernel[1:])
    return windows.kernel[0] if windows.stride[0] == 1 and depth >= out_channels else 1


class _Columns(NamedTuple):
    """Columns, and what they are of.

    Attributes:
        images: which.
        places: which, of those in one image.
        cols: ``(N, G, rows, size, places)``, to be used before the next are asked for.
    """

    images: slice
    places: slice
    cols: Array


def _column_blocks(
    x: Array, windows: Windows, groups: int, rows: int, beside: int
) -> Iterator[_Columns]:
    """Go through the images, so many at a time, or of large ones a part, with their columns.

    Args:
        x: images.
        windows: over the images.
        groups: into how many parts the channels are split.
        rows: into how many the kernels are split.
        beside: how many other numbers each image will take.
    """
    over = windows if rows == 1 else windows.lines()
    size = x.shape[1] // groups * math.prod(over.kernel)
    line = math.prod(windows.places[1:])
    each = groups * size * math.prod(over.places)
    is_large = each > _LARGE and not windows.are_elements
    parts = windows.parts(-(-4 * each // _LARGE)) if is_large else [(0, windows)]
    laid_out: Array | None = None
    for block in _blocks(len(x), max(beside, each)):
        images = x[block]
        for first, part in parts:
            over = part if rows == 1 else part.lines()
            if len(parts) > 1 or laid_out is None:
                laid_out = columns(images, over)
            else:
                laid_out = columns(images, over, laid_out[: len(images)])
            cols = laid_out.reshape(len(images), groups, size, math.prod(over.places))
            of_image, of_group, of_column, of_place = cols.strides
            shape = len(images), groups, rows, size, math.prod(part.places)
            strides = of_image, of_group, line * part.dilation[0] * of_place, of_column, of_place
            places = slice(first * line, first * line + shape[4])
            yield _Columns(block, places, np.ndarray(shape, cols.dtype, cols, 0, strides))


def _kernels(weight: Array, groups: int, rows: int) -> Array:
    """Return the rows of the kernels of each group as matrices ``(G, rows, O//G, size)``."""
    out_channels, channels, *kernel = weight.shape
    rest = math.prod(kernel) // rows
    parts = wide(weight).reshape(groups, out_channels // groups, channels, rows, rest)
    matrices = np.ascontiguousarray(parts.transpose(0, 3, 1, 2, 4))
    return matrices.reshape(groups, rows, out_channels // groups, channels * rest)


def apply(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Array:
    """Convolve images with a weight, and add a bias."""
    images, count, out_channels = _contiguous(x), len(x), len(weight)
    channels, each, length = weight.shape[1], out_channels // groups, math.prod(windows.places)
    rows = _rows_apart(windows, channels, each)
    result = empty((count, groups, each, length), images.dtype)
    kernels = _kernels(weight, groups, rows)
    added = None if bias is None else bias.reshape(groups, each, 1)
    beside = rows * out_channels * length if rows > 1 else 0
    scratch: Array | None = None
    for block, places, cols in _column_blocks(images, windows, groups, rows, beside):
        y = result[block, ..., places]
        if rows == 1:
            _multiply(kernels, cols, y[:, :, None])
        else:
            if scratch is None:
                scratch = np.empty((len(y), groups, rows, each, y.shape[-1]), y.dtype)
            found = products.matmul(kernels, cols, out=scratch[: len(y), ..., : y.shape[-1]])
            np.add(found[:, :, 0], found[:, :, 1], y)
            for row in range(2, rows):
                y += found[:, :, row]
        if added is not None:
            y += added
    return result.reshape(count, out_channels, *windows.places)


def apply_transposed(
    g: Array, weight: Array, bias: Array | None, windows: Windows, groups: int
) -> Array:
    """Do the adjoint of `apply` without its bias: from results to images; then add a bias."""
    channels, each = weight.shape[1], len(weight) // groups
    if g.size and set(windows.stride) == {1}:
        less = each * math.prod(windows.dims) <= channels * math.prod(windows.places)
        if less or each == 1 or windows.are_elements:
            return apply(g, _turned(weight, groups), bias, windows.turned(), groups)
    images = empty((len(g), groups * channels, *windows.dims), wide(g).dtype)
    if not (g.size and images.size):
        images[...] = 0 if bias is None else _beside(bias, images)
        return images
    kernels = _contiguous(weight).reshape(groups, each, -1).swapaxes(1, 2)
    overlaps = overlaps_of(windows)
    blocks = _blocks(len(g), images.shape[1] * math.prod(windows.kernel) * overlaps.row)
    spaced = np.zeros((blocks[0].stop, g.shape[1], *overlaps.padded), images.dtype)
    cols = np.zeros((blocks[0].stop, images.shape[1], *windows.kernel, overlaps.row), images.dtype)
    at = [slice(place) for place in windows.places]
    for block in blocks:
        count = block.stop - block.start
        spaced[:count, :, *at] = g[block]
        rows = spaced[:count].reshape(count, groups, each, -1)
        found = cols[:count].reshape(count, groups, kernels.shape[1], -1)
        _multiply(kernels, rows, found[..., overlaps.inside])
        overlaps.add_up(cols[:count], images[block])
        if bias is not None:
            images[block] += _beside(bias, images)
    return images


def _beside(bias: Array, images: Array) -> Array:
    """Return a bias in a shape that is stretched to that of the images."""
    return bias.reshape(-1, *(1,) * (images.ndim - 2))


def _turned(weight: Array, groups: int) -> Array:
    """Return kernels with their elements in opposite order, and results for operands."""
    out_channels, channels, *kernel = weight.shape
    each = out_channels // groups
    turned = weight.reshape(groups, each, channels, *kernel).swapaxes(1, 2)
    turned = np.flip(turned, axis=tuple(range(3, turned.ndim)))
    return turned.reshape(groups * channels, each, *kernel)


def _multiply(kernels: Array, rows: Array, out: Array) -> None:
    """Write the products of matrices; those of a column and a row are slow as BLAS makes them."""
    if kernels.shape[-1] == 1:
        np.multiply(kernels, rows, out)
    else:
        products.matmul(kernels, rows, out=out)


def weight_gradient(x: Array, g: Array, windows: Windows, groups: int) -> Array:
    """Return the cotangent of the weight for images and cotangents of their results."""
    images, cotangents = _contiguous(x), _contiguous(g)
    channels, each, length = x.shape[1] // groups, g.shape[1] // groups, math.prod(windows.places)
    rows = _rows_apart(windows, channels, each)
    rest = math.prod(windows.kernel) // rows
    results = cotangents.reshape(len(g), groups, 1, each, length).swapaxes(3, 4)
    total = np.zeros((groups, rows, channels * rest, each), cotangents.dtype)
    for block, places, cols in _column_blocks(images, windows, groups, rows, total.size):
        found = products.matmul(cols, results[block, ..., places, :])
        total += found[0] if len(found) == 1 else np.add.reduce(found, 0)
    parts = total.reshape(groups, rows, channels, rest, each).transpose(0, 4, 2, 1, 3)
    return parts.reshape(g.shape[1], channels, *windows.kernel)
