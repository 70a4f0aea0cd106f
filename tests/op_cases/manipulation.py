"""Rows of the ops in `tensorlib.ops.manipulation`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import axes_of, one_operand, shapes, stretching
from tests.op_cases.case import Bools, Call, OpCase


@st.composite
def reshaped(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    sizes = [*draw(st.permutations(shape)), *draw(st.sampled_from(((), (1,), (1, 1))))]
    if draw(st.booleans()) and sizes:
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    elif draw(st.booleans()):
        sizes = [-1]
    return Call((shape,), (tuple(sizes),))


@st.composite
def flattened(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    rank = len(shape)
    if rank == 0:  # which has axis 0 here
        return Call((shape,), (draw(st.sampled_from((0, -1))), draw(st.sampled_from((0, -1)))))
    start = draw(st.integers(0, rank - 1))
    end = draw(st.integers(start, rank - 1))
    return Call((shape,), (start, draw(st.sampled_from((end, end - rank)))))


@st.composite
def permuted(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    axes = draw(st.permutations(range(len(shape))))
    return Call((shape,), (tuple(draw(st.sampled_from((a, a - len(shape)))) for a in axes),))


@st.composite
def transposed(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    axis = st.integers(-len(shape), len(shape) - 1)
    return Call((shape,), (draw(axis), draw(axis)))


@st.composite
def expanded(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(st.integers(-len(shape) - 1, len(shape))),))


@st.composite
def squeezed(draw: st.DrawFn) -> Call:
    shape = draw(shapes(max_rank=3))
    places = draw(st.lists(st.integers(0, len(shape)), unique=True))
    for place in sorted(places):
        shape = (*shape[:place], 1, *shape[place:])
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    axes = tuple(draw(st.sampled_from((a, a - len(shape)))) for a in ones)
    single = draw(st.booleans())
    return Call((shape,), (axes[0] if axes and single else axes,))


@st.composite
def flipped(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))),))


@st.composite
def rolled(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    axis, shift = draw(axes_of(len(shape))), st.integers(-4, 4)
    if isinstance(axis, tuple) and draw(st.booleans()):
        return Call((shape,), (tuple(draw(shift) for _ in axis), axis))
    return Call((shape,), (draw(shift), axis))


@st.composite
def tiled(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(max_rank=3)),), (draw(shapes(max_rank=4)),))


@st.composite
def triangular(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(min_rank=2)),), (draw(st.integers(-3, 3)),))


@st.composite
def stretched(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    return Call((draw(stretching(whole)),), (whole,))


@st.composite
def expected(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (tuple(draw(st.sampled_from((size, -1))) for size in shape),))


@st.composite
def stretched_like(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    return Call((draw(stretching(whole)), Bools(whole)))


@st.composite
def matrices(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(min_rank=2)),))


def torch_reversed(x: torch.Tensor) -> torch.Tensor:
    return x.permute(tuple(range(x.ndim))[::-1])


def torch_squeeze(x: torch.Tensor, axis: Any) -> torch.Tensor:
    return x.clone() if axis == () else torch.squeeze(x, axis)


def torch_flip(x: torch.Tensor, axis: Any) -> torch.Tensor:
    return torch.flip(x, tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis).tolist())


def torch_roll(x: torch.Tensor, shift: Any, axis: Any) -> torch.Tensor:
    """PyTorch takes one shift for each axis."""
    if axis is None:
        return torch.roll(x.reshape(-1), shift).reshape(x.shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
    return torch.roll(x, shifts, axes) if axes else x.clone()


CASES: tuple[OpCase, ...] = (
    OpCase("reshape", tl.reshape, torch.reshape, reshaped(), sizes_in_args=True),
    OpCase("flatten", tl.flatten, torch.flatten, flattened()),
    OpCase("permute", tl.permute, torch.permute, permuted()),
    OpCase("transpose", tl.transpose, torch.transpose, transposed()),
    OpCase("expand_dims", tl.expand_dims, torch.unsqueeze, expanded()),
    OpCase("squeeze", tl.squeeze, torch_squeeze, squeezed()),
    OpCase("flip", tl.flip, torch_flip, flipped()),
    OpCase("roll", tl.roll, torch_roll, rolled()),
    OpCase("tile", tl.tile, torch.tile, tiled(), cancels=True, sizes_in_args=True),
    OpCase("tril", tl.tril, torch.tril, triangular()),
    OpCase("triu", tl.triu, torch.triu, triangular()),
    OpCase(
        "broadcast_to",
        tl.broadcast_to,
        torch.broadcast_to,
        stretched(),
        cancels=True,
        sizes_in_args=True,
    ),
    OpCase(
        "broadcast_like",
        tl.broadcast_like,
        torch.Tensor.expand_as,
        stretched_like(),
        cancels=True,
    ),
    OpCase("matrix_transpose", tl.matrix_transpose, torch.adjoint, matrices()),
    OpCase("matrix_transpose", lambda x: x.mT, torch.adjoint, matrices(), "property"),
    OpCase("T", lambda x: x.T, torch_reversed, one_operand()),
    OpCase(
        "expect_shape",
        tl.expect_shape,
        lambda x, shape: x.clone(),
        expected(),
        sizes_in_args=True,
    ),
)
