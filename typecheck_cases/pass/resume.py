"""A training that stops, is written to a file, and goes on elsewhere as if it never had."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, losses, nn, optim


def new() -> nn.Sequential[nn.Linear[4, 8], nn.Dropout, nn.Linear[8, 2]]:
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))


x, target = tl.randn((16, 4), rng=0), tl.randn((16, 2), rng=1)
schedule = optim.LinearWarmup(0.1, total_iters=3).then(3, optim.CosineAnnealing(0.1, t_max=7))

model = new()
adam = optim.AdamW(model, lr=0.1, groups={"0": {"lr": 0.01}, "*.bias": {"weight_decay": 0.0}})
for _ in range(5):
    adam.lr = schedule(adam.steps)
    gradients = losses.mse_loss(model(x.traced()), target).backward().clip_value(1.0)
    adam.update(model, gradients)

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    tl.save_checkpoint(folder / "run.npz", model=model, adam=adam)
    other = new()
    resumed = optim.AdamW(other, groups={"0": {}, "*.bias": {}})
    tl.load_checkpoint(folder / "run.npz", model=other, adam=resumed)

    tl.io.save_npy(folder / "x.npy", x)
    read: Tensor[Shape[...], NoTape, np.float32] = tl.io.load_npy(folder / "x.npy", np.float32)
    known: Tensor[Shape[16, 4], NoTape, np.float32] = read.expect_shape((16, 4))
    assert (known == x).all().item()

    tl.io.save_torch(folder / "model.pt", model)
    tl.io.load_torch(folder / "model.pt", other)

steps: int = resumed.steps
rates: tuple[float, float] = (resumed.lr, schedule(steps))
betas: tuple[float, float] = resumed.betas
assert resumed.steps == 5
adam.update(model, losses.mse_loss(model(x.traced()), target).backward())
resumed.update(other, losses.mse_loss(other(x.traced()), target).backward())
assert (model(x) == other(x)).all().item()
