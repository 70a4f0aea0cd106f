"""Shape rules of losses. Predictions and targets never broadcast."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, require_equal
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.registry import Rule, register, rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, is_unknown, trailing


def elementwise(input: Shape, target: Shape, reduction: str = "mean") -> Shape:
    """Require equal shapes; the loss is a scalar, or of that shape if nothing is reduced.

    Raises:
        ShapeError: the shapes differ.
    """
    require_same_shape(input, target)
    if reduction != "none":
        return ()
    return target if is_unknown(input) else input


mse_loss = register(Rule("mse_loss", elementwise, dtype=dtypes.floats_only))
mae_loss = register(Rule("mae_loss", elementwise, dtype=dtypes.floats_only))
huber_loss = register(Rule("huber_loss", elementwise, dtype=dtypes.floats_only))
smooth_l1_loss = register(Rule("smooth_l1_loss", elementwise, dtype=dtypes.floats_only))
binary_cross_entropy = register(Rule("binary_cross_entropy", elementwise, dtype=dtypes.floats_only))
binary_cross_entropy_with_logits = register(
    Rule("binary_cross_entropy_with_logits", elementwise, dtype=dtypes.floats_only)
)
kl_div = register(Rule("kl_div", elementwise, dtype=dtypes.floats_only))


@rule(dtype=dtypes.floats_only)
def rmse_loss(input: Shape, target: Shape) -> Shape:
    """Require equal shapes; the loss is a scalar.

    Raises:
        ShapeError: the shapes differ.
    """
    require_same_shape(input, target)
    return ()


def require_same_shape(input: Shape, target: Shape, names: str = "input and target") -> None:
    """Require that a prediction and its target, or others of these names, have the same shape.

    Raises:
        ShapeError: they differ, even where broadcasting would hide it.
    """
    if input == target or is_unknown(input) or is_unknown(target):
        return
    problem = (
        f"{names} must have the same shape, got {format_shape(input)} and {format_shape(target)}"
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


def _require_class_indices(target: str) -> None:
    if target not in dtypes.INTEGERS:
        raise DtypeError(f"class indices must be ints, got {target}: use .astype(np.int64)")


def _logits_and_target(input: str, target: str, *weight: str) -> str:
    if dtypes.is_floating(target):
        return dtypes.require_floating(input, target, *weight)
    return _scores_and_indices(input, target, *weight)


def _scores_and_indices(input: str, target: str, *weight: str) -> str:
    _require_class_indices(target)
    return dtypes.require_floating(input, *weight)


@rule(dtype=dtypes.DtypeRule(_logits_and_target, converts=False))
def cross_entropy(
    input: Shape, target: Shape, weight: Shape | None = None, reduction: str = "mean"
) -> Shape:
    """Require logits ``(*B, C)`` and class indices ``(*B)`` or probabilities ``(*B, C)``.

    Raises:
        ShapeError: the target's shape is neither, or there is not one weight for each class.
    """
    if is_unknown(input):
        return _batch(input)[0] if reduction == "none" else ()
    batch, classes = _batch(input)
    _require_class_weights(weight, classes)
    require_class_target(input, target)
    return batch if reduction == "none" else ()


def require_class_target(input: Shape, target: Shape) -> None:
    """Require class indices or probabilities for scores ``(*B, C)``.

    Raises:
        ShapeError: the target's shape is neither ``(*B)`` nor ``(*B, C)``.
    """
    batch, _ = _batch(input)
    if is_unknown(target) or target in (batch, input):
        return
    as_probabilities = len(target) == len(input) and target[:-1] == batch
    wanted = input if as_probabilities else batch
    _require_items_equal(
        target,
        wanted,
        f"target must have shape {format_shape(batch)} for class indices or {format_shape(input)} "
        f"for probabilities, got {format_shape(target)}",
    )


@rule(dtype=dtypes.DtypeRule(_scores_and_indices, converts=False))
def nll_loss(
    input: Shape, target: Shape, weight: Shape | None = None, reduction: str = "mean"
) -> Shape:
    """Require log-probabilities ``(*B, C)`` and class indices ``(*B)``.

    Raises:
        ShapeError: the target's shape is another, or there is not one weight for each class.
    """
    if is_unknown(input):
        return target if reduction == "none" else ()
    batch, classes = _batch(input)
    _require_class_weights(weight, classes)
    if target != batch and not is_unknown(target):
        _require_items_equal(
            target,
            batch,
            f"target must have shape {format_shape(batch)} for input {format_shape(input)}, "
            f"got {format_shape(target)}",
        )
    return batch if reduction == "none" else ()


def _batch(
    input: Shape, requirement: str = "input must have a class dimension"
) -> tuple[Shape, Dim]:
    last = trailing(input, 1)
    if last is None:
        raise ShapeError(f"{requirement}, got a scalar")
    return last[0], last[1][0]


def _require_class_weights(weight: Shape | None, classes: Dim) -> None:
    if weight is None or is_unknown(weight):
        return
    problem = (
        f"weight must have shape ({classes},), one number for each class, "
        f"got {format_shape(weight)}"
    )
    _require_items_equal(weight, (classes,), problem)


def _signed(input1: str, input2: str, target: str) -> str:
    if target == dtypes.BOOL:
        raise DtypeError("target must be 1 or -1, got bool: use tl.where(target, 1, -1)")
    return dtypes.require_floating(input1, input2)


@rule(dtype=dtypes.DtypeRule(_signed, converts=False))
def cosine_embedding_loss(
    input1: Shape, input2: Shape, target: Shape, reduction: str = "mean"
) -> Shape:
    """Require two times vectors ``(*B, N)``, and a sign for each pair, ``(*B)``.

    Raises:
        ShapeError: the shapes are others.
    """
    require_same_shape(input1, input2, "input1 and input2")
    input = input2 if is_unknown(input1) else input1
    if is_unknown(input):
        return target if reduction == "none" else ()
    batch, _ = _batch(input, "input1 must have an axis of vectors")
    if target != batch and not is_unknown(target):
        _require_items_equal(
            target,
            batch,
            f"target must have shape {format_shape(batch)} for inputs {format_shape(input)}, "
            f"got {format_shape(target)}",
        )
    return batch if reduction == "none" else ()


@rule(dtype=dtypes.floats_only)
def triplet_margin_loss(
    anchor: Shape, positive: Shape, negative: Shape, reduction: str = "mean"
) -> Shape:
    """Require three times vectors ``(*B, N)``.

    Raises:
        ShapeError: the shapes differ, or are those of scalars.
    """
    require_same_shape(anchor, positive, "anchor and positive")
    require_same_shape(anchor, negative, "anchor and negative")
    require_same_shape(positive, negative, "positive and negative")
    known = [shape for shape in (anchor, positive, negative) if not is_unknown(shape)]
    if not known and reduction != "none":
        return ()
    batch, _ = _batch((*known, anchor)[0], "anchor must have an axis of vectors")
    return batch if reduction == "none" else ()
