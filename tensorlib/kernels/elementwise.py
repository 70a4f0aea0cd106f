"""Kernels of elementwise ops: all of an op, or of its derivative, in one pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlib.kernels import numeric
from tensorlib.kernels.building import EXACT, FUSED, In, Kernel, Out, Scalar, fit, kernel
from tensorlib.kernels.terms import Term
from tensorlib.ops.memory import empty
from tensorlib.tape import Array


def _apply(function: Kernel, *arrays: Array | Term) -> Any:
    """Return what a kernel makes of each element, of arrays that fit once they are contiguous."""
    if any(isinstance(x, Term) for x in arrays):
        return NotImplemented if function.formula is None else function.formula(*arrays)
    taken = [np.asarray(x, order="C") for x in arrays]
    if not fit(*taken):
        return NotImplemented
    y = empty(taken[0].shape, taken[0].dtype)
    function[y.dtype](*(x.reshape(-1) for x in taken), y.reshape(-1))
    return y


def _apply_and_save(function: Kernel, x: Array) -> Any:
    """Return what a kernel makes of each element, and what it keeps for the backward pass."""
    x = np.asarray(x, order="C")
    if not fit(x):
        return NotImplemented
    y, saved = empty(x.shape, x.dtype), empty(x.shape, x.dtype)
    function[x.dtype](x.reshape(-1), y.reshape(-1), saved.reshape(-1))
    return y, saved


@kernel(EXACT, lambda x: np.where(x <= 0, 0, x))
def _positive_part(x: In, y: Out) -> None:
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = zero if x[i] <= zero else x[i]


def positive_part(x: Array) -> Any:
    """Return ``max(x, 0)``."""
    return _apply(_positive_part, x)


@kernel(EXACT, lambda x, g: np.where(x > 0, g, 0))
def _where_positive(x: In, g: In, y: Out) -> None:
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = g[i] if x[i] > zero else zero


def where_positive(x: Array, g: Array) -> Any:
    """Return the elements of g where those of x are positive, else 0."""
    return _apply(_where_positive, x, g)


@kernel(FUSED, np.exp)
def _exp(x: In, y: Out) -> None:
    for i in range(x.size):
        y[i] = numeric.exp(x[i])


def exp(x: Array) -> Any:
    """Return the exponential of float32; NumPy's of float64 takes as long, and is as precise."""
    return _apply(_exp, x) if x.dtype == np.float32 else NotImplemented


@kernel(FUSED, lambda x: 1 / (1 + np.exp(-x)))
def _logistic(x: In, y: Out) -> None:
    for i in range(x.size):
        y[i] = numeric.logistic(x[i])


def logistic(x: Array) -> Any:
    """Return ``1 / (1 + exp(-x))``."""
    return _apply(_logistic, x)


@kernel(EXACT, lambda g, s: g * (s * (1 - s)))
def _logistic_vjp(g: In, s: In, y: Out) -> None:
    one = g.dtype.type(1)
    for i in range(g.size):
        y[i] = g[i] * (s[i] * (one - s[i]))


def logistic_vjp(g: Array, y: Array) -> Any:
    """Return ``g * (y * (1 - y))``."""
    return _apply(_logistic_vjp, g, y)


@kernel(EXACT, lambda g, t: g * (1 - t * t))
def _tanh_vjp(g: In, t: In, y: Out) -> None:
    one = g.dtype.type(1)
    for i in range(g.size):
        y[i] = g[i] * (one - t[i] * t[i])


def tanh_vjp(g: Array, y: Array) -> Any:
    """Return ``g * (1 - y * y)``."""
    return _apply(_tanh_vjp, g, y)


@kernel(FUSED)
def _silu(x: In, y: Out, saved: Out) -> None:
    for i in range(x.size):
        s = numeric.logistic(x[i])
        saved[i] = s
        y[i] = x[i] * s


def silu(x: Array) -> Any:
    """Return ``x * logistic(x)``, and ``logistic(x)``."""
    return _apply_and_save(_silu, x)


@kernel(EXACT)
def _silu_vjp(g: In, x: In, saved: In, y: Out) -> None:
    one = g.dtype.type(1)
    for i in range(g.size):
        s = saved[i]
        y[i] = ((one - s) * x[i] + one) * s * g[i]


def silu_vjp(g: Array, x: Array, saved: Array) -> Any:
    """Return ``g * s * (1 + x * (1 - s))``."""
    return _apply(_silu_vjp, g, x, saved)


# The Gaussian error linear unit -------------------------------------------------------------------

_SCALE, _CUBE = math.sqrt(2 / math.pi), 0.044715


@kernel(FUSED)
def _gelu(x: In, y: Out, saved: Out) -> None:
    for i in range(x.size):
        below = numeric.normal(x[i])
        saved[i] = below
        y[i] = x[i] * below


@kernel(FUSED)
def _gelu_by_tanh(x: In, scale: Scalar, cube: Scalar, y: Out, saved: Out) -> None:
    for i in range(x.size):
        below = numeric.logistic(scale * (x[i] + cube * (x[i] * x[i] * x[i])))
        saved[i] = below
        y[i] = x[i] * below


def gelu(x: Array, approximate: str) -> Any:
    """Return x times the probability of a number below x, and this probability."""
    if approximate != "tanh":
        return _apply_and_save(_gelu, x)
    x = np.asarray(x, order="C")
    if not fit(x):
        return NotImplemented
    y, saved = empty(x.shape, x.dtype), empty(x.shape, x.dtype)
    function = _gelu_by_tanh[x.dtype]
    function(x.reshape(-1), 2 * _SCALE, _CUBE, y.reshape(-1), saved.reshape(-1))
    return y, saved


@kernel(FUSED)
def _gelu_vjp(g: In, x: In, saved: In, density: Scalar, y: Out) -> None:
    half = g.dtype.type(0.5)
    for i in range(g.size):
        bell = numeric.exp(-half * (x[i] * x[i])) * density
        y[i] = g[i] * (saved[i] + x[i] * bell)


@kernel(FUSED)
def _gelu_by_tanh_vjp(g: In, x: In, saved: In, slope: Scalar, bend: Scalar, y: Out) -> None:
    one = g.dtype.type(1)
    for i in range(g.size):
        below = saved[i]
        tilt = (below * (one - below)) * (slope + bend * (x[i] * x[i]))
        y[i] = g[i] * (below + x[i] * tilt)


def gelu_vjp(g: Array, x: Array, saved: Array, approximate: str) -> Any:
    """Return ``g * (P(x) + x * p(x))``."""
    g, x, saved = (np.asarray(each, order="C") for each in (g, x, saved))
    if not fit(g, x, saved):
        return NotImplemented
    y = empty(g.shape, g.dtype)
    arrays = g.reshape(-1), x.reshape(-1), saved.reshape(-1)
    if approximate == "tanh":
        numbers = 2 * _SCALE, 6 * _CUBE * _SCALE
        _gelu_by_tanh_vjp[g.dtype](*arrays, *numbers, y.reshape(-1))
    else:
        _gelu_vjp[g.dtype](*arrays, 1 / math.sqrt(2 * math.pi), y.reshape(-1))
    return y
