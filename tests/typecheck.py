"""Running mypy over the case files, and reading what they expect of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "typecheck_cases"
CONFIG = """
[mypy]
plugins = mypy_plugin
strict = True
warn_unused_ignores = False
"""
EXPECTED = re.compile(r"#\s*(?P<kind>[EN]): (?P<text>.*?)(?:\s\s+\[(?P<code>[a-z-]+)\])?\s*$")
PRINTED = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*?)"
    r"(?:\s\s\[(?P<code>[a-z-]+)\])?$"
)


@dataclass(frozen=True, order=True)
class Message:
    """One line that mypy prints, or that a case file expects."""

    file: str
    line: int
    kind: str
    text: str
    code: str


def run_mypy(
    *arguments: str | Path,
    cwd: Path,
    command: tuple[str, ...] = ("mypy",),
    path: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run mypy with our plugin in a directory that holds its configuration and its cache.

    Args:
        arguments: what stands behind mypy on its command line.
        cwd: the directory.
        command: the module to run instead of mypy itself, with its first arguments.
        path: where the packages lie.
    """
    (cwd / "mypy.ini").write_text(CONFIG)
    return subprocess.run(
        [sys.executable, "-m", *command, *map(str, arguments)],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(path),
            "MYPYPATH": str(ROOT / "examples"),  # for cases about the models there
            "MYPY_FORCE_COLOR": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def printed(output: str) -> list[Message]:
    """Read mypy's output; a line that is no message about a file is an error by itself."""
    messages = []
    for line in output.splitlines():
        if line.startswith(("Found ", "Success", "Daemon")) or not line.strip():
            continue
        match = PRINTED.match(line)
        if match is None:
            raise AssertionError(f"mypy printed: {line}\n{output}")
        kind = "E" if match["kind"] == "error" else "N"
        messages.append(
            Message(
                Path(match["file"]).name,
                int(match["line"]),
                kind,
                simplified(match["text"]),
                match["code"] or "",
            )
        )
    return sorted(messages)


def expected(path: Path) -> list[Message]:
    """Read what a case file expects: ``# E: text  [code]`` or ``# N: type`` on the very line."""
    messages = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = EXPECTED.search(line)
        if match is not None:
            kind, text = match["kind"], match["text"]
            text = f'Revealed type is "{text}"' if kind == "N" else text
            messages.append(Message(path.name, number, kind, text, match["code"] or ""))
    return messages


def simplified(text: str) -> str:
    """Write revealed types as a person does: ``Tensor[Shape[2, 3], Tape, float32]``."""
    if not text.startswith("Revealed type is"):
        return text
    text = re.sub(r"\b(?:\w+\.)+(?=\w)", "", text)
    for long, short in (
        ("floating[_16Bit]", "float16"),
        ("floating[_32Bit]", "float32"),
        ("floating[_64Bit]", "float64"),  # in the stubs of NumPy 2.0, which has no class for it
        ("signedinteger[_32Bit]", "int32"),
        ("signedinteger[_64Bit]", "int64"),
        ("unsignedinteger[_8Bit]", "uint8"),
        ("bool[bool]", "bool"),
        ("bool[Any]", "bool"),
    ):
        text = text.replace(long, short)
    text = re.sub(r"Literal\[(-?\d+)\]\??", r"\1", text)
    return text.replace("Tensor[tuple[", "Tensor[Shape[")


def case_files(folder: str) -> list[Path]:
    """Return the case files of a folder, in order."""
    return sorted((CASES / folder).glob("*.py"))
