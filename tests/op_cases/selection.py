"""Rows of the ops in `tensorlib.ops.selection`."""

from __future__ import annotations

import math
from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import shapes, stretching
from tests.op_cases.case import Bools, Call, Ints, OpCase
from tests.op_cases.values import tied


@st.composite
def taken(draw: st.DrawFn) -> Call:
    """Indices of any shape, or an int."""
    shape = draw(shapes(min_rank=1, max_rank=3))
    axis = draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    size = math.prod(shape) if axis is None else shape[axis]
    if draw(st.booleans()):
        return Call((shape, draw(st.integers(-size, size - 1))), (axis,))
    return Call((shape, Ints(draw(shapes(max_rank=2)), -size, size)), (axis,))


@st.composite
def selected(draw: st.DrawFn) -> Call:
    """Indices for each place before the axis: none, one or several in its place."""
    shape = draw(shapes(min_rank=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    before = shape[: axis % len(shape)]
    indices = (*before, *draw(shapes(max_rank=2)))
    return Call((shape, Ints(indices, -shape[axis], shape[axis])), (axis,))


@st.composite
def along_axis(draw: st.DrawFn, *, stretched: bool) -> Call:
    """Indices of another length along the axis; beside it, one of the two may be stretched."""
    shape = draw(shapes(min_rank=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    other = list(shape)
    whole = list(shape)
    if stretched:
        narrow = draw(st.sampled_from((other, whole)))
        for place in range(len(shape)):
            narrow[place] = draw(st.sampled_from((1, narrow[place])))
    whole[axis] = shape[axis]
    other[axis] = draw(st.integers(1, 4))
    return Call((tuple(whole), Ints(tuple(other), -shape[axis], shape[axis])), (axis,))


@st.composite
def scattered(draw: st.DrawFn) -> Call:
    call = draw(along_axis(stretched=False))
    shape, indices = call.operands
    assert isinstance(indices, Ints)
    return Call((shape, indices, indices.shape), call.args)


@st.composite
def masked(draw: st.DrawFn) -> Call:
    whole = draw(shapes(max_rank=3))
    other = draw(stretching(whole))
    shape, mask = draw(st.sampled_from(((whole, other), (other, whole))))
    return Call((shape, Bools(mask)))


@st.composite
def same_shapes(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape, shape), (draw(st.sampled_from((0, 1.0, -1))),))


@st.composite
def embedded(draw: st.DrawFn, *, padded: bool) -> Call:
    rows, features = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    padding = draw(st.integers(-rows, rows - 1)) if padded else None
    return Call((Ints(draw(shapes(max_rank=3)), 0, rows), (rows, features)), (padding,))


@st.composite
def classes(draw: st.DrawFn) -> Call:
    count = draw(st.integers(1, 4))
    return Call((Ints(draw(shapes(max_rank=3)), 0, count),), (count,))


def torch_take(x: torch.Tensor, indices: Any, axis: int | None) -> torch.Tensor:
    """PyTorch takes vectors of indices from 0."""
    if axis is None:
        x, axis = x.reshape(-1), 0
    wanted = torch.as_tensor(indices).long() % x.shape[axis]
    axis %= x.ndim
    picked = torch.index_select(x, axis, wanted.reshape(-1))
    return picked.reshape(x.shape[:axis] + wanted.shape + x.shape[axis + 1 :])


def torch_select(x: torch.Tensor, indices: torch.Tensor, axis: int) -> torch.Tensor:
    """PyTorch gathers, which needs the indices stretched over the axes behind."""
    axis %= x.ndim
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    count = indices.numel() // math.prod(before)
    wanted = indices.reshape((*before, count) + (1,) * len(after)) % x.shape[axis]
    picked = torch.gather(x, axis, wanted.expand((*before, count, *after)))
    return picked.reshape(indices.shape + after)


def torch_gather(x: torch.Tensor, indices: torch.Tensor, axis: int) -> torch.Tensor:
    """PyTorch stretches nothing, and counts from 0."""
    size = x.shape[axis]
    whole = [max(pair) for pair in zip(x.shape, indices.shape, strict=True)]
    length = indices.shape[axis]
    whole[axis] = size
    rows = x.expand(whole)
    whole[axis] = length
    return torch.gather(rows, axis, indices.expand(whole) % size)


def torch_scatter_add(
    x: torch.Tensor, indices: torch.Tensor, src: torch.Tensor, axis: int
) -> torch.Tensor:
    return torch.scatter_add(x, axis, indices % x.shape[axis], src)


def torch_embedding(
    input: torch.Tensor, weight: torch.Tensor, padding_idx: int | None
) -> torch.Tensor:
    return torch.nn.functional.embedding(input, weight, padding_idx)


def torch_one_hot(indices: torch.Tensor, count: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(indices, count).to(torch.float32)


def torch_value_mask(x: torch.Tensor, mask: torch.Tensor, value: float) -> torch.Tensor:
    return torch.where(mask.detach() == value, torch.tensor(value, dtype=x.dtype), x)


CASES: tuple[OpCase, ...] = (
    OpCase(
        "take",
        tl.take,
        torch_take,
        taken(),
        cancels=True,
    ),
    OpCase(
        "select",
        tl.select,
        torch_select,
        selected(),
        cancels=True,
    ),
    OpCase(
        "take_along_axis",
        tl.take_along_axis,
        torch_gather,
        along_axis(stretched=False),
        cancels=True,
    ),
    OpCase(
        "take_along_axis",
        tl.take_along_axis,
        torch_gather,
        along_axis(stretched=True),
        "stretched",
        cancels=True,
    ),
    OpCase(
        "scatter_add",
        tl.scatter_add,
        torch_scatter_add,
        scattered(),
        cancels=True,
    ),
    OpCase(
        "masked_select",
        tl.masked_select,
        torch.masked_select,
        masked(),
        cancels=True,
    ),
    OpCase(
        "value_mask",
        tl.value_mask,
        torch_value_mask,
        same_shapes(),
        "",
        tied,
        smooth=False,
    ),
    OpCase(
        "embedding",
        tl.embedding,
        torch_embedding,
        embedded(padded=False),
        cancels=True,
    ),
    OpCase(
        "embedding",
        tl.embedding,
        torch_embedding,
        embedded(padded=True),
        "with padding",
        smooth=False,
        cancels=True,
        symbols=False,
    ),
    OpCase(
        "one_hot",
        tl.one_hot,
        torch_one_hot,
        classes(),
        differentiable=False,
        symbols=False,
    ),
)
