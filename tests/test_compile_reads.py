"""What a compiled step reads in Python: a change is noticed, and tensors are told apart."""

from __future__ import annotations

import functools
import importlib
import weakref
from collections import UserDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn

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


def byte_of_an_array() -> tuple[Any, Any]:
    codes = bytearray(b"\x02")
    return lambda x: x * codes[0], lambda: codes.insert(0, 5)


def item_of_a_user_dict() -> tuple[Any, Any]:
    table = UserDict(a=2.0)
    return lambda x: x * table["a"], lambda: table.update(a=5.0)


def attribute_behind_a_weak_reference() -> tuple[Any, Any]:
    settings = Settings()
    reference: Any = weakref.ref(settings)
    kept = [settings]
    return lambda x: x * reference().amount, lambda: setattr(kept[0], "amount", 5.0)


class Named(type):
    @property
    def rate(cls) -> Any:
        return cls.inner  # type: ignore[attr-defined]


def property_of_a_class() -> tuple[Any, Any]:
    class Local(metaclass=Named):
        inner = 2.0

    return lambda x: x * Local.rate, lambda: setattr(Local, "inner", 5.0)


class Open:
    def __init__(self) -> None:
        self.table = {"far": 2.0}

    def __getattr__(self, name: str) -> Any:
        return self.table[name]


def attribute_made_up() -> tuple[Any, Any]:
    settings = Open()
    return lambda x: x * settings.far, lambda: settings.table.update(far=5.0)


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
    sign_of_zero, attribute_of_a_layer, byte_of_an_array, item_of_a_user_dict,
    attribute_behind_a_weak_reference, property_of_a_class, attribute_made_up,
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


def test_code_of_an_installed_package_is_followed_from_its_own_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "installed_steps.py").write_text("RATE = 2.0\ndef step(x):\n    return x * RATE\n")
    monkeypatch.syspath_prepend(str(folder))
    module: Any = importlib.import_module("installed_steps")
    compiled = tl.compile(module.step)
    compiled(one(1.0))
    monkeypatch.setattr(module, "RATE", 5.0)
    assert compiled(one(1.0)).item() == 5.0


def test_class_attribute_is_noticed_on_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    compiled: Any = tl.compile(lambda x: x * settings.scale)
    compiled(one(1.0))
    monkeypatch.setattr(Settings, "scale", 7.0)
    assert compiled(one(1.0)).item() == 7.0


def test_what_the_step_itself_carries_on_is_noticed() -> None:
    def made() -> Any:
        hidden: list[Any] = []

        def step(x: Any) -> Any:
            step.calls = getattr(step, "calls", 0) + 1  # type: ignore[attr-defined]
            hidden.append(x * float(step.calls))  # type: ignore[attr-defined]
            return tl.stack(hidden).sum()

        return step

    step, compiled = made(), tl.compile(made())
    for value in (1.0, 3.0, 2.0, 5.0):
        assert compiled(one(value)).item() == step(one(value)).item()


def test_modes_and_layers_that_are_changed_between_calls() -> None:
    model: Any = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5, rng=np.random.default_rng(0)))
    peer: Any = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5, rng=np.random.default_rng(0)))
    step: Any = tl.compile(lambda model, x: model(x.traced()).detach())
    for seed, active in enumerate((None, False, True, None, False)):
        x = tl.randn((4, 2), seed)
        wanted = peer.with_active(active)(x.traced())
        np.testing.assert_array_equal(step(model.with_active(active), x).numpy(), wanted.numpy())


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


def test_tensors_around_the_step_are_traced() -> None:
    x, words, embedding = tl.full((2,), 3.0), tl.tensor([1, 0]), tl.nn.Embedding(4, 3, rng=0)

    def step() -> Any:
        numbers = x.traced().square()
        vectors = embedding(words.traced())
        return numbers.detach(), vectors.sum().backward(wrt=embedding)[embedding.weight]

    compiled: Any = tl.compile(step)
    for _ in range(3):
        numbers, gradient = compiled()
        assert numbers.tolist() == [9.0, 9.0]
        assert gradient.tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]
    assert len(compiled.sources) == 1
