"""How the operands of a product lie in memory, in the terms of BLAS.

BLAS multiplies matrices whose rows, or whose columns, each lie in one piece; the leading dimension
is how many elements further the next of them begins. Which operands are such matrices follows from
shapes and strides alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np

from tensorlib.tape import Array

Ints: TypeAlias = tuple[int, ...]


class Lie(NamedTuple):
    """How one matrix lies in memory.

    Attributes:
        transposed: whether its columns are in one piece each, not its rows.
        leading: the leading dimension, in elements.
    """

    transposed: bool
    leading: int


class Geometry(NamedTuple):
    """One product, or a batch of them: ``(rows, inner) @ (inner, columns)``.

    Attributes:
        shape: the shape of the result.
        rows: of the first matrix.
        columns: of the second.
        inner: the length that is summed over.
        lies: how the first matrix lies in memory, the second, and the result.
        batch: how many products there are along each axis of the batch; () of a single one.
        steps: how many bytes further the next matrix begins along each of them, ``(3, axes)``: of
            the first matrices, the second, and the results.
    """

    shape: Ints
    rows: int
    columns: int
    inner: int
    lies: tuple[Lie, Lie, Lie]
    batch: Ints
    steps: Array

    def starts(self, places: Ints) -> Array:
        """Return where the matrices of a batch begin, ``(3, products)``.

        Args:
            places: where the first ones do.
        """
        starts = np.array(places)[:, None]
        for size, step in zip(self.batch, self.steps.T, strict=True):
            starts = (starts[:, :, None] + step[:, None, None] * np.arange(size)).reshape(3, -1)
        return starts


def geometry(
    shape1: Ints,
    strides1: Ints,
    shape2: Ints,
    strides2: Ints,
    out_strides: Ints | None,
    itemsize: int,
) -> Geometry | None:
    """Describe ``x1 @ x2`` as `numpy.matmul` understands it; None where it is not for BLAS.

    That is where nothing is computed, where the products are those of two vectors, where an
    operand lies in memory otherwise than BLAS can read, or where the shapes do not fit.

    Args:
        shape1: the shape of the first operand.
        strides1: its strides, in bytes.
        shape2: the shape of the second.
        strides2: its strides.
        out_strides: those of the result, whose shape is right; None of a new one.
        itemsize: how many bytes an element has, in all three.
    """
    if not shape1 or not shape2:
        return None
    is_row, is_column = len(shape1) == 1, len(shape2) == 1
    if is_row:
        shape1, strides1 = (1, *shape1), (0, *strides1)
    if is_column:
        shape2, strides2 = (*shape2, 1), (*strides2, 0)
    *batch1, rows, inner = shape1
    *batch2, inner2, columns = shape2
    batch = _broadcast(tuple(batch1), tuple(batch2))
    if batch is None or inner != inner2 or 0 in (*batch, rows, inner, columns):
        return None
    if rows == columns == 1:
        return None
    full = (*batch, rows, columns)
    shape = (*batch, *([] if is_row else [rows]), *([] if is_column else [columns]))
    strides3 = _contiguous(full, itemsize)
    if out_strides is not None:
        if len(out_strides) < len(full):
            return None
        strides3 = out_strides
    operands = ((shape1, strides1), (shape2, strides2), (full, strides3))
    first, second, third = (_lie(shape[-2:], strides[-2:], itemsize) for shape, strides in operands)
    if first is None or second is None or third is None or third.transposed:
        return None
    if math.prod(batch) == 1:
        batch = ()
    steps = np.array([_steps(shape, strides, len(batch)) for shape, strides in operands])
    if (steps % itemsize).any():
        return None
    return Geometry(shape, rows, columns, inner, (first, second, third), batch, steps)


def _lie(shape: Ints, strides: Ints, itemsize: int) -> Lie | None:
    """Tell how a matrix lies; where an axis has length 1, its stride means nothing."""
    (rows, columns), (down, right) = shape, strides
    if columns == 1 or right == itemsize:
        leading = _leading(down, columns, itemsize)
        if leading is not None:
            return Lie(False, leading)
    if rows == 1 or down == itemsize:
        leading = _leading(right, rows, itemsize)
        if leading is not None:
            return Lie(True, leading)
    return None


def _leading(stride: int, least: int, itemsize: int) -> int | None:
    leading, rest = divmod(stride, itemsize)
    return None if rest or leading < least else leading


def _broadcast(shape1: Ints, shape2: Ints) -> Ints | None:
    try:
        return np.broadcast_shapes(shape1, shape2)
    except ValueError:
        return None


def _contiguous(shape: Ints, itemsize: int) -> Ints:
    return tuple(itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _steps(shape: Ints, strides: Ints, rank: int) -> Ints:
    """Return the strides along the last axes of the batch, so many; 0 where it is stretched."""
    own = [0 if size == 1 else step for size, step in zip(shape[:-2], strides[:-2], strict=True)]
    return tuple([0] * (rank - len(own)) + own)[:rank]
