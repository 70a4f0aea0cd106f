"""Recurrent ops: a whole sequence in one step of the tape, with backpropagation through time.

What each input adds to the gates is computed for all steps in one product; the loop over the steps
does the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.recurrence import (
    Run,
    Slopes,
    batch_first,
    flat,
    input_part,
    primitives,
    require_both,
    require_nonlinearity,
    sigmoid_of,
    sum_of,
    time_major,
    vjp_c,
    vjp_h,
)
from tensorlib.shapes import recurrent as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

Nonlinearity: TypeAlias = Literal["tanh", "relu"]

# Elman's network ---------------------------------------------------------------------------------


def _rnn_forward(
    x: Array,
    h: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    nonlinearity: Nonlinearity,
    reverse: bool,
) -> tuple[tuple[Array, Array], Run]:
    part = input_part(time_major(x, reverse), weight_ih, sum_of(bias_ih, bias_hh))
    states = np.empty((len(part) + 1, *part.shape[1:]), part.dtype)
    states[0] = flat(h)
    for step, added in enumerate(part):
        gate = products.matmul(states[step], weight_hh.T)
        gate += added
        if nonlinearity == "tanh":
            np.tanh(gate, states[step + 1])
        else:
            np.maximum(gate, 0, out=states[step + 1])

    def backward(g: Array, last: list[Array]) -> Slopes:
        (slope,) = last
        slopes = np.empty_like(part)
        for step in reversed(range(len(part))):
            slope += g[step]
            after = states[step + 1]
            slopes[step] = slope * (1 - after * after if nonlinearity == "tanh" else after > 0)
            slope = products.matmul(slopes[step], weight_hh)
        return Slopes(slopes, slopes, (slope,))

    results = batch_first(states[1:], h.shape[:-1], reverse), states[-1].reshape(h.shape).copy()
    return results, Run(states, backward, reverse)


_rnn_without_bias, _rnn = primitives(rules.rnn, _rnn_forward, (vjp_h,))


def rnn(
    x: Tensor[Any, T, D],
    h: Tensor[Any, T2, D],
    weight_ih: Tensor[Any, Any, D],
    weight_hh: Tensor[Any, Any, D],
    bias_ih: Tensor[Any, Any, D] | None = None,
    bias_hh: Tensor[Any, Any, D] | None = None,
    nonlinearity: Nonlinearity = "tanh",
    reverse: bool = False,
) -> tuple[Tensor[Dims, T | T2, D], Tensor[Dims, T | T2, D]]:
    """Run Elman's network over a sequence: ``h = tanh(x[t] @ W_ih.T + b_ih + h @ W_hh.T + b_hh)``.

    Shape: ``(*B, L, I), (*B, H) -> (*B, L, H), (*B, H)`` with weights ``(H, I)``, ``(H, H)`` and
    biases ``(H,)``

    Args:
        x: the sequence.
        h: the state before its first step.
        weight_ih: what the inputs are multiplied with.
        weight_hh: what the states are multiplied with.
        bias_ih: added to the inputs' part.
        bias_hh: added to the states' part; there are both biases or neither.
        nonlinearity: "tanh" or "relu".
        reverse: whether to go from the last step to the first; the results stand at their steps.

    Returns:
        The states after all steps, and the last one.

    Raises:
        ShapeError: sequence, state, weights and biases do not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.
        ValueError: there is no such nonlinearity.

    Example:
        >>> import tensorlib as tl
        >>> x, h = tl.ones((8, 10, 3)), tl.zeros((8, 5))
        >>> ys, last = tl.rnn(x, h, tl.ones((5, 3)), tl.ones((5, 5)))
        >>> ys.shape, last.shape
        ((8, 10, 5), (8, 5))

    VJP: backpropagation through time; ``s[t] = (g[t] + s[t + 1] @ W_hh) * (1 - h[t]^2)``
    """
    require_nonlinearity(nonlinearity, "rnn")
    if require_both(bias_ih, bias_hh, "rnn"):
        result: Any = _rnn(
            x, h, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, bool(reverse)
        )
        return result
    without: Any = _rnn_without_bias(
        x, h, weight_ih, weight_hh, None, None, nonlinearity, bool(reverse)
    )
    return without


# Gated recurrent unit ----------------------------------------------------------------------------


def _gru_forward(
    x: Array,
    h: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    reverse: bool,
) -> tuple[tuple[Array, Array], Run]:
    size = h.shape[-1]
    gates = input_part(time_major(x, reverse), weight_ih, bias_ih)
    length, count, _ = gates.shape
    states = np.empty((length + 1, count, size), gates.dtype)
    states[0] = flat(h)
    inner = np.empty((length, count, size), gates.dtype)  # the states' part of the candidates
    with np.errstate(over="ignore"):
        for step, gate in enumerate(gates):
            part = products.matmul(states[step], weight_hh.T)
            if bias_hh is not None:
                part += bias_hh
            inner[step] = part[:, 2 * size :]
            reset_update, new = gate[:, : 2 * size], gate[:, 2 * size :]
            reset_update += part[:, : 2 * size]
            sigmoid_of(reset_update)
            new += reset_update[:, :size] * inner[step]
            np.tanh(new, new)
            states[step + 1] = new + reset_update[:, size:] * (states[step] - new)

    def backward(g: Array, last: list[Array]) -> Slopes:
        (slope,) = last
        of_input, of_state = np.empty_like(gates), np.empty_like(gates)
        for step in reversed(range(length)):
            slope = slope + g[step]
            reset, update, new = np.split(gates[step], 3, axis=-1)
            by_new = slope * (1 - update) * (1 - new * new)
            by_reset = by_new * inner[step] * reset * (1 - reset)
            by_update = slope * (states[step] - new) * update * (1 - update)
            of_input[step] = np.concatenate((by_reset, by_update, by_new), axis=-1)
            of_state[step] = np.concatenate((by_reset, by_update, by_new * reset), axis=-1)
            slope = slope * update + products.matmul(of_state[step], weight_hh)
        return Slopes(of_input, of_state, (slope,))

    results = batch_first(states[1:], h.shape[:-1], reverse), states[-1].reshape(h.shape).copy()
    return results, Run(states, backward, reverse)


_gru_without_bias, _gru = primitives(rules.gru, _gru_forward, (vjp_h,))


def gru(
    x: Tensor[Any, T, D],
    h: Tensor[Any, T2, D],
    weight_ih: Tensor[Any, Any, D],
    weight_hh: Tensor[Any, Any, D],
    bias_ih: Tensor[Any, Any, D] | None = None,
    bias_hh: Tensor[Any, Any, D] | None = None,
    reverse: bool = False,
) -> tuple[Tensor[Dims, T | T2, D], Tensor[Dims, T | T2, D]]:
    """Run a gated recurrent unit over a sequence: ``h = (1 - z) * n + z * h``.

    Reset gate r, update gate z and candidate n are ``r, z = sigmoid(x_r + h_r), sigmoid(x_z +
    h_z)`` and ``n = tanh(x_n + r * h_n)``, with the parts ``x[t] @ W_ih.T + b_ih`` and ``h @
    W_hh.T + b_hh``.

    Shape: ``(*B, L, I), (*B, H) -> (*B, L, H), (*B, H)`` with weights ``(3 * H, I)``, ``(3 * H,
    H)`` and biases ``(3 * H,)``, the rows for r before those for z and n

    Args:
        x: the sequence.
        h: the state before its first step.
        weight_ih: what the inputs are multiplied with.
        weight_hh: what the states are multiplied with.
        bias_ih: added to the inputs' part.
        bias_hh: added to the states' part; there are both biases or neither.
        reverse: whether to go from the last step to the first; the results stand at their steps.

    Returns:
        The states after all steps, and the last one.

    Raises:
        ShapeError: sequence, state, weights and biases do not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x, h = tl.ones((8, 10, 3)), tl.zeros((8, 5))
        >>> ys, last = tl.gru(x, h, tl.ones((15, 3)), tl.ones((15, 5)))
        >>> ys.shape, last.shape
        ((8, 10, 5), (8, 5))

    VJP: backpropagation through time

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", 2014; with r behind the product, as in PyTorch
    """
    if require_both(bias_ih, bias_hh, "gru"):
        result: Any = _gru(x, h, weight_ih, weight_hh, bias_ih, bias_hh, bool(reverse))
        return result
    without: Any = _gru_without_bias(x, h, weight_ih, weight_hh, None, None, bool(reverse))
    return without


# Long short-term memory --------------------------------------------------------------------------


def _lstm_forward(
    x: Array,
    h: Array,
    c: Array,
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    reverse: bool,
) -> tuple[tuple[Array, Array, Array], Run]:
    size = h.shape[-1]
    gates = input_part(time_major(x, reverse), weight_ih, sum_of(bias_ih, bias_hh))
    length, count, _ = gates.shape
    states = np.empty((length + 1, count, size), gates.dtype)
    cells = np.empty_like(states)
    seen = np.empty((length, count, size), gates.dtype)  # tanh of the cells
    states[0], cells[0] = flat(h), flat(c)
    with np.errstate(over="ignore"):
        for step, gate in enumerate(gates):
            gate += products.matmul(states[step], weight_hh.T)
            sigmoid_of(gate[:, : 2 * size])
            np.tanh(gate[:, 2 * size : 3 * size], gate[:, 2 * size : 3 * size])
            sigmoid_of(gate[:, 3 * size :])
            write, keep, new, show = np.split(gate, 4, axis=-1)
            np.multiply(keep, cells[step], cells[step + 1])
            cells[step + 1] += write * new
            np.tanh(cells[step + 1], seen[step])
            np.multiply(show, seen[step], states[step + 1])

    def backward(g: Array, last: list[Array]) -> Slopes:
        slope, cell_slope = last
        slopes = np.empty_like(gates)
        for step in reversed(range(length)):
            slope += g[step]
            write, keep, new, show = np.split(gates[step], 4, axis=-1)
            by_write, by_keep, by_new, by_show = np.split(slopes[step], 4, axis=-1)
            cell_slope = cell_slope + slope * show * (1 - seen[step] * seen[step])
            by_write[...] = cell_slope * new * write * (1 - write)
            by_keep[...] = cell_slope * cells[step] * keep * (1 - keep)
            by_new[...] = cell_slope * write * (1 - new * new)
            by_show[...] = slope * seen[step] * show * (1 - show)
            cell_slope = cell_slope * keep
            slope = products.matmul(slopes[step], weight_hh)
        return Slopes(slopes, slopes, (slope, cell_slope))

    results = (
        batch_first(states[1:], h.shape[:-1], reverse),
        states[-1].reshape(h.shape).copy(),
        cells[-1].reshape(h.shape).copy(),
    )
    return results, Run(states, backward, reverse)


_lstm_without_bias, _lstm = primitives(rules.lstm, _lstm_forward, (vjp_h, vjp_c))


def lstm(
    x: Tensor[Any, T, D],
    h: Tensor[Any, T2, D],
    c: Tensor[Any, T2, D],
    weight_ih: Tensor[Any, Any, D],
    weight_hh: Tensor[Any, Any, D],
    bias_ih: Tensor[Any, Any, D] | None = None,
    bias_hh: Tensor[Any, Any, D] | None = None,
    reverse: bool = False,
) -> tuple[Tensor[Dims, T | T2, D], Tensor[Dims, T | T2, D], Tensor[Dims, T | T2, D]]:
    """Run a long short-term memory over a sequence: ``c = f * c + i * n``, ``h = o * tanh(c)``.

    The gates are ``i, f, o = sigmoid(...)`` and the candidate is ``n = tanh(...)`` of the parts of
    ``x[t] @ W_ih.T + b_ih + h @ W_hh.T + b_hh``.

    Shape: ``(*B, L, I), (*B, H), (*B, H) -> (*B, L, H), (*B, H), (*B, H)`` with weights ``(4 * H,
    I)``, ``(4 * H, H)`` and biases ``(4 * H,)``, whose rows are for i, f, n and o

    Args:
        x: the sequence.
        h: the state before its first step.
        c: the cell state before its first step.
        weight_ih: what the inputs are multiplied with.
        weight_hh: what the states are multiplied with.
        bias_ih: added to the inputs' part.
        bias_hh: added to the states' part; there are both biases or neither.
        reverse: whether to go from the last step to the first; the results stand at their steps.

    Returns:
        The states after all steps, the last one, and the last cell state.

    Raises:
        ShapeError: sequence, states, weights and biases do not fit.
        DtypeError: an operand is not floating point, or float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x, h, c = tl.ones((8, 10, 3)), tl.zeros((8, 5)), tl.zeros((8, 5))
        >>> ys, last, cell = tl.lstm(x, h, c, tl.ones((20, 3)), tl.ones((20, 5)))
        >>> ys.shape, last.shape, cell.shape
        ((8, 10, 5), (8, 5), (8, 5))

    VJP: backpropagation through time

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; with forget gates
    """
    if require_both(bias_ih, bias_hh, "lstm"):
        result: Any = _lstm(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh, bool(reverse))
        return result
    without: Any = _lstm_without_bias(x, h, c, weight_ih, weight_hh, None, None, bool(reverse))
    return without
