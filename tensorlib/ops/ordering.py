"""Ops that compare the elements along an axis: where the largest is, and what order they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import ordering as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import Dims

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _argmax_forward(x: Array, axis: int | None, keepdims: bool) -> Array:
    return np.asarray(np.argmax(x, axis=axis, keepdims=keepdims)).astype(np.int64, copy=False)


def _argmin_forward(x: Array, axis: int | None, keepdims: bool) -> Array:
    return np.asarray(np.argmin(x, axis=axis, keepdims=keepdims)).astype(np.int64, copy=False)


_argmax = Primitive(rules.argmax, _argmax_forward, None, operands=1)
_argmin = Primitive(rules.argmin, _argmin_forward, None, operands=1)


def argmax(
    x: Tensor[Any, Any, Any], axis: int | None = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Return the index of the first largest element along an axis; of all, flattened, for None.

    Records nothing: the operand keeps its tape.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.
    """
    return _argmax(x, axis if axis is None else plain_int(axis, "argmax"), keepdims)


def argmin(
    x: Tensor[Any, Any, Any], axis: int | None = None, keepdims: bool = False
) -> Tensor[Dims, NoTape, np.int64]:
    """Return the index of the first smallest element along an axis; of all, flattened, for None.

    Records nothing: the operand keeps its tape.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there are no elements to choose from.
    """
    return _argmin(x, axis if axis is None else plain_int(axis, "argmin"), keepdims)
