"""`grad` and `value_and_grad`."""

from __future__ import annotations

from typing import Any

import pytest

import tensorlib as tl
from tests.leaves import leaf


def cubes(x: Any, factor: float = 1.0) -> Any:
    return (x * x.with_empty_tape() * x.with_empty_tape() * factor).sum()


def untyped(f: Any) -> Any:
    """Keep mypy from refusing what the run time is to refuse."""
    return f


def test_grad_is_the_gradient() -> None:
    x = leaf(1, 2)
    assert tl.grad(cubes)(x).tolist() == [3, 12]
    assert tl.grad(cubes)(x, factor=2.0).tolist() == [6, 24]
    assert not x.owns_tape


def test_value_and_grad_return_both() -> None:
    value, slope = tl.value_and_grad(cubes)(leaf(1, 2), 2.0)
    assert (value.item(), slope.tolist()) == (18, [6, 24])
    assert not value.owns_tape
    assert not slope.owns_tape


def test_gradients_of_gradients_are_refused() -> None:
    with pytest.raises(tl.TapeError, match="there are no gradients of gradients"):
        tl.grad(untyped(tl.grad(cubes)))(leaf(1, 2))


def test_a_result_that_does_not_depend_on_the_argument() -> None:
    other = leaf(1, 2)
    for f in (
        lambda x: tl.ones(()),
        lambda x: other.traced().sum(),
        lambda x: x.detach().sum(),
    ):
        with pytest.raises(tl.TapeError, match="does not depend on its argument"):
            tl.grad(untyped(f))(leaf(1, 2))


def test_only_scalars_have_a_gradient() -> None:
    with pytest.raises(tl.ShapeError, match="backward"):
        tl.grad(lambda x: x * 2)(leaf(1, 2))


def test_only_floats_have_a_gradient() -> None:
    with pytest.raises(tl.DtypeError, match="expected a floating dtype, got int64"):
        tl.grad(lambda x: x.sum())(tl.tensor([1, 2]))


def test_the_name_and_docstring_stay() -> None:
    assert tl.grad(cubes).__name__ == "cubes"
