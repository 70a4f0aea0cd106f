"""The base class of optimizers: what an update checks, and in which order it writes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self

import numpy as np
from typing_extensions import TypeVar

from tensorlib import recording
from tensorlib.gradients import Gradients
from tensorlib.nn.module import AnyParameter, Module
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.path import require_known, within
from tensorlib.optim.group import Group, Groups, chosen
from tensorlib.optim.hyperparameter import hyperparameters_of
from tensorlib.optim.state import OptimizerState
from tensorlib.optim.unit import Alone, Unit, units
from tensorlib.shapes.errors import (
    CheckpointError,
    NonFiniteGradientError,
    UnusedParameterError,
    not_a_model,
)
from tensorlib.shapes.words import attribute_error
from tensorlib.tape import Array, describe

M = TypeVar("M", bound=Module)


class Optimizer(ABC, Generic[M]):
    """Changes the parameters of one model against their gradients.

    A subclass says in `stepped` what one step makes of one parameter. It states its
    hyper-parameters in the class body, ``lr = LearningRate()``, and hands them to ``__init__``.

    Attributes:
        keeps: names of the arrays that `stepped` carries on for every parameter, each of the
            parameter's shape and dtype; ``step`` is an integer count.
        may_keep: names of those that it carries on with some hyper-parameters only.

    Args:
        model: the model whose parameters are updated, each once, even if it is tied.
        groups: hyper-parameters that only some parameters have, by path or pattern: see `groups`.
        hyperparameters: the optimizer's own.

    Raises:
        ValueError: the model has no parameters, a group chooses none, or a hyper-parameter is
            not known or outside of its range.

    Example:
        >>> import tensorlib as tl
        >>> import numpy as np
        >>> class SignDescent(tl.optim.Optimizer[tl.nn.Module]):
        ...     lr = tl.optim.LearningRate()
        ...     def stepped(self, p, g, state):
        ...         return p - self.lr * np.sign(g)
        >>> model = tl.nn.Bias(2)
        >>> optimizer = SignDescent(model, lr=0.5)
        >>> optimizer.update(model, model(tl.zeros((3, 2)).traced()).sum().backward())
        >>> model.bias.tolist(), optimizer.steps
        ([-0.5, -0.5], 1)
    """

    keeps: ClassVar[tuple[str, ...]] = ()
    may_keep: ClassVar[tuple[str, ...]] = ()

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            raise attribute_error("optim.Optimizer", name, self)

    def __init__(
        self, model: M, groups: Groups | None = None, /, **hyperparameters: object
    ) -> None:
        name = type(self).__name__
        recording.refuse(f"the step makes an {name}", "make it outside of the step")
        if not isinstance(model, Module):
            raise TypeError(not_a_model(_name(model), name))
        self._model = model
        self._parameters = tuple(model.named_parameters())
        if not self._parameters:
            raise ValueError(f"{name}: the model has no parameters")
        self._arrays: dict[str, dict[str, Array]] = {path: {} for path, _ in self._parameters}
        self._steps = 0
        self._units: list[Unit] | None = None
        self._trained: tuple[str, ...] = ()
        for key, value in hyperparameters.items():
            if key not in hyperparameters_of(type(self)):
                raise TypeError(f"{name}: the class states no hyper-parameter {key!r}")
            setattr(self, key, value)
        self._groups: dict[str, Group] = {}
        paths = _paths(model)
        for pattern, values in (groups or {}).items():
            group = Group(self, pattern, chosen(pattern, paths, name))
            group.update(values)
            self._groups[pattern] = group

    @abstractmethod
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return a parameter's new value, in a new array, and carry its state on in place.

        Args:
            p: the parameter's value, which must not be changed here.
            g: its gradient, of the same shape and dtype, which must not be changed either.
            state: the arrays that this parameter's steps carry on, by name; empty at first.
        """

    def update(self, model: M, gradients: Gradients, *, allow_unused: Collection[str] = ()) -> None:
        """Take one step: write every parameter that has a gradient and is not frozen.

        Everything is checked first. On an error, nothing has changed.

        Args:
            model: the model that this optimizer was made for.
            gradients: what ``loss.backward()`` returned, or a sum or multiple of such.
            allow_unused: paths of parameters, or of modules, that may have no gradient; those
                parameters stay as they are.

        Raises:
            UnusedParameterError: other parameters, that are not frozen, have no gradient.
            NonFiniteGradientError: a gradient holds NaN or infinity.
            TypeError: these are no gradients, or ``allow_unused`` is no collection of paths.
            ValueError: this is another model, or it has no such path as ``allow_unused`` names.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Bias(2)
            >>> sgd = tl.optim.SGD(model, lr=0.5)
            >>> sgd.update(model, model(tl.zeros((3, 2)).traced()).sum().backward())
            >>> model.bias.tolist()
            [-1.5, -1.5]
        """
        self._require_model(model)
        found = self._found(gradients, allow_unused)
        recording.before_change(self, self._keep)
        recording.noted(self._take_step)(found)

    def _take_step(self, found: dict[str, Array]) -> None:
        """Take one step against gradients by path."""
        # Rounding to 0 or infinity must not stop the update midway where NumPy is set to raise.
        with np.errstate(all="ignore"):
            units = self._units_of((*found,))
            gathered = [unit.gathered(found) for unit in units]
            for unit, g in zip(units, gathered, strict=True):
                if not _is_finite(g):
                    path = next(path for path in unit.paths if not _is_finite(found[path]))
                    raise NonFiniteGradientError(
                        f"update: the gradient of {path} is not finite: nothing was updated"
                    )
            variants = [self._variant(unit.paths[0]) for unit in units]
            for variant, unit, g in zip(variants, units, gathered, strict=True):
                unit.take(variant, g)
        self._steps += 1

    def _keep(self) -> Callable[[], None]:
        """Return what brings this back to what it is now, but for the hyper-parameters."""
        self._settle()
        steps, arrays = self._steps, {path: _copied(kept) for path, kept in self._arrays.items()}

        def bring_back() -> None:
            self._steps, self._arrays, self._units = steps, arrays, None

        return bring_back

    def _units_of(self, paths: tuple[str, ...]) -> list[Unit]:
        """Return what to step at once; it stays as it is while the same parameters are trained."""
        if self._units is None or self._trained != paths:
            self._settle()
            members = [member for member in self._parameters if member[0] in paths]
            if getattr(type(self).stepped, "is_elementwise", False):
                patterns = {
                    path: tuple(group.pattern for group in self._groups_of(path)) for path in paths
                }
                self._units = units(members, self._arrays, patterns)
            else:
                self._units = [Alone(member, self._arrays[member[0]]) for member in members]
            self._trained = paths
        return self._units

    def _settle(self) -> None:
        """Bring up to date what is carried on of parameters that are stepped together."""
        for unit in self._units or ():
            self._arrays.update(unit.states())

    def _require_model(self, model: M) -> None:
        """Require the model itself, or a copy that shares its parameters."""
        if model is self._model:
            return
        if not isinstance(model, Module):
            raise TypeError(not_a_model(_name(model), "update"))
        mine = tuple(parameter for _, parameter in self._parameters)
        theirs = model.parameters()
        if len(mine) != len(theirs) or any(a is not b for a, b in zip(mine, theirs, strict=True)):
            raise ValueError(
                f"update: this {type(self).__name__} was made for another model: "
                f"pass that one, or make a new {type(self).__name__}(model)"
            )

    def _found(self, gradients: Gradients, allow_unused: Collection[str]) -> dict[str, Array]:
        """Return the gradients to step against, by path."""
        if not isinstance(gradients, Gradients):
            raise TypeError(
                f"update: expected gradients, got {_name(gradients)}: "
                "pass what loss.backward() returns"
            )
        arrays = gradients._arrays
        found = {
            path: arrays[parameter._id]
            for path, parameter in self._parameters
            if parameter._id in arrays and not parameter.frozen
        }
        if allow_unused or len(found) < len(self._parameters):
            self._require_used(gradients, allow_unused)
        return found

    def _require_used(self, gradients: Gradients, allow_unused: Collection[str]) -> None:
        if isinstance(allow_unused, str):
            raise TypeError(
                f"update: allow_unused must be a collection of paths, got a string: "
                f"allow_unused=[{allow_unused!r}]"
            )
        if allow_unused:
            require_known(allow_unused, [path for path, _ in self._parameters], "update")
        unused = tuple(
            path
            for path, parameter in self._parameters
            if parameter not in gradients
            and not parameter.frozen
            and not any(within(path, allowed) for allowed in allow_unused)
        )
        if not unused:
            return
        if not any(parameter in gradients for _, parameter in self._parameters):
            raise UnusedParameterError(
                f"update: no gradient for any parameter of this model{_but_for(gradients)}: "
                "use a loss of this model, with .traced() called on the input of its forward pass",
                unused,
            )
        raise UnusedParameterError(
            f"update: no gradient for {', '.join(unused)}, on which the loss does not depend, "
            "or only through what no tape recorded: call .traced() on the input of that branch, "
            f"or pass allow_unused={list(unused)} if that is meant",
            unused,
        )

    # Hyper-parameters ---------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """How many updates were made: what a schedule wants to know."""
        recording.refuse(f"{_name(self)}.steps is read", "pass it as an argument")
        return self._steps

    @property
    def groups(self) -> Mapping[str, Group]:
        """The groups of parameters with hyper-parameters of their own, by path or pattern.

        A key is the path of a parameter or module, such as ``encoder``, or a pattern such as
        ``*.bias``. Where several choose a parameter, each has its say, the last one at the end.
        A group's learning rate goes up and down with the optimizer's:
        ``adam.groups["encoder"]["lr"]``.
        """
        recording.refuse(f"{_name(self)}.groups are read", "read them outside of the step")
        return MappingProxyType(self._groups)

    def hyperparameters(self, path: str = "") -> dict[str, Any]:
        """Return the hyper-parameters by name, with which the next step of a parameter is taken.

        Args:
            path: the parameter's path; the optimizer's own if it is left out.

        Raises:
            ValueError: there is no such parameter.

        Example:
            >>> import tensorlib as tl
            >>> sgd = tl.optim.SGD(tl.nn.Linear(3, 2), lr=0.5, groups={"bias": {"lr": 0.25}})
            >>> sgd.hyperparameters("weight")["lr"], sgd.hyperparameters("bias")["lr"]
            (0.5, 0.25)
        """
        if path and path not in self._arrays:
            require_known([path], self._arrays, "hyperparameters")
            raise ValueError(f"hyperparameters: {path!r} is a module: pass a parameter's path")
        variant = self._variant(path)
        return {name: getattr(variant, name) for name in hyperparameters_of(type(self))}

    def _variant(self, path: str) -> Self:
        """Return this optimizer with the hyper-parameters of one parameter, read anew each time."""
        groups = self._groups_of(path)
        if not groups:
            return self
        variant = copy(self)
        for group in groups:
            for name, value in group.items():
                setattr(variant, name, value)
        return variant

    def _groups_of(self, path: str) -> tuple[Group, ...]:
        if not self._groups:
            return ()
        return tuple(group for group in self._groups.values() if path in group.paths)

    # State --------------------------------------------------------------------------------------

    def state(self) -> OptimizerState:
        """Return a snapshot of all that later steps depend on, but for the model itself."""
        self._settle()
        known = hyperparameters_of(type(self))
        declared = {*self.keeps, *self.may_keep}
        for name in {name for kept in self._arrays.values() for name in kept} - declared:
            raise TypeError(f"{_name(self)}: stepped carries on {name!r}: name it in keeps")
        return OptimizerState(
            type(self).__name__,
            self._steps,
            {name: member.plain(getattr(self, name)) for name, member in known.items()},
            {pattern: group.plain() for pattern, group in self._groups.items()},
            {path: _copied(kept) for path, kept in self._arrays.items()},
        )

    def load_state(self, state: OptimizerState) -> None:
        """Go on from a snapshot: from here, all steps are bit for bit those that were taken then.

        The snapshot's hyper-parameters replace this optimizer's. Load the model's parameters too.

        Raises:
            CheckpointError: it is of another optimizer, of other groups or for other parameters;
                the text lists everything that does not fit. Nothing has changed.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Linear(3, 2)
            >>> state = tl.optim.Adam(model, lr=0.5).state()
            >>> resumed = tl.optim.Adam(model)
            >>> resumed.load_state(state)
            >>> resumed.lr
            0.5
        """
        if not isinstance(state, OptimizerState):
            raise TypeError(f"load_state: expected an optimizer's state, got {_name(state)}")
        problem = "\n  ".join(self._misfits(state))
        if problem:
            raise CheckpointError(
                f"load_state: the state does not fit this {_name(self)}:\n  {problem}"
            )
        try:
            values = {
                name: member.restored(state.hyperparameters[name], f"{_name(self)}: {name}")
                for name, member in hyperparameters_of(type(self)).items()
            }
            groups = {
                pattern: group.restored(state.groups[pattern])
                for pattern, group in self._groups.items()
            }
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"load_state: {error}") from error
        for name, value in values.items():
            setattr(self, name, value)
        for pattern, group in groups.items():
            self._groups[pattern].become(group)
        self._arrays = {path: _copied(state.arrays[path]) for path in self._arrays}
        self._units = None
        self._steps = state.steps

    def _misfits(self, state: OptimizerState) -> Iterator[str]:
        """Go through whatever of a snapshot is not as this optimizer has it."""
        if state.optimizer != _name(self):
            yield f"it is of {state.optimizer}"
            return
        if state.steps < 0:
            yield f"steps must be at least 0, got {state.steps}"
        if state.steps >= 1 << 63:  # more than the arrays of a state can count
            yield f"steps must be below {1 << 63}, got {state.steps}"
        known = hyperparameters_of(type(self))
        yield from _differences("hyper-parameter", known, state.hyperparameters)
        if list(state.groups) != list(self._groups):
            yield f"expected groups {list(self._groups)}, got {list(state.groups)}"
        yield from _differences("parameter", self._arrays, state.arrays)
        for path, parameter in self._parameters:
            kept = state.arrays.get(path)
            if kept:
                yield from self._wrong_arrays(path, parameter, kept)

    def _wrong_arrays(
        self, path: str, parameter: AnyParameter, kept: Mapping[str, Array]
    ) -> Iterator[str]:
        yield from (f"{path}: missing {name}" for name in self.keeps if name not in kept)
        for name, array in kept.items():
            if name not in (*self.keeps, *self.may_keep):
                yield f"{path}: surplus {name}"
                continue
            expected = "int64 of shape ()" if name == "step" else _form(parameter.numpy())
            if _form(array) != expected:
                yield f"{path}: {name}: expected {expected}, got {_form(array)}"


def kept(state: dict[str, Array], name: str, p: Array, start: float = 0.0) -> Array:
    """Return an array of a parameter's state; at first it is made, filled with one number."""
    if name not in state:
        state[name] = np.full(p.shape, start, p.dtype)
    return state[name]


def _but_for(gradients: Gradients) -> str:
    """Tell what gradients are for, if for anything, with the parameters of another model first."""
    leaves = sorted(gradients, key=lambda leaf: (not leaf.is_parameter, leaf.id))
    names = [describe(leaf) for leaf in leaves]
    if not names:
        return ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f", only for {names[0]}{more}"


def _is_finite(g: Array) -> bool:
    # One sum is cheaper than an array of answers, and is finite only if every element is; the
    # converse fails where the sum itself overflows.
    return math.isfinite(np.add.reduce(g, axis=None)) or bool(np.isfinite(g).all())


def _name(value: object) -> str:
    return type(value).__name__


def _paths(model: Module) -> dict[str, tuple[str, ...]]:
    """Return the path of each parameter with all its paths, which are several if it is tied."""
    paths: dict[str, tuple[str, ...]] = {}
    for path, tensor in model.named_tensors():
        if isinstance(tensor, Parameter):
            paths[tensor.path] = (*paths.get(tensor.path, ()), path)
    return paths


def _copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array.copy() for name, array in arrays.items()}


def _form(array: object) -> str:
    if not isinstance(array, np.ndarray):
        return _name(array)
    return f"{array.dtype} of shape {array.shape}"


def _differences(kind: str, mine: Collection[str], theirs: Collection[str]) -> Iterator[str]:
    yield from (f"missing {kind} {name}" for name in mine if name not in theirs)
    yield from (f"surplus {kind} {name}" for name in theirs if name not in mine)
