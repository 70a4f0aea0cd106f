"""Losses of classes: how much the right class surprises the predictions. Nothing broadcasts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from tensorlib import recording
from tensorlib.losses.reduction import Loss, Reduction, wide
from tensorlib.ops.arguments import plain_int, plain_scalar
from tensorlib.ops.kernels import compiled
from tensorlib.shapes import loss as rules
from tensorlib.shapes.errors import IndexOutOfRangeError
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Dims, T


class _Rows(NamedTuple):
    """The class of each row, 0 where it is ignored, and how much the row counts in the mean.

    Attributes:
        classes: the class of each row.
        kept: which rows are not ignored; True if none is.
        weight: how much each row counts; None if all count 1.
    """

    classes: Array
    kept: Array | bool
    weight: Array | None

    @property
    def total(self) -> float:
        """The sum of the rows' weights."""
        if self.weight is None:
            return self.classes.size
        return float(np.add.reduce(self.weight, axis=None, dtype=wide(self.weight)))


def _rows(input: Array, target: Array, weight: Array | None, ignore_index: int) -> _Rows:
    kept = np.asarray(target != ignore_index)
    classes = target.astype(np.intp, copy=False)
    if np.logical_and.reduce(kept, axis=None):
        return _Rows(classes, True, None if weight is None else weight[classes])
    classes = np.where(kept, classes, 0)
    if weight is None:
        return _Rows(classes, kept, kept.astype(input.dtype))
    return _Rows(classes, kept, np.where(kept, weight[classes], weight.dtype.type(0)))


def _weighted(losses: Array, rows: _Rows) -> Array:
    """Return the losses times the weights of their rows, 0 where that is 0 even if infinite."""
    if rows.weight is None:
        return losses
    zeros = np.zeros(losses.shape, np.result_type(losses, rows.weight))
    return np.multiply(losses, rows.weight, out=zeros, where=rows.weight != 0)


def _at(x: Array, classes: Array) -> Array:
    """Return the element of one class of each row."""
    return np.asarray(x.reshape(-1).take(_places(x, classes)))


def _add_at(x: Array, classes: Array, amount: Array) -> None:
    """Add to one class of each row, in place; the array must be contiguous."""
    x.reshape(-1)[_places(x, classes)] += amount


def _places(x: Array, classes: Array) -> Array:
    """Return where the element of one class of each row stands among all elements."""
    starts = np.arange(0, x.size, x.shape[-1]).reshape(classes.shape)
    return np.asarray(starts + classes)


# Class indices ----------------------------------------------------------------------------------


def _indices_forward(
    input: Array,
    target: Array,
    weight: Array | None,
    ignore_index: int,
    label_smoothing: float,
) -> tuple[Array, tuple[Array, _Rows]]:
    rows = _rows(input, target, weight, ignore_index)
    probabilities, shifted, log_totals = _softmax(input)
    surprise = _weighted(log_totals[..., 0] - _at(shifted, rows.classes), rows)
    if label_smoothing:
        others = log_totals - shifted if weight is None else (log_totals - shifted) * weight
        average = np.add.reduce(others, axis=-1) * (1 / input.shape[-1])
        surprise = surprise * (1 - label_smoothing)
        surprise += np.where(rows.kept, label_smoothing * average, 0)
    return surprise, (probabilities, rows)


@compiled("rows.surprise")
def _softmax(input: Array) -> tuple[Array, Array, Array]:
    """Return the probabilities, the logits less the largest of their row, and the logs of sums."""
    largest = np.maximum.reduce(input, axis=-1, keepdims=True)
    shifted = np.subtract(input, largest, order="C")  # as `_add_at` needs it
    exps = np.exp(shifted)
    totals = np.add.reduce(exps, axis=-1, keepdims=True)
    exps /= totals
    return exps, shifted, np.log(totals)


def _indices_vjp(
    g: Array, saved: tuple[Array, _Rows], weight: Array | None, label_smoothing: float
) -> Array:
    # The loss of a row is sum(wanted * (log(sum(exp(x))) - x)), its slope therefore
    # softmax(x) * sum(wanted) - wanted; most of what is wanted is the row's class.
    probabilities, rows = saved
    wanted = g * (1 - label_smoothing)
    if rows.weight is not None:
        wanted = rows.weight * wanted
    if not label_smoothing:
        slope = probabilities * wanted[..., None]
    else:
        shared = rows.kept * (g * label_smoothing)
        level = shared if weight is None else shared * weight.mean()
        slope = probabilities * (wanted + level)[..., None]
        each = np.ones(1, g.dtype) if weight is None else weight
        slope -= shared[..., None] * (each / probabilities.shape[-1])
    _add_at(slope, rows.classes, -wanted)
    return slope


def _total(saved: tuple[Array, _Rows]) -> float:
    return saved[1].total


_of_indices = Loss(
    rules.cross_entropy, _indices_forward, (_indices_vjp, None), saves=True, total=_total
)
_of_indices_weighted = Loss(
    rules.cross_entropy, _indices_forward, (_indices_vjp, None, None), saves=True, total=_total
)

# Probabilities ----------------------------------------------------------------------------------


def _wanted(target: Array, weight: Array | None, label_smoothing: float) -> Array:
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / target.shape[-1]
    return target if weight is None else target * weight


def _probabilities_forward(
    input: Array, target: Array, weight: Array | None, label_smoothing: float
) -> tuple[Array, Array]:
    probabilities, shifted, log_totals = _softmax(input)
    surprise = _wanted(target, weight, label_smoothing) * (log_totals - shifted)
    return np.add.reduce(surprise, axis=-1), probabilities


def _probabilities_vjp(
    g: Array, saved: Array, target: Array, weight: Array | None, label_smoothing: float
) -> Array:
    wanted = _wanted(target, weight, label_smoothing)
    slope = saved * np.add.reduce(wanted, axis=-1, keepdims=True) - wanted
    slope *= g[..., None]
    return slope


def _probabilities_vjp_target(
    g: Array, input: Array, weight: Array | None, label_smoothing: float
) -> Array:
    _, shifted, log_totals = _softmax(input)
    surprise = (log_totals - shifted) * (g[..., None] * (1 - label_smoothing))
    return surprise if weight is None else surprise * weight


_probabilities_vjps = (_probabilities_vjp, _probabilities_vjp_target)
_of_probabilities = Loss(
    rules.cross_entropy, _probabilities_forward, _probabilities_vjps, saves=True
)
_of_probabilities_weighted = Loss(
    rules.cross_entropy, _probabilities_forward, (*_probabilities_vjps, None), saves=True
)


def cross_entropy(
    input: Tensor[Any, T, D],
    target: Tensor[Any, T2, Any],
    weight: Tensor[Any, NoTape, D] | None = None,
    *,
    reduction: Reduction = "mean",
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``-log softmax(input)`` at the target class; NaN for no rows.

    Shape: ``(*B, C), (*B) -> ()`` with class indices, ``(*B, C), (*B, C) -> ()`` with
    probabilities; ``(*B)`` without a reduction

    Args:
        input: logits, that is, scores before softmax; classes on the last axis.
        target: class indices from 0 to C - 1 as ints, or probabilities as floats.
        weight: how much each class counts, of shape ``(C,)``; a constant. The mean of losses by
            class indices divides by the sum of the rows' weights.
        reduction: "mean" over the rows, "sum", or "none" for the losses of the rows.
        ignore_index: rows of this class index count for nothing, even in the mean.
        label_smoothing: how much of each target is shared evenly among all classes, from 0 to 1.

    Raises:
        ShapeError: the shapes do not fit, or there are no classes.
        DtypeError: the target's dtype does not fit its shape, or the input is not floating point.
        IndexOutOfRangeError: a class index is not in the range.
        ValueError: the label smoothing is not in the range, the weight is no constant, an index is
            to be ignored among probabilities, or there is no such reduction.

    VJP: ``g / n * (softmax(input) - target)``

    Example:
        >>> import tensorlib as tl
        >>> logits, classes = tl.zeros((3, 4)), tl.tensor([0, 2, 3])
        >>> round(tl.losses.cross_entropy(logits, classes).item(), 4)
        1.3863
        >>> losses = tl.losses.cross_entropy(logits, classes, ignore_index=2, reduction="none")
        >>> [round(loss, 4) for loss in losses.tolist()]
        [1.3863, 0.0, 1.3863]
    """
    label_smoothing = float(plain_scalar(label_smoothing, "cross_entropy"))
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing must be from 0 to 1, got {label_smoothing:g}"
        )
    _require_constant(weight, "cross_entropy")
    ignore_index = plain_int(ignore_index, "cross_entropy", "ignore_index")
    are_tensors = _are_tensors(input, target, weight)
    if are_tensors:
        _require_target(input, target, weight, ignore_index)
    if are_tensors and target.dtype.kind == "f":
        of_probabilities = _of_probabilities if weight is None else _of_probabilities_weighted
        return of_probabilities(input, target, weight, reduction, label_smoothing)
    of_indices = _of_indices if weight is None else _of_indices_weighted
    return of_indices(input, target, weight, reduction, ignore_index, label_smoothing)


def _nll_forward(
    input: Array, target: Array, weight: Array | None, ignore_index: int
) -> tuple[Array, _Rows]:
    rows = _rows(input, target, weight, ignore_index)
    return _weighted(-_at(input, rows.classes), rows), rows


def _nll_vjp(g: Array, saved: _Rows, input_shape: tuple[int, ...]) -> Array:
    wanted = g if saved.weight is None else saved.weight * g
    slope = np.zeros(input_shape, wanted.dtype)
    _add_at(slope, saved.classes, -wanted)
    return slope


_nll_loss = Loss(
    rules.nll_loss, _nll_forward, (_nll_vjp, None), saves=True, total=lambda saved: saved.total
)
_nll_loss_weighted = Loss(
    rules.nll_loss,
    _nll_forward,
    (_nll_vjp, None, None),
    saves=True,
    total=lambda saved: saved.total,
)


def nll_loss(
    input: Tensor[Any, T, D],
    target: Tensor[Any, T2, Any],
    weight: Tensor[Any, NoTape, D] | None = None,
    *,
    reduction: Reduction = "mean",
    ignore_index: int = -100,
) -> Tensor[Dims, T | T2, D]:
    """Return the mean of ``-input`` at the target class; NaN for no rows.

    Of ``log_softmax(logits)`` this is the `cross_entropy` of the logits.

    Shape: ``(*B, C), (*B) -> ()``; ``(*B)`` without a reduction

    Args:
        input: log-probabilities; classes on the last axis.
        target: class indices from 0 to C - 1 as ints.
        weight: how much each class counts, of shape ``(C,)``; a constant. The mean divides by the
            sum of the rows' weights.
        reduction: "mean" over the rows, "sum", or "none" for the losses of the rows.
        ignore_index: rows of this class index count for nothing, even in the mean.

    Raises:
        ShapeError: the shapes do not fit, or there are no classes.
        DtypeError: the target is not of ints, or the input is not floating point.
        IndexOutOfRangeError: a class index is not in the range.
        ValueError: the weight is no constant, or there is no such reduction.

    VJP: ``-g / n`` at the target class, 0 elsewhere

    Example:
        >>> import tensorlib as tl
        >>> tl.losses.nll_loss(tl.tensor([[-0.5, -1.0], [-2.0, -0.25]]), tl.tensor([0, 1])).item()
        0.375
    """
    _require_constant(weight, "nll_loss")
    ignore_index = plain_int(ignore_index, "nll_loss", "ignore_index")
    if _are_tensors(input, target, weight):
        _require_classes(input, target, weight, rules.nll_loss)
        _looked_at(target, input.shape[-1], ignore_index, "nll_loss")
    loss = _nll_loss if weight is None else _nll_loss_weighted
    return loss(input, target, weight, reduction, ignore_index)


# Checks -----------------------------------------------------------------------------------------

AnyTensor = Tensor[Any, Any, Any]


def _are_tensors(input: object, target: object, weight: object) -> bool:
    """Tell whether values may be looked at; what is no tensor is refused with the others."""
    operands = (input, target) if weight is None else (input, target, weight)
    return all(isinstance(operand, Tensor) for operand in operands)


def _require_constant(weight: AnyTensor | None, loss: str) -> None:
    if isinstance(weight, Tensor) and weight._origin is not None:
        raise ValueError(f"{loss}: there is no gradient for weight: pass weight.detach()")


def _require_target(
    input: AnyTensor, target: AnyTensor, weight: AnyTensor | None, ignore_index: int
) -> None:
    _require_classes(input, target, weight, rules.cross_entropy)
    if target.dtype.kind != "f":
        _looked_at(target, input.shape[-1], ignore_index, "cross_entropy")
    elif ignore_index >= 0:
        raise ValueError(
            f"cross_entropy: there are no class indices to ignore among probabilities, got "
            f"ignore_index={ignore_index}: give such rows the probabilities 0"
        )


def _require_classes(
    input: AnyTensor, target: AnyTensor, weight: AnyTensor | None, rule: Rule
) -> None:
    arrays = [input._data, target._data]
    if weight is not None:
        arrays.append(weight._data)
    _require_fit(rule, tuple([x.shape for x in arrays]), tuple([x.dtype for x in arrays]))


@lru_cache(maxsize=1024)
def _require_fit(
    rule: Rule, shapes: tuple[tuple[int, ...], ...], dtypes: tuple[np.dtype[Any], ...]
) -> None:
    names = [dtype.name for dtype in dtypes]
    rule(*shapes)
    rule.operand_dtype(*names)
    rule.require_together(shapes[:2], names[:2])


def _looked_at(target: AnyTensor, *of: Any) -> None:
    recording.require_known([target])
    recording.noted(_require_in_range)(target._data, *of)


def _require_in_range(target: Array, classes: int, ignore_index: int, loss: str) -> None:
    if not target.size or (target.min() >= 0 and target.max() < classes):
        return
    wrong = ((target < 0) | (target >= classes)) & (target != ignore_index)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexOutOfRangeError(
            f"class index {target[place]} at {place} is out of range for {classes} classes",
            subject=loss,
        )
