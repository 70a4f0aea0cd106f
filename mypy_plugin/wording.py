"""Types in mypy's own messages, written as a person writes them: ``Tensor[Shape[N + 1], Tape]``.

mypy spells out what the plugin made of an annotation, ``Tensor[tuple[Add[N, Literal[1]]], Tape,
floating[_32Bit]]``. Of assignments and returns it alone tells, and no hook can change its text; so
that is read again, when all in a module is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, floordiv, mul
from typing import Final

from mypy.checker import TypeChecker

from mypy_plugin import names
from tensorlib.shapes.dim import Dim, symbol

_TENSOR: Final = re.compile(r"\bTensor\[")
_NAME: Final = re.compile(r"\w+\Z")
_LITERAL: Final = re.compile(r"Literal\[(-?\d+)\]\Z")
_DEFAULT_DTYPE: Final = "float32"
_DTYPES: Final = {
    "floating[_16Bit]": "float16",
    "floating[_32Bit]": _DEFAULT_DTYPE,
    "signedinteger[_32Bit]": "int32",
    "signedinteger[_64Bit]": "int64",
    "numpy.bool[builtins.bool]": "bool",
    "bool[builtins.bool]": "bool",
}
_ANY_TENSOR: Final = ["object"] * 3
"""How mypy writes the arguments of a parameter that was opened: see `opening.BLANK`."""
_UNKNOWN: Final = re.compile(r"\*tuple\[(int|Any), \.\.\.\]\Z")
_ARITHMETIC: Final[dict[str, Callable[[Dim, Dim], Dim]]] = {
    names.ADD.rpartition(".")[2]: add,
    names.MUL.rpartition(".")[2]: mul,
    names.FLOOR_DIV.rpartition(".")[2]: floordiv,
}


def reword(api: TypeChecker) -> None:
    """Rewrite what mypy says of tensors in the module that it has checked."""
    for error in api.errors.error_info_map.get(api.errors.file, ()):
        if error.severity == "error" and "Tensor[" in error.message:
            error.message = reworded(error.message)


def reworded(text: str) -> str:
    """Return a text with the types of tensors in it as they are written in annotations."""
    found = _TENSOR.search(text)
    if found is None:
        return text
    inner, closing, rest = _bracketed(text[found.end() :])
    if not closing:
        return text
    return text[: found.start()] + _tensor(inner) + reworded(rest)


def _bracketed(text: str) -> tuple[str, str, str]:
    """Split a text at the bracket that closes what has been opened before it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            return text[:place], letter, text[place + 1 :]
    return text, "", ""


def _tensor(inner: str) -> str:
    args = _parts(inner)
    if args == _ANY_TENSOR:
        return "Tensor"
    shape = _shape(args[0])
    if len(args) != 3 or shape is None:
        return f"Tensor[{inner}]"
    dtype = _DTYPES.get(args[2], args[2])
    shown = args[1:2] if dtype == _DEFAULT_DTYPE else [args[1], dtype]
    return f"Tensor[{', '.join([shape, *shown])}]"


def _parts(text: str) -> list[str]:
    """Split a text at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _shape(text: str) -> str | None:
    if not text.startswith("tuple[") or not text.endswith("]"):
        return None
    items = _parts(text.removeprefix("tuple[").removesuffix("]"))
    if items in (["int", "..."], ["Any", "..."]):
        return "Shape[...]"
    shown = [_item(item) for item in items]
    return None if None in shown else f"Shape[{', '.join(filter(None, shown))}]"


def _item(text: str) -> str | None:
    if _UNKNOWN.match(text):
        return "..."
    if text in ("()", "int", "Any") or text.startswith("*"):
        return text
    dim = _dim(text)
    return None if dim is None else str(dim)


def _dim(text: str) -> Dim | None:
    literal = _LITERAL.match(text)
    if literal is not None:
        return int(literal[1])
    if _NAME.match(text):
        return symbol(text)
    name, bracket, inner = text.partition("[")
    operation = _ARITHMETIC.get(name)
    if operation is None or not bracket:
        return None
    return _computed(operation, [_dim(part) for part in _parts(inner.removesuffix("]"))])


def _computed(operation: Callable[[Dim, Dim], Dim], dims: Sequence[Dim | None]) -> Dim | None:
    known = [dim for dim in dims if dim is not None]
    return reduce(operation, known) if len(known) == len(dims) else None
