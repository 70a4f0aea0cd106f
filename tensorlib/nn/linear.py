"""The fully connected layer."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import Module, operand
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import linalg
from tensorlib.shapes import linalg as rules
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Seed, T

I = TypeVar("I", bound=int)  # noqa: E741 (a dimension)
O = TypeVar("O", bound=int)  # noqa: E741 (a dimension)
Batch = TypeVarTuple("Batch")


class Linear(Module, Generic[I, O]):
    """Multiply by a matrix and add a bias: ``x @ weight.T + bias``.

    Shape: ``(*B, I) -> (*B, O)``

    Args:
        in_features: I, the last dimension of the operand.
        out_features: O, the last dimension of the result.
        bias: whether a bias is added.
        rng: where the initial values are drawn from: weight and bias uniform between
            ``-1/sqrt(I)`` and ``1/sqrt(I)``, as PyTorch's.

    Raises:
        ShapeError: a size is not positive.
        TypeError: a size is no int.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.Linear(784, 10, rng=0)
        >>> layer(tl.zeros((64, 784))).shape, layer.weight.shape, layer.num_params()
        ((64, 10), (10, 784), 7850)
        >>> layer(tl.zeros((64, 768)))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: Linear(784, 10): expected last dimension 784, got 768; \
try nn.Linear(768, 10)
    """

    weight: Parameter[tuple[O, I], Any]
    bias: Parameter[tuple[O], Any] | None

    def __init__(
        self, in_features: I, out_features: O, *, bias: bool = True, rng: Seed = None
    ) -> None:
        require_sizes(self, in_features, out_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(creation.zeros((out_features, in_features)))
        self.bias = Parameter(creation.zeros((out_features,))) if bias else None
        self.reset_own_params(creation.generator(rng))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw weight, then bias."""
        limit = 1 / np.sqrt(self.in_features)
        for parameter in (self.weight, self.bias):
            if parameter is not None:
                values = rng.uniform(-limit, limit, parameter.numpy().shape)
                parameter.write(values.astype(np.float32), "reset_params")

    def forward(self, x: Tensor[tuple[*Batch, I], T, D]) -> Tensor[tuple[*Batch, O], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the last dimension is not I.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        operand(x, self)
        weight: Any = self.weight
        bias: Any = self.bias
        try:
            return linalg.linear(x, weight, bias)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def input_shape(self) -> Shape:
        """Return ``(*Batch, I)``."""
        return (Pack("Batch"), self.in_features)

    def output_shape(self, x: Shape) -> Shape:
        """Return ``(*Batch, O)``."""
        try:
            result: Shape = rules.linear(x, (self.out_features, self.in_features))
        except ShapeError as error:
            raise error.named(self.label()) from None
        return result

    def label(self) -> str:
        """Name the layer with its sizes: ``Linear(784, 10)``."""
        return f"Linear({self.in_features}, {self.out_features})"
