"""The seam by which `tensorlib.compile` sees what a step computes.

While a step is written down, whatever computes an array asks `noted` first, and whatever hands
numbers to Python calls `refuse`. At all other times `active` is 0, and nobody asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

A = TypeVar("A")
F = TypeVar("F", bound=Callable[..., Any])

active = 0
"""How many threads write a step down now."""


class Recorder(Protocol):
    """What writes a step down."""

    def noted(self, function: F, name: str = "", kind: str = "EFFECT") -> F:
        """Return a function that does the same, and writes each call down."""
        raise NotImplementedError

    def constant(self, array: Any) -> None:
        """Write down an array that is made of plain numbers, and hence the same each time."""
        raise NotImplementedError

    def require_known(self, values: Iterable[Any]) -> None:
        """Require of tensors that what made them is written down, or was there before."""
        raise NotImplementedError

    def before_change(self, thing: object, keep: Callable[[], Callable[[], None]]) -> None:
        """Keep what brings a thing back to what it is now, if it has not been kept yet."""
        raise NotImplementedError

    def refuse(self, what: str, fix: str) -> None:
        """Raise an error for what cannot be written down, unless an op does it."""
        raise NotImplementedError


class _Local(threading.local):
    recorder: Recorder | None = None


_local = _Local()
_lock = threading.Lock()


def start(recorder: Recorder) -> None:
    """Let a recorder write down what this thread computes."""
    global active
    _local.recorder = recorder
    with _lock:
        active += 1


def stop() -> None:
    """Write no more down."""
    global active
    _local.recorder = None
    with _lock:
        active -= 1


def is_recording() -> bool:
    """Tell whether this thread writes a step down."""
    return _local.recorder is not None


def noted(function: F, name: str = "", kind: str = "EFFECT") -> F:
    """Return a function for one call: the same, or one that writes the call down as well.

    Args:
        function: what computes.
        name: what to call it in a program, if not by its own name.
        kind: what is known of it: see `tensorlib.compiling.call.Kind`.
    """
    recorder = _local.recorder if active else None
    return function if recorder is None else recorder.noted(function, name, kind)


def constant(array: A) -> A:
    """Return an array that is made of plain numbers; a step that is written down keeps it."""
    if _local.recorder is not None:
        _local.recorder.constant(array)
    return array


def require_known(values: Iterable[Any]) -> None:
    """Require of operands that what made them is written down, if anything is."""
    if _local.recorder is not None:
        _local.recorder.require_known(values)


def before_change(thing: object, keep: Callable[[], Callable[[], None]]) -> None:
    """Tell of a change before it is made; if the step is refused, it is taken back.

    Args:
        thing: what is changed.
        keep: returns what brings it back to what it is now.
    """
    if _local.recorder is not None:
        _local.recorder.before_change(thing, keep)


def refuse(what: str, fix: str = "") -> None:
    """Refuse what a compiled step could not repeat.

    Args:
        what: the user wrote: ``item()``; by itself it counts as a way to read numbers.
        fix: what to do, and ``what`` is a whole clause then.

    Raises:
        CompileError: this thread writes a step down.
    """
    if _local.recorder is not None:
        if not fix:
            what = f"{what} hands numbers to Python"
            fix = "return the tensor, and read it outside of the step"
        _local.recorder.refuse(what, fix)
