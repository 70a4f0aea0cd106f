"""Read damaged files and count what came of them: ``python -m tests.damage --help``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.damage.plants import PLANTS
from tests.damage.running import FAULTS, planted_worker, run, table


def main() -> int:
    """Do what the command line says; return 1 if a reader misbehaved."""
    parser = argparse.ArgumentParser(prog="python -m tests.damage", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="how many, or some more")
    parser.add_argument("--seed", type=int, default=0, help="what all damage is drawn from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--case", help="read only these, in this process: npz:7 or npz:0-100")
    parser.add_argument("--folder", type=Path, help="where to put the files of --case")
    parser.add_argument(
        "--plant", choices=("", *PLANTS), default="", help="a fault in the reader of --case"
    )
    options = parser.parse_args()
    if options.case:
        with tempfile.TemporaryDirectory() as folder:
            return _read(options.case, options.seed, options.folder or Path(folder), options.plant)
    start = time.monotonic()
    counts, faults = run(options.files, options.seed, options.jobs)
    print(*table(counts), *(f"fault: {fault}" for fault in faults), sep="\n")
    print(
        f"{counts.total():,} damaged files, seed {options.seed}, "
        f"{time.monotonic() - start:.0f} s, {len(faults)} faults"
    )
    return min(len(faults), 1)


def _read(case: str, seed: int, folder: Path, plant: str) -> int:
    name, _, numbers = case.partition(":")
    first, _, stop = numbers.partition("-")
    chosen = range(int(first), int(stop) if stop else int(first) + 1)
    found = 0
    for line in planted_worker(name, seed, chosen, folder, plant):
        print(line, flush=True)
        found |= line.startswith("fault")
    return FAULTS if found else 0


if __name__ == "__main__":
    sys.exit(main())
