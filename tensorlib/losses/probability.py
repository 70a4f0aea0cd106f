"""Losses of probabilities: how far predicted ones are from others. Nothing broadcasts."""

from __future__ import annotations

import numpy as np

from tensorlib import recording
from tensorlib.losses.reduction import Loss, Reduction
from tensorlib.shapes import loss as rules
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Dims, S, T


def _binary_with_logits_forward(input: Array, target: Array) -> Array:
    return np.maximum(input, 0) - input * target + np.log1p(np.exp(-np.abs(input)))


def _binary_with_logits_vjp(g: Array, input: Array, target: Array) -> Array:
    small = np.exp(-np.abs(input))
    probability = np.where(input < 0, small, 1) / (1 + small)
    return (probability - target) * g


_binary_cross_entropy_with_logits = Loss(
    rules.binary_cross_entropy_with_logits,
    _binary_with_logits_forward,
    (_binary_with_logits_vjp, lambda g, input: input * -g),
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

    Example:
        >>> import tensorlib as tl
        >>> x, target = tl.tensor([0.0, 1000.0]), tl.tensor([1.0, 0.0])
        >>> losses = tl.losses.binary_cross_entropy_with_logits(x, target, reduction="none")
        >>> [round(loss, 4) for loss in losses.tolist()]
        [0.6931, 1000.0]
    """
    return _binary_cross_entropy_with_logits(input, target, reduction)


_LEAST_LOG = -100.0


def _logs(input: Array) -> tuple[Array, Array]:
    """Return the logs of probabilities and of their complements, none below -100."""
    with np.errstate(divide="ignore"):
        yes, no = np.log(input), np.log1p(-input)
    return np.maximum(yes, _LEAST_LOG), np.maximum(no, _LEAST_LOG)


def _binary_forward(input: Array, target: Array) -> Array:
    yes, no = _logs(input)
    return (target - 1) * no - target * yes


def _binary_vjp(g: Array, input: Array, target: Array) -> Array:
    # In float16, the bound would be 0.
    tiny = max(1e-12, float(np.finfo(input.dtype).smallest_subnormal))
    slope = (input - target) / np.maximum((1 - input) * input, tiny)
    return slope * g


def _binary_vjp_target(g: Array, input: Array) -> Array:
    yes, no = _logs(input)
    return (no - yes) * g


_binary_cross_entropy = Loss(
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

    Example:
        >>> import tensorlib as tl
        >>> x, target = tl.tensor([0.5, 1.0]), tl.tensor([1.0, 0.0])
        >>> losses = tl.losses.binary_cross_entropy(x, target, reduction="none")
        >>> [round(loss, 4) for loss in losses.tolist()]
        [0.6931, 100.0]
    """
    if isinstance(input, Tensor):
        recording.require_known([input])
        recording.noted(_require_probabilities)(input._data)
    return _binary_cross_entropy(input, target, reduction)


def _require_probabilities(input: Array) -> None:
    wrong = ~((input >= 0) & (input <= 1))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"binary_cross_entropy: input must be from 0 to 1, got {input[place]:g} at {place}: "
            "use binary_cross_entropy_with_logits for scores"
        )


def _kl_forward(input: Array, target: Array) -> Array:
    logs = np.log(np.where(target == 0, 1, target))
    return target * (logs - np.where(target == 0, 0, input))


def _kl_vjp_target(g: Array, input: Array, target: Array) -> Array:
    logs = np.log(np.where(target == 0, 1, target))
    slope = np.where(target == 0, 0, logs + 1 - input)
    return slope * g


_kl_div = Loss(rules.kl_div, _kl_forward, (lambda g, target: target * -g, _kl_vjp_target))


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

    Example:
        >>> import tensorlib as tl
        >>> input, target = tl.tensor([[0.25, 0.75]]).log(), tl.tensor([[0.5, 0.5]])
        >>> round(tl.losses.kl_div(input, target, reduction="sum").item(), 4)
        0.1438
        >>> tl.losses.kl_div(target.log(), target).item()
        0.0
    """
    return _kl_div(input, target, reduction)
