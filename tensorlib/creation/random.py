"""Tensors of random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Never

import numpy as np

from tensorlib import recording
from tensorlib.ops.arguments import one_tuple, plain_int, plain_ints
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.ops.sizes import possible
from tensorlib.shapes import creation as rules
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, S, Seed


def generator(rng: Seed) -> np.random.Generator:
    """Return the Generator itself, or a new one from a seed or from fresh entropy."""
    return np.random.default_rng(rng)


def _drawn(rng: Seed, dtype: Any, method: str, *args: Any) -> Array:
    draws = getattr(generator(rng), method)(*args)
    if method == "random" and dtype == np.float16:  # which would round some of them to 1
        draws = np.floor(draws * 2**11) / 2**11
    return np.asarray(draws, dtype)


def _draw(rng: Seed, dtype: Any, method: str, *args: Any) -> Array:
    """Return what a method of a Generator draws; a compiled step draws anew each time."""
    return recording.noted(_drawn)(rng, dtype, method, *args)


def _sizes(shape: Any, rng: Seed, more: Sequence[object], op: str) -> tuple[int, ...]:
    """Return a shape; of two ints, the second may be a seed that was passed by name."""
    return one_tuple(shape, op, more=more, behind=(rng, *more) if more else ())


def rand(shape: S, rng: Seed = None, *more: Never) -> Tensor[S, NoTape, np.float32]:
    """Draw from the uniform distribution on [0, 1).

    Raises:
        ShapeError: a dimension is negative.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.rand((1000,), rng=0)
        >>> x.shape, 0 <= x.min().item() <= x.max().item() < 1
        ((1000,), True)
    """
    dims: Any = possible(rules.rand(_sizes(shape, rng, more, "rand")), "rand")
    return Tensor(_draw(rng, np.float32, "random", dims, np.float32))


def randn(shape: S, rng: Seed = None, *more: Never) -> Tensor[S, NoTape, np.float32]:
    """Draw from the normal distribution of mean 0 and variance 1.

    Raises:
        ShapeError: a dimension is negative.

    Example:
        >>> import tensorlib as tl
        >>> tl.allclose(tl.randn((2, 3), rng=0), tl.randn((2, 3), rng=0))
        True
    """
    dims: Any = possible(rules.randn(_sizes(shape, rng, more, "randn")), "randn")
    return Tensor(_draw(rng, np.float32, "standard_normal", dims, np.float32))


def uniform(
    shape: S, low: float = 0.0, high: float = 1.0, rng: Seed = None
) -> Tensor[S, NoTape, np.float32]:
    """Draw from the uniform distribution between low and high; rounding may give high itself.

    Raises:
        ShapeError: a dimension is negative.
        ValueError: high is below low.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.uniform((1000,), -2, 3, rng=0)
        >>> -2 <= x.min().item() < -1, 2 < x.max().item() <= 3
        (True, True)
    """
    dims: Any = possible(rules.uniform(plain_ints(shape, "uniform")), "uniform")
    return Tensor(_draw(rng, np.float32, "uniform", low, high, dims))


def normal(
    shape: S, mean: float = 0.0, std: float = 1.0, rng: Seed = None
) -> Tensor[S, NoTape, np.float32]:
    """Draw from the normal distribution of a mean and a standard deviation.

    Raises:
        ShapeError: a dimension is negative.
        ValueError: the standard deviation is negative.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.normal((10_000,), mean=5, std=0.1, rng=0)
        >>> round(x.mean().item(), 1), round(x.std().item(), 1)
        (5.0, 0.1)
    """
    dims: Any = possible(rules.normal(plain_ints(shape, "normal")), "normal")
    return Tensor(_draw(rng, np.float32, "normal", mean, std, dims))


def randint(shape: S, low: int, high: int, rng: Seed = None) -> Tensor[S, NoTape, np.int64]:
    """Draw ints from low up to, but not including, high, all of them equally likely.

    Raises:
        ShapeError: a dimension is negative.
        ValueError: there is no int to choose from.

    Example:
        >>> import tensorlib as tl
        >>> tl.randint((1000,), 3, 6, rng=0).unique().tolist()
        [3, 4, 5]
    """
    dims: Any = possible(rules.randint(plain_ints(shape, "randint")), "randint")
    if not low < high:
        raise ValueError(f"randint: low must be below high, got {low} and {high}")
    return Tensor(_draw(rng, np.int64, "integers", low, high, dims, np.int64))


def permutation(n: int, rng: Seed = None) -> Tensor[Dims, NoTape, np.int64]:
    """Return the ints from 0 to n - 1 in random order.

    Shape: ``(n,)``

    Raises:
        ShapeError: n is negative.

    Example:
        >>> import tensorlib as tl
        >>> tl.permutation(4, rng=0).sort().tolist()
        [0, 1, 2, 3]
    """
    possible(rules.permutation(plain_int(n, "permutation", "n")), "permutation")
    return Tensor(_draw(rng, np.int64, "permutation", np.arange(n, dtype=np.int64)))


def rand_like(x: Tensor[S, Any, D], rng: Seed = None) -> Tensor[S, NoTape, D]:
    """Draw from the uniform distribution on [0, 1), with the shape and dtype of x.

    Only reads: x keeps its tape.

    Raises:
        DtypeError: x is not floating point.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.rand_like(tl.zeros((2, 3), np.float64), rng=0).dtype
        dtype('float64')
    """
    _require_floating(x, rules.rand_like)
    return Tensor(_draw(rng, x.dtype, "random", x.shape, _drawn_dtype(x)))


def randn_like(x: Tensor[S, Any, D], rng: Seed = None) -> Tensor[S, NoTape, D]:
    """Draw from the normal distribution of mean 0 and variance 1, with the shape and dtype of x.

    Only reads: x keeps its tape.

    Raises:
        DtypeError: x is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> tl.randn_like(tl.zeros((2, 3)), rng=0).shape
        (2, 3)
    """
    _require_floating(x, rules.randn_like)
    return Tensor(_draw(rng, x.dtype, "standard_normal", x.shape, _drawn_dtype(x)))


def _require_floating(x: Any, rule: Rule) -> None:
    if not isinstance(x, Tensor):
        raise not_a_tensor(x, rule.name)
    rule.operand_dtype(x.dtype.name)


def _drawn_dtype(x: Tensor[Any, Any, Any]) -> Any:
    """Return the dtype to draw in: a Generator knows two."""
    return np.float64 if x.dtype == np.float64 else np.float32
