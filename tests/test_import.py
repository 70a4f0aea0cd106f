"""``import tensorlib`` loads what every program needs, and the rest when it is first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tensorlib as tl

LATER = (
    *("tensorlib.checking", "tensorlib.checkpoint", "tensorlib.compiling", "tensorlib.data"),
    *("tensorlib.functional", "tensorlib.io", "tensorlib.linalg", "tensorlib.losses"),
    *("tensorlib.metrics", "tensorlib.nn", "tensorlib.optim", "tensorlib.testing"),
    *("tensorlib.blas", "tensorlib.kernels"),
)
SLOW = ("ast", "difflib", "inspect", "tokenize", "zipfile", "numba", "torch")
"""What takes long to load; NumPy itself loads some of it."""


def printed(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_the_import_loads_nothing_that_can_wait() -> None:
    shown = "; import sys; print(*sys.modules)"
    before = set(printed("import numpy, dataclasses, typing_extensions" + shown))
    loaded = set(printed("import tensorlib" + shown)) - before
    assert "tensorlib.tensor" in loaded
    assert not {name for name in loaded if name.startswith(LATER)}
    assert not loaded & set(SLOW)


@pytest.mark.parametrize("name", ["nn", "optim", "losses", "data", "io", "linalg", "checking"])
@pytest.mark.parametrize("asked", ["tl.{}", "dir(tl); from tensorlib import {} as r; r"])
def test_a_room_is_there_as_soon_as_it_is_asked_for(name: str, asked: str) -> None:
    *before, expression = asked.format(name).split("; ")
    program = "; ".join(["import tensorlib as tl", *before, f"print({expression}.__name__)"])
    assert printed(program) == [f"tensorlib.{name}"]


@pytest.mark.parametrize("name", ["compile", "grad", "save_checkpoint", "einsum", "layer_norm"])
def test_so_is_a_function_of_one(name: str) -> None:
    program = f"import tensorlib as tl; print('{name}' in dir(tl), tl.{name}.__name__)"
    assert printed(program) == ["True", name]


def test_an_asterisk_brings_rooms_and_functions_of_them() -> None:
    program = "from tensorlib import *; print(nn.__name__, optim.__name__, compile.__module__)"
    assert printed(program) == ["tensorlib.nn", "tensorlib.optim", "tensorlib.compiling.step"]


def test_what_there_is_not_is_still_missing() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Adam'"):
        _ = tl.Adam  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"use tl\.concat"):
        _ = getattr(tl, "cat")  # noqa: B009
