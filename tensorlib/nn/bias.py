"""The layer that only adds."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import Module, shape_of
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import elementwise
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_last
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, T

N = TypeVar("N", bound=int)
Batch = TypeVarTuple("Batch")


class Bias(Module, Generic[N]):
    """Add a trained vector along the last axis; it starts as zeros.

    Shape: ``(*B, N) -> (*B, N)``

    Args:
        size: N, the last dimension of the operand.

    Raises:
        ShapeError: the size is not positive.
        TypeError: the size is no int.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.Bias(3)
        >>> layer(tl.ones((2, 3))).tolist(), layer.bias.shape
        ([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], (3,))
    """

    bias: Parameter[tuple[N], Any]

    def __init__(self, size: N) -> None:
        require_sizes(self, size)
        self.size = size
        self.bias = Parameter(creation.zeros((size,)))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Set the vector to zeros."""
        self.bias.write(np.zeros_like(self.bias.numpy()), "reset_params")

    def forward(self, x: Tensor[tuple[*Batch, N], T, D]) -> Tensor[tuple[*Batch, N], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the last dimension is not N.
            DtypeError: float64 meets another float dtype.
        """
        self.output_shape(shape_of(x, self))
        result: Any = elementwise.add(x, self.bias)
        return result  # type: ignore[no-any-return]

    def input_shape(self) -> Shape:
        """Return ``(*Batch, N)``."""
        return (Pack("Batch"), self.size)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        try:
            require_last(self.size, x)
        except ShapeError as error:
            raise error.named(self.label()) from None
        return x

    def label(self) -> str:
        """Name the layer with its size: ``Bias(10)``."""
        return f"Bias({self.size})"
