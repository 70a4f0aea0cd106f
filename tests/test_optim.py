"""Optimizers: equal to PyTorch step by step, and an update changes everything or nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import losses, nn, optim

Array = np.ndarray[Any, np.dtype[Any]]

STEPS = 20


def mlp(seed: int = 0) -> Any:
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
    model.reset_params(seed)
    return model


def batch(seed: int = 0, rows: int = 16) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return tl.randn((rows, 5), rng=rng), tl.randn((rows, 3), rng=rng)


def gradients_of(model: Any, seed: int = 0) -> tl.Gradients:
    x, y = batch(seed)
    return losses.mse_loss(model(x.traced()), y).backward()


def values(model: nn.Module) -> dict[str, Array]:
    return {path: parameter.numpy().copy() for path, parameter in model.named_parameters()}


# Against PyTorch --------------------------------------------------------------------------------

OPTIMIZERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], torch.optim.Optimizer]]] = {
    "SGD": (lambda m: optim.SGD(m), lambda p: torch.optim.SGD(p)),
    "SGD lr": (lambda m: optim.SGD(m, lr=0.3), lambda p: torch.optim.SGD(p, lr=0.3)),
    "SGD momentum": (
        lambda m: optim.SGD(m, lr=0.05, momentum=0.9),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    ),
    "SGD Classic": (
        lambda m: optim.SGD(m, lr=0.05, momentum=optim.Classic(0.5)),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.5),
    ),
    "SGD Nesterov": (
        lambda m: optim.SGD(m, lr=0.05, momentum=optim.Nesterov(0.9)),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    ),
    "SGD no momentum": (
        lambda m: optim.SGD(m, lr=0.05, momentum=0),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0),
    ),
    "SGD weight decay": (
        lambda m: optim.SGD(m, lr=0.05, momentum=optim.Nesterov(0.9), weight_decay=0.1),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
    ),
    "Adam": (lambda m: optim.Adam(m), lambda p: torch.optim.Adam(p)),
    "Adam options": (
        lambda m: optim.Adam(m, lr=0.05, betas=(0.5, 0.7), eps=1e-3),
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.7), eps=1e-3),
    ),
    "Adam no memory": (
        lambda m: optim.Adam(m, betas=(0.0, 0.9)),
        lambda p: torch.optim.Adam(p, betas=(0.0, 0.9)),
    ),
    "Adam weight decay": (
        lambda m: optim.Adam(m, lr=0.01, weight_decay=0.1),
        lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    ),
    "AdamW": (lambda m: optim.AdamW(m), lambda p: torch.optim.AdamW(p)),
    "AdamW options": (
        lambda m: optim.AdamW(m, lr=0.05, betas=(0.5, 0.7), eps=1e-3, weight_decay=0.3),
        lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.5, 0.7), eps=1e-3, weight_decay=0.3),
    ),
    "AdamW no decay": (
        lambda m: optim.AdamW(m, weight_decay=0),
        lambda p: torch.optim.AdamW(p, weight_decay=0),
    ),
    "RMSprop": (lambda m: optim.RMSprop(m), lambda p: torch.optim.RMSprop(p)),
    "RMSprop options": (
        lambda m: optim.RMSprop(m, lr=0.02, alpha=0.8, eps=1e-3, weight_decay=0.1),
        lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.8, eps=1e-3, weight_decay=0.1),
    ),
    "RMSprop momentum": (
        lambda m: optim.RMSprop(m, lr=0.002, momentum=0.5),
        lambda p: torch.optim.RMSprop(p, lr=0.002, momentum=0.5),
    ),
    "RMSprop centered": (
        lambda m: optim.RMSprop(m, lr=0.002, eps=1e-3, centered=True),
        lambda p: torch.optim.RMSprop(p, lr=0.002, eps=1e-3, centered=True),
    ),
    "RMSprop centered momentum": (
        lambda m: optim.RMSprop(m, lr=0.002, eps=1e-3, momentum=0.5, centered=True),
        lambda p: torch.optim.RMSprop(p, lr=0.002, eps=1e-3, momentum=0.5, centered=True),
    ),
    "Adagrad": (lambda m: optim.Adagrad(m), lambda p: torch.optim.Adagrad(p)),
    "Adagrad options": (
        lambda m: optim.Adagrad(
            m, lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-3
        ),
        lambda p: torch.optim.Adagrad(
            p, lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-3
        ),
    ),
}


class Peer:
    """The same model and optimizer in PyTorch."""

    def __init__(self, model: nn.Module, make: Callable[[Any], Any], dtype: torch.dtype) -> None:
        layers = [torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)]
        self.model = torch.nn.Sequential(*layers).to(dtype)
        state = {path: torch.tensor(value) for path, value in values(model).items()}
        self.model.load_state_dict(state)
        self.optimizer = make(self.model.parameters())
        self.dtype = dtype

    def step(self, x: Any, y: Any) -> dict[str, Array]:
        self.optimizer.zero_grad()
        input, target = (torch.tensor(t.numpy(), dtype=self.dtype) for t in (x, y))
        torch.nn.functional.mse_loss(self.model(input), target).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return {name: p.detach().numpy().copy() for name, p in self.model.named_parameters()}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_twenty_steps_equal_pytorchs(name: str, seed: int) -> None:
    make, make_peer = OPTIMIZERS[name]
    model = mlp(seed)
    optimizer = make(model)
    reference = Peer(model, make_peer, torch.float64)
    peer = Peer(model, make_peer, torch.float32)
    for step in range(STEPS):
        x, y = batch(seed + step)
        optimizer.update(model, losses.mse_loss(model(x.traced()), y).backward())
        wanted, rival = reference.step(x, y), peer.step(x, y)
        for path, have in values(model).items():
            want = wanted[path]
            allowed = max(4 * np.abs(rival[path] - want).max(), 1e-6 * np.abs(want).max())
            assert np.abs(have - want).max() <= allowed, (step, path)


@pytest.mark.parametrize(
    "name", ["SGD Nesterov", "Adam", "AdamW", "RMSprop momentum", "Adagrad options"]
)
def test_hyperparameters_can_change_between_steps(name: str) -> None:
    make, make_peer = OPTIMIZERS[name]
    model = mlp()
    optimizer, peer = make(model), Peer(model, make_peer, torch.float32)
    for lr in (0.1, 0.01, 0.0):
        optimizer.lr = lr
        peer.optimizer.param_groups[0]["lr"] = lr
        x, y = batch()
        optimizer.update(model, gradients_of(model))
        wanted = peer.step(x, y)
        for path, have in values(model).items():
            np.testing.assert_allclose(have, wanted[path], rtol=1e-5, atol=1e-6)


def test_a_constant_gradient_has_no_negative_variance() -> None:
    p = nn.Parameter(tl.tensor([0.1, 0.3, 1.7, 1e-4]))
    model = Fields(p=p)
    rmsprop = optim.RMSprop(model, alpha=0.1, centered=True)
    for _ in range(50):
        rmsprop.update(model, (p.traced() * tl.tensor([0.1, 3.3, 7.7, 1e-3])).sum().backward())
        assert np.isfinite(rmsprop.state().arrays["p"]["square_avg"]).all()
        assert np.isfinite(p.numpy()).all()


def test_adagrad_leaves_elements_without_gradient_alone() -> None:
    p = nn.Parameter(tl.ones((2,)))
    model = Fields(p=p)
    adagrad = optim.Adagrad(model, eps=0)
    adagrad.update(model, (p.traced() * tl.tensor([0.0, 1.0])).sum().backward())
    np.testing.assert_allclose(p.numpy(), [1, 0.99], rtol=1e-6)


def test_momentum_can_be_switched() -> None:
    model = mlp()
    sgd = optim.SGD(model, lr=0.01, momentum=0.9)
    assert sgd.momentum == optim.Classic(0.9)
    sgd.momentum = optim.Nesterov(0.5)
    assert sgd.momentum == optim.Nesterov(0.5)
    sgd.momentum = None
    before, g = values(model), gradients_of(model)
    sgd.update(model, g)
    for path, p in model.named_parameters():
        np.testing.assert_allclose(p.numpy(), before[path] - np.float32(1e-2) * g[p].numpy())


@pytest.mark.parametrize(
    "name", ["SGD Nesterov", "Adam", "AdamW", "RMSprop momentum", "Adagrad options"]
)
def test_a_parameter_that_is_skipped_does_not_age(name: str) -> None:
    """PyTorch skips parameters without a gradient, their moments and counts included."""
    make, make_peer = OPTIMIZERS[name]
    a, b = nn.Parameter(tl.ones((3,))), nn.Parameter(tl.ones((3,)))
    model = Fields(a=a, b=b)
    torch_a, torch_b = (torch.ones(3, requires_grad=True) for _ in range(2))
    optimizer, peer = make(model), make_peer([torch_a, torch_b])
    for step in range(4):
        peer.zero_grad()
        loss: Any = (a.traced() * a).sum()
        torch_loss = (torch_a * torch_a).sum()
        if step % 2:
            loss = loss + (b.traced() * b).sum()
            torch_loss = torch_loss + (torch_b * torch_b).sum()
        optimizer.update(model, loss.backward(), allow_unused=["b"])
        torch_loss.backward()  # type: ignore[no-untyped-call]
        peer.step()
        for ours, theirs in ((a, torch_a), (b, torch_b)):
            np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-6)


class Fields(nn.Module):
    """A module with whatever fields it is given."""

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


SCHEDULES: dict[str, tuple[optim.Schedule, Callable[[Any], Any]]] = {
    "step": (
        optim.StepDecay(0.3, step_size=4),
        lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=4),
    ),
    "step gamma": (
        optim.StepDecay(0.3, step_size=3, gamma=0.5),
        lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=3, gamma=0.5),
    ),
    "exponential": (
        optim.ExponentialDecay(0.3, gamma=0.9),
        lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.9),
    ),
    "cosine": (
        optim.CosineAnnealing(0.3, t_max=20),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=20),
    ),
    "cosine beyond": (
        optim.CosineAnnealing(0.3, t_max=6, eta_min=0.01),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=6, eta_min=0.01),
    ),
    "linear": (optim.LinearWarmup(0.3), lambda o: torch.optim.lr_scheduler.LinearLR(o)),
    "linear options": (
        optim.LinearWarmup(0.3, start_factor=0.01, end_factor=0.8, total_iters=12),
        lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.01, 0.8, 12),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_equal_pytorchs(name: str) -> None:
    schedule, make_peer = SCHEDULES[name]
    model = mlp()
    sgd = optim.SGD(model)
    peer = Peer(model, lambda p: torch.optim.SGD(p, lr=0.3), torch.float32)
    scheduler = make_peer(peer.optimizer)
    for step in range(STEPS):
        sgd.lr = schedule(step)
        (wanted,) = scheduler.get_last_lr()
        assert sgd.lr == pytest.approx(wanted, rel=1e-10, abs=1e-14)
        x, y = batch(step)
        sgd.update(model, losses.mse_loss(model(x.traced()), y).backward())
        after = peer.step(x, y)
        scheduler.step()
        for path, have in values(model).items():
            np.testing.assert_allclose(have, after[path], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optim.StepDecay(-1, 2), "StepDecay: lr must be at least 0 and finite, got -1"),
        (lambda: optim.StepDecay(1, 0), "StepDecay: step_size must be at least 1, got 0"),
        (lambda: optim.CosineAnnealing(1, 0), "CosineAnnealing: t_max must be at least 1, got 0"),
        (
            lambda: optim.ExponentialDecay(1, -0.5),
            "ExponentialDecay: gamma must be at least 0 and finite, got -0.5",
        ),
        (
            lambda: optim.LinearWarmup(1, total_iters=0),
            "LinearWarmup: total_iters must be at least 1, got 0",
        ),
        (lambda: optim.LinearWarmup(1)(-1), "LinearWarmup: step must be at least 0, got -1"),
    ],
)
def test_schedules_check_their_numbers(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        make()
    assert str(raised.value) == text


# What an update does ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss(name: str) -> None:
    model = mlp()
    optimizer = OPTIMIZERS[name][0](model)
    x, y = batch()
    first = losses.mse_loss(model(x), y).item()
    for _ in range(STEPS):
        optimizer.update(model, gradients_of(model))
    assert losses.mse_loss(model(x), y).item() < first


def test_an_update_raises_versions_and_names_itself() -> None:
    model = mlp()
    sgd = optim.SGD(model)
    x, y = batch()
    late = losses.mse_loss(model(x.traced()), y)
    versions = [p.version for p in model.parameters()]
    sgd.update(model, gradients_of(model))
    assert [p.version for p in model.parameters()] == [version + 1 for version in versions]
    with pytest.raises(tl.ParameterChangedError, match=r'"0\.weight" was changed by update'):
        late.backward()


def test_gradients_can_be_added_scaled_and_used_twice() -> None:
    model, other = mlp(), mlp()
    g = gradients_of(model, 1) + gradients_of(model, 2) * 0.5
    before = values(model)
    sgd = optim.SGD(model, lr=1.0)
    sgd.update(model, g)
    sgd.update(model, g)
    for path, p in model.named_parameters():
        np.testing.assert_allclose(p.numpy(), before[path] - 2 * g[p].numpy(), rtol=1e-4, atol=1e-6)
    assert_unchanged(other, before)


def assert_unchanged(model: nn.Module, before: dict[str, Array]) -> None:
    for path, value in values(model).items():
        np.testing.assert_array_equal(value, before[path], err_msg=path)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradients_are_not_written(name: str) -> None:
    model = mlp()
    optimizer = OPTIMIZERS[name][0](model)
    g = gradients_of(model)
    before = {p.path: g[p].numpy().copy() for p in model.parameters()}
    optimizer.update(model, g)
    optimizer.update(model, g)
    for p in model.parameters():
        np.testing.assert_array_equal(g[p].numpy(), before[p.path])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_tied_parameter_is_updated_once(name: str) -> None:
    make = OPTIMIZERS[name][0]
    tied, single = Fields(a=None), Fields(a=None)
    for model in (tied, single):
        vars(model)["a"] = nn.Parameter(tl.ones((3,)))
    vars(tied)["b"] = vars(tied)["a"]
    for model in (tied, single):
        a: Any = vars(model)["a"]
        optimizer = make(model)
        optimizer.update(model, (a.traced() * 3.0).sum().backward())
        assert a.version == 1
    assert_unchanged(tied, values(single))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_parameters_keep_their_shape_and_dtype(name: str, dtype: Any, shape: Any) -> None:
    p: Any = nn.Parameter(tl.ones(shape, dtype))
    model = Fields(p=p)
    optimizer = OPTIMIZERS[name][0](model)
    for _ in range(2):
        optimizer.update(model, (p.traced() * 3.0).sum().backward())
    assert (p.shape, p.dtype) == (shape, dtype)
    assert (p.numpy() < 1).all()
    for state, array in optimizer.state().arrays["p"].items():
        assert array.dtype == (np.int64 if state == "step" else dtype)
        assert array.shape == (() if state == "step" else shape)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("SGD", set()),
        ("SGD no momentum", set()),
        ("SGD Nesterov", {"momentum_buffer"}),
        ("Adam", {"step", "exp_avg", "exp_avg_sq"}),
    ],
)
def test_state_is_kept_by_path(name: str, names: set[str]) -> None:
    model = mlp()
    optimizer = OPTIMIZERS[name][0](model)
    assert optimizer.state().arrays == {path: {} for path in values(model)}
    optimizer.update(model, gradients_of(model))
    kept = {path: set(state) for path, state in optimizer.state().arrays.items()}
    assert kept == dict.fromkeys(values(model), names)


def test_a_copy_that_shares_the_parameters_may_be_updated() -> None:
    model: Any = nn.Sequential(nn.Linear(5, 3), nn.Dropout())
    sgd = optim.SGD(model)
    frozen = model.with_active(False)
    before = values(model)
    sgd.update(frozen, gradients_of(frozen))
    assert all(not np.array_equal(value, before[path]) for path, value in values(model).items())


def test_large_finite_gradients_are_finite() -> None:
    p: Any = nn.Parameter(tl.zeros((4,)))
    model = Fields(p=p)
    optim.SGD(model, lr=1.0).update(model, (p.traced() * 3e38).sum().backward())
    assert (p.numpy() == np.float32(-3e38)).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rounding_does_not_stop_an_update_midway(name: str) -> None:
    p: Any = nn.Parameter(tl.zeros((4,)))
    model = Fields(p=p)
    optimizer = OPTIMIZERS[name][0](model)
    g = (p.traced() * 1e-38).sum().backward()
    with np.errstate(all="raise"):
        optimizer.update(model, g)
    assert np.isfinite(p.numpy()).all()


def test_an_optimizer_of_ones_own() -> None:
    class Sign(optim.Optimizer[optim.optimizer.M]):
        def stepped(self, p: Array, g: Array, state: dict[str, Array]) -> Array:
            return np.asarray(p - np.sign(g))

    p: Any = nn.Parameter(tl.zeros((2,)))
    model = Fields(p=p)
    Sign(model).update(model, (p.traced() * tl.tensor([3.0, -2.0])).sum().backward())
    assert p.tolist() == [-1, 1]


# Errors: nothing changes ------------------------------------------------------------------------


def partial(model: Any) -> tl.Gradients:
    """Return gradients that lack the second layer's."""
    x, _ = batch()
    gradients: tl.Gradients = model[0](x.traced()).sum().backward()
    return gradients


def poisoned(model: Any, value: float) -> tl.Gradients:
    """Return gradients of which one element of the last bias is not finite."""
    weights = tl.tensor([0.0, value, 0.0])
    first: tl.Gradients = (model[2].bias.traced() * weights).sum().backward()
    return gradients_of(model) + first


def gradients_without_model() -> tl.Gradients:
    """Return those of a loss that no parameter is part of, as where the model was not traced."""
    return tl.ones((3,)).traced().sum().backward()


def empty_gradients() -> tl.Gradients:
    """Return those of a loss that depends on words only, which have no gradient."""
    words: Any = tl.tensor([1, 2])
    gradients: tl.Gradients = words.traced().astype(np.float32).sum().backward()
    return gradients


def loss_of(model: Any) -> Any:
    x, y = batch()
    return losses.mse_loss(model(x.traced()), y)


def arguments(model: Any, gradients: Any, **options: Any) -> tuple[Any, Any, dict[str, Any]]:
    return model, gradients, options


UPDATE_ERRORS: list[tuple[Callable[[Any], tuple[Any, Any, dict[str, Any]]], Any, str]] = [
    (
        lambda m: arguments(m, partial(m)),
        tl.UnusedParameterError,
        "update: no gradient for 2.weight, 2.bias, on which the loss does not depend, or only "
        "through what no tape recorded: call .traced() on the input of that branch, "
        "or pass allow_unused=['2.weight', '2.bias'] if that is meant",
    ),
    (
        lambda m: arguments(m, partial(m), allow_unused=["2.weight"]),
        tl.UnusedParameterError,
        "update: no gradient for 2.bias, on which the loss does not depend, or only "
        "through what no tape recorded: call .traced() on the input of that branch, "
        "or pass allow_unused=['2.bias'] if that is meant",
    ),
    (
        lambda m: arguments(m, partial(m), allow_unused=["2.wight"]),
        ValueError,
        "update: the model has no '2.wight': did you mean '2.weight'?",
    ),
    (
        lambda m: arguments(m, partial(m), allow_unused="2.bias"),
        TypeError,
        "update: allow_unused must be a collection of paths, got a string: allow_unused=['2.bias']",
    ),
    (
        lambda m: arguments(mlp(), gradients_of(m)),
        ValueError,
        "update: this Adam was made for another model: pass that one, or make a new Adam(model)",
    ),
    (
        lambda m: arguments(copy.deepcopy(m), gradients_of(m)),
        ValueError,
        "update: this Adam was made for another model: pass that one, or make a new Adam(model)",
    ),
    (
        lambda m: arguments(m, gradients_of(mlp())),
        tl.UnusedParameterError,
        'update: no gradient for any parameter of this model, only for parameter "0.weight" '
        "and 4 more: use a loss of this model, with .traced() called on the input of its forward "
        "pass",
    ),
    (
        lambda m: arguments(m, gradients_without_model()),
        tl.UnusedParameterError,
        "update: no gradient for any parameter of this model, only for a tensor of shape (3,): "
        "use a loss of this model, with .traced() called on the input of its forward pass",
    ),
    (
        lambda m: arguments(m, empty_gradients()),
        tl.UnusedParameterError,
        "update: no gradient for any parameter of this model: use a loss of this model, "
        "with .traced() called on the input of its forward pass",
    ),
    (
        lambda m: arguments(m, poisoned(m, np.nan)),
        tl.NonFiniteGradientError,
        "update: the gradient of 2.bias is not finite: nothing was updated",
    ),
    (
        lambda m: arguments(m, poisoned(m, -np.inf)),
        tl.NonFiniteGradientError,
        "update: the gradient of 2.bias is not finite: nothing was updated",
    ),
    (
        lambda m: arguments(m, loss_of(m)),
        TypeError,
        "update: expected gradients, got Tensor: pass what loss.backward() returns",
    ),
    (
        lambda m: arguments(m, None),
        TypeError,
        "update: expected gradients, got NoneType: pass what loss.backward() returns",
    ),
    (
        lambda m: arguments(gradients_of(m), m),
        TypeError,
        "update: expected a model, got Gradients",
    ),
]


@pytest.mark.parametrize(("misuse", "error", "text"), UPDATE_ERRORS)
def test_an_update_that_fails_changes_nothing(misuse: Any, error: Any, text: str) -> None:
    model = mlp()
    adam = optim.Adam(model)
    adam.update(model, gradients_of(model))
    before, versions = values(model), [p.version for p in model.parameters()]
    state = adam.state().arrays
    other, gradients, options = misuse(model)
    with pytest.raises(error) as raised:
        adam.update(other, gradients, **options)
    assert str(raised.value) == text
    assert_unchanged(model, before)
    assert [p.version for p in model.parameters()] == versions
    np.testing.assert_equal(adam.state().arrays, state)


def test_unused_parameters_are_told_to_programs_as_well() -> None:
    model = mlp()
    with pytest.raises(tl.UnusedParameterError) as raised:
        optim.SGD(model).update(model, partial(model))
    assert raised.value.paths == ("2.weight", "2.bias")


@pytest.mark.parametrize("allowed", [["2.weight", "2.bias"], {"2"}, ("",)])
def test_unused_parameters_may_be_allowed_by_path_or_module(allowed: Any) -> None:
    model = mlp()
    before = values(model)
    optim.SGD(model).update(model, partial(model), allow_unused=allowed)
    changed = {path for path, v in values(model).items() if not np.array_equal(v, before[path])}
    assert changed == {"0.weight", "0.bias"}


def sgd(**options: Any) -> Any:
    return optim.SGD(mlp(), **options)


def adam(**options: Any) -> Any:
    return optim.Adam(mlp(), **options)


def change(optimizer: Any, name: str, value: Any) -> None:
    setattr(optimizer, name, value)


HYPERPARAMETER_ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: sgd(lr=-1), ValueError, "SGD: lr must be at least 0 and finite, got -1"),
    (lambda: sgd(lr=np.nan), ValueError, "SGD: lr must be at least 0 and finite, got nan"),
    (lambda: adam(lr=np.inf), ValueError, "Adam: lr must be at least 0 and finite, got inf"),
    (lambda: sgd(lr="0.1"), TypeError, "SGD: lr must be a number, got str"),
    (lambda: sgd(lr=True), TypeError, "SGD: lr must be a number, got bool"),
    (
        lambda: sgd(lr=optim.CosineAnnealing(0.1, t_max=9)),
        TypeError,
        "SGD: lr must be a number, got CosineAnnealing: set optimizer.lr = "
        "schedule(optimizer.steps) before each update",
    ),
    (
        lambda: sgd(weight_decay=-0.1),
        ValueError,
        "SGD: weight_decay must be at least 0 and finite, got -0.1",
    ),
    (
        lambda: sgd(momentum=-0.9),
        ValueError,
        "SGD: momentum must be at least 0 and finite, got -0.9",
    ),
    (lambda: sgd(momentum="0.9"), TypeError, "SGD: momentum must be a number, got str"),
    (
        lambda: optim.Classic(-0.5),
        ValueError,
        "Classic: factor must be at least 0 and finite, got -0.5",
    ),
    (
        lambda: optim.Nesterov(float("nan")),
        ValueError,
        "Nesterov: factor must be at least 0 and finite, got nan",
    ),
    (lambda: adam(eps=-1e-8), ValueError, "Adam: eps must be at least 0 and finite, got -1e-08"),
    (
        lambda: adam(betas=(0.9, 1.0)),
        ValueError,
        "Adam: betas must be at least 0 and below 1, got 1",
    ),
    (
        lambda: optim.RMSprop(mlp(), alpha=1),
        ValueError,
        "RMSprop: alpha must be at least 0 and below 1, got 1",
    ),
    (
        lambda: optim.AdamW(mlp(), weight_decay=-1),
        ValueError,
        "AdamW: weight_decay must be at least 0 and finite, got -1",
    ),
    (
        lambda: optim.Adagrad(mlp(), lr_decay=-1),
        ValueError,
        "Adagrad: lr_decay must be at least 0 and finite, got -1",
    ),
    (lambda: adam(betas=0.9), TypeError, "Adam: betas must be two numbers, got 0.9"),
    (lambda: adam(betas=(0.9,)), TypeError, "Adam: betas must be two numbers, got (0.9,)"),
    (
        lambda: change(sgd(), "lr", -1),
        ValueError,
        "SGD: lr must be at least 0 and finite, got -1",
    ),
    (
        lambda: change(adam(), "betas", (2, 0)),
        ValueError,
        "Adam: betas must be at least 0 and below 1, got 2",
    ),
    (lambda: change(sgd(), "momentum", []), TypeError, "SGD: momentum must be a number, got list"),
    (lambda: make(optim.SGD, nn.ReLU()), ValueError, "SGD: the model has no parameters"),
    (
        lambda: make(optim.Adam, []),
        TypeError,
        "Adam: expected a model, got list: pass the model itself",
    ),
]


def make(optimizer: Any, model: Any) -> Any:
    return optimizer(model)


@pytest.mark.parametrize(("act", "error", "text"), HYPERPARAMETER_ERRORS)
def test_what_optimizers_refuse(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


def test_a_refused_hyperparameter_leaves_the_old_one() -> None:
    optimizer = sgd(lr=0.5, momentum=0.9)
    for name, value in (("lr", -1), ("momentum", -1), ("weight_decay", np.inf)):
        with pytest.raises(ValueError, match=f"SGD: {name} must be at least 0 and finite"):
            change(optimizer, name, value)
    assert optimizer.lr == 0.5
    assert optimizer.momentum == optim.Classic(0.9)
    assert optimizer.weight_decay == 0
