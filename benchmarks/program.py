"""What a workload asks for, and what a framework makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Arrays: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True)
class Rule:
    """How parameters are updated; all else is as PyTorch has it by default.

    The learning rates are small, so that thousands of steps on one batch leave a training that has
    not come to rest: gradients near 0 would be denormal numbers, which are slow.
    """

    name: Literal["SGD", "Adam", "AdamW"]
    lr: float
    momentum: float = 0.0
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Task:
    """The numbers that all frameworks start from.

    Attributes:
        parameters: their initial values by path; weights are laid out as in PyTorch.
        data: what the forward pass takes, and behind it what only the loss takes.
        rule: how a training step updates the parameters; None where it ends with the gradients.
    """

    parameters: Arrays
    data: tuple[Array, ...]
    rule: Rule | None = None


@dataclass(frozen=True)
class Readings:
    """What is compared among frameworks.

    Attributes:
        results: the loss and the gradients, ``"gradient of <path>"``, at the present parameters.
        parameters: those, by path.
    """

    results: Arrays
    parameters: Arrays


@dataclass(frozen=True)
class Program:
    """A workload in one framework.

    Attributes:
        forward: computes the prediction as in inference, without a tape, and waits for it.
        step: computes loss and gradients and updates the parameters; None for inference only.
        read: tells where the program has come to, and changes nothing.
    """

    forward: Callable[[], object]
    step: Callable[[], object] | None
    read: Callable[[], Readings]


@dataclass(frozen=True)
class Workload:
    """One thing to compute, and how each framework does it.

    Attributes:
        name: what the command line calls it.
        title: one line for tables.
        full: makes the task in the size that is measured.
        tiny: makes it in the size that is tested.
        tensorlib: makes the program from the task and options.
        torch: likewise.
        predict: the forward pass as a function ``(numeric, parameters, *inputs)``; see `Numeric`.
        loss: likewise, of all the data.
        options: ways of running a framework that change something here: ``"torch+fused"``.
    """

    name: str
    title: str
    full: Callable[[], Task]
    tiny: Callable[[], Task]
    tensorlib: Callable[[Task, frozenset[str]], Program]
    torch: Callable[[Task, frozenset[str]], Program]
    predict: Callable[..., Any]
    loss: Callable[..., Any]
    options: tuple[str, ...] = ("tensorlib+compile", "torch+fused", "torch+compile")


def gradient_of(path: str) -> str:
    """Name the gradient of a parameter among the results."""
    return f"gradient of {path}"


def results_of(loss: float, gradients: Arrays) -> dict[str, Array]:
    """Return the results of a pass."""
    named = {gradient_of(path): gradient for path, gradient in gradients.items()}
    return {"loss": np.asarray(loss), **named}


def dense(rng: np.random.Generator, path: str, inputs: int, outputs: int) -> dict[str, Array]:
    """Draw the weight and the bias of a linear layer."""
    return drawn(rng, path, (outputs, inputs), inputs)


def drawn(
    rng: np.random.Generator, path: str, shape: tuple[int, ...], inputs: int
) -> dict[str, Array]:
    """Draw a weight of any shape and its bias, each within one by the root of its inputs."""
    limit = inputs**-0.5
    return {
        f"{path}.weight": rng.uniform(-limit, limit, shape).astype(np.float32),
        f"{path}.bias": rng.uniform(-limit, limit, shape[0]).astype(np.float32),
    }
