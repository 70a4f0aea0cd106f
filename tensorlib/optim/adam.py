"""Adam and AdamW, which scale each step by running estimates of the gradient's moments."""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

import numpy as np

from tensorlib.ops.kernels import compiled
from tensorlib.optim.group import Groups
from tensorlib.optim.hyperparameter import Betas, Flag, LearningRate, NonNegative
from tensorlib.optim.optimizer import M, Optimizer, kept
from tensorlib.optim.unit import elementwise
from tensorlib.tape import Array


class Adam(Optimizer[M]):
    """Step by ``lr * m / (sqrt(v) + eps)``, m and v being running means of g and g squared.

    Both means start at 0 and are corrected for it. The steps are those of PyTorch's Adam.

    Args:
        model: the model to update.
        lr: the learning rate.
        betas: how much of m and of v is kept from step to step.
        eps: keeps the divisor from 0.
        weight_decay: adds this multiple of the parameter to its gradient first.
        amsgrad: whether v is replaced by the largest v so far.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization, 2015; amsgrad:
    S. J. Reddi, S. Kale and S. Kumar, On the Convergence of Adam and Beyond, 2018.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> adam = tl.optim.Adam(model, lr=0.5)
        >>> adam.update(model, (model(tl.zeros((3, 2)).traced()) * 100.0).sum().backward())
        >>> [round(b, 4) for b in model.bias.tolist()]
        [-0.5, -0.5]
    """

    lr = LearningRate()
    betas = Betas()
    eps = NonNegative()
    weight_decay = NonNegative()
    amsgrad = Flag()

    keeps: ClassVar[tuple[str, ...]] = ("step", "exp_avg", "exp_avg_sq")
    may_keep: ClassVar[tuple[str, ...]] = ("max_exp_avg_sq",)

    def __init__(
        self,
        model: M,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(
            model,
            groups,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
        )

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        return self._moved(p, g, state)

    def _moved(self, p: Array, g: Array, state: dict[str, Array], shrink: float = 1.0) -> Array:
        """Return the parameter, times a factor, after one step."""
        if not state:
            state["step"] = np.zeros((), np.int64)
            state["exp_avg"] = np.zeros(p.shape, p.dtype)
            state["exp_avg_sq"] = np.zeros(p.shape, p.dtype)
        count, mean, mean_of_squares = state["step"], state["exp_avg"], state["exp_avg_sq"]
        largest = kept(state, "max_exp_avg_sq", p) if self.amsgrad else None
        beta1, beta2 = self.betas
        count += 1
        rate = -self.lr / (1 - beta1 ** int(count))
        unbiased = math.sqrt(1 - beta2 ** int(count))
        numbers = _Numbers(beta1, beta2, unbiased, self.eps, rate, shrink)
        return _stepped(p, g, mean, mean_of_squares, largest, numbers)


class _Numbers(NamedTuple):
    """What a step is taken with.

    Attributes:
        beta1: how much of the mean is kept.
        beta2: how much of the mean of squares is kept.
        unbiased: what the root of the mean of squares is divided by.
        eps: keeps the divisor from 0.
        rate: the factor of the direction.
        shrink: the factor of the parameter.
    """

    beta1: float
    beta2: float
    unbiased: float
    eps: float
    rate: float
    shrink: float


@compiled("steps.adam")
def _stepped(
    p: Array, g: Array, mean: Array, squares: Array, largest: Array | None, numbers: _Numbers
) -> Array:
    """Carry the means on, and the largest mean of squares if there is one; return the new value."""
    # One array serves all intermediate results and the new value in the end.
    work = np.subtract(g, mean)
    work *= 1 - numbers.beta1
    mean += work
    np.multiply(g, g, work)
    work *= 1 - numbers.beta2
    squares *= numbers.beta2
    squares += work
    spread = squares
    if largest is not None:
        spread = np.maximum(largest, squares, out=largest)
    np.sqrt(spread, work)
    work /= numbers.unbiased
    work += numbers.eps
    np.divide(mean, work, work)
    work *= numbers.rate
    work += p if numbers.shrink == 1 else p * numbers.shrink
    return work


class AdamW(Adam[M]):
    """Adam whose weight decay shrinks the parameter itself: ``p - lr * weight_decay * p`` first.

    Unlike Adam's, this decay does not pass through the running means. The steps are those of
    PyTorch's AdamW.

    Args:
        model: the model to update.
        lr: the learning rate.
        betas: how much of m and of v is kept from step to step.
        eps: keeps the divisor from 0.
        weight_decay: how much of the parameter each step takes away, times the learning rate.
        amsgrad: whether v is replaced by the largest v so far.
        groups: hyper-parameters that only some parameters have, by path or pattern, such as
            ``{"encoder": {"lr": 1e-4}, "*.bias": {"weight_decay": 0.0}}``; see `groups`.

    Raises:
        ValueError: a number is outside of its range, or the model has no parameters.

    Source: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, 2019.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.PReLU(init=2.0)
        >>> adam = tl.optim.AdamW(model, lr=0.5, weight_decay=0.5)
        >>> adam.update(model, model(tl.tensor([-1.0]).traced()).neg().sum().backward())
        >>> [round(w, 4) for w in model.weight.tolist()]
        [1.0]
    """

    def __init__(
        self,
        model: M,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(model, lr, betas, eps, weight_decay, amsgrad, groups=groups)

    @elementwise
    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        """Return the parameter after one step."""
        return self._moved(p, g, state, 1 - self.lr * self.weight_decay)
