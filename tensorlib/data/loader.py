"""Batches of data that is made item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib.data.dataset import Dataset
from tensorlib.data.order import Order, OrderState
from tensorlib.ops.arguments import plain_int
from tensorlib.shapes.errors import ShapeError
from tensorlib.tape import NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D2, D, Seed

X = TypeVar("X")
Batch_co = TypeVar("Batch_co", covariant=True)
Dims1 = TypeVarTuple("Dims1")
Dims2 = TypeVarTuple("Dims2")


class Loader(Generic[Batch_co]):
    """Batches of a dataset; each loop over it is an epoch.

    Args:
        dataset: what gives the items.
        batch_size: how many items make a batch.
        collate: makes a batch of a list of items: `stacked` for tensors of one shape,
            `stacked_pairs` for pairs of such, or a function of your own.
        shuffle: whether to draw a new order for each epoch.
        drop_last: whether to leave out a last batch that is smaller.
        rng: what the orders are drawn from.

    Raises:
        ShapeError: the size of a batch is not positive.

    Example:
        >>> import tensorlib as tl
        >>> words = ["a", "list", "of", "words"]
        >>> for batch in tl.data.Loader(words, 2, collate=" ".join):
        ...     print(batch)
        a list
        of words
    """

    def __init__(
        self,
        dataset: Dataset[X],
        batch_size: int,
        *,
        collate: Callable[[list[X]], Batch_co],
        shuffle: bool = False,
        drop_last: bool = False,
        rng: Seed = None,
    ) -> None:
        if plain_int(batch_size, "Loader", "batch_size") < 1:
            raise ShapeError(f"batch_size must be positive, got {batch_size}", subject="Loader")
        self.order = Order(len(dataset), batch_size, shuffle=shuffle, drop_last=drop_last, rng=rng)
        self._batch: Callable[[Any], Batch_co] = lambda indices: collate(
            [dataset[int(index)] for index in indices]
        )

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.order)

    def __iter__(self) -> Iterator[Batch_co]:
        return map(self._batch, self.order)

    def state(self) -> OrderState:
        """Return where in which epoch this is; see `tensorlib.data.Order.state`."""
        return self.order.state()

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on where another loader was; see `tensorlib.data.Order.load_state`."""
        self.order.load_state(state)


def stacked(
    items: Sequence[Tensor[tuple[*Dims1], NoTape, D]],
) -> Tensor[tuple[int, *Dims1], NoTape, D]:
    """Stack items of one shape along a new first axis, whose length the checker does not know.

    Raises:
        ShapeError: there is none, or their shapes differ.

    Example:
        >>> import tensorlib as tl
        >>> tl.data.stacked([tl.zeros((3,)), tl.ones((3,))]).tolist()
        [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """
    from tensorlib.ops.joining import stack

    batch: Any = stack(list(items))
    result: Tensor[tuple[int, *Dims1], NoTape, D] = batch
    return result


def stacked_pairs(
    items: Sequence[tuple[Tensor[tuple[*Dims1], NoTape, D], Tensor[tuple[*Dims2], NoTape, D2]]],
) -> tuple[Tensor[tuple[int, *Dims1], NoTape, D], Tensor[tuple[int, *Dims2], NoTape, D2]]:
    """Stack the first and the second of all pairs, each as `stacked` does.

    Raises:
        ShapeError: there is no pair, or the shapes of the first, or of the second, differ.

    Example:
        >>> import tensorlib as tl
        >>> digits = [(tl.zeros((28, 28)), tl.tensor(7)), (tl.ones((28, 28)), tl.tensor(1))]
        >>> images, labels = tl.data.stacked_pairs(digits)
        >>> images.shape, labels.tolist()
        ((2, 28, 28), [7, 1])
    """
    first, second = [first for first, _ in items], [second for _, second in items]
    return stacked(first), stacked(second)
