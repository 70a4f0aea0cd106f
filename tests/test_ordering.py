"""Order, running extrema and closeness beyond the table of ops: NaN, ties, dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl

NAN = float("nan")


def make(data: Any, dtype: Any = np.float64) -> Any:
    return tl.tensor(np.asarray(data, dtype))


@pytest.mark.parametrize("descending", [False, True])
def test_nan_is_the_largest(descending: bool) -> None:
    data = [2.0, NAN, -1.0, NAN, 7.0]
    theirs = torch.sort(torch.tensor(data), descending=descending, stable=True)
    assert make(data).argsort(descending=descending).tolist() == theirs.indices.tolist()
    np.testing.assert_array_equal(make(data).sort(-1, descending).numpy(), theirs.values.numpy())


def test_equal_elements_keep_their_order() -> None:
    x = make([1, 0, 1, 0, 1], np.int64)
    assert x.argsort().tolist() == [1, 3, 0, 2, 4]
    assert x.argsort(descending=True).tolist() == [0, 2, 4, 1, 3]
    assert x.topk(2)[1].tolist() == [0, 2]
    assert x.topk(2, largest=False)[1].tolist() == [1, 3]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16"])
def test_every_dtype_has_an_order(dtype: str) -> None:
    x = make([1, 0, 1], dtype)
    for y in (x.sort(), x.topk(2)[0], x.cummax(0), x.cummin(0)):
        assert y.dtype == dtype
    assert x.sort(descending=True).tolist() == [1, 1, 0]
    assert x.cummin(0).tolist() == [1, 0, 0]


def test_indices_of_topk_own_no_tape() -> None:
    x = make([3.0, 1.0, 2.0])
    values, indices = x.traced().topk(2)
    assert values.owns_tape
    assert not indices.owns_tape
    assert indices.dtype == np.int64
    assert (values * make([10.0, 100.0])).sum().backward()[x].tolist() == [10, 0, 100]


def test_topk_takes_a_number() -> None:
    count: Any = 1.5
    with pytest.raises(TypeError, match=r"^topk: expected k as an int, got 1\.5$"):
        make([1.0]).topk(count)
    assert make([[1.0, 2.0]]).topk(np.int64(1))[0].tolist() == [[2.0]]


def test_nan_stays_in_running_extrema() -> None:
    data = [1.0, 3.0, NAN, 5.0, NAN, 7.0]
    x, theirs = make(data), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    weights = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    for name in ("cummax", "cummin"):
        values = getattr(torch, name)(theirs, 0).values
        (expected,) = torch.autograd.grad((values * torch.tensor(weights)).sum(), theirs)
        ours = getattr(x.traced(), name)(0)
        np.testing.assert_array_equal(ours.numpy(), values.detach().numpy())
        gradient = (ours * make(weights)).sum().backward()[x]
        assert gradient.tolist() == expected.tolist()


def test_gradients_of_running_extrema_add_up_in_float32() -> None:
    x = tl.tensor(np.ones(4000, np.float16))
    y: Any = x.traced()
    gradient = y.cummin(0).sum().backward()[x]
    assert gradient.numpy().sum(dtype=float) == 4000


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_order_of_nothing(shape: tuple[int, ...]) -> None:
    x = make(np.zeros(shape))
    for axis in (0, 1):
        for f in (tl.sort, tl.cummax, tl.cummin):
            assert f(x.traced(), axis).sum().backward()[x].shape == shape
        assert tl.argsort(x, axis).shape == shape
        assert tl.topk(x, 0, axis)[0].size == 0


# Closeness ----------------------------------------------------------------------------------------


def test_close_as_numpy_has_it() -> None:
    rng = np.random.default_rng(0)
    values = np.array([0, 1, 1 + 1e-9, 1.00001, 1e-9, np.inf, -np.inf, np.nan])
    for tolerances in ({}, {"rtol": 0, "atol": 0}, {"rtol": 1e-3}, {"equal_nan": True}):
        a, b = rng.choice(values, (2, 200))
        options: Any = tolerances
        found = tl.isclose(make(a), make(b), **options)
        assert found.tolist() == np.isclose(a, b, **options).tolist()
        assert tl.allclose(make(a), make(b), **options) is bool(np.allclose(a, b, **options))
        assert tl.allclose(make(a), make(a), **options) is bool(np.allclose(a, a, **options))


def test_closeness_of_ints_and_scalars() -> None:
    x = make([255, 3], np.uint8)
    assert tl.isclose(x, 3).tolist() == [False, True]
    assert tl.isclose(make([0, 255], np.uint8), make([255, 0], np.uint8)).tolist() == [False, False]
    assert tl.allclose(1.0, make([1.0, 1.0]))
    assert not tl.allclose(make([1.0]), make([1.0, 2.0]))


def test_closeness_only_reads() -> None:
    x = make([1.0])
    traced = x.traced()
    assert tl.allclose(traced, traced)
    assert not tl.isclose(traced, traced).owns_tape
    assert traced.sum().backward()[x].tolist() == [1]
    for f in (tl.isclose, tl.allclose):
        wrong: Any = "1"
        with pytest.raises(TypeError, match=f"^{f.__name__}: expected a number, got str$"):
            f(x, x, wrong)
