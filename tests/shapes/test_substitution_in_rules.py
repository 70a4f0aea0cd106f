"""Rules against NumPy's and PyTorch's shapes, and rules on symbols against rules on ints.

What a rule says of symbols must be what it says of the sizes that are put in their place: a result
whose sizes are filled in is the result for filled-in operands, an error that holds for all sizes
is raised for each of them, and what is not refused is refused for none.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tensorlib.shapes import registry
from tensorlib.shapes.dim import Dim, SymbolicDim, UnknownDim, substitute, symbol, symbols
from tensorlib.shapes.errors import IndexOutOfRangeError, ShapeError
from tensorlib.shapes.indexing import slice_length
from tensorlib.shapes.pooling import begun_places
from tensorlib.shapes.shape import Several

N, M = symbol("N"), symbol("M")
SIZES = ((1, 1), (1, 2), (2, 1), (2, 5), (3, 3), (4, 9), (7, 2), (8, 3), (13, 16), (1, 60), (60, 1))
DIMS: tuple[Dim, ...] = (
    0, 1, 5, 6, N, M, N + 1, N + 3, 2 * N, 2 * N + 1, N + M, N * M, N // 2 + 1, 3 * M + N,
)  # fmt: skip
BOUNDS: tuple[Dim | None, ...] = (
    None, 0, 1, 2, 3, 7, -1, -2, -4,
    N, M, N + 1, N - 1, -N, -M, 2 * N, N // 2, N - M, -N - 1, 1 - N,
)  # fmt: skip


def few(examples: int) -> settings:
    return settings(deadline=None, derandomize=True, max_examples=examples, database=None)


def rule(name: str) -> registry.Rule:
    found = registry.find(name)
    assert found is not None
    return found


def assignments() -> Iterator[dict[Any, int]]:
    names = (*symbols(N), *symbols(M))
    for sizes in SIZES:
        yield dict(zip(names, sizes, strict=True))


def filled(value: Any, sizes: dict[Any, int]) -> Any:
    """Put ints in the place of the symbols in a dimension, a shape or an index."""
    if isinstance(value, tuple):
        return tuple(filled(item, sizes) for item in value)
    if isinstance(value, slice):
        return slice(*(filled(part, sizes) for part in (value.start, value.stop, value.step)))
    return substitute(value, sizes) if isinstance(value, SymbolicDim) else value


def agrees(general: Any, special: Any, sizes: dict[Any, int]) -> bool:
    """Tell whether a shape for all sizes says of these sizes what is so; unknown says nothing."""
    return len(general) == len(special) and all(
        isinstance(dim, UnknownDim) or filled(dim, sizes) == size
        for dim, size in zip(general, special, strict=True)
    )


def outcome(f: Callable[..., Any], *args: Any) -> Any:
    """Return what a rule returns, or the error it raises."""
    try:
        return f(*args)
    except ShapeError as error:
        return error


def require_law(f: Callable[..., Any], *args: Any) -> Any:
    """Require of a rule on symbols what it says on ints; return its result on symbols."""
    general = outcome(f, *args)
    outcomes = [(sizes, outcome(f, *filled(args, sizes))) for sizes in assignments()]
    if not isinstance(general, ShapeError):
        for sizes, special in outcomes:
            assert not isinstance(special, ShapeError), f"{args} with {sizes}: {special}"
            assert agrees(general, special, sizes), f"{args}: {general}, with {sizes} {special}"
    elif not general.unproven:
        assert any(isinstance(special, ShapeError) for _, special in outcomes), f"{args}: {general}"
    return general


# Slices and ints in brackets ---------------------------------------------------------------------


def some_slice(bounds: tuple[Dim | None, ...], steps: tuple[Dim | None, ...]) -> Any:
    bound, step = st.sampled_from(bounds), st.sampled_from(steps)
    return st.builds(slice, bound, bound, step)


INT_BOUNDS = (None, *range(-7, 8))
INT_STEPS = (None, 1, 2, 3, 7, -1, -2, -5)


@given(data=st.data())
@few(300)
def test_an_index_of_ints_and_slices_gives_numpys_shape(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(0, 6), max_size=4).map(tuple))
    item = st.one_of(some_slice(INT_BOUNDS, INT_STEPS), st.integers(-7, 7), st.none())
    items = data.draw(st.lists(item, max_size=5))
    if data.draw(st.booleans()):
        items.insert(data.draw(st.integers(0, len(items))), ...)
    index = tuple(items)
    try:
        wanted = np.empty(shape)[index].shape
    except IndexError:
        with pytest.raises(IndexOutOfRangeError):
            rule("getitem").check(shape, index)
        return
    assert rule("getitem").check(shape, index) == wanted


@given(st.sampled_from(DIMS), some_slice(BOUNDS, (None, 1, 2, 3, -1, -2, -3, N, N + 1, -N)))
@few(1500)
def test_a_slice_with_symbols_is_that_of_their_sizes(dim: Dim, item: slice) -> None:
    general = slice_length(dim, item)
    for sizes in assignments():
        length = len(range(filled(dim, sizes))[filled(item, sizes)])
        assert agrees((general,), (length,), sizes), f"{dim}[{item}] is {general}, not {length}"


@pytest.mark.parametrize(
    ("dim", "item", "length"),
    [
        (N, slice(None, N), N),
        (N + M, slice(None, N), N),
        (N + M, slice(N, None), M),
        (N + M, slice(-N, None), N),
        (N + M, slice(None, -N), M),
        (N, slice(1, None), N - 1),
        (N, slice(None, None, 2), (N + 1) // 2),
        (N, slice(1, None, 2), N // 2),
        (N, slice(None, None, -2), (N + 1) // 2),
        (N + 3, slice(-3, None), 3),
        (N + 3, slice(None, 3), 3),
        (N, slice(None, N + 5), N),
        (N, slice(-N - 5, None), N),
        (N, slice(5, 2), 0),
        (N, slice(N, None), 0),
        (2 * N, slice(N // 2, N // 2 + N), N),
        (N, slice(None, None, N), 1),
    ],
    ids=str,
)
def test_lengths_of_slices_that_are_known(dim: Dim, item: slice, length: Dim) -> None:
    assert slice_length(dim, item) == length


@pytest.mark.parametrize(
    ("dim", "item"),
    [(N, slice(-3, None)), (N, slice(None, M)), (N + M, slice(N - M, None)), (N, slice(M, 3))],
    ids=str,
)
def test_lengths_of_slices_that_are_not_guessed(dim: Dim, item: slice) -> None:
    assert isinstance(slice_length(dim, item), UnknownDim)


@given(st.sampled_from(DIMS), st.sampled_from([bound for bound in BOUNDS if bound is not None]))
@few(400)
def test_an_index_with_symbols_is_in_range_as_for_their_sizes(dim: Dim, item: Dim) -> None:
    general = outcome(rule("getitem").check, (dim, 4), item)
    special = [
        outcome(rule("getitem").check, (filled(dim, sizes), 4), filled(item, sizes))
        for sizes in assignments()
    ]
    if isinstance(general, ShapeError):
        assert isinstance(general, IndexOutOfRangeError)
        assert general.unproven or any(isinstance(each, ShapeError) for each in special)
        if " may be " not in str(general):
            assert all(isinstance(each, ShapeError) for each in special)
    elif not _has_open_sign(item):
        assert not any(isinstance(each, ShapeError) for each in special)


def _has_open_sign(item: Dim) -> bool:
    signs = {filled(item, sizes) >= 0 for sizes in assignments()}
    return len(signs) == 2


# Windows -----------------------------------------------------------------------------------------


def extents(rank: int, *sizes: int) -> st.SearchStrategy[Any]:
    one = st.sampled_from(sizes)
    return st.one_of(one, st.tuples(*(one,) * rank))


POOLS: dict[str, tuple[int, Any]] = {
    "max_pool1d": (1, F.max_pool1d), "max_pool2d": (2, F.max_pool2d),
    "avg_pool1d": (1, F.avg_pool1d), "avg_pool2d": (2, F.avg_pool2d),
}  # fmt: skip


def pool_arguments(draw: Any, name: str) -> tuple[Any, ...]:
    rank, _ = POOLS[name]
    sizes = (
        draw(extents(rank, 1, 2, 3, 4, 5)),
        draw(st.one_of(st.none(), extents(rank, 1, 2, 3, 5))),
        draw(extents(rank, 0, 0, 1, 2)),
    )
    dilation = (draw(extents(rank, 1, 2)),) if name.startswith("max") else ()
    return (*sizes, *dilation, draw(st.booleans()))


@pytest.mark.parametrize("name", POOLS)
@given(data=st.data())
@few(150)
def test_pools_give_pytorchs_shapes(name: str, data: st.DataObject) -> None:
    rank, reference = POOLS[name]
    args = pool_arguments(data.draw, name)
    shape = (3, *data.draw(st.tuples(*(st.integers(1, 9),) * rank)))
    ours = outcome(rule(name).check, shape, *args)
    try:
        wanted = tuple(reference(torch.empty(shape, device="meta"), *args).shape)
    except RuntimeError:
        assert isinstance(ours, ShapeError)
        return
    assert ours == wanted


@pytest.mark.parametrize("name", POOLS)
@given(data=st.data())
@few(40)
def test_pools_of_symbols(name: str, data: st.DataObject) -> None:
    rank, _ = POOLS[name]
    dims = data.draw(st.tuples(*(st.sampled_from((N, M + 4, 2 * N + 3, N + M + 8)),) * rank))
    require_law(rule(name).check, (3, *dims), *pool_arguments(data.draw, name))


def test_places_of_windows_that_may_end_behind_the_axis() -> None:
    """Where the last window may lie behind the operand, for a stride beyond the kernel as well."""
    assert begun_places(N, 0, 2, 2) == (N + 1) // 2
    assert begun_places(N, 1, 3, 2) == N // 2 + 1
    assert begun_places(N, 0, 2, 3) == (N + 2) // 3
    assert begun_places(N, 1, 2, 3) == N // 3 + 1
    assert isinstance(begun_places(N, 0, M, 2), UnknownDim)
    for dim, margin, span, step in product(range(1, 12), range(3), range(1, 7), range(1, 6)):
        if 2 * margin <= span and dim + 2 * margin + step > span:
            starts = range(0, dim + margin, step)
            fitting = [at for at in starts if at <= dim + 2 * margin - span + step - 1]
            assert begun_places(dim, margin, span, step) == len(fitting)


CONVOLUTIONS: dict[str, tuple[int, Any]] = {
    "conv1d": (1, F.conv1d), "conv2d": (2, F.conv2d), "conv_transpose2d": (2, F.conv_transpose2d),
}  # fmt: skip


def convolution(draw: Any, name: str) -> tuple[Any, ...]:
    """A weight and what comes behind it; mostly groups that divide and channels that fit."""
    rank, _ = CONVOLUTIONS[name]
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    depth, out = draw(st.sampled_from((1, 2))), draw(st.sampled_from((1, 2))) * groups
    kernel = draw(st.tuples(*(st.integers(1, 4),) * rank))
    channels = depth * groups + draw(st.sampled_from((0, 0, 0, 1)))
    stride, dilation = draw(extents(rank, 1, 2, 3)), draw(extents(rank, 1, 2))
    padding = draw(extents(rank, 0, 1, 2))
    if name == "conv_transpose2d":
        weight = (depth * groups, out // groups, *kernel)
        extra = draw(extents(rank, 0, 0, 1))
        return channels, weight, (stride, padding, extra, groups, dilation)
    padding = draw(st.sampled_from((padding, padding, "same", "valid")))
    weight = (out, depth, *kernel)
    return channels, weight, (stride, padding, dilation, groups)


@pytest.mark.parametrize("name", CONVOLUTIONS)
@given(data=st.data())
@few(150)
def test_convolutions_give_pytorchs_shapes(name: str, data: st.DataObject) -> None:
    rank, reference = CONVOLUTIONS[name]
    channels, weight, args = convolution(data.draw, name)
    shape = (5, channels, *data.draw(st.tuples(*(st.integers(1, 9),) * rank)))
    ours = outcome(rule(name).check, shape, weight, None, *args)
    tensors = [torch.zeros(each) for each in (shape, weight)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an odd padding copies the operand
            wanted = tuple(reference(*tensors, None, *args).shape)
    except (RuntimeError, ValueError):
        wanted = (0,)
    if 0 in wanted:  # a result without elements is an error here
        assert isinstance(ours, ShapeError)
    else:
        assert ours == wanted


@pytest.mark.parametrize("name", CONVOLUTIONS)
@given(data=st.data())
@few(60)
def test_convolutions_of_symbols(name: str, data: st.DataObject) -> None:
    rank, _ = CONVOLUTIONS[name]
    channels, weight, args = convolution(data.draw, name)
    dims = data.draw(st.tuples(*(st.sampled_from((N, M + 6, 2 * N + 5, N * M + 8)),) * rank))
    require_law(rule(name).check, (N, channels, *dims), weight, None, *args)


# Several operands --------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from((1, 2, N))), min_size=1, max_size=4))
@few(60)
def test_operands_given_by_their_number_are_so_many(parts: list[tuple[int, Dim]]) -> None:
    assume(any(count for count, _ in parts))
    counted = tuple(Several((M, length), count) for count, length in parts if count)
    each = tuple((M, length) for count, length in parts for _ in range(count))
    for axis in (0, 1):
        mixed = (*counted, (M, 2))
        assert outcome_text("concat", counted, axis) == outcome_text("concat", each, axis)
        assert outcome_text("concat", mixed, 1) == outcome_text("concat", (*each, (M, 2)), 1)
        assert outcome_text("stack", counted, axis) == outcome_text("stack", each, axis)


def outcome_text(name: str, *args: Any) -> str:
    """A result, or that there is an error, whose text lists the operands."""
    found = outcome(rule(name).check, *args)
    return "error" if isinstance(found, ShapeError) else str(found)


LETTERS = "ijk"


@given(data=st.data())
@few(250)
def test_einsum_gives_numpys_shape(data: st.DataObject) -> None:
    sizes = {letter: data.draw(st.integers(2, 4)) for letter in LETTERS}
    dots = data.draw(st.booleans())
    batch = data.draw(st.lists(st.integers(2, 3), max_size=2).map(tuple)) if dots else ()
    terms, shapes = [], []
    for _ in range(data.draw(st.integers(1, 3))):
        term = "".join(data.draw(st.lists(st.sampled_from(LETTERS), max_size=3)))
        shape = [sizes[letter] for letter in term]
        if shape and data.draw(st.integers(0, 5)) == 0:
            shape[0] += 3
        terms.append("..." + term if dots else term)
        shapes.append((*batch, *shape))
    equation = ",".join(terms)
    if data.draw(st.booleans()):
        result = "".join(data.draw(st.lists(st.sampled_from(LETTERS), max_size=3)))
        equation += "->" + ("..." if dots else "") + result
    ours = outcome(rule("einsum").check, equation, tuple(shapes))
    try:
        wanted = np.einsum(equation, *(np.zeros(shape) for shape in shapes)).shape
    except ValueError:
        assert isinstance(ours, ShapeError)
        return
    assert ours == wanted


def test_einsum_of_symbols() -> None:
    def check(equation: str, *shapes: Any) -> Any:
        return require_law(lambda *each: rule("einsum").check(equation, each), *shapes)

    assert check("bij,bjk->bik", (N, M, 3), (N, 3, 2 * M)) == (N, M, 2 * M)
    assert check("...ij,jk", (N, M, 3), (3, M)) == (N, M, M)
    assert check("ii->i", (N * M, M * N)) == (M * N,)
    assert isinstance(check("ij,jk->ik", (N, M), (M + 1, 2)), ShapeError)
    assert isinstance(check("ii", (N, M)), ShapeError)
