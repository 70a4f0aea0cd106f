"""A convolutional network with batch norm and pooling, on scikit-learn's handwritten digits.

    python examples/conv_net.py                       reads 99 % of the held-out digits right
    python examples/conv_net.py --epochs 2 --seed 1   a quick look, at another split

The images are 8 by 8 pixels. What each convolution and each pooling makes of that is worked out by
mypy: change a size anywhere in the network, and it says which layer no longer fits. A picture of
the first filters and of the mistakes is left in examples/output/.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, data, losses, nn, optim

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)

OUTPUT = Path(__file__).parent / "output"
BATCH = 32


class Network(nn.Module):
    """From images of one channel to a score for each of the ten digits."""

    def __init__(self) -> None:
        self.stem = nn.Conv2d(1, 32, 3, padding=1, bias=False)  # 32 channels of 8 by 8
        self.body = nn.Sequential(
            (nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),  # 4 by 4
            (nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
            (nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
            nn.MaxPool2d(2),  # 2 by 2
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 2 * 2, 10))

    def forward(self, x: Tensor[Shape[N, 1, 8, 8], T]) -> Tensor[Shape[N, 10], T]:
        """Return the scores, before softmax."""
        maps: Tensor[Shape[N, 64, 2, 2], T] = self.body(self.stem(x))
        return self.head(maps)


def load() -> tuple[Tensor[Shape[1797, 1, 8, 8]], Tensor[Shape[1797], NoTape, np.int64]]:
    """Return all images, standardised, and what they show."""
    digits = load_digits()
    pixels: npt.NDArray[np.float32] = digits.images.astype(np.float32)  # from 0 to 16
    labels: npt.NDArray[np.int64] = digits.target.astype(np.int64)
    images = tl.tensor(pixels).expect_shape((1797, 8, 8)).expand_dims(1)
    return (images - images.mean()) / images.std(), tl.tensor(labels).expect_shape((1797,))


def train(
    model: Network,
    images: Tensor[Shape[N, 1, 8, 8]],
    labels: Tensor[Shape[N], NoTape, np.int64],
    epochs: int,
    rng: np.random.Generator,
) -> None:
    """Fit the model to the digits."""
    batches = data.batches(images, labels, batch_size=BATCH, shuffle=True, drop_last=True, rng=rng)
    schedule = optim.OneCycle(lr=1e-2, total_steps=epochs * len(batches))
    adam = optim.AdamW(model, weight_decay=0.05)
    with tqdm(total=epochs * len(batches)) as progress:
        for _ in range(epochs):
            for x, y in batches:
                loss = losses.cross_entropy(model(x.traced()), y)
                adam.lr = schedule(adam.steps)
                adam.update(model, loss.backward(wrt=model))
                progress.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
                progress.update()


def draw(
    model: Network,
    images: Tensor[Shape[N, 1, 8, 8]],
    labels: Tensor[Shape[N], NoTape, np.int64],
    seen: Tensor[Shape[N], NoTape, np.int64],
) -> None:
    """Write a picture of the 32 filters of the first layer, and of up to 16 misread digits."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    for place, kernel in enumerate(model.stem.weight):
        panel = figure.add_subplot(6, 8, place + 1)
        panel.imshow(kernel[0].numpy(), cmap="RdBu", vmin=-1, vmax=1)
        panel.set_axis_off()
    wrong = np.flatnonzero((seen != labels).numpy())
    figure.suptitle(f"The first filters; {len(wrong)} of {len(labels)} held-out digits misread")
    for place, index in enumerate(wrong[:16].tolist()):
        panel = figure.add_subplot(6, 8, place + 33)
        panel.imshow(images[index, 0].numpy(), cmap="gray_r")
        panel.set_title(f"{labels[index].item()} as {seen[index].item()}", fontsize="medium")
        panel.set_axis_off()
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / "conv_net.png")
    print(f"A picture of filters and mistakes is in {OUTPUT / 'conv_net.png'}")


def main() -> None:
    """Train on four fifths of the digits, and read the fifth."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=15, help="how often to go through the data")
    parser.add_argument("--seed", type=int, default=0, help="of the split and the training")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    (images, labels), (x, y) = data.random_split(*load(), sizes=(1437, 360), rng=rng)
    model = Network()
    model.reset_params(rng)
    print(f"{model}\n{model.num_params()} parameters")
    train(model, images, labels, arguments.epochs, rng)
    seen = model(x).argmax(-1)  # no tape: batch norm uses what it remembers, dropout rests
    print(f"{tl.accuracy(seen, y):.1%} of {len(y)} held-out digits read right")
    draw(model, x, y, seen)


if __name__ == "__main__":
    main()
