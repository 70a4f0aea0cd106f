"""How fast programs run, as ratios to PyTorch within each round.

    python -m benchmarks.running                        everything that is installed, in short
    python -m benchmarks.running --rounds 15 --only W2  surer, and of one workload
    python -m benchmarks.running --threads 1,2 --native-blas

First all variants compute loss and gradients from the same numbers and take a few steps; what
disagrees with PyTorch is not timed. docs/benchmarks.md tells what is measured, and how.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
from contextlib import ExitStack
from pathlib import Path

from benchmarks.agreement import disagreements
from benchmarks.footprint import import_seconds, peak_bytes
from benchmarks.frameworks import REFERENCE, installed, variants_of
from benchmarks.program import Workload
from benchmarks.report import Footprint, Results, Timing, closing, draw, rows, write_json
from benchmarks.workers import Worker, WorkerError
from benchmarks.workloads import WORKLOADS, chosen

OUT = Path(__file__).parent / "results"
PARTS = ("step", "forward")


def main() -> None:
    """Measure, print a table, and write it as JSON and as a picture."""
    parser = _parser()
    options = parser.parse_args()
    known = {variant for workload in WORKLOADS.values() for variant in variants_of(workload)}
    unknown = set(options.variants or ()) - known
    if unknown:
        parser.error(
            f"no variant {', '.join(sorted(unknown))}: there are {', '.join(sorted(known))}"
        )
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    results = Results(machine, clock=options.clock)
    for threads in map(int, options.threads.split(",")):
        with ExitStack() as stack:
            bench = Bench(stack, threads, options)
            print(f"threads: {threads}, NumPy's BLAS: {bench.blas()}", flush=True)
            results.blas[threads] = bench.blas()
            for workload in chosen(options.only):
                timings = bench.measure(workload, options.rounds, results)
                results.timings += timings
                print("\n".join(rows(results, timings)), flush=True)
    if not options.no_footprint:
        results.footprints = footprints(options.rounds, options.clock)
    for line in closing(results):
        print(line)
    options.out.mkdir(parents=True, exist_ok=True)
    write_json(results, options.out / "running.json")
    draw(results, options.out / "running.png")
    print(f"\nwritten: {options.out / 'running.json'} and running.png")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure how fast programs run.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long, each time")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, such as W2,W6")
    parser.add_argument("--threads", default="1,2", help="numbers of threads")
    parser.add_argument(
        "--variants",
        type=lambda text: text.split(","),
        help="such as tensorlib,torch+fused; all but torch+compile if left out",
    )
    parser.add_argument(
        "--native-blas", dest="blas", action="store_const", const="native", default="preset",
        help="ignore OPENBLAS_CORETYPE",
    )  # fmt: skip
    parser.add_argument("--blas-core", dest="blas", help="set OPENBLAS_CORETYPE, as to Haswell")
    parser.add_argument(
        "--cpu-clock", dest="clock", action="store_const", const="process_time",
        default="perf_counter",
        help="count the processor's seconds, for busy machines; means little with several threads",
    )  # fmt: skip
    parser.add_argument("--no-footprint", action="store_true", help="leave memory and import out")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to write into")
    return parser


class Bench:
    """Measures workloads with one number of threads.

    Args:
        stack: ends the workers.
        threads: how many.
        options: what the command line says.
    """

    def __init__(self, stack: ExitStack, threads: int, options: argparse.Namespace) -> None:
        self._stack = stack
        self._threads = threads
        self._blas: str = options.blas
        self._variants: list[str] | None = options.variants
        self._timing: tuple[float, str] = (options.seconds, options.clock)
        self._workers: dict[str, Worker] = {}

    def blas(self) -> str:
        """Name the BLAS that tensorlib's worker has loaded."""
        named: str = self._worker("tensorlib")("blas")
        return named

    def measure(self, workload: Workload, rounds: int, results: Results) -> list[Timing]:
        """Return the times of all variants that compute the same as the reference."""
        print(f"{workload.name}: {workload.title}", flush=True)
        variants = self._agreeing(workload, results)
        timings = {
            (variant, part): Timing(workload.name, part, variant, self._threads)
            for part in PARTS
            for variant in variants
        }
        order = random.Random(0)
        for _ in range(rounds):
            order.shuffle(variants)
            for part in PARTS:
                for variant in variants:
                    times = self._workers[variant]("seconds", workload.name, part, *self._timing)
                    if times is not None:
                        timings[variant, part].rounds.append(statistics.median(times))
                        timings[variant, part].fastest.append(min(times))
        for variant in variants:
            self._workers[variant]("forget", workload.name)
        return [timing for timing in timings.values() if timing.rounds]

    def _agreeing(self, workload: Workload, results: Results) -> list[str]:
        """Return the variants that compute the same as the reference, and note the others."""
        there = sorted(
            filter(self._is_wanted, variants_of(workload)), key=lambda each: each != REFERENCE
        )
        agreeing: list[str] = []
        wanted = None
        for variant in there:
            try:
                self._worker(variant)("make", workload.name)
                found = self._worker(variant)("history", workload.name)
            except WorkerError as error:
                problem = [str(error).strip().splitlines()[-1]]
            else:
                wanted = wanted or found
                problem = disagreements(found, wanted)
            if problem:
                results.refused.append((workload.name, variant, self._threads, problem))
                print(f"  {variant} is not timed: {problem[0]}", flush=True)
            else:
                agreeing.append(variant)
        return agreeing

    def _is_wanted(self, variant: str) -> bool:
        if self._variants is None:  # all there are, but for those that take a minute to compile
            return variant != "torch+compile"
        return variant in (*self._variants, REFERENCE)

    def _worker(self, variant: str) -> Worker:
        if variant not in self._workers:
            worker = Worker(variant, self._threads, self._blas)
            self._workers[variant] = self._stack.enter_context(worker)
        return self._workers[variant]


def footprints(rounds: int, clock: str) -> list[Footprint]:
    """Measure the peak memory of W3 and the import of each framework, in fresh processes."""
    there = installed()
    imports = import_seconds(["numpy", *there], rounds, clock)
    peaks = {name: peak_bytes(name, "W3", threads=2) for name in there}
    return [Footprint(name, imports[name], peaks.get(name)) for name in imports]


if __name__ == "__main__":
    main()
