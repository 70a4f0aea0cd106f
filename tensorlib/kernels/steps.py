"""Kernels of optimizers: each parameter, its gradient and what is carried on are read once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib.kernels.building import EXACT, In, Out, Scalar, fit, kernel
from tensorlib.tape import Array


@kernel(EXACT)
def _adam(
    p: In,
    g: In,
    m: Out,
    v: Out,
    less1: Scalar,
    less2: Scalar,
    beta2: Scalar,
    unbiased: Scalar,
    eps: Scalar,
    rate: Scalar,
    shrink: Scalar,
    y: Out,
) -> None:
    for i in range(p.size):
        slope = g[i]
        m[i] = m[i] + (slope - m[i]) * less1
        v[i] = v[i] * beta2 + slope * slope * less2
        y[i] = m[i] / (np.sqrt(v[i]) / unbiased + eps) * rate + p[i] * shrink


def adam(
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    largest: Array | None,
    numbers: tuple[float, float, float, float, float, float],
) -> Any:
    """Carry both running means on, and return the new values."""
    if largest is not None or not fit(p, g, m, v):
        return NotImplemented
    y = np.empty(p.shape, p.dtype)
    arrays = (x.reshape(-1) for x in (p, g, m, v))
    beta1, beta2, *others = numbers
    _adam[p.dtype](*arrays, 1 - beta1, 1 - beta2, beta2, *others, y.reshape(-1))
    return y


@kernel(EXACT)
def _momentum(p: In, g: In, v: Out, factor: Scalar, share: Scalar, rate: Scalar, y: Out) -> None:
    for i in range(p.size):
        v[i] = v[i] * factor + share * g[i]
        y[i] = v[i] * rate + p[i]


@kernel(EXACT)
def _nesterov(p: In, g: In, v: Out, factor: Scalar, share: Scalar, rate: Scalar, y: Out) -> None:
    for i in range(p.size):
        v[i] = v[i] * factor + share * g[i]
        y[i] = (g[i] + factor * v[i]) * rate + p[i]


def momentum(
    p: Array, g: Array, v: Array, factor: float, share: float, rate: float, looks_ahead: bool
) -> Any:
    """Carry the velocity on, and return the new values."""
    if not fit(p, g, v):
        return NotImplemented
    y = np.empty(p.shape, p.dtype)
    arrays = (x.reshape(-1) for x in (p, g, v))
    function = _nesterov if looks_ahead else _momentum
    function[p.dtype](*arrays, factor, share, rate, y.reshape(-1))
    return y
