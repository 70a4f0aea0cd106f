"""Activations as modules: each keeps the shape of its operand."""

from __future__ import annotations

from typing import Generic, Literal

from typing_extensions import TypeVar

from tensorlib.nn.module import Module, operand
from tensorlib.ops import activation, elementwise, normalization
from tensorlib.ops.arguments import plain_int
from tensorlib.shapes import layers as rules
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Shape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S, T

Axis = TypeVar("Axis", bound=int, default=Literal[-1])


class Elementwise(Module):
    """A module without parameters that treats each element alike."""

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        raise TypeError(f"{type(self).__name__} defines no forward")

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        return x


class Identity(Elementwise):
    """Return the operand itself, where a model needs a layer that does nothing.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.ones((2, 3))
        >>> tl.nn.Identity()(x) is x
        True
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Return x."""
        return operand(x, self)


class ReLU(Elementwise):
    """Return ``max(x, 0)`` of each element; see `tensorlib.relu`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.ReLU()(tl.tensor([-1.0, 0.0, 2.0])).tolist()
        [0.0, 0.0, 2.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.relu(operand(x, self))


class Tanh(Elementwise):
    """Return ``tanh(x)`` of each element; see `tensorlib.tanh`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Tanh()(tl.tensor([-100.0, 0.0, 100.0])).tolist()
        [-1.0, 0.0, 1.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.tanh(operand(x, self))


class Sigmoid(Elementwise):
    """Return ``1 / (1 + exp(-x))`` of each element; see `tensorlib.sigmoid`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Sigmoid()(tl.tensor([-200.0, 0.0, 200.0])).tolist()
        [0.0, 0.5, 1.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sigmoid(operand(x, self))


class Exp(Elementwise):
    """Return ``exp(x)`` of each element; see `tensorlib.exp`.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.Exp()(tl.tensor([0.0, 1.0])).tolist()]
        [1.0, 2.7183]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.exp(operand(x, self))


class Log(Elementwise):
    """Return ``log(x)`` of each element; see `tensorlib.log`.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.Log()(tl.tensor([1.0, 2.0])).tolist()]
        [0.0, 0.6931]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.log(operand(x, self))


class Sin(Elementwise):
    """Return ``sin(x)`` of each element; see `tensorlib.sin`.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.Sin()(tl.tensor([0.0, 1.0])).tolist()]
        [0.0, 0.8415]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sin(operand(x, self))


class Cos(Elementwise):
    """Return ``cos(x)`` of each element; see `tensorlib.cos`.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.Cos()(tl.tensor([0.0, 1.0])).tolist()]
        [1.0, 0.5403]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.cos(operand(x, self))


class Square(Elementwise):
    """Return ``x^2`` of each element; see `tensorlib.square`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Square()(tl.tensor([-3.0, 2.0])).tolist()
        [9.0, 4.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.square(operand(x, self))


class Sqrt(Elementwise):
    """Return ``sqrt(x)`` of each element; see `tensorlib.sqrt`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Sqrt()(tl.tensor([4.0, 0.25])).tolist()
        [2.0, 0.5]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.sqrt(operand(x, self))


class Abs(Elementwise):
    """Return ``|x|`` of each element; see `tensorlib.abs`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Abs()(tl.tensor([-1.5, 2.0])).tolist()
        [1.5, 2.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return elementwise.abs(operand(x, self))


class GELU(Elementwise):
    """Return x times the probability that a normal number is below x; see `tensorlib.gelu`.

    Args:
        approximate: ``"none"`` for the exact function, ``"tanh"`` for its approximation.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.nn.GELU()(tl.tensor(1.0)).item(), 4)
        0.8413
        >>> round(tl.nn.GELU("tanh")(tl.tensor(1.0)).item(), 4)
        0.8412
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate: Literal["none", "tanh"] = approximate

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.gelu(operand(x, self), self.approximate)


class SiLU(Elementwise):
    """Return ``x * sigmoid(x)`` of each element; see `tensorlib.silu`.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.nn.SiLU()(tl.tensor(1.0)).item(), 4)
        0.7311
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.silu(operand(x, self))


class ELU(Elementwise):
    """Return x where it is positive, else ``alpha * (exp(x) - 1)``; see `tensorlib.elu`.

    Args:
        alpha: for very negative x, the result approaches ``-alpha``.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.ELU()(tl.tensor([-1.0, 2.0])).tolist()]
        [-0.6321, 2.0]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.elu(operand(x, self), self.alpha)


class SELU(Elementwise):
    """Return the scaled `ELU` that keeps mean 0 and variance 1; see `tensorlib.selu`.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.SELU()(tl.tensor([-1.0, 1.0])).tolist()]
        [-1.1113, 1.0507]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.selu(operand(x, self))


class LeakyReLU(Elementwise):
    """Return x where it is positive, else ``negative_slope * x``; see `tensorlib.leaky_relu`.

    Args:
        negative_slope: the slope below 0.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.LeakyReLU(0.25)(tl.tensor([-4.0, 2.0])).tolist()
        [-1.0, 2.0]
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.leaky_relu(operand(x, self), self.negative_slope)


class Softplus(Elementwise):
    """Return ``log(1 + exp(beta * x)) / beta`` of each element; see `tensorlib.softplus`.

    Args:
        beta: the larger, the nearer to `ReLU`.
        threshold: where ``beta * x`` is above it, the result is x itself.

    Example:
        >>> import tensorlib as tl
        >>> [round(y, 4) for y in tl.nn.Softplus()(tl.tensor([-1.0, 0.0, 30.0])).tolist()]
        [0.3133, 0.6931, 30.0]
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.softplus(operand(x, self), self.beta, self.threshold)


class Hardtanh(Elementwise):
    """Limit each element to the interval from min_val to max_val; see `tensorlib.hardtanh`.

    Args:
        min_val: the least result.
        max_val: the greatest result.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Hardtanh()(tl.tensor([-3.0, 0.5, 3.0])).tolist()
        [-1.0, 0.5, 1.0]
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardtanh(operand(x, self), self.min_val, self.max_val)


class Hardsigmoid(Elementwise):
    """Return ``x / 6 + 1 / 2``, limited to 0 and 1; see `tensorlib.hardsigmoid`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Hardsigmoid()(tl.tensor([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardsigmoid(operand(x, self))


class Hardswish(Elementwise):
    """Return x times hardsigmoid of x; see `tensorlib.hardswish`.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Hardswish()(tl.tensor([-1.5, 0.0, 3.0])).tolist()
        [-0.375, 0.0, 3.0]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.hardswish(operand(x, self))


class LogSigmoid(Elementwise):
    """Return ``log(sigmoid(x))`` of each element; see `tensorlib.logsigmoid`.

    Example:
        >>> import tensorlib as tl
        >>> round(tl.nn.LogSigmoid()(tl.tensor(0.0)).item(), 4)
        -0.6931
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function."""
        return activation.logsigmoid(operand(x, self))


class AlongAxis(Module, Generic[Axis]):
    """A module without parameters that treats each row along an axis alike.

    Args:
        axis: the axis.
    """

    def __init__(self, axis: Axis = -1) -> None:  # type: ignore[assignment]
        self.axis = plain_int(axis, type(self).__name__)

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape."""
        try:
            return rules.normalized(x, self.axis)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def label(self) -> str:
        """Name the layer with its axis: ``Softmax(-1)``."""
        return f"{type(self).__name__}({self.axis})"


class Softmax(AlongAxis[Axis]):
    """Normalise along an axis, by default the last; see `tensorlib.softmax`.

    Args:
        axis: the axis along which the results add up to 1.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Softmax()(tl.zeros((2, 4))).tolist()
        [[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function.

        Raises:
            IndexOutOfRangeError: the operand lacks the axis.
        """
        try:
            return normalization.softmax(operand(x, self), self.axis)
        except ShapeError as error:
            raise error.named(self.label()) from None


class LogSoftmax(AlongAxis[Axis]):
    """Normalise along an axis, by default the last; see `tensorlib.log_softmax`.

    Args:
        axis: the axis along which exp of the results adds up to 1.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.LogSoftmax()(tl.zeros((2, 4))).exp().tolist()
        [[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]
    """

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Apply the function.

        Raises:
            IndexOutOfRangeError: the operand lacks the axis.
        """
        try:
            return normalization.log_softmax(operand(x, self), self.axis)
        except ShapeError as error:
            raise error.named(self.label()) from None
