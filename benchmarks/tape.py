"""What tensorlib adds to a call of NumPy, with a tape and without, and its backward pass."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import tensorlib as tl
from benchmarks.program import Array
from tensorlib import Tape, Tensor

LENGTH = 500
"""Ops in a chain that is timed as one."""

Op: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class OpCost:
    """Nanoseconds for one op: medians of some rounds.

    Attributes:
        numpy: NumPy's call.
        plain: tensorlib's, without a tape.
        recorded: with one.
        backward: its part of the backward pass.
        beyond: what recording takes beyond NumPy's call, round by round.
    """

    op: str
    numpy: float
    plain: float
    recorded: float
    backward: float
    beyond: float

    def __str__(self) -> str:
        each_second = 1e9 / (self.recorded + self.backward)
        return (
            f"{self.op:<14} numpy {self.numpy:>6.0f}, without a tape {self.plain:>6.0f}, "
            f"recorded {self.recorded:>6.0f} ({self.beyond:+.0f}), backward {self.backward:>6.0f}: "
            f"{each_second:,.0f} ops per second"
        )


def op_costs(rounds: int) -> list[OpCost]:
    """Measure an addition, a function, and a matrix product."""
    vector = np.ones(16, np.float32)
    matrix = np.eye(16, dtype=np.float32)
    tensor, square = tl.from_numpy(vector), tl.from_numpy(matrix)
    return [
        _cost("x + y", rounds, vector, lambda x: x + vector, lambda x: x + tensor),
        _cost("tanh(x)", rounds, vector, np.tanh, lambda x: x.tanh()),
        _cost("x @ y, 16x16", rounds, matrix, lambda x: x @ matrix, lambda x: x @ square),
    ]


def _cost(name: str, rounds: int, start: Array, of_numpy: Op, of_tensorlib: Op) -> OpCost:
    x = tl.from_numpy(start)
    times: dict[str, list[float]] = {
        "numpy": [], "plain": [], "recorded": [], "backward": [], "beyond": []
    }  # fmt: skip
    for _ in range(10 * rounds):
        numpy, _ = _chain(of_numpy, start)
        plain, _ = _chain(of_tensorlib, x)
        recorded, end = _chain(of_tensorlib, x.traced())
        times["numpy"].append(numpy)
        times["plain"].append(plain)
        times["recorded"].append(recorded)
        times["backward"].append(_backward(end.sum()))
        times["beyond"].append(recorded - numpy)
    return OpCost(name, **{part: statistics.median(values) for part, values in times.items()})


def _chain(op: Op, x: Any) -> tuple[float, Any]:
    """Return the nanoseconds of one op in a chain, and the end of that."""
    clock = time.process_time_ns
    start = clock()
    for _ in range(LENGTH):
        x = op(x)
    return (clock() - start) / LENGTH, x


def _backward(loss: Tensor[tuple[()], Tape]) -> float:
    start = time.process_time_ns()
    loss.backward()
    return (time.process_time_ns() - start) / LENGTH
