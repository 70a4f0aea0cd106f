"""What is stepped at once changes no number: blocks, parameters end to end, each by itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tensorlib.optim import unit

SIZES: tuple[tuple[int, ...], ...] = ((70_001,), (3, 5), (), (4096,), (4097,), (7,))
MAKERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda model: optim.SGD(model, 0.1),
    "momentum": lambda model: optim.SGD(model, 0.1, momentum=0.9, weight_decay=0.1),
    "Nesterov": lambda model: optim.SGD(model, 0.1, momentum=optim.Nesterov(0.9)),
    "Adam": lambda model: optim.Adam(model, 0.1, weight_decay=0.1, amsgrad=True),
    "AdamW": lambda model: optim.AdamW(model, 0.1),
    "RMSprop": lambda model: optim.RMSprop(model, 0.1, centered=True, momentum=0.5),
    "Adagrad": lambda model: optim.Adagrad(model, 0.1),
    "Lion": lambda model: optim.Lion(model, 0.1),
    "groups": lambda model: optim.Adam(model, 0.1, groups={"1": {"lr": 0.5}, "5": {"eps": 0.1}}),
}


class Many(nn.Module):
    """Parameters of many sizes."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        for name, shape in enumerate(SIZES):
            values = np.asarray(rng.normal(size=shape), np.float32)
            setattr(self, str(name), nn.Parameter(tl.tensor(values)))


def slopes(model: Many, seed: int) -> Any:
    """Return gradients that are drawn."""
    rng = np.random.default_rng(seed)
    x = tl.tensor(1.0).traced()
    loss: Any = x * 0.0
    for parameter in model.parameters():
        slope = tl.tensor(np.asarray(rng.normal(size=parameter.shape), np.float32))
        loss = loss + ((parameter * x.with_empty_tape()) * slope).sum()
    return loss.backward(wrt=model)


def trained(name: str, between: Callable[[Any, Any, int], None] = lambda *_: None) -> Any:
    model: Any = Many()
    optimizer = MAKERS[name](model)
    for index in range(5):
        between(model, optimizer, index)
        optimizer.update(model, slopes(model, index))
    return model, optimizer


def assert_equal(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> None:
    for (path, x), (_, y) in zip(
        ours[0].named_parameters(), theirs[0].named_parameters(), strict=True
    ):
        np.testing.assert_array_equal(x.numpy(), y.numpy(), err_msg=path)
    mine, other = ours[1].state(), theirs[1].state()
    for path, arrays in mine.arrays.items():
        assert arrays.keys() == other.arrays[path].keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, other.arrays[path][name], strict=True)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return `trained` with every parameter whole and by itself."""

    def run(*args: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(unit, "SMALL", -1)
            patch.setattr(unit, "BLOCK", 10**9)
            return trained(*args)

    return run


@pytest.mark.parametrize("name", MAKERS)
def test_units_change_no_number(name: str, one_by_one: Callable[..., Any]) -> None:
    assert_equal(trained(name), one_by_one(name))


def test_momentum_that_begins_later(one_by_one: Callable[..., Any]) -> None:
    def between(model: Any, optimizer: Any, index: int) -> None:
        if index == 2:
            optimizer.momentum = 0.5

    assert_equal(trained("SGD", between), one_by_one("SGD", between))


def test_parameters_that_come_and_go(one_by_one: Callable[..., Any]) -> None:
    def between(model: Any, optimizer: Any, index: int) -> None:
        model.unfreeze()
        if index in (1, 2):
            model.freeze("1", "3")
        if index == 3:
            model.freeze("0")

    assert_equal(trained("Adam", between), one_by_one("Adam", between))


def test_parameters_that_somebody_writes(one_by_one: Callable[..., Any]) -> None:
    def between(model: Any, optimizer: Any, index: int) -> None:
        if index % 2:
            for parameter in model.parameters():
                parameter.write(np.full(parameter.shape, index, np.float32))

    assert_equal(trained("momentum", between), one_by_one("momentum", between))


def test_states_are_loaded_and_copied() -> None:
    model, adam = trained("Adam")
    twin, twin_adam = copy.deepcopy((model, adam))
    resumed: Any = copy.deepcopy(model)
    resumed_adam = MAKERS["Adam"](resumed)
    resumed_adam.load_state(adam.state())
    for seed in (7, 8):
        for one, its in ((model, adam), (twin, twin_adam), (resumed, resumed_adam)):
            its.update(one, slopes(one, seed))
    assert_equal((twin, twin_adam), (model, adam))
    assert_equal((resumed, resumed_adam), (model, adam))


def test_a_class_of_its_own_is_stepped_one_by_one() -> None:
    class Normed(optim.SGD[Any]):
        def stepped(self, p: Any, g: Any, state: Any) -> Any:
            return super().stepped(p, g / np.linalg.norm(g), state)

    model: Any = Many()
    before = [parameter.numpy().copy() for parameter in model.parameters()]
    Normed(model, 1.0).update(model, slopes(model, 0))
    for parameter, old in zip(model.parameters(), before, strict=True):
        assert np.linalg.norm(parameter.numpy() - old) == pytest.approx(1.0, rel=1e-3)
