"""Containers in containers, in models, in lists and in unions; what an error suggests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

N = TypeVar("N", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
x = tl.zeros((2, 3))
images = tl.zeros((2, 3, 32, 32))


class Mlp(nn.Module, Generic[N, H]):
    def __init__(self, n: N, h: H) -> None:
        self.net = nn.Sequential(nn.Linear(n, h), nn.ReLU(), nn.Linear(h, n))
        self.wrong = nn.Sequential(nn.Linear(n, h), (nn.ReLU(), nn.Residual(nn.Linear(n, n))))  # E: Sequential[1][1].f Linear(N, N): expected last dimension N, got H from Sequential[1][0] ReLU  [tensor-shape]
        self.blocks = [nn.Residual(nn.Linear(n, n)) for _ in range(3)]
        self.by_name = {"a": nn.Linear(n, h), "b": nn.Linear(n, h)}
        self.heads = (nn.Linear(n, 2), nn.Linear(n, h))

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        y = self.net(x)
        for block in self.blocks:
            y = block(y)
        return y

    def other(self, x: Tensor[Shape[*Batch, H]], y: Tensor[Shape[*Batch, N]]) -> None:
        self.net(x)  # E: Sequential[0] Linear(N, H): expected last dimension N, got H  [tensor-shape]
        self.blocks[0](x)  # E: Residual.f Linear(N, N): expected last dimension N, got H  [tensor-shape]
        for block in self.blocks:
            x = block(x)  # E: Residual.f Linear(N, N): expected last dimension N, got H  [tensor-shape]
        self.by_name["a"](x)  # E: Linear(N, H): expected last dimension N, got H  [tensor-shape]
        for layer in self.by_name.values():
            layer(x)  # E: Linear(N, H): expected last dimension N, got H  [tensor-shape]
        for head in self.heads:
            head(y)
        self.heads[1](x)  # E: Linear(N, H): expected last dimension N, got H  [tensor-shape]
        nn.Sequential(*self.blocks)(x)  # E: Sequential[0].f Linear(N, N): expected last dimension N, got H  [tensor-shape]


def made(n: N, h: H) -> nn.Sequential[Mlp[N, H], nn.Linear[N, H]]:
    return nn.Sequential(Mlp(n, h), nn.Linear(n, h))


def around_models(x: Tensor[Shape[*Batch, 4]]) -> None:
    nn.Sequential(nn.Linear(3, 4), Mlp(3, 5))  # E: Sequential[1] Mlp(3, 5): expected last dimension 3, got 4 from Sequential[0] Linear(3, 4)  [tensor-shape]
    nn.Sequential(Mlp(3, 5), nn.Residual((nn.ReLU(), nn.Sequential(Mlp(4, 5)))))  # E: Sequential[1].f[1][0] Mlp(4, 5): expected last dimension 4, got 3 from Sequential[1].f[0] ReLU  [tensor-shape]
    nn.Sequential(nn.Sequential(made(3, 5), made(4, 5)))  # E: Sequential[1][0] Mlp(4, 5): expected last dimension 4, got 5 from Sequential[0][1] Linear(3, 5)  [tensor-shape]
    nn.Residual(made(3, 5))  # E: Residual: f must keep the shape (..., 3), got (..., 5) from Residual.f[1] Linear(3, 5); try nn.Linear(3, 3)  [tensor-shape]
    nn.Repeated(lambda: made(3, 5), 2)  # E: Repeated: each copy must keep the shape (..., 3), got (..., 5) from Repeated[0][1] Linear(3, 5); try nn.Linear(3, 3)  [tensor-shape]
    nn.SplitInto(made(3, 5), (nn.ReLU(), made(4, 5)))  # E: SplitInto[1][1][0] Mlp(4, 5): expected last dimension 4, got 3 from SplitInto[1][0] ReLU  [tensor-shape]
    made(3, 5)(x)  # E: Sequential[0] Mlp(3, 5): expected last dimension 3, got 4  [tensor-shape]
    made(4, 5)(x)


def case_deep() -> None:
    nn.Sequential(nn.Linear(3, 4), (nn.ReLU(), (nn.Linear(4, 5), nn.Residual((nn.ReLU(), nn.Linear(6, 6))))))  # E: Sequential[1][1][1].f[1] Linear(6, 6): expected last dimension 6, got 5 from Sequential[1][1][1].f[0] ReLU; try nn.Linear(5, 6)  [tensor-shape]


def case_list_in_a_chain() -> None:
    nn.Sequential(nn.Linear(3, 5), *[nn.Linear(4, 4) for _ in range(3)], nn.Linear(4, 1))  # E: Sequential[1] Linear(4, 4): expected last dimension 4, got 5 from Sequential[0] Linear(3, 5); try nn.Linear(5, 4)  [tensor-shape]


def case_after_a_tuple() -> None:
    nn.Sequential(nn.Linear(3, 4), *(nn.Linear(4, 4), nn.Linear(4, 4)), nn.Linear(5, 1))  # E: Sequential[3] Linear(5, 1): expected last dimension 5, got 4 from Sequential[2] Linear(4, 4); try nn.Linear(4, 1)  [tensor-shape]


def after_a_list() -> None:
    nn.Sequential(nn.Linear(3, 4), *[nn.Linear(4, 4) for _ in range(3)], nn.ReLU(), nn.Linear(5, 1))  # E: Sequential[-1] Linear(5, 1): expected last dimension 5, got 4 from Sequential[-2] ReLU; try nn.Linear(4, 1)  [tensor-shape]


def case_list_of_shrinking_layers() -> None:
    nn.Sequential(*[nn.Linear(4, 3) for _ in range(3)], nn.Linear(3, 1))(tl.zeros((2, 5)))  # E: Sequential[1] Linear(4, 3): expected last dimension 4, got 3 from Sequential[0] Linear(4, 3); try nn.Linear(3, 3)  [tensor-shape]


def case_in_a_loop() -> None:
    y = x
    for layer in [nn.Linear(4, 4) for _ in range(3)]:
        y = layer(y)  # E: Linear(4, 4): expected last dimension 4, got 3; try nn.Linear(3, 4)  [tensor-shape]


def case_in_a_dict() -> None:
    {"a": nn.Linear(4, 2), "b": nn.Linear(4, 2)}["a"](x)  # E: Linear(4, 2): expected last dimension 4, got 3; try nn.Linear(3, 2)  [tensor-shape]


def either(layer: nn.Linear[3, 4] | nn.Linear[3, 5], act: nn.ReLU | nn.Tanh) -> None:
    nn.Sequential(layer, act, nn.Linear(4, 1))  # E: Sequential[2] Linear(4, 1): expected last dimension 4, got 5 from Sequential[1] ReLU or Tanh; try nn.Linear(5, 1)  [tensor-shape]
    nn.Sequential(nn.Linear(2, 4), layer)  # E: Sequential[1] Linear(3, 4): expected last dimension 3, got 4 from Sequential[0] Linear(2, 4); try nn.Linear(4, 4)  [tensor-shape]


def declared(model: nn.Maps[Tensor[Shape[N, 4]], Tensor[Shape[N, 5]]], x: Tensor[Shape[N, 3]]) -> None:
    nn.Sequential(nn.Linear(3, 4), model, nn.Linear(6, 1))(x)  # E: Sequential[2] Linear(6, 1): expected last dimension 6, got 5 from Sequential[1] Maps; try nn.Linear(5, 1)  [tensor-shape]
    nn.Sequential(nn.Linear(3, 7), model)(x)  # E: Sequential[1] Maps: expected shape (N, 4), got (..., 7) from Sequential[0] Linear(3, 7): 7 is not 4  [tensor-shape]


def no_modules(layer: object) -> None:
    nn.Sequential(nn.Linear(3, 4), nn.ReLU)  # E: Sequential[1]: expected a module or a tuple of modules, got type: write ReLU()  [arg-type]
    nn.Sequential(nn.Linear(3, 4), (tl.relu, nn.Linear(4, 5)))  # E: Sequential[1][0]: expected a module or a tuple of modules, got function: take the layer that applies it, such as nn.ReLU() for tl.relu  [arg-type]
    nn.GeneralizedResidual(nn.Linear(3, 4), [nn.Linear(3, 4)])  # E: GeneralizedResidual.r: expected a module or a tuple of modules, got list: write *layers, or make it a tuple  [arg-type]
    nn.Sequential(nn.Linear(3, 4), None)  # E: Sequential[1]: expected a module or a tuple of modules, got NoneType  [arg-type]
    nn.Sequential(nn.Linear(3, 4), layer)  # E: Sequential[1] object: what it takes is not known, as its type is object: hold layers of different types in a tuple, and declare models as nn.Maps[...]  [tensor-unproven]


class Cnn(nn.Module):
    def __init__(self) -> None:
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(8 * 14 * 14, 10)

    def forward(self, x: Tensor[Shape[N, 3, 32, 32], T]) -> Tensor[Shape[N, 10], T]:
        y = self.features(x).flatten(1)
        z = self.head(y)  # E: Linear(1568, 10): expected last dimension 1568, got 2048; try nn.Linear(2048, 10)  [tensor-shape]
        return z.relu()


def case_width_from_the_image() -> None:
    nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1568, 10))(images)  # E: Sequential[5] Linear(1568, 10): expected last dimension 1568, got 2048 from Sequential[4] Flatten(1, -1); try nn.Linear(2048, 10)  [tensor-shape]


def case_no_flatten() -> None:
    nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2), nn.Linear(2048, 10))(images)  # E: Sequential[2] Linear(2048, 10): expected last dimension 2048, got 16 from Sequential[1] MaxPool2d(2); try nn.Flatten(-3) before it or nn.Linear(16, 10)  [tensor-shape]


def case_channels_of_the_norm() -> None:
    nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(16), nn.ReLU())  # E: Sequential[1] BatchNorm2d(16): expected shape (*Batch, 16, H, W), got (..., 8, ?, ?) from Sequential[0] Conv2d(3, 8, 3): 8 is not 16; try nn.BatchNorm2d(8)  [tensor-shape]


def case_residual_of_images() -> None:
    nn.Residual((nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1)))  # E: Residual: f must keep the shape (..., 3, ?, ?), got (..., 4, ?, ?) from Residual.f[2] Conv2d(8, 4, 3, 1, 1); try nn.Conv2d(8, 3, 3, 1, 1)  [tensor-shape]


def case_first_head() -> None:
    nn.SplitInto(nn.Linear(5, 2), nn.Linear(4, 3), nn.Linear(4, 1))  # E: SplitInto[1] Linear(4, 3): expected last dimension 4, got 5, which SplitInto[0] Linear(5, 2) takes; try nn.Linear(5, 3)  [tensor-shape]


def case_two_results() -> None:
    nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 1))(tl.zeros((2, 7, 3)))  # E: Sequential[1] Linear(4, 1): expected a tensor, got a tuple of 2 from Sequential[0] LSTM(3, 4): unpack it, or hand on one of them in a module of your own  [tensor-shape]


def case_transposed() -> None:
    w = tl.zeros((10, 3))
    x @ w  # E: matmul: inner dimensions must be equal, got (2, 3) and (10, 3): 3 is not 10; try x1 @ x2.T  [tensor-shape]


def case_labels() -> None:
    labels = tl.zeros((2, 1), np.int64)
    losses.cross_entropy(x, labels)  # E: cross_entropy: target must have shape (2,) for class indices or (2, 3) for probabilities, got (2, 1): 1 is not 3; try target.squeeze(-1)  [tensor-shape]


def suggestions(x: Tensor[Shape[*Batch, N]], w: Tensor[Shape[H, N]], y: Tensor[Shape[H]]) -> None:
    x @ w  # E: matmul: inner dimensions must be equal, got (*Batch, N) and (H, N): N is not H; try x1 @ x2.T  [tensor-shape]
    nn.Linear(3, 4)(x)  # E: Linear(3, 4): expected last dimension 3, got N  [tensor-shape]
    w + y  # E: add: shapes must be equal, or one stretch to the other, got (H, N) and (H,): N is not H on axis -1; try x2.expand_dims(-1)  [tensor-shape]
    w.reshape((2, w.shape[0]))  # E: reshape: the number of elements must stay, got (H, N) and (2, H): H*N is not 2*H  [tensor-shape]


def takes(f: Callable[[Tensor[Shape[2, 3]]], Tensor[Shape[2, 4]]]) -> None: ...


def solves(f: Callable[[Tensor[Shape[N]]], Tensor[Shape[H]]], x: Tensor[Shape[N]], y: Tensor[Shape[H]]) -> None: ...


def maps(f: nn.Maps[Tensor[Shape[N]], Tensor[Shape[H]]], g: nn.Maps[Tensor[Shape[H]], Tensor[Shape[N]]], x: Tensor[Shape[N]]) -> None: ...


def models_as_functions() -> None:
    takes(nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 4)))
    takes(nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 5)))  # E: takes: expected f to return (2, 4) without a tape, got (2, 5) without a tape  [tensor-shape]
    takes(nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 4)))  # E: takes: f does not fit: Sequential[0] Linear(2, 8): expected last dimension 2, got 3; try nn.Linear(3, 8)  [tensor-shape]
    solves(nn.Linear(3, 4), tl.zeros((3,)), tl.zeros((4,)))
    solves(nn.Linear(2, 4), tl.zeros((3,)), tl.zeros((4,)))  # E: solves: f does not fit: Linear(2, 4): expected last dimension 2, got 3; try nn.Linear(3, 4)  [tensor-shape]
    maps(nn.Linear(3, 4), nn.Linear(4, 3), tl.zeros((3,)))
    maps(nn.Linear(3, 4), nn.Linear(5, 3), tl.zeros((3,)))  # E: maps: g does not fit: Linear(5, 3): expected last dimension 5, got 4; try nn.Linear(4, 3)  [tensor-shape]
    maps(nn.Linear(3, 4), nn.Linear(4, 5), tl.zeros((3,)))  # E: maps: expected g to return (3,) without a tape, got (5,) without a tape  [tensor-shape]
    solves(nn.Linear(3, 4), tl.zeros((3,)), tl.zeros((5,)))  # E: solves: expected f to return (5,) without a tape, got (4,) without a tape  [tensor-shape]


def case_without_members() -> object:
    return nn.AddInto()  # E: AddInto: expected at least one module  [arg-type]


def case_without_members_inside() -> object:
    return nn.Sequential(nn.Linear(2, 3), ())  # E: Sequential[1]: expected at least one module  [arg-type]
