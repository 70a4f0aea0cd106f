"""Every op, written down with some numbers and repeated with others, against the op itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib import ops
from tensorlib.ops.primitive import Primitive
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


# Runs of elementwise calls ------------------------------------------------------------------------

LARGE = (350, 301)


@pytest.fixture
def _by_numpy() -> Iterator[None]:
    """Leave runs to NumPy; kernels, whose last bits are others, are for `test_chains`."""
    with tl.kernels.use(False):
        yield


def elementwise(case: OpCase) -> bool:
    """Tell whether an op of one or two operands of one shape is given to runs."""
    primitives = [
        value
        for module in (ops.elementwise, ops.power, ops.trigonometry, ops.rounding, ops.logic)
        for value in vars(module).values()
        if isinstance(value, Primitive) and value.kind == "ELEMENTWISE"
    ]
    return case.rule in [primitive.rule for primitive in primitives]


@pytest.mark.usefixtures("_by_numpy")
@pytest.mark.parametrize("case", [c for c in CASES if elementwise(c) and not c.label], ids=str)
def test_elementwise_ops_in_runs(case: OpCase) -> None:
    """A run of the op, its derivatives and a product gives the bits that they give alone."""
    count = len(case.rule.tensor_parameters)
    call = Call((LARGE,) * count)

    def step(*operands: Any) -> list[Any]:
        doubled = [x * 1.0 if x.dtype.kind == "f" else x for x in operands]
        return results_and_gradients(case, call, *doubled)

    compiled: Any = tl.compile(step)
    for seed in (0, 1):
        operands = filled(case, call, seed)
        for ours, wanted in zip(compiled(*operands), step(*operands), strict=True):
            np.testing.assert_array_equal(ours.numpy(), wanted.numpy(), strict=True)
    assert "run_of_" in compiled.sources[0]


def repeated(step: Any, *batches: tuple[Any, ...]) -> str:
    """Require that a compiled step repeats a step bit for bit; return the program."""
    compiled: Any = tl.compile(step)
    for batch in batches:
        for ours, wanted in zip(compiled(*batch), step(*batch), strict=True):
            np.testing.assert_array_equal(ours.numpy(), wanted.numpy(), strict=True)
    (source,) = compiled.sources
    return str(source)


def normal(seed: int, *shape: int) -> Any:
    return tl.tensor(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


@pytest.mark.usefixtures("_by_numpy")
def test_runs_keep_what_is_needed_elsewhere() -> None:
    def step(x: Any, y: Any) -> Any:
        a = (x + y).exp()
        b = a * 2.0
        total = a.sum()
        c = (b - total) * b.tanh()
        return a, c, b.mean(axis=0), x.T + y.T

    batches = [(normal(s, *LARGE), normal(s + 9, *LARGE)) for s in range(3)]
    assert repeated(step, *batches).count("run_of_") == 2


@pytest.mark.usefixtures("_by_numpy")
def test_runs_of_scalars_rows_and_views() -> None:
    def step(x: Any, scale: Any, row: Any) -> Any:
        flipped = (x[:, ::-1] * scale + x.T.reshape(LARGE)).relu()
        return flipped + row, (flipped * scale).abs() * 0.5

    batches = [(normal(s, *LARGE), normal(s), normal(s, LARGE[1])) for s in range(3)]
    assert "run_of_" in repeated(step, *batches)


@pytest.mark.usefixtures("_by_numpy")
def test_runs_do_not_cross_updates() -> None:
    weight: Any = tl.nn.Parameter(tl.ones(LARGE))
    peer: Any = tl.nn.Parameter(tl.ones(LARGE))

    def stepping(parameter: Any) -> Any:
        model: Any = Holder(parameter)
        sgd = tl.optim.SGD(model, 0.5)

        def step(x: Any) -> Any:
            loss = (x.traced() * parameter).tanh().square().mean() * 1e4
            before = (parameter * 2.0).detach() + x
            sgd.update(model, loss.backward(wrt=model))
            return before, (parameter * 2.0).detach() + x

        return step

    compiled, step = tl.compile(stepping(weight)), stepping(peer)
    for seed in range(3):
        x = normal(seed, *LARGE)
        for ours, wanted in zip(compiled(x), step(x), strict=True):
            np.testing.assert_array_equal(ours.numpy(), wanted.numpy())


class Holder(tl.nn.Module):
    def __init__(self, weight: Any) -> None:
        self.weight = weight


def test_small_results_are_in_no_run() -> None:
    source = repeated(lambda x: ((x + 1.0) * 2.0,), (normal(0, 100),))
    assert "run_of_" not in source
