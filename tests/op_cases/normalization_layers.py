"""Rows of the ops in `tensorlib.ops.normalization_layers`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes
from tests.op_cases.case import Call, OpCase

LENGTHS = st.sampled_from((6, 7, 8))
"""Of what is normalized: of very few elements the gradient is little more than rounding errors."""


@st.composite
def over_last(draw: st.DrawFn, weights: int) -> Call:
    """An operand, and so many weights of its last axes."""
    size = (*draw(shapes(max_rank=1)), draw(LENGTHS))
    if not weights:
        size = size[-1:]
    return Call(((*draw(shapes(max_rank=2)), *size), *(size,) * weights))


@st.composite
def channels_first(draw: st.DrawFn, weights: int, multiple: int) -> Call:
    """An operand ``(N, C, *S)``, C a multiple of the number that follows, and weights."""
    channels = multiple * draw(SIZES)
    x = (draw(SIZES), channels, *draw(shapes(max_rank=1)), draw(LENGTHS))
    return Call((x, *((channels,),) * weights), (multiple,))


@st.composite
def channels_anywhere(draw: st.DrawFn, weights: int) -> Call:
    """An operand, weights of one of its axes, and that axis."""
    x = list(draw(shapes(min_rank=2)))
    axis = draw(st.integers(-len(x), len(x) - 1))
    x[(axis + 1) % len(x)] = draw(LENGTHS)
    return Call((tuple(x), *((x[axis],),) * weights), (axis,))


def torch_layer_norm(x: Any, weight: Any, bias: Any = None) -> Any:
    return torch.nn.functional.layer_norm(x, weight.shape, weight, bias)


def torch_group_norm(x: Any, *operands: Any) -> Any:
    *weights, groups = operands
    return torch.group_norm(x, groups, *weights)


def torch_batch_norm(x: Any, *operands: Any) -> Any:
    """PyTorch's function without its demand for several values per channel."""
    *weights, axis = operands
    weight, bias = weights or (None, None)
    moved = x.movedim(axis, 1)
    y = torch.batch_norm(moved, weight, bias, None, None, True, 0.0, 1e-5, False)
    return y.movedim(1, axis)


def group_norm(x: Any, *operands: Any) -> Any:
    *weights, groups = operands
    return tl.group_norm(x, groups, *weights)


def batch_norm(x: Any, *operands: Any) -> Any:
    *weights, axis = operands
    weight, bias = weights or (None, None)
    return tl.batch_norm(x, weight, bias, axis)


CASES: tuple[OpCase, ...] = (
    OpCase("layer_norm", tl.layer_norm, torch_layer_norm, over_last(2)),
    OpCase("layer_norm", tl.layer_norm, torch_layer_norm, over_last(1), "no bias"),
    OpCase(
        "layer_norm",
        tl.layer_norm,
        lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:]),
        over_last(0),
        "no weights",
    ),
    OpCase(
        "layer_norm",
        lambda x, bias: tl.layer_norm(x, None, bias, 0.5),
        lambda x, bias: torch.nn.functional.layer_norm(x, bias.shape, None, bias, 0.5),
        over_last(1),
        "bias, other eps",
    ),
    OpCase(
        "rms_norm",
        tl.rms_norm,
        lambda x, weight: torch.nn.functional.rms_norm(x, weight.shape, weight),
        over_last(1),
    ),
    OpCase(
        "rms_norm",
        lambda x: tl.rms_norm(x, eps=0.5),
        lambda x: torch.nn.functional.rms_norm(x, x.shape[-1:], eps=0.5),
        over_last(0),
        "no weight, other eps",
    ),
    *(
        OpCase(
            "group_norm",
            group_norm,
            torch_group_norm,
            channels_first(weights, groups),
            f"{groups} groups, {weights} weights" if (weights, groups) != (0, 1) else "",
            symbols=groups == 1,
            operand_names=("x", "weight", "bias")[: weights + 1],
        )
        for weights, groups in ((0, 1), (2, 1), (1, 2), (2, 3))
    ),
    OpCase("batch_norm", batch_norm, torch_batch_norm, channels_anywhere(2)),
    OpCase(
        "batch_norm",
        batch_norm,
        torch_batch_norm,
        channels_anywhere(0),
        "no weights",
        operand_names=("x",),
    ),
)
