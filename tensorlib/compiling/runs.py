"""Runs of elementwise calls, gone through one block of elements after another.

What one call of a run hands to the next stays in the cache, and is never as long as the whole.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tensorlib.compiling.call import Call, Form, Kind, function_of, stem
from tensorlib.ops import kernels, memory
from tensorlib.ops.blocks import BLOCK
from tensorlib.tape import Array

LEAST = 2 * BLOCK
"""How many elements a result must have for a run to pay."""


def in_runs(
    calls: Sequence[Call],
    forms: Mapping[str, Form],
    wanted: Collection[str],
    constants: Mapping[str, Any],
) -> list[Call]:
    """Return calls that do the same, with elementwise ones put together where order allows.

    A call without an effect may move: before a run if it needs nothing of it, else behind.

    Args:
        calls: what is called, in order.
        forms: the shapes and dtypes of the arrays in their arguments and results.
        wanted: the variables that are needed at the end.
        constants: the values of other expressions.
    """
    result: list[Call] = []
    rest = list(calls)
    while rest:
        before, run, rest = _first_run(rest, forms)
        result += before
        if len(run) > 1:
            needed = {*wanted, *(name for call in rest for name in call.variables)}
            result.append(_as_one(run, forms, needed, constants))
        else:
            result += run
    return result


def _first_run(
    calls: Sequence[Call], forms: Mapping[str, Form]
) -> tuple[list[Call], list[Call], list[Call]]:
    """Split calls into what goes before a run, the run, and what goes behind it."""
    before: list[Call] = []
    run: list[Call] = []
    behind: list[Call] = []
    of_run: set[str] = set()
    late: set[str] = set()
    for place, call in enumerate(calls):
        if call.kind is Kind.EFFECT and run:
            return before, run, behind + list(calls[place:])
        uses = call.variables
        fits = _is_elementwise(call, forms) and (
            not run or forms[call.names[0]].shape == forms[run[0].names[0]].shape
        )
        if fits and late.isdisjoint(uses):
            run.append(call)
            of_run.update(call.names)
        elif of_run.isdisjoint(uses) and late.isdisjoint(uses):
            before.append(call)
        else:
            behind.append(call)
            late.update(call.names)
    return before, run, behind


def _is_elementwise(call: Call, forms: Mapping[str, Form]) -> bool:
    """Tell whether a call can be made block by block."""
    if call.kind is not Kind.ELEMENTWISE or call.unpacks:
        return False
    result = forms.get(call.names[0])
    return (
        result is not None
        and result.size >= LEAST
        and result.is_plain  # as that of the run, which sums depend on in their last bits
        and all(
            form is None or form.size == 1 or form.shape == result.shape
            for form in map(forms.get, call.uses)
        )
    )


def _as_one(
    run: Sequence[Call],
    forms: Mapping[str, Form],
    needed: Collection[str],
    constants: Mapping[str, Any],
) -> Call:
    """Return one call that does what a run does."""
    made = [call.names[0] for call in run]
    kept = [name for name in made if name in needed]
    given = list(dict.fromkeys(use for call in run for use in call.arguments))
    arrays = [use for use in given if use in forms and use not in made]
    scalars = [use for use in given if use not in forms]
    local = {use: f"x{place}" for place, use in enumerate(arrays)}
    local |= {name: f"y{place}" for place, name in enumerate(made)}
    local |= {use: use if use.isidentifier() else f"({use})" for use in scalars}
    parameters = [f"x{place}" for place in range(len(arrays))]
    outer = [use for use in scalars if use.isidentifier() and use not in ("None", "True", "False")]
    shape = forms[made[0]].shape
    names: dict[str, Any] = {"flat": _flat, "empty": memory.empty, "BLOCK": BLOCK, "shape": shape}
    lines = [f"def run({', '.join([*parameters, *outer])}):", f"    size = {forms[made[0]].size}"]
    lines += [f"    {x} = flat({x}, size)" for x in parameters]
    for name in kept:
        names[f"dtype_{local[name]}"] = forms[name].dtype
        lines.append(f"    {local[name]}_all = empty((size,), dtype_{local[name]})")
    lines += [
        # The last block takes the rest: what computes a whole array computes its blocks as well.
        "    for start in range(0, size - BLOCK + 1, BLOCK):",
        "        block = slice(start, start + BLOCK if start + 2 * BLOCK <= size else size)",
    ]
    for place, call in enumerate(run):
        called = f"{stem(call.name)}_{place}"
        names[called] = call.function
        given_to = [f"{local[a]}[block]" if a in arrays else local[a] for a in call.arguments]
        lines.append(f"        {local[made[place]]} = {called}({', '.join(given_to)})")
        if made[place] in kept:
            y = local[made[place]]
            lines.append(f"        {y}_all[block] = {y}")
    results = [f"{local[name]}_all.reshape(shape)" for name in kept]
    lines.append(f"    return {', '.join(results) or 'None'}")
    function = function_of("run", "\n".join(lines) + "\n", names)
    chain = None
    if kept and all(use in constants for use in outer):
        others = [constants[use] for use in outer]
        chain = _as_chain(run, forms, constants, arrays, kept, lambda *x: function(*x, *others))
    return Call(
        chain or function,
        f"run_of_{len(run)}",
        (*arrays, *outer) if chain is None else (*arrays,),
        (*kept,) or ("_",),
        len(kept) > 1,
        frozenset(arrays),
        Kind.PURE,
    )


def _as_chain(
    run: Sequence[Call],
    forms: Mapping[str, Form],
    constants: Mapping[str, Any],
    arrays: Sequence[str],
    kept: Sequence[str],
    otherwise: Callable[..., Any],
) -> Callable[..., Any] | None:
    """Return the kernel that does what a run does, if kernels are used and there can be one."""
    shape, dtype = forms[kept[0]].shape, forms[kept[0]].dtype
    made = [call.names[0] for call in run]
    if not kernels.on or any(forms[name].dtype != dtype for name in (*arrays, *made)):
        return None
    chained = kernels.find("chains.chained")

    def operand(use: str) -> tuple[str | None, Any]:
        if use in forms:
            return use, None
        return None, constants[use] if use in constants else ast.literal_eval(use)

    try:
        steps = [(c.function, [*map(operand, c.arguments)], c.names[0]) for c in run]
    except (ValueError, SyntaxError):  # made of variables
        return None
    given = [(name, forms[name].is_one) for name in arrays]
    found = chained(steps, given, kept, shape, dtype, otherwise)
    return None if found is NotImplemented else found


def _flat(x: Array, size: int) -> Array:
    """Return an array as a vector; one number stands for that number everywhere."""
    if x.size == 1 or not any(x.strides):
        return np.broadcast_to(x[(slice(1),) * x.ndim].reshape(1), size)
    return x.reshape(-1)
