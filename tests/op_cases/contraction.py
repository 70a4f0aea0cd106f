"""Rows of the ops in `tensorlib.ops.contraction`."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes, stretching
from tests.op_cases.case import Call, OpCase, Shape

EQUATIONS = (
    "ij,jk->ik", "ij,jk", "bij,bjk->bik", "bhqd,bhkd->bhqk", "ij,kj->ki", "i,i->", "i,j->ij",
    "ij,j,i", "ij,jk,kl->il", "i,ij,jk,k->", "ij,ij,ij->ji", "ij->ji", "ij->j", "ij->", "i", "ii",
    "ii->i", "iij->ji", "iji,j->i", "ii,ij->j", "ij,kl->i", "ik,jk,kk->ij", "b a, a -> b", "cba",
)  # fmt: skip
"""All pairings of labels: shared, summed in one operand or in several, repeated, out of order."""

BATCHED = (
    "...ij,...jk->...ik",
    "i...,...i->...i",
    "...i,...->i...",
    "...ii->...i",
    "a...b",
    "...,...",
)
"""What also has dimensions without labels."""


def _lengths(draw: st.DrawFn, equation: str) -> dict[str, int]:
    return {label: draw(SIZES) for label in sorted(set(equation)) if label.isalpha()}


def _terms(equation: str) -> list[str]:
    return equation.replace(" ", "").split("->")[0].split(",")


@st.composite
def labelled(draw: st.DrawFn) -> Call:
    equation = draw(st.sampled_from(EQUATIONS))
    lengths = _lengths(draw, equation)
    operands = tuple(tuple(lengths[label] for label in term) for term in _terms(equation))
    return Call(operands, (equation,))


@st.composite
def batched(draw: st.DrawFn) -> Call:
    """One operand has the whole batch, the other stretches to it."""
    equation = draw(st.sampled_from(BATCHED))
    lengths = _lengths(draw, equation)
    whole = draw(shapes(max_rank=2))
    batches = draw(st.permutations((whole, draw(stretching(whole)))))
    operands = []
    for term, batch in zip(_terms(equation), batches, strict=False):
        before, _, after = term.partition("...")
        operands.append((*_sizes(lengths, before), *batch, *_sizes(lengths, after)))
    return Call(tuple(operands), (equation,))


def _sizes(lengths: dict[str, int], labels: str) -> Shape:
    return tuple(lengths[label] for label in labels)


def einsum(*operands: Any) -> Any:
    *xs, equation = operands
    return tl.einsum(equation, *xs)


def torch_einsum(*operands: Any) -> Any:
    *xs, equation = operands
    return torch.einsum(equation, *xs)


@st.composite
def counted(draw: st.DrawFn) -> Call:
    """The last axes of one meet the first of the other."""
    count = draw(st.integers(0, 2))
    met = draw(shapes(min_rank=count, max_rank=count))
    first, second = draw(shapes(max_rank=2)), draw(shapes(max_rank=2))
    return Call(((*first, *met), (*met, *second)), (count,))


@st.composite
def paired(draw: st.DrawFn) -> Call:
    """Any axes of one meet any axes of the other, in any order, counted from either end."""
    first, second = list(draw(shapes(max_rank=3))), list(draw(shapes(max_rank=3)))
    count = draw(st.integers(0, min(len(first), len(second))))
    axes1 = draw(st.permutations(range(len(first))))[:count]
    axes2 = draw(st.permutations(range(len(second))))[:count]
    for axis1, axis2 in zip(axes1, axes2, strict=True):
        second[axis2] = first[axis1]
    signed = [axis - draw(st.sampled_from((0, len(first)))) for axis in axes1]
    return Call((tuple(first), tuple(second)), ((tuple(signed), tuple(axes2)),))


CASES: tuple[OpCase, ...] = (
    OpCase("einsum", einsum, torch_einsum, labelled(), cancels=True),
    OpCase("einsum", einsum, torch_einsum, batched(), "batched", cancels=True),
    OpCase("tensordot", tl.tensordot, torch.tensordot, counted(), cancels=True),
    OpCase("tensordot", tl.tensordot, torch.tensordot, paired(), "paired", cancels=True),
)
