"""Ops that enlarge an axis: pad, repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tensorlib.ops.arguments import plain_int, plain_ints, plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import padding as rules
from tensorlib.shapes.errors import DtypeError
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

PadWidth: TypeAlias = "int | tuple[int, int] | tuple[tuple[int, int], ...]"
PadMode: TypeAlias = Literal["constant", "reflect", "edge"]


def _pad_forward(x: Array, pad_width: Any, mode: PadMode, value: float) -> Array:
    if x.dtype.kind != "f" and not float(value).is_integer():
        raise DtypeError(
            f"the value for a tensor of {x.dtype} must be an int, got {value}: "
            "convert it with .astype(np.float32)",
            subject="pad",
        )
    pairs: Any = rules.pad_pairs(pad_width, x.ndim)
    if not pairs:
        return x.copy()
    return np.pad(x, pairs, constant_values=value) if mode == "constant" else np.pad(x, pairs, mode)


def _pad_vjp(g: Array, x_shape: tuple[int, ...], pad_width: Any, mode: str) -> Array:
    pairs: Any = rules.pad_pairs(pad_width, len(x_shape))
    for axis, (before, after) in enumerate(pairs):
        end = before + x_shape[axis]
        rows = np.moveaxis(g, axis, 0)
        middle = rows[before:end]
        if mode != "constant" and before + after:
            middle = middle.copy()
            _fold(middle, rows[:before][::-1], mode)
            _fold(middle[::-1], rows[end:], mode)
        g = np.moveaxis(middle, 0, axis)
    return g


def _fold(rows: Array, outside: Array, mode: str) -> None:
    """Add what lies outside before the first row, nearest first, to the rows it was made from."""
    if mode == "edge":
        rows[0] += np.add.reduce(outside, axis=0)
    else:
        rows[1 : len(outside) + 1] += outside


_pad = Primitive(rules.pad, _pad_forward, _pad_vjp)


def pad(
    x: Tensor[Any, T, D], pad_width: PadWidth, mode: PadMode = "constant", value: float = 0
) -> Tensor[Dims, T, D]:
    """Add elements before and behind those of each axis, as NumPy's ``pad``.

    Shape: for a width of 1, ``(M, N) -> (M + 2, N + 2)``

    Args:
        x: what to enlarge.
        pad_width: how many elements to add: on both sides of every axis, as a pair before and
            behind on every axis, or as one such pair for each axis.
        mode: "constant" adds the value, "reflect" mirrors the axis at its first and last element,
            which are not doubled, "edge" repeats these.
        value: what "constant" adds.

    Raises:
        ShapeError: there are more or fewer pairs than axes, a width is negative, or an axis is too
            short for the mode.
        ValueError: there is no such mode.
        DtypeError: the value is no int, and x is of ints.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2, 3]).pad((1, 2)).tolist()
        [0, 1, 2, 3, 0, 0]
        >>> tl.tensor([1, 2, 3]).pad(2, "reflect").tolist()
        [3, 2, 1, 2, 3, 2, 1]
        >>> tl.ones((2, 3)).pad(((0, 0), (1, 1))).shape
        (2, 5)

    VJP: ``g`` within; the other elements of ``g`` are added where they were taken from
    """
    if mode not in rules.MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(rules.MODES)}, got {mode!r}")
    return _pad(x, _plain_width(pad_width), mode, plain_scalar(value, "pad"))


def _plain_width(pad_width: Any) -> Any:
    if not isinstance(pad_width, tuple | list):
        return plain_int(pad_width, "pad", "pad_width")
    if any(isinstance(pair, tuple | list) for pair in pad_width):
        return tuple(plain_ints(pair, "pad", "a pair of widths") for pair in pad_width)
    return plain_ints(pad_width, "pad", "a pair of widths")


def _repeat_vjp(g: Array, x_shape: tuple[int, ...], repeats: int, axis: int | None) -> Array:
    place = len(x_shape) - 1 if axis is None else axis % len(x_shape)
    apart = (*x_shape[: place + 1], repeats, *x_shape[place + 1 :])
    return np.add.reduce(g.reshape(apart), axis=place + 1)


_repeat = Primitive(rules.repeat, lambda x, repeats, axis: np.repeat(x, repeats, axis), _repeat_vjp)


def repeat(x: Tensor[Any, T, D], repeats: int, axis: int | None = None) -> Tensor[Dims, T, D]:
    """Repeat each element along an axis, as NumPy's ``repeat``: ``a b`` becomes ``a a b b``.

    `tile` makes ``a b a b`` of it. PyTorch calls this ``repeat_interleave``.

    Shape: along axis 0, ``(M, N) -> (M*repeats, N)``

    Args:
        x: what to repeat.
        repeats: how often each element stands in the result.
        axis: the axis to repeat along; None flattens x first.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: the number of repeats is negative.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([1, 2]).repeat(2).tolist()
        [1, 1, 2, 2]
        >>> tl.ones((2, 3)).repeat(4, axis=0).shape
        (8, 3)

    VJP: sum of ``g`` over the copies
    """
    place = axis if axis is None else plain_int(axis, "repeat")
    return _repeat(x, plain_int(repeats, "repeat", "repeats"), place)
