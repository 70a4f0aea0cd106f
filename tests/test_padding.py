"""Padding, repeating and transposing: what NumPy says, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl


def t(*shape: int) -> Any:
    return tl.ones(shape)


WIDTHS = (0, 2, (1, 0), [2, 1], ((1, 2), (0, 1)), [(0, 2), (2, 2)], np.int64(1))


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("dtype", ["int64", "float32", "bool"])
def test_padding_is_numpys(mode: Any, width: Any, dtype: str) -> None:
    data = np.random.default_rng(0).integers(0, 9, (4, 3)).astype(dtype)
    x: Any = tl.tensor(data)
    y = x.pad(width, mode)
    assert y.dtype == dtype
    assert y.tolist() == np.pad(data, width, mode).tolist()
    filled = x.pad(width, value=1)
    assert filled.tolist() == np.pad(data, width, constant_values=1).tolist()


def test_a_scalar_has_nothing_to_pad() -> None:
    x: Any = tl.tensor(2.0)
    assert x.pad(3).tolist() == 2
    assert x.pad((), "reflect").tolist() == 2


def test_nothing_can_be_padded() -> None:
    assert t(0, 2).pad(((1, 2), (0, 0)), value=-1.5).tolist() == [[-1.5, -1.5]] * 3
    assert t(0, 2).pad(((0, 0), (1, 1)), "reflect").shape == (0, 4)


def test_transposed() -> None:
    x: Any = tl.tensor(np.arange(24.0).reshape(2, 3, 4))
    assert x.T.tolist() == x.numpy().T.tolist()
    assert x.mT.tolist() == x.numpy().mT.tolist()
    assert t(3).T.shape == (3,)
    assert t().T.shape == ()
    y = x.traced()
    assert y.T.owns_tape
    with pytest.raises(tl.TapeMovedError):
        _ = y.mT


def test_broadcast_like_reads_the_other_tensor() -> None:
    x, other = t(3), t(2, 3).traced()
    assert not x.broadcast_like(other).owns_tape
    assert other.owns_tape
    assert x.traced().broadcast_like(other).sum().backward()[x].tolist() == [2, 2, 2]


WRONG: tuple[tuple[Callable[[], Any], type[Exception], str], ...] = (
    (
        lambda: t(2).pad(1, "wrap"),
        ValueError,
        "pad: mode must be one of constant, reflect, edge, got 'wrap'",
    ),
    (
        lambda: t(2, 2).pad(((1, 1),)),
        tl.ShapeError,
        "pad: expected one width, a pair (before, after), or one pair for each axis, "
        "got ((1, 1),) for 2 axes",
    ),
    (
        lambda: t(2).pad((1, 1, 1)),
        tl.ShapeError,
        "pad: expected one width, a pair (before, after), or one pair for each axis, "
        "got (1, 1, 1) for 1 axes",
    ),
    (lambda: t(2).pad(1.5), TypeError, "pad: expected pad_width as an int, got 1.5"),
    (
        lambda: t(2).pad((1.5, 1)),
        TypeError,
        "pad: expected a pair of widths as a tuple of ints, got (1.5, 1)",
    ),
    (lambda: t(2).pad(1, value="0"), TypeError, "pad: expected a number, got str"),
    (
        lambda: tl.tensor([1, 2]).pad(1, value=0.5),
        tl.DtypeError,
        "pad: the value for a tensor of int64 must be an int, got 0.5: "
        "convert it with .astype(np.float32)",
    ),
    (lambda: t(2).repeat(1.5), TypeError, "repeat: expected repeats as an int, got 1.5"),
    (
        lambda: t(2).broadcast_like(np.ones(2)),
        TypeError,
        "broadcast_like: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        lambda: t(3).mT,
        tl.ShapeError,
        "matrix_transpose: expected at least 2 dimensions, got shape (3,)",
    ),
)


@pytest.mark.parametrize(("call", "kind", "text"), WRONG, ids=[text for *_, text in WRONG])
def test_what_is_refused(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text
