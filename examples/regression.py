"""Predict how far diabetes will have gone after a year, and compare with a linear fit.

    python examples/regression.py                          five splits of the data
    python examples/regression.py --splits 1 --epochs 20   a quick look

scikit-learn's 442 patients have ten measurements each, such as age, body mass, blood pressure. With
so few, a network has to be held back to keep up with the linear fit: by dropout and a large weight
decay. It prints which part of the variance both explain among the 100 patients held out of each
split, and leaves a picture of predictions and truth in examples/output/.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from tqdm import tqdm
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)

OUTPUT = Path(__file__).parent / "output"


def load() -> tuple[Tensor[Shape[442, 10]], Tensor[Shape[442, 1]]]:
    """Return measurements and progression: the only place where untyped data enters."""
    patients = load_diabetes(scaled=False)
    measured: npt.NDArray[np.float32] = patients.data.astype(np.float32)
    progress: npt.NDArray[np.float32] = patients.target.astype(np.float32)
    return (
        tl.tensor(measured).expect_shape((442, 10)),
        tl.tensor(progress).expect_shape((442,)).reshape((442, 1)),
    )


@dataclass(frozen=True)
class Scale(Generic[M]):
    """What brings each of M columns to mean 0 and deviation 1."""

    mean: Tensor[Shape[M]]
    deviation: Tensor[Shape[M]]

    def __call__(self, x: Tensor[Shape[N, M]]) -> Tensor[Shape[N, M]]:
        """Return the columns standardised."""
        return (x - self.mean) / self.deviation

    def undo(self, x: Tensor[Shape[N, M]]) -> Tensor[Shape[N, M]]:
        """Return standardised columns in their own units."""
        return x * self.deviation + self.mean


def scale_of(x: Tensor[Shape[N, M]]) -> Scale[M]:
    """Measure columns; those of the training data, as the held-out are not to be known yet."""
    return Scale(x.mean(axis=0), x.std(axis=0))


def linear_fit(x: Tensor[Shape[N, M]], y: Tensor[Shape[N, 1]]) -> Tensor[Shape[M, 1]]:
    """Return the weights of least squares, from the normal equations."""
    return tl.linalg.solve(x.T @ x, x.T @ y)


class Network(nn.Module):
    """From ten measurements to one number."""

    def __init__(self) -> None:
        self.layers = nn.Sequential(
            (nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.2)),
            (nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.2)),
            nn.Linear(32, 1),
        )

    def forward(self, x: Tensor[Shape[N, 10], T]) -> Tensor[Shape[N, 1], T]:
        """Return the prediction for each of N patients."""
        return self.layers(x)


def train(
    model: Network,
    x: Tensor[Shape[N, 10]],
    y: Tensor[Shape[N, 1]],
    epochs: int,
    rng: np.random.Generator,
) -> None:
    """Fit the model to N patients."""
    adamw = optim.AdamW(model, lr=1e-3, weight_decay=1.0)
    batches = tl.data.batches(x, y, batch_size=38, shuffle=True, drop_last=True, rng=rng)
    with tqdm(range(epochs), unit="epoch") as progress:
        for _ in progress:
            for inputs, targets in batches:
                loss = losses.mse_loss(model(inputs.traced()), targets)
                progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                adamw.update(model, loss.backward())


@dataclass(frozen=True)
class Outcome:
    """What became of the patients held out of a split, and what was predicted."""

    truth: Tensor[Shape[100, 1]]
    linear: Tensor[Shape[100, 1]]
    network: Tensor[Shape[100, 1]]


def run(x: Tensor[Shape[442, 10]], y: Tensor[Shape[442, 1]], seed: int, epochs: int) -> Outcome:
    """Fit both models to the split of this seed, and predict what was held out."""
    rng = np.random.default_rng(seed)
    (x_train, y_train), (x_test, y_test) = tl.data.random_split(x, y, sizes=(342, 100), rng=rng)
    x_scale, y_scale = scale_of(x_train), scale_of(y_train)
    inputs, targets, held_out = x_scale(x_train), y_scale(y_train), x_scale(x_test)

    weights: Tensor[Shape[10, 1]] = linear_fit(inputs, targets)
    model = Network()
    model.reset_params(rng)
    train(model, inputs, targets, epochs, rng)
    return Outcome(y_test, y_scale.undo(held_out @ weights), y_scale.undo(model(held_out)))


def r2(predicted: Tensor[Shape[N, 1]], truth: Tensor[Shape[N, 1]]) -> float:
    """Return which part of the variance is explained."""
    return 1 - (losses.mse_loss(predicted, truth) / truth.var(correction=0)).item()


def draw(outcomes: list[Outcome], path: Path) -> None:
    """Write a picture of what was predicted against what came."""
    truth = tl.concat([outcome.truth for outcome in outcomes])
    figure = Figure(figsize=(10, 5), layout="constrained")
    for place, (name, predicted) in enumerate(
        (
            ("linear fit", tl.concat([outcome.linear for outcome in outcomes])),
            ("network", tl.concat([outcome.network for outcome in outcomes])),
        )
    ):
        panel = figure.add_subplot(1, 2, place + 1)
        panel.scatter(truth.numpy(), predicted.numpy(), s=8, alpha=0.5)
        panel.plot([0, 350], [0, 350], color="black", linewidth=1)
        error = losses.rmse_loss(predicted, truth).item()
        panel.set(title=f"{name}: RMSE {error:.1f}", xlabel="progression", ylabel="predicted")
    figure.savefig(path)


def main() -> None:
    """Train on some splits, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--splits", type=int, default=5, help="how many splits to train on")
    parser.add_argument("--epochs", type=int, default=200, help="how often to go through the data")
    arguments = parser.parse_args()
    OUTPUT.mkdir(exist_ok=True)
    x, y = load()
    outcomes = []
    for seed in range(arguments.splits):
        outcome = run(x, y, seed, arguments.epochs)
        outcomes.append(outcome)
        linear = f"R² {r2(outcome.linear, outcome.truth):.2f} linear"
        print(
            f"split {seed}: {linear}, {r2(outcome.network, outcome.truth):.2f} network", flush=True
        )
    draw(outcomes, OUTPUT / "regression.png")
    print(f"A picture of predictions and truth is in {OUTPUT / 'regression.png'}")


if __name__ == "__main__":
    main()
