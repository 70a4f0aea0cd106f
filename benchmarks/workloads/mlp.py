"""W2: a perceptron for images of digits, where matrix products decide."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import Numeric, Parameters, cross_entropy, linear
from benchmarks.program import Program, Rule, Task, Workload, dense


def task(inputs: int = 784, first: int = 512, second: int = 256, batch: int = 128) -> Task:
    """Draw parameters and data."""
    rng = np.random.default_rng(2)
    parameters = {
        **dense(rng, "0", inputs, first),
        **dense(rng, "2", first, second),
        **dense(rng, "4", second, 10),
    }
    x = rng.normal(size=(batch, inputs)).astype(np.float32)
    return Task(parameters, (x, rng.integers(10, size=batch)), Rule("Adam", lr=1e-5))


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl
    from benchmarks.frameworks.on_tensorlib import training
    from tensorlib import losses, nn

    (first, inputs), (second, _) = (task.parameters[f"{n}.weight"].shape for n in (0, 2))
    x = tl.from_numpy(task.data[0]).expect_shape((-1, inputs))
    y = tl.from_numpy(task.data[1]).expect_shape((-1,))
    model = nn.Sequential(
        nn.Linear(inputs, first), nn.ReLU(),
        nn.Linear(first, second), nn.ReLU(),
        nn.Linear(second, 10),
    )  # fmt: skip
    return training(
        model, lambda: losses.cross_entropy(model(x.traced()), y), lambda: model(x), task, options
    )


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    from torch import nn

    from benchmarks.frameworks.on_torch import tensor, training

    x, y = (tensor(each) for each in task.data)
    (first, inputs), (second, _) = (task.parameters[f"{n}.weight"].shape for n in (0, 2))
    model = nn.Sequential(
        nn.Linear(inputs, first), nn.ReLU(),
        nn.Linear(first, second), nn.ReLU(),
        nn.Linear(second, 10),
    )  # fmt: skip
    return training(
        model, lambda: nn.functional.cross_entropy(model(x), y), lambda: model(x), task, options
    )


def predict(n: Numeric, p: Parameters, x: Any, *_: Any) -> Any:
    """Return the scores."""
    hidden = n.relu(linear(p, "2", n.relu(linear(p, "0", x))))
    return linear(p, "4", hidden)


def loss(n: Numeric, p: Parameters, x: Any, y: Any) -> Any:
    """Return the loss."""
    return cross_entropy(n, predict(n, p, x), y)


WORKLOAD = Workload(
    "W2",
    "MLP 784-512-256-10, batch 128, Adam",
    full=task,
    tiny=lambda: task(inputs=12, first=9, second=7, batch=5),
    tensorlib=on_tensorlib,
    torch=on_torch,
    predict=predict,
    loss=loss,
)
