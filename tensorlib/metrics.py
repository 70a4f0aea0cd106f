"""Metrics: how good predictions are, for people to read. They record nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from typing_extensions import TypeVar

from tensorlib import recording
from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.shapes import metrics as rules
from tensorlib.shapes.errors import IndexOutOfRangeError
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor

N = TypeVar("N", bound=int)


def accuracy(input: Tensor[Any, Any, Any], target: Tensor[Any, Any, Any], top_k: int = 1) -> float:
    """Return which part of the predictions is right, from 0 to 1; NaN if there are none.

    Shape: scores ``(*B, C)`` with class indices ``(*B)`` or probabilities ``(*B, C)``; predicted
    classes ``(*B)`` with class indices ``(*B)``

    Args:
        input: scores as floats, such as logits, of which the largest is the prediction, or
            predicted classes as ints or bools.
        target: the right classes as ints or bools, or probabilities as floats, such as one-hot
            vectors, of which the largest is right.
        top_k: among how many of the largest scores the right class has to be.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: the target's dtype does not fit its shape.
        ValueError: top_k is less than 1, or more than 1 for classes without scores.

    Example:
        >>> import tensorlib as tl
        >>> scores = tl.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
        >>> tl.accuracy(scores, tl.tensor([1, 0, 0, 0]))
        0.75
    """
    _require_tensors(input, target, rules.accuracy)
    shapes = (input.shape, target.shape)
    rules.accuracy(*shapes)
    rules.accuracy.require_together(shapes, (input.dtype.name, target.dtype.name))
    top_k = plain_int(top_k, "accuracy", "top_k")
    if top_k < 1:
        raise ValueError(f"accuracy: top_k must be at least 1, got {top_k}")
    right = _hits(input._data, target._data, top_k)
    return float(right.mean()) if right.size else float("nan")


def _hits(input: Array, target: Array, top_k: int) -> Array:
    """Tell for each prediction whether it is right."""
    if target.shape != input.shape:
        return _is_among_largest(input, target, top_k)
    if target.dtype.kind == "f":
        return _is_among_largest(input, target.argmax(-1), top_k)
    if top_k != 1:
        raise ValueError(f"accuracy: top_k={top_k} needs scores, got classes of {input.dtype}")
    return np.asarray(input == target)


def _is_among_largest(scores: Array, target: Array, top_k: int) -> Array:
    """Tell where fewer than ``top_k`` scores come before the target's; NaN comes before all."""
    classes = scores.shape[-1]
    _require_in_range(target, classes, rules.accuracy)
    own = np.take_along_axis(scores, target[..., None].astype(np.int64), axis=-1)
    is_before = np.arange(classes) < target[..., None]
    before = ~(scores <= own) | ((scores == own) & is_before)
    return np.asarray(np.add.reduce(before, axis=-1, dtype=np.int64) < top_k)


def confusion_matrix(
    input: Tensor[Any, Any, Any], target: Tensor[Any, Any, Any], num_classes: N
) -> Tensor[tuple[N, N], NoTape, np.int64]:
    """Return how often each class was predicted for each class: rows are right, columns predicted.

    Shape: ``S, S -> (C, C)``

    Args:
        input: the predicted classes as ints; of scores, take ``argmax(-1)``.
        target: the right classes as ints, of the same shape.
        num_classes: C, how many classes there are.

    Raises:
        ShapeError: the shapes differ, or the number of classes is negative.
        DtypeError: classes are not ints.
        IndexOutOfRangeError: a class is not from 0 to C - 1.

    Example:
        >>> import tensorlib as tl
        >>> tl.confusion_matrix(tl.tensor([0, 1, 1]), tl.tensor([0, 1, 0]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    _require_tensors(input, target, rules.confusion_matrix)
    classes = plain_int(num_classes, "confusion_matrix", "num_classes")
    rules.confusion_matrix(input.shape, target.shape, classes)
    for each in (input, target):
        _require_in_range(each._data, classes, rules.confusion_matrix)
    cells = target._data.astype(np.int64) * classes + input._data.astype(np.int64)
    counts = np.bincount(cells.reshape(-1), minlength=classes * classes)
    return Tensor(counts.reshape(classes, classes).astype(np.int64, copy=False))


def _require_tensors(input: object, target: object, rule: Rule) -> None:
    """Require two tensors of dtypes that fit."""
    recording.refuse(f"{rule.name}()")
    for x in (input, target):
        if not isinstance(x, Tensor):
            raise not_a_tensor(x, rule.name)
    assert isinstance(input, Tensor)
    assert isinstance(target, Tensor)
    rule.operand_dtype(input.dtype.name, target.dtype.name)


def _require_in_range(classes: Array, count: int, rule: Rule) -> None:
    wrong = (classes < 0) | (classes >= count)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexOutOfRangeError(
            f"class index {classes[place]} at {place} is out of range for {count} classes",
            subject=rule.name,
        )
