"""Kernels of ops along the last axis: a row is read from memory once, then from the cache."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tensorlib.kernels import numeric
from tensorlib.kernels.building import (
    FUSED,
    SUMS,
    Count,
    In,
    Kernel,
    Out,
    OutRows,
    Rows,
    Scalar,
    fit,
    kernel,
)
from tensorlib.tape import Array

_LONGEST: Final = 16_384
"""How long a row may be: it stays in the cache, and sums without pairs are precise."""


def _are_rows(x: Array, axis: int) -> bool:
    """Tell whether an axis is the last one, with neither too few elements nor too many."""
    return axis in (-1, x.ndim - 1) and 0 < x.shape[-1] <= _LONGEST


def _rows(*arrays: Array) -> tuple[Array, ...]:
    return tuple(x.reshape(-1, x.shape[-1]) for x in arrays)


def _apply(function: Kernel, axis: int, *arrays: Array) -> Any:
    """Return what a kernel makes of each row, of arrays that fit."""
    if not _are_rows(arrays[0], axis) or not fit(*arrays):
        return NotImplemented
    y = np.empty(arrays[0].shape, arrays[0].dtype)
    function[y.dtype](*_rows(*arrays, y))
    return y


# Softmax ------------------------------------------------------------------------------------------


@kernel(SUMS)
def _softmax(x: Rows, y: OutRows) -> None:
    for i in range(x.shape[0]):
        row, out = x[i], y[i]
        top = numeric.largest(row)
        total = row.dtype.type(0)
        for j in range(row.size):
            out[j] = numeric.exp(row[j] - top)
            total += out[j]
        factor = row.dtype.type(1) / total
        for j in range(row.size):
            out[j] *= factor


def softmax(x: Array, axis: int) -> Any:
    """Return ``exp(x)`` divided by its sum."""
    return _apply(_softmax, axis, x)


@kernel(SUMS)
def _softmax_vjp(g: Rows, s: Rows, y: OutRows) -> None:
    for i in range(g.shape[0]):
        given, weights, out = g[i], s[i], y[i]
        total = given.dtype.type(0)
        for j in range(given.size):
            total += given[j] * weights[j]
        for j in range(given.size):
            out[j] = (given[j] - total) * weights[j]


def softmax_vjp(g: Array, y: Array, axis: int) -> Any:
    """Return ``y * (g - sum(g * y))``."""
    return _apply(_softmax_vjp, axis, g, y)


@kernel(SUMS)
def _log_softmax(x: Rows, y: OutRows) -> None:
    for i in range(x.shape[0]):
        row, out = x[i], y[i]
        top = numeric.largest(row)
        total = row.dtype.type(0)
        for j in range(row.size):
            total += numeric.exp(row[j] - top)
        level = np.log(total)
        for j in range(row.size):
            out[j] = (row[j] - top) - level


def log_softmax(x: Array, axis: int) -> Any:
    """Return the logarithm of `softmax`."""
    return _apply(_log_softmax, axis, x)


@kernel(SUMS)
def _log_softmax_vjp(g: Rows, s: Rows, y: OutRows) -> None:
    for i in range(g.shape[0]):
        given, logs, out = g[i], s[i], y[i]
        total = given.dtype.type(0)
        for j in range(given.size):
            total += given[j]
        for j in range(given.size):
            out[j] = given[j] - numeric.exp(logs[j]) * total


def log_softmax_vjp(g: Array, y: Array, axis: int) -> Any:
    """Return ``g - exp(y) * sum(g)``."""
    return _apply(_log_softmax_vjp, axis, g, y)


@kernel(SUMS)
def _weights(x: OutRows, queries: Count) -> None:
    for i in range(x.shape[0]):
        row = x[i]
        if queries:  # each attends to the keys up to its own place
            row[i % queries + 1 :] = 0
            row = row[: i % queries + 1]
        top = numeric.largest(row)
        zero, one = row.dtype.type(0), row.dtype.type(1)
        top = zero if top == -np.inf else top
        total = zero
        for j in range(row.size):
            row[j] = numeric.exp(row[j] - top)
            total += row[j]
        factor = one if total == zero else one / total
        for j in range(row.size):
            row[j] *= factor


def weights(scores: Array, is_causal: bool) -> Any:
    """Put the softmax of scores in their place, and zeros where all of a row are -inf."""
    if not _are_rows(scores, -1) or not fit(scores):
        return NotImplemented
    _weights[scores.dtype](*_rows(scores), scores.shape[-2] if is_causal else 0)
    return scores


@kernel(SUMS)
def _weights_vjp(g: OutRows, s: Rows) -> None:
    for i in range(g.shape[0]):
        given, weights = g[i], s[i]
        total = given.dtype.type(0)
        for j in range(given.size):
            total += given[j] * weights[j]
        for j in range(given.size):
            given[j] = (given[j] - total) * weights[j]


def weights_vjp(g: Array, weights: Array) -> Any:
    """Put ``weights * (g - sum(g * weights))`` in the place of g."""
    if not _are_rows(g, -1) or not fit(g, weights):
        return NotImplemented
    _weights_vjp[g.dtype](*_rows(g, weights))
    return g


# Cross-entropy ------------------------------------------------------------------------------------


@kernel(SUMS)
def _surprise(x: Rows, s: OutRows, shifted: OutRows, logs: Out) -> None:
    for i in range(x.shape[0]):
        row, out, less = x[i], s[i], shifted[i]
        top = numeric.largest(row)
        total = row.dtype.type(0)
        for j in range(row.size):
            less[j] = row[j] - top
            out[j] = numeric.exp(row[j] - top)
            total += out[j]
        factor = row.dtype.type(1) / total
        for j in range(row.size):
            out[j] *= factor
        logs[i] = np.log(total)


def surprise(x: Array) -> Any:
    """Return the softmax, the elements less the largest of their row, and the logs of sums."""
    if not _are_rows(x, -1) or not fit(x):
        return NotImplemented
    s, shifted = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
    logs = np.empty((*x.shape[:-1], 1), x.dtype)
    _surprise[x.dtype](*_rows(x, s, shifted), logs.reshape(-1))
    return s, shifted, logs


# Layer norm ---------------------------------------------------------------------------------------


@kernel(SUMS)
def _layer_norm(
    x: Rows, weight: In, bias: In, eps: Scalar, y: OutRows, z: OutRows, scale: Out
) -> None:
    for i in range(x.shape[0]):
        row, out, standard = x[i], y[i], z[i]
        zero, one, count = row.dtype.type(0), row.dtype.type(1), row.dtype.type(row.size)
        total = zero
        for j in range(row.size):
            total += row[j]
        mean = total / count
        total = zero
        for j in range(row.size):
            total += (row[j] - mean) * (row[j] - mean)
        factor = one / np.sqrt(total / count + eps)
        scale[i] = factor
        for j in range(row.size):
            standard[j] = (row[j] - mean) * factor
            out[j] = standard[j] * weight[j] + bias[j]


def layer_norm(x: Array, weight: Array | None, bias: Array | None, eps: float) -> Any:
    """Return normalized rows times weight plus bias, these without, and the rows' factors."""
    if weight is None or bias is None or weight.ndim != 1 or not _are_rows(x, -1):
        return NotImplemented
    if not fit(x) or not fit(weight, bias) or weight.dtype != x.dtype:
        return NotImplemented
    y, z = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
    scale = np.empty((*x.shape[:-1], 1), x.dtype)
    _layer_norm[x.dtype](*_rows(x), weight, bias, eps, *_rows(y, z), scale.reshape(-1))
    return y, z, scale


@kernel(SUMS)
def _layer_norm_vjp(g: Rows, z: Rows, scale: In, weight: In, y: OutRows) -> None:
    for i in range(g.shape[0]):
        given, standard, out = g[i], z[i], y[i]
        zero, count = given.dtype.type(0), given.dtype.type(given.size)
        level = zero
        tilt = zero
        for j in range(given.size):
            h = given[j] * weight[j]
            level += h
            tilt += h * standard[j]
        level /= count
        tilt /= count
        for j in range(given.size):
            out[j] = (given[j] * weight[j] - level - standard[j] * tilt) * scale[i]


def layer_norm_vjp(
    g: Array, z: Array, scale: Array, axes: tuple[int, ...], weight: Array | None
) -> Any:
    """Return ``(h - mean(h) - z * mean(h * z)) * scale`` with ``h = g * weight``."""
    if weight is None or axes != (-1,) or not _are_rows(g, -1):
        return NotImplemented
    if not fit(g, z) or not fit(weight) or weight.dtype != g.dtype or not fit(scale):
        return NotImplemented
    y = np.empty(g.shape, g.dtype)
    _layer_norm_vjp[g.dtype](*_rows(g, z), scale.reshape(-1), weight, *_rows(y))
    return y


@kernel(FUSED)
def _column_products(g: Rows, z: Rows, part: Out, y: Out) -> None:
    zero = g.dtype.type(0)
    for start in range(0, g.shape[0], 64):  # by parts, so that large sums meet large ones
        part[:] = zero
        for i in range(start, min(start + 64, g.shape[0])):
            given, standard = g[i], z[i]
            for j in range(given.size):
                part[j] += given[j] * standard[j]
        for j in range(y.size):
            y[j] += part[j]


def column_products(g: Array, z: Array, axes: tuple[int, ...]) -> Any:
    """Return ``sum(g * z)`` over all axes but the last."""
    if axes != (-1,) or not _are_rows(g, -1) or not fit(g, z):
        return NotImplemented
    part, y = np.empty(g.shape[-1], g.dtype), np.zeros(g.shape[-1], g.dtype)
    _column_products[g.dtype](*_rows(g, z), part, y)
    return y
