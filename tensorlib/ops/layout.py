"""The windows of images, laid out as columns that are multiplied by matrices.

Images are ``(N, C, *dims)``. So many are laid out at a time as the processor's cache holds, into
one array that all blocks of a call use in turn; nothing that is laid out is kept.

Windows that are moved down a row at a time have all rows but one in common with the next. So only
lines of windows are laid out then, and the kernel is split into its rows: the columns that belong
to each are a part of the lines as they lie there, from some row on.

Where the windows of an image are few and large, the columns of many images stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tensorlib.ops.windows import Windows, columns
from tensorlib.tape import Array

_BLOCK = 2**17
"""How many numbers are laid out at a time, if one image has not more."""
_FEW = 64
"""From how many columns on each image is multiplied by itself."""
_LONG = 512
"""How long columns are at least, if those of many images go together."""
_LARGE = 2**21
"""How many numbers an image may take without being split, into parts of a quarter of that."""


def blocks(count: int, size: int) -> list[slice]:
    """Split so many images, each of which takes so many numbers, into blocks."""
    step = max(1, _BLOCK // max(1, size))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def rows_apart(windows: Windows, channels: int, out_channels: int) -> int:
    """Return into how many rows kernels of one group are split: into all, or not at all.

    To add up their products costs as much for each channel of the result as to lay out a column
    does for each of its elements.
    """
    depth = channels * math.prod(windows.kernel[1:])
    return windows.kernel[0] if windows.stride[0] == 1 and depth >= out_channels else 1


class Columns(NamedTuple):
    """Columns, and what they are of.

    Attributes:
        images: which.
        places: which, of those in one image.
        cols: ``(N, G, rows, size, places)``, to be used before the next are asked for.
    """

    images: slice
    places: slice
    cols: Array


def columns_of_each(
    x: Array, windows: Windows, groups: int, rows: int, beside: int
) -> Iterator[Columns]:
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
    for block in blocks(len(x), max(beside, each)):
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
            yield Columns(block, places, np.ndarray(shape, cols.dtype, cols, 0, strides))


def are_few(windows: Windows, size: int) -> bool:
    """Tell whether columns are so few in an image, and so long, that those of many go together."""
    return math.prod(windows.places) < _FEW and size >= _LONG


def columns_of_many(x: Array, windows: Windows, groups: int) -> Iterator[tuple[slice, Array]]:
    """Go through the images, many at a time, with all their columns ``(G, size, N * places)``."""
    channels, length = x.shape[1], math.prod(windows.places)
    size = channels // groups * math.prod(windows.kernel)
    for block in blocks(len(x), groups * size * length // 2):
        images = x[block]
        shape = channels, *windows.kernel, len(images), *windows.places
        cols = (np.zeros if windows.overhang else np.empty)(shape, x.dtype)
        by_image = np.moveaxis(cols, 1 + len(windows.kernel), 0)
        if windows.are_elements:
            by_image[...] = images.reshape(by_image.shape)
        else:
            columns(images, windows, by_image)
        yield block, cols.reshape(groups, size, len(images) * length)
