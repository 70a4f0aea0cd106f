"""What is remembered while mypy runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST_REMEMBERED: Final = 500
"""Most of what is asked again is so in the same function; and all that is alive, Python's garbage
collector goes through."""


class Memory(dict[K, V]):
    """Answers by what was asked, as long as there are not too many of them.

    Args:
        is_on: whether anything is remembered. In the daemon, where a type variable may have
            another name after an edit and still be equal, nothing is.
    """

    __slots__ = ("_is_on",)

    def __init__(self, *, is_on: bool) -> None:
        super().__init__()
        self._is_on = is_on

    def put(self, question: K, answer: V) -> None:
        """Remember an answer."""
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if self._is_on:
            self[question] = answer


class Decisions(dict[str, V]):
    """What was decided for each name: mypy asks at every call, attribute, operator and annotation.

    Args:
        decide: decides for a name.
        keeps: whether all is kept; if not, only what is put in by name.
    """

    def __init__(self, decide: Callable[[str], V], *, keeps: bool = True) -> None:
        self._decide = decide
        self._keeps = keeps

    def __missing__(self, fullname: str) -> V:
        found = self._decide(fullname)
        if self._keeps:
            self[fullname] = found
        return found
