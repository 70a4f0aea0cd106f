"""Try the wheel with the interpreters of this machine, and the oldest and newest NumPy and mypy.

Each gets an environment of its own, in which nothing but the wheel, its extras and pytest is
installed, and runs the tests that need no PyTorch: what mypy says of the case files, tensors,
tapes, checkpoints, compiled steps. Run with ``make compat``; it takes some minutes for each.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
OLDEST: Final = ("numpy==2.0.0", "mypy==2.4.0", "typing-extensions==4.12.0")
TESTS: Final = tuple(
    f"tests/{name}.py"
    for name in (
        *("test_typecheck", "test_pep695", "test_edits", "test_values", "test_unmerged"),
        *("test_tensor", "test_tape", "test_creation", "test_linalg", "test_wrong_operands"),
        *("test_nn_module_features", "test_nn_places", "test_data", "test_checkpoint"),
        *("test_compile", "test_compile_training", "test_compile_reads", "test_import"),
        "shapes/test_dim",
    )
)
INTO: Final = ("tests", "typecheck_cases", "examples", "pyproject.toml")
"""What stands beside the environments; the packages do not, so that the wheel is what is tried."""


class Trial(NamedTuple):
    """One environment: an interpreter, and what is installed besides the newest of everything."""

    name: str
    python: str
    pinned: Sequence[str]


def trials() -> Iterator[Trial]:
    """Go through the interpreters that there are; the first is tried with the oldest as well."""
    found = [(version, path) for version in VERSIONS if (path := _interpreter(version))]
    if not found:
        sys.exit(f"there is none of Python {', '.join(VERSIONS)}")
    version, path = found[0]
    yield Trial(f"Python {version}, oldest", path, OLDEST)
    for version, path in found:
        yield Trial(f"Python {version}, newest", path, ())


def _interpreter(version: str) -> str | None:
    """Return the path of an interpreter that runs, among those of pyenv too."""
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for path in (shutil.which(f"python{version}"), *map(str, installed)):
        if (
            path
            and not subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode
        ):
            return path
    return None


def passes(trial: Trial, wheel: Path, folder: Path) -> bool:
    """Make the environment and run the tests in it; print how they end."""
    _run(trial.python, "-m", "venv", folder / "env")
    python = folder / "env" / "bin" / "python"
    wanted = [f"{wheel}[mypy,safetensors]", "pytest>=8", *trial.pinned]
    _run(python, "-m", "pip", "install", "--quiet", *wanted)
    folder.mkdir(exist_ok=True)
    for each in INTO:
        source = ROOT / each
        if source.is_dir():
            shutil.copytree(source, folder / each, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / each)
    selected = ("-k", "not slow and not models_of_the_examples")
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-q", *selected, *TESTS]
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    installed = _run(python, "-c", SHOWN)
    passed = result.returncode == 0
    print(f"{trial.name}: {installed.strip()}: {'passed' if passed else 'FAILED'}", flush=True)
    if not passed:
        print(result.stdout[-6000:], result.stderr[-2000:], flush=True)
    return passed


SHOWN = """
from importlib.metadata import version
print(*(f"{name} {version(name)}" for name in ("numpy", "mypy", "typing-extensions")), sep=", ")
"""


def _run(*command: object) -> str:
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def main() -> None:
    """Build the wheel, and try it."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", base, ROOT)
        (wheel,) = base.glob("*.whl")
        results = [passes(each, wheel, base / f"{i}") for i, each in enumerate(trials())]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
