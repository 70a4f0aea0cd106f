"""Rows of the ops in `tensorlib.ops.elementwise`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import (
    of_tensors,
    one_operand,
    shapes,
    two_operands,
    unary,
    with_args,
    with_scalar,
)
from tests.op_cases.case import Call, OpCase, Values, anywhere
from tests.op_cases.values import away_from_zero, large, moderate, positive, tied


@st.composite
def clipped(draw: st.DrawFn) -> Call:
    limits = ((-0.5, 1.25), (None, 0.5), (-1, None), (0.75, -0.75), (np.float64(-1), np.int64(1)))
    return Call((draw(shapes()),), draw(st.sampled_from(limits)))


def binary(name: str, symbol: Callable[[Any, Any], Any], values: Values) -> tuple[OpCase, ...]:
    return (
        OpCase(name, getattr(tl, name), symbol, two_operands(), "", values, cancels=True),
        OpCase(name, symbol, symbol, with_scalar(), "with scalar", values),
        OpCase(name, symbol, symbol, with_scalar(left=True), "scalar left", values),
    )


def extremum(name: str) -> tuple[OpCase, ...]:
    ours, theirs = getattr(tl, name), of_tensors(getattr(torch, name))
    return (
        OpCase(name, ours, theirs, two_operands(), cancels=True),
        OpCase(name, ours, theirs, two_operands(), "tied", tied, smooth=False, cancels=True),
        OpCase(name, ours, theirs, with_scalar(), "with scalar"),
        OpCase(name, ours, theirs, with_scalar(left=True), "scalar left"),
    )


def comparison(name: str, symbol: Callable[[Any, Any], Any]) -> tuple[OpCase, ...]:
    def case(
        f: Callable[..., Any], calls: st.SearchStrategy[Call], label: str, values: Values
    ) -> OpCase:
        return OpCase(name, f, symbol, calls, label, values, differentiable=False)

    return (
        case(getattr(tl, name), two_operands(), "", tied),
        case(symbol, with_scalar(), "with scalar", anywhere),
        case(symbol, with_scalar(left=True), "scalar left", tied),
    )


CASES: tuple[OpCase, ...] = (
    unary("neg"),
    OpCase("neg", operator.neg, operator.neg, one_operand(), "operator"),
    unary("abs"),
    OpCase("abs", operator.abs, operator.abs, one_operand(), "operator, tied", tied, smooth=False),
    unary("square"),
    unary("relu"),
    unary("relu", tied, "tied", smooth=False),
    unary("sqrt", positive),
    unary("exp"),
    unary("log", positive),
    unary("sin"),
    unary("cos"),
    unary("tanh", moderate),
    unary("sigmoid", moderate),
    unary("sigmoid", large, "large", smooth=False, differentiable=False),
    OpCase("clip", tl.clip, torch.clamp, with_args((0, 1))),
    OpCase("clip", tl.clip, torch.clamp, clipped(), "between floats"),
    *binary("add", operator.add, anywhere),
    *binary("subtract", operator.sub, anywhere),
    *binary("multiply", operator.mul, anywhere),
    *binary("divide", operator.truediv, away_from_zero),
    *extremum("minimum"),
    *extremum("maximum"),
    *comparison("equal", operator.eq),
    *comparison("not_equal", operator.ne),
    *comparison("less", operator.lt),
    *comparison("less_equal", operator.le),
    *comparison("greater", operator.gt),
    *comparison("greater_equal", operator.ge),
    OpCase(
        "astype",
        lambda x: x.astype(np.float64),
        lambda x: x.to(torch.float64),
        one_operand(),
    ),
)
