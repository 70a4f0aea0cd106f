"""The documentation: its programs run, mypy says what they announce, and the guide's op works."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tensorlib as tl
from tests.documents import PAGES, Error, Page
from tests.typecheck import ROOT, printed, run_mypy

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)

# Programs ----------------------------------------------------------------------------------------


@each_page
def test_programs_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = Page(path)
    # Of two texts at a line, mypy's and Python's, the latter is raised.
    errors = {error.line: error for error in sorted(page.errors, key=lambda error: error.raised)}
    module = ModuleType(f"page_{path.stem}")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look it up
    namespace: dict[str, Any] = vars(module)
    for block in page.program:
        for statement in ast.parse(block.source).body:
            code = compile(ast.Module([statement], []), str(path), "exec")
            announced = _announced(statement, errors)
            if announced is None:
                exec(code, namespace)
                continue
            if not announced.raised:
                with contextlib.suppress(tl.TensorlibError):
                    exec(code, namespace)
                continue
            with pytest.raises((tl.TensorlibError, AttributeError, KeyError, TypeError)) as caught:
                exec(code, namespace)
            assert str(caught.value.args[0]) == announced.text


def _announced(statement: ast.stmt, errors: dict[int, Error]) -> Error | None:
    """Return the error that running a statement raises; a definition raises none."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return None
    assert statement.end_lineno is not None
    lines = range(statement.lineno, statement.end_lineno + 1)
    return next((errors[line] for line in lines if line in errors), None)


def test_mypy_says_what_the_pages_announce(tmp_path: Path) -> None:
    wanted, files = [], []
    for path in PAGES:
        page = Page(path)
        files.append(tmp_path / f"{path.stem.replace('-', '_').lower()}.py")
        files[-1].write_text(page.checked_source())
        errors = [error for error in page.errors if error.code]
        wanted += [f"{files[-1].name}:{e.line}: {e.text} [{e.code}]" for e in errors]
    result = run_mypy("--disable-error-code", "empty-body", *files, cwd=tmp_path)
    found = [f"{m.file}:{m.line}: {m.text} [{m.code}]" for m in printed(result.stdout)]
    assert "\n".join(sorted(found)) == "\n".join(sorted(wanted))


# The guide for a new op --------------------------------------------------------------------------


def test_the_op_of_the_guide_works(tmp_path: Path) -> None:
    for folder in ("tensorlib", "mypy_plugin", "tests", "typecheck_cases", "examples/models"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    insertions = [*Page(ROOT / "docs" / "adding-an-op.md").insertions()]
    assert {insertion.file.partition("/")[0] for insertion in insertions} == {
        "tensorlib",
        "tests",
        "typecheck_cases",
    }
    for insertion in insertions:
        file = tmp_path / insertion.file
        lines = file.read_text("utf-8").splitlines()
        (place,) = [i for i, line in enumerate(lines) if line.startswith(insertion.before)]
        lines[place:place] = [
            *insertion.text.splitlines(),
            *([""] if "def " in insertion.text else []),
        ]
        file.write_text("\n".join(lines) + "\n", "utf-8")
    selected = "exp2 or (mypy_says and reveal) or exported or row or completeness"
    files = ("tests/test_ops.py", "tests/test_architecture.py", "tests/test_typecheck.py")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files, "-k", selected]
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


# The site ----------------------------------------------------------------------------------------


def test_every_page_is_in_the_navigation() -> None:
    settings = (ROOT / "docs" / "mkdocs" / "mkdocs.yml").read_text("utf-8")
    named = set(re.findall(r"^\s+- .*?(\S+\.md)$", settings, re.MULTILINE))
    assert named == {path.name for path in (ROOT / "docs").glob("*.md")}


def test_the_architecture_names_every_file_of_the_plugin() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    files = {path.name for path in (ROOT / "mypy_plugin").glob("*.py")} - {"__main__.py"}
    assert not [name for name in files if f"`{name}`" not in text]


@each_page
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([\w-]*[./][\w./-]*)(?:#[\w-]+)?\)", path.read_text("utf-8"))
    for target in links:
        assert (path.parent / target).exists(), target
