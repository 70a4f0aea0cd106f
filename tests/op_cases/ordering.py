"""Rows of the ops in `tensorlib.ops.ordering`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes
from tests.op_cases.case import Call, OpCase, Values, anywhere
from tests.op_cases.values import tied


@st.composite
def index_reduced(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    rank = len(shape)
    axis = draw(st.one_of(st.none(), st.integers(-rank, rank - 1)) if rank else st.none())
    return Call((shape,), (axis, draw(st.booleans())))


def torch_index_of(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: f(x, dim=axis, keepdim=keepdims)


def index_of(name: str, label: str, values: Values) -> OpCase:
    reference = torch_index_of(getattr(torch, name))
    return OpCase(
        name, getattr(tl, name), reference, index_reduced(), label, values, differentiable=False
    )


CASES: tuple[OpCase, ...] = (
    index_of("argmax", "", anywhere),
    index_of("argmax", "tied", tied),
    index_of("argmin", "", anywhere),
    index_of("argmin", "tied", tied),
)
