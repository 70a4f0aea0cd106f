"""Modules of your own: typed sizes, own parameters, tied weights, and training that can be stopped.

    python examples/custom_module.py                train for some seconds
    python examples/custom_module.py --epochs 10    a quick look
    python examples/custom_module.py --resume       go on from there, as if it had never stopped

An autoencoder squeezes handwritten digits of 64 pixels into codes of 8 numbers and draws them from
the codes. It prints how far the drawings of held-out digits are off, next to what eight principal
components reach, and leaves a checkpoint, the model and a picture in examples/output/. After a
Ctrl-C, or fewer epochs than you want, --resume goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Generic

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
H = TypeVar("H", bound=int)
C = TypeVar("C", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

OUTPUT = Path(__file__).parent / "output"
CODE = 8  # numbers in a code


class GatedResidual(nn.Module, Generic[N]):
    """Add what a layer makes of the operand, times a trained factor that starts at 0.

    A module has fields, ``__init__`` and ``forward``. Fields that are parameters or modules are
    found by themselves.
    """

    factor: nn.Parameter[Shape[()]]

    def __init__(self, size: N) -> None:
        self.layer = nn.Linear(size, size)
        self.factor = nn.Parameter(tl.zeros(()))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Set the factor to its first value. The layer resets itself."""
        self.factor.write(np.zeros(()), "reset_params")

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        """Apply the block to any batch, with or without a tape; the body is checked for every N."""
        return x.with_empty_tape() + self.factor * self.layer(x.tanh())


class Autoencoder(nn.Module, Generic[N, H, C]):
    """From N numbers to a code of C and back; the way back uses the same matrices, transposed."""

    def __init__(self, inputs: N, hidden: H, code: C) -> None:
        self.first = nn.Linear(inputs, hidden)
        self.block = GatedResidual(hidden)
        self.second = nn.Linear(hidden, code)
        self.hidden_bias = nn.Bias(hidden)
        self.output_bias = nn.Bias(inputs)

    def encode(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, C], T]:
        """Return the codes."""
        return self.second(self.block(self.first(x)).tanh())

    def decode(self, code: Tensor[Shape[*Batch, C], T]) -> Tensor[Shape[*Batch, N], T]:
        """Return what codes stand for. Tied weights need nothing: a tensor is used twice."""
        hidden = self.hidden_bias(code @ self.second.weight).tanh()
        return self.output_bias(hidden @ self.first.weight).sigmoid()

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        """Return what is left of x."""
        return self.decode(self.encode(x))


def load() -> Tensor[Shape[1797, 64]]:
    """Return all images, ink from 0 to 1: the only place where untyped data enters."""
    ink: npt.NDArray[np.float32] = load_digits().data.astype(np.float32) / 16
    return tl.tensor(ink).expect_shape((1797, 64))


class Run(Generic[N]):
    """A training run over N images: the model, its moving average, the optimizer and the data."""

    def __init__(self, images: Tensor[Shape[N, 64]], rng: np.random.Generator) -> None:
        self.model = Autoencoder(64, 64, CODE)
        self.model.reset_params(rng)
        self.average = optim.EMA(self.model, decay=0.99)
        self.adam = optim.Adam(self.model, lr=3e-3)
        self.batches = tl.data.batches(images, batch_size=32, shuffle=True, drop_last=True, rng=rng)

    def step(self, images: Tensor[Shape[32, 64]]) -> float:
        """Take one step on a batch, and return the loss."""
        loss = losses.mse_loss(self.model(images.traced()), images)
        self.adam.update(self.model, loss.backward(wrt=self.model))
        self.average.update(self.model)
        return loss.item()

    def epoch(self) -> float:
        """Go through the images once, and return the mean of the losses."""
        return float(np.mean([self.step(images) for (images,) in self.batches]))

    def save(self, path: Path, loss: float) -> None:
        """Write a checkpoint, with the loss as a note."""
        tl.save_checkpoint(
            path,
            notes={"loss": loss},
            model=self.model,
            average=self.average.model,
            optimizer=self.adam,
            batches=self.batches,
        )

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint, bit for bit."""
        notes = tl.load_checkpoint(
            path,
            model=self.model,
            average=self.average.model,
            optimizer=self.adam,
            batches=self.batches,
        )
        print(f"going on after epoch {self.batches.order.epoch}, from a loss of {notes['loss']}")


def train(run: Run[N], epochs: int, path: Path) -> None:
    """Train up to an epoch, with a checkpoint after each."""
    first = run.batches.order.epoch
    with tqdm(range(first, epochs), initial=first, total=epochs, unit="epoch") as progress:
        for _ in progress:
            loss = run.epoch()
            progress.set_postfix(loss=f"{loss:.4f}", refresh=False)
            run.save(path, loss)


def principal_components(x: Tensor[Shape[N, 64]], y: Tensor[Shape[M, 64]]) -> Tensor[Shape[M, 64]]:
    """Return y as far as it lies along the eight directions in which x varies most."""
    mean: Tensor[Shape[64]] = x.mean(axis=0)
    _, _, axes = tl.linalg.svd(x - mean)
    main: Tensor[Shape[8, 64]] = axes[:CODE]
    return (y - mean) @ main.T @ main + mean


def draw(rows: list[Tensor[Shape[N, 64]]], path: Path) -> None:
    """Write a picture of ten images of each row."""
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    figure.suptitle("Held-out digits; from the codes; from as many principal components")
    for row, images in enumerate(rows):
        for column in range(10):
            panel = figure.add_subplot(len(rows), 10, 10 * row + column + 1)
            panel.imshow(images.numpy()[column].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            panel.set_axis_off()
    figure.savefig(path)


def main() -> None:
    """Train, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=60, help="up to which epoch to train")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    arguments = parser.parse_args()
    OUTPUT.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    (training,), (held_out,) = tl.data.random_split(load(), sizes=(1437, 360), rng=rng)
    run = Run(training, rng)
    checkpoint = OUTPUT / "custom_module.npz"
    if arguments.resume:
        run.resume(checkpoint)
    train(run, arguments.epochs, checkpoint)

    drawn = run.average.model(held_out)
    lines = principal_components(training, held_out)
    error, bound = losses.rmse_loss(drawn, held_out), losses.rmse_loss(lines, held_out)
    print(f"drawn from codes: off by {error.item():.4f}; principal components: {bound.item():.4f}")
    run.average.model.save(OUTPUT / "autoencoder.npz")
    draw([held_out, drawn, lines], OUTPUT / "custom_module.png")
    print(f"A picture is in {OUTPUT / 'custom_module.png'}")


if __name__ == "__main__":
    main()
