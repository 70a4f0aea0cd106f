"""Deep Q-learning: a network learns what each push of a cart is worth, and balances poles.

    python examples/dqn.py                         balances nearly all poles to the end
    python examples/dqn.py --steps 1000 --seed 1   a quick look, with another start

A push that lets the pole fall costs 1. What any other is worth is, discounted, what the best push
after it is worth. The network learns that from pushes that it remembers, in random order, with a
slow copy of itself, the target network, as the judge of what comes after. A learning curve is left
in examples/output/.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic

import numpy as np
from cart_pole import LONGEST, Bools, CartPoles, Floats, Ints, balanced, draw
from tqdm import tqdm
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

OUTPUT = Path(__file__).parent / "output"
CARTS = 16  # that gather experience at once
CAPACITY = 100_000  # how many pushes are remembered
BATCH = 128
DISCOUNT = 0.99
SCALE = tl.tensor([1.0, 1.0, 10.0, 1.0])  # angles are small numbers


class QNetwork(nn.Module):
    """From the state of a cart to what a push to the left and one to the right are worth."""

    def __init__(self) -> None:
        self.layers = nn.Sequential(
            nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2)
        )

    def forward(self, states: Tensor[Shape[*Batch, 4], T]) -> Tensor[Shape[*Batch, 2], T]:
        """Return the worth of both pushes."""
        return self.layers(states * SCALE)


@dataclass(frozen=True)
class Experience(Generic[N]):
    """N pushes: from which state, which one, to which state, and whether the pole still stood."""

    before: Tensor[Shape[N, 4]]
    pushes: Tensor[Shape[N], NoTape, np.int64]
    after: Tensor[Shape[N, 4]]
    stands: Tensor[Shape[N]]


class Memory:
    """The latest pushes; new ones take the place of the oldest."""

    def __init__(self) -> None:
        self._before = np.zeros((CAPACITY, 4), np.float32)
        self._pushes = np.zeros(CAPACITY, np.int64)
        self._after = np.zeros((CAPACITY, 4), np.float32)
        self._stands = np.zeros(CAPACITY, np.float32)
        self._count = 0

    def add(self, before: Floats, pushes: Ints, after: Floats, fallen: Bools) -> None:
        """Remember one push of each cart."""
        places = np.arange(self._count, self._count + len(pushes)) % CAPACITY
        self._before[places], self._pushes[places] = before, pushes
        self._after[places], self._stands[places] = after, ~fallen
        self._count += len(pushes)

    def sample(self, count: N, rng: np.random.Generator) -> Experience[N]:
        """Return some pushes at random."""
        places = rng.integers(min(self._count, CAPACITY), size=count)
        return Experience(
            tl.from_numpy(self._before[places]).expect_shape((count, 4)),
            tl.from_numpy(self._pushes[places]).expect_shape((count,)),
            tl.from_numpy(self._after[places]).expect_shape((count, 4)),
            tl.from_numpy(self._stands[places]).expect_shape((count,)),
        )


def loss_of(model: QNetwork, judge: QNetwork, seen: Experience[N]) -> Tensor[Shape[()], Tape]:
    """Return how far the worth of what was done is from what came of it."""
    # The model chooses what it would do next, and the judge says what that is worth: one network
    # for both would believe its own mistakes. Nothing here is traced, so all of it is constant.
    best = model(seen.after).argmax(-1)
    later: Tensor[Shape[N]] = judge(seen.after).select(best)
    value = seen.stands * (DISCOUNT * later) - (1 - seen.stands)
    guess: Tensor[Shape[N], Tape] = model(seen.before.traced()).select(seen.pushes)
    return losses.smooth_l1_loss(guess, value)


def chosen(model: QNetwork, states: Floats) -> Ints:
    """Return the better push for each cart."""
    return model(tl.tensor(states).expect_shape((-1, 4))).argmax(-1).numpy()


def train(
    model: QNetwork, steps: int, rng: np.random.Generator
) -> tuple[QNetwork, list[tuple[int, float]]]:
    """Let the model learn; return the judge, and how long it balances poles along the way."""
    poles, memory = CartPoles(CARTS, rng), Memory()
    judge = optim.EMA(model, decay=0.98)
    adam = optim.Adam(model)
    schedule = optim.PolynomialDecay(1e-3, total_iters=steps)
    choose = partial(chosen, judge.model)
    curve = [(0, balanced(choose))]
    with tqdm(range(steps), unit="step") as progress:
        for step in progress:
            before = poles.states
            at_random = rng.random(CARTS) < max(0.05, 1 - 5 * step / steps)
            pushes = np.where(at_random, rng.integers(2, size=CARTS), chosen(model, before))
            pushed = poles.push(pushes)
            memory.add(before, pushes, pushed.states, pushed.fallen)
            loss = loss_of(model, judge.model, memory.sample(BATCH, rng))
            adam.lr = schedule(step)
            adam.update(model, loss.backward(wrt=model).clip_norm(10.0))
            judge.update(model)
            if step % 500 == 499 or step == steps - 1:
                curve.append((step + 1, balanced(choose)))
                progress.set_postfix(balanced=curve[-1][1])
    return judge.model, curve


def main() -> None:
    """Train, and balance poles that were not seen in training."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000, help="how many times to learn")
    parser.add_argument("--seed", type=int, default=0, help="of the carts and the training")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    model = QNetwork()
    model.reset_params(rng)
    judge, curve = train(model, arguments.steps, rng)  # the judge wavers less than the model
    mean = balanced(partial(chosen, judge), carts=100)
    print(f"poles stand for {mean:.1f} of {LONGEST} pushes on average")
    draw(curve, OUTPUT / "dqn.png")


if __name__ == "__main__":
    main()
