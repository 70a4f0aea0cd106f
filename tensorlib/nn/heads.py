"""Several modules side by side."""

from __future__ import annotations

from typing import Any, Generic

from typing_extensions import TypeVarTuple

from tensorlib.nn.container import Indexed
from tensorlib.nn.sequential import as_modules
from tensorlib.shapes.containers import RULES
from tensorlib.tensor import Tensor
from tensorlib.typevars import Dims, T

Heads = TypeVarTuple("Heads")


class SplitInto(Indexed, Generic[*Heads]):
    """Apply several modules to one operand; the result is the tuple of their results.

    Each result owns a tape with the whole history of the operand. So each can be a loss by itself;
    of several losses, call `backward` on the sum.

    Args:
        heads: modules, or tuples of modules, each of which counts as a `Sequential`.

    Raises:
        ShapeError: the heads do not take the same operand.
        TypeError: a head is no module, or there is none.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> classes, boxes = nn.SplitInto(nn.Linear(8, 3), nn.Linear(8, 4))(tl.zeros((5, 8)))
        >>> classes.shape, boxes.shape
        ((5, 3), (5, 4))
    """

    rule = RULES["SplitInto"]

    def __init__(self, *heads: *Heads) -> None:
        self._hold(as_modules(heads, "SplitInto"))
        self._require_fit()

    def forward(self, x: Tensor[Any, T, Any]) -> tuple[Tensor[Dims, T, Any], ...]:
        """Return what each head makes of the operand.

        Raises:
            ShapeError: a head does not take the operand.
        """
        result: tuple[Tensor[Dims, T, Any], ...] = super().forward(x)
        return result


class AddInto(Indexed, Generic[*Heads]):
    """Apply one module to each of several operands, and add the results.

    Args:
        heads: modules, or tuples of modules, one for each operand.

    Raises:
        ShapeError: the results of the heads differ in shape.
        TypeError: a head is no module, or there is none.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn
        >>> model = nn.AddInto(nn.Linear(8, 3), nn.Linear(4, 3))
        >>> model((tl.zeros((5, 8)), tl.zeros((5, 4)))).shape
        (5, 3)
    """

    rule = RULES["AddInto"]

    def __init__(self, *heads: *Heads) -> None:
        self._hold(as_modules(heads, "AddInto"))
        self._require_fit()

    def forward(self, x: tuple[Tensor[Any, T, Any], ...]) -> Tensor[Dims, T, Any]:
        """Return the sum of what the heads make of their operands.

        Args:
            x: a tuple of operands, one for each head.

        Raises:
            ShapeError: there are not as many operands as heads, a head does not take its operand,
                or the results differ in shape.
        """
        result: Tensor[Dims, T, Any] = super().forward(x)
        return result
