"""Read noisy digits and clean them, with one body and two heads.

    python examples/multi_head.py              train for some seconds
    python examples/multi_head.py --epochs 5   a quick look

The images are scikit-learn's handwritten digits, 8 by 8 pixels, under heavy noise. Both heads work
on what the body makes of an image: one says which digit it shows, the other how it looked before.
Two losses are added, and one backward pass trains all three parts. It prints how well both heads do
on held-out digits, and leaves a picture of some in examples/output/.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)

Images: TypeAlias = Tensor[Shape[N, 64]]  # ink from 0 to 1
Labels: TypeAlias = Tensor[Shape[N], NoTape, np.int64]

OUTPUT = Path(__file__).parent / "output"


class Network(nn.Module):
    """From a noisy image to scores of the ten digits, and to the clean image."""

    def __init__(self) -> None:
        self.layers = nn.Sequential(
            (nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU()),
            nn.SplitInto(
                nn.Linear(128, 10),
                (nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 64), nn.Sigmoid()),
            ),
        )

    def forward(
        self, x: Tensor[Shape[N, 64], T]
    ) -> tuple[Tensor[Shape[N, 10], T], Tensor[Shape[N, 64], T]]:
        """Return what each head makes of N images; both results own the tape."""
        return self.layers(x)


def load() -> tuple[Images[1797], Labels[1797]]:
    """Return all digits: the only place where untyped data enters."""
    digits = load_digits()
    ink: npt.NDArray[np.float32] = digits.data.astype(np.float32) / 16
    labels: npt.NDArray[np.int64] = digits.target.astype(np.int64)
    return tl.tensor(ink).expect_shape((1797, 64)), tl.tensor(labels).expect_shape((1797,))


def noisy(images: Images[N], rng: np.random.Generator) -> Images[N]:
    """Add noise, about as strong as the ink."""
    return images + 0.35 * tl.randn_like(images, rng=rng)


def train(
    model: Network, images: Images[N], labels: Labels[N], epochs: int, rng: np.random.Generator
) -> None:
    """Fit the model to N digits, under new noise each time."""
    adam = optim.Adam(model)
    batches = tl.data.batches(images, labels, batch_size=32, shuffle=True, drop_last=True, rng=rng)
    schedule = optim.CosineAnnealing(2e-3, t_max=epochs * len(batches))
    with tqdm(range(epochs), unit="epoch") as progress:
        for _ in progress:
            for clean, digits in batches:  # Images[32], Labels[32]
                adam.lr = schedule(adam.steps)
                scores, cleaned = model(noisy(clean, rng).traced())
                reading = losses.cross_entropy(scores, digits)
                cleaning = losses.mse_loss(cleaned, clean)
                progress.set_postfix(
                    reading=f"{reading.item():.3f}",
                    cleaning=f"{cleaning.item():.4f}",
                    refresh=False,
                )
                # The sum owns both tapes. Two calls of backward would be an error that says so.
                adam.update(model, (reading + 10 * cleaning).backward(wrt=model))


def draw(
    clean: Images[N], spoilt: Images[N], cleaned: Images[N], read: Labels[N], path: Path
) -> None:
    """Write a picture of the first eight images: clean, spoilt and cleaned."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle("Held-out digits: as they were, under noise, and as the network saw them")
    for row, images in enumerate((clean, spoilt, cleaned)):
        for column in range(8):
            panel = figure.add_subplot(3, 8, 8 * row + column + 1)
            panel.imshow(images.numpy()[column].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            panel.set_axis_off()
            if images is cleaned:
                panel.set_title(f"a {read[column].item()}")
    figure.savefig(path)


def main() -> None:
    """Train, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=40, help="how often to go through the data")
    epochs = parser.parse_args().epochs
    rng = np.random.default_rng(0)
    images, labels = load()
    (x_train, y_train), (x_test, y_test) = tl.data.random_split(
        images, labels, sizes=(1437, 360), rng=rng
    )
    model = Network()
    model.reset_params(rng)
    train(model, x_train, y_train, epochs, rng)

    spoilt = noisy(x_test, rng)
    scores, cleaned = model(spoilt)
    print(f"{tl.accuracy(scores, y_test):.1%} of 360 held-out noisy digits read right")
    before, after = losses.rmse_loss(spoilt, x_test), losses.rmse_loss(cleaned, x_test)
    print(f"noise of {before.item():.2f} brought down to {after.item():.2f}")
    OUTPUT.mkdir(exist_ok=True)
    draw(x_test, spoilt, cleaned, scores.argmax(-1), OUTPUT / "multi_head.png")
    print(f"A picture of some is in {OUTPUT / 'multi_head.png'}")


if __name__ == "__main__":
    main()
