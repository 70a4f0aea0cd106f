"""States of optimizers: a run that is resumed equals one that never stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tests.test_optim import OPTIMIZERS, Array, Fields, gradients_of, mlp, values
from tests.test_optim_more import MORE_OPTIMIZERS

# States -----------------------------------------------------------------------------------------

EVERY_OPTIMIZER: dict[str, Callable[[Any], Any]] = {
    **{name: make for name, (make, _) in (OPTIMIZERS | MORE_OPTIMIZERS).items()},
    "Lion": lambda m: optim.Lion(m, weight_decay=0.1),
    "RMSprop dfdx": lambda m: optim.RMSprop(m, initial_accumulator_value=1.0, eps_inside_sqrt=True),
}


def through_json(state: optim.OptimizerState) -> optim.OptimizerState:
    """Return a state after a trip through what a file can hold."""
    settings, arrays = state.parts()
    return optim.OptimizerState.from_parts(json.loads(json.dumps(settings)), arrays)


def dropping(seed: int) -> Any:
    model = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 3)
    )
    model.reset_params(seed)
    return model


def advanced(model: Any, optimizer: Any, steps: int) -> None:
    schedule = optim.OneCycle(optimizer.lr or 1.0, total_steps=12)
    for _ in range(steps):
        optimizer.lr = schedule(optimizer.steps)
        optimizer.update(model, gradients_of(model, optimizer.steps))


@pytest.mark.parametrize("name", EVERY_OPTIMIZER)
def test_a_resumed_run_equals_one_that_never_stopped_bit_for_bit(name: str) -> None:
    make = EVERY_OPTIMIZER[name]
    straight = dropping(0)
    # Groups are of the layer "0" in all cases, which both models have.
    optimizer = make(straight)
    advanced(straight, optimizer, 5)

    state = through_json(optimizer.state())
    tensors = {path: tensor.numpy().copy() for path, tensor in straight.named_tensors()}
    stream = straight[2].rng.bit_generator.state
    lr = optimizer.lr

    resumed = dropping(1)
    other = make(resumed)
    advanced(resumed, other, 3)
    for path, tensor in resumed.named_tensors():
        tensor.write(tensors[path], "test")
    resumed[2].rng.bit_generator.state = stream
    other.load_state(state)
    assert (other.steps, other.lr) == (5, lr)

    for model, its in ((straight, optimizer), (resumed, other)):
        advanced(model, its, 5)
    for (path, a), (_, b) in zip(straight.named_tensors(), resumed.named_tensors(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=path)
    np.testing.assert_equal(optimizer.state().parts(), other.state().parts())


def test_a_state_is_a_snapshot() -> None:
    model = mlp()
    adam = optim.Adam(model)
    adam.update(model, gradients_of(model))
    state = adam.state()
    kept = through_json(state)
    kept_arrays = {k: {n: a.copy() for n, a in v.items()} for k, v in state.arrays.items()}
    adam.update(model, gradients_of(model))
    np.testing.assert_equal(state.arrays, kept_arrays)
    adam.load_state(kept)
    assert adam.steps == 1
    adam.update(model, gradients_of(model))
    np.testing.assert_equal(state.arrays, kept_arrays)


def test_a_parameter_that_was_never_updated_has_no_arrays() -> None:
    model = mlp()
    adam = optim.Adam(model)
    state = through_json(adam.state())
    assert state.steps == 0
    assert state.arrays == {path: {} for path in values(model)}
    adam.update(model, gradients_of(model))
    adam.load_state(state)
    assert adam.state().arrays == state.arrays


def stepped_adam(**options: Any) -> Any:
    model = mlp()
    adam = optim.Adam(model, **options)
    adam.update(model, gradients_of(model))
    return adam


def changed(state: optim.OptimizerState, path: str, **arrays: Any) -> optim.OptimizerState:
    kept = {**state.arrays[path], **arrays}
    kept = {name: array for name, array in kept.items() if array is not None}
    return replace(state, arrays={**state.arrays, path: kept})


def renamed(state: optim.OptimizerState, old: str, new: str) -> optim.OptimizerState:
    arrays = {new if path == old else path: kept for path, kept in state.arrays.items()}
    return replace(state, arrays=arrays)


STATE_ERRORS: list[tuple[Callable[[optim.OptimizerState], Any], list[str]]] = [
    (lambda s: optim.SGD(mlp()).state(), ["it is of SGD"]),
    (lambda s: replace(s, steps=-1), ["steps must be at least 0, got -1"]),
    (
        lambda s: renamed(s, "2.bias", "3.bias"),
        ["missing parameter 2.bias", "surplus parameter 3.bias"],
    ),
    (
        lambda s: changed(s, "0.bias", exp_avg=None, square_avg=np.zeros(8, "f4")),
        ["0.bias: missing exp_avg", "0.bias: surplus square_avg"],
    ),
    (
        lambda s: changed(s, "0.bias", exp_avg=np.zeros(5, "f4"), step=np.zeros((), "f4")),
        [
            "0.bias: step: expected int64 of shape (), got float32 of shape ()",
            "0.bias: exp_avg: expected float32 of shape (8,), got float32 of shape (5,)",
        ],
    ),
    (
        lambda s: changed(s, "2.bias", exp_avg_sq=np.zeros(3), exp_avg=[0, 0, 0]),
        [
            "2.bias: exp_avg: expected float32 of shape (3,), got list",
            "2.bias: exp_avg_sq: expected float32 of shape (3,), got float64 of shape (3,)",
        ],
    ),
    (
        lambda s: replace(s, groups={"2": {}}),
        ["expected groups ['0', '*.bias'], got ['2']"],
    ),
    (
        lambda s: replace(s, hyperparameters={"lr": 0.1, "eps": 0.1, "beta": 0.1}),
        [
            "missing hyper-parameter betas",
            "missing hyper-parameter weight_decay",
            "missing hyper-parameter amsgrad",
            "surplus hyper-parameter beta",
        ],
    ),
]


@pytest.mark.parametrize(("spoil", "problems"), STATE_ERRORS)
def test_a_state_that_does_not_fit_changes_nothing(spoil: Any, problems: list[str]) -> None:
    groups = {"0": {"lr": 0.01}, "*.bias": {"eps": 0.1}}
    state = spoil(stepped_adam(groups=groups).state())
    adam = stepped_adam(groups=groups, lr=0.5)
    before = adam.state()
    with pytest.raises(tl.CheckpointError) as raised:
        adam.load_state(state)
    title = "load_state: the state does not fit this Adam:"
    assert str(raised.value).split("\n  ") == [title, *problems]
    np.testing.assert_equal(adam.state().parts(), before.parts())


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (
            lambda s: replace(s, hyperparameters=s.hyperparameters | {"lr": -1.0}),
            "load_state: SGD: lr must be at least 0 and finite, got -1",
        ),
        (
            lambda s: replace(s, hyperparameters=s.hyperparameters | {"momentum": {"kind": "X"}}),
            "load_state: SGD: momentum must be of a known kind, got 'X'",
        ),
        (
            lambda s: replace(s, groups={"0": {"lr": 0.1}}),
            "load_state: SGD: groups['0']: lr must be two numbers, got 0.1",
        ),
        (
            lambda s: replace(s, groups={"0": {"lrs": 0.1}}),
            "load_state: SGD: groups['0']: lrs is no hyper-parameter: there are lr, momentum, "
            "weight_decay",
        ),
    ],
)
def test_a_state_with_wrong_numbers_changes_nothing(spoil: Any, text: str) -> None:
    sgd = optim.SGD(mlp(), momentum=0.5, groups={"0": {"lr": 0.25}})
    before = sgd.state()
    with pytest.raises(tl.CheckpointError) as raised:
        sgd.load_state(spoil(before))
    assert str(raised.value) == text
    assert sgd.state().parts() == before.parts()


def test_only_states_are_loaded() -> None:
    with pytest.raises(TypeError, match=r"^load_state: expected an optimizer's state, got dict$"):
        optim.SGD(mlp()).load_state({})  # type: ignore[arg-type]


PARTS_ERRORS: list[tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = [
    (lambda s, a: s.pop("steps"), "does not tell its class or its steps"),
    (lambda s, a: s.pop("groups"), "has no table 'groups'"),
    (lambda s, a: s["arrays"].update({"0.bias": "step"}), "does not list the arrays of 0.bias"),
    (lambda s, a: a.pop("0.bias/step"), "is not whole:\n  missing 0.bias/step"),
    (lambda s, a: a.update(x=np.zeros(1)), "is not whole:\n  surplus x"),
]


@pytest.mark.parametrize(("spoil", "text"), PARTS_ERRORS)
def test_parts_that_make_no_state(spoil: Any, text: str) -> None:
    settings, arrays = stepped_adam().state().parts()
    spoil(settings, arrays)
    with pytest.raises(tl.CheckpointError) as raised:
        optim.OptimizerState.from_parts(settings, arrays)
    assert str(raised.value) == f"the optimizer's state {text}"


class Averaged(optim.Optimizer[optim.optimizer.M]):
    """An optimizer of a user's own, with a hyper-parameter and a state."""

    lr = optim.LearningRate()

    keeps: ClassVar[tuple[str, ...]] = ("step", "mean")

    def __init__(self, model: optim.optimizer.M, groups: Any = None, *, lr: float = 1.0) -> None:
        super().__init__(model, groups, lr=lr)

    def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
        count = state.setdefault("step", np.zeros((), np.int64))
        mean = state.setdefault("mean", np.zeros_like(p))
        count += 1
        mean += (g - mean) / int(count)
        return np.asarray(p - self.lr * mean)


class Forgetful(Averaged[optim.optimizer.M]):
    keeps: ClassVar[tuple[str, ...]] = ("step",)


def test_an_optimizer_of_ones_own_has_groups_and_a_state() -> None:
    p, q = (nn.Parameter(tl.ones((1,))) for _ in range(2))
    model = Fields(p=p, q=q)
    own = Averaged(model, {"q": {"lr": 0.5}})
    own.update(model, (p.traced() + q.traced()).sum().backward())
    assert (p.item(), q.item()) == (0.0, 0.5)
    other = Averaged(model, {"q": {"lr": 0.25}})
    other.load_state(through_json(own.state()))
    assert other.groups["q"]["lr"] == 0.5
    assert other.state().arrays == own.state().arrays


class Unset(Averaged[optim.optimizer.M]):
    def __init__(self, model: optim.optimizer.M, **options: float) -> None:
        optim.Optimizer.__init__(self, model, None, **options)


def test_hyperparameters_must_be_declared_and_set() -> None:
    model = Fields(p=nn.Parameter(tl.ones((1,))))
    with pytest.raises(TypeError, match="Unset: the class states no hyper-parameter 'rate'"):
        Unset(model, rate=0.5)
    with pytest.raises(AttributeError, match="Unset: lr is not set"):
        Unset(model).state()


def test_a_state_must_be_declared() -> None:
    p = nn.Parameter(tl.ones((1,)))
    model = Fields(p=p)
    own = Forgetful(model)
    own.update(model, p.traced().sum().backward())
    with pytest.raises(TypeError, match="Forgetful: stepped carries on 'mean': name it in keeps"):
        own.state()
