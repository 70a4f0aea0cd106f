"""How often each op, layer and loss was accepted, and how often it was refused."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from tests.agreement.checking import Checked
from tests.agreement.judging import Verdict
from tests.batch_cases import CASES
from tests.test_architecture import LINALG, LOSSES, OPS, rule_name
from tests.test_batch_dims import LAYERS

NAMES: frozenset[str] = frozenset(
    [
        *map(rule_name, OPS + LINALG),
        *(f.__name__ for f in LOSSES),
        *LAYERS,
        *(case.name for case in CASES),
        *("arange", "eye", "linspace", "permutation"),
    ]
)
"""All that is counted; what is new is counted by itself."""
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.FloorDiv: "floor_divide", ast.Mod: "remainder", ast.Pow: "pow", ast.MatMult: "matmul",
    ast.USub: "neg", ast.Eq: "equal", ast.NotEq: "not_equal", ast.Lt: "less",
    ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal",
}  # fmt: skip
_PROPERTIES = {"mT": "T"}


class Counts:
    """The counts of a run."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def add(self, verdict: Verdict, checked: Checked) -> None:
        """Count a program: accepted as a whole, or refused in the lines that mypy reports."""
        lines = verdict.program.text("program").splitlines()
        if checked.is_accepted:
            self.accepted.update({name for line in lines for name in named(line)})
            return
        found: set[str] = set()
        for error in checked.errors:
            found.update(named(lines[error.line - 1]))
            found.update(NAMES.intersection(re.findall(r"\w+", error.text)) - _PLAIN)
        self.refused.update(found)

    def least(self, name: str) -> int:
        """Return how often a name was met on the side where it was met less."""
        return min(self.accepted[name], self.refused[name])

    def below(self, limit: int) -> tuple[list[str], list[str]]:
        """Return what was accepted less often than this, and what was refused less often."""
        rare = sorted(name for name in NAMES if self.accepted[name] < limit)
        return rare, sorted(name for name in NAMES if self.refused[name] < limit)


_PLAIN = frozenset(name for name in NAMES if not name[0].isupper())
"""Names of ops, which errors may use as plain words."""


@cache
def named(line: str) -> frozenset[str]:
    """Return the ops and layers in a line of a program."""
    text = line.strip()
    if text.startswith(("def ", "class ", "@", "#", "reveal_type(")):
        return frozenset()
    try:
        tree = ast.parse(text.removeprefix("return "))
    except SyntaxError:
        return frozenset()
    return frozenset(_names(tree))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            yield _OPERATORS.get(type(node.op), "")
        elif isinstance(node, ast.Compare):
            yield from (_OPERATORS.get(type(op), "") for op in node.ops)
        elif isinstance(node, ast.Subscript):
            yield "getitem"
        elif isinstance(node, ast.Attribute):
            is_linalg = ast.unparse(node.value).endswith("linalg")
            name = f"linalg.{node.attr}" if is_linalg else _PROPERTIES.get(node.attr, node.attr)
            yield name if name in NAMES else ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "abs":
            yield "abs"
