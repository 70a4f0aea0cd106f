"""Losses of probabilities: how much targets surprise the predictions. Nothing broadcasts."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib.losses.reduction import Reduction, reduced, require_reduction, spread
from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import loss as rules
from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError, ShapeError
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Dims, S, T

# Classes ----------------------------------------------------------------------------------------


def _cross_entropy_forward(
    input: Array, target: Array, reduction: str, label_smoothing: float
) -> tuple[Array, tuple[Array, int]]:
    shifted = input - np.maximum.reduce(input, axis=-1, keepdims=True)
    exps = np.exp(shifted)
    totals = np.add.reduce(exps, axis=-1, keepdims=True)
    rows = totals.size
    if target.dtype.kind == "f":
        surprise = _smoothed(target, label_smoothing) * (np.log(totals) - shifted)
        if reduction == "none":
            surprise = np.add.reduce(surprise, axis=-1)
    else:
        surprise = np.log(totals) - np.take_along_axis(shifted, target[..., None], axis=-1)
        if label_smoothing:
            surprise *= 1 - label_smoothing
            average = np.log(totals) - np.add.reduce(shifted, axis=-1, keepdims=True) * (
                1 / input.shape[-1]
            )
            surprise += label_smoothing * average
        surprise = surprise[..., 0]
    exps /= totals
    return reduced(surprise, reduction, rows), (exps, rows)


def _smoothed(target: Array, label_smoothing: float) -> Array:
    if not label_smoothing:
        return target
    return target * (1 - label_smoothing) + label_smoothing / target.shape[-1]


def _cross_entropy_vjp_input(
    g: Array, saved: tuple[Array, int], target: Array, reduction: str, label_smoothing: float
) -> Array:
    probabilities, rows = saved
    if target.dtype.kind == "f":
        wanted = _smoothed(target, label_smoothing)
        weight = np.add.reduce(wanted, axis=-1, keepdims=True)
        slope = probabilities * weight - wanted
    else:
        slope = probabilities - label_smoothing / probabilities.shape[-1]
        _add_at(slope, target, label_smoothing - 1)
    slope *= spread(g, reduction, rows)[..., None]
    return slope


def _add_at(x: Array, classes: Array, amount: Any) -> None:
    """Add to one class of each row, in place."""
    index = classes[..., None]
    chosen = np.take_along_axis(x, index, axis=-1)
    np.put_along_axis(x, index, chosen + amount, axis=-1)


def _cross_entropy_vjp_target(
    g: Array, saved: tuple[Array, int], input: Array, reduction: str, label_smoothing: float
) -> Array:
    _, rows = saved
    shifted = input - np.maximum.reduce(input, axis=-1, keepdims=True)
    log_probabilities = shifted - np.log(np.add.reduce(np.exp(shifted), axis=-1, keepdims=True))
    return log_probabilities * (spread(g, reduction, rows)[..., None] * (label_smoothing - 1))


_cross_entropy = Primitive(
    rules.cross_entropy,
    _cross_entropy_forward,
    (_cross_entropy_vjp_input, _cross_entropy_vjp_target),
    saves=True,
)


def cross_entropy(
    input: Tensor[Any, T, D],
    target: Tensor[Any, T2, Any],
    *,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``-log softmax(input)`` at the target class; NaN for no rows.

    Shape: ``(*B, C), (*B) -> ()`` with class indices, ``(*B, C), (*B, C) -> ()`` with
    probabilities; ``(*B)`` without a reduction

    Args:
        input: logits, that is, scores before softmax; classes on the last axis.
        target: class indices from 0 to C - 1 as ints, or probabilities as floats.
        reduction: "mean" over the rows, "sum", or "none" for the losses of the rows.
        label_smoothing: how much of each target is shared evenly among all classes, from 0 to 1.

    Raises:
        ShapeError: the shapes do not fit, or there are no classes.
        DtypeError: the target's dtype does not fit its shape, or the input is not floating point.
        IndexOutOfRangeError: a class index is not in the range.
        ValueError: the label smoothing is not in the range, or there is no such reduction.

    VJP: ``g / n * (softmax(input) - target)``
    """
    require_reduction(reduction, "cross_entropy")
    label_smoothing = float(plain_scalar(label_smoothing, "cross_entropy"))
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing must be from 0 to 1, got {label_smoothing:g}"
        )
    if _are_tensors(input, target):
        _require_target(input._data, target._data)
    return _cross_entropy(input, target, reduction, label_smoothing)


def _are_tensors(*operands: object) -> bool:
    """Tell whether values may be looked at; what is no tensor is refused with the others."""
    return all(isinstance(operand, Tensor) for operand in operands)


def _require_target(input: Array, target: Array) -> None:
    _require_classes(input, target, rules.cross_entropy)
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
    if not floating:
        _require_in_range(target, input.shape[-1], "cross_entropy")


def _require_classes(input: Array, target: Array, rule: Rule) -> None:
    rule(input.shape, target.shape)
    rule.operand_dtype(input.dtype.name, target.dtype.name)
    if not input.shape[-1]:
        raise ShapeError(
            f"input must have at least one class, got shape {input.shape}", subject=rule.name
        )


def _require_in_range(target: Array, classes: int, loss: str) -> None:
    wrong = (target < 0) | (target >= classes)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexOutOfRangeError(
            f"class index {target[place]} at {place} is out of range for {classes} classes",
            subject=loss,
        )


def _nll_forward(input: Array, target: Array, reduction: str) -> Array:
    return reduced(-np.take_along_axis(input, target[..., None], axis=-1)[..., 0], reduction)


def _nll_vjp(g: Array, input_shape: tuple[int, ...], target: Array, reduction: str) -> Array:
    slope = np.zeros(input_shape, g.dtype)
    _add_at(slope, target, -spread(g, reduction, target.size)[..., None])
    return slope


_nll_loss = Primitive(rules.nll_loss, _nll_forward, (_nll_vjp, None))


def nll_loss(
    input: Tensor[Any, T, D], target: Tensor[Any, T2, Any], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``-input`` at the target class; NaN for no rows.

    Of ``log_softmax(logits)`` this is the `cross_entropy` of the logits.

    Shape: ``(*B, C), (*B) -> ()``; ``(*B)`` without a reduction

    Args:
        input: log-probabilities; classes on the last axis.
        target: class indices from 0 to C - 1 as ints.
        reduction: "mean" over the rows, "sum", or "none" for the losses of the rows.

    Raises:
        ShapeError: the shapes do not fit, or there are no classes.
        DtypeError: the target is not of ints, or the input is not floating point.
        IndexOutOfRangeError: a class index is not in the range.
        ValueError: there is no such reduction.

    VJP: ``-g / n`` at the target class, 0 elsewhere
    """
    require_reduction(reduction, "nll_loss")
    if _are_tensors(input, target):
        _require_classes(input._data, target._data, rules.nll_loss)
        _require_in_range(target._data, input.shape[-1], "nll_loss")
    return _nll_loss(input, target, reduction)


# Probabilities ----------------------------------------------------------------------------------


def _binary_with_logits_forward(input: Array, target: Array, reduction: str) -> Array:
    surprise = np.maximum(input, 0) - input * target + np.log1p(np.exp(-np.abs(input)))
    return reduced(surprise, reduction)


def _binary_with_logits_vjp(g: Array, input: Array, target: Array, reduction: str) -> Array:
    small = np.exp(-np.abs(input))
    probability = np.where(input < 0, small, 1) / (1 + small)
    return (probability - target) * spread(g, reduction, input.size)


def _binary_with_logits_vjp_target(g: Array, input: Array, reduction: str) -> Array:
    return input * -spread(g, reduction, input.size)


_binary_cross_entropy_with_logits = Primitive(
    rules.binary_cross_entropy_with_logits,
    _binary_with_logits_forward,
    (_binary_with_logits_vjp, _binary_with_logits_vjp_target),
)


def binary_cross_entropy_with_logits(
    input: Tensor[S, T, D], target: Tensor[S, T2, D], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the `binary_cross_entropy` of ``sigmoid(input)``, without overflow.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: logits, that is, scores before the sigmoid.
        target: probabilities, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: there is no such reduction.

    VJP: ``g / n * (sigmoid(input) - target)``, and ``-g / n * input``
    """
    require_reduction(reduction, "binary_cross_entropy_with_logits")
    return _binary_cross_entropy_with_logits(input, target, reduction)


_LEAST_LOG = -100.0


def _logs(input: Array) -> tuple[Array, Array]:
    """Return the logs of probabilities and of their complements, none below -100."""
    with np.errstate(divide="ignore"):
        yes, no = np.log(input), np.log1p(-input)
    return np.maximum(yes, _LEAST_LOG), np.maximum(no, _LEAST_LOG)


def _binary_forward(input: Array, target: Array, reduction: str) -> Array:
    yes, no = _logs(input)
    return reduced((target - 1) * no - target * yes, reduction)


def _binary_vjp(g: Array, input: Array, target: Array, reduction: str) -> Array:
    # In float16, the bound would be 0.
    tiny = max(1e-12, float(np.finfo(input.dtype).smallest_subnormal))
    slope = (input - target) / np.maximum((1 - input) * input, tiny)
    return slope * spread(g, reduction, input.size)


def _binary_vjp_target(g: Array, input: Array, reduction: str) -> Array:
    yes, no = _logs(input)
    return (no - yes) * spread(g, reduction, input.size)


_binary_cross_entropy = Primitive(
    rules.binary_cross_entropy, _binary_forward, (_binary_vjp, _binary_vjp_target)
)


def binary_cross_entropy(
    input: Tensor[S, T, D], target: Tensor[S, T2, D], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``-(target * log(input) + (1 - target) * log(1 - input))``.

    As in PyTorch, no log counts for less than -100.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: probabilities.
        target: probabilities, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: an input is not from 0 to 1, or there is no such reduction.

    VJP: ``g / n * (input - target) / (input * (1 - input))``, and
    ``g / n * (log(1 - input) - log(input))``
    """
    require_reduction(reduction, "binary_cross_entropy")
    if _are_tensors(input):
        _require_probabilities(input._data)
    return _binary_cross_entropy(input, target, reduction)


def _require_probabilities(input: Array) -> None:
    wrong = ~((input >= 0) & (input <= 1))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"binary_cross_entropy: input must be from 0 to 1, got {input[place]:g} at {place}: "
            "use binary_cross_entropy_with_logits for scores"
        )


def _kl_forward(input: Array, target: Array, reduction: str) -> Array:
    logs = np.log(np.where(target == 0, 1, target))
    return reduced(target * (logs - np.where(target == 0, 0, input)), reduction)


def _kl_vjp(g: Array, target: Array, reduction: str) -> Array:
    return target * -spread(g, reduction, target.size)


def _kl_vjp_target(g: Array, input: Array, target: Array, reduction: str) -> Array:
    logs = np.log(np.where(target == 0, 1, target))
    slope = np.where(target == 0, 0, logs + 1 - input)
    return slope * spread(g, reduction, target.size)


_kl_div = Primitive(rules.kl_div, _kl_forward, (_kl_vjp, _kl_vjp_target))


def kl_div(
    input: Tensor[S, T, D], target: Tensor[S, T2, D], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``target * (log(target) - input)``, 0 where the target is 0.

    As in PyTorch, the mean is over the elements. The divergence of distributions on the last
    axis is the sum over it: pass ``reduction="sum"`` and divide by the number of rows.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: log-probabilities.
        target: probabilities, not their logs, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: there is no such reduction.

    VJP: ``-g / n * target``, and ``g / n * (log(target) + 1 - input)``, 0 where the target is 0
    """
    require_reduction(reduction, "kl_div")
    return _kl_div(input, target, reduction)
