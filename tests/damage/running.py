"""Many damaged files in processes of their own, as a reader may crash as well."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TypeAlias

from tests.damage.judging import FaultError, Judge, Outcome
from tests.damage.plants import PLANTS
from tests.damage.readers import READERS

Counts: TypeAlias = "Counter[tuple[str, str]]"
"""How often a reader had which outcome."""

SHARES = {"npy": 3, "npz": 5, "safetensors": 3, "torch": 5, "checkpoint": 4}
"""Of all files, how many each reader gets."""
FAULTS = 3
"""What a process ends with that has told of faults; Python itself ends with 1."""

_AT_A_TIME = 2500
_MEMORY = 1 << 30
"""What a process may take beside what it has at the beginning, whoever allocates it."""


def damaged(reader: str, seed: int, number: int) -> Random:
    """Return what the damage of one file is drawn from."""
    return Random(f"{seed} {reader} {number}")


def worker(name: str, seed: int, numbers: range, folder: Path) -> Iterator[str]:
    """Read files in this process, and go through what came of them, line by line."""
    (folder / "files").mkdir()
    judge = Judge(READERS[name](folder), folder / "files")
    _limit_memory()
    counts: Counter[str] = Counter()
    for number in numbers:
        content, knows_checksums = judge.reader.damaged(damaged(name, seed, number))
        path = judge.folder / f"{name}:{number}"  # a process that dies leaves it there
        try:
            counts[judge.judge(content, path, knows_checksums)] += 1
        except FaultError as fault:
            path.unlink(missing_ok=True)
            yield f"fault {name}:{number} {' '.join(str(fault).split())}"
    for outcome, count in counts.items():
        yield f"count {name} {count} {outcome}"


def planted_worker(name: str, seed: int, numbers: range, folder: Path, plant: str) -> Iterator[str]:
    """Read files as `worker` does, with a fault in the reader, or with none if that is empty."""
    with PLANTS[plant].put() if plant else contextlib.nullcontext():
        yield from worker(name, seed, numbers, folder)


def _limit_memory() -> None:
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))


class Batch:
    """Files that a new process reads.

    Args:
        name: the reader.
        seed: what all damage is drawn from.
        numbers: which files.
        plant: the fault to plant in the reader, if any.
    """

    def __init__(self, name: str, seed: int, numbers: range, plant: str = "") -> None:
        self._name = name
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.damage", "--seed", str(seed), "--plant", plant),
                *("--case", f"{name}:{numbers.start}-{numbers.stop}"),
                *("--folder", self._folder.name),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self) -> tuple[Counts, list[str]]:
        """Wait for the process; return the counts, and what went wrong."""
        counts: Counts = Counter()
        faults = []
        output, _ = self._process.communicate()
        for line in output.splitlines():
            word, _, rest = line.partition(" ")
            if word == "count":
                _, number, outcome = rest.split(" ", 2)
                counts[self._name, outcome] += int(number)
            elif word == "fault":
                faults.append(rest)
        if self._process.returncode not in (0, FAULTS):
            left = sorted(path.name for path in Path(self._folder.name, "files").glob("*"))
            last = output.splitlines()[-1:]
            faults.append(f"{left}: the process ended with {self._process.returncode} {last}")
        self._folder.cleanup()
        return counts, faults


def run(files: int, seed: int, jobs: int) -> tuple[Counts, list[str]]:
    """Read so many damaged files in other processes; return the counts, and what went wrong."""
    tasks = []
    for name, share in SHARES.items():
        count = -(-files * share // sum(SHARES.values()))
        for start in range(0, count, _AT_A_TIME):
            tasks.append((name, range(start, min(count, start + _AT_A_TIME))))
    counts: Counts = Counter()
    faults: list[str] = []
    batches: list[Batch] = []
    while tasks or batches:
        while tasks and len(batches) < jobs:
            name, numbers = tasks.pop(0)
            batches.append(Batch(name, seed, numbers))
        more, wrong = batches.pop(0).finish()
        counts += more
        faults += wrong
    return counts, faults


def table(counts: Counts) -> Iterator[str]:
    """Go through the lines of a table of the counts, for a page of the documentation."""
    yield f"| reader | files | {' | '.join(Outcome)} |"
    yield "|---|---|" + "---|" * len(Outcome)
    for name in (*SHARES, "all"):
        row = [
            sum(n for (reader, o), n in counts.items() if o == outcome and name in (reader, "all"))
            for outcome in Outcome
        ]
        yield f"| {name} | {sum(row):,} | {' | '.join(f'{n:,}' for n in row)} |"
