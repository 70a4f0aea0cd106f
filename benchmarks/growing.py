"""Models of growing size, each a training step in the way of the examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from benchmarks.workloads.gpt_in_tensorlib import CharGPT
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


@dataclass(frozen=True)
class Case:
    """One size.

    Attributes:
        work: the arithmetic in a step, in any unit.
        step: the step.
    """

    size: int
    work: float
    step: Callable[[], object]


class Deep(nn.Module):
    """So many layers of one width."""

    def __init__(self, depth: int, width: int) -> None:
        self.width = width
        self.layers = [nn.Linear(width, width, rng=n) for n in range(depth)]

    def forward(self, x: Tensor[Shape[N, int], T]) -> Tensor[Shape[N, int], T]:
        """Apply the layers."""
        for layer in self.layers:
            x = layer(x).relu()
        return x


def _perceptron(depth: int, width: int, batch: int) -> Callable[[], object]:
    model = Deep(depth, width)
    adam = optim.Adam(model, lr=1e-5)
    rng = np.random.default_rng(0)
    x, y = (tl.randn((batch, width), rng=rng) for _ in range(2))

    def step() -> None:
        adam.update(model, losses.mse_loss(model(x.traced()), y).backward(wrt=model))

    return step


def _transformer(length: int, width: int, batch: int) -> Callable[[], object]:
    model = CharGPT(128, length, width, 4, 1)
    adam = optim.Adam(model, lr=1e-5)
    text = tl.randint((batch, length), 0, 128, rng=0)

    def step() -> None:
        loss = losses.cross_entropy(model(text.traced()), text)
        adam.update(model, loss.backward(wrt=model))

    return step


def _chain(length: int) -> Callable[[], object]:
    x = tl.ones((16,))

    def step() -> object:
        y = x.traced()
        for _ in range(length):
            y = y + 1.0
        return y.sum().backward()

    return step


def _chains() -> list[Case]:
    return [Case(n, n, _chain(n)) for n in (10, 100, 1_000, 10_000)]


def _depths() -> list[Case]:
    return [Case(n, n, _perceptron(n, 64, 64)) for n in (4, 16, 64, 256)]


def _widths() -> list[Case]:
    return [Case(n, n * n, _perceptron(3, n, 128)) for n in (128, 256, 512, 1024)]


def _batches() -> list[Case]:
    return [Case(n, n, _perceptron(3, 256, n)) for n in (64, 256, 1024, 4096)]


def _lengths() -> list[Case]:
    width, cases = 64, []
    for n in (16, 32, 64, 128, 256):
        projections, attention = 12 * width * width + 128 * width, 2 * n * width
        cases.append(Case(n, n * (projections + attention), _transformer(n, width, 8)))
    return cases


ROWS: dict[str, Callable[[], Sequence[Case]]] = {
    "ops in a chain": _chains,
    "depth": _depths,
    "width": _widths,
    "batch": _batches,
    "length of a text": _lengths,
}
"""By title: what grows."""
