"""The rectifier whose slope below 0 is trained."""

from __future__ import annotations

from typing import Any, Generic, Literal

import numpy as np
from typing_extensions import TypeVar

from tensorlib import creation
from tensorlib.nn.module import Module, shape_of
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import activation
from tensorlib.ops.arguments import plain_scalar
from tensorlib.shapes import layers as rules
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S, T

C = TypeVar("C", bound=int, default=Literal[1])


class PReLU(Module, Generic[C]):
    """Return x where it is positive, else ``weight * x``; see `tensorlib.prelu`.

    Shape: ``(B, C, *R) -> (B, C, *R)``, or any shape if there is one parameter

    Args:
        num_parameters: C, the number of channels on axis 1, or 1 for one weight in all places.
        init: what the weights start from.

    Raises:
        ShapeError: num_parameters is not positive.

    Source: He et al., "Delving Deep into Rectifiers", 2015.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.PReLU()(tl.tensor([-4.0, 2.0])).tolist()
        [-1.0, 2.0]
        >>> tl.nn.PReLU(8)(tl.zeros((64, 8, 28, 28))).shape
        (64, 8, 28, 28)
    """

    weight: Parameter[tuple[C], Any]

    def __init__(self, num_parameters: C = 1, init: float = 0.25) -> None:  # type: ignore[assignment]
        require_sizes(self, num_parameters)
        self.num_parameters = num_parameters
        self.init = float(plain_scalar(init, "PReLU"))
        self.weight = Parameter(creation.full((num_parameters,), self.init))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Set all weights to what they start from."""
        self.weight.write(np.full_like(self.weight.numpy(), self.init), "reset_params")

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the layer.

        Raises:
            ShapeError: there is not one parameter for each channel.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self.output_shape(shape_of(x, self))
        y: Any = activation.prelu(x, self.weight)
        result: Tensor[S, T, D] = y
        return result

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        try:
            return rules.prelu(x, self.num_parameters)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def label(self) -> str:
        """Name the layer with its size: ``PReLU(64)``."""
        return f"PReLU({self.num_parameters})"
