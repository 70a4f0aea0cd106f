"""U-Net: marks each pixel, from what a coarse view of the image says and the fine one adds.

    python examples/models/unet.py    a few training steps on random images

On the way down the image is halved twice; on the way up each stage joins what the stage of the
same size saw on the way down. Convolutions are padded, so that the result is of the image's size.

Source: Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image
Segmentation", 2015.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # images
I = TypeVar("I", bound=int)  # noqa: E741 (channels of an image)
O = TypeVar("O", bound=int)  # noqa: E741 (channels of a result)
H = TypeVar("H", bound=int)  # rows of pixels
W = TypeVar("W", bound=int)  # columns of pixels
C = TypeVar("C", bound=int)  # channels of a stage
K = TypeVar("K", bound=int)  # classes
T = TypeVar("T", bound=NoTape | Tape)


class Stage(nn.Module, Generic[I, O]):
    """Two convolutions, from I channels to O; the image keeps its size."""

    def __init__(self, inputs: I, outputs: O) -> None:
        self.layers = nn.Sequential(
            (nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()),
            (nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU()),
        )

    def forward(self, x: Tensor[Shape[N, I, H, W], T]) -> Tensor[Shape[N, O, H, W], T]:
        """Apply the stage."""
        return self.layers(x)


class Up(nn.Module, Generic[C]):
    """A stage on the way up: halve the channels, double the image, join what was seen before."""

    def __init__(self, channels: C) -> None:
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)
        self.stage = Stage(2 * channels, channels)

    def forward(
        self,
        x: Tensor[Shape[N, "2 * C", H, W], T],
        skipped: Tensor[Shape[N, C, "2 * H", "2 * W"], T],
    ) -> Tensor[Shape[N, C, "2 * H", "2 * W"], T]:
        """Apply the stage to the coarse maps and to those of the same size on the way down."""
        return self.stage(tl.concat((skipped, self.grow(x)), axis=1))


class UNet(nn.Module, Generic[I, C, K]):
    """From images to K scores for each pixel; the first stage has C channels."""

    def __init__(self, image_channels: I, channels: C, classes: K) -> None:
        self.first = Stage(image_channels, channels)
        self.second = Stage(channels, 2 * channels)
        self.bottom = Stage(2 * channels, 4 * channels)
        self.halve = nn.MaxPool2d(2)
        self.second_up = Up(2 * channels)
        self.first_up = Up(channels)
        self.head = nn.Conv2d(channels, classes, 1)

    def forward(
        self, x: Tensor[Shape[N, I, "4 * H", "4 * W"], T]
    ) -> Tensor[Shape[N, K, "4 * H", "4 * W"], T]:
        """Return the scores, before softmax. Both sides of an image are multiples of 4."""
        fine = self.first(x)
        middle = self.second(self.halve(fine.with_empty_tape()))
        coarse = self.bottom(self.halve(middle.with_empty_tape()))
        return self.head(self.first_up(self.second_up(coarse, middle), fine))


def loss_of(
    scores: Tensor[Shape[N, K, H, W], Tape], labels: Tensor[Shape[N, H, W], NoTape, np.int64]
) -> Tensor0D[Tape]:
    """Return the cross-entropy over all pixels."""
    return losses.cross_entropy(scores.permute((0, 2, 3, 1)), labels)


def training_step(
    model: UNet[I, C, K],
    optimizer: optim.Optimizer[UNet[I, C, K]],
    images: Tensor[Shape[N, I, "4 * H", "4 * W"]],
    labels: Tensor[Shape[N, "4 * H", "4 * W"], NoTape, np.int64],
) -> float:
    """Take a step on images with a class for each pixel, and return the loss before it."""
    loss = loss_of(model(images.traced()), labels)
    optimizer.update(model, loss.backward(wrt=model))
    return loss.item()


def run(
    batch: N, image_channels: I, rows: H, columns: W, channels: C, classes: K, steps: int = 2
) -> Tensor[Shape[N, K, "4 * H", "4 * W"]]:
    """Train on random images of 4 * rows by 4 * columns pixels; return the scores for them."""
    rng = np.random.default_rng(0)
    model = UNet(image_channels, channels, classes)
    model.reset_params(rng)
    adam = optim.Adam(model, lr=1e-2)
    images = tl.randn((batch, image_channels, 4 * rows, 4 * columns), rng=rng)
    labels = tl.randint((batch, 4 * rows, 4 * columns), 0, classes, rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, adam, images, labels):.3f}")
    scores = model(images)
    print(f"scores {scores.shape}")
    return scores


SIZES = (
    (2, 3, 2, 2, 4, 2),
    (1, 1, 3, 5, 2, 3),
    (3, 2, 1, 4, 3, 4),
    (2, 4, 2, 1, 1, 5),
    (1, 5, 4, 3, 2, 2),
)
"""For instance: batch, channels of images, quarters of both sides, channels of a stage, classes."""


def main() -> None:
    """Train a small one."""
    run(batch=2, image_channels=3, rows=4, columns=6, channels=8, classes=3, steps=3)


if __name__ == "__main__":
    main()
