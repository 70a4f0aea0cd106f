"""Ops that users define: their rules are checked like the library's, and edits are seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import Page
from tests.typecheck import ROOT, run_mypy

pytestmark = pytest.mark.xdist_group("typecheck")

RULES = """
from tensorlib.shapes import Shape, dim_at, replaced, rule


@rule(op="shop.ops.halved")
def halved(x: Shape) -> Shape:
    return replaced(x, {len(x) - 1: dim_at(x, -1) // 2})
"""
OPS = """
from typing import Any, TypeVar

import tensorlib as tl
from shop import shape_rules
from tensorlib import NoTape, Tape, Tensor

T = TypeVar("T", bound=NoTape | Tape)


def halved(x: Tensor[Any, T]) -> Tensor[Any, T]: ...
"""
MAIN = """
from typing import TypeVar

import tensorlib as tl
from shop import ops
from tensorlib import Shape, Tape, Tensor

N = TypeVar("N", bound=int)


def both(x: Tensor[Shape[N, N], Tape]) -> None:
    reveal_type(ops.halved(x))


reveal_type(ops.halved(tl.zeros((3, 10))))
"""
SETTINGS = '[tool.tensorlib]\nrules = ["shop.shape_rules"]\n'


def project(folder: Path, rules: str = RULES, settings: str = SETTINGS) -> Path:
    """Write a project; the package itself cannot be imported, and need not be."""
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").write_text("raise SystemExit\n")
    (folder / "shop" / "shape_rules.py").write_text(rules)
    (folder / "shop" / "ops.py").write_text(OPS)
    (folder / "main.py").write_text(MAIN)
    (folder / "pyproject.toml").write_text(settings)
    return folder


def checked(folder: Path, *options: str, command: tuple[str, ...] = ("mypy",)) -> str:
    options = ("--disable-error-code=empty-body", *options, "main.py")
    return run_mypy(*options, cwd=folder, command=command).stdout


def divided_by(folder: Path, divisor: int) -> None:
    path = folder / "shop" / "shape_rules.py"
    path.write_text(RULES.replace("// 2", f"// {divisor}"))


def test_the_project_of_the_guide(tmp_path: Path) -> None:
    page = Page(ROOT / "docs" / "own-ops.md")
    for name, text in page.files():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "shop" / "__init__.py").touch()
    result = run_mypy("shop", "main.py", cwd=tmp_path)
    (wanted,) = page.texts()
    assert result.stdout.splitlines()[:-1] == [wanted]
    ran = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "(4, 3) (4, 6)\n"
    error = wanted.partition("error: ")[2].partition("  [")[0]
    assert ran.stderr.splitlines()[-1] == f"tensorlib.shapes.errors.ShapeError: {error}"


def test_calls_are_checked_and_edits_seen_cold_warm_and_in_workers(tmp_path: Path) -> None:
    folder = project(tmp_path)
    cold = checked(folder)
    assert "Literal[3], Literal[5]" in cold
    assert "N, tensorlib.shapes.arithmetic.FloorDiv[N, Literal[2]]" in cold
    assert checked(folder) == cold
    divided_by(folder, 5)
    warm = checked(folder)
    assert "Literal[3], Literal[2]" in warm
    assert sorted(checked(folder, "-n", "2").splitlines()) == sorted(warm.splitlines())
    assert checked(folder, "--cache-dir=new", "-n", "2").count("Literal[2]") == warm.count(
        "Literal[2]"
    )


def test_edits_are_seen_in_the_daemon(tmp_path: Path) -> None:
    folder = project(tmp_path)
    daemon = ("mypy.dmypy", "--status-file", str(tmp_path / "status.json"))

    def run() -> str:
        options = ("run", "--", "--disable-error-code=empty-body", "main.py")
        return run_mypy(*options, cwd=folder, command=daemon).stdout

    try:
        assert "Literal[3], Literal[5]" in run()
        divided_by(folder, 5)
        assert "Literal[3], Literal[2]" in run()
        (folder / "shop" / "shape_rules.py").write_text("1 / 0\n")
        assert "shop.shape_rules fails with ZeroDivisionError" in run()
        divided_by(folder, 2)
        assert "Literal[3], Literal[5]" in run()
    finally:
        run_mypy("stop", cwd=folder, command=daemon)


@pytest.mark.parametrize(
    ("rules", "settings", "problem"),
    [
        (
            "import numpy\n",
            SETTINGS,
            "shop.shape_rules imports numpy on line 1; a module of rules runs inside mypy and may "
            "import the standard library and tensorlib.shapes only",
        ),
        ("from . import ops\n", SETTINGS, "shop.shape_rules imports . on line 1; a module of"),
        ("import tensorlib\n", SETTINGS, "shop.shape_rules imports tensorlib on line 1; a module"),
        ("1 / 0\n", SETTINGS, "shop.shape_rules fails with ZeroDivisionError: division by zero"),
        ("raise SystemExit\n", SETTINGS, "shop.shape_rules fails with SystemExit: "),
        ("def f(:\n", SETTINGS, "shop.shape_rules cannot be read: invalid syntax"),
        (
            RULES,
            '[tool.tensorlib]\nrules = ["shop.rules"]\n',
            "there is no module shop.rules beside pyproject.toml, in src or installed",
        ),
        (
            RULES,
            '[tool.tensorlib]\nrules = "shop.rules"\n',
            "expected a list of module names, got 'shop.rules'",
        ),
        (RULES, "[tool.tensorlib\n", "the file cannot be read: "),
    ],
)
def test_rules_that_cannot_be_loaded_are_one_error(
    tmp_path: Path, rules: str, settings: str, problem: str
) -> None:
    output = checked(project(tmp_path, rules, settings)).splitlines()
    assert len(output) == 2, output
    assert output[0].startswith(f"pyproject.toml: error: [tool.tensorlib] rules: {problem}")
    assert output[1] == "Found 1 error in 1 file (errors prevented further checking)"
