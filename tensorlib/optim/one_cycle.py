"""The one-cycle schedule: the rate rises to its maximum and falls far below where it began."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tensorlib.optim.hyperparameter import require_number
from tensorlib.optim.schedule import ScaledSchedule


@dataclass(frozen=True, slots=True)
class OneCycle(ScaledSchedule):
    """Raise the rate to its maximum, then lower it to almost 0, as PyTorch's OneCycleLR does.

    It starts at ``lr / div_factor`` and ends at ``lr / div_factor / final_div_factor``, where it
    stays from step ``total_steps`` on. Momentum is left alone, as with ``cycle_momentum=False``.

    Args:
        lr: the highest rate.
        total_steps: how many steps the cycle has.
        pct_start: the share of them in which the rate rises, from 0 to 1.
        anneal_strategy: ``"cos"`` to follow half a cosine wave, or ``"linear"``.
        div_factor: by how much the first rate is lower than the highest.
        final_div_factor: by how much the last rate is lower than the first.
        three_phase: whether the rate falls back to the first one as fast as it rose, before it
            falls to the last one.

    Raises:
        ValueError: a number is outside of its range, or the strategy is not known.

    Source: L. N. Smith and N. Topin, Super-Convergence: Very Fast Training of Neural Networks Using
    Large Learning Rates, 2019.

    Example:
        >>> import tensorlib as tl
        >>> schedule = tl.optim.OneCycle(1.0, total_steps=10, anneal_strategy="linear")
        >>> [round(schedule(step), 4) for step in (0, 1, 2, 9)]
        [0.04, 0.52, 1.0, 0.0]
    """

    total_steps: int
    pct_start: float = 0.3
    anneal_strategy: Literal["cos", "linear"] = "cos"
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    three_phase: bool = False

    def __post_init__(self) -> None:
        ScaledSchedule.__post_init__(self)
        self._require_count(self.total_steps, "total_steps")
        if not 0 <= require_number(self.pct_start, "OneCycle: pct_start") <= 1:
            raise ValueError(f"OneCycle: pct_start must be at most 1, got {self.pct_start}")
        for name, factor in (
            ("div_factor", self.div_factor),
            ("final_div_factor", self.final_div_factor),
        ):
            if not require_number(factor, f"OneCycle: {name}") > 0:
                raise ValueError(f"OneCycle: {name} must be positive, got {factor}")
        if self.anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycle: anneal_strategy must be 'cos' or 'linear', got {self.anneal_strategy!r}"
            )

    def _rate(self, step: int) -> float:
        start = 0.0
        for end, before, after in self._phases():
            if step <= end:
                done = (step - start) / (end - start) if end > start else 1.0
                return self._between(before, after, done)
            start = end
        return self.lr / self.div_factor / self.final_div_factor

    def _phases(self) -> Iterator[tuple[float, float, float]]:
        """Go through the phases: the step that ends each, its first rate and its last."""
        first = self.lr / self.div_factor
        rise = self.pct_start * self.total_steps
        yield rise - 1, first, self.lr
        if self.three_phase:
            yield 2 * rise - 2, self.lr, first
        falling_from = first if self.three_phase else self.lr
        yield self.total_steps - 1, falling_from, first / self.final_div_factor

    def _between(self, before: float, after: float, done: float) -> float:
        if self.anneal_strategy == "cos":
            return after + (before - after) * (1 + math.cos(math.pi * done)) / 2
        return before + (after - before) * done
