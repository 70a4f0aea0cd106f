"""Shape rules of losses. Predictions and targets never broadcast."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import require_equal
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, is_unknown, trailing


@rule(dtype=dtypes.floats_only)
def mse_loss(input: Shape, target: Shape) -> Shape:
    """Require equal shapes; the loss is a scalar.

    Raises:
        ShapeError: the shapes differ.
    """
    require_same_shape(input, target)
    return ()


def require_same_shape(input: Shape, target: Shape) -> None:
    """Require that a prediction and its target have the same shape.

    Raises:
        ShapeError: they differ, even where broadcasting would hide it.
    """
    if input == target or is_unknown(input) or is_unknown(target):
        return
    problem = (
        "input and target must have the same shape, "
        f"got {format_shape(input)} and {format_shape(target)}"
    )
    _require_items_equal(input, target, problem)


def _require_items_equal(a: Shape, b: Shape, problem: str) -> None:
    if len(a) != len(b):
        raise ShapeError(problem)
    for item1, item2 in zip(a, b, strict=True):
        if isinstance(item1, Pack) or isinstance(item2, Pack):
            if item1 != item2:
                raise ShapeError(problem)
        else:
            require_equal(item1, item2, f"{problem}: {item1} is not {item2}")


def _logits_and_target(input: str, target: str) -> str:
    if target == dtypes.BOOL:
        raise DtypeError("class indices must be ints, got bool: use .astype(np.int64)")
    both = (input, target) if dtypes.is_floating(target) else (input,)
    return dtypes.require_floating(*both)


@rule(dtype=dtypes.DtypeRule(_logits_and_target, converts=False))
def cross_entropy(input: Shape, target: Shape) -> Shape:
    """Require logits ``(*B, C)`` and class indices ``(*B)`` or probabilities ``(*B, C)``.

    Raises:
        ShapeError: the target's shape is neither.
    """
    last = trailing(input, 1)
    if last is None:
        raise ShapeError("input must have a class dimension, got a scalar")
    batch, _ = last
    if is_unknown(input) or is_unknown(target) or target in (batch, input):
        return ()
    as_probabilities = len(target) == len(input) and target[:-1] == batch
    wanted = input if as_probabilities else batch
    _require_items_equal(
        target,
        wanted,
        f"target must have shape {format_shape(batch)} for class indices or {format_shape(input)} "
        f"for probabilities, got {format_shape(target)}",
    )
    return ()
