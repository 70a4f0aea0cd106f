"""What a compiled step reads in Python: a change is noticed, or the step is refused."""

from __future__ import annotations

import functools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.elementwise import relu as relu_rule

FACTOR = 2.0


def one(value: float) -> Any:
    return tl.tensor([value])


def scaled(x: Any, by: float = 1.0) -> Any:
    return x * FACTOR * by


class Settings:
    scale = 2.0
    _hidden = 2.0

    def __init__(self) -> None:
        self.amount = 2.0

    @property
    def hidden(self) -> float:
        return self._hidden

    @staticmethod
    def fixed(x: Any) -> Any:
        return scaled(x)

    def __call__(self, x: Any) -> Any:
        return x * self.amount

    def of(self, other: Any) -> float:
        return float(other.beta)


@dataclass(slots=True)
class Slots:
    amount: float = 2.0


class Layer(nn.Module):
    offset = 2.0

    def __init__(self) -> None:
        self.weight = nn.Parameter(one(1.0))

    def helped(self, x: Any) -> Any:
        return scaled(x) * self.weight * self.offset

    def forward(self, x: Any) -> Any:
        return self.helped(x)


def class_attribute() -> tuple[Any, Any]:
    settings = Settings()
    return lambda x: x * settings.scale, lambda: setattr(settings, "scale", 5.0)


def property_() -> tuple[Any, Any]:
    settings = Settings()
    return lambda x: x * settings.hidden, lambda: setattr(settings, "_hidden", 5.0)


def callable_object() -> tuple[Any, Any]:
    settings = Settings()
    return lambda x: settings(x), lambda: setattr(settings, "amount", 5.0)


def name_told_by_getattr() -> tuple[Any, Any]:
    settings = SimpleNamespace()
    return lambda x: x * getattr(settings, "far", 2.0), lambda: setattr(settings, "far", 5.0)


def named_by_a_later_object() -> tuple[Any, Any]:
    reader, holder = Settings(), SimpleNamespace(beta=2.0)
    return lambda x: x * reader.of(holder), lambda: setattr(holder, "beta", 5.0)


def slots() -> tuple[Any, Any]:
    settings = Slots()
    return lambda x: x * settings.amount, lambda: setattr(settings, "amount", 5.0)


def partial() -> tuple[Any, Any]:
    bound = functools.partial(scaled, by=2.0)
    return lambda x: bound(x), lambda: bound.keywords.update(by=5.0)


def default_argument() -> tuple[Any, Any]:
    def step(x: Any, table: Any = {"a": 2.0}) -> Any:  # noqa: B006
        return x * table["a"]

    return step, lambda: step.__defaults__[0].update(a=5.0)  # type: ignore[index]


def attribute_of_a_function() -> tuple[Any, Any]:
    def helper(x: Any) -> Any:
        return x * helper.amount  # type: ignore[attr-defined]

    helper.amount = 2.0  # type: ignore[attr-defined]
    return lambda x: helper(x), lambda: setattr(helper, "amount", 5.0)


def key_of_a_dict() -> tuple[Any, Any]:
    table = {"a": 2.0}
    return lambda x: x * sum(table.values()), lambda: table.update(b=5.0)


def member_of_a_set() -> tuple[Any, Any]:
    chosen = {"a"}
    return lambda x: x * len(chosen), lambda: chosen.add("b")


def member_of_a_deque() -> tuple[Any, Any]:
    recent = deque([one(2.0)])
    return lambda x: x * recent[0], lambda: recent.appendleft(one(5.0))


def element_of_an_array() -> tuple[Any, Any]:
    array = np.full(3, 2.0)
    return lambda x: x * float(array[1]), lambda: array.fill(5.0)


def compiled_step_inside() -> tuple[Any, Any]:
    settings = Settings()
    inner: Any = tl.compile(lambda x: x * settings.amount)
    return lambda x: inner(x), lambda: setattr(settings, "amount", 5.0)


def function_that_is_differentiated() -> tuple[Any, Any]:
    settings = Settings()
    slope = tl.grad(lambda x: (x * settings.amount).sum())
    return lambda x: slope(x), lambda: setattr(settings, "amount", 5.0)


def sign_of_zero() -> tuple[Any, Any]:
    settings = SimpleNamespace(zero=0.0)
    return lambda x: tl.atan2(x * settings.zero, -x), lambda: setattr(settings, "zero", -0.0)


def attribute_of_a_layer() -> tuple[Any, Any]:
    layer = Layer()
    return lambda x: layer(x), lambda: setattr(layer, "offset", 5.0)


CHANGES: list[Callable[[], tuple[Any, Any]]] = [
    class_attribute, property_, callable_object, name_told_by_getattr, named_by_a_later_object,
    slots, partial, default_argument, attribute_of_a_function, key_of_a_dict, member_of_a_set,
    member_of_a_deque, element_of_an_array, compiled_step_inside, function_that_is_differentiated,
    sign_of_zero, attribute_of_a_layer,
]  # fmt: skip


@pytest.mark.parametrize("made", CHANGES, ids=lambda made: made.__name__)
def test_change_is_noticed(made: Callable[[], tuple[Any, Any]]) -> None:
    step, change = made()
    compiled: Any = tl.compile(step)
    x = one(3.0)
    before = step(x).tolist()
    assert compiled(x).tolist() == compiled(x).tolist() == before
    assert len(compiled.sources) == 1
    change()
    assert step(x).tolist() != before
    assert compiled(x).tolist() == step(x).tolist()


@pytest.mark.parametrize("reader", [Settings.fixed, Layer(), functools.partial(scaled)])
def test_global_variable_behind_a_method_is_noticed(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: Any = tl.compile(lambda x: reader(x))
    compiled(one(1.0))
    monkeypatch.setattr(f"{__name__}.FACTOR", 10.0)
    assert compiled(one(1.0)).tolist() == reader(one(1.0)).tolist()


def test_class_attribute_is_noticed_on_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    compiled: Any = tl.compile(lambda x: x * settings.scale)
    compiled(one(1.0))
    monkeypatch.setattr(Settings, "scale", 7.0)
    assert compiled(one(1.0)).item() == 7.0


# Arguments ---------------------------------------------------------------------------------------


def test_a_tensor_passed_twice_is_not_two_tensors() -> None:
    step: Any = tl.compile(lambda x, y: x - y)
    x = one(1.0)
    assert step(x, x).item() == 0.0
    assert step(one(5.0), x).item() == 4.0
    assert step(x.detach(), x).item() == 0.0
    assert step(one(7.0), x).item() == 6.0


def test_gradients_of_a_tensor_passed_twice() -> None:
    def step(x: Any, y: Any) -> Any:
        return (x.traced() * y.traced()).sum().backward()[x]

    compiled: Any = tl.compile(step)
    x, y = one(2.0), one(3.0)
    for pair in ((x, y), (x, x), (y, x), (y, y)):
        assert compiled(*pair).item() == step(*pair).item()


def test_an_argument_that_the_step_also_finds_by_itself() -> None:
    mean = one(1.0)
    step: Any = tl.compile(lambda x: x - mean)
    assert step(mean).item() == 0.0
    assert step(one(5.0)).item() == 4.0
    assert step(mean).item() == 0.0


def test_numbers_that_are_equal_and_not_the_same() -> None:
    step: Any = tl.compile(lambda x, by: x * by)
    assert not np.signbit(step(one(1.0), 0.0).numpy())
    assert np.signbit(step(one(1.0), -0.0).numpy())


def test_an_array_as_an_argument_may_change() -> None:
    array = np.ones(2)
    step: Any = tl.compile(lambda x, a: x * float(a[0]))
    step(one(1.0), array)
    array[0] = 3.0
    assert step(one(1.0), array).item() == 3.0


def test_a_dataclass_as_an_argument_may_change() -> None:
    settings = Slots()
    step: Any = tl.compile(lambda x, s: x * s.amount)
    step(one(1.0), settings)
    settings.amount = 3.0
    assert step(one(1.0), settings).item() == 3.0


def test_memory_behind_an_argument_is_read_each_time() -> None:
    array = np.ones(2, np.float32)
    x, held = tl.from_numpy(array), tl.from_numpy(array)
    step: Any = tl.compile(lambda x: x + held)
    assert step(x).tolist() == [2.0, 2.0]
    array[...] = 3.0
    assert step(x).tolist() == [6.0, 6.0]


def test_layout_of_arguments_counts() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 300)).astype(np.float32)

    def step(x: Any) -> Any:
        return ((x + 1.0) * 0.3).exp().sum(axis=0), ((x + 1.0) * 0.3).sum()

    compiled: Any = tl.compile(step)
    layouts = (values, np.asfortranarray(values), np.repeat(values, 2, axis=1)[:, ::2])
    for x in map(tl.from_numpy, (*layouts, *layouts)):
        for ours, wanted in zip(compiled(x), step(x), strict=True):
            np.testing.assert_array_equal(ours.numpy(), wanted.numpy())


class Pair(NamedTuple):
    first: Any
    second: Any


def test_a_named_tuple_as_an_argument() -> None:
    step: Any = tl.compile(lambda pair: pair.first - pair.second)
    assert [step(Pair(one(v), one(1.0))).item() for v in (1.0, 5.0)] == [0.0, 4.0]
    assert len(step.sources) == 1


def test_arguments_that_are_others_each_time_are_told_of() -> None:
    step: Any = tl.compile(lambda x, by: x * by)
    with pytest.warns(UserWarning, match="because its arguments are others each time"):
        found = [step(one(1.0), float(by)).item() for by in range(100)]
    assert found == [*range(100)]
    assert len(step.sources) < 100


# Refused -----------------------------------------------------------------------------------------

GENERATOR = np.random.default_rng(0)
MODEL = nn.Bias(1)
SGD = optim.SGD(MODEL, 0.5)
TAPED = [one(1.0)]


def draws_from_random(x: Any) -> Any:
    return x * random.random()


def draws_from_numpy(x: Any) -> Any:
    return x * float(np.random.rand())  # noqa: NPY002


def draws_in_python(x: Any) -> Any:
    return x * float(GENERATOR.random())


def makes_a_generator(x: Any) -> Any:
    return x + tl.randn((1,), np.random.default_rng(0))


def makes_a_parameter(x: Any) -> Any:
    return x * nn.Parameter(one(2.0))


def makes_an_optimizer(x: Any) -> Any:
    optim.SGD(MODEL, 0.1)
    return x


def reads_a_rate(x: Any) -> Any:
    return x * SGD.lr


def assigns_a_rate(x: Any) -> Any:
    SGD.lr = 0.25
    return x


def counts_steps(x: Any) -> Any:
    return x * float(SGD.steps)


BATCHES = iter([one(1.0), one(2.0)])


def takes_from_an_iterator(x: Any) -> Any:
    return x * next(BATCHES)


def uses_a_tape_from_outside(x: Any) -> Any:
    return (x * TAPED[0]).detach()


def hides(x: Any) -> Any:
    return x * globals()["TAPED"][0]


def returns_what_no_tape_recorded(x: Any) -> Any:
    return MODEL.bias * 2.0


def changes_its_argument(x: Any) -> Any:
    x.append(x[0] + 1.0)
    return x[0]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (draws_from_random, "draws numbers from the module random in Python"),
        (draws_from_numpy, "draws numbers from the module numpy.random in Python"),
        (draws_in_python, "draws numbers from a Generator in Python"),
        (makes_a_generator, "the step draws from a Generator that it makes, or finds by a way"),
        (makes_a_parameter, "the step makes a Parameter, which a compiled step cannot repeat ("),
        (makes_an_optimizer, "the step makes an SGD, which a compiled step cannot repeat ("),
        (reads_a_rate, "SGD.lr is read, which a compiled step cannot repeat ("),
        (assigns_a_rate, "SGD.lr is assigned, which a compiled step cannot repeat ("),
        (counts_steps, "SGD.steps is read, which a compiled step cannot repeat ("),
        (takes_from_an_iterator, "the step reads 'BATCHES', an iterator, which goes on each time"),
        (hides, "a tensor comes from outside by a way that cannot be watched ("),
        (returns_what_no_tape_recorded, "the step returns a tensor of parameters alone"),
    ],
)
def test_refused(step: Any, text: str) -> None:
    state, legacy = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
    with pytest.raises(tl.CompileError) as caught:
        tl.compile(step)(one(1.0))
    assert text in str(caught.value)
    if text.endswith("("):
        line = step.__code__.co_firstlineno + 1
        assert f"(test_compile_reads.py, line {line}: " in str(caught.value)
    assert random.getstate() == state
    np.testing.assert_equal(np.random.get_state(legacy=False), legacy)  # noqa: NPY002


def falls_back(x: Any) -> Any:
    try:
        return tl.linalg.cholesky(x)
    except tl.LinAlgError:
        return x


def test_a_caught_error_is_refused() -> None:
    with pytest.raises(tl.CompileError, match=r"the step catches an error of linalg\.cholesky"):
        tl.compile(falls_back)(-tl.eye(2))

    def reads(x: Any) -> Any:
        try:
            return x * x.item()
        except tl.CompileError:
            return x

    with pytest.raises(tl.CompileError, match="the step catches a CompileError"):
        tl.compile(reads)(one(1.0))


def test_tape_from_outside_is_refused() -> None:
    taped = one(1.0).traced()
    with pytest.raises(tl.CompileError, match="a tensor from outside owns a gradient tape"):
        tl.compile(lambda x: (x * taped).detach())(one(1.0))
    recorded, tape = (one(1.0).traced() * 2.0).split_tape()
    with pytest.raises(tl.CompileError, match="given a tensor whose history is elsewhere"):
        tl.compile(lambda x: x + 1.0)(recorded)
    assert not tape.held


def test_a_changed_argument_is_refused() -> None:
    given = [one(1.0)]
    with pytest.raises(tl.CompileError, match="the step changes a list or dict that it is given"):
        tl.compile(changes_its_argument)(given)
    assert len(given) == 1


def test_a_plain_number_beside_a_result_is_refused() -> None:
    op: Any = Primitive(
        relu_rule, lambda x: (x, int(x.sum())), lambda g, saved: g * saved, saves=True
    )
    with pytest.raises(tl.CompileError, match="relu returns 1 beside its result"):
        tl.compile(lambda x: op(x.traced()).sum().backward()[x])(one(1.0))


# What is returned ---------------------------------------------------------------------------------


def test_a_parameter_is_returned_itself() -> None:
    model = nn.Bias(1)
    step: Any = tl.compile(lambda x: {3: model.bias, np.int64(4): x})
    for _ in range(2):
        assert step(one(1.0))[3] is model.bias
    assert step(one(2.0))[4].item() == 2.0


# A refused step ----------------------------------------------------------------------------------


def refused_late(model: Any, optimizer: Any, ema: Any) -> Any:
    """Return a step that does everything, and is refused at its end."""

    def step(x: Any, y: Any) -> Any:
        model.freeze("2")
        loss = tl.losses.mse_loss(model(x.traced()), y)
        value = loss.detach()
        gradients = loss.backward(wrt=model)
        model.unfreeze()
        optimizer.update(model, gradients, allow_unused=["2"])
        ema.update(model)
        model.freeze("1")
        return value.item()

    return step


def test_what_a_refused_step_changed_is_as_before() -> None:
    def made() -> Any:
        rng = np.random.default_rng(3)
        model: Any = nn.Sequential(
            nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=1), nn.Dropout(rng=rng)
        )
        adam: Any = optim.Adam(model, 0.1, groups={"*.bias": {"lr": 0.2}})
        return model, adam, optim.EMA(model, 0.5), rng

    def trained(model: Any, adam: Any, times: int) -> None:
        for seed in range(times):
            x, y = tl.randn((5, 3), seed), tl.randn((5, 2), seed + 9)
            adam.update(model, tl.losses.mse_loss(model(x.traced()), y).backward(wrt=model))

    x, y = tl.randn((5, 3), 7), tl.randn((5, 2), 8)
    model, adam, ema, rng = made()
    peer, peer_adam, peer_ema, peer_rng = made()
    for each, optimizer in ((model, adam), (peer, peer_adam)):
        trained(each, optimizer, 2)
    held = [parameter._data for parameter in model.parameters()]
    loss = tl.losses.mse_loss(model(x.traced()), y)
    peer(x.traced())
    with pytest.raises(tl.CompileError, match=r"item\(\) hands numbers to Python"):
        tl.compile(refused_late(model, adam, ema))(x, y)
    for ours, wanted in ((model, peer), (ema.model, peer_ema.model)):
        for (path, mine), (_, theirs) in zip(
            ours.named_tensors(), wanted.named_tensors(), strict=True
        ):
            np.testing.assert_array_equal(mine.numpy(), theirs.numpy(), err_msg=path)
            assert getattr(mine, "frozen", None) == getattr(theirs, "frozen", None)
    assert rng.bit_generator.state == peer_rng.bit_generator.state
    assert all(p._data is data for p, data in zip(model.parameters(), held, strict=True))
    loss.backward(wrt=model)  # no version has changed
    for each, optimizer in ((model, adam), (peer, peer_adam)):
        trained(each, optimizer, 3)
    for mine, theirs in zip(model.parameters(), peer.parameters(), strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    assert adam.steps == peer_adam.steps == 5


def test_an_error_of_the_step_changes_what_the_step_changes() -> None:
    model: Any = nn.Bias(1)
    sgd: Any = optim.SGD(model, 0.5)

    def step(x: Any) -> Any:
        sgd.update(model, model(x.traced()).sum().backward())
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        tl.compile(step)(one(1.0))
    assert (model.bias.item(), sgd.steps) == (-0.5, 1)
