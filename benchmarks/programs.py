"""Write typed programs of any length, for measuring how long their checking takes.

Each module is what a project's module is: a model with its layers and its forward pass, functions
over tensors with symbolic sizes, a training step, and as much ordinary Python around them. Shapes
are spelled as every checker reads them, so that mypy checks the same text without the plugin.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

_HEAD = '''\
"""Module $index of a generated program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Tape, Tensor, nn, optim
from tensorlib.losses import cross_entropy, mse_loss

B = TypeVar("B", bound=int)
N = TypeVar("N", bound=int)
D = TypeVar("D", bound=int)
T = TypeVar("T", Tape, NoTape)
'''

_PART = Template('''

class Net$n(nn.Module):
    """A multi-layer perceptron with a residual branch and two heads."""

    def __init__(self, rng: int = $n) -> None:
        self.embed = nn.Linear($a, $b, rng=rng)
        self.norm = nn.LayerNorm($b)
        self.up = nn.Linear($b, $c, rng=rng)
        self.down = nn.Linear($c, $b, rng=rng)
        self.drop = nn.Dropout(0.1)
        self.policy = nn.Linear($b, $d, rng=rng)
        self.value = nn.Linear($b, 1, rng=rng)

    def encode(self, x: Tensor[tuple[B, Literal[$a]], T]) -> Tensor[tuple[B, Literal[$b]], T]:
        """Return the features."""
        h = self.embed(x).relu()
        wide = self.up(self.norm(h.with_empty_tape())).gelu()
        return h + self.drop(self.down(wide))

    def forward(self, x: Tensor[tuple[B, Literal[$a]], T]) -> Tensor[tuple[B, Literal[$d]], T]:
        """Return the scores of the classes."""
        h = self.encode(x)
        centred = h - h.with_empty_tape().mean(-1, keepdims=True)
        return self.policy(centred * 0.5)

    def values(self, x: Tensor[tuple[B, Literal[$a]], T]) -> Tensor[tuple[B], T]:
        """Return the values of the states."""
        h = self.encode(x)
        return self.value(h).squeeze(-1)


def attention_$n(
    q: Tensor[tuple[B, N, D], T], k: Tensor[tuple[B, N, D]], v: Tensor[tuple[B, N, D]]
) -> Tensor[tuple[B, N, D], T]:
    """Return the weighted values."""
    scores = q @ k.mT
    weights = (scores * 0.125).softmax(-1)
    mixed = weights @ v
    return mixed


def pooled_$n(
    images: Tensor[tuple[B, Literal[3], Literal[$h], Literal[$h]], T],
) -> Tensor[tuple[B, Literal[$hh]], T]:
    """Return the brightness of each pixel as one row."""
    grey = images.mean(1)
    rows = grey.reshape((-1, $hh))
    shifted = tl.concat((rows[:, 1:], rows.with_empty_tape()[:, :1]), axis=1)
    return shifted.clip(0.0, 1.0).sqrt()


def step_$n(
    model: Net$n,
    optimizer: optim.Adam[Net$n],
    x: Tensor[tuple[B, Literal[$a]]],
    labels: Tensor[tuple[B], NoTape, np.int64],
    returns: Tensor[tuple[B]],
) -> float:
    """Take one step and return the loss."""
    policy_loss = cross_entropy(model(x.traced()), labels)
    value_loss = mse_loss(model.values(x.traced()), returns)
    loss = policy_loss + value_loss * 0.5
    number = loss.item()
    optimizer.update(model, loss.backward())
    return number


@dataclass(frozen=True)
class Config$n:
    """The settings of an experiment."""

    name: str = "experiment-$n"
    epochs: int = $d
    rate: float = 1e-3
    tags: tuple[str, ...] = ("small", "cpu")
    limits: dict[str, float] = field(default_factory=dict)


class History$n(Generic[N]):
    """What a run has recorded so far."""

    def __init__(self, config: Config$n, every: int = 10) -> None:
        self.config = config
        self.every = every
        self.losses: list[float] = []
        self.best: float | None = None
        self.notes: dict[str, list[str]] = {}

    def add(self, step: int, loss: float) -> bool:
        """Record a loss and tell whether it is the best so far."""
        self.losses.append(loss)
        improved = self.best is None or loss < self.best
        if improved:
            self.best = loss
        if step % self.every == 0:
            line = f"{self.config.name}: step {step}, loss {loss:.4f}"
            self.notes.setdefault(self.config.name, []).append(line)
        return improved

    def smoothed(self, weight: float = 0.9) -> list[float]:
        """Return the losses as a moving average."""
        total = 0.0
        result: list[float] = []
        for place, loss in enumerate(self.losses, start=1):
            total = weight * total + (1 - weight) * loss
            result.append(total / (1 - weight**place))
        return result


def parsed_$n(lines: Iterable[str], separator: str = "=") -> dict[str, float]:
    """Read settings, one a line."""
    found: dict[str, float] = {}
    for number, line in enumerate(lines, start=1):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        name, middle, value = text.partition(separator)
        if not middle:
            raise ValueError(f"line {number}: expected name{separator}value, got {text!r}")
        try:
            found[name.strip()] = float(value)
        except ValueError as error:
            raise ValueError(f"line {number}: {value!r} is no number") from error
    return found


def table_$n(rows: Sequence[tuple[str, float]], width: int = 12) -> str:
    """Return a table as text."""
    head = f"{'name':<{width}}{'value':>{width}}"
    body = [f"{name:<{width}}{value:>{width}.3f}" for name, value in rows]
    ranked = sorted(body, key=lambda line: (len(line), line.lower()))
    return "\\n".join([head, "-" * len(head), *ranked])
''')


def write_program(folder: Path, lines: int, *, lines_per_module: int = 500) -> int:
    """Write modules of about so many lines in all, and return how many there are exactly."""
    folder.mkdir(parents=True, exist_ok=True)
    written = part = 0
    while written < lines:
        text = _HEAD.replace("$index", str(part))
        module = folder / f"module_{part:04}.py"
        while text.count("\n") < min(lines_per_module, lines - written):
            part += 1
            text += _PART.substitute(
                n=part,
                a=16 + part,
                b=32 + part % 7,
                c=64 + part % 11,
                d=2 + part % 9,
                h=8 + part % 3,
                hh=(8 + part % 3) ** 2,
            )
        module.write_text(text)
        written += text.count("\n")
    return written
