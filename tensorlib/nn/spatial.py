"""What layers over sequences and images have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

from tensorlib.nn.module import AnyTensor, Module, shape_of
from tensorlib.shapes import image_layers
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import ANY_DIMS, Shape

_Rule = Callable[..., Shape]


@lru_cache(maxsize=4096)
def _asked(rule: _Rule, x: Shape, arguments: tuple[Any, ...]) -> Shape:
    return rule(x, *arguments)


class Spatial(Module):
    """A layer whose result the rule of its name tells.

    Attributes:
        rule_name: the name in `tensorlib.shapes.image_layers`.
        defaults: what the last of the arguments are where they are not given.
    """

    rule_name: ClassVar[str]
    defaults: ClassVar[tuple[Any, ...]] = ()

    @property
    @abstractmethod
    def arguments(self) -> tuple[Any, ...]:
        """What the layer was made with, in the order of the class' type variables."""

    def output_shape(self, x: Shape) -> Shape:
        """Return the shape of the result.

        Raises:
            ShapeError: the layer does not take such an operand.
        """
        try:
            return _asked(image_layers.RULES[self.rule_name], x, self.arguments)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def _require_arguments(self) -> None:
        """Require what does not depend on the operand.

        Raises:
            ShapeError: an argument is out of range.
        """
        self.output_shape((ANY_DIMS,))

    def _require_operand(self, x: AnyTensor) -> None:
        """Require that the layer takes this operand.

        Raises:
            ShapeError: it does not.
        """
        self.output_shape(shape_of(x, self))

    def label(self) -> str:
        """Name the layer as it is made, ``Conv2d(1, 8, 5)``, without defaults at the end."""
        arguments = list(self.arguments)
        for default in reversed(self.defaults):
            if arguments[-1] != default:
                break
            arguments.pop()
        given = f"({', '.join(map(repr, arguments))})" if arguments else ""
        return f"{type(self).__name__}{given}"
