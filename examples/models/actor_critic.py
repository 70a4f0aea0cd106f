"""Actor and critic: one body, and two heads that say what to do and what a state is worth.

    python examples/models/actor_critic.py    a few training steps on random episodes

Source: Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning", 2016.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # episodes, side by side
S = TypeVar("S", bound=int)  # steps of an episode
I = TypeVar("I", bound=int)  # noqa: E741 (numbers of a state)
H = TypeVar("H", bound=int)  # features of the body
A = TypeVar("A", bound=int)  # actions
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

DISCOUNT = 0.99
ENTROPY, CRITIC = 0.01, 0.5  # what these parts of the loss count


class ActorCritic(nn.Module, Generic[I, H, A]):
    """From states to scores of A actions, and to what the states are worth."""

    def __init__(self, inputs: I, hidden: H, actions: A) -> None:
        self.body = nn.Sequential(
            nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()
        )
        self.actor = nn.Linear(hidden, actions)
        self.critic = nn.Linear(hidden, 1)

    def forward(
        self, states: Tensor[Shape[*Batch, I], T]
    ) -> tuple[Tensor[Shape[*Batch, A], T], Tensor[Shape[*Batch], T]]:
        """Return logarithms of the actions' probabilities, and what the states are worth."""
        h = self.body(states)
        return self.actor(h.with_empty_tape()).log_softmax(), self.critic(h).squeeze(-1)


def returns_of(rewards: Tensor[Shape[N, S]], last: Tensor[Shape[N]]) -> Tensor[Shape[N, S]]:
    """Return what follows each step: its reward and, discounted, the later ones."""
    n, s = rewards.shape
    later = last
    found = []
    for reward in reversed(rewards.unstack(1)):
        later = reward + DISCOUNT * later
        found.append(later)
    return tl.stack(found[::-1], axis=1).expect_shape((n, s))


def loss_of(
    log_probs: Tensor[Shape[N, S, A], Tape],
    values: Tensor[Shape[N, S], Tape],
    actions: Tensor[Shape[N, S], NoTape, np.int64],
    returns: Tensor[Shape[N, S]],
) -> Tensor0D[Tape]:
    """Make actions that went better than expected likelier, and expect what came."""
    gains = returns - values.detach()
    log_prob = log_probs.with_empty_tape().select(actions)
    entropy = -(log_probs.with_empty_tape().exp() * log_probs).sum(-1)
    policy = log_prob * gains + ENTROPY * entropy
    return CRITIC * losses.mse_loss(values, returns) - policy.mean()


def training_step(
    model: ActorCritic[I, H, A],
    optimizer: optim.Optimizer[ActorCritic[I, H, A]],
    states: Tensor[Shape[N, "S + 1", I]],
    actions: Tensor[Shape[N, S], NoTape, np.int64],
    rewards: Tensor[Shape[N, S]],
) -> float:
    """Take a step on episodes, each with the state it ended in, and return the loss before it."""
    _, worth = model(states[:, -1])
    log_probs, values = model(states[:, :-1].traced())
    loss = loss_of(log_probs, values, actions, returns_of(rewards, worth))
    optimizer.update(model, loss.backward(wrt=model).clip_norm(0.5))
    return loss.item()


def run(
    batch: N, length: S, inputs: I, hidden: H, actions: A, steps: int = 2
) -> tuple[Tensor[Shape[N, A]], Tensor[Shape[N]]]:
    """Train on random episodes; return both heads' answers for their first states."""
    rng = np.random.default_rng(0)
    model = ActorCritic(inputs, hidden, actions)
    model.reset_params(rng)
    adam = optim.Adam(model, lr=1e-2)
    states = tl.randn((batch, length + 1, inputs), rng=rng)
    log_probs, _ = model(states[:, :-1])
    taken = tl.categorical(log_probs, rng=rng)
    rewards = tl.randn((batch, length), rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, adam, states, taken, rewards):.3f}")
    choices, values = model(states[:, 0])
    print(f"log-probabilities {choices.shape}, values {values.shape}")
    return choices, values


SIZES = ((2, 6, 4, 8, 2), (1, 1, 3, 5, 4), (3, 4, 1, 2, 5), (4, 3, 5, 1, 3), (5, 2, 2, 7, 6))
"""For instance: episodes, steps, numbers of a state, features of the body, actions."""


def main() -> None:
    """Train a small one."""
    run(batch=4, length=8, inputs=4, hidden=16, actions=2, steps=5)


if __name__ == "__main__":
    main()
