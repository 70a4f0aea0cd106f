"""Shape rules of elementwise ops: the operand's shape, or one-sided broadcasting of two."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import (
    UNKNOWN,
    Dim,
    SymbolicDim,
    Truth,
    UnknownDim,
    at_least,
    require_equal,
)
from tensorlib.shapes.dtypes import FLOATS, DtypeRule
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.mending import stretchable
from tensorlib.shapes.registry import Rule, TapeRule, register, rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    UNKNOWN_PACKS,
    Pack,
    Shape,
    format_shape,
    is_unknown,
)

_MISSING = object()


def unchanged(x: Shape) -> Shape:
    """Return the operand's own shape."""
    return x


def broadcast(x1: Shape, x2: Shape) -> Shape:
    """Return the shape of two operands combined elementwise.

    Broadcasting is one-sided: dimensions are aligned from the end, a dimension of 1 or a missing
    one stretches, and the result must have the shape of one of the operands.

    Raises:
        ShapeError: dimensions differ, or both operands would have to be stretched.
    """
    if x1 == x2:
        return x1
    aligned = _Alignment(x1, x2)
    if aligned.stretches_both:
        raise ShapeError(
            f"shapes {format_shape(x1)} and {format_shape(x2)} would both be stretched, "
            f"to {format_shape(aligned.result)}: make it explicit with broadcast_to or "
            "tl.broadcast_arrays(a, b)",
            unproven=not (aligned.stretches_first and aligned.stretches_second),
        )
    return aligned.result


def stretched(x1: Shape, x2: Shape) -> Shape:
    """Return the shape to which two shapes stretch, be it one of them or another.

    Raises:
        ShapeError: dimensions differ and neither is 1.
    """
    return _Alignment(x1, x2).result


def stretches_to(x: Shape, target: Shape) -> bool:
    """Tell whether a shape stretches to another one as far as is known."""
    try:
        return not _Alignment(x, target).stretches_second
    except ShapeError:
        return False


class _Alignment:
    """Two shapes laid over each other from the end, as NumPy does."""

    def __init__(self, x1: Shape, x2: Shape) -> None:
        self.x1, self.x2 = x1, x2
        self.stretches_first = self.stretches_second = False
        # Unless a dimension that is not known is 1.
        self.may_stretch_first = self.may_stretch_second = False
        self.result = x1 if x1 == x2 and not is_unknown(x1) else self._align()

    @property
    def stretches_both(self) -> bool:
        """Whether one is stretched, and so is the other, for all sizes but 1."""
        first = self.stretches_first or self.may_stretch_first
        second = self.stretches_second or self.may_stretch_second
        return first and second and (self.stretches_first or self.stretches_second)

    def _align(self) -> Shape:
        rest1, rest2 = list(self.x1), list(self.x2)
        result: list[Dim | Pack] = []
        while rest1 and rest2:
            if rest1[-1] == rest2[-1] and rest1[-1] not in UNKNOWN_PACKS:
                result.append(rest1.pop())
                rest2.pop()
                continue
            if isinstance(rest1[-1], Pack) or isinstance(rest2[-1], Pack):
                return (*self._align_packs(tuple(rest1), tuple(rest2)), *reversed(result))
            result.append(self._dim(rest1.pop(), rest2.pop(), -len(result) - 1))
        # What one operand has and the other lacks stretches the other, unless it may be nothing.
        if any(item not in UNKNOWN_PACKS for item in rest1):
            self.stretches_second = True
        if any(item not in UNKNOWN_PACKS for item in rest2):
            self.stretches_first = True
        return (*rest1, *rest2, *reversed(result))

    def _align_packs(self, rest1: Shape, rest2: Shape) -> Shape:
        """Combine what is left once a pack is reached on either side."""
        if rest1 == rest2:
            return rest1
        if any(item in UNKNOWN_PACKS for item in (*rest1, *rest2)):
            return (ANY_DIMS if ANY_DIMS in (*rest1, *rest2) else UNKNOWN_DIMS,)
        if all(item == 1 for item in rest1) or all(item == 1 for item in rest2):
            return (UNKNOWN_DIMS,)  # whose number of dimensions is the greater, nothing tells
        raise ShapeError(
            f"{_REQUIREMENT}, got {format_shape(self.x1)} and {format_shape(self.x2)}: "
            f"{format_shape(rest1)} is not {format_shape(rest2)}"
        )

    def _dim(self, d1: Dim | Pack, d2: Dim | Pack, axis: int) -> Dim:
        assert not isinstance(d1, Pack) and not isinstance(d2, Pack)
        if d1 == d2:
            return d1
        if d1 == 1:
            self.may_stretch_first |= isinstance(d2, UnknownDim)
            self.stretches_first |= not isinstance(d2, UnknownDim)
            return d2
        if d2 == 1:
            self.may_stretch_second |= isinstance(d1, UnknownDim)
            self.stretches_second |= not isinstance(d1, UnknownDim)
            return d1
        for unknown, known in ((d1, d2), (d2, d1)):
            if isinstance(unknown, UnknownDim) and _may_stretch(known):
                return unknown
        return require_equal(
            d1,
            d2,
            f"{_REQUIREMENT}, got {format_shape(self.x1)} and {format_shape(self.x2)}: "
            f"{d1} is not {d2} on axis {axis}",
        )


def _may_stretch(dim: Dim) -> bool:
    """Tell whether this is arithmetic that is 1 for some sizes."""
    return isinstance(dim, SymbolicDim) and at_least(dim, 2) is not Truth.ALWAYS


_REQUIREMENT = "shapes must be equal, or one stretch to the other"


def unary(
    name: str,
    dtype: DtypeRule = dtypes.floating,
    *,
    tape: TapeRule = TapeRule.RECORDS,
    operators: tuple[str, ...] = (),
) -> Rule:
    """Register an op of one operand that keeps its shape."""
    return register(Rule(name, unchanged, dtype=dtype, tape=tape, operators=operators))


def binary(
    name: str,
    dtype: DtypeRule = dtypes.promoted,
    *,
    tape: TapeRule = TapeRule.RECORDS,
    operators: tuple[str, ...] = (),
) -> Rule:
    """Register an op of two operands, one of which may stretch to the other."""
    mends = stretchable
    return register(Rule(name, broadcast, dtype=dtype, tape=tape, operators=operators, mends=mends))


neg = unary("neg", dtypes.numeric, operators=("__neg__",))
abs_ = unary("abs", dtypes.same, operators=("__abs__",))
square = unary("square", dtypes.numeric)
relu = unary("relu", dtypes.same)


def limits(x: str, *bounds: str) -> str:
    """Return the dtype of an operand that is limited to an interval.

    Raises:
        DtypeError: it is bool, or a bound is a float where the operand has ints.
    """
    if x not in FLOATS and "scalar float" in bounds:
        raise DtypeError(
            f"the limits of an {x} tensor must be ints, got a float: "
            "convert it with .astype(np.float32)"
        )
    return dtypes.to_number(x)


@rule(dtype=DtypeRule(limits))
def clip(x: Shape, min: Shape | None = None, max: Shape | None = None) -> Shape:
    """Keep the shape, whatever the limits."""
    return x


sqrt = unary("sqrt")
exp = unary("exp")
log = unary("log")
sin = unary("sin")
cos = unary("cos")
tanh = unary("tanh")
sigmoid = unary("sigmoid")

add = binary("add", operators=("__add__", "__radd__"))
subtract = binary("subtract", dtypes.numeric, operators=("__sub__", "__rsub__"))
multiply = binary("multiply", operators=("__mul__", "__rmul__"))
divide = binary("divide", dtypes.floating, operators=("__truediv__", "__rtruediv__"))
minimum = binary("minimum")
maximum = binary("maximum")

equal = binary("equal", dtypes.compared, tape=TapeRule.READS, operators=("__eq__",))
not_equal = binary("not_equal", dtypes.compared, tape=TapeRule.READS, operators=("__ne__",))
less = binary("less", dtypes.compared, tape=TapeRule.READS, operators=("__lt__",))
less_equal = binary("less_equal", dtypes.compared, tape=TapeRule.READS, operators=("__le__",))
greater = binary("greater", dtypes.compared, tape=TapeRule.READS, operators=("__gt__",))
greater_equal = binary("greater_equal", dtypes.compared, tape=TapeRule.READS, operators=("__ge__",))

traced = unary("traced", dtypes.same, tape=TapeRule.NEEDS_NO_TAPE)
trace = unary("trace", dtypes.same, tape=TapeRule.NEEDS_NO_TAPE)
detach = unary("detach", dtypes.same, tape=TapeRule.READS)


@rule(dtype=dtypes.first)
def with_tape_of(x: Shape, other: Shape) -> Shape:
    """Return the shape of x; the other is asked for its tape only."""
    return x


@rule(tape=TapeRule.NEEDS_TAPE, dtype=dtypes.declared)
def backward(x: Shape) -> None:
    """Require a scalar, the only thing that has one gradient."""
    if x == () or any(item in UNKNOWN_PACKS or item is UNKNOWN for item in x):
        return
    raise ShapeError(
        f"expected a scalar, got shape {format_shape(x)}: reduce it first, e.g. with .mean()"
    )


@rule(tape=TapeRule.DECLARED, dtype=dtypes.declared)
def item(x: Shape) -> None:
    """Require one element."""
    dims = [dim for dim in x if not isinstance(dim, Pack)]
    if any(Truth.ALWAYS in (at_least(dim, 2), at_least(0, dim)) for dim in dims):
        raise ShapeError(f"expected one element, got shape {format_shape(x)}")


@rule(tape=TapeRule.NEEDS_TAPE, dtype=dtypes.declared)
def split_tape(x: Shape) -> None:
    """Accept any shape; the signature says the result."""


@rule(tape=TapeRule.NEEDS_NO_TAPE, dtype=dtypes.declared)
def put_tape(x: Shape) -> None:
    """Accept any shape; the signature says the result."""
