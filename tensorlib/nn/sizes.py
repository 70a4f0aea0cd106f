"""What layers require of the sizes they are made with."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib.shapes.construction import SIZES, require_positive
from tensorlib.shapes.errors import ShapeError


def require_sizes(layer: object, *sizes: Any, **others: Any) -> None:
    """Require that a layer can be made with its sizes.

    Args:
        layer: names itself in errors by its class.
        sizes: the sizes of its type, in the order of its type variables.
        others: further ones, by name, which must be positive.

    Raises:
        TypeError: one is no int.
        ShapeError: the layer cannot have them.
    """
    name = _class_with_rule(layer)
    for size in (*sizes, *others.values()):
        if not isinstance(size, int | np.integer):
            raise TypeError(f"{name}: sizes must be ints, got {size!r}")
    try:
        SIZES[name](*map(int, sizes))
        require_positive(**{other: int(size) for other, size in others.items()})
    except ShapeError as error:
        raise error.named(name) from None


def _class_with_rule(layer: object) -> str:
    return next(made.__name__ for made in type(layer).__mro__ if made.__name__ in SIZES)
