"""What is noted while mypy checks: which expression takes the tapes of which operands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    FuncDef,
    IndexExpr,
    ListExpr,
    MemberExpr,
    OperatorAssignmentStmt,
    OpExpr,
    TupleExpr,
    UnaryExpr,
)
from mypy.types import Instance, Type, TypeVarType, UnionType, get_proper_type

from mypy_plugin import names
from mypy_plugin.codec import Codec

Position: TypeAlias = tuple[type[Context], int, int, int | None, int | None]

DISPLAYS = (TupleExpr, ListExpr)
"""What may hold operands that are written out."""
_OF_ONE = (UnaryExpr, MemberExpr)


class Taken(NamedTuple):
    """What one expression takes.

    Operands are told by their places among all that the expression may take tapes from
    (`operands_of`), as mypy checks copies of the bodies of some functions.

    Attributes:
        op: the name of the op or function.
        operands: the places of the operands whose tapes it takes.
        function: the function that is called, if it is the user's.
        passed: for each parameter of that function the places of taped arguments.
    """

    op: str
    operands: tuple[int, ...] = ()
    function: FuncDef | None = None
    passed: tuple[tuple[str, tuple[int, ...]], ...] = ()


def by_position(notes: Mapping[Context, Taken]) -> dict[Position, Taken]:
    """Return what was noted first of the copies of each expression, by where it stands."""
    found: dict[Position, Taken] = {}
    for place, taken in notes.items():
        found.setdefault(position_of(place), taken)
    return found


def taken_by(taken: Mapping[Position, Taken], place: Context) -> Taken | None:
    """Return what was noted of an expression, if anything was."""
    position = position_of(place)
    if isinstance(place, OperatorAssignmentStmt):
        position = (OpExpr, *position[1:])  # what mypy makes of it
    return taken.get(position)


def places_of(exprs: Sequence[Expression], operands: Sequence[Expression]) -> tuple[int, ...]:
    """Return the places of expressions among operands."""
    return tuple([place for place, each in enumerate(operands) if each in exprs])


def at_places(operands: Sequence[Expression], places: Sequence[int]) -> list[Expression]:
    """Return the operands at these places."""
    return [each for place, each in enumerate(operands) if place in places]


def operands_of(place: Context) -> list[Expression]:
    """Return the expressions that an op or call may take tapes from."""
    receiver = receiver_of(place)
    given = [] if receiver is None else [receiver]
    if isinstance(place, CallExpr):
        given += place.args
    elif isinstance(place, OpExpr):
        given.append(place.right)
    elif isinstance(place, OperatorAssignmentStmt):
        given.append(place.rvalue)
    if any(isinstance(expr, DISPLAYS) for expr in given):
        return [each for expr in given for each in displayed(expr)]
    return given


def displayed(expr: Expression) -> Iterator[Expression]:
    """Go through what stands in a display of a tuple or list; an expression that is none is one."""
    if isinstance(expr, DISPLAYS):
        for item in expr.items:
            yield from displayed(item)
    else:
        yield expr


def receiver_of(place: Context) -> Expression | None:
    """Return what an operator, a method or a property is applied to."""
    if isinstance(place, CallExpr):
        return place.callee.expr if isinstance(place.callee, MemberExpr) else None
    if isinstance(place, OpExpr):
        return place.left
    if isinstance(place, OperatorAssignmentStmt):
        return place.lvalue
    if isinstance(place, IndexExpr):
        return place.base
    return place.expr if isinstance(place, _OF_ONE) else None


def is_taped(typ: Type, codec: Codec) -> bool:
    """Tell whether this is a tensor with a tape, or generic in it; or a tape itself."""
    proper = get_proper_type(typ)
    if isinstance(proper, Instance):
        if proper.type.fullname == names.TAPE:
            return True
    elif isinstance(proper, UnionType):
        return any(is_taped(item, codec) for item in proper.items)
    elif not isinstance(proper, TypeVarType):
        return False
    tensor = codec.as_tensor(proper)
    return tensor is not None and len(tensor.args) == 3 and _owns(tensor.args[1])


def _owns(tape: Type) -> bool:
    """Tell whether a tape argument says a tape, or leaves it open in a generic function."""
    proper = get_proper_type(tape)
    if isinstance(proper, Instance):
        return proper.type.fullname == names.TAPE
    if isinstance(proper, UnionType):
        return any(map(_owns, proper.items))
    return isinstance(proper, TypeVarType)


def position_of(node: Context) -> Position:
    """Return where an expression stands, and what kind it is."""
    return (type(node), node.line, node.column, node.end_line, node.end_column)
