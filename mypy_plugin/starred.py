"""Starred arguments: which item of ``*arguments`` a parameter is given."""

from __future__ import annotations

from mypy.nodes import Expression
from mypy.types import TupleType, Type, UnpackType, get_proper_type

from mypy_plugin.values import Values


class Starred:
    """Counts the items of the starred tuples in one call: mypy names these once for each item."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._taken: dict[Expression, int] = {}

    def item(self, typ: Type, expr: Expression) -> Type | None:
        """Return the type of the next item of ``*arguments``, if the tuple's items are known."""
        proper = get_proper_type(typ)
        place = self._taken.get(expr, 0)
        self._taken[expr] = place + 1
        if not isinstance(proper, TupleType) or place >= len(proper.items):
            return None
        item = self._values.refined(proper, expr).items[place]
        return None if isinstance(item, UnpackType) else item
