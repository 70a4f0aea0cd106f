"""The calls that a program is made of."""

from __future__ import annotations

import keyword
import linecache
import math
import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from itertools import count
from typing import Any, NamedTuple

import numpy as np

_numbers = count(1)
_VARIABLE = re.compile(r"\b[av]\d+\b")
_TAKEN = re.compile(r"[acpv]\d+")


class Kind(Enum):
    """What is known of a function that is called.

    Attributes:
        EFFECT: nothing: it may draw random numbers or write, and stays in its order.
        PURE: it does nothing but return a result, made of the arguments alone.
        ELEMENTWISE: each element of the result is made of those at the same place.
    """

    EFFECT = auto()
    PURE = auto()
    ELEMENTWISE = auto()


class Form(NamedTuple):
    """What an array is like.

    Attributes:
        shape: its shape.
        dtype: its dtype.
        is_plain: whether its elements lie in C order, without gaps.
        is_one: whether one element in memory stands for all of them.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_plain: bool
    is_one: bool

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)


class Call(NamedTuple):
    """One call that is repeated: ``name = function(*arguments)``.

    Attributes:
        function: what is called.
        name: what to call it.
        arguments: one expression for each argument.
        names: the variables that the result is assigned to.
        unpacks: whether the result is a tuple, one variable for each member.
        uses: the expressions in the arguments that stand for what is known.
        kind: what is known of the function.
    """

    function: Callable[..., Any]
    name: str
    arguments: tuple[str, ...]
    names: tuple[str, ...]
    unpacks: bool
    uses: frozenset[str]
    kind: Kind

    @property
    def variables(self) -> set[str]:
        """The variables that the arguments are made of."""
        return {name for use in self.uses for name in variables(use)}


def variables(expression: str) -> list[str]:
    """Return the variables in an expression."""
    return _VARIABLE.findall(expression)


def stem(name: str) -> str:
    """Return a function's name as one that a program can use."""
    plain = name.strip("_<>").replace(".", "_")
    if _TAKEN.fullmatch(plain):
        return f"{plain}_"
    return plain if plain.isidentifier() and not keyword.iskeyword(plain) else "f"


def function_of(name: str, source: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """Compile the text of a function, which a traceback can show."""
    path = f"<compiled step {next(_numbers)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace = dict(names)
    exec(compile(source, path, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
