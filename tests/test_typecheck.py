"""The case files: mypy says exactly what they expect, and the run time agrees."""

from __future__ import annotations

import importlib.util
import inspect
import re
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tensorlib import Tensor, TensorlibError
from tests.typecheck import Message, case_files, expected, printed, run_mypy

FOLDERS = ("pass", "fail", "reveal")
ARRAYS = re.compile(r"np\.(zeros|ones)\(|\.numpy\(\)|\(single / ")


@pytest.fixture(scope="session")
def mypy_outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run mypy once for each folder."""
    folder = tmp_path_factory.mktemp("typecheck")
    return {name: run_mypy(*case_files(name), cwd=folder).stdout for name in FOLDERS}


@pytest.mark.xdist_group("typecheck")
@pytest.mark.parametrize("folder", FOLDERS)
def test_mypy_says_what_the_cases_expect(folder: str, mypy_outputs: dict[str, str]) -> None:
    wanted = sorted(message for path in case_files(folder) for message in expected(path))
    assert case_files(folder)
    found = printed(mypy_outputs[folder])
    if np.__version__.startswith("2.0."):  # whose types of arrays tell fewer shapes and dtypes
        lines = {path.name: path.read_text("utf-8").splitlines() for path in case_files(folder)}
        wanted, found = (
            [m for m in each if not ARRAYS.search(lines[m.file][m.line - 1])]
            for each in (wanted, found)
        )
    assert _as_lines(found) == _as_lines(wanted)


def _as_lines(messages: list[Message]) -> list[str]:
    return [f"{m.file}:{m.line}: {m.kind}: {m.text} [{m.code}]" for m in messages]


@pytest.mark.xdist_group("typecheck")
@pytest.mark.parametrize("path", case_files("pass"), ids=lambda path: path.stem)
def test_pass_files_run(path: Path) -> None:
    runpy.run_path(str(path), run_name="__main__")


def _cases() -> Iterator[tuple[Path, Callable[[], object], Message]]:
    """Go through the functions of the fail files that run, each with its one message."""
    for path in case_files("fail"):
        module = _imported(path)
        by_line = {message.line: message for message in expected(path)}
        for function in vars(module).values():
            if not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            if not function.__name__.startswith("case_"):
                continue
            lines, start = inspect.getsourcelines(function)
            inside = [by_line[n] for n in range(start, start + len(lines)) if n in by_line]
            assert len(inside) == 1, f"{path.name}: {function.__name__} has {len(inside)} errors"
            yield path, function, inside[0]


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"typecheck_fail_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("path", "function", "message"),
    [pytest.param(*case, id=f"{case[0].stem}-{case[1].__name__}") for case in _cases()],
)
def test_the_run_time_raises_the_same_text(
    path: Path, function: Callable[[], object], message: Message
) -> None:
    with pytest.raises((TensorlibError, AttributeError, TypeError)) as caught:
        function()
    assert str(caught.value) == message.text
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert message.line in [frame.lineno for frame in frames if frame.filename == str(path)]


@pytest.mark.xdist_group("typecheck")
@pytest.mark.parametrize("folder", ["fail", "reveal"])
def test_same_output_warm_and_in_workers(
    folder: str, tmp_path: Path, mypy_outputs: dict[str, str]
) -> None:
    files = case_files(folder)
    first = run_mypy(*files, cwd=tmp_path).stdout
    assert sorted(first.splitlines()) == sorted(mypy_outputs[folder].splitlines())
    warm = run_mypy(*files, cwd=tmp_path).stdout
    assert warm == first
    (tmp_path / "workers").mkdir()
    workers = run_mypy("-n", "2", *files, cwd=tmp_path / "workers").stdout
    assert sorted(workers.splitlines()) == sorted(first.splitlines())


@pytest.mark.xdist_group("typecheck")
def test_same_output_in_the_daemon(tmp_path: Path, mypy_outputs: dict[str, str]) -> None:
    command = ("mypy.dmypy", "--status-file", str(tmp_path / "status.json"))
    copies = []
    for path in case_files("fail"):
        copies.append(tmp_path / path.name)
        copies[-1].write_text(path.read_text())
    wanted = sorted(printed(mypy_outputs["fail"]))
    try:
        first = run_mypy("run", "--", *copies, cwd=tmp_path, command=command)
        assert sorted(printed(first.stdout)) == wanted, first.stderr
        with copies[0].open("a") as file:
            file.write("\n\nEDITED = 1\n")
        second = run_mypy("run", "--", *copies, cwd=tmp_path, command=command)
        assert sorted(printed(second.stdout)) == wanted, second.stderr
    finally:
        run_mypy("kill", cwd=tmp_path, command=command)


TENSOR = re.compile(r"Tensor\[Shape\[(?P<dims>.*?)\], (?P<tape>NoTape|Tape), (?P<dtype>\w+)\]")


REVEALED = [path for path in case_files("reveal") if path.stem not in ("arithmetic", "values")]
"""`arithmetic` is about symbols alone, and `test_values` runs `values`."""


@pytest.mark.parametrize("path", REVEALED, ids=lambda path: path.stem)
def test_the_run_time_has_the_revealed_types(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At module level every revealed tensor has the shape, tape and dtype that mypy reveals."""
    revealed = {message.line: message.text for message in expected(path)}
    seen: list[int] = []

    def compare(value: object) -> object:
        line = sys._getframe(1).f_lineno
        tensors = value if isinstance(value, tuple) else (value,)
        found = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
        wanted = TENSOR.findall(revealed[line])
        text = revealed[line].removeprefix('Revealed type is "')
        if wanted and text.startswith(("Tensor[", "tuple[Tensor[")) and " | " not in text:
            assert len(found) == len(wanted), f"{path.name}:{line}"
            seen.append(line)
            for tensor, (dims, tape, dtype) in zip(found, wanted, strict=True):
                place = f"{path.name}:{line}: {tensor}"
                assert _fits(tensor.shape, dims), place
                assert tensor.owns_tape is (tape == "Tape"), place
                assert dtype in ("AnyDtype", "Any", tensor.dtype.name), place
        return value

    monkeypatch.setattr("typing.reveal_type", compare)
    runpy.run_path(str(path), run_name="__main__")
    assert len(seen) > 10


def _fits(shape: tuple[int, ...], dims: str) -> bool:
    wanted = [] if dims == "()" else dims.replace("*tuple[int, ...]", "*").split(", ")
    if wanted == ["int", "..."]:
        return True
    if "*" in wanted:
        place = wanted.index("*")
        wanted[place : place + 1] = ["int"] * (len(shape) - len(wanted) + 1)
    return len(wanted) == len(shape) and all(
        want in ("int", str(have)) for want, have in zip(wanted, shape, strict=True)
    )
