"""The plugin beside other code: left alone, seen again after edits, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typecheck import ROOT, run_mypy

PLAIN = """
from dataclasses import dataclass
from typing import Callable, Generic, TypeVar

N = TypeVar("N", bound=int)
X = TypeVar("X")


def first(n: N, *rest: N) -> list[N]:
    return [n, *rest]


@dataclass
class Ring(Generic[N]):
    size: N

    def grown(self, by: N) -> "Ring[N]":
        return Ring(by)


def applied(f: Callable[[N], X], n: N) -> X:
    return f(n)


reveal_type(first(3, 4))
reveal_type(Ring(3))
reveal_type(Ring(3).grown(4))
reveal_type(applied(str, 3))
first("three")
Ring[int]("three")
"""

FILES = {
    "sizes.py": "from typing import Final\n\nHIDDEN: Final = 32\n",
    "layers.py": """
import tensorlib as tl
from sizes import HIDDEN
from tensorlib import NoTape, Shape, Tape, Tensor, nn
from typing_extensions import TypeVar

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


class Net(nn.Module):
    def __init__(self) -> None:
        self.layers = nn.Sequential(nn.Linear(10, HIDDEN), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x: Tensor[Shape[N, 10], T]) -> Tensor[Shape[N, 2], T]:
        return self.layers(x)


def padded(x: Tensor[Shape[N]]) -> Tensor[Shape["N + 2"]]:
    return tl.zeros((x.shape[0] + 2,))
""",
    "main.py": """
import layers
import tensorlib as tl

reveal_type(layers.Net()(tl.zeros((4, 10))))
reveal_type(layers.padded(tl.zeros((4,))))
""",
    "apart.py": "import layers\n\nnet = layers.Net()\n",
}
EDITS = {
    "sizes.py": ("32", "31"),
    "layers.py": ('"N + 2"', '"N + 3"'),
    "main.py": ("(4, 10)", "(4, 11)"),
    "apart.py": ("net", "other_net"),
}


@pytest.mark.xdist_group("typecheck")
def test_code_that_does_not_use_us_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(PLAIN)
    ours = run_mypy("plain.py", cwd=tmp_path).stdout
    theirs = run_mypy("--config-file", "", "--strict", "plain.py", cwd=tmp_path).stdout
    assert ours == theirs
    assert "list[int]" in ours


@pytest.mark.xdist_group("typecheck")
def test_edits_are_seen(tmp_path: Path) -> None:
    """After each edit, the warm run says what a cold run over the same files says."""
    warm, cold = tmp_path / "warm", tmp_path / "cold"
    for folder in (warm, cold):
        folder.mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
    outputs = [run_mypy(*FILES, cwd=warm).stdout]
    assert "Linear" not in outputs[0]
    for name, (old, new) in EDITS.items():
        for folder in (warm, cold):
            path = folder / name
            path.write_text(path.read_text().replace(old, new))
        outputs.append(run_mypy(*FILES, cwd=warm).stdout)
        options = ("--cache-dir", f"cache_of_{name}")
        assert outputs[-1] == run_mypy(*options, *FILES, cwd=cold).stdout, f"after {name}"
    assert len(set(outputs)) == 4, outputs  # the last edit changes nothing that mypy says


@pytest.mark.xdist_group("typecheck")
def test_a_changed_rule_is_seen(tmp_path: Path) -> None:
    """The rules are part of what mypy's cache depends on."""
    for package in ("tensorlib", "mypy_plugin"):
        _copied(ROOT / package, tmp_path / package)
    (tmp_path / "program.py").write_text("import tensorlib as tl\n\ntl.zeros((2,)).sum(axis=1)\n")
    before = run_mypy("program.py", cwd=tmp_path, path=tmp_path).stdout
    assert "sum: axis 1 is out of range for shape (2,)" in before
    rule = tmp_path / "tensorlib" / "shapes" / "shape.py"
    rule.write_text(rule.read_text().replace("is out of range for", "does not lie in"))
    after = run_mypy("program.py", cwd=tmp_path, path=tmp_path).stdout
    assert "sum: axis 1 does not lie in shape (2,)" in after


def _copied(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.suffix in (".py", ".typed"):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


REBOUND = """
import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn
from typing_extensions import TypeVar

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
first, second, third = nn.Linear(4, 8), nn.Linear(8, 16), nn.Linear(16, 2)


def right(x: Tensor[Shape[N, 4], T], deep: bool) -> Tensor[Shape[N, 2], T]:
    x = first(x).relu()
    x = second(x)
    for _ in range(3):
        x = x.tanh()
    if deep:
        x = x * 2
    x = third(x)
    return x


def wrong(x: Tensor[Shape[N, 4], T]) -> Tensor[Shape[N, 2], T]:
    x = first(x)
    x = third(x)
    x = x.relu()
    x = nn.Linear(2, 2)(x)
    return x
"""


@pytest.mark.xdist_group("typecheck")
def test_a_name_takes_another_shape_where_redefinition_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "rebound.py").write_text(REBOUND)
    done = run_mypy("--allow-redefinition", "rebound.py", cwd=tmp_path)
    assert done.stdout.splitlines()[:-1] == [
        "rebound.py:24: error: Linear(16, 2): expected last dimension 16, got 8; "
        "try nn.Linear(8, 2)  [tensor-shape]"
    ]
