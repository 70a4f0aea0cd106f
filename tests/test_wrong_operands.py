"""What every op says about operands and arguments it cannot take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl


def t(*shape: int) -> Any:
    return tl.ones(shape)


WRONG_SHAPES: tuple[tuple[Callable[[], Any], str], ...] = (
    (
        lambda: t(2, 3) + t(4),
        "add: shapes must be equal, or one stretch to the other, got (2, 3) and (4,): "
        "3 is not 4 on axis -1",
    ),
    (
        lambda: t(3, 1) * t(1, 4),
        "multiply: shapes (3, 1) and (1, 4) would both be stretched, to (3, 4): "
        "make it explicit with broadcast_to or tl.broadcast_arrays(a, b)",
    ),
    (
        lambda: t(5, 1) - t(5),
        "subtract: shapes (5, 1) and (5,) would both be stretched, to (5, 5): "
        "make it explicit with broadcast_to or tl.broadcast_arrays(a, b)"
        "; try x1.squeeze(-1) or x2.expand_dims(-1)",
    ),
    (
        lambda: t(2, 3) / t(3, 3),
        "divide: shapes must be equal, or one stretch to the other, got (2, 3) and (3, 3): "
        "2 is not 3 on axis -2",
    ),
    (
        lambda: tl.maximum(t(2), t(3)),
        "maximum: shapes must be equal, or one stretch to the other, got (2,) and (3,): "
        "2 is not 3 on axis -1",
    ),
    (
        lambda: t(2) == t(3),
        "equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): "
        "2 is not 3 on axis -1",
    ),
    (
        lambda: t(64, 10) @ t(11, 4),
        "matmul: inner dimensions must be equal, got (64, 10) and (11, 4): 10 is not 11",
    ),
    (
        lambda: t(3) @ t(4),
        "matmul: inner dimensions must be equal, got (3,) and (4,): 3 is not 4",
    ),
    (
        lambda: t() @ t(4),
        "matmul: operands must have at least one dimension, got () and (4,): "
        "multiply by a scalar with *",
    ),
    (
        lambda: t(3) @ 2.0,
        "matmul: operands must have at least one dimension, got (3,) and (): "
        "multiply by a scalar with *",
    ),
    (
        lambda: t(2, 2, 3) @ t(4, 3, 2),
        "matmul: shapes must be equal, or one stretch to the other, got (2,) and (4,): "
        "2 is not 4 on axis -1",
    ),
    (lambda: tl.linear(t(5, 3), t(2, 4)), "linear: expected last dimension 4, got 3"),
    (lambda: tl.linear(t(), t(2, 4)), "linear: expected last dimension 4, got a scalar"),
    (lambda: tl.linear(t(3), t(3)), "linear: expected a weight of shape (O, I), got (3,)"),
    (
        lambda: tl.linear(t(5, 3), t(2, 3), t(3)),
        "linear: expected a bias of shape (2,), got (3,)",
    ),
    (
        lambda: tl.linear(t(5, 3), t(2, 3), t(5, 2)),
        "linear: expected a bias of shape (2,), got (5, 2)",
    ),
    (lambda: t(2, 3).sum(2), "sum: axis 2 is out of range for shape (2, 3): use -2 to 1"),
    (lambda: t().mean(0), "mean: axis 0 is out of range for shape (): a scalar has no axes"),
    (lambda: t(2, 3).max((0, -2)), "max: axes must differ, got (0, -2) for shape (2, 3)"),
    (lambda: t(2, 0).max(1), "max: there are no elements to choose from in shape (2, 0)"),
    (lambda: t(0).argmin(), "argmin: there are no elements to choose from in shape (0,)"),
    (lambda: t(2, 3).softmax(5), "softmax: axis 5 is out of range for shape (2, 3): use -2 to 1"),
    (
        lambda: t(2, 3).reshape((4,)),
        "reshape: the number of elements must stay, got (2, 3) and (4,): 6 is not 4"
        "; try x.reshape((-1,))",
    ),
    (
        lambda: t(2, 3).reshape((4, -1)),
        "reshape: the number of elements must stay, got (2, 3) and (4, -1): "
        "6 is not a multiple of 4",
    ),
    (lambda: t(6).reshape((-1, -1)), "reshape: only one dimension may be -1, got (-1, -1)"),
    (
        lambda: t(6).reshape((-2, 3)),
        "reshape: dimensions must not be negative, got (-2, 3); try x.reshape((-1, 3))",
    ),
    (
        lambda: t(0).reshape((0, -1)),
        "reshape: the number of elements must stay, got (0,) and (0, -1): "
        "-1 is not determined beside a dimension of 0",
    ),
    (lambda: t(2, 3).flatten(2), "flatten: axis 2 is out of range for shape (2, 3): use -2 to 1"),
    (
        lambda: t(2, 3).flatten(1, 0),
        "flatten: the start axis must not lie behind the end axis, got 1 and 0",
    ),
    (
        lambda: t(2, 3).permute((0,)),
        "permute: expected one axis for each of 2 dimensions, got (0,) for shape (2, 3)",
    ),
    (
        lambda: t(2, 3).permute((0, 0)),
        "permute: axes must differ, got (0, 0) for shape (2, 3)",
    ),
    (lambda: t(3).transpose(), "transpose: axis -2 is out of range for shape (3,): use -1 to 0"),
    (
        lambda: t(2, 3).broadcast_to((3,)),
        "broadcast_to: shape (2, 3) has more dimensions than (3,)",
    ),
    (
        lambda: t(2, 3).broadcast_to((2, 4)),
        "broadcast_to: shape (2, 3) cannot be stretched to (2, 4): 3 is not 4 on axis -1",
    ),
    (
        lambda: t(3).broadcast_to((-1, 3)),
        "broadcast_to: dimensions must not be negative, got (-1, 3)",
    ),
    (
        lambda: tl.broadcast_arrays(t(2, 3), t(4)),
        "broadcast_arrays: shapes must be equal where neither is 1, got (2, 3) and (4,)",
    ),
    (lambda: t(2, 3)[2], "getitem: index 2 is out of range for axis 0 of shape (2, 3)"),
    (lambda: t(2, 3)[..., -4], "getitem: index -4 is out of range for axis -1 of shape (2, 3)"),
    (lambda: t(2, 3)[0, 0, 0], "getitem: an index of 3 items is too long for shape (2, 3)"),
    (lambda: t(2, 3)[..., ...], "getitem: only one ... may stand in an index"),
    (lambda: t(2, 3)[::0], "getitem: a slice step must not be 0"),
    (
        lambda: t(2, 3).expect_shape((2, 4)),
        "expect_shape: expected shape (2, 4), got (2, 3): axis 1 is 3, not 4",
    ),
    (
        lambda: t(2, 3).expect_shape((6,)),
        "expect_shape: expected shape (6,), got (2, 3): 2 dimensions, not 1",
    ),
)


@pytest.mark.parametrize(("call", "text"), WRONG_SHAPES, ids=[text for _, text in WRONG_SHAPES])
def test_wrong_shapes(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(tl.ShapeError) as caught:
        call()
    assert str(caught.value) == text
    assert isinstance(caught.value, IndexError) == ("out of range" in text or "too long" in text)


untyped: Any = tl

WRONG_TYPES: tuple[tuple[Callable[[], Any], str], ...] = (
    (lambda: untyped.exp(2.0), "exp: expected a tensor, got float"),
    (
        lambda: untyped.sum(np.ones(3)),
        "sum: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        lambda: untyped.add([1.0], t(1)),
        "add: expected a tensor, got list: wrap it with tl.tensor(...)",
    ),
    (
        lambda: untyped.broadcast_arrays(t(1), np.ones(1)),
        "broadcast_arrays: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (lambda: t(3) + None, "add: expected a tensor, got NoneType"),
    (lambda: t(3) * "2", "multiply: expected a tensor, got str"),
    (lambda: t(3) * 2j, "multiply: expected a tensor, got complex"),
    (lambda: t(3) * np.timedelta64(2, "s"), "multiply: expected a tensor, got timedelta64"),
    (lambda: t(6).reshape(6), "reshape: expected a shape as a tuple of ints, got 6: write (6,)"),
    (
        lambda: t(6).reshape((2.0, 3.0)),
        "reshape: expected a shape as a tuple of ints, got (2.0, 3.0)",
    ),
    (
        lambda: t(2, 3).permute((0.0, 1)),
        "permute: expected axes as a tuple of ints, got (0.0, 1)",
    ),
    (lambda: t(3).sum(1.5), "sum: expected an axis as an int, got 1.5"),
    (lambda: t(3).softmax("last"), "softmax: expected an axis as an int, got 'last'"),
    (lambda: t(3).clip("a"), "clip: expected a number, got str"),
    (
        lambda: t(3)[1.5],
        "getitem: an index is made of ints, slices, None, ... and tensors, got float",
    ),
    (
        lambda: t(3)[True],
        "getitem: an index is made of ints, slices, None, ... and tensors, got bool",
    ),
    (
        lambda: t(3)[np.array([0, 1])],
        "getitem: an index is made of ints, slices, None, ... and tensors, got ndarray: "
        "wrap it with tl.tensor(...)",
    ),
    (
        lambda: t(3)[t(3)],
        "getitem: an index tensor must be of ints or bools, got float32: use .astype(np.int64)",
    ),
    (lambda: t(3)[0.5:2], "getitem: a slice is made of ints and None, got float"),
)


@pytest.mark.parametrize(("call", "text"), WRONG_TYPES, ids=[text for _, text in WRONG_TYPES])
def test_wrong_types(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text


def test_clip_needs_a_limit() -> None:
    with pytest.raises(ValueError, match=r"^clip: at least one of min and max must be given$"):
        t(3).clip()
