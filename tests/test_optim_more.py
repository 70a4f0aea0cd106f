"""Groups of parameters, more optimizers and schedules, clipping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import losses, nn, optim
from tests.test_optim import (
    STEPS,
    Array,
    Fields,
    Peer,
    assert_unchanged,
    batch,
    gradients_of,
    mlp,
    values,
)

# Against PyTorch --------------------------------------------------------------------------------


def grouped(**first: Any) -> Callable[[Any], list[dict[str, Any]]]:
    """Return what makes PyTorch's groups: the first layer has settings of its own."""

    def groups(parameters: Any) -> list[dict[str, Any]]:
        a, b, c, d = parameters
        return [{"params": [a, b], **first}, {"params": [c, d]}]

    return groups


MORE_OPTIMIZERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], torch.optim.Optimizer]]] = {
    "SGD dampening": (
        lambda m: optim.SGD(m, lr=0.05, momentum=optim.Classic(0.9, dampening=0.4)),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.4),
    ),
    "SGD groups": (
        lambda m: optim.SGD(
            m, lr=0.05, momentum=0.9, groups={"0": {"lr": 0.2, "momentum": optim.Nesterov(0.5)}}
        ),
        lambda p: torch.optim.SGD(
            grouped(lr=0.2, momentum=0.5, nesterov=True)(p), lr=0.05, momentum=0.9
        ),
    ),
    "Adam groups": (
        lambda m: optim.Adam(
            m, lr=0.01, groups={"0": {"lr": 0.003, "betas": (0.5, 0.9), "weight_decay": 0.1}}
        ),
        lambda p: torch.optim.Adam(
            grouped(lr=0.003, betas=(0.5, 0.9), weight_decay=0.1)(p), lr=0.01
        ),
    ),
    "Adam amsgrad": (
        lambda m: optim.Adam(m, lr=0.05, betas=(0.5, 0.6), amsgrad=True),
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.6), amsgrad=True),
    ),
    "AdamW amsgrad": (
        lambda m: optim.AdamW(m, lr=0.05, betas=(0.5, 0.6), amsgrad=True),
        lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.5, 0.6), amsgrad=True),
    ),
    "AdamW groups": (
        lambda m: optim.AdamW(m, lr=0.01, weight_decay=0.3, groups={"[0]*": {"weight_decay": 0.0}}),
        lambda p: torch.optim.AdamW(grouped(weight_decay=0.0)(p), lr=0.01, weight_decay=0.3),
    ),
    "RMSprop groups": (
        lambda m: optim.RMSprop(m, lr=0.002, eps=1e-3, groups={"0.*": {"centered": True}}),
        lambda p: torch.optim.RMSprop(grouped(centered=True)(p), lr=0.002, eps=1e-3),
    ),
    "Adagrad groups": (
        lambda m: optim.Adagrad(m, lr=0.1, groups={"0": {"lr_decay": 0.5, "eps": 1e-3}}),
        lambda p: torch.optim.Adagrad(grouped(lr_decay=0.5, eps=1e-3)(p), lr=0.1),
    ),
}


def assert_steps_equal(model: Any, optimizer: Any, make_peer: Any, schedule: Any = None) -> None:
    reference = Peer(model, make_peer, torch.float64)
    peer = Peer(model, make_peer, torch.float32)
    for step in range(STEPS):
        if schedule is not None:
            schedule(step, optimizer, reference.optimizer, peer.optimizer)
        x, y = batch(step)
        optimizer.update(model, losses.mse_loss(model(x.traced()), y).backward())
        wanted, rival = reference.step(x, y), peer.step(x, y)
        for path, have in values(model).items():
            want = wanted[path]
            allowed = max(4 * np.abs(rival[path] - want).max(), 1e-6 * np.abs(want).max())
            assert np.abs(have - want).max() <= allowed, (step, path)


@pytest.mark.parametrize("name", MORE_OPTIMIZERS)
@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_more_steps_equal_pytorchs(name: str, seed: int) -> None:
    make, make_peer = MORE_OPTIMIZERS[name]
    model = mlp(seed)
    assert_steps_equal(model, make(model), make_peer)


def test_groups_follow_a_schedule_in_proportion() -> None:
    model = mlp()
    adam = optim.Adam(model, lr=0.02, groups={"0": {"lr": 0.005}})
    annealing = optim.LinearWarmup(0.02, total_iters=4).then(4, optim.CosineAnnealing(0.02, 16))

    def scheduled(step: int, optimizer: Any, *peers: Any) -> None:
        optimizer.lr = annealing(step)
        for peer in peers:
            for group, lr in zip(peer.param_groups, (0.005, 0.02), strict=True):
                group["lr"] = lr * annealing(step) / 0.02

    assert_steps_equal(
        model, adam, lambda p: torch.optim.Adam(grouped(lr=0.005)(p), lr=0.02), scheduled
    )


def formula_steps(
    stepped: Callable[[Array, Array, dict[str, Any]], Array], optimizer: Any, model: Any
) -> None:
    """Compare twenty steps with a formula that is written out in float64."""
    wanted = {path: value.astype(np.float64) for path, value in values(model).items()}
    state: dict[str, dict[str, Any]] = {path: {} for path in wanted}
    for step in range(STEPS):
        gradients = gradients_of(model, step)
        for path, p in model.named_parameters():
            g = gradients[p].numpy().astype(np.float64)
            wanted[path] = stepped(wanted[path], g, state[path])
        optimizer.update(model, gradients)
        for path, have in values(model).items():
            np.testing.assert_allclose(have, wanted[path], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_rmsprop_as_in_dfdx(centered: bool, momentum: float) -> None:
    def stepped(p: Array, g: Array, s: dict[str, Any]) -> Array:
        s["v"] = s.get("v", 1.0) + 0.1 * (g * g - s.get("v", 1.0))
        s["a"] = s.get("a", 0.0) + 0.1 * (g - s.get("a", 0.0))
        x = g / np.sqrt((s["v"] - s["a"] ** 2 if centered else s["v"]) + 1e-2)
        s["m"] = momentum * s.get("m", 0.0) + x
        return np.asarray(p - 0.05 * s["m"])

    model = mlp()
    rmsprop = optim.RMSprop(
        model, lr=0.05, alpha=0.9, eps=1e-2, momentum=momentum, centered=centered,
        initial_accumulator_value=1.0, eps_inside_sqrt=True,
    )  # fmt: skip
    formula_steps(stepped, rmsprop, model)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_lion(weight_decay: float) -> None:
    def stepped(p: Array, g: Array, s: dict[str, Any]) -> Array:
        m = s.get("m", np.zeros_like(p))
        s["m"] = 0.7 * m + 0.3 * g
        return np.asarray(p - 0.01 * (np.sign(0.6 * m + 0.4 * g) + weight_decay * p))

    model = mlp()
    lion = optim.Lion(model, lr=0.01, betas=(0.6, 0.7), weight_decay=weight_decay)
    formula_steps(stepped, lion, model)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_lion_keeps_shape_and_dtype(dtype: Any, shape: Any) -> None:
    p: Any = nn.Parameter(tl.ones(shape, dtype))
    model = Fields(p=p)
    lion = optim.Lion(model, lr=0.125)
    for _ in range(2):
        lion.update(model, (p.traced() * 3.0).sum().backward())
    assert (p.shape, p.dtype) == (shape, dtype)
    assert (p.numpy() == 0.75).all()
    assert lion.state().arrays["p"]["exp_avg"].dtype == dtype


# Clipping ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1e-3, 0.05, 1, np.inf])
def test_clipping_by_value_equals_pytorchs(limit: float) -> None:
    model = mlp()
    gradients = gradients_of(model)
    before = {path: gradients[p].numpy().copy() for path, p in model.named_parameters()}
    clipped = gradients.clip_value(limit)
    assert len(clipped) == len(gradients)
    for path, p in model.named_parameters():
        peer = torch.zeros(p.shape, requires_grad=True)
        peer.grad = torch.tensor(before[path])
        torch.nn.utils.clip_grad_value_([peer], limit)
        np.testing.assert_array_equal(clipped[p].numpy(), peer.grad.numpy(), strict=True)
        np.testing.assert_array_equal(gradients[p].numpy(), before[path])


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_clipping_by_value_keeps_dtypes_and_scalars(dtype: Any) -> None:
    p: Any = nn.Parameter(tl.ones((), dtype))
    clipped: Any = (p.traced() * 3.0).backward().clip_value(0.5)[p]
    assert (clipped.item(), clipped.dtype, clipped.shape) == (0.5, dtype, ())


@pytest.mark.parametrize("limit", [0, -1.0, np.nan])
def test_clipping_needs_a_positive_limit(limit: float) -> None:
    with pytest.raises(ValueError, match=f"clip_value: the limit must be positive, got {limit}"):
        gradients_of(mlp()).clip_value(limit)


# Schedules --------------------------------------------------------------------------------------

Scheduler = torch.optim.lr_scheduler

SCHEDULES: dict[str, tuple[optim.Schedule, Callable[[Any], Any]]] = {
    "one cycle": (
        optim.OneCycle(0.3, total_steps=20),
        lambda o: Scheduler.OneCycleLR(o, 0.3, total_steps=20, cycle_momentum=False),
    ),
    "one cycle linear": (
        optim.OneCycle(0.3, 20, 0.45, "linear", div_factor=5, final_div_factor=100),
        lambda o: Scheduler.OneCycleLR(
            o, 0.3, 20, pct_start=0.45, anneal_strategy="linear", cycle_momentum=False,
            div_factor=5, final_div_factor=100,
        ),
    ),
    "one cycle three phases": (
        optim.OneCycle(0.3, 20, three_phase=True),
        lambda o: Scheduler.OneCycleLR(o, 0.3, 20, cycle_momentum=False, three_phase=True),
    ),
    "polynomial": (optim.PolynomialDecay(0.3), lambda o: Scheduler.PolynomialLR(o)),
    "polynomial power": (
        optim.PolynomialDecay(0.3, total_iters=15, power=2.5),
        lambda o: Scheduler.PolynomialLR(o, total_iters=15, power=2.5),
    ),
    "one after the other": (
        optim.LinearWarmup(0.3, 0.1, total_iters=4)
        .then(4, optim.CosineAnnealing(0.3, t_max=8))
        .then(12, optim.ExponentialDecay(0.3, 0.5)),
        lambda o: Scheduler.SequentialLR(
            o,
            [
                Scheduler.LinearLR(o, 0.1, total_iters=4),
                Scheduler.CosineAnnealingLR(o, T_max=8),
                Scheduler.ExponentialLR(o, 0.5),
            ],
            [4, 12],
        ),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:The epoch parameter")
@pytest.mark.parametrize("name", SCHEDULES)
def test_more_schedules_equal_pytorchs(name: str) -> None:
    schedule, make_peer = SCHEDULES[name]
    peer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler = make_peer(peer)
    for step in range(STEPS):
        (wanted,) = scheduler.get_last_lr()
        assert schedule(step) == pytest.approx(wanted, rel=1e-10, abs=1e-14), step
        peer.step()
        if step < STEPS - 1:
            scheduler.step()


def test_one_cycle_stays_at_its_end() -> None:
    schedule = optim.OneCycle(0.5, total_steps=10, div_factor=2, final_div_factor=4)
    assert schedule(9) == pytest.approx(0.0625)
    assert schedule(10) == schedule(1000) == 0.0625


def test_a_rise_of_one_step() -> None:
    assert optim.OneCycle(0.5, total_steps=10, pct_start=0.1)(0) == 0.5


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optim.OneCycle(1, 0), "OneCycle: total_steps must be at least 1, got 0"),
        (lambda: optim.OneCycle(1, 9, 1.5), "OneCycle: pct_start must be at most 1, got 1.5"),
        (
            lambda: optim.OneCycle(1, 9, div_factor=0),
            "OneCycle: div_factor must be positive, got 0",
        ),
        (
            lambda: optim.OneCycle(1, 9, anneal_strategy="cosine"),  # type: ignore[arg-type]
            "OneCycle: anneal_strategy must be 'cos' or 'linear', got 'cosine'",
        ),
        (
            lambda: optim.PolynomialDecay(1, power=-1),
            "PolynomialDecay: power must be at least 0 and finite, got -1",
        ),
        (
            lambda: optim.PolynomialDecay(1, total_iters=0),
            "PolynomialDecay: total_iters must be at least 1, got 0",
        ),
        (
            lambda: optim.LinearWarmup(1).then(0, optim.LinearWarmup(1)),
            "InTurn: step must be at least 1, got 0",
        ),
    ],
)
def test_more_schedules_check_their_numbers(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        make()
    assert str(raised.value) == text


def test_only_schedules_follow_schedules() -> None:
    with pytest.raises(TypeError, match=r"^then: expected a schedule, got float$"):
        optim.LinearWarmup(1).then(3, 0.1)  # type: ignore[arg-type]


# Groups -----------------------------------------------------------------------------------------


class Encoded(nn.Module):
    def __init__(self) -> None:
        self.encoder: Any = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4))
        self.encoders: Any = nn.Linear(4, 2)


def chosen(pattern: str) -> tuple[str, ...]:
    return optim.SGD(Encoded(), groups={pattern: {}}).groups[pattern].paths


def test_groups_are_chosen_by_path_or_pattern() -> None:
    everything = tuple(path for path, _ in Encoded().named_parameters())
    assert chosen("encoder") == everything[:4]
    assert chosen("encoder.0") == ("encoder.0.weight", "encoder.0.bias")
    assert chosen("encoders.bias") == ("encoders.bias",)
    assert chosen("*.bias") == ("encoder.0.bias", "encoder.2.bias", "encoders.bias")
    assert chosen("encoder*.weight") == (everything[0], everything[2], everything[4])
    assert chosen("encoder.[0-1].*") == everything[:2]
    assert chosen("") == chosen("*") == everything


def test_a_tied_parameter_is_chosen_by_any_of_its_paths() -> None:
    shared = nn.Parameter(tl.ones((2,)))
    model = Fields(a=shared, b=Fields(c=shared))
    sgd = optim.SGD(model, lr=1.0, groups={"b": {"lr": 0.25}})
    assert sgd.groups["b"].paths == ("a",)
    sgd.update(model, shared.traced().sum().backward())
    assert shared.tolist() == [0.75, 0.75]


def test_every_group_has_its_say_and_the_last_one_at_the_end() -> None:
    adam = optim.Adam(
        Encoded(),
        lr=0.5,
        weight_decay=0.1,
        groups={"encoder": {"lr": 0.25, "eps": 0.5}, "*.bias": {"weight_decay": 0.0, "eps": 0.25}},
    )
    plain = {
        "lr": 0.5, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1, "amsgrad": False,
    }  # fmt: skip
    assert adam.hyperparameters() == adam.hyperparameters("encoders.weight") == plain
    assert adam.hyperparameters("encoder.0.weight") == plain | {"lr": 0.25, "eps": 0.5}
    assert adam.hyperparameters("encoders.bias") == plain | {"weight_decay": 0.0, "eps": 0.25}
    assert adam.hyperparameters("encoder.2.bias") == plain | {
        "lr": 0.25, "weight_decay": 0.0, "eps": 0.25,
    }  # fmt: skip


def test_groups_are_read_anew_at_each_step() -> None:
    p, q = (nn.Parameter(tl.ones((1,))) for _ in range(2))
    model = Fields(p=p, q=q)
    sgd = optim.SGD(model, lr=0.5, groups={"q": {"lr": 0.25}})

    def steps() -> tuple[float, float]:
        before = p.item(), q.item()
        sgd.update(model, (p.traced() + q.traced()).sum().backward())
        return before[0] - p.item(), before[1] - q.item()

    assert steps() == (0.5, 0.25)
    sgd.lr = 0.25
    assert steps() == (0.25, 0.125)
    sgd.groups["q"]["lr"] = 0.5
    assert steps() == (0.25, 0.5)
    sgd.lr = 0.125
    assert sgd.groups["q"]["lr"] == 0.25
    assert dict(sgd.groups["q"]) == {"lr": 0.25}
    sgd.lr = 0
    assert steps() == (0, 0)
    sgd.lr = 0.5
    assert steps() == (0.5, 1)
    del sgd.groups["q"]["lr"]
    assert steps() == (0.5, 0.5)
    assert sgd.lr == 0.5


def test_a_frozen_group_stays_frozen() -> None:
    sgd = optim.SGD(Encoded(), lr=0.0, groups={"encoder": {"lr": 0.0}})
    sgd.lr = 0.5
    assert sgd.hyperparameters("encoder.0.bias")["lr"] == 0.0


def test_a_group_shows_itself() -> None:
    sgd = optim.SGD(Encoded(), groups={"*.bias": {"weight_decay": 0.5}})
    assert repr(sgd.groups["*.bias"]) == "Group('*.bias', {'weight_decay': 0.5})"
    with pytest.raises(TypeError):
        sgd.groups["encoder"] = sgd.groups["*.bias"]  # type: ignore[index]


def with_groups(**groups: Any) -> Any:
    return optim.Adam(Encoded(), groups={key.replace("_", "."): v for key, v in groups.items()})


EXIST = (
    "there are encoder.0.weight, encoder.0.bias, encoder.2.weight, encoder.2.bias, "
    "encoders.weight, encoders.bias"
)

GROUP_ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: with_groups(encodr={}),
        ValueError,
        f"Adam: groups: no parameter matches 'encodr': did you mean 'encoder'? {EXIST}",
    ),
    (
        lambda: optim.Adam(Encoded(), groups={"*.weigth": {}}),
        ValueError,
        f"Adam: groups: no parameter matches '*.weigth': {EXIST}",
    ),
    (
        lambda: optim.Adam(
            nn.Sequential(*(nn.Linear(1, 1, bias=False) for _ in range(10))), groups={"x": {}}
        ),
        ValueError,
        "Adam: groups: no parameter matches 'x': there are 0.weight, 1.weight, 2.weight, 3.weight, "
        "4.weight, 5.weight, 6.weight, 7.weight and 2 more",
    ),
    (
        lambda: with_groups(encoder={"momentum": 0.9}),
        ValueError,
        "Adam: groups['encoder']: momentum is no hyper-parameter: there are lr, betas, eps, "
        "weight_decay, amsgrad",
    ),
    (
        lambda: with_groups(encoder={"lr": -1}),
        ValueError,
        "Adam: groups['encoder']: lr must be at least 0 and finite, got -1",
    ),
    (
        lambda: with_groups(encoder={"betas": 0.5}),
        TypeError,
        "Adam: groups['encoder']: betas must be two numbers, got 0.5",
    ),
    (
        lambda: optim.SGD(mlp(), lr=0, groups={"0": {"lr": 0.1}}),
        ValueError,
        "SGD: groups['0']: lr is a multiple of the optimizer's, which is 0: set that one first",
    ),
    (
        lambda: optim.RMSprop(mlp(), groups={"0": {"centered": 1}}),
        TypeError,
        "RMSprop: groups['0']: centered must be True or False, got 1",
    ),
    (
        lambda: optim.Classic(0.9, dampening=1),
        ValueError,
        "Classic: dampening must be at least 0 and below 1, got 1",
    ),
    (
        lambda: optim.SGD(mlp()).hyperparameters("0.wieght"),
        ValueError,
        "hyperparameters: the model has no '0.wieght': did you mean '0.weight'?",
    ),
    (
        lambda: optim.SGD(mlp()).hyperparameters("0"),
        ValueError,
        "hyperparameters: '0' is a module: pass a parameter's path",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), GROUP_ERRORS)
def test_what_groups_refuse(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


def test_a_learning_rate_that_grows_beyond_all_bounds_changes_nothing() -> None:
    model = mlp()
    sgd = optim.SGD(model, lr=1e-300, groups={"0": {"lr": 1e10}})
    sgd.lr = 1.0
    before, g = values(model), gradients_of(model)
    with pytest.raises(ValueError, match="SGD: lr must be at least 0 and finite, got inf"):
        sgd.update(model, g)
    assert_unchanged(model, before)
    assert sgd.steps == 0
