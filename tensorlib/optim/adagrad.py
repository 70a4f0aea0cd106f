"""Adagrad, which divides each element's step by the size of all its gradients so far."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tensorlib.optim.group import Groups
from tensorlib.optim.hyperparameter import LearningRate, NonNegative
from tensorlib.optim.optimizer import M, Optimizer
from tensorlib.optim.unit import elementwise
from tensorlib.tape import Array


class Adagrad(Optimizer[M]):
    """Step by ``lr * g / (sqrt(v) + eps)``, v being the sum of all squared gradients g so far.

    The steps are those of PyTorch's Adagrad.

    Args:
        model: the model to update.
        lr: the learning rate.
        lr_decay: after t steps, the learning rate is ``lr / (1 + t * lr_decay)``.
        weight_decay: adds this multiple of the parameter to its gradient first.
        initial_accumulator_value: what the sums of squares start at.
        eps: keeps the divisor from 0.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: J. Duchi, E. Hazan and Y. Singer, Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization, 2011.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> adagrad = tl.optim.Adagrad(model, lr=0.5)
        >>> adagrad.update(model, model(tl.zeros((3, 2)).traced()).sum().backward())
        >>> model.bias.tolist()
        [-0.5, -0.5]
    """

    lr = LearningRate()
    lr_decay = NonNegative()
    weight_decay = NonNegative()
    initial_accumulator_value = NonNegative()
    eps = NonNegative()

    keeps: ClassVar[tuple[str, ...]] = ("step", "sum")

    def __init__(
        self,
        model: M,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(
            model,
            groups,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        if not state:
            state["step"] = np.zeros((), np.int64)
            state["sum"] = np.full_like(p, self.initial_accumulator_value)
        count, total = state["step"], state["sum"]
        if self.weight_decay:
            g = g + self.weight_decay * p
        lr = self.lr / (1 + int(count) * self.lr_decay)
        count += 1
        total += g * g
        # An element that never had a gradient stays where it is, even with eps=0.
        divisor = np.sqrt(total) + self.eps
        step = np.divide(g, divisor, out=np.zeros_like(p), where=divisor != 0)
        step *= -lr
        step += p
        return step
