"""`compile`: what makes a function one that is written down and repeated."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from tensorlib import recording
from tensorlib.compiling.arguments import Arguments
from tensorlib.compiling.draws import Draws
from tensorlib.compiling.guards import Guards
from tensorlib.compiling.program import Program
from tensorlib.compiling.recorder import Recorder
from tensorlib.shapes.errors import CompileError
from tensorlib.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

_MOST = 8
"""How many programs are kept for arguments of the same shapes."""
_MOST_PLACES = 64
"""For how many kinds of arguments programs are kept."""
_OTHERS = "its arguments are others each time: pass numbers as tensors, and keep to few shapes"


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
    """A program, and what has to be as it was.

    Attributes:
        program: what to run.
        guards: what the step reads in Python.
        outside: the ids of the tensors that are constants of the program.
        met: which of the arguments are among these.
        kept: the arguments that are known by their ids, so that nothing else gets these.
    """

    program: Program
    guards: Guards
    outside: frozenset[int]
    met: tuple[int, ...]
    kept: tuple[Any, ...]

    def changed(self, ids: Iterable[int]) -> str | None:
        """Return the name of something that changed, or None."""
        if self.outside and (*filter(self.outside.__contains__, ids),) != self.met:
            return "which tensors are passed that the step also finds by itself"
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
        given = Arguments()
        for arg in args:
            given.describe(arg)
        for name, arg in kwargs.items():
            given.key.append(name)
            given.describe(arg)
        place = (*given.key,)
        group = self._written.get(place)
        change = None
        if group is not None:
            for written in group:
                change = written.changed(given.ids)
                if change is None:
                    self._changes = 0
                    return written.program.run(*given.arrays)
        if change is not None:
            self._tell_of(f"{change} changes: pass it as a tensor")
        elif self._written:
            self._tell_of(_OTHERS)
        written, result = self._write(args, kwargs, given)
        group = self._written.setdefault(place, [])
        group.insert(0, written)
        del group[_MOST:]
        while len(self._written) > _MOST_PLACES:
            self._written.pop(next(iter(self._written)), None)
        return result

    def _tell_of(self, reason: str) -> None:
        self._changes += 1
        if self._changes == _MOST:
            name = getattr(self.step, "__qualname__", "the step")
            warnings.warn(
                f"compile: {name} is written down anew at each call, because {reason}",
                stacklevel=4,
            )

    def _write(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], given: Arguments
    ) -> tuple[_Written, Any]:
        """Run the step and write it down."""
        # Of each tensor a handle with a view, by which it is told from others of the same memory.
        handles = [given.handles(arg) for arg in args]
        named = {name: given.handles(arg) for name, arg in kwargs.items()}
        arrays = {f"a{place}": view for place, view in enumerate(given.views)}
        before = [_items(each) for each in (*handles, *named.values())]
        guards = Guards(self.step, *given.others)
        recorder = Recorder(arrays, guards.tensors, Draws(guards.generators))
        recording.start(recorder)
        try:
            result = self.step(*handles, **named)
            expression = recorder.result(result, set())
            recorder.require_repeatable()
            if before != [_items(each) for each in (*handles, *named.values())]:
                raise CompileError(
                    "compile: the step changes a list or dict that it is given, which a compiled "
                    "step cannot repeat: return what it shall hold"
                )
        except CompileError:
            recorder.take_back()
            raise
        finally:
            recording.stop()
        known = {**recorder.constants, **recorder.leaves, "Tensor": Tensor}
        program = Program(recorder.calls, expression, [*arrays], known, recorder.forms)
        outside = frozenset(recorder.outside)
        met = (*filter(outside.__contains__, given.ids),)
        guards.watch_frozen(recorder.leaves.values(), recorder.frozen)
        return _Written(program, guards, outside, met, (*given.others,)), result


def _items(value: Any) -> Any:
    """Return what a list or dict holds, by identity."""
    if isinstance(value, dict):
        return [(key, _items(each)) for key, each in value.items()]
    if isinstance(value, tuple | list):
        return [_items(each) for each in value]
    return id(value)
