"""What a step reads in Python, one place each, with what stood there."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from types import CellType
from typing import Any

PLAIN = (bool, int, float, complex, str, bytes, type(None))
MISSING: Any = object()
"""Stands where there is nothing."""


class Watched(ABC):
    """A place that a step reads.

    Args:
        name: what to call it.
        owner: whose it is.
    """

    def __init__(self, name: object, owner: str) -> None:
        self.name = name
        self.owner = owner

    @abstractmethod
    def is_same(self) -> bool:
        """Tell whether what stands there is what stood there."""


class Field(Watched):
    """A variable, an attribute or an item."""

    def __init__(self, fields: Mapping[Any, Any], name: object, owner: str) -> None:
        super().__init__(name, owner)
        self._fields = fields
        self.value = fields.get(name, MISSING)

    def is_same(self) -> bool:
        """Compare."""
        return are_same(self._fields.get(self.name, MISSING), self.value)


class Slot(Watched):
    """An attribute that is in no dict: of an object with ``__slots__``."""

    def __init__(self, thing: object, name: str, owner: str) -> None:
        super().__init__(name, owner)
        self._thing = thing
        self.value = getattr(thing, name, MISSING)

    def is_same(self) -> bool:
        """Compare."""
        return are_same(getattr(self._thing, str(self.name), MISSING), self.value)


class Cell(Watched):
    """A variable of a function around the step."""

    def __init__(self, cell: CellType, name: str, owner: str) -> None:
        super().__init__(name, owner)
        self._cell = cell
        self.value = self._contents()

    def _contents(self) -> Any:
        try:
            return self._cell.cell_contents
        except ValueError:  # it is not assigned
            return MISSING

    def is_same(self) -> bool:
        """Compare."""
        return are_same(self._contents(), self.value)


class Items(Watched):
    """The items of a list, set or deque, or the keys of a dict, in order."""

    def __init__(self, items: Collection[Any]) -> None:
        super().__init__("items", f"a {type(items).__name__}")
        self._items = items
        self.value = (*items,)

    def is_same(self) -> bool:
        """Compare."""
        return len(self._items) == len(self.value) and all(map(are_same, self._items, self.value))


class Elements(Watched):
    """The elements of an array of NumPy's or Python's, which the step may read one by one."""

    def __init__(self, array: Any) -> None:
        super().__init__("elements", "an array")
        self._array = array
        self.value = self._digest()

    def _digest(self) -> Any:
        array = self._array
        form = getattr(array, "shape", None), str(getattr(array, "dtype", None))
        elements = array.tobytes() if hasattr(array, "tobytes") else bytes(array)
        return *form, hashlib.blake2b(elements).digest()

    def is_same(self) -> bool:
        """Compare digests."""
        return bool(self._digest() == self.value)


def are_same(value: Any, was: Any) -> bool:
    """Tell whether a step cannot tell two values apart: one object, or equal plain numbers."""
    if value is was:
        return True
    if type(value) is not type(was) or not isinstance(was, PLAIN) or value != was:
        return False
    return bool(was) or str(value) == str(was)  # -0.0 equals 0.0, and is another number
