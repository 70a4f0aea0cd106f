"""Rows of the ops in `tensorlib.ops.power`."""

from __future__ import annotations

import operator

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes, two_operands, unary, with_scalar
from tests.op_cases.case import Call, OpCase, Scalar
from tests.op_cases.values import away_from_zero, inside, large, positive, tied


def scalar_right(*scalars: Scalar) -> st.SearchStrategy[Call]:
    return st.builds(lambda shape, x: Call((shape, x)), shapes(), st.sampled_from(scalars))


def scalar_left(*scalars: Scalar) -> st.SearchStrategy[Call]:
    return st.builds(lambda x, shape: Call((x, shape)), st.sampled_from(scalars), shapes())


CASES: tuple[OpCase, ...] = (
    OpCase("pow", tl.pow, torch.pow, two_operands(), "", positive, cancels=True),
    OpCase("pow", operator.pow, operator.pow, with_scalar(), "with scalar", positive),
    OpCase("pow", operator.pow, operator.pow, scalar_left(2, 0.75, np.int64(3)), "scalar left"),
    OpCase("pow", tl.pow, torch.pow, scalar_right(0, 1, 2, 3.0, np.int64(-2)), "whole"),
    OpCase("pow", tl.pow, torch.pow, scalar_right(0, 1, 2), "of 0", tied, smooth=False),
    OpCase("pow", operator.pow, operator.pow, scalar_left(0, 0.0), "0 left", positive),
    unary("reciprocal", away_from_zero),
    unary("rsqrt", positive),
    unary("log1p", positive),
    unary("log1p", inside, "inside"),
    unary("log2", positive),
    unary("log10", positive),
    unary("expm1"),
    unary("erf"),
    unary("erf", large, "large", smooth=False),
)
