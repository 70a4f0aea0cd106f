"""Learning-rate schedules: functions from the number of steps taken to the next step's rate."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING, Any

from tensorlib.optim.hyperparameter import require_number
from tensorlib.shapes.words import attribute_error


@dataclass(frozen=True, slots=True)
class Schedule(ABC):
    """Gives the learning rate by the number of steps taken, or of epochs, as you count.

    A schedule keeps no count of its own, so there is nothing to save with a checkpoint; the
    optimizer counts its updates in ``optimizer.steps``. Groups of parameters with a learning rate
    of their own follow in proportion.

    Example:
        >>> from tensorlib import nn, optim
        >>> sgd = optim.SGD(nn.Linear(3, 2))
        >>> schedule = optim.StepDecay(0.5, step_size=30)
        >>> for epoch in range(90):
        ...     sgd.lr = schedule(epoch)
        >>> schedule(0), schedule(30)
        (0.5, 0.05)
    """

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            raise attribute_error("optim.Schedule", name, self)

    def __call__(self, step: int) -> float:
        """Return the learning rate of one step, the first being step 0.

        Raises:
            ValueError: the step is negative.
            TypeError: it is no int.
        """
        count = index(step)
        if count < 0:
            raise ValueError(f"{type(self).__name__}: step must be at least 0, got {count}")
        return self._rate(count)

    @abstractmethod
    def _rate(self, step: int) -> float: ...

    def then(self, step: int, following: Schedule) -> Schedule:
        """Return this schedule up to a step, and another one from there, as SequentialLR does.

        The other one counts from 0 again.

        Args:
            step: the first step of the other one, counted from the start of this one.
            following: the schedule that takes over.

        Raises:
            ValueError: the step is not positive.

        Example:
            >>> from tensorlib import optim
            >>> warmup = optim.LinearWarmup(0.1, total_iters=10)
            >>> schedule = warmup.then(10, optim.CosineAnnealing(0.1, t_max=90))
            >>> schedule(10), schedule(55)
            (0.1, 0.05)
        """
        return InTurn(self, step, following)

    def _require_count(self, value: int, name: str) -> None:
        if index(value) < 1:
            raise ValueError(f"{type(self).__name__}: {name} must be at least 1, got {value}")


@dataclass(frozen=True, slots=True)
class InTurn(Schedule):
    """One schedule after the other: what `Schedule.then` returns.

    Args:
        first: the schedule up to a step.
        step: the first step of the other one.
        following: the other one, which counts from 0 again.
    """

    first: Schedule
    step: int
    following: Schedule

    def __post_init__(self) -> None:
        self._require_count(self.step, "step")
        if not isinstance(self.following, Schedule):
            raise TypeError(f"then: expected a schedule, got {type(self.following).__name__}")

    def _rate(self, step: int) -> float:
        return self.first(step) if step < self.step else self.following(step - self.step)


@dataclass(frozen=True, slots=True)
class ScaledSchedule(Schedule):
    """A schedule of multiples of one learning rate.

    Args:
        lr: the learning rate.
    """

    lr: float

    def __post_init__(self) -> None:
        require_number(self.lr, f"{type(self).__name__}: lr")


@dataclass(frozen=True, slots=True)
class StepDecay(ScaledSchedule):
    """Multiply the rate by gamma after every so many steps, as PyTorch's StepLR does.

    Args:
        lr: the rate at the start.
        step_size: how many steps each rate lasts.
        gamma: the factor.

    Raises:
        ValueError: a number is outside of its range.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.StepDecay(1.0, step_size=2, gamma=0.5)
        >>> [schedule(step) for step in range(6)]
        [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        self._require_count(self.step_size, "step_size")
        require_number(self.gamma, "StepDecay: gamma")

    def _rate(self, step: int) -> float:
        return self.lr * float(self.gamma) ** (step // self.step_size)


@dataclass(frozen=True, slots=True)
class ExponentialDecay(ScaledSchedule):
    """Multiply the rate by gamma after every step, as PyTorch's ExponentialLR does.

    Args:
        lr: the rate at the start.
        gamma: the factor.

    Raises:
        ValueError: a number is outside of its range.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.ExponentialDecay(1.0, gamma=0.5)
        >>> [schedule(step) for step in range(4)]
        [1.0, 0.5, 0.25, 0.125]
    """

    gamma: float

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        require_number(self.gamma, "ExponentialDecay: gamma")

    def _rate(self, step: int) -> float:
        return self.lr * float(self.gamma) ** step


@dataclass(frozen=True, slots=True)
class PolynomialDecay(ScaledSchedule):
    """Lower the rate to 0 along a power of the steps left, as PyTorch's PolynomialLR does.

    Args:
        lr: the rate at the start.
        total_iters: how many steps it takes to 0.
        power: 1 for a straight line, more for a rate that falls fast at first.

    Raises:
        ValueError: a number is outside of its range.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.PolynomialDecay(1.0, total_iters=4)
        >>> [schedule(step) for step in range(6)]
        [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        self._require_count(self.total_iters, "total_iters")
        require_number(self.power, "PolynomialDecay: power")

    def _rate(self, step: int) -> float:
        left = 1 - min(step, self.total_iters) / self.total_iters
        return self.lr * math.pow(left, self.power)


@dataclass(frozen=True, slots=True)
class CosineAnnealing(ScaledSchedule):
    """Lower the rate along half a cosine wave, as PyTorch's CosineAnnealingLR does.

    Beyond the last step it rises again.

    Args:
        lr: the rate at the start.
        t_max: how many steps it takes to the lowest rate.
        eta_min: the lowest rate.

    Raises:
        ValueError: a number is outside of its range.

    Source: I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.CosineAnnealing(1.0, t_max=4)
        >>> [round(schedule(step), 4) for step in range(6)]
        [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.1464]
    """

    t_max: int
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        self._require_count(self.t_max, "t_max")
        require_number(self.eta_min, "CosineAnnealing: eta_min")

    def _rate(self, step: int) -> float:
        height = (1 + math.cos(math.pi * step / self.t_max)) / 2
        return self.eta_min + (self.lr - self.eta_min) * height


@dataclass(frozen=True, slots=True)
class LinearWarmup(ScaledSchedule):
    """Change the rate in even steps, then keep it, as PyTorch's LinearLR does.

    Args:
        lr: the rate that both factors multiply.
        start_factor: the factor at the start.
        end_factor: the factor from step ``total_iters`` on.
        total_iters: how many steps it takes to get there.

    Raises:
        ValueError: a number is outside of its range.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.LinearWarmup(1.0, start_factor=0.25, total_iters=3)
        >>> [schedule(step) for step in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    start_factor: float = 1 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        require_number(self.start_factor, "LinearWarmup: start_factor")
        require_number(self.end_factor, "LinearWarmup: end_factor")
        self._require_count(self.total_iters, "total_iters")

    def _rate(self, step: int) -> float:
        done = min(step, self.total_iters) / self.total_iters
        return self.lr * (self.start_factor + (self.end_factor - self.start_factor) * done)
