"""Parts of data: for training, validation and testing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlib.creation import generator
from tensorlib.ops.arguments import plain_ints
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.shapes import data as rules
from tensorlib.tape import NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import Dims, Seed


def random_split(
    *xs: Tensor[Any, NoTape, Any], sizes: tuple[int, ...], rng: Seed = None
) -> tuple[tuple[Tensor[Dims, NoTape, Any], ...], ...]:
    """Deal out the items of tensors at random, the same items of each tensor together.

    Args:
        xs: tensors with equally many items along their first axis.
        sizes: how many items each part gets; they add up to the number of items.
        rng: what decides which part an item comes into.

    Returns:
        for each part a tuple of tensors, in the order of ``xs``.

    Raises:
        ShapeError: there is no tensor, one is a scalar, they have different numbers of items, or
            the sizes do not add up to it.

    Example:
        >>> import tensorlib as tl
        >>> x, y = tl.ones((10, 3)), tl.arange(10)
        >>> (x_train, y_train), (x_valid, y_valid) = tl.data.random_split(x, y, sizes=(8, 2))
        >>> x_train.shape, y_valid.shape
        ((8, 3), (2,))
    """
    for x in xs:
        if not isinstance(x, Tensor):
            raise not_a_tensor(x, "random_split")
    parts = plain_ints(sizes, "random_split", "sizes")
    rules.random_split(tuple(x.shape for x in xs), parts)
    order = generator(rng).permutation(len(xs[0]))
    dealt = np.split(order, np.cumsum(parts)[:-1])
    return tuple(tuple(Tensor(x.numpy()[indices]) for x in xs) for indices in dealt)
