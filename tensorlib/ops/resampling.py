"""Images of another size, of which each element is one of the image, or mixed of four."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.arguments import plain_scalar, plain_sizes
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.windows import Extent, Ints, wide
from tensorlib.shapes import resampling as rules
from tensorlib.tape import Array
from tensorlib.typevars import D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

Factor: TypeAlias = "float | tuple[float, ...]"
Mode: TypeAlias = Literal["nearest", "bilinear"]


class _Mix(NamedTuple):
    """How an axis of another length is made: of two elements each, and how much of the second."""

    low: Array
    high: Array
    share: Array

    def apply(self, x: Array, axis: int) -> Array:
        """Make the axis, -2 or -1, of the array's."""
        first = np.take(x, self.low, axis)
        if not self.share.any():
            return first
        share = self.share.astype(x.dtype)
        share = share[:, None] if axis == -2 else share
        return first * (1 - share) + np.take(x, self.high, axis) * share

    def matrix(self, size: int, dtype: np.dtype[Any]) -> Array:
        """Return what `apply` multiplies an axis of this length by, ``(new, size)``."""
        rows = np.arange(len(self.low))
        result = np.zeros((len(rows), size), dtype)
        result[rows, self.low] = 1 - self.share
        result[rows, self.high] += self.share
        return result


@lru_cache(maxsize=256)
def _mix(size: int, wanted: int, factor: float | None, mode: str, corners: bool) -> _Mix:
    """Tell how to make an axis of another length out of one.

    Args:
        size: the length of the axis.
        wanted: the length of the result.
        factor: what the length was multiplied by, or None: whatever gives the result's.
        mode: whether an element is the nearest one, or mixed of the two beside it.
        corners: whether the first and last elements stay where they are, rather than the borders.
    """
    index = np.arange(wanted)
    if wanted == size or (mode == "nearest" and wanted == 2 * size):
        factor = None  # PyTorch forgets a rounded fraction where the lengths are exact
    if mode == "nearest":
        places = index * size // wanted if factor is None else np.floor(index / factor)
    elif corners:
        places = index * ((size - 1) / max(wanted - 1, 1))
    else:
        step = size / wanted if factor is None else 1 / factor
        places = np.maximum((index + 0.5) * step - 0.5, 0)
    low = np.minimum(places.astype(np.int64), size - 1)
    return _Mix(low, np.minimum(low + 1, size - 1), np.clip(places - low, 0, 1))


def _mixes(
    dims: Ints, size: Extent | None, scale_factor: Factor | None, mode: str, corners: bool
) -> tuple[_Mix, _Mix]:
    wanted = rules.upscale2d((1, *dims), size, scale_factor)[1:]
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * 2
    rows, columns = (
        _mix(dim, new, factor, mode, corners)
        for dim, new, factor in zip(dims, wanted, factors, strict=True)
    )
    return rows, columns


def _upscale_forward(
    x: Array, size: Extent | None, scale_factor: Factor | None, mode: str, corners: bool
) -> Array:
    rows, columns = _mixes(x.shape[-2:], size, scale_factor, mode, corners)
    return columns.apply(rows.apply(wide(x), -2), -1).astype(x.dtype, copy=False)


def _upscale_vjp(
    g: Array,
    x_shape: Ints,
    size: Extent | None,
    scale_factor: Factor | None,
    mode: str,
    corners: bool,
) -> Array:
    height, width = x_shape[-2:]
    rows, columns = _mixes((height, width), size, scale_factor, mode, corners)
    cotangents = wide(g)
    mixed = products.matmul(rows.matrix(height, cotangents.dtype).T, cotangents)
    return products.matmul(mixed, columns.matrix(width, cotangents.dtype))


_upscale2d = Primitive(rules.upscale2d, _upscale_forward, _upscale_vjp)


def upscale2d(
    x: Tensor[Any, T, D],
    size: Extent | None = None,
    scale_factor: Factor | None = None,
    mode: Mode = "nearest",
    align_corners: bool | None = None,
) -> Tensor[Dims, T, D]:
    """Return images of another size, larger or smaller. Ints and bools give float32.

    Shape: ``(*B, C, H, W) -> (*B, C, H', W')``

    Args:
        x: images; any number of batch axes, or none.
        size: height and width of the result; an int, or one for each axis.
        scale_factor: by what to multiply height and width instead; the result is rounded down.
        mode: ``"nearest"`` repeats elements, ``"bilinear"`` mixes the four around a place.
        align_corners: for ``"bilinear"``, whether the corner elements keep their places; otherwise
            the outer borders do.

    Raises:
        ShapeError: both or neither of size and scale_factor are given, or a size is not positive.
        ValueError: there is no such mode, or align_corners is given for ``"nearest"``.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[[1.0, 2.0]]])
        >>> x.upscale2d(scale_factor=2).tolist()
        [[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]
        >>> x.upscale2d((1, 3), mode="bilinear", align_corners=True).tolist()
        [[[1.0, 1.5, 2.0]]]

    VJP: ``g`` at the elements that a result is made of, in the same shares
    """
    require_mode(mode, align_corners, "upscale2d")
    wanted = None if size is None else plain_sizes(size, "upscale2d", "size")
    return _upscale2d(x, wanted, plain_factor(scale_factor, "upscale2d"), mode, bool(align_corners))


def require_mode(mode: str, align_corners: bool | None, op: str) -> None:
    """Require a mode that there is, and no corners where they mean nothing.

    Raises:
        ValueError: there is no such mode, or align_corners is given for ``"nearest"``.
    """
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f'{op}: mode must be "nearest" or "bilinear", got {mode!r}')
    if mode == "nearest" and align_corners is not None:
        raise ValueError(f'{op}: align_corners is for the mode "bilinear" only')


def plain_factor(factor: Factor | None, op: str) -> Factor | None:
    """Return a factor, or one for each axis, as Python numbers.

    Raises:
        TypeError: they are no numbers.
    """
    if isinstance(factor, tuple | list):
        return tuple(plain_scalar(item, op) for item in factor)
    return None if factor is None else plain_scalar(factor, op)
