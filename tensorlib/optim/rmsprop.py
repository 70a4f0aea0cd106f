"""RMSprop, which divides each element's step by a running estimate of its gradient's size."""

from __future__ import annotations

import numpy as np

from tensorlib.optim.hyperparameter import NonNegative
from tensorlib.optim.optimizer import M, Optimizer
from tensorlib.tape import Array


class RMSprop(Optimizer[M]):
    """Step by ``lr * g / (sqrt(v) + eps)``, v being a running mean of the squared gradient g.

    The mean starts at 0. The steps are those of PyTorch's RMSprop.

    Args:
        model: the model to update.
        lr: the learning rate.
        alpha: how much of the running mean is kept from step to step.
        eps: keeps the divisor from 0.
        weight_decay: adds this multiple of the parameter to its gradient first.
        momentum: how much of the last step is added to the next.
        centered: whether v is the variance, that is, less the square of a running mean of g.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012;
    centered: A. Graves, Generating Sequences With Recurrent Neural Networks, 2013.
    """

    lr = NonNegative()
    alpha = NonNegative(below=1.0)
    eps = NonNegative()
    weight_decay = NonNegative()
    momentum = NonNegative()

    def __init__(
        self,
        model: M,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(model)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered

    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        mean_of_squares = _kept(state, "square_avg", p)
        mean_of_squares *= self.alpha
        mean_of_squares += (1 - self.alpha) * (g * g)
        spread = mean_of_squares
        if self.centered:
            mean = _kept(state, "grad_avg", p)
            mean += (1 - self.alpha) * (g - mean)
            # Where the gradient hardly changes, rounding could leave less than 0.
            spread = np.maximum(mean_of_squares - mean * mean, 0)
        step = np.divide(g, np.sqrt(spread) + self.eps, out=np.empty_like(p))
        if self.momentum:
            velocity = _kept(state, "momentum_buffer", p)
            velocity *= self.momentum
            velocity += step
            np.copyto(step, velocity)
        step *= -self.lr
        step += p
        return step


def _kept(state: dict[str, Array], name: str, p: Array) -> Array:
    """Return an array of the state, of zeros at first."""
    if name not in state:
        state[name] = np.zeros_like(p)
    return state[name]
