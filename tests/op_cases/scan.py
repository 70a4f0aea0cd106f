"""Rows of the ops in `tensorlib.ops.scan`."""

from __future__ import annotations

import torch

import tensorlib as tl
from tests.op_cases.calls import along_axis
from tests.op_cases.case import OpCase
from tests.op_cases.values import tied

CASES: tuple[OpCase, ...] = (
    OpCase("cumsum", tl.cumsum, torch.cumsum, along_axis(), cancels=True),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis()),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis(), "zeros", tied),
)
