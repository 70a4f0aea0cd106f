"""Modules whose result is added to, or multiplied by, what they were given."""

from __future__ import annotations

from typing import Any, Generic

from typing_extensions import TypeVar

from tensorlib.nn.container import Container
from tensorlib.nn.sequential import held_as_module
from tensorlib.shapes.containers import RULES
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, S, T

F = TypeVar("F")
R = TypeVar("R")


class Residual(Container, Generic[F]):
    """Add the operand to what a module makes of it: ``f(x) + x``.

    Args:
        f: a module that keeps the shape of its operand, or a tuple of modules, which counts as a
            `Sequential`.

    Raises:
        ShapeError: f does not keep the shape.
        TypeError: f is no module.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> nn.Residual(nn.Square())(tl.tensor([2.0, 3.0])).tolist()
        [6.0, 12.0]
        >>> nn.Residual(nn.Linear(4, 2))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: Residual: f must keep the shape (..., 4), got \
(..., 2) from Residual.f Linear(4, 2); try nn.Linear(4, 4)
    """

    rule = RULES["Residual"]
    f: F

    def __init__(self, f: F) -> None:
        self.f = held_as_module(f, "Residual.f")
        self._require_fit()

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Return ``f(x) + x``.

        Raises:
            ShapeError: f does not take the operand, or does not keep its shape.
        """
        result: Tensor[S, T, D] = super().forward(x)
        return result


class ResidualMul(Container, Generic[F]):
    """Multiply the operand by what a module makes of it: ``f(x) * x``.

    Args:
        f: a module that keeps the shape of its operand, or a tuple of modules.

    Raises:
        ShapeError: f does not keep the shape.
        TypeError: f is no module.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.ResidualMul(tl.nn.Square())(tl.tensor([2.0, 3.0])).tolist()
        [8.0, 27.0]
    """

    rule = RULES["ResidualMul"]
    f: F

    def __init__(self, f: F) -> None:
        self.f = held_as_module(f, "ResidualMul.f")
        self._require_fit()

    def forward(self, x: Tensor[S, T, D]) -> Tensor[S, T, D]:
        """Return ``f(x) * x``.

        Raises:
            ShapeError: f does not take the operand, or does not keep its shape.
        """
        result: Tensor[S, T, D] = super().forward(x)
        return result


class GeneralizedResidual(Container, Generic[F, R]):
    """Add what two modules make of one operand: ``f(x) + r(x)``.

    Args:
        f: a module, or a tuple of modules.
        r: another, often a projection, whose results have the same shape.

    Raises:
        ShapeError: the results differ in shape.
        TypeError: f or r is no module.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> block = nn.GeneralizedResidual((nn.Linear(4, 8), nn.ReLU()), nn.Linear(4, 8))
        >>> block(tl.zeros((64, 4))).shape
        (64, 8)
    """

    rule = RULES["GeneralizedResidual"]
    f: F
    r: R

    def __init__(self, f: F, r: R) -> None:
        self.f = held_as_module(f, "GeneralizedResidual.f")
        self.r = held_as_module(r, "GeneralizedResidual.r")
        self._require_fit()

    def forward(self, x: Tensor[Any, T, Any]) -> Tensor[Dims, T, Any]:
        """Return ``f(x) + r(x)``.

        Raises:
            ShapeError: f or r does not take the operand, or the results differ in shape.
        """
        result: Tensor[Dims, T, Any] = super().forward(x)
        return result
