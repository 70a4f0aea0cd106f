"""The helpers for users' tests find what they are for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.registry import Rule
from tensorlib.testing import assert_close, check_grads


def op(vjp: Any) -> Any:
    """A cube whose derivative may be wrong."""
    return Primitive(Rule("cube", lambda x: x), lambda x: x * x * x, vjp)


def test_check_grads_accepts_right_gradients() -> None:
    check_grads(op(lambda g, x: g * 3 * x * x), tl.randn((2, 3), rng=1), rng=2)
    check_grads(lambda x, y: (x @ y).tanh().mean(), [[1.0, 2.0]], [[0.5], [0.25]], rng=3)
    check_grads(lambda x, count: x * count, [1.5, 2.5], [2, 3], rng=4)
    check_grads(lambda x: x.sum(), tl.tensor(2.0), rng=5)
    check_grads(tl.broadcast_arrays, [[1.0], [2.0]], [3.0, 4.0], rng=6)


@pytest.mark.parametrize(
    ("vjp", "element"),
    [
        (lambda g, x: g * 2 * x * x, (0, 0)),
        (lambda g: g, (0, 0)),
        (lambda g, x: np.where(x == 4, 0, g * 3 * x * x), (1, 1)),
    ],
)
def test_check_grads_finds_a_wrong_vjp(vjp: Any, element: tuple[int, ...]) -> None:
    with pytest.raises(AssertionError) as caught:
        check_grads(lambda x, y: x * op(vjp)(y), [[2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]], rng=1)
    text = str(caught.value)
    assert text.startswith(
        f"check_grads: operand 1 of shape (2, 2), element {element}: the gradient is "
    )
    assert "finite differences give " in text


def test_check_grads_finds_a_constant_gradient_under_a_sum() -> None:
    """With a cotangent of ones a softmax has no gradient at all, right or wrong."""
    wrong = Primitive(
        Rule("softmax_", lambda x: x),
        lambda x: np.exp(x) / np.exp(x).sum(),
        lambda g: np.zeros_like(g),
    )
    check_grads(lambda x: wrong(x).sum(), [0.5, 1.5, 2.5], rng=1)
    with pytest.raises(AssertionError, match=r"operand 0"):
        check_grads(wrong, [0.5, 1.5, 2.5], rng=1)


def test_check_grads_finds_a_dropped_gradient() -> None:
    with pytest.raises(AssertionError, match=r"operand 1 of shape"):
        check_grads(lambda x, y: x * y.detach(), [1.0], [2.0], rng=1)
    with pytest.raises(AssertionError, match=r"no result owns a tape"):
        check_grads(lambda x: x.detach(), [1.0])


def test_check_grads_leaves_its_operands_alone() -> None:
    x: Any = tl.tensor([1.0, 2.0], np.float64)
    check_grads(lambda x: x * x.with_empty_tape(), x, rng=1)
    assert x.tolist() == [1.0, 2.0]
    assert not x.owns_tape


def test_assert_close_accepts() -> None:
    x: Any = tl.tensor([1.0, 2.0])
    assert_close(x, x)
    assert_close(x.traced(), [1.0, 2.0])
    assert_close(x, np.array([1.000001, 2], np.float32))
    assert_close(x, np.array([1.0, 2.0]), check_dtype=False)
    assert_close(x, [1.1, 2.1], rtol=0, atol=0.2)
    assert_close(tl.tensor([np.nan]), [np.nan], equal_nan=True)
    assert_close([1, 2], tl.tensor([1, 2]))
    assert_close(tl.tensor([np.inf]), [np.inf])
    assert_close(tl.zeros((0, 3)), tl.zeros((0, 3)))


@pytest.mark.parametrize(
    ("actual", "expected", "text"),
    [
        ([1.0], [[1.0]], "shapes (1,) and (1, 1) differ"),
        ([1.0], [1], "dtypes float32 and int64 differ"),
        ([1, 2], [1, 3], "1 of 2 elements differ, most at (1,): 2 is not 3 (rtol 0.0, atol 0.0)"),
        (
            [[1.0, 2.0], [3.0, 4.0]],
            [[1.0, 2.5], [5.0, 4.0]],
            "2 of 4 elements differ, most at (1, 0): 3.0 is not 5.0 (rtol 1.3e-06, atol 1e-05)",
        ),
        (2.0, 3.0, "1 of 1 elements differ, most at (): 2.0 is not 3.0 (rtol 1.3e-06, atol 1e-05)"),
        (np.nan, np.nan, "1 of 1 elements differ, most at (): nan is not nan "),
    ],
)
def test_assert_close_refuses(actual: Any, expected: Any, text: str) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_close(actual, expected)
    assert str(caught.value).startswith(f"assert_close: {text}")


def test_assert_close_wants_both_tolerances() -> None:
    with pytest.raises(ValueError, match=r"give both rtol and atol, or neither"):
        assert_close([1.0], [1.0], rtol=0.1)
