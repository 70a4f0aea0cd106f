"""NumPy's functions, called as an op is: found by the op's name, or written down."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from tensorlib.shapes.registry import Rule

OTHERWISE: dict[str, Callable[..., Any] | None] = {
    "permute": np.transpose,
    "transpose": lambda x, axis1=-2, axis2=-1: np.swapaxes(x, axis1, axis2),
    "T": np.transpose,
    "getitem": lambda x, index: x[index],
    "broadcast_like": lambda x, other: np.broadcast_to(x, other.shape),
    "broadcast_arrays": np.broadcast_arrays,
    "einsum": lambda subscripts, operands: np.einsum(subscripts, *operands),
    "meshgrid": lambda xs, indexing="ij": np.meshgrid(*xs, indexing=indexing),
    **dict.fromkeys(
        ("trace", "dot", "outer", "select", "astype", "linspace", "clip", "from_dlpack", "full",
         "full_like", "arange", "where")
    ),
}  # fmt: skip
"""Ops that NumPy has under another name or in another form; None where the name means another."""


def _parameters(f: Callable[..., Any]) -> Any:
    return inspect.signature(f).parameters.items()


@cache
def numpys(rule: Rule) -> Callable[..., Any] | None:
    """Return NumPy's function of a rule's op, for the rule's arguments by name."""
    if rule.name in OTHERWISE:
        f = OTHERWISE[rule.name]
    else:
        room: Any = np.linalg if rule.name.startswith("linalg.") else np
        f = getattr(room, rule.name.removeprefix("linalg."), None)
    if f is None:
        return None
    names = [
        name
        for name, parameter in (() if isinstance(f, np.ufunc) else _parameters(f))
        if parameter.kind is not inspect.Parameter.POSITIONAL_ONLY
    ]

    def called(arguments: dict[str, Any]) -> Any:
        leading = [value for name, value in arguments.items() if name not in names]
        return f(*leading, **{name: arguments[name] for name in arguments if name in names})

    return called
