"""Shape rules of `tensorlib.linalg`: what is computed of a matrix, and linear equations."""

from __future__ import annotations

from typing import TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least, require_equal
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.reduction import reduced
from tensorlib.shapes.registry import Rule, register, rule
from tensorlib.shapes.shape import (
    Axis,
    Pack,
    Shape,
    axes_indices,
    format_shape,
    known_rank,
    trailing,
)

Ord: TypeAlias = "float | str | None"


def matrices(x: Shape) -> tuple[Shape, Dim, Dim]:
    """Split off the rows and columns of a matrix, or of each matrix of a batch.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    split = trailing(x, 2)
    if split is None:
        raise ShapeError(f"expected a matrix (*B, M, N), got shape {format_shape(x)}")
    batch, (rows, columns) = split
    return batch, rows, columns


def square(x: Shape) -> tuple[Shape, Dim]:
    """Split off the side of a square matrix.

    Raises:
        ShapeError: the shape has fewer than two dimensions, or the last two differ.
    """
    batch, rows, columns = matrices(x)
    problem = f"expected a square matrix, got shape {format_shape(x)}: {rows} is not {columns}"
    return batch, require_equal(rows, columns, problem)


def smaller(a: Dim, b: Dim) -> Dim:
    """Return the smaller of two dimensions, unknown where either may be it."""
    if at_least(a, b) is Truth.ALWAYS:
        return b
    return a if at_least(b, a) is Truth.ALWAYS else UNKNOWN


# Properties of matrices ---------------------------------------------------------------------------


@rule("linalg.trace", dtype=dtypes.summed)
def trace(x: Shape) -> Shape:
    """Return what is left without the matrix, ``(*B, M, N) -> (*B,)``.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    return matrices(x)[0]


@rule("linalg.diagonal")
def diagonal(x: Shape) -> Shape:
    """Return the shape of the diagonals, ``(*B, M, N) -> (*B, min(M, N))``.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    batch, rows, columns = matrices(x)
    return (*batch, smaller(rows, columns))


@rule("linalg.diag")
def diag(x: Shape) -> Shape:
    """Return the shape of a diagonal matrix, ``(N,) -> (N, N)``.

    Raises:
        ShapeError: the operand is no vector.
    """
    dims = known_rank(x)
    if len(dims) != 1:
        raise ShapeError(
            f"expected a vector, got shape {format_shape(x)}: "
            "linalg.diagonal reads the diagonal of a matrix"
        )
    return (dims[0], dims[0])


def determined(x: Shape) -> Shape:
    """Return the shape of one number for each square matrix, ``(*B, N, N) -> (*B,)``.

    Raises:
        ShapeError: the matrix is not square.
    """
    return square(x)[0]


def same_sides(x: Shape) -> Shape:
    """Return the shape of a square matrix as it is.

    Raises:
        ShapeError: the matrix is not square.
    """
    batch, side = square(x)
    return (*batch, side, side)


det = register(Rule("linalg.det", determined, dtype=dtypes.floating))
inv = register(Rule("linalg.inv", same_sides, dtype=dtypes.floating))


@rule("linalg.slogdet", dtype=dtypes.floating)
def slogdet(x: Shape) -> tuple[Shape, Shape]:
    """Return the shapes of sign and logarithm, one of each for each square matrix.

    Raises:
        ShapeError: the matrix is not square.
    """
    batch, _ = square(x)
    return batch, batch


@rule("linalg.norm", dtype=dtypes.floating)
def norm(x: Shape, ord: Ord = None, axis: Axis = None, keepdims: bool = False) -> Shape:
    """Drop the axes of the vectors or matrices whose norms are taken, or keep them with length 1.

    Raises:
        IndexOutOfRangeError: the shape lacks an axis.
        ShapeError: an order is named, and there is neither one axis nor two, or it is not one of
            vectors or of matrices.
    """
    if ord is not None:
        count = len(known_rank(x)) if axis is None else len(axes_indices(x, axis))
        if count not in (1, 2):
            raise ShapeError(
                f"an order is for vectors or matrices, got {count} axes of shape "
                f"{format_shape(x)}: name one axis or two, or no order"
            )
        _require_order(ord, count)
    return reduced(x, axis, keepdims)


def _require_order(ord: Ord, count: int) -> None:
    if count == 1 and isinstance(ord, str):
        raise ShapeError(f"expected a number as the order of a vector norm, got {ord!r}")
    if count == 2 and isinstance(ord, int | float | str) and ord not in _MATRIX_ORDERS:
        raise ShapeError(f'expected "fro", 1, 2 or inf as the order of a matrix norm, got {ord!r}')


_MATRIX_ORDERS = ("fro", 1, 2, float("inf"))

# Equations ----------------------------------------------------------------------------------------


@rule("linalg.solve", dtype=dtypes.floating)
def solve(a: Shape, b: Shape) -> Shape:
    """Return the shape of ``x`` in ``a @ x = b``: that of ``b``, but for the batch.

    As in NumPy, a one-dimensional ``b`` is one vector, any other is made of matrices.

    Raises:
        ShapeError: ``a`` is not square, ``b`` is a scalar or has another number of rows, or the
            batches do not fit.
    """
    batch1, side = square(a)
    if b == ():
        raise ShapeError("expected a vector or a matrix on the right, got a scalar")
    is_vector = len(b) == 1 and not isinstance(b[0], Pack)
    split = trailing(b, 1 if is_vector else 2)
    assert split is not None, "scalars are refused before, and vectors treated apart"
    batch2, (rows, *columns) = split
    require_equal(
        side,
        rows,
        f"both sides must have equally many rows, got {format_shape(a)} and {format_shape(b)}: "
        f"{side} is not {rows}",
    )
    return (*broadcast(batch1, batch2), rows, *columns)
