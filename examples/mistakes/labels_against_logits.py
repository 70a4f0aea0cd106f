"""Labels of another batch: the scores are of 16 images, the labels of 15."""

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn, optim


def main() -> None:
    """Train for one step, which fails where scores and labels meet."""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    adam = optim.Adam(model)

    images = tl.rand((16, 64))
    labels = tl.zeros((15,), np.int64)
    logits = model(images.traced())
    loss = losses.cross_entropy(logits, labels)  # the mistake
    adam.update(model, loss.backward())
    print(f"loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
