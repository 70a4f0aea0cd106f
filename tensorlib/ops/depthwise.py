"""Convolutions of each channel by itself: products of elements, with no matrix to multiply by.

Inside, channels come last, so that one kernel element of all channels, laid along the last axis of
the windows, meets a long run of the image at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlib.ops.blocks import BLOCK
from tensorlib.ops.windows import Windows, wide
from tensorlib.tape import Array


def is_depthwise(weight_shape: tuple[int, ...], groups: int) -> bool:
    """Tell whether each group is one channel."""
    return groups > 1 and weight_shape[1] == 1


def apply(x: Array, weight: Array, windows: Windows) -> Array:
    """Convolve images ``(N, C, *dims)`` with ``(C*M, 1, *kernel)``, each channel with M kernels."""
    each = weight.shape[0] // x.shape[1]
    images, tiles = (
        _channels_last(np.repeat(x, each, 1) if each > 1 else x),
        _tiles(weight, windows),
    )
    result = np.zeros((len(x), *windows.places, weight.shape[0]), images.dtype)
    for block in _blocks(result):
        part, out, product = images[block], result[block], np.empty_like(result[block])
        for position, inside, elements in windows.positions():
            at = product[:, *inside]
            np.multiply(part[:, *elements], tiles[position][inside[-1]], at)
            out[:, *inside] += at
    return _channels_first(result)


def apply_transposed(g: Array, weight: Array, windows: Windows, groups: int) -> Array:
    """Do the adjoint of `apply`: from results ``(N, C*M, *places)`` to images."""
    results, tiles = _channels_last(g), _tiles(weight, windows)
    images = np.zeros((len(g), *windows.dims, weight.shape[0]), results.dtype)
    for block in _blocks(results):
        part, out, product = results[block], images[block], np.empty_like(results[block])
        for position, inside, elements in windows.positions():
            at = product[:, *inside]
            np.multiply(part[:, *inside], tiles[position][inside[-1]], at)
            out[:, *elements] += at
    if groups < weight.shape[0]:  # add up what reached a channel from each of its kernels
        each = weight.shape[0] // groups
        images = np.add.reduce(images.reshape(*images.shape[:-1], groups, each), axis=-1)
    return _channels_first(images)


def weight_gradient(x: Array, g: Array, windows: Windows) -> Array:
    """Return the cotangent of the weight for images and cotangents of their results."""
    each = g.shape[1] // x.shape[1]
    images, results = _channels_last(np.repeat(x, each, 1) if each > 1 else x), _channels_last(g)
    found = np.zeros((*windows.kernel, g.shape[1]), results.dtype)
    for block in _blocks(results):
        part, cotangents, product = images[block], results[block], np.empty_like(results[block])
        for position, inside, elements in windows.positions():
            at = product[:, *inside]
            np.multiply(part[:, *elements], cotangents[:, *inside], at)
            found[position] += np.add.reduce(at, axis=tuple(range(at.ndim - 1)))
    return np.moveaxis(found, -1, 0)[:, None]


def _tiles(weight: Array, windows: Windows) -> Array:
    """Return each kernel element for all channels, repeated along the last axis of the windows."""
    kernel_first = np.moveaxis(wide(weight)[:, 0], 0, -1)[..., None, :]
    return np.repeat(kernel_first, windows.places[-1], axis=-2)


def _channels_last(x: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(wide(x), 1, -1))


def _channels_first(x: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(x, -1, 1))


def _blocks(images: Array) -> Iterator[Any]:
    """Split images into so many at a time as the cache holds."""
    step = max(1, 2 * BLOCK // max(1, images[:1].size))
    return (slice(start, start + step) for start in range(0, len(images), step))
