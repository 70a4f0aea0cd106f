"""Rows of the ops in `tensorlib.ops.indexing`."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from tensorlib.ops.indexing import getitem
from tests.op_cases.calls import shapes
from tests.op_cases.case import Call, OpCase


@st.composite
def indexed(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    items: list[Any] = []
    for size in shape[: draw(st.integers(0, len(shape)))]:
        bound = st.one_of(st.none(), st.integers(-size - 1, size + 1))
        step = st.sampled_from((None, 1, 2, -1, -2))
        slices = st.builds(slice, bound, bound, step)
        items.append(draw(st.one_of(st.integers(-size, size - 1), slices)))
        if draw(st.integers(0, 4)) == 0:
            items.append(None)
    if draw(st.booleans()):
        items.append(Ellipsis)
    single = len(items) == 1 and draw(st.booleans())
    return Call((shape,), (items[0] if single else tuple(items),))


def torch_index(x: torch.Tensor, index: Any) -> torch.Tensor:
    """PyTorch has no negative steps; places picked by NumPy do."""
    places = np.arange(math.prod(x.shape)).reshape(x.shape)[index]
    return x.reshape(-1)[torch.from_numpy(np.array(places))]


CASES: tuple[OpCase, ...] = (
    OpCase("getitem", getitem, torch_index, indexed(), symbols=False),
    OpCase("getitem", operator.getitem, torch_index, indexed(), "operator", symbols=False),
)
