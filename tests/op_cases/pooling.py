"""Rows of the ops in `tensorlib.ops.pooling` and `tensorlib.ops.adaptive_pooling`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.convolution import each, extents, fitting, one_batch
from tests.op_cases.values import tied

Draw = st.DrawFn


@st.composite
def pooled(draw: Draw, rank: int, *, dilated: bool, padded: bool) -> Call:
    """With ``padded``, windows that fit whatever the sizes are."""
    kernel = draw(extents(rank, 2, 3) if padded else extents(rank, 1, 2, 3))
    half = min(each(kernel, rank)) // 2
    padding = 1 if padded else draw(extents(rank, *range(half + 1)))
    stride = draw(st.one_of(st.none(), extents(rank, 1, 2, 3)))
    dilation = draw(extents(rank, 1, 2)) if dilated and not padded else 1
    fits = draw(fitting(rank, kernel, padding, dilation))
    # Shorter axes leave windows without elements, for which PyTorch corrupts its memory.
    dims = tuple(map(max, fits, each(dilation, rank)))
    ceil_mode = draw(st.booleans())
    options = (dilation, ceil_mode) if dilated else (ceil_mode, draw(st.booleans()))
    shape = (*draw(shapes(max_rank=2)), draw(SIZES), *dims)
    return Call((shape,), (kernel, stride, padding, *options))


@st.composite
def adapted(draw: Draw) -> Call:
    size = st.integers(1, 5)
    wanted = draw(st.one_of(size, st.tuples(size, size), st.tuples(st.none(), size)))
    shape = (*draw(shapes(max_rank=2)), draw(SIZES), draw(st.integers(1, 6)), draw(size))
    return Call((shape,), (wanted,))


@st.composite
def images(draw: Draw) -> Call:
    return Call((draw(shapes(min_rank=3, max_rank=5)),))


def negative(f: Callable[..., Any]) -> Callable[..., Any]:
    """The smallest is the largest with the sign changed."""
    return lambda x, *args: -f(-x, *args)


def best(name: str, rank: int, reference: Callable[..., Any]) -> tuple[OpCase, ...]:
    ours, theirs = getattr(tl, name), one_batch(reference, rank)
    calls = pooled(rank, dilated=True, padded=False)
    return (
        OpCase(name, ours, theirs, calls, symbols=False),
        OpCase(name, ours, theirs, calls, "tied", tied, smooth=False, symbols=False),
        OpCase(name, ours, theirs, pooled(rank, dilated=True, padded=True), "padded"),
    )


def mean(name: str, rank: int, reference: Callable[..., Any]) -> tuple[OpCase, ...]:
    ours, theirs = getattr(tl, name), one_batch(reference, rank)
    calls = pooled(rank, dilated=False, padded=False)
    return (
        OpCase(name, ours, theirs, calls, cancels=True, symbols=False),
        OpCase(name, ours, theirs, pooled(rank, dilated=False, padded=True), "padded",
               cancels=True),
    )  # fmt: skip


def over_all(name: str, reference: Callable[..., Any], **options: Any) -> OpCase:
    def theirs(x: torch.Tensor) -> Any:
        return reference(x.flatten(-2), dim=-1)

    return OpCase(name, getattr(tl, name), theirs, images(), **options)


def first(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, dim: f(x, dim=dim)[0]


CASES: tuple[OpCase, ...] = (
    *best("max_pool1d", 1, F.max_pool1d),
    *best("max_pool2d", 2, F.max_pool2d),
    *best("min_pool2d", 2, negative(F.max_pool2d)),
    *mean("avg_pool1d", 1, F.avg_pool1d),
    *mean("avg_pool2d", 2, F.avg_pool2d),
    OpCase("adaptive_avg_pool2d", tl.adaptive_avg_pool2d, one_batch(F.adaptive_avg_pool2d, 2),
           adapted(), cancels=True),
    OpCase("adaptive_max_pool2d", tl.adaptive_max_pool2d, one_batch(F.adaptive_max_pool2d, 2),
           adapted()),
    OpCase("adaptive_max_pool2d", tl.adaptive_max_pool2d, one_batch(F.adaptive_max_pool2d, 2),
           adapted(), "tied", tied, smooth=False),
    over_all("global_avg_pool2d", torch.mean, cancels=True),
    over_all("global_max_pool2d", first(torch.max)),
    over_all("global_min_pool2d", first(torch.min)),
)  # fmt: skip
