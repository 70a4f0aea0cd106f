"""The benchmarks measure what they say: their programs are correct, with the plugin and without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.plain_spelling import plain
from benchmarks.programs import write_program
from tests.typecheck import ROOT, run_mypy

SPELLED = {
    'x: Shape[N, 3, "2*N + 1"]': "x: tuple[N, Literal[3], Add[Mul[Literal[2], N], Literal[1]]]",
    "x: Tensor[Shape[*B, 'H // 2'], T]": "x: Tensor[tuple[*B, FloorDiv[H, Literal[2]]], T]",
    "x: Tensor2D[4, N, Tape]": "x: Tensor[tuple[Literal[4], N], Tape]",
    "x: Block[64, Literal[3]] | None": "x: Block[Literal[64], Literal[3]] | None",
    "x: Tensor[Shape[...]]": "x: Tensor[tuple[int, ...]]",
    "x: Tensor[Shape[()]]": "x: Tensor[tuple[()]]",
}


@pytest.mark.parametrize("annotation", SPELLED)
def test_annotations_in_the_plain_spelling(annotation: str) -> None:
    spelled = plain(f"import typing\n{annotation} = ...\n").splitlines()[-1]
    assert spelled == f"{SPELLED[annotation]} = ..."


@pytest.mark.xdist_group("typecheck")
def test_generated_and_rewritten_programs_are_correct(tmp_path: Path) -> None:
    lines = write_program(tmp_path, 400, lines_per_module=200)
    assert lines == sum(len(path.read_text().splitlines()) for path in tmp_path.glob("*.py"))
    for path in sorted((ROOT / "examples" / "models").glob("[a-z]*.py")):
        (tmp_path / path.name).write_text(plain(path.read_text("utf-8")))
    done = run_mypy(".", cwd=tmp_path)
    assert re.match("Success: no issues found in [0-9]+ source files", done.stdout), done.stdout
    runs = [len(path.read_text()) for path in tmp_path.glob("module_*.py")]
    assert len(runs) > 1
