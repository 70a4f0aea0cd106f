"""W3: a convolutional network for images of digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import (
    Numeric,
    Parameters,
    conv,
    cross_entropy,
    linear,
    max_pool,
)
from benchmarks.program import Program, Rule, Task, Workload, dense, drawn


def task(size: int = 28, batch: int = 64) -> Task:
    """Draw parameters and data."""
    rng = np.random.default_rng(3)
    parameters = {
        **drawn(rng, "0", (32, 1, 3, 3), 9),
        **drawn(rng, "2", (64, 32, 3, 3), 32 * 9),
        **dense(rng, "6", _features(size), 128),
        **dense(rng, "8", 128, 10),
    }
    x = rng.normal(size=(batch, 1, size, size)).astype(np.float32)
    return Task(parameters, (x, rng.integers(10, size=batch)), Rule("Adam", lr=1e-5))


def _features(size: int) -> int:
    return 64 * ((size - 4) // 2) ** 2


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl
    from benchmarks.frameworks.on_tensorlib import training
    from tensorlib import losses, nn

    size = task.data[0].shape[-1]
    x = tl.from_numpy(task.data[0]).expect_shape((-1, 1, size, size))
    y = tl.from_numpy(task.data[1]).expect_shape((-1,))
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(_features(size), 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    return training(
        model, lambda: losses.cross_entropy(model(x.traced()), y), lambda: model(x), task, options
    )


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import torch
    from torch import nn

    from benchmarks.frameworks.on_torch import tensor, training

    x, y = (tensor(each) for each in task.data)
    if "channels_last" in options:
        x = x.contiguous(memory_format=torch.channels_last)
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(_features(x.shape[-1]), 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    return training(
        model, lambda: nn.functional.cross_entropy(model(x), y), lambda: model(x), task, options
    )


def predict(n: Numeric, p: Parameters, x: Any, *_: Any) -> Any:
    """Return the scores."""
    maps = n.relu(conv(n, p, "2", n.relu(conv(n, p, "0", x))))
    features = max_pool(n, maps, 2).reshape((len(x), -1))
    return linear(p, "8", n.relu(linear(p, "6", features)))


def loss(n: Numeric, p: Parameters, x: Any, y: Any) -> Any:
    """Return the loss."""
    return cross_entropy(n, predict(n, p, x), y)


WORKLOAD = Workload(
    "W3",
    "CNN on 28x28, batch 64, Adam",
    full=task,
    tiny=lambda: task(size=8, batch=2),
    tensorlib=on_tensorlib,
    torch=on_torch,
    predict=predict,
    loss=loss,
    options=(
        "tensorlib+compile",
        "torch+fused",
        "torch+channels_last",
        "torch+channels_last+fused",
        "torch+compile",
    ),
)
