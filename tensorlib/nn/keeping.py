"""The base of layers that keep the shape of the operand they declare."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tensorlib.nn.module import Module
from tensorlib.shapes.dim import ANY
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.matching import require_declared
from tensorlib.shapes.shape import ANY_DIMS, Pack, Shape, format_shape


class Keeping(Module):
    """A module whose result has the shape of its operand, which `input_shape` declares.

    Attributes:
        operand: the operand's name, for messages; "" where it is the only parameter.
    """

    operand: ClassVar[str] = ""

    def output_shape(self, x: Shape) -> Shape:
        """Return the operand's shape.

        Raises:
            ShapeError: the module does not take it.
            UndecidedError: nothing is known of it.
        """
        if len(x) == 1 and isinstance(x[0], Pack):
            raise UndecidedError(f"nothing is known of {format_shape(x)}")
        # What a member before this one takes of any size bears no name here.
        known = tuple(
            item if isinstance(item, int) else ANY_DIMS if isinstance(item, Pack) else ANY
            for item in x
        )
        self._require((self.operand, self.input_shape(), known))
        return x

    def _require(self, *operands: tuple[str, Shape, tuple[Any, ...]]) -> None:
        """Require operands of their declared shapes, each given with its name.

        Raises:
            ShapeError: one has another; names the module.
        """
        plain = ((name, _with_python_ints(declared), x) for name, declared, x in operands)
        try:
            require_declared(*plain)
        except ShapeError as error:
            raise error.named(self.label()) from None


def _with_python_ints(shape: tuple[Any, ...]) -> Shape:
    """Return the shape with the sizes that a layer was given as NumPy's ints as Python's."""
    return tuple(int(item) if isinstance(item, np.integer) else item for item in shape)
