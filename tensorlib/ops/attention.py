"""Attention: averages of values, weighted by how well keys answer a query."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.kernels import compiled
from tensorlib.ops.optional import WithOptional
from tensorlib.ops.random import require_probability
from tensorlib.ops.reduction import peak, sum_of_products, widened
from tensorlib.shapes import attention as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, T3, D, Dims, Seed, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


class _Weights:
    """The weights of one call, and the gradient of the scores, which is computed only once.

    Attributes:
        all: the weights before dropout.
        kept: those after it.
        factor: what dropout multiplied them by, or None without dropout.
    """

    __slots__ = ("_slopes", "all", "factor", "kept")

    def __init__(self, weights: Array, factor: Array | None) -> None:
        self.all = weights
        self.factor = factor
        self.kept = weights if factor is None else weights * factor
        self._slopes: tuple[Array, Array] | None = None

    def slopes(self, g: Array, v: Array) -> Array:
        """Return the gradient of the scores."""
        if self._slopes is None or self._slopes[0] is not g:
            of_weights = products.matmul(g, np.swapaxes(v, -1, -2))
            if self.factor is not None:
                of_weights = of_weights * self.factor
            self._slopes = g, _softmax_vjp(of_weights, self.all)
        return self._slopes[1]


def _forward(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None,
    is_causal: bool,
    scale: float | None,
    dropout_p: float,
    rng: Seed,
) -> tuple[Array, _Weights]:
    floats = [q, k, v, *([mask] if mask is not None and mask.dtype.kind == "f" else [])]
    wide_q, wide_k, wide_v = widened(q), widened(k), widened(v)
    scores = products.matmul(wide_q * _scale(q, scale), np.swapaxes(wide_k, -1, -2))
    if mask is not None and mask.dtype.kind == "f":
        np.add(scores, mask, scores)
    elif mask is not None:
        np.copyto(scores, -np.inf, where=~mask)
    weights = _Weights(_softmax(scores, is_causal), _dropout_factor(scores, dropout_p, rng))
    y = products.matmul(weights.kept, wide_v)
    return y.astype(np.result_type(*floats), copy=False), weights


def _scale(q: Array, scale: float | None) -> float:
    return 1 / math.sqrt(q.shape[-1] or 1) if scale is None else scale


@compiled("rows.weights")
def _softmax(scores: Array, is_causal: bool) -> Array:
    """Put the softmax along the last axis in place of scores; zeros where all of them are -inf."""
    if is_causal:
        np.copyto(scores, -np.inf, where=~np.tri(*scores.shape[-2:], dtype=np.bool))
    top = peak(scores, -1)
    top[top == -np.inf] = 0
    np.subtract(scores, top, scores)
    np.exp(scores, scores)
    total = np.add.reduce(scores, axis=-1, keepdims=True)
    total[total == 0] = 1
    np.divide(scores, total, scores)
    return scores


@compiled("rows.weights_vjp")
def _softmax_vjp(g: Array, weights: Array) -> Array:
    """Put the cotangent of the scores in place of that of the weights."""
    g -= sum_of_products(g, weights, (-1,))
    g *= weights
    return g


def _dropout_factor(scores: Array, p: float, rng: Seed) -> Array | None:
    if p == 0:
        return None
    kept = np.asarray(np.random.default_rng(rng).random(scores.shape, np.float32) >= p)
    return kept.astype(scores.dtype) * (1 / (1 - p) if p < 1 else 0.0)


def _q_vjp(g: Array, saved: _Weights, q: Array, k: Array, v: Array, scale: float | None) -> Array:
    return products.matmul(saved.slopes(g, v), k) * _scale(q, scale)


def _k_vjp(g: Array, saved: _Weights, q: Array, v: Array, scale: float | None) -> Array:
    return products.matmul(np.swapaxes(saved.slopes(g, v), -1, -2), q * _scale(q, scale))


def _v_vjp(g: Array, saved: _Weights) -> Array:
    return products.matmul(np.swapaxes(saved.kept, -1, -2), g)


_attention = WithOptional(
    rules.scaled_dot_product_attention,
    _forward,
    (_q_vjp, _k_vjp, _v_vjp, lambda g, saved, v: saved.slopes(g, v)),
    required=3,
    saves=True,
)


def scaled_dot_product_attention(
    q: Tensor[Any, T, D],
    k: Tensor[Any, T2, D],
    v: Tensor[Any, T3, D],
    mask: Tensor[Any, Any, Any] | None = None,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    dropout_p: float = 0.0,
    rng: Seed = None,
) -> Tensor[Dims, T | T2 | T3, D]:
    """Return ``softmax(q @ k.T * scale) @ v``: for each query the values of the keys it fits.

    Shape: ``(*B, S, K), (*B, T, K), (*B, T, V) -> (*B, S, V)``; batch dimensions stretch
    one-sidedly, and a mask stretches to ``(*B, S, T)``.

    A query that may attend to no key at all gets zeros, and passes no gradient on.

    Args:
        q: the queries, floating point.
        k: the keys.
        v: the values, one for each key.
        mask: bools, True where the query may attend to the key; or floats that are added to the
            scores, and have a gradient.
        is_causal: whether query i may attend only to the keys 0 to i, besides what the mask says.
        scale: what the products are multiplied by; None for ``1 / sqrt(K)``.
        dropout_p: the probability with which a weight is set to 0, from 0 to 1; whether or not
            there is a tape.
        rng: what decides which weights.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: dropout_p is not from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> q, k, v = tl.ones((8, 5, 16)), tl.ones((8, 7, 16)), tl.ones((8, 7, 32))
        >>> tl.scaled_dot_product_attention(q, k, v).shape
        (8, 5, 32)
        >>> v = tl.tensor([[1.0], [3.0]])
        >>> same = tl.zeros((2, 4))
        >>> tl.scaled_dot_product_attention(same, same, v, is_causal=True).tolist()
        [[1.0], [2.0]]

    VJP: ``d @ k * scale, d.T @ q * scale, w.T @ g, d`` with the weights w and
    ``d = w * (g @ v.T - sum(w * (g @ v.T)))``

    Source: Vaswani et al., "Attention Is All You Need", 2017.
    """
    require_probability(dropout_p, "scaled_dot_product_attention")
    if scale is not None:
        scale = float(plain_scalar(scale, "scaled_dot_product_attention"))
    return _attention(q, k, v, mask, bool(is_causal), scale, float(dropout_p), rng)
