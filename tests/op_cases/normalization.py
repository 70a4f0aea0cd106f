"""Rows of the ops in `tensorlib.ops.normalization`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import along_axis, axes_of, shapes, torch_mean, torch_std
from tests.op_cases.case import Call, OpCase
from tests.op_cases.normalization_layers import over_last
from tests.op_cases.values import large


@st.composite
def normalized(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))), draw(st.sampled_from((1e-2, 0.1, 1.0)))))


def torch_normalize(x: torch.Tensor, axis: Any, eps: float) -> Any:
    return (x - torch_mean(x, axis, True)) / torch_std(x, axis, 0, True, eps)


CASES: tuple[OpCase, ...] = (
    OpCase("normalize", tl.normalize, torch_normalize, normalized()),
    OpCase(
        "normalize",
        tl.normalize,
        lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:]),
        over_last(0),
        "by default",
    ),
    OpCase("softmax", tl.softmax, torch.softmax, along_axis()),
    OpCase(
        "softmax", tl.softmax, torch.softmax, along_axis(), "large", large, differentiable=False
    ),
    OpCase("log_softmax", tl.log_softmax, torch.log_softmax, along_axis()),
    OpCase("log_softmax", tl.log_softmax, torch.log_softmax, along_axis(), "large", large),
)
