"""Rows of the ops in `tensorlib.ops.similarity`."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.values import away_from_zero


@st.composite
def pairs(draw: st.DrawFn) -> Call:
    """Vectors of at least two elements: of others, the cosine is 1 or -1, and its slope rounding.

    For the same reason, no vector is a stretched number.
    """
    whole = draw(shapes(min_rank=1, max_rank=3))
    axis = draw(st.integers(0, len(whole) - 1))
    whole = (*whole[:axis], draw(st.sampled_from((2, 3))), *whole[axis + 1 :])
    cut = draw(st.integers(0, axis))
    other = tuple(
        size if place == axis else draw(st.sampled_from((1, size)))
        for place, size in enumerate(whole[cut:], start=cut)
    )
    operands = draw(st.sampled_from(((whole, other), (other, whole), (whole, whole))))
    return Call(operands, (draw(st.sampled_from((axis, axis - len(whole)))),))


def torch_cosine(x1: torch.Tensor, x2: torch.Tensor, axis: int) -> torch.Tensor:
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    return F.cosine_similarity(x1.expand(shape), x2.expand(shape), dim=axis)


CASES: tuple[OpCase, ...] = (
    OpCase(
        "cosine_similarity",
        tl.cosine_similarity,
        torch_cosine,
        pairs(),
        values=away_from_zero,
    ),
)
