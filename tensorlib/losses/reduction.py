"""What the losses of the elements, or of the rows, are made into: their mean, sum, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from tensorlib.ops.primitive import Primitive, Vjp
from tensorlib.shapes.parameters import named, names_of
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array

Reduction: TypeAlias = Literal["mean", "sum", "none"]


class _Saved(NamedTuple):
    """What is remembered: the share of each loss in the mean, and what the loss itself saves."""

    share: float | None
    own: Any


class Loss(Primitive):
    """A primitive whose losses of the elements, or of the rows, are reduced as its last step.

    Forward function and vjps are written as if nothing were reduced: the vjps' ``g`` is the
    cotangent of each single loss, a scalar where it is the same for all.

    Args:
        rule: the loss's rule; ``reduction`` is its parameter behind the operands.
        forward: computes the losses, as a primitive's; it is not told the reduction.
        vjps: as a primitive's.
        operands: as a primitive's.
        saves: as a primitive's.
        total: tells from what ``forward`` saved by what the mean is divided, if not by how many
            losses there are.

    Raises:
        ValueError: (when called) there is no such reduction.
    """

    __slots__ = ("_place",)

    def __init__(
        self,
        rule: Rule,
        forward: Callable[..., Any],
        vjps: Sequence[Vjp | None],
        *,
        operands: int | None = None,
        saves: bool = False,
        total: Callable[[Any], float] | None = None,
    ) -> None:
        place = self._place = list(rule.parameters).index("reduction")

        def reducing(*args: Any) -> tuple[Array, _Saved]:
            values = forward(*args[:place], *args[place + 1 :])
            saved = None
            if saves:
                values, saved = values
            reduction = args[place]
            count = values.size if total is None else total(saved)
            share = (1 / count if count else 1.0) if reduction == "mean" else None
            return reduced(values, reduction, count), _Saved(share, saved)

        names = names_of(forward)
        super().__init__(
            rule,
            named(reducing, [*names[:place], "reduction", *names[place:]]),
            [None if vjp is None else _shared(vjp) for vjp in vjps],
            operands=operands,
            saves=True,
        )

    def __call__(self, *args: Any) -> Any:
        """Check, compute and, if an operand owns a tape, record."""
        reduction = args[self._place]
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{self.name}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}"
            )
        return super().__call__(*args)


def _shared(vjp: Vjp) -> Vjp:
    """Return the vjp of the reduced losses, from that of the losses themselves."""
    names = names_of(vjp)[1:]
    rest = [name for name in names if name != "saved"]
    own = names.index("saved") if "saved" in names else None

    def shared(g: Array, saved: _Saved, *kept: Any) -> Array:
        if saved.share is not None:
            g = g * saved.share
        if own is None:
            return vjp(g, *kept)
        return vjp(g, *kept[:own], saved.own, *kept[own:])

    return named(shared, ["g", "saved", *rest])


def reduced(values: Array, reduction: str, count: float | None = None) -> Array:
    """Return the values' mean, their sum, or themselves; the mean of nothing is NaN.

    Args:
        values: the losses of the elements.
        reduction: "mean", "sum" or "none".
        count: what the mean divides by, if not how many values there are.
    """
    if reduction == "none":
        return values
    # Of a flat array, NumPy sums pairwise, which keeps precision.
    total: Any = np.add.reduce(values.reshape(-1), dtype=wide(values))
    if reduction == "mean":
        count = values.size if count is None else count
        total = total / count if count else np.nan
    return np.asarray(total, values.dtype)


def wide(x: Array) -> Any:
    """Return the dtype to sum in: float16 would overflow at 65,504."""
    return np.float32 if x.dtype == np.float16 else x.dtype
