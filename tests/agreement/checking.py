"""Type-checking generated programs, many in one run of mypy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.agreement.program import HEADER, Program
from tests.typecheck import ROOT, Message, printed, run_mypy

HEADER_LINES = HEADER.count("\n")


@dataclass
class Checked:
    """What mypy says of a program.

    Attributes:
        errors: its errors; their lines are counted from the program's first.
        types: what is revealed, by line.
    """

    errors: list[Message] = field(default_factory=list)
    types: dict[int, list[str]] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether there is no error."""
        return not self.errors


def check(programs: Sequence[Program], folder: Path, packages: Path = ROOT) -> list[Checked]:
    """Type-check programs, in a folder that keeps mypy's cache.

    Args:
        programs: the programs.
        folder: where they are written.
        packages: where the library and the plugin lie.
    """
    text, starts = HEADER, []
    for place, program in enumerate(programs):
        starts.append(text.count("\n"))
        text += program.text(f"program_{place}")
    (folder / "programs.py").write_text(text, "utf-8")
    ran = run_mypy("programs.py", cwd=folder, path=packages)
    if ran.returncode not in (0, 1) or ran.stderr:
        raise AssertionError(ran.stdout[-3000:] + ran.stderr[-3000:])
    owners = [0] * (text.count("\n") + 2)
    for place, start in enumerate(starts):
        owners[start + 1 :] = [place] * (len(owners) - start - 1)
    found = [Checked() for _ in programs]
    for message in printed(ran.stdout):
        if message.line <= HEADER_LINES:
            raise AssertionError(f"the header is wrong: {message}")
        owner = owners[message.line]
        line = message.line - starts[owner]
        if message.kind == "E":
            found[owner].errors.append(Message("program", line, "E", message.text, message.code))
        elif message.text.startswith("Revealed type is "):
            revealed = message.text.removeprefix("Revealed type is ").strip('"')
            found[owner].types.setdefault(line, []).append(revealed)
    return found
