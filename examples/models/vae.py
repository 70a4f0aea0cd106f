"""A variational autoencoder: learns codes of images from which new images can be drawn.

    python examples/models/vae.py    a few training steps on random images

Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2013.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # images
P = TypeVar("P", bound=int)  # pixels
H = TypeVar("H", bound=int)  # features of the hidden layers
Z = TypeVar("Z", bound=int)  # numbers of a code
T = TypeVar("T", bound=NoTape | Tape)


class VAE(nn.Module, Generic[P, H, Z]):
    """From images to normal distributions of codes, and from drawn codes back to images."""

    def __init__(self, pixels: P, hidden: H, code: Z) -> None:
        self.encoder = nn.Sequential(
            nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 2 * code)
        )
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def encode(
        self, x: Tensor[Shape[N, P], T]
    ) -> tuple[Tensor[Shape[N, Z], T], Tensor[Shape[N, Z], T]]:
        """Return the means of the codes, and the logarithms of their variances."""
        mean, log_variance = self.encoder(x).split(2, axis=-1)
        return mean, log_variance

    def decode(self, code: Tensor[Shape[N, Z], T]) -> Tensor[Shape[N, P], T]:
        """Return the images that codes stand for, before the sigmoid."""
        return self.decoder(code)

    def forward(
        self, x: Tensor[Shape[N, P], T], noise: Tensor[Shape[N, Z]]
    ) -> tuple[Tensor[Shape[N, P], T], Tensor[Shape[N, Z], T], Tensor[Shape[N, Z], T]]:
        """Return images from drawn codes, and what `encode` says."""
        mean, log_variance = self.encode(x)
        deviation = (0.5 * log_variance.with_empty_tape()).exp()
        code = mean.with_empty_tape() + noise * deviation
        return self.decode(code), mean, log_variance


def loss_of(
    drawn: Tensor[Shape[N, P], Tape],
    mean: Tensor[Shape[N, Z], Tape],
    log_variance: Tensor[Shape[N, Z], Tape],
    images: Tensor[Shape[N, P]],
) -> Tensor0D[Tape]:
    """Return the loss of drawing, and how far codes are from a standard normal distribution."""
    drawing = losses.binary_cross_entropy_with_logits(drawn, images, reduction="none").sum(-1)
    spread = log_variance.with_empty_tape().exp() + mean.square() - log_variance - 1
    return (drawing + 0.5 * spread.sum(-1)).mean()


def training_step(
    model: VAE[P, H, Z],
    optimizer: optim.Optimizer[VAE[P, H, Z]],
    images: Tensor[Shape[N, P]],
    noise: Tensor[Shape[N, Z]],
) -> float:
    """Take a step on images, and return the loss before it."""
    drawn, mean, log_variance = model(images.traced(), noise)
    loss = loss_of(drawn, mean, log_variance, images)
    optimizer.update(model, loss.backward(wrt=model))
    return loss.item()


def run(
    batch: N, pixels: P, hidden: H, code: Z, steps: int = 2
) -> tuple[Tensor[Shape[N, P]], Tensor[Shape[N, P]]]:
    """Train on random images; return what is left of them, and as many new ones."""
    rng = np.random.default_rng(0)
    model = VAE(pixels, hidden, code)
    model.reset_params(rng)
    adam = optim.Adam(model, lr=1e-2)
    images = tl.rand((batch, pixels), rng=rng)
    for _ in range(steps):
        noise = tl.randn((batch, code), rng=rng)
        print(f"loss {training_step(model, adam, images, noise):.3f}")
    mean, _ = model.encode(images)
    seen = model.decode(mean).sigmoid()
    new = model.decode(tl.randn((batch, code), rng=rng)).sigmoid()
    print(f"codes {mean.shape}, images {seen.shape}, new ones {new.shape}")
    return seen, new


SIZES = ((2, 16, 8, 2), (1, 5, 3, 4), (4, 9, 7, 1), (3, 12, 2, 5), (5, 1, 6, 3))
"""For instance: batch, pixels, hidden features, numbers of a code."""


def main() -> None:
    """Train a small one."""
    run(batch=8, pixels=8 * 8, hidden=32, code=4, steps=5)


if __name__ == "__main__":
    main()
