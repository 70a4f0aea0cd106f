"""Rewrite annotations in the spelling that every type checker reads.

``Shape[N, 3, "2*N"]`` becomes ``tuple[N, Literal[3], Mul[Literal[2], N]]``, and bare ints in other
annotations become literals, so that mypy can check the same program without the plugin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import reduce

from tensorlib.shapes.dim import Dim, Quotient, Symbol, SymbolicDim, parse, symbol, terms

_NAMES = (
    "from typing import Literal\n\nfrom tensorlib.shapes.arithmetic import Add, FloorDiv, Mul\n"
)
_RANKED = {f"Tensor{rank}D": rank for rank in range(5)}


def plain(source: str) -> str:
    """Return a program with its annotations in the plain spelling."""
    tree = ast.parse(source)
    places = sorted(
        (
            (_offset(source, node.lineno, node.col_offset), _end(source, node), ast.unparse(new))
            for node, new in ((node, _Plain().visit(node)) for node in _annotations(tree))
        ),
        reverse=True,
    )
    for start, end, text in places:
        source = source[:start] + text + source[end:]
    head = next(node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    lines = source.splitlines(keepends=True)
    assert head.end_lineno is not None
    return "".join([*lines[: head.end_lineno], _NAMES, *lines[head.end_lineno :]])


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns


def _offset(source: str, line: int, column: int) -> int:
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def _end(source: str, node: ast.expr) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return _offset(source, node.end_lineno, node.end_col_offset)


class _Plain(ast.NodeTransformer):
    """Spells the dimensions of an annotation out."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name == "Literal":
            return node
        if name == "Shape":
            return _tuple(items)
        if name in _RANKED:
            rank = _RANKED[name]
            rest = [self.visit(item) for item in items[rank:]]
            return _subscript("Tensor", [_tuple(items[:rank]), *rest])
        spelled = [_dim(item) if _is_int(item) else self.visit(item) for item in items]
        return ast.Subscript(node.value, _group(spelled))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        rank = _RANKED.get(node.id)
        if rank is not None:
            sizes: list[ast.expr] = [ast.Name("int")] * rank
            return _subscript("Tensor", [_tuple(sizes)])
        return _tuple([ast.Constant(...)]) if node.id == "Shape" else node


def _tuple(items: list[ast.expr]) -> ast.expr:
    if len(items) == 1 and isinstance(items[0], ast.Constant) and items[0].value is ...:
        return _subscript("tuple", [ast.Name("int"), items[0]])
    return _subscript("tuple", [_dim(item) for item in items] or [ast.Tuple([])])


def _is_int(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _dim(node: ast.expr) -> ast.expr:
    """Spell one dimension, as the plugin encodes it."""
    if isinstance(node, ast.Starred | ast.Subscript):
        return node
    text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    return ast.parse(_encoded(parse(str(text), symbol)), mode="eval").body


def _encoded(dim: Dim) -> str:
    if isinstance(dim, SymbolicDim):
        return reduce("Add[{}, {}]".format, [_term(*term) for term in terms(dim)])
    return f"Literal[{dim}]"


def _term(coefficient: int, factors: tuple[Symbol | Quotient, ...]) -> str:
    encoded = [_atom(factor) for factor in factors]
    if coefficient != 1 or not encoded:
        encoded.insert(0, f"Literal[{coefficient}]")
    return reduce("Mul[{}, {}]".format, encoded)


def _atom(atom: Symbol | Quotient) -> str:
    if isinstance(atom, Quotient):
        return f"FloorDiv[{_encoded(atom.numerator)}, {_encoded(atom.denominator)}]"
    return atom.name


def _subscript(name: str, items: list[ast.expr]) -> ast.expr:
    return ast.Subscript(ast.Name(name), _group(items))


def _group(items: list[ast.expr]) -> ast.expr:
    return items[0] if len(items) == 1 else ast.Tuple(items)
