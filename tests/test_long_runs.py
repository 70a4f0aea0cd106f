"""Ten thousand steps of training leave nothing behind, whether they are compiled or not."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest

import tensorlib as tl
from tensorlib import losses, nn, optim


def step_of(compiles: bool) -> Callable[[], Any]:
    model: Any = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, 2))
    adam: Any = optim.Adam(model, 1e-3)
    ema: Any = optim.EMA(model, 0.99)
    x: Any = tl.randn((8, 4), rng=0)
    y: Any = tl.randn((8, 2), rng=1)

    def step() -> Any:
        loss = losses.mse_loss(model(x.traced()), y)
        adam.update(model, loss.backward(wrt=model).clip_norm(1.0))
        ema.update(model)
        return loss.detach()

    return tl.compile(step) if compiles else step


@pytest.mark.parametrize("compiles", [False, True])
def test_nothing_is_left_of_ten_thousand_steps(compiles: bool) -> None:
    step = step_of(compiles)

    def blocks_after(steps: int) -> int:
        for _ in range(steps):
            step()
        gc.collect()
        return sys.getallocatedblocks()

    blocks_after(500)
    before = blocks_after(500)
    assert abs(blocks_after(9_000) - before) < 100
