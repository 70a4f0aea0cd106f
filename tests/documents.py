"""Reading the documentation: its programs, and what they are expected to do.

Every Python block of a page is a part of one program, in order. The page says of it:

- ``# error: <text>  [<code>]`` at the end of a line: mypy reports this there, and running the line
  raises the same text, unless it stands in a definition;
- ``# mypy: <text>  [<code>]``: mypy reports this; running the line may do anything;
- ``# python: <text>``: only running the line raises this; behind ``# mypy: ...``, what running it
  raises, where that is another text than mypy's;
- ``on line <number>`` in such a text: lines count from 1 in the block, so that edits of the page
  elsewhere leave the number right;
- mypy's output in a text block behind the Python block says the same of the lines that it names.
  Lines count as in a file into which all blocks were pasted, an empty line between two of them;
- ``# Tensor[...]`` behind an assignment or an expression: that is its type;
- ``<!-- not run -->`` on the line above: the block is no part of the program;
- ``<!-- <file> -->`` above it: the block is that file of a project, and no part of the program;
- ``<!-- <file>, before: <line> -->`` above it: the block is to be put into that file, before the
  line that begins so, and is no part of the program either.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.typecheck import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"```(?P<language>\w*)$")
_COMMENT = re.compile(r"<!-- (?P<text>.+) -->$")
_FILE = re.compile(r"\S+\.\w+$")
_PLACED = re.compile(r"(?P<file>\S+), before: (?P<line>.+)$")
_ERROR = re.compile(
    r"  # (?P<kind>error|mypy): (?P<text>.+?)  \[(?P<code>[a-z-]+)\](?=$|  # python: )"
)
_RAISED = re.compile(r"  # python: (?P<text>.+)$")
_PRINTED = re.compile(r"\w+\.py:(?P<line>\d+): error: (?P<text>.+?)  \[(?P<code>[a-z-]+)\]$")
_LINE = re.compile(r"(?<=\bon line )\d+")
_TYPE = re.compile(r"  # (?P<type>(?:tuple\[)?Tensor\[.+\])(?:;.*)?$")
_HEADER = "from typing import assert_type"


@dataclass(frozen=True)
class Block:
    """One fenced block; lines count from 1 in its page."""

    language: str
    start: int
    lines: tuple[str, ...]
    comment: str

    @property
    def source(self) -> str:
        """The text, with line numbers as in the page."""
        return "\n" * (self.start - 1) + "\n".join(self.lines)


@dataclass(frozen=True, order=True)
class Error:
    """An error that a page announces; it has no code where mypy does not report it."""

    line: int
    text: str
    code: str
    raised: bool


@dataclass(frozen=True)
class Insertion:
    """A block that a page tells to put into a file."""

    file: str
    before: str
    text: str


class Page:
    """One page of the documentation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blocks = [*_blocks(path.read_text("utf-8").splitlines())]
        python = [block for block in self._blocks if block.language == "python"]
        self.program = [block for block in python if not block.comment]
        self.errors = sorted([*self._marked(), *self._shown()])

    def _marked(self) -> Iterator[Error]:
        for block in self.program:
            of_page = range(block.start, block.start + len(block.lines))
            for number, line in zip(of_page, block.lines, strict=True):
                match = _ERROR.search(line)
                if match is not None:
                    text = _with_lines(match["text"], of_page)
                    yield Error(number, text, match["code"], match["kind"] == "error")
                match = _RAISED.search(line)
                if match is not None:
                    yield Error(number, match["text"], "", True)

    def _shown(self) -> Iterator[Error]:
        """Go through the errors in mypy's output, at the lines of the page that they are about."""
        pasted: list[int] = []
        previous = None
        for block in self._blocks:
            if block in self.program:
                pasted += [0] * bool(pasted)
                pasted += range(block.start, block.start + len(block.lines))
            elif previous in self.program:
                for line in block.lines:
                    match = _PRINTED.match(line)
                    if match is not None:
                        line_of_page = pasted[int(match["line"]) - 1]
                        text = _with_lines(match["text"], pasted)
                        yield Error(line_of_page, text, match["code"], True)
            previous = block

    def insertions(self) -> Iterator[Insertion]:
        """Go through the blocks that belong into files."""
        for block in self._blocks:
            match = _PLACED.match(block.comment)
            if match is not None:
                yield Insertion(match["file"], match["line"], "\n".join(block.lines))

    def files(self) -> Iterator[tuple[str, str]]:
        """Go through the blocks that are files of a project."""
        for block in self._blocks:
            if _FILE.match(block.comment):
                yield block.comment, "\n".join(block.lines) + "\n"

    def texts(self) -> list[str]:
        """Return the text blocks."""
        return ["\n".join(block.lines) for block in self._blocks if block.language == "text"]

    def checked_source(self) -> str:
        """Return the program with its types asserted, line by line where it stands in the page."""
        last = max((block.start + len(block.lines) for block in self.program), default=1)
        lines = [""] * last
        lines[0] = _HEADER
        for block in self.program:
            for number, line in enumerate(block.lines, block.start):
                lines[number - 1] = _asserted(line)
        return "\n".join(lines) + "\n"


def _with_lines(text: str, lines: Sequence[int]) -> str:
    """Return a message with the lines of the page that are meant, as the checked program has them.

    Args:
        text: the message.
        lines: for each line that it may name, in order, where in the page that is.
    """
    return _LINE.sub(lambda match: str(lines[int(match[0]) - 1]), text)


def _blocks(lines: list[str]) -> Iterator[Block]:
    start, language = 0, ""
    for number, line in enumerate(lines, 1):
        match = _FENCE.match(line)
        if match is None:
            continue
        if start:
            comment = _COMMENT.match(lines[start - 3]) if start > 2 else None
            text = "" if comment is None else comment["text"]
            yield Block(language, start, tuple(lines[start - 1 : number - 1]), text)
            start = 0
        else:
            start, language = number + 1, match["language"]
    assert not start, "a fence is not closed"


def _asserted(line: str) -> str:
    match = _TYPE.search(line)
    if match is None:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    statement = line[: match.start()].strip()
    (node,) = ast.parse(statement).body
    if isinstance(node, ast.Expr):
        return f"{indent}assert_type({statement}, {match['type']})"
    assert isinstance(node, ast.Assign), line
    return f"{indent}{statement}; assert_type({ast.unparse(node.targets[0])}, {match['type']})"
