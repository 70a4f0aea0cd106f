"""Indexing with brackets: by ints, slices, None and ``...``, by index tensors and masks."""

from __future__ import annotations

from collections.abc import Iterator
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlib import recording
from tensorlib.ops.arguments import plain_index
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.scatter import require_in_range, scattered
from tensorlib.shapes import indexing as rules
from tensorlib.shapes.indexing import IndexTensor, axes_of
from tensorlib.tape import Array, Value
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

IndexItem: TypeAlias = (
    "int | slice[Any, Any, Any] | EllipsisType | Tensor[Any, Any, np.integer[Any] | np.bool] | None"
)
Index: TypeAlias = "IndexItem | tuple[IndexItem, ...]"


def _getitem_vjp(g: Array, x_shape: tuple[int, ...], index: Any) -> Array:
    result = np.zeros(x_shape, g.dtype)
    result[index] = g
    return result


_getitem = Primitive(rules.getitem, lambda x, index: x[index], _getitem_vjp, view=True)


def _with_arrays(index: Any, arrays: tuple[Array, ...]) -> tuple[Any, ...]:
    """Return an index as NumPy's, with arrays in the places of tensors."""
    rest = iter(arrays)
    items = index if isinstance(index, tuple) else (index,)
    return tuple(next(rest) if isinstance(item, IndexTensor) else item for item in items)


def _by_axis(index: Any, arrays: tuple[Array, ...], rank: int) -> Iterator[tuple[Any, int]]:
    """Go through the items of an index, without ``...``, each with its first axis."""
    items = index if isinstance(index, tuple) else (index,)
    missing = rank - sum(axes_of(item) for item in items if item is not Ellipsis)
    if Ellipsis not in items:
        items = (*items, Ellipsis)
    rest, axis = iter(arrays), 0
    for item in items:
        if item is Ellipsis:
            for _ in range(missing):
                yield slice(None), axis
                axis += 1
            continue
        yield next(rest) if isinstance(item, IndexTensor) else item, axis
        axis += axes_of(item)


def _by_tensors_forward(x: Array, index: Any, arrays: tuple[Array, ...]) -> Array:
    for item, axis in _by_axis(index, arrays, x.ndim):
        if isinstance(item, np.ndarray) and item.dtype.kind != "b":
            size = x.shape[axis]
            require_in_range(item, -size, size, "getitem", f"axis {axis} of shape {x.shape}")
    return x[_with_arrays(index, arrays)]


def _by_tensors_vjp(
    g: Array, x_shape: tuple[int, ...], index: Any, arrays: tuple[Array, ...]
) -> Array:
    result = np.zeros(x_shape, g.dtype)
    if arrays[0].dtype.kind == "b":  # picks nothing twice
        result[_with_arrays(index, arrays)] = g
        return result
    if not g.size:
        return result
    items = list(_by_axis(index, arrays, len(x_shape)))
    picking = [(item, axis) for item, axis in items if isinstance(item, int | np.ndarray)]
    # All else is undone by the same slices; the picked axes, side by side, count as one.
    around = tuple(slice(None) if isinstance(item, int | np.ndarray) else item for item, _ in items)
    view = result[around]
    sizes = tuple(x_shape[axis] for _, axis in picking)
    picked = np.broadcast_arrays(
        *(np.asarray(item, np.int64) % x_shape[axis] for item, axis in picking)
    )
    places = np.ravel_multi_index(tuple(picked), sizes).reshape(1, -1, 1)
    first = next(place for place, item in enumerate(items) if item[0] is picking[0][0])
    view[...] = scattered(g, places, view.shape, first, len(picking))
    return result


_getitem_by_tensors = Primitive(rules.getitem, _by_tensors_forward, _by_tensors_vjp)


def getitem(x: Tensor[Any, T, D], index: Index) -> Tensor[Dims, T, D]:
    """Select by ints, slices, None and ``...``, by tensors of ints and by masks: ``x[index]``.

    As in NumPy, a tensor of ints puts its shape in the place of its axis, several of them stretch
    to one shape, and a mask keeps what is True under it, on one axis. Tensors in an index are
    only read. They must stand side by side, where NumPy would move their axes to the front.

    Shape: of ``(M, N)``, ``x[0]`` is ``(N,)``, ``x[:, None]`` is ``(M, 1, N)``, and for K ints in a
    tensor ``x[:, indices]`` is ``(M, K)``.

    Raises:
        IndexOutOfRangeError: an int lies outside its axis, or there are more items than axes.
        ShapeError: a mask has not the lengths of its axes, or something stands between tensors.
        DtypeError: a tensor in the index is neither of ints nor of bools.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.arange(6).reshape((2, 3))
        >>> x[0, ::-1].tolist()
        [2, 1, 0]
        >>> x[:, tl.tensor([0, 0, 2])].tolist()
        [[0, 0, 2], [3, 3, 5]]
        >>> x[x > 2].tolist()
        [3, 4, 5]

    VJP: ``g`` added up at the selected places, 0 elsewhere
    """
    plain = plain_index(index)
    items = plain if isinstance(plain, tuple) else (plain,)
    arrays = tuple(item._data for item in items if isinstance(item, Value))
    if not arrays:
        return _getitem(x, plain)
    recording.require_known(items)
    described = tuple(
        IndexTensor(item._data.shape, item._data.dtype.name) if isinstance(item, Value) else item
        for item in items
    )
    return _getitem_by_tensors(x, described, arrays)
