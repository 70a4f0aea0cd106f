"""Every op, written down with some numbers and repeated with others, against the op itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases import CASES
from tests.op_cases.case import Bools, Call, Ints, OpCase

MANY = "as many elements as numbers tell"
REFUSED = dict.fromkeys(("argwhere", "masked_select", "nonzero", "unique"), MANY)
REFUSED["allclose-as a tensor"] = "outside"
"""The ops that no step can repeat, and why: sizes that depend on elements, answers for Python."""

SEEDS = st.integers(0, 2**32 - 1)


def filled(case: OpCase, call: Call, seed: int) -> list[Any]:
    """Return the operands of a call; those that are no scalars as tensors."""
    rng = np.random.default_rng(seed)
    return [
        tl.tensor(case.values(rng, x).astype(np.float32))
        if isinstance(x, tuple)
        else tl.tensor(x.filled(rng))
        if isinstance(x, Ints | Bools)
        else x
        for x in call.operands
    ]


def results_and_gradients(case: OpCase, call: Call, *operands: Any) -> list[Any]:
    """Apply the op, and go back from the sum of all results, each weighted by its place."""
    floats = [isinstance(x, tl.Tensor) and x.dtype.kind == "f" for x in operands]
    given = [
        x.traced() if is_float and case.differentiable else x
        for x, is_float in zip(operands, floats, strict=True)
    ]
    results = case.ours(*given, *call.args)
    results = results if isinstance(results, tuple) else (results,)
    values: list[Any] = [y.detach() for y in results]
    if not case.differentiable:
        return values
    owners = [y for y in results if y.owns_tape]
    loss: Any = None
    for y in owners:
        weights = tl.arange(y.size).reshape(y.shape).astype(np.float32) + 1.0
        term = (y * weights.astype(y.dtype.type)).sum()
        loss = term if loss is None else loss + term
    gradients = loss.backward()
    return values + [gradients[x] for x, is_float in zip(operands, floats, strict=True) if is_float]


@pytest.mark.parametrize("case", CASES, ids=str)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=3, database=None)
def test_op_is_repeated(case: OpCase, data: st.DataObject) -> None:
    call, seeds = data.draw(case.calls), data.draw(st.tuples(SEEDS, SEEDS, SEEDS))

    def step(*operands: Any) -> list[Any]:
        return results_and_gradients(case, call, *operands)

    compiled: Any = tl.compile(step)
    for seed in seeds:
        operands = filled(case, call, seed)
        if str(case) in REFUSED:
            with pytest.raises(tl.CompileError, match=REFUSED[str(case)]):
                compiled(*operands)
            return
        found = compiled(*operands)
        for ours, wanted in zip(found, step(*operands), strict=True):
            np.testing.assert_array_equal(ours.numpy(), wanted.numpy(), strict=True)
    assert len(compiled.sources) == 1
