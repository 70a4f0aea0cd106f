"""Rows of the ops in `tensorlib.ops.reduction`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import axes_of, over_axes, shapes, torch_std, torch_var
from tests.op_cases.case import Call, OpCase, anywhere
from tests.op_cases.values import large, tied


@st.composite
def reduced(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))), draw(st.booleans())))


@st.composite
def spread(draw: st.DrawFn, *, eps: bool = False) -> Call:
    """A correction of 1 only where more than one element is left."""
    shape = draw(shapes())
    axis = draw(axes_of(len(shape)))
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    several = math.prod(shape[a] for a in axes) > 1
    args: tuple[Any, ...] = (
        axis,
        draw(st.sampled_from((0, 1))) if several else 0,
        draw(st.booleans()),
    )
    if eps:
        args = (*args, draw(st.sampled_from((0.0, 1e-3, 0.5))) if several else 0.5)
    return Call((shape,), args)


def over_each_axis(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes a single axis: one after the other, the last first."""

    def reference(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        y = x.clone()
        for a in sorted((a % x.ndim for a in axes), reverse=True):
            y = f(y, dim=a, keepdim=keepdims)
        return y

    return reference


def torch_truths(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: over_each_axis(f)(x != 0, axis, keepdims)


def torch_count(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
    return over_axes(torch.sum)((x != 0).to(torch.int64), axis, keepdims)


def reduction(name: str, reference: Callable[..., Any], **options: Any) -> OpCase:
    return OpCase(name, getattr(tl, name), over_axes(reference), reduced(), **options)


def truths(name: str, reference: Callable[..., Any]) -> tuple[OpCase, ...]:
    ours = getattr(tl, name)
    return tuple(
        OpCase(name, ours, reference, reduced(), label, values, differentiable=False)
        for label, values in (("", tied), ("no zeros", anywhere))
    )


CASES: tuple[OpCase, ...] = (
    reduction("sum", torch.sum, cancels=True),
    reduction("mean", torch.mean, cancels=True),
    OpCase("var", tl.var, torch_var, spread()),
    OpCase("std", tl.std, torch_std, spread(eps=True)),
    OpCase("prod", tl.prod, over_each_axis(torch.prod), reduced()),
    OpCase("prod", tl.prod, over_each_axis(torch.prod), reduced(), "zeros", tied),
    *truths("any", torch_truths(torch.any)),
    *truths("all", torch_truths(torch.all)),
    *truths("count_nonzero", torch_count),
    reduction("max", torch.amax),
    reduction("max", torch.amax, label="tied", values=tied, smooth=False),
    reduction("min", torch.amin),
    reduction("min", torch.amin, label="tied", values=tied, smooth=False),
    reduction("logsumexp", torch.logsumexp, cancels=True),
    reduction("logsumexp", torch.logsumexp, label="large", values=large),
)
