"""Rows of the ops in `tensorlib.ops.scan`."""

from __future__ import annotations

from typing import Any

import torch

import tensorlib as tl
from tests.op_cases.calls import along_axis
from tests.op_cases.case import OpCase
from tests.op_cases.values import tied


def extremum(name: str) -> tuple[OpCase, ...]:
    def theirs(x: torch.Tensor, axis: int) -> Any:
        return getattr(torch, name)(x, axis).values

    return (
        OpCase(name, getattr(tl, name), theirs, along_axis(), cancels=True),
        OpCase(name, getattr(tl, name), theirs, along_axis(), "tied", tied, smooth=False),
    )


CASES: tuple[OpCase, ...] = (
    OpCase("cumsum", tl.cumsum, torch.cumsum, along_axis(), cancels=True),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis()),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis(), "zeros", tied),
    *extremum("cummax"),
    *extremum("cummin"),
)
