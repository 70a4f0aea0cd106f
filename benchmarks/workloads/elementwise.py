"""W5: ten elementwise ops on four million numbers, where memory decides."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import Numeric, Parameters
from benchmarks.program import Program, Readings, Task, Workload, results_of


def task(size: int = 4_000_000) -> Task:
    """Draw the numbers."""
    rng = np.random.default_rng(5)
    return Task({"x": rng.normal(size=size).astype(np.float32)}, ())


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl
    from tensorlib import Tape, Tensor, Tensor0D

    def loss(x: Tensor[tuple[int], Tape]) -> Tensor0D[Tape]:
        centred = ((x * 1.5 + 0.5).tanh() * 2.0).exp()
        return ((centred + 1.0).log().square() - 0.5).relu().mean()

    x = tl.from_numpy(task.parameters["x"]).expect_shape((-1,))
    slopes = tl.value_and_grad(loss)

    def read() -> Readings:
        value, gradient = slopes(x)
        return Readings(results_of(value.item(), {"x": gradient.numpy()}), task.parameters)

    def forward() -> object:
        centred = ((x * 1.5 + 0.5).tanh() * 2.0).exp()
        return ((centred + 1.0).log().square() - 0.5).relu().mean()

    def step() -> object:
        return slopes(x)

    if "compile" in options:
        forward, step = tl.compile(forward), tl.compile(step)
    return Program(forward, step, read)


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    from benchmarks.frameworks.on_torch import Tensor, differentiation, tensor

    x = tensor(task.parameters["x"]).requires_grad_()

    def loss() -> Tensor:
        centred = ((x * 1.5 + 0.5).tanh() * 2.0).exp()
        return ((centred + 1.0).log().square() - 0.5).relu().mean()

    return differentiation(loss, loss, {"x": x}, options)


def loss(n: Numeric, p: Parameters) -> Any:
    """Return the mean of the results."""
    centred = n.np.exp(n.np.tanh(p["x"] * 1.5 + 0.5) * 2.0)
    return n.np.mean(n.relu(n.np.square(n.np.log(centred + 1.0)) - 0.5))


WORKLOAD = Workload(
    "W5",
    "ten elementwise ops on 4,000,000 numbers, forward and backward",
    full=task,
    tiny=lambda: task(size=50),
    tensorlib=on_tensorlib,
    torch=on_torch,
    predict=loss,
    loss=loss,
    options=("tensorlib+compile", "torch+compile"),
)
