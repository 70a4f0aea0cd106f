"""Rows of the ops in `tensorlib.ops.activation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import one_operand, shapes, with_args
from tests.op_cases.case import Call, OpCase, Values, anywhere
from tests.op_cases.values import beside_the_dip, halves, large, tied


def hardsigmoid(x: torch.Tensor) -> torch.Tensor:
    """PyTorch's own has a gradient of single precision."""
    return torch.nn.functional.relu6(x + 3) / 6


def activation(
    name: str,
    *arguments: tuple[Any, ...],
    values: Values = anywhere,
    edges: Values = tied,
    reference: Callable[..., Any] | None = None,
) -> tuple[OpCase, ...]:
    """An activation by its defaults, at its edges, far out, and with other arguments."""
    ours, theirs = getattr(tl, name), reference or getattr(torch.nn.functional, name)
    cases = (
        OpCase(name, ours, theirs, one_operand(), "", values),
        OpCase(name, ours, theirs, one_operand(), "at edges", edges, smooth=False),
        OpCase(name, ours, theirs, one_operand(), "large", large, smooth=False),
    )
    if not arguments:
        return cases
    return (*cases, OpCase(name, ours, theirs, with_args(*arguments), "with arguments"))


@st.composite
def with_weight(draw: st.DrawFn) -> Call:
    """One weight, or one per channel."""
    shape = draw(shapes(min_rank=1))
    per_channel = len(shape) > 1 and draw(st.booleans())
    return Call((shape, (shape[1],) if per_channel else (1,)))


CASES: tuple[OpCase, ...] = (
    *activation("gelu", values=beside_the_dip),
    OpCase(
        "gelu",
        lambda x: tl.gelu(x, "tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        one_operand(),
        "tanh",
    ),
    *activation("silu", values=beside_the_dip),
    *activation("elu", (0.5,), (2,)),
    *activation("selu"),
    *activation("leaky_relu", (0.2,), (2,)),
    *activation("softplus", (2.0,), (0.5, 1.0)),
    *activation("hardtanh", (-0.5, 1.5)),
    *activation("hardsigmoid", edges=halves, reference=hardsigmoid),
    *activation("hardswish", edges=halves),
    *activation("logsigmoid"),
    OpCase("prelu", tl.prelu, torch.prelu, with_weight()),
    OpCase("prelu", tl.prelu, torch.prelu, with_weight(), "at 0", tied, smooth=False),
)
