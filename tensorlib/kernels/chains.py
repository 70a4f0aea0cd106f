"""Several elementwise functions as one kernel: one pass over memory, whatever their number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from tensorlib.kernels import numeric
from tensorlib.kernels.building import FLOATS, Function, exact
from tensorlib.kernels.terms import Term, Trace, UntracedError
from tensorlib.ops import kernels, memory
from tensorlib.tape import Array

_KNOWN = {"exp": numeric.exp, "log": numeric.log, "tanh": numeric.tanh, "sqrt": math.sqrt}


Operand: TypeAlias = tuple[str | None, Any]
"""The name of what is given or was computed before, or None and a value."""
Step: TypeAlias = tuple[Callable[..., Any], Sequence[Operand], str]
"""A function that makes each element of those at its place, its operands, the result's name."""


def chained(
    steps: Sequence[Step],
    given: Sequence[tuple[str, bool]],
    wanted: Sequence[str],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    otherwise: Callable[..., Any],
) -> Any:
    """Return one function for several, or NotImplemented if no kernel can do what they do.

    Args:
        steps: what is computed, in order.
        given: the names of the arrays that it takes, in order, and whether each has but one element
            for all places.
        wanted: the names of the results that it returns.
        shape: that of the results.
        dtype: that of all arrays.
        otherwise: does the same without a kernel.
    """
    if dtype not in FLOATS:
        return NotImplemented
    trace = Trace(dtype)
    loads = [f"x{place}" if is_one else f"x{place}[i]" for place, (_, is_one) in enumerate(given)]
    terms = {name: trace.noted(load) for (name, _), load in zip(given, loads, strict=True)}
    try:
        for function, operands, made in steps:
            found = [value if name is None else terms[name] for name, value in operands]
            terms[made] = trace.of(function, found)
    except UntracedError:
        return NotImplemented
    results = [terms[name] for name in wanted]
    kernel = _compiled(trace, [is_one for _, is_one in given], results)
    return Chain(kernel, [is_one for _, is_one in given], len(wanted), shape, dtype, otherwise)


def _compiled(trace: Trace, ones: Sequence[bool], results: Sequence[Term]) -> Function:
    """Compile the loop over what was traced."""
    inputs = [f"x{place}" for place in range(len(ones))]
    outputs = [f"y{place}" for place in range(len(results))]
    lines = [f"def chain({', '.join((*inputs, *outputs))}):", "    for i in range(y0.size):"]
    lines += [f"        {line}" for line in trace.lines]
    lines += [f"        {y}[i] = {t.text}" for y, t in zip(outputs, results, strict=True)]
    namespace: dict[str, Any] = {**_KNOWN, **trace.constants}
    exec("\n".join(lines) + "\n", namespace)
    uses = ["0 scalar" if is_one else "1 in" for is_one in ones] + ["1 out"] * len(results)
    return exact(namespace["chain"], uses, trace.dtype)


class Chain:
    """Takes arrays, and returns what a kernel makes of them."""

    def __init__(
        self,
        kernel: Function,
        ones: Sequence[bool],
        results: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        otherwise: Callable[..., Any],
    ) -> None:
        self._kernel = kernel
        self._ones = ones
        self._results = range(results)
        self._shape = shape
        self._size = math.prod(shape)
        self._dtype = dtype
        self._otherwise = otherwise

    def __call__(self, *arrays: Array) -> Any:
        """Compute the results; without the kernel where kernels are off by now."""
        if not kernels.on:
            return self._otherwise(*arrays)
        taken: list[Any] = []
        for x, is_one in zip(arrays, self._ones, strict=True):
            if not is_one:
                taken.append(np.ascontiguousarray(x).reshape(-1))
            elif x.size == 1 or not any(x.strides):
                taken.append(x[(0,) * x.ndim])
            else:  # another layout than when this was written down
                return self._otherwise(*arrays)
        made = [memory.empty((self._size,), self._dtype) for _ in self._results]
        self._kernel(*taken, *made)
        results = [each.reshape(self._shape) for each in made]
        return results[0] if len(results) == 1 else tuple(results)
