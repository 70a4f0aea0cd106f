"""A tensor among Python's and NumPy's objects: views, operators, copies, printing."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn


def leaf(*values: float) -> Any:
    return tl.tensor(list(values), np.float32)


# Reading -----------------------------------------------------------------------------------------


def test_attributes() -> None:
    x: Any = tl.zeros((2, 3), np.float64)
    assert x.shape == (2, 3)
    assert (x.ndim, x.size, x.dtype) == (2, 6, np.float64)
    assert x.owns_tape is False


def test_numpy_is_a_read_only_view() -> None:
    x = leaf(1, 2)
    view = x.numpy()
    assert not view.flags.writeable
    with pytest.raises(ValueError, match=r"read-only"):
        view[0] = 5
    assert np.shares_memory(view, x.numpy())
    assert leaf(1, 2).traced().exp().numpy().flags.writeable is False
    assert tl.tensor(2.0).numpy().shape == ()


def test_a_tensor_is_immutable() -> None:
    x = leaf(1, 2)
    with pytest.raises(TypeError, match=r"^setitem: tensors are immutable"):
        x[0] = 5
    with pytest.raises(AttributeError):
        x.shape = (1, 2)
    with pytest.raises(AttributeError):
        x.extra = 1


def test_asarray_reads() -> None:
    x = leaf(1, 2).traced()
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.asarray(x).flags.writeable
    assert np.array(x).flags.writeable
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.shares_memory(np.asarray(x, copy=False), x.numpy())
    with pytest.raises(ValueError, match=r"[Uu]nable to avoid copy"):
        np.asarray(x, np.float64, copy=False)
    assert x.owns_tape


def test_one_element() -> None:
    for x in (tl.tensor(2.5), tl.tensor([[2.5]]), tl.tensor(2.5).traced()):
        y: Any = x
        assert y.item() == float(y) == 2.5
        assert int(y) == 2
        assert bool(y)
        assert type(y.item()) is float
    assert not tl.tensor(0)
    assert math.sqrt(tl.tensor(4.0)) == 2.0


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (bool, "bool: expected one element, got shape (2,): use .any() or .all() on .numpy()"),
        (float, "float: expected one element, got shape (2,)"),
        (int, "int: expected one element, got shape (2,)"),
        (lambda x: x.item(), "item: expected one element, got shape (2,)"),
    ],
)
def test_many_elements_are_no_number(read: Callable[[Any], Any], text: str) -> None:
    with pytest.raises(ValueError, match=r"expected one element") as caught:
        read(leaf(1, 2))
    assert str(caught.value) == text


def test_length_and_iteration() -> None:
    x: Any = tl.tensor([[1, 2], [3, 4], [5, 6]])
    assert len(x) == 3
    assert [row.tolist() for row in x] == [[1, 2], [3, 4], [5, 6]]
    first, *rest = x
    assert first.tolist() == [1, 2]
    assert len(rest) == 2
    assert list(tl.zeros((0, 2))) == []
    scalar: Any = tl.tensor(1.0)
    with pytest.raises(TypeError, match=r"^len: a scalar has no length$"):
        len(scalar)
    for call in (iter, list):
        with pytest.raises(tl.ShapeError, match=r"^iter: a scalar has no items$"):
            call(scalar)


def test_tolist() -> None:
    assert tl.tensor([[True], [False]]).tolist() == [[True], [False]]
    assert tl.tensor(3).tolist() == 3


def test_hash_is_by_identity() -> None:
    x, y = leaf(1), leaf(1)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1
    assert hash(x) != hash(x.with_empty_tape().traced())
    assert x in [y, x]


def test_comparison_gives_a_tensor() -> None:
    x = leaf(1, 2, 3)
    assert (x == 2).tolist() == [False, True, False]
    assert (x != leaf(1, 0, 3)).tolist() == [False, True, False]
    assert operator.lt(2, x).tolist() == [False, False, True]
    assert (x == 2).dtype == bool


def test_repr() -> None:
    x = leaf(1, 2)
    assert repr(x) == "tensor([1., 2.], shape=(2,), dtype=float32)"
    taped = x.traced()
    assert repr(taped) == "tensor([1., 2.], shape=(2,), dtype=float32, tape)"
    taped.exp()
    assert repr(taped) == "tensor([1., 2.], shape=(2,), dtype=float32, tape moved)"
    assert repr(tl.tensor([[1], [2]])) == ("tensor([[1],\n        [2]], shape=(2, 1), dtype=int64)")
    assert repr(tl.tensor(True)) == "tensor(True, shape=(), dtype=bool)"
    assert len(repr(tl.zeros((1000, 1000)))) < 1000


def add_in_place(array: Any, x: Any) -> None:
    array += x


# NumPy -------------------------------------------------------------------------------------------

SCALARS: tuple[Any, ...] = (
    2, 2.0, True, np.float16(2), np.float32(2), np.float64(2), np.int64(2), np.uint8(2), np.True_,
)  # fmt: skip


@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
@pytest.mark.parametrize(
    "op",
    [
        operator.add, operator.sub, operator.mul, operator.truediv, operator.lt, operator.le,
        operator.gt, operator.ge, operator.eq, operator.ne,
    ],
)  # fmt: skip
def test_scalars_on_either_side(op: Callable[[Any, Any], Any], scalar: Any) -> None:
    x = leaf(1, 2, 4)
    number, array = np.float32(scalar), x.numpy()
    for y, expected in (
        (op(scalar, x), op(number, array)),
        (op(x, scalar), op(array, number)),
    ):
        assert type(y) is tl.Tensor
        assert y.tolist() == expected.tolist()


def test_a_numpy_scalar_on_the_left_keeps_the_gradient() -> None:
    x = leaf(1, 2)
    y = np.float64(3) * x.traced()
    assert y.dtype == np.float32
    assert (np.int64(1) - y).sum().backward()[x].tolist() == [-3, -3]


@pytest.mark.parametrize(
    ("function", "ours"),
    [
        (np.exp, "exp"), (np.log, "log"), (np.sqrt, "sqrt"), (np.tanh, "tanh"), (np.sin, "sin"),
        (np.cos, "cos"), (np.square, "square"), (np.absolute, "abs"), (np.negative, "neg"),
    ],
)  # fmt: skip
def test_numpys_functions_are_refused(function: Any, ours: str) -> None:
    x = leaf(1, 2).traced()
    with pytest.raises(TypeError) as caught:
        function(x)
    assert str(caught.value) == (
        f"np.{function.__name__}: NumPy's functions record no gradient: "
        f"use tl.{ours}(...), or x.numpy() to leave the tape"
    )
    assert getattr(tl, ours)
    assert x.owns_tape


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.add(x, x), "np.add: NumPy's functions record no gradient: use tl.add(...)"),
        (lambda x: np.maximum(x, 0), "np.maximum: .* use tl.maximum"),
        (lambda x: np.cbrt(x), r"np.cbrt: .* gradient: use x.numpy\(\) to leave the tape$"),
        (lambda x: np.power(x, 2.0), "np.power: .* use tl.pow"),
        (lambda x: np.add.reduce(x), "np.add: .* use tl.add"),
        (lambda x: np.multiply(2.0, x, out=np.ones(2)), "np.multiply: .* use tl.multiply"),
        (lambda x: add_in_place(np.ones(2), x), "np.add: .* use tl.add"),
    ],
)
def test_other_ways_into_numpy_are_refused(call: Callable[[Any], Any], text: str) -> None:
    with pytest.raises(TypeError, match=r"^" + text.replace("(...)", r"\(\.\.\.\)")):
        call(leaf(1, 2))


@pytest.mark.parametrize(
    ("op", "name"),
    [
        (operator.add, "add"), (operator.sub, "subtract"), (operator.mul, "multiply"),
        (operator.truediv, "divide"), (operator.matmul, "matmul"), (operator.lt, "less"),
        (operator.eq, "equal"),
    ],
)  # fmt: skip
def test_arrays_must_be_wrapped(op: Callable[[Any, Any], Any], name: str) -> None:
    x = leaf(1, 2).traced()
    array, values = np.ones(2, np.float32), [1.0, 2.0]
    for a, b in ((x, array), (array, x), (x, values), (x, tuple(values))):
        with pytest.raises(TypeError) as caught:
            op(a, b)
        kind = type(a if b is x else b).__name__
        assert str(caught.value) == (
            f"{name}: expected a tensor, got {kind}: wrap it with tl.tensor(...)"
        )
    assert x.owns_tape


def test_lists_on_the_left_must_be_wrapped_too() -> None:
    with pytest.raises(TypeError, match=r"^subtract: expected a tensor, got list: wrap it"):
        [1.0, 2.0] - leaf(1, 2)


def test_scalar_arrays_must_be_wrapped_too() -> None:
    with pytest.raises(TypeError, match=r"^multiply: expected a tensor, got ndarray"):
        np.array(2.0) * leaf(1, 2)


# Copies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), lambda x: x.copy()],
)
def test_copies_have_new_ids(duplicate: Callable[[Any], Any]) -> None:
    x: Any = tl.tensor([[1, 2], [3, 4]])
    y = duplicate(x)
    assert type(y) is tl.Tensor
    assert y.id != x.id
    assert y.tolist() == x.tolist()
    assert y.dtype == x.dtype


def test_copies_are_constants() -> None:
    x = leaf(1, 2)
    x.traced()
    for duplicate in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.copy()):
        assert duplicate not in (leaf(1, 1).traced() * duplicate).sum().backward()


def test_copies_of_parameters_are_other_parameters() -> None:
    p = nn.Parameter(leaf(1, 2))
    q = copy.deepcopy(p)
    assert type(q) is nn.Parameter
    assert q.id != p.id
    q.write(np.zeros(2, np.float32), "test")
    assert p.tolist() == [1, 2]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_tape_is_not_copied(duplicate: Callable[[Any], Any]) -> None:
    x = leaf(1, 2).traced()
    with pytest.raises(tl.TapeError) as caught:
        duplicate(x)
    assert str(caught.value) == (
        "pickle: this tensor owns a gradient tape, which cannot be copied: use x.detach() first"
    )
    assert duplicate(x.detach()) is not None
    x.exp()
    assert duplicate(x) is not None  # the tape is elsewhere now


def test_bools_have_operators() -> None:
    a: Any = tl.tensor([True, True, False, False])
    b: Any = tl.tensor([True, False, True, False])
    assert (a & b).tolist() == [True, False, False, False]
    assert (a | b).tolist() == [True, True, True, False]
    assert (a ^ b).tolist() == [False, True, True, False]
    assert (~a).tolist() == [False, False, True, True]
    assert (True & b).tolist() == (b | False).tolist() == b.tolist()


@pytest.mark.parametrize("f", [lambda x: x & x, lambda x: x | True, lambda x: ~x, lambda x: 1 ^ x])
@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_only_bools_have_these_operators(f: Any, dtype: Any) -> None:
    with pytest.raises(tl.DtypeError, match=r"expected bools, got .*: use tl\.logical_"):
        f(tl.ones((2,), dtype))
