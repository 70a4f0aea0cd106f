"""What recurrent ops are made of: arrays by time, vjps from slopes, and primitives.

All arrays inside are time-major, ``(L, N, ...)`` with one row per member of the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.primitive import Primitive
from tensorlib.tape import Array


class Slopes(NamedTuple):
    """The slopes that a backward pass through time leaves, time-major.

    Attributes:
        of_input: by what the inputs add to the gates, ``(L, N, gates * H)``.
        of_state: by what the states add to the gates, of the same shape.
        first: by the first states, ``(N, H)`` each.
    """

    of_input: Array
    of_state: Array
    first: tuple[Array, ...]


class Run:
    """One run over a sequence: what the backward pass needs, and its slopes, computed once.

    Args:
        states: the states before each step, and the last, ``(L + 1, N, H)``.
        backward: returns the slopes from the time-major cotangents of the results.
        reverse: whether the run went from the last step to the first.
    """

    def __init__(
        self, states: Array, backward: Callable[[Array, list[Array]], Slopes], reverse: bool
    ) -> None:
        self.states = states
        self.reverse = reverse
        self._backward = backward
        self._of: object = None
        self._slopes: Slopes | None = None

    def slopes(self, g: tuple[Array, ...]) -> Slopes:
        """Return the slopes for these cotangents, which all operands' vjps are given alike."""
        if self._slopes is None or self._of is not g:
            sequence, *last = g
            rows = [flat(each).copy() for each in last]
            self._slopes = self._backward(time_major(sequence, self.reverse), rows)
            self._of = g
        return self._slopes


def flat(state: Array) -> Array:
    """Return ``(*B, H)`` as ``(N, H)``."""
    return state.reshape(int(np.prod(state.shape[:-1])), state.shape[-1])


def time_major(x: Array, reverse: bool) -> Array:
    """Return ``(*B, L, I)`` as ``(L, N, I)``."""
    length, size = x.shape[-2:]
    count = int(np.prod(x.shape[:-2]))
    steps = x.reshape(count, length, size).swapaxes(0, 1)
    return np.ascontiguousarray(steps[::-1] if reverse else steps)


def batch_first(steps: Array, batch: tuple[int, ...], reverse: bool) -> Array:
    """Return ``(L, N, I)`` as ``(*B, L, I)``."""
    length, _, size = steps.shape
    steps = steps[::-1] if reverse else steps
    return np.ascontiguousarray(steps.swapaxes(0, 1)).reshape(*batch, length, size)


def input_part(x: Array, weight_ih: Array, bias: Array | None) -> Array:
    """Return what the inputs add to the gates, for all steps at once."""
    length, count, size = x.shape
    part = products.matmul(x.reshape(length * count, size), weight_ih.T)
    if bias is not None:
        part += bias
    return np.asarray(part.reshape(length, count, weight_ih.shape[0]))


def sum_of(bias_ih: Array | None, bias_hh: Array | None) -> Array | None:
    """Return what is added to the gates at every step, or None where there are no biases."""
    return None if bias_ih is None or bias_hh is None else bias_ih + bias_hh


def sigmoid_of(x: Array) -> None:
    """Replace the elements by their sigmoids; the caller ignores overflow."""
    # NumPy 2.4's np.negative writes wrong float32 elements where the output is strided.
    np.multiply(x, -1, x)
    np.exp(x, x)
    x += 1
    np.reciprocal(x, x)


# Vjps: the same for all, from the slopes ---------------------------------------------------------


def _vjp_x(g: tuple[Array, ...], saved: Run, weight_ih: Array, x_shape: tuple[int, ...]) -> Array:
    steps = products.matmul(saved.slopes(g).of_input, weight_ih)
    return batch_first(steps, x_shape[:-2], saved.reverse)


def vjp_h(g: tuple[Array, ...], saved: Run, h_shape: tuple[int, ...]) -> Array:
    """Return the cotangent of the first state."""
    return saved.slopes(g).first[0].reshape(h_shape)


def vjp_c(g: tuple[Array, ...], saved: Run, c_shape: tuple[int, ...]) -> Array:
    """Return the cotangent of the first cell state."""
    return saved.slopes(g).first[1].reshape(c_shape)


def _vjp_weight_ih(g: tuple[Array, ...], saved: Run, x: Array) -> Array:
    steps = flat(time_major(x, saved.reverse))
    return products.matmul(flat(saved.slopes(g).of_input).T, steps)


def _vjp_weight_hh(g: tuple[Array, ...], saved: Run) -> Array:
    return products.matmul(flat(saved.slopes(g).of_state).T, flat(saved.states[:-1]))


def _vjp_bias_ih(g: tuple[Array, ...], saved: Run) -> Array:
    return _total(saved.slopes(g).of_input)


def _vjp_bias_hh(g: tuple[Array, ...], saved: Run) -> Array:
    return _total(saved.slopes(g).of_state)


def _total(slopes: Array) -> Array:
    wide = np.float32 if slopes.dtype == np.float16 else slopes.dtype
    return np.asarray(np.add.reduce(slopes, axis=(0, 1), dtype=wide))


_weight_vjps = (_vjp_weight_ih, _vjp_weight_hh)
_bias_vjps = (_vjp_bias_ih, _vjp_bias_hh)


def primitives(rule: Any, forward: Any, states: tuple[Any, ...]) -> tuple[Primitive, Primitive]:
    """Return the op without biases and with."""
    vjps = (_vjp_x, *states, *_weight_vjps)
    return (
        Primitive(rule, forward, vjps, saves=True, many=True),
        Primitive(rule, forward, (*vjps, *_bias_vjps), saves=True, many=True),
    )


def require_both(bias_ih: object, bias_hh: object, op: str) -> bool:
    """Tell whether there are biases.

    Raises:
        TypeError: there is one of the two only.
    """
    if (bias_ih is None) != (bias_hh is None):
        raise TypeError(f"{op}: expected both bias_ih and bias_hh, or neither")
    return bias_ih is not None


def require_nonlinearity(nonlinearity: str, name: str) -> None:
    """Require the name of a nonlinearity.

    Raises:
        ValueError: it is none.
    """
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{name}: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
