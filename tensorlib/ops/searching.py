"""Ops that look for elements: where they are not 0, and which there are. They record nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import searching as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import D

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _argwhere_forward(x: Array) -> Array:
    return np.argwhere(x).astype(np.int64, copy=False)


def _nonzero_forward(x: Array) -> tuple[Array, ...]:
    return tuple(places.astype(np.int64, copy=False) for places in np.nonzero(x))


_argwhere = Primitive(rules.argwhere, _argwhere_forward, None, operands=1)
_nonzero = Primitive(rules.nonzero, _nonzero_forward, None, operands=1, many=True)
_unique = Primitive(rules.unique, lambda x: np.unique(x), None, operands=1)


def argwhere(x: Tensor[Any, Any, Any]) -> Tensor[tuple[int, int], NoTape, np.int64]:
    """Return the indices of the elements that are True or not 0, one row for each.

    Records nothing. PyTorch's ``nonzero`` gives the same.

    Shape: ``(M, N) -> (Z, 2)``, where Z is known at run time only

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[0, 7], [8, 0]]).argwhere().tolist()
        [[0, 1], [1, 0]]
    """
    return _argwhere(x)


def nonzero(x: Tensor[Any, Any, Any]) -> tuple[Tensor[tuple[int], NoTape, np.int64], ...]:
    """Return the indices of the elements that are True or not 0, as one tensor for each axis.

    As NumPy's ``nonzero``, so that ``x[nonzero(x)]`` are these elements. Records nothing.

    Shape: ``(M, N) -> (Z,), (Z,)``, where Z is known at run time only

    Raises:
        ShapeError: x is a scalar.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[0, 7], [8, 0]])
        >>> rows, columns = x.nonzero()
        >>> rows.tolist(), columns.tolist()
        ([0, 1], [1, 0])
        >>> x[rows, columns].tolist()
        [7, 8]
    """
    return _nonzero(x)


def unique(x: Tensor[Any, Any, D]) -> Tensor[tuple[int], NoTape, D]:
    """Return the different elements, each once, in ascending order. Records nothing.

    Shape: ``(*S) -> (Z,)``, where Z is known at run time only

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([[3, 1], [1, 2]]).unique().tolist()
        [1, 2, 3]
    """
    return _unique(x)
