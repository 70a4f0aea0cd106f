"""Normalization of each example by itself: layer, root-mean-square and group norm."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.keeping import Keeping
from tensorlib.nn.module import shape_of
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import normalization_layers as ops
from tensorlib.shapes.dim import symbol
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, T

N = TypeVar("N", bound=int)
G = TypeVar("G", bound=int)
C = TypeVar("C", bound=int)
B = TypeVar("B", bound=int)
Batch = TypeVarTuple("Batch")
Rest = TypeVarTuple("Rest")


class Normalization(Keeping):
    """The base of normalizations: they keep the operand's shape, and start as the identity."""

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Set the weight to 1 and the bias to 0."""
        for name, value in (("weight", 1), ("bias", 0)):
            parameter = vars(self).get(name)
            if isinstance(parameter, Parameter):
                parameter.write(np.full_like(parameter.numpy(), value), "reset_params")


class LayerNorm(Normalization, Generic[N]):
    """Bring each example to mean 0 and variance 1 over the last dimension; see `layer_norm`.

    Shape: ``(*B, N) -> (*B, N)``

    Args:
        normalized_shape: N, the last dimension of the operand.
        eps: keeps the root from 0.
        elementwise_affine: whether the result is multiplied by a weight, which starts as 1.
        bias: whether a bias is added, which starts as 0; never without a weight.

    Raises:
        ShapeError: the size is not positive.

    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.LayerNorm(4)(tl.tensor([[1.0, 1.0, 5.0, 5.0]])).round().tolist()
        [[-1.0, -1.0, 1.0, 1.0]]
    """

    weight: Parameter[tuple[N], Any] | None
    bias: Parameter[tuple[N], Any] | None

    def __init__(
        self,
        normalized_shape: N,
        eps: float = 1e-5,
        *,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        require_sizes(self, normalized_shape)
        self.normalized_shape = normalized_shape
        self.eps = eps
        size = (normalized_shape,)
        self.weight = Parameter(creation.ones(size)) if elementwise_affine else None
        self.bias = Parameter(creation.zeros(size)) if elementwise_affine and bias else None

    def forward(self, x: Tensor[tuple[*Batch, N], T, D]) -> Tensor[tuple[*Batch, N], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the last dimension is not N.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require(("", self.input_shape(), shape_of(x, self)))
        weight: Any = self.weight
        bias: Any = self.bias
        return ops.layer_norm(x, weight, bias, self.eps)

    def input_shape(self) -> Shape:
        """Return ``(*Batch, N)``."""
        return (Pack("Batch"), self.normalized_shape)

    def label(self) -> str:
        """Name the layer with its size: ``LayerNorm(512)``."""
        return f"LayerNorm({self.normalized_shape})"


class RMSNorm(Normalization, Generic[N]):
    """Divide each example by its root mean square over the last dimension; see `rms_norm`.

    Shape: ``(*B, N) -> (*B, N)``

    Args:
        normalized_shape: N, the last dimension of the operand.
        eps: keeps the root from 0; None for the distance from 1 to the next float.
        elementwise_affine: whether the result is multiplied by a weight, which starts as 1.

    Raises:
        ShapeError: the size is not positive.

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.RMSNorm(2)(tl.tensor([[7.0, 7.0], [-2.0, 2.0]])).round().tolist()
        [[1.0, 1.0], [-1.0, 1.0]]
    """

    weight: Parameter[tuple[N], Any] | None

    def __init__(
        self, normalized_shape: N, eps: float | None = None, *, elementwise_affine: bool = True
    ) -> None:
        require_sizes(self, normalized_shape)
        self.normalized_shape = normalized_shape
        self.eps = eps
        self.weight = Parameter(creation.ones((normalized_shape,))) if elementwise_affine else None

    def forward(self, x: Tensor[tuple[*Batch, N], T, D]) -> Tensor[tuple[*Batch, N], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the last dimension is not N.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require(("", self.input_shape(), shape_of(x, self)))
        weight: Any = self.weight
        return ops.rms_norm(x, weight, self.eps)

    def input_shape(self) -> Shape:
        """Return ``(*Batch, N)``."""
        return (Pack("Batch"), self.normalized_shape)

    def label(self) -> str:
        """Name the layer with its size: ``RMSNorm(512)``."""
        return f"RMSNorm({self.normalized_shape})"


class GroupNorm(Normalization, Generic[G, C]):
    """Bring each example to mean 0 and variance 1 over groups of channels; see `group_norm`.

    Shape: ``(B, C, *S) -> (B, C, *S)``

    Args:
        num_groups: G, how many groups the channels form.
        num_channels: C, a multiple of G.
        eps: keeps the root from 0.
        affine: whether each channel has a weight, which starts as 1, and a bias, which starts as 0.

    Raises:
        ShapeError: a size is not positive, or the channels are no multiple of the groups.

    Source: Wu and He, "Group Normalization", 2018.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.GroupNorm(2, 6)(tl.zeros((8, 6, 5, 5))).shape
        (8, 6, 5, 5)
    """

    weight: Parameter[tuple[C], Any] | None
    bias: Parameter[tuple[C], Any] | None

    def __init__(
        self, num_groups: G, num_channels: C, eps: float = 1e-5, *, affine: bool = True
    ) -> None:
        require_sizes(self, num_groups, num_channels)
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.weight = Parameter(creation.ones((num_channels,))) if affine else None
        self.bias = Parameter(creation.zeros((num_channels,))) if affine else None

    def forward(self, x: Tensor[tuple[B, C, *Rest], T, D]) -> Tensor[tuple[B, C, *Rest], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: there are not C channels.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require(("", self.input_shape(), shape_of(x, self)))
        weight: Any = self.weight
        bias: Any = self.bias
        return ops.group_norm(x, self.num_groups, weight, bias, self.eps)

    def input_shape(self) -> Shape:
        """Return ``(B, C, *Rest)``."""
        return (symbol("B"), self.num_channels, Pack("Rest"))

    def label(self) -> str:
        """Name the layer with its sizes: ``GroupNorm(2, 6)``."""
        return f"GroupNorm({self.num_groups}, {self.num_channels})"
