"""The checker on random snippets: no hook raises, whatever is called with whatever, and what it
reports of a snippet with one meaning is never something that runs.

``make test`` tries a few hundred; ``make fuzz`` many thousands.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import os
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.snippets import DEFINITE, HEADER, Snippet, snippets
from tests.typecheck import run_mypy

MANY = bool(os.environ.get("FUZZ"))
SEEDS = range(1, 31) if MANY else range(1)
COUNT = 2500 if MANY else 400
ERROR = re.compile(r"program\.py:(\d+): error: (.*?)  \[([a-z-]+)\]$")


@pytest.mark.parametrize("seed", SEEDS)
def test_no_hook_raises_and_no_alarm_is_false(seed: int, tmp_path: Path) -> None:
    drawn = list(snippets(seed, COUNT))
    functions = [snippet.function(f"snippet_{place}") for place, snippet in enumerate(drawn)]
    header = HEADER.splitlines()
    (tmp_path / "program.py").write_text("\n".join([*header, *functions]))
    loose = ("--allow-untyped-defs", "--allow-untyped-calls", "--allow-any-generics")
    ran = run_mypy("--show-traceback", *loose, "program.py", cwd=tmp_path)
    assert ran.returncode == 1, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert "Traceback" not in ran.stdout + ran.stderr
    reports: dict[int, list[tuple[str, str]]] = {}
    for found in filter(None, map(ERROR.match, ran.stdout.splitlines())):
        reports.setdefault(int(found[1]), []).append((found[2], found[3]))
    assert min(reports) > len(header), "the header is wrong"
    false = [
        f"{snippet.expression}: {texts}"
        for place, snippet in enumerate(drawn)
        if (texts := _ours(reports.get(len(header) + 3 * place + 2, []))) and _runs(snippet)
    ]
    assert not false, "\n".join(false)


@functools.cache
def _declared() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(HEADER, "header", "exec"), names)
    return names


OWN = {
    node.name
    for node in ast.parse(HEADER).body
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
}
"""What the header declares, and a snippet may call against its signature."""


def _ours(reports: list[tuple[str, str]]) -> list[str]:
    """Return our reports, if there are no other ones and none says that a signature is broken."""
    texts = [text for text, code in reports if code.startswith("tensor-")]
    subjects = [re.split(r"\W", text, maxsplit=1)[0] for text in texts]
    return [] if OWN & {*subjects} or len(texts) < len(reports) else texts


def _runs(snippet: Snippet) -> bool:
    if not snippet.is_definite:
        return False
    silence = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), np.errstate(all="ignore"), silence:
        warnings.simplefilter("ignore")
        try:
            names = {name: eval(DEFINITE[name][1], _declared()) for name in snippet.operands}
            eval(snippet.expression, _declared(), names)
        except Exception:
            return False
    return True
