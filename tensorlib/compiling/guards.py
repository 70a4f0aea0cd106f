"""What a step reads besides its arguments, and whether it is still what it was."""

from __future__ import annotations

import builtins
import dis
import functools
import io
import random
import sys
import weakref
from array import array
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import getmro
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from tensorlib.compiling.watched import (
    MISSING,
    PLAIN,
    Cell,
    Elements,
    Field,
    Items,
    Slot,
    Watched,
)
from tensorlib.nn.module import Module
from tensorlib.optim.optimizer import Optimizer
from tensorlib.shapes.errors import CompileError
from tensorlib.tape import Value

_OURS = ("tensorlib", "numpy")
_LIBRARY = sys.stdlib_module_names
_INSTALLED = {"site-packages", "dist-packages"}
_LEAVES = (*PLAIN, np.generic, np.dtype, Optimizer, range, slice)
"""What is not looked into: it never changes, or is asked each time."""
_UNHEARD = ("__repr__", "__str__", "__del__", "__reduce__", "__class_getitem__")
"""Methods with special names that a step hardly calls for their result."""
_METHODS = (FunctionType, staticmethod, classmethod)
_NONE: Mapping[str, Any] = MappingProxyType({})


class Guards:
    """Variables, attributes and items that a step reads, as they were before it was written down.

    Followed are the variables of functions and methods of the user's, the attributes that these
    name, of objects and of their classes, and all fields of modules. Optimizers and Generators are
    not: a compiled step asks them each time.

    Args:
        roots: the step, and those of its arguments that are no tensors.

    Attributes:
        tensors: the ids, as of `id`, of the tensors that were met.
        generators: what draws random numbers.

    Raises:
        CompileError: the step reads an iterator, which goes on each time.
    """

    def __init__(self, *roots: Any) -> None:
        self.tensors: set[int] = set()
        self.generators: list[np.random.Generator | np.random.RandomState | random.Random] = []
        self._watched: list[Watched] = []
        self._quick: list[tuple[Callable[[Any], Any], Any, Any, Field]] = []
        self._frozen: list[tuple[Value, bool]] = []
        self._fields: set[tuple[int, object]] = set()
        self._seen: dict[int, Any] = {}
        self._names: dict[str, bool] = {}
        home = _root(getattr(roots[0], "__module__", "")) if roots else ""
        self._home = "" if home in _OURS or home in _LIBRARY else home
        self._objects: list[Any] = []
        for root in roots:
            self._follow(root)
        self._look_into_objects()
        self._kept = [*self._seen.values()]  # alive, so that nothing else gets their ids
        del self._seen, self._objects

    def changed(self) -> str | None:
        """Return the name of something that changed, or None."""
        for get, name, value, field in self._quick:
            if get(name) is not value and not field.is_same():
                return f"{name!r} of {field.owner}"
        for each in self._watched:
            if not each.is_same():
                return f"{each.name!r} of {each.owner}"
        for parameter, frozen in self._frozen:
            if (parameter._origin is None) is not frozen:
                return "what is frozen"
        return None

    def watch_frozen(self, parameters: Iterable[Value], frozen: Iterable[bool]) -> None:
        """Watch parameters that were met in the step alone, and whether they were frozen."""
        pairs = zip(parameters, frozen, strict=True)
        self._frozen += (pair for pair in pairs if id(pair[0]) not in self.tensors)

    # Values -------------------------------------------------------------------------------------

    def _follow(self, value: Any, name: object = "an argument") -> None:
        """Watch what can change in a value, and go on to what is in it."""
        if isinstance(value, _LEAVES) or value is MISSING or id(value) in self._seen:
            return
        self._seen[id(value)] = value
        if isinstance(value, Value):
            self.tensors.add(id(value))
            if value.is_parameter:
                self._frozen.append((value, value._origin is None))
        elif isinstance(value, np.random.Generator | np.random.RandomState | random.Random):
            self.generators.append(value)
        elif isinstance(value, np.ndarray | bytearray | array | memoryview):
            self._watched.append(Elements(value))
        elif isinstance(value, Iterator) and not isinstance(value, io.IOBase):
            raise CompileError(
                f"compile: the step reads {name!r}, an iterator, which goes on each time: "
                "take from it outside of the step, and pass what it gives as an argument"
            )
        elif isinstance(value, dict | MappingProxyType):
            self._watched.append(Items(value.keys()))
            for key in value:
                self._watch_field(value, key, "a dict")
        elif isinstance(value, list | set | deque):
            self._watched.append(Items(value))
            self._follow_all(value)
        elif isinstance(value, tuple | frozenset):
            self._follow_all(value)
        elif isinstance(value, FunctionType):
            self._follow_function(value)
        elif isinstance(value, MethodType):
            self._follow_all((value.__func__, value.__self__))
        elif isinstance(value, BuiltinFunctionType):
            self._follow(value.__self__)
        elif isinstance(value, weakref.ref):
            self._follow(value())
        elif isinstance(value, functools.partial):
            self._follow_all((value.func, value.args, value.keywords))
        else:
            self._follow_object(value)

    def _follow_all(self, values: Any) -> None:
        for each in values:
            self._follow(each)

    def _follow_object(self, value: Any) -> None:
        if isinstance(value, ModuleType):
            if not self._is_foreign(value.__name__):
                self._objects.append(value)
            return
        fields = _fields_of(value)
        if isinstance(value, Module | ChainMap | UserDict | UserList):
            self._watched.append(Items(fields.keys()))
            for name in fields:
                self._watch_field(fields, name, type(value).__name__)
        else:
            self._follow(fields.get("__wrapped__"))
        if not isinstance(value, type) or not self._is_foreign(value.__module__):
            self._objects.append(value)
        for kind in self._kinds(value):
            for name, member in vars(kind).items():
                special = name.startswith("__") and name not in _UNHEARD
                if (special or name == "forward") and isinstance(member, _METHODS):
                    self._follow_member(member)

    def _watch_field(self, fields: Mapping[Any, Any], name: object, owner: str) -> None:
        if (id(fields), name) not in self._fields:
            self._fields.add((id(fields), name))
            field = Field(fields, name, owner)
            self._quick.append((fields.get, name, field.value, field))
            self._follow(field.value, name)

    # Functions ----------------------------------------------------------------------------------

    def _follow_function(self, function: FunctionType) -> None:
        owner = function.__qualname__
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            variable = Cell(cell, name, owner)
            self._watched.append(variable)
            self._follow(variable.value, name)
        if self._is_foreign(function.__module__ or ""):
            return
        self._follow_all((function.__defaults__, function.__kwdefaults__))
        self._objects.append(function)
        for code in _codes(function.__code__):
            self._note_names(code, function.__globals__, owner)

    def _note_names(self, code: CodeType, variables: dict[str, Any], owner: str) -> None:
        self._names |= {name: self._names.get(name, False) for name in code.co_names}
        # What `getattr` may be told.
        words = (each for each in code.co_consts if isinstance(each, str) and each.isidentifier())
        self._names |= dict.fromkeys(words, True)
        for instruction in dis.get_instructions(code):
            name = instruction.argval
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                if name in variables or not hasattr(builtins, name):
                    self._watch_field(variables, name, owner)
            elif instruction.opname == "IMPORT_NAME":
                self._follow(sys.modules.get(name), name)

    # Objects ------------------------------------------------------------------------------------

    def _look_into_objects(self) -> None:
        """Watch what the code names of each object; that may lead to more names, and objects."""
        done: list[int] = []
        found = True
        while found:
            found = False
            for place, thing in enumerate(self._objects):  # which grows meanwhile
                done += [0] * (place + 1 - len(done))
                names = [*self._names][done[place] :]
                done[place] += len(names)
                found |= bool(names)
                for name in names:
                    self._look_up(thing, name)

    def _look_up(self, thing: Any, name: str) -> None:
        """Watch an attribute, and whatever of the class can stand in its place."""
        named = isinstance(thing, type | ModuleType | FunctionType)
        owner = thing.__name__ if named else type(thing).__name__
        fields = _NONE if isinstance(thing, type) else _fields_of(thing)
        in_class = False
        for kind in self._kinds(thing):
            if name in vars(kind):
                in_class = True
                self._look_up_member(thing, kind, name)
        if name in fields or (fields is not _NONE and (in_class or self._names[name])):
            self._watch_field(fields, name, owner)

    def _look_up_member(self, thing: Any, kind: type, name: str) -> None:
        member = vars(kind)[name]
        if isinstance(member, MemberDescriptorType):
            if not isinstance(thing, type):
                slot = Slot(thing, name, kind.__name__)
                self._watched.append(slot)
                self._follow(slot.value, name)
            return
        if (id(kind), name) not in self._fields:
            self._fields.add((id(kind), name))
            self._watched.append(Field(vars(kind), name, kind.__name__))
            self._follow_member(member)

    def _kinds(self, value: Any) -> list[type]:
        """Return the classes of a value, or a class with its bases, that are the user's."""
        kinds = [*getmro(type(value))]
        if isinstance(value, type):
            kinds[:0] = getmro(value)
        return [each for each in kinds if not self._is_foreign(each.__module__)]

    def _is_foreign(self, module: object) -> bool:
        """Tell whether a module belongs to a library, and not to the package of the step."""
        root = _root(module)
        return root != self._home and _is_library(root)

    def _follow_member(self, member: Any) -> None:
        """Follow what stands in a class, through what turns methods into something else."""
        if isinstance(member, property):
            self._follow(member.fget)
        elif isinstance(member, staticmethod | classmethod):
            self._follow(member.__func__)
        elif isinstance(member, functools.cached_property):
            self._follow(member.func)
        elif not isinstance(member, type):
            self._follow(member)


def _fields_of(value: Any) -> Mapping[str, Any]:
    """Return the dict of an object's attributes; an empty one if it has none."""
    try:
        fields: Mapping[str, Any] = vars(value)
        return fields
    except Exception:  # whatever a `__getattr__` of the user's makes of it
        return _NONE


@functools.cache
def _is_library(root: str) -> bool:
    """Tell whether a package is a library, whose code is the same each time."""
    if root in _OURS or root in _LIBRARY:
        return True
    path = getattr(sys.modules.get(root), "__file__", None) or ""
    return not _INSTALLED.isdisjoint(Path(path).parts)


def _root(module: object) -> str:
    return str(module).partition(".")[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Go through code and the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
