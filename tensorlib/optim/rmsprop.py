"""RMSprop, which divides each element's step by a running estimate of its gradient's size."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tensorlib.optim.group import Groups
from tensorlib.optim.hyperparameter import Flag, LearningRate, NonNegative
from tensorlib.optim.optimizer import M, Optimizer, kept
from tensorlib.optim.unit import elementwise
from tensorlib.tape import Array


class RMSprop(Optimizer[M]):
    """Step by ``lr * g / (sqrt(v) + eps)``, v being a running mean of the squared gradient g.

    The steps are those of PyTorch's RMSprop. Those of dfdx and of TensorFlow, ``g / sqrt(v + eps)``
    with v starting at 1, are ``RMSprop(model, alpha=0.9, initial_accumulator_value=1.0,
    eps_inside_sqrt=True)``.

    Args:
        model: the model to update.
        lr: the learning rate.
        alpha: how much of the running mean is kept from step to step.
        eps: keeps the divisor from 0.
        weight_decay: adds this multiple of the parameter to its gradient first.
        momentum: how much of the last step is added to the next.
        centered: whether v is the variance, that is, less the square of a running mean of g.
        initial_accumulator_value: what the running mean starts at.
        eps_inside_sqrt: whether ``eps`` is added before the root is taken, not after.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012;
    centered: A. Graves, Generating Sequences With Recurrent Neural Networks, 2013.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> rmsprop = tl.optim.RMSprop(model, lr=0.5, alpha=0.75)
        >>> rmsprop.update(model, model(tl.zeros((3, 2)).traced()).sum().backward())
        >>> model.bias.tolist()
        [-1.0, -1.0]
    """

    lr = LearningRate()
    alpha = NonNegative(below=1.0)
    eps = NonNegative()
    weight_decay = NonNegative()
    momentum = NonNegative()
    centered = Flag()
    initial_accumulator_value = NonNegative()
    eps_inside_sqrt = Flag()

    keeps: ClassVar[tuple[str, ...]] = ("square_avg",)
    may_keep: ClassVar[tuple[str, ...]] = ("grad_avg", "momentum_buffer")

    def __init__(
        self,
        model: M,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        initial_accumulator_value: float = 0.0,
        eps_inside_sqrt: bool = False,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(
            model,
            groups,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            initial_accumulator_value=initial_accumulator_value,
            eps_inside_sqrt=eps_inside_sqrt,
        )

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        mean_of_squares = kept(state, "square_avg", p, self.initial_accumulator_value)
        mean_of_squares *= self.alpha
        mean_of_squares += (1 - self.alpha) * (g * g)
        spread = mean_of_squares
        if self.centered:
            mean = kept(state, "grad_avg", p)
            mean += (1 - self.alpha) * (g - mean)
            # Where the gradient hardly changes, rounding could leave less than 0.
            spread = np.maximum(mean_of_squares - mean * mean, 0)
        divisor = np.sqrt(spread + self.eps) if self.eps_inside_sqrt else np.sqrt(spread) + self.eps
        step = np.divide(g, divisor, out=np.empty_like(p))
        if self.momentum:
            velocity = kept(state, "momentum_buffer", p)
            velocity *= self.momentum
            velocity += step
            np.copyto(step, velocity)
        step *= -self.lr
        step += p
        return step
