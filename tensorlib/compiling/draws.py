"""What random numbers a step draws, and whether tensorlib does it, which can be repeated."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import numpy as np

from tensorlib.shapes.errors import CompileError

Generator: TypeAlias = "np.random.Generator | np.random.RandomState | random.Random"


class _Source(Protocol):
    """Something that draws, with a state that tells whether it did."""

    name: str

    def state(self) -> Any:
        """Return a copy of the state."""
        raise NotImplementedError

    def go_back(self, state: Any) -> None:
        """Go back to a state."""
        raise NotImplementedError


class _NumPy:
    """One of NumPy's Generators."""

    name = "a Generator"

    def __init__(self, generator: np.random.Generator) -> None:
        self._bits = generator.bit_generator

    def state(self) -> Any:
        return self._bits.state

    def go_back(self, state: Any) -> None:
        self._bits.state = state


class _Legacy:
    """What NumPy's older functions draw from."""

    def __init__(self, generator: Any, name: str) -> None:
        self._generator = generator
        self.name = name

    def state(self) -> Any:
        return self._generator.get_state(legacy=False)

    def go_back(self, state: Any) -> None:
        self._generator.set_state(state)


class _Python:
    """What Python's own functions draw from."""

    def __init__(self, generator: Any, name: str) -> None:
        self._generator = generator
        self.name = name

    def state(self) -> Any:
        return self._generator.getstate()

    def go_back(self, state: Any) -> None:
        self._generator.setstate(state)


class Draws:
    """Notices what a step draws by itself, in Python.

    Args:
        generators: what it can draw from, besides the generators of `random` and `numpy.random`.
    """

    def __init__(self, generators: Iterable[Generator]) -> None:
        self._sources: list[_Source] = [
            _Python(random, "the module random"),
            _Legacy(np.random, "the module numpy.random"),
        ]
        self._watched: set[int] = set()
        for each in generators:
            self._watched.add(id(each))
            if isinstance(each, np.random.Generator):
                self._sources.append(_NumPy(each))
            elif isinstance(each, np.random.RandomState):
                self._sources.append(_Legacy(each, "a RandomState"))
            else:
                self._sources.append(_Python(each, "a random.Random"))
        self._first = self._now = self._states()

    def _states(self) -> list[Any]:
        return [source.state() for source in self._sources]

    def require_none(self) -> None:
        """Require that nothing was drawn since the last call of `allow`.

        Raises:
            CompileError: something was.
        """
        for source, now in zip(self._sources, self._now, strict=True):
            if not _equal(source.state(), now):
                raise CompileError(
                    "compile: the step, or another thread meanwhile, draws numbers from "
                    f"{source.name} in Python, which a compiled step cannot repeat: draw tensors, "
                    "with tl.rand(shape, rng)"
                )

    def allow(self) -> None:
        """Accept what was drawn so far, by what is repeated."""
        self._now = self._states()

    def require_watched(self, generator: np.random.Generator) -> None:
        """Require of a Generator that it was there before the step, where the step finds it.

        Raises:
            CompileError: it was made in the step.
        """
        if id(generator) not in self._watched:
            raise CompileError(
                "compile: the step draws from a Generator that it makes, or finds by a way that "
                "cannot be watched: pass a seed, rng=0, or keep the Generator in a variable"
            )

    def take_back(self) -> None:
        """Bring everything back to where it was at first."""
        for source, state in zip(self._sources, self._first, strict=True):
            if not _equal(source.state(), state):
                source.go_back(state)


def _equal(state: Any, other: Any) -> bool:
    """Compare states, which may hold arrays."""
    if isinstance(state, dict):
        return all(_equal(state[key], other[key]) for key in state)
    return bool(np.array_equal(state, other)) if isinstance(state, np.ndarray) else state == other
