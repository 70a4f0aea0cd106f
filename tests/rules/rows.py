"""Calls from the table of ops, with mistakes put into some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases import CASES
from tests.op_cases.case import Bools, Call, Ints, OpCase
from tests.rules.arguments import changed
from tests.rules.functions import floats
from tests.rules.trial import Trial

ROWS: dict[str, list[OpCase]] = {
    name: [row for row in CASES if row.op == name and not row.label.startswith("scalar")]
    for name in {row.op for row in CASES}
}


@st.composite
def changed_call(draw: st.DrawFn, call: Call) -> Call:
    """A call in which one or two operands or numbers are others."""
    for _ in range(draw(st.sampled_from((1, 1, 2)))):
        if call.args and draw(st.integers(0, 2)) == 0:
            place = draw(st.integers(0, len(call.args) - 1))
            args = list(call.args)
            args[place] = draw(other_number(args[place]))
            call = Call(call.operands, tuple(args))
        else:
            operands = list(call.operands)
            place = draw(st.integers(0, len(operands) - 1))
            operands[place] = draw(other_shape(operands[place]))
            call = Call(tuple(operands), call.args)
    return call


@st.composite
def other_shape(draw: st.DrawFn, operand: Any) -> Any:
    if isinstance(operand, tuple):
        return draw(changed(operand))
    if isinstance(operand, Ints | Bools):
        return replace(operand, shape=draw(changed(operand.shape)))
    return operand


@st.composite
def other_number(draw: st.DrawFn, value: Any) -> Any:
    """Another int near to one, also in tuples; all else stays."""
    if type(value) is int:
        return value + draw(st.sampled_from((-1, 1, 2, -3)))
    if isinstance(value, tuple) and value:
        place = draw(st.integers(0, len(value) - 1))
        changed_item = draw(other_number(value[place]))
        return (*value[:place], changed_item, *value[place + 1 :])
    return value


def _arrays(row: OpCase, call: Call, rng: np.random.Generator) -> list[Any]:
    return [
        floats(row.values, rng, x)
        if isinstance(x, tuple)
        else np.zeros(x.shape, np.int64)
        if isinstance(x, Ints)
        else x.filled(rng)
        if isinstance(x, Bools)
        else x
        for x in call.operands
    ]


def _tensor(x: Any) -> Any:
    return tl.tensor(x) if isinstance(x, np.ndarray) else x


def _torch(x: Any) -> Any:
    return torch.tensor(x) if isinstance(x, np.ndarray) else float(x)


@st.composite
def trials_of_row(draw: st.DrawFn, row: OpCase) -> Trial:
    """A call of the table's, as it stands or changed."""
    call = draw(row.calls)
    if draw(st.booleans()):
        return replace(trial_of_row(row, call), is_right=True)
    return trial_of_row(row, draw(changed_call(call)))


def trial_of_row(row: OpCase, call: Call) -> Trial:
    """Return a call of a row's op."""
    rest = row.rule_args(call.args, len(call.operands))

    def ask(shapes: Sequence[Any], rest: Sequence[Any]) -> Any:
        return row.result_shape(shapes, rest)

    return Trial(
        row.rule,
        call.shapes,
        rest,
        frozenset(range(len(rest)) if row.sizes_in_args else ()),
        ask,
        lambda rng: _arrays(row, call, rng),
        lambda arrays: row.ours(*map(_tensor, arrays), *call.args),
        is_smooth=row.differentiable and row.smooth,
        torch=lambda arrays: row.reference(*map(_torch, arrays), *call.args),
    )
