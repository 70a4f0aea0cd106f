"""W1: a perceptron so small that what surrounds the arithmetic decides."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import Numeric, Parameters, linear
from benchmarks.program import Program, Rule, Task, Workload, dense


def task(batch: int = 64) -> Task:
    """Draw parameters and data."""
    rng = np.random.default_rng(1)
    x, y = (rng.normal(size=(batch, size)).astype(np.float32) for size in (10, 2))
    parameters = dense(rng, "0", 10, 32) | dense(rng, "2", 32, 32) | dense(rng, "4", 32, 2)
    return Task(parameters, (x, y), Rule("SGD", lr=1e-4, momentum=0.9))


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl
    from benchmarks.frameworks.on_tensorlib import training
    from tensorlib import losses, nn

    x = tl.from_numpy(task.data[0]).expect_shape((-1, 10))
    y = tl.from_numpy(task.data[1]).expect_shape((-1, 2))
    model = nn.Sequential(
        nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)
    )
    return training(
        model, lambda: losses.mse_loss(model(x.traced()), y), lambda: model(x), task, options
    )


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    from torch import nn

    from benchmarks.frameworks.on_torch import tensor, training

    x, y = (tensor(each) for each in task.data)
    model = nn.Sequential(
        nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)
    )
    return training(
        model, lambda: nn.functional.mse_loss(model(x), y), lambda: model(x), task, options
    )


def predict(n: Numeric, p: Parameters, x: Any, *_: Any) -> Any:
    """Return the prediction."""
    hidden = n.relu(linear(p, "2", n.relu(linear(p, "0", x))))
    return linear(p, "4", hidden)


def loss(n: Numeric, p: Parameters, x: Any, y: Any) -> Any:
    """Return the loss."""
    return n.np.mean((predict(n, p, x) - y) ** 2)


WORKLOAD = Workload(
    "W1",
    "MLP 10-32-32-2, batch 64, SGD with momentum",
    full=task,
    tiny=lambda: task(batch=3),
    tensorlib=on_tensorlib,
    torch=on_torch,
    predict=predict,
    loss=loss,
)
