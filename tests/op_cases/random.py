"""Rows of the ops in `tensorlib.ops.random`."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import along_axis, one_operand, shapes
from tests.op_cases.case import Call, OpCase
from tests.op_cases.values import positive, probabilities


def torch_dropout(x: torch.Tensor) -> torch.Tensor:
    kept = np.random.default_rng(7).random(tuple(x.shape), np.float32) >= 0.25
    return x * torch.from_numpy(np.asarray(kept)).to(x.dtype) / 0.75


def torch_bernoulli(p: torch.Tensor) -> torch.Tensor:
    draws = np.random.default_rng(7).random(tuple(p.shape))
    return (torch.tensor(draws) < p.double()).to(p.dtype)


def torch_categorical(logits: torch.Tensor, axis: int) -> torch.Tensor:
    noise = np.random.default_rng(7).gumbel(size=tuple(logits.shape))
    return torch.argmax(logits.double() + torch.tensor(noise), axis)


def torch_multinomial(probs: torch.Tensor, count: int, replacement: bool) -> torch.Tensor:
    assert replacement
    sums = probs.double().cumsum(-1)
    rows = sums.reshape(-1, sums.shape[-1])
    draws = torch.tensor(np.random.default_rng(7).random((len(rows), count))) * rows[:, -1:]
    found = torch.searchsorted(rows, draws, right=True)
    return found.reshape(*probs.shape[:-1], count)


@st.composite
def drawn_again(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(min_rank=1)),), (draw(st.integers(1, 4)), True))


CASES: tuple[OpCase, ...] = (
    OpCase(
        "bernoulli",
        lambda p: tl.bernoulli(p, rng=7),
        torch_bernoulli,
        one_operand(),
        "",
        probabilities,
        differentiable=False,
    ),
    OpCase(
        "categorical",
        lambda x, axis: tl.categorical(x, axis, rng=7),
        torch_categorical,
        along_axis(),
        differentiable=False,
    ),
    OpCase(
        "multinomial",
        lambda p, *args: tl.multinomial(p, *args, rng=7),
        torch_multinomial,
        drawn_again(),
        "",
        positive,
        differentiable=False,
    ),
    OpCase("dropout", lambda x: tl.dropout(x, 0.25, rng=7), torch_dropout, one_operand()),
)
