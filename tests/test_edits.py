"""Edits of imported modules: a changed constant, alias, size or signature is seen everywhere.

Whatever way mypy runs, warm, in parallel workers or in the daemon, it says what a cold run says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.typecheck import run_mypy

FILES = {
    "sizes.py": """
from typing import Final

HIDDEN: Final = 32
""",
    "aliases.py": """
from typing import TypeAlias

from typing_extensions import TypeVar

from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
Padded: TypeAlias = Tensor[Shape["N + 2"]]
Images: TypeAlias = Tensor[Shape[N, 784]]
""",
    "blocks.py": """
from typing import Generic

import tensorlib as tl
from aliases import N, Padded
from sizes import HIDDEN
from tensorlib import NoTape, Shape, Tape, Tensor, nn
from typing_extensions import TypeVar, TypeVarTuple

C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


class Block(nn.Module, Generic[C, H]):
    def __init__(self, c: C, h: H) -> None:
        self.up = nn.Linear(c, c * h)
        self.down = nn.Linear(c * h, c)

    def heads(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, "C*H"], T]:
        return self.up(x)

    def forward(self, x: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, C], T]:
        return self.down(self.up(x))


class Stack(Generic[*Batch]):
    def __init__(self, x: Tensor[Shape[*Batch]]) -> None:
        self.x = x


def padded(x: Tensor[Shape[N]]) -> Padded[N]:
    return tl.concat((x, tl.zeros((2,))))


block = Block(HIDDEN, 2)
""",
    "net.py": """
from typing import Literal

from aliases import Images, N
from blocks import Block
from sizes import HIDDEN
from tensorlib import Shape, Tensor, nn


class Wide(Block[N, N]): ...


class Net(nn.Module):
    def __init__(self) -> None:
        self.layers = nn.Sequential(nn.Linear(784, HIDDEN), Block(32, 2), nn.Linear(32, 10))

    def forward(self, x: Images[N]) -> Tensor[Shape[N, 10]]:
        return self.layers(x)
""",
    "main.py": """
import blocks
import net
import tensorlib as tl
from aliases import Images, Padded
from tensorlib import nn

five: Padded[3] = tl.zeros((5,))
images: Images[7] = tl.zeros((7, 784))
layers = [blocks.block, blocks.Block(32, 5)]
reveal_type(layers)
reveal_type([nn.Linear(3, 4), nn.Linear(4, 5)])
reveal_type(blocks.block.up)
reveal_type(blocks.block.heads(tl.zeros((5, 32))))
reveal_type(net.Wide(3, 3).up)
reveal_type(net.Net()(images))
reveal_type(blocks.padded(tl.zeros((3,))))
reveal_type(blocks.Stack(tl.zeros((2, 3))).x)
reveal_type(tl.concat((five, five)))
""",
}
EDITS = [
    ("sizes.py", "32", "31"),
    ("sizes.py", "31", "32"),
    ("aliases.py", '"N + 2"', '"N + 3"'),
    ("blocks.py", '"C*H"', '"C + H"'),
    ("blocks.py", "c * h", "c + h"),
    ("net.py", "Block[N, N]", "Block[N, Literal[2]]"),
]

Run = Callable[[], list[str]]


def _lines(output: str) -> list[str]:
    """Return what mypy says, in any order."""
    assert "INTERNAL ERROR" not in output
    lines = output.splitlines()
    return sorted(line for line in lines if ": error: " in line or ": note: " in line)


def _written(folder: Path) -> Path:
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(params=["warm", "workers", "daemon"])
def checked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Run]]:
    """A folder with the files, and what checks them again and again."""
    folder = _written(tmp_path / "again")
    status = ("mypy.dmypy", "--status-file", str(tmp_path / "status.json"))
    command = status if request.param == "daemon" else ("mypy",)
    before = {"warm": (), "workers": ("-n", "2"), "daemon": ("run", "--")}[request.param]
    try:
        yield folder, lambda: _lines(run_mypy(*before, *FILES, cwd=folder, command=command).stdout)
    finally:
        if request.param == "daemon":
            run_mypy("kill", cwd=folder, command=command)


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What runs say that know nothing of the files: first, and after each edit."""
    base = tmp_path_factory.mktemp("cold")
    folder = _written(base / "files")
    (folder / "library.py").write_text("import tensorlib\n")
    run_mypy("--cache-dir", base / "library", "library.py", cwd=folder)
    said = []
    for place, edit in enumerate([None, *EDITS]):
        if edit is not None:
            _edit(folder, *edit)
        cache = base / f"cache{place}"
        shutil.copytree(base / "library", cache)
        said.append(_lines(run_mypy("--cache-dir", cache, *FILES, cwd=folder).stdout))
    return said


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text, changed = path.read_text(), path.stat().st_mtime
    assert old in text
    path.write_text(text.replace(old, new))
    later = max(path.stat().st_mtime, changed + 2)  # mypy counts in seconds
    os.utime(path, (later, later))


@pytest.mark.xdist_group("edits")
def test_each_edit_is_seen_by_the_modules_that_import(
    checked: tuple[Path, Run], cold: list[list[str]]
) -> None:
    folder, check = checked
    said = [check()]
    for edit in EDITS:
        _edit(folder, *edit)
        said.append(check())
    assert said == cold


@pytest.mark.xdist_group("edits")
def test_the_edits_change_what_mypy_says(cold: list[list[str]]) -> None:
    assert not [line for line in cold[0] if ": error: " in line]
    assert cold[0] == cold[2]
    assert len(set(map(tuple, cold))) == len(EDITS)


LOADED = """
import sys
from mypy import api
said = api.run(sys.argv[1:])[0]
print(*(name in sys.modules for name in ("mypy_plugin.hooks", "numpy", "tensorlib.shapes")))
print(said)
"""


def test_only_a_run_that_checks_something_loads_the_rules(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\nplugins = mypy_plugin\n")
    (tmp_path / "program.py").write_text(
        "import tensorlib as tl\n\ntl.zeros((2, 5)) @ tl.zeros((3, 7))\n"
    )

    def run() -> tuple[str, str]:
        arguments = ("--config-file", "mypy.ini", "--cache-dir", str(tmp_path / "cache"))
        done = subprocess.run(
            [sys.executable, "-c", LOADED, *arguments, "program.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        loaded, _, said = done.stdout.partition("\n")
        return loaded, said

    (loaded_cold, cold), (loaded_warm, warm) = run(), run()
    assert "[tensor-shape]" in cold
    assert loaded_cold == "True False True"
    assert loaded_warm == "False False False"
    assert warm == cold
