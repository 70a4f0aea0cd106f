"""Arguments of a rule, drawn from what its parameters are annotated with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tensorlib.shapes.indexing import IndexTensor
from tensorlib.shapes.registry import Parameter, Rule
from tests.rules.functions import is_required, takes_numbers_only

Shape: TypeAlias = tuple[int, ...]
Draw: TypeAlias = st.DrawFn

SIZES = st.sampled_from((2, 3, 1, 4, 0))
MOST_AXES = 6


def shapes(most: int = MOST_AXES) -> st.SearchStrategy[Shape]:
    return st.lists(SIZES, max_size=most).map(tuple)


@st.composite
def related(draw: Draw, whole: Shape) -> Shape:
    """A shape that has to do with another: it, what stretches to it, a part, or nearly it."""
    kind = draw(
        st.sampled_from(("same", "same", "stretched", "last", "front", "joined", "changed"))
    )
    if kind == "stretched":
        rest = whole[draw(st.integers(0, len(whole))) :]
        return tuple(draw(st.sampled_from((size, 1))) for size in rest)
    if kind == "last":
        return whole[-draw(st.integers(1, 2)) :]
    if kind == "front":
        return whole[: -draw(st.integers(1, 2))]
    if kind == "joined":
        return (*whole[:-2], *whole[-1:], draw(SIZES))
    return draw(changed(whole)) if kind == "changed" else whole


@st.composite
def changed(draw: Draw, shape: Shape) -> Shape:
    """A shape with another size, an axis more or less, or two axes exchanged."""
    if not shape:
        return (draw(SIZES),)
    place = draw(st.integers(0, len(shape) - 1))
    kind = draw(st.sampled_from(("size", "size", "less", "more", "turned")))
    if kind == "less":
        return (*shape[:place], *shape[place + 1 :])
    if kind == "more" and len(shape) < MOST_AXES:
        return (*shape[:place], draw(SIZES), *shape[place:])
    if kind == "turned":
        return (*shape[place:], *shape[:place])
    return (*shape[:place], draw(SIZES), *shape[place + 1 :])


# By annotation: each takes the shape of the first operand ----------------------------------------


def axis(shape: Shape) -> st.SearchStrategy[int]:
    """An axis that there is, seldom one beside them."""
    rank = len(shape)
    near = st.integers(-rank - 1, rank)
    return near if rank == 0 else st.one_of(*(st.integers(-rank, rank - 1),) * 4, near)


def axes(shape: Shape) -> st.SearchStrategy[tuple[int, ...]]:
    return st.one_of(
        st.lists(axis(shape), max_size=3, unique_by=lambda a: a % max(len(shape), 1)).map(tuple),
        st.lists(axis(shape), max_size=3).map(tuple),
    )


def permutation(shape: Shape) -> st.SearchStrategy[tuple[int, ...]]:
    whole = st.permutations(range(len(shape))).map(tuple)
    return st.one_of(whole, whole, axes(shape))


def dim(shape: Shape) -> st.SearchStrategy[int]:
    return st.sampled_from((1, 2, 3, *shape, 4, 0, -1))


@st.composite
def sizes(draw: Draw, shape: Shape) -> Shape:
    """What has as many elements, what a shape stretches to, or anything; with a -1 or without."""
    kind = draw(st.sampled_from(("order", "order", "stretched", "any")))
    if kind == "order":
        found = tuple(draw(st.permutations(shape)))
        if len(found) > 1 and draw(st.booleans()):
            found = (found[0] * found[1], *found[2:])
    elif kind == "stretched":
        found = (*draw(shapes(2)), *(draw(SIZES) if size == 1 else size for size in shape))
    else:
        found = draw(shapes(3))
    if found and draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(found) - 1))
        found = (*found[:place], draw(st.sampled_from((-1, -1, -1, -2))), *found[place + 1 :])
    return found


def small(*most: float) -> st.SearchStrategy[Any]:
    """One of these for all axes, or one for each of one, two or three."""
    one = st.sampled_from(most)
    return st.one_of(one, st.tuples(one, one), st.tuples(one), st.tuples(one, one, one))


def pad_width(shape: Shape) -> st.SearchStrategy[Any]:
    one = st.sampled_from((0, 1, 2, 3, -1))
    pair = st.tuples(one, one)
    pairs = st.tuples(*(pair,) * len(shape))
    return st.one_of(one, pair, pairs, pairs, st.lists(pair, max_size=3).map(tuple))


@st.composite
def index(draw: Draw, shape: Shape) -> Any:
    """Ints, slices, None, `...`, and tensors of ints or bools."""
    bound = st.one_of(st.none(), st.integers(-4, 5))
    items: list[Any] = []
    place = 0
    while place < len(shape) and draw(st.integers(0, 4)):
        kind = draw(st.sampled_from(("int", "slice", "slice", "none", "ints", "mask")))
        if kind == "int":
            items.append(draw(st.integers(-shape[place], shape[place])))
        elif kind == "slice":
            step = draw(st.sampled_from((None, 1, 2, -1, -2, 3, 0)))
            items.append(slice(draw(bound), draw(bound), step))
        elif kind == "none":
            items.append(None)
            continue
        elif kind == "ints":
            items.append(IndexTensor(draw(shapes(2)), "int64"))
        else:
            covered = shape[place : place + draw(st.integers(1, 2))]
            odd = draw(st.integers(0, 3)) == 0
            items.append(IndexTensor(draw(changed(covered)) if odd else covered, "bool"))
            place += len(covered) - 1
        place += 1
    if draw(st.integers(0, 2)) == 0:
        items.insert(draw(st.integers(0, len(items))), ...)
    if draw(st.integers(0, 9)) == 0:
        items.insert(0, draw(st.sampled_from((0, ...))))
    return items[0] if len(items) == 1 and draw(st.booleans()) else tuple(items)


@st.composite
def met_axes(draw: Draw, shape: Shape) -> Any:
    """How many axes meet, or which."""
    count = draw(st.integers(0, 2))
    if draw(st.booleans()):
        return draw(st.sampled_from((count, 1, 3, -1)))
    several = st.lists(axis(shape), min_size=count, max_size=count).map(tuple)
    return draw(several), draw(several)


@st.composite
def equation(draw: Draw, shape: Shape) -> str:
    """Of as many operands as there may be; the first has letters for its axes."""
    letters = st.sampled_from("ijk")
    word = st.lists(letters, max_size=3).map("".join)
    first = draw(st.one_of(word, st.just("ijkijk"[: len(shape)]), st.just("ijklmn"[: len(shape)])))
    terms = [first, *draw(st.lists(st.one_of(word, st.just(first)), max_size=2))]
    if draw(st.integers(0, 3)) == 0:
        terms = ["..." + term for term in terms]
    text = ",".join(terms)
    return text + draw(st.sampled_from(("", "->", "->i", "->...i", "->ij", f"->{first}")))


WORDS = {
    "reduction": ("mean", "sum", "none"),
    "mode": ("constant", "reflect", "edge"),
    "indexing": ("ij", "xy"),
}
"""What a text may be, by the parameter's name."""

BY_ANNOTATION: dict[str, Callable[[Shape], st.SearchStrategy[Any]]] = {
    "Axis": lambda shape: st.one_of(st.none(), axis(shape), axes(shape)),
    "bool": lambda shape: st.booleans(),
    "int": axis,
    "int | None": lambda shape: st.one_of(st.none(), axis(shape)),
    "int | tuple[int, ...]": lambda shape: st.one_of(axis(shape), dim(shape), axes(shape)),
    "tuple[int, ...]": permutation,
    "Dim": dim,
    "Dim | None": lambda shape: st.one_of(st.none(), dim(shape)),
    "Sizes": sizes,
    "Extent": lambda shape: small(1, 2, 3, 0, -1),
    "Extent | None": lambda shape: st.one_of(st.none(), small(1, 2, 3, 0)),
    "Factor | None": lambda shape: st.one_of(st.none(), small(1, 2, 0.5, 1.5, 0)),
    "OutputSize": lambda shape: st.one_of(small(1, 2, 4, 0), st.tuples(st.none(), dim(shape))),
    "Padding": lambda shape: st.one_of(small(0, 1, 2, -1), st.sampled_from(("same", "valid", "x"))),
    "PadWidth": pad_width,
    "Index": index,
    "Axes": met_axes,
    "Ord": lambda shape: st.sampled_from((None, "fro", 1, 2, -1, math.inf, "nuc")),
}
OPERANDS = ("Shape", "Shape | None", "Data")
GROUPS = ("tuple[Shape, ...]", "Group")
SIZED = ("Sizes", "Dim", "Dim | None")
"""Arguments that may be symbolic."""


def of_parameter(parameter: Parameter, whole: Shape) -> st.SearchStrategy[Any]:
    """Values of a parameter that stands for no tensor."""
    annotation = str(parameter.annotation)
    if annotation == "str":
        if parameter.name not in WORDS:
            return equation(whole)
        return st.sampled_from(WORDS[parameter.name])
    assert annotation in BY_ANNOTATION, f"of what kind is {parameter.name}: {annotation}?"
    return BY_ANNOTATION[annotation](whole)


@st.composite
def arguments(draw: Draw, rule: Rule) -> dict[str, Any]:
    """All that a rule is given, by name; some of what has a default is left out."""
    whole = draw(shapes())
    is_whole = draw(st.booleans())
    found: dict[str, Any] = {}
    for name, parameter in rule.parameters.items():
        annotation = str(parameter.annotation)
        if annotation in GROUPS:
            found[name] = tuple(draw(st.lists(related(whole), max_size=3)))
        elif annotation in OPERANDS and takes_numbers_only(rule, name):
            found[name] = ()
        elif annotation == "Shape | None" and not is_whole:
            continue
        elif annotation in OPERANDS:
            found[name] = draw(related(whole)) if found else whole
        elif is_required(rule, name) or draw(st.integers(0, 2)):
            found[name] = draw(of_parameter(parameter, whole))
    return found
