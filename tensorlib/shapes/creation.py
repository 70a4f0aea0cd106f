"""Shape rules of functions that make tensors from a shape."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import UNKNOWN, Dim, Truth, at_least
from tensorlib.shapes.elementwise import unchanged
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.registry import Rule, TapeRule, register, rule
from tensorlib.shapes.shape import Data, Pack, Shape, Sizes, format_shape


def created(shape: Sizes) -> Shape:
    """Return the shape asked for.

    Raises:
        ShapeError: a dimension is negative, for some sizes at least.
    """
    for dim in shape:
        enough = Truth.ALWAYS if isinstance(dim, Pack) else at_least(dim, 0)
        if enough in (Truth.NEVER, Truth.SOMETIMES):
            problem = f"dimensions must not be negative, got {format_shape(shape)}"
            if enough is Truth.NEVER:
                raise ShapeError(problem)
            raise ShapeError(f"{problem}: {dim} may be, declare a size that suffices")
    return shape


def creation(name: str) -> Rule:
    """Register a function that makes a tensor of a given shape."""
    return register(Rule(name, created, dtype=dtypes.declared, tape=TapeRule.DECLARED))


zeros = creation("zeros")
ones = creation("ones")
full = creation("full")
rand = creation("rand")
randn = creation("randn")
uniform = creation("uniform")
normal = creation("normal")
randint = creation("randint")


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def permutation(n: Dim) -> Shape:
    """Return the shape of n numbers.

    Raises:
        ShapeError: n is negative.
    """
    return created((n,))


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def tensor(data: Data) -> Shape:
    """Return the data's own shape."""
    return data


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def from_numpy(array: Data) -> Shape:
    """Return the array's own shape."""
    return array


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def from_dlpack(x: Data) -> Shape:
    """Return the array's own shape."""
    return x


# Like another tensor ------------------------------------------------------------------------------


def likeness(name: str, dtype: dtypes.DtypeRule = dtypes.declared) -> Rule:
    """Register a function that makes a tensor of another one's shape."""
    return register(Rule(name, unchanged, dtype=dtype, tape=TapeRule.READS))


zeros_like = likeness("zeros_like")
ones_like = likeness("ones_like")
full_like = likeness("full_like")
rand_like = likeness("rand_like", dtypes.floats_only)
randn_like = likeness("randn_like", dtypes.floats_only)


# From numbers -------------------------------------------------------------------------------------


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def eye(n: Dim, m: Dim | None = None) -> Shape:
    """Return the shape of a matrix, square unless the number of columns is given.

    Raises:
        ShapeError: a dimension is negative.
    """
    return created((n, n if m is None else m))


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def arange(start: Dim, stop: Dim | None = None, step: Dim = 1) -> Shape:
    """Return the shape of the numbers from start up to, but not including, stop.

    Raises:
        ShapeError: the step is 0.
    """
    if isinstance(step, int) and step == 0:
        raise ShapeError("the step must not be 0")
    low, high = (0, start) if stop is None else (start, stop)
    if at_least(step, 1) is Truth.ALWAYS:
        return (_steps(high - low, step),)
    if at_least(-1, step) is Truth.ALWAYS:
        return (_steps(low - high, -step),)
    return (UNKNOWN,)


def _steps(span: Dim, step: Dim) -> Dim:
    """Return how many steps begin within a span, as far as that is known."""
    rounded_up = span + step - 1
    if at_least(rounded_up, 0) is Truth.ALWAYS:
        return rounded_up // step
    return 0 if at_least(0, span) is Truth.ALWAYS else UNKNOWN


@rule(dtype=dtypes.declared, tape=TapeRule.DECLARED)
def linspace(num: Dim) -> Shape:
    """Return the shape of so many numbers.

    Raises:
        ShapeError: their number is negative.
    """
    return created((num,))
