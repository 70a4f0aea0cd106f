"""Paths into a model: the names on the way to a field, such as ``blocks.0.weight``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from copy import copy
from difflib import get_close_matches
from typing import Any


def joined(*names: str) -> str:
    """Join the parts of a path, some of which may be empty."""
    return ".".join(name for name in names if name)


def within(path: str, prefix: str) -> bool:
    """Tell whether a path is another or leads into it; all are within the empty one."""
    return not prefix or path == prefix or path.startswith(f"{prefix}.")


def require_known(prefixes: Iterable[str], paths: Collection[str], subject: str) -> None:
    """Require that there is a path within each prefix.

    Raises:
        ValueError: there is none; the text names the nearest path.
    """
    for prefix in prefixes:
        if not any(within(path, prefix) for path in paths):
            near = get_close_matches(prefix, paths, 1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{subject}: the model has no {prefix!r}{hint}")


def items(fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through fields, and through the members of lists, tuples and dicts among them."""
    for name, value in fields.items():
        if isinstance(value, list | tuple):
            value = {str(index): member for index, member in enumerate(value)}
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", item) for key, item in items(value))
        else:
            yield name, value


def replaced(value: Any, path: str, replace: Callable[[Any, str], Any]) -> Any:
    """Return a field's value with other members: lists, tuples and dicts are made anew.

    Args:
        value: what the field holds.
        path: the field's path.
        replace: gives the new value for a member and its path.
    """
    if isinstance(value, dict):
        changed = copy(value)
        for key, member in value.items():
            changed[key] = replaced(member, f"{path}.{key}", replace)
        return changed
    if isinstance(value, list | tuple):
        members = [replaced(member, f"{path}.{i}", replace) for i, member in enumerate(value)]
        if isinstance(value, list):
            return members
        return type(value)(*members) if hasattr(value, "_fields") else tuple(members)
    return replace(value, path)
