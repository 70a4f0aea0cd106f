"""Compiled steps of several models, optimizers and passes, against the same steps as they stand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import losses, nn, optim

Step = Callable[..., Any]


def normal(seed: int, *shape: int) -> Any:
    return tl.tensor(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


class Several(nn.Module):
    """Modules that a step trains."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts


def averaged() -> tuple[Any, Step, Any]:
    """An average of the parameters is moved along, and judges."""
    model: Any = nn.Sequential(nn.Linear(4, 6, rng=0), nn.BatchNorm1d(6), nn.Linear(6, 2, rng=1))
    adam: Any = optim.Adam(model, 0.05)
    average = optim.EMA(model, 0.5)

    def step(x: Any) -> Any:
        loss = losses.mse_loss(model(x.traced()), average.model(x))
        value = loss.detach() + average.model(x).sum()
        adam.update(model, loss.backward(wrt=model))
        average.update(model)
        return value, average.model(x)

    return Several(model, average.model), step, [(normal(i, 5, 4),) for i in range(4)]


def generative() -> tuple[Any, Step, Any]:
    """Two optimizers take turns, and one model is frozen in the step."""
    made: Any = nn.Sequential(nn.Linear(3, 8, rng=0), nn.ReLU(), nn.Linear(8, 2, rng=1))
    judge: Any = nn.Sequential(nn.Linear(2, 8, rng=2), nn.Tanh(), nn.Linear(8, 1, rng=3))
    for_made: Any = optim.SGD(made, 0.5)
    for_judge: Any = optim.SGD(judge, 0.5, momentum=0.5)
    rng = np.random.default_rng(4)

    def step(x: Any) -> Any:
        noise = tl.randn((5, 3), rng)
        judge.freeze()
        loss = judge(made(noise.traced())).softplus().mean()  # keeps the judge's weights
        value = loss.detach()
        judge.unfreeze()
        of_judge = (judge(x.traced()) - judge(made(noise))).softplus().mean()
        for_judge.update(judge, of_judge.backward(wrt=judge))  # writes them
        for_made.update(made, loss.backward(wrt=made))
        return value

    return Several(made, judge), step, [(normal(i, 5, 2),) for i in range(5)]


def statistics_as_factors() -> tuple[Any, Step, Any]:
    """Running statistics are written between their use and the backward pass."""
    layer: Any = nn.BatchNorm1d(3)

    def step(x: Any) -> Any:
        scaled = x.traced() * layer.running_mean
        return (scaled + layer((x * 2.0).traced())).sum().backward()[x]

    return Several(layer), step, [(normal(i, 5, 3),) for i in range(4)]


def accumulated() -> tuple[Any, Step, Any]:
    """Gradients of several backward passes are added up."""
    model: Any = nn.Linear(4, 2, rng=0)
    sgd: Any = optim.SGD(model, 0.1)

    def step(xs: Any, ys: Any) -> Any:
        total: Any = None
        for x, y in zip(xs, ys, strict=True):
            gradients = losses.mse_loss(model(x.traced()), y).backward(wrt=model)
            total = gradients if total is None else total + gradients
        sgd.update(model, total * 0.5)
        return total[model.weight]

    batches = [
        ([normal(i, 3, 4), normal(i + 1, 3, 4)], (normal(i, 3, 2), normal(i + 2, 3, 2)))
        for i in range(4)
    ]
    return Several(model), step, batches


def tied() -> tuple[Any, Step, Any]:
    """One weight is read as a table and multiplied with."""
    table: Any = nn.Embedding(10, 4, rng=0)
    norm: Any = nn.LayerNorm(4)
    both = Several(table, norm)
    adam: Any = optim.AdamW(both, 0.01)

    def step(tokens: Any) -> Any:
        hidden = norm(table(tokens[:, :-1]) + tl.zeros((4,)).traced())
        loss = losses.cross_entropy(tl.linear(hidden, table.weight), tokens[:, 1:])
        value = loss.detach()
        adam.update(both, loss.backward(wrt=both))
        return value

    rng = np.random.default_rng(0)
    return both, step, [(tl.tensor(rng.integers(0, 10, (3, 5))),) for _ in range(4)]


def masked() -> tuple[Any, Step, Any]:
    """Attention has a mask and drops weights."""
    layer: Any = nn.MultiHeadAttention(8, 2, dropout=0.3, rng=np.random.default_rng(0))
    sgd: Any = optim.SGD(layer, 0.1)

    def step(x: Any, mask: Any) -> Any:
        y = layer(x.traced(), mask=mask)
        kept = y.detach()
        sgd.update(layer, y.square().mean().backward(wrt=layer))
        return kept

    batches = [(normal(i, 2, 5, 8), normal(i + 9, 5, 5) > -0.5) for i in range(4)]
    return Several(layer), step, batches


def halved() -> tuple[Any, Step, Any]:
    """Parameters and activations are float16; the loss is scaled, its gradients are scaled back."""
    layer: Any = nn.Linear(4, 3, rng=0).astype(np.float16)
    sgd: Any = optim.SGD(layer, 0.1, momentum=0.9)

    def step(x: Any, y: Any) -> Any:
        loss = losses.mse_loss(layer(x.astype(np.float16).traced()).astype(np.float32), y)
        value = loss.detach()
        sgd.update(layer, (loss * 64.0).backward(wrt=layer) * (1 / 64))
        return value

    return Several(layer), step, [(normal(i, 5, 4), normal(i + 9, 5, 3)) for i in range(4)]


STEPS = [averaged, generative, statistics_as_factors, accumulated, tied, masked, halved]


def arrays_of(result: Any) -> list[Any]:
    return [y.numpy() for y in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize("made", STEPS, ids=lambda made: made.__name__)
def test_same_training(made: Callable[[], tuple[Any, Step, Any]]) -> None:
    (model, step, batches), (peer, peer_step, _) = made(), made()
    compiled: Any = tl.compile(peer_step)
    kept = []
    for batch in batches:
        wanted, found = step(*batch), compiled(*batch)
        kept.append((found, [y.copy() for y in arrays_of(wanted)]))
        for (path, x), (_, y) in zip(model.named_tensors(), peer.named_tensors(), strict=True):
            np.testing.assert_array_equal(x.numpy(), y.numpy(), err_msg=path)
    for found, arrays in kept:
        np.testing.assert_equal(arrays_of(found), arrays)
    assert len(compiled.sources) == 1


def test_state_is_passed_on() -> None:
    def made() -> Step:
        cell: Any = nn.LSTMCell(4, 5, rng=0)
        sgd: Any = optim.SGD(cell, 0.1)

        def step(x: Any, state: Any) -> Any:
            h, c = cell(x.traced(), state)
            kept = h.detach(), c.detach()
            sgd.update(cell, (h.square().mean() + c.mean()).backward(wrt=cell))
            return kept

        return step

    step, compiled = made(), tl.compile(made())
    wanted = found = (tl.zeros((3, 5)), tl.zeros((3, 5)))
    for seed in range(5):
        wanted, found = step(normal(seed, 3, 4), wanted), compiled(normal(seed, 3, 4), found)
        np.testing.assert_equal(arrays_of(found), arrays_of(wanted))


def test_a_frozen_parameter_that_the_step_does_not_use_counts() -> None:
    model: Any = Several(nn.Linear(2, 2, rng=0), nn.Bias(2))
    model.freeze("parts.1")
    sgd: Any = optim.SGD(model, 0.1)

    @tl.compile
    def step(x: Any) -> Any:
        sgd.update(model, model.parts[0](x.traced()).sum().backward(wrt=model))

    step(tl.ones((3, 2)))
    model.unfreeze()
    with pytest.raises(tl.UnusedParameterError, match=r"no gradient for parts\.1\.bias"):
        step(tl.ones((3, 2)))


def test_a_step_that_is_left_frozen_is_written_down_anew() -> None:
    def made() -> tuple[Any, Step]:
        model: Any = nn.Bias(2)
        sgd: Any = optim.SGD(model, 0.5)

        def step(x: Any) -> Any:
            gradients = (model(x.traced()) * 2.0).sum().backward()
            sgd.update(model, gradients)
            model.freeze()
            return gradients[x]

        return model, step

    model, step = made()
    compiled: Any = tl.compile(step)
    peer, peer_step = made()
    for _ in range(3):
        compiled(tl.ones((3, 2)))
        peer_step(tl.ones((3, 2)))
        np.testing.assert_array_equal(model.bias.numpy(), peer.bias.numpy())
        assert model.bias.frozen


def test_after_an_error_midway_the_next_call_is_right() -> None:
    layer: Any = nn.Linear(3, 4, rng=0)
    peer: Any = nn.Linear(3, 4, rng=0)

    def training(layer: Any) -> Step:
        adam: Any = optim.Adam(layer, 0.1)

        def step(x: Any, y: Any) -> Any:
            loss = losses.cross_entropy(layer(x.traced()), y)
            value = loss.detach()
            adam.update(layer, loss.backward(wrt=layer))
            return value

        return step

    step, compiled = training(peer), tl.compile(training(layer))
    for seed in range(6):
        x = normal(seed, 2, 3) if seed % 3 else tl.full((2, 3), float("nan"))
        y = tl.tensor([0, 4 if seed == 4 else 3])
        outcomes: list[Any] = []
        for run in (step, compiled):
            try:
                outcomes.append(run(x, y).item())
            except tl.TensorlibError as error:
                outcomes.append(str(error))
        np.testing.assert_equal(outcomes[0], outcomes[1])
        np.testing.assert_array_equal(layer.weight.numpy(), peer.weight.numpy())


def test_two_threads_repeat_one_step() -> None:
    layer: Any = nn.Linear(30, 30, rng=0)

    def step(x: Any) -> Any:
        return (layer(x.traced()).tanh() * 3.0).sum().backward()[x]

    compiled: Any = tl.compile(step)
    found: dict[int, list[Any]] = {0: [], 1: []}

    def work(place: int) -> None:
        for seed in range(50):
            found[place].append(compiled(normal(seed + 100 * place, 20 + seed % 2, 30)).numpy())

    threads = [threading.Thread(target=work, args=(place,)) for place in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place, results in found.items():
        for seed, result in enumerate(results):
            x = normal(seed + 100 * place, 20 + seed % 2, 30)
            np.testing.assert_array_equal(result, step(x).numpy())


def test_what_another_thread_computes_meanwhile_is_not_written_down() -> None:
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(10)
        x = tl.tensor([1.0, -2.0])
        assert x[x > 0].tolist() == [1.0]  # which a step that is written down must not do
        done.set()

    def step(x: Any) -> Any:
        y = x.exp()
        inside.set()
        assert done.wait(10)
        return y * 2.0

    thread = threading.Thread(target=other)
    thread.start()
    compiled: Any = tl.compile(step)
    compiled(tl.ones((2,)))
    thread.join()
    assert done.is_set()
    (source,) = compiled.sources
    assert "getitem" not in source
    assert "greater" not in source
