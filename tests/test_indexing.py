"""Index tensors and masks in brackets, against NumPy's advanced indexing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.shapes import registry
from tensorlib.shapes.dim import UNKNOWN, symbol
from tensorlib.shapes.errors import UndecidedError
from tensorlib.shapes.indexing import IndexTensor
from tensorlib.shapes.shape import Pack
from tests.op_cases.calls import shapes, stretching

rule = registry.find("getitem")
assert rule is not None
few = settings(deadline=None, derandomize=True, max_examples=150, database=None)


def t(*shape: int) -> Any:
    return tl.ones(shape)


def ints(*shape: int) -> Any:
    return tl.zeros(shape, np.int64)


@st.composite
def indexed(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """A shape and an index for it: tensors and ints side by side, slices and None around them."""
    shape = draw(shapes(min_rank=1))
    rank = len(shape)
    start = draw(st.integers(0, rank - 1))
    stop = draw(st.integers(start + 1, rank))
    run: list[Any] = []
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.integers(0, 3)) == 0:
        run = [np.asarray(rng.integers(0, 2, shape[start:stop])).astype(bool)]
    else:
        whole = draw(shapes(max_rank=2))
        for size in shape[start:stop]:
            picked = rng.integers(-size, size, draw(stretching(whole)))
            run.append(np.asarray(picked, draw(st.sampled_from(("int64", "int32")))))
        for place in range(1, len(run)):
            if draw(st.booleans()):
                run[place] = int(run[place].flat[0])
    slices = st.builds(
        slice, st.sampled_from((None, 0, 1, -1)), st.none(), st.sampled_from((None, 1, -1, 2))
    )
    items = [*(draw(slices) for _ in range(start)), *run]
    if stop < rank and draw(st.booleans()):
        items.append(draw(slices))
    if draw(st.booleans()):
        items.append(None)
    if draw(st.booleans()):
        items.insert(0, None)
    if draw(st.booleans()):
        items.append(Ellipsis)
    return shape, tuple(items)


def with_tensors(index: tuple[Any, ...], make: Callable[[Any], Any]) -> Any:
    items = tuple(make(item) if isinstance(item, np.ndarray) else item for item in index)
    return items[0] if len(items) == 1 else items


@given(case=indexed(), seed=st.integers(0, 2**32 - 1))
@few
def test_results_and_gradients_are_numpys(case: Any, seed: int) -> None:
    shape, index = case
    rng = np.random.default_rng(seed)
    data = rng.normal(size=shape)
    x: Any = tl.tensor(data)
    y = x.traced()[with_tensors(index, tl.tensor)]
    expected = np.asarray(data[index])
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y.numpy(), expected)

    assert rule is not None
    described = with_tensors(index, lambda array: IndexTensor(array.shape, array.dtype.name))
    declared = rule.check(shape, described)
    assert len(declared) == len(expected.shape)
    for dim, size in zip(declared, expected.shape, strict=True):
        assert dim is UNKNOWN or dim == size

    cotangent = rng.normal(size=expected.shape)
    places = torch.from_numpy(np.array(np.arange(data.size).reshape(shape)[index]))
    leaf = torch.tensor(data, requires_grad=True)
    loss: Any = (leaf.reshape(-1)[places] * torch.tensor(cotangent)).sum()
    loss.backward()
    found = (y * tl.tensor(cotangent)).sum().backward()[x].numpy()
    assert leaf.grad is not None
    np.testing.assert_allclose(found, leaf.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_an_index_tensor_is_only_read() -> None:
    x, places = t(4, 3), tl.tensor([1, 1]).traced()
    y = x[places]
    assert not y.owns_tape
    assert places.owns_tape
    gradients = x.traced()[places].sum().backward()
    assert gradients[x].tolist() == [[0] * 3, [2] * 3, [0] * 3, [0] * 3]


def test_small_ints_reach_far() -> None:
    x: Any = tl.tensor(np.arange(600.0))
    places: Any = tl.tensor(np.array([255, 3, 255], np.uint8))
    assert x[places].tolist() == [255, 3, 255]
    assert x.take(places).tolist() == [255, 3, 255]
    gradient = x.traced()[places].sum().backward()[x]
    assert (gradient[255].item(), gradient[3].item(), gradient.numpy().sum()) == (2, 1, 3)


def test_many_small_gradients_add_up_in_float16() -> None:
    x: Any = tl.zeros((2,), np.float16)
    places: Any = tl.zeros((4096,), np.int64)
    gradient = (x.traced()[places] * 0.125).sum().backward()[x]
    assert gradient.dtype == np.float16
    assert gradient.tolist() == [512, 0]


def test_no_elements_are_fine() -> None:
    for f in (
        lambda x: x[ints(0)],
        lambda x: x[:, ints(0, 2)],
        lambda x: x[ints(2, 0), ints(1, 1)],
        lambda x: x[x > 5],
        lambda x: x.take(ints(0), 1),
        lambda x: x.select(ints(3, 0)),
        lambda x: x.take_along_axis(ints(3, 0)),
        lambda x: x.scatter_add(ints(3, 0), tl.zeros((3, 0))),
        lambda x: x.masked_select(x > 5),
        lambda x: tl.embedding(ints(0), x),
    ):
        x = t(3, 4)
        gradient = f(x.traced()).sum().backward()[x].numpy()
        assert gradient.shape == (3, 4)
        assert not gradient.any() or f(x).size
    nothing = tl.zeros((0, 4))
    assert nothing.take(ints(0), 0).shape == (0, 4)
    assert nothing[ints(0)].shape == (0, 4)
    assert nothing.select(ints(0)).shape == (0,)
    assert tl.one_hot(ints(0), 0).shape == (0, 0)


N, M, K = symbol("N"), symbol("M"), symbol("K")
BATCH = Pack("Batch")


def index_tensor(*shape: Any) -> IndexTensor:
    return IndexTensor(shape, "int64")


def mask(*shape: Any) -> IndexTensor:
    return IndexTensor(shape, "bool")


@pytest.mark.parametrize(
    ("shape", "index", "expected"),
    [
        ((N, M), index_tensor(K), (K, M)),
        ((N, M), (slice(None), index_tensor(K, 2)), (N, K, 2)),
        ((N, M), (Ellipsis, index_tensor()), (N,)),
        ((N, M), (index_tensor(K), index_tensor(K)), (K,)),
        ((N, M), (index_tensor(K, 1), index_tensor(N)), (K, N)),
        ((N, M, 5), (0, index_tensor(K)), (K, 5)),
        ((N, M), mask(N), (UNKNOWN, M)),
        ((N, M), mask(N, M), (UNKNOWN,)),
        ((N, M), (slice(None), mask(M)), (N, UNKNOWN)),
        ((BATCH, N), (Ellipsis, index_tensor(K)), (BATCH, K)),
        ((BATCH, N), mask(BATCH, N), (UNKNOWN,)),
        ((BATCH, N), mask(BATCH), (UNKNOWN, N)),
        ((N, M), index_tensor(BATCH), (BATCH, M)),
    ],
)
def test_index_tensors_and_symbols(shape: Any, index: Any, expected: Any) -> None:
    assert rule is not None
    assert rule.check(shape, index) == expected


@pytest.mark.parametrize(
    ("shape", "index"),
    [
        ((BATCH, N), index_tensor(K)),
        ((BATCH, N), (Ellipsis, index_tensor(BATCH))),
        ((N,), IndexTensor((K,), None)),
    ],
)
def test_what_is_not_known_is_undecided(shape: Any, index: Any) -> None:
    assert rule is not None
    with pytest.raises(UndecidedError):
        rule.check(shape, index)


WRONG: tuple[tuple[Callable[[], Any], str], ...] = (
    (
        lambda: t(3, 4)[tl.tensor([0, 3])],
        "getitem: index 3 at (1,) is out of range for axis 0 of shape (3, 4): use -3 to 2",
    ),
    (
        lambda: t(3, 4)[..., tl.tensor([[-5]])],
        "getitem: index -5 at (0, 0) is out of range for axis 1 of shape (3, 4): use -4 to 3",
    ),
    (
        lambda: t(0, 4)[tl.tensor(0)],
        "getitem: index 0 is out of range for axis 0 of shape (0, 4)",
    ),
    (
        lambda: t(3, 4).take(7, 0),
        "take: index 7 is out of range for axis 0 of shape (3, 4): use -3 to 2",
    ),
    (
        lambda: t(3, 4).take(tl.tensor([12])),
        "take: index 12 at (0,) is out of range for axis 0 of shape (12,): use -12 to 11",
    ),
    (
        lambda: t(2, 4).select(tl.tensor([0, 4])),
        "select: index 4 at (1,) is out of range for axis -1 of shape (2, 4): use -4 to 3",
    ),
    (
        lambda: t(1, 4).take_along_axis(tl.tensor([[4]])),
        "take_along_axis: index 4 at (0, 0) is out of range for axis -1 of shape (1, 4): "
        "use -4 to 3",
    ),
    (
        lambda: t(4).scatter_add(tl.tensor([-5]), t(1)),
        "scatter_add: index -5 at (0,) is out of range for axis -1 of shape (4,): use -4 to 3",
    ),
    (
        lambda: tl.embedding(tl.tensor([0, -1]), t(3, 4)),
        "embedding: index -1 at (1,) is out of range for 3 rows: use 0 to 2",
    ),
    (
        lambda: tl.one_hot(tl.tensor([3]), 3),
        "one_hot: index 3 at (0,) is out of range for 3 classes: use 0 to 2",
    ),
)


@pytest.mark.parametrize(("call", "text"), WRONG, ids=[text for _, text in WRONG])
def test_indices_out_of_range(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(tl.IndexOutOfRangeError) as caught:
        call()
    assert str(caught.value) == text


def test_an_index_out_of_range_leaves_the_tape() -> None:
    x = t(3).traced()
    with pytest.raises(tl.IndexOutOfRangeError):
        x[tl.tensor([3])]
    assert x.owns_tape


def test_indices_and_masks_have_their_dtypes() -> None:
    x = t(2, 2)
    for call, text in (
        (lambda: x.take(x), "take: indices must be ints, got float32: use .astype(np.int64)"),
        (
            lambda: x.take(x > 0),
            "take: indices must be ints, got bool: select by a mask with x[mask]",
        ),
        (
            lambda: x.masked_select(x),
            "masked_select: the mask must be bool, got float32: compare it, e.g. mask != 0",
        ),
        (lambda: tl.embedding(x, x), "embedding: indices must be ints, got float32: use"),
        (lambda: tl.one_hot(x, 3), "one_hot: indices must be ints, got float32: use"),
    ):
        with pytest.raises(tl.DtypeError) as caught:
            call()
        assert str(caught.value).startswith(text)
