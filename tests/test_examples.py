"""The examples: the right one trains, the wrong ones are refused twice with the same text."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.typecheck import ROOT, printed, run_mypy

EXAMPLE = ROOT / "examples" / "digits.py"
MISTAKES = {
    "adjacent_layers": ("31", "32"),
    "backward_on_non_scalar": ("(16,)",),
    "data_against_model": ("64", "784"),
    "labels_against_logits": ("15", "16"),
    "missing_traced": (),
}
"""The broken twins, and what their messages name."""
MARK = "  # the mistake"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the library, without a display."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )


def accuracies(output: str) -> list[float]:
    return [float(percent) for percent in re.findall(r"^split \d: ([\d.]+)%", output, re.MULTILINE)]


# The example that is right -----------------------------------------------------------------------


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy, as the example writes beside itself."""
    copy = tmp_path / EXAMPLE.name
    shutil.copy(EXAMPLE, copy)
    return copy


def test_the_example_reads_the_digits(example: Path) -> None:
    """On each of the five splits, with the settings of a user who gives none."""
    result = run(example)
    assert result.returncode == 0, result.stderr
    found = accuracies(result.stdout)
    assert len(found) == 5
    assert min(found) >= 97
    assert "epoch" in result.stderr  # the progress bar
    output = example.parent / "output"
    assert (output / "digits.png").read_bytes().startswith(b"\x89PNG")
    with np.load(output / "digits.npz") as checkpoint:
        assert {"layers.0.0.weight", "layers.2.bias"} <= set(checkpoint.files)


def test_the_example_takes_its_settings(example: Path) -> None:
    result = run(example, "--splits", "1", "--epochs", "2")
    assert result.returncode == 0, result.stderr
    assert len(accuracies(result.stdout)) == 1


def test_the_example_is_typed_throughout() -> None:
    source = EXAMPLE.read_text("utf-8")
    assert not re.search(r"\bAny\b|type: ignore|\bcast\b", source)


# The broken twins --------------------------------------------------------------------------------


def test_there_is_one_file_for_each_kind_of_mistake() -> None:
    folder = EXAMPLE.parent / "mistakes"
    assert sorted(path.stem for path in folder.iterdir() if path.suffix) == sorted(MISTAKES)


def test_mypy_accepts_the_example_and_refuses_its_twins_as_python_does(tmp_path: Path) -> None:
    twins = [EXAMPLE.parent / "mistakes" / f"{name}.py" for name in MISTAKES]
    result = run_mypy("--ignore-missing-imports", EXAMPLE, *twins, cwd=tmp_path)
    messages = printed(result.stdout)
    assert sorted(message.file for message in messages) == sorted(path.name for path in twins)
    for path in twins:
        (message,) = [message for message in messages if message.file == path.name]
        lines = path.read_text("utf-8").splitlines()
        assert [i for i, line in enumerate(lines, 1) if MARK in line] == [message.line], path
        assert message.code in ("tensor-shape", "tensor-tape")
        assert all(size in message.text for size in MISTAKES[path.stem]), message.text
        crash = run(path)
        assert crash.returncode == 1
        assert f'{path.name}", line {message.line}' in crash.stderr
        raised = crash.stderr.splitlines()[-1].partition(": ")[2]
        assert raised == message.text


# The demo ----------------------------------------------------------------------------------------


def test_the_demo_stops_where_mypy_should_have_spoken(tmp_path: Path) -> None:
    source = (ROOT / "examples" / "demo.py").read_text("utf-8")
    (tmp_path / "examples" / "mistakes").mkdir(parents=True)
    (tmp_path / "examples" / "demo.py").write_text(source)
    (tmp_path / "examples" / "digits.py").write_text("x: int = 1\n")
    (tmp_path / "examples" / "mistakes" / "none.py").write_text("x: int = 1\n")
    result = run(tmp_path / "examples" / "demo.py")
    assert result.returncode == 1
    assert "exactly one error in examples/mistakes/none.py" in result.stderr
