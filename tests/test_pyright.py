"""Other checkers: the library and the standard spelling are clean, and mistakes are reported.

They know nothing of the plugin. basedpyright comes as a wheel with all it needs, and its basic mode
is that of pyright.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.typecheck import CASES, ROOT

RIGHT, WRONG = CASES / "pyright" / "right.py", CASES / "pyright" / "wrong.py"


class Problem(NamedTuple):
    """One error of pyright's."""

    file: str
    line: int
    text: str


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    """Run basedpyright once, over the library and the cases."""
    folder = tmp_path_factory.mktemp("pyright")
    settings = {
        "include": [str(ROOT / "tensorlib"), str(CASES / "pyright")],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "basic",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    result = subprocess.run(
        [*command, "-p", str(folder)], cwd=folder, capture_output=True, text=True, check=False
    )
    report = json.loads(result.stdout)
    assert report["summary"]["filesAnalyzed"] > 150
    return [
        Problem(
            Path(found["file"]).relative_to(ROOT).as_posix(),
            found["range"]["start"]["line"] + 1,
            found["message"],
        )
        for found in report["generalDiagnostics"]
        if found["severity"] == "error"
    ]


@pytest.mark.slow
@pytest.mark.xdist_group("typecheck")
def test_the_library_is_clean(problems: list[Problem]) -> None:
    assert [problem for problem in problems if problem.file.startswith("tensorlib/")] == []


@pytest.mark.slow
@pytest.mark.xdist_group("typecheck")
def test_the_standard_spelling_is_clean(problems: list[Problem]) -> None:
    name = RIGHT.relative_to(ROOT).as_posix()
    assert [problem for problem in problems if problem.file == name] == []


@pytest.mark.slow
@pytest.mark.xdist_group("typecheck")
def test_each_mistake_is_reported_on_its_line_and_nothing_else_is(problems: list[Problem]) -> None:
    lines = WRONG.read_text("utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("  # wrong")]
    name = WRONG.relative_to(ROOT).as_posix()
    found = [problem for problem in problems if problem.file == name]
    assert len(marked) > 15
    assert [problem.line for problem in found] == marked
    assert any('Operator "@" not supported' in problem.text for problem in found)


def test_the_right_program_runs() -> None:
    result = subprocess.run(
        [sys.executable, str(RIGHT)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert result.returncode == 0
