"""Worker processes: one for each variant, of which only one at a time has something to do."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
SETTLING = 0.1
"""Seconds after each answer: for so long, threads may go on waiting for work by spinning."""


class WorkerError(Exception):
    """A worker raised, or ended."""


class Worker:
    """A process that runs one variant with a number of threads, until the block ends.

    Args:
        variant: see `benchmarks.frameworks`.
        threads: how many each pool of threads has.
        blas: ``"preset"`` to leave OpenBLAS's choice of a kernel to the environment, ``"native"``
            for the processor's own, or the name of a core, such as ``"Haswell"``.
    """

    def __init__(self, variant: str, threads: int, blas: str = "preset") -> None:
        self._variant = variant
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", variant],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(threads, blas),
        )

    def __call__(self, command: str, *arguments: object) -> Any:
        """Have a command of `benchmarks.worker.Commands` carried out, and return its answer.

        Raises:
            WorkerError: it failed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump((command, arguments), self._process.stdin)
            self._process.stdin.flush()
            done, answer = pickle.load(self._process.stdout)
        except (BrokenPipeError, EOFError) as error:
            raise WorkerError(f"the process ended with {self._process.wait()}") from error
        time.sleep(SETTLING)
        if not done:
            raise WorkerError(answer)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        if kind is not None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def environment(threads: int, blas: str = "preset") -> dict[str, str]:
    """Return the environment of a process with a number of threads."""
    variables = {**os.environ, "PYTHONPATH": _path()}
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM"):
        variables[f"{name}_NUM_THREADS"] = str(threads)
    variables["NPROC"] = str(threads)  # XLA's pool
    if threads == 1:
        flags = "--xla_cpu_multi_thread_eigen=false"
        variables["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    if blas == "native":
        variables.pop("OPENBLAS_CORETYPE", None)
    elif blas != "preset":
        variables["OPENBLAS_CORETYPE"] = blas
    return variables


def _path() -> str:
    before = os.environ.get("PYTHONPATH")
    return str(ROOT) if before is None else os.pathsep.join((str(ROOT), before))
