"""Stochastic gradient descent, with or without momentum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensorlib.optim.hyperparameter import NonNegative, require_number
from tensorlib.optim.optimizer import M, Optimizer
from tensorlib.tape import Array


@dataclass(frozen=True, slots=True)
class Classic:
    """Momentum: follow the velocity ``v = factor * v + g`` instead of the gradient g.

    Args:
        factor: how much of the velocity is kept from step to step, at least 0.
    """

    factor: float

    def __post_init__(self) -> None:
        require_number(self.factor, "Classic: factor")


@dataclass(frozen=True, slots=True)
class Nesterov:
    """Momentum that looks ahead: follow ``g + factor * v`` with ``v = factor * v + g``.

    Args:
        factor: how much of the velocity is kept from step to step, at least 0.
    """

    factor: float

    def __post_init__(self) -> None:
        require_number(self.factor, "Nesterov: factor")


class SGD(Optimizer[M]):
    """Step against the gradient: ``p - lr * g``.

    The steps are those of PyTorch's SGD with ``dampening=0``.

    Args:
        model: the model to update.
        lr: the learning rate.
        momentum: `Classic`, `Nesterov` or None; a number means `Classic`.
        weight_decay: adds this multiple of the parameter to its gradient first.

    Raises:
        ValueError: a number is negative or not finite, or the model has no parameters.

    Example:
        >>> from tensorlib import nn, optim
        >>> model = nn.Linear(3, 2)
        >>> sgd = optim.SGD(model, lr=1e-2, momentum=optim.Nesterov(0.9))
        >>> sgd.lr = 1e-3
    """

    lr = NonNegative()
    weight_decay = NonNegative()

    def __init__(
        self,
        model: M,
        lr: float = 1e-2,
        momentum: float | Classic | Nesterov | None = None,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(model)
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay

    @property
    def momentum(self) -> Classic | Nesterov | None:
        """The kind of momentum and its factor."""
        return self._momentum

    @momentum.setter
    def momentum(self, momentum: float | Classic | Nesterov | None) -> None:
        if momentum is not None and not isinstance(momentum, Classic | Nesterov):
            momentum = Classic(require_number(momentum, f"{type(self).__name__}: momentum"))
        self._momentum: Classic | Nesterov | None = momentum

    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        step = np.array(g)
        if self.weight_decay:
            step += self.weight_decay * p
        momentum = self.momentum
        if momentum is not None and momentum.factor:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = np.zeros_like(p)
            velocity = state["momentum_buffer"]
            velocity *= momentum.factor
            velocity += step
            if isinstance(momentum, Nesterov):
                step += momentum.factor * velocity
            else:
                np.copyto(step, velocity)
        step *= -self.lr
        step += p
        return step
