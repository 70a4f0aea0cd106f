"""Tensors of numbers at equal distances."""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from tensorlib import recording
from tensorlib.creation.values import require_dtype
from tensorlib.ops.arguments import plain_int, plain_scalar
from tensorlib.ops.sizes import possible
from tensorlib.shapes import creation as rules
from tensorlib.tape import NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims


@overload
def arange(
    start: float, stop: float | None = None, step: float = 1, *, dtype: type[D]
) -> Tensor[Dims, NoTape, D]: ...
@overload
def arange(
    start: int, stop: int | None = None, step: int = 1
) -> Tensor[Dims, NoTape, np.int64]: ...
@overload
def arange(
    start: float, stop: float | None = None, step: float = 1
) -> Tensor[Dims, NoTape, np.float32]: ...
def arange(start: float, stop: float | None = None, step: float = 1, *, dtype: Any = None) -> Any:
    """Return the numbers from start up to, but not including, stop; from 0 if one is given.

    Ints give int64 and a length that the checker knows: ``ceil((stop - start) / step)``. With a
    float among them the result is float32, and rounding decides whether the last number is still
    below stop; use `linspace` to say how many there are.

    Shape: ``(ceil((stop - start) / step),)``

    Args:
        start: the first number, or stop if it is the only argument.
        stop: where to end.
        step: the distance of neighbours; negative to count down.
        dtype: another dtype for the result.

    Raises:
        ShapeError: the step is 0.
        ValueError: a number is infinite or NaN.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.arange(2, 9, 3).tolist()
        [2, 5, 8]
        >>> tl.arange(0, 1, 0.25).tolist()
        [0.0, 0.25, 0.5, 0.75]
    """
    numbers = tuple(
        plain_scalar(number, "arange") for number in (start, stop, step) if number is not None
    )
    *ends, step = numbers
    low, high = (0, *ends) if stop is None else ends
    whole = all(isinstance(number, int) for number in numbers)
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"arange: expected finite numbers, got {', '.join(map(str, numbers))}")
    if dtype is None:
        dtype = np.int64 if whole else np.float32
    require_dtype(np.dtype(dtype), "arange")
    if whole:
        (length,) = possible(rules.arange(low, high, step), "arange")
    else:
        steps = math.ceil((high - low) / step) if step else 0
        (length,) = possible(rules.arange(0, *_counted(steps, step)), "arange")
    values = np.arange(length, dtype=np.int64 if whole else np.float64) * step + low
    return Tensor(recording.constant(values.astype(dtype, copy=False)))


def _counted(steps: int, step: float) -> tuple[int, int]:
    """Return stop and step of the ints that count so many steps in the step's direction."""
    direction = (step > 0) - (step < 0)
    return direction * steps, direction


@overload
def linspace(
    start: float, stop: float, num: int, *, endpoint: bool = True, dtype: type[D]
) -> Tensor[Dims, NoTape, D]: ...
@overload
def linspace(
    start: float, stop: float, num: int, *, endpoint: bool = True
) -> Tensor[Dims, NoTape, np.float32]: ...
def linspace(
    start: float, stop: float, num: int, *, endpoint: bool = True, dtype: Any = np.float32
) -> Any:
    """Return so many numbers at equal distances, the first of which is start.

    Shape: ``(num,)``

    Args:
        start: the first number.
        stop: the last number, or the one behind it without ``endpoint``.
        num: how many there are.
        endpoint: whether stop is the last of them.
        dtype: the dtype of the result.

    Raises:
        ShapeError: num is negative.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.linspace(0, 1, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    require_dtype(np.dtype(dtype), "linspace")
    first, last = plain_scalar(start, "linspace"), plain_scalar(stop, "linspace")
    (length,) = possible(rules.linspace(plain_int(num, "linspace", "num")), "linspace")
    return Tensor(
        recording.constant(
            np.asarray(np.linspace(first, last, length, endpoint=endpoint, dtype=dtype))
        )
    )
