"""A run over many programs: drawing, checking and judging them in batches."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.agreement.checking import Checked, check
from tests.agreement.counting import NAMES, Counts
from tests.agreement.drawing import Drawer
from tests.agreement.judging import Verdict, judge
from tests.agreement.program import Program
from tests.agreement.shrinking import shrunk

BATCH = 500


@dataclass
class Session:
    """A run, all of which follows from its seed.

    Attributes:
        seed: the seed.
        folder: where mypy runs.
        batch: how many programs one run of mypy checks.
        programs: how many were compared.
        refused: how many of them mypy refuses.
        left_open: how many raise what mypy leaves to the run by design.
        translated: how many were compared with PyTorch.
        slopes: of how many of these the gradients were compared, too.
        runs: how often programs were run.
        dims: how many revealed dimensions were compared with a run's.
        unknown: how many of these mypy does not know.
        counts: how often each op was met.
        disagreements: what disagrees, as it was drawn.
    """

    seed: int
    folder: Path
    batch: int = BATCH
    programs: int = 0
    refused: int = 0
    left_open: int = 0
    translated: int = 0
    slopes: int = 0
    runs: int = 0
    dims: int = 0
    unknown: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    counts: Counts = field(default_factory=Counts)
    disagreements: list[Verdict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._drawer = Drawer(random.Random(self.seed), self.counts)

    def run(self, programs: int, minutes: float = math.inf) -> Iterator[Verdict]:
        """Compare so many programs, or those of so many minutes; go through what disagrees."""
        end = time.monotonic() + 60 * minutes
        while programs > 0 and time.monotonic() < end:
            drawn = self._drawer.drawn(min(self.batch, programs))
            programs -= len(drawn)
            checked = check(drawn, self.folder)
            for program, found in zip(drawn, checked, strict=True):
                verdict = judge(program, found)
                self._count(verdict, found)
                if verdict.kind:
                    self.disagreements.append(verdict)
                    yield verdict

    def _count(self, verdict: Verdict, found: Checked) -> None:
        self.programs += 1
        self.refused += verdict.is_refused
        self.left_open += verdict.is_open
        self.translated += verdict.is_translated
        self.slopes += verdict.has_slopes
        self.runs += len(verdict.outcomes)
        self.dims += verdict.known.dims
        self.unknown += verdict.known.unknown
        self.kinds[verdict.kind] += 1
        if not verdict.kind:
            self.counts.add(verdict, found)

    def shrunk(self, verdict: Verdict) -> Verdict:
        """Make a program that disagrees small."""
        return shrunk(verdict, self._judged)

    def _judged(self, programs: Sequence[Program]) -> list[Verdict]:
        checked = check(programs, self.folder)
        return [judge(program, found) for program, found in zip(programs, checked, strict=True)]

    def summary(self) -> str:
        """Say what was compared."""
        names = self.counts
        accepted = min((names.accepted[each], each) for each in sorted(NAMES))
        refused = min((names.refused[each], each) for each in sorted(NAMES))
        return (
            f"seed {self.seed}: {self.programs} programs, "
            f"{self.refused / max(self.programs, 1):.0%} refused, "
            f"{len(self.disagreements)} disagreements; {self.runs} runs, "
            f"{self.translated} compared with PyTorch, {self.slopes} in gradients, "
            f"{self.left_open} left open, "
            f"{self.dims} dimensions compared ({self.unknown} unknown); least accepted: "
            f"{accepted[1]} ({accepted[0]}), least refused: {refused[1]} ({refused[0]})"
        )
