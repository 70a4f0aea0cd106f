"""Training with tensorlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tensorlib as tl
from benchmarks.program import Program, Readings, Rule, Task, results_of
from tensorlib import Tape, Tensor0D, nn, optim

M = TypeVar("M", bound=nn.Module)


def training(
    model: M,
    loss: Callable[[], Tensor0D[Tape]],
    forward: Callable[[], object],
    task: Task,
    options: frozenset[str],
) -> Program:
    """Return the program that trains a model.

    Args:
        model: is given the parameters of the task.
        loss: computes the loss with the model as it is.
        forward: computes the prediction.
        task: see there.
        options: ``"compile"`` compiles step and prediction.
    """
    for path, parameter in model.named_parameters():
        parameter.write(task.parameters[path])
    assert task.rule is not None
    optimizer = _optimizer(task.rule, model)

    def step() -> None:
        optimizer.update(model, loss().backward(wrt=model))

    def read() -> Readings:
        value = loss()
        number = value.item()
        gradients = value.backward(wrt=model)
        return Readings(
            results_of(
                number, {path: gradients[each].numpy() for path, each in model.named_parameters()}
            ),
            {path: each.numpy().copy() for path, each in model.named_parameters()},
        )

    if "compile" in options:
        return Program(tl.compile(forward), tl.compile(step), read)
    return Program(forward, step, read)


def _optimizer(rule: Rule, model: M) -> optim.Optimizer[M]:
    match rule.name:
        case "SGD":
            return optim.SGD(
                model, rule.lr, momentum=rule.momentum or None, weight_decay=rule.weight_decay
            )
        case "Adam":
            return optim.Adam(model, rule.lr, weight_decay=rule.weight_decay)
        case "AdamW":
            return optim.AdamW(model, rule.lr, weight_decay=rule.weight_decay)
