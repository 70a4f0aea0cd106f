"""Ops that draw random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import random as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, S, Seed, T

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

    VJP: ``g / (1 - p)`` where x was kept, else 0
    """
    require_probability(p, "dropout")
    return _dropout(x, float(p), np.random.default_rng(rng))


def require_probability(p: float, op: str) -> None:
    """Require a number from 0 to 1.

    Raises:
        ValueError: it is smaller, larger or NaN.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"{op}: p must be from 0 to 1, got {p}")
