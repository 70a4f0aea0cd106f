"""Gradients of many numbers at once: one squared error for each of 16 images."""

import tensorlib as tl
from tensorlib import nn, optim


def main() -> None:
    """Train for one step, which fails where the gradients are wanted."""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    adam = optim.Adam(model)

    images = tl.rand((16, 64))
    targets = tl.zeros((16, 10))
    scores = model(images.traced())
    errors = (scores - targets).square().mean(axis=1)
    gradients = errors.backward()  # the mistake
    adam.update(model, gradients)
    print(f"mean error {errors.mean().item():.3f}")


if __name__ == "__main__":
    main()
