"""Proximal policy optimisation: two networks learn which way to push carts, and balance poles.

    python examples/ppo.py                       balances nearly all poles to the end
    python examples/ppo.py --rounds 5 --seed 1   a quick look, with another start

The actor says how likely each push should be, the critic what a state is worth. Each round, the
actor pushes some carts for a while. Pushes that went better than the critic expected become more
likely, but not by much at once: the ratio to what they were is clipped. A learning curve is left in
examples/output/.

The method is that of J. Schulman and others, Proximal Policy Optimization Algorithms, 2017.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic

import numpy as np
from cart_pole import LONGEST, CartPoles, Floats, Ints, balanced, draw
from tqdm import tqdm
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, data, losses, nn, optim

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

OUTPUT = Path(__file__).parent / "output"
CARTS = 16
PUSHES = 128  # of each cart in a round
EPOCHS = 4  # how often a round's pushes are learned from
BATCH = 256
DISCOUNT, SMOOTHING = 0.99, 0.95
CLIP = 0.2  # how far the ratio of probabilities may be from 1
ENTROPY, CRITIC = 0.01, 0.5  # what these parts of the loss count


class ActorCritic(nn.Module):
    """From the state of a cart to scores for both pushes, and to what the state is worth."""

    def __init__(self) -> None:
        self.actor = nn.Sequential(
            nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 2)
        )
        self.critic = nn.Sequential(
            nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1)
        )

    def forward(
        self, states: Tensor[Shape[*Batch, 4], T]
    ) -> tuple[Tensor[Shape[*Batch, 2], T], Tensor[Shape[*Batch], T]]:
        """Return logarithms of the pushes' probabilities, and what the states are worth."""
        scores = self.actor(states.with_empty_tape())
        return scores.log_softmax(), self.critic(states).squeeze(-1)


@dataclass(frozen=True)
class Step(Generic[N]):
    """What happened when each of N carts was pushed once."""

    states: Tensor[Shape[N, 4]]
    pushes: Tensor[Shape[N], NoTape, np.int64]
    log_probs: Tensor[Shape[N]]
    values: Tensor[Shape[N]]
    """What the critic says that the states are worth."""
    errors: Tensor[Shape[N]]
    """By how much the reward and the value of the next state surpass that."""
    goes_on: Tensor[Shape[N]]


def loss_of(
    model: ActorCritic,
    states: Tensor[Shape[N, 4]],
    pushes: Tensor[Shape[N], NoTape, np.int64],
    old: Tensor[Shape[N]],
    gains: Tensor[Shape[N]],
    returns: Tensor[Shape[N]],
) -> Tensor[Shape[()], Tape]:
    """Return the clipped objective with the critic's loss, less a share of the entropy."""
    log_probs, values = model(states.traced())
    entropy = -(log_probs.with_empty_tape().exp() * log_probs.with_empty_tape()).sum(-1).mean()
    ratio: Tensor[Shape[N], Tape] = (log_probs.select(pushes) - old).exp()
    clipped = ratio.with_empty_tape().clip(1 - CLIP, 1 + CLIP)
    objective = tl.minimum(ratio * gains, clipped * gains).mean()
    return CRITIC * losses.mse_loss(values, returns) - objective - ENTROPY * entropy


def gather(model: ActorCritic, poles: CartPoles, rng: np.random.Generator) -> list[Step[16]]:
    """Push the carts for a while as the model says."""
    steps = []
    for _ in range(PUSHES):
        states = tl.tensor(poles.states).expect_shape((CARTS, 4))
        log_probs, values = model(states)
        pushes = tl.categorical(log_probs, rng=rng)
        pushed = poles.push(pushes.numpy())
        _, after = model(tl.tensor(pushed.states).expect_shape((CARTS, 4)))
        stands = tl.tensor(~pushed.fallen).expect_shape((CARTS,)).astype(np.float32)
        goes_on = tl.tensor(~pushed.ended).expect_shape((CARTS,)).astype(np.float32)
        errors = 1 + DISCOUNT * stands * after - values
        taken = log_probs.select(pushes)
        steps.append(Step(states, pushes, taken, values, errors, goes_on))
    return steps


def advantages(steps: list[Step[N]]) -> list[Tensor[Shape[N]]]:
    """Return how much better than expected each push was: its error and, fading, later ones."""
    later = tl.zeros_like(steps[0].values)
    found = []
    for step in reversed(steps):
        later = step.errors + DISCOUNT * SMOOTHING * step.goes_on * later
        found.append(later)
    return found[::-1]


def train(model: ActorCritic, rounds: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Let the model learn; return how long it balances poles along the way."""
    poles = CartPoles(CARTS, rng)
    adam = optim.Adam(model)
    schedule = optim.PolynomialDecay(1e-3, total_iters=rounds)
    choose = partial(chosen, model)
    curve = [(0, balanced(choose))]
    with tqdm(range(rounds), unit="round") as progress:
        for number in progress:
            adam.lr = schedule(number)
            steps = gather(model, poles, rng)
            gains = tl.concat(advantages(steps))
            batches = data.batches(
                tl.concat([step.states for step in steps]),
                tl.concat([step.pushes for step in steps]),
                tl.concat([step.log_probs for step in steps]),
                (gains - gains.mean()) / gains.std(),
                gains + tl.concat([step.values for step in steps]),
                batch_size=BATCH,
                shuffle=True,
                drop_last=True,  # none is: 16 * 128 pushes are 8 batches
                rng=rng,
            )
            for _ in range(EPOCHS):
                for batch in batches:
                    gradients = loss_of(model, *batch).backward(wrt=model)
                    adam.update(model, gradients.clip_norm(0.5))
            if number % 5 == 4 or number == rounds - 1:
                curve.append((number + 1, balanced(choose)))
                progress.set_postfix(balanced=curve[-1][1])
    return curve


def chosen(model: ActorCritic, states: Floats) -> Ints:
    """Return the likelier push for each cart."""
    log_probs, _ = model(tl.tensor(states).expect_shape((-1, 4)))
    return log_probs.argmax(-1).numpy()


def main() -> None:
    """Train, and balance poles that were not seen in training."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=90, help="how many times to gather and learn")
    parser.add_argument("--seed", type=int, default=0, help="of the carts and the training")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    model = ActorCritic()
    model.reset_params(rng)
    curve = train(model, arguments.rounds, rng)
    mean = balanced(partial(chosen, model), carts=100)
    print(f"poles stand for {mean:.1f} of {LONGEST} pushes on average")
    draw(curve, OUTPUT / "ppo.png")


if __name__ == "__main__":
    main()
