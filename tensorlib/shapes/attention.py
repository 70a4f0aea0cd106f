"""Shape rules of attention."""

from __future__ import annotations

from tensorlib.shapes.dim import Dim, require_equal
from tensorlib.shapes.dtypes import BOOL, DtypeRule, require_floating
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.manipulation import broadcast_to
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Shape, format_shape, trailing


def _of_floats(q: str, k: str, v: str, mask: str = BOOL) -> str:
    return require_floating(q, k, v) if mask == BOOL else require_floating(q, k, v, mask)


@rule(dtype=DtypeRule(_of_floats, converts=False))
def scaled_dot_product_attention(q: Shape, k: Shape, v: Shape, mask: Shape | None = None) -> Shape:
    """Return ``(*B, S, V)`` for ``(*B, S, K), (*B, T, K), (*B, T, V)``, the mask ``(*B, S, T)``.

    Raises:
        ShapeError: an operand has fewer than two dimensions, lengths or features differ, or batch
            dimensions or the mask do not stretch.
    """
    batch_q, length, features = _matrix("q", q)
    batch_k, keys, key_features = _matrix("k", k)
    batch_v, values, width = _matrix("v", v)
    require_equal(
        features,
        key_features,
        f"q and k must have the same last dimension, got {format_shape(q)} and {format_shape(k)}: "
        f"{features} is not {key_features}",
    )
    require_equal(
        keys,
        values,
        f"k and v must have the same length, got {format_shape(k)} and {format_shape(v)}: "
        f"{keys} is not {values}",
    )
    batch = broadcast(broadcast(batch_q, batch_k), batch_v)
    if mask is not None:
        require_mask(mask, (*batch, length, keys))
    return (*batch, length, width)


def require_mask(mask: Shape, scores: Shape) -> None:
    """Require that a mask stretches to the shape of the scores, ``(*B, S, T)``.

    Raises:
        ShapeError: it does not.
    """
    try:
        broadcast_to(mask, scores)
    except ShapeError as error:
        problem = error.problem.replace("shape", "a mask of shape", 1)
        raise ShapeError(problem, unproven=error.unproven) from None


def _matrix(name: str, x: Shape) -> tuple[Shape, Dim, Dim]:
    split = trailing(x, 2)
    if split is None:
        raise ShapeError(f"expected {name} of at least 2 dimensions, got {format_shape(x)}")
    batch, (length, features) = split
    return batch, length, features
