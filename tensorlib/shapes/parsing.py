"""Dimensions written as text: `"2*N + 1"`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from tensorlib.shapes.division import floor_divide
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.symbolic import Dim

MAX_LENGTH: Final = 1000
MAX_NESTING: Final = 200

_OPERATORS: Final[dict[type[ast.operator], Callable[[Dim, Dim], Dim]]] = {
    ast.Add: lambda x, y: x + y,
    ast.Sub: lambda x, y: x - y,
    ast.Mult: lambda x, y: x * y,
    ast.FloorDiv: floor_divide,
}
_HINTS: Final[dict[type[ast.operator], str]] = {
    ast.Div: "write // for division",
    ast.Pow: "write a power as a product, N*N",
}
_ALLOWED: Final = "allowed are integers, names, + - * // and parentheses"


def parse(text: str, lookup: Callable[[str], Dim]) -> Dim:
    """Read a dimension such as `(H + 2*P - K)//S + 1`.

    Args:
        text: integers, names, `+ - * //`, unary minus and parentheses.
        lookup: gives the dimension of a name; it may raise an error of its own.

    Raises:
        ShapeError: if the text holds anything else, is too long, or divides by zero.
    """
    if len(text) > MAX_LENGTH:
        raise ShapeError(f"a dimension of more than {MAX_LENGTH} characters is not supported")
    source = text.strip()
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ShapeError(f"cannot read the dimension {text!r} ({reason}): {_ALLOWED}") from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    return _Reader(source, lookup).read(tree.body, MAX_NESTING)


def _too_deep() -> ShapeError:
    return ShapeError(f"a dimension nested more than {MAX_NESTING} deep is not supported")


class _Reader:
    """Turns a syntax tree into a dimension."""

    def __init__(self, source: str, lookup: Callable[[str], Dim]) -> None:
        self._source = source
        self._lookup = lookup

    def read(self, node: ast.expr, room: int) -> Dim:
        if room == 0:
            raise _too_deep()
        match node:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return value
            case ast.Name(id=name):
                return self._lookup(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand, room - 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                combine = _OPERATORS[type(op)]
                return combine(self.read(left, room - 1), self.read(right, room - 1))
        raise self._refusal(node)

    def _refusal(self, node: ast.expr) -> ShapeError:
        hint = _HINTS.get(type(node.op), _ALLOWED) if isinstance(node, ast.BinOp) else _ALLOWED
        part = ast.get_source_segment(self._source, node)
        return ShapeError(f"cannot read {part!r} in the dimension {self._source!r}: {hint}")
