"""Compiled steps: the same numbers as the step itself, or a refusal, or written down anew."""

from __future__ import annotations

import copy
import re
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import losses, nn, optim
from tensorlib.compiling import Compiled

Step = Callable[..., Any]


def batch(seed: int, *shape: int, classes: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = tl.tensor(rng.normal(size=shape).astype(np.float32))
    if classes:
        return x, tl.tensor(rng.integers(0, classes, shape[0]))
    return x, tl.tensor(rng.normal(size=(shape[0], 2)).astype(np.float32))


def perceptron(dropout: float = 0.0) -> Any:
    return nn.Sequential(
        nn.Linear(6, 16, rng=1), nn.ReLU(), nn.Dropout(dropout, rng=7), nn.Linear(16, 2, rng=2)
    )


def training(model: Any, optimizer: Any, loss: Any = losses.mse_loss) -> Step:
    def step(x: Any, y: Any) -> Any:
        value = loss(model(x.traced()), y)
        kept = value.detach()
        optimizer.update(model, value.backward(wrt=model))
        return kept

    return step


def assert_same_training(
    make: Callable[[], tuple[Any, Any, Step]],
    batches: list[tuple[Any, Any]],
    between: Callable[[Any, Any, int], None] = lambda model, optimizer, index: None,
) -> Compiled:
    """Train twice, as it stands and compiled, and require the same bits all along."""
    (model, optimizer, step), (peer, peer_optimizer, peer_step) = make(), make()
    compiled: Any = tl.compile(peer_step)
    for index, arguments in enumerate(batches):
        between(model, optimizer, index)
        between(peer, peer_optimizer, index)
        np.testing.assert_array_equal(step(*arguments).numpy(), compiled(*arguments).numpy())
    for (path, x), (_, y) in zip(model.named_tensors(), peer.named_tensors(), strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy(), err_msg=path)
    assert optimizer.steps == peer_optimizer.steps == len(batches)
    assert isinstance(compiled, Compiled)
    return compiled


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda model: optim.SGD(model, 0.1, momentum=0.9, weight_decay=0.01),
    "Nesterov": lambda model: optim.SGD(model, 0.1, momentum=optim.Nesterov(0.9)),
    "Adam": lambda model: optim.Adam(model, 0.01, amsgrad=True),
    "AdamW with a group": lambda model: optim.AdamW(model, groups={"*.bias": {"lr": 0.1}}),
    "RMSprop": lambda model: optim.RMSprop(model, 0.01, centered=True, momentum=0.5),
    "Adagrad": lambda model: optim.Adagrad(model, 0.1),
    "Lion": lambda model: optim.Lion(model, 0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_are_part_of_the_step(optimizer: str) -> None:
    def make() -> tuple[Any, Any, Step]:
        model = perceptron()
        chosen = OPTIMIZERS[optimizer](model)
        return model, chosen, training(model, chosen)

    compiled = assert_same_training(make, [batch(seed, 5, 6) for seed in range(6)])
    assert len(compiled.sources) == 1


def test_dropout_draws_anew() -> None:
    def make() -> tuple[Any, Any, Step]:
        model = perceptron(0.5)
        sgd = optim.SGD(model, 0.1)
        return model, sgd, training(model, sgd)

    assert_same_training(make, [batch(0, 32, 6)] * 6)


def test_schedule_and_assigned_rates_are_read() -> None:
    def make() -> tuple[Any, Any, Step]:
        model = perceptron()
        adam = optim.Adam(model, 0.01)
        return model, adam, training(model, adam)

    def between(model: Any, optimizer: Any, index: int) -> None:
        optimizer.lr = 0.05 / (index + 1)

    compiled = assert_same_training(make, [batch(s, 4, 6) for s in range(5)], between)
    assert len(compiled.sources) == 1


@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_norm_remembers(momentum: float | None) -> None:
    def make() -> tuple[Any, Any, Step]:
        model: Any = nn.Sequential(
            nn.Linear(6, 8, rng=0), nn.BatchNorm1d(8, momentum=momentum), nn.ReLU(),
            nn.Linear(8, 2, rng=1),
        )  # fmt: skip
        sgd = optim.SGD(model, 0.1)
        return model, sgd, training(model, sgd)

    assert_same_training(make, [batch(seed, 9, 6) for seed in range(5)])


def test_statistics_that_were_loaded_are_read() -> None:
    model: Any = nn.Sequential(nn.Linear(6, 8, rng=0), nn.BatchNorm1d(8))
    predict: Any = tl.compile(lambda x: model(x))
    x, _ = batch(0, 4, 6)
    predict(x)
    model[1].running_mean.write(np.arange(8, dtype=np.float32))
    np.testing.assert_array_equal(predict(x).numpy(), model(x).numpy())
    assert len(predict.sources) == 1


def test_images_and_classes() -> None:
    def make() -> tuple[Any, Any, Step]:
        model: Any = nn.Sequential(
            nn.Conv2d(1, 4, 3, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(4 * 3 * 3, 5, rng=1),
        )  # fmt: skip
        adam = optim.Adam(model, 0.01)
        return model, adam, training(model, adam, losses.cross_entropy)

    assert_same_training(make, [batch(seed, 6, 1, 8, 8, classes=5) for seed in range(4)])


def test_attention() -> None:
    def make() -> tuple[Any, Any, Step]:
        model: Any = nn.Sequential(
            nn.TransformerEncoderBlock(8, 2, 16, dropout=0.1, rng=3), nn.Linear(8, 2, rng=1)
        )
        adam = optim.AdamW(model, 0.01)

        def step(x: Any, y: Any) -> Any:
            gradients = (model(x.traced()) * y[:, None]).mean().backward(wrt=model)
            adam.update(model, gradients.clip_norm(0.05))
            return gradients[model[1].weight]

        return model, adam, step

    assert_same_training(make, [batch(seed, 3, 4, 8) for seed in range(4)])


def test_gradients_add_up_and_are_limited() -> None:
    def make() -> tuple[Any, Any, Step]:
        model = perceptron()
        sgd = optim.SGD(model, 0.1)

        def step(x: Any, y: Any) -> Any:
            first = losses.mse_loss(model(x.traced()), y).backward(wrt=model)
            second = losses.mae_loss(model((x + 1.0).traced()), y).backward(wrt=model)
            both = (first + 0.5 * second).clip_value(0.1).clip_norm(0.3)
            sgd.update(model, both)
            return both[model[0].weight]

        return model, sgd, step

    assert_same_training(make, [batch(seed, 5, 6) for seed in range(5)])


def test_noise_is_drawn_in_the_step() -> None:
    def make() -> tuple[Any, Any, Step]:
        model, rng = perceptron(), np.random.default_rng(5)
        sgd = optim.SGD(model, 0.1)

        def step(x: Any, y: Any) -> Any:
            noise = tl.randn_like(x, rng) + tl.uniform(x.shape, -1.0, 1.0, rng=rng)
            same = tl.rand((5, 6), rng=0)  # a seed gives the same numbers each time
            loss = losses.mse_loss(model((x + noise * same).traced()), y)
            kept = loss.detach()
            sgd.update(model, loss.backward(wrt=model))
            return kept

        return model, sgd, step

    assert_same_training(make, [batch(0, 5, 6)] * 5)


# Written down anew -------------------------------------------------------------------------------


def test_other_shapes_and_dtypes_are_written_down_anew() -> None:
    double: Any = tl.compile(lambda x: x + x)
    for x in (tl.ones((2,)), tl.ones((3,)), tl.ones((2,), np.float64), tl.ones((2,))):
        y = double(x)
        assert y.shape == x.shape
        assert y.dtype == x.dtype
        assert y.tolist() == [2.0] * len(x)
    assert len(double.sources) == 3


def test_python_arguments_count() -> None:
    @tl.compile
    def scaled(x: Any, factor: float, *, shift: bool = False) -> Any:
        return x * factor + 1.0 if shift else x * factor

    x = tl.ones((2,))
    assert scaled(x, 2.0).tolist() == [2.0, 2.0]
    assert scaled(x, 3.0).tolist() == [3.0, 3.0]
    assert scaled(x, 3.0, shift=True).tolist() == [4.0, 4.0]
    assert scaled(x, 2.0).tolist() == [2.0, 2.0]
    assert scaled(x, factor=2.0).tolist() == [2.0, 2.0]


FACTOR = 2.0


def test_closed_over_and_global_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    factor = 3.0

    def inner(x: Any) -> Any:
        return x * FACTOR

    step: Any = tl.compile(lambda x: inner(x) + factor)
    x = tl.ones((1,))
    assert step(x).item() == 5.0
    factor = 4.0
    assert step(x).item() == 6.0
    monkeypatch.setattr(f"{__name__}.FACTOR", 10.0)
    assert step(x).item() == 14.0
    assert step(x).item() == 14.0
    assert len(step.sources) == 3


@dataclass
class Settings:
    alpha: float = 0.5


class Trainer:
    def __init__(self) -> None:
        self.model: Any = perceptron()
        self.sgd = optim.SGD(self.model, 0.1)
        self.settings = Settings()
        self.calls = 0

    @tl.compile
    def step(self, x: Any, y: Any) -> Any:
        loss = losses.mse_loss(self.model(x.traced()), y) * self.settings.alpha
        value = loss.detach()
        self.sgd.update(self.model, loss.backward(wrt=self.model))
        return value


def test_a_method() -> None:
    x, y = batch(0, 4, 6)
    first, second = Trainer(), Trainer()
    values = [first.step(x, y).item() for _ in range(3)]
    assert values == [second.step(x, y).item() for _ in range(3)]
    assert values[2] < values[0]
    first.calls += 1
    before = len(Trainer.step.sources)  # type: ignore[attr-defined]
    expected = float(losses.mse_loss(first.model(x), y).item()) * 0.25
    first.settings.alpha = 0.25
    assert first.step(x, y).item() == pytest.approx(expected)
    assert len(Trainer.step.sources) == before + 1  # type: ignore[attr-defined]


def test_fields_of_modules_count() -> None:
    model: Any = nn.Sequential(nn.Dropout(0.5, active=True, rng=0), nn.Linear(3, 2, rng=0))
    step: Any = tl.compile(lambda x: model(x))
    x = tl.ones((4, 3))
    step(x)
    model[0].p = 0.0
    np.testing.assert_array_equal(step(x).numpy(), model(x).numpy())
    setattr(model, "1", nn.Linear(3, 2, rng=9))
    np.testing.assert_array_equal(step(x).numpy(), model(x).numpy())


def test_frozen_parameters_count() -> None:
    def make() -> tuple[Any, Any, Step]:
        model = perceptron()
        sgd = optim.SGD(model, 0.1)
        return model, sgd, training(model, sgd)

    def between(model: Any, optimizer: Any, index: int) -> None:
        if index == 2:
            model.freeze("0")
        if index == 4:
            model.unfreeze()

    assert_same_training(make, [batch(seed, 5, 6) for seed in range(6)], between)


def test_what_changes_each_time_is_told_of() -> None:
    count = 0

    def step(x: Any) -> Any:
        return x + float(count)

    compiled: Any = tl.compile(step)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for count in range(12):
            assert compiled(tl.zeros((1,))).item() == count
    (warning,) = told
    assert "is written down anew at each call, because 'count' of" in str(warning.message)


# Refused -----------------------------------------------------------------------------------------


def reads_item(x: Any) -> Any:
    return x if x.sum().item() > 0 else -x


def branches(x: Any) -> Any:
    return x if x.sum() > 0 else -x


def prints(x: Any) -> Any:
    print(x)
    return x


def uses_numpy(x: Any) -> Any:
    return tl.tensor(np.sin(x.numpy()))


def from_outside(x: Any) -> Any:
    return x + tl.tensor(np.random.default_rng().normal(size=2).astype(np.float32))


def measures(x: Any) -> Any:
    tl.accuracy(x.reshape((1, 2)), tl.tensor([0]))
    return x


def masks(x: Any) -> Any:
    return x[x > 0].sum()


def returns_number(x: Any) -> Any:
    return 3.0


def returns_tape(x: Any) -> Any:
    return x.traced().exp()


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (reads_item, 'item() hands numbers to Python, which a compiled step cannot repeat ('),
        (branches, "bool(), or an if, hands numbers to Python"),
        (prints, "printing it hands numbers to Python"),
        (uses_numpy, "numpy() hands numbers to Python"),
        (from_outside, "a tensor is made of numbers that come from outside ("),
        (measures, "accuracy() hands numbers to Python"),
        (masks, "getitem returns as many elements as numbers tell"),
        (returns_number, "the step returns float, which would be the same each time"),
        (returns_tape, "the step returns a tensor with a gradient tape: return x.detach()"),
    ],
)  # fmt: skip
def test_refused(step: Step, text: str) -> None:
    with pytest.raises(tl.CompileError, match=re.escape(text)) as caught:
        tl.compile(step)(tl.tensor([1.0, 2.0]))
    if "(" in str(caught.value).partition("repeat")[2]:
        line = step.__code__.co_firstlineno + 1
        assert f"(test_compile.py, line {line}: " in str(caught.value)


def test_a_tape_is_refused() -> None:
    step: Any = tl.compile(lambda x: x.exp().detach())
    with pytest.raises(tl.CompileError, match=r"call traced\(\) in the step"):
        step(tl.ones((2,)).traced())
    assert step(tl.zeros((2,))).tolist() == [1.0, 1.0]


def test_errors_are_those_of_the_step() -> None:
    model: Any = nn.Linear(3, 4, rng=0)
    sgd = optim.SGD(model, 0.1)
    step: Any = tl.compile(training(model, sgd, losses.cross_entropy))
    x = tl.ones((2, 3))
    step(x, tl.tensor([0, 3]))
    before = model.weight.numpy().copy()
    with pytest.raises(tl.IndexOutOfRangeError, match="class index 4 at"):
        step(x, tl.tensor([0, 4]))
    with pytest.raises(tl.NonFiniteGradientError, match="nothing was updated"):
        step(tl.full((2, 3), float("nan")), tl.tensor([0, 3]))
    np.testing.assert_array_equal(before, model.weight.numpy())
    with pytest.raises(tl.ShapeError, match=r"Linear\(3, 4\): expected last dimension 3, got 5"):
        step(tl.ones((2, 5)), tl.tensor([0, 3]))


# What is returned --------------------------------------------------------------------------------


def test_containers_come_back() -> None:
    def step(pair: tuple[Any, Any], table: dict[str, Any]) -> Any:
        x, y = pair
        return {"sum": x + y, "all": [x, (table["z"], None)]}

    compiled: Any = tl.compile(step)
    for value in (1.0, 2.0):
        x, y, z = (tl.full((2,), value * place) for place in (1, 2, 3))
        found = compiled((x, y), {"z": z})
        assert found["sum"].tolist() == [3 * value] * 2
        assert found["all"][0].tolist() == [value] * 2
        assert found["all"][1][0].tolist() == [3 * value] * 2
        assert found["all"][1][1] is None
    assert len(compiled.sources) == 1


def test_results_are_not_overwritten() -> None:
    model: Any = nn.Linear(3, 2, rng=0)
    sgd = optim.SGD(model, 1.0)

    def step(x: Any) -> Any:
        y = model(x.traced())
        kept = y.detach(), model.weight.detach(), model.weight.T.detach()
        sgd.update(model, y.sum().backward(wrt=model))
        return kept

    compiled: Any = tl.compile(step)
    x = tl.ones((4, 3))
    compiled(x)
    results = compiled(x)
    before = [y.numpy().copy() for y in results]
    compiled(x)
    for y, old in zip(results, before, strict=True):
        np.testing.assert_array_equal(y.numpy(), old)


def test_a_compiled_step_in_another() -> None:
    inner: Any = tl.compile(lambda x: x * 2.0)
    outer: Any = tl.compile(lambda x: inner(x) + 1.0)
    assert [outer(tl.full((1,), v)).item() for v in (1.0, 2.0)] == [3.0, 5.0]


def test_it_looks_like_the_step() -> None:
    def step(x: Any) -> Any:
        """Do it."""
        return x

    compiled: Any = tl.compile(step)
    assert (compiled.__name__, compiled.__doc__) == ("step", "Do it.")
    assert compiled.step is step
    with pytest.raises(TypeError, match="compile: expected a function, got int"):
        tl.compile(3)  # type: ignore[type-var]


def test_sources_are_programs() -> None:
    step: Any = tl.compile(lambda x, y: tl.relu(x + y))
    step(tl.ones((2,)), tl.ones((2,)))
    (source,) = step.sources
    assert source.startswith("def step(a0, a1):\n")
    assert " = add(a0, a1)\n" in source
    assert " = relu(" in source


def test_threads_train_by_themselves() -> None:
    def trained(seed: int, compiled: bool) -> list[float]:
        model = perceptron(0.2)
        sgd = optim.SGD(model, 0.1)
        step = training(model, sgd)
        run: Any = tl.compile(step) if compiled else step
        return [run(*batch(seed + i, 5, 6)).item() for i in range(20)]

    found: dict[int, list[float]] = {}
    threads = [
        threading.Thread(target=lambda s=s: found.update({s: trained(s, True)})) for s in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {s: trained(s, False) for s in range(3)}


def test_a_model_can_be_copied_and_the_step_kept() -> None:
    model = perceptron()
    step: Any = tl.compile(lambda m, x: m(x))
    other = copy.deepcopy(model)
    other[0].weight.write(np.zeros((16, 6), np.float32))
    x, _ = batch(0, 3, 6)
    for m in (model, other, model):
        np.testing.assert_array_equal(step(m, x).numpy(), m(x).numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(model, x)
