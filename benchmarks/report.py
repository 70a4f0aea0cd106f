"""Measurements as a table, as JSON and as a picture."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.frameworks import REFERENCE


@dataclass(frozen=True)
class Timing:
    """How long one variant took.

    Attributes:
        rounds: the median seconds of each round.
        fastest: the least seconds of any run in each round; what others disturb is seen least here.
    """

    workload: str
    part: str
    variant: str
    threads: int
    rounds: list[float] = field(default_factory=list)
    fastest: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Footprint:
    """What a framework costs besides time: None where nothing was measured."""

    framework: str
    import_seconds: float
    peak_bytes: int | None


@dataclass(frozen=True)
class Ratio:
    """Times relative to the reference, round by round: the median and the quartiles."""

    lower: float
    median: float
    upper: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lower:.2f} to {self.upper:.2f})"


@dataclass
class Results:
    """All that one run has measured.

    Attributes:
        refused: workload, variant, threads, and why it was not timed.
    """

    machine: str
    clock: str = "perf_counter"
    blas: dict[int, str] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)
    refused: list[tuple[str, str, int, list[str]]] = field(default_factory=list)
    footprints: list[Footprint] = field(default_factory=list)

    def ratio(self, timing: Timing) -> Ratio | None:
        """Return how a variant compares with the reference, if that was measured."""
        for other in self.timings:
            same = (other.workload, other.part, other.threads)
            if other.variant == REFERENCE and same == (
                timing.workload, timing.part, timing.threads
            ):  # fmt: skip
                return _ratio(timing.rounds, other.rounds)
        return None


def _ratio(mine: list[float], theirs: list[float]) -> Ratio:
    each = [a / b for a, b in zip(mine, theirs, strict=True)]
    if len(each) == 1:
        return Ratio(each[0], each[0], each[0])
    return Ratio(*statistics.quantiles(each, n=4, method="inclusive"))


def rows(results: Results, timings: Sequence[Timing]) -> Iterator[str]:
    """Go through the lines about some of the times."""
    above = None
    for timing in timings:
        if above != (above := (timing.workload, timing.part, timing.threads)):
            yield f"  {timing.part}, threads: {timing.threads}"
        ratio = results.ratio(timing)
        best = 1000 * min(timing.fastest)
        milliseconds = 1000 * statistics.median(timing.rounds)
        compared = "" if ratio is None else f"  {ratio} of {REFERENCE}"
        yield f"    {timing.variant:<26} {milliseconds:>9.3f} ms, {best:>9.3f} at best{compared}"


def closing(results: Results) -> Iterator[str]:
    """Go through the lines about all that is not a time."""
    if results.footprints:
        yield "\nimport, and peak memory of W3"
    for footprint in results.footprints:
        peak = footprint.peak_bytes
        memory = "" if peak is None else f" {peak / 2**20:>8.0f} MiB"
        yield f"  {footprint.framework:<28} {1000 * footprint.import_seconds:>9.0f} ms{memory}"
    if results.refused:
        yield "\nnot timed"
    for workload, variant, threads, problems in results.refused:
        yield f"  {workload} {variant}, threads: {threads}: {'; '.join(problems[:3])}"


def write_json(results: Results, path: Path) -> None:
    """Write all numbers to a file."""
    content = asdict(results)
    for entry, timing in zip(content["timings"], results.timings, strict=True):
        ratio = results.ratio(timing)
        entry["ratio"] = None if ratio is None else asdict(ratio)
    path.write_text(json.dumps(content, indent=2) + "\n")


def draw(results: Results, path: Path) -> None:
    """Write a picture of the ratios of training steps: one panel for each number of threads."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    steps = [timing for timing in results.timings if _is_drawn(timing)]
    threads = sorted({timing.threads for timing in steps})
    workloads = list(dict.fromkeys(timing.workload for timing in steps))
    variants = list(dict.fromkeys(timing.variant for timing in steps))
    size = max(7.0, 1.6 * len(workloads)), 3.5 * max(len(threads), 1)
    figure = Figure(figsize=size, layout="constrained")
    for place, count in enumerate(threads):
        panel = figure.add_subplot(len(threads), 1, place + 1)
        panel.axhline(1.0, color="black", linewidth=0.8, label=REFERENCE)
        for number, variant in enumerate(variants):
            beside = 0.8 * ((number + 0.5) / len(variants) - 0.5)
            points = [
                (workloads.index(timing.workload) + beside, ratio)
                for timing in steps
                if (timing.variant, timing.threads) == (variant, count)
                and (ratio := results.ratio(timing)) is not None
            ]
            panel.errorbar(
                [x for x, _ in points],
                [ratio.median for _, ratio in points],
                yerr=[
                    [ratio.median - ratio.lower for _, ratio in points],
                    [ratio.upper - ratio.median for _, ratio in points],
                ],
                fmt="o",
                color=f"C{number}",
                label=variant,
            )
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        panel.yaxis.set_minor_formatter(NullFormatter())
        panel.set_xticks(range(len(workloads)), workloads)
        panel.set(title=f"threads: {count}; lower is faster", ylabel=f"time by {REFERENCE}'s")
        panel.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path)


def _is_drawn(timing: Timing) -> bool:
    inference_only = timing.workload.startswith("W6")
    return timing.variant != REFERENCE and (timing.part == "step" or inference_only)
