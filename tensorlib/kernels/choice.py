"""Whether compiled kernels are used: where numba is installed, unless the user says otherwise."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from tensorlib.ops import kernels

VARIABLE: Final = "TENSORLIB_KERNELS"

_lock = threading.RLock()


@dataclass(frozen=True)
class Use:
    """A choice that has been made; a ``with`` statement takes it back at its end.

    Attributes:
        on: whether kernels are used.
        before: whether they were used before.

    Example:
        >>> import tensorlib as tl
        >>> with tl.kernels.use(False):
        ...     tl.kernels.use(False)
        Use(on=False, before=False)
    """

    on: bool
    before: bool

    def __enter__(self) -> None:
        """Leave the choice as it is."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Return to what was before."""
        _switch(self.before)


def use(on: bool) -> Use:
    """Choose whether large arrays are computed by compiled kernels, where there is one for them.

    The choice holds for the whole program, in all its threads, until the next one; in a ``with``
    statement, for its body. Results are equal within rounding. If nobody chooses, kernels are used
    where numba is installed.

    Args:
        on: False leaves everything to NumPy; True imports numba at once, not when the first array
            wants a kernel, and requires it.

    Returns:
        A context manager that takes the choice back, for those who want that.

    Raises:
        ImportError: numba is not installed, or cannot be imported.
        TypeError: ``on`` is no bool.

    Example:
        >>> import tensorlib as tl
        >>> with tl.kernels.use(False):
        ...     tl.zeros((100, 100)).sigmoid().max().item()
        0.5
    """
    if not isinstance(on, bool):
        raise TypeError(f"kernels.use: expected True or False, got {on!r}")
    if on:
        _require("kernels.use")
    return _switch(on)


def use_from_environment() -> None:
    """Make the choice that the environment names, if it does.

    Raises:
        ImportError: kernels are asked for, and numba cannot be imported.
        ValueError: the variable is neither 0 nor 1.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        return
    if value not in ("0", "1"):
        raise ValueError(f"{VARIABLE}: expected 0 or 1, got {value!r}")
    if value == "1":
        _require(VARIABLE)
    _switch(value == "1")


def _switch(on: bool) -> Use:
    with _lock:
        before, kernels.on = kernels.on, on
    return Use(on, before)


def _require(subject: str) -> None:
    reason = kernels.load()
    if reason is not None:
        raise ImportError(f"{subject}: {reason}: pip install 'tensorlib[fast]'")
