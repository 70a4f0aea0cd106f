"""Images times kernels: the windows of the images, laid out as columns, times a matrix.

Images are ``(N, C, *dims)`` here, and results ``(N, O, *places)``; a weight is
``(O, C//groups, *kernel)``. How windows are laid out is in `tensorlib.ops.layout`.
"""

from __future__ import annotations

import math

import numpy as np

from tensorlib.ops import layout, products
from tensorlib.ops.memory import empty
from tensorlib.ops.overlaps import overlaps_of
from tensorlib.ops.windows import Windows, wide
from tensorlib.tape import Array


def _contiguous(x: Array) -> Array:
    """Return numbers that add up, laid out as BLAS takes them."""
    return np.ascontiguousarray(wide(x))


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
    result = empty((count, groups, each, length), images.dtype)
    added = None if bias is None else bias.reshape(groups, each, 1)
    if layout.are_few(windows, channels * math.prod(windows.kernel)):
        _apply_to_many(images, weight, added, windows, result)
    else:
        _apply_to_each(images, weight, added, windows, result)
    return result.reshape(count, out_channels, *windows.places)


def _apply_to_many(
    images: Array, weight: Array, added: Array | None, windows: Windows, result: Array
) -> None:
    """Write the products with the columns of many images ``(N, G, O//G, places)``."""
    _, groups, each, length = result.shape
    kernels = _kernels(weight, groups, 1)[:, 0]
    for block, cols in layout.columns_of_many(images, windows, groups):
        found = products.matmul(kernels, cols).reshape(groups, each, len(result[block]), length)
        np.add(np.moveaxis(found, 2, 0), 0 if added is None else added, result[block])


def _apply_to_each(
    images: Array, weight: Array, added: Array | None, windows: Windows, result: Array
) -> None:
    """Write the products with the columns of each image ``(N, G, O//G, places)``."""
    _, groups, each, length = result.shape
    rows = layout.rows_apart(windows, weight.shape[1], each)
    kernels = _kernels(weight, groups, rows)
    beside = rows * groups * each * length if rows > 1 else 0
    scratch: Array | None = None
    for block, places, cols in layout.columns_of_each(images, windows, groups, rows, beside):
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
    blocks = layout.blocks(len(g), images.shape[1] * math.prod(windows.kernel) * overlaps.row)
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
    count, channels, each = len(x), x.shape[1] // groups, g.shape[1] // groups
    images, length = _contiguous(x), math.prod(windows.places)
    results = _contiguous(g).reshape(count, groups, each, length)
    if layout.are_few(windows, channels * math.prod(windows.kernel)):
        total = _gradient_of_many(images, results, windows)
    else:
        total = _gradient_of_each(images, results, windows)
    rows = total.shape[1]
    rest = math.prod(windows.kernel) // rows
    parts = total.reshape(groups, rows, channels, rest, each).transpose(0, 4, 2, 1, 3)
    return parts.reshape(g.shape[1], channels, *windows.kernel)


def _gradient_of_many(images: Array, results: Array, windows: Windows) -> Array:
    """Return the products of the columns of many images at a time ``(G, 1, size, O//G)``."""
    _, groups, each, _ = results.shape
    size = images.shape[1] // groups * math.prod(windows.kernel)
    total = np.zeros((groups, size, each), results.dtype)
    by_channel = np.moveaxis(results, 0, 2)
    for block, cols in layout.columns_of_many(images, windows, groups):
        part = by_channel[:, :, block].reshape(groups, each, cols.shape[2])
        total += products.matmul(cols, part.swapaxes(1, 2))
    return total[:, None]


def _gradient_of_each(images: Array, results: Array, windows: Windows) -> Array:
    """Return the sums of the products of each image's columns ``(G, rows, size, O//G)``."""
    _, groups, each, _ = results.shape
    channels = images.shape[1] // groups
    rows = layout.rows_apart(windows, channels, each)
    size = channels * math.prod(windows.kernel) // rows
    total = np.zeros((groups, rows, size, each), results.dtype)
    turned = results[:, :, None].swapaxes(3, 4)
    for block, places, cols in layout.columns_of_each(images, windows, groups, rows, total.size):
        found = products.matmul(cols, turned[block, ..., places, :])
        total += found[0] if len(found) == 1 else np.add.reduce(found, 0)
    return total
