"""Windows that are moved over the last axes of an array.

Whatever is done with them is done for one position in the window after the other: all windows'
elements there are one strided slice of the array. Padding is never written down; where a window
reaches beyond the array, its place is left out of the slice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tensorlib.tape import Array

Ints: TypeAlias = tuple[int, ...]
Extent: TypeAlias = "int | tuple[int, ...]"
"""A size for all axes that a window is moved along, or one for each."""
Padding: TypeAlias = "Extent | str"


class Windows(NamedTuple):
    """Where the windows lie along each axis they are moved along.

    Attributes:
        dims: the lengths of the axes.
        kernel: how many elements a window has.
        stride: by how many elements it is moved.
        padding: how many elements there would be in front of the axis.
        dilation: how far apart the elements of a window lie.
        places: how many windows there are.
    """

    dims: Ints
    kernel: Ints
    stride: Ints
    padding: Ints
    dilation: Ints
    places: Ints

    @property
    def are_elements(self) -> bool:
        """Whether each window is one element, and each element one window."""
        return self.places == self.dims and math.prod(self.kernel) == 1 and not any(self.padding)

    @property
    def overhang(self) -> bool:
        """Whether some windows reach beyond the array."""
        return any(self.padding) or any(
            (place - 1) * step + (size - 1) * gap >= dim
            for dim, size, step, gap, place in zip(
                self.dims, self.kernel, self.stride, self.dilation, self.places, strict=True
            )
        )

    @property
    def are_tiles(self) -> bool:
        """Whether each element is in exactly one window."""
        tiled = tuple(size * place for size, place in zip(self.kernel, self.places, strict=True))
        return self.stride == self.kernel and tiled == self.dims and not self.overhang

    @property
    def are_apart(self) -> bool:
        """Whether no element is in more than one window."""
        spans = zip(self.stride, self.kernel, self.dilation, strict=True)
        return all(step > (size - 1) * gap for step, size, gap in spans)

    def lines(self) -> Windows:
        """Return the windows of one row: at all places, and further down, as far as any reach."""
        rows = self.places[0] + (self.kernel[0] - 1) * self.dilation[0]
        kernel, places = (1, *self.kernel[1:]), (rows, *self.places[1:])
        return self._replace(kernel=kernel, places=places)

    def parts(self, count: int) -> list[tuple[int, Windows]]:
        """Split the places along the first axis into so many parts, if they are not too small.

        Returns:
            Of each, the first place, and windows over the same array.
        """
        overlap = (self.kernel[0] - 1) * self.dilation[0] // self.stride[0]
        step = max(1, 4 * overlap, -(-self.places[0] // count))
        found = []
        for first in range(0, self.places[0], step):
            places = min(step, self.places[0] - first), *self.places[1:]
            padding = self.padding[0] - first * self.stride[0], *self.padding[1:]
            found.append((first, self._replace(places=places, padding=padding)))
        return found

    def turned(self) -> Windows:
        """Return, for a stride of 1, the windows over the places around each element of the array.

        Its element at a position is the window that has the array's element at the opposite one.
        """
        spans = zip(self.kernel, self.dilation, self.padding, strict=True)
        padding = tuple((size - 1) * gap - margin for size, gap, margin in spans)
        return self._replace(dims=self.places, padding=padding, places=self.dims)

    def positions(self) -> Iterator[tuple[Any, Any, Any]]:
        """Go through the positions in a window, in order.

        Yields:
            The position, as ints; the windows that have an element there, as slices; and where in
            the array these elements are, as slices too.
        """
        return iter(_positions(self))

    def reached(self, axis: int, index: int) -> tuple[slice, slice]:
        """Return the windows whose element of this index lies inside the axis, and where."""
        step = self.stride[axis]
        offset = index * self.dilation[axis] - self.padding[axis]
        first = max(0, -(offset // step))
        end = min(self.places[axis], (self.dims[axis] - 1 - offset) // step + 1)
        if end <= first:
            return slice(0, 0), slice(0, 0)
        start = first * step + offset
        return slice(first, end), slice(start, start + (end - 1 - first) * step + 1, step)


@lru_cache(maxsize=256)
def _positions(windows: Windows) -> list[tuple[Any, Any, Any]]:
    along = [
        [windows.reached(axis, index) for index in range(size)]
        for axis, size in enumerate(windows.kernel)
    ]
    found = []
    for position in itertools.product(*map(range, windows.kernel)):
        pairs = [axis[index] for axis, index in zip(along, position, strict=True)]
        found.append((position, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)))
    return found


def windows_of(
    dims: Ints, kernel_size: Extent, stride: Extent, padding: Padding, dilation: Extent = 1
) -> Windows:
    """Return the windows over axes of these lengths, for parameters that fit."""
    rank = len(dims)
    kernel, steps, gaps = (each_axis(value, rank) for value in (kernel_size, stride, dilation))
    over = [gap * (size - 1) for size, gap in zip(kernel, gaps, strict=True)]
    if padding == "same":  # an odd element of padding goes to the end
        return Windows(dims, kernel, steps, tuple(span // 2 for span in over), gaps, dims)
    margins = each_axis(0 if isinstance(padding, str) else padding, rank)
    places = tuple(
        (dim + 2 * margin - span - 1) // step + 1
        for dim, margin, span, step in zip(dims, margins, over, steps, strict=True)
    )
    return Windows(dims, kernel, steps, margins, gaps, places)


def each_axis(value: Extent, rank: int) -> Ints:
    """Return one size for each of so many axes."""
    return value if isinstance(value, tuple) else (value,) * rank


def as_images(x: Array, rank: int) -> Array:
    """Return ``(*B, C, *dims)`` with exactly one batch axis."""
    return x.reshape(math.prod(x.shape[: -rank - 1]), *x.shape[-rank - 1 :])


def wide(x: Array) -> Array:
    """Return float16 numbers as float32, in which they add up."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def columns(x: Array, windows: Windows, out: Array | None = None) -> Array:
    """Lay out the windows of ``(N, C, *dims)`` as ``(N, C, *kernel, *places)``, 0 outside.

    Args:
        x: images.
        windows: over the images.
        out: what was laid out before over the same windows, to be written over.
    """
    shape = (*x.shape[:2], *windows.kernel, *windows.places)
    if windows.are_elements:
        return x.reshape(shape)
    if out is None:
        out = (np.zeros if windows.overhang else np.empty)(shape, x.dtype)
    for position, inside, elements in windows.positions():
        out[:, :, *position, *inside] = x[:, :, *elements]
    return out


def add_columns(cols: Array, windows: Windows) -> Array:
    """Add what `columns` laid out, ``(N, C, *kernel, *places)``, up to ``(N, C, *dims)``."""
    shape = (*cols.shape[:2], *windows.dims)
    if windows.are_elements:
        return cols.reshape(shape)
    result = np.zeros(shape, cols.dtype)
    for position, inside, elements in windows.positions():
        result[:, :, *elements] += cols[:, :, *position, *inside]
    return result
