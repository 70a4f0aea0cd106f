"""Functions of the user's, applied elementwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn
from tensorlib.testing import check_grads


def make(data: Any, dtype: Any = np.float64) -> Any:
    return tl.tensor(np.asarray(data, dtype))


def cube(x: Any) -> Any:
    return x**3


def slope(x: Any) -> Any:
    return 3 * x**2


def test_values_and_gradients() -> None:
    x = make([1.0, -2.0])
    y = tl.map(x.traced(), cube, slope)
    assert y.tolist() == [1, -8]
    assert (y * make([1.0, 10.0])).sum().backward()[x].tolist() == [3, 120]
    check_grads(lambda x: tl.map(x, cube, slope), np.array([0.5, -1.5]))


def test_a_wrong_derivative_is_found() -> None:
    with pytest.raises(AssertionError):
        check_grads(lambda x: tl.map(x, cube, cube), np.array([0.5, -1.5]))


def test_the_derivative_may_use_the_result() -> None:
    seen: list[Any] = []

    def df(y: Any) -> Any:
        seen.append(y.tolist())
        return y

    x = make([0.0, 1.0])
    y = x.traced().map(np.exp, df, uses_result=True)
    assert y.sum().backward()[x].tolist() == [1, np.e]
    assert seen == [[1, np.e]]


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float16", "float16"), ("float64", "float64"), ("int64", "float32")]
)
def test_the_dtype_stays_floating(dtype: str, expected: str) -> None:
    x = make([1, 2], dtype)
    assert tl.map(x, lambda a: a * np.float64(0.5), np.ones_like).dtype == expected
    assert tl.map(x, lambda a: a > 1, np.ones_like).tolist() == [0, 1]


def test_gradients_have_the_dtype_too() -> None:
    x = make([1.0, 2.0], np.float32)
    y = tl.map(x.traced(), cube, lambda a: a.astype(np.float64))
    assert y.sum().backward()[x].dtype == np.float32


def test_results_are_copies() -> None:
    kept = np.zeros(2)
    x = make([1.0, 2.0])
    y = tl.map(x, lambda a: kept, np.ones_like)
    kept[0] = 9
    assert y.tolist() == [0, 0]
    parameter = nn.Parameter(x)
    z = tl.map(parameter, lambda a: a, np.ones_like)
    parameter.write(np.zeros(2), "test")
    assert z.tolist() == [1, 2]


def test_operands_are_read_only() -> None:
    x = make([1.0, 2.0])

    def writes(a: Any) -> Any:
        a += 1
        return a

    traced = x.traced()
    with pytest.raises(ValueError, match="read-only"):
        tl.map(traced, writes, np.ones_like)
    assert tl.map(traced, cube, slope).sum().backward()[x].tolist() == [3, 12]


def test_shapes_must_stay() -> None:
    x = make([[1.0, 2.0]])
    with pytest.raises(tl.ShapeError) as caught:
        tl.map(x, np.sum, slope)
    assert str(caught.value) == (
        "map: f must return an array of the shape it is given, (1, 2), got ()"
    )
    loss = tl.map(x.traced(), cube, np.ravel).sum()
    with pytest.raises(tl.ShapeError) as caught:
        loss.backward()
    assert str(caught.value) == (
        "map: df must return an array of the shape it is given, (1, 2), got (2,)"
    )


def test_functions_are_required() -> None:
    x = make([1.0])
    wrong: Any = 3
    with pytest.raises(TypeError, match=r"^map: expected df as a function, got int$"):
        tl.map(x, cube, wrong)
    with pytest.raises(tl.DtypeError, match=r"^map: f must return an array of numbers, got "):
        tl.map(x, lambda a: a.astype(str), slope)
