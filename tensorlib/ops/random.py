"""Ops that draw random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib import recording
from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import random as rules
from tensorlib.tape import Array, NoTape
from tensorlib.typevars import D, Dims, S, Seed, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


def _dropout_forward(
    x: Array, p: float, rng: np.random.Generator
) -> tuple[Array, tuple[Array, float]]:
    kept: Array = np.asarray(rng.random(x.shape, np.float32) >= p)
    scale = 1 / (1 - p) if p < 1 else 0.0
    return _dropped(x, (kept, scale)), (kept, scale)


def _dropped(g: Array, saved: tuple[Array, float]) -> Array:
    kept, scale = saved
    return g * kept * scale


_dropout = Primitive(rules.dropout, _dropout_forward, _dropped, saves=True)


def dropout(x: Tensor[S, T, D], p: float = 0.5, *, rng: Seed = None) -> Tensor[S, T, D]:
    """Set each element to 0 with probability p, and divide the others by 1 - p.

    Acts whether or not x owns a tape; `tensorlib.nn.Dropout` is the layer that acts in training.

    Args:
        x: floating point.
        p: from 0 to 1.
        rng: what decides which elements.

    Raises:
        ValueError: p is not from 0 to 1.
        DtypeError: x is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> tl.dropout(tl.ones((1000,)), 0.75, rng=0).unique().tolist()
        [0.0, 4.0]

    VJP: ``g / (1 - p)`` where x was kept, else 0
    """
    require_probability(p, "dropout")
    return _dropout(x, float(p), _generator(rng))


def _generator(rng: Seed) -> np.random.Generator:
    """Return the Generator itself, or a new one from a seed or from fresh entropy."""
    return recording.noted(np.random.default_rng)(rng)


def require_probability(p: float, op: str) -> None:
    """Require a number from 0 to 1.

    Raises:
        ValueError: it is smaller, larger or NaN.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"{op}: p must be from 0 to 1, got {p}")


def _bernoulli_forward(p: Array, rng: np.random.Generator) -> Array:
    if not np.all((p >= 0) & (p <= 1)):  # NaN is neither
        raise ValueError(f"bernoulli: probabilities must be from 0 to 1, got {_outside(p)}")
    return (rng.random(p.shape) < p).astype(p.dtype)


def _outside(p: Array) -> Any:
    """Return the first number that is no probability."""
    return p[~((p >= 0) & (p <= 1))].flat[0]


_bernoulli = Primitive(rules.bernoulli, _bernoulli_forward, None, operands=1)


def bernoulli(p: Tensor[S, Any, D], *, rng: Seed = None) -> Tensor[S, NoTape, D]:
    """Draw a 1 with the probability that each element says, else a 0.

    Records nothing: the draw has no gradient.

    Args:
        p: floating point, from 0 to 1.
        rng: what to draw from.

    Raises:
        ValueError: an element is no probability.
        DtypeError: p is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> tl.bernoulli(tl.tensor([0.0, 1.0]), rng=0).tolist()
        [0.0, 1.0]
        >>> tl.bernoulli(tl.full((1000,), 0.5), rng=0).unique().tolist()
        [0.0, 1.0]
    """
    return _bernoulli(p, _generator(rng))


def _categorical_forward(logits: Array, axis: int, rng: np.random.Generator) -> Array:
    if not np.all(logits < np.inf):
        raise ValueError("categorical: logits must not be NaN or inf")
    if not np.all(np.max(logits, axis=axis, initial=-np.inf) > -np.inf):
        raise ValueError("categorical: the logits of a line must not all be -inf")
    # The largest of logits plus Gumbel noise is each of them with its probability.
    return np.asarray(np.argmax(logits + rng.gumbel(size=logits.shape), axis=axis))


_categorical = Primitive(rules.categorical, _categorical_forward, None, operands=1)


def categorical(
    logits: Tensor[Any, Any, Any], axis: int = -1, *, rng: Seed = None
) -> Tensor[Dims, NoTape, np.int64]:
    """Draw one index along an axis, with the probabilities ``softmax(logits, axis)``.

    Records nothing: the draw has no gradient.

    Shape: ``(*A, N, *B) -> (*A, *B)``

    Args:
        logits: floating point, logarithms of probabilities up to a constant; -inf is never drawn.
        axis: along which to choose.
        rng: what to draw from.

    Raises:
        IndexOutOfRangeError: the tensor lacks the axis.
        ShapeError: there is nothing to choose from.
        ValueError: a logit is NaN or inf, or all along the axis are -inf.
        DtypeError: the logits are not floating point.

    Example:
        >>> import tensorlib as tl
        >>> never = float("-inf")
        >>> tl.categorical(tl.tensor([[never, 0.0], [0.0, never]]), rng=0).tolist()
        [1, 0]
    """
    return _categorical(logits, plain_int(axis, "categorical"), _generator(rng))


def _multinomial_forward(
    probs: Array, num_samples: int, replacement: bool, rng: np.random.Generator
) -> Array:
    weights = probs.reshape(-1, probs.shape[-1]).astype(np.float64)
    if not np.all((weights >= 0) & (weights < np.inf)):
        raise ValueError("multinomial: probabilities must be finite and not negative")
    needed = 1 if replacement else num_samples
    possible = np.count_nonzero(weights, axis=1)
    if np.any(possible < needed):
        raise ValueError(
            f"multinomial: expected at least {needed} probabilities above 0 in each row, "
            f"got {possible.min()}"
        )
    draw = _with_replacement if replacement else _without_replacement
    return draw(weights, num_samples, rng).reshape(*probs.shape[:-1], num_samples)


def _with_replacement(weights: Array, count: int, rng: np.random.Generator) -> Array:
    """Look up uniform numbers in the running sums of each row's weights."""
    sums = np.cumsum(weights, axis=1)
    draws = rng.random((len(weights), count)) * sums[:, -1:]
    rows = [np.searchsorted(*row, side="right") for row in zip(sums, draws, strict=True)]
    return np.asarray(rows, np.int64)


def _without_replacement(weights: Array, count: int, rng: np.random.Generator) -> Array:
    """Let each index wait for a time with its weight as the rate, and take the first to come."""
    with np.errstate(divide="ignore"):  # a weight of 0 waits forever
        times = rng.standard_exponential(weights.shape) / weights
    return np.argsort(times, axis=1, kind="stable")[:, :count]


_multinomial = Primitive(rules.multinomial, _multinomial_forward, None, operands=1)


def multinomial(
    probs: Tensor[Any, Any, Any],
    num_samples: int,
    replacement: bool = False,
    *,
    rng: Seed = None,
) -> Tensor[Dims, NoTape, np.int64]:
    """Draw indices of the last axis, with the probabilities that it says.

    Records nothing: the draw has no gradient.

    Shape: ``(*B, N) -> (*B, num_samples)``

    Args:
        probs: floating point, not negative; each row is divided by its sum.
        num_samples: how many indices to draw for each row, in the order in which they were drawn.
        replacement: whether an index can be drawn again.
        rng: what to draw from.

    Raises:
        ShapeError: there is nothing to choose from, or less than num_samples without replacement.
        ValueError: a probability is negative, infinite or NaN, or too few of a row are above 0.
        DtypeError: probs is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> tl.multinomial(tl.tensor([0.2, 0.0, 0.8]), 2, rng=0).sort().tolist()
        [0, 2]
        >>> tl.multinomial(tl.ones((5, 3)), 7, replacement=True, rng=0).shape
        (5, 7)
    """
    count = plain_int(num_samples, "multinomial", "num_samples")
    return _multinomial(probs, count, bool(replacement), _generator(rng))
