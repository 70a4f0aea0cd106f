"""Programs from the cases of `tests.batch_cases`, which know the shapes of their results.

A case becomes a call of symbolic operands, or of concrete ones, or a function of its own whose
signature says what the case does, and which is called.
"""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib import nn
from tests.agreement.program import CHECKED, OWN, Operand, Program, annotation, sizes_of, symbols_in
from tests.batch_cases import CASES as OF_BATCHES
from tests.batch_cases import Case
from tests.op_cases.case import Array, Shape

CASES = (
    *OF_BATCHES,
    Case("Reshape", "x: N, 4, 6", "nn.Reshape((3, 8))(x)", "N, 3, 8"),
    Case("Reshape", "x: N, 12", "nn.Reshape((2, -1))(x)", "N, 2, 6"),
)
"""What has batch dimensions, and what has not but is in no table of ops either."""
TWO_LABELS = ("cosine_embedding_loss",)
"""What takes 1 and -1 for the ints, and no 0."""


def program_of_case(place: int, rng: random.Random) -> Program:
    """Draw a program of a case."""
    case = CASES[place]
    drawn = rng.random()
    if drawn < 0.3:
        return _symbolic(case, rng)
    if drawn < 0.6:
        return _called(case, rng)
    return _concrete(case, rng)


def _inside(rng: np.random.Generator, shape: Shape) -> Array:
    """Fill a shape with what every op can do with."""
    return np.asarray(rng.uniform(0.1, 0.9, shape))


def operands_of(case: Case) -> tuple[Operand, ...]:
    """Return its operands, as they are declared there."""
    bounds = (1, 2) if case.name in TWO_LABELS else (0, 1)
    found = []
    for text in case.operands.split("; "):
        name, _, declared = text.partition(": ")
        dims, dtype = _declared(declared)
        found.append(Operand(name, dims, dtype, values=_inside, bounds=bounds))
    return tuple(found)


def _declared(text: str) -> tuple[tuple[str, ...], str]:
    found = re.fullmatch(r"\s*(?P<dims>.*?)\s*(?P<dtype>\b(int64|bool))?\s*", text)
    assert found is not None
    dims = () if found["dims"] in ("", "()") else tuple(found["dims"].split(", "))
    return dims, found["dtype"] or "float32"


def _symbolic(case: Case, rng: random.Random) -> Program:
    operands = operands_of(case)
    if rng.random() < 0.3:
        operands = _taped(operands)
    return Program(case.name, operands, (f"r = {case.call}",))


def _taped(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    return tuple(
        Operand(each.name, each.dims, each.dtype, each.dtype == "float32", _inside, each.bounds)
        for each in operands
    )


def _instance(operands: tuple[Operand, ...], rng: random.Random) -> tuple[Operand, ...]:
    """Give the type variables sizes, some of them other names."""
    symbols = symbols_in(dim for each in operands for dim in each.dims)
    sizes: dict[str, Any] = {symbol: rng.choice((1, 2, 3, 4, 5)) for symbol in symbols}
    sizes["Batch"] = rng.choice(((), (2,), (3, 2)))
    kept = rng.choice(symbols) if symbols and rng.random() < 0.3 else ""

    def instance(dim: str) -> tuple[str, ...]:
        if kept and kept in symbols_in([dim]):
            if dim in (kept, f"*{kept}"):
                return (dim,)
            others = {name: size for name, size in sizes.items() if name != kept}
            return (re.sub(r"[A-Z]\w*", lambda m: str(others.get(m[0], m[0])), dim),)
        return tuple(map(str, sizes_of([dim], sizes)))

    return tuple(
        Operand(
            each.name,
            tuple(new for dim in each.dims for new in instance(dim)),
            each.dtype, each.owns_tape, each.values, each.bounds,
        )
        for each in operands
    )  # fmt: skip


def _concrete(case: Case, rng: random.Random) -> Program:
    operands = operands_of(case)
    if rng.random() < 0.3:
        operands = _taped(operands)
    return Program(case.name, _instance(operands, rng), (f"r = {case.call}",))


@cache
def _keeps_tape(case: Case) -> bool:
    """Tell whether the results own the tape of the first operand."""
    sizes: dict[str, Any] = dict.fromkeys("NMKCHW", 3)
    sizes["Batch"] = (2,)
    rng = np.random.default_rng(0)
    names: dict[str, Any] = {"tl": tl, "nn": nn, "np": np}
    first, *_ = operands_of(case)
    for operand in operands_of(case):
        names[operand.name] = tl.tensor(operand.filled(operand.sizes(sizes), rng))
    if first.dtype != "float32":
        return False
    names[first.name] = names[first.name].traced()
    try:
        result = eval(case.call, names)
    except tl.TensorlibError:
        return False
    return all(each.owns_tape for each in (result if isinstance(result, tuple) else (result,)))


def _called(case: Case, rng: random.Random) -> Program:
    """Make a function of the case, and call it."""
    operands = operands_of(case)
    keeps = _keeps_tape(case)
    first = operands[0]
    tapes = {each.name: "T" if keeps and each is first else "NoTape" for each in operands}
    parameters = ", ".join(
        f"{each.name}: {annotation(each.dims, tapes[each.name], each.dtype)}" for each in operands
    )
    results = [_declared(each) for each in case.result.split(";")]
    types = [
        annotation(dims, "T" if keeps and dtype == "float32" else "NoTape", dtype)
        for dims, dtype in results
    ]
    returned = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    definition = f"{CHECKED}\ndef {OWN}({parameters}) -> {returned}:\n    return {case.call}"
    given = _instance(operands, rng)
    if keeps and rng.random() < 0.4:
        given = (_taped(given[:1])[0], *given[1:])
    names = ", ".join(each.name for each in given)
    return Program(f"def {case.name}", given, (f"r = {OWN}({names})",), (definition,))
