"""What convolution, pooling and resampling return: ops and layers."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

B = TypeVar("B", bound=int)
N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

images = tl.zeros((64, 3, 28, 20))
sequences = tl.zeros((3, 28))
weight, bias = tl.zeros((8, 3, 5, 3)), tl.zeros((8,))

# Ops

reveal_type(tl.conv1d(sequences, tl.zeros((4, 3, 5)), stride=2))  # N: Tensor[Shape[4, 12], NoTape, float32]
reveal_type(tl.conv2d(images, weight, bias))  # N: Tensor[Shape[64, 8, 24, 18], NoTape, float32]
reveal_type(tl.conv2d(images.traced(), weight, bias, (2, 1), padding=(1, 2)))  # N: Tensor[Shape[64, 8, 13, 22], Tape, float32]
reveal_type(tl.conv2d(images, weight, padding="same", dilation=2))  # N: Tensor[Shape[64, 8, 28, 20], NoTape, float32]
reveal_type(tl.conv2d(images, tl.zeros((6, 1, 3, 3)), groups=3))  # N: Tensor[Shape[64, 6, 26, 18], NoTape, float32]
reveal_type(tl.conv_transpose2d(images, tl.zeros((3, 4, 4, 4)), None, 2, 1))  # N: Tensor[Shape[64, 4, 56, 40], NoTape, float32]
reveal_type(tl.unfold(images, (5, 3)))  # N: Tensor[Shape[64, 45, 432], NoTape, float32]
reveal_type(sequences.max_pool1d(2))  # N: Tensor[Shape[3, 14], NoTape, float32]
reveal_type(images.max_pool2d(3, 2, 1))  # N: Tensor[Shape[64, 3, 14, 10], NoTape, float32]
reveal_type(images.max_pool2d((2, 1)))  # N: Tensor[Shape[64, 3, 14, 20], NoTape, float32]
reveal_type(tl.min_pool2d(images, 2, dilation=2))  # N: Tensor[Shape[64, 3, 13, 9], NoTape, float32]
reveal_type(sequences.avg_pool1d(4))  # N: Tensor[Shape[3, 7], NoTape, float32]
reveal_type(tl.avg_pool2d(images, 2, count_include_pad=False))  # N: Tensor[Shape[64, 3, 14, 10], NoTape, float32]
reveal_type(tl.avg_pool2d(tl.zeros((1, 4, 4), dtype=np.int64), 2))  # N: Tensor[Shape[1, 2, 2], NoTape, float32]
reveal_type(images.adaptive_avg_pool2d(7))  # N: Tensor[Shape[64, 3, 7, 7], NoTape, float32]
reveal_type(images.adaptive_max_pool2d((None, 4)))  # N: Tensor[Shape[64, 3, 28, 4], NoTape, float32]
reveal_type(images.global_avg_pool2d())  # N: Tensor[Shape[64, 3], NoTape, float32]
reveal_type(tl.global_max_pool2d(images[0]))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(tl.global_min_pool2d(images))  # N: Tensor[Shape[64, 3], NoTape, float32]
reveal_type(images.upscale2d(scale_factor=2))  # N: Tensor[Shape[64, 3, 56, 40], NoTape, float32]
reveal_type(images.upscale2d((32, 32), mode="bilinear"))  # N: Tensor[Shape[64, 3, 32, 32], NoTape, float32]
reveal_type(images.upscale2d(scale_factor=1.5))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]

# Layers

reveal_type(nn.Conv2d(1, 8, 5))  # N: Conv2d[1, 8, 5, 1, 0, 1, 1]
reveal_type(nn.Conv2d(3, 8, (5, 3), padding="same"))  # N: Conv2d[3, 8, tuple[5, 3], 1, Literal['same'], 1, 1]
reveal_type(nn.Conv2d(1, 8, 5).weight)  # N: Parameter[tuple[8, int, int, int], Any]
reveal_type(nn.Conv1d(3, 4, 5, 2)(sequences))  # N: Tensor[Shape[4, 12], NoTape, float32]
reveal_type(nn.Conv2d(3, 8, (5, 3))(images))  # N: Tensor[Shape[64, 8, 24, 18], NoTape, float32]
reveal_type(nn.Conv2d(3, 8, 3, stride=2, padding=1)(images.traced()))  # N: Tensor[Shape[64, 8, 14, 10], Tape, float32]
reveal_type(nn.Conv2d(3, 6, 3, padding="same", groups=3)(images))  # N: Tensor[Shape[64, 6, 28, 20], NoTape, float32]
reveal_type(nn.ConvTranspose2d(3, 4, 4, 2, 1)(images))  # N: Tensor[Shape[64, 4, 56, 40], NoTape, float32]
reveal_type(nn.MaxPool1d(2)(sequences))  # N: Tensor[Shape[3, 14], NoTape, float32]
reveal_type(nn.MaxPool2d(2))  # N: MaxPool2d[2, None, 0, 1, 0]
reveal_type(nn.MaxPool2d(2)(images))  # N: Tensor[Shape[64, 3, 14, 10], NoTape, float32]
reveal_type(nn.MaxPool2d(3, stride=2, padding=1)(images))  # N: Tensor[Shape[64, 3, 14, 10], NoTape, float32]
reveal_type(nn.MinPool2d((2, 1))(images))  # N: Tensor[Shape[64, 3, 14, 20], NoTape, float32]
reveal_type(nn.AvgPool1d(4)(sequences))  # N: Tensor[Shape[3, 7], NoTape, float32]
reveal_type(nn.AvgPool2d(2, 1)(images))  # N: Tensor[Shape[64, 3, 27, 19], NoTape, float32]
reveal_type(nn.AvgPool2d(2)(tl.zeros((1, 4, 4), dtype=np.int64)))  # N: Tensor[Shape[1, 2, 2], NoTape, float32]
reveal_type(nn.MaxPool2d(2)(tl.zeros((1, 4, 4), dtype=np.int64)))  # N: Tensor[Shape[1, 2, 2], NoTape, int64]
reveal_type(nn.AdaptiveAvgPool2d(7)(images))  # N: Tensor[Shape[64, 3, 7, 7], NoTape, float32]
reveal_type(nn.AdaptiveMaxPool2d((None, 4))(images))  # N: Tensor[Shape[64, 3, 28, 4], NoTape, float32]
reveal_type(nn.GlobalAvgPool2d()(images))  # N: Tensor[Shape[64, 3], NoTape, float32]
reveal_type(nn.GlobalMaxPool2d()(images[0]))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(nn.GlobalMinPool2d()(images))  # N: Tensor[Shape[64, 3], NoTape, float32]
reveal_type(nn.Upscale2d(32)(images))  # N: Tensor[Shape[64, 3, 32, 32], NoTape, float32]
reveal_type(nn.Upscale2d(scale_factor=2)(images))  # N: Tensor[Shape[64, 3, 56, 40], NoTape, float32]
reveal_type(nn.Upscale2d(scale_factor=1.5, mode="bilinear")(images))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]

lenet = nn.Sequential(
    nn.Conv2d(1, 8, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding="same"),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 12 * 12, 10),
)
reveal_type(lenet(tl.zeros((64, 1, 28, 28)).traced()))  # N: Tensor[Shape[64, 10], Tape, float32]

Small: TypeAlias = nn.Sequential[nn.Conv2d[Literal[1], Literal[8], Literal[5]], nn.MaxPool2d[Literal[2]]]
reveal_type(nn.build(Small, rng=0)(tl.zeros((1, 28, 28))))  # N: Tensor[Shape[8, 12, 12], NoTape, float32]


class Net(nn.Module):
    def __init__(self) -> None:
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.pool = nn.GlobalAvgPool2d()
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor[Shape[B, 3, N, M], T]) -> Tensor[Shape[B, 10], T]:
        y = self.stem(x).relu()
        reveal_type(y)  # N: Tensor[Shape[B, 16, FloorDiv[Add[N, 1], 2], FloorDiv[Add[M, 1], 2]], T, float32]
        return self.head(self.pool(y))


reveal_type(Net()(images))  # N: Tensor[Shape[64, 10], NoTape, float32]

# Symbols, and what is not known


def symbols(x: Tensor[Shape[B, 3, "2*N", "M + 4"]], k: K, m: M) -> None:
    reveal_type(tl.conv2d(x, tl.zeros((8, 3, 1, 5))))  # N: Tensor[Shape[B, 8, Mul[2, N], M], NoTape, float32]
    reveal_type(x.max_pool2d((2, 1)))  # N: Tensor[Shape[B, 3, N, Add[M, 4]], NoTape, float32]
    reveal_type(x.upscale2d((k, m)))  # N: Tensor[Shape[B, 3, K, M], NoTape, float32]
    reveal_type(nn.Conv2d(3, k, 3, padding=1)(x))  # N: Tensor[Shape[B, K, Mul[2, N], Add[M, 4]], NoTape, float32]
    reveal_type(nn.MaxPool2d(3, 2, 1)(x))  # N: Tensor[Shape[B, 3, N, Add[FloorDiv[Add[M, 1], 2], 2]], NoTape, float32]
    reveal_type(nn.AdaptiveAvgPool2d(k)(x))  # N: Tensor[Shape[B, 3, K, K], NoTape, float32]


def batches(x: Tensor[Shape[*Batch, 3, 28, 28]]) -> None:
    reveal_type(tl.conv2d(x, weight, stride=2))  # N: Tensor[Shape[*Batch, 8, 12, 13], NoTape, float32]
    reveal_type(nn.Conv2d(3, 8, 5)(x))  # N: Tensor[Shape[*Batch, 8, 24, 24], NoTape, float32]
    reveal_type(nn.Sequential(nn.Conv2d(3, 8, 5), nn.MaxPool2d(2), nn.Upscale2d(scale_factor=3))(x))  # N: Tensor[Shape[*Batch, 8, 36, 36], NoTape, float32]
    reveal_type(nn.GlobalMaxPool2d()(x))  # N: Tensor[Shape[*Batch, 3], NoTape, float32]


def unknown(x: Tensor[Shape[...]], y: Tensor[Shape[64, 3, int, 28]], z: Any, k: int, p: int | tuple[int, int]) -> None:
    reveal_type(nn.Conv2d(3, 8, 5)(y))  # N: Tensor[Shape[64, 8, int, 24], NoTape, float32]
    reveal_type(nn.Conv2d(3, 8, 5)(z))  # N: Tensor[Shape[*tuple[Any, ...], 8, Any, Any], Any, AnyDtype]
    reveal_type(nn.Conv2d(3, k, 5)(images))  # N: Tensor[Shape[64, int, 24, 16], NoTape, float32]
    reveal_type(nn.Conv2d(3, 8, k)(images))  # N: Tensor[Shape[64, 8, int, int], NoTape, float32]
    reveal_type(nn.Conv2d(3, 8, 5, padding=p)(images))  # N: Tensor[Shape[64, 8, int, int], NoTape, float32]
    reveal_type(nn.MaxPool2d(2, k)(images))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]
    reveal_type(nn.Conv2d(3, 8, 5, padding=z, groups=k))  # N: Conv2d[3, 8, 5, 1, Any, 1, int]
    reveal_type(nn.Conv2d(*(3, 8, 5))(images))  # N: Tensor[Shape[64, 8, Any, Any], NoTape, float32]
    reveal_type(tl.max_pool2d(images, k))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]
    reveal_type(images.upscale2d(z, z))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]
    reveal_type(tl.max_pool2d(images, p))  # N: Tensor[Shape[64, 3, int, int], NoTape, float32]
    reveal_type(tl.conv2d(x, weight))  # N: Tensor[Shape[int, ...], NoTape, float32]


def takes(layer: nn.Conv2d[3, 8, 5]) -> None:
    reveal_type(layer(images))  # N: Tensor[Shape[64, 8, 24, 16], NoTape, float32]


takes(nn.Conv2d(3, 8, 5))
