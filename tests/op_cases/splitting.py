"""Rows of the ops in `tensorlib.ops.splitting`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes, stretching
from tests.op_cases.case import Call, OpCase


@st.composite
def stretched_both(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    return Call((draw(stretching(whole)), draw(stretching(whole))))


@st.composite
def split_evenly(draw: st.DrawFn) -> Call:
    shape = list(draw(shapes(min_rank=1, max_rank=3)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    sections = draw(st.integers(1, 3))
    shape[axis] *= sections
    return Call((tuple(shape),), (sections, axis))


@st.composite
def split_at_places(draw: st.DrawFn) -> Call:
    shape = list(draw(shapes(min_rank=1, max_rank=3)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] += 3
    places = sorted(draw(st.lists(st.integers(0, shape[axis]), max_size=3)))
    return Call((tuple(shape),), (tuple(places), axis))


@st.composite
def in_chunks(draw: st.DrawFn) -> Call:
    shape = list(draw(shapes(min_rank=1, max_rank=3)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] += draw(st.integers(0, 4))
    return Call((tuple(shape),), (draw(st.integers(1, 4)), axis))


@st.composite
def along(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1, max_rank=3))
    return Call((shape,), (draw(st.integers(-len(shape), len(shape) - 1)),))


def torch_split(x: torch.Tensor, sections: Any, axis: int) -> tuple[torch.Tensor, ...]:
    return torch.tensor_split(x, sections, axis)


@st.composite
def vectors(draw: st.DrawFn) -> Call:
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    return Call(tuple((length,) for length in lengths), (draw(st.sampled_from(("ij", "xy"))),))


def meshgrid(*operands: Any) -> Any:
    *xs, indexing = operands
    return tl.meshgrid(*xs, indexing=indexing)


def torch_meshgrid(*operands: Any) -> Any:
    *xs, indexing = operands
    return torch.meshgrid(*xs, indexing=indexing)


CASES: tuple[OpCase, ...] = (
    OpCase("split", tl.split, torch_split, split_evenly(), symbols=False),
    OpCase("split", tl.split, torch_split, split_at_places(), "at places", symbols=False),
    OpCase("chunk", tl.chunk, torch.chunk, in_chunks(), symbols=False),
    OpCase("unstack", tl.unstack, torch.unbind, along()),
    OpCase("meshgrid", meshgrid, torch_meshgrid, vectors()),
    OpCase(
        "broadcast_arrays",
        tl.broadcast_arrays,
        torch.broadcast_tensors,
        stretched_both(),
        cancels=True,
    ),
)
