"""Activations as modules: each keeps the shape of its operand."""

from __future__ import annotations

from tensorlib.nn.module import Module
from tensorlib.ops import elementwise, reduction
from tensorlib.shapes.reduction import along_axis
from tensorlib.shapes.shape import Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S, T


class Elementwise(Module):
    """A module without parameters that treats each element alike."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        raise TypeError(f"{type(self).__name__} defines no forward")

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return x


class ReLU(Elementwise):
    """Return ``max(x, 0)`` of each element; see `tensorlib.relu`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.relu(x)


class Tanh(Elementwise):
    """Return ``tanh(x)`` of each element; see `tensorlib.tanh`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.tanh(x)


class Sigmoid(Elementwise):
    """Return ``1 / (1 + exp(-x))`` of each element; see `tensorlib.sigmoid`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sigmoid(x)


class Exp(Elementwise):
    """Return ``exp(x)`` of each element; see `tensorlib.exp`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.exp(x)


class Log(Elementwise):
    """Return ``log(x)`` of each element; see `tensorlib.log`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.log(x)


class Sin(Elementwise):
    """Return ``sin(x)`` of each element; see `tensorlib.sin`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sin(x)


class Cos(Elementwise):
    """Return ``cos(x)`` of each element; see `tensorlib.cos`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.cos(x)


class Square(Elementwise):
    """Return ``x^2`` of each element; see `tensorlib.square`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.square(x)


class Sqrt(Elementwise):
    """Return ``sqrt(x)`` of each element; see `tensorlib.sqrt`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sqrt(x)


class Abs(Elementwise):
    """Return ``|x|`` of each element; see `tensorlib.abs`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.abs(x)


class Softmax(Module):
    """Normalise along an axis, by default the last; see `tensorlib.softmax`."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return reduction.softmax(x, self.axis)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return along_axis(x, self.axis)


class LogSoftmax(Module):
    """Normalise along an axis, by default the last; see `tensorlib.log_softmax`."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return reduction.log_softmax(x, self.axis)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return along_axis(x, self.axis)
