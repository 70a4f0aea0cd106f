"""Ops that split one operand into several results, each of which owns a tape of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tensorlib.ops.arguments import plain_int, plain_ints
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.variadic import Variadic
from tensorlib.shapes import indexing as indexing_rules
from tensorlib.shapes import manipulation as manipulation_rules
from tensorlib.shapes import splitting as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _split_forward(
    x: Array, indices_or_sections: int | tuple[int, ...], axis: int
) -> tuple[Array, ...]:
    return tuple(np.split(x, indices_or_sections, axis))


def _joined(g: tuple[Array, ...], axis: int) -> Array:
    return np.concatenate(g, axis)


_split = Primitive(rules.split, _split_forward, _joined, view=True, many=True)


def split(
    x: Tensor[Any, T, D], indices_or_sections: int | Sequence[int], axis: int = 0
) -> tuple[Tensor[Dims, T, D], ...]:
    """Split along an axis into equal parts, or at the places given, as NumPy's ``split``.

    Each part owns a tape with the whole history, if x owns one; add up what becomes of the parts
    and call `backward` once.

    Shape: in 2 parts along axis 0, ``(M, N) -> (M//2, N), (M//2, N)``

    Args:
        x: what to split.
        indices_or_sections: how many parts, or where each part but the first begins.
        axis: the axis to split.

    Raises:
        ShapeError: the parts are not equal.
        IndexOutOfRangeError: x lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> a, b = tl.tensor([0, 1, 2, 3, 4, 5]).split(2)
        >>> b.tolist()
        [3, 4, 5]

    VJP: the parts' ``g`` joined
    """
    where = (
        plain_int(indices_or_sections, "split")
        if not isinstance(indices_or_sections, Sequence)
        else plain_ints(indices_or_sections, "split")
    )
    return _split(x, where, plain_int(axis, "split"))


def _chunk_forward(x: Array, chunks: int, axis: int) -> tuple[Array, ...]:
    length = x.shape[axis]
    part = -(-length // chunks)
    return tuple(np.split(x, range(part, length, part) if part else chunks, axis))


_chunk = Primitive(rules.chunk, _chunk_forward, _joined, view=True, many=True)


def chunk(x: Tensor[Any, T, D], chunks: int, axis: int = 0) -> tuple[Tensor[Dims, T, D], ...]:
    """Split along an axis into at most so many parts, of which the last may be shorter.

    As PyTorch's ``chunk``: 5 in 4 chunks gives parts of 2, 2 and 1.

    Raises:
        ShapeError: the number is not positive.
        IndexOutOfRangeError: x lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> [part.tolist() for part in tl.arange(5).chunk(4)]
        [[0, 1], [2, 3], [4]]

    VJP: the parts' ``g`` joined
    """
    return _chunk(x, plain_int(chunks, "chunk"), plain_int(axis, "chunk"))


def _unstack_forward(x: Array, axis: int) -> tuple[Array, ...]:
    return tuple(np.moveaxis(x, axis, 0))


def _stacked(g: tuple[Array, ...], axis: int) -> Array:
    return np.stack(g, axis)


_unstack = Primitive(rules.unstack, _unstack_forward, _stacked, view=True, many=True)


def unstack(x: Tensor[Any, T, D], axis: int = 0) -> tuple[Tensor[Dims, T, D], ...]:
    """Return the parts of x along an axis, which they no longer have.

    Shape: along axis 1, ``(M, 3) -> (M,), (M,), (M,)``

    Raises:
        IndexOutOfRangeError: x lacks the axis.

    Example:
        >>> import tensorlib as tl
        >>> first, second = tl.tensor([[1, 2], [3, 4]]).unstack(1)
        >>> first.tolist(), second.tolist()
        ([1, 3], [2, 4])

    VJP: the parts' ``g`` stacked
    """
    return _unstack(x, plain_int(axis, "unstack"))


def _rows_forward(x: Array) -> tuple[Array, ...]:
    return tuple(x)


rows = Primitive(
    indexing_rules.iterated, _rows_forward, lambda g: np.stack(g), operands=1, view=True, many=True
)
"""Gives the members of ``for row in x``."""


def _broadcast_arrays_forward(x1: Array, x2: Array) -> tuple[Array, ...]:
    return tuple(np.broadcast_arrays(x1, x2))


_broadcast_arrays = Primitive(
    manipulation_rules.broadcast_arrays,
    _broadcast_arrays_forward,
    (lambda g: g[0], lambda g: g[1]),
    view=True,
    many=True,
)


def broadcast_arrays(
    x1: Tensor[Any, T, D], x2: Tensor[Any, T, D]
) -> tuple[Tensor[Dims, T, D], Tensor[Dims, T, D]]:
    """Stretch both tensors to their common shape, the explicit form of two-sided broadcasting.

    Each result owns a tape with the history of both operands, if one of them owns a tape.

    Shape: ``(M, 1), (N,) -> (M, N), (M, N)``

    Raises:
        ShapeError: dimensions differ and neither is 1.

    Example:
        >>> import tensorlib as tl
        >>> rows, columns = tl.broadcast_arrays(tl.tensor([[0], [1]]), tl.tensor([5, 6]))
        >>> rows.tolist(), columns.tolist()
        ([[0, 0], [1, 1]], [[5, 6], [5, 6]])

    VJP: sum over the stretched axes
    """
    return _broadcast_arrays(x1, x2)


def _meshgrid_forward(arrays: Sequence[Array], indexing: Literal["ij", "xy"]) -> tuple[Array, ...]:
    return tuple(np.meshgrid(*arrays, indexing=indexing))


def _meshgrid_vjp(g: tuple[Array, ...], operand: int, indexing: str) -> Array:
    axis = 1 - operand if indexing == "xy" and operand < 2 and len(g) > 1 else operand
    others = tuple(place for place in range(len(g)) if place != axis)
    return np.asarray(np.add.reduce(g[operand], axis=others))


_meshgrid = Variadic(rules.meshgrid, _meshgrid_forward, _meshgrid_vjp, many=True)


def meshgrid(
    *xs: Tensor[Any, T, D], indexing: Literal["ij", "xy"] = "ij"
) -> tuple[Tensor[Dims, T, D], ...]:
    """Stretch vectors to a common grid, in which each varies along an axis of its own.

    Shape: ``(M,), (N,) -> (M, N), (M, N)``

    Args:
        xs: one vector for each axis of the grid.
        indexing: ``"ij"``, the default here and PyTorch's, gives the axes in the order of the
            vectors; ``"xy"``, the default of NumPy, exchanges the first two.

    Raises:
        ShapeError: there is no tensor, or one is no vector.
        ValueError: the indexing is neither.

    Example:
        >>> import tensorlib as tl
        >>> rows, columns = tl.meshgrid(tl.arange(2), tl.arange(3))
        >>> rows.tolist()
        [[0, 0, 0], [1, 1, 1]]

    VJP: for each vector, the sum of its ``g`` over the other axes
    """
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing must be 'ij' or 'xy', got {indexing!r}")
    return _meshgrid(xs, indexing)
