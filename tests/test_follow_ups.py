"""Nothing follows from an error: what uses the result of a refused call is not reported as well.

Every case of the fail files becomes three programs. They use the result in calls, operators,
attributes and arguments; assign it to a variable of a declared type; and return it from a function
with a declared result. Each of them has one error, the case's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.typecheck import Message, case_files, expected, printed, run_mypy

DECLARED = "_tl.Tensor[_tl.Shape[123, 7], _Any, _Any]"
HEADER = f"""
from typing import Any as _Any
import tensorlib as _tl
def _taken(x: {DECLARED}) -> {DECLARED}: return x
"""
USES = (
    "_used.with_empty_tape().relu().exp().sum(5)",
    "_used.with_empty_tape() + _tl.zeros((2, 3))",
    "_used.with_empty_tape() @ _tl.zeros((123, 7))",
    "_used.with_empty_tape()[0]",
    "_used.with_empty_tape().T",
    "_used.with_empty_tape().shape",
    "_tl.concat((_used.with_empty_tape(), _tl.zeros((1, 2, 3))))",
    "_taken(_used.with_empty_tape())",
    "_again = _used.with_empty_tape().reshape((123, 7))",
)
REFUSED_INSIDE = ("case_nothing_follows_from_an_error",)
"""Cases in which not the outermost call is refused, so that what it returns is known."""
OPERATORS = (ast.BinOp, ast.UnaryOp, ast.Compare)


class Case(NamedTuple):
    """A case up to the statement that is refused, and the expression in that."""

    file: str
    name: str
    before: list[ast.stmt]
    expr: ast.expr


def _cases(path: Path) -> Iterator[Case]:
    lines = {m.line for m in expected(path) if m.code.startswith("tensor-")}
    for function in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(function, ast.FunctionDef) or not function.name.startswith("case_"):
            continue
        for place, statement in enumerate(function.body):
            span = range(statement.lineno, (statement.end_lineno or 0) + 1)
            if not isinstance(statement, ast.Expr | ast.Assign) or not lines.intersection(span):
                continue
            if function.name not in REFUSED_INSIDE:
                yield Case(path.stem, function.name, function.body[:place], statement.value)
            break


def _function(name: str, before: list[ast.stmt], *last: str, result: str = "None") -> list[str]:
    lines = [line for each in before for line in ast.unparse(each).splitlines()]
    return [f"def {name}() -> {result}:", *(f"    {line}" for line in (*lines, *last)), ""]


def _checked(folder: Path, sources: dict[str, list[str]]) -> list[Message]:
    files = []
    for stem, lines in sources.items():
        files.append(folder / f"{stem}.py")
        files[-1].write_text("\n".join(lines) + "\n")
    return printed(run_mypy(*files, cwd=folder).stdout)


def _outside_of_cases(path: Path) -> list[str]:
    """Return a file's imports, definitions and constants, and what the programs need."""
    body = [
        each
        for each in ast.parse(path.read_text("utf-8")).body
        if not (isinstance(each, ast.FunctionDef) and each.name.startswith("case_"))
        and not isinstance(each, ast.Expr)
    ]
    return [*"\n".join(map(ast.unparse, body)).splitlines(), *HEADER.splitlines()]


def _tensors(cases: list[Case], sources: dict[str, list[str]], folder: Path) -> list[Case]:
    """Return the cases whose refused expression is a tensor, or Any."""
    revealed = {stem: [*lines] for stem, lines in sources.items()}
    at: dict[tuple[str, int], Case] = {}
    for case in cases:
        lines = revealed[case.file]
        lines += _function(case.name, case.before, f"reveal_type({ast.unparse(case.expr)})")
        at[f"{case.file}.py", len(lines) - 1] = case
    found = [
        at[message.file, message.line]
        for message in _checked(folder, revealed)
        if message.kind == "N"
        and (message.file, message.line) in at
        and re.match(r'Revealed type is "(Tensor\[|Any")', message.text)
    ]
    return [case for case in cases if case in found]


@pytest.mark.xdist_group("typecheck")
def test_one_error_for_one_mistake(tmp_path: Path) -> None:
    paths = case_files("fail")
    sources = {path.stem: _outside_of_cases(path) for path in paths}
    cases = [case for path in paths for case in _cases(path)]
    tensors = _tensors(cases, sources, tmp_path)
    assert len(tensors) > 150

    bounds: list[tuple[Case, str, int, int]] = []
    for case in tensors:
        lines, expr = sources[case.file], ast.unparse(case.expr)
        programs = {
            "used": _function(case.name, case.before, f"_used = {expr}", *USES),
            "declared": _function(case.name, case.before, f"_used: {DECLARED} = {expr}"),
            "returned": _function(case.name, case.before, f"return {expr}", result=DECLARED),
            "returned later": _function(
                case.name, case.before, f"_used = {expr}", "return _used.relu()", result=DECLARED
            ),
        }
        is_several = "SplitInto" in expr
        if is_several or any(isinstance(node, OPERATORS) for node in ast.walk(case.expr)):
            # mypy takes the result of a refused operator for Any: docs/shapes.md, the last section
            del programs["returned"], programs["returned later"]
        for kind, program in programs.items():
            start = len(lines) + 1
            lines += [
                line.replace(case.name, f"{case.name}_{kind.replace(' ', '_')}", 1)
                if line.startswith("def ")
                else line
                for line in program
            ]
            bounds.append((case, kind, start, len(lines)))

    messages = [m for m in _checked(tmp_path, sources) if m.kind == "E"]
    wrong = []
    for case, kind, start, end in bounds:
        inside = [m for m in messages if m.file == f"{case.file}.py" and start <= m.line <= end]
        if len(inside) != 1:
            texts = "".join(f"\n      {m.text} [{m.code}]" for m in inside)
            wrong.append(f"{case.file}.{case.name}, {kind}: {ast.unparse(case.expr)}{texts}")
    assert not wrong, "\n".join(wrong)
