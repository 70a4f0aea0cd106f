"""One table of all ops: how to call each, what PyTorch computes, and with which operands.

A row's strategy draws calls: shapes to be filled with values, scalars, and parameters. What is
tested with them stands in `test_ops`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.ops.manipulation import getitem
from tensorlib.shapes.registry import Rule, is_group_parameter

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

    @property
    def rule(self) -> Rule:
        """The op's rule."""
        rule = tl.shapes.registry.find(self.op)
        assert rule is not None
        return rule

    @property
    def joins(self) -> bool:
        """Whether the op takes any number of operands, as one tuple."""
        return is_group_parameter(next(iter(self.rule.parameters.values())))

    def rule_args(self, args: tuple[Any, ...], operands: int) -> tuple[Any, ...]:
        """Return those of the arguments that the shape rule takes."""
        return args[: len(self.rule.parameters) - (1 if self.joins else operands)]

    def result_shape(self, shapes: Sequence[Any], args: Sequence[Any]) -> Any:
        """Ask the rule."""
        operands = (tuple(shapes),) if self.joins else shapes
        return self.rule.check(*operands, *args)


# Values ------------------------------------------------------------------------------------------
# All are float32 numbers, so that a float64 reference starts from the same operands.


def _single(values: Any) -> Any:
    return np.asarray(values, np.float32).astype(np.float64)


def anywhere(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.normal(0, 1.5, shape))


def inside(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(-0.9, 0.9, shape))


def above_one(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.uniform(1.2, 4, shape))


def halves(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.integers(-7, 8, shape) / 2)


def not_finite(rng: np.random.Generator, shape: Shape) -> Any:
    return _single(rng.choice([np.nan, np.inf, -np.inf, 0, -2.5], shape))


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


@st.composite
def chosen(draw: st.DrawFn) -> Call:
    """Three operands of which one of the first two has the whole shape."""
    whole = draw(shapes())
    first = draw(st.permutations((whole, draw(stretching(whole)))))
    return Call((*first, draw(stretching(whole))))


def with_args(*several: tuple[Any, ...]) -> st.SearchStrategy[Call]:
    return st.builds(lambda shape, args: Call((shape,), args), shapes(), st.sampled_from(several))


def scalar_right(*scalars: Scalar) -> st.SearchStrategy[Call]:
    return st.builds(lambda shape, x: Call((shape, x)), shapes(), st.sampled_from(scalars))


def scalar_left(*scalars: Scalar) -> st.SearchStrategy[Call]:
    return st.builds(lambda x, shape: Call((x, shape)), st.sampled_from(scalars), shapes())


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
def spread(draw: st.DrawFn, *, eps: bool = False) -> Call:
    """A correction of 1 only where more than one element is left."""
    shape = draw(shapes())
    axis = draw(axes_of(len(shape)))
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    several = math.prod(shape[a] for a in axes) > 1
    args: tuple[Any, ...] = (
        axis,
        draw(st.sampled_from((0, 1))) if several else 0,
        draw(st.booleans()),
    )
    if eps:
        args = (*args, draw(st.sampled_from((0.0, 1e-3, 0.5))) if several else 0.5)
    return Call((shape,), args)


@st.composite
def normalized(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))), draw(st.sampled_from((1e-5, 1e-2, 1.0)))))


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
def joined(draw: st.DrawFn, *, along_axis: bool) -> Call:
    """Operands of one shape, but for the axis along which they are joined."""
    shape = draw(shapes(min_rank=1 if along_axis else 0, max_rank=3))
    rank = len(shape) if along_axis else len(shape) + 1
    axis = draw(st.integers(-rank, rank - 1))
    count = draw(st.integers(1, 4))
    if not along_axis:
        return Call((shape,) * count, (axis,))
    lengths = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    place = axis % rank
    return Call(tuple((*shape[:place], n, *shape[place + 1 :]) for n in lengths), (axis,))


def concat(*operands: Any) -> Any:
    *xs, axis = operands
    return tl.concat(xs, axis)


def stack(*operands: Any) -> Any:
    *xs, axis = operands
    return tl.stack(tuple(xs), axis)


def torch_concat(*operands: Any) -> Any:
    *xs, axis = operands
    return torch.concat(xs, axis)


def torch_stack(*operands: Any) -> Any:
    *xs, axis = operands
    return torch.stack(xs, axis)


@st.composite
def expanded(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(st.integers(-len(shape) - 1, len(shape))),))


@st.composite
def squeezed(draw: st.DrawFn) -> Call:
    shape = draw(shapes(max_rank=3))
    places = draw(st.lists(st.integers(0, len(shape)), unique=True))
    for place in sorted(places):
        shape = (*shape[:place], 1, *shape[place:])
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    axes = tuple(draw(st.sampled_from((a, a - len(shape)))) for a in ones)
    single = draw(st.booleans())
    return Call((shape,), (axes[0] if axes and single else axes,))


@st.composite
def flipped(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (draw(axes_of(len(shape))),))


@st.composite
def rolled(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    axis, shift = draw(axes_of(len(shape))), st.integers(-4, 4)
    if isinstance(axis, tuple) and draw(st.booleans()):
        return Call((shape,), (tuple(draw(shift) for _ in axis), axis))
    return Call((shape,), (draw(shift), axis))


@st.composite
def tiled(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(max_rank=3)),), (draw(shapes(max_rank=4)),))


@st.composite
def triangular(draw: st.DrawFn) -> Call:
    return Call((draw(shapes(min_rank=2)),), (draw(st.integers(-3, 3)),))


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


def over_each_axis(f: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes a single axis: one after the other, the last first."""

    def reference(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        y = x.clone()
        for a in sorted((a % x.ndim for a in axes), reverse=True):
            y = f(y, dim=a, keepdim=keepdims)
        return y

    return reference


def torch_truths(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: over_each_axis(f)(x != 0, axis, keepdims)


def torch_count(x: torch.Tensor, axis: Any, keepdims: bool) -> Any:
    return over_axes(torch.sum)((x != 0).to(torch.int64), axis, keepdims)


torch_mean = over_axes(torch.mean)


def torch_var(x: torch.Tensor, axis: Any, correction: int, keepdims: bool) -> Any:
    squares = (x - torch_mean(x, axis, True)) ** 2
    totals = over_axes(torch.sum)(squares, axis, keepdims)
    return totals / (x.numel() // totals.numel() - correction)


def torch_std(x: torch.Tensor, axis: Any, correction: int, keepdims: bool, eps: float) -> Any:
    return torch.sqrt(torch_var(x, axis, correction, keepdims) + eps)


def torch_normalize(x: torch.Tensor, axis: Any, eps: float) -> Any:
    return (x - torch_mean(x, axis, True)) / torch_std(x, axis, 0, True, eps)


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


def torch_squeeze(x: torch.Tensor, axis: Any) -> torch.Tensor:
    return x.clone() if axis == () else torch.squeeze(x, axis)


def torch_flip(x: torch.Tensor, axis: Any) -> torch.Tensor:
    return torch.flip(x, tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis).tolist())


def torch_roll(x: torch.Tensor, shift: Any, axis: Any) -> torch.Tensor:
    """PyTorch takes one shift for each axis."""
    if axis is None:
        return torch.roll(x.reshape(-1), shift).reshape(x.shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
    return torch.roll(x, shifts, axes) if axes else x.clone()


def torch_dropout(x: torch.Tensor) -> torch.Tensor:
    kept = np.random.default_rng(7).random(tuple(x.shape), np.float32) >= 0.25
    return x * torch.from_numpy(np.asarray(kept)).to(x.dtype) / 0.75


def hardsigmoid(x: torch.Tensor) -> torch.Tensor:
    """PyTorch's own has a gradient of single precision."""
    return torch.nn.functional.relu6(x + 3) / 6


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


def activation(
    name: str,
    *arguments: tuple[Any, ...],
    edges: Values = tied,
    reference: Callable[..., Any] | None = None,
) -> tuple[OpCase, ...]:
    """An activation by its defaults, at its edges, far out, and with other arguments."""
    ours, theirs = getattr(tl, name), reference or getattr(torch.nn.functional, name)
    cases = (
        OpCase(name, ours, theirs, one_operand()),
        OpCase(name, ours, theirs, one_operand(), "at edges", edges, smooth=False),
        OpCase(name, ours, theirs, one_operand(), "large", large, smooth=False),
    )
    if not arguments:
        return cases
    return (*cases, OpCase(name, ours, theirs, with_args(*arguments), "with arguments"))


def division(name: str, symbol: Callable[[Any, Any], Any], **options: Any) -> tuple[OpCase, ...]:
    """Division with a remainder, which jumps."""
    ours = getattr(tl, name)
    return (
        OpCase(name, ours, symbol, two_operands(), "", away_from_zero, smooth=False, **options),
        OpCase(name, symbol, symbol, with_scalar(), "with scalar", smooth=False, **options),
        OpCase(
            name,
            symbol,
            of_tensors(symbol),
            with_scalar(left=True),
            "scalar left",
            away_from_zero,
            smooth=False,
            **options,
        ),
    )


def question(name: str, values: Values, calls: st.SearchStrategy[Call]) -> OpCase:
    ours, theirs = getattr(tl, name), getattr(torch, name)
    return OpCase(name, ours, theirs, calls, "", values, differentiable=False)


def choose(f: Callable[..., Any]) -> Callable[..., Any]:
    """Choose by sign; the condition has a gradient of 0, by which tests find it."""
    return lambda x, x1, x2: f(x > 0, x1, x2) + 0 * x


def reduction(name: str, reference: Callable[..., Any], **options: Any) -> OpCase:
    return OpCase(name, getattr(tl, name), over_axes(reference), reduced(), **options)


def truths(name: str, reference: Callable[..., Any]) -> tuple[OpCase, ...]:
    ours = getattr(tl, name)
    return tuple(
        OpCase(name, ours, reference, reduced(), label, values, differentiable=False)
        for label, values in (("", tied), ("no zeros", anywhere))
    )


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
    OpCase("pow", tl.pow, torch.pow, two_operands(), "", positive, cancels=True),
    OpCase("pow", operator.pow, operator.pow, with_scalar(), "with scalar", positive),
    OpCase("pow", operator.pow, operator.pow, scalar_left(2, 0.75, np.int64(3)), "scalar left"),
    OpCase("pow", tl.pow, torch.pow, scalar_right(0, 1, 2, 3.0, np.int64(-2)), "whole"),
    OpCase("pow", tl.pow, torch.pow, scalar_right(0, 1, 2), "of 0", tied, smooth=False),
    OpCase("pow", operator.pow, operator.pow, scalar_left(0, 0.0), "0 left", positive),
    unary("reciprocal", away_from_zero),
    unary("rsqrt", positive),
    unary("log1p", positive),
    unary("log1p", inside, "inside"),
    unary("log2", positive),
    unary("log10", positive),
    unary("expm1"),
    unary("erf"),
    unary("erf", large, "large", smooth=False),
    unary("sign", tied, smooth=False),
    unary("floor", halves, smooth=False),
    unary("ceil", halves, smooth=False),
    unary("round", halves, smooth=False),
    OpCase(
        "round",
        tl.round,
        lambda x, decimals: torch.round(x, decimals=decimals),
        with_args((2,), (0,), (-1,)),
        "decimals",
        large,
        smooth=False,
    ),
    unary("trunc", halves, smooth=False),
    *division("remainder", operator.mod),
    *division("floor_divide", operator.floordiv, differentiable=False),
    *activation("gelu"),
    OpCase(
        "gelu",
        lambda x: tl.gelu(x, "tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        one_operand(),
        "tanh",
    ),
    *activation("silu"),
    *activation("elu", (0.5,), (2,)),
    *activation("selu"),
    *activation("leaky_relu", (0.2,), (2,)),
    *activation("softplus", (2.0,), (0.5, 1.0)),
    *activation("hardtanh", (-0.5, 1.5)),
    *activation("hardsigmoid", edges=halves, reference=hardsigmoid),
    *activation("hardswish", edges=halves),
    *activation("logsigmoid"),
    unary("tan", inside),
    unary("asin", inside),
    unary("acos", inside),
    unary("atan"),
    unary("sinh"),
    unary("cosh"),
    unary("asinh"),
    unary("acosh", above_one),
    unary("atanh", inside, "inside"),
    OpCase("atan2", tl.atan2, torch.atan2, two_operands(), "", away_from_zero, cancels=True),
    OpCase("atan2", tl.atan2, of_tensors(torch.atan2), with_scalar(), "with scalar"),
    OpCase("atan2", tl.atan2, of_tensors(torch.atan2), with_scalar(left=True), "scalar left"),
    question("isnan", not_finite, one_operand()),
    question("isfinite", not_finite, one_operand()),
    question("isinf", not_finite, one_operand()),
    question("logical_not", tied, one_operand()),
    question("logical_and", tied, two_operands()),
    question("logical_or", tied, two_operands()),
    question("logical_xor", tied, two_operands()),
    OpCase("where", choose(tl.where), choose(torch.where), chosen(), "by sign", cancels=True),
    OpCase(
        "nans_to",
        lambda x, value: tl.nans_to(tl.where(x > 0, x, np.nan), value),
        lambda x, value: torch.where(x > 0, x, value),
        with_args((0,), (1.5,)),
        "value",
        away_from_zero,
    ),
    reduction("sum", torch.sum, cancels=True),
    reduction("mean", torch.mean, cancels=True),
    OpCase("var", tl.var, torch_var, spread()),
    OpCase("std", tl.std, torch_std, spread(eps=True)),
    OpCase("prod", tl.prod, over_each_axis(torch.prod), reduced()),
    OpCase("prod", tl.prod, over_each_axis(torch.prod), reduced(), "zeros", tied),
    *truths("any", torch_truths(torch.any)),
    *truths("all", torch_truths(torch.all)),
    *truths("count_nonzero", torch_count),
    OpCase("cumsum", tl.cumsum, torch.cumsum, along_axis(), cancels=True),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis()),
    OpCase("cumprod", tl.cumprod, torch.cumprod, along_axis(), "zeros", tied),
    OpCase("normalize", tl.normalize, torch_normalize, normalized()),
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
    OpCase("expand_dims", tl.expand_dims, torch.unsqueeze, expanded()),
    OpCase("squeeze", tl.squeeze, torch_squeeze, squeezed()),
    OpCase("flip", tl.flip, torch_flip, flipped()),
    OpCase("roll", tl.roll, torch_roll, rolled()),
    OpCase("tile", tl.tile, torch.tile, tiled(), cancels=True, sizes_in_args=True),
    OpCase("tril", tl.tril, torch.tril, triangular()),
    OpCase("triu", tl.triu, torch.triu, triangular()),
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
    OpCase("concat", concat, torch_concat, joined(along_axis=True)),
    OpCase("stack", stack, torch_stack, joined(along_axis=False)),
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
