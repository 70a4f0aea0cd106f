"""Images times kernels: the windows of the images, laid out as columns, times a matrix.

Images are ``(N, C, *dims)`` here, and results ``(N, O, *places)``; a weight is
``(O, C//groups, *kernel)``. So many images are laid out at a time as the processor's cache holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tensorlib.ops import depthwise, products
from tensorlib.ops.windows import Windows, add_columns, columns, wide
from tensorlib.tape import Array

_BLOCK = 2**20
"""How many numbers are laid out at a time."""


def _blocks(count: int, size: int) -> Iterator[slice]:
    """Split so many images, each of which takes so many numbers, into blocks."""
    step = max(1, _BLOCK // max(1, size))
    return (slice(start, start + step) for start in range(0, count, step))


def _matrices(weight: Array, groups: int) -> Array:
    """Return the kernels of each group as the rows of a matrix."""
    out_channels = weight.shape[0]
    return weight.reshape(groups, out_channels // groups, math.prod(weight.shape[1:]))


def apply(x: Array, weight: Array, windows: Windows, groups: int) -> Array:
    """Convolve images with a weight."""
    if depthwise.is_depthwise(weight.shape, groups):
        return depthwise.apply(x, weight, windows)
    kernels, images = _matrices(wide(weight), groups), wide(x)
    count, out_channels, length = x.shape[0], weight.shape[0], math.prod(windows.places)
    result = np.empty((count, groups, out_channels // groups, length), images.dtype)
    for block in _blocks(count, groups * kernels.shape[2] * length):
        cols = columns(images[block], windows)
        shape = (cols.shape[0], groups, kernels.shape[2], length)
        products.matmul(kernels, cols.reshape(shape), out=result[block])
    return result.reshape(count, out_channels, *windows.places)


def apply_transposed(g: Array, weight: Array, windows: Windows, groups: int) -> Array:
    """Do the adjoint of `apply`: from results to images."""
    if depthwise.is_depthwise(weight.shape, groups):
        return depthwise.apply_transposed(g, weight, windows, groups)
    kernels, results = _matrices(wide(weight), groups), wide(g)
    count, length = g.shape[0], math.prod(windows.places)
    channels = groups * weight.shape[1]
    images = np.empty((count, channels, *windows.dims), results.dtype)
    for block in _blocks(count, groups * kernels.shape[2] * length):
        part = results[block]
        rows = part.reshape(part.shape[0], groups, kernels.shape[1], length)
        cols = products.matmul(kernels.swapaxes(1, 2), rows)
        shape = (part.shape[0], channels, *windows.kernel, *windows.places)
        images[block] = add_columns(cols.reshape(shape), windows)
    return images


def weight_gradient(x: Array, g: Array, windows: Windows, groups: int) -> Array:
    """Return the cotangent of the weight for images and cotangents of their results."""
    if groups > 1 and x.shape[1] == groups:
        return depthwise.weight_gradient(x, g, windows)
    images, cotangents = wide(x), wide(g)
    count, channels, out_channels = x.shape[0], x.shape[1], g.shape[1]
    length, size = math.prod(windows.places), channels // groups * math.prod(windows.kernel)
    result = np.zeros((groups, out_channels // groups, size), cotangents.dtype)
    for block in _blocks(count, size * max(groups * length, out_channels)):
        cols, part = columns(images[block], windows), cotangents[block]
        rows = part.reshape(part.shape[0], groups, out_channels // groups, length)
        matrices = cols.reshape(part.shape[0], groups, size, length).swapaxes(2, 3)
        result += products.matmul(rows, matrices).sum(0)
    return result.reshape(out_channels, channels // groups, *windows.kernel)
