"""Data that is made item by item, such as images read from files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol

from typing_extensions import TypeVar

X = TypeVar("X")
Y_co = TypeVar("Y_co", covariant=True)
Item_co = TypeVar("Item_co", covariant=True)


class Dataset(Protocol[Item_co]):
    """Whatever has a length and gives items by number: lists, and classes of your own.

    Example:
        >>> import tensorlib as tl
        >>> class Squares:
        ...     def __len__(self) -> int:
        ...         return 4
        ...     def __getitem__(self, index: int) -> int:
        ...         return index * index
        >>> list(tl.data.Loader(Squares(), 2, collate=list))
        [[0, 1], [4, 9]]
    """

    def __len__(self) -> int:
        """Return the number of items."""
        raise NotImplementedError

    def __getitem__(self, index: int, /) -> Item_co:
        """Return one item."""
        raise NotImplementedError


class Mapped(Generic[X, Y_co]):
    """The items of a dataset, each changed by a function when it is asked for.

    Args:
        dataset: what gives the items.
        f: makes an item of an item of the dataset, each time anew.

    Example:
        >>> import tensorlib as tl
        >>> squares = tl.data.Mapped([1, 2, 3], lambda x: x * x)
        >>> squares[2], len(squares)
        (9, 3)
    """

    def __init__(self, dataset: Dataset[X], f: Callable[[X], Y_co]) -> None:
        self._dataset = dataset
        self._f = f

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: int, /) -> Y_co:
        return self._f(self._dataset[index])
