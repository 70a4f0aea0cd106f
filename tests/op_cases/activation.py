"""Rows of the ops in `tensorlib.ops.activation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import tensorlib as tl
from tests.op_cases.calls import one_operand, with_args
from tests.op_cases.case import OpCase, Values
from tests.op_cases.values import halves, large, tied


def hardsigmoid(x: torch.Tensor) -> torch.Tensor:
    """PyTorch's own has a gradient of single precision."""
    return torch.nn.functional.relu6(x + 3) / 6


def activation(
    name: str,
    *arguments: tuple[Any, ...],
    edges: Values = tied,
    reference: Callable[..., Any] | None = None,
) -> tuple[OpCase, ...]:
    """An activation by its defaults, at its edges, far out, and with other arguments."""
    ours, theirs = getattr(tl, name), reference or getattr(torch.nn.functional, name)
    cases = (
        OpCase(name, ours, theirs, one_operand()),
        OpCase(name, ours, theirs, one_operand(), "at edges", edges, smooth=False),
        OpCase(name, ours, theirs, one_operand(), "large", large, smooth=False),
    )
    if not arguments:
        return cases
    return (*cases, OpCase(name, ours, theirs, with_args(*arguments), "with arguments"))


CASES: tuple[OpCase, ...] = (
    *activation("gelu"),
    OpCase(
        "gelu",
        lambda x: tl.gelu(x, "tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        one_operand(),
        "tanh",
    ),
    *activation("silu"),
    *activation("elu", (0.5,), (2,)),
    *activation("selu"),
    *activation("leaky_relu", (0.2,), (2,)),
    *activation("softplus", (2.0,), (0.5, 1.0)),
    *activation("hardtanh", (-0.5, 1.5)),
    *activation("hardsigmoid", edges=halves, reference=hardsigmoid),
    *activation("hardswish", edges=halves),
    *activation("logsigmoid"),
)
