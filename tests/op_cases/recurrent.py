"""Rows of the ops in `tensorlib.ops.recurrent`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.values import moderate

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@st.composite
def runs(draw: st.DrawFn, op: str, *, bias: bool = True, options: tuple[Any, ...] = ()) -> Call:
    """A sequence, states, weights and biases; then the options, and whether to go backwards."""
    batch = draw(shapes(max_rank=2))
    length, size, hidden = draw(st.integers(1, 4)), draw(SIZES), draw(SIZES)
    rows = GATES[op] * hidden
    states = ((*batch, hidden),) * (2 if op == "lstm" else 1)
    biases = ((rows,), (rows,)) if bias else ()
    operands = ((*batch, length, size), *states, (rows, size), (rows, hidden), *biases)
    reverse = draw(st.booleans())
    return Call(operands, (*options, reverse) if bias else (None, None, *options, reverse))


def torch_run(op: str) -> Any:
    """PyTorch's layer with these weights."""

    def reference(*operands: Any) -> tuple[torch.Tensor, ...]:
        tensors = [x for x in operands if isinstance(x, torch.Tensor)]
        *options, reverse = [x for x in operands if x is not None and not torch.is_tensor(x)]
        count = 2 if op == "lstm" else 1
        x, states, weights = tensors[0], tensors[1 : 1 + count], tensors[1 + count :]
        batch, hidden = x.shape[:-2], states[0].shape[-1]
        layer = getattr(torch.nn, op.upper())(
            x.shape[-1], hidden, 1, *options, bias=len(weights) == 4, batch_first=True
        )
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        given = dict(zip(names, weights, strict=False))
        firsts = tuple(each.reshape(1, -1, hidden) for each in states)
        rows = x.reshape(-1, *x.shape[-2:])
        y, lasts = torch.func.functional_call(
            layer,
            given,
            (rows.flip(1) if reverse else rows, firsts if count == 2 else firsts[0]),
        )
        y = y.flip(1) if reverse else y
        found = lasts if count == 2 else (lasts,)
        return (
            y.reshape(*batch, *y.shape[-2:]),
            *(each.reshape(*batch, hidden) for each in found),
        )

    return reference


CASES: tuple[OpCase, ...] = (
    OpCase("rnn", tl.rnn, torch_run("rnn"), runs("rnn", options=("tanh",)), "", moderate,
           symbols=False),
    OpCase("rnn", tl.rnn, torch_run("rnn"), runs("rnn", options=("relu",)), "relu", moderate,
           smooth=False, symbols=False),
    OpCase("rnn", tl.rnn, torch_run("rnn"), runs("rnn", bias=False, options=("tanh",)),
           "without bias", moderate, symbols=False),
    OpCase("gru", tl.gru, torch_run("gru"), runs("gru"), "", moderate, symbols=False),
    OpCase("gru", tl.gru, torch_run("gru"), runs("gru", bias=False), "without bias", moderate,
           symbols=False),
    OpCase("lstm", tl.lstm, torch_run("lstm"), runs("lstm"), "", moderate, symbols=False),
    OpCase("lstm", tl.lstm, torch_run("lstm"), runs("lstm", bias=False), "without bias", moderate,
           symbols=False),
)  # fmt: skip
