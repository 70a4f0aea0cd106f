"""Rows of the ops in `tensorlib.ops.mapping`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import tensorlib as tl
from tests.op_cases.calls import one_operand, with_args
from tests.op_cases.case import OpCase


def softsign(x: Any) -> Any:
    return x / (1 + np.abs(x))


def softsign_slope(x: Any) -> Any:
    return 1 / (1 + np.abs(x)) ** 2


FUNCTIONS = (softsign, softsign_slope)

CASES: tuple[OpCase, ...] = (
    OpCase(
        "map",
        tl.map,
        lambda x, f, df: torch.nn.functional.softsign(x),
        with_args(FUNCTIONS),
    ),
    OpCase(
        "map",
        lambda x: tl.map(x, np.exp, lambda y: y, uses_result=True),
        torch.exp,
        one_operand(),
        "by result",
    ),
)
