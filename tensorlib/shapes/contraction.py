"""Shape rules of sums of products over chosen axes: tensordot and einsum."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import ANY, UNKNOWN, Dim, require_equal
from tensorlib.shapes.elementwise import broadcast
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    Pack,
    Shape,
    axis_index,
    chained,
    dim_at,
    format_shape,
    known_rank,
    pack_index,
    without,
)

Axes: TypeAlias = int | tuple[int | tuple[int, ...], int | tuple[int, ...]]
"""How many of the last axes of one operand meet the first of the other, or which meet which."""

# tensordot ----------------------------------------------------------------------------------------


@rule(dtype=dtypes.promoted)
def tensordot(x1: Shape, x2: Shape, axes: Axes = 2) -> Shape:
    """Drop the axes that are summed over; what is left of the first, then of the second.

    Raises:
        ShapeError: the axes are not paired, one is named twice, or two that meet differ in length.
        IndexOutOfRangeError: an operand lacks an axis.
    """
    axes1, axes2 = paired_axes(x1, x2, axes)
    if len(axes1) != len(axes2):
        raise ShapeError(f"expected equally many axes of both operands, got {axes1} and {axes2}")
    indices1 = [axis_index(x1, axis) for axis in axes1]
    indices2 = [axis_index(x2, axis) for axis in axes2]
    for indices, named, shape in ((indices1, axes1, x1), (indices2, axes2, x2)):
        if len(set(indices)) != len(indices):
            raise ShapeError(f"axes must differ, got {named} for shape {format_shape(shape)}")
    for axis1, axis2 in zip(indices1, indices2, strict=True):
        dim1, dim2 = dim_at(x1, axis1), dim_at(x2, axis2)
        require_equal(
            dim1,
            dim2,
            f"axes that meet must be equal, got axis {axis1} of {format_shape(x1)} and "
            f"axis {axis2} of {format_shape(x2)}: {dim1} is not {dim2}",
        )
    return chained(without(x1, indices1), without(x2, indices2))


def paired_axes(x1: Shape, x2: Shape, axes: Axes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the axes of either operand that are summed over, the first with the first and so on.

    Raises:
        ShapeError: there are not two groups of axes, or an operand has fewer axes.
    """
    if isinstance(axes, tuple):
        if len(axes) != 2:
            raise ShapeError(f"expected a number, or the axes of both operands, got {axes}")
        first, second = (item if isinstance(item, tuple) else (item,) for item in axes)
        return first, second
    if not isinstance(axes, int):
        raise UndecidedError("the number of axes is not known")
    if axes < 0:
        raise ShapeError(f"the number of axes must not be negative, got {axes}")
    for shape in (x1, x2):
        if pack_index(shape) is None and len(shape) < axes:
            raise ShapeError(
                f"expected at least {axes} dimension{'' if axes == 1 else 's'} of each operand, "
                f"got {format_shape(x1)} and {format_shape(x2)}"
            )
    return tuple(range(-axes, 0)), tuple(range(axes))


# einsum -------------------------------------------------------------------------------------------

ELLIPSIS = "..."
Term: TypeAlias = tuple[str, ...]
"""The labels of one operand, of which one may be ``...``."""


class Equation(NamedTuple):
    """What the subscripts of an einsum say: ``ij,jk->ik``.

    Attributes:
        terms: the labels of each operand's axes.
        output: the labels of the result's axes.
    """

    terms: tuple[Term, ...]
    output: Term


@lru_cache(maxsize=1024)
def parse(subscripts: str) -> Equation:
    """Read subscripts as NumPy does; without an arrow the result has the labels that stand once.

    Raises:
        ShapeError: they are not written so.
    """
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = tuple(_term(text, subscripts) for text in inputs.split(","))
    used = [label for term in terms for label in term]
    if not arrow:
        once = sorted(label for label in set(used) - {ELLIPSIS} if used.count(label) == 1)
        return Equation(terms, ((ELLIPSIS,) if ELLIPSIS in used else ()) + tuple(once))
    output = _term(result, subscripts)
    for label in output:
        if output.count(label) > 1:
            raise ShapeError(f'label "{label}" stands twice in the result of "{subscripts}"')
        if label not in used:
            raise ShapeError(
                f'label "{label}" of the result stands in no operand of "{subscripts}"'
            )
    if ELLIPSIS in used and ELLIPSIS not in output:
        raise ShapeError(
            f'the result of "{subscripts}" lacks the ... of its operands: '
            "keep it, and sum over it afterwards"
        )
    return Equation(terms, output)


def _term(text: str, subscripts: str) -> Term:
    before, dots, after = text.partition(ELLIPSIS)
    for character in before + after:
        if not (character.isascii() and character.isalpha()):
            raise ShapeError(
                f'subscripts are made of letters, commas, "..." and one "->", got "{subscripts}"'
            )
    return (*before, *((ELLIPSIS,) if dots else ()), *after)


@rule(dtype=dtypes.promoted)
def einsum(subscripts: str, operands: tuple[Shape, ...]) -> Shape:
    """Give every label the length it has in the operands, and return those of the result.

    The dimensions under ``...`` broadcast one-sidedly; labels never stretch.

    Raises:
        ShapeError: the subscripts are not well formed, do not fit the operands, or a label has
            two lengths.
    """
    equation = parse(subscripts)
    if len(equation.terms) != len(operands):
        count = len(equation.terms)
        raise ShapeError(
            f'expected {count} operand{"" if count == 1 else "s"} for "{subscripts}", '
            f"got {len(operands)}"
        )
    sizes: dict[str, tuple[Dim, int]] = {}
    batch: Shape = ()
    for place, (term, shape) in enumerate(zip(equation.terms, operands, strict=True), start=1):
        dims, rest = _split_if_known(term, shape, place)
        for label, dim in dims:
            sizes[label] = (_same_size(label, dim, place, *sizes.get(label, (dim, place))), place)
        batch = broadcast(batch, rest)
    result: list[Dim | Pack] = []
    for label in equation.output:
        result.extend(batch if label == ELLIPSIS else (sizes[label][0],))
    return tuple(result)


def _same_size(label: str, dim: Dim, place: int, known: Dim, known_place: int) -> Dim:
    where = (
        f"{known} and {dim} in operand {place}"
        if place == known_place
        else f"{known} in operand {known_place} and {dim} in operand {place}"
    )
    return require_equal(known, dim, f'label "{label}" is {where}')


def _split_if_known(term: Term, shape: Shape, place: int) -> tuple[list[tuple[str, Dim]], Shape]:
    """Do what `split_term` does; where it cannot be told, every label has an unknown dimension."""
    try:
        return split_term(term, shape, place)
    except UndecidedError:
        dim: Dim = ANY if ANY_DIMS in shape else UNKNOWN
        batch: Shape = (ANY_DIMS if ANY_DIMS in shape else UNKNOWN_DIMS,)
        dims: list[tuple[str, Dim]] = [(label, dim) for label in term if label != ELLIPSIS]
        return dims, batch if ELLIPSIS in term else ()


def split_term(term: Term, shape: Shape, place: int) -> tuple[list[tuple[str, Dim]], Shape]:
    """Return the dimension of each label of one operand, and the dimensions under ``...``.

    Raises:
        ShapeError: there are more labels than dimensions, or fewer without ``...``.
    """
    labels = tuple(label for label in term if label != ELLIPSIS)
    start = term.index(ELLIPSIS) if ELLIPSIS in term else len(term)
    pack = pack_index(shape)
    if pack is None:
        if len(shape) < len(labels) or (labels == term and len(shape) != len(term)):
            more = "" if labels == term else "at least "
            raise ShapeError(
                f"expected {more}{len(labels)} dimension{'' if len(labels) == 1 else 's'} in "
                f'operand {place}, one for each label of "{"".join(term)}", '
                f"got shape {format_shape(shape)}"
            )
    elif labels == term or pack < start or len(shape) - 1 - pack < len(labels) - start:
        raise UndecidedError(f"which labels the dimensions of {format_shape(shape)} have")
    stop = len(shape) - (len(labels) - start)
    dims = known_rank(shape[:start] + shape[stop:])
    return list(zip(labels, dims, strict=True)), shape[start:stop]
