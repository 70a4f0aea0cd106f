"""Train a network to read scikit-learn's 1,797 handwritten digits, with every shape checked.

    python examples/digits.py                          five splits, each with its own network
    python examples/digits.py --splits 1 --epochs 10   a quick look

Each image is 8 by 8 pixels, given as a row of 64. A fifth of the images is held out and the rest
trains a network. It prints how many held-out digits were read right, and leaves a checkpoint and a
picture of the mistakes in examples/output/.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

Labels: TypeAlias = npt.NDArray[np.int64]

OUTPUT = Path(__file__).parent / "output"
LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class Digits(Generic[N]):
    """N images, standardised, and what they show."""

    images: Tensor[Shape[N, 64]]
    labels: Tensor[Shape[N], NoTape, np.int64]

    def pick(self, places: npt.NDArray[np.int64], count: M) -> Digits[M]:
        """Return the digits at these places, of which there are ``count``."""
        return Digits(
            tl.from_numpy(self.images.numpy()[places]).expect_shape((count, 64)),
            tl.from_numpy(self.labels.numpy()[places]).expect_shape((count,)),
        )


class Network(nn.Module):
    """From 64 pixels to a score for each of the ten digits."""

    def __init__(self) -> None:
        self.layers = nn.Sequential(
            (nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.2)),
            (nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.2)),
            nn.Linear(128, 10),
        )

    def forward(self, x: Tensor[Shape[*Batch, 64], T]) -> Tensor[Shape[*Batch, 10], T]:
        """Return the scores, before softmax."""
        return self.layers(x)


def load() -> Digits[1797]:
    """Return all digits: the only place where untyped data enters."""
    digits = load_digits()
    pixels: npt.NDArray[np.float32] = digits.data.astype(np.float32)  # from 0 to 16
    labels: Labels = digits.target.astype(np.int64)
    images = (tl.tensor(pixels).expect_shape((1797, 64)) - 5) / 6  # now around 0, deviation 1
    return Digits(images, tl.tensor(labels).expect_shape((1797,)))


def split(digits: Digits[1797], rng: np.random.Generator) -> tuple[Digits[1437], Digits[360]]:
    """Shuffle the digits and hold some of them out."""
    order = rng.permutation(1797)
    return digits.pick(order[360:], 1437), digits.pick(order[:360], 360)


def batches(digits: Digits[N], rng: np.random.Generator) -> Iterator[Digits[32]]:
    """Go through the digits in random order, 32 at a time; the few that are left over rest."""
    order = rng.permutation(len(digits.labels))
    for start in range(0, len(order) - 31, 32):
        yield digits.pick(order[start : start + 32], 32)


def nudged(images: Tensor[Shape[N, 64]], rng: np.random.Generator) -> Tensor[Shape[N, 64]]:
    """Blend images with themselves one pixel on: about what a small shift does to them."""
    squares = images.numpy().reshape(-1, 8, 8)
    moved = np.roll(squares, rng.integers(-1, 2, size=2), axis=(1, 2)).reshape(images.shape)
    return images + rng.uniform(0, 0.7) * (tl.from_numpy(moved).expect_shape(images.shape) - images)


def train(model: Network, digits: Digits[N], epochs: int, rng: np.random.Generator) -> None:
    """Fit the model to the digits."""
    adam = optim.Adam(model, lr=LEARNING_RATE)
    with tqdm(range(epochs), unit="epoch") as progress:
        for epoch in progress:
            adam.lr = LEARNING_RATE * (1 - epoch / epochs)
            for batch in batches(digits, rng):
                logits = model(nudged(batch.images, rng).traced())
                loss = losses.cross_entropy(logits, batch.labels)
                progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                adam.update(model, loss.backward())


def read(model: Network, digits: Digits[N]) -> Tensor[Shape[N], NoTape, np.int64]:
    """Return which digit the model sees in each image. No tape, hence no dropout."""
    return model(digits.images).argmax(-1)


def accuracy(seen: Tensor[Shape[N], NoTape, np.int64], digits: Digits[N]) -> float:
    """Return which part of the digits was read right."""
    return float((seen == digits.labels).astype(np.float32).mean())


def reloaded(model: Network) -> Network:
    """Save the model, and return a new one made from the file."""
    path = OUTPUT / "digits.npz"
    model.save(path)
    other = Network()
    other.load(path)
    return other


@dataclass(frozen=True)
class Reading:
    """The held-out digits of one split, and what a network saw in them."""

    digits: Digits[360]
    seen: Tensor[Shape[360], NoTape, np.int64]


def run(digits: Digits[1797], seed: int, epochs: int) -> Reading:
    """Train and test one network on the split of this seed."""
    rng = np.random.default_rng(seed)
    training, held_out = split(digits, rng)
    model = Network()
    model.reset_params(rng)
    train(model, training, epochs, rng)
    seen = read(model, held_out)
    assert (read(reloaded(model), held_out) == seen).numpy().all()
    return Reading(held_out, seen)


def draw(readings: list[Reading], path: Path) -> None:
    """Write a picture: which digit was read as which how often, and some that were misread."""
    labels = np.concatenate([reading.digits.labels.numpy() for reading in readings])
    images = np.concatenate([reading.digits.images.numpy() for reading in readings])
    seen = np.concatenate([reading.seen.numpy() for reading in readings])
    wrong = np.flatnonzero(labels != seen)
    figure = Figure(figsize=(11, 5.5), layout="constrained")
    figure.suptitle(f"{len(wrong)} of {len(labels)} held-out digits were misread")
    draw_confusion(figure.add_subplot(1, 2, 1), labels, seen)
    for index, place in enumerate(wrong[:20]):
        panel = figure.add_subplot(4, 10, 10 * (index // 5) + index % 5 + 6)
        panel.imshow(images[place].reshape(8, 8), cmap="gray_r")
        panel.set_title(f"{labels[place]} as {seen[place]}", fontsize="medium")
        panel.set_axis_off()
    figure.savefig(path)


def draw_confusion(panel: Axes, labels: Labels, seen: Labels) -> None:
    """Draw a table of how often each digit was read as which."""
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (labels, seen), 1)
    panel.imshow(np.log1p(counts), cmap="Blues")
    for (label, guess), count in np.ndenumerate(counts):
        if count:
            color = "white" if label == guess else "black"
            panel.text(guess, label, str(count), ha="center", va="center", color=color)
    panel.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="is a")


def main() -> None:
    """Train on some splits, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--splits", type=int, default=5, help="how many splits to train on")
    parser.add_argument("--epochs", type=int, default=25, help="how often to go through the data")
    arguments = parser.parse_args()
    OUTPUT.mkdir(exist_ok=True)
    digits = load()
    readings = []
    for seed in range(arguments.splits):
        reading = run(digits, seed, arguments.epochs)
        readings.append(reading)
        share = accuracy(reading.seen, reading.digits)
        print(f"split {seed}: {share:.1%} of 360 held-out digits read right", flush=True)
    draw(readings, OUTPUT / "digits.png")
    print(f"A picture of the mistakes is in {OUTPUT / 'digits.png'}")


if __name__ == "__main__":
    main()
