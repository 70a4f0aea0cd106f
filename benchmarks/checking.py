"""How long mypy takes with the plugin, as a ratio to mypy without it on the same sources.

    python -m benchmarks.checking              everything, medians of 7 rounds (about 10 minutes)
    python -m benchmarks.checking --rounds 3   sooner, and less certain

CPU seconds of whole processes, with and without in turn; every round gives one ratio.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.plain_spelling import plain
from benchmarks.programs import write_program

ROOT = Path(__file__).resolve().parent.parent
SIZES = (2_500, 5_000, 10_000, 20_000)
DEPTHS = (10, 20, 40, 80)


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description="Measure what the plugin costs mypy.")
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), rounds)
        lines = write_program(bench.program("generated"), 10_000)
        bench.compare(f"generated program of {lines:,} lines", "generated")
        for path in sorted((ROOT / "examples" / "models").glob("[a-z]*.py")):
            (bench.program("models") / path.name).write_text(plain(path.read_text("utf-8")))
        bench.compare("the models of examples/models", "models")
        for size in SIZES:
            write_program(bench.program(f"lines_{size}"), size)
        bench.growth("lines", [(size, f"lines_{size}") for size in SIZES])
        for depth in DEPTHS:
            (bench.program(f"depth_{depth}") / "deep.py").write_text(_sequential(depth))
        bench.growth("layers of one Sequential", [(d, f"depth_{d}") for d in DEPTHS])


class Bench:
    """Runs mypy over programs in a folder.

    Args:
        folder: where the programs, configurations and caches lie.
        rounds: how often each is measured.
    """

    def __init__(self, folder: Path, rounds: int) -> None:
        self._folder = folder
        self._rounds = rounds
        (folder / "with.ini").write_text("[mypy]\nstrict = True\nplugins = mypy_plugin\n")
        (folder / "without.ini").write_text("[mypy]\nstrict = True\n")

    def program(self, name: str) -> Path:
        """Return the folder of a program."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def compare(self, title: str, program: str) -> None:
        """Print the ratio of cold runs, and what a warm run takes more."""
        ratios: list[float] = []
        extra: list[float] = []
        for _ in range(self._rounds):
            ratios.append(self._cold("with", program) / self._cold("without", program))
            extra.append(1000 * (self._warm("with", program) - self._warm("without", program)))
        print(title)
        print(f"  cold: {_summary(ratios, '{:.2f}')} times the CPU time without the plugin")
        print(f"  warm: {_summary(extra, '{:+.0f}')} ms of CPU time")

    def growth(self, what: str, programs: Iterable[tuple[int, str]]) -> None:
        """Print how the time grows: what one more costs, relative to the smallest program."""
        print(f"CPU time against {what}")
        base = self._middle(self._empty())
        first: float | None = None
        for size, program in programs:
            taken = self._middle(program)
            each = (taken - base) / size
            first = first or each
            print(
                f"  {size:>6}: {taken / base:.2f} times an empty program, {each / first:.2f} each"
            )

    def _middle(self, program: str) -> float:
        return statistics.median(self._cold("with", program) for _ in range(self._rounds))

    def _empty(self) -> str:
        (self.program("empty") / "empty.py").write_text("import tensorlib as tl\n")
        return "empty"

    def _cold(self, config: str, program: str) -> float:
        shutil.rmtree(self._cache(config, program), ignore_errors=True)
        return self._warm(config, program)

    def _warm(self, config: str, program: str) -> float:
        """Return the CPU seconds of one run."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "."),
                f"--config-file={self._folder / config}.ini",
                f"--cache-dir={self._cache(config, program)}",
            ],
            cwd=self._folder / program,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if config == "with" and done.returncode:
            raise SystemExit(f"mypy finds mistakes in {program}:\n{done.stdout}{done.stderr}")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _cache(self, config: str, program: str) -> Path:
        return self._folder / f"cache_{config}_{program}"


def _summary(values: list[float], form: str) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{form.format(middle)} ({form.format(low)} to {form.format(high)})"


def _sequential(depth: int) -> str:
    layers = "".join(
        f"    nn.Linear({n + 8}, {n + 9}),\n    nn.ReLU(),\n" for n in range(depth // 2)
    )
    return (
        "import tensorlib as tl\nfrom tensorlib import nn\n\n"
        f"model = nn.Sequential(\n{layers})\nscores = model(tl.zeros((4, 8)))\n"
    )


if __name__ == "__main__":
    main()
