"""Shape rules of losses. Predictions and targets never broadcast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import WAY_OUT, Dim, Truth, UnknownDim, at_least, require_equal
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.mending import Mend, realigned
from tensorlib.shapes.registry import Rule, register, rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    Pack,
    Shape,
    format_shape,
    is_unknown,
    trailing,
)


def _realigned(input: Shape, target: Shape, **_: object) -> Iterable[Mend]:
    return realigned(input=input, target=target)


def _classes_last(input: Shape, target: Shape, **_: object) -> Iterable[Mend]:
    """Name the axes in our order, for scores that have their classes on axis 1, as PyTorch's do."""
    known = not any(isinstance(item, Pack) for item in input)
    if known and len(input) >= 3 and target == (input[0], *input[2:]):
        axes = (0, *range(2, len(input)), 1)
        text = "input.mT" if len(input) == 3 else f"input.permute({axes})"
        yield Mend(text, {"input": tuple(input[axis] for axis in axes)})


def _with_classes(input: Shape, target: Shape, **_: object) -> Iterable[Mend]:
    yield from _classes_last(input, target)
    yield from realigned(input=input, target=target)


def _as_indices(input: Shape, target: Shape, **_: object) -> Iterable[Mend]:
    yield from _classes_last(input, target)
    yield from realigned(target=target)
    if target:
        yield Mend("target.argmax(-1)", {"target": target[:-1]})


def elementwise(input: Shape, target: Shape, reduction: str = "mean") -> Shape:
    """Require equal shapes; the loss is a scalar, or of that shape if nothing is reduced.

    Raises:
        ShapeError: the shapes differ.
    """
    require_same_shape(input, target)
    if reduction != "none":
        return ()
    return target if is_unknown(input) else input


def _elementwise(name: str) -> Rule:
    mends = _realigned
    return register(Rule(name, elementwise, dtype=dtypes.floats_only, mends=mends))


mse_loss = _elementwise("mse_loss")
mae_loss = _elementwise("mae_loss")
huber_loss = _elementwise("huber_loss")
smooth_l1_loss = _elementwise("smooth_l1_loss")
binary_cross_entropy = _elementwise("binary_cross_entropy")
binary_cross_entropy_with_logits = _elementwise("binary_cross_entropy_with_logits")
kl_div = _elementwise("kl_div")


@rule(dtype=dtypes.floats_only, mends=_realigned)
def rmse_loss(input: Shape, target: Shape) -> Shape:
    """Require equal shapes; the loss is a scalar.

    Raises:
        ShapeError: the shapes differ.
    """
    require_same_shape(input, target)
    return ()


def _are_stated(problem: str, *shapes: Shape) -> bool:
    """Tell whether all dimensions are counted, rather than not to be checked.

    Raises:
        ShapeError: some are unknown; a loss is where wrong labels would show, or never.
    """
    if any(ANY_DIMS in shape for shape in shapes):
        return False
    if any(UNKNOWN_DIMS in shape for shape in shapes):
        raise ShapeError(f"{problem}: {WAY_OUT}", unproven=True)
    return True


def require_same_shape(input: Shape, target: Shape, names: str = "input and target") -> None:
    """Require that a prediction and its target, or others of these names, have the same shape.

    Raises:
        ShapeError: they differ, even where broadcasting would hide it.
    """
    problem = (
        f"{names} must have the same shape, got {format_shape(input)} and {format_shape(target)}"
    )
    if _are_stated(problem, input, target) and input != target:
        _require_items_equal(input, target, problem)


def _may_be_equal(a: Dim | Pack, b: Dim | Pack) -> bool:
    return a == b or isinstance(a, UnknownDim) or isinstance(b, UnknownDim)


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


def _target_means_one(shapes: Sequence[Shape], operands: Sequence[str]) -> None:
    """Require ints for class indices and floats for probabilities, which have an axis more."""
    (input, target), dtype = shapes[:2], operands[1]
    floating, as_indices = dtypes.is_floating(dtype), len(target) < len(input)
    if floating and as_indices:
        _require_class_indices(dtype)
    if not floating and not as_indices:
        raise DtypeError(
            f"probabilities must be floats, got {dtype} of shape {format_shape(target)}: use "
            ".astype(np.float32), or class indices without the last axis"
        )


@rule(
    dtype=dtypes.DtypeRule(_logits_and_target, converts=False),
    mends=_with_classes,
    together=_target_means_one,
)
def cross_entropy(
    input: Shape, target: Shape, weight: Shape | None = None, reduction: str = "mean"
) -> Shape:
    """Require logits ``(*B, C)`` and class indices ``(*B)`` or probabilities ``(*B, C)``.

    Raises:
        ShapeError: the target's shape is neither, there is no class, or there is not one weight
            for each.
    """
    if not _are_stated(f"input must have shape (*B, C), got {format_shape(input)}", input):
        return _batch(input)[0] if reduction == "none" else ()
    batch = _scored(input, weight)
    require_class_target(input, target)
    return batch if reduction == "none" else ()


def require_class_target(input: Shape, target: Shape) -> None:
    """Require class indices or probabilities for scores ``(*B, C)``.

    Raises:
        ShapeError: the target's shape is neither ``(*B)`` nor ``(*B, C)``.
    """
    if not _are_stated(f"input must have shape (*B, C), got {format_shape(input)}", input):
        return
    batch, _ = _batch(input)
    problem = (
        f"target must have shape {format_shape(batch)} for class indices or {format_shape(input)} "
        f"for probabilities, got {format_shape(target)}"
    )
    if not _are_stated(problem, target) or target in (batch, input):
        return
    as_probabilities = len(target) == len(input) and all(map(_may_be_equal, target, batch))
    _require_items_equal(target, input if as_probabilities else batch, problem)


@rule(dtype=dtypes.DtypeRule(_scores_and_indices, converts=False), mends=_as_indices)
def nll_loss(
    input: Shape, target: Shape, weight: Shape | None = None, reduction: str = "mean"
) -> Shape:
    """Require log-probabilities ``(*B, C)`` and class indices ``(*B)``.

    Raises:
        ShapeError: the target's shape is another, there is no class, or there is not one weight
            for each.
    """
    if not _are_stated(f"input must have shape (*B, C), got {format_shape(input)}", input):
        return target if reduction == "none" else ()
    batch = _scored(input, weight)
    problem = (
        f"target must have shape {format_shape(batch)} for input {format_shape(input)}, "
        f"got {format_shape(target)}"
    )
    if _are_stated(problem, target) and target != batch:
        _require_items_equal(target, batch, problem)
    return batch if reduction == "none" else ()


def _batch(
    input: Shape, requirement: str = "input must have a class dimension"
) -> tuple[Shape, Dim]:
    last = trailing(input, 1)
    if last is None:
        raise ShapeError(f"{requirement}, got a scalar")
    return last[0], last[1][0]


def _scored(input: Shape, weight: Shape | None) -> Shape:
    """Return the axes before that of the classes; of these there is one, and a weight for each."""
    batch, classes = _batch(input)
    require_a_class(input, classes)
    _require_class_weights(weight, classes)
    return batch


def require_a_class(input: Shape, classes: Dim) -> None:
    """Require that there is a class that could be right.

    Raises:
        ShapeError: there is none.
    """
    if at_least(0, classes) is Truth.ALWAYS:
        raise ShapeError(f"input must have at least one class, got shape {format_shape(input)}")


def require_probabilities(input: Shape) -> None:
    """Require scores ``(*B, C)`` of at least one class, as probabilities of these have a largest.

    Raises:
        ShapeError: they are others.
    """
    require_a_class(input, _batch(input)[1])


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
    problem = (
        f"target must have shape {format_shape(batch)} for inputs {format_shape(input)}, "
        f"got {format_shape(target)}"
    )
    if _are_stated(problem, target) and target != batch:
        _require_items_equal(target, batch, problem)
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
