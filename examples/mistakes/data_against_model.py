"""Data for another model: images of 28 by 28 pixels for one that takes 8 by 8."""

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn, optim


def main() -> None:
    """Train for one step, which fails where the data enters the model."""
    model = nn.Sequential(nn.Linear(8 * 8, 32), nn.ReLU(), nn.Linear(32, 10))
    adam = optim.Adam(model)

    images = tl.rand((16, 28, 28)).flatten(1)
    labels = tl.zeros((16,), np.int64)
    logits = model(images.traced())  # the mistake
    loss = losses.cross_entropy(logits, labels)
    adam.update(model, loss.backward())
    print(f"loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
