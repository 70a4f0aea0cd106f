"""Runs of a compiled step as one kernel: the numbers of the step, in one pass over memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib.ops import kernels

pytest.importorskip("numba")

from tensorlib.kernels import chains
from tensorlib.kernels.building import FUSED, In, Out, kernel
from tensorlib.kernels.numeric import log, tanh
from tensorlib.kernels.terms import Term, Trace, UntracedError

LARGE = (350, 301)


@pytest.fixture(autouse=True)
def _with_kernels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kernels, "on", True)
    return iter([None])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list of what `chained` makes of each run."""
    found: list[Any] = []
    original = chains.chained

    def noting(*arguments: Any) -> Any:
        found.append(original(*arguments))
        return found[-1]

    monkeypatch.setattr(chains, "chained", noting)
    return found


def normal(seed: int, *shape: int, dtype: Any = np.float32) -> Any:
    return tl.tensor(np.random.default_rng(seed).normal(size=shape).astype(dtype))


def assert_repeated(step: Callable[..., Any], *batches: tuple[Any, ...]) -> Any:
    """Require that a compiled step returns what the step does; return it."""
    compiled: Any = tl.compile(step)
    for batch in batches:
        for ours, wanted in zip(compiled(*batch), step(*batch), strict=True):
            assert ours.dtype == wanted.dtype
            assert ours.shape == wanted.shape
            np.testing.assert_allclose(ours.numpy(), wanted.numpy(), rtol=5e-6, atol=1e-6)
    return compiled


def test_all_that_kernels_know(made: list[Any]) -> None:
    def step(x: Any, y: Any) -> tuple[Any, ...]:
        def loss(x: Any) -> Any:
            z = x.with_empty_tape()
            a = ((x * 1.5 + 0.5).tanh() * 2.0).exp()
            b = ((a + 1.0).log().square() - 0.5).relu() + y / 3
            return (b.sigmoid() * y - z.abs() + (z.with_empty_tape().square() + 1).sqrt()).mean()

        return tl.value_and_grad(loss)(x)

    assert_repeated(step, *[(normal(s, *LARGE), normal(s + 5, *LARGE)) for s in range(3)])
    assert made
    assert NotImplemented not in made


def test_float64(made: list[Any]) -> None:
    def step(x: Any) -> tuple[Any, ...]:
        return (((x * 3.0 + 1.0).relu() - x).square(),)

    assert_repeated(step, (normal(0, *LARGE, dtype=np.float64),))
    assert made
    assert NotImplemented not in made


def test_what_kernels_do_not_know_is_numpys(made: list[Any]) -> None:
    def step(x: Any) -> tuple[Any, ...]:
        return ((x.sin() * 2.0).clip(-1.0, 1.0),)

    assert_repeated(step, (normal(0, *LARGE),))
    assert_repeated(lambda x: ((x * 2).exp(),), (normal(0, *LARGE, dtype=np.float64),))
    assert made == [NotImplemented] * 2


def test_one_number_for_all_places_and_other_layouts(made: list[Any]) -> None:
    def step(x: Any, scale: Any) -> tuple[Any, ...]:
        return ((x * scale + 1.0) * scale, x.traced().sum().backward()[x] * 2.0 - 1.0)

    compiled = assert_repeated(step, *[(normal(s, *LARGE), normal(s)) for s in range(3)])
    turned = tl.from_numpy(normal(3, *LARGE[::-1]).numpy().T)
    for ours, wanted in zip(compiled(turned, normal(4)), step(turned, normal(4)), strict=True):
        np.testing.assert_array_equal(ours.numpy(), wanted.numpy())
    assert made
    assert NotImplemented not in made


def test_switched_off_numpy_computes() -> None:
    compiled: Any = tl.compile(lambda x: (x * 2.0 + 1.0).tanh())
    x = normal(0, *LARGE)
    compiled(x)
    with tl.kernels.use(False):
        np.testing.assert_array_equal(compiled(x).numpy(), (x * 2.0 + 1.0).tanh().numpy())


def test_not_numbers_and_infinities_come_through() -> None:
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-42, -1.0, 1e38], np.float32)
    x = tl.tensor(np.resize(special, LARGE))
    steps: list[Callable[[Any], Any]] = [
        lambda x: (x * 1.0).tanh(),
        lambda x: (x * 1.0).log(),
        lambda x: (x * 1.0).relu(),
        lambda x: (x * 1.0).exp(),
    ]
    for step in steps:
        compiled: Any = tl.compile(step)
        with np.errstate(all="ignore"):
            wanted = compiled(x).numpy()
        np.testing.assert_allclose(compiled(x).numpy(), wanted, rtol=3e-7)
        np.testing.assert_array_equal(signs(compiled(x).numpy()), signs(wanted))


def signs(x: Any) -> Any:
    """Return the signs, also of zeros; what is no number has none."""
    return np.signbit(x[~np.isnan(x)])


@kernel(FUSED)
def _tanh(x: In, y: Out) -> None:
    for i in range(x.size):
        y[i] = tanh(x[i])


@kernel(FUSED)
def _log(x: In, y: Out) -> None:
    for i in range(x.size):
        y[i] = log(x[i])


@pytest.mark.parametrize(
    ("function", "exact", "x"),
    [
        (
            _tanh,
            np.tanh,
            np.concatenate([np.linspace(-12, 12, 200_001), np.logspace(-30, 1, 9999)]),
        ),
        (
            _log,
            np.log,
            np.concatenate([np.logspace(-44, 38, 200_001), np.linspace(0.5, 2, 99_999)]),
        ),
    ],
    ids=["tanh", "log"],
)
def test_functions_are_precise(function: Any, exact: Any, x: Any) -> None:
    given = x.astype(np.float32)
    y = np.empty_like(given)
    function[given.dtype](given, y)
    wanted = exact(given.astype(np.float64))
    unit = np.spacing(np.abs(wanted).astype(np.float32)).astype(np.float64)
    assert np.max(np.abs(y - wanted) / unit) < 1.5


def test_what_is_no_element_is_not_traced() -> None:
    trace = Trace(np.dtype(np.float32))
    x = trace.noted("x0[i]")
    functions: list[Callable[[Any], Any]] = [
        np.sum,
        np.sin,
        np.ascontiguousarray,
        lambda x: x if x > 0 else -x,
        lambda x: x > 0,
        lambda x: 1.0,
        lambda x: x.sum(),
        lambda x: np.add(x, np.ones(3)),
        lambda x: np.multiply(x, x, out=np.ones(3)),
        lambda x: np.add.reduce(x),
        lambda x: np.where(x, x, 0.0),
        lambda x: x + Trace(np.dtype(np.float32)).noted("x1[i]"),
        lambda x: (x > 0) + x,
    ]
    for function in functions:
        with pytest.raises(UntracedError):
            trace.of(function, [x])
    assert isinstance(trace.of(lambda x: np.where(x > 0, x, 0) + 2 * x, [x]), Term)


def test_what_is_computed_twice_is_computed_once() -> None:
    trace = Trace(np.dtype(np.float32))
    x = trace.noted("x0[i]")
    trace.of(lambda x: np.exp(x) * np.exp(x), [x])
    assert sum("exp" in line for line in trace.lines) == 1
