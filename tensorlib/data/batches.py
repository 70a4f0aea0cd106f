"""Batches of tensors that are in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, overload

from typing_extensions import TypeVar

from tensorlib.data.order import Order, OrderState
from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.shapes import data as rules
from tensorlib.tape import NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import Dims, Seed

Batch_co = TypeVar("Batch_co", covariant=True)


class Batches(Generic[Batch_co]):
    """Tuples of tensors, batch after batch; each loop over it is an epoch. `batches` makes it.

    Attributes:
        order: in which order the items come.

    Example:
        >>> import tensorlib as tl
        >>> data = tl.data.batches(tl.ones((5, 3)), tl.arange(5), batch_size=2)
        >>> len(data), [x.shape for x, y in data]
        (3, [(2, 3), (2, 3), (1, 3)])
    """

    def __init__(self, xs: tuple[Tensor[Any, Any, Any], ...], order: Order) -> None:
        self.order = order
        self._arrays = tuple(x.numpy() for x in xs)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.order)

    def __iter__(self) -> Iterator[Batch_co]:
        return map(self._batch, self.order)

    def _batch(self, indices: Any) -> Any:
        if not self.order.shuffle and len(indices):
            indices = slice(indices[0], indices[-1] + 1)  # a view
        return tuple(Tensor(array[indices]) for array in self._arrays)

    def state(self) -> OrderState:
        """Return where in which epoch this is; see `tensorlib.data.Order.state`."""
        return self.order.state()

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on where others were; see `tensorlib.data.Order.load_state`.

        Example:
            >>> import tensorlib as tl
            >>> data = tl.data.batches(tl.arange(6), batch_size=2, shuffle=True, rng=0)
            >>> epoch = iter(data)
            >>> first, state = next(epoch), data.state()
            >>> rest = [x.tolist() for (x,) in epoch]
            >>> data.load_state(state)
            >>> [x.tolist() for (x,) in data] == rest
            True
        """
        self.order.load_state(state)


@overload
def batches(
    *xs: Tensor[Any, NoTape, Any],
    batch_size: int,
    shuffle: bool = False,
    drop_last: bool = False,
    rng: Seed = None,
) -> Batches[tuple[Tensor[Dims, NoTape, Any], ...]]: ...
@overload
def batches(
    *xs: *tuple[*tuple[Tensor[Any, NoTape, Any], ...], int],
    shuffle: bool = False,
    drop_last: bool = False,
    rng: Seed = None,
) -> Batches[tuple[Tensor[Dims, NoTape, Any], ...]]: ...
def batches(  # type: ignore[misc]  # it takes all that the second takes
    *xs: Any,
    batch_size: int | None = None,
    shuffle: bool = False,
    drop_last: bool = False,
    rng: Seed = None,
) -> Any:
    """Cut tensors along their first axis into batches, the same items of each together.

    Each loop is an epoch, with an order of its own if the items are shuffled. The checker knows
    the size of a batch where none is smaller: with ``drop_last``, or where the number of items is
    a multiple.

    Args:
        xs: tensors with equally many items, such as images and their labels.
        batch_size: how many items make a batch; behind the tensors, or by name.
        shuffle: whether to draw a new order for each epoch.
        drop_last: whether to leave out a last batch that is smaller.
        rng: what the orders are drawn from.

    Raises:
        ShapeError: there is no tensor, one is a scalar, they have different numbers of items, or
            no whole batch is left.

    Example:
        >>> import tensorlib as tl
        >>> for x, y in tl.data.batches(tl.ones((4, 3)), tl.arange(4), batch_size=2):
        ...     print(x.shape, y.tolist())
        (2, 3) [0, 1]
        (2, 3) [2, 3]
    """
    given: Any = batch_size
    if given is None:
        *tensors, given = xs or (None,)
        xs = tuple(tensors)
    for x in xs:
        if not isinstance(x, Tensor):
            raise not_a_tensor(x, "batches")
    size = plain_int(given, "batches", "batch_size")
    rules.batches(tuple(x.shape for x in xs), size, bool(drop_last))
    order = Order(len(xs[0]), size, shuffle=shuffle, drop_last=drop_last, rng=rng)
    return Batches(xs, order)
