"""One table of all ops: how to call each, what PyTorch computes, and with which operands.

A row's strategy draws calls: shapes to be filled with values, scalars, and parameters. What is
tested with them stands in `test_ops`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.ops.manipulation import getitem

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Shape: TypeAlias = tuple[int, ...]
Scalar: TypeAlias = "bool | int | float | np.generic"
Values: TypeAlias = Callable[[np.random.Generator, Shape], Any]


@dataclass(frozen=True)
class Call:
    """The operands of one call, each a shape to fill or a scalar, and the other arguments."""

    operands: tuple[Shape | Scalar, ...]
    args: tuple[Any, ...] = ()

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The operands' shapes, () for a scalar."""
        return tuple(x if isinstance(x, tuple) else () for x in self.operands)


@dataclass(frozen=True)
class OpCase:
    """One way to call one op.

    Attributes:
        op: the name of the op's rule.
        ours: the call; it takes the operands, then the arguments.
        reference: the same in PyTorch.
        calls: draws operands and arguments.
        label: tells the rows of one op apart.
        values: fills a shape with operand values.
        differentiable: whether the op has gradients that mean something for these values.
        smooth: whether finite differences make sense for these values.
        cancels: whether terms of mixed sign add up, so that float32 compares positive ones.
        sizes_in_args: whether the arguments hold sizes of dimensions.
        symbols: whether sizes may become symbols: False where an argument bounds them.
    """

    op: str
    ours: Callable[..., Any]
    reference: Callable[..., Any]
    calls: st.SearchStrategy[Call]
    label: str = ""
    values: Values = field(default_factory=lambda: anywhere)
    differentiable: bool = True
    smooth: bool = True
    cancels: bool = False
    sizes_in_args: bool = False
    symbols: bool = True

    def __str__(self) -> str:
        return f"{self.op}-{self.label}" if self.label else self.op

    def rule_args(self, args: tuple[Any, ...], operands: int) -> tuple[Any, ...]:
        """Return those of the arguments that the shape rule takes."""
        rule = tl.shapes.registry.find(self.op)
        assert rule is not None
        return args[: len(rule.parameters) - operands]


# Values ------------------------------------------------------------------------------------------
# All are float32 numbers, so that a float64 reference starts from the same operands.


def _single(values: Any) -> Any:
    return np.asarray(values, np.float32).astype(np.float64)


def anywhere(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.normal(0, 1.5, shape))


def positive(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(0.3, 3, shape))


def away_from_zero(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape))


def moderate(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-1.5, 1.5, shape))


def large(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-200, 200, shape))


def tied(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.integers(-1, 2, shape))


# Shapes ------------------------------------------------------------------------------------------

SIZES = st.sampled_from((1, 2, 3))


def shapes(min_rank: int = 0, max_rank: int = 4) -> st.SearchStrategy[Shape]:
    return st.lists(SIZES, min_size=min_rank, max_size=max_rank).map(tuple)


@st.composite
def stretching(draw: st.DrawFn, whole: Shape) -> Shape:
    """A shape that stretches to the whole one: leading axes missing, others of length 1."""
    rest = whole[draw(st.integers(0, len(whole))) :]
    return tuple(draw(st.sampled_from((1, size))) for size in rest)


@st.composite
def one_operand(draw: st.DrawFn) -> Call:
    return Call((draw(shapes()),))


@st.composite
def two_operands(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    other = draw(st.one_of(st.just(whole), stretching(whole)))
    return Call(draw(st.sampled_from(((whole, other), (other, whole)))))


@st.composite
def with_scalar(draw: st.DrawFn, *, left: bool = False) -> Call:
    scalars: tuple[Scalar, ...] = (2, -0.75, True, np.float64(1.5), np.float32(0.5), np.int64(3))
    shape, scalar = draw(shapes()), draw(st.sampled_from(scalars))
    return Call((scalar, shape) if left else (shape, scalar))


def axes_of(rank: int) -> st.SearchStrategy[Any]:
    """No, one, several or all axes, negative or not."""
    if rank == 0:
        return st.sampled_from((None, ()))
    several = st.lists(st.integers(0, rank - 1), unique=True, max_size=rank)
    signed = several.flatmap(
        lambda axes: st.tuples(*(st.sampled_from((axis, axis - rank)) for axis in axes))
    )
    return st.one_of(st.none(), st.integers(-rank, rank - 1), signed)


@st.composite
def reduced(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))), draw(st.booleans())))


@st.composite
def index_reduced(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    rank = len(shape)
    axis = draw(st.one_of(st.none(), st.integers(-rank, rank - 1)) if rank else st.none())
    return Call((shape,), (axis, draw(st.booleans())))


@st.composite
def along_axis(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    return Call((shape,), (draw(st.integers(-len(shape), len(shape) - 1)),))


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
def reshaped(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    sizes = [*draw(st.permutations(shape)), *draw(st.sampled_from(((), (1,), (1, 1))))]
    if draw(st.booleans()) and sizes:
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    elif draw(st.booleans()):
        sizes = [-1]
    return Call((shape,), (tuple(sizes),))


@st.composite
def flattened(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    rank = len(shape)
    if rank == 0:
        return Call((shape,), (0, -1))
    start = draw(st.integers(0, rank - 1))
    end = draw(st.integers(start, rank - 1))
    return Call((shape,), (start, draw(st.sampled_from((end, end - rank)))))


@st.composite
def permuted(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    axes = draw(st.permutations(range(len(shape))))
    return Call((shape,), (tuple(draw(st.sampled_from((a, a - len(shape)))) for a in axes),))


@st.composite
def transposed(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    axis = st.integers(-len(shape), len(shape) - 1)
    return Call((shape,), (draw(axis), draw(axis)))


@st.composite
def stretched(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    return Call((draw(stretching(whole)),), (whole,))


@st.composite
def stretched_both(draw: st.DrawFn) -> Call:
    whole = draw(shapes())
    return Call((draw(stretching(whole)), draw(stretching(whole))))


@st.composite
def expected(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (tuple(draw(st.sampled_from((size, -1))) for size in shape),))


@st.composite
def indexed(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    items: list[Any] = []
    for size in shape[: draw(st.integers(0, len(shape)))]:
        bound = st.one_of(st.none(), st.integers(-size - 1, size + 1))
        step = st.sampled_from((None, 1, 2, -1, -2))
        slices = st.builds(slice, bound, bound, step)
        items.append(draw(st.one_of(st.integers(-size, size - 1), slices)))
        if draw(st.integers(0, 4)) == 0:
            items.append(None)
    if draw(st.booleans()):
        items.append(Ellipsis)
    single = len(items) == 1 and draw(st.booleans())
    return Call((shape,), (items[0] if single else tuple(items),))


@st.composite
def clipped(draw: st.DrawFn) -> Call:
    limits = ((-0.5, 1.25), (None, 0.5), (-1, None), (0.75, -0.75), (np.float64(-1), np.int64(1)))
    return Call((draw(shapes()),), draw(st.sampled_from(limits)))


# References --------------------------------------------------------------------------------------


def over_axes(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes no axes for all axes."""

    def reference(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
        axes = tuple(range(x.ndim)) if axis is None else axis
        return x.clone() if axes == () else f(x, dim=axes, keepdim=keepdims)

    return reference


def of_tensors(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch's function takes no scalars."""

    def reference(a: Any, b: Any) -> Any:
        dtype = a.dtype if isinstance(a, torch.Tensor) else b.dtype
        return f(*(torch.as_tensor(x, dtype=dtype) for x in (a, b)))

    return reference


def torch_index(x: torch.Tensor, index: Any) -> torch.Tensor:
    """PyTorch has no negative steps; places picked by NumPy do."""
    places = np.arange(math.prod(x.shape)).reshape(x.shape)[index]
    return x.reshape(-1)[torch.from_numpy(np.array(places))]


def torch_index_of(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: f(x, dim=axis, keepdim=keepdims)


def torch_dropout(x: torch.Tensor) -> torch.Tensor:
    kept = np.random.default_rng(7).random(tuple(x.shape), np.float32) >= 0.25
    return x * torch.from_numpy(np.asarray(kept)).to(x.dtype) / 0.75


# The table ---------------------------------------------------------------------------------------


def unary(name: str, values: Values = anywhere, label: str = "", **options: Any) -> OpCase:
    reference = options.pop("reference", None) or getattr(torch, name)
    return OpCase(name, getattr(tl, name), reference, one_operand(), label, values, **options)


def binary(name: str, symbol: Callable[[Any, Any], Any], values: Values) -> tuple[OpCase, ...]:
    return (
        OpCase(name, getattr(tl, name), symbol, two_operands(), "", values, cancels=True),
        OpCase(name, symbol, symbol, with_scalar(), "with scalar", values),
        OpCase(name, symbol, symbol, with_scalar(left=True), "scalar left", values),
    )


def extremum(name: str) -> tuple[OpCase, ...]:
    ours, theirs = getattr(tl, name), of_tensors(getattr(torch, name))
    return (
        OpCase(name, ours, theirs, two_operands(), cancels=True),
        OpCase(name, ours, theirs, two_operands(), "tied", tied, smooth=False, cancels=True),
        OpCase(name, ours, theirs, with_scalar(), "with scalar"),
        OpCase(name, ours, theirs, with_scalar(left=True), "scalar left"),
    )


def comparison(name: str, symbol: Callable[[Any, Any], Any]) -> tuple[OpCase, ...]:
    def case(
        f: Callable[..., Any], calls: st.SearchStrategy[Call], label: str, values: Values
    ) -> OpCase:
        return OpCase(name, f, symbol, calls, label, values, differentiable=False)

    return (
        case(getattr(tl, name), two_operands(), "", tied),
        case(symbol, with_scalar(), "with scalar", anywhere),
        case(symbol, with_scalar(left=True), "scalar left", tied),
    )


def reduction(name: str, reference: Callable[..., Any], **options: Any) -> OpCase:
    return OpCase(name, getattr(tl, name), over_axes(reference), reduced(), **options)


def index_of(name: str, label: str, values: Values) -> OpCase:
    reference = torch_index_of(getattr(torch, name))
    return OpCase(
        name, getattr(tl, name), reference, index_reduced(), label, values, differentiable=False
    )


CASES: tuple[OpCase, ...] = (
    unary("neg"),
    OpCase("neg", operator.neg, operator.neg, one_operand(), "operator"),
    unary("abs"),
    OpCase("abs", operator.abs, operator.abs, one_operand(), "operator, tied", tied, smooth=False),
    unary("square"),
    unary("relu"),
    unary("relu", tied, "tied", smooth=False),
    unary("sqrt", positive),
    unary("exp"),
    unary("log", positive),
    unary("sin"),
    unary("cos"),
    unary("tanh", moderate),
    unary("sigmoid", moderate),
    unary("sigmoid", large, "large", smooth=False, differentiable=False),
    OpCase("clip", tl.clip, torch.clamp, clipped()),
    OpCase("dropout", lambda x: tl.dropout(x, 0.25, rng=7), torch_dropout, one_operand()),
    *binary("add", operator.add, anywhere),
    *binary("subtract", operator.sub, anywhere),
    *binary("multiply", operator.mul, anywhere),
    *binary("divide", operator.truediv, away_from_zero),
    *extremum("minimum"),
    *extremum("maximum"),
    *comparison("equal", operator.eq),
    *comparison("not_equal", operator.ne),
    *comparison("less", operator.lt),
    *comparison("less_equal", operator.le),
    *comparison("greater", operator.gt),
    *comparison("greater_equal", operator.ge),
    reduction("sum", torch.sum, cancels=True),
    reduction("mean", torch.mean, cancels=True),
    reduction("max", torch.amax),
    reduction("max", torch.amax, label="tied", values=tied, smooth=False),
    reduction("min", torch.amin),
    reduction("min", torch.amin, label="tied", values=tied, smooth=False),
    reduction("logsumexp", torch.logsumexp, cancels=True),
    reduction("logsumexp", torch.logsumexp, label="large", values=large),
    index_of("argmax", "", anywhere),
    index_of("argmax", "tied", tied),
    index_of("argmin", "", anywhere),
    index_of("argmin", "tied", tied),
    OpCase("softmax", tl.softmax, torch.softmax, along_axis()),
    OpCase(
        "softmax", tl.softmax, torch.softmax, along_axis(), "large", large, differentiable=False
    ),
    OpCase("log_softmax", tl.log_softmax, torch.log_softmax, along_axis()),
    OpCase("log_softmax", tl.log_softmax, torch.log_softmax, along_axis(), "large", large),
    OpCase("matmul", operator.matmul, torch.matmul, products(), cancels=True),
    OpCase("linear", tl.linear, torch.nn.functional.linear, affine(bias=True), cancels=True),
    OpCase(
        "linear", tl.linear, torch.nn.functional.linear, affine(bias=False), "no bias", cancels=True
    ),
    OpCase("reshape", tl.reshape, torch.reshape, reshaped(), sizes_in_args=True),
    OpCase("flatten", tl.flatten, torch.flatten, flattened()),
    OpCase("permute", tl.permute, torch.permute, permuted()),
    OpCase("transpose", tl.transpose, torch.transpose, transposed()),
    OpCase(
        "broadcast_to",
        tl.broadcast_to,
        torch.broadcast_to,
        stretched(),
        cancels=True,
        sizes_in_args=True,
    ),
    OpCase(
        "broadcast_arrays",
        tl.broadcast_arrays,
        torch.broadcast_tensors,
        stretched_both(),
        cancels=True,
    ),
    OpCase("getitem", getitem, torch_index, indexed(), symbols=False),
    OpCase("getitem", operator.getitem, torch_index, indexed(), "operator", symbols=False),
    OpCase(
        "expect_shape",
        tl.expect_shape,
        lambda x, shape: x.clone(),
        expected(),
        sizes_in_args=True,
    ),
    OpCase(
        "astype",
        lambda x: x.astype(np.float64),
        lambda x: x.to(torch.float64),
        one_operand(),
    ),
)

NAMES: frozenset[str] = frozenset(case.op for case in CASES)
