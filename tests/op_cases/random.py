"""Rows of the ops in `tensorlib.ops.random`."""

from __future__ import annotations

import numpy as np
import torch

import tensorlib as tl
from tests.op_cases.calls import one_operand
from tests.op_cases.case import OpCase


def torch_dropout(x: torch.Tensor) -> torch.Tensor:
    kept = np.random.default_rng(7).random(tuple(x.shape), np.float32) >= 0.25
    return x * torch.from_numpy(np.asarray(kept)).to(x.dtype) / 0.75


CASES: tuple[OpCase, ...] = (
    OpCase("dropout", lambda x: tl.dropout(x, 0.25, rng=7), torch_dropout, one_operand()),
)
