"""Layers that give images another size."""

from __future__ import annotations

from typing import Any, Generic

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib.nn.spatial import Spatial
from tensorlib.ops import resampling
from tensorlib.ops.arguments import plain_sizes
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, T

Z = TypeVar("Z", bound="int | tuple[int, ...] | None", default=None)
F = TypeVar("F", bound="int | float | tuple[float, ...] | None", default=None)
C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
W = TypeVar("W", bound=int)
Batch = TypeVarTuple("Batch")


class Upscale2d(Spatial, Generic[Z, F]):
    """Return images of another size; see `tensorlib.upscale2d`.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        size: height and width of the result; an int, or one for each axis.
        scale_factor: by what to multiply height and width instead.
        mode: ``"nearest"`` repeats elements, ``"bilinear"`` mixes the four around a place.
        align_corners: for ``"bilinear"``, whether the corner elements keep their places.

    Raises:
        ShapeError: both or neither of size and scale_factor are given, or a size is not positive.
        ValueError: there is no such mode, or align_corners is given for ``"nearest"``.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Upscale2d(scale_factor=2)(tl.zeros((64, 3, 14, 14))).shape
        (64, 3, 28, 28)
        >>> tl.nn.Upscale2d(size=(20, 30), mode="bilinear")(tl.zeros((64, 3, 14, 14))).shape
        (64, 3, 20, 30)
    """

    rule_name = "Upscale2d"

    def __init__(
        self,
        size: Z = None,  # type: ignore[assignment]  # the type variable's default
        scale_factor: F = None,  # type: ignore[assignment]
        mode: resampling.Mode = "nearest",
        *,
        align_corners: bool | None = None,
    ) -> None:
        name = type(self).__name__
        resampling.require_mode(mode, align_corners, name)
        self.size = None if size is None else plain_sizes(size, name, "size")
        self.scale_factor = resampling.plain_factor(scale_factor, name)
        self.mode: resampling.Mode = mode
        self.align_corners = align_corners
        self._require_arguments()

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Size and scale factor."""
        return (self.size, self.scale_factor)

    def forward(
        self, x: Tensor[tuple[*Batch, C, H, W], T, D]
    ) -> Tensor[tuple[*Batch, C, int, int], T, D]:
        """Apply the layer.

        Raises:
            ShapeError: the operand is no image.
        """
        self._require_operand(x)
        size, factor = self.arguments
        result: Any = resampling.upscale2d(x, size, factor, self.mode, self.align_corners)
        return result  # type: ignore[no-any-return]
