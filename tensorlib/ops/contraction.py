"""Sums of products over chosen axes: tensordot and einsum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from tensorlib.ops import products
from tensorlib.ops.arguments import plain_int
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.reduction import widened
from tensorlib.ops.variadic import Variadic
from tensorlib.shapes import contraction as rules
from tensorlib.tape import Array
from tensorlib.typevars import T2, D, Dims, T

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor

Shape: TypeAlias = tuple[int, ...]
Labels: TypeAlias = tuple[int, ...]

# tensordot ----------------------------------------------------------------------------------------


def _tensordot_forward(x1: Array, x2: Array, axes: rules.Axes) -> Array:
    first, second = rules.paired_axes(x1.shape, x2.shape, axes)
    y = _summed_over(first, x1, second, x2)
    return y.astype(x1.dtype, copy=False)


def _tensordot_vjp1(g: Array, x2: Array, x1_shape: Shape, axes: rules.Axes) -> Array:
    met1, met2, free1, free2 = _places(x1_shape, x2.shape, axes)
    # The axes of what comes out: those that x1 kept, then those that met, as x2 has them in order.
    order = [*free1, *(met1[met2.index(axis)] for axis in sorted(met2))]
    kept = len(free1)
    y = _summed_over(range(kept, kept + len(free2)), g, free2, x2)
    return np.transpose(y, np.argsort(order))


def _tensordot_vjp2(g: Array, x1: Array, x2_shape: Shape, axes: rules.Axes) -> Array:
    met1, met2, free1, free2 = _places(x1.shape, x2_shape, axes)
    order = [*(met2[met1.index(axis)] for axis in sorted(met1)), *free2]
    y = _summed_over(free1, x1, range(len(free1)), g)
    return np.transpose(y, np.argsort(order))


def _places(x1_shape: Shape, x2_shape: Shape, axes: rules.Axes) -> tuple[list[int], ...]:
    """Return the axes of both operands that meet, and those that stay, counted from the start."""
    named = rules.paired_axes(x1_shape, x2_shape, axes)
    ranks = len(x1_shape), len(x2_shape)
    met = [[axis % rank for axis in group] for group, rank in zip(named, ranks, strict=True)]
    free = [[a for a in range(rank) if a not in m] for m, rank in zip(met, ranks, strict=True)]
    return *met, *free


def _summed_over(axes1: Sequence[int], x1: Array, axes2: Sequence[int], x2: Array) -> Array:
    """Multiply two arrays and sum over axes of both, in pairs; the others stay in order."""
    labels1, labels2 = list(range(x1.ndim)), list(range(x1.ndim, x1.ndim + x2.ndim))
    for axis1, axis2 in zip(axes1, axes2, strict=True):
        labels2[axis2] = labels1[axis1]
    wanted = frozenset(labels1).symmetric_difference(labels2)
    y, _ = _multiplied(widened(x1), tuple(labels1), widened(x2), tuple(labels2), wanted)
    return y


_tensordot = Primitive(rules.tensordot, _tensordot_forward, (_tensordot_vjp1, _tensordot_vjp2))


def tensordot(
    x1: Tensor[Any, T, D],
    x2: Tensor[Any, T2, D],
    axes: int | tuple[int | Sequence[int], int | Sequence[int]] = 2,
) -> Tensor[Dims, T | T2, D]:
    """Multiply and sum over axes of both operands that meet; the others stay in order.

    Shape: for ``axes=1``, ``(M, K), (K, N) -> (M, N)``

    Args:
        x1: the operand whose axes come first in the result.
        x2: the other.
        axes: how many of the last axes of ``x1`` meet the first of ``x2``, or a pair: the axes of
            ``x1``, and the axis of ``x2`` that each of them meets.

    Raises:
        ShapeError: axes that meet differ in length, or an axis is named twice.
        IndexOutOfRangeError: an operand lacks an axis.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.ones((2, 3, 4))
        >>> tl.tensordot(x, tl.ones((4, 5)), axes=1).shape
        (2, 3, 5)
        >>> tl.tensordot(x, tl.ones((4, 2, 5)), axes=((0, 2), (1, 0))).shape
        (3, 5)

    VJP: ``tensordot(g, x2)`` and ``tensordot(x1, g)`` over the axes that stay
    """
    return _tensordot(x1, x2, _plain_axes(axes))


def _plain_axes(axes: Any) -> Any:
    if not isinstance(axes, tuple | list):
        return plain_int(axes, "tensordot")
    return tuple(
        tuple(plain_int(axis, "tensordot") for axis in item)
        if isinstance(item, tuple | list)
        else plain_int(item, "tensordot")
        for item in axes
    )


# Products of labelled arrays ----------------------------------------------------------------------


class _Pairing(NamedTuple):
    """How two labelled arrays are multiplied: as matrices, once their axes are in order.

    Attributes:
        axes1: the order of the axes of the first: batch, own, summed.
        shape1: its shape as a batch of matrices.
        axes2: the order of the axes of the second: batch, summed, own.
        shape2: its shape as a batch of matrices.
        shape: the result's shape.
        labels: the result's labels.
        sums: whether there is anything to sum over.
    """

    axes1: tuple[int, ...]
    shape1: Shape
    axes2: tuple[int, ...]
    shape2: Shape
    shape: Shape
    labels: Labels
    sums: bool


@lru_cache(maxsize=4096)
def _pairing(
    labels1: Labels, shape1: Shape, labels2: Labels, shape2: Shape, wanted: frozenset[int]
) -> _Pairing:
    """Sort the labels of two arrays; only wanted ones stay, and no unwanted one is alone."""
    sizes = dict(zip(labels1 + labels2, shape1 + shape2, strict=True))
    batch = [label for label in labels1 if label in labels2 and label in wanted]
    summed = [label for label in labels1 if label in labels2 and label not in wanted]
    own1 = [label for label in labels1 if label not in labels2]
    own2 = [label for label in labels2 if label not in labels1]

    def lengths(labels: Sequence[int]) -> Shape:
        return tuple(sizes[label] for label in labels)

    rows, inner, columns = (math.prod(lengths(group)) for group in (own1, summed, own2))
    result = (*batch, *own1, *own2)
    return _Pairing(
        tuple(labels1.index(label) for label in (*batch, *own1, *summed)),
        (*lengths(batch), rows, inner),
        tuple(labels2.index(label) for label in (*batch, *summed, *own2)),
        (*lengths(batch), inner, columns),
        lengths(result),
        result,
        bool(summed),
    )


def _multiplied(
    x1: Array, labels1: Labels, x2: Array, labels2: Labels, wanted: frozenset[int]
) -> tuple[Array, Labels]:
    """Multiply two arrays, and sum over the labels that nobody wants."""
    pairing = _pairing(labels1, x1.shape, labels2, x2.shape, wanted)
    first = x1.transpose(pairing.axes1).reshape(pairing.shape1)
    second = x2.transpose(pairing.axes2).reshape(pairing.shape2)
    y = products.matmul(first, second) if pairing.sums else first * second
    return y.reshape(pairing.shape), pairing.labels


def _simplified(x: Array, labels: Labels, others: frozenset[int]) -> tuple[Array, Labels]:
    """Take the diagonal where a label repeats, and sum over labels that stand nowhere else."""
    unique = tuple(dict.fromkeys(labels))
    if len(unique) < len(labels):
        x = _diagonal(x, labels, unique)
    if others.issuperset(unique):
        return x, unique
    alone = tuple(axis for axis, label in enumerate(unique) if label not in others)
    y = np.asarray(np.add.reduce(x, axis=alone, dtype=x.dtype))
    return y, tuple(label for label in unique if label in others)


def _diagonal(x: Array, labels: Labels, unique: Labels) -> Array:
    """Return a view with one axis for each label."""
    places = {label: place for place, label in enumerate(unique)}  # np.einsum counts up to 52
    return np.asarray(np.einsum(x, [places[label] for label in labels], list(range(len(unique)))))


@lru_cache(maxsize=4096)
def _elsewhere(terms: tuple[Labels, ...], output: Labels) -> tuple[frozenset[int], ...]:
    """Return for each term the labels that stand in another one or in the result."""
    return tuple(
        frozenset(output).union(*terms[:place], *terms[place + 1 :]) for place in range(len(terms))
    )


def _contracted(arrays: Sequence[Array], terms: Sequence[Labels], output: Labels) -> Array:
    """Multiply labelled arrays and sum over all labels that the output lacks.

    Of several arrays, the two are multiplied first whose product is smallest, compared with what
    it replaces.
    """
    pending = [
        _simplified(x, labels, others)
        for x, labels, others in zip(arrays, terms, _elsewhere(tuple(terms), output), strict=True)
    ]
    while len(pending) > 1:
        pairs = [(i, j) for j in range(len(pending)) for i in range(j)]
        first, second = min(pairs, key=lambda pair: _growth(pending, pair[0], pair[1], output))
        (x1, labels1), (x2, labels2) = pending[first], pending[second]
        wanted = _wanted(pending, first, second, output)
        del pending[second], pending[first]
        pending.append(_multiplied(x1, labels1, x2, labels2, wanted))
    y, labels = pending[0]
    return y if labels == output else y.transpose([labels.index(label) for label in output])


def _wanted(
    pending: Sequence[tuple[Array, Labels]], first: int, second: int, output: Labels
) -> frozenset[int]:
    """Return the labels that are needed once two of the arrays are multiplied."""
    rest = (labels for place, (_, labels) in enumerate(pending) if place not in (first, second))
    return frozenset(output).union(*rest)


def _growth(
    pending: Sequence[tuple[Array, Labels]], first: int, second: int, output: Labels
) -> int:
    """Return by how many elements a product is larger than its operands."""
    if len(pending) == 2:
        return 0
    (x1, labels1), (x2, labels2) = pending[first], pending[second]
    wanted = _wanted(pending, first, second, output)
    sizes = dict(zip(labels1 + labels2, x1.shape + x2.shape, strict=True))
    product = math.prod(size for label, size in sizes.items() if label in wanted)
    return product - x1.size - x2.size


# einsum -------------------------------------------------------------------------------------------


class _Labelled(NamedTuple):
    """An einsum of certain shapes, with one number for each label and each axis under ``...``.

    Attributes:
        shapes: the operands' shapes without the axes of length 1 that stretch.
        terms: the labels of these shapes.
        output: the labels of the result.
    """

    shapes: tuple[Shape, ...]
    terms: tuple[Labels, ...]
    output: Labels


@lru_cache(maxsize=4096)
def _labelled(subscripts: str, shapes: tuple[Shape, ...]) -> _Labelled:
    """Number the labels; axes under ``...`` count down from -1 for the last of them."""
    equation = rules.parse(subscripts)
    splits = [
        rules.split_term(term, shape, place)
        for place, (term, shape) in enumerate(zip(equation.terms, shapes, strict=True), start=1)
    ]
    batches: list[Any] = [rest for _, rest in splits]
    rank = max(map(len, batches), default=0)
    batch = np.broadcast_shapes(*batches)
    kept, terms = [], []
    for term, shape, rest in zip(equation.terms, shapes, batches, strict=True):
        labels = _numbered(term, len(rest))
        pairs = [
            (label, size)
            for label, size in zip(labels, shape, strict=True)
            if label >= 0 or size == batch[label]
        ]
        terms.append(tuple(label for label, _ in pairs))
        kept.append(tuple(size for _, size in pairs))
    return _Labelled(tuple(kept), tuple(terms), _numbered(equation.output, rank))


def _numbered(term: rules.Term, rank: int) -> Labels:
    numbers: list[int] = []
    for label in term:
        numbers.extend(range(-rank, 0) if label == rules.ELLIPSIS else (ord(label),))
    return tuple(numbers)


def _einsum_forward(operands: Sequence[Array], subscripts: str) -> Array:
    shapes, terms, output = _labelled(subscripts, tuple(x.shape for x in operands))
    arrays = [widened(x).reshape(s) for x, s in zip(operands, shapes, strict=True)]
    y = _contracted(arrays, terms, output)
    if len(arrays) == 1 and np.may_share_memory(y, operands[0]):
        return y.copy()
    return y.astype(operands[0].dtype, copy=False)


def _einsum_vjp(
    g: Array,
    operand: int,
    others: Sequence[Array],
    shapes: Sequence[Shape],
    subscripts: str,
) -> Array:
    reduced, terms, output = _labelled(subscripts, tuple(shapes))
    own, shape = terms[operand], reduced[operand]
    unique = tuple(dict.fromkeys(own))
    rest = [place for place in range(len(terms)) if place != operand]
    arrays = [widened(x).reshape(reduced[place]) for x, place in zip(others, rest, strict=True)]
    arrays, labels = [widened(g), *arrays], [output, *(terms[place] for place in rest)]
    present = frozenset().union(*labels)
    slope = _contracted(arrays, labels, tuple(label for label in unique if label in present))
    # What is only summed over in this operand gets the same gradient all along.
    alone = [place for place, label in enumerate(unique) if label not in present]
    slope = np.expand_dims(slope, alone)
    if len(unique) < len(own):
        whole = np.zeros(shape, slope.dtype)
        _diagonal(whole, own, unique)[...] = slope
        slope = whole
    return np.broadcast_to(slope, shape).reshape(shapes[operand])


_einsum = Variadic(rules.einsum, _einsum_forward, _einsum_vjp)


def einsum(subscripts: str, *operands: Tensor[Any, T, D]) -> Tensor[Dims, T, D]:
    """Multiply tensors whose axes are labelled, and sum over what the result lacks.

    A label names the axes that have the same length and run together; one that stands twice in
    an operand takes the diagonal. ``...`` stands for any number of batch dimensions, which stretch
    one-sidedly. Without ``->`` the result has the labels that stand once, in alphabetical order.

    Shape: for ``"bij,bjk->bik"``, ``(B, I, J), (B, J, K) -> (B, I, K)``

    Args:
        subscripts: the labels of each operand and of the result, such as ``"ij,jk->ik"``.
        operands: the tensors.

    Raises:
        ShapeError: a label has two lengths, or the subscripts do not fit the operands.
        DtypeError: float64 meets another float dtype.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> tl.einsum("ii", x).item()
        5.0
        >>> tl.einsum("ij,j->i", x, tl.tensor([1.0, 10.0])).tolist()
        [21.0, 43.0]

    VJP: the einsum of ``g`` and the other operands, with the labels of this one
    """
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum: expected subscripts as a str, got {type(subscripts).__name__}")
    return _einsum(operands, subscripts)
