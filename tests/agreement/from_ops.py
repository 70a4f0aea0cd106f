"""Programs of one call, from the table of ops: each row by itself, concrete or symbolic."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.agreement.program import Operand, Peer, Program
from tests.agreement.writing import UnwritableError, call_of, written
from tests.batch_cases import COMPARISONS
from tests.op_cases import CASES
from tests.op_cases.case import Array, Bools, Call, Ints, OpCase

DRAWN = 15
"""How many calls Hypothesis draws at once."""
SEEDS = 2
"""How often it does so for a row."""
SYMBOLS = ("N", "M", "K", "N + 1", "2*N", "M + 2", "N*M", "3")


@cache
def _calls(place: int, number: int) -> list[Call]:
    found: list[Call] = []

    @settings(
        max_examples=DRAWN,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @seed(number)
    @given(CASES[place].calls)
    def draw(call: Call) -> None:
        found.append(call)

    draw()
    return found


def _is_written(row: OpCase, call: Call) -> bool:
    try:
        _call_text(row, call)
    except (UnwritableError, TypeError, ValueError):
        return False
    return True


def _names(call: Call) -> list[str]:
    """Return names of tensors, and what else stands in their places."""
    return [
        f"x{place}" if isinstance(each, tuple | Ints | Bools) else written(each)
        for place, each in enumerate(call.operands)
    ]


def _call_text(row: OpCase, call: Call) -> str:
    return call_of(row.ours, _names(call), call.args)


ROWS: tuple[int, ...] = tuple(
    place
    for place, row in enumerate(CASES)
    if _is_written(row, _calls(place, 0)[-1])
    and not (row.op in ("equal", "not_equal") and row.label == "scalar left")
)
"""The rows whose calls have a text, but for a scalar on the left of ``==``.

Python asks the scalar first, whose answer is a bool to mypy.
"""


def program_of_row(place: int, rng: random.Random) -> Program:
    """Draw a call of a row."""
    row = CASES[place]
    call = rng.choice(_calls(place, rng.randrange(SEEDS)))
    while _compares_from_left(row, call):
        call = rng.choice(_calls(place, rng.randrange(SEEDS)))
    dims = _renaming(rng) if rng.random() < 0.4 else str
    operands = [
        _operand(name, each, row, dims)
        for name, each in zip(_names(call), call.operands, strict=True)
        if isinstance(each, tuple | Ints | Bools)
    ]
    text = _call_text(row, call)
    if rng.random() < 0.3:
        operands = [_traced(each, rng) for each in operands]
    return Program(
        str(row),
        tuple(operands),
        (f"r = {text}",),
        peer=_peer(row, call),
        has_slopes=row.differentiable,
    )


def _compares_from_left(row: OpCase, call: Call) -> bool:
    """Tell whether a scalar of NumPy's stands on the left of a comparison.

    mypy takes NumPy's word for it that the result is an array: see "Where mypy gives no hook" in
    `docs/shapes.md`.
    """
    return row.op in COMPARISONS and isinstance(call.operands[0], np.generic)


def _traced(operand: Operand, rng: random.Random) -> Operand:
    if not operand.dtype.startswith("float") or rng.random() < 0.3:
        return operand
    return Operand(operand.name, operand.dims, operand.dtype, True, operand.values, operand.bounds)


def _renaming(rng: random.Random) -> Callable[[int], str]:
    """Return what gives sizes names, to equal sizes the same."""
    names: dict[int, str] = {}

    def renamed(size: int) -> str:
        if size not in names:
            names[size] = rng.choice(SYMBOLS) if size > 1 and rng.random() < 0.7 else str(size)
        return names[size]

    return renamed


def _operand(name: str, drawn: Any, row: OpCase, dims: Callable[[int], str]) -> Operand:
    shape = drawn if isinstance(drawn, tuple) else drawn.shape
    named = tuple(map(dims, shape))
    if isinstance(drawn, Bools):
        return Operand(name, named, "bool")
    if isinstance(drawn, Ints):
        kept = named == tuple(map(str, shape)) and dims is str
        return Operand(name, named, "int64", bounds=(drawn.low, drawn.high) if kept else (0, 1))
    return Operand(name, named, values=row.values)


def _peer(row: OpCase, call: Call) -> Peer:
    def peer(arrays: Sequence[Array]) -> Any:
        tensors = iter(arrays)
        given: list[Any] = [
            _torch(next(tensors)) if isinstance(each, tuple | Ints | Bools) else float(each)
            for each in call.operands
        ]
        return row.reference(*given, *call.args)

    return peer


def _torch(array: Any) -> torch.Tensor:
    if isinstance(array, torch.Tensor):
        return array
    return torch.tensor(array.astype("float64") if array.dtype.kind == "f" else array)
