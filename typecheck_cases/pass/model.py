"""The model of the README, trained for a step."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

mlp = nn.Sequential(
    nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2), nn.Tanh()
)
x = tl.zeros((10,))
y: Tensor[Shape[2]] = mlp(x)
batch: Tensor[Shape[64, 2]] = mlp(tl.zeros((64, 10)))
target = tl.ones((2,))

with tempfile.TemporaryDirectory() as folder:
    mlp.save(Path(folder) / "checkpoint.npz")
    mlp.load(Path(folder) / "checkpoint.npz")

sgd = optim.SGD(mlp, lr=1e-2, momentum=optim.Nesterov(0.9))
prediction: Tensor[Shape[2], Tape] = mlp(x.traced())
loss: Tensor[Shape[()], Tape] = losses.mse_loss(prediction, target)
before = loss.item()
gradients = loss.backward()
sgd.update(mlp, gradients)
after: Tensor[Shape[()], NoTape] = losses.mse_loss(mlp(x), target)
assert after.item() < before

first = mlp[0]
assert isinstance(first, nn.Linear)
assert gradients[x].shape == x.shape
