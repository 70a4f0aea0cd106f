"""Stochastic gradient descent, with or without momentum."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from tensorlib.ops.kernels import compiled
from tensorlib.optim.group import Groups
from tensorlib.optim.hyperparameter import (
    Hyperparameter,
    LearningRate,
    NonNegative,
    Plain,
    require_number,
)
from tensorlib.optim.optimizer import M, Optimizer
from tensorlib.optim.unit import elementwise
from tensorlib.tape import Array


@dataclass(frozen=True, slots=True)
class Classic:
    """Momentum: follow the velocity ``v = factor * v + (1 - dampening) * g`` instead of g.

    The velocity starts as the first gradient, whatever the dampening.

    Args:
        factor: how much of the velocity is kept from step to step, at least 0.
        dampening: how much of each later gradient is left out, from 0 to less than 1.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(1)
        >>> sgd = tl.optim.SGD(model, lr=1.0, momentum=tl.optim.Classic(0.5))
        >>> for _ in range(2):
        ...     sgd.update(model, model(tl.zeros((1,)).traced()).sum().backward())
        ...     print(model.bias.tolist())
        [-1.0]
        [-2.5]
    """

    factor: float
    dampening: float = 0.0

    def __post_init__(self) -> None:
        require_number(self.factor, "Classic: factor")
        require_number(self.dampening, "Classic: dampening", below=1.0)


@dataclass(frozen=True, slots=True)
class Nesterov:
    """Momentum that looks ahead: follow ``g + factor * v`` with ``v = factor * v + g``.

    Args:
        factor: how much of the velocity is kept from step to step, at least 0.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(1)
        >>> sgd = tl.optim.SGD(model, lr=1.0, momentum=tl.optim.Nesterov(0.5))
        >>> sgd.update(model, model(tl.zeros((1,)).traced()).sum().backward())
        >>> model.bias.tolist()
        [-1.5]
    """

    factor: float

    def __post_init__(self) -> None:
        require_number(self.factor, "Nesterov: factor")


class Momentum(Hyperparameter["float | Classic | Nesterov | None", "Classic | Nesterov | None"]):
    """A kind of momentum with its factor, or None: ``momentum = Momentum()``."""

    def check(self, value: object, name: str) -> Classic | Nesterov | None:
        """Return the kind; a number means `Classic`."""
        if value is None or isinstance(value, Classic | Nesterov):
            return value
        return Classic(require_number(value, name))

    def plain(self, value: Classic | Nesterov | None) -> Plain:
        """Return the kind as a table of its name and numbers."""
        return None if value is None else {"kind": type(value).__name__, **asdict(value)}

    def restored(self, plain: Plain, name: str) -> Classic | Nesterov | None:
        """Return the kind that such a table tells."""
        if not isinstance(plain, dict):
            return self.check(plain, name)
        kinds: dict[Plain, Any] = {"Classic": Classic, "Nesterov": Nesterov}
        options = {key: value for key, value in plain.items() if key != "kind"}
        if plain.get("kind") not in kinds:
            raise ValueError(f"{name} must be of a known kind, got {plain.get('kind')!r}")
        return self.check(kinds[plain["kind"]](**options), name)


class SGD(Optimizer[M]):
    """Step against the gradient: ``p - lr * g``.

    The steps are those of PyTorch's SGD.

    Args:
        model: the model to update.
        lr: the learning rate.
        momentum: `Classic`, `Nesterov` or None; a number means `Classic`.
        weight_decay: adds this multiple of the parameter to its gradient first.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is negative or not finite, or the model has no parameters.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> sgd = tl.optim.SGD(model, lr=0.5)
        >>> sgd.update(model, model(tl.zeros((3, 2)).traced()).sum().backward())
        >>> model.bias.tolist()
        [-1.5, -1.5]
        >>> sgd.lr, sgd.momentum = 0.25, tl.optim.Nesterov(0.9)
    """

    lr = LearningRate()
    momentum = Momentum()
    weight_decay = NonNegative()

    may_keep: ClassVar[tuple[str, ...]] = ("momentum_buffer",)

    def __init__(
        self,
        model: M,
        lr: float = 1e-3,
        momentum: float | Classic | Nesterov | None = None,
        weight_decay: float = 0.0,
        *,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(model, groups, lr=lr, momentum=momentum, weight_decay=weight_decay)

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        momentum = self.momentum
        if momentum is not None and momentum.factor:
            velocity = state.get("momentum_buffer")
            if velocity is not None:
                dampening = momentum.dampening if isinstance(momentum, Classic) else 0.0
                looks_ahead = isinstance(momentum, Nesterov)
                numbers = momentum.factor, 1 - dampening, -self.lr
                return _with_momentum(p, g, velocity, *numbers, looks_ahead)
            state["momentum_buffer"] = g.copy()
            if isinstance(momentum, Nesterov):
                g = g + momentum.factor * g
        return _moved(p, g, -self.lr)


@compiled("steps.momentum", light=True)
def _with_momentum(
    p: Array, g: Array, velocity: Array, factor: float, share: float, rate: float, looks_ahead: bool
) -> Array:
    """Carry the velocity on by a share of the gradient, and return the new value."""
    velocity *= factor
    velocity += g if share == 1 else share * g
    return _moved(p, g + factor * velocity if looks_ahead else velocity, rate)


def _moved(p: Array, direction: Array, rate: float) -> Array:
    step = np.multiply(direction, rate, out=np.empty_like(p))
    step += p
    return step
