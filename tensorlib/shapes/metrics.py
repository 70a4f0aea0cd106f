"""Shape rules of metrics. Predictions and targets never broadcast."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, Truth, at_least
from tensorlib.shapes.dtypes import DtypeRule
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.loss import require_class_target, require_probabilities, require_same_shape
from tensorlib.shapes.registry import TapeRule, rule
from tensorlib.shapes.shape import Shape, format_shape, is_unknown


def _scores_or_classes(input: str, target: str) -> str:
    if dtypes.is_floating(target) and not dtypes.is_floating(input):
        raise DtypeError(f"class indices must be ints, got {target}: use .astype(np.int64)")
    return input


def _target_means_one(shapes: Sequence[Shape], operands: Sequence[str]) -> None:
    (input, target), (scores, dtype) = shapes, operands
    if len(input) == len(target) and dtypes.is_floating(dtype):
        require_probabilities(input)
    if len(target) < len(input):
        if dtypes.is_floating(dtype):
            raise DtypeError(f"class indices must be ints, got {dtype}: use .astype(np.int64)")
    elif dtypes.is_floating(scores) and not dtypes.is_floating(dtype):
        raise DtypeError(
            f"predicted classes must be ints, got {scores}, and targets for scores of shape "
            f"{format_shape(input)} must be of shape {format_shape(input[:-1])}, or floats"
        )


@rule(
    dtype=DtypeRule(_scores_or_classes, converts=False),
    tape=TapeRule.READS,
    together=_target_means_one,
)
def accuracy(input: Shape, target: Shape) -> None:
    """Require scores ``(*B, C)`` and targets ``(*B)`` or ``(*B, C)``, or classes of one shape.

    Raises:
        ShapeError: the shapes are others.
    """
    if input == () and is_unknown(target):
        require_same_shape(input, target)
    elif input != target or is_unknown(input):
        require_class_target(input, target)


def _classes(input: str, target: str) -> str:
    for dtype in (input, target):
        if dtype not in dtypes.INTEGERS:
            raise DtypeError(f"classes must be ints, got {dtype}: of scores, take .argmax(-1)")
    return input


@rule(
    dtype=DtypeRule(_classes, dtypes.DEFAULT_INT, converts=False),
    tape=TapeRule.READS,
)
def confusion_matrix(input: Shape, target: Shape, num_classes: Dim) -> Shape:
    """Require classes of one shape; the result has a row and a column for each class.

    Raises:
        ShapeError: the shapes differ, or the number of classes is negative.
    """
    require_same_shape(input, target)
    if at_least(num_classes, 0) is Truth.NEVER:
        raise ShapeError(f"num_classes must not be negative, got {num_classes}")
    return (num_classes, num_classes)
