"""Rows of the ops in `tensorlib.ops.resampling`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.convolution import extents, one_batch

Draw = st.DrawFn


@st.composite
def rescaled(draw: Draw, modes: tuple[tuple[Any, ...], ...]) -> Call:
    shape = (*draw(shapes(max_rank=2)), draw(SIZES), draw(st.integers(1, 5)), draw(SIZES))
    size, factor = draw(extents(2, *range(1, 8))), draw(extents(2, 1, 2, 3))
    given = draw(st.sampled_from(((size, None), (None, factor))))
    return Call((shape,), (*given, *draw(st.sampled_from(modes))))


@st.composite
def by_fractions(draw: Draw) -> Call:
    shape = (draw(SIZES), draw(st.integers(2, 5)), draw(st.integers(2, 5)))
    factor = draw(st.sampled_from((0.5, 1.5, 2.5, (0.75, 1.25), (2, 1.5))))
    modes = (("nearest", None), ("bilinear", False), ("bilinear", True))
    return Call((shape,), (None, factor, *draw(st.sampled_from(modes))))


def torch_interpolate(x: torch.Tensor, size: Any, factor: Any, mode: str, corners: Any) -> Any:
    return F.interpolate(x, size, factor, mode, corners)


NEAREST = (("nearest", None),)
BILINEAR = (("bilinear", None), ("bilinear", False), ("bilinear", True))

CASES: tuple[OpCase, ...] = tuple(
    OpCase(
        "upscale2d",
        tl.upscale2d,
        one_batch(torch_interpolate, 2),
        calls,
        label,
        cancels=True,
        symbols=label != "fractions",
    )
    for label, calls in (
        ("", rescaled(NEAREST)),
        ("bilinear", rescaled(BILINEAR)),
        ("fractions", by_fractions()),
    )
)
