"""`compile`: what makes a function one that is written down and repeated."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from tensorlib import recording
from tensorlib.compiling.guards import Guards
from tensorlib.compiling.program import Program
from tensorlib.compiling.recorder import Recorder
from tensorlib.shapes.errors import CompileError
from tensorlib.tape import Array, Value
from tensorlib.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

_MOST = 8
"""How many programs are kept for arguments of the same shapes."""


def compile(step: F) -> F:
    """Return a step that is run and written down once, and repeated as written from then on.

    The first call runs the step as it stands, and writes down which NumPy functions it calls on
    which arrays: forward, backward, and the optimizer's update. Later calls with tensors of the
    same shapes and dtypes go through that list, without tensors, tapes, modules or checks of
    shapes in between; the numbers are the same. A step is written down anew for arguments of
    other shapes, dtypes or values, and when a variable, a field of a module or an item that it
    reads has changed. Hyper-parameters and Generators are asked at each call.

    What the step does besides, such as printing, happens only while it is written down.

    Args:
        step: takes tensors without tapes, and what else it likes; returns tensors without tapes,
            None, or tuples, lists and dicts of such. May be a method.

    Raises:
        CompileError: (when called) it reads numbers in Python, so that repeating it may be wrong.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Linear(3, 1, rng=0)
        >>> sgd = tl.optim.SGD(model, lr=0.1)
        >>> @tl.compile
        ... def step(x, y):
        ...     loss = tl.losses.mse_loss(model(x.traced()), y)
        ...     value = loss.detach()
        ...     sgd.update(model, loss.backward())
        ...     return value
        >>> x, y = tl.ones((8, 3)), tl.zeros((8, 1))
        >>> losses = [step(x, y).item() for _ in range(20)]
        >>> losses[-1] < 0.01 * losses[0]
        True
    """
    if not callable(step):
        raise TypeError(f"compile: expected a function, got {type(step).__name__}")
    return cast(F, Compiled(step))


def sources(step: Callable[..., Any]) -> list[str]:
    """Return the programs that a compiled step has written down so far, as text.

    Raises:
        TypeError: the step is not compiled.

    Example:
        >>> import tensorlib as tl
        >>> double = tl.compile(lambda x: x + x)
        >>> double(tl.ones((2,))).tolist()
        [2.0, 2.0]
        >>> print(*tl.compiling.sources(double))
        def step(a0):
            v1 = add(a0, a0)
            del a0
            return Tensor(v1)
        <BLANKLINE>
    """
    if not isinstance(step, Compiled):
        raise TypeError(f"sources: expected a compiled step, got {type(step).__name__}")
    return step.sources


class _Written(NamedTuple):
    """A program, and what has to be as it was."""

    program: Program
    guards: Guards
    frozen: tuple[bool, ...]
    kept: tuple[Any, ...]

    def changed(self) -> str | None:
        leaves = self.program.leaves
        for leaf, frozen in zip(leaves, self.frozen, strict=True):
            if (leaf._origin is None) is not frozen:
                return "what is frozen"
        return self.guards.changed()


class Compiled:
    """A step that is repeated as it was written down: what `compile` returns.

    Attributes:
        step: the step as it stands.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        self.step = step
        self._written: dict[Hashable, list[_Written]] = {}
        self._changes = 0
        functools.update_wrapper(self, step, updated=())

    def __get__(self, owner: object, kind: type | None = None) -> Any:
        return self if owner is None else functools.partial(self, owner)

    @property
    def sources(self) -> list[str]:
        """The programs that were written down, as text."""
        return [each.program.source for group in self._written.values() for each in group]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Repeat the step, or write it down first."""
        if recording.active and recording.is_recording():
            return self.step(*args, **kwargs)
        arrays: list[Array] = []
        others: list[Any] = []
        key: list[Hashable] = []
        for arg in args:
            _describe(arg, key, arrays, others)
        for name, arg in kwargs.items():
            key.append(name)
            _describe(arg, key, arrays, others)
        place = (*key,)
        group = self._written.get(place)
        change = None
        if group is not None:
            for written in group:
                change = written.changed()
                if change is None:
                    self._changes = 0
                    return written.program.run(*arrays)
        if change is not None:
            self._tell_of(change)
        written, result = self._write(args, kwargs, arrays, others)
        group = self._written.setdefault(place, [])
        group.insert(0, written)
        del group[_MOST:]
        return result

    def _tell_of(self, change: str) -> None:
        self._changes += 1
        if self._changes == _MOST:
            name = getattr(self.step, "__qualname__", "the step")
            warnings.warn(
                f"compile: {name} is written down anew at each call, because {change} changes: "
                "pass it as a tensor",
                stacklevel=4,
            )

    def _write(
        self,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        arrays: list[Array],
        others: list[Any],
    ) -> tuple[_Written, Any]:
        """Run the step and write it down."""
        names = {f"a{place}": array for place, array in enumerate(arrays)}
        guards = Guards(self.step, *others)
        recorder = Recorder(names)
        recording.start(recorder)
        try:
            result = self.step(*args, **kwargs)
            expression = recorder.result(result, set())
        finally:
            recording.stop()
        known = {**recorder.constants, **recorder.leaves, "Tensor": Tensor}
        program = Program(recorder.calls, expression, [*names], known, recorder.forms)
        frozen = tuple(leaf._origin is None for leaf in program.leaves)
        return _Written(program, guards, frozen, tuple(others)), result


def _describe(arg: Any, key: list[Hashable], arrays: list[Array], others: list[Any]) -> None:
    """Tell what a program depends on of an argument, and collect its arrays."""
    if isinstance(arg, Value) and not arg.is_mutable:
        if arg._tape is not None:
            raise CompileError(
                "compile: the step is given a tensor that owns a gradient tape: "
                "call traced() in the step"
            )
        data = arg._data
        arrays.append(data)
        key.append(data.shape)
        key.append(data.dtype)
    elif isinstance(arg, (tuple, list)):
        key.append((type(arg), len(arg)))
        for each in arg:
            _describe(each, key, arrays, others)
    elif type(arg) is dict:
        key.append((dict, *arg))
        for each in arg.values():
            _describe(each, key, arrays, others)
    elif isinstance(arg, (bool, int, float, str, type(None))):
        key.append((type(arg), arg))
    else:
        others.append(arg)
        key.append(id(arg))
