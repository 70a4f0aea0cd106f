"""Rows of the ops in `tensorlib.ops.searching`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import one_operand, shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.values import tied


def torch_nonzero(x: torch.Tensor) -> Any:
    return torch.nonzero(x, as_tuple=True)


CASES: tuple[OpCase, ...] = (
    OpCase("argwhere", tl.argwhere, torch.argwhere, one_operand(), "", tied, differentiable=False),
    OpCase(
        "nonzero",
        tl.nonzero,
        torch_nonzero,
        st.builds(lambda shape: Call((shape,)), shapes(min_rank=1)),
        "",
        tied,
        differentiable=False,
    ),
    OpCase("unique", tl.unique, torch.unique, one_operand(), "", tied, differentiable=False),
)
