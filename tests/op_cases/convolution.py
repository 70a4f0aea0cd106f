"""Rows of the ops in `tensorlib.ops.convolution`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes
from tests.op_cases.case import Call, OpCase

Draw = st.DrawFn


def one_batch(f: Callable[..., Any], rank: int) -> Callable[..., Any]:
    """PyTorch takes one batch axis, or none."""

    def reference(x: torch.Tensor, *args: Any) -> Any:
        batch = x.shape[: -rank - 1]
        y = f(x.reshape(-1, *x.shape[-rank - 1 :]), *args)
        return y.reshape(*batch, *y.shape[1:])

    return reference


def with_same(f: Callable[..., Any], rank: int) -> Callable[..., Any]:
    """PyTorch warns that it copies where the padding is odd."""

    def reference(x: torch.Tensor, weight: Any, bias: Any, *args: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return f(x, weight, bias, *args)

    return one_batch(reference, rank)


def extents(rank: int, *sizes: int) -> st.SearchStrategy[Any]:
    """One size for all axes, or one for each."""
    one = st.sampled_from(sizes)
    return st.one_of(one, st.tuples(*(one,) * rank))


def each(value: Any, rank: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * rank


@st.composite
def fitting(draw: Draw, rank: int, kernel: Any, padding: Any, dilation: Any) -> tuple[int, ...]:
    """Axes into which a kernel fits."""
    parts = zip(each(kernel, rank), each(padding, rank), each(dilation, rank), strict=True)
    return tuple(
        max(1, gap * (size - 1) + 1 - 2 * margin + draw(st.integers(0, 3)))
        for size, margin, gap in parts
    )


@st.composite
def convolved(draw: Draw, rank: int, *, bias: bool = True) -> Call:
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    depth, outputs = draw(SIZES), groups * draw(SIZES)
    kernel = tuple(draw(SIZES) for _ in range(rank))
    stride, dilation = draw(extents(rank, 1, 2, 3)), draw(extents(rank, 1, 2))
    padding = draw(st.one_of(extents(rank, 0, 1, 2), st.just("valid")))
    dims = draw(fitting(rank, kernel, 0 if padding == "valid" else padding, dilation))
    operands = (
        (*draw(shapes(max_rank=2)), groups * depth, *dims),
        (outputs, depth, *kernel),
        *([(outputs,)] if bias else []),
    )
    return Call(operands, (*([] if bias else [None]), stride, padding, dilation, groups))


@st.composite
def same(draw: Draw, rank: int) -> Call:
    """Padding that keeps the size, whatever the sizes are."""
    channels, outputs = draw(SIZES), draw(SIZES)
    kernel = tuple(draw(SIZES) for _ in range(rank))
    dims = tuple(draw(SIZES) for _ in range(rank))
    operands = ((*draw(shapes(max_rank=2)), channels, *dims), (outputs, channels, *kernel))
    return Call((*operands, (outputs,)), (1, "same", draw(extents(rank, 1, 2)), 1))


@st.composite
def spread(draw: Draw, *, cut: bool) -> Call:
    groups = draw(st.sampled_from((1, 2))) if cut else 1
    channels, depth = groups * draw(SIZES), draw(SIZES)
    kernel = tuple(draw(SIZES) for _ in range(2))
    stride, dilation = draw(extents(2, 1, 2, 3)), draw(extents(2, 1, 2))
    extra = draw(extents(2, 0, 1)) if min(each(stride, 2)) > 1 else 0
    dims = tuple(draw(SIZES) + 2 * cut for _ in range(2))
    operands = (
        (*draw(shapes(max_rank=2)), channels, *dims),
        (channels, depth, *kernel),
        (groups * depth,),
    )
    return Call(operands, (stride, draw(extents(2, 0, 1)) if cut else 0, extra, groups, dilation))


@st.composite
def unfolded(draw: Draw, *, padded: bool = False) -> Call:
    kernel = draw(extents(2, 1, 2, 3))
    padding = 1 if padded else draw(extents(2, 0, 1))
    dilation = 1 if padded else draw(extents(2, 1, 2))
    dims = draw(fitting(2, kernel, padding, dilation))
    operand = (*draw(shapes(max_rank=2)), draw(SIZES), *dims)
    return Call((operand,), (kernel, dilation, padding, draw(extents(2, 1, 2))))


CASES: tuple[OpCase, ...] = (
    OpCase("conv1d", tl.conv1d, one_batch(F.conv1d, 1), convolved(1), cancels=True,
           symbols=False),
    OpCase("conv1d", tl.conv1d, one_batch(F.conv1d, 1), convolved(1, bias=False), "no bias",
           cancels=True, symbols=False),
    OpCase("conv1d", tl.conv1d, with_same(F.conv1d, 1), same(1), "same", cancels=True),
    OpCase("conv2d", tl.conv2d, one_batch(F.conv2d, 2), convolved(2), cancels=True,
           symbols=False),
    OpCase("conv2d", tl.conv2d, one_batch(F.conv2d, 2), convolved(2, bias=False), "no bias",
           cancels=True, symbols=False),
    OpCase("conv2d", tl.conv2d, with_same(F.conv2d, 2), same(2), "same", cancels=True),
    OpCase("conv_transpose2d", tl.conv_transpose2d, one_batch(F.conv_transpose2d, 2),
           spread(cut=True), cancels=True, symbols=False),
    OpCase("conv_transpose2d", tl.conv_transpose2d, one_batch(F.conv_transpose2d, 2),
           spread(cut=False), "whole", cancels=True),
    OpCase("unfold", tl.unfold, one_batch(F.unfold, 2), unfolded(), symbols=False, cancels=True),
    OpCase("unfold", tl.unfold, one_batch(F.unfold, 2), unfolded(padded=True), "padded",
           cancels=True),
)  # fmt: skip
