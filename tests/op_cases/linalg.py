"""Rows of the ops in `tensorlib.ops.linalg`."""

from __future__ import annotations

import operator

import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, shapes, stretching
from tests.op_cases.case import Call, OpCase


@st.composite
def products(draw: st.DrawFn) -> Call:
    """All pairs of ranks: a vector on either side, batches that stretch on either side."""
    m, k, n = draw(SIZES), draw(SIZES), draw(SIZES)
    batch = draw(shapes(max_rank=2))
    batches = draw(st.sampled_from(((batch, draw(stretching(batch))), (batch, batch))))
    first, second = draw(st.permutations(batches))
    return Call(
        draw(
            st.sampled_from(
                (
                    ((*first, m, k), (*second, k, n)),
                    ((k,), (*second, k, n)),
                    ((*first, m, k), (k,)),
                    ((k,), (k,)),
                )
            )
        )
    )


@st.composite
def affine(draw: st.DrawFn, *, bias: bool) -> Call:
    batch, i, o = draw(shapes(max_rank=3)), draw(SIZES), draw(SIZES)
    return Call(((*batch, i), (o, i), *([(o,)] if bias else [])))


@st.composite
def batched(draw: st.DrawFn, *, left: str, right: str) -> Call:
    """Operands with these last axes, of which one may stretch."""
    lengths = {name: draw(SIZES) for name in "mkn"}
    whole = draw(shapes(max_rank=2))
    first, second = draw(st.permutations((whole, draw(stretching(whole)))))
    operands = ((*first, *(lengths[a] for a in left)), (*second, *(lengths[a] for a in right)))
    return Call(operands)


def vectors(*, equal: bool) -> st.SearchStrategy[Call]:
    return st.tuples(SIZES, SIZES).map(lambda pair: Call(((pair[0],), (pair[not equal],))))


CASES: tuple[OpCase, ...] = (
    OpCase("matmul", operator.matmul, torch.matmul, products(), cancels=True),
    OpCase(
        "matvec",
        tl.matvec,
        lambda a, b: (a @ b[..., None])[..., 0],
        batched(left="mk", right="k"),
        cancels=True,
    ),
    OpCase(
        "vecmat",
        tl.vecmat,
        lambda a, b: (a[..., None, :] @ b)[..., 0, :],
        batched(left="k", right="kn"),
        cancels=True,
    ),
    OpCase("vecdot", tl.vecdot, torch.linalg.vecdot, batched(left="k", right="k"), cancels=True),
    OpCase("dot", tl.dot, torch.dot, vectors(equal=True), cancels=True),
    OpCase("outer", tl.outer, torch.outer, vectors(equal=False), cancels=True),
    OpCase("linear", tl.linear, torch.nn.functional.linear, affine(bias=True), cancels=True),
    OpCase(
        "linear", tl.linear, torch.nn.functional.linear, affine(bias=False), "no bias", cancels=True
    ),
)
