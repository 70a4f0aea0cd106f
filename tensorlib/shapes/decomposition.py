"""Shape rules of `tensorlib.linalg`: decompositions of matrices."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.matrix import matrices, same_sides, smaller, square
from tensorlib.shapes.registry import Rule, register, rule
from tensorlib.shapes.shape import Shape

cholesky = register(Rule("linalg.cholesky", same_sides, dtype=dtypes.floating))


@rule("linalg.eigh", dtype=dtypes.floating)
def eigh(x: Shape) -> tuple[Shape, Shape]:
    """Return the shapes of eigenvalues and eigenvectors, ``(*B, N)`` and ``(*B, N, N)``.

    Raises:
        ShapeError: the matrix is not square.
    """
    batch, side = square(x)
    return (*batch, side), (*batch, side, side)


@rule("linalg.qr", dtype=dtypes.floating)
def qr(x: Shape) -> tuple[Shape, Shape]:
    """Return the shapes of ``Q`` and ``R``: ``(*B, M, K)`` and ``(*B, K, N)``, K the smaller side.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    batch, rows, columns = matrices(x)
    side = smaller(rows, columns)
    return (*batch, rows, side), (*batch, side, columns)


@rule("linalg.svdvals", dtype=dtypes.floating)
def svdvals(x: Shape) -> Shape:
    """Return the shape of the singular values, ``(*B, M, N) -> (*B, K)``, K the smaller side.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    batch, rows, columns = matrices(x)
    return (*batch, smaller(rows, columns))


@rule("linalg.svd", dtype=dtypes.floating)
def svd(x: Shape, full_matrices: bool = True) -> tuple[Shape, Shape, Shape]:
    """Return the shapes of ``U``, ``S`` and ``Vh``.

    They are ``(*B, M, M), (*B, K), (*B, N, N)`` with K the smaller side; of matrices that are not
    full ``(*B, M, K), (*B, K), (*B, K, N)``.

    Raises:
        ShapeError: the shape has fewer than two dimensions.
    """
    batch, rows, columns = matrices(x)
    side = smaller(rows, columns)
    left, right = (rows, columns) if full_matrices else (side, side)
    return (*batch, rows, left), (*batch, side), (*batch, right, columns)
