"""Arguments that are no tensors, made plain: NumPy's ints become Python's, lists become tuples.

Rules and NumPy take ints and tuples only; whoever passes something else gets an error that names
the op before any tape moves.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from itertools import takewhile
from types import EllipsisType
from typing import Any

import numpy as np

from tensorlib.ops.primitive import is_scalar, python_scalar
from tensorlib.shapes.errors import not_a_tuple, wrong_count
from tensorlib.shapes.indexing import OF_WHAT_INDEX, OF_WHAT_SLICE, not_an_index
from tensorlib.tape import Value
from tensorlib.typevars import Axis, PlainAxis


def plain_ints(
    values: Iterable[int], op: str, what: str = "a shape", *, behind: Iterable[object] = ()
) -> tuple[int, ...]:
    """Return a shape, or axes, as a tuple of Python ints.

    Args:
        values: the tuple.
        op: whose argument it is.
        what: what it says.
        behind: the arguments behind it, which may be the rest of a tuple that is none.

    Raises:
        TypeError: it is no tuple or list of ints.
    """
    if isinstance(values, int):
        ints = takewhile(lambda value: isinstance(value, int), (values, *behind))
        raise TypeError(not_a_tuple(op, what, tuple(map(str, ints))))
    try:
        return tuple(map(operator.index, values))
    except TypeError:
        raise TypeError(f"{op}: expected {what} as a tuple of ints, got {values!r}") from None


def one_tuple(
    values: Iterable[int],
    op: str,
    what: str = "a shape",
    *,
    more: Sequence[object],
    behind: Iterable[object] | None = None,
) -> tuple[int, ...]:
    """Return a shape, or axes, of which one tuple is to be passed, not one int after the other.

    Args:
        values: the tuple.
        op: whose argument it is; it takes two.
        what: what it says.
        more: what was passed behind these two.
        behind: all that was passed behind the tuple, if the second argument stands there.

    Raises:
        TypeError: it is no tuple or list of ints, or there is more.
    """
    if more and not isinstance(values, int):
        raise TypeError(wrong_count(op, 2 if behind is None else 1, 2, 2 + len(more)))
    return plain_ints(values, op, what, behind=more if behind is None else behind)


def plain_int(axis: int, op: str, what: str = "an axis") -> int:
    """Return an axis, or another int, as a Python int.

    Raises:
        TypeError: it is no int.
    """
    try:
        return operator.index(axis)
    except TypeError:
        raise TypeError(f"{op}: expected {what} as an int, got {axis!r}") from None


def plain_sizes(sizes: int | Sequence[int], op: str, name: str) -> int | tuple[int, ...]:
    """Return one size, or one for each of several axes, as Python ints.

    Raises:
        TypeError: they are neither.
    """
    try:
        if isinstance(sizes, Sequence):
            return tuple(map(operator.index, sizes))
        return operator.index(sizes)
    except TypeError:
        raise TypeError(f"{op}: expected {name} as ints, got {sizes!r}") from None


def plain_axis(axis: Axis, op: str) -> PlainAxis:
    """Return the axes to reduce as Python ints: one, a tuple of them, or None for all.

    Raises:
        TypeError: they are neither.
    """
    if axis is None or type(axis) is int:
        return axis
    if isinstance(axis, Sequence):
        return tuple(plain_int(item, op) for item in axis)
    return plain_int(axis, op)


def plain_scalar(x: Any, op: str) -> bool | int | float:
    """Return a number as one of Python's.

    Raises:
        TypeError: it is no number.
    """
    if not is_scalar(x):
        raise TypeError(f"{op}: expected a number, got {type(x).__name__}")
    return python_scalar(x)


def plain_index(index: Any) -> Any:
    """Return an index with all ints in it as Python ints; tensors stay.

    Raises:
        TypeError: an item is no int, slice, None, ``...`` or tensor.
    """
    if isinstance(index, tuple):
        return tuple(_plain_item(item) for item in index)
    return _plain_item(index)


def _plain_item(item: Any) -> Any:
    if item is None or isinstance(item, EllipsisType | Value):
        return item
    if isinstance(item, slice):
        return slice(_plain_bound(item.start), _plain_bound(item.stop), _plain_bound(item.step))
    return _plain_position(item, OF_WHAT_INDEX)


def _plain_bound(bound: Any) -> int | None:
    return None if bound is None else _plain_position(bound, OF_WHAT_SLICE)


def _plain_position(item: Any, requirement: str) -> int:
    if not isinstance(item, bool | np.bool_):  # NumPy takes them for a mask
        try:
            return operator.index(item)
        except TypeError:
            pass
    raise TypeError(not_an_index(type(item).__name__, requirement))
