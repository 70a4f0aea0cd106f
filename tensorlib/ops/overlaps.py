"""Sums of overlapping windows: what lies on an element of an image, from all windows around it.

Each window's element is added to the image's element under it. Done for one position in the window
after the other, this reads and writes the image once for each. Here the windows' elements are laid
out so that all that reaches an element is found at steps of equal length, with zeros where a
window would begin outside of its places; then the sums are one reduction of a strided view.

With a stride of two, three, ..., the elements of an axis fall into as many classes, each reached by
every second, third, ... position in the window only; the classes are summed up one by one.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tensorlib.ops.windows import Ints, Windows
from tensorlib.tape import Array


class _Class(NamedTuple):
    """Elements along an axis, ``first``, ``first + stride``, ..., and the positions on them.

    On the b-th of them lies position ``begin + m * step`` of the window at place
    ``b + offset - m * back``, for each m.
    """

    first: int
    number: int
    begin: int
    positions: int
    step: int
    offset: int
    back: int

    @property
    def before(self) -> int:
        """How many places in front of the first one would be asked for."""
        return max(0, (self.positions - 1) * self.back - self.offset)


def _classes(windows: Windows, axis: int) -> list[_Class]:
    dim, size, stride = windows.dims[axis], windows.kernel[axis], windows.stride[axis]
    padding, dilation = windows.padding[axis], windows.dilation[axis]
    common = math.gcd(stride, dilation)
    step, back = stride // common, dilation // common
    found = []
    for first in range(min(stride, dim)):
        fitting = [i for i in range(size) if (first + padding - i * dilation) % stride == 0]
        begin = fitting[0] if fitting else 0
        offset = (first + padding - begin * dilation) // stride
        number = -(-(dim - first) // stride)
        found.append(_Class(first, number, begin, len(fitting), step, offset, back))
    return found


class Overlaps:
    """How windows are laid out so that they can be summed up, ``(N, C, *kernel, row)``.

    Attributes:
        padded: the places of the windows, with room for zeros behind each axis but the first.
        row: how many numbers are laid out for each position in the windows.
        inside: where among these the ``padded`` places are; all others have to be zero.
    """

    def __init__(self, windows: Windows) -> None:
        rank = len(windows.dims)
        along = [_classes(windows, axis) for axis in range(rank)]
        before = [max(each.before for each in axis) for axis in along]
        reach = [max(each.number + each.offset for each in axis) for axis in along]
        # The zeros behind one line of places are those in front of the next line too.
        widths = [
            max(place + less, more)
            for place, less, more in zip(windows.places, before, reach, strict=True)
        ]
        self.padded: Ints = (windows.places[0], *widths[1:])
        self._stride = windows.stride
        self._steps = tuple(math.prod(self.padded[axis + 1 :]) for axis in range(rank))
        front, size = self._flat(before), math.prod(self.padded)
        self.inside = slice(front, front + size)
        self._classes = [
            (axes, front + self._flat([each.offset for each in axes]))
            for axes in itertools.product(*along)
        ]
        ends = [start + axes[0].number * self._steps[0] for axes, start in self._classes]
        self.row = max(front + size, *ends)
        # Whether the sums, with what lies between the lines, are the images themselves.
        self._is_whole = len(self._classes) == 1 and self.padded[1:] == windows.dims[1:]

    def _flat(self, index: list[int]) -> int:
        return sum(each * step for each, step in zip(index, self._steps, strict=True))

    def add_up(self, cols: Array, images: Array) -> None:
        """Write the sums into images ``(N, C, *dims)``; both are contiguous."""
        axes = tuple(range(2, images.ndim))
        for along, start in self._classes:
            reached = self._reached(cols, along, start)
            if self._is_whole:
                np.add.reduce(reached, axis=axes, out=images.reshape(*images.shape[:2], -1))
                continue
            sums = np.add.reduce(reached, axis=axes)
            lines = sums.reshape(*images.shape[:2], along[0].number, *self.padded[1:])
            numbers = [slice(each.number) for each in along]
            at = [
                slice(each.first, None, step)
                for each, step in zip(along, self._stride, strict=True)
            ]
            images[:, :, *at] = lines[:, :, *numbers]

    def _reached(self, cols: Array, along: tuple[_Class, ...], start: int) -> Array:
        """Return a view ``(N, C, *positions, places)``: behind each place what is added up."""
        size, steps = cols.itemsize, cols.strides[2:-1]
        offset = start * size
        shape, strides = list(cols.shape[:2]), list(cols.strides[:2])
        for each, position, line in zip(along, steps, self._steps, strict=True):
            offset += each.begin * position
            shape.append(each.positions)
            strides.append(each.step * position - each.back * line * size)
        length = along[0].number * self._steps[0]
        return np.ndarray((*shape, length), cols.dtype, cols, offset, (*strides, size))


@lru_cache(maxsize=256)
def overlaps_of(windows: Windows) -> Overlaps:
    """Return how these windows are laid out."""
    return Overlaps(windows)
