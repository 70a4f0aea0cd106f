"""Two layers that do not meet: one gives 32 numbers, the next takes 31."""

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn, optim


def main() -> None:
    """Build the model: it is refused here, before any data comes."""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(31, 10))  # the mistake
    adam = optim.Adam(model)

    images = tl.rand((16, 64))
    labels = tl.zeros((16,), np.int64)
    logits = model(images.traced())
    loss = losses.cross_entropy(logits, labels)
    adam.update(model, loss.backward())
    print(f"loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
