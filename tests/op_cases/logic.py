"""Rows of the ops in `tensorlib.ops.logic`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import one_operand, shapes, stretching, two_operands, with_args
from tests.op_cases.case import Call, OpCase, Values
from tests.op_cases.values import away_from_zero, nearly_equal, not_finite, tied


@st.composite
def chosen(draw: st.DrawFn) -> Call:
    """Three operands of which one of the first two has the whole shape."""
    whole = draw(shapes())
    first = draw(st.permutations((whole, draw(stretching(whole)))))
    return Call((*first, draw(stretching(whole))))


def question(name: str, values: Values, calls: st.SearchStrategy[Call]) -> OpCase:
    ours, theirs = getattr(tl, name), getattr(torch, name)
    return OpCase(name, ours, theirs, calls, "", values, differentiable=False)


def choose(f: Callable[..., Any]) -> Callable[..., Any]:
    """Choose by sign; the condition has a gradient of 0, by which tests find it."""
    return lambda x, x1, x2: f(x > 0, x1, x2) + 0 * x


CASES: tuple[OpCase, ...] = (
    question("isnan", not_finite, one_operand()),
    question("isfinite", not_finite, one_operand()),
    question("isinf", not_finite, one_operand()),
    question("logical_not", tied, one_operand()),
    question("logical_and", tied, two_operands()),
    question("logical_or", tied, two_operands()),
    question("logical_xor", tied, two_operands()),
    question("isclose", nearly_equal, two_operands()),
    OpCase(
        "allclose",
        lambda x1, x2: tl.tensor(tl.allclose(x1, x2)),
        lambda x1, x2: torch.isclose(x1, x2).all(),
        two_operands(),
        "as a tensor",
        nearly_equal,
        differentiable=False,
    ),
    OpCase("where", choose(tl.where), choose(torch.where), chosen(), "by sign", cancels=True),
    OpCase(
        "nans_to",
        lambda x, value: tl.nans_to(tl.where(x > 0, x, np.nan), value),
        lambda x, value: torch.where(x > 0, x, value),
        with_args((0,), (1.5,)),
        "value",
        away_from_zero,
    ),
)
