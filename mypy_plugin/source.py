"""The text of the file that is checked, and arithmetic in it that mypy has only the place of."""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from pathlib import Path

from mypy.types import RawExpressionType, Type
from mypy.util import DecodeError, decode_python_encoding


def quoted(arg: Type, path: str) -> Type:
    """Return the expression at this place of a file as if it stood in quotes.

    Anything else is returned as it is, and so is an expression that cannot be found again.
    """
    if not isinstance(arg, RawExpressionType) or arg.base_type_name != "typing.Any":
        return arg
    text = _text(arg, path)
    if text is None:
        return arg
    return RawExpressionType(text, "builtins.str", arg.line, arg.column)


def text_of(path: str) -> str | None:
    """Return the text of a file, or None if it cannot be read."""
    lines = _lines_of(path)
    return None if lines is None else "\n".join(lines)


def line_of(path: str, number: int) -> str:
    """Return a line of a file, or nothing if it cannot be read."""
    lines = _lines_of(path) or ()
    return lines[number - 1] if number <= len(lines) else ""


def has_declarations(path: str) -> bool:
    """Tell whether a function of a file may bind names of other scopes; also if it is not read."""
    lines = _lines_of(path)
    return lines is None or any(
        line.lstrip().startswith(("global ", "nonlocal ")) for line in lines
    )


def lines_with(path: str, word: str) -> list[int]:
    """Return the numbers of the lines of a file that hold a word; none if it cannot be read."""
    lines = _lines_of(path) or ()
    return [number for number, line in enumerate(lines, 1) if word in line]


def _text(arg: RawExpressionType, path: str) -> str | None:
    if arg.end_line is None or arg.end_column is None:
        return None
    lines = (_lines_of(path) or [])[arg.line - 1 : arg.end_line]
    try:
        *before, last = lines
        part = "\n".join((*before, last[: arg.end_column]))[arg.column :]
        if not all(line.isascii() for line in lines):
            return None  # mypy counts neither characters nor bytes there
        tree = ast.parse(f"({part}\n)", mode="eval")  # there may be several lines, and comments
    except (SyntaxError, ValueError):
        return None
    return part if len(lines) == 1 else ast.unparse(tree)


def _lines_of(path: str) -> list[str] | None:
    try:
        return _lines(path, os.stat(path).st_mtime_ns)
    except (OSError, DecodeError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=4)
def _lines(path: str, changed: int) -> list[str]:
    """Read a file once for all expressions in it, as long as it has not changed."""
    text = decode_python_encoding(Path(path).read_bytes())
    # As Python counts lines, and mypy: not at a form feed.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
