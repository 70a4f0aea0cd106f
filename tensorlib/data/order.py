"""In which order items come, batch by batch, and how to go on in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import numpy as np

from tensorlib.creation import checked_state, generator
from tensorlib.ops.arguments import plain_int
from tensorlib.shapes.errors import CheckpointError, ShapeError
from tensorlib.tape import Array
from tensorlib.typevars import Seed


class OrderState(TypedDict):
    """Where in which epoch an `Order` is, of plain data that JSON can hold.

    Example:
        >>> import tensorlib as tl
        >>> order = tl.data.Order(4, 2)
        >>> _ = next(iter(order))
        >>> state = order.state()
        >>> state["epoch"], state["position"]
        (0, 1)
    """

    epoch: int
    position: int
    items: int
    batch_size: int
    generator: Mapping[str, Any]


class Order:
    """The order of items, epoch after epoch: indices of one batch after the other.

    Each ``iter()`` goes through what is left of the current epoch, which is all of it unless it
    was left early by `load_state`; leaving a loop early starts a new epoch at the next ``iter()``.

    Args:
        items: how many there are.
        batch_size: how many make a batch.
        shuffle: whether each epoch has an order of its own.
        drop_last: whether a last batch that is smaller is left out.
        rng: what the orders are drawn from.

    Attributes:
        epoch: how many epochs were begun before this one.
        position: how many batches of this epoch were given.

    Example:
        >>> import tensorlib as tl
        >>> [indices.tolist() for indices in tl.data.Order(5, 2, drop_last=False)]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        items: int,
        batch_size: int,
        *,
        shuffle: bool = False,
        drop_last: bool = True,
        rng: Seed = None,
    ) -> None:
        if plain_int(batch_size, "Order", "batch_size") < 1:
            raise ShapeError(f"batch_size must be positive, got {batch_size}", subject="Order")
        self.items = items
        self.batch_size = plain_int(batch_size, "Order", "batch_size")
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.epoch = 0
        self.position = 0
        self._rng = generator(rng)
        self._begun = self._rng.bit_generator.state
        self._resumes = False

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(self.items, self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Array]:
        if self._resumes:
            self._resumes = False
            self._rng.bit_generator.state = self._begun
        else:
            self.epoch += self.position > 0
            self.position = 0
            self._begun = self._rng.bit_generator.state
        order = self._rng.permutation(self.items) if self.shuffle else np.arange(self.items)
        return self._rest_of(order)

    def _rest_of(self, order: Array) -> Iterator[Array]:
        for place in range(self.position, len(self)):
            start = place * self.batch_size
            self.position = place + 1
            yield order[start : start + self.batch_size]
        self.epoch += 1
        self.position = 0
        self._begun = self._rng.bit_generator.state

    def state(self) -> OrderState:
        """Return where this order is: after the batches that were given so far."""
        return {
            "epoch": self.epoch,
            "position": self.position,
            "items": self.items,
            "batch_size": self.batch_size,
            "generator": self._begun,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on where another order of the same items was: the next loop has the batches left.

        Raises:
            CheckpointError: the state is of other data, or of another size of batch.

        Example:
            >>> import tensorlib as tl
            >>> order = tl.data.Order(6, 2, shuffle=True, rng=0)
            >>> epoch = iter(order)
            >>> first, state = next(epoch), order.state()
            >>> resumed = tl.data.Order(6, 2, shuffle=True)
            >>> resumed.load_state(state)
            >>> [a.tolist() for a in epoch] == [b.tolist() for b in resumed]
            True
        """
        missing = OrderState.__required_keys__ - state.keys()
        if missing:
            raise CheckpointError(f"the state of the data lacks {', '.join(sorted(missing))}")
        for name, mine in (("items", self.items), ("batch_size", self.batch_size)):
            saved = state[name]
            if type(saved) is not int or saved != mine:
                raise CheckpointError(
                    f"the state is of data with {name} {saved}, this has {name} {mine}"
                )
        position, epoch = state["position"], state["epoch"]
        if not (type(position) is int and 0 <= position <= len(self)):
            raise CheckpointError(f"there is no batch {position!r} among {len(self)}")
        if not (type(epoch) is int and epoch >= 0):
            raise CheckpointError(f"expected the number of an epoch, got {epoch!r}")
        try:
            begun = checked_state(self._rng, state["generator"])
        except ValueError as error:
            raise CheckpointError(
                f"the generator of the data cannot be restored: {error}"
            ) from None
        self.epoch, self.position = epoch, position
        self._begun = begun
        self._rng.bit_generator.state = begun
        self._resumes = position > 0
