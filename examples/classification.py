"""Tell three spirals apart, and draw where the network sees each of them.

    python examples/classification.py               train for some seconds
    python examples/classification.py --epochs 20   a quick look

A point belongs to one of three arms that wind around each other. It prints how many of the held-out
points were classified right, and which were taken for which, and leaves a picture of the regions in
examples/output/.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)

Points: TypeAlias = Tensor[Shape[N, 2]]
Arms: TypeAlias = Tensor[Shape[N], NoTape, np.int64]  # 0, 1 or 2: which arm a point is on
Network: TypeAlias = nn.Sequential[
    nn.Linear[Literal[2], Literal[64]],
    nn.ReLU,
    nn.Linear[Literal[64], Literal[64]],
    nn.ReLU,
    nn.Linear[Literal[64], Literal[3]],
]
"""A model may be stated as a type; nn.build makes an instance."""

OUTPUT = Path(__file__).parent / "output"
COLORS = ("tab:blue", "tab:orange", "tab:green")


def spirals(rng: np.random.Generator) -> tuple[Points[1500], Arms[1500]]:
    """Return noisy points, 500 on each arm."""
    radius: Tensor[Shape[500]] = tl.linspace(0.1, 1.0, 500)
    start: Tensor[Shape[3, 1]] = tl.arange(3).reshape((3, 1)) * (2 * np.pi / 3)
    angle: Tensor[Shape[3, 500]] = tl.randn((3, 500), rng=rng) * 0.15 + 9 * radius + start
    points: Tensor[Shape[3, 500, 2]] = tl.stack([radius * angle.cos(), radius * angle.sin()], -1)
    return points.reshape((1500, 2)), tl.arange(3).repeat(500)


def train(
    model: Network, points: Points[N], arms: Arms[N], epochs: int, rng: np.random.Generator
) -> None:
    """Fit the model to N points."""
    adam = optim.Adam(model)
    batches = tl.data.batches(points, arms, batch_size=60, shuffle=True, drop_last=True, rng=rng)
    schedule = optim.CosineAnnealing(1e-2, t_max=epochs * len(batches))
    with tqdm(range(epochs), unit="epoch") as progress:
        for _ in progress:
            for inputs, labels in batches:  # Points[60], Arms[60]
                adam.lr = schedule(adam.steps)
                scores = model(inputs.traced())
                loss = losses.cross_entropy(scores, labels)  # of class indices, as PyTorch's
                progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                adam.update(model, loss.backward(wrt=model))


def draw(model: Network, points: Points[N], arms: Arms[N], path: Path) -> None:
    """Write a picture of the points, over what the model says of every place."""
    line = tl.linspace(-1.3, 1.3, 250)
    columns, rows = tl.broadcast_arrays(line, line.reshape((250, 1)))
    grid: Tensor[Shape[250, 250, 2]] = tl.stack([columns, rows], axis=-1)
    seen: Tensor[Shape[250, 250], NoTape, np.int64] = model(grid).argmax(-1)
    figure = Figure(figsize=(6, 6), layout="constrained")
    panel = figure.add_subplot()
    levels = [-0.5, 0.5, 1.5, 2.5]
    panel.contourf(line, line, seen, levels=levels, colors=COLORS, alpha=0.3)
    for arm, color in enumerate(COLORS):
        own: Tensor[Shape[int, 2]] = points[arms == arm]
        panel.scatter(own[:, 0], own[:, 1], s=8, color=color)
    panel.set(title="Held-out points, and what the network sees where", aspect="equal")
    figure.savefig(path)


def main() -> None:
    """Train, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=100, help="how often to go through the data")
    epochs = parser.parse_args().epochs
    rng = np.random.default_rng(0)
    points, arms = spirals(rng)
    (x_train, y_train), (x_test, y_test) = tl.data.random_split(
        points, arms, sizes=(1200, 300), rng=rng
    )
    model = nn.build(Network, rng=rng)
    train(model, x_train, y_train, epochs, rng)

    scores: Tensor[Shape[300, 3]] = model(x_test)
    print(f"{tl.accuracy(scores, y_test):.1%} of 300 held-out points classified right")
    confusion: Tensor[Shape[3, 3], NoTape, np.int64] = tl.confusion_matrix(
        scores.argmax(-1), y_test, 3
    )
    for arm, counts in enumerate(confusion.tolist()):
        print(f"arm {arm} was taken for arm 0, 1, 2 this often: {counts}")
    OUTPUT.mkdir(exist_ok=True)
    draw(model, x_test, y_test, OUTPUT / "classification.png")
    print(f"A picture of the regions is in {OUTPUT / 'classification.png'}")


if __name__ == "__main__":
    main()
