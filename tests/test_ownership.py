"""Use after move: what mypy reports is what raises on some path, in cases and in drawn programs."""

from __future__ import annotations
import __future__

import ast
import importlib.util
import inspect
import itertools
import os
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed
from mypy import api

import tensorlib as tl
from mypy_plugin.flow import Flow, Order, Step, groups_of
from mypy_plugin.ownership import _MAY_KEEP
from tensorlib import TapeMovedError, nn
from tests.ownership_files import disagreements, file_of, reported_lines, run_all
from tests.ownership_header import HEADER
from tests.ownership_programs import Program, drawn, programs, steady
from tests.planted_bugs import BUGS, BY_CASES, Evidence, evidence, found_by
from tests.typecheck import ROOT, Message, case_files, expected, printed, run_mypy

MANY = bool(os.environ.get("FUZZ"))
SEEDS = range(1, 15) if MANY else range(1)
COUNT = 1000 if MANY else 100
STATEMENTS_OF_MODULES = case_files("statements")


@pytest.mark.xdist_group("ownership")
def test_mypy_says_what_the_cases_expect(tmp_path: Path) -> None:
    """Cold and warm, with two workers, and in the daemon, before and after edits."""
    cases = [*case_files("ownership"), *STATEMENTS_OF_MODULES]
    copies = [tmp_path / path.name for path in cases]
    for path in cases:
        (tmp_path / path.name).write_text(path.read_text())
    wanted = sorted(message for path in cases for message in expected(path))
    found = printed(run_mypy(*copies, cwd=tmp_path).stdout)
    assert [*map(str, found)] == [*map(str, wanted)]
    (tmp_path / "workers").mkdir()
    assert printed(run_mypy("-n", "2", *copies, cwd=tmp_path / "workers").stdout) == wanted
    daemon = ("mypy.dmypy", "--status-file", str(tmp_path / "status.json"))
    try:
        for edited in (None, copies[0]):
            if edited is not None:
                with edited.open("a") as file:
                    file.write("\n\nEDITED = 1\n")
                assert printed(run_mypy(*copies, cwd=tmp_path).stdout) == wanted
            checked = run_mypy("run", "--", *copies, cwd=tmp_path, command=daemon)
            assert printed(checked.stdout) == wanted, checked.stderr
    finally:
        run_mypy("kill", cwd=tmp_path, command=daemon)


def test_an_edit_moves_the_report(tmp_path: Path) -> None:
    """In the daemon, what a function takes is known again behind an edit of it."""
    path = tmp_path / "program.py"
    daemon = ("mypy.dmypy", "--status-file", str(tmp_path / "status.json"))
    bodies = ("return t.exp()", "return t.with_empty_tape()", "return t.exp()")
    text = HEADER + "\n\ndef takes(t: H) -> H:\n    {}\n\n\n"
    text += "def twice(h: H) -> None:\n    takes(h)\n    h.relu()\n"
    try:
        for body in bodies:
            path.write_text(text.format(body))
            checked = run_mypy("run", "--", path, cwd=tmp_path, command=daemon).stdout
            assert len(reported_lines(checked)) == (body == bodies[0]), checked
    finally:
        run_mypy("kill", cwd=tmp_path, command=daemon)


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


@pytest.mark.parametrize("path", STATEMENTS_OF_MODULES, ids=lambda path: path.stem)
def test_the_statements_of_a_module_agree(path: Path) -> None:
    """Each statement runs, whatever became of those before it."""
    names: dict[str, Any] = {"__name__": path.stem}
    flags = __future__.annotations.compiler_flag
    raised = set()
    for statement in ast.parse(path.read_text()).body:
        code = compile(ast.Module([statement], []), str(path), "exec", flags)
        try:
            exec(code, names)
        except TapeMovedError as error:
            frames = traceback.extract_tb(error.__traceback__)
            raised.add(next(frame.lineno for frame in frames if frame.filename == str(path)))
    assert raised == {message.line for message in expected(path)}
    assert len(raised) >= 8


def _bounds() -> dict[str, list[str]]:
    """Return the bounds that the page lists, each with those that cases quote."""
    page = (ROOT / "docs" / "tape.md").read_text().split("These are its bounds.")[1]
    listed = page.split("\n\n")[1]
    return {" ".join(each.split()): [] for each in listed.split("\n- ")}


def test_the_bounds_are_those_of_the_page(tmp_path: Path) -> None:
    """Where the page says that mypy is silent, it is, and Python raises."""
    bounds = _bounds()
    for path in case_files("bounds"):
        assert not printed(run_mypy(path, cwd=tmp_path).stdout)
        names: dict[str, Any] = {"__name__": path.stem}
        exec(compile(path.read_text(), str(path), "exec", dont_inherit=True), names)
        for function in [each for each in names.values() if inspect.isfunction(each)]:
            if function.__module__ != path.stem or function.__doc__ is None:
                continue
            names["shared"] = tl.ones((2, 3)).traced()
            with pytest.raises(TapeMovedError):
                function(tl.ones((2, 3)).traced())
            (quoted,) = [bound for bound in bounds if function.__doc__ in bound]
            bounds[quoted].append(function.__name__)
    assert len(bounds) >= 7
    assert all(bounds.values()), bounds


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


def _wrong(found: Sequence[Program], folder: Path) -> dict[Program, list[str]]:
    """Return the programs of which mypy says something else than what raises."""
    file = file_of(found)
    path = folder / "programs.py"
    path.write_text(file.source)
    output = run_mypy("--show-traceback", path.name, cwd=folder).stdout
    assert "Traceback" not in output
    wrong: dict[Program, list[str]] = defaultdict(list)
    with np.errstate(all="ignore"):
        raises = run_all(file, str(path))
    for name, text in disagreements(file, raises, reported_lines(output)):
        wrong[file.programs[name]].append(text)
    return wrong


@pytest.mark.parametrize("number", SEEDS)
def test_drawn_programs_agree(number: int, tmp_path: Path) -> None:
    found = drawn(COUNT, number)
    assert len(found) > COUNT * 2 / 5
    wrong = _wrong(found, tmp_path)

    @steady(COUNT)
    @seed(number)
    @given(programs())
    def agrees(program: Program) -> None:
        said = wrong.get(program) if program in found else _wrong([program], tmp_path)[program]
        assert not said, f"{program!r}\n{said}"

    if wrong:  # draw them again, and have Hypothesis make one that is wrong small
        agrees()
    assert not wrong


@pytest.fixture(scope="module")
def known() -> Evidence:
    return evidence(400, 7)


@pytest.mark.parametrize("bug", [*BUGS, *BY_CASES], ids=lambda bug: bug.what)
def test_bugs_can_be_planted(bug: Any) -> None:
    assert (ROOT / "mypy_plugin" / bug.file).read_text("utf-8").count(bug.text) == 1
    assert bug.text != bug.instead


@pytest.mark.xdist_group("ownership")
@pytest.mark.parametrize("bug", [BUGS[0], BUGS[4]], ids=lambda bug: bug.what)
def test_planted_bugs_are_found(bug: Any, known: Evidence, tmp_path: Path) -> None:
    programs, cases = found_by(bug, known, tmp_path)
    assert programs
    assert cases


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


STATEMENTS = (
    "{x} = {y}.exp()",
    "{x} = {x} + {y}.with_empty_tape()",
    "{x} = {y}",
    "if n > {n}:\n        {x} = {y} if n > 9 else {x}",
    "for _ in range(n):\n        {y} = tl.ones((2,)).traced()",
    "try:\n        {x} = {y}.relu()\n    except ValueError:\n        {x} = {y}",
)


def _long(lines: int) -> str:
    """Write a function of many lines over a few names, all of which may hold one tensor."""
    names = [f"h{place}" for place in range(6)]
    text = [f"def program({', '.join(f'{name}: H' for name in names)}, n: int) -> None:"]
    while len(text) < lines:
        n = len(text)
        statement = STATEMENTS[n * 5 % 11 % len(STATEMENTS)]
        made = statement.format(x=names[n % 6], y=names[n * n % 7 % 6], n=n)
        text += ("    " + made).splitlines()
    return "\n".join(text) + "\n"


def _steps_of(lines: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many steps mypy follows in a function of so many lines."""
    path = folder / f"long_{lines}.py"
    path.write_text(f"{HEADER}\n\n{_long(lines)}")
    (folder / "mypy.ini").write_text("[mypy]\nplugins = mypy_plugin\n")
    steps: list[Step] = []
    after = Flow._after

    def counted(flow: Flow, step: Step, world: Any) -> Any:
        steps.append(step)
        return after(flow, step, world)

    monkeypatch.setattr(Flow, "_after", counted)
    options = ("--config-file", str(folder / "mypy.ini"), "--cache-dir", str(folder / "cache"))
    output, errors, _ = api.run([*options, str(path)])
    monkeypatch.undo()
    assert reported_lines(output), output + errors
    return len(steps)


def test_a_function_of_two_thousand_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    few, many = (_steps_of(lines, tmp_path, monkeypatch) for lines in (200, 2000))
    assert many <= 15 * few
    assert many <= 400_000


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
