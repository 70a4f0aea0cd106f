"""mypy says of code that has no tensors what it says without the plugin, in about the same time.

`make long` goes over all of PACKAGES that are installed, and tells the ratio of the times.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = (
    *("numpy", "mypy", "_pytest", "hypothesis", "sympy", "networkx", "matplotlib", "sklearn"),
    *("scipy", "numba", "torch"),
)
SETTINGS: Final = "[mypy]\nstrict = True\nignore_missing_imports = True\n"


class Run(NamedTuple):
    """What mypy printed, and the processor's seconds that it took."""

    output: str
    seconds: float


class Comparison(NamedTuple):
    """Runs over one package without the plugin and with it."""

    package: str
    without: Run
    plugged: Run

    @property
    def is_equal(self) -> bool:
        """Whether mypy says the same."""
        return self.without.output == self.plugged.output

    @property
    def difference(self) -> str:
        """The first lines that only one of them has."""
        one, other = (set(run.output.splitlines()) for run in (self.without, self.plugged))
        return "\n".join(sorted(one ^ other)[:10])

    def __str__(self) -> str:
        ratio = self.plugged.seconds / self.without.seconds
        verdict = "the same" if self.is_equal else "NOT THE SAME"
        count = len(self.without.output.splitlines())
        return f"{self.package:<12} {verdict}: {count:>6} lines, {ratio:.2f} times the CPU time"


def compared(folder: Path, *packages: str) -> Comparison:
    """Check packages, or files in the folder, twice from nothing."""
    runs = [_run(folder, plugins, packages) for plugins in ("", "plugins = mypy_plugin\n")]
    return Comparison(" ".join(packages), *runs)


def _run(folder: Path, plugins: str, packages: tuple[str, ...]) -> Run:
    (folder / "mypy.ini").write_text(SETTINGS + plugins)
    chosen = [w for name in packages for w in ([name] if name.endswith(".py") else ["-p", name])]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, *chosen],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(result.stdout + result.stderr, seconds)


def main() -> None:
    """Compare all packages that are installed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("packages", nargs="*", default=PACKAGES)
    wanted = parser.parse_args().packages
    found = [name for name in wanted if importlib.util.find_spec(name) is not None]
    different = 0
    for package in found:
        with tempfile.TemporaryDirectory() as folder:
            comparison = compared(Path(folder), package)
        print(comparison, flush=True)
        if not comparison.is_equal:
            print(comparison.difference, flush=True)
            different += 1
    sys.exit(different)


if __name__ == "__main__":
    main()
