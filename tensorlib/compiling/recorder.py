"""Writing down what a step computes, while it is run for the first time."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from tensorlib.compiling.call import Call, Form, Kind
from tensorlib.compiling.draws import Draws
from tensorlib.shapes.errors import CompileError
from tensorlib.tape import LEAF, Array, Value, next_id

F = TypeVar("F", bound=Callable[..., Any])

_LIBRARIES = (str(Path(__file__).parents[1]), str(Path(np.__file__).parent))
_PLAIN = (int, str, bytes, type(None), type(Ellipsis), type, np.dtype)
_MADE = (
    "compile: a {} is made of numbers that come from outside{}: "
    "make it before the step, and pass it as an argument"
)
_data_of = attrgetter("_data")


class Recorder:
    """Knows every array of a step by the expression that gives it, and writes the calls down.

    Args:
        arguments: the arrays of the step's arguments, by the variables that hold them.
        tensors: the ids, as of `id`, of the tensors from outside whose places are watched.
        draws: what draws random numbers besides tensorlib, or with it.

    Attributes:
        calls: what was called, in order.
        constants: what the calls refer to, by name.
        leaves: the parameters and buffers whose data they read, by name.
        frozen: which of those were frozen when they were met first.
        outside: the ids of the tensors that are constants.
        forms: the shapes and dtypes of arrays, by expression.
    """

    def __init__(
        self, arguments: dict[str, Array], tensors: Collection[int] = (), draws: Draws | None = None
    ) -> None:
        self.calls: list[Call] = []
        self.constants: dict[str, Any] = {}
        self.leaves: dict[str, Value] = {}
        self.frozen: list[bool] = []
        self.outside: set[int] = set()
        self.forms: dict[str, Form] = {}
        self._tensors = tensors
        self._draws = draws or Draws(())
        self._changed: dict[int, Callable[[], None]] = {}
        self._first = next_id()
        self._known: dict[int, str] = {}
        self._kept: list[Any] = []  # alive, so that nothing else gets their ids
        self._leaf_names: dict[int, str] = {}
        self._depth = 0
        self._caught = ""
        for name, array in arguments.items():
            self._know(array, name)

    # The seam -----------------------------------------------------------------------------------

    def noted(self, function: F, name: str = "", kind: str = "EFFECT") -> F:
        """Return a function that does the same, and writes each call down."""
        if self._depth:
            return function  # what a call calls is repeated with it

        def noting(*args: Any) -> Any:
            acts = any(map(_may_act, args))
            if acts:
                self._draws.require_none()
            uses: set[str] = set()
            arguments = tuple(self._expression(each, uses) for each in args)
            self._depth += 1
            own = name or getattr(function, "__name__", type(function).__name__)
            try:
                result = function(*args)
            except Exception:
                self._caught = f"an error of {own}"
                raise
            finally:
                self._depth -= 1
            if acts:
                self._draws.allow()
            if kind != "EFFECT" and not acts and any(result is each for each in args):
                return result  # to be repeated, there is nothing
            unpacks = type(result) is tuple and bool(result)
            if unpacks:
                self._require_arrays(result, own)
            names = tuple(map(self._named, result if unpacks else (result,)))
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
        if self._depth:
            return  # what a call calls is repeated with it
        for value in values:
            if not isinstance(value, Value) or id(value._data) in self._known:
                continue
            if value._id in self.outside:
                continue  # another handle of a tensor that is watched
            if value._id > self._first:
                raise self._error(_MADE.format(_kind(value), _place()))
            if value.is_mutable:
                # Read once, as an op may save the array, and a write replace it.
                leaf = self._leaf(value)
                names = (self._named(value._data),)
                call = Call(_data_of, "data", (leaf,), names, False, frozenset(), Kind.PURE)
                self.calls.append(call)
            else:
                self._require_watched(value)
                self.outside.add(value._id)

    def _error(self, text: str) -> CompileError:
        """Return an error; if the step catches it, it is refused at the end."""
        self._caught = "a CompileError"
        return CompileError(text)

    def _require_watched(self, value: Value) -> None:
        if value._tape is not None:
            raise self._error(
                f"compile: a tensor from outside owns a gradient tape{_place()}: "
                "run its forward pass in the step"
            )
        if id(value) not in self._tensors:
            raise self._error(
                f"compile: a tensor comes from outside by a way that cannot be watched{_place()}: "
                "pass it as an argument"
            )

    def before_change(self, thing: object, keep: Callable[[], Callable[[], None]]) -> None:
        """Keep what brings a thing back to what it is now, if it has not been kept yet."""
        if id(thing) not in self._changed:
            self._changed[id(thing)] = keep()
            self._kept.append(thing)

    def take_back(self) -> None:
        """Bring back all that was changed to what it was."""
        for bring_back in self._changed.values():
            bring_back()
        self._draws.take_back()

    def require_repeatable(self) -> None:
        """Require that the step drew no random numbers by itself, and caught no error.

        Raises:
            CompileError: it did.
        """
        self._draws.require_none()
        if self._caught:
            raise CompileError(
                f"compile: the step catches {self._caught}, which need not be raised next time: "
                "let it pass, or choose by arithmetic, with tl.where"
            )

    def refuse(self, what: str, fix: str) -> None:
        """Raise an error for what cannot be written down, unless an op does it."""
        if not self._depth:
            raise self._error(
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
            if value.is_mutable and value._id < self._first:
                return self._leaf(value)
            self.require_known([value])
            if value._tape is not None or value._origin not in (None, LEAF):
                kind = "with a gradient tape" if value._tape is not None else "of parameters alone"
                raise CompileError(f"compile: the step returns a tensor {kind}: return x.detach()")
            return f"Tensor({self._expression(value._data, uses)})"
        if type(value) is dict:
            items = (
                f"{self._expression(key, uses)}: {self.result(each, uses)}"
                for key, each in value.items()
            )
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
            items = [
                f"{self._expression(key, uses)}: {self._expression(each, uses)}"
                for key, each in value.items()
            ]
            return f"{{{', '.join(items)}}}"
        if value is None or type(value) in (bool, int):
            return repr(value)
        if isinstance(value, Value) and not value.is_mutable:
            self.require_known([value])
            return f"Tensor({self._expression(value._data, uses)})"
        if isinstance(value, np.random.Generator):
            self._draws.require_watched(value)
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
            self.frozen.append(value._origin is None)
            self._leaf_names[id(value)] = name
        return name

    def _require_arrays(self, results: Iterable[Any], name: str) -> None:
        """Require of several results that none is a plain number, which looks like any other."""
        for each in results:
            if each is None or type(each) in (bool, int, float, str, np.bool_):
                raise CompileError(
                    f"compile: {name} returns {each!r} beside its result, which would be the same "
                    "each time: let it return an array, or put it in a tuple"
                )

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
            is_one = value.size == 1 or not any(value.strides)
            is_plain = value.flags.c_contiguous
            self.forms[expression] = Form(value.shape, value.dtype, is_plain, is_one)
        if value is not None and type(value) not in (bool, int):
            self._known[id(value)] = expression


def _kind(value: Value) -> str:
    return "parameter or buffer" if value.is_mutable else "tensor"


def _may_act(argument: Any) -> bool:
    """Tell whether a function may do more with an argument than read it."""
    if isinstance(argument, tuple | list):
        return any(map(_may_act, argument))
    return callable(argument) or isinstance(argument, np.random.Generator)


def _place() -> str:
    """Name the line of the user's program that is being run."""
    for frame in reversed(traceback.extract_stack()):
        if not frame.filename.startswith(_LIBRARIES):
            return f' ({Path(frame.filename).name}, line {frame.lineno}: "{frame.line}")'
    return ""
