"""Models as functions of arrays, for the frameworks that differentiate NumPy's own functions.

jax and autograd have no layers: what is computed is written once, with whatever stands for NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from benchmarks.program import Rule

State = dict[str, Any]
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Numeric:
    """What a framework computes with, as its users do.

    Attributes:
        np: its NumPy.
        relu: elementwise.
        gelu: elementwise, not approximated.
        softmax: over the last axis.
        log_softmax: over the last axis.
        conv2d: of images ``(N, C, H, W)`` with a weight ``(O, C, K, K)``, without padding.
    """

    np: Any
    relu: Callable[[Any], Any]
    gelu: Callable[[Any], Any]
    softmax: Callable[[Any], Any]
    log_softmax: Callable[[Any], Any]
    conv2d: Callable[[Any, Any], Any]


def linear(p: Parameters, path: str, x: Any) -> Any:
    """Apply a linear layer."""
    return x @ p[f"{path}.weight"].T + p[f"{path}.bias"]


def conv(n: Numeric, p: Parameters, path: str, x: Any) -> Any:
    """Apply a convolution."""
    return n.conv2d(x, p[f"{path}.weight"]) + p[f"{path}.bias"].reshape((-1, 1, 1))


def max_pool(n: Numeric, x: Any, size: int) -> Any:
    """Return the largest of each square of so many pixels."""
    *batch, height, width = x.shape
    return n.np.max(x.reshape((*batch, height // size, size, width // size, size)), axis=(-3, -1))


def layer_norm(n: Numeric, p: Parameters, path: str, x: Any) -> Any:
    """Normalize over the last axis."""
    centred = x - n.np.mean(x, axis=-1, keepdims=True)
    variance = n.np.mean(centred * centred, axis=-1, keepdims=True)
    return centred / n.np.sqrt(variance + 1e-5) * p[f"{path}.weight"] + p[f"{path}.bias"]


def cross_entropy(n: Numeric, logits: Any, classes: Any) -> Any:
    """Return the mean cross-entropy over all rows."""
    rows = n.log_softmax(logits.reshape((-1, logits.shape[-1])))
    return -n.np.mean(rows[numpy.arange(rows.shape[0]), classes.reshape(-1)])


def start(n: Numeric, parameters: Parameters) -> State:
    """Return what an update carries on, before the first."""
    mean, square = (
        {path: n.np.zeros_like(array) for path, array in parameters.items()} for _ in range(2)
    )
    return {"step": 0.0, "mean": mean, "square": square}


def updated(
    n: Numeric, rule: Rule, parameters: Parameters, gradients: Parameters, state: State
) -> tuple[dict[str, Any], State]:
    """Return the parameters and the state after one step of an optimizer."""
    new: dict[str, Any] = {}
    step = state["step"] + 1
    mean, square = dict(state["mean"]), dict(state["square"])
    for path, p in parameters.items():
        g = gradients[path]
        if rule.name == "SGD":
            mean[path] = rule.momentum * mean[path] + g
            new[path] = p - rule.lr * mean[path]
            continue
        if rule.name == "AdamW":
            p = p * (1 - rule.lr * rule.weight_decay)
        mean[path] = 0.9 * mean[path] + 0.1 * g
        square[path] = 0.999 * square[path] + 0.001 * (g * g)
        spread = n.np.sqrt(square[path]) / (1 - 0.999**step) ** 0.5 + 1e-8
        new[path] = p - rule.lr / (1 - 0.9**step) * mean[path] / spread
    return new, {"step": step, "mean": mean, "square": square}
