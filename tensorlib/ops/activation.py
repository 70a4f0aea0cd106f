"""Activations, elementwise; `relu`, `sigmoid` and `tanh` are in elementwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tensorlib.ops.arguments import plain_scalar
from tensorlib.ops.blocks import blocks, like
from tensorlib.ops.kernels import compiled
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import widened
from tensorlib.ops.special import erf_of, logistic
from tensorlib.shapes import activation as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

_TANH_SCALE, _TANH_CUBE = math.sqrt(2 / math.pi), 0.044715


@compiled("elementwise.gelu")
def _gelu_forward(x: Array, approximate: str) -> tuple[Array, Array]:
    y, below = like(x), like(x)
    for part, out, half in blocks(np.ascontiguousarray(x), y, below):
        inner = (
            np.tanh(_gelu_inner(part)) if approximate == "tanh" else erf_of(part * math.sqrt(0.5))
        )
        np.add(inner, 1, half)
        np.multiply(half, 0.5, half)
        np.multiply(part, half, out)
    return y, below


def _gelu_inner(x: Array) -> Array:
    return np.asarray(_TANH_SCALE * (x + _TANH_CUBE * (x * x * x)))


@compiled("elementwise.gelu_vjp")
def _gelu_vjp(g: Array, x: Array, saved: Array, approximate: str) -> Array:
    slope = like(x)
    given = np.ascontiguousarray(x), saved, np.ascontiguousarray(g)
    for part, below, cotangent, out in blocks(*given, slope):
        np.multiply(part, part, out)
        if approximate == "tanh":
            out *= 6 * _TANH_CUBE * _TANH_SCALE
            out += 2 * _TANH_SCALE
            out *= below * (1 - below)
        else:
            out *= -0.5
            np.exp(out, out)
            out *= 1 / math.sqrt(2 * math.pi)
        out *= part
        out += below
        out *= cotangent
    return slope


_gelu = Primitive(rules.gelu, _gelu_forward, _gelu_vjp, saves=True)


def gelu(x: Tensor[S, T, D], approximate: Literal["none", "tanh"] = "none") -> Tensor[S, T, D]:
    """Return x times the probability that a normally distributed number is below x.

    Args:
        x: any shape.
        approximate: "tanh" computes ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))``.

    Raises:
        ValueError: approximate is neither "none" nor "tanh".

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([0.0, 100.0]).gelu().tolist()
        [0.0, 100.0]
        >>> round(tl.tensor(-1.0).gelu().item(), 4)
        -0.1587

    VJP: ``g * (P(x) + x * p(x))`` with the normal distribution P and its density p
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate must be "none" or "tanh", got {approximate!r}')
    return _gelu(x, approximate)


@compiled("elementwise.silu")
def _silu_forward(x: Array) -> tuple[Array, Array]:
    s = logistic(x)
    return x * s, s


@compiled("elementwise.silu_vjp")
def _silu_vjp(g: Array, x: Array, saved: Array) -> Array:
    slope = like(x)
    given = np.ascontiguousarray(x), saved, np.ascontiguousarray(g)
    for part, s, cotangent, out in blocks(*given, slope):
        np.subtract(1, s, out)
        out *= part
        out += 1
        out *= s
        out *= cotangent
    return slope


_silu = Primitive(rules.silu, _silu_forward, _silu_vjp, saves=True)


def silu(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``x * sigmoid(x)`` of each element, also known as swish.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor(0.0).silu().item()
        0.0
        >>> round(tl.tensor(1.0).silu().item(), 4)
        0.7311

    VJP: ``g * s * (1 + x * (1 - s))`` with s = sigmoid(x)
    """
    return _silu(x)


def _elu_forward(x: Array, alpha: float, scale: float) -> Array:
    below = alpha * np.expm1(np.minimum(x, 0))
    return np.asarray(scale * np.where(x > 0, x, below))


def _elu_vjp(g: Array, x: Array, alpha: float, scale: float) -> Array:
    return scale * np.where(x > 0, g, g * (alpha * np.exp(np.minimum(x, 0))))


_elu = Primitive(rules.elu, _elu_forward, _elu_vjp)


def elu(x: Tensor[S, T, D], alpha: float = 1.0) -> Tensor[S, T, D]:
    """Return x where it is positive, else ``alpha * (exp(x) - 1)``.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([0.0, 3.0]).elu().tolist()
        [0.0, 3.0]
        >>> round(tl.tensor(-1.0).elu().item(), 4)
        -0.6321

    VJP: ``g`` where x > 0, else ``g * alpha * exp(x)``
    """
    return _elu(x, plain_scalar(alpha, "elu"), 1.0)


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
_selu = Primitive(rules.selu, _elu_forward, _elu_vjp)


def selu(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return 1.0507 times `elu` with alpha = 1.6733, which keeps mean 0 and variance 1.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(1.0).selu().item(), 4)
        1.0507

    VJP: 1.0507 times that of `elu`
    """
    return _selu(x, _SELU_ALPHA, _SELU_SCALE)


_leaky_relu = Primitive(
    rules.leaky_relu,
    lambda x, negative_slope: np.where(x > 0, x, x * negative_slope),
    lambda g, x, negative_slope: np.where(x > 0, g, g * negative_slope),
)


def leaky_relu(x: Tensor[S, T, D], negative_slope: float = 0.01) -> Tensor[S, T, D]:
    """Return x where it is positive, else ``negative_slope * x``.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-8.0, 8.0]).leaky_relu(0.25).tolist()
        [-2.0, 8.0]

    VJP: ``g`` where x > 0, else ``negative_slope * g``
    """
    return _leaky_relu(x, plain_scalar(negative_slope, "leaky_relu"))


def _per_channel(weight: Array, rank: int) -> Array:
    """Return the weights so that they stretch to an operand of this rank along its axis 1."""
    return weight.reshape(-1, *(1,) * (rank - 2)) if weight.size != 1 else weight.reshape(())


def _prelu_forward(x: Array, weight: Array) -> Array:
    return np.where(x > 0, x, x * _per_channel(weight, x.ndim))


def _prelu_vjp(g: Array, x: Array, weight: Array) -> Array:
    return np.where(x > 0, g, g * _per_channel(weight, x.ndim))


def _prelu_weight_vjp(g: Array, x: Array, weight: Array) -> Array:
    slopes = widened(np.where(x > 0, 0, g * x))
    others = None if weight.size == 1 else tuple(axis for axis in range(x.ndim) if axis != 1)
    return np.asarray(np.sum(slopes, axis=others)).reshape(weight.shape)


_prelu = Primitive(rules.prelu, _prelu_forward, (_prelu_vjp, _prelu_weight_vjp))


def prelu(x: Tensor[S, T, D], weight: Tensor[Any, T2, D]) -> Tensor[S, T | T2, D]:
    """Return x where it is positive, else ``weight * x``, with a weight that is trained.

    Shape: ``(B, C, *R), (C,) -> (B, C, *R)``, or any shape with a weight of one element

    Raises:
        ShapeError: the weight has neither one element nor one for each channel.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[-4.0, -4.0], [1.0, 1.0]])
        >>> tl.prelu(x, tl.tensor([0.25, 0.5])).tolist()
        [[-1.0, -2.0], [1.0, 1.0]]

    VJP: ``g`` where x > 0, else ``weight * g``; the sum of ``x * g`` where x <= 0
    """
    return _prelu(x, weight)


def _softplus_forward(x: Array, beta: float, threshold: float) -> Array:
    scaled = x * beta
    return np.where(scaled > threshold, x, np.log1p(np.exp(np.minimum(scaled, threshold))) / beta)


def _softplus_vjp(g: Array, x: Array, beta: float, threshold: float) -> Array:
    scaled = x * beta
    return np.where(scaled > threshold, g, g * logistic(scaled))


_softplus = Primitive(rules.softplus, _softplus_forward, _softplus_vjp)


def softplus(x: Tensor[S, T, D], beta: float = 1.0, threshold: float = 20.0) -> Tensor[S, T, D]:
    """Return ``log(1 + exp(beta * x)) / beta``, and x itself where beta * x is above the threshold.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(0.0).softplus().item(), 4)
        0.6931
        >>> tl.tensor(50.0).softplus().item()
        50.0

    VJP: ``g * sigmoid(beta * x)``, and ``g`` above the threshold
    """
    return _softplus(x, plain_scalar(beta, "softplus"), plain_scalar(threshold, "softplus"))


_hardtanh = Primitive(
    rules.hardtanh,
    lambda x, min_val, max_val: np.clip(x, min_val, max_val),
    lambda g, x, min_val, max_val: np.where((x > min_val) & (x < max_val), g, 0),
)


def hardtanh(x: Tensor[S, T, D], min_val: float = -1.0, max_val: float = 1.0) -> Tensor[S, T, D]:
    """Limit each element to the interval from min_val to max_val.

    Raises:
        ValueError: min_val is larger than max_val.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-4.0, 0.5, 4.0]).hardtanh(0, 3).tolist()
        [0.0, 0.5, 3.0]

    VJP: ``g`` where min_val < x < max_val, else 0
    """
    low, high = plain_scalar(min_val, "hardtanh"), plain_scalar(max_val, "hardtanh")
    if low > high:
        raise ValueError(f"hardtanh: min_val must not be above max_val, got {low} and {high}")
    return _hardtanh(x, low, high)


_hardsigmoid = Primitive(
    rules.hardsigmoid,
    lambda x: np.clip(x + 3, 0, 6) / 6,
    lambda g, x: np.where((x > -3) & (x < 3), g / 6, 0),
)


def hardsigmoid(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return ``x / 6 + 1 / 2``, limited to the interval from 0 to 1.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-4.0, 0.0, 4.0]).hardsigmoid().tolist()
        [0.0, 0.5, 1.0]

    VJP: ``g / 6`` where -3 < x < 3, else 0
    """
    return _hardsigmoid(x)


_hardswish = Primitive(
    rules.hardswish,
    lambda x: x * (np.clip(x + 3, 0, 6) / 6),
    lambda g, x: np.where(x <= -3, 0, np.where(x < 3, g * (x / 3 + 0.5), g)),
)


def hardswish(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return x times `hardsigmoid` of x.

    Example:
        >>> import tensorlib as tl
        >>> tl.tensor([-1.5, 1.5, 4.0]).hardswish().tolist()
        [-0.375, 1.125, 4.0]

    VJP: 0 where x <= -3, ``g * (x / 3 + 1 / 2)`` where x < 3, else ``g``
    """
    return _hardswish(x)


_logsigmoid = Primitive(
    rules.logsigmoid,
    lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    lambda g, x: g * logistic(-x),
)


def logsigmoid(x: Tensor[S, T, D]) -> Tensor[S, T, D]:
    """Return the logarithm of `sigmoid` of each element, precise where that is nearly 0.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.tensor(0.0).logsigmoid().item(), 4)
        -0.6931
        >>> tl.tensor(-200.0).logsigmoid().item()
        -200.0

    VJP: ``g * sigmoid(-x)``
    """
    return _logsigmoid(x)
