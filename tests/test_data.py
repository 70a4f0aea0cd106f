"""Batches, parts, loaders, reading ahead, and going on in the middle of an epoch."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import data
from tensorlib.data import Order


def numbers(n: int) -> Any:
    return tl.arange(n)


# Order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "size", "drop_last", "expected"),
    [
        (5, 2, True, [[0, 1], [2, 3]]),
        (5, 2, False, [[0, 1], [2, 3], [4]]),
        (4, 2, False, [[0, 1], [2, 3]]),
        (1, 3, True, []),
        (0, 3, False, []),
    ],
)
def test_in_order(items: int, size: int, drop_last: bool, expected: list[list[int]]) -> None:
    order = Order(items, size, drop_last=drop_last)
    for _ in range(2):
        assert [indices.tolist() for indices in order] == expected
    assert len(order) == len(expected)


def test_shuffled_epochs_have_each_item_once_and_differ() -> None:
    order = Order(50, 10, shuffle=True, rng=0)
    first, second = (np.concatenate(list(order)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(50))
    assert first.tolist() != second.tolist()
    again = Order(50, 10, shuffle=True, rng=0)
    assert np.concatenate(list(again)).tolist() == first.tolist()


@pytest.mark.parametrize("taken", range(13))
def test_a_state_goes_on_where_it_was(taken: int) -> None:
    """Also before the first batch, between epochs, and when read back from JSON."""

    def endless(order: Order) -> Iterator[Any]:
        while True:
            yield from order

    def fresh(seed: int) -> Order:
        return Order(11, 3, shuffle=True, drop_last=False, rng=seed)

    order = fresh(0)
    batches = endless(order)
    for _ in range(taken):
        next(batches)
    state = json.loads(json.dumps(order.state()))
    other = fresh(1)
    other.load_state(state)
    rest = endless(other)
    for _ in range(9):
        assert next(rest).tolist() == next(batches).tolist()
    assert other.epoch == order.epoch


def test_a_loop_left_early_begins_a_new_epoch() -> None:
    order = Order(6, 2)
    for _ in order:
        break
    assert (order.epoch, order.position) == (0, 1)
    assert [indices.tolist() for indices in order] == [[0, 1], [2, 3], [4, 5]]
    assert order.epoch == 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"items": 7}, "the state is of data with items 7, this has items 6"),
        ({"batch_size": 3}, "the state is of data with batch_size 3, this has batch_size 2"),
        ({"position": 9}, "there is no batch 9 among 3"),
        ({"position": -1}, "there is no batch -1 among 3"),
        ({"epoch": "x"}, "expected the number of an epoch, got 'x'"),
        ({"generator": {}}, "the generator of the data cannot be restored"),
        ({"generator": {"bit_generator": "MT19937"}}, "the generator of the data cannot be"),
    ],
)
def test_states_that_do_not_fit_change_nothing(change: dict[str, Any], text: str) -> None:
    order = Order(6, 2, shuffle=True, rng=0)
    before = order.state()
    with pytest.raises(tl.CheckpointError, match=text):
        order.load_state({**order.state(), **change})
    assert order.state() == before


def test_a_state_must_be_whole() -> None:
    order = Order(6, 2)
    with pytest.raises(tl.CheckpointError, match="lacks epoch, generator"):
        order.load_state({"items": 6, "batch_size": 2, "position": 0})


# Batches ------------------------------------------------------------------------------------------


def test_the_size_of_a_batch_by_place_or_by_name() -> None:
    x, y = tl.ones((5, 3)), tl.arange(5)
    by_name = tl.data.batches(x, y, batch_size=2)
    by_place = tl.data.batches(x, y, 2)
    assert [b.tolist() for _, b in by_place] == [b.tolist() for _, b in by_name]
    untyped = cast(Any, tl.data.batches)
    for operands in ((x, y), ()):
        with pytest.raises(TypeError, match=r"^batches: expected batch_size as an int"):
            untyped(*operands)


def test_batches_keep_items_together() -> None:
    x = numbers(10).reshape((10, 1)) * 2
    for a, b in data.batches(x, numbers(10), batch_size=3, shuffle=True, rng=0):
        assert a.shape == (len(b), 1)
        assert a.flatten().tolist() == (b * 2).tolist()
        assert a.dtype == b.dtype == np.int64
        assert not a.owns_tape


def test_batches_in_order_share_memory() -> None:
    x = tl.zeros((6, 2))
    for (batch,) in data.batches(x, batch_size=2):
        assert np.shares_memory(batch.numpy(), x.numpy())


def test_batches_of_a_taped_tensor_are_constants() -> None:
    x: Any = tl.zeros((6, 2)).traced()
    assert not any(batch.owns_tape for (batch,) in data.batches(x, batch_size=2))
    assert x.owns_tape


def test_batches_take_tensors_only() -> None:
    x: Any = np.zeros((3, 2))
    with pytest.raises(TypeError, match=r"batches: expected a tensor, got ndarray: wrap it with"):
        data.batches(x, batch_size=1)
    size: Any = 2.0
    with pytest.raises(TypeError, match=r"batches: expected batch_size as an int, got 2\.0"):
        data.batches(tl.zeros((3,)), batch_size=size)


# Parts --------------------------------------------------------------------------------------------


def test_parts_have_each_item_once() -> None:
    x = numbers(10)
    (a, b), (c, d) = data.random_split(x, x * 3, sizes=(7, 3), rng=0)
    assert sorted(a.tolist() + c.tolist()) == list(range(10))
    assert (a * 3).tolist() == b.tolist()
    assert (c * 3).tolist() == d.tolist()
    assert a.tolist() != list(range(7))
    (e, _), _ = data.random_split(x, x * 3, sizes=(7, 3), rng=0)
    assert e.tolist() == a.tolist()


# Loaders ------------------------------------------------------------------------------------------


class Squares:
    """A dataset of a user's own."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Any:
        return tl.full((2,), float(index**2)), tl.tensor(index)


def test_a_loader_collates() -> None:
    loader = data.Loader(Squares(), 2, collate=data.stacked_pairs)
    batches = list(loader)
    assert [(x.shape, y.tolist()) for x, y in batches] == [
        ((2, 2), [0, 1]),
        ((2, 2), [2, 3]),
        ((1, 2), [4]),
    ]
    assert batches[1][0].tolist() == [[4, 4], [9, 9]]
    assert len(loader) == 3


def test_a_loader_goes_on() -> None:
    def fresh(seed: int) -> data.Loader[str]:
        return data.Loader(["a", "b", "c", "d"], 1, collate="".join, shuffle=True, rng=seed)

    loader, other = fresh(0), fresh(1)
    batches = iter(loader)
    next(batches)
    other.load_state(loader.state())
    assert list(other) == list(batches)


def test_mapped_items() -> None:
    doubled = data.Mapped([1, 2, 3], lambda x: x * 2.5)
    assert [doubled[i] for i in range(len(doubled))] == [2.5, 5, 7.5]


def test_pairs_of_nothing() -> None:
    with pytest.raises(tl.ShapeError, match="stack: expected at least one tensor"):
        data.stacked_pairs([])


@pytest.mark.parametrize(
    "make", [lambda size: Order(3, size), lambda size: data.Loader([1], size, collate=sum)]
)
def test_sizes_of_batches_are_ints(make: Any) -> None:
    with pytest.raises(TypeError, match=r"expected batch_size as an int, got 1\.5"):
        make(1.5)
    with pytest.raises(tl.ShapeError, match="batch_size must be positive, got 0"):
        make(0)


def test_a_loader_of_no_batch_size() -> None:
    with pytest.raises(tl.ShapeError, match="Loader: batch_size must be positive, got 0"):
        data.Loader([1], 0, collate=sum)


# Reading ahead ------------------------------------------------------------------------------------


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tensorlib-prefetch"]


def test_reading_ahead_keeps_the_order() -> None:
    assert list(data.prefetch(range(100), depth=3)) == list(range(100))
    assert not readers()


def test_reading_ahead_is_ahead_by_its_depth() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for i in range(10):
            made.append(i)
            yield i

    batches = data.prefetch(source(), depth=2)
    assert not made
    assert next(batches) == 0
    for _ in range(100):
        if len(made) == 4:
            break
        time.sleep(0.01)
    assert made == [0, 1, 2, 3]  # one is used, two wait, one cannot be put down
    assert list(batches) == list(range(1, 10))


def test_errors_come_where_the_batch_is_asked_for() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise KeyError("no such file")

    batches = data.prefetch(source())
    assert next(batches) == 1
    with pytest.raises(KeyError, match="no such file"):
        next(batches)
    assert not readers()


def test_a_loop_left_early_ends_the_thread() -> None:
    def source() -> Iterator[int]:
        while True:
            yield 1

    for _ in data.prefetch(source()):
        break
    for _ in range(100):
        if not readers():
            break
        time.sleep(0.01)
    assert not readers()


def test_the_depth_is_positive() -> None:
    with pytest.raises(ValueError, match="prefetch: depth must be positive, got 0"):
        data.prefetch([1], depth=0)
