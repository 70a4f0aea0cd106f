"""Writing down what a step computes, while it is run for the first time."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from tensorlib.compiling.call import Call, Form, Kind
from tensorlib.shapes.errors import CompileError
from tensorlib.tape import Array, Value, next_id

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = str(Path(__file__).parents[1])
_PLAIN = (int, str, bytes, type(None), type(Ellipsis), type, np.dtype)


class Recorder:
    """Knows every array of a step by the expression that gives it, and writes the calls down.

    Args:
        arguments: the arrays of the step's arguments, by the variables that hold them.

    Attributes:
        calls: what was called, in order.
        constants: what the calls refer to, by name.
        leaves: the parameters and buffers whose data they read, by name.
        forms: the shapes and dtypes of arrays, by expression.
    """

    def __init__(self, arguments: dict[str, Array]) -> None:
        self.calls: list[Call] = []
        self.constants: dict[str, Any] = {}
        self.leaves: dict[str, Value] = {}
        self.forms: dict[str, Form] = {}
        self._first = next_id()
        self._known: dict[int, str] = {}
        self._kept: list[Any] = []  # alive, so that nothing else gets their ids
        self._leaf_names: dict[int, str] = {}
        self._depth = 0
        for name, array in arguments.items():
            self._know(array, name)

    # The seam -----------------------------------------------------------------------------------

    def noted(self, function: F, name: str = "", kind: str = "EFFECT") -> F:
        """Return a function that does the same, and writes each call down."""
        if self._depth:
            return function  # what a call calls is repeated with it

        def noting(*args: Any) -> Any:
            uses: set[str] = set()
            arguments = tuple(self._expression(each, uses) for each in args)
            self._depth += 1
            try:
                result = function(*args)
            finally:
                self._depth -= 1
            unpacks = type(result) is tuple and bool(result)
            names = tuple(map(self._named, result if unpacks else (result,)))
            own = name or getattr(function, "__name__", type(function).__name__)
            acts = any(map(_may_act, args))
            self.calls.append(
                Call(
                    function,
                    own,
                    arguments,
                    names,
                    unpacks,
                    frozenset(uses),
                    Kind.EFFECT if acts else Kind[kind],
                )
            )
            return result

        return cast(F, noting)

    def constant(self, array: Any) -> None:
        """Know an array that is made of plain numbers."""
        self._expression(array, set())

    def require_known(self, values: Iterable[Any]) -> None:
        """Require of tensors that what made them is written down, or was there before."""
        for value in values:
            if not isinstance(value, Value) or id(value._data) in self._known:
                continue
            if value.is_mutable:
                self._know(value._data, f"{self._leaf(value)}._data")
            elif value._id > self._first and not self._depth:
                raise CompileError(
                    f"compile: a tensor is made of numbers that come from outside{_place()}: "
                    "make it before the step, and pass it as an argument"
                )

    def refuse(self, what: str, fix: str) -> None:
        """Raise an error for what cannot be written down, unless an op does it."""
        if not self._depth:
            raise CompileError(
                f"compile: {what}, which a compiled step cannot repeat{_place()}: {fix}"
            )

    # Expressions --------------------------------------------------------------------------------

    def result(self, value: Any, uses: set[str]) -> str:
        """Return the expression for what the step returns.

        Raises:
            CompileError: it holds numbers, or a tensor that owns a tape.
        """
        if value is None:
            return "None"
        if isinstance(value, Value):
            self.require_known([value])
            if value._tape is not None:
                raise CompileError(
                    "compile: the step returns a tensor with a gradient tape: return x.detach()"
                )
            return f"Tensor({self._expression(value._data, uses)})"
        if isinstance(value, dict):
            items = (f"{key!r}: {self.result(each, uses)}" for key, each in value.items())
            return f"{{{', '.join(items)}}}"
        if type(value) in (tuple, list):
            return self._sequence(value, [self.result(each, uses) for each in value])
        raise CompileError(
            f"compile: the step returns {type(value).__name__}, which would be the same each time: "
            "return tensors, None, or tuples, lists or dicts of such"
        )

    def _expression(self, value: Any, uses: set[str]) -> str:
        """Return what stands for a value in the program."""
        known = self._known.get(id(value))
        if known is not None:
            uses.add(known)
            return known
        if type(value) in (tuple, list):
            return self._sequence(value, [self._expression(each, uses) for each in value])
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            items = [self._expression(each, uses) for each in value]
            return f"{self._expression(type(value), uses)}({', '.join(items)})"
        if type(value) is dict:
            items = [f"{key!r}: {self._expression(each, uses)}" for key, each in value.items()]
            return f"{{{', '.join(items)}}}"
        if value is None or type(value) in (bool, int):
            return repr(value)
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        if not isinstance(value, _PLAIN):
            self._know(value, name)
        return name

    def _sequence(self, value: Sequence[Any], items: list[str]) -> str:
        inner = ", ".join(items)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if items else "()"

    def _leaf(self, value: Value) -> str:
        name = self._leaf_names.get(id(value))
        if name is None:
            name = f"p{len(self.leaves)}"
            self.leaves[name] = value
            self._leaf_names[id(value)] = name
        return name

    def _named(self, value: Any) -> str:
        """Give a name to a result."""
        name = f"v{len(self._kept)}"
        self._know(value, name)
        if type(value) is tuple:
            for place, each in enumerate(value):
                if isinstance(each, np.ndarray | np.generic):
                    self._know(each, f"{name}[{place}]")
        return name

    def _know(self, value: Any, expression: str) -> None:
        self._kept.append(value)
        if isinstance(value, np.ndarray):
            self.forms[expression] = Form(value.shape, value.dtype)
        if value is not None and type(value) not in (bool, int):
            self._known[id(value)] = expression


def _may_act(argument: Any) -> bool:
    """Tell whether a function may do more with an argument than read it."""
    return callable(argument) or isinstance(argument, np.random.Generator)


def _place() -> str:
    """Name the line of the user's program that is being run."""
    for frame in reversed(traceback.extract_stack()):
        if not frame.filename.startswith(_PACKAGE):
            return f' ({Path(frame.filename).name}, line {frame.lineno}: "{frame.line}")'
    return ""
