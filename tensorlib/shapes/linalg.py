"""Shape rules of matrix products."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, UnknownDim, require_equal
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_last
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, known_rank, trailing


@rule(dtype=dtypes.promoted, operators=("__matmul__", "__rmatmul__"))
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
    left, right = _is_vector(x1), _is_vector(x2)
    batch1, rows, inner1 = _matrix(x1, (1, x1[-1]) if left else None)
    batch2, inner2, columns = _matrix(x2, (x2[-1], 1) if right else None)
    require_equal(
        inner1,
        inner2,
        f"inner dimensions must be equal, got {format_shape(x1)} and {format_shape(x2)}: "
        f"{inner1} is not {inner2}",
    )
    batch = broadcast(batch1, batch2)
    return (*batch, *(() if left else (rows,)), *(() if right else (columns,)))


def _is_vector(shape: Shape) -> bool:
    return len(shape) == 1 and not isinstance(shape[0], Pack)


def _matrix(shape: Shape, vector: Shape | None) -> tuple[Shape, Dim, Dim]:
    split = trailing(vector or shape, 2)
    assert split is not None, "vectors are given as matrices, scalars are refused before"
    batch, (rows, columns) = split
    return batch, rows, columns


@rule(dtype=dtypes.floats_only)
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
