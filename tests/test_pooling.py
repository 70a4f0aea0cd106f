"""Pooling over more planes than one block, with ties, infinities and NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib.ops import pooling

WINDOWS: dict[str, tuple[int, int, int]] = {
    "apart": (2, 2, 0),
    "apart, and some elements in none": (2, 3, 0),
    "apart, reaching beyond": (3, 3, 1),
    "overlapping": (3, 2, 0),
    "overlapping, reaching beyond": (3, 1, 1),
    "one element": (1, 1, 0),
}


def compare(data: np.ndarray[Any, Any], cotangent: float, window: tuple[int, int, int]) -> None:
    """Compare with PyTorch: the largest elements, and their cotangents, one of which is given."""
    x: Any = tl.from_numpy(data)
    y: Any = tl.max_pool2d(x.traced(), *window)
    reference = torch.from_numpy(data.copy()).requires_grad_()
    expected = torch.nn.functional.max_pool2d(reference, *window)
    np.testing.assert_array_equal(y.numpy(), expected.detach().numpy())
    given = np.random.default_rng(1).integers(-9, 9, y.shape).astype(data.dtype)
    given[-1:, :, 0, 0] = cotangent
    gradient = (y * tl.from_numpy(given)).sum().backward()[x]
    torch.autograd.backward(expected, torch.from_numpy(given))
    assert reference.grad is not None
    np.testing.assert_array_equal(gradient.numpy(), reference.grad.numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_blocks_of_planes_give_what_pytorch_gives(
    name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "BLOCK", 40)  # two planes in a block
    for planes in (0, 1, 6, 7):
        rng = np.random.default_rng(planes)
        data = rng.integers(0, 4, (planes, 1, 9, 8)).astype(dtype)  # most windows have ties
        data[rng.random(data.shape) < 0.02] = -np.inf
        compare(data, np.inf, WINDOWS[name])
        compare(data[:, :, 1:], np.inf, WINDOWS[name])  # windows of 2 by 2 cover 8 by 8
        data[2:4, :, 4, 4] = np.nan  # one for each window, in one block
        compare(data, 1, WINDOWS[name])


@pytest.mark.parametrize("name", ["apart", "overlapping"])
def test_in_half_precision(name: str) -> None:
    """Each is right alone; the sum of what overlapping windows give is made in float32."""
    data = np.random.default_rng(0).integers(0, 9, (2, 6, 6)).astype(np.float16)
    halves: Any = tl.from_numpy(data)
    singles: Any = tl.from_numpy(data.astype(np.float32))
    found = [
        tl.max_pool2d(x.traced(), *WINDOWS[name]).sum().backward()[x] for x in (halves, singles)
    ]
    assert found[0].dtype == np.float16
    np.testing.assert_array_equal(found[0].numpy(), found[1].numpy())
