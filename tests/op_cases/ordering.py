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


@st.composite
def in_order(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return Call((shape,), (axis, draw(st.booleans())))


def ordered(name: str, label: str, values: Values, **options: Any) -> OpCase:
    reference = getattr(torch, name)

    def theirs(x: torch.Tensor, axis: int, descending: bool) -> Any:
        result = reference(x, dim=axis, descending=descending, stable=True)
        return result.values if name == "sort" else result

    return OpCase(name, getattr(tl, name), theirs, in_order(), label, values, **options)


@st.composite
def top(draw: st.DrawFn, most: int = 3) -> Call:
    shape = draw(shapes(min_rank=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    k = draw(st.integers(0, min(shape[axis], most)))
    return Call((shape,), (k, axis, draw(st.booleans())))


def torch_topk(x: torch.Tensor, k: int, axis: int, largest: bool) -> tuple[torch.Tensor, ...]:
    return tuple(torch.topk(x, k, axis, largest))


def first_of_sorted(x: torch.Tensor, k: int, axis: int, largest: bool) -> tuple[torch.Tensor, ...]:
    """Of equal elements PyTorch's own takes any."""
    ordered = torch.sort(x, dim=axis, descending=largest, stable=True)
    return tuple(part.narrow(axis, 0, k) for part in ordered)


CASES: tuple[OpCase, ...] = (
    ordered("sort", "", anywhere),
    ordered("sort", "tied", tied, smooth=False),
    ordered("argsort", "", anywhere, differentiable=False),
    ordered("argsort", "tied", tied, differentiable=False),
    OpCase("topk", tl.topk, torch_topk, top(), symbols=False),
    OpCase("topk", tl.topk, first_of_sorted, top(), "tied", tied, smooth=False, symbols=False),
    OpCase("topk", tl.topk, torch_topk, top(most=1), "at most one"),
    index_of("argmax", "", anywhere),
    index_of("argmax", "tied", tied),
    index_of("argmin", "", anywhere),
    index_of("argmin", "tied", tied),
)
