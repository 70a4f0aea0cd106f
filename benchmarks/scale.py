"""How the time and memory of tensorlib grow, and what recording an op costs.

    python -m benchmarks.scale                some minutes
    python -m benchmarks.scale --rounds 3     sooner, and less certain

Each row of sizes is given the exponent of a power law that fits it, beside that of the arithmetic
to be done: time and memory are to grow no faster than the work. Times are the processor's, not the
wall's, so that OMP_NUM_THREADS has to be 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import growing
from benchmarks.growing import Case
from benchmarks.tape import OpCost, op_costs

OUT = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Growth:
    """What was measured of one row of sizes.

    Attributes:
        work: the arithmetic of each size, in any unit.
        seconds: of one step.
        peak_bytes: how much more memory was held during a step than before it.
    """

    title: str
    sizes: list[int]
    work: list[float]
    seconds: list[float]
    peak_bytes: list[int]

    def exponents(self) -> tuple[float, float, float]:
        """Return the exponents of work, time and memory."""
        work, seconds, memory = (
            _exponent(self.sizes, y) for y in (self.work, self.seconds, self.peak_bytes)
        )
        return work, seconds, memory


def main() -> None:
    """Measure, print, and write the results as JSON and as a picture."""
    parser = argparse.ArgumentParser(description="Measure how time and memory of tensorlib grow.")
    parser.add_argument("--rounds", type=int, default=7, help="how often each size is measured")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to write into")
    options = parser.parse_args()
    growths = []
    for title, cases in growing.ROWS.items():
        growths.append(measured(title, cases(), options.rounds))
        print(*_table(growths[-1]), sep="\n", flush=True)
    costs = op_costs(options.rounds)
    print("nanoseconds for each op, on small arrays")
    for cost in costs:
        print(f"  {cost}")
    options.out.mkdir(parents=True, exist_ok=True)
    _write(growths, costs, options.out)
    print(f"\nwritten: {options.out / 'scale.json'} and scale.png")


def measured(title: str, cases: Sequence[Case], rounds: int) -> Growth:
    """Measure a row of sizes, each once in every round."""
    seconds: list[list[float]] = [[] for _ in cases]
    for case in cases:
        case.step()
    for _ in range(rounds):
        for case, times in zip(cases, seconds, strict=True):
            times.append(_timed(case.step))
    return Growth(
        title,
        [case.size for case in cases],
        [case.work for case in cases],
        [statistics.median(times) for times in seconds],
        [_peak_bytes(case.step) for case in cases],
    )


def _timed(step: Callable[[], object], enough: float = 0.05) -> float:
    times: list[float] = []
    end = time.perf_counter() + enough
    while not times or time.perf_counter() < end:
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _peak_bytes(step: Callable[[], object]) -> int:
    """Return how much a step holds at most; NumPy tells tracemalloc of its arrays."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        step()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


def _exponent(x: Sequence[float], y: Sequence[float]) -> float:
    slope, _ = np.polyfit(np.log(x), np.log(y), 1)
    return float(slope)


def _table(growth: Growth) -> list[str]:
    work, seconds, memory = growth.exponents()
    lines = [f"{growth.title}: time grows as size^{seconds:.2f}, memory ^{memory:.2f}"]
    lines[0] += f", the work ^{work:.2f}"
    for size, taken, peak in zip(growth.sizes, growth.seconds, growth.peak_bytes, strict=True):
        lines.append(f"  {size:>6} {1000 * taken:>10.3f} ms {peak / 2**20:>10.3f} MiB")
    return lines


def _write(growths: Sequence[Growth], costs: Sequence[OpCost], folder: Path) -> None:
    from matplotlib.figure import Figure

    content = {
        "growth": [
            asdict(each)
            | dict(zip(("work^", "seconds^", "peak_bytes^"), each.exponents(), strict=True))
            for each in growths
        ],
        "ops": [asdict(cost) for cost in costs],
    }
    (folder / "scale.json").write_text(json.dumps(content, indent=2) + "\n")
    figure = Figure(figsize=(3.2 * len(growths), 6), layout="constrained")
    for place, each in enumerate(growths):
        rows = (
            ("ms", [1000 * s for s in each.seconds]),
            ("MiB", [b / 2**20 for b in each.peak_bytes]),
        )
        for row, (unit, values) in enumerate(rows):
            panel = figure.add_subplot(2, len(growths), row * len(growths) + place + 1)
            panel.loglog(each.sizes, values, "o-")
            work = [w / each.work[-1] * values[-1] for w in each.work]
            panel.loglog(each.sizes, work, ":", color="tab:gray")
            panel.set(title=each.title if not row else "", ylabel=unit)
            panel.set_xticks(each.sizes, map(str, each.sizes))
            panel.minorticks_off()
    figure.savefig(folder / "scale.png")


if __name__ == "__main__":
    main()
