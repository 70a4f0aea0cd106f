"""Losses of vectors: how near or far those should be that belong together or apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib import recording
from tensorlib.losses.reduction import Loss, Reduction
from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.reduction import widened
from tensorlib.ops.similarity import Cosines, cosine_slope, cosines
from tensorlib.shapes import loss as rules
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import D2, T2, D, Dims, S, T

_EPS = 1e-8


def _cosine_forward(
    input1: Array, input2: Array, target: Array, margin: float
) -> tuple[Array, tuple[Cosines, Array]]:
    found = cosines(input1, input2, -1, _EPS)
    values = found.values[..., 0]
    excess = values - margin
    losses = np.where(target > 0, 1 - values, np.maximum(excess, 0))
    slope = np.where(target > 0, -1, np.where(excess > 0, 1, 0)).astype(values.dtype)
    dtype = np.result_type(input1, input2)
    return losses.astype(dtype, copy=False), (found, slope[..., None])


def _cosine_vjp1(g: Array, saved: tuple[Cosines, Array]) -> Array:
    found, slope = saved
    return cosine_slope(found.first, found.second, found.values) * (slope * g[..., None])


def _cosine_vjp2(g: Array, saved: tuple[Cosines, Array]) -> Array:
    found, slope = saved
    return cosine_slope(found.second, found.first, found.values) * (slope * g[..., None])


_cosine_embedding_loss = Loss(
    rules.cosine_embedding_loss, _cosine_forward, (_cosine_vjp1, _cosine_vjp2, None), saves=True
)


def cosine_embedding_loss(
    input1: Tensor[S, T, D],
    input2: Tensor[S, T2, D],
    target: Tensor[Any, Any, D2],
    *,
    reduction: Reduction = "mean",
    margin: float = 0.0,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``1 - cos`` for pairs that belong together, ``cos - margin`` for others.

    Others whose cosine is below the margin count for nothing; the cosine of a zero vector is 0.

    Shape: ``(*B, N), (*B, N), (*B) -> ()``; ``(*B)`` without a reduction

    Args:
        input1: vectors along the last axis.
        input2: the vectors to compare with, of the same shape.
        target: 1 where the pair belongs together, -1 where it does not, as ints or floats.
        reduction: "mean" over the pairs, "sum", or "none" for the losses of the pairs.
        margin: the cosine from which pairs count that do not belong together, from -1 to 1.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: an input is not floating point, or float64 meets another float dtype.
        ValueError: a target is neither 1 nor -1, or there is no such reduction.

    VJP: that of `cosine_similarity`, times ``-g / n`` or ``g / n``; 0 at the margin

    Example:
        >>> import tensorlib as tl
        >>> x1, x2 = tl.tensor([[1.0, 0.0], [1.0, 0.0]]), tl.tensor([[0.0, 1.0], [2.0, 0.0]])
        >>> target = tl.tensor([1, -1])
        >>> tl.losses.cosine_embedding_loss(x1, x2, target, reduction="none").tolist()
        [1.0, 1.0]
    """
    margin = float(plain_scalar(margin, "cosine_embedding_loss"))
    operands = (input1, input2, target)
    if all(isinstance(operand, Tensor) for operand in operands):
        rules.cosine_embedding_loss(*(operand.shape for operand in operands))
        rules.cosine_embedding_loss.operand_dtype(*(each.dtype.name for each in operands))
        recording.require_known([target])
        recording.noted(_require_signs)(target._data)
    return _cosine_embedding_loss(input1, input2, target, reduction, margin)


def _require_signs(target: Array) -> None:
    wrong = (target != 1) & (target != -1)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"cosine_embedding_loss: target must be 1 or -1, got {target[place]} at {place}"
        )


def _triplet_forward(
    anchor: Array, positive: Array, negative: Array, margin: float, p: float, eps: float
) -> tuple[Array, tuple[Array, Array]]:
    near, slope_near = _distance(anchor, positive, p, eps)
    far, slope_far = _distance(anchor, negative, p, eps)
    excess = near - far + margin
    counts = (excess > 0)[..., None]
    losses = np.maximum(excess, 0).astype(anchor.dtype, copy=False)
    return losses, (slope_near * counts, slope_far * counts)


def _distance(x1: Array, x2: Array, p: float, eps: float) -> tuple[Array, Array]:
    """Return the p-norms of ``x1 - x2 + eps``, and their slopes by x1, 0 where the norm is 0."""
    offset = widened(x1) - widened(x2) + eps
    size = np.abs(offset)
    # The largest element is taken out, so that no power is infinite or 0 where the norm is not.
    largest = np.maximum.reduce(size, axis=-1, keepdims=True, initial=0)
    ratio = size / np.where(largest > 0, largest, 1)
    if p == np.inf:
        chosen = (ratio == 1).astype(size.dtype)
        slope = chosen / np.maximum(np.add.reduce(chosen, axis=-1, keepdims=True), 1)
        return largest[..., 0], slope * np.sign(offset)
    root = np.add.reduce(ratio**p, axis=-1, keepdims=True) ** (1 / p)
    slope = np.sign(offset) * (ratio / np.where(root > 0, root, 1)) ** (p - 1)
    return (largest * root)[..., 0], slope


def _triplet_vjp(g: Array, saved: tuple[Array, Array]) -> Array:
    near, far = saved
    return (near - far) * g[..., None]


_triplet_margin_loss = Loss(
    rules.triplet_margin_loss,
    _triplet_forward,
    (
        _triplet_vjp,
        lambda g, saved: saved[0] * -g[..., None],
        lambda g, saved: saved[1] * g[..., None],
    ),
    saves=True,
)


def triplet_margin_loss(
    anchor: Tensor[S, T, D],
    positive: Tensor[S, T2, D],
    negative: Tensor[S, Any, D],
    *,
    reduction: Reduction = "mean",
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``max(d(anchor, positive) - d(anchor, negative) + margin, 0)``.

    The distance d is the p-norm of the difference, to which eps is added.

    Shape: ``(*B, N), (*B, N), (*B, N) -> ()``; ``(*B)`` without a reduction

    Args:
        anchor: vectors along the last axis.
        positive: vectors that should be near, of the same shape.
        negative: vectors that should be farther away, of the same shape.
        reduction: "mean" over the triplets, "sum", or "none" for the losses of the triplets.
        margin: by how much they should be farther away.
        p: which norm, from 1 to infinity.
        eps: added to each difference, as PyTorch does.

    Raises:
        ShapeError: the shapes differ, or are those of scalars.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: p is less than 1, the margin is negative, or there is no such reduction.

    VJP: for the anchor ``g / n * (u - v)`` with the slopes u and v of the two distances; ``-g / n
    * u`` for the positive and ``g / n * v`` for the negative; 0 where the loss is 0, and for a
    distance of 0

    Example:
        >>> import tensorlib as tl
        >>> anchor, near, far = tl.zeros((1, 2)), tl.tensor([[0.0, 1.0]]), tl.tensor([[1.5, 0.0]])
        >>> round(tl.losses.triplet_margin_loss(anchor, near, far).item(), 4)
        0.5
    """
    margin, p, eps = (float(plain_scalar(x, "triplet_margin_loss")) for x in (margin, p, eps))
    if not p >= 1:
        raise ValueError(f"triplet_margin_loss: p must be at least 1, got {p:g}")
    if not margin >= 0:
        raise ValueError(f"triplet_margin_loss: margin must not be negative, got {margin:g}")
    return _triplet_margin_loss(anchor, positive, negative, reduction, margin, p, eps)
