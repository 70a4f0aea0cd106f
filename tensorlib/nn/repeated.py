"""The same block several times over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar

from tensorlib.nn.container import Indexed
from tensorlib.nn.module import Module
from tensorlib.shapes import construction
from tensorlib.shapes.containers import RULES
from tensorlib.shapes.errors import ShapeError
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S, T

B = TypeVar("B", bound=Module)
N = TypeVar("N", bound=int)


class Repeated(Indexed, Generic[B, N]):
    """Apply n blocks of the same kind one after another, each with parameters of its own.

    The blocks are members by number, ``encoder[0]``, and their parameters have paths such as
    ``encoder.0.weight``.

    Args:
        make: makes one block, which must keep the shape of its operand; a class will do. It is
            called n times, so give it no fixed ``rng``, or all blocks start alike.
        n: how many blocks.

    Raises:
        ShapeError: n is not positive, or a block does not keep the shape.
        TypeError: n is no int, or what was made is no module.

    Example:
        >>> from tensorlib import nn
        >>> encoder = nn.Repeated(lambda: nn.Residual(nn.Linear(4, 4)), 3)
        >>> len(encoder), encoder.num_params()
        (3, 60)
    """

    rule = RULES["Repeated"]

    def __init__(self, make: Callable[[], B], n: N) -> None:
        if isinstance(make, Module):
            raise TypeError(
                f"Repeated: expected a function that makes a module, got {make.label()}: "
                "pass lambda: ..., so that each block has parameters of its own"
            )
        if not isinstance(n, int | np.integer):
            raise TypeError(f"Repeated: n must be an int, got {n!r}")
        try:
            construction.repeated(make, int(n))
        except ShapeError as error:
            raise error.named("Repeated") from None
        self._hold([_made(make) for _ in range(n)])
        self._require_fit()

    def __iter__(self) -> Iterator[B]:
        blocks: Any = self.members
        return iter(blocks)

    def __getitem__(self, index: int) -> B:
        block: Any = self.members[index]
        return block  # type: ignore[no-any-return]

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the blocks in order.

        Raises:
            ShapeError: a block does not take the operand, or does not keep its shape.
        """
        result: Tensor[S, T, D] = super().forward(x)
        return result


def _made(make: Callable[[], B]) -> B:
    block = make()
    if not isinstance(block, Module):
        raise TypeError(f"Repeated: expected a module from make, got {type(block).__name__}")
    return block
