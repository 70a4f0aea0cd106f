"""Use after move: what mypy reports is what raises on some path, in cases and in drawn programs."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import os
import re
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from mypy_plugin.flow import Flow, Order, Step, groups_of
from mypy_plugin.ownership import _MAY_KEEP
from tensorlib import TapeMovedError, nn
from tests.ownership_programs import disagreements, file_of
from tests.typecheck import Message, case_files, expected, printed, run_mypy

MANY = bool(os.environ.get("FUZZ"))
SEEDS = range(1, 14) if MANY else range(1)
REPORT = re.compile(r"\w+\.py:(\d+): error: .*  \[tensor-tape\]$")


@pytest.mark.xdist_group("typecheck")
def test_mypy_says_what_the_cases_expect(tmp_path: Path) -> None:
    files = case_files("ownership")
    wanted = sorted(message for path in files for message in expected(path))
    found = printed(run_mypy(*files, cwd=tmp_path).stdout)
    assert [*map(str, found)] == [*map(str, wanted)]
    again = printed(run_mypy("-n", "2", *files, cwd=tmp_path).stdout)
    assert again == found


def _functions() -> Iterator[tuple[Path, Callable[..., None], list[Message]]]:
    for path in case_files("ownership"):
        spec = importlib.util.spec_from_file_location(f"ownership_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        messages = expected(path)
        for name, function in vars(module).items():
            if name.startswith(("bad_", "ok_")):
                lines, start = inspect.getsourcelines(function)
                span = range(start, start + len(lines))
                yield path, function, [each for each in messages if each.line in span]


def test_there_are_many_cases() -> None:
    assert sum(1 for _ in _functions()) >= 300


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("path", "function", "messages"),
    [pytest.param(*case, id=f"{case[0].stem}-{case[1].__name__}") for case in _functions()],
)
def test_the_run_time_agrees(
    path: Path, function: Callable[..., None], messages: list[Message]
) -> None:
    raised = [_raising_lines(path, function, values) for values in _arguments(function)]
    if function.__name__.startswith("ok_"):
        assert not messages
        assert not any(raised)
    else:
        (message,) = messages
        assert any(message.line in lines for lines in raised)


def _arguments(function: Callable[..., None]) -> Iterator[list[Callable[[], Any]]]:
    """Go through the arguments to try, each as a function that makes it."""
    choices: list[list[Callable[[], Any]]] = []
    for parameter in inspect.signature(function).parameters.values():
        kind = str(parameter.annotation)
        if kind == "bool":
            choices.append([lambda: False, lambda: True])
        elif kind == "int":
            choices.append([partial(int, n) for n in range(4)])
        elif kind == "Box":
            choices.append([function.__globals__["Box"]])
        else:
            choices.append([lambda: tl.ones((2, 3)).traced()])
    yield from map(list, itertools.product(*choices))


def _raising_lines(
    path: Path, function: Callable[..., None], values: list[Callable[[], Any]]
) -> set[int]:
    """Return the lines of the file on the way to the use of a moved tape."""
    if "shared" in function.__globals__:
        function.__globals__["shared"] = tl.ones((2, 3)).traced()
    try:
        function(*(make() for make in values))
    except TapeMovedError as error:
        frames = traceback.extract_tb(error.__traceback__)
        return {frame.lineno or 0 for frame in frames if frame.filename == str(path)}
    except (KeyError, AssertionError, function.__globals__.get("Failure", KeyError)):
        pass
    return set()


@pytest.mark.parametrize("seed", SEEDS)
def test_drawn_programs_agree(seed: int, tmp_path: Path) -> None:
    file = file_of(seed, 500 if MANY else 120)
    path = tmp_path / "programs.py"
    path.write_text(file.source)
    output = run_mypy("--show-traceback", path.name, cwd=tmp_path).stdout
    assert "Traceback" not in output
    reported = {int(match[1]) for match in map(REPORT.match, output.splitlines()) if match}
    assert len(reported) > 50
    with np.errstate(all="ignore"):
        assert not [*disagreements(file, str(path), reported)]


def _visits(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many steps are followed in a function of so many names, each with a branch."""
    entry = last = Step()
    steps = [entry]
    for place in range(count):
        name = f"h{place}"
        bound, moved, used = Step(bound=name), Step(consumed=(name,)), Step(consumed=(name,))
        last.next.append(bound)
        bound.next += [moved, used]
        moved.next.append(used)
        steps += [bound, moved, used]
        last = used
    visited: list[Step] = []
    after = Flow._after

    def counted(flow: Flow, step: Step, world: Any) -> Any:
        visited.append(step)
        return after(flow, step, world)

    monkeypatch.setattr(Flow, "_after", counted)
    order = Order(entry)
    found = [Flow(order, group).uses for group in groups_of(steps)]
    monkeypatch.undo()
    assert len(found) == count
    assert all(len(uses) == 1 for uses in found)
    return len(visited)


def test_a_long_function_costs_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _visits(3000, monkeypatch) <= 11 * _visits(300, monkeypatch)


def _moves(layer: nn.Module) -> Iterator[bool]:
    """Tell for each shape that a layer can be applied to whether it takes the operand's tape."""
    for shape in ((4, 4), (2, 4, 4), (2, 4, 4, 4), (2, 4, 8), (4,)):
        x = tl.ones(shape).traced()
        try:
            layer(x)
        except (tl.TensorlibError, TypeError, ValueError):
            continue
        yield not x.owns_tape


@pytest.mark.filterwarnings("ignore")
def test_layers_take_the_tape_unless_the_plugin_says_that_they_may_not() -> None:
    built = 0
    for name, cls in vars(nn).items():
        if not inspect.isclass(cls) or not issubclass(cls, nn.Module) or name in _MAY_KEEP:
            continue
        for arguments in ((), (4,), (4, 4), (4, 4, 3), (2, 4), (4, 2), (0, 1)):
            try:
                layer = cls(*arguments)
            except (tl.TensorlibError, TypeError, ValueError):
                continue
            found = [*_moves(layer)] if name != "Sequential" else []
            built += bool(found)
            assert all(found), f"nn.{name}{arguments} returns its operand, or reads it only"
    assert built >= 30
    assert not any(_moves(nn.Identity()))
