"""The type variables of the library's own signatures: shape, tape, dtype of a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from typing_extensions import TypeVar

if TYPE_CHECKING:
    from tensorlib.tape import NoTape, Tape

S = TypeVar("S", bound=tuple[Any, ...])
T = TypeVar("T", bound="NoTape | Tape")
T2 = TypeVar("T2", bound="NoTape | Tape")
T3 = TypeVar("T3", bound="NoTape | Tape")
D = TypeVar("D", bound=np.generic)
D2 = TypeVar("D2", bound=np.generic)

Dims: TypeAlias = tuple[Any, ...]
"""A shape that plain typing cannot state; the plugin computes it from the op's rule."""
Scalar: TypeAlias = "float | np.number[Any] | np.bool"
"""What may stand beside a tensor in arithmetic without being one: Python's and NumPy's scalars."""
Seed: TypeAlias = "np.random.Generator | int | None"
"""A Generator to draw from, a seed for a new one, or None for fresh entropy."""
Axis: TypeAlias = "int | Sequence[int] | None"
"""The axes of a reduction as users write them: one, several, or None for all."""
PlainAxis: TypeAlias = "int | tuple[int, ...] | None"
"""The same as rules and NumPy take it."""
