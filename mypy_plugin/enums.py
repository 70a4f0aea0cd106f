"""Members of an ``IntEnum``, which are ints: what they are worth."""

from __future__ import annotations

from typing import Final

from mypy.nodes import Var
from mypy.types import Instance, LiteralType, get_proper_type

from tensorlib.shapes.dim import UNKNOWN, Dim

_NEW: Final = "enum.IntEnum.__new__"


def size_of_member(member: LiteralType) -> Dim:
    """Return what a member of an ``IntEnum`` is worth, if it is an int that stands there."""
    info = member.fallback.type
    made_by = info.get("__new__")
    is_plain = made_by is None or made_by.node is None or made_by.node.fullname == _NEW
    if not member.is_enum_literal() or not info.has_base("enum.IntEnum") or not is_plain:
        return UNKNOWN
    symbol = info.names.get(str(member.value))
    typ = get_proper_type(symbol.node.type) if symbol and isinstance(symbol.node, Var) else None
    value = typ.last_known_value if isinstance(typ, Instance) else None
    return value.value if value is not None and isinstance(value.value, int) else UNKNOWN
