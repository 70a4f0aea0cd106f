"""No tape: nobody asked for gradients when the model was applied."""

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn, optim


def main() -> None:
    """Train for one step, which fails where the gradients are wanted."""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    adam = optim.Adam(model)

    images = tl.rand((16, 64))
    labels = tl.zeros((16,), np.int64)
    logits = model(images)
    loss = losses.cross_entropy(logits, labels)
    gradients = loss.backward()  # the mistake
    adam.update(model, gradients)
    print(f"loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
