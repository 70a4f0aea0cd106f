"""Whether two programs compute the same: what disagrees is not timed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.program import Array, Program, Readings, gradient_of

STEPS = 3
RESULTS = 1e-4
"""How far a loss or a gradient may be off, relative to the largest element of the reference."""
MOVEMENT = 0.01
"""How far the way that a parameter has gone in some steps may be off, relative to its length."""
NOISE = 1e-3
"""Gradients below this share of the largest are rounding errors to some, which Adam blows up."""


def history(program: Program) -> list[Readings]:
    """Return what a program reads before and after some steps."""
    readings = [program.read()]
    if program.step is not None:
        for _ in range(STEPS):
            program.step()
        readings.append(program.read())
    return readings


def disagreements(found: list[Readings], wanted: list[Readings]) -> list[str]:
    """Return what differs between two histories, each in a few words.

    Args:
        found: the history of the program in question.
        wanted: that of the reference.
    """
    return [*_differing(found, wanted)]


def _differing(found: list[Readings], wanted: list[Readings]) -> Iterator[str]:
    for place, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
        when = f" after {STEPS} steps" if place else ""
        if set(mine.results) != set(theirs.results):
            yield f"other results{when}: {sorted(set(mine.results) ^ set(theirs.results))}"
            continue
        for name, array in theirs.results.items():
            off = _distance(mine.results[name], array)
            if not off <= RESULTS * (10 if place else 1):
                yield f"{name}{when} is off by {off:.1e} of its largest element"
    for name in wanted[0].parameters if len(wanted) > 1 else ():
        off = _strayed(name, found, wanted)
        if not off <= MOVEMENT:
            yield f"{name} moved otherwise, by {off:.1e} of the way"


def _distance(mine: Array, theirs: Array) -> float:
    if mine.shape != theirs.shape:
        return float("inf")
    return float(np.abs(mine - theirs).max() / max(float(np.abs(theirs).max()), 1e-30))


def _strayed(name: str, found: list[Readings], wanted: list[Readings]) -> float:
    gradient = np.abs(wanted[0].results[gradient_of(name)])
    clear = gradient > NOISE * gradient.max()
    mine, theirs = (
        (each[-1].parameters[name] - each[0].parameters[name])[clear] for each in (found, wanted)
    )
    way = max(float(np.linalg.norm(theirs)), 1e-30)
    return float(np.linalg.norm(mine - theirs)) / way
