"""Losses: scalars that measure how far predictions are from targets. Nothing broadcasts."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import loss as rules
from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError, ShapeError
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, S, T


def _mse_forward(input: Array, target: Array) -> tuple[Array, Array]:
    error = input - target
    flat = error.reshape(-1)
    return _mean(np.add.reduce(flat * flat, dtype=_wide(error)), error.size, error.dtype), error


def _mse_vjp(g: Array, saved: Array) -> Array:
    return saved * (g * (2.0 / max(saved.size, 1)))


def _mean(total: Any, count: int, dtype: np.dtype[Any]) -> Array:
    """Return the mean from the sum; that of nothing is NaN."""
    return np.asarray(total / count if count else np.nan, dtype)


def _wide(x: Array) -> Any:
    """Return the dtype to sum in: float16 would overflow at 65,504."""
    return np.float32 if x.dtype == np.float16 else x.dtype


_mse_loss = Primitive(
    rules.mse_loss, _mse_forward, (_mse_vjp, lambda g, saved: -_mse_vjp(g, saved)), saves=True
)


def mse_loss(input: Tensor[S, T, D], target: Tensor[S, T2, D]) -> Tensor[tuple[()], T | T2, D]:
    """Return the mean of ``(input - target)^2`` over all elements; NaN if there are none.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    VJP: ``g * 2 / n * (input - target)``, and its negative
    """
    loss: Tensor[tuple[()], T | T2, D] = _mse_loss(input, target)
    return loss


def _cross_entropy_forward(input: Array, target: Array) -> tuple[Array, tuple[Array, int]]:
    shifted = input - np.maximum.reduce(input, axis=-1, keepdims=True)
    exps = np.exp(shifted)
    totals = np.add.reduce(exps, axis=-1, keepdims=True)
    rows = totals.size
    if target.dtype.kind == "f":
        surprise = target * (np.log(totals) - shifted)
    else:
        chosen = np.take_along_axis(shifted, target[..., None], axis=-1)
        surprise = np.log(totals) - chosen
    exps /= totals
    total = np.add.reduce(surprise, axis=None, dtype=_wide(surprise))
    return _mean(total, rows, surprise.dtype), (exps, rows)


def _cross_entropy_vjp_input(g: Array, saved: tuple[Array, int], target: Array) -> Array:
    probabilities, rows = saved
    if target.dtype.kind == "f":
        weight = np.add.reduce(target, axis=-1, keepdims=True)
        slope = probabilities * weight - target
    else:
        slope = probabilities.copy()
        index = target[..., None]
        chosen = np.take_along_axis(slope, index, axis=-1)
        np.put_along_axis(slope, index, chosen - 1, axis=-1)
    slope *= g / max(rows, 1)
    return slope


def _cross_entropy_vjp_target(g: Array, saved: tuple[Array, int], input: Array) -> Array:
    _, rows = saved
    shifted = input - np.maximum.reduce(input, axis=-1, keepdims=True)
    log_probabilities = shifted - np.log(np.add.reduce(np.exp(shifted), axis=-1, keepdims=True))
    return log_probabilities * (-g / max(rows, 1))


_cross_entropy = Primitive(
    rules.cross_entropy,
    _cross_entropy_forward,
    (_cross_entropy_vjp_input, _cross_entropy_vjp_target),
    saves=True,
)


def cross_entropy(
    input: Tensor[Any, T, D], target: Tensor[Any, T2, Any]
) -> Tensor[tuple[()], T | T2, D]:
    """Return the mean of ``-log softmax(input)`` at the target class; NaN for no rows.

    Shape: ``(*B, C), (*B) -> ()`` with class indices, ``(*B, C), (*B, C) -> ()`` with
    probabilities

    Args:
        input: logits, that is, scores before softmax; classes on the last axis.
        target: class indices from 0 to C - 1 as ints, or probabilities as floats.

    Raises:
        ShapeError: the shapes do not fit, or there are no classes.
        DtypeError: the target's dtype does not fit its shape, or the input is not floating point.
        IndexOutOfRangeError: a class index is not in the range.

    VJP: ``g / n * (softmax(input) - target)``
    """
    operands: tuple[object, object] = (input, target)
    if all(isinstance(operand, Tensor) for operand in operands):
        _require_target(input._data, target._data)
    loss: Tensor[tuple[()], T | T2, D] = _cross_entropy(input, target)
    return loss


def _require_target(input: Array, target: Array) -> None:
    rules.cross_entropy(input.shape, target.shape)
    rules.cross_entropy.operand_dtype(input.dtype.name, target.dtype.name)
    if not input.shape[-1]:
        raise ShapeError(
            f"input must have at least one class, got shape {input.shape}", subject="cross_entropy"
        )
    floating, as_indices = target.dtype.kind == "f", target.shape == input.shape[:-1]
    if floating and as_indices:
        raise DtypeError(
            f"class indices must be ints, got {target.dtype}: use .astype(np.int64)",
            subject="cross_entropy",
        )
    if not floating and not as_indices:
        raise DtypeError(
            f"probabilities must be floats, got {target.dtype} of shape {target.shape}: use "
            ".astype(np.float32), or class indices without the last axis",
            subject="cross_entropy",
        )
    if floating or not target.size:
        return
    classes = input.shape[-1]
    wrong = (target < 0) | (target >= classes)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexOutOfRangeError(
            f"class index {target[place]} at {place} is out of range for {classes} classes",
            subject="cross_entropy",
        )
