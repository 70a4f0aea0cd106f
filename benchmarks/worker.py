"""The process in which one variant runs; `benchmarks.workers` starts it and tells it what to do.

Commands and answers are pickled through the pipes that standard input and output were. A worker
imports its framework alone, and only when it is asked to make a program.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.agreement import history
from benchmarks.frameworks import program
from benchmarks.program import Program, Readings
from benchmarks.workloads import WORKLOADS


class Commands:
    """What a worker can be told.

    Args:
        variant: whose programs it runs.
    """

    def __init__(self, variant: str) -> None:
        self._variant = variant
        self._programs: dict[str, Program] = {}

    def make(self, workload: str) -> None:
        """Make the program of a workload."""
        chosen = WORKLOADS[workload]
        self._programs[workload] = program(chosen, self._variant, chosen.full())

    def history(self, workload: str) -> list[Readings]:
        """Return what a program reads before and after some steps."""
        return history(self._programs[workload])

    def seconds(
        self, workload: str, part: str, enough: float, clock: str = "perf_counter"
    ) -> list[float] | None:
        """Time the step or the forward pass for so long, after a fifth of that to get warm.

        Args:
            workload: of which workload.
            part: ``"step"`` or ``"forward"``.
            enough: for how many seconds by the clock on the wall.
            clock: ``"perf_counter"`` for that, ``"process_time"`` for the seconds of a processor.

        Returns:
            The seconds of each run, at least one; None where there is no such part.
        """
        run: Callable[[], object] | None = getattr(self._programs[workload], part)
        if run is None:
            return None
        counter: Callable[[], float] = getattr(time, clock)
        _timed(run, enough / 5, counter)
        return _timed(run, enough, counter)

    def forget(self, workload: str) -> None:
        """Free what a workload holds."""
        del self._programs[workload]

    def peak_bytes(self) -> int:
        """Return the most memory that this process had at any time."""
        return _peak_bytes()

    def blas(self) -> str:
        """Name the BLAS that is loaded, with the processor it takes this one for."""
        return _blas()


def _timed(run: Callable[[], object], enough: float, clock: Callable[[], float]) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + enough
    while not times or time.perf_counter() < end:
        start = clock()
        run()
        times.append(clock() - start)
    return times


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss, which on Linux counts what the parent had when it forked.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _blas() -> str:
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown, as threadpoolctl is not installed"
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(
        f"{pool['internal_api']} {pool['version']} for {pool.get('architecture', 'any')}"
        f", threads: {pool['num_threads']}"
        for pool in pools
    )


def main() -> None:
    """Answer commands until there are no more."""
    commands = Commands(sys.argv[1])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a framework prints must not come between the answers
    while True:
        try:
            name, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer: tuple[bool, Any]
        try:
            answer = True, getattr(commands, name)(*arguments)
        except Exception:
            answer = False, traceback.format_exc()
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
