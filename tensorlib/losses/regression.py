"""Losses of numbers: how far predictions are from targets. Nothing broadcasts."""

from __future__ import annotations

import numpy as np

from tensorlib.losses.reduction import Loss, Reduction, reduced
from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import loss as rules
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Dims, S, T


def _mse_forward(input: Array, target: Array) -> tuple[Array, Array]:
    error = input - target
    return error * error, error


_mse_loss = Loss(
    rules.mse_loss,
    _mse_forward,
    (lambda g, saved: saved * (g * 2.0), lambda g, saved: saved * (g * -2.0)),
    saves=True,
)


def mse_loss(
    input: Tensor[S, T, D], target: Tensor[S, T2, D], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``(input - target)^2`` over all elements; NaN if there are none.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: the predictions.
        target: what they should be, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: there is no such reduction.

    VJP: ``g * 2 / n * (input - target)``, and its negative

    Example:
        >>> import tensorlib as tl
        >>> x, target = tl.tensor([1.0, 2.0]), tl.tensor([1.0, 4.0])
        >>> loss = tl.losses.mse_loss(x.traced(), target)
        >>> loss.item(), loss.backward()[x].tolist()
        (2.0, [0.0, -2.0])
    """
    return _mse_loss(input, target, reduction)


def _rmse_forward(input: Array, target: Array) -> tuple[Array, Array]:
    error = input - target
    # The largest error is taken out, so that no square is infinite or 0 where its root is not.
    largest = np.maximum.reduce(np.abs(error), axis=None, initial=0)
    if not 0 < largest < np.inf:
        with np.errstate(invalid="ignore"):  # no slope where all is equal, NaN where it is infinite
            return reduced(np.abs(error), "mean"), error * 0
    ratio = error / largest
    root = np.sqrt(reduced(ratio * ratio, "mean"))
    return root * largest, ratio / root


def _rmse_vjp(g: Array, saved: Array) -> Array:
    return saved * (g * (1.0 / max(saved.size, 1)))


_rmse_loss = Primitive(
    rules.rmse_loss, _rmse_forward, (_rmse_vjp, lambda g, saved: -_rmse_vjp(g, saved)), saves=True
)


def rmse_loss(input: Tensor[S, T, D], target: Tensor[S, T2, D]) -> Tensor[tuple[()], T | T2, D]:
    """Return the root of the mean of ``(input - target)^2``; NaN for no elements.

    Shape: ``S, S -> ()``

    Args:
        input: the predictions.
        target: what they should be, of the same shape.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    VJP: ``g / n * (input - target) / rmse``, 0 where the loss is 0, and its negative

    Example:
        >>> import tensorlib as tl
        >>> tl.losses.rmse_loss(tl.tensor([1.0, 2.0]), tl.tensor([4.0, 5.0])).item()
        3.0
    """
    return _rmse_loss(input, target)


_SLOPES = (lambda g, saved: saved * g, lambda g, saved: saved * -g)
"""Of losses of ``input - target`` whose forward function saves the slopes."""


def _mae_forward(input: Array, target: Array) -> tuple[Array, Array]:
    error = input - target
    return np.abs(error), np.sign(error)


_mae_loss = Loss(rules.mae_loss, _mae_forward, _SLOPES, saves=True)


def mae_loss(
    input: Tensor[S, T, D], target: Tensor[S, T2, D], *, reduction: Reduction = "mean"
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``|input - target|``, PyTorch's ``l1_loss``; NaN for no elements.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: the predictions.
        target: what they should be, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: there is no such reduction.

    VJP: ``g / n * sign(input - target)``, 0 where they are equal, and its negative

    Example:
        >>> import tensorlib as tl
        >>> tl.losses.mae_loss(tl.tensor([1.0, 2.0]), tl.tensor([1.0, 4.0])).item()
        1.0
    """
    return _mae_loss(input, target, reduction)


def _huber_forward(input: Array, target: Array, delta: float) -> tuple[Array, Array]:
    error = input - target
    slope = np.clip(error, -delta, delta)
    bounded = np.abs(slope)
    return bounded * (np.abs(error) - bounded * 0.5), slope


_huber_loss = Loss(rules.huber_loss, _huber_forward, _SLOPES, saves=True)


def huber_loss(
    input: Tensor[S, T, D],
    target: Tensor[S, T2, D],
    *,
    reduction: Reduction = "mean",
    delta: float = 1.0,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``e^2 / 2`` for small errors e, ``delta * (|e| - delta / 2)`` for others.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: the predictions.
        target: what they should be, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.
        delta: errors beyond it count linearly.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: delta is not positive, or there is no such reduction.

    VJP: ``g / n * clip(input - target, -delta, delta)``, and its negative

    Example:
        >>> import tensorlib as tl
        >>> x, target = tl.tensor([0.5, 3.0]), tl.zeros((2,))
        >>> tl.losses.huber_loss(x, target, reduction="none").tolist()
        [0.125, 2.5]
    """
    delta = float(plain_scalar(delta, "huber_loss"))
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta:g}")
    return _huber_loss(input, target, reduction, delta)


def _smooth_l1_forward(input: Array, target: Array, beta: float) -> tuple[Array, Array]:
    error = input - target
    slope = np.clip(error, -beta, beta) / beta if beta else np.sign(error)
    bounded = np.abs(slope)
    return bounded * (np.abs(error) - bounded * (0.5 * beta)), slope


_smooth_l1_loss = Loss(rules.smooth_l1_loss, _smooth_l1_forward, _SLOPES, saves=True)


def smooth_l1_loss(
    input: Tensor[S, T, D],
    target: Tensor[S, T2, D],
    *,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``e^2 / (2 * beta)`` for small errors e, ``|e| - beta / 2`` for others.

    This is ``huber_loss(delta=beta) / beta``, and with ``beta=0`` the `mae_loss`.

    Shape: ``S, S -> ()``, or ``S, S -> S`` without a reduction

    Args:
        input: the predictions.
        target: what they should be, of the same shape.
        reduction: "mean", "sum", or "none" for the losses of the elements.
        beta: errors beyond it count linearly.

    Raises:
        ShapeError: the shapes differ.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: beta is negative or not finite, or there is no such reduction.

    VJP: ``g / n * clip((input - target) / beta, -1, 1)``, and its negative

    Example:
        >>> import tensorlib as tl
        >>> x, target = tl.tensor([0.5, 3.0]), tl.zeros((2,))
        >>> tl.losses.smooth_l1_loss(x, target, reduction="none", beta=2.0).tolist()
        [0.0625, 2.0]
    """
    beta = float(plain_scalar(beta, "smooth_l1_loss"))
    if not 0 <= beta < float("inf"):
        raise ValueError(f"smooth_l1_loss: beta must be at least 0 and finite, got {beta:g}")
    return _smooth_l1_loss(input, target, reduction, beta)
