"""The tape: residuals, two losses, splitting, reading after a move."""

from __future__ import annotations

import numpy as np

import tensorlib as tl
from tensorlib import Gradients, NoTape, Shape, Tape, Tensor, losses, nn

layer = nn.Linear(3, 3)
x = tl.ones((2, 3))

h: Tensor[Shape[2, 3], Tape] = layer(x.traced())
residual = h.with_empty_tape().relu() + h
loss = residual.square().mean()
print(loss.item(), loss.shape, h.shape, h.argmax(axis=-1), h.detach())
gradients: Gradients = loss.backward()
assert gradients[layer.weight].shape == (3, 3)

heads = (nn.Linear(3, 2), nn.Linear(3, 1))
shared = layer(x.traced())
first = heads[0](shared.with_empty_tape()).square().mean()
second = heads[1](shared).abs().mean()
both = (first + second).backward()
assert all(p in both for p in (*heads[0].parameters(), *heads[1].parameters(), layer.weight))

value, tape = layer(x.traced()).split_tape()
untaped: Tensor[Shape[2, 3], NoTape] = value
assert layer.weight in untaped.put_tape(tape).sum().backward()

logits = layer(x.traced())
labels = tl.tensor([0, 2])
total = losses.cross_entropy(logits, labels)
correct = logits.argmax(axis=-1) == labels
accuracy: float = float(correct.astype(np.float32).mean())
assert 0 <= accuracy <= 1
total.backward()


def evaluate(images: Tensor[Shape[2, 3]]) -> Tensor[Shape[2], NoTape, np.int64]:
    return layer(images).argmax(axis=-1)


evaluate(x)
