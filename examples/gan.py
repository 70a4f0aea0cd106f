"""Two networks teach each other: one makes points of a ring out of noise, one tells them from real.

    python examples/gan.py                train for some seconds
    python examples/gan.py --steps 500    a quick look

The generator never sees a real point. All that it learns, it learns from the gradient of a judge,
which is trained to tell real points from made ones. They take turns: in the judge's turn the made
points are constants, as no tape saw how they were made; in the generator's turn one tape goes
through both networks. It prints how far made points are off the ring and whether all of the ring is
covered, and leaves a picture of them in examples/output/.
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
from tensorlib import Shape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)

Points: TypeAlias = Tensor[Shape[N, 2]]
Noise: TypeAlias = Tensor[Shape[N, 8]]
Generator: TypeAlias = nn.Sequential[
    nn.Linear[Literal[8], Literal[64]],
    nn.ReLU,
    nn.Linear[Literal[64], Literal[64]],
    nn.ReLU,
    nn.Linear[Literal[64], Literal[2]],
]
Judge: TypeAlias = nn.Sequential[
    nn.Linear[Literal[2], Literal[64]],
    nn.LeakyReLU,
    nn.Linear[Literal[64], Literal[64]],
    nn.LeakyReLU,
    nn.Linear[Literal[64], Literal[1]],
]

OUTPUT = Path(__file__).parent / "output"
BATCH = 128


def ring(count: N, rng: np.random.Generator) -> Points[N]:
    """Return real points: all around a circle of radius 1, a little off."""
    angle = tl.uniform((count,), 0.0, 2 * np.pi, rng=rng)
    radius = 1 + 0.05 * tl.randn((count,), rng=rng)
    return tl.stack([radius * angle.cos(), radius * angle.sin()], axis=-1)


class Game:
    """The two networks, their optimizers, and their turns."""

    def __init__(self, steps: int, rng: np.random.Generator) -> None:
        self.generator = nn.build(Generator, rng=rng)
        self.judge = nn.build(Judge, rng=rng)
        # Without momentum, as what was right before the other's turn need not be right after it.
        self.for_generator = optim.Adam(self.generator, betas=(0.0, 0.9))
        self.for_judge = optim.Adam(self.judge, betas=(0.0, 0.9))
        self.schedule = optim.CosineAnnealing(1e-3, t_max=steps)

    def judges(self, real: Points[N], noise: Noise[N]) -> float:
        """Train the judge on N real points and N made ones; return its loss."""
        made: Points[N] = self.generator(noise)  # no tape, no history: a constant like the data
        of_real = self.judge(real.traced())
        of_made = self.judge(made.traced())
        loss = losses.binary_cross_entropy_with_logits(of_real, tl.ones_like(of_real))
        loss = loss + losses.binary_cross_entropy_with_logits(of_made, tl.zeros_like(of_made))
        self.for_judge.lr = self.schedule(self.for_judge.steps)
        self.for_judge.update(self.judge, loss.backward(wrt=self.judge))
        return loss.item() / 2

    def makes(self, noise: Noise[N]) -> float:
        """Train the generator to have its points taken for real; return its loss."""
        of_made = self.judge(self.generator(noise.traced()))  # one tape through both networks
        loss = losses.binary_cross_entropy_with_logits(of_made, tl.ones_like(of_made))
        self.for_generator.lr = self.schedule(self.for_generator.steps)
        self.for_generator.update(self.generator, loss.backward(wrt=self.generator))
        return loss.item()


def train(steps: int, rng: np.random.Generator) -> Generator:
    """Let the two play, and return the generator."""
    game = Game(steps, rng)
    with tqdm(range(steps), unit="step") as progress:
        for _ in progress:
            judged = game.judges(ring(BATCH, rng), tl.randn((BATCH, 8), rng=rng))
            made = game.makes(tl.randn((BATCH, 8), rng=rng))
            progress.set_postfix(judge=f"{judged:.3f}", generator=f"{made:.3f}", refresh=False)
    return game.generator


def draw(made: Points[N], real: Points[N], path: Path) -> None:
    """Write a picture of made points beside real ones."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    for panel, points, title in zip(
        figure.subplots(1, 2, sharex=True, sharey=True), (real, made), ("real", "made"), strict=True
    ):
        panel.scatter(points[:, 0], points[:, 1], s=4)
        panel.set(title=title, aspect="equal")
    figure.savefig(path)


def main() -> None:
    """Train, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=2000, help="how many turns each has")
    steps = parser.parse_args().steps
    rng = np.random.default_rng(0)
    generator = train(steps, rng)

    made: Points[1000] = generator(tl.randn((1000, 8), rng=rng))
    off = (tl.linalg.norm(made, axis=-1) - 1).abs().mean().item()
    angle: Tensor[Shape[1000]] = tl.atan2(made[:, 1], made[:, 0])
    counts, _ = np.histogram(angle.numpy(), bins=12, range=(-np.pi, np.pi))
    print(f"Made points are {off:.3f} off the ring on average, real ones 0.040")
    print(f"Of 1000, between {counts.min()} and {counts.max()} are in each twelfth of the ring")
    OUTPUT.mkdir(exist_ok=True)
    draw(made, ring(1000, rng), OUTPUT / "gan.png")
    print(f"A picture of them is in {OUTPUT / 'gan.png'}")


if __name__ == "__main__":
    main()
