"""PReLU against PyTorch's, and dropout of one in n."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.shapes.dim import UNKNOWN, symbol
from tensorlib.shapes.shape import UNKNOWN_DIMS, Pack


def numbers_of(tensor: Any) -> Any:
    return tensor.detach().numpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("parameters", "shape"),
    [(1, (4,)), (1, (2, 3)), (3, (2, 3)), (3, (2, 3, 5)), (3, (2, 3, 4, 5)), (1, ())],
)
def test_prelu_is_pytorchs(parameters: int, shape: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(0)
    values, g = rng.normal(size=(2, *shape)).astype(dtype)
    theirs: Any = torch.nn.PReLU(parameters, dtype=getattr(torch, dtype))
    x = torch.tensor(values, requires_grad=True)
    y = theirs(x)
    y.backward(torch.tensor(g))
    ours: Any = nn.PReLU(parameters)
    assert ours.weight.tolist() == theirs.weight.tolist()
    if dtype == "float64":
        ours.weight = nn.Parameter(ours.weight.astype(np.float64))
    operand: Any = tl.tensor(values)
    result = ours(operand.traced())
    gradients = (result * tl.tensor(g)).sum().backward()
    rtol = 1e-5 if dtype == "float32" else 1e-10
    for found, expected in (
        (result, y),
        (gradients[operand], x.grad),
        (gradients[ours.weight], theirs.weight.grad),
    ):
        assert found.dtype == dtype
        np.testing.assert_allclose(found.numpy(), numbers_of(expected), rtol, 1e-7)


def test_prelu_starts_from_init() -> None:
    layer = nn.PReLU(3, init=0.5)
    assert layer.weight.tolist() == [0.5] * 3
    layer.weight.write(np.zeros(3), "test")
    layer.reset_params(rng=0)
    assert layer.weight.tolist() == [0.5] * 3
    assert [path for path, _ in layer.named_parameters()] == ["weight"]
    assert repr(layer) == "PReLU(3)"
    assert repr(nn.PReLU()) == "PReLU(1)"


def test_prelu_refuses_other_channels() -> None:
    layer: Any = nn.PReLU(3)
    traced = tl.zeros((2, 4)).traced()
    for x, problem in (
        (traced, "got shape (2, 4): 4 is not 3"),
        (tl.zeros((3,)), "got shape (3,)"),
    ):
        with pytest.raises(tl.ShapeError) as caught:
            layer(x)
        assert str(caught.value) == f"PReLU(3): expected 3 channels on axis 1, {problem}"
    assert traced.owns_tape
    for size in (0, -1):
        with pytest.raises(tl.ShapeError) as caught:
            nn.PReLU(size)
        assert str(caught.value) == f"PReLU: num_parameters must be positive, got {size}"
    wrong: Any = 2.5
    with pytest.raises(TypeError, match=r"^PReLU: sizes must be ints, got 2\.5$"):
        nn.PReLU(wrong)


def test_prelu_tells_its_output_shape() -> None:
    n = symbol("N")
    assert nn.PReLU(3).output_shape((n, 3, n + 1)) == (n, 3, n + 1)
    assert nn.PReLU().output_shape((Pack("Batch"), n)) == (Pack("Batch"), n)
    with pytest.raises(tl.ShapeError):
        nn.PReLU(3).output_shape((n, n + 3))
    for unknown in ((UNKNOWN_DIMS,), (n, UNKNOWN), (Pack("Batch"), n)):
        assert nn.PReLU(3).output_shape(unknown) == unknown


def test_prelu_in_a_chain() -> None:
    model: Any = nn.Sequential(nn.Linear(4, 3, rng=0), nn.PReLU(3))
    assert model(tl.zeros((8, 4))).shape == (8, 3)
    wrong: Any = nn.Sequential(nn.Linear(4, 3, rng=0), nn.PReLU(5))
    with pytest.raises(tl.ShapeError, match=r"^Sequential\[1\] PReLU\(5\): expected 5 channels"):
        wrong(tl.zeros((8, 4)))


def test_dropout_of_one_in_n() -> None:
    layer = nn.DropoutOneIn(4, rng=0)
    assert layer.p == 0.25
    assert repr(layer) == "DropoutOneIn(4)"
    x = tl.ones((100, 100))
    assert layer(x) is x
    y = layer(x.traced()).numpy()
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert nn.DropoutOneIn(1, active=True)(x).numpy().max() == 0
    assert layer.with_active(True)(x).numpy().min() == 0


def test_dropout_takes_a_count() -> None:
    with pytest.raises(ValueError, match=r"^DropoutOneIn: n must be positive, got 0$"):
        nn.DropoutOneIn(0)
    wrong: Any = 0.5
    with pytest.raises(TypeError, match=r"^DropoutOneIn: expected n as an int, got 0\.5$"):
        nn.DropoutOneIn(wrong)
