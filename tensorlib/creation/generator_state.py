"""States of random Generators that come from files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_PLACES = {"MT19937": ("state", "pos", 624), "Philox": ("", "buffer_pos", 4)}
"""Of bit generators with a buffer: where in a state the place in it is, and its last value."""


def checked_state(rng: np.random.Generator, state: Any) -> Any:
    """Return a state that a Generator takes, in the form in which it tells its own.

    Raises:
        ValueError: it is none, or of another kind of Generator.
    """
    probe = type(rng.bit_generator)()
    try:
        probe.state = state
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    taken: Mapping[str, Any] = probe.state
    name = taken["bit_generator"]
    if name in _PLACES:
        # NumPy believes it, and would draw from whatever is there in memory.
        table, key, last = _PLACES[name]
        place = taken[table][key] if table else taken[key]
        if not 0 <= place <= last:
            raise ValueError(f"{key} must be from 0 to {last}, got {place}")
    return taken
