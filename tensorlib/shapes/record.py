"""Values that never change, equal where their fields are.

What dataclasses are elsewhere; making one of these takes a tenth of the time, and the library makes
them at every import.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn


class Record:
    """A value made of fields, which the constructor takes under their names."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        code = cls.__init__.__code__
        cls._fields = code.co_varnames[1 : code.co_argcount]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, each) == getattr(other, each) for each in self._fields)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, each) for each in self._fields))

    def __repr__(self) -> str:
        inner = ", ".join(f"{each}={getattr(self, each)!r}" for each in self._fields)
        return f"{type(self).__name__}({inner})"

    def __reduce__(self) -> tuple[type[Record], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, each) for each in self._fields)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} never changes: make another one")

    def _fill(self, **values: object) -> None:
        """Give the slots their values, once and for all."""
        for name, value in values.items():
            object.__setattr__(self, name, value)
