"""Lion, whose every step has the same size: only the sign of the momentum counts."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tensorlib.optim.group import Groups
from tensorlib.optim.hyperparameter import Betas, LearningRate, NonNegative
from tensorlib.optim.optimizer import M, Optimizer, kept
from tensorlib.optim.unit import elementwise
from tensorlib.tape import Array


class Lion(Optimizer[M]):
    """Step by ``lr * sign(beta1 * m + (1 - beta1) * g)``, m being a running mean of g.

    The mean starts at 0 and is carried on after the step, with beta2. Learning rates are three to
    ten times smaller than Adam's, and weight decays as much larger.

    Args:
        model: the model to update.
        lr: the learning rate, by which each element moves.
        betas: how much of m counts in the step, and how much is kept from step to step.
        weight_decay: how much of the parameter each step takes away, times the learning rate.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: X. Chen et al., Symbolic Discovery of Optimization Algorithms, 2023.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> lion = tl.optim.Lion(model, lr=0.25)
        >>> lion.update(model, (model(tl.zeros((3, 2)).traced()) * 100.0).sum().backward())
        >>> model.bias.tolist()
        [-0.25, -0.25]
    """

    lr = LearningRate()
    betas = Betas()
    weight_decay = NonNegative()

    keeps: ClassVar[tuple[str, ...]] = ("exp_avg",)

    def __init__(
        self,
        model: M,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(model, groups, lr=lr, betas=betas, weight_decay=weight_decay)

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        mean = kept(state, "exp_avg", p)
        beta1, beta2 = self.betas
        step = np.sign(beta1 * mean + (1 - beta1) * g)
        if self.weight_decay:
            step += self.weight_decay * p
        mean += (1 - beta2) * (g - mean)
        step *= -self.lr
        step += p
        return np.asarray(step)
