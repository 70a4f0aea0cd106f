"""Rows of the ops in `tensorlib.ops.joining`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes
from tests.op_cases.case import Call, OpCase


@st.composite
def joined(draw: st.DrawFn, *, along_axis: bool) -> Call:
    """Operands of one shape, but for the axis along which they are joined."""
    shape = draw(shapes(min_rank=1 if along_axis else 0, max_rank=3))
    rank = len(shape) if along_axis else len(shape) + 1
    axis = draw(st.integers(-rank, rank - 1))
    count = draw(st.integers(1, 4))
    if not along_axis:
        return Call((shape,) * count, (axis,))
    lengths = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    place = axis % rank
    return Call(tuple((*shape[:place], n, *shape[place + 1 :]) for n in lengths), (axis,))


def concat(*operands: Any) -> Any:
    *xs, axis = operands
    return tl.concat(xs, axis)


def stack(*operands: Any) -> Any:
    *xs, axis = operands
    return tl.stack(tuple(xs), axis)


def torch_concat(*operands: Any) -> Any:
    *xs, axis = operands
    return torch.concat(xs, axis)


def torch_stack(*operands: Any) -> Any:
    *xs, axis = operands
    return torch.stack(xs, axis)


CASES: tuple[OpCase, ...] = (
    OpCase("concat", concat, torch_concat, joined(along_axis=True)),
    OpCase("stack", stack, torch_stack, joined(along_axis=False)),
)
