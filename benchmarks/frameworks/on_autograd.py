"""Training with HIPS autograd."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.scipy.special import erf

from benchmarks.frameworks import numeric
from benchmarks.program import Program, Readings, Task, Workload, results_of


def _softmax(x: Any) -> Any:
    powers = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
    return powers / anp.sum(powers, axis=-1, keepdims=True)


def _log_softmax(x: Any) -> Any:
    centred = x - anp.max(x, axis=-1, keepdims=True)
    return centred - anp.log(anp.sum(anp.exp(centred), axis=-1, keepdims=True))


def _conv2d(x: Any, weight: Any) -> Any:
    """Convolve as one product: all patches beside each other, and the kernels."""
    outputs, channels, size, _ = weight.shape
    height, width = x.shape[2] - size + 1, x.shape[3] - size + 1
    patches = anp.stack(
        [x[:, :, i : i + height, j : j + width] for i in range(size) for j in range(size)], axis=2
    )
    kernels = weight.reshape((outputs, channels * size * size))
    result = kernels @ patches.reshape((len(x), channels * size * size, height * width))
    return result.reshape((len(x), outputs, height, width))


AUTOGRAD = numeric.Numeric(
    np=anp,
    relu=lambda x: anp.maximum(x, 0),
    gelu=lambda x: x * (0.5 * (1 + erf(x * math.sqrt(0.5)))),
    softmax=_softmax,
    log_softmax=_log_softmax,
    conv2d=_conv2d,
)


def program(workload: Workload, task: Task) -> Program:
    """Return the program of a workload."""
    parameters: dict[str, Any] = {path: array.copy() for path, array in task.parameters.items()}
    state = numeric.start(AUTOGRAD, parameters)
    predict = partial(workload.predict, AUTOGRAD)
    slopes = autograd.value_and_grad(partial(workload.loss, AUTOGRAD))

    def forward() -> Any:
        return predict(parameters, *task.data)

    def differentiate() -> Any:
        return slopes(parameters, *task.data)

    def step() -> None:
        nonlocal parameters, state
        _, gradients = differentiate()
        assert task.rule is not None
        parameters, state = numeric.updated(AUTOGRAD, task.rule, parameters, gradients, state)

    def read() -> Readings:
        if not parameters:
            return Readings({"product": np.asarray(forward())}, {})
        loss, gradients = differentiate()
        return Readings(results_of(float(loss), gradients), dict(parameters))

    if not parameters:
        return Program(forward, None, read)
    return Program(forward, differentiate if task.rule is None else step, read)
