"""W4: a GPT of two blocks, that foresees the next character."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.frameworks.numeric import (
    Numeric,
    Parameters,
    cross_entropy,
    layer_norm,
    linear,
)
from benchmarks.program import Array, Program, Rule, Task, Workload, dense

CHARACTERS = 128
HEADS = 4
LAYERS = 2


def task(width: int = 128, length: int = 64, batch: int = 16) -> Task:
    """Draw parameters and data."""
    rng = np.random.default_rng(4)
    parameters: dict[str, Array] = {
        "character.weight": rng.normal(0, 0.02, (CHARACTERS, width)).astype(np.float32),
        "place.weight": rng.normal(0, 0.02, (length, width)).astype(np.float32),
    }
    for layer in range(LAYERS):
        path = f"blocks.layers.{layer}"
        projections = dense(rng, "in_proj", width, 3 * width)
        parameters |= {
            f"{path}.self_attn.in_proj_weight": projections["in_proj.weight"],
            f"{path}.self_attn.in_proj_bias": projections["in_proj.bias"],
            **dense(rng, f"{path}.self_attn.out_proj", width, width),
            **dense(rng, f"{path}.linear1", width, 4 * width),
            **dense(rng, f"{path}.linear2", 4 * width, width),
            **_norm(f"{path}.norm1", width),
            **_norm(f"{path}.norm2", width),
        }
    parameters |= {**_norm("blocks.norm", width), **dense(rng, "head", width, CHARACTERS)}
    text = rng.integers(CHARACTERS, size=(batch, length + 1))
    data = np.ascontiguousarray(text[:, :-1]), np.ascontiguousarray(text[:, 1:])
    return Task(parameters, data, Rule("AdamW", lr=1e-5, weight_decay=0.1))


def _norm(path: str, width: int) -> dict[str, Array]:
    return {
        f"{path}.weight": np.ones(width, np.float32),
        f"{path}.bias": np.zeros(width, np.float32),
    }


def on_tensorlib(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    import tensorlib as tl
    from benchmarks.frameworks.on_tensorlib import training
    from benchmarks.workloads.gpt_in_tensorlib import CharGPT
    from tensorlib import losses

    length, width = task.parameters["place.weight"].shape
    x, y = (tl.from_numpy(each).expect_shape((-1, length)) for each in task.data)
    model = CharGPT(CHARACTERS, length, width, HEADS, LAYERS)
    return training(
        model, lambda: losses.cross_entropy(model(x.traced()), y), lambda: model(x), task, options
    )


def on_torch(task: Task, options: frozenset[str]) -> Program:
    """Return the program."""
    from torch.nn import functional

    from benchmarks.frameworks.on_torch import tensor, training
    from benchmarks.workloads.gpt_in_torch import CharGPT

    x, y = (tensor(each) for each in task.data)
    length, width = task.parameters["place.weight"].shape
    model = CharGPT(CHARACTERS, length, width, HEADS, LAYERS)
    return training(
        model,
        lambda: functional.cross_entropy(model(x).flatten(0, 1), y.flatten()),
        lambda: model(x),
        task,
        options,
    )


def predict(n: Numeric, p: Parameters, x: Any, *_: Any) -> Any:
    """Return the scores of the next character, at each place."""
    h = p["character.weight"][x] + p["place.weight"]
    for layer in range(LAYERS):
        path = f"blocks.layers.{layer}"
        h = h + _attention(n, p, f"{path}.self_attn", layer_norm(n, p, f"{path}.norm1", h))
        inner = n.gelu(linear(p, f"{path}.linear1", layer_norm(n, p, f"{path}.norm2", h)))
        h = h + linear(p, f"{path}.linear2", inner)
    return linear(p, "head", layer_norm(n, p, "blocks.norm", h))


def _attention(n: Numeric, p: Parameters, path: str, x: Any) -> Any:
    batch, length, width = x.shape
    projected = x @ p[f"{path}.in_proj_weight"].T + p[f"{path}.in_proj_bias"]
    heads = projected.reshape((batch, length, 3, HEADS, width // HEADS))
    q, k, v = (n.np.swapaxes(heads[:, :, i], 1, 2) for i in range(3))
    scores = q @ n.np.swapaxes(k, 2, 3) * (width // HEADS) ** -0.5
    seen = np.tril(np.ones((length, length), bool))
    mixed = n.softmax(n.np.where(seen, scores, np.float32(-1e9))) @ v
    joined = n.np.swapaxes(mixed, 1, 2).reshape((batch, length, width))
    return linear(p, f"{path}.out_proj", joined)


def loss(n: Numeric, p: Parameters, x: Any, y: Any) -> Any:
    """Return the loss."""
    return cross_entropy(n, predict(n, p, x), y)


WORKLOAD = Workload(
    "W4",
    "GPT of 2 blocks, width 128, length 64, batch 16, AdamW",
    full=task,
    tiny=lambda: task(width=8, length=5, batch=2),
    tensorlib=on_tensorlib,
    torch=on_torch,
    predict=predict,
    loss=loss,
)
