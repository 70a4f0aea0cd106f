"""Rows of the ops in `tensorlib.ops.padding`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes
from tests.op_cases.case import Call, OpCase


@st.composite
def padded(draw: st.DrawFn, mode: str) -> Call:
    """One width, a pair or pairs; reflection adds less than an axis is long."""
    shape = draw(shapes(max_rank=3))
    limits = [3 if mode != "reflect" else size - 1 for size in shape]
    form = draw(st.sampled_from(("one", "pair", "pairs")))
    limit = min(limits, default=2)
    width: Any = draw(st.integers(0, limit))
    if form == "pair":
        width = (width, draw(st.integers(0, limit)))
    elif form == "pairs":
        width = tuple((draw(st.integers(0, most)), draw(st.integers(0, most))) for most in limits)
    arguments = (width, mode, draw(st.sampled_from((0, 2.0)))) if mode == "constant" else ()
    return Call((shape,), arguments or (width, mode))


@st.composite
def repeated(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    rank = len(shape)
    axis = draw(st.one_of(st.none(), st.integers(-rank, rank - 1))) if rank else None
    return Call((shape,), (draw(st.integers(0, 3)), axis))


def torch_pad(x: torch.Tensor, width: Any, mode: Any, value: float = 0) -> torch.Tensor:
    """PyTorch mirrors the last axes of large ranks only; places filled by NumPy do for all."""
    places = np.pad(np.arange(x.numel()).reshape(x.shape), width, mode) if x.ndim else np.array(0)
    picked = x.reshape(-1)[torch.from_numpy(places)]
    if mode != "constant":
        return picked
    outside = np.pad(np.zeros(x.shape), width, constant_values=1) if x.ndim else np.array(0)
    return torch.where(torch.from_numpy(outside) == 1, torch.tensor(value, dtype=x.dtype), picked)


CASES: tuple[OpCase, ...] = (
    OpCase("pad", tl.pad, torch_pad, padded("constant")),
    OpCase("pad", tl.pad, torch_pad, padded("reflect"), "reflect", cancels=True, symbols=False),
    OpCase("pad", tl.pad, torch_pad, padded("edge"), "edge", cancels=True),
    OpCase(
        "repeat",
        tl.repeat,
        torch.repeat_interleave,
        repeated(),
        cancels=True,
    ),
)
