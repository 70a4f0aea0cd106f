"""The text of what the table of ops calls.

A row of `tests.op_cases` holds a function. Called with texts in the place of tensors, and of the
library, it writes down what it would compute.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

import tensorlib as tl


class Written:
    """An expression, whose operators, attributes and calls are longer expressions."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getattr__(self, name: str) -> Written:
        if name.startswith("__"):
            raise AttributeError(name)
        return Written(f"{self.text}.{name}")

    def __call__(self, *args: Any, **options: Any) -> Written:
        given = [written(each) for each in args]
        given += [f"{name}={written(value)}" for name, value in options.items()]
        return Written(f"{self.text}({', '.join(given)})")

    def __getitem__(self, index: Any) -> Written:
        return Written(f"{self.text}[{_index(index)}]")

    def __neg__(self) -> Written:
        return Written(f"(-{self.text})")

    def __abs__(self) -> Written:
        return Written(f"abs({self.text})")

    def __hash__(self) -> int:
        return hash(self.text)


def _operator(name: str, symbol: str) -> None:
    def forward(self: Written, other: Any) -> Written:
        return Written(f"({self.text} {symbol} {written(other)})")

    def backward(self: Written, other: Any) -> Written:
        return Written(f"({written(other)} {symbol} {self.text})")

    setattr(Written, f"__{name}__", forward)
    setattr(Written, f"__r{name}__", backward)


for _name, _symbol in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%",
    "pow": "**", "matmul": "@", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=",
}.items():  # fmt: skip
    _operator(_name, _symbol)


class UnwritableError(Exception):
    """A call has no text: it looks into its operands, or takes a function of its own."""


def written(value: Any) -> str:
    """Write a value as Python does."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float | str | np.generic):
        return repr(value)
    if isinstance(value, np.ufunc) or (isinstance(value, type) and issubclass(value, np.generic)):
        return f"np.{value.__name__}"
    if isinstance(value, slice):
        parts = ", ".join(map(written, (value.start, value.stop, value.step)))
        return f"slice({parts})"
    if value is Ellipsis:
        return "..."
    raise UnwritableError(value)


def _index(index: Any) -> str:
    if isinstance(index, tuple):
        items = ", ".join(map(_item, index))
        return f"{items}," if len(index) == 1 else items or "()"
    return _item(index)


def _item(item: Any) -> str:
    if not isinstance(item, slice):
        return written(item)
    parts = ["" if part is None else str(part) for part in (item.start, item.stop, item.step)]
    return ":".join(parts[: 2 if item.step is None else 3])


_LIBRARY: dict[int, str] = {
    id(value): f"{prefix}{name}"
    for prefix, owner in (("tl.linalg.", tl.linalg), ("tl.losses.", tl.losses), ("tl.", tl))
    for name, value in vars(owner).items()
    if isinstance(value, types.FunctionType) and not name.startswith("_")
}


def call_of(function: Callable[..., Any], operands: list[str], args: tuple[Any, ...]) -> str:
    """Write a call of a row's function.

    Raises:
        UnwritableError: it has no text.
    """
    tensors = [Written(each) for each in operands]
    found = _renamed(function)(*tensors, *args)
    if not isinstance(found, Written):
        raise UnwritableError(function)
    return found.text


def _renamed(value: Any) -> Any:
    """Return what writes in the place of what computes."""
    if value is tl:
        return Written("tl")
    if getattr(value, "__module__", None) == "tensorlib.ops.indexing" and callable(value):
        return lambda x, index: x[index]
    if id(value) in _LIBRARY:
        return Written(_LIBRARY[id(value)])
    if not isinstance(value, types.FunctionType) or not value.__module__.startswith("tests."):
        return value
    names = {
        name: _renamed(each) if each is tl or callable(each) else each
        for name, each in value.__globals__.items()
        if name in value.__code__.co_names and each is not value
    }
    cells = tuple(types.CellType(_renamed(cell.cell_contents)) for cell in value.__closure__ or ())
    return types.FunctionType(
        value.__code__, {**value.__globals__, **names}, None, value.__defaults__, cells or None
    )
