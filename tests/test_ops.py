"""Every op against PyTorch, finite differences and its shape rule, from the table of ops."""

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
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import registry
from tensorlib.shapes.dim import SymbolicDim, UnknownDim, substitute, symbol, symbols
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError
from tensorlib.shapes.shape import Each
from tensorlib.testing import check_grads
from tests.op_cases import CASES
from tests.op_cases.case import Array, Bools, Call, Ints, OpCase, Shape, anywhere
from tests.op_cases.values import positive

SEEDS = st.integers(0, 2**32 - 1)


def few(examples: int) -> settings:
    return settings(deadline=None, derandomize=True, max_examples=examples, database=None)


def named(condition: Callable[[OpCase], bool] = lambda case: True) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [c for c in CASES if condition(c)], ids=str)


def members(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


# Against PyTorch ---------------------------------------------------------------------------------


def fill(case: OpCase, call: Call, rng: np.random.Generator) -> list[Any]:
    return [
        case.values(rng, x)
        if isinstance(x, tuple)
        else x.filled(rng)
        if isinstance(x, Ints | Bools)
        else x
        for x in call.operands
    ]


def has_gradient(operand: Any) -> bool:
    """Tell whether this is an array of floats; indices, masks and scalars are constants."""
    return isinstance(operand, np.ndarray) and operand.dtype.kind == "f"


def ours(case: OpCase, call: Call, operands: list[Any], dtype: str, cotangents: list[Array]) -> Any:
    """Results and gradients, as arrays."""
    leaves = [
        tl.tensor(x.astype(dtype) if has_gradient(x) else x) if isinstance(x, np.ndarray) else x
        for x in operands
    ]
    traced = [
        y.traced() if has_gradient(x) and case.differentiable else y
        for x, y in zip(operands, leaves, strict=True)
    ]
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
    return arrays, [
        gradients[y].numpy() for x, y in zip(operands, leaves, strict=True) if has_gradient(x)
    ]


def theirs(
    case: OpCase, call: Call, operands: list[Any], dtype: str, cotangents: list[Array]
) -> tuple[list[Array], list[Array]]:
    """PyTorch's results and gradients, as arrays."""
    precision = getattr(torch, dtype)
    leaves = [
        torch.tensor(x, dtype=precision, requires_grad=case.differentiable)
        if has_gradient(x)
        else torch.tensor(x)
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
    tensors = [x for x in leaves if isinstance(x, torch.Tensor) and x.requires_grad]
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


def result_shapes(case: OpCase, call: Call, operands: list[Any]) -> tuple[Shape, ...]:
    """What the op's shape rule says about a call; PyTorch fills in what depends on values."""
    result = case.result_shape(call.shapes, case.rule_args(call.args, len(call.operands)))
    declared = result if result and isinstance(result[0], tuple) else (result,)
    if not any(isinstance(dim, UnknownDim) for shape in declared for dim in shape):
        return tuple(declared)
    tensors = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in operands]
    found = tuple(tuple(y.shape) for y in members(case.reference(*tensors, *call.args)))
    assert all(agree(*pair, {}) for pair in zip(declared, found, strict=True))
    return found


@named()
@given(data=st.data())
@few(20)
def test_results_and_gradients_are_pytorchs(case: OpCase, data: st.DataObject) -> None:
    call, seed = data.draw(case.calls), data.draw(SEEDS)
    rng = np.random.default_rng(seed)
    operands = fill(case, call, rng)
    declared = result_shapes(case, call, operands)
    cotangents = [anywhere(rng, shape) for shape in declared]
    found, slopes = ours(case, call, operands, "float64", cotangents)
    results, gradients = theirs(case, call, operands, "float64", cotangents)
    assert tuple(y.shape for y in found) == declared
    for actual, expected in zip(found + slopes, results + gradients, strict=True):
        assert_same_in_float64(actual, expected)

    if case.cancels:  # a sum that comes out near 0 says nothing about precision
        operands = [np.asarray(np.abs(x)) if has_gradient(x) else x for x in operands]
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
    places = [place for place, x in enumerate(operands) if has_gradient(x)]

    def f(*tensors: Any) -> Any:
        filled = [tl.tensor(x) if isinstance(x, np.ndarray) else x for x in operands]
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
        (lambda x: x.prod(), (0, 3)),
        (lambda x: x.std(1), (0, 3)),
        (lambda x: x.cumsum(0), (0, 3)),
        (lambda x: x.cumprod(1), (3, 0)),
        (lambda x: x.normalize(), (3, 0)),
        (lambda x: x.tile((2, 0)), (2, 3)),
        (lambda x: x.flip().roll(1).tril().expand_dims(0).squeeze(0), (3, 0)),
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


@named(lambda case: case.op not in ("var", "std"))  # see test_spread_of_few_elements
@given(data=st.data())
@few(5)
def test_axes_of_no_elements_are_pytorchs(case: OpCase, data: st.DataObject) -> None:
    """Wherever the rule allows an axis of length 0: values as PyTorch's, gradients without NaN."""
    call = data.draw(case.calls)
    sizes = sorted({size for shape in call.shapes for size in shape})
    if not sizes or any(isinstance(x, Ints | Bools) for x in call.operands):
        return
    emptied = data.draw(st.sampled_from(sizes))
    operands = tuple(
        tuple(0 if size == emptied else size for size in x) if isinstance(x, tuple) else x
        for x in call.operands
    )
    call = Call(operands, call.args)
    try:
        case.result_shape(call.shapes, case.rule_args(call.args, len(call.operands)))
    except ShapeError:
        return
    filled = fill(case, call, np.random.default_rng(0))
    leaves = [tl.tensor(x) if isinstance(x, np.ndarray) else x for x in filled]
    traced = [x.traced() if case.differentiable and isinstance(x, tl.Tensor) else x for x in leaves]
    try:
        results = members(case.ours(*traced, *call.args))
    except IndexOutOfRangeError:  # of an index among the values
        return
    try:
        references = members(
            case.reference(
                *(torch.tensor(x) if isinstance(x, np.ndarray) else x for x in filled), *call.args
            )
        )
    except (RuntimeError, IndexError, ValueError, ArithmeticError):  # PyTorch refuses some of ours
        return
    assert [y.shape for y in results] == [tuple(y.shape) for y in references]
    for actual, expected in zip(results, references, strict=True):
        np.testing.assert_allclose(actual.numpy(), expected.numpy(), rtol=1e-10, atol=1e-12)
    if case.differentiable:
        losses = [y.sum() for y in results if y.owns_tape]
        gradients = sum(losses[1:], losses[0]).backward() if losses else {}
        assert all(gradient.shape == x.shape for x, gradient in gradients.items())


def test_reductions_of_nothing() -> None:
    x: Any = tl.zeros((3, 0))
    assert x.sum(-1).tolist() == [0, 0, 0]
    assert x.logsumexp(-1).tolist() == [-np.inf] * 3
    assert np.isnan(x.mean().item())
    assert np.isnan(x.mean(1).numpy()).all()
    assert x.softmax().shape == (3, 0)


def test_spread_of_few_elements() -> None:
    x: Any = tl.zeros((3, 0))
    assert np.isnan(x.var(1).numpy()).all()
    assert np.isnan(tl.tensor(3.0).var(correction=1).item())
    assert x.prod(1).tolist() == [1, 1, 1]
    assert x.any(1).tolist() == [False] * 3
    assert x.all(1).tolist() == [True] * 3
    y: Any = tl.tensor([3.0, 3.0])
    assert y.traced().std().backward()[y].tolist() == [0, 0]
    assert y.normalize().tolist() == [0, 0]


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
    args = case.rule_args(call.args, len(call.operands))
    operands = [as_symbols(shape) for shape in call.shapes]
    if case.sizes_in_args:
        args = tuple(map(as_symbols, args))
    found = {s for shape in operands for dim in shape for s in symbols(dim)}
    values = {s: data.draw(st.integers(1, 9)) for s in sorted(found, key=lambda s: s.name)}

    def sized(shape: Any) -> Any:
        return tuple(substitute(dim, values) for dim in shape)

    symbolic = case.result_shape(operands, args)
    concrete = case.result_shape(
        list(map(sized, operands)), list(map(sized, args)) if case.sizes_in_args else args
    )
    pairs = [(symbolic, concrete)]
    if isinstance(symbolic, Each):
        pairs = [(symbolic.shape, shape) for shape in concrete]
    elif symbolic and isinstance(symbolic[0], tuple):
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
    ops = {case.op for case in CASES if case.symbols} | {"getitem", "split", "chunk", "one_hot"}
    ops |= {"rnn", "gru", "lstm"}  # in test_nn_recurrent
    assert ops == {case.op for case in CASES}
    assert len(ops) >= 15
    assert isinstance(N, SymbolicDim)


# Ways to call them ------------------------------------------------------------------------------


def t(*shape: int) -> Any:
    return tl.ones(shape)


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
        (tl.var, (0, 1)), (tl.std, (1, 0, True, 0.5)), (tl.prod, (0,)), (tl.any, (0,)),
        (tl.all, (1, True)), (tl.count_nonzero, (0,)), (tl.cumsum, (0,)), (tl.cumprod, (1,)),
        (tl.normalize, (0, 0.5)), (tl.expand_dims, (1,)), (tl.flip, (0,)), (tl.roll, (1, 0)),
        (tl.tile, ((2, 1),)), (tl.tril, (1,)), (tl.triu, (-1,)),
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
