"""Pooling layers."""

from __future__ import annotations

from typing import Any, Generic, Literal

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib.nn.spatial import Spatial
from tensorlib.ops import adaptive_pooling, pooling
from tensorlib.ops.arguments import plain_sizes
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, T

K = TypeVar("K", bound="int | tuple[int, ...]")
S = TypeVar("S", bound="int | tuple[int, ...] | None", default=None)
P = TypeVar("P", bound="int | tuple[int, ...]", default=Literal[0])
L = TypeVar("L", bound="int | tuple[int, ...]", default=Literal[1])
E = TypeVar("E", bound=int, default=Literal[0])
Z = TypeVar("Z", bound="int | tuple[int | None, ...]")
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
W = TypeVar("W", bound=int)
Batch = TypeVarTuple("Batch")


class _BestPool(Spatial, Generic[K, S, P, L, E]):
    defaults = (None, 0, 1, 0)

    def __init__(
        self,
        kernel_size: K,
        stride: S = None,  # type: ignore[assignment]  # the type variable's default
        padding: P = 0,  # type: ignore[assignment]
        dilation: L = 1,  # type: ignore[assignment]
        ceil_mode: E = False,  # type: ignore[assignment]
    ) -> None:
        name = type(self).__name__
        self.kernel_size = plain_sizes(kernel_size, name, "kernel_size")
        self.stride = None if stride is None else plain_sizes(stride, name, "stride")
        self.padding = plain_sizes(padding, name, "padding")
        self.dilation = plain_sizes(dilation, name, "dilation")
        self.ceil_mode = bool(ceil_mode)
        self._require_arguments()

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Kernel size, stride, padding, dilation, and 1 for ``ceil_mode``."""
        sizes = (self.kernel_size, self.stride, self.padding, self.dilation)
        return (*sizes, int(self.ceil_mode))


class _MeanPool(Spatial, Generic[K, S, P, E]):
    defaults = (None, 0, 0)

    def __init__(
        self,
        kernel_size: K,
        stride: S = None,  # type: ignore[assignment]  # the type variable's default
        padding: P = 0,  # type: ignore[assignment]
        ceil_mode: E = False,  # type: ignore[assignment]
        count_include_pad: bool = True,
    ) -> None:
        name = type(self).__name__
        self.kernel_size = plain_sizes(kernel_size, name, "kernel_size")
        self.stride = None if stride is None else plain_sizes(stride, name, "stride")
        self.padding = plain_sizes(padding, name, "padding")
        self.ceil_mode = bool(ceil_mode)
        self.count_include_pad = count_include_pad
        self._require_arguments()

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Kernel size, stride, padding, and 1 for ``ceil_mode``."""
        return (self.kernel_size, self.stride, self.padding, int(self.ceil_mode))


class _Adaptive(Spatial, Generic[Z]):
    def __init__(self, output_size: Z) -> None:
        name = type(self).__name__
        self.output_size = adaptive_pooling.plain_output_size(output_size, name)
        self._require_arguments()

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The size of the result."""
        return (self.output_size,)


class _Global(Spatial):
    @property
    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class MaxPool1d(_BestPool[K, S, P, L, E]):
    """Return the largest element of each window; see `tensorlib.max_pool1d`.

    Shape: ``(*B, C, L) -> (*B, C, L')``

    Args:
        kernel_size: the size of a window; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how far windows may reach beyond either side, at most half of the window.
        dilation: how far apart the elements of a window lie.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.MaxPool1d(2)(tl.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
        [[3.0, 2.0]]
    """

    rule_name = "MaxPool1d"

    def forward(self, x: Tensor[tuple[*Batch, C, W], T, D]) -> Tensor[tuple[*Batch, C, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = pooling.max_pool1d(x, *self.arguments)
        return result  # type: ignore[no-any-return]


class MaxPool2d(_BestPool[K, S, P, L, E]):
    """Return the largest element of each window; see `tensorlib.max_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        kernel_size: the size of a window; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how far windows may reach beyond either side, at most half of the window.
        dilation: how far apart the elements of a window lie.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.MaxPool2d(2)(tl.zeros((64, 8, 28, 28))).shape
        (64, 8, 14, 14)
        >>> tl.nn.MaxPool2d(3, stride=2, padding=1)(tl.zeros((64, 8, 28, 28))).shape
        (64, 8, 14, 14)
    """

    rule_name = "MaxPool2d"

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = pooling.max_pool2d(x, *self.arguments)
        return result  # type: ignore[no-any-return]


class MinPool2d(_BestPool[K, S, P, L, E]):
    """Return the smallest element of each window; see `tensorlib.min_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        kernel_size: the size of a window; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how far windows may reach beyond either side, at most half of the window.
        dilation: how far apart the elements of a window lie.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.MinPool2d(2)(tl.tensor([[[1.0, 3.0], [2.0, 0.0]]])).tolist()
        [[[0.0]]]
    """

    rule_name = "MinPool2d"

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = pooling.min_pool2d(x, *self.arguments)
        return result  # type: ignore[no-any-return]


class AvgPool1d(_MeanPool[K, S, P, E]):
    """Return the mean of each window; see `tensorlib.avg_pool1d`.

    Shape: ``(*B, C, L) -> (*B, C, L')``

    Args:
        kernel_size: the size of a window; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how many zeros are added on either side, at most half of the window.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.
        count_include_pad: whether the zeros count in the mean.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.AvgPool1d(2)(tl.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
        [[2.0, 1.0]]
    """

    rule_name = "AvgPool1d"

    def forward(self, x: Tensor[tuple[*Batch, C, W], T, D]) -> Tensor[tuple[*Batch, C, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = pooling.avg_pool1d(
            x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )
        return result  # type: ignore[no-any-return]


class AvgPool2d(_MeanPool[K, S, P, E]):
    """Return the mean of each window; see `tensorlib.avg_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        kernel_size: the size of a window; an int, or one for each axis.
        stride: by how many elements the window is moved; its own size for None.
        padding: how many zeros are added on either side, at most half of the window.
        ceil_mode: whether the last window may end behind the operand, if it begins in it.
        count_include_pad: whether the zeros count in the mean.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.AvgPool2d((2, 4))(tl.zeros((64, 8, 28, 28))).shape
        (64, 8, 14, 7)
    """

    rule_name = "AvgPool2d"

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = pooling.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )
        return result  # type: ignore[no-any-return]


class AdaptiveAvgPool2d(_Adaptive[Z]):
    """Return the mean of each of so many parts; see `tensorlib.adaptive_avg_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        output_size: H' and W'; an int, or one for each axis, where None keeps the axis.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.AdaptiveAvgPool2d(1)(tl.zeros((64, 8, 28, 28))).shape
        (64, 8, 1, 1)
    """

    rule_name = "AdaptiveAvgPool2d"

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = adaptive_pooling.adaptive_avg_pool2d(x, self.output_size)
        return result  # type: ignore[no-any-return]


class AdaptiveMaxPool2d(_Adaptive[Z]):
    """Return the largest element of each of so many parts; see `tensorlib.adaptive_max_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        output_size: H' and W'; an int, or one for each axis, where None keeps the axis.

    Raises:
        ShapeError: an argument is out of range.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.AdaptiveMaxPool2d((7, None))(tl.zeros((64, 8, 30, 20))).shape
        (64, 8, 7, 20)
    """

    rule_name = "AdaptiveMaxPool2d"

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = adaptive_pooling.adaptive_max_pool2d(x, self.output_size)
        return result  # type: ignore[no-any-return]


class GlobalAvgPool2d(_Global):
    """Return the mean of each channel; see `tensorlib.global_avg_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.GlobalAvgPool2d()(tl.zeros((64, 8, 28, 28))).shape
        (64, 8)
    """

    rule_name = "GlobalAvgPool2d"

    def forward(self, x: Tensor[tuple[*Batch, C, H, W], T, D]) -> Tensor[tuple[*Batch, C], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = adaptive_pooling.global_avg_pool2d(x)
        return result  # type: ignore[no-any-return]


class GlobalMaxPool2d(_Global):
    """Return the largest element of each channel; see `tensorlib.global_max_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.GlobalMaxPool2d()(tl.tensor([[[1.0, 3.0], [2.0, 0.0]]])).tolist()
        [3.0]
    """

    rule_name = "GlobalMaxPool2d"

    def forward(self, x: Tensor[tuple[*Batch, C, H, W], T, D]) -> Tensor[tuple[*Batch, C], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = adaptive_pooling.global_max_pool2d(x)
        return result  # type: ignore[no-any-return]


class GlobalMinPool2d(_Global):
    """Return the smallest element of each channel; see `tensorlib.global_min_pool2d`.

    Shape: ``(*B, C, H, W) -> (*B, C)``

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.GlobalMinPool2d()(tl.tensor([[[1.0, 3.0], [2.0, 0.0]]])).tolist()
        [0.0]
    """

    rule_name = "GlobalMinPool2d"

    def forward(self, x: Tensor[tuple[*Batch, C, H, W], T, D]) -> Tensor[tuple[*Batch, C], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the layer does not take the operand.
        """
        self._require_operand(x)
        result: Any = adaptive_pooling.global_min_pool2d(x)
        return result  # type: ignore[no-any-return]
