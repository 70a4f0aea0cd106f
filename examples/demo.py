"""Show the whole of tensorlib: mypy accepts a model, refuses its broken twins, and it trains."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = "examples/digits.py"
MISTAKES = "examples/mistakes"


def main() -> None:
    """Run the three parts in order and stop at the first that does not hold."""
    heading("1. mypy accepts the example")
    accept(EXAMPLE)
    heading("2. mypy refuses its broken twins, each with one error")
    mistakes = sorted((ROOT / MISTAKES).glob("*.py"))
    if not mistakes:
        sys.exit(f"demo: no file in {MISTAKES}")
    for path in mistakes:
        refuse(f"{MISTAKES}/{path.name}")
    heading("3. The example trains on real handwritten digits")
    train(EXAMPLE)


def heading(text: str) -> None:
    """Print a heading at once, before any output of a child process."""
    print(f"\n{text}\n{'=' * len(text)}", flush=True)


def accept(file: str) -> None:
    """Stop the demo unless mypy finds no error in the file."""
    if mypy(file).returncode != 0:
        sys.exit(f"demo: mypy should have accepted {file}")


def refuse(file: str) -> None:
    """Stop the demo unless mypy finds exactly one error in the file."""
    result = mypy(file, "--no-error-summary")
    if result.returncode != 1 or result.stdout.count(": error: ") != 1:
        sys.exit(f"demo: mypy should have found exactly one error in {file}")


def mypy(file: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run mypy as a user would, and show the command and what it says."""
    print(f"$ mypy {file}", flush=True)
    command = [sys.executable, "-m", "mypy", *options, file]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(result.stdout + result.stderr, flush=True)
    return result


def train(file: str) -> None:
    """Run the example, which reports its own accuracy, and stop the demo if it fails."""
    print(f"$ python {file}", flush=True)
    if subprocess.run([sys.executable, file], cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"demo: {file} failed")


if __name__ == "__main__":
    main()
