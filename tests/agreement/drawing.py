"""Choosing what to draw: what was met seldom, and on the side where it was met less."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tests.agreement.chains import chained
from tests.agreement.counting import Counts, named
from tests.agreement.creation import created
from tests.agreement.from_batches import CASES, program_of_case
from tests.agreement.from_ops import ROWS, program_of_row
from tests.agreement.meeting import meeting
from tests.agreement.mistakes import with_mistakes
from tests.agreement.models import modelled
from tests.agreement.program import Program
from tests.agreement.running import Runner, assignments
from tests.op_cases import CASES as TABLE

SHARES = {"row": 0.36, "case": 0.33, "chain": 0.14, "model": 0.1, "creation": 0.04, "dtypes": 0.03}
MISTAKEN = {"chain": 0.3, "model": 0.5, "creation": 0.4, "dtypes": 0.0}
"""How often a mistake is put into a program of these kinds."""
ENOUGH = 60
"""How often an op is to be met on each side, before others are drawn as often."""
TRIES = 8
"""How many programs are drawn until one ends as it is to."""
AIMED = 0.75
"""How often it matters how a program ends; the others are taken as they come."""
HOPELESS = 60
"""How many programs about an op may in vain be tried for one that is refused."""
_TRIED_WITH = 3

Source = Callable[[random.Random], Program]


class Drawer:
    """Draws programs, with an eye on what was met.

    Args:
        rng: makes each choice.
        counts: how often each op was met.
    """

    def __init__(self, rng: random.Random, counts: Counts) -> None:
        self._rng = rng
        self._counts = counts
        self._in_vain: Counter[str] = Counter()

    def drawn(self, count: int) -> list[Program]:
        """Draw so many."""
        rng, found = self._rng, []
        rows = self._rarer(
            [(partial(program_of_row, place), TABLE[place].op) for place in ROWS], count
        )
        cases = self._rarer(
            [(partial(program_of_case, place), case.name) for place, case in enumerate(CASES)],
            count,
        )
        sources: dict[str, Source] = {
            "chain": chained,
            "model": modelled,
            "creation": created,
            "dtypes": meeting,
        }
        for kind in rng.choices([*SHARES], [*SHARES.values()], k=count):
            if kind in sources:
                program = sources[kind](rng)
                if rng.random() < MISTAKEN[kind]:
                    program = with_mistakes(program, rng)
                found.append(program)
            else:
                found.append(self._about(*next(rows if kind == "row" else cases)))
        return found

    def _about(self, source: Source, name: str) -> Program:
        """Draw a program about an op, which most likely ends on the side where that is rarer."""
        rng, counts = self._rng, self._counts
        lead = counts.accepted[name] - counts.refused[name]
        is_open = lead == 0 or counts.least(name) >= ENOUGH
        is_refused = rng.random() < 0.5 if is_open else lead > 0
        is_refused = is_refused and not self._is_never_refused(name)
        program = self._drawn(source, is_refused=is_refused)
        if rng.random() > AIMED:
            return program
        for _ in range(TRIES):
            if _is_refused_at(program, name, rng) is is_refused:
                if is_refused:
                    self._in_vain[name] = 0
                return program
            self._in_vain[name] += is_refused
            program = self._drawn(source, is_refused=is_refused)
        return program

    def _drawn(self, source: Source, *, is_refused: bool) -> Program:
        program = source(self._rng)
        is_mistaken = self._rng.random() < (0.97 if is_refused else 0.15)
        return with_mistakes(program, self._rng) if is_mistaken else program

    def _is_never_refused(self, name: str) -> bool:
        """Tell whether nothing that was tried is refused, as by ops that take any tensor."""
        return not self._counts.refused[name] and self._in_vain[name] >= HOPELESS

    def _rarer(
        self, sources: Sequence[tuple[Source, str]], count: int
    ) -> Iterator[tuple[Source, str]]:
        """Draw from a table, what was met seldom more often."""
        weights = [self._need(name) for _, name in sources]
        while True:
            yield from self._rng.choices(sources, weights, k=count)

    def _need(self, name: str) -> float:
        counts = [self._counts.accepted[name]]
        if not self._is_never_refused(name):
            counts.append(self._counts.refused[name])
        return 1 + sum(max(0, ENOUGH - count) for count in counts)


def _is_refused_at(program: Program, name: str, rng: random.Random) -> bool | None:
    """Tell whether a program raises in a line of its body that names an op; None if elsewhere."""
    runner, lines = Runner(program), program.text("program", runs=True).splitlines()
    found: list[bool | None] = []
    for assignment in assignments(program, rng, _TRIED_WITH):
        outcome = runner.run(assignment, rng.randrange(2**32))
        is_inside = any(line < program.first_line for line in outcome.lines)
        if outcome.kind == "end":
            found.append(False)
        elif is_inside or name not in named(lines[max(outcome.lines, default=1) - 1]):
            found.append(None)
        else:
            found.append(outcome.kind == "refused" or None)
    if "Batch" in program.symbols:  # where mypy reports what fails with each only
        return found[0] if len({*found}) == 1 else None
    return next((each for each in found if each is not False), False)
