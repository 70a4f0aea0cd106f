"""Shape rules of matrix products."""

from __future__ import annotations

from collections.abc import Iterable

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, UnknownDim, require_equal
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_last
from tensorlib.shapes.mending import Mend, transposed
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, known_rank, pack_index, trailing


def _with_transposed(x1: Shape, x2: Shape) -> Iterable[Mend]:
    """Name products in which one operand is transposed."""
    for text, shape in transposed("x2", x2):
        yield Mend(f"x1 @ {text}", {"x2": shape})
    for text, shape in transposed("x1", x1):
        yield Mend(f"{text} @ x2", {"x1": shape})
    if len(x2) > 2 and pack_index(x2) is None:  # all axes were reversed, where two were meant
        for text, shape in transposed("x2.T", x2[::-1]):
            yield Mend(f"x1 @ {text}", {"x2": shape})


@rule(dtype=dtypes.promoted, operators=("__matmul__", "__rmatmul__"), mends=_with_transposed)
def matmul(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of a matrix product, ``(*B, M, K), (*B, K, N) -> (*B, M, N)``.

    A one-dimensional operand is a row (left) or a column (right) whose axis the result lacks.
    Batch dimensions broadcast one-sidedly.

    Raises:
        ShapeError: an operand is a scalar, the inner dimensions differ, or the batch ones do.
    """
    if x1 == () or x2 == ():
        raise ShapeError(
            f"operands must have at least one dimension, got {format_shape(x1)} and "
            f"{format_shape(x2)}: multiply by a scalar with *"
        )
    batch1, rows, inner1 = _left(x1, x2)
    batch2, inner2, columns = _right(x2)
    _require_inner(inner1, inner2, x1, x2)
    return (*broadcast(batch1, batch2), *rows, *columns)


def _left(x1: Shape, x2: Shape) -> tuple[Shape, Shape, Dim]:
    """Split the left operand into batch, rows and the inner dimension.

    Beside a single matrix or vector all that stands before the inner dimension stays as it is, so
    that it need not be known where the batch ends: it all counts as rows.
    """
    alone = pack_index(x2) is None and len(x2) <= 2
    split = trailing(x1, 1 if alone or _is_vector(x1) else 2)
    assert split is not None, "scalars are refused before, and vectors treated apart"
    before, (*rows, inner) = split
    return ((), before, inner) if alone else (before, tuple(rows), inner)


def _right(x2: Shape) -> tuple[Shape, Dim, Shape]:
    """Split the right operand into batch, the inner dimension and columns."""
    split = trailing(x2, 1 if _is_vector(x2) else 2)
    assert split is not None, "scalars are refused before, and vectors treated apart"
    batch, (inner, *columns) = split
    return batch, inner, tuple(columns)


def _is_vector(shape: Shape) -> bool:
    return len(shape) == 1 and not isinstance(shape[0], Pack)


def _batched(x: Shape, count: int, what: str) -> tuple[Shape, tuple[Dim, ...]]:
    """Split off the last dimensions of a matrix or vector, which there must be.

    Raises:
        ShapeError: the shape has fewer dimensions.
    """
    split = trailing(x, count)
    if split is None:
        raise ShapeError(f"expected {what}, got shape {format_shape(x)}")
    return split


def _require_inner(inner1: Dim, inner2: Dim, x1: Shape, x2: Shape) -> None:
    if inner1 == inner2:  # as nearly always: the text takes its time
        return
    require_equal(
        inner1,
        inner2,
        f"inner dimensions must be equal, got {format_shape(x1)} and {format_shape(x2)}: "
        f"{inner1} is not {inner2}",
    )


@rule(dtype=dtypes.promoted)
def matvec(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of matrices times vectors, ``(*B, M, K), (*B, K) -> (*B, M)``.

    Raises:
        ShapeError: an operand has too few dimensions, the inner dimensions differ, or the batch
            ones do.
    """
    if pack_index(x1) is not None:  # which may hide the rows, but not the inner dimension
        _, (last,) = _batched(x1, 1, "matrices (*B, M, K) on the left")
        _, (inner2,) = _batched(x2, 1, "vectors (*B, K) on the right")
        _require_inner(last, inner2, x1, x2)
    batch1, (rows, inner1) = _batched(x1, 2, "matrices (*B, M, K) on the left")
    batch2, (inner2,) = _batched(x2, 1, "vectors (*B, K) on the right")
    _require_inner(inner1, inner2, x1, x2)
    return (*broadcast(batch1, batch2), rows)


@rule(dtype=dtypes.promoted)
def vecmat(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of vectors times matrices, ``(*B, K), (*B, K, N) -> (*B, N)``.

    Raises:
        ShapeError: as for `matvec`.
    """
    batch1, (inner1,) = _batched(x1, 1, "vectors (*B, K) on the left")
    batch2, (inner2, columns) = _batched(x2, 2, "matrices (*B, K, N) on the right")
    _require_inner(inner1, inner2, x1, x2)
    return (*broadcast(batch1, batch2), columns)


@rule(dtype=dtypes.promoted)
def vecdot(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of dot products along the last axis, ``(*B, K), (*B, K) -> (*B,)``.

    Raises:
        ShapeError: as for `matvec`.
    """
    batch1, (inner1,) = _batched(x1, 1, "vectors (*B, K)")
    batch2, (inner2,) = _batched(x2, 1, "vectors (*B, K)")
    _require_inner(inner1, inner2, x1, x2)
    return broadcast(batch1, batch2)


@rule(dtype=dtypes.promoted)
def dot(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of the product of two vectors, a scalar.

    Raises:
        ShapeError: an operand is no vector, or the lengths differ.
    """
    length1, length2 = _vectors(x1, x2, "use @ for matrices, vecdot for batches of vectors")
    _require_inner(length1, length2, x1, x2)
    return ()


@rule(dtype=dtypes.promoted)
def outer(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of all products of the elements of two vectors, ``(M,), (N,) -> (M, N)``.

    Raises:
        ShapeError: an operand is no vector.
    """
    return _vectors(
        x1, x2, 'flatten them, or use tl.einsum("...i,...j->...ij", x1, x2) for batches'
    )


def _vectors(x1: Shape, x2: Shape, fix: str) -> tuple[Dim, Dim]:
    lengths1, lengths2 = known_rank(x1), known_rank(x2)
    if len(lengths1) != 1 or len(lengths2) != 1:
        raise ShapeError(
            f"expected two vectors, got {format_shape(x1)} and {format_shape(x2)}: {fix}"
        )
    return lengths1[0], lengths2[0]


def _with_weight_transposed(x: Shape, weight: Shape, bias: Shape | None) -> Iterable[Mend]:
    for text, shape in transposed("weight", weight):
        yield Mend(text, {"weight": shape})


@rule(dtype=dtypes.floats_only, mends=_with_weight_transposed)
def linear(x: Shape, weight: Shape, bias: Shape | None = None) -> Shape:
    """Return the shape of ``x @ weight.T + bias``: ``(*B, I), (O, I), (O,) -> (*B, O)``.

    Raises:
        ShapeError: the operand's last dimension is not the weight's, or weight or bias do not fit.
    """
    if len(known_rank(weight)) != 2:
        raise ShapeError(f"expected a weight of shape (O, I), got {format_shape(weight)}")
    out_features, in_features = known_rank(weight)
    batch, (features,) = trailing(x, 1) or ((), (0,))
    if x == () or not isinstance(features, UnknownDim):
        require_last(in_features, x)
    if bias is not None:
        problem = f"expected a bias of shape ({out_features},), got {format_shape(bias)}"
        if len(known_rank(bias)) != 1:
            raise ShapeError(problem)
        require_equal(out_features, known_rank(bias)[0], problem)
    return (*batch, out_features)
