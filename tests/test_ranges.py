"""Making tensors like others, on the diagonal, and at equal distances."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.shapes import creation as rules
from tensorlib.shapes.dim import UnknownDim, substitute, symbol, symbols

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")
INTS = st.integers(-20, 20)
NEGATIVE: Any = -1
quick = settings(deadline=None, derandomize=True, max_examples=200, database=None)


def make(data: Any, dtype: Any = None) -> Any:
    return tl.tensor(data, dtype) if dtype else tl.tensor(data)


# Like another tensor ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 3)])
def test_likes_have_shape_and_dtype(shape: Any, dtype: str) -> None:
    x = make(np.ones(shape, dtype))
    for like, value in ((tl.zeros_like(x), 0), (tl.ones_like(x), 1), (tl.full_like(x, 1), 1)):
        assert like.dtype == dtype
        assert like.numpy().shape == shape
        assert (like.numpy() == value).all()
        assert tl.zeros_like(x, np.int32).dtype == np.int32


@pytest.mark.parametrize("draw", [tl.rand_like, tl.randn_like])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_draws_like_another(draw: Any, dtype: str) -> None:
    x = make(np.ones((50, 40), dtype))
    y = draw(x, rng=3)
    assert y.dtype == dtype
    assert y.shape == (50, 40)
    assert y.tolist() == draw(x, rng=3).tolist()
    assert y.tolist() != draw(x, rng=4).tolist()
    mean, spread = (0.5, 1 / math.sqrt(12)) if draw is tl.rand_like else (0, 1)
    assert y.numpy().mean(dtype=float) == pytest.approx(mean, abs=0.1)
    assert y.numpy().std(dtype=float) == pytest.approx(spread, abs=0.1)


def test_halves_stay_below_one() -> None:
    draws = tl.rand_like(tl.zeros((100_000,), np.float16), rng=0).numpy()
    assert draws.max() < 1
    assert draws.min() == 0


def test_likes_of_drawn_dtypes() -> None:
    for draw in (tl.rand_like, tl.randn_like):
        with pytest.raises(tl.DtypeError, match=f"^{draw.__name__}: expected a floating dtype"):
            draw(make([1, 2]))


def test_likes_only_read() -> None:
    x = make([1.0, 2.0])
    traced = x.traced()
    for like in (
        tl.zeros_like(traced),
        tl.ones_like(traced, np.int64),
        tl.full_like(traced, 3),
        tl.rand_like(traced),
        tl.randn_like(traced),
    ):
        assert not like.owns_tape
    assert traced.sum().backward()[x].tolist() == [1, 1]


def test_likes_take_tensors_only() -> None:
    array: Any = np.ones(2)
    for f in (tl.zeros_like, tl.ones_like, tl.rand_like, tl.randn_like):
        with pytest.raises(TypeError) as caught:
            f(array)
        assert str(caught.value) == (
            f"{f.__name__}: expected a tensor, got ndarray: wrap it with tl.tensor(...)"
        )
    with pytest.raises(tl.DtypeError, match=r"^full_like: expected a dtype of bool"):
        tl.full_like(tl.zeros((2,)), 1, cast(Any, np.int8))


# On the diagonal ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(0,), (3,), (2, 4), (4, 2), (3, 0)])
def test_eye(sizes: Any) -> None:
    assert tl.eye(*sizes).tolist() == np.eye(*sizes).tolist()
    assert tl.eye(*sizes).dtype == np.float32
    assert tl.eye(*sizes, dtype=np.int64).dtype == np.int64


def test_eye_takes_sizes() -> None:
    wrong: Any = 2.5
    with pytest.raises(TypeError, match=r"^eye: expected m as an int, got 2\.5$"):
        tl.eye(2, wrong)
    with pytest.raises(
        tl.ShapeError, match=r"^eye: dimensions must not be negative, got \(-1, 2\)"
    ):
        tl.eye(NEGATIVE, 2)


# At equal distances -------------------------------------------------------------------------------


@given(start=INTS, stop=INTS, step=INTS.filter(bool))
@quick
def test_arange_of_ints_is_numpys(start: int, stop: int, step: int) -> None:
    x = tl.arange(start, stop, step)
    assert x.dtype == np.int64
    assert x.tolist() == list(range(start, stop, step))
    assert tl.arange(stop).tolist() == list(range(stop))
    assert rules.arange.check(start, stop, step) == x.shape


@given(start=INTS, stop=INTS, step=INTS.filter(bool))
@quick
def test_arange_of_floats_is_numpys(start: int, stop: int, step: int) -> None:
    numbers = start / 4, stop / 4, step / 4  # exact, so that nothing hangs on rounding
    x = tl.arange(*numbers)
    assert x.dtype == np.float32
    assert x.tolist() == np.arange(*numbers).tolist()
    assert tl.arange(start, stop, step, dtype=np.float16).tolist() == list(range(start, stop, step))


def test_arange_of_some_floats() -> None:
    assert tl.arange(3, dtype=np.float64).dtype == np.float64
    assert tl.arange(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75]
    for stop, dtype in ((np.float32(2), "float32"), (np.int32(2), "int64")):
        number: Any = stop
        assert tl.arange(number).dtype == dtype
    assert tl.arange(0, 3, True).tolist() == [0, 1, 2]
    np.testing.assert_allclose(tl.arange(0, 1000, 0.1).numpy(), np.arange(10000) / 10, rtol=1e-7)


def test_arange_refuses() -> None:
    steps: tuple[Any, ...] = (0, 0.0)
    for step in steps:
        with pytest.raises(tl.ShapeError, match=r"^arange: the step must not be 0$"):
            tl.arange(0, 5, step)
    with pytest.raises(ValueError, match=r"^arange: expected finite numbers, got 0, inf, 1$"):
        tl.arange(0, math.inf)
    word: Any = "3"
    with pytest.raises(TypeError, match=r"^arange: expected a number, got str$"):
        tl.arange(word)
    with pytest.raises(tl.DtypeError, match=r"^arange: expected a dtype of bool"):
        tl.arange(3, dtype=cast(Any, np.int8))


N, M = symbol("N"), symbol("M")


@pytest.mark.parametrize(
    ("args", "length"),
    [
        ((N,), N),
        ((N, N + M), M),
        ((1, N), N - 1),
        ((0, 2 * N, 2), N),
        ((0, N, 3), (N + 2) // 3),
        ((N, 0, -1), N),
        ((N + M, M, -2), (N + 1) // 2),
        ((0, N * M, M), N),
        ((N, -3), 0),
        ((1, N, 2), N // 2),
    ],
)
def test_length_of_symbols(args: Any, length: Any) -> None:
    assert rules.arange.check(*args) == (length,)
    for sizes in ((1, 1), (2, 5), (7, 3), (6, 6)):
        values = dict(zip([*symbols(N), *symbols(M)], sizes, strict=True))
        concrete = [substitute(arg, values) for arg in args]
        assert rules.arange.check(*concrete) == (substitute(length, values),)


@pytest.mark.parametrize("args", [(2, N), (N, M), (0, 5, N - M), (N - M,), (M, N, -1)])
def test_length_that_depends_on_order_is_unknown(args: Any) -> None:
    (length,) = rules.arange.check(*args)
    assert isinstance(length, UnknownDim)


@given(start=INTS, stop=INTS, num=st.integers(0, 9), endpoint=st.booleans())
@quick
def test_linspace_is_numpys(start: int, stop: int, num: int, endpoint: bool) -> None:
    x = tl.linspace(start, stop, num, endpoint=endpoint, dtype=np.float64)
    assert x.tolist() == np.linspace(start, stop, num, endpoint).tolist()
    assert tl.linspace(start / 3, stop, num).dtype == np.float32


def test_linspace_refuses() -> None:
    wrong: Any = 2.5
    with pytest.raises(TypeError, match=r"^linspace: expected num as an int, got 2\.5$"):
        tl.linspace(0, 1, wrong)
    with pytest.raises(tl.ShapeError, match=r"^linspace: dimensions must not be negative"):
        tl.linspace(0, 1, NEGATIVE)
