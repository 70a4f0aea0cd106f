"""Layers that give their operand another shape."""

from __future__ import annotations

from typing import Any, Generic, Literal

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib.nn.module import Module, operand, shape_of
from tensorlib.ops import manipulation
from tensorlib.ops.arguments import plain_int, plain_ints
from tensorlib.shapes import layers as rules
from tensorlib.shapes.arithmetic import Mul
from tensorlib.shapes.dim import Symbol, prod, symbol, symbols
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.shape import Pack, Shape, format_shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, T

Start = TypeVar("Start", bound=int, default=Literal[1])
End = TypeVar("End", bound=int, default=Literal[-1])
Sizes = TypeVar("Sizes", bound=tuple[Any, ...])
Batch = TypeVarTuple("Batch")
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
W = TypeVar("W", bound=int)


class Flatten(Module, Generic[Start, End]):
    """Merge axes into one, by default all behind the first, the batch axis.

    Shape: ``(N, *R) -> (N, prod(R))``

    Args:
        start_axis: the first axis to merge.
        end_axis: the last axis to merge.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Flatten()(tl.zeros((64, 8, 5, 5))).shape
        (64, 200)
        >>> tl.nn.Flatten(0, 1)(tl.zeros((64, 8, 5, 5))).shape
        (512, 5, 5)
    """

    def __init__(self, start_axis: Start = 1, end_axis: End = -1) -> None:  # type: ignore[assignment]
        self.start_axis = plain_int(start_axis, "Flatten")
        self.end_axis = plain_int(end_axis, "Flatten")

    def forward(self, x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
        """Apply the layer.

        Raises:
            IndexOutOfRangeError: the operand lacks an axis.
            ShapeError: the start lies behind the end.
        """
        try:
            return manipulation.flatten(operand(x, self), self.start_axis, self.end_axis)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def output_shape(self, x: Shape) -> Shape:
        """Return the shape with the axes merged."""
        try:
            return rules.flatten(x, self.start_axis, self.end_axis)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def label(self) -> str:
        """Name the layer with its axes: ``Flatten(1, -1)``."""
        return f"Flatten({self.start_axis}, {self.end_axis})"


_SIZES = tuple(symbol(name) for name in "CHW")
_IMAGE: Shape = (Pack("Batch"), *_SIZES)
_NAMES: tuple[Symbol | Pack, ...] = (
    Pack("Batch"),
    *(name for size in _SIZES for name in symbols(size)),
)


class FlattenImage(Module):
    """Merge the axes of an image into one: channels, height and width.

    Shape: ``(*B, C, H, W) -> (*B, C * H * W)``

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.FlattenImage()(tl.zeros((64, 8, 5, 5))).shape
        (64, 200)
    """

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, Mul[C, Mul[H, W]]], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the operand has less than three axes.
        """
        shape: Any = self.output_shape(shape_of(x, self))
        result: Any = manipulation.reshape(x, shape)
        return result  # type: ignore[no-any-return]

    def input_shape(self) -> Shape:
        """Return ``(*Batch, C, H, W)``."""
        return _IMAGE

    def output_shape(self, x: Shape) -> Shape:
        """Return ``(*Batch, C * H * W)``."""
        matcher = Matcher(_NAMES)
        try:
            matcher.match(_IMAGE, x)
        except ShapeError as error:
            raise error.named(self.label()) from None
        return (*matcher.substituted(_IMAGE[:1]), prod(matcher.dim(size) for size in _SIZES))


class Reshape(Module, Generic[Sizes]):
    """Give each member of a batch another shape.

    Shape: ``(N, *R) -> (N, *shape)``

    Args:
        shape: the shape behind the batch axis; one size may be -1, whatever is left.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Reshape((8, -1))(tl.zeros((64, 200))).shape
        (64, 8, 25)
    """

    def __init__(self, shape: Sizes) -> None:
        self.shape = plain_ints(shape, "Reshape")

    def forward(self, x: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the number of elements of a member is another.
        """
        shape: Any = self.output_shape(shape_of(x, self))
        return manipulation.reshape(x, shape)

    def output_shape(self, x: Shape) -> Shape:
        """Return ``(N, *shape)``."""
        try:
            return rules.reshape(x, self.shape)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def label(self) -> str:
        """Name the layer with its shape: ``Reshape((16, -1))``."""
        return f"Reshape({format_shape(self.shape)})"
