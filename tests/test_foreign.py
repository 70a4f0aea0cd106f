"""The plugin leaves other code alone, and works beside other plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import typecheck
from tests.foreign import compared

TOGETHER = """
import tensorlib as tl
from pydantic import BaseModel
from tensorlib import Shape, Tensor, nn


class Settings(BaseModel, frozen=True):
    width: int
    rate: float = 0.1


settings = Settings(width=4, rate=0.2)
settings.width = 5
model = nn.Linear(3, 4)
y: Tensor[Shape[2, 4]] = model(tl.zeros((2, 5)))
reveal_type(model(tl.zeros((2, 3))))
"""


def test_mypy_says_the_same_of_packages_without_tensors(tmp_path: Path) -> None:
    comparison = compared(tmp_path, "pluggy", "packaging", "_pytest")
    assert comparison.is_equal, comparison.difference
    assert "error: " in comparison.without.output
    assert "INTERNAL" not in comparison.without.output


UNTYPED = """
from typing import Any, Callable

def made() -> Callable: return print

def calls() -> None:
    function = made()
    def call(*args: Any) -> None:
        return function(*args)
"""


def test_mypy_says_the_same_of_calls_of_anything(tmp_path: Path) -> None:
    """An Any that mypy counts as an error of the user's is not one of ours."""
    (tmp_path / "program.py").write_text(UNTYPED)
    comparison = compared(tmp_path, "program.py")
    assert comparison.is_equal, comparison.difference
    assert "Returning Any" in comparison.without.output


@pytest.mark.parametrize(
    "plugins", ["mypy_plugin, pydantic.mypy", "pydantic.mypy, mypy_plugin"], ids=["first", "last"]
)
def test_it_works_beside_pydantics(
    plugins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typecheck, "CONFIG", typecheck.CONFIG.replace("mypy_plugin", plugins))
    (tmp_path / "program.py").write_text(TOGETHER)
    output = typecheck.run_mypy("program.py", cwd=tmp_path).stdout
    said = [(m.line, m.code) for m in typecheck.printed(output)]
    assert said == [(13, "misc"), (15, "tensor-shape"), (16, "")]
    assert "Tensor[Shape[2, 4]" in typecheck.simplified(output.splitlines()[-2].split("note: ")[1])
