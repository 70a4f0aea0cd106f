"""What a step reads besides its arguments, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from tensorlib.nn.module import Module
from tensorlib.optim.optimizer import Optimizer
from tensorlib.tape import Value

_OURS = ("tensorlib", "numpy")
_PLAIN = (bool, int, float, str, bytes, type(None))
_LEAVES = (*_PLAIN, Value, np.ndarray, np.generic, np.dtype, np.random.Generator, Optimizer)
"""What is not looked into: what changes in it is asked for each time, or goes by identity."""
_MISSING = object()


class _Field(NamedTuple):
    """A variable, attribute or item, and what it was."""

    fields: Mapping[Any, Any]
    name: Any
    value: Any
    owner: str

    def is_same(self) -> bool:
        return _are_same(self.fields.get(self.name, _MISSING), self.value)


class _Cell(NamedTuple):
    """A variable of a function around the step."""

    cell: CellType
    value: Any
    name: str
    owner: str

    def is_same(self) -> bool:
        try:
            return _are_same(self.cell.cell_contents, self.value)
        except ValueError:  # it is deleted
            return False


class _Items(NamedTuple):
    """The items of a list."""

    items: list[Any]
    value: tuple[Any, ...]
    name: str
    owner: str

    def is_same(self) -> bool:
        return len(self.items) == len(self.value) and all(map(_are_same, self.items, self.value))


class Guards:
    """Variables, attributes and items that a step reads, as they were when it was written down.

    Followed are the global and closed-over variables of functions and methods of the user's, the
    attributes that these name, and the fields of modules. Optimizers and Generators are not: a
    compiled step asks them each time.

    Args:
        roots: the step, and those of its arguments that are no tensors.
    """

    def __init__(self, *roots: Any) -> None:
        self._watched: list[_Field | _Cell | _Items] = []
        self._seen: set[int] = set()
        self._kept: list[Any] = []
        self._names: set[str] = set()
        objects: list[Any] = []
        for root in roots:
            self._follow(root, objects)
        # Of an object that is no module, only what the code names counts, which is known now.
        while objects:
            self._follow_object(objects.pop(), objects)
        del self._kept, self._seen

    def changed(self) -> str | None:
        """Return the name of something that changed, or None."""
        for each in self._watched:
            if not each.is_same():
                return f"{each.name!r} of {each.owner}"
        return None

    def _follow(self, value: Any, objects: list[Any]) -> None:
        if isinstance(value, _LEAVES):
            return
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if isinstance(value, FunctionType):
            self._follow_function(value, objects)
        elif isinstance(value, MethodType):
            self._follow(value.__func__, objects)
            self._follow(value.__self__, objects)
        elif isinstance(value, Module):
            self._follow_fields(vars(value), type(value).__name__, objects)
            if not _is_ours(type(value).__module__):
                self._follow(getattr(type(value), "forward", None), objects)
        elif isinstance(value, dict):
            self._follow_fields(value, "a dict", objects)
        elif isinstance(value, list):
            self._watched.append(_Items(value, tuple(value), "items", "a list"))
            for each in value:
                self._follow(each, objects)
        elif isinstance(value, tuple):
            for each in value:
                self._follow(each, objects)
        elif isinstance(value, ModuleType):
            if not _is_ours(value.__name__):
                objects.append(value)
        elif hasattr(value, "__dict__") and not _is_ours(_class(value).__module__):
            objects.append(value)

    def _follow_function(self, function: FunctionType, objects: list[Any]) -> None:
        if _is_ours(function.__module__ or ""):
            return
        owner = function.__qualname__
        for name in _names(function.__code__):
            self._names.add(name)
            if name in function.__globals__:
                value = function.__globals__[name]
                self._watched.append(_Field(function.__globals__, name, value, owner))
                self._follow(value, objects)
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            try:
                value = cell.cell_contents
            except ValueError:  # not assigned yet
                continue
            self._watched.append(_Cell(cell, value, name, owner))
            self._follow(value, objects)

    def _follow_fields(self, fields: Mapping[Any, Any], owner: str, objects: list[Any]) -> None:
        for name, value in fields.items():
            self._watched.append(_Field(fields, name, value, owner))
            self._follow(value, objects)

    def _follow_object(self, value: Any, objects: list[Any]) -> None:
        owner = getattr(value, "__name__", type(value).__name__)
        for kind in _class(value).__mro__[:-1]:
            for name, member in vars(kind).items():
                if isinstance(member, FunctionType) and name in self._names:
                    self._follow(member, objects)
        fields = vars(value)
        read = {name: fields[name] for name in self._names & fields.keys()}
        for name, field in read.items():
            self._watched.append(_Field(fields, name, field, owner))
            self._follow(field, objects)


def _class(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


def _names(code: CodeType) -> Iterator[str]:
    """Go through the names that code looks up, and the code in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in _OURS


def _are_same(value: Any, was: Any) -> bool:
    if value is was:
        return True
    return type(value) is type(was) and isinstance(was, _PLAIN) and bool(value == was)
