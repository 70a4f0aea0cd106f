"""The embedding layer against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn, optim


def pair(padding_idx: int | None) -> tuple[Any, Any]:
    """A layer of ours with the values of one of PyTorch's."""
    torch.manual_seed(1)
    theirs = torch.nn.Embedding(7, 3, padding_idx=padding_idx)
    ours: Any = nn.Embedding(7, 3, padding_idx)
    ours.weight.write(theirs.weight.detach().numpy().copy(), "test")
    return ours, theirs


@pytest.mark.parametrize("padding_idx", [None, 0, 3, -1])
@pytest.mark.parametrize("shape", [(), (5,), (2, 4), (2, 1, 3), (0,)])
def test_values_and_gradients_are_pytorchs(shape: tuple[int, ...], padding_idx: int | None) -> None:
    ours, theirs = pair(padding_idx)
    rng = np.random.default_rng(0)
    words = rng.integers(0, 7, shape)
    weights = rng.normal(size=(*shape, 3)).astype(np.float32)
    found = ours(tl.tensor(words).traced())
    wanted = theirs(torch.tensor(words))
    assert found.shape == (*shape, 3)
    np.testing.assert_array_equal(found.numpy(), wanted.detach().numpy())
    (wanted * torch.tensor(weights)).sum().backward()
    gradient = (found * tl.tensor(weights)).sum().backward()[ours.weight]
    np.testing.assert_allclose(gradient.numpy(), theirs.weight.grad.numpy(), rtol=1e-6, atol=1e-6)


def test_twenty_steps_are_pytorchs() -> None:
    ours, theirs = pair(2)
    mine, yours = optim.SGD(ours, lr=0.1), torch.optim.SGD(theirs.parameters(), lr=0.1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        words = rng.integers(0, 7, (4, 5))
        mine.update(ours, (ours(tl.tensor(words).traced()) ** 2).mean().backward())
        yours.zero_grad()
        (theirs(torch.tensor(words)) ** 2).mean().backward()
        yours.step()
    np.testing.assert_allclose(ours.weight.numpy(), theirs.weight.detach().numpy(), rtol=1e-5)


def test_the_vectors_are_drawn_from_the_standard_normal_distribution() -> None:
    layer = nn.Embedding(1000, 50, padding_idx=-1, rng=0)
    values = layer.weight.numpy()
    assert abs(values[:-1].mean()) < 0.01
    assert abs(values[:-1].std() - 1) < 0.01
    assert not values[-1].any()
    again = nn.Embedding(1000, 50, padding_idx=-1, rng=0)
    np.testing.assert_array_equal(again.weight.numpy(), values)
    again.reset_params(1)
    assert (again.weight.numpy()[:-1] != values[:-1]).any(axis=1).all()
    assert not again.weight.numpy()[-1].any()


def test_a_model_of_words() -> None:
    model = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2))
    assert model(tl.zeros((2, 3), np.int64)).shape == (2, 3, 2)
    assert repr(model[0]) == "Embedding(10, 4)"
    assert [path for path, _ in model.named_parameters()] == ["0.weight", "1.weight", "1.bias"]
    assert nn.Embedding(10, 4).output_shape((5,)) == (5, 4)


untyped: Any = nn.Embedding

WRONG: tuple[tuple[Callable[[], Any], type[Exception], str], ...] = (
    (
        lambda: untyped(10, 4)(tl.zeros((2,))),
        tl.DtypeError,
        "Embedding(10, 4): expected dtype int64, got float32: convert it with .astype(np.int64)",
    ),
    (
        lambda: untyped(10, 4)(tl.zeros((2,), np.int32)),
        tl.DtypeError,
        "Embedding(10, 4): expected dtype int64, got int32: convert it with .astype(np.int64)",
    ),
    (
        lambda: untyped(10, 4)(tl.tensor([3, 10])),
        tl.IndexOutOfRangeError,
        "Embedding(10, 4): index 10 at (1,) is out of range for 10 rows: use 0 to 9",
    ),
    (
        lambda: untyped(10, 4)(tl.tensor(-1)),
        tl.IndexOutOfRangeError,
        "Embedding(10, 4): index -1 is out of range for 10 rows: use 0 to 9",
    ),
    (
        lambda: untyped(10, 4)(np.zeros((2,))),
        TypeError,
        "Embedding(10, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
    (
        lambda: untyped(10, 4, 10),
        tl.IndexOutOfRangeError,
        "Embedding: padding_idx 10 is out of range for 10 rows",
    ),
    (
        lambda: untyped(0, 4),
        tl.ShapeError,
        "Embedding: num_embeddings must be positive, got 0",
    ),
    (lambda: untyped(10, 4.0), TypeError, "Embedding: sizes must be ints, got 4.0"),
    (lambda: untyped(10, 4, 1.5), TypeError, "Embedding: expected padding_idx as an int, got 1.5"),
)


@pytest.mark.parametrize(("call", "kind", "text"), WRONG, ids=[text for *_, text in WRONG])
def test_what_it_refuses(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text
