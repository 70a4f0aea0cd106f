"""The messages of the library, read out of its sources.

A template is the text as the source has it, with ``{name}`` for what is filled in:
``expected {name} of shape {wanted}, got {shape}``. Rules and the plugin build some out of parts; a
part that stands in a variable of the same function is put where it is used.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.typecheck import ROOT

ERRORS = frozenset(
    (
        *("ShapeError", "IndexOutOfRangeError", "DtypeError", "TapeError", "TapeMovedError"),
        *("IncompleteTapeError", "ParameterChangedError", "ImmutableError"),
    )
)
"""The errors whose texts mypy may report, and those of the tape."""
_SILENT = frozenset(
    (
        *("TypeError", "ValueError", "KeyError", "AssertionError", "UndecidedError"),
        *(
            "NotImplementedError",
            "ErrorCode",
            "CompileError",
            "TypeVar",
            "partition",
            "rpartition",
            "AttributeError",
        ),
        *("removeprefix", "removesuffix", "startswith", "endswith", "split", "compile"),
    )
)
"""Calls whose strings are no messages of ours."""
_READ_IN_FULL = ("tensorlib/shapes", "mypy_plugin")
"""Where every text is a part of a message, unless it is for other eyes."""
_FOR_OTHER_EYES = (
    *("doctor.py", "__main__.py", "user_rules.py", "digest.py"),
    *("suggestions.py", "words.py"),
)

_TYPE = re.compile(r"tuple\[.*\]|\w+( \| [\w\[\], .]+)+")
"""What the annotation of a rule's parameter looks like."""

Function = ast.FunctionDef | ast.Module


def templates() -> dict[str, list[str]]:
    """Return all templates, each with the places where it stands."""
    found: dict[str, list[str]] = {}
    for folder in ("tensorlib", "mypy_plugin"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for line, text in _File(path).messages(in_full=place.startswith(_READ_IN_FULL)):
                found.setdefault(text, []).append(f"{place}:{line}")
    return found


def shape_of(template: str) -> str:
    """Return a template without the names of what is filled in."""
    parts, depth = [], 0
    for character in template:
        depth += character == "{"
        if not depth:
            parts.append(character)
        elif character == "{" and depth == 1:
            parts.append("{}")
        depth -= character == "}"
    return "".join(parts).strip()


class _File:
    """One source file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tree = ast.parse(path.read_text("utf-8"))
        self._used: set[int] = set()

    def messages(self, *, in_full: bool) -> Iterator[tuple[int, str]]:
        """Go through the messages of the file, each with its line."""
        if self._path.name in _FOR_OTHER_EYES:
            return
        found: list[tuple[int, str, ast.expr]] = []
        for function in ast.walk(self._tree):
            if isinstance(function, Function):
                self._silence(function)
                found += self._of_function(function, in_full=in_full)
        for line, text, node in found:
            words = shape_of(text).replace("{}", "").strip()
            if id(node) not in self._used and " " in words and not _TYPE.fullmatch(text):
                yield line, text

    def _silence(self, function: Function) -> None:
        """Count as used what stands in docstrings and in errors of other kinds."""
        if function.body and isinstance(function.body[0], ast.Expr):
            self._used.add(id(function.body[0].value))
        for node in ast.walk(function):
            if isinstance(node, ast.ClassDef) and isinstance(node.body[0], ast.Expr):
                self._used.add(id(node.body[0].value))
            if isinstance(node, ast.Call) and _name(node.func) in _SILENT:
                self._use_all(node)
            if isinstance(node, ast.Assert):
                self._use_all(node)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                self._used.add(id(node.value))  # what is said of a constant

    def _use_all(self, node: ast.AST) -> None:
        self._used.update(id(inner) for inner in ast.walk(node))

    def _of_function(self, function: Function, *, in_full: bool) -> list[tuple[int, str, ast.expr]]:
        nodes = [*_own_nodes(function)]
        texts: dict[str, ast.expr] = {}
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name in texts or not _is_text(node.value):
                    texts.pop(name, None)
                else:
                    texts[name] = node.value
        wanted: list[ast.expr] = []
        for node in nodes:
            is_error = isinstance(node, ast.Call) and _name(node.func) in ERRORS
            if is_error and isinstance(node, ast.Call) and node.args:
                wanted.append(node.args[0])
            elif in_full and isinstance(node, ast.expr) and _is_text(node):
                wanted.append(node)
        found = []
        for node in wanted:
            if isinstance(node, ast.Name) and node.id in texts:
                node = texts[node.id]
            if _is_text(node):
                found.append((node.lineno, self._written(node, texts), node))
        return found

    def _written(self, node: ast.expr, texts: dict[str, ast.expr]) -> str:
        """Return a text as a template, with the parts that stand in variables."""
        if isinstance(node, ast.Constant):
            return str(node.value)
        assert isinstance(node, ast.JoinedStr)
        written = []
        for part in node.values:
            self._used.add(id(part))
            value = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(value, ast.Constant):
                written.append(str(value.value))
            elif isinstance(value, ast.Name) and value.id in texts:
                inner_text = texts[value.id]
                self._used.add(id(inner_text))
                others = {name: text for name, text in texts.items() if name != value.id}
                written.append(self._written(inner_text, others))
            else:
                for inner in ast.walk(value):
                    self._used.add(id(inner))
                written.append("{" + _short(value) + "}")
        return "".join(written)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Go through a function without the functions in it, or through a module without any."""
    rest = list(ast.iter_child_nodes(function))
    while rest:
        node = rest.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            rest = [*ast.iter_child_nodes(node), *rest]


def _is_text(node: ast.expr) -> bool:
    is_constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_constant or isinstance(node, ast.JoinedStr)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _short(node: ast.expr) -> str:
    """Name what is filled in: the innermost name of an expression, ``x`` of ``format_shape(x)``."""
    names = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute)]
    if isinstance(node, ast.Call) and node.args:
        return _short(node.args[0])
    if isinstance(node, ast.Attribute):
        return node.attr
    return _name(names[0]) if names else "..."
