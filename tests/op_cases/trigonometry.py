"""Rows of the ops in `tensorlib.ops.trigonometry`."""

from __future__ import annotations

import torch

import tensorlib as tl
from tests.op_cases.calls import of_tensors, two_operands, unary, with_scalar
from tests.op_cases.case import OpCase
from tests.op_cases.values import above_one, away_from_zero, inside

CASES: tuple[OpCase, ...] = (
    unary("tan", inside),
    unary("asin", inside),
    unary("acos", inside),
    unary("atan"),
    unary("sinh"),
    unary("cosh"),
    unary("asinh"),
    unary("acosh", above_one),
    unary("atanh", inside, "inside"),
    OpCase("atan2", tl.atan2, torch.atan2, two_operands(), "", away_from_zero, cancels=True),
    OpCase("atan2", tl.atan2, of_tensors(torch.atan2), with_scalar(), "with scalar"),
    OpCase("atan2", tl.atan2, of_tensors(torch.atan2), with_scalar(left=True), "scalar left"),
)
