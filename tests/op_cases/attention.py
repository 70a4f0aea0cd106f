"""Rows of the ops in `tensorlib.ops.attention`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes, stretching
from tests.op_cases.case import Bools, Call, OpCase
from tests.op_cases.values import large

ours, theirs = (
    tl.scaled_dot_product_attention,
    torch.nn.functional.scaled_dot_product_attention,
)


@st.composite
def attended(draw: st.DrawFn, mask: str = "") -> Call:
    """Queries, keys and values, maybe a mask; batches stretch to those of the queries."""
    s, t, k, v = (draw(SIZES) for _ in range(4))
    batch = draw(shapes(max_rank=2))
    other = draw(st.sampled_from((batch, draw(stretching(batch)))))
    operands: tuple[Any, ...] = ((*batch, s, k), (*other, t, k), (*other, t, v))
    if mask == "bools":
        operands = (*operands, Bools(draw(stretching((*batch, s, t)))))
    if mask == "floats":  # what is added to all scores alike has a gradient of 0
        operands = (*operands, (*draw(stretching((*batch, s))), t))
    return Call(operands)


def causal(q: Any, k: Any, v: Any) -> Any:
    return ours(q, k, v, is_causal=True)


def torch_causal(q: Any, k: Any, v: Any) -> Any:
    return theirs(q, k, v, is_causal=True)


def stretched(q: Any, k: Any, v: Any, mask: Any) -> Any:
    """PyTorch takes no mask with fewer than two dimensions."""
    return theirs(q, k, v, mask.expand((*q.shape[:-1], k.shape[-2])))


CASES: tuple[OpCase, ...] = (
    OpCase(
        "scaled_dot_product_attention",
        ours,
        theirs,
        attended(),
        cancels=True,
    ),
    OpCase(
        "scaled_dot_product_attention",
        causal,
        torch_causal,
        attended(),
        "causal",
        cancels=True,
    ),
    OpCase(
        "scaled_dot_product_attention",
        ours,
        stretched,
        attended("bools"),
        "mask",
        cancels=True,
    ),
    OpCase(
        "scaled_dot_product_attention",
        ours,
        stretched,
        attended("floats"),
        "added mask",
        cancels=True,
    ),
    OpCase(
        "scaled_dot_product_attention",
        lambda q, k, v: ours(q, k, v, scale=0.25),
        lambda q, k, v: theirs(q, k, v, scale=0.25),
        attended(),
        "scale",
        cancels=True,
    ),
    OpCase(
        "scaled_dot_product_attention",
        ours,
        theirs,
        attended(),
        "large",
        large,
        smooth=False,
        cancels=True,
    ),
)
