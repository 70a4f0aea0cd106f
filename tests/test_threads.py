"""Threads that train models of their own, and threads that use one model, compute what one does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import losses, nn, optim

THREADS = 4


@pytest.fixture(autouse=True)
def often() -> Iterator[None]:
    """Have threads take turns a thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


def convolutional(seed: int) -> Any:
    model: Any = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 8), nn.Dropout(0.2), nn.LayerNorm(8), nn.GELU(),
        nn.Linear(8, 5),
    )  # fmt: skip
    model.reset_params(seed)
    return model


def recurrent(seed: int) -> Any:
    model: Any = nn.Sequential(
        nn.Linear(8, 8), nn.TransformerEncoder(8, 2, 1, dim_feedforward=16, dropout=0.1),
        nn.Flatten(), nn.Linear(192, 5),
    )  # fmt: skip
    model.reset_params(seed)
    return model


def images(seed: int) -> Any:
    x: Any = tl.randn((6, 3, 8, 8), rng=seed)
    return x


MODELS: dict[str, tuple[Callable[[int], Any], Callable[[Any], Any]]] = {
    "convolutional": (convolutional, lambda x: x),
    "transformer": (recurrent, lambda x: x.reshape((6, 24, 8))),
}
each = pytest.mark.parametrize("name", MODELS)


def trained(name: str, seed: int) -> list[np.ndarray[Any, Any]]:
    make, shaped = MODELS[name]
    model = make(seed)
    adam: Any = optim.Adam(model, 1e-2)
    labels = tl.tensor(np.random.default_rng(seed).integers(0, 5, 6))
    for step in range(12):
        loss = losses.cross_entropy(model(shaped(images(step)).traced()), labels)
        adam.update(model, loss.backward(wrt=model).clip_norm(1.0))
    return [values.numpy() for _, values in model.named_tensors()]


@each
def test_models_of_threads_are_trained_as_alone(name: str) -> None:
    alone = [trained(name, seed) for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda seed: trained(name, seed), range(THREADS)))
    for one, other in zip(alone, together, strict=True):
        for x, y in zip(one, other, strict=True):
            np.testing.assert_array_equal(x, y)


@each
def test_threads_use_and_differentiate_one_model(name: str) -> None:
    make, shaped = MODELS[name]
    model = make(0)
    inferring = model.with_active(False)

    def used(seed: int) -> list[np.ndarray[Any, Any]]:
        x = shaped(images(seed))
        results = [inferring(x).numpy() for _ in range(8)]
        gradients = inferring(x.traced()).square().mean().backward()
        return [*results, *(gradients[p].numpy() for p in inferring.parameters())]

    alone = [used(seed) for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(used, range(THREADS)))
    for one, other in zip(alone, together, strict=True):
        for x, y in zip(one, other, strict=True):
            np.testing.assert_array_equal(x, y)
