"""What the losses of the elements, or of the rows, are made into: their mean, sum, or nothing."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from tensorlib.tape import Array

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def require_reduction(reduction: str, loss: str) -> None:
    """Require the name of a reduction.

    Raises:
        ValueError: it is none.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{loss}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")


def reduced(values: Array, reduction: str, count: int | None = None) -> Array:
    """Return the values' mean, their sum, or themselves; the mean of nothing is NaN.

    Args:
        values: the losses of the elements.
        reduction: "mean", "sum" or "none".
        count: how many the mean is taken over, if not as many as there are.
    """
    if reduction == "none":
        return values
    # Of a flat array, NumPy sums pairwise, which keeps precision.
    total: Any = np.add.reduce(values.reshape(-1), dtype=_wide(values))
    if reduction == "mean":
        count = values.size if count is None else count
        total = total / count if count else np.nan
    return np.asarray(total, values.dtype)


def spread(g: Array, reduction: str, count: int) -> Array:
    """Return the cotangent of the values, from that of their mean over so many, or of their sum."""
    return g * (1.0 / max(count, 1)) if reduction == "mean" else g


def _wide(x: Array) -> Any:
    """Return the dtype to sum in: float16 would overflow at 65,504."""
    return np.float32 if x.dtype == np.float16 else x.dtype
