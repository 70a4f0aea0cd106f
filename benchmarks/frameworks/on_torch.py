"""Training with PyTorch.

Options: ``fused`` takes the optimizer's fused kernel, ``channels_last`` lays images out so,
``compile`` compiles the loss and the prediction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.program import Program, Readings, Rule, Task, results_of

Tensor = torch.Tensor


def training(
    model: torch.nn.Module,
    loss: Callable[[], Tensor],
    forward: Callable[[], Tensor],
    task: Task,
    options: frozenset[str],
) -> Program:
    """Return the program that trains a model.

    Args:
        model: is given the parameters of the task.
        loss: computes the loss with the model as it is.
        forward: computes the prediction.
        task: see there.
        options: see above.
    """
    model.load_state_dict({path: tensor(array) for path, array in task.parameters.items()})
    if "channels_last" in options:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert task.rule is not None
    optimizer = _optimizer(task.rule, model, fused="fused" in options)
    return _program(loss, forward, dict(model.named_parameters()), options, optimizer)


def differentiation(
    loss: Callable[[], Tensor],
    forward: Callable[[], Tensor],
    leaves: dict[str, Tensor],
    options: frozenset[str],
) -> Program:
    """Return the program whose step ends with the gradients of some leaves."""
    return _program(loss, forward, leaves, options, None)


def tensor(array: Any) -> Tensor:
    """Return a tensor with a copy of an array."""
    return torch.from_numpy(array.copy())


def _program(
    loss: Callable[[], Tensor],
    forward: Callable[[], Tensor],
    leaves: dict[str, Tensor],
    options: frozenset[str],
    optimizer: torch.optim.Optimizer | None,
) -> Program:
    if "compile" in options:
        loss, forward = torch.compile(loss), torch.compile(forward)

    def forget() -> None:
        for leaf in leaves.values():
            leaf.grad = None

    def step() -> None:
        loss().backward()  # type: ignore[no-untyped-call]
        if optimizer is not None:
            optimizer.step()
        forget()

    def inference() -> Tensor:
        with torch.inference_mode():
            return forward()

    def read() -> Readings:
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        gradients = {path: _array(leaf.grad) for path, leaf in leaves.items()}
        forget()
        return Readings(
            results_of(value.item(), gradients),
            {path: _array(leaf.detach()) for path, leaf in leaves.items()},
        )

    return Program(inference, step, read)


def _array(x: Tensor | None) -> Any:
    assert x is not None, "a leaf without a gradient"
    return x.contiguous().numpy().copy()


def _optimizer(rule: Rule, model: torch.nn.Module, *, fused: bool) -> torch.optim.Optimizer:
    parameters, fuse = model.parameters(), fused or None
    match rule.name:
        case "SGD":
            return torch.optim.SGD(
                parameters, rule.lr, rule.momentum, weight_decay=rule.weight_decay, fused=fuse
            )
        case "Adam":
            return torch.optim.Adam(parameters, rule.lr, weight_decay=rule.weight_decay, fused=fuse)
        case "AdamW":
            return torch.optim.AdamW(
                parameters, rule.lr, weight_decay=rule.weight_decay, fused=fuse
            )
