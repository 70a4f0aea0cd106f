"""ViT: an image is cut into patches, and a transformer reads them as if they were words.

    python examples/models/vit.py    a few training steps on random images

Source: Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at
Scale", 2020.
"""

from __future__ import annotations

import math
from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # images
I = TypeVar("I", bound=int)  # noqa: E741 (channels of an image)
A = TypeVar("A", bound=int)  # rows of patches
B = TypeVar("B", bound=int)  # columns of patches
P = TypeVar("P", bound=int)  # the side of a patch, in pixels
S = TypeVar("S", bound=int)  # patches, and one token more
H = TypeVar("H", bound=int)  # heads of attention
D = TypeVar("D", bound=int)  # features of a head
K = TypeVar("K", bound=int)  # classes
T = TypeVar("T", bound=NoTape | Tape)


class Attention(nn.Module, Generic[H, D]):
    """Let each patch gather from all, in H heads of D features."""

    def __init__(self, heads: H, size: D) -> None:
        self.heads = heads
        self.size = size
        self.project = nn.Linear(heads * size, 3 * heads * size)
        self.join = nn.Linear(heads * size, heads * size)

    def forward(self, x: Tensor[Shape[N, S, "H * D"], T]) -> Tensor[Shape[N, S, "H * D"], T]:
        """Return what each patch has gathered."""
        n, s, _ = x.shape
        heads = self.project(x).reshape((n, s, 3, self.heads, self.size))
        q, k, v = heads.permute((2, 0, 3, 1, 4)).unstack(0)
        weights = (q @ k.mT / math.sqrt(self.size)).softmax()
        return self.join((weights @ v).transpose(1, 2).flatten(2))


class Block(nn.Module, Generic[H, D]):
    """Attention, then a small network for each patch, both added to what was there."""

    def __init__(self, heads: H, size: D) -> None:
        width = heads * size
        self.attention = nn.Residual((nn.LayerNorm(width), Attention(heads, size)))
        first, second = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.mlp = nn.Residual((nn.LayerNorm(width), first, nn.GELU(), second))

    def forward(self, x: Tensor[Shape[N, S, "H * D"], T]) -> Tensor[Shape[N, S, "H * D"], T]:
        """Apply the block."""
        return self.mlp(self.attention(x))


class ViT(nn.Module, Generic[I, P, A, B, H, D, K]):
    """From images of A by B patches to a score for each of K classes."""

    token: nn.Parameter[Shape["H * D"]]
    places: nn.Parameter[Shape["A * B + 1", "H * D"]]

    def __init__(
        self, channels: I, patch: P, rows: A, columns: B, heads: H, size: D, classes: K, layers: int
    ) -> None:
        width = heads * size
        self.embed = nn.Conv2d(channels, width, patch, stride=patch)
        self.token = nn.Parameter(tl.zeros((width,)))
        self.places = nn.Parameter(tl.zeros((rows * columns + 1, width)))
        self.blocks = [Block(heads, size) for _ in range(layers)]
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw what stands in front of the patches, and what tells places apart."""
        for parameter in (self.token, self.places):
            parameter.write(rng.normal(0, 0.02, parameter.shape), "reset_params")

    def forward(self, x: Tensor[Shape[N, I, "A * P", "B * P"], T]) -> Tensor[Shape[N, K], T]:
        """Return the scores, before softmax, from what the token has gathered."""
        patches = self.embed(x).flatten(2).transpose(1, 2)
        n, _, width = patches.shape
        token = self.token.with_tape_of(patches).broadcast_to((n, 1, width))
        h = tl.concat((token, patches), axis=1) + self.places
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h[:, 0]))


def loss_of(
    scores: Tensor[Shape[N, K], Tape], labels: Tensor[Shape[N], NoTape, np.int64]
) -> Tensor0D[Tape]:
    """Return the cross-entropy, with labels that are not quite sure."""
    return losses.cross_entropy(scores, labels, label_smoothing=0.1)


def training_step(
    model: ViT[I, P, A, B, H, D, K],
    optimizer: optim.Optimizer[ViT[I, P, A, B, H, D, K]],
    images: Tensor[Shape[N, I, "A * P", "B * P"]],
    labels: Tensor[Shape[N], NoTape, np.int64],
) -> float:
    """Take a step on labelled images, and return the loss before it."""
    loss = loss_of(model(images.traced()), labels)
    optimizer.update(model, loss.backward(wrt=model))
    return loss.item()


def run(
    batch: N, channels: I, patch: P, rows: A, columns: B, heads: H, size: D, classes: K,
    steps: int = 2,
) -> Tensor[Shape[N, K]]:  # fmt: skip
    """Train on random images; return the scores for them."""
    rng = np.random.default_rng(0)
    model = ViT(channels, patch, rows, columns, heads, size, classes, layers=2)
    model.reset_params(rng)
    adam = optim.AdamW(model, lr=1e-2)
    images = tl.randn((batch, channels, rows * patch, columns * patch), rng=rng)
    labels = tl.randint((batch,), 0, classes, rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, adam, images, labels):.3f}")
    scores = model(images)
    print(f"scores {scores.shape}")
    return scores


SIZES = (
    (2, 3, 4, 2, 3, 5, 4, 10),
    (1, 1, 2, 3, 3, 2, 5, 2),
    (3, 2, 5, 1, 2, 4, 2, 7),
    (4, 4, 1, 4, 2, 1, 1, 3),
    (2, 5, 3, 2, 1, 3, 3, 4),
)
"""For instance: batch, channels, patch, rows, columns, heads, features of each, classes."""


def main() -> None:
    """Train a small one."""
    run(batch=4, channels=3, patch=4, rows=4, columns=4, heads=2, size=8, classes=10, steps=3)


if __name__ == "__main__":
    main()
