"""Normalization over the batch, which remembers what it saw in training."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation, recording
from tensorlib.nn.module import AnyTensor, TapeSwitched
from tensorlib.nn.normalization import Normalization
from tensorlib.nn.parameter import Buffer, Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import normalization_layers as ops
from tensorlib.shapes.dim import symbol
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, T

C = TypeVar("C", bound=int)
B = TypeVar("B", bound=int)
H = TypeVar("H", bound=int)
W = TypeVar("W", bound=int)
Batch = TypeVarTuple("Batch")
Rest = TypeVarTuple("Rest")


class BatchNorm(Normalization, TapeSwitched, Generic[C]):
    """The base of batch norms: bring each channel to mean 0 and variance 1.

    On operands that own a tape, that is, in training, mean and variance are those of the batch,
    and the running statistics move towards them; on others the running statistics are used.
    ``model.with_active(False)`` uses them in training too, for fine-tuning.

    Attributes:
        running_mean: starts as 0; then ``(1 - momentum) * running_mean + momentum * mean``.
        running_var: starts as 1, and moves alike, with the variance without bias.
        num_batches_tracked: how many batches they have seen.

    Args:
        num_features: C, the number of channels.
        eps: keeps the root from 0.
        momentum: how far the running statistics move, from 0 to 1; None for their plain average
            over all batches.
        affine: whether each channel has a weight, which starts as 1, and a bias, which starts as 0.
        active: True to use the batch's statistics always, False never, None by tape.

    Raises:
        ShapeError: the size is not positive.
    """

    axis: ClassVar[int]
    weight: Parameter[tuple[C], Any] | None
    bias: Parameter[tuple[C], Any] | None
    running_mean: Buffer[tuple[C], Any]
    running_var: Buffer[tuple[C], Any]
    num_batches_tracked: Buffer[tuple[()], np.int64]

    def __init__(
        self,
        num_features: C,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        *,
        affine: bool = True,
        active: bool | None = None,
    ) -> None:
        require_sizes(self, num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.active = active
        self.weight = Parameter(creation.ones((num_features,))) if affine else None
        self.bias = Parameter(creation.zeros((num_features,))) if affine else None
        self.running_mean = Buffer(creation.zeros((num_features,)))
        self.running_var = Buffer(creation.ones((num_features,)))
        self.num_batches_tracked = Buffer(creation.zeros((), np.int64))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Set weight and bias to 1 and 0, and forget the statistics."""
        super().reset_own_params(rng)
        buffers: tuple[tuple[Buffer[Any, Any], int], ...] = (
            (self.running_mean, 0),
            (self.running_var, 1),
            (self.num_batches_tracked, 0),
        )
        for buffer, value in buffers:
            buffer.write(np.full_like(buffer.numpy(), value), "reset_params")

    def _normalized(self, x: AnyTensor) -> Any:
        """Apply the layer."""
        weight: Any = self.weight
        bias: Any = self.bias
        acts = self.acts_on(x)
        self._require(("", self.input_shape(), x.shape))
        if not acts:
            recording.require_known((self.running_mean, self.running_var))
            running = ops.Statistics(self.running_mean._data, self.running_var._data)
            return ops.batch_norm(x, weight, bias, self.axis, self.eps, statistics=running)
        count = x.size // self.num_features
        if count == 1:
            raise ShapeError(
                f"training needs more than one value for each channel, got shape {x.shape}",
                subject=self.label(),
            )
        observe = partial(self._remember, count)
        return ops.batch_norm(x, weight, bias, self.axis, self.eps, observe=observe)

    def _remember(self, count: int, seen: ops.Statistics) -> None:
        """Move the running statistics towards those of so many elements of each channel."""
        if count == 0:
            return
        batches = self.num_batches_tracked.numpy() + 1
        self.num_batches_tracked.write(batches, "batch norm")
        share = 1 / float(batches) if self.momentum is None else self.momentum
        corrected = seen.var * (count / (count - 1))
        for buffer, new in ((self.running_mean, seen.mean), (self.running_var, corrected)):
            moved = (1 - share) * buffer.numpy() + share * new
            buffer.write(moved.astype(buffer.dtype, copy=False), "batch norm")

    def label(self) -> str:
        """Name the layer with its size: ``BatchNorm1d(64)``."""
        return f"{type(self).__name__}({self.num_features})"


class BatchNorm1d(BatchNorm[C], Generic[C]):
    """Bring each channel to mean 0 and variance 1 over the batch and all other axes.

    Shape: ``(B, C, *S) -> (B, C, *S)``

    In training, that is, on operands that own a tape, by the statistics of the batch, else by the
    running ones.

    Args:
        num_features: C, the number of channels.
        eps: keeps the root from 0.
        momentum: how far the running statistics move, from 0 to 1; None for their plain average
            over all batches.
        affine: whether each channel has a weight, which starts as 1, and a bias, which starts as 0.
        active: True to use the batch's statistics always, False never, None by tape.

    Raises:
        ShapeError: the size is not positive.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015.

    Example:
        >>> import tensorlib as tl
        >>> layer, x = tl.nn.BatchNorm1d(1), tl.tensor([[1.0], [3.0]])
        >>> layer(x.traced()).round().tolist()
        [[-1.0], [1.0]]
        >>> round(layer.running_mean.item(), 4)
        0.2
        >>> layer.with_active(False)(x.traced()).round().tolist()
        [[1.0], [3.0]]
    """

    axis = 1

    def forward(self, x: Tensor[tuple[B, C, *Rest], T, D]) -> Tensor[tuple[B, C, *Rest], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: there are not C channels; or in training, just one value for each.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        result: Tensor[tuple[B, C, *Rest], T, D] = self._normalized(x)
        return result

    def input_shape(self) -> Shape:
        """Return ``(B, C, *Rest)``."""
        return (symbol("B"), self.num_features, Pack("Rest"))


class BatchNorm2d(BatchNorm[C], Generic[C]):
    """Bring each channel of images to mean 0 and variance 1 over the batch, height and width.

    Shape: ``(*B, C, H, W) -> (*B, C, H, W)``

    In training, that is, on operands that own a tape, by the statistics of the batch, else by the
    running ones.

    Args:
        num_features: C, the number of channels.
        eps: keeps the root from 0.
        momentum: how far the running statistics move, from 0 to 1; None for their plain average
            over all batches.
        affine: whether each channel has a weight, which starts as 1, and a bias, which starts as 0.
        active: True to use the batch's statistics always, False never, None by tape.

    Raises:
        ShapeError: the size is not positive.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.BatchNorm2d(3)
        >>> layer(tl.ones((8, 3, 5, 5)).traced()).shape
        (8, 3, 5, 5)
        >>> layer.running_mean.shape, layer.num_batches_tracked.item()
        ((3,), 1)
    """

    axis = -3

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, H, W], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: there are not C channels; or in training, just one value for each.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        result: Tensor[tuple[*Batch, C, H, W], T, D] = self._normalized(x)
        return result

    def input_shape(self) -> Shape:
        """Return ``(*Batch, C, H, W)``."""
        return (Pack("Batch"), self.num_features, symbol("H"), symbol("W"))
