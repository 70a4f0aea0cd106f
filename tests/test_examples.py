"""The examples: the right ones work, the wrong ones are refused twice with the same text."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.typecheck import ROOT, printed, run_mypy

FOLDER = ROOT / "examples"
FILES = sorted(FOLDER.glob("*.py"))
"""The examples, and what they import from beside them."""


@dataclass(frozen=True)
class Example:
    """How an example is run briefly, and what must come of it.

    Attributes:
        name: the name of its file.
        options: what makes it brief.
        numbers: patterns with a group for a number that it prints, and between which bounds the
            number must be; each pattern is found once.
        leaves: the files that must be in its output folder then, with spaces between.
    """

    name: str
    options: str = ""
    numbers: tuple[tuple[str, float, float], ...] = ()
    leaves: str = ""

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.py"

    @property
    def source(self) -> str:
        return self.path.read_text("utf-8")


EXAMPLES = (
    Example("tensors", numbers=((r"means within (\S+) of 0", 0, 1e-6),)),
    Example("gradients", numbers=((r"heights goes .* to (\S+)", 0, 1e-4),), leaves="gradients.png"),
    Example(
        "digits",
        "--splits 1 --epochs 2",
        ((r"split 0: ([\d.]+)%", 85, 100),),
        "digits.png digits.npz",
    ),
    Example(
        "regression",
        "--splits 1 --epochs 40",
        ((r"R² (\S+) linear", 0.3, 0.4), (r", (\S+) network", 0.25, 0.5)),
        "regression.png",
    ),
    Example(
        "classification",
        "--epochs 15",
        ((r"([\d.]+)% of 300 held-out", 75, 100),),
        "classification.png",
    ),
    Example(
        "multi_head",
        "--epochs 3",
        ((r"([\d.]+)% of 360 held-out", 70, 100), (r"0.35 brought down to (\S+)", 0.1, 0.25)),
        "multi_head.png",
    ),
    Example(
        "custom_module",
        "--epochs 5",
        ((r"off by (\S+);", 0.1, 0.25), (r"components: (\S+)", 0.15, 0.16)),
        "custom_module.npz custom_module.png autoencoder.npz",
    ),
    Example(
        "conv_net",
        "--epochs 2",
        ((r"([\d.]+)% of 360 held-out", 95, 100),),
        "conv_net.png",
    ),
    Example(
        "gan",
        "--steps 900",
        ((r"(\S+) off the ring", 0, 0.35), (r"between (\d+) and", 1, 83)),
        "gan.png",
    ),
    Example(
        "char_gpt",
        "--steps 25 --sample 40",
        (
            (r"character: (\S+) from counting characters", 4, 5),
            (r"(\S+) from counting pairs", 3, 4),
            (r"(\S+) from the model", 2, 4.3),
        ),
        "char_gpt.png",
    ),
    Example(
        "dqn",
        "--steps 600",
        ((r"stand for (\S+) of 500", 50, 500),),
        "dqn.png",
    ),
    Example(
        "ppo",
        "--rounds 10",
        ((r"stand for (\S+) of 500", 80, 500),),
        "ppo.png",
    ),
)
"""A new example is a line here, and one in the README."""
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
EXAMPLE = FOLDER / "digits.py"
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
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def accuracies(output: str) -> list[float]:
    return [float(percent) for percent in re.findall(r"^split \d: ([\d.]+)%", output, re.MULTILINE)]


def copied(path: Path, folder: Path) -> Path:
    """Copy an example, as it writes beside itself, and what it may import."""
    for file in FILES:
        shutil.copy(file, folder)
    return folder / path.name


# The examples, briefly ---------------------------------------------------------------------------


def test_each_example_has_a_row() -> None:
    programs = {path.stem for path in FILES if "__main__" in path.read_text("utf-8")}
    assert programs == {"demo", *(example.name for example in EXAMPLES)}


@each_example
def test_it_does_what_it_is_for(example: Example, tmp_path: Path) -> None:
    result = run(copied(example.path, tmp_path), *example.options.split())
    assert result.returncode == 0, result.stderr
    for pattern, low, high in example.numbers:
        (number,) = re.findall(pattern, result.stdout)
        assert low <= float(number) <= high, result.stdout
    assert ("%|" in result.stderr) == ("tqdm" in example.source)  # the progress bar
    left = {path.name: path.read_bytes() for path in (tmp_path / "output").glob("*")}
    assert sorted(left) == sorted(example.leaves.split())
    pictures = [content for name, content in left.items() if name.endswith(".png")]
    assert all(content.startswith(b"\x89PNG") for content in pictures)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_typed_throughout(path: Path) -> None:
    assert not re.search(r"\bAny\b|type: ignore|\bcast\b", path.read_text("utf-8"))


@each_example
def test_it_takes_the_options_that_its_first_lines_name(example: Example) -> None:
    head = ast.get_docstring(ast.parse(example.source)) or ""
    assert f"    python examples/{example.name}.py" in head
    taken = re.findall(r"add_argument\(\"(--[\w-]+)", example.source)
    assert set(re.findall(r"--[\w-]+", head)) == set(taken)


@each_example
def test_the_readme_tells_of_it(example: Example) -> None:
    assert f"](examples/{example.name}.py)" in (ROOT / "README.md").read_text("utf-8")


# Some at length ----------------------------------------------------------------------------------


def test_the_example_reads_the_digits(tmp_path: Path) -> None:
    """On each of the five splits, with the settings of a user who gives none."""
    result = run(copied(EXAMPLE, tmp_path))
    assert result.returncode == 0, result.stderr
    found = accuracies(result.stdout)
    assert len(found) == 5
    assert min(found) >= 97
    with np.load(tmp_path / "output" / "digits.npz") as checkpoint:
        assert {"layers.0.0.weight", "layers.2.bias"} <= set(checkpoint.files)


def test_a_resumed_example_is_the_one_that_never_stopped(tmp_path: Path) -> None:
    (tmp_path / "stopped").mkdir()
    whole = copied(FOLDER / "custom_module.py", tmp_path)
    stopped = copied(FOLDER / "custom_module.py", tmp_path / "stopped")
    runs = [(whole, "2"), (stopped, "1"), (stopped, "2", "--resume")]
    for path, *options in runs:
        result = run(path, "--epochs", *options)
        assert result.returncode == 0, result.stderr
    models = [path.parent / "output" / "autoencoder.npz" for path in (whole, stopped)]
    assert models[0].read_bytes() == models[1].read_bytes()


# The broken twins --------------------------------------------------------------------------------


def test_there_is_one_file_for_each_kind_of_mistake() -> None:
    folder = EXAMPLE.parent / "mistakes"
    assert sorted(path.stem for path in folder.iterdir() if path.suffix) == sorted(MISTAKES)


def test_mypy_accepts_the_examples_and_refuses_its_twins_as_python_does(tmp_path: Path) -> None:
    twins = [EXAMPLE.parent / "mistakes" / f"{name}.py" for name in MISTAKES]
    result = run_mypy("--ignore-missing-imports", *FILES, *twins, cwd=tmp_path)
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
