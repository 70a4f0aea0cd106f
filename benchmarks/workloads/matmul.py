"""W6: one matrix product, large and small."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import Numeric, Parameters
from benchmarks.program import Program, Readings, Task, Workload


def task(size: int) -> Task:
    """Draw two square matrices."""
    rng = np.random.default_rng(6)
    a, b = (rng.normal(size=(size, size)).astype(np.float32) for _ in range(2))
    return Task({}, (a, b))


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl

    a, b = (tl.from_numpy(each) for each in task.data)
    return Program(lambda: a @ b, None, lambda: Readings({"product": (a @ b).numpy()}, {}))


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    from benchmarks.frameworks.on_torch import tensor

    a, b = (tensor(each) for each in task.data)
    return Program(lambda: a @ b, None, lambda: Readings({"product": (a @ b).numpy()}, {}))


def predict(n: Numeric, p: Parameters, a: Any, b: Any) -> Any:
    """Return the product."""
    return a @ b


def workload(size: int) -> Workload:
    """Return the workload of one size."""
    return Workload(
        f"W6-{size}",
        f"matrix product, {size} x {size}",
        full=partial(task, size),
        tiny=partial(task, 5),
        tensorlib=on_tensorlib,
        torch=on_torch,
        predict=predict,
        loss=predict,
        options=(),
    )


LARGE, SMALL = workload(1024), workload(64)
