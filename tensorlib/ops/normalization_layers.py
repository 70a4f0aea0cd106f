"""Normalizations with trained weights, each one op: layer, rms, group and batch norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlib.ops.arguments import plain_int, plain_scalar
from tensorlib.ops.kernels import compiled
from tensorlib.ops.node import unbroadcast
from tensorlib.ops.optional import WithOptional
from tensorlib.ops.reduction import count_of, sum_of_products, widened
from tensorlib.shapes import normalization as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, S, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

_add: Callable[..., Array] = np.add.reduce


class Statistics(NamedTuple):
    """Mean and variance of each channel, the variance without correction."""

    mean: Array
    var: Array


class _Standard(NamedTuple):
    """What was brought to mean 0 and variance 1, and how.

    Attributes:
        y: the result.
        scale: the factor that made the variance 1.
        axes: the axes over which they were measured.
    """

    y: Array
    scale: Array
    axes: tuple[int, ...]


def _standardized(x: Array, axes: tuple[int, ...], eps: float) -> tuple[_Standard, Statistics]:
    wide = widened(x)
    totals = _add(wide, axis=axes, keepdims=True)
    count = count_of(x.shape, totals.shape) or 1
    mean = np.asarray(totals / count)
    y = np.asarray(wide - mean)
    var = sum_of_products(y, y, axes) / count
    scale = _root_of_inverse(var, eps)
    with np.errstate(invalid="ignore"):  # equal elements, and eps is 0
        y *= scale
    return _Standard(y, scale, axes), Statistics(mean, var)


def _root_of_inverse(var: Array, eps: float) -> Array:
    with np.errstate(divide="ignore"):  # equal elements, and eps is 0
        return np.asarray(1 / np.sqrt(var + np.asarray(eps, var.dtype)))


def _standardized_vjp(g: Array, standard: _Standard) -> Array:
    y, scale, axes = standard
    count = count_of(y.shape, scale.shape) or 1
    level = _add(g, axis=axes, keepdims=True, dtype=y.dtype) / count
    tilt = sum_of_products(g, y, axes) / count
    slope = np.asarray(g - level)
    slope -= y * tilt
    slope *= scale
    return slope


def _weighted(y: Array, weight: Array | None, bias: Array | None, dtype: Any) -> Array:
    """Multiply and add what stretches to y, and round to the result's dtype."""
    result = y if weight is None else np.asarray(y * weight)
    if bias is not None:  # y itself is kept for the backward pass
        result = np.add(result, bias, None if result is y else result)
    return result.astype(dtype, copy=False)


# Over the last axes -------------------------------------------------------------------------------


def _last_axes(weight: Array | None, bias: Array | None) -> tuple[int, ...]:
    """Return the axes that the weights cover, counted from the end; one without weights."""
    given = bias if weight is None else weight
    return tuple(range(-1 if given is None else -given.ndim, 0))


@compiled("rows.layer_norm")
def _normalized(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    standard, _ = _standardized(x, _last_axes(weight, bias), eps)
    return _weighted(standard.y, weight, bias, x.dtype), standard.y, standard.scale


def _layer_norm_forward(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, _Standard]:
    result, y, scale = _normalized(x, weight, bias, eps)
    return result, _Standard(y, scale, _last_axes(weight, bias))


@compiled("rows.layer_norm_vjp")
def _normalized_vjp(
    g: Array, y: Array, scale: Array, axes: tuple[int, ...], weight: Array | None
) -> Array:
    return _standardized_vjp(g if weight is None else g * weight, _Standard(y, scale, axes))


@compiled("rows.column_products")
def _weight_slope(g: Array, y: Array, axes: tuple[int, ...]) -> Array:
    return unbroadcast(g * y, y.shape[-len(axes) :])


_layer_norm = WithOptional(
    rules.layer_norm,
    _layer_norm_forward,
    (
        lambda g, saved, weight: _normalized_vjp(g, saved.y, saved.scale, saved.axes, weight),
        lambda g, saved: _weight_slope(g, saved.y, saved.axes),
        lambda g: g,
    ),
    saves=True,
)


def layer_norm(
    x: Tensor[S, T, D],
    weight: Tensor[Any, Any, D] | None = None,
    bias: Tensor[Any, Any, D] | None = None,
    eps: float = 1e-5,
) -> Tensor[S, T, D]:
    """Return ``(x - mean(x)) / sqrt(var(x) + eps) * weight + bias`` over the last axes.

    Shape: ``(*B, *N), (*N), (*N) -> (*B, *N)``; without weight and bias, over the last axis.

    Args:
        x: floating point.
        weight: its dimensions are those over which x is normalized.
        bias: of the weight's shape.
        eps: keeps the root from 0.

    Raises:
        ShapeError: x does not end with the weight's dimensions, or the bias has others.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 3.0], [10.0, 50.0]])
        >>> tl.layer_norm(x, bias=tl.tensor([10.0, 20.0]), eps=0.0).tolist()
        [[9.0, 21.0], [9.0, 21.0]]

    VJP: ``(h - mean(h) - z * mean(h * z)) / sqrt(var(x) + eps), sum(g * z), sum(g)`` with z the
    normalized x and ``h = g * weight``
    """
    return _layer_norm(x, weight, bias, float(plain_scalar(eps, "layer_norm")))


def _rms_norm_forward(
    x: Array, weight: Array | None, eps: float | None
) -> tuple[Array, tuple[Array, Array, tuple[int, ...]]]:
    wide, axes = widened(x), _last_axes(weight, None)
    totals = _add(wide * wide, axis=axes, keepdims=True)
    least = np.finfo(x.dtype).eps if eps is None else np.asarray(eps, wide.dtype)
    with np.errstate(divide="ignore", invalid="ignore"):  # zeros, and eps is 0
        scale = np.asarray(1 / np.sqrt(totals / (count_of(x.shape, totals.shape) or 1) + least))
        y = np.asarray(wide * scale)
    return _weighted(y, weight, None, x.dtype), (y, scale, axes)


def _rms_norm_vjp(
    g: Array, saved: tuple[Array, Array, tuple[int, ...]], weight: Array | None
) -> Array:
    y, scale, axes = saved
    g = g if weight is None else g * weight
    count = count_of(y.shape, scale.shape) or 1
    return np.asarray(scale * (g - y * (_add(g * y, axis=axes, keepdims=True) / count)))


_rms_norm = WithOptional(
    rules.rms_norm,
    _rms_norm_forward,
    (_rms_norm_vjp, lambda g, saved: g * saved[0]),
    saves=True,
)


def rms_norm(
    x: Tensor[S, T, D], weight: Tensor[Any, Any, D] | None = None, eps: float | None = None
) -> Tensor[S, T, D]:
    """Return ``x / sqrt(mean(x^2) + eps) * weight`` over the last axes.

    Shape: ``(*B, *N), (*N) -> (*B, *N)``; without a weight, over the last axis.

    Args:
        x: floating point.
        weight: its dimensions are those over which x is normalized.
        eps: keeps the root from 0; None for the distance from 1 to the next float of x's dtype.

    Raises:
        ShapeError: x does not end with the weight's dimensions.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.rms_norm(tl.tensor([1.0, -7.0])).tolist()]
        [0.2, -1.4]

    VJP: ``(h - z * mean(h * z)) / sqrt(mean(x^2) + eps), sum(g * z)`` with z the normalized x and
    ``h = g * weight``

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
    """
    return _rms_norm(x, weight, None if eps is None else float(plain_scalar(eps, "rms_norm")))


# By channels --------------------------------------------------------------------------------------


def _along(channels: Array, axis: int, rank: int) -> Array:
    """Return an array of one axis so that it stretches along the others in so many axes."""
    return channels.reshape((-1,) + (1,) * (rank - 1 - axis % rank))


def _weight_along(weight: Array | None, axis: int, rank: int) -> Array | None:
    return None if weight is None else _along(weight, axis, rank)


def _channel_sum(g: Array, axis: int) -> Array:
    """Add up all but the channels."""
    return _add(g, axis=tuple(other for other in range(g.ndim) if other != axis % g.ndim))


def _group_norm_forward(
    x: Array, weight: Array | None, bias: Array | None, num_groups: int, eps: float
) -> tuple[Array, _Standard]:
    standard, _ = _standardized(_grouped(x, num_groups), (2,), eps)
    factor, shift = _weight_along(weight, 1, x.ndim), _weight_along(bias, 1, x.ndim)
    return _weighted(standard.y.reshape(x.shape), factor, shift, x.dtype), standard


def _grouped(x: Array, num_groups: int) -> Array:
    """Return ``(N, C, *S)`` as ``(N, groups, elements of a group)``."""
    return x.reshape(x.shape[0], num_groups, x[:1].size // num_groups)


def _group_norm_vjp(g: Array, saved: _Standard, weight: Array | None, num_groups: int) -> Array:
    factor = _weight_along(weight, 1, g.ndim)
    scaled = g if factor is None else g * factor
    return _standardized_vjp(_grouped(scaled, num_groups), saved).reshape(g.shape)


_group_norm = WithOptional(
    rules.group_norm,
    _group_norm_forward,
    (
        _group_norm_vjp,
        lambda g, saved: _channel_sum(g * saved.y.reshape(g.shape), 1),
        lambda g: _channel_sum(g, 1),
    ),
    saves=True,
)


def group_norm(
    x: Tensor[S, T, D],
    num_groups: int,
    weight: Tensor[Any, Any, D] | None = None,
    bias: Tensor[Any, Any, D] | None = None,
    eps: float = 1e-5,
) -> Tensor[S, T, D]:
    """Normalize each example over groups of channels; then weight and bias by channel.

    Shape: ``(N, C, *S), (C,), (C,) -> (N, C, *S)``

    Args:
        x: floating point.
        num_groups: how many groups the channels form; C is a multiple of it.
        weight: what each channel is multiplied by.
        bias: what is added to each channel.
        eps: keeps the root from 0.

    Raises:
        ShapeError: C is no multiple of the number of groups, or the others do not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 3.0, 10.0, 50.0]])
        >>> tl.group_norm(x, 2, eps=0.0).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]

    VJP: as for `layer_norm`, over groups

    Source: Wu and He, "Group Normalization", 2018.
    """
    number = float(plain_scalar(eps, "group_norm"))
    return _group_norm(x, weight, bias, plain_int(num_groups, "group_norm"), number)


Observer = Callable[[Statistics], None]


def _batch_norm_forward(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    axis: int,
    eps: float,
    statistics: Statistics | None,
    observe: Observer | None,
) -> tuple[Array, _Standard]:
    if statistics is None:
        others = tuple(other for other in range(x.ndim) if other != axis % x.ndim)
        standard, seen = _standardized(x, others, eps)
        if observe is not None:
            observe(Statistics(seen.mean.reshape(-1), seen.var.reshape(-1)))
    else:
        mean, var = (_along(each, axis, x.ndim) for each in statistics)
        scale = _root_of_inverse(var, eps)
        standard = _Standard(np.asarray((widened(x) - mean) * scale), scale, ())
    factor, shift = _weight_along(weight, axis, x.ndim), _weight_along(bias, axis, x.ndim)
    return _weighted(standard.y, factor, shift, x.dtype), standard


def _batch_norm_vjp(
    g: Array, saved: _Standard, weight: Array | None, axis: int, statistics: Statistics | None
) -> Array:
    factor = _weight_along(weight, axis, g.ndim)
    scaled = g if factor is None else g * factor
    return _standardized_vjp(scaled, saved) if statistics is None else scaled * saved.scale


_batch_norm = WithOptional(
    rules.batch_norm,
    _batch_norm_forward,
    (
        _batch_norm_vjp,
        lambda g, saved, axis: _channel_sum(g * saved.y, axis),
        lambda g, axis: _channel_sum(g, axis),
    ),
    saves=True,
)


def batch_norm(
    x: Tensor[S, T, D],
    weight: Tensor[Any, Any, D] | None = None,
    bias: Tensor[Any, Any, D] | None = None,
    axis: int = 1,
    eps: float = 1e-5,
    *,
    statistics: Statistics | None = None,
    observe: Observer | None = None,
) -> Tensor[S, T, D]:
    """Normalize each channel over the batch and all other axes; then weight and bias by channel.

    Shape: ``(N, C, *S), (C,), (C,) -> (N, C, *S)``

    `tensorlib.nn.BatchNorm1d` is the layer, which remembers the statistics for inference.

    Args:
        x: floating point.
        weight: what each channel is multiplied by.
        bias: what is added to each channel.
        axis: where the channels are.
        eps: keeps the root from 0.
        statistics: mean and variance of each channel, arrays ``(C,)``, to be used as constants;
            None for those of x itself.
        observe: is called with the statistics of x, where these are used.

    Raises:
        IndexOutOfRangeError: x lacks the axis.
        ShapeError: weight or bias do not have one element for each channel.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 10.0], [3.0, 50.0]])
        >>> tl.batch_norm(x, eps=0.0).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
        >>> tl.batch_norm(x, tl.tensor([2.0, 1.0]), tl.tensor([0.0, 5.0]), eps=0.0).tolist()
        [[-2.0, 4.0], [2.0, 6.0]]

    VJP: as for `layer_norm`, over all axes but that of the channels

    Source: Ioffe and Szegedy, "Batch Normalization", 2015.
    """
    number = float(plain_scalar(eps, "batch_norm"))
    return _batch_norm(x, weight, bias, plain_int(axis, "batch_norm"), number, statistics, observe)
