"""Training with jax: one compiled function for the whole step."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.frameworks import numeric
from benchmarks.program import Program, Readings, Task, Workload, results_of


def _conv2d(x: Any, weight: Any) -> Any:
    return jax.lax.conv_general_dilated(x, weight, (1, 1), "VALID")


JAX = numeric.Numeric(
    np=jnp,
    relu=jax.nn.relu,
    gelu=partial(jax.nn.gelu, approximate=False),
    softmax=jax.nn.softmax,
    log_softmax=jax.nn.log_softmax,
    conv2d=_conv2d,
)


def program(workload: Workload, task: Task) -> Program:
    """Return the program of a workload."""
    data = [jnp.asarray(each) for each in task.data]
    parameters = _on_device(task)
    state = numeric.start(JAX, parameters)
    predict = jax.jit(partial(workload.predict, JAX))
    slopes = jax.jit(jax.value_and_grad(partial(workload.loss, JAX)))

    @partial(jax.jit, donate_argnums=(0, 1))
    def advanced(parameters: Any, state: Any, *data: Any) -> Any:
        _, gradients = slopes(parameters, *data)
        assert task.rule is not None
        return numeric.updated(JAX, task.rule, parameters, gradients, state)

    def forward() -> object:
        return jax.block_until_ready(predict(parameters, *data))

    def differentiate() -> object:
        return jax.block_until_ready(slopes(parameters, *data))

    def step() -> None:
        nonlocal parameters, state
        parameters, state = jax.block_until_ready(advanced(parameters, state, *data))

    def read() -> Readings:
        if not parameters:
            return Readings({"product": np.array(forward())}, {})
        loss, gradients = slopes(parameters, *data)
        return Readings(
            results_of(float(loss), {path: np.array(g) for path, g in gradients.items()}),
            {path: np.array(each) for path, each in parameters.items()},
        )

    if not parameters:
        return Program(forward, None, read)
    return Program(forward, differentiate if task.rule is None else step, read)


def _on_device(task: Task) -> dict[str, Any]:
    return {path: jnp.array(array) for path, array in task.parameters.items()}
