"""Rules of questions to elements, of bools, and of choices by them: elementwise."""

from __future__ import annotations

from functools import partial

from tensorlib.shapes import dtypes
from tensorlib.shapes.dtypes import BOOL, DtypeRule, promote
from tensorlib.shapes.elementwise import binary, broadcast, unary
from tensorlib.shapes.errors import DtypeError
from tensorlib.shapes.registry import Rule, TapeRule, register_operators, rule
from tensorlib.shapes.shape import Shape

isnan = unary("isnan", dtypes.compared, tape=TapeRule.READS)
isfinite = unary("isfinite", dtypes.compared, tape=TapeRule.READS)
isinf = unary("isinf", dtypes.compared, tape=TapeRule.READS)
logical_not = unary("logical_not", dtypes.compared, tape=TapeRule.READS)
logical_and = binary("logical_and", dtypes.compared, tape=TapeRule.READS)
logical_or = binary("logical_or", dtypes.compared, tape=TapeRule.READS)
logical_xor = binary("logical_xor", dtypes.compared, tape=TapeRule.READS)


def require_bools(operator: str, op: str, *operands: str) -> str:
    """Require that the operands of an operator are bools, as NumPy does something else with ints.

    Raises:
        DtypeError: one is not.
    """
    for dtype in operands:
        if dtype not in (BOOL, "scalar bool"):
            raise DtypeError(f"expected bools, got {dtype}: use tl.{op}", subject=operator)
    return BOOL


def _operator(symbol: str, op: Rule, *methods: str) -> Rule:
    bools = DtypeRule(partial(require_bools, symbol, op.name), BOOL)
    made = Rule(op.name, op.shape, dtype=bools, tape=op.tape, operators=methods)
    return register_operators(made)


_operator("&", logical_and, "__and__", "__rand__")
_operator("|", logical_or, "__or__", "__ror__")
_operator("^", logical_xor, "__xor__", "__rxor__")
_operator("~", logical_not, "__invert__")
nans_to = unary("nans_to", dtypes.same)

isclose = binary("isclose", dtypes.compared, tape=TapeRule.READS)


@rule(dtype=dtypes.compared, tape=TapeRule.READS)
def allclose(x1: Shape, x2: Shape) -> Shape:
    """Require that the shapes combine as `broadcast` has it; the answer is one.

    Raises:
        ShapeError: dimensions differ, or both operands would have to be stretched.
    """
    broadcast(x1, x2)
    return ()


def _chosen(condition: str, x1: str, x2: str) -> str:
    if condition not in (BOOL, "scalar bool"):
        raise DtypeError(
            f"the condition must be bool, got {condition}: compare it, e.g. condition != 0"
        )
    return promote(x1, x2)


@rule(dtype=DtypeRule(_chosen, converts=False))
def where(condition: Shape, x1: Shape, x2: Shape) -> Shape:
    """Combine three shapes as `broadcast` does two, first those of the condition and x1.

    Raises:
        ShapeError: dimensions differ, or two operands would have to be stretched.
    """
    return broadcast(broadcast(condition, x1), x2)
