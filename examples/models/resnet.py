"""ResNet-18: convolutions that add to what they are given, in stages of half the size each.

    python examples/models/resnet.py    a few training steps on random images

Source: He et al., "Deep Residual Learning for Image Recognition", 2015.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # images
I = TypeVar("I", bound=int)  # noqa: E741 (channels of an image)
H = TypeVar("H", bound=int)  # rows of pixels
W = TypeVar("W", bound=int)  # columns of pixels
C = TypeVar("C", bound=int)  # channels of a stage
K = TypeVar("K", bound=int)  # classes
T = TypeVar("T", bound=NoTape | Tape)


class Block(nn.Module, Generic[C]):
    """Two convolutions of C channels, added to the operand."""

    def __init__(self, channels: C) -> None:
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor[Shape[N, C, H, W], T]) -> Tensor[Shape[N, C, H, W], T]:
        """Apply the block."""
        h = self.bn1(self.conv1(x.with_empty_tape())).relu()
        h = self.bn2(self.conv2(h))
        return (h + x).relu()


class DownBlock(nn.Module, Generic[C]):
    """A block that doubles the channels and halves the image, which the shortcut does as well."""

    def __init__(self, channels: C) -> None:
        self.conv1 = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(2 * channels)
        self.conv2 = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(2 * channels)
        self.downsample = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 1, stride=2, bias=False),
            nn.BatchNorm2d(2 * channels),
        )

    def forward(
        self, x: Tensor[Shape[N, C, H, W], T]
    ) -> Tensor[Shape[N, "2 * C", "(H + 1) // 2", "(W + 1) // 2"], T]:
        """Apply the block."""
        h = self.bn1(self.conv1(x.with_empty_tape())).relu()
        h = self.bn2(self.conv2(h))
        return (h + self.downsample(x)).relu()


class ResNet18(nn.Module, Generic[I, C, K]):
    """From images to a score for each of K classes; the first stage has C channels."""

    def __init__(self, image_channels: I, channels: C, classes: K) -> None:
        self.conv1 = nn.Conv2d(image_channels, channels, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(Block(channels), Block(channels))
        self.layer2 = nn.Sequential(DownBlock(channels), Block(2 * channels))
        self.layer3 = nn.Sequential(DownBlock(2 * channels), Block(4 * channels))
        self.layer4 = nn.Sequential(DownBlock(4 * channels), Block(8 * channels))
        self.fc = nn.Linear(8 * channels, classes)

    def forward(self, x: Tensor[Shape[N, I, H, W], T]) -> Tensor[Shape[N, K], T]:
        """Return the scores, before softmax."""
        h = self.maxpool(self.bn1(self.conv1(x)).relu())
        maps = self.layer4(self.layer3(self.layer2(self.layer1(h))))
        return self.fc(tl.global_avg_pool2d(maps))


def loss_of(
    scores: Tensor[Shape[N, K], Tape], labels: Tensor[Shape[N], NoTape, np.int64]
) -> Tensor0D[Tape]:
    """Return the cross-entropy."""
    return losses.cross_entropy(scores, labels)


def training_step(
    model: ResNet18[I, C, K],
    optimizer: optim.Optimizer[ResNet18[I, C, K]],
    images: Tensor[Shape[N, I, H, W]],
    labels: Tensor[Shape[N], NoTape, np.int64],
) -> float:
    """Take a step on labelled images, and return the loss before it."""
    loss = loss_of(model(images.traced()), labels)
    optimizer.update(model, loss.backward(wrt=model))
    return loss.item()


def run(
    batch: N, image_channels: I, height: H, width: W, channels: C, classes: K, steps: int = 2
) -> Tensor[Shape[N, K]]:
    """Train on random images; return the scores for them."""
    rng = np.random.default_rng(0)
    model = ResNet18(image_channels, channels, classes)
    model.reset_params(rng)
    sgd = optim.SGD(model, lr=0.02, momentum=0.9)
    images = tl.randn((batch, image_channels, height, width), rng=rng)
    labels = tl.randint((batch,), 0, classes, rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, sgd, images, labels):.3f}")
    scores = model(images)
    print(f"scores {scores.shape}")
    return scores


SIZES = (
    (2, 3, 32, 32, 4, 10),
    (3, 1, 33, 40, 2, 5),
    (4, 2, 17, 64, 3, 2),
    (3, 4, 1, 1, 2, 7),
    (5, 3, 20, 50, 2, 3),
)
"""For instance: batch, channels, height and width of images, channels of a stage, classes."""


def main() -> None:
    """Train a small one."""
    run(batch=4, image_channels=3, height=32, width=32, channels=8, classes=10, steps=3)


if __name__ == "__main__":
    main()
