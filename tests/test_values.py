"""What mypy reads from values is what Python computes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

from tensorlib import Tensor
from tests.typecheck import CASES, Message, expected, printed, run_mypy

T = TypeVar("T")
FILE = CASES / "reveal" / "values.py"
SIZES = re.compile(r"Tensor\[Shape\[([^\]]*)\]")


def test_revealed_sizes_are_those_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    revealed = {message.line: message.text for message in expected(FILE)}
    seen: dict[int, list[tuple[int, ...]]] = {}

    def reveal_type(value: T) -> T:
        if isinstance(value, Tensor):
            line = sys._getframe(1).f_lineno
            seen.setdefault(line, []).append(value.shape)
        return value

    source = compile(FILE.read_text(encoding="utf-8"), str(FILE), "exec", dont_inherit=True)
    module = ModuleType("values_cases")
    vars(module).update(__file__=str(FILE), reveal_type=reveal_type)
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look it up
    exec(source, vars(module))
    compared = 0
    for line, shapes in seen.items():
        for shape in shapes:
            compared += _compared(revealed[line], shape, line)
    assert len(seen) > 80
    assert compared > 100


def _compared(text: str, shape: tuple[int, ...], line: int) -> int:
    """Compare the sizes that are numbers; return how many there are."""
    match = SIZES.search(text)
    assert match is not None, text
    if any(mark in match[1] for mark in ("*", "[", "...")):
        return 0
    sizes = [] if match[1] == "()" else match[1].split(", ")
    assert len(sizes) == len(shape), f"line {line}: {text}, but {shape}"
    for known, size in zip(sizes, shape, strict=True):
        if known.isdecimal():
            assert int(known) == size, f"line {line}: {text}, but {shape}"
    return sum(map(str.isdecimal, sizes))


CONFIG = """
from typing import Final

HIDDEN: Final = 3
PLAIN = 3
SIZES: Final = (2, 3)
"""
MODEL = """
import config
import model
import tensorlib as tl
from config import HIDDEN, PLAIN, SIZES
from enum import Enum

OWN = 3
SET = 3
model.SET = 4


class Size(Enum):
    SMALL = 3


reveal_type(tl.zeros((HIDDEN, config.HIDDEN, PLAIN, config.PLAIN, *SIZES)))
reveal_type(tl.zeros((OWN, SET, Size.SMALL.value)))
"""
FIRST = [
    "Tensor[Shape[3, 3, int, int, 2, 3], NoTape, float32]",
    "Tensor[Shape[3, int, 3], NoTape, float32]",
]
EDITED = [
    "Tensor[Shape[4, 4, int, int, 2, 5], NoTape, float32]",
    "Tensor[Shape[6, int, 7], NoTape, float32]",
]


@pytest.mark.parametrize("options", [(), ("--no-incremental",)], ids=["warm", "cold"])
def test_edits_of_constants_are_seen(options: tuple[str, ...], tmp_path: Path) -> None:
    _write(tmp_path, CONFIG, MODEL)
    assert _revealed(run_mypy(*options, "model.py", cwd=tmp_path).stdout) == FIRST
    assert _revealed(run_mypy(*options, "model.py", cwd=tmp_path).stdout) == FIRST
    _edit(tmp_path)
    assert _revealed(run_mypy(*options, "model.py", cwd=tmp_path).stdout) == EDITED


def test_edits_of_constants_are_seen_in_the_daemon(tmp_path: Path) -> None:
    dmypy = ("mypy.dmypy",)
    _write(tmp_path, CONFIG, MODEL)
    try:
        run_mypy("start", cwd=tmp_path, command=dmypy)
        checked = run_mypy("check", "model.py", "config.py", cwd=tmp_path, command=dmypy)
        assert _revealed(checked.stdout) == FIRST
        _edit(tmp_path)
        checked = run_mypy("check", "model.py", "config.py", cwd=tmp_path, command=dmypy)
        assert _revealed(checked.stdout) == EDITED
    finally:
        run_mypy("stop", cwd=tmp_path, command=dmypy)


def _write(folder: Path, config: str, model: str) -> None:
    (folder / "config.py").write_text(config)
    (folder / "model.py").write_text(model)


def _edit(folder: Path) -> None:
    config = CONFIG.replace("HIDDEN: Final = 3", "HIDDEN: Final = 4").replace("(2, 3)", "(2, 5)")
    model = MODEL.replace("OWN = 3", "OWN = 6").replace("SMALL = 3", "SMALL = 7")
    _write(folder, config, model)


def _revealed(output: str) -> list[str]:
    messages: list[Message] = [m for m in printed(output) if m.kind == "N"]
    return [m.text.removeprefix('Revealed type is "').removesuffix('"') for m in messages]
