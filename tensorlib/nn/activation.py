"""Activations as modules: each keeps the shape of its operand."""

from __future__ import annotations

from typing import Literal

from tensorlib.nn.module import Module
from tensorlib.ops import activation, elementwise, normalization
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


class GELU(Elementwise):
    """Return x times the probability that a normal number is below x; see `tensorlib.gelu`."""

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate: Literal["none", "tanh"] = approximate

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.gelu(x, self.approximate)


class SiLU(Elementwise):
    """Return ``x * sigmoid(x)`` of each element; see `tensorlib.silu`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.silu(x)


class ELU(Elementwise):
    """Return x where it is positive, else ``alpha * (exp(x) - 1)``; see `tensorlib.elu`."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.elu(x, self.alpha)


class SELU(Elementwise):
    """Return the scaled `ELU` that keeps mean 0 and variance 1; see `tensorlib.selu`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.selu(x)


class LeakyReLU(Elementwise):
    """Return x where it is positive, else ``negative_slope * x``; see `tensorlib.leaky_relu`."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.leaky_relu(x, self.negative_slope)


class Softplus(Elementwise):
    """Return ``log(1 + exp(beta * x)) / beta`` of each element; see `tensorlib.softplus`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.softplus(x, self.beta, self.threshold)


class Hardtanh(Elementwise):
    """Limit each element to the interval from min_val to max_val; see `tensorlib.hardtanh`."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardtanh(x, self.min_val, self.max_val)


class Hardsigmoid(Elementwise):
    """Return ``x / 6 + 1 / 2``, limited to 0 and 1; see `tensorlib.hardsigmoid`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardsigmoid(x)


class Hardswish(Elementwise):
    """Return x times hardsigmoid of x; see `tensorlib.hardswish`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardswish(x)


class LogSigmoid(Elementwise):
    """Return ``log(sigmoid(x))`` of each element; see `tensorlib.logsigmoid`."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.logsigmoid(x)


class Softmax(Module):
    """Normalise along an axis, by default the last; see `tensorlib.softmax`."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return normalization.softmax(x, self.axis)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return along_axis(x, self.axis)


class LogSoftmax(Module):
    """Normalise along an axis, by default the last; see `tensorlib.log_softmax`."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return normalization.log_softmax(x, self.axis)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return along_axis(x, self.axis)
