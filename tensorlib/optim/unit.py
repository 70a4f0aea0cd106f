"""What an optimizer steps at once: a parameter, a block of one, or several small ones end to end.

The step of an optimizer that treats every element for itself is the same for ten vectors as for
one long one, in which NumPy is called a tenth as often; and for the blocks of a long one, which
stay in the cache from one call of NumPy's to the next.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from tensorlib.nn.module import AnyParameter
from tensorlib.ops.blocks import BLOCK
from tensorlib.tape import Array

F = TypeVar("F", bound=Callable[..., Array])
State = dict[str, Array]
Member = tuple[str, AnyParameter]
"""A parameter with its path."""

SMALL = 4096
"""How many elements a parameter may have to be laid beside others; copying more would not pay."""


def elementwise(stepped: F) -> F:
    """Say of a class' ``stepped`` that it treats every element for itself, wherever it stands.

    A class that overrides it says so anew, or its parameters are stepped one by one.
    """
    stepped.is_elementwise = True  # type: ignore[attr-defined]
    return stepped


class Stepper(Protocol):
    """What knows how to step: an optimizer, with the hyper-parameters that are in force."""

    def stepped(self, p: Array, g: Array, state: State) -> Array:
        """Return new values, and carry the state on in place."""
        raise NotImplementedError


class Unit(ABC):
    """Parameters that are stepped at once, with the same hyper-parameters.

    Attributes:
        paths: their paths.
    """

    paths: tuple[str, ...]

    @abstractmethod
    def gathered(self, gradients: Mapping[str, Array]) -> Array:
        """Return the gradients as one array, which must not be written to."""

    @abstractmethod
    def take(self, stepper: Stepper, g: Array) -> None:
        """Take one step against the gathered gradients."""

    @abstractmethod
    def states(self) -> Iterable[tuple[str, State]]:
        """Go through what the steps carry on, by path."""


class Alone(Unit):
    """A parameter by itself."""

    def __init__(self, member: Member, state: State) -> None:
        path, self._parameter = member
        self.paths = (path,)
        self._state = state

    def gathered(self, gradients: Mapping[str, Array]) -> Array:
        """Return a read-only view."""
        g = gradients[self.paths[0]].view()
        g.flags.writeable = False
        return g

    def take(self, stepper: Stepper, g: Array) -> None:
        """Take one step."""
        parameter = self._parameter
        parameter.write(stepper.stepped(parameter.numpy(), g, self._state), "update")

    def states(self) -> Iterable[tuple[str, State]]:
        """Return the only state."""
        return [(self.paths[0], self._state)]


class Blocked(Unit):
    """A large parameter, a block of elements at a time."""

    def __init__(self, member: Member, state: State) -> None:
        path, self._parameter = member
        self.paths = (path,)
        self._state = state

    def gathered(self, gradients: Mapping[str, Array]) -> Array:
        """Return the gradient."""
        return gradients[self.paths[0]]

    def take(self, stepper: Stepper, g: Array) -> None:
        """Take one step, and write each block as soon as it is known."""
        values, slopes, state = self._parameter._data.reshape(-1), g.reshape(-1), self._state
        kept = {name: array.reshape(-1) for name, array in state.items() if name != "step"}
        begun: State = {}
        own: State = {}
        for start in range(0, values.size, BLOCK):
            part = slice(start, start + BLOCK)
            own = {name: array[part] for name, array in kept.items()}
            if "step" in state:
                own["step"] = state["step"].copy()
            values[part] = stepper.stepped(values[part], slopes[part], own)
            for name in own.keys() - state.keys() - {"step"}:
                whole = begun.setdefault(name, np.empty(values.size, values.dtype))
                whole[part] = own[name]
        state.update({name: array.reshape(g.shape) for name, array in begun.items()})
        if "step" in own:
            state["step"] = own["step"]
        self._parameter.written("update")

    def states(self) -> Iterable[tuple[str, State]]:
        """Return the only state."""
        return [(self.paths[0], self._state)]


class Together(Unit):
    """Several parameters end to end, and what they carry on likewise."""

    def __init__(self, members: Sequence[Member], states: Sequence[State]) -> None:
        self.paths = tuple(path for path, _ in members)
        self._parameters = tuple(parameter for _, parameter in members)
        ends = np.cumsum([parameter.size for parameter in self._parameters]).tolist()
        self._parts = [slice(*bounds) for bounds in zip([0, *ends], ends, strict=False)]
        # What was written last, which the parameters still hold if nobody has written since.
        self._values = np.empty(ends[-1], self._parameters[0].dtype)
        self._versions: list[int] = []
        self._state = {
            name: array.copy()
            if name == "step"
            else np.concatenate([state[name].reshape(-1) for state in states])
            for name, array in states[0].items()
        }

    def gathered(self, gradients: Mapping[str, Array]) -> Array:
        """Return them end to end."""
        return np.concatenate([gradients[path] for path in self.paths], axis=None)

    def take(self, stepper: Stepper, g: Array) -> None:
        """Take one step with all of them."""
        parameters, values = self._parameters, self._values
        versions = [parameter.version for parameter in parameters]
        if versions != self._versions:
            np.concatenate([each._data for each in parameters], axis=None, out=values)
        values[...] = stepper.stepped(values, g, self._state)
        for parameter, part in zip(parameters, self._parts, strict=True):
            parameter.write_flat(values[part], "update")
        self._versions = [version + 1 for version in versions]

    def states(self) -> Iterable[tuple[str, State]]:
        """Go through the parts of each parameter."""
        for path, parameter, part in zip(self.paths, self._parameters, self._parts, strict=True):
            yield (
                path,
                {
                    name: array.copy()
                    if name == "step"
                    else array[part].reshape(parameter.shape).copy()
                    for name, array in self._state.items()
                },
            )


def units(
    members: Iterable[Member], states: Mapping[str, State], settings: Mapping[str, Hashable]
) -> list[Unit]:
    """Sort the parameters of an optimizer that treats every element for itself.

    Args:
        members: the parameters.
        states: what each has carried on so far.
        settings: by path, what two parameters must have in common to be stepped together.
    """
    found: list[Unit] = []
    alike: dict[Any, list[Member]] = {}
    for path, parameter in members:
        state = states[path]
        if parameter.size > SMALL:
            found.append(Blocked((path, parameter), state))
            continue
        count = int(state["step"]) if "step" in state else None
        key = settings[path], parameter.dtype, (*state,), count
        alike.setdefault(key, []).append((path, parameter))
    found += [Together(group, [states[path] for path, _ in group]) for group in alike.values()]
    return found
