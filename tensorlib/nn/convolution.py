"""Convolutional layers."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Generic, Literal

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.spatial import Spatial
from tensorlib.ops import convolution
from tensorlib.ops.arguments import plain_int, plain_sizes
from tensorlib.shapes.dim import UNKNOWN
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Seed, T

C = TypeVar("C", bound=int)
O = TypeVar("O", bound=int)  # noqa: E741 (a dimension)
K = TypeVar("K", bound="int | tuple[int, ...]")
S = TypeVar("S", bound="int | tuple[int, ...]", default=Literal[1])
P = TypeVar("P", bound="int | tuple[int, ...] | str", default=Literal[0])
X = TypeVar("X", bound="int | tuple[int, ...]", default=Literal[0])
Y = TypeVar("Y", bound="int | tuple[int, ...]", default=Literal[0])
L = TypeVar("L", bound="int | tuple[int, ...]", default=Literal[1])
G = TypeVar("G", bound=int, default=Literal[1])
H = TypeVar("H", bound=int)
W = TypeVar("W", bound=int)
Batch = TypeVarTuple("Batch")


class _Kernels(Spatial):
    """A layer with kernels and, maybe, a bias."""

    rank: ClassVar[int]
    in_channels: int
    out_channels: int
    kernel_size: Any
    weight: Any
    bias: Any

    def _make(self, channels: tuple[int, int], *, bias: bool, rng: Seed) -> None:
        """Make and draw the parameters, the weight with so many channels on its first axes."""
        size = self.kernel_size
        kernel = size if isinstance(size, tuple) else (size,) * self.rank
        self.weight = Parameter(creation.zeros((*channels, *kernel)))
        self.bias = Parameter(creation.zeros((self.out_channels,))) if bias else None
        self.reset_own_params(creation.generator(rng))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw weight, then bias."""
        limit = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
        for parameter in (self.weight, self.bias):
            if parameter is not None:
                values = rng.uniform(-limit, limit, parameter.shape)
                parameter.write(values.astype(np.float32), "reset_params")

    def input_shape(self) -> Shape:
        """Return ``(*Batch, C, ...)``."""
        return (Pack("Batch"), self.in_channels, *(UNKNOWN,) * self.rank)


class _Convolution(_Kernels, Generic[C, O, K, S, P, L, G]):
    defaults = (1, 0, 1, 1)

    def __init__(
        self,
        in_channels: C,
        out_channels: O,
        kernel_size: K,
        stride: S = 1,  # type: ignore[assignment]  # the type variable's default
        padding: P = 0,  # type: ignore[assignment]
        dilation: L = 1,  # type: ignore[assignment]
        groups: G = 1,  # type: ignore[assignment]
        *,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        name = type(self).__name__
        self.in_channels = plain_int(in_channels, name, "in_channels")
        self.out_channels = plain_int(out_channels, name, "out_channels")
        self.kernel_size = plain_sizes(kernel_size, name, "kernel_size")
        self.stride = plain_sizes(stride, name, "stride")
        self.padding: int | tuple[int, ...] | str = (
            padding if isinstance(padding, str) else plain_sizes(padding, name, "padding")
        )
        self.dilation = plain_sizes(dilation, name, "dilation")
        self.groups = plain_int(groups, name, "groups")
        self._require_arguments()
        self._make((self.out_channels, self.in_channels // self.groups), bias=bias, rng=rng)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Channels, kernel size, stride, padding, dilation and groups."""
        sizes = (self.stride, self.padding, self.dilation, self.groups)
        return (self.in_channels, self.out_channels, self.kernel_size, *sizes)


class Conv1d(_Convolution[C, O, K, S, P, L, G]):
    """Slide kernels over sequences; see `tensorlib.conv1d`.

    Shape: ``(*B, C, L) -> (*B, O, L')`` with
    ``L' = (L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1``

    Args:
        in_channels: C, the channels of the operand.
        out_channels: O, the channels of the result: the number of kernels.
        kernel_size: how many elements a kernel has.
        stride: by how many elements the kernels are moved.
        padding: how many zeros are added on either side; ``"same"`` keeps the length, ``"valid"``
            adds none. ``"same"`` needs a stride of 1.
        dilation: how far apart the elements under a kernel lie.
        groups: into how many parts the channels are split, of which each sees itself only.
        bias: whether a bias is added.
        rng: where the initial values are drawn from: weight and bias uniform between
            ``-1/sqrt(n)`` and ``1/sqrt(n)`` for n elements in a kernel, as PyTorch's.

    Raises:
        ShapeError: a size is not positive, or the groups do not divide the channels.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Conv1d(4, 8, 3)(tl.zeros((2, 4, 100))).shape
        (2, 8, 98)
        >>> tl.nn.Conv1d(4, 8, 3, stride=2, padding=1)(tl.zeros((2, 4, 100))).shape
        (2, 8, 50)
    """

    rank = 1
    rule_name = "Conv1d"
    weight: Parameter[tuple[O, int, int], Any]
    bias: Parameter[tuple[O], Any] | None

    def forward(self, x: Tensor[tuple[*Batch, C, W], T, D]) -> Tensor[tuple[*Batch, O, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the channels are not C, or the kernel does not fit.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require_operand(x)
        sizes = (self.stride, self.padding, self.dilation, self.groups)
        result: Any = convolution.conv1d(x, self.weight, self.bias, *sizes)
        return result  # type: ignore[no-any-return]


class Conv2d(_Convolution[C, O, K, S, P, L, G]):
    """Slide kernels over images; see `tensorlib.conv2d`.

    Shape: ``(*B, C, H, W) -> (*B, O, H', W')`` with
    ``H' = (H + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1``

    Args:
        in_channels: C, the channels of the operand.
        out_channels: O, the channels of the result: the number of kernels.
        kernel_size: how many rows and columns a kernel has; an int, or one for each axis.
        stride: by how many elements the kernels are moved.
        padding: how many zeros are added on either side; ``"same"`` keeps height and width,
            ``"valid"`` adds none. ``"same"`` needs a stride of 1.
        dilation: how far apart the elements under a kernel lie.
        groups: into how many parts the channels are split, of which each sees itself only.
        bias: whether a bias is added.
        rng: where the initial values are drawn from: weight and bias uniform between
            ``-1/sqrt(n)`` and ``1/sqrt(n)`` for n elements in a kernel, as PyTorch's.

    Raises:
        ShapeError: a size is not positive, or the groups do not divide the channels.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> nn.Conv2d(1, 8, 5, padding="same")(tl.zeros((64, 1, 28, 28))).shape
        (64, 8, 28, 28)
    """

    rank = 2
    rule_name = "Conv2d"
    weight: Parameter[tuple[O, int, int, int], Any]
    bias: Parameter[tuple[O], Any] | None

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, O, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the channels are not C, or the kernel does not fit.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require_operand(x)
        sizes = (self.stride, self.padding, self.dilation, self.groups)
        result: Any = convolution.conv2d(x, self.weight, self.bias, *sizes)
        return result  # type: ignore[no-any-return]


class ConvTranspose2d(_Kernels, Generic[C, O, K, S, X, Y, G, L]):
    """Do the adjoint of a convolution; see `tensorlib.conv_transpose2d`.

    Shape: ``(*B, C, H, W) -> (*B, O, H', W')`` with
    ``H' = (H - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1``

    Args:
        in_channels: C, the channels of the operand.
        out_channels: O, the channels of the result.
        kernel_size: how many rows and columns a kernel has; an int, or one for each axis.
        stride: by how many elements neighbours are moved apart.
        padding: how many elements of the result are cut off on either side.
        output_padding: how many elements are added at the end of each axis.
        groups: into how many parts the channels are split.
        dilation: how far apart the elements of a kernel lie.
        bias: whether a bias is added.
        rng: where the initial values are drawn from: weight and bias uniform between
            ``-1/sqrt(n)`` and ``1/sqrt(n)`` for n elements in the kernels of a channel of the
            operand, as PyTorch's.

    Raises:
        ShapeError: a size is not positive, or the groups do not divide the channels.

    Example:
        >>> import tensorlib as tl
        >>> small = tl.nn.Conv2d(3, 8, 4, stride=2, padding=1)(tl.zeros((2, 3, 28, 28)))
        >>> small.shape, tl.nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1)(small).shape
        ((2, 8, 14, 14), (2, 3, 28, 28))
    """

    rank = 2
    rule_name = "ConvTranspose2d"
    weight: Parameter[tuple[C, int, int, int], Any]
    bias: Parameter[tuple[O], Any] | None
    defaults = (1, 0, 0, 1, 1)

    def __init__(
        self,
        in_channels: C,
        out_channels: O,
        kernel_size: K,
        stride: S = 1,  # type: ignore[assignment]  # the type variable's default
        padding: X = 0,  # type: ignore[assignment]
        output_padding: Y = 0,  # type: ignore[assignment]
        groups: G = 1,  # type: ignore[assignment]
        dilation: L = 1,  # type: ignore[assignment]
        *,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        name = type(self).__name__
        self.in_channels = plain_int(in_channels, name, "in_channels")
        self.out_channels = plain_int(out_channels, name, "out_channels")
        self.kernel_size = plain_sizes(kernel_size, name, "kernel_size")
        self.stride = plain_sizes(stride, name, "stride")
        self.padding = plain_sizes(padding, name, "padding")
        self.output_padding = plain_sizes(output_padding, name, "output_padding")
        self.groups = plain_int(groups, name, "groups")
        self.dilation = plain_sizes(dilation, name, "dilation")
        self._require_arguments()
        self._make((self.in_channels, self.out_channels // self.groups), bias=bias, rng=rng)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Channels, kernel size, stride, padding, output padding, groups and dilation."""
        sizes = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return (self.in_channels, self.out_channels, self.kernel_size, *sizes)

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, O, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the channels are not C, or nothing is left.
            DtypeError: the operand is not floating point, or float64 meets another float dtype.
        """
        self._require_operand(x)
        sizes = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        result: Any = convolution.conv_transpose2d(x, self.weight, self.bias, *sizes)
        return result  # type: ignore[no-any-return]
