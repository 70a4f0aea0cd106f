"""Several elementwise functions as one kernel: one pass over memory, whatever their number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from tensorlib.kernels import numeric
from tensorlib.kernels.building import FLOATS, Function, exact
from tensorlib.kernels.terms import Term, Trace, UntracedError
from tensorlib.ops import kernels, memory
from tensorlib.tape import Array

_KNOWN = {"exp": numeric.exp, "log": numeric.log, "tanh": numeric.tanh, "sqrt": math.sqrt}
_PIECE = 512
"""How many elements go through all loops before the next."""
_COSTLY = re.compile(r"\b(?:exp|log|tanh)\(")
_VARIABLE = re.compile(r"\bt\d+\b")
_LOAD = re.compile(r" = x\d+(?:\[i\])?$")

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
    ones = [is_one for _, is_one in given]
    kernel = _compiled(trace, ones, results)
    return Chain(kernel, ones, len(wanted), shape, dtype, otherwise)


def _compiled(trace: Trace, ones: Sequence[bool], results: Sequence[Term]) -> Function:
    """Compile the loops over what was traced.

    The processor has registers for one function such as `exp` at a time: each has a loop of its
    own, over so few elements that what one loop leaves for the next stays in the fastest cache.
    """
    inputs = [f"x{place}" for place in range(len(ones))]
    outputs = [f"y{place}" for place in range(len(results))]
    wanted: dict[str, list[str]] = {}
    for y, term in zip(outputs, results, strict=True):
        wanted.setdefault(term.text, []).append(y)
    vectors = [*(x for x, is_one in zip(inputs, ones, strict=True) if not is_one), *outputs]
    loops, kept = _loops(trace.lines, wanted)
    lines = [f"def chain({', '.join((*inputs, *outputs))}):"]
    lines += [f"    all_{name} = {name}" for name in vectors]
    lines += [f"    b{name} = np.empty({_PIECE}, dtype)" for name in kept]
    lines += [f"    for start in range(0, all_y0.size, {_PIECE}):"]
    lines += [f"        {name} = all_{name}[start : start + {_PIECE}]" for name in vectors]
    for loop in loops:
        lines.append("        for i in range(y0.size):")
        lines += [f"            {line}" for line in loop]
    namespace: dict[str, Any] = {**_KNOWN, **trace.constants, "np": np, "dtype": trace.dtype}
    exec("\n".join(lines) + "\n", namespace)
    uses = ["0 scalar" if is_one else "1 in" for is_one in ones] + ["1 out"] * len(results)
    return exact(namespace["chain"], uses, trace.dtype)


def _loops(
    lines: Sequence[str], wanted: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], list[str]]:
    """Split assignments into loops with one costly function each.

    Args:
        lines: the assignments.
        wanted: the arrays to write variables to.

    Returns:
        The lines of each loop, and the variables that one leaves for another.
    """
    place_of: dict[str, int] = {}
    loops: list[list[str]] = [[]]
    is_full = False
    for line in lines:
        is_costly = _COSTLY.search(line) is not None
        if is_costly and is_full:
            loops.append([])
        is_full = is_full or is_costly
        loops[-1].append(line)
        place_of[line.partition(" = ")[0]] = len(loops) - 1
    loads = {line.partition(" = ")[0]: line for line in lines if _LOAD.search(line)}
    kept: dict[str, None] = {}
    for place, loop in enumerate(loops):
        before: dict[str, str] = {}
        for name in _VARIABLE.findall("\n".join(line.partition(" = ")[2] for line in loop)):
            if place_of[name] < place:
                before[name] = loads.get(name, f"{name} = b{name}[i]")
        kept.update(dict.fromkeys(name for name in before if name not in loads))
        loop[:0] = before.values()
    for place, loop in enumerate(loops):
        made = [name for name, its in place_of.items() if its == place]
        loop += [f"b{name}[i] = {name}" for name in made if name in kept]
        loop += [f"{y}[i] = {name}" for name in made for y in wanted.get(name, ())]
    return loops, [*kept]


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
