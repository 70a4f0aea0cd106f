"""Many drawn programs in one file: what mypy reports there, compared with where they raise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.ownership_header import HEADER
from tests.ownership_paths import Raises, Runner
from tests.ownership_programs import Program

_REPORT = re.compile(r".*\.py:(\d+): error: .*  \[tensor-tape\]$")


@dataclass
class File:
    """Many programs in one file.

    Attributes:
        source: its text.
        spans: for each program by name the lines of its function.
        programs: the programs by name.
        guarded: the lines in which ops may be told to raise.
    """

    source: str
    spans: dict[str, range]
    programs: dict[str, Program]
    guarded: set[int]


def file_of(programs: Sequence[Program]) -> File:
    """Write programs into one file."""
    lines = HEADER.splitlines()
    made = File("", {}, {}, set())
    for place, program in enumerate(programs):
        name = f"program_{place}"
        lines += ["", ""]
        start = len(lines) + 1
        made.programs[name] = program
        made.spans[name] = range(start, start + len(program.lines))
        made.guarded |= {start + line for line in program.guarded}
        lines += [program.lines[0].replace("program", name, 1), *program.lines[1:]]
    made.source = "\n".join(lines) + "\n"
    return made


def run_all(file: File, path: str) -> dict[str, Raises]:
    """Run each program of a file on all paths."""
    runner = Runner(file.source, path, file.guarded)
    with runner.patched():
        return {name: runner.raises(name) for name in file.spans}


def _never_defined(function: ast.FunctionDef, defined: set[int]) -> set[int]:
    """Return the lines of nested functions to which no path leads."""
    nested = [each for each in ast.walk(function) if isinstance(each, ast.FunctionDef)]
    dead = [each for each in nested if each is not function and each.lineno not in defined]
    return {line for each in dead for line in range(each.lineno, (each.end_lineno or 0) + 1)}


def reported_lines(output: str) -> set[int]:
    """Return the lines of a file of which mypy reports a tape."""
    found = map(_REPORT.match, output.splitlines())
    return {int(match[1]) for match in found if match is not None}


def disagreements(
    file: File, raises: dict[str, Raises], reported: set[int]
) -> Iterator[tuple[str, str]]:
    """Compare the lines that were reported with those that raise on some path.

    Args:
        file: the programs.
        raises: where they raise.
        reported: the lines.
    """
    functions = {f.name: f for f in ast.parse(file.source).body if isinstance(f, ast.FunctionDef)}
    for name, span in file.spans.items():
        found, start = raises[name], span.start
        reported = reported - _never_defined(functions[name], found.defined)
        is_complete = file.programs[name].is_complete and found.is_decided
        raising = found.any if is_complete else found.again
        for line in sorted(reported.intersection(span) - raising):
            yield name, f"line {line - start + 1} is reported, but never raises"
        if not is_complete:
            continue
        for lines in found.first:
            if not lines & reported:
                line = max(lines.intersection(span))
                yield name, f"line {line - start + 1} raises, but is not reported"
