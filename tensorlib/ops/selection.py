"""Ops that pick elements, or add to picked ones, by index tensors and masks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tensorlib.ops.arguments import plain_int, plain_scalar
from tensorlib.ops.primitive import Primitive, dtype_name
from tensorlib.ops.scatter import add_at, require_in_range, scattered, wide
from tensorlib.shapes import selection as rules
from tensorlib.shapes.dtypes import promote, require_supported
from tensorlib.shapes.errors import DtypeError
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import D2, T2, D, Dims, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _require_along(indices: Any, x_shape: tuple[int, ...], axis: int, op: str) -> None:
    size = x_shape[axis]
    require_in_range(indices, -size, size, op, f"axis {axis} of shape {x_shape}")


# Along an axis ------------------------------------------------------------------------------------


def _take_forward(x: Array, indices: Any, axis: int | None) -> Array:
    if axis is None:
        x, axis = x.reshape(-1), 0
    _require_along(indices, x.shape, axis, "take")
    return np.take(x, indices, axis)


def _take_vjp(g: Array, x_shape: tuple[int, ...], indices: Any, axis: int | None) -> Array:
    shape = (math.prod(x_shape),) if axis is None else x_shape
    places = np.asarray(indices).reshape(1, -1, 1)
    return scattered(g, places, shape, (axis or 0) % len(shape)).reshape(x_shape)


_take = Primitive(rules.take, _take_forward, (_take_vjp, None))


def take(
    x: Tensor[Any, T, D], indices: Tensor[Any, Any, np.integer[Any]] | int, axis: int | None = None
) -> Tensor[Dims, T, D]:
    """Pick slices along an axis by their indices, whose shape takes the place of the axis.

    As NumPy's ``take``: negative indices count from the end, and without an axis x is flattened
    first.

    Shape: ``(M, N), (Z,) -> (Z, N)`` along axis 0

    Args:
        x: what to pick from.
        indices: ints of any shape, from -size to size - 1 of the axis.
        axis: the axis to pick along.

    Raises:
        IndexOutOfRangeError: x lacks the axis, or an index is not in the range.
        DtypeError: the indices are not ints.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, 2, 3], [4, 5, 6]])
        >>> x.take(tl.tensor([2, 0]), 1).tolist()
        [[3, 1], [6, 4]]
        >>> x.take(-1, 0).tolist()
        [4, 5, 6]

    VJP: ``g`` added up at the places it was picked from
    """
    return _take(x, indices, axis if axis is None else plain_int(axis, "take"))


def _by_batch(indices: Any, x_shape: tuple[int, ...], axis: int) -> Array:
    """Return the indices as (P, K), P being the size of the axes before the one named."""
    before = math.prod(x_shape[: axis % len(x_shape)])
    array = np.asarray(indices)
    return array.reshape(before, array.size // max(before, 1))


def _select_forward(x: Array, indices: Any, axis: int) -> Array:
    _require_along(indices, x.shape, axis, "select")
    places = _by_batch(indices, x.shape, axis)
    after = x.shape[axis % x.ndim + 1 :]
    rows = x.reshape(len(places), x.shape[axis], math.prod(after))
    picked = rows[np.arange(len(places))[:, None], places]
    return picked.reshape((*np.shape(indices), *after))


def _select_vjp(g: Array, x_shape: tuple[int, ...], indices: Any, axis: int) -> Array:
    places = _by_batch(indices, x_shape, axis)[..., None]
    return scattered(g, places, x_shape, axis % len(x_shape))


_select = Primitive(rules.select, _select_forward, (_select_vjp, None))


def select(
    x: Tensor[Any, T, D], indices: Tensor[Any, Any, np.integer[Any]] | int, axis: int = -1
) -> Tensor[Dims, T, D]:
    """Pick along an axis, by indices of their own for each place on the axes before it.

    Shape: ``(M, N), (M,) -> (M,)`` and ``(M, N), (M, Z) -> (M, Z)`` along the last axis,
    ``(M, N), (Z,) -> (Z, N)`` along the first

    Args:
        x: what to pick from.
        indices: ints from -size to size - 1 of the axis; their shape begins with the axes of x
            before the axis, and what follows takes the place of the axis.
        axis: the axis to pick along.

    Raises:
        ShapeError: the indices do not begin with the axes of x before the axis.
        IndexOutOfRangeError: x lacks the axis, or an index is not in the range.
        DtypeError: the indices are not ints.

    Example:
        >>> import tensorlib as tl
        >>> scores = tl.tensor([[0.1, 0.9], [0.8, 0.2]])
        >>> tl.select(scores, tl.tensor([1, 0])).tolist() == scores.max(1).tolist()
        True

    VJP: ``g`` added up at the places it was picked from
    """
    return _select(x, indices, plain_int(axis, "select"))


def _take_along_axis_forward(x: Array, indices: Array, axis: int) -> Array:
    _require_along(indices, x.shape, axis, "take_along_axis")
    return np.take_along_axis(x, indices, axis)


def _along_axis(indices: Array, shape: tuple[int, ...], axis: int) -> Array:
    """Return indices stretched to a shape, seen as (P, K, A) around the axis."""
    axis %= len(shape)
    whole = np.broadcast_to(indices, shape)
    return whole.reshape(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))


def _take_along_axis_vjp(g: Array, x_shape: tuple[int, ...], indices: Array, axis: int) -> Array:
    axis %= len(x_shape)
    shape = (*g.shape[:axis], x_shape[axis], *g.shape[axis + 1 :])
    return scattered(g, _along_axis(indices, g.shape, axis), shape, axis)


_take_along_axis = Primitive(
    rules.take_along_axis, _take_along_axis_forward, (_take_along_axis_vjp, None)
)


def take_along_axis(
    x: Tensor[Any, T, D], indices: Tensor[Any, Any, np.integer[Any]], axis: int = -1
) -> Tensor[Dims, T, D]:
    """Pick one element for each index, from the row of x along the axis in which the index stands.

    As NumPy's ``take_along_axis``; PyTorch calls it ``gather``. ``argsort`` and ``argmax`` with
    ``keepdims`` give such indices. Beside the axis, one shape may stretch to the other.

    Shape: ``(M, N), (M, K) -> (M, K)`` along the last axis

    Args:
        x: what to pick from.
        indices: ints from -size to size - 1 of the axis, with as many axes as x.
        axis: the axis to pick along.

    Raises:
        ShapeError: the shapes do not fit beside the axis.
        IndexOutOfRangeError: x lacks the axis, or an index is not in the range.
        DtypeError: the indices are not ints.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[3, 1, 2], [9, 7, 8]])
        >>> tl.take_along_axis(x, tl.tensor([[0, 0], [2, 1]])).tolist()
        [[3, 3], [8, 7]]
        >>> tl.take_along_axis(x, x.argmin(1, keepdims=True)).tolist()
        [[1], [7]]

    VJP: ``g`` added up at the places it was picked from
    """
    return _take_along_axis(x, indices, plain_int(axis, "take_along_axis"))


def _scatter_add_forward(x: Array, indices: Array, src: Array, axis: int) -> Array:
    _require_along(indices, x.shape, axis, "scatter_add")
    dtype = promote(dtype_name(x), dtype_name(src))
    axis %= x.ndim
    before, after = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    values = src.reshape(before, src.shape[axis], after)
    places = _along_axis(indices, indices.shape, axis)
    result = x.astype(wide(np.dtype(dtype)), order="C")
    add_at(result.reshape(before, x.shape[axis], after), places, values)
    return result.astype(dtype, copy=False)


_scatter_add = Primitive(
    rules.scatter_add,
    _scatter_add_forward,
    (
        lambda g: g,
        None,
        lambda g, indices, axis: np.take_along_axis(g, indices, axis),
    ),
)


def scatter_add(
    x: Tensor[S, T, D],
    indices: Tensor[Any, Any, np.integer[Any]],
    src: Tensor[Any, T2, D],
    axis: int = -1,
) -> Tensor[S, T | T2, D]:
    """Return x with each element of src added where its index says along the axis.

    An index that occurs several times adds up. As PyTorch's function of that name.

    Shape: ``(M, N), (M, K), (M, K) -> (M, N)`` along the last axis

    Args:
        x: what to add to.
        indices: ints from -size to size - 1 of the axis; beside the axis of the shape of x.
        src: what to add, of the shape of the indices.
        axis: the axis to add along.

    Raises:
        ShapeError: the shapes do not fit.
        IndexOutOfRangeError: x lacks the axis, or an index is not in the range.
        DtypeError: the indices are not ints, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> bins = tl.tensor([0, 2, 0])
        >>> tl.scatter_add(tl.zeros((3,)), bins, tl.tensor([1.0, 2.0, 4.0])).tolist()
        [5.0, 0.0, 2.0]

    VJP: ``g`` to x; to src ``take_along_axis(g, indices)``
    """
    return _scatter_add(x, indices, src, plain_int(axis, "scatter_add"))


# By masks -----------------------------------------------------------------------------------------


def _masked_select_forward(x: Array, mask: Array) -> Array:
    rules.masked_select.operand_dtype(dtype_name(x), dtype_name(mask))
    whole, chosen = np.broadcast_arrays(x, mask)
    return whole[chosen]


def _masked_select_vjp(g: Array, x_shape: tuple[int, ...], mask: Array) -> Array:
    shape = np.broadcast_shapes(x_shape, mask.shape)
    result = np.zeros(shape, g.dtype)
    result[np.broadcast_to(mask, shape)] = g
    return result


_masked_select = Primitive(rules.masked_select, _masked_select_forward, (_masked_select_vjp, None))


def masked_select(
    x: Tensor[Any, T, D], mask: Tensor[Any, Any, np.bool]
) -> Tensor[tuple[int], T, D]:
    """Return the elements at which the mask is True, on one axis.

    How many there are is known at run time only; state it with `expect_shape`. Where the shape is
    to stay, `where` is the better choice.

    Shape: ``(*S), (*S) -> (Z,)``, where Z is known at run time only

    Raises:
        ShapeError: neither shape stretches to the other.
        DtypeError: the mask is not bool.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1, -2], [-3, 4]])
        >>> tl.masked_select(x, x > 0).tolist()
        [1, 4]

    VJP: ``g`` where the mask is True, else 0
    """
    return _masked_select(x, mask)


def _value_mask_forward(x: Array, mask: Array, value: float) -> Array:
    return np.where(mask == value, x.dtype.type(value), x)


_value_mask = Primitive(
    rules.value_mask,
    _value_mask_forward,
    (lambda g, mask, value: np.where(mask == value, 0, g), None),
)


def value_mask(x: Tensor[S, T, D], mask: Tensor[Any, Any, Any], value: float) -> Tensor[S, T, D]:
    """Put a value where the mask holds that value, as dfdx's function of that name.

    With a mask of bools, ``tl.where(mask, value, x)`` does the same.

    Args:
        x: floats.
        mask: numbers, of the shape of x.
        value: what to look for in the mask, and to put into x.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: x is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> x, tokens = tl.tensor([1.0, 2.0, 3.0]), tl.tensor([5, 0, 7])
        >>> tl.value_mask(x, tokens, 0.0).tolist()
        [1.0, 0.0, 3.0]

    VJP: ``g`` where the mask holds another value, else 0
    """
    return _value_mask(x, mask, plain_scalar(value, "value_mask"))


# Classes and words --------------------------------------------------------------------------------


def _embedding_forward(input: Any, weight: Array, padding_idx: int | None) -> Array:
    require_in_range(input, 0, len(weight), "embedding", f"{len(weight)} rows")
    return np.take(weight, input, axis=0)


def _embedding_vjp(
    g: Array, input: Any, weight_shape: tuple[int, ...], padding_idx: int | None
) -> Array:
    result = scattered(g, np.asarray(input).reshape(1, -1, 1), weight_shape, 0)
    if padding_idx is not None:
        result[padding_idx] = 0
    return result


_embedding = Primitive(rules.embedding, _embedding_forward, (None, _embedding_vjp))


def embedding(
    input: Tensor[Any, T, np.integer[Any]],
    weight: Tensor[Any, T2, D],
    padding_idx: int | None = None,
) -> Tensor[Dims, T | T2, D]:
    """Return the rows of a matrix that the indices name; `nn.Embedding` is the layer.

    Shape: ``(*B,), (V, E) -> (*B, E)``

    Args:
        input: indices from 0 to V - 1.
        weight: the matrix, one row for each word.
        padding_idx: a row that stays as it is in training, since its gradient is 0.

    Raises:
        ShapeError: the weight is no matrix.
        IndexOutOfRangeError: an index or the padding is not in the range.
        DtypeError: the indices are not ints, or the weight is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> words = tl.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
        >>> tl.embedding(tl.tensor([2, 0]), words).tolist()
        [[3.0, 30.0], [1.0, 10.0]]

    VJP: ``g`` added up at the rows, but for the padding
    """
    row = None if padding_idx is None else plain_int(padding_idx, "embedding", "padding_idx")
    return _embedding(input, weight, row)


def _one_hot_forward(indices: Array, num_classes: int, dtype: Any) -> Array:
    require_in_range(indices, 0, num_classes, "one_hot", f"{num_classes} classes")
    result = np.zeros((indices.size, num_classes), dtype)
    result[np.arange(indices.size), indices.reshape(-1)] = 1
    return result.reshape((*indices.shape, num_classes))


_one_hot = Primitive(rules.one_hot, _one_hot_forward, None, operands=1)


@overload
def one_hot(
    indices: Tensor[Any, Any, Any], num_classes: int
) -> Tensor[Dims, NoTape, np.float32]: ...
@overload
def one_hot(
    indices: Tensor[Any, Any, Any], num_classes: int, dtype: type[D2]
) -> Tensor[Dims, NoTape, D2]: ...
def one_hot(indices: Tensor[Any, Any, Any], num_classes: int, dtype: Any = np.float32) -> Any:
    """Return vectors that are 1 at the index of a class, and 0 elsewhere. Records nothing.

    Shape: ``(*B,) -> (*B, C)``

    Args:
        indices: classes, from 0 to num_classes - 1.
        num_classes: C, how many classes there are.
        dtype: NumPy's scalar type of the result.

    Raises:
        ShapeError: the number of classes is negative.
        IndexOutOfRangeError: an index is not in the range.
        DtypeError: the indices are not ints, or tensors cannot have the dtype.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.one_hot(tl.tensor([2, 0]), 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        >>> tl.one_hot(tl.tensor([[1], [0]]), 2, np.bool).tolist()
        [[[False, True]], [[True, False]]]
    """
    target = np.dtype(dtype)
    try:
        require_supported(target.name)
    except DtypeError as error:
        raise error.named("one_hot") from None
    return _one_hot(indices, plain_int(num_classes, "one_hot", "num_classes"), target)
