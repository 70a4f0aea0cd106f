"""The layer that turns words, given by their numbers, into vectors."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import Module, shape_of
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import selection
from tensorlib.ops.arguments import plain_int
from tensorlib.shapes.construction import words
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import Seed, T

V = TypeVar("V", bound=int)
E = TypeVar("E", bound=int)
Batch = TypeVarTuple("Batch")


class Embedding(Module, Generic[V, E]):
    """Look up one trained vector for each index.

    Indices have no gradient, but as in every model it is the operand that starts the tape: train
    with ``model(words.traced())``.

    Shape: ``(*B,) -> (*B, E)``, of int64

    Args:
        num_embeddings: V, how many words there are.
        embedding_dim: E, the length of their vectors.
        padding_idx: a word whose vector starts as zeros and is not trained; negative ones count
            from the end.
        rng: where the initial values are drawn from, the standard normal distribution, as
            PyTorch's.

    Raises:
        ShapeError: a size is not positive.
        IndexOutOfRangeError: there is no word for the padding.
        TypeError: a size is no int.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.Embedding(1000, 16, rng=0)
        >>> layer(tl.tensor([[3, 1, 4], [1, 5, 9]])).shape
        (2, 3, 16)
    """

    weight: Parameter[tuple[V, E], Any]

    def __init__(
        self,
        num_embeddings: V,
        embedding_dim: E,
        padding_idx: int | None = None,
        *,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, num_embeddings, embedding_dim)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = (
            None if padding_idx is None else plain_int(padding_idx, "Embedding", "padding_idx")
        )
        try:
            words(num_embeddings, embedding_dim, self.padding_idx)
        except ShapeError as error:
            raise error.named("Embedding") from None
        self.weight = Parameter(creation.zeros((num_embeddings, embedding_dim)))
        self.reset_own_params(creation.generator(rng))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw the vectors."""
        values = rng.standard_normal(self.weight.numpy().shape, np.float32)
        if self.padding_idx is not None:
            values[self.padding_idx] = 0
        self.weight.write(values, "reset_params")

    def forward(
        self, x: Tensor[tuple[*Batch], T, np.int64]
    ) -> Tensor[tuple[*Batch, E], T, np.float32]:
        """Apply the layer.

        Raises:
            DtypeError: the operand is not of int64.
            IndexOutOfRangeError: an index is not from 0 to V - 1.
        """
        shape_of(x, self)
        if x.dtype != np.int64:
            raise DtypeError(
                f"expected dtype int64, got {x.dtype}: convert it with .astype(np.int64)",
                subject=self.label(),
            )
        weight: Any = self.weight
        try:
            return selection.embedding(x, weight, self.padding_idx)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def input_shape(self) -> Shape:
        """Return ``(*Batch,)``."""
        return (Pack("Batch"),)

    def output_shape(self, x: Shape) -> Shape:
        """Return ``(*Batch, E)``."""
        return (*x, self.embedding_dim)

    def label(self) -> str:
        """Name the layer with its sizes: ``Embedding(1000, 16)``."""
        return f"Embedding({self.num_embeddings}, {self.embedding_dim})"
