"""Rows of the ops in `tensorlib.ops.rounding`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch

import tensorlib as tl
from tests.op_cases.calls import of_tensors, two_operands, unary, with_args, with_scalar
from tests.op_cases.case import OpCase
from tests.op_cases.values import away_from_zero, halves, large, tied


def division(name: str, symbol: Callable[[Any, Any], Any], **options: Any) -> tuple[OpCase, ...]:
    """Division with a remainder, which jumps."""
    ours = getattr(tl, name)
    return (
        OpCase(name, ours, symbol, two_operands(), "", away_from_zero, smooth=False, **options),
        OpCase(name, symbol, symbol, with_scalar(), "with scalar", smooth=False, **options),
        OpCase(
            name,
            symbol,
            of_tensors(symbol),
            with_scalar(left=True),
            "scalar left",
            away_from_zero,
            smooth=False,
            **options,
        ),
    )


CASES: tuple[OpCase, ...] = (
    unary("sign", tied, smooth=False),
    unary("floor", halves, smooth=False),
    unary("ceil", halves, smooth=False),
    unary("round", halves, smooth=False),
    OpCase(
        "round",
        tl.round,
        lambda x, decimals: torch.round(x, decimals=decimals),
        with_args((2,), (0,), (-1,)),
        "decimals",
        large,
        smooth=False,
    ),
    unary("trunc", halves, smooth=False),
    *division("remainder", operator.mod),
    *division("floor_divide", operator.floordiv, differentiable=False),
)
