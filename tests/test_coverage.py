"""The pages that say what stands for what: they are complete, and what they name exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import tensorlib as tl
from tests.typecheck import ROOT

PAGES = [ROOT / "docs" / name for name in ("dfdx.md", "pytorch.md")]
INVENTORY = (ROOT / "tests" / "dfdx_inventory.txt").read_text("utf-8").splitlines()
CODE = re.compile(r"`([^`]+)`")
NAME = re.compile(r"(?:tl|nn|optim|losses|data|Tensor)(?:\.\w+)+")


class Row(NamedTuple):
    """One row of a table."""

    page: str
    line: int
    theirs: str
    ours: str
    test: str


def rows(path: Path) -> list[Row]:
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and set(cells[0]) != {"-"} and cells[1] != "here":
            (test,) = CODE.findall(cells[2])
            found.append(Row(path.stem, number, cells[0], cells[1], test))
    return found


ROWS = [row for path in PAGES if path.exists() for row in rows(path)]


def test_the_table_holds_all_of_dfdx() -> None:
    first, _ = (ROOT / "docs" / "dfdx.md").read_text("utf-8").split("\n## Later\n")
    lines = first.count("\n") + 1
    named = [
        name
        for row in ROWS
        if row.page == "dfdx" and row.line <= lines
        for name in CODE.findall(row.theirs)
    ]
    assert sorted(named) == sorted(INVENTORY)
    assert len(INVENTORY) == len(set(INVENTORY)) > 150


def test_what_is_named_exists() -> None:
    wrong = []
    for row in ROWS:
        for name in {name for code in CODE.findall(row.ours) for name in NAME.findall(code)}:
            try:
                resolved(name)
            except AttributeError as error:
                wrong.append(f"{row.page}.md:{row.line}: {error}")
        for file in re.findall(r"`(examples/\S+)`", row.ours):
            if not (ROOT / file).is_file():
                wrong.append(f"{row.page}.md:{row.line}: there is no {file}")
    assert not wrong


def resolved(name: str) -> Any:
    first, *rest = name.split(".")
    found: Any = {"tl": tl, "Tensor": tl.Tensor}.get(first) or getattr(tl, first)
    for part in rest:
        found = getattr(found, part)
    return found


def test_the_tests_exist() -> None:
    known = known_tests()
    assert len(known) > 1000
    assert not [f"{row.page}.md:{row.line}: {row.test}" for row in ROWS if row.test not in known]


def known_tests() -> frozenset[str]:
    """All tests by file and function, and those of `test_ops` by file and what they are about."""
    options = ("-p", "no:cacheprovider", "-o", "addopts=", "--collect-only", "-q")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = set()
    for line in result.stdout.splitlines():
        match = re.match(r"tests/(?P<file>\S+\.py)::(?P<name>\w+)(?P<id>\[.*\])?$", line)
        if match is not None:
            found.add(f"{match['file']}::{match['name']}")
            found.add(f"{match['file']}{match['id']}")
    return frozenset(found)
