"""The dtype of every result, against tables written by hand, and what the checker is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.ops.primitive import dtype_name
from tests.op_cases import CASES
from tests.op_cases.case import Bools, Call, Ints, OpCase
from tests.op_cases.matrix import dominant, spaced

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")

MEET = """
          bool     uint8    int32    int64    float16  float32  float64
bool      bool     uint8    int32    int64    float16  float32  float64
uint8     uint8    uint8    int32    int64    float16  float32  float64
int32     int32    int32    int32    int64    float16  float32  float64
int64     int64    int64    int64    int64    float16  float32  float64
float16   float16  float16  float16  float16  float16  float32  error
float32   float32  float32  float32  float32  float32  float32  error
float64   float64  float64  float64  float64  error    error    float64
"""
"""In which dtype two tensors meet; written by hand from the rules, not from the code."""

WITH_SCALAR = """
          bool     int      float
bool      bool     int64    float32
uint8     uint8    uint8    float32
int32     int32    int32    float32
int64     int64    int64    float32
float16   float16  float16  float16
float32   float32  float32  float32
float64   float64  float64  float64
"""

OF_ONE = """
          sum      mean     max      exp      neg      argmax   softmax  logsumexp  abs      relu
bool      int64    float32  bool     float32  error    int64    float32  float32    bool     bool
uint8     int64    float32  uint8    float32  uint8    int64    float32  float32    uint8    uint8
int32     int64    float32  int32    float32  int32    int64    float32  float32    int32    int32
int64     int64    float32  int64    float32  int64    int64    float32  float32    int64    int64
float16   float16  float16  float16  float16  float16  int64    float16  float16    float16  float16
float32   float32  float32  float32  float32  float32  int64    float32  float32    float32  float32
float64   float64  float64  float64  float64  float64  int64    float64  float64    float64  float64
"""

SCALARS: dict[str, tuple[Any, ...]] = {
    "bool": (True, np.bool_(True)),
    "int": (2, np.int64(2), np.uint8(2), np.int32(2)),
    "float": (2.5, np.float64(2.5), np.float32(2.5), np.float16(2.5), np.longdouble(2.5)),
}


def cells(table: str) -> list[tuple[str, str, str]]:
    """Row name, column name and entry of each cell."""
    head, *rows = table.strip().splitlines()
    columns = head.split()
    return [
        (name, column, entry)
        for name, *entries in map(str.split, rows)
        for column, entry in zip(columns, entries, strict=True)
    ]


def ones(dtype: str, *shape: int) -> Any:
    return tl.tensor(np.ones(shape, dtype))


@pytest.mark.parametrize(("a", "b", "expected"), cells(MEET))
def test_dtype_of_two_tensors(a: str, b: str, expected: str) -> None:
    x, y = ones(a, 2, 2), ones(b, 2, 2)
    meeting: tuple[Callable[[Any, Any], Any], ...] = (
        tl.add, tl.multiply, tl.minimum, tl.maximum, tl.matmul,
    )  # fmt: skip
    if expected == "error":
        text = (
            f"dtypes must agree, got {a} and {b}: convert one with "
            f".astype(np.{a if b == 'float64' else b}) or .astype(np.float64)"
        )
        for f in (*meeting, tl.subtract, tl.divide, tl.less, tl.equal):
            with pytest.raises(tl.DtypeError) as caught:
                f(x, y)
            assert str(caught.value) == f"{f.__name__}: {text}"
        return
    for f in meeting:
        assert f(x, y).dtype == expected, f.__name__
    assert tl.divide(x, y).dtype == (expected if expected.startswith("float") else "float32")
    assert tl.less(x, y).dtype == bool
    assert tl.equal(x, y).dtype == bool
    if expected == "bool":
        with pytest.raises(tl.DtypeError, match=r"^subtract: expected a numeric dtype, got bool"):
            tl.subtract(x, y)
    else:
        assert tl.subtract(x, y).dtype == expected
    assert (x + y).tolist() == (np.ones((2, 2), a) + np.ones((2, 2), b)).tolist()


@pytest.mark.parametrize(("dtype", "kind", "expected"), cells(WITH_SCALAR))
def test_dtype_with_a_scalar(dtype: str, kind: str, expected: str) -> None:
    x = ones(dtype, 3)
    for scalar in SCALARS[kind]:
        assert (x + scalar).dtype == expected, scalar
        assert (scalar + x).dtype == expected, scalar
        assert (x * scalar).dtype == expected, scalar
        assert (scalar * x).dtype == expected, scalar
        assert tl.maximum(scalar, x).dtype == expected, scalar
        quotient = expected if expected.startswith("float") else "float32"
        assert (x / scalar).dtype == quotient, scalar
        assert (scalar / x).dtype == quotient, scalar
        assert (scalar < x).dtype == bool, scalar
        assert (x == scalar).dtype == bool, scalar


@pytest.mark.parametrize(("dtype", "name", "expected"), cells(OF_ONE))
def test_dtype_of_one_tensor(dtype: str, name: str, expected: str) -> None:
    f = getattr(tl, name)
    if expected == "error":
        with pytest.raises(tl.DtypeError, match=f"^{name}: expected a numeric dtype, got {dtype}"):
            f(ones(dtype, 3))
    else:
        assert f(ones(dtype, 3)).dtype == expected


def outcome(f: Callable[..., Any], *args: Any) -> Any:
    """What a call returns, or the text of its `DtypeError`."""
    try:
        return f(*args)
    except tl.DtypeError as error:
        return str(error)


def filled(operand: Any, dtype: str, case: OpCase) -> Any:
    """Make an operand of this dtype, unless it is a scalar, of indices or a mask."""
    rng = np.random.default_rng(0)
    if isinstance(operand, Ints | Bools):
        return tl.tensor(operand.filled(rng))
    if isinstance(operand, tuple) and case.values in (dominant, spaced):
        # Matrices of ones have no inverse; the diagonals of these are left in every dtype.
        return tl.tensor(np.abs(case.values(rng, operand)).astype(np.int64).astype(dtype))
    return ones(dtype, *operand) if isinstance(operand, tuple) else operand


@pytest.mark.parametrize("case", [c for c in CASES if not c.label], ids=str)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=2, database=None)
def test_dtype_is_the_rules(case: OpCase, data: st.DataObject) -> None:
    """What the checker is told is what the run time does."""
    call = data.draw(case.calls)
    for dtype in DTYPES:
        require_dtype_of_rule(case, call, dtype)


def require_dtype_of_rule(case: OpCase, call: Call, dtype: str) -> None:
    rule = case.rule
    operands = [filled(x, dtype, case) for x in call.operands]
    names = [dtype_name(x.numpy() if isinstance(x, tl.Tensor) else x) for x in operands]
    expected = outcome(rule.result_dtype, *names)
    if rule.dtype.declared and expected in DTYPES:
        expected = {"astype": "float64", "one_hot": "float32"}.get(case.op, expected)
    result = outcome(case.ours, *operands, *call.args)
    results = result if isinstance(result, tuple) else (result,)
    owners = len(results) - len(rule.dtype.beside)
    assert {str(getattr(y, "dtype", y)) for y in results[:owners]} == {expected}
    assert tuple(str(getattr(y, "dtype", y)) for y in results[owners:]) in (rule.dtype.beside, ())


def test_gradients_have_the_dtype_of_the_operand() -> None:
    x: Any = tl.tensor([1.5, 2.5], np.float16)
    y: Any = tl.tensor([2.0, 4.0], np.float32)
    gradients = (x.traced() * y.traced()).sum().backward()
    assert gradients[x].dtype == np.float16
    assert gradients[y].dtype == np.float32
    assert gradients[x].tolist() == [2.0, 4.0]


def test_ints_are_constants() -> None:
    x: Any = tl.tensor([1.5, 2.5])
    count: Any = tl.tensor([2, 3])
    gradients = (x.traced() * count).sum().backward()
    assert gradients[x].tolist() == [2, 3]
    assert count not in gradients
    assert count.traced() is not count
    assert len((count.traced() * x.traced()).sum().backward()) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_astype(dtype: str, target: str) -> None:
    x = ones(dtype, 3)
    y = x.astype(np.dtype(target).type)
    assert y.dtype == target
    assert y.tolist() == [1, 1, 1]
    assert y.id != x.id


def test_astype_between_floats_is_differentiable() -> None:
    x: Any = tl.tensor([1.5, 2.5])
    y = x.traced().astype(np.float16)
    assert y.dtype == np.float16
    gradient = (y * 3).sum().backward()[x]
    assert gradient.dtype == np.float32
    assert gradient.tolist() == [3, 3]


@pytest.mark.parametrize("dtype", ["complex64", "int8", "object", "U3", "M8[s]"])
def test_astype_refuses_what_tensors_cannot_have(dtype: str) -> None:
    with pytest.raises(tl.DtypeError, match=r"^astype: expected a dtype of bool, uint8, .*, got "):
        ones("float32", 2).astype(np.dtype(dtype))


@pytest.mark.parametrize("limit", [0.5, np.float64(0.5)])
def test_clip_of_ints_takes_ints(limit: float) -> None:
    x = ones("int64", 3)
    assert x.clip(2, np.int32(5)).tolist() == [2, 2, 2]
    with pytest.raises(tl.DtypeError) as caught:
        x.clip(limit)
    assert str(caught.value) == (
        "clip: the limits of an int64 tensor must be ints, got a float: "
        "convert it with .astype(np.float32)"
    )
