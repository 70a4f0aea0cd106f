"""The base class of optimizers: what an update checks, and in which order it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Generic

import numpy as np
from typing_extensions import TypeVar

from tensorlib.nn.module import AnyParameter, Module
from tensorlib.nn.path import require_known, within
from tensorlib.shapes.errors import NonFiniteGradientError, UnusedParameterError
from tensorlib.tape import Array, Gradients

M = TypeVar("M", bound=Module)


class Optimizer(ABC, Generic[M]):
    """Changes the parameters of one model against their gradients.

    A subclass says in `stepped` what one step makes of one parameter.

    Attributes:
        state: for each parameter by path, the arrays that its steps carry on, by name; filled by
            the parameter's first step.

    Args:
        model: the model whose parameters are updated, each once, even if it is tied.

    Raises:
        ValueError: the model has no parameters.
    """

    state: dict[str, dict[str, Array]]

    def __init__(self, model: M) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"{type(self).__name__}: expected a model, got {_name(model)}")
        self._model = model
        self._parameters = tuple(model.named_parameters())
        if not self._parameters:
            raise ValueError(f"{type(self).__name__}: the model has no parameters")
        self.state = {path: {} for path, _ in self._parameters}

    @abstractmethod
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return a parameter's new value, in a new array, and carry its state on in place.

        Args:
            p: the parameter's value, which must not be changed here.
            g: its gradient, of the same shape and dtype, which must not be changed either.
            state: this parameter's own part of `state`.
        """

    def update(self, model: M, gradients: Gradients, *, allow_unused: Collection[str] = ()) -> None:
        """Take one step: write every parameter that has a gradient.

        Everything is checked first. On an error, nothing has changed.

        Args:
            model: the model that this optimizer was made for.
            gradients: what ``loss.backward()`` returned, or a sum or multiple of such.
            allow_unused: paths of parameters, or of modules, that may have no gradient; those
                parameters stay as they are.

        Raises:
            UnusedParameterError: other parameters have no gradient.
            NonFiniteGradientError: a gradient holds NaN or infinity.
            TypeError: these are no gradients, or ``allow_unused`` is no collection of paths.
            ValueError: this is another model, or it has no such path as ``allow_unused`` names.
        """
        self._require_model(model)
        steps = self._checked(gradients, allow_unused)
        # Rounding to 0 or infinity must not stop the update midway where NumPy is set to raise.
        with np.errstate(all="ignore"):
            for path, parameter, g in steps:
                parameter.write(self.stepped(parameter.numpy(), g, self.state[path]), "update")

    def _require_model(self, model: M) -> None:
        """Require the model itself, or a copy that shares its parameters."""
        if model is self._model:
            return
        if not isinstance(model, Module):
            raise TypeError(f"update: expected a model, got {_name(model)}")
        mine = tuple(parameter for _, parameter in self._parameters)
        theirs = model.parameters()
        if len(mine) != len(theirs) or any(a is not b for a, b in zip(mine, theirs, strict=True)):
            raise ValueError(
                f"update: this {type(self).__name__} was made for another model: "
                f"pass that one, or make a new {type(self).__name__}(model)"
            )

    def _checked(
        self, gradients: Gradients, allow_unused: Collection[str]
    ) -> list[tuple[str, AnyParameter, Array]]:
        """Return the path, parameter and gradient for each step to take."""
        if not isinstance(gradients, Gradients):
            raise TypeError(
                f"update: expected gradients, got {_name(gradients)}: "
                "pass what loss.backward() returns"
            )
        self._require_used(gradients, allow_unused)
        steps = [
            (path, parameter, gradients[parameter].numpy())
            for path, parameter in self._parameters
            if parameter in gradients
        ]
        for path, _, g in steps:
            if not _is_finite(g):
                raise NonFiniteGradientError(
                    f"update: the gradient of {path} is not finite: nothing was updated"
                )
        return steps

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
            and not any(within(path, allowed) for allowed in allow_unused)
        )
        if unused:
            raise UnusedParameterError(
                f"update: no gradient for {', '.join(unused)}, on which the loss does not depend: "
                f"if that is meant, pass allow_unused={list(unused)}",
                unused,
            )


def _is_finite(g: Array) -> bool:
    # One sum is cheaper than an array of answers, and is finite only if every element is; the
    # converse fails where the sum itself overflows.
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.add.reduce(g, axis=None))) or bool(np.isfinite(g).all())


def _name(value: object) -> str:
    return type(value).__name__
