"""An LSTM cell written by hand, unrolled in a loop over a sequence of steps.

    python examples/models/lstm.py    a few training steps on random sequences

Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997, with the forget gate of Gers,
Schmidhuber and Cummins, "Learning to Forget", 2000.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor0D, losses, nn, optim

N = TypeVar("N", bound=int)  # sequences
S = TypeVar("S", bound=int)  # steps of a sequence
I = TypeVar("I", bound=int)  # noqa: E741 (features of a step)
H = TypeVar("H", bound=int)  # features of a state
O = TypeVar("O", bound=int)  # noqa: E741 (features of a result)
T = TypeVar("T", bound=NoTape | Tape)


class Cell(nn.Module, Generic[I, H]):
    """From a step and the state before to the state after, by way of four gates."""

    def __init__(self, inputs: I, hidden: H) -> None:
        self.from_input = nn.Linear(inputs, 4 * hidden)
        self.from_hidden = nn.Linear(hidden, 4 * hidden, bias=False)

    def forward(
        self,
        x: Tensor[Shape[N, I], T],
        hidden: Tensor[Shape[N, H], T],
        memory: Tensor[Shape[N, H], T],
    ) -> tuple[Tensor[Shape[N, H], T], Tensor[Shape[N, H], T]]:
        """Return what the cell says, and what it keeps in memory."""
        gates = self.from_input(x) + self.from_hidden(hidden)
        let_in, forget, new, let_out = gates.split(4, axis=-1)
        memory = forget.sigmoid() * memory + let_in.sigmoid() * new.tanh()
        return let_out.sigmoid() * memory.tanh(), memory.with_empty_tape()


class LSTM(nn.Module, Generic[I, H, O]):
    """From sequences of I features to sequences of O, step by step."""

    def __init__(self, inputs: I, hidden: H, outputs: O) -> None:
        self.hidden = hidden
        self.cell = Cell(inputs, hidden)
        self.head = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor[Shape[N, S, I], T]) -> Tensor[Shape[N, S, O], T]:
        """Return a result for each step, which knows of the steps before it."""
        n, s, _ = x.shape
        hidden = tl.zeros((n, self.hidden)).with_tape_of(x)
        memory = hidden.with_empty_tape()
        states = []
        for step in x.unstack(1):
            hidden, memory = self.cell(step, hidden.with_empty_tape(), memory)
            states.append(hidden)
        return self.head(tl.stack(states, axis=1).expect_shape((n, s, self.hidden)))


def loss_of(
    results: Tensor[Shape[N, S, O], Tape], targets: Tensor[Shape[N, S, O]]
) -> Tensor0D[Tape]:
    """Return the mean squared error."""
    return losses.mse_loss(results, targets)


def training_step(
    model: LSTM[I, H, O],
    optimizer: optim.Optimizer[LSTM[I, H, O]],
    sequences: Tensor[Shape[N, S, I]],
    targets: Tensor[Shape[N, S, O]],
) -> float:
    """Take a step on sequences, and return the loss before it."""
    loss = loss_of(model(sequences.traced()), targets)
    optimizer.update(model, loss.backward(wrt=model).clip_norm(1.0))
    return loss.item()


def run(
    batch: N, length: S, inputs: I, hidden: H, outputs: O, steps: int = 2
) -> Tensor[Shape[N, S, O]]:
    """Train on random sequences; return the results for them."""
    rng = np.random.default_rng(0)
    model = LSTM(inputs, hidden, outputs)
    model.reset_params(rng)
    adam = optim.Adam(model, lr=1e-2)
    sequences = tl.randn((batch, length, inputs), rng=rng)
    targets = tl.randn((batch, length, outputs), rng=rng)
    for _ in range(steps):
        print(f"loss {training_step(model, adam, sequences, targets):.3f}")
    results = model(sequences)
    print(f"results {results.shape}")
    return results


SIZES = ((2, 6, 3, 4, 2), (1, 1, 2, 5, 3), (3, 4, 1, 2, 5), (4, 3, 5, 1, 1), (2, 7, 4, 3, 6))
"""For instance: batch, steps, features of a step, of a state and of a result."""


def main() -> None:
    """Train a small one."""
    run(batch=4, length=12, inputs=3, hidden=16, outputs=2, steps=5)


if __name__ == "__main__":
    main()
