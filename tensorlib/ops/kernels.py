"""Whether compiled kernels take the place of NumPy functions, and which ones did.

This is the seam between ops and kernels. Importing it costs nothing: numba and the kernels are
imported when the first array is large enough to want one.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

least = 4096
"""How many elements an array must have for a kernel: with fewer, a call costs what it saves."""

on = True
"""Whether kernels are asked for."""
names: Final[list[str]] = []
"""Every function that a kernel may take the place of, ``module.function``."""
missing: str | None = None
"""Why there are no kernels, once that is found out."""


def compiled(name: str, *, light: bool = False) -> Callable[[F], F]:
    """Let a kernel take the place of a function of arrays, where kernels are on and there is one.

    The function itself computes with NumPy. The kernel takes the same arguments, all positional,
    and returns the same within rounding, or NotImplemented where it cannot take these: then the
    function is called as if there were no kernel.

    Args:
        name: the module of `tensorlib.kernels` and the kernel in it, ``"rows.softmax"``.
        light: whether NumPy calls so few functions that a kernel pays only from 8 times as many
            elements on.
    """
    names.append(name)
    weight = 8 if light else 1
    kernel: Callable[..., Any] | None = None

    def decorated(function: F) -> F:
        @functools.wraps(function)
        def chosen(x: Any, *rest: Any) -> Any:
            nonlocal kernel
            if on and x.size >= least * weight:
                if kernel is None:
                    kernel = find(name)
                result = kernel(x, *rest)
                if result is not NotImplemented:
                    return result
            return function(x, *rest)

        return cast(F, chosen)

    return decorated


def is_loaded() -> bool:
    """Tell whether what compiles kernels is imported."""
    return "tensorlib.kernels.building" in sys.modules


def find(name: str) -> Callable[..., Any]:
    """Return a kernel; where numba is missing, kernels are off from then on."""
    global on
    if load() is not None:
        on = False
        return _none
    module, _, kernel = name.partition(".")
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"tensorlib.kernels.{module}"), kernel
    )
    return found


def load() -> str | None:
    """Import what compiles kernels.

    Returns:
        None, or why there are none.
    """
    global missing
    if missing is None:
        try:
            importlib.import_module("tensorlib.kernels.building")
        except ImportError as error:  # not installed, or it does not get on with this NumPy
            missing = str(error)
    return missing


def _none(*arguments: Any) -> Any:
    return NotImplemented
