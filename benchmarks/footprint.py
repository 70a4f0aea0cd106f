"""What a framework costs before it computes: its import, and the memory of one training."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.workers import Worker, environment

_PROGRAM = """
import time
start = time.{clock}()
import {module}
print(time.{clock}() - start)
"""


def import_seconds(
    modules: Sequence[str], rounds: int, clock: str = "perf_counter"
) -> dict[str, float]:
    """Return how long an import takes in a fresh process, the median of some rounds."""
    found: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(rounds + 1):
        for module in modules:
            done = subprocess.run(
                [sys.executable, "-c", _PROGRAM.format(module=module, clock=clock)],
                env=environment(threads=1),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found[module].append(float(done.stdout))
    # The first round has read the files from the disk.
    return {module: statistics.median(times[1:]) for module, times in found.items()}


def peak_bytes(variant: str, workload: str, threads: int) -> int:
    """Return the peak memory of a fresh process that trains for a second."""
    with Worker(variant, threads) as worker:
        worker("make", workload)
        worker("seconds", workload, "step", 1.0)
        peak: int = worker("peak_bytes")
    return peak
