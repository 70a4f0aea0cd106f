"""Containers in annotations, in generic models, and where nothing is known of what they hold."""

from __future__ import annotations

import copy
from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

residual: nn.Residual[nn.Linear[4, 4]] = nn.Residual(nn.Linear(4, 4))
blocks: nn.Repeated[nn.Linear[4, 4], 3] = nn.Repeated(lambda: nn.Linear(4, 4), 3)
chain: nn.Sequential[nn.Linear[4, 3], nn.Linear[3, 2]] = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
reshape: nn.Reshape[Shape[2, 3]] = nn.Reshape((2, 3))
flatten: nn.Flatten = nn.Flatten()
rows: Tensor[Shape[5, 2, 3]] = reshape(tl.zeros((5, 6)))


class Block(nn.Module, Generic[N, H]):
    """A block of any size: the residual fits for every N and H."""

    def __init__(self, n: N, h: H) -> None:
        self.f = nn.Residual((nn.Linear(n, h), nn.ReLU(), nn.Linear(h, n)))
        self.gate = nn.ResidualMul((nn.Linear(n, n), nn.Sigmoid()))

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return self.gate(self.f(x))


class Scaled(nn.Module):
    """A module that tells nothing of its shape."""

    def forward(self, x: Any) -> Any:
        return x * 2


class Pyramid(nn.Module):
    """Members in lists and dicts are parts of the model as well."""

    def __init__(self) -> None:
        self.levels = [nn.Residual(nn.Linear(4, 4)) for _ in range(3)]
        self.heads = {"a": nn.Linear(4, 2), "b": nn.Linear(4, 2)}

    def forward(self, x: Tensor[Shape[*Batch, 4], T]) -> Tensor[Shape[*Batch, 2], T]:
        for level in self.levels:
            x = level(x)
        return self.heads["a"](x)


def fit(
    model: nn.Maps[Tensor[Shape[*Batch, 4], Tape], tuple[Tensor[Shape[*Batch, 2], Tape], Tensor[Shape[*Batch, 1], Tape]]],
    x: Tensor[Shape[*Batch, 4]],
) -> None:
    model(x.traced())


x = tl.zeros((5, 4))
deep = nn.Repeated(lambda: Block(4, 8), 6)
same: Tensor[Shape[5, 4]] = deep(x)
fit(nn.Sequential(deep, nn.SplitInto(nn.Linear(4, 2), nn.Linear(4, 1))), x)
nn.Residual(Scaled())(x)
nn.Sequential(nn.Linear(4, 3), Scaled(), nn.Residual(nn.Linear(7, 7)))
nn.Residual(nn.Sequential(*[nn.Linear(4, 4) for _ in range(3)]))(x)

pyramid = Pyramid()
pyramid.freeze("levels", "heads.b")
ema = optim.EMA(pyramid, decay=0.9)
adam = optim.Adam(pyramid, lr=0.1)
adam.update(pyramid, losses.mse_loss(pyramid(x.traced()), tl.ones((5, 2))).backward())
ema.update(pyramid)
steady: Tensor[Shape[5, 2]] = ema.model(x)
copied: Pyramid = copy.deepcopy(pyramid).astype(np.float32)
assert pyramid.num_params(trainable_only=True) == 10
assert copied.levels[0].f.weight.frozen
