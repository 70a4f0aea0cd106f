"""Strategies of calls and kinds of rows that several families share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.case import Call, OpCase, Scalar, Shape, Values, anywhere

SIZES = st.sampled_from((1, 2, 3))


def shapes(min_rank: int = 0, max_rank: int = 4) -> st.SearchStrategy[Shape]:
    return st.lists(SIZES, min_size=min_rank, max_size=max_rank).map(tuple)


@st.composite
def stretching(draw: st.DrawFn, whole: Shape) -> Shape:
    """A shape that stretches to the whole one: leading axes missing, others of length 1."""
    rest = whole[draw(st.integers(0, len(whole))) :]
    return tuple(draw(st.sampled_from((1, size))) for size in rest)


@st.composite
def one_operand(draw: st.DrawFn) -> Call:
    return Call((draw(shapes()),))


@st.composite
def two_operands(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    other = draw(st.one_of(st.just(whole), stretching(whole)))
    return Call(draw(st.sampled_from(((whole, other), (other, whole)))))


@st.composite
def with_scalar(draw: st.DrawFn, *, left: bool = False) -> Call:
    scalars: tuple[Scalar, ...] = (2, -0.75, True, np.float64(1.5), np.float32(0.5), np.int64(3))
    shape, scalar = draw(shapes()), draw(st.sampled_from(scalars))
    return Call((scalar, shape) if left else (shape, scalar))


def with_args(*several: tuple[Any, ...]) -> st.SearchStrategy[Call]:
    return st.builds(lambda shape, args: Call((shape,), args), shapes(), st.sampled_from(several))


def axes_of(rank: int) -> st.SearchStrategy[Any]:
    """No, one, several or all axes, negative or not."""
    if rank == 0:
        return st.sampled_from((None, ()))
    several = st.lists(st.integers(0, rank - 1), unique=True, max_size=rank)
    signed = several.flatmap(
        lambda axes: st.tuples(*(st.sampled_from((axis, axis - rank)) for axis in axes))
    )
    return st.one_of(st.none(), st.integers(-rank, rank - 1), signed)


@st.composite
def along_axis(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    return Call((shape,), (draw(st.integers(-len(shape), len(shape) - 1)),))


def over_axes(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes no axes for all axes."""

    def reference(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
        axes = tuple(range(x.ndim)) if axis is None else axis
        return x.clone() if axes == () else f(x, dim=axes, keepdim=keepdims)

    return reference


torch_mean = over_axes(torch.mean)


def torch_var(x: torch.Tensor, axis: Any, correction: int, keepdims: bool) -> Any:
    squares = (x - torch_mean(x, axis, True)) ** 2
    totals = over_axes(torch.sum)(squares, axis, keepdims)
    return totals / (x.numel() // totals.numel() - correction)


def torch_std(x: torch.Tensor, axis: Any, correction: int, keepdims: bool, eps: float) -> Any:
    return torch.sqrt(torch_var(x, axis, correction, keepdims) + eps)


def of_tensors(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch's function takes no scalars."""

    def reference(a: Any, b: Any) -> Any:
        dtype = a.dtype if isinstance(a, torch.Tensor) else b.dtype
        return f(*(torch.as_tensor(x, dtype=dtype) for x in (a, b)))

    return reference


def unary(name: str, values: Values = anywhere, label: str = "", **options: Any) -> OpCase:
    reference = options.pop("reference", None) or getattr(torch, name)
    return OpCase(name, getattr(tl, name), reference, one_operand(), label, values, **options)
