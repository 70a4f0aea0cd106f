"""Arithmetic in annotations without quotes: mypy keeps no more of it than where it stands."""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from pathlib import Path

from mypy.types import RawExpressionType, Type
from mypy.util import read_py_file


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


def line_of(path: str, number: int) -> str:
    """Return a line of a file, or nothing if it cannot be read."""
    try:
        return _lines(path, os.stat(path).st_mtime_ns)[number - 1]
    except (OSError, IndexError):
        return ""


def has_declarations(path: str) -> bool:
    """Tell whether a function of a file may bind names of other scopes; also if it is not read."""
    try:
        lines = _lines(path, os.stat(path).st_mtime_ns)
    except OSError:
        return True
    return any(line.lstrip().startswith(("global ", "nonlocal ")) for line in lines)


def mentions(path: str, word: str) -> bool:
    """Tell whether a word stands anywhere in a file, if it can be read."""
    try:
        lines = _lines(path, os.stat(path).st_mtime_ns)
    except OSError:
        return False
    return any(word in line for line in lines)


def _text(arg: RawExpressionType, path: str) -> str | None:
    if arg.end_line is None or arg.end_column is None:
        return None
    try:
        lines = _lines(path, os.stat(path).st_mtime_ns)[arg.line - 1 : arg.end_line]
        *before, last = lines
        part = "\n".join((*before, last[: arg.end_column]))[arg.column :]
        if not all(line.isascii() for line in lines):
            return None  # mypy counts neither characters nor bytes there
        tree = ast.parse(f"({part}\n)", mode="eval")  # there may be several lines, and comments
    except (OSError, SyntaxError, ValueError):
        return None
    return part if len(lines) == 1 else ast.unparse(tree)


@lru_cache(maxsize=4)
def _lines(path: str, changed: int) -> list[str]:
    """Read a file once for all expressions in it, as long as it has not changed."""
    return read_py_file(path, lambda name: Path(name).read_bytes()) or []
