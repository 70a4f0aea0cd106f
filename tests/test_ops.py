"""Every op against PyTorch, finite differences, its shape rule and the table of dtypes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.ops.manipulation import getitem
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import dtypes, registry
from tensorlib.shapes import elementwise as elementwise_rules
from tensorlib.shapes.dim import SymbolicDim, UnknownDim, substitute, symbol, symbols
from tensorlib.testing import check_grads
from tests.op_cases import CASES, Array, Call, OpCase, Shape, anywhere, positive

SEEDS = st.integers(0, 2**32 - 1)


def few(examples: int) -> settings:
    return settings(deadline=None, derandomize=True, max_examples=examples, database=None)


def named(condition: Callable[[OpCase], bool] = lambda case: True) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [c for c in CASES if condition(c)], ids=str)


def members(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


# Against PyTorch ---------------------------------------------------------------------------------


def fill(case: OpCase, call: Call, rng: np.random.Generator) -> list[Any]:
    return [case.values(rng, x) if isinstance(x, tuple) else x for x in call.operands]


def ours(case: OpCase, call: Call, operands: list[Any], dtype: str, cotangents: list[Array]) -> Any:
    """Results and gradients, as arrays."""
    leaves = [tl.tensor(x.astype(dtype)) if isinstance(x, np.ndarray) else x for x in operands]
    traced = [x.traced() if isinstance(x, tl.Tensor) and case.differentiable else x for x in leaves]
    results = members(case.ours(*traced, *call.args))
    arrays = [y.numpy() for y in results]
    if not case.differentiable:
        assert not any(y.owns_tape for y in results)
        return arrays, []
    terms = [
        (y * tl.tensor(g.astype(y.dtype))).sum() for y, g in zip(results, cotangents, strict=True)
    ]
    loss = terms[0]
    for term in terms[1:]:
        loss = loss + term
    gradients = loss.backward()
    return arrays, [gradients[x].numpy() for x in leaves if isinstance(x, tl.Tensor)]


def theirs(
    case: OpCase, call: Call, operands: list[Any], dtype: str, cotangents: list[Array]
) -> tuple[list[Array], list[Array]]:
    """PyTorch's results and gradients, as arrays."""
    precision = getattr(torch, dtype)
    leaves = [
        torch.tensor(x, dtype=precision, requires_grad=case.differentiable)
        if isinstance(x, np.ndarray)
        else float(x)
        for x in operands
    ]
    results = members(case.reference(*leaves, *call.args))
    arrays = [y.detach().numpy() for y in results]
    if not case.differentiable:
        return arrays, []
    loss: Any = sum(
        (y * torch.tensor(g, dtype=y.dtype)).sum() for y, g in zip(results, cotangents, strict=True)
    )
    loss.backward()
    tensors = [x for x in leaves if isinstance(x, torch.Tensor)]
    return arrays, [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in tensors]


def largest(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0))


def assert_same_in_float64(actual: Array, expected: Array) -> None:
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12 * largest(expected))


def assert_as_precise_in_float32(
    actual: Array, peer: Array, exact: Array, largest_of_all: float
) -> None:
    assert actual.shape == exact.shape
    error = largest(actual.astype(np.float64) - exact)
    limit = max(4 * largest(peer.astype(np.float64) - exact), 1e-6 * largest_of_all)
    assert error <= limit, f"error {error} is more than {limit}"


def result_shapes(case: OpCase, call: Call) -> tuple[Shape, ...]:
    """What the op's shape rule says about a call."""
    rule = registry.find(case.op)
    assert rule is not None
    result = rule.check(*call.shapes, *case.rule_args(call.args, len(call.operands)))
    return result if case.op == "broadcast_arrays" else (result,)


@named()
@given(data=st.data())
@few(20)
def test_results_and_gradients_are_pytorchs(case: OpCase, data: st.DataObject) -> None:
    call, seed = data.draw(case.calls), data.draw(SEEDS)
    rng = np.random.default_rng(seed)
    operands = fill(case, call, rng)
    declared = result_shapes(case, call)
    cotangents = [anywhere(rng, shape) for shape in declared]
    found, slopes = ours(case, call, operands, "float64", cotangents)
    results, gradients = theirs(case, call, operands, "float64", cotangents)
    assert tuple(y.shape for y in found) == declared
    for actual, expected in zip(found + slopes, results + gradients, strict=True):
        assert_same_in_float64(actual, expected)

    if case.cancels:  # a sum that comes out near 0 says nothing about precision
        operands = [np.asarray(np.abs(x)) if isinstance(x, np.ndarray) else x for x in operands]
        cotangents = [positive(rng, shape) for shape in declared]
        results, gradients = theirs(case, call, operands, "float64", cotangents)
    found, slopes = ours(case, call, operands, "float32", cotangents)
    peers, peer_slopes = theirs(case, call, operands, "float32", cotangents)
    scale = max(map(largest, results + gradients))
    for actual, peer, exact in zip(
        found + slopes, peers + peer_slopes, results + gradients, strict=True
    ):
        assert_as_precise_in_float32(actual, peer, exact, scale)


@named(lambda case: case.differentiable and case.smooth)
@given(data=st.data())
@few(4)
def test_gradients_are_finite_differences(case: OpCase, data: st.DataObject) -> None:
    call, seed = data.draw(case.calls), data.draw(SEEDS)
    rng = np.random.default_rng(seed)
    operands = fill(case, call, rng)
    places = [place for place, x in enumerate(operands) if isinstance(x, np.ndarray)]

    def f(*tensors: Any) -> Any:
        filled = list(operands)
        for place, x in zip(places, tensors, strict=True):
            filled[place] = x
        return case.ours(*filled, *call.args)

    check_grads(f, *(operands[place] for place in places), rng=rng)


def test_ties_share_the_gradient() -> None:
    x: Any = tl.tensor([[2.0, 2.0, 1.0], [2.0, 0.0, 1.0]])
    assert x.traced().max().backward()[x].tolist() == pytest.approx(
        np.array([[1 / 3, 1 / 3, 0], [1 / 3, 0, 0]])
    )
    assert x.traced().min(0).sum().backward()[x].tolist() == [[0.5, 0, 0.5], [0.5, 1, 0.5]]
    y: Any = tl.tensor([[2.0, 3.0, 1.0], [1.0, 0.0, 1.0]])
    gradients = tl.maximum(x.traced(), y.traced()).sum().backward()
    assert gradients[x].tolist() == [[0.5, 0, 0.5], [1, 0.5, 0.5]]
    assert gradients[y].tolist() == [[0.5, 1, 0.5], [0, 0.5, 0.5]]


def test_the_first_of_equal_elements_has_the_index() -> None:
    x: Any = tl.tensor([[1.0, 3.0, 3.0], [0.0, 0.0, 0.0]])
    assert x.argmax(-1).tolist() == [1, 0]
    assert x.argmin(-1).tolist() == [0, 0]
    assert x.argmax().item() == 1


def test_an_infinite_cotangent_stays_where_it_belongs() -> None:
    x: Any = tl.tensor([-1.0, 2.0])
    with np.errstate(divide="ignore"):
        for y in (x.traced().relu(), x.traced().clip(0, 5), tl.maximum(x.traced(), 0.0)):
            assert y.log().sum().backward()[x].tolist() == [0.0, 0.5]


def test_nothing_overflows() -> None:
    x: Any = tl.tensor([-1000.0, 0.0, 1000.0])
    assert x.sigmoid().tolist() == [0.0, 0.5, 1.0]
    assert x.softmax().tolist() == [0.0, 0.0, 1.0]
    assert x.logsumexp().item() == 1000.0
    assert x.log_softmax().tolist() == [-2000.0, -1000.0, 0.0]
    assert tl.full((70_000,), 1.0, np.float16).mean().item() == 1.0


def test_small_sigmoids_keep_their_digits() -> None:
    x: Any = tl.tensor(-40.0, np.float64)
    assert x.sigmoid().item() == pytest.approx(4.248354255291589e-18, rel=1e-12)


# No elements -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (tl.exp, (0, 3)),
        (lambda x: x + 1.0, (2, 0)),
        (lambda x: x.sum(0), (0, 3)),
        (lambda x: x.sum(), (0, 3)),
        (lambda x: x.logsumexp(0, keepdims=True), (0, 3)),
        (lambda x: x.softmax(), (3, 0)),
        (lambda x: x.log_softmax(0), (0, 2)),
        (lambda x: x.max(1), (0, 3)),
        (lambda x: x.argmax(1), (0, 3)),
        (lambda x: x.reshape((0, 5)), (3, 0)),
        (lambda x: x.reshape((-1, 5)), (3, 0)),
        (lambda x: x.flatten(), (3, 0)),
        (lambda x: x[1:1], (3, 2)),
        (lambda x: x.broadcast_to((0, 3)), (1, 3)),
        (lambda x: x @ tl.ones((3, 4), np.float64), (0, 3)),
        (lambda x: x @ tl.ones((0, 4), np.float64), (3, 0)),
        (lambda x: x @ tl.ones((3, 4), np.float64), (2, 0, 3)),
        (lambda x: tl.linear(x, tl.ones((5, 3), np.float64)), (0, 3)),
    ],
)
def test_no_elements_are_fine(f: Callable[[Any], Any], shape: Shape) -> None:
    x: Any = tl.rand(shape, rng=1).astype(np.float64)
    y = f(x)
    assert y.numpy().shape == y.shape
    if y.dtype == np.float64:
        gradient = f(x.traced()).sum().backward()[x]
        assert gradient.shape == shape
        assert not np.isnan(gradient.numpy()).any()


def test_reductions_of_nothing() -> None:
    x: Any = tl.zeros((3, 0))
    assert x.sum(-1).tolist() == [0, 0, 0]
    assert x.logsumexp(-1).tolist() == [-np.inf] * 3
    assert np.isnan(x.mean().item())
    assert np.isnan(x.mean(1).numpy()).all()
    assert x.softmax().shape == (3, 0)


# Shape rules with symbols ------------------------------------------------------------------------


def as_symbols(shape: Any) -> Any:
    """A shape with equal sizes as equal symbols; 1 stays, since it is what stretches."""
    return tuple(symbol(f"N{size}") if size > 1 else size for size in shape)


def agree(symbolic: Any, concrete: Any, values: Mapping[Any, int]) -> bool:
    if len(symbolic) != len(concrete):
        return False
    return all(
        isinstance(dim, UnknownDim) or substitute(dim, values) == size
        for dim, size in zip(symbolic, concrete, strict=True)
    )


@named(lambda case: case.symbols)
@given(data=st.data())
@few(20)
def test_rule_then_sizes_is_sizes_then_rule(case: OpCase, data: st.DataObject) -> None:
    call = data.draw(case.calls)
    rule = registry.find(case.op)
    assert rule is not None
    args = case.rule_args(call.args, len(call.operands))
    operands = [as_symbols(shape) for shape in call.shapes]
    if case.sizes_in_args:
        args = tuple(map(as_symbols, args))
    found = {s for shape in operands for dim in shape for s in symbols(dim)}
    values = {s: data.draw(st.integers(1, 9)) for s in sorted(found, key=lambda s: s.name)}

    def sized(shape: Any) -> Any:
        return tuple(substitute(dim, values) for dim in shape)

    symbolic = rule.check(*operands, *args)
    concrete = rule.check(
        *map(sized, operands), *(map(sized, args) if case.sizes_in_args else args)
    )
    pairs = [(symbolic, concrete)]
    if case.op == "broadcast_arrays":
        pairs = list(zip(symbolic, concrete, strict=True))
    assert all(agree(*pair, values) for pair in pairs), f"{symbolic} is not {concrete} at {values}"


N, M = symbol("N"), symbol("M")


@pytest.mark.parametrize(
    ("shape", "index", "expected"),
    [
        ((N, M), 0, (M,)),
        ((N, M), -1, (M,)),
        ((N, M), (Ellipsis, 0), (N,)),
        ((N, M), (None, Ellipsis, None), (1, N, M, 1)),
        ((N, M), (slice(None), slice(None, None, -1)), (N, M)),
        ((N, M), slice(None, None, 2), ((N + 1) // 2, M)),
        ((N + 2, M), slice(1, -1), (N, M)),
        ((N + 2, M), slice(2, None), (N, M)),
        ((2 * N, M), slice(0, N), (N, M)),
        ((N + 3,), slice(1, None, 3), ((N + 4) // 3,)),
        ((N,), (0, Ellipsis), ()),
    ],
)
def test_getitem_of_symbols(shape: Any, index: Any, expected: Any) -> None:
    rule = registry.find("getitem")
    assert rule is not None
    assert rule.check(shape, index) == expected
    for sizes in ((1, 1), (2, 5), (7, 3)):
        values = dict(zip([*symbols(N), *symbols(M)], sizes, strict=True))
        concrete = tuple(substitute(dim, values) for dim in shape)
        bounds = index if not isinstance(index, slice) else _sized(index, values)
        assert agree(expected, rule.check(concrete, bounds), values)


def _sized(index: slice, values: Any) -> slice:
    return slice(*(substitute(x, values) for x in (index.start, index.stop, index.step)))


def test_every_rule_of_an_op_meets_symbols() -> None:
    ops = {case.op for case in CASES if case.symbols} | {"getitem"}
    assert ops == {case.op for case in CASES}
    assert len(ops) >= 15
    assert isinstance(N, SymbolicDim)


# Dtypes ------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", [c for c in CASES if not c.label], ids=str)
def test_dtype_is_the_rules(case: OpCase, dtype: str) -> None:
    """What the checker is told is what the run time does."""
    rule = registry.find(case.op)
    assert rule is not None
    shape = {"linear": ((3, 2), (4, 2), (4,)), "matmul": ((2, 2), (2, 2))}.get(case.op)
    count = 2 if rule.shape is elementwise_rules.broadcast or case.op == "broadcast_arrays" else 1
    operands = [ones(dtype, *s) for s in shape or ((2, 2),) * count]
    args: tuple[Any, ...] = {
        "reshape": ((4,),), "expect_shape": ((2, -1),), "permute": ((1, 0),),
        "broadcast_to": ((3, 2, 2),), "getitem": (0,), "clip": (0, 1),
    }.get(case.op, ())  # fmt: skip
    names = [dtype] * len(operands)
    call = getitem if case.op == "getitem" else getattr(tl, case.op, case.ours)
    expected = "float64" if rule.dtype is dtypes.declared else outcome(rule.result_dtype, *names)
    results = members(outcome(call, *operands, *args))
    assert {str(getattr(y, "dtype", y)) for y in results} == {expected}


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
        "clip: the limits of an int64 tensor must be ints, got 0.5 and None: "
        "convert it with .astype(np.float32)"
    )


# Wrong operands ----------------------------------------------------------------------------------


def t(*shape: int) -> Any:
    return ones("float32", *shape)


WRONG_SHAPES: tuple[tuple[Callable[[], Any], str], ...] = (
    (
        lambda: t(2, 3) + t(4),
        "add: shapes must be equal, or one stretch to the other, got (2, 3) and (4,): "
        "3 is not 4 on axis -1",
    ),
    (
        lambda: t(3, 1) * t(1, 4),
        "multiply: shapes (3, 1) and (1, 4) would both be stretched, to (3, 4): "
        "make it explicit with broadcast_to or tl.broadcast_arrays(a, b)",
    ),
    (
        lambda: t(5, 1) - t(5),
        "subtract: shapes (5, 1) and (5,) would both be stretched, to (5, 5): "
        "make it explicit with broadcast_to or tl.broadcast_arrays(a, b)",
    ),
    (
        lambda: t(2, 3) / t(3, 3),
        "divide: shapes must be equal, or one stretch to the other, got (2, 3) and (3, 3): "
        "2 is not 3 on axis -2",
    ),
    (
        lambda: tl.maximum(t(2), t(3)),
        "maximum: shapes must be equal, or one stretch to the other, got (2,) and (3,): "
        "2 is not 3 on axis -1",
    ),
    (
        lambda: t(2) == t(3),
        "equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): "
        "2 is not 3 on axis -1",
    ),
    (
        lambda: t(64, 10) @ t(11, 4),
        "matmul: inner dimensions must be equal, got (64, 10) and (11, 4): 10 is not 11",
    ),
    (
        lambda: t(3) @ t(4),
        "matmul: inner dimensions must be equal, got (3,) and (4,): 3 is not 4",
    ),
    (
        lambda: t() @ t(4),
        "matmul: operands must have at least one dimension, got () and (4,): "
        "multiply by a scalar with *",
    ),
    (
        lambda: t(3) @ 2.0,
        "matmul: operands must have at least one dimension, got (3,) and (): "
        "multiply by a scalar with *",
    ),
    (
        lambda: t(2, 2, 3) @ t(4, 3, 2),
        "matmul: shapes must be equal, or one stretch to the other, got (2,) and (4,): "
        "2 is not 4 on axis -1",
    ),
    (lambda: tl.linear(t(5, 3), t(2, 4)), "linear: expected last dimension 4, got 3"),
    (lambda: tl.linear(t(), t(2, 4)), "linear: expected last dimension 4, got a scalar"),
    (lambda: tl.linear(t(3), t(3)), "linear: expected a weight of shape (O, I), got (3,)"),
    (
        lambda: tl.linear(t(5, 3), t(2, 3), t(3)),
        "linear: expected a bias of shape (2,), got (3,)",
    ),
    (
        lambda: tl.linear(t(5, 3), t(2, 3), t(5, 2)),
        "linear: expected a bias of shape (2,), got (5, 2)",
    ),
    (lambda: t(2, 3).sum(2), "sum: axis 2 is out of range for shape (2, 3): use -2 to 1"),
    (lambda: t().mean(0), "mean: axis 0 is out of range for shape (): a scalar has no axes"),
    (lambda: t(2, 3).max((0, -2)), "max: axes must differ, got (0, -2) for shape (2, 3)"),
    (lambda: t(2, 0).max(1), "max: there are no elements to choose from in shape (2, 0)"),
    (lambda: t(0).argmin(), "argmin: there are no elements to choose from in shape (0,)"),
    (lambda: t(2, 3).softmax(5), "softmax: axis 5 is out of range for shape (2, 3): use -2 to 1"),
    (
        lambda: t(2, 3).reshape((4,)),
        "reshape: the number of elements must stay, got (2, 3) and (4,): 6 is not 4",
    ),
    (
        lambda: t(2, 3).reshape((4, -1)),
        "reshape: the number of elements must stay, got (2, 3) and (4, -1): "
        "6 is not a multiple of 4",
    ),
    (lambda: t(6).reshape((-1, -1)), "reshape: only one dimension may be -1, got (-1, -1)"),
    (lambda: t(6).reshape((-2, 3)), "reshape: dimensions must not be negative, got (-2, 3)"),
    (
        lambda: t(0).reshape((0, -1)),
        "reshape: the number of elements must stay, got (0,) and (0, -1): "
        "-1 is not determined beside a dimension of 0",
    ),
    (lambda: t(2, 3).flatten(2), "flatten: axis 2 is out of range for shape (2, 3): use -2 to 1"),
    (
        lambda: t(2, 3).flatten(1, 0),
        "flatten: the start axis must not lie behind the end axis, got 1 and 0",
    ),
    (
        lambda: t(2, 3).permute((0,)),
        "permute: expected one axis for each of 2 dimensions, got (0,) for shape (2, 3)",
    ),
    (
        lambda: t(2, 3).permute((0, 0)),
        "permute: axes must differ, got (0, 0) for shape (2, 3)",
    ),
    (lambda: t(3).transpose(), "transpose: axis -2 is out of range for shape (3,): use -1 to 0"),
    (
        lambda: t(2, 3).broadcast_to((3,)),
        "broadcast_to: shape (2, 3) has more dimensions than (3,)",
    ),
    (
        lambda: t(2, 3).broadcast_to((2, 4)),
        "broadcast_to: shape (2, 3) cannot be stretched to (2, 4): 3 is not 4 on axis -1",
    ),
    (
        lambda: t(3).broadcast_to((-1, 3)),
        "broadcast_to: dimensions must not be negative, got (-1, 3)",
    ),
    (
        lambda: tl.broadcast_arrays(t(2, 3), t(4)),
        "broadcast_arrays: shapes must be equal where neither is 1, got (2, 3) and (4,)",
    ),
    (lambda: t(2, 3)[2], "getitem: index 2 is out of range for axis 0 of shape (2, 3)"),
    (lambda: t(2, 3)[..., -4], "getitem: index -4 is out of range for axis -1 of shape (2, 3)"),
    (lambda: t(2, 3)[0, 0, 0], "getitem: an index of 3 items is too long for shape (2, 3)"),
    (lambda: t(2, 3)[..., ...], "getitem: only one ... may stand in an index"),
    (lambda: t(2, 3)[::0], "getitem: a slice step must not be 0"),
    (
        lambda: t(2, 3).expect_shape((2, 4)),
        "expect_shape: expected shape (2, 4), got (2, 3): axis 1 is 3, not 4",
    ),
    (
        lambda: t(2, 3).expect_shape((6,)),
        "expect_shape: expected shape (6,), got (2, 3): 2 dimensions, not 1",
    ),
)


@pytest.mark.parametrize(("call", "text"), WRONG_SHAPES, ids=[text for _, text in WRONG_SHAPES])
def test_wrong_shapes(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(tl.ShapeError) as caught:
        call()
    assert str(caught.value) == text
    assert isinstance(caught.value, IndexError) == ("out of range" in text or "too long" in text)


untyped: Any = tl

WRONG_TYPES: tuple[tuple[Callable[[], Any], str], ...] = (
    (lambda: untyped.exp(2.0), "exp: expected a tensor, got float"),
    (
        lambda: untyped.sum(np.ones(3)),
        "sum: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        lambda: untyped.add([1.0], t(1)),
        "add: expected a tensor, got list: wrap it with tl.tensor(...)",
    ),
    (
        lambda: untyped.broadcast_arrays(t(1), np.ones(1)),
        "broadcast_arrays: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (lambda: t(3) + None, "add: expected a tensor, got NoneType"),
    (lambda: t(3) * "2", "multiply: expected a tensor, got str"),
    (lambda: t(3) * 2j, "multiply: expected a tensor, got complex"),
    (lambda: t(3) * np.timedelta64(2, "s"), "multiply: expected a tensor, got timedelta64"),
    (lambda: t(6).reshape(6), "reshape: expected a shape as a tuple of ints, got 6: write (6,)"),
    (
        lambda: t(6).reshape((2.0, 3.0)),
        "reshape: expected a shape as a tuple of ints, got (2.0, 3.0)",
    ),
    (
        lambda: t(2, 3).permute((0.0, 1)),
        "permute: expected axes as a tuple of ints, got (0.0, 1)",
    ),
    (lambda: t(3).sum(1.5), "sum: expected an axis as an int, got 1.5"),
    (lambda: t(3).softmax("last"), "softmax: expected an axis as an int, got 'last'"),
    (lambda: t(3).clip("a"), "clip: expected a number, got str"),
    (lambda: t(3)[1.5], "getitem: an index is made of ints, slices, None and ..., got float"),
    (lambda: t(3)[True], "getitem: an index is made of ints, slices, None and ..., got bool"),
    (
        lambda: t(3)[np.array([0, 1])],
        "getitem: an index is made of ints, slices, None and ..., got ndarray",
    ),
    (lambda: t(3)[t(3)], "getitem: an index is made of ints, slices, None and ..., got Tensor"),
    (lambda: t(3)[0.5:2], "getitem: a slice is made of ints and None, got float"),
)


@pytest.mark.parametrize(("call", "text"), WRONG_TYPES, ids=[text for _, text in WRONG_TYPES])
def test_wrong_types(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text


def test_clip_needs_a_limit() -> None:
    with pytest.raises(ValueError, match=r"^clip: at least one of min and max must be given$"):
        t(3).clip()


def test_numpys_ints_are_ints() -> None:
    two: Any = np.int64(2)
    x = t(4, 3)
    assert x[two].shape == (3,)
    assert x[two:, np.uint8(1)].shape == (2,)
    assert x.reshape((two, -1)).shape == (2, 6)
    assert x.reshape([6, two]).shape == (6, 2)
    assert x.sum(np.int32(-1)).shape == (4,)
    assert x.sum([0, 1]).shape == ()
    assert x.permute(np.array([1, 0])).shape == (3, 4)
    assert x.broadcast_to((two, 4, 3)).shape == (2, 4, 3)
    assert x.expect_shape((np.int64(4), -1)).shape == (4, 3)
    assert x.transpose(np.int64(0), np.int64(1)).shape == (3, 4)
    assert x.flatten(np.int64(0)).shape == (12,)
    assert x.argmax(np.int64(0)).shape == (3,)


def test_methods_are_the_functions() -> None:
    x = t(2, 3)
    for f, args in (
        (tl.sum, (0,)), (tl.mean, (0, True)), (tl.max, (1,)), (tl.min, (1,)), (tl.logsumexp, (0,)),
        (tl.softmax, (0,)), (tl.log_softmax, (0,)), (tl.argmax, (0,)), (tl.argmin, (0, True)),
        (tl.matmul, (t(3, 2),)), (tl.reshape, ((3, 2),)), (tl.flatten, ()), (tl.permute, ((1, 0),)),
        (tl.transpose, ()), (tl.broadcast_to, ((4, 2, 3),)), (tl.clip, (0.5,)), (tl.neg, ()),
        (tl.abs, ()), (tl.square, ()), (tl.relu, ()), (tl.sqrt, ()), (tl.exp, ()), (tl.log, ()),
        (tl.sin, ()), (tl.cos, ()), (tl.tanh, ()), (tl.sigmoid, ()), (tl.expect_shape, ((2, 3),)),
    ):  # fmt: skip
        function: Any = f
        method = getattr(x, function.__name__)
        assert method(*args).tolist() == function(x, *args).tolist(), function.__name__


def test_operators_are_the_functions() -> None:
    x, y = t(2, 2) * 3, t(2, 2)
    for symbol_, f in (
        (operator.add, tl.add), (operator.sub, tl.subtract), (operator.mul, tl.multiply),
        (operator.truediv, tl.divide), (operator.matmul, tl.matmul), (operator.eq, tl.equal),
        (operator.ne, tl.not_equal), (operator.lt, tl.less), (operator.le, tl.less_equal),
        (operator.gt, tl.greater), (operator.ge, tl.greater_equal),
    ):  # fmt: skip
        assert symbol_(x, y).tolist() == f(x, y).tolist()


# The user's own op -------------------------------------------------------------------------------


def test_a_vjp_may_leave_out_axes() -> None:
    """What is smaller than the operand is stretched to it, as the gradient of a sum."""
    total = Primitive(
        registry.Rule("total", lambda x: ()), lambda x: np.add.reduce(x, axis=None), lambda g: g
    )
    x: Any = tl.ones((2, 3))
    assert total(x.traced()).backward()[x].tolist() == [[1, 1, 1], [1, 1, 1]]
