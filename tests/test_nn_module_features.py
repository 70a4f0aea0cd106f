"""What every model can do: be frozen, copied, converted, averaged, tied, counted and shown."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim

Array = np.ndarray[Any, np.dtype[Any]]


class Net(nn.Module):
    """Two layers, a scale of its own and a buffer."""

    def __init__(self, rng: Any = None) -> None:
        self.encoder: Any = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4))
        self.head: Any = nn.Linear(4, 2)
        self.scale: Any = nn.Parameter(tl.ones((2,)))
        self.count: Any = nn.Buffer(tl.tensor([0]))
        self.mean: Any = nn.Buffer(tl.zeros((2,)))
        self.reset_params(rng)

    def reset_own_params(self, rng: np.random.Generator) -> None:
        self.scale.write(np.full(self.scale.shape, 2.0))

    def forward(self, x: Any) -> Any:
        return self.head(self.encoder(x)) * self.scale


class Tied(nn.Module):
    """An embedding that is used for the output, too."""

    def __init__(self) -> None:
        self.first: Any = nn.Linear(3, 3, bias=False)
        self.last: Any = nn.Linear(3, 3)
        self.last.weight = self.first.weight

    def forward(self, x: Any) -> Any:
        return self.last(self.first(x).tanh())


def values(model: nn.Module) -> dict[str, Array]:
    return {path: tensor.numpy().copy() for path, tensor in model.named_tensors()}


def changed(before: dict[str, Array], after: dict[str, Array]) -> list[str]:
    return [path for path, array in before.items() if not np.array_equal(array, after[path])]


def ones(*shape: int, dtype: Any = np.float32) -> Any:
    return tl.ones(shape, dtype)


def step(model: Any, optimizer: Any) -> None:
    optimizer.update(model, model(ones(5, 3).traced()).square().sum().backward())


# Freezing -----------------------------------------------------------------------------------------

ENCODER = ["encoder.0.weight", "encoder.0.bias", "encoder.2.weight", "encoder.2.bias"]
ALL = [*ENCODER, "head.weight", "head.bias", "scale"]

PATHS: list[tuple[tuple[str, ...], list[str]]] = [
    ((), ALL),
    (("encoder",), ENCODER),
    (("encoder.2", "scale"), ["encoder.2.weight", "encoder.2.bias", "scale"]),
    (("head.bias",), ["head.bias"]),
    (("encoder.1",), []),
    (("mean",), []),
]


@pytest.mark.parametrize(("paths", "frozen"), PATHS)
def test_frozen_parameters_get_no_gradient_and_no_update(
    paths: tuple[str, ...], frozen: list[str]
) -> None:
    model: Any = Net(0)
    model.freeze(*paths)
    assert [path for path, p in model.named_parameters() if p.frozen] == frozen
    x = ones(5, 3)
    gradients = model(x.traced()).square().sum().backward()
    assert [p.path for p in model.parameters() if p not in gradients] == frozen
    assert x in gradients
    for path in frozen[:1]:
        with pytest.raises(KeyError, match=f'no gradient for parameter "{path}": it is frozen'):
            gradients[dict(model.named_parameters())[path]]
    before = values(model)
    optim.SGD(model, lr=0.1).update(model, gradients)
    assert changed(before, values(model)) == [path for path in ALL if path not in frozen]
    model.unfreeze(*paths)
    assert not any(p.frozen for p in model.parameters())
    before = values(model)
    step(model, optim.SGD(model, lr=0.1))
    assert changed(before, values(model)) == ALL


def test_gradients_through_frozen_parameters_are_those_of_the_others() -> None:
    model: Any = Net(0)
    x = ones(5, 3)
    full = model(x.traced()).square().sum().backward()
    model.freeze("encoder.2", "scale")
    part = model(x.traced()).square().sum().backward()
    for tensor in part:
        np.testing.assert_array_equal(part[tensor].numpy(), full[tensor].numpy())
    assert len(part) == len(full) - 3


def test_nothing_is_recorded_for_a_frozen_parameter() -> None:
    layer: Any = nn.Linear(3, 3)
    layer.freeze()
    product = layer.weight @ layer.weight
    assert not product.owns_tape
    x = ones(3, 3).traced()
    tape = (x.detach().traced() * 1).split_tape()[1]
    assert "1 ops" in repr(tape)
    unused = layer(x)
    assert len(unused.sum().backward()) == 1


def test_an_optimizer_that_knows_frozen_parameters_goes_on_with_them_later() -> None:
    model: Any = Net(0)
    adam = optim.Adam(model, lr=0.01)
    step(model, adam)
    model.freeze("encoder")
    before = values(model)
    for _ in range(3):
        step(model, adam)
    assert changed(before, values(model)) == ["head.weight", "head.bias", "scale"]
    model.unfreeze()
    step(model, adam)
    assert changed(before, values(model)) == ALL


def test_a_gradient_from_before_freezing_is_not_used() -> None:
    model: Any = Net(0)
    sgd = optim.SGD(model, lr=0.1, weight_decay=0.1)
    gradients = model(ones(5, 3).traced()).sum().backward()
    model.freeze("head")
    before = values(model)
    sgd.update(model, gradients)
    assert changed(before, values(model)) == [*ENCODER, "scale"]


def test_a_tied_parameter_is_frozen_by_each_of_its_paths() -> None:
    for path in ("first", "last.weight"):
        model = Tied()
        model.freeze(path)
        assert model.first.weight.frozen
        assert not model.last.bias.frozen


@pytest.mark.parametrize("op", ["freeze", "unfreeze"])
@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("encodr", ": did you mean 'encoder'?"),
        ("head.weigth", ": did you mean 'head.weight'?"),
        ("q", ""),
    ],
)
def test_freezing_knows_its_paths(op: str, path: str, hint: str) -> None:
    model = Net()
    with pytest.raises(ValueError, match=op) as raised:
        getattr(model, op)("head", path)
    assert str(raised.value) == f"{op}: the model has no {path!r}{hint}"
    assert not any(p.frozen for p in model.parameters())


@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: m.astype(np.float64),
        lambda m: m.with_active(True),
    ],
)
def test_copies_are_frozen_where_the_model_is(copied: Callable[[Any], Any]) -> None:
    model: Any = Net()
    model.freeze("encoder")
    other = copied(model)
    assert [path for path, p in other.named_parameters() if p.frozen] == ENCODER
    other.unfreeze()
    assert not other.head.weight.frozen


def test_writing_a_frozen_parameter_does_not_spoil_a_backward_pass() -> None:
    """An op may have saved it as a constant, which no version check would notice."""
    model: Any = nn.Linear(3, 2)
    model.freeze()
    x = ones(5, 3)
    expected = model(x.traced()).sum().backward()[x].tolist()
    for write in (model.reset_params, lambda: (model.unfreeze(), model.reset_params())):
        model.freeze()
        model.weight.write(model.weight.numpy().copy(), "test")
        expected = model(x.traced()).sum().backward()[x].tolist()
        loss = model(x.traced()).sum()
        write()
        assert loss.backward()[x].tolist() == expected
        assert model(x.traced()).sum().backward()[x].tolist() != expected


def test_freezing_after_the_forward_pass_does_not_hide_a_write() -> None:
    model: Any = nn.Linear(3, 2)
    loss = model(ones(5, 3).traced()).sum()
    model.freeze()
    model.reset_params()
    with pytest.raises(tl.ParameterChangedError, match="was changed by reset_params"):
        loss.backward()


def test_num_params_counts_all_or_the_trained() -> None:
    model = Net()
    assert model.num_params() == 12 + 4 + 16 + 4 + 8 + 2 + 2
    model.freeze("encoder", "scale")
    assert model.num_params() == 48
    assert model.num_params(trainable_only=True) == 10


def test_repr_shows_what_is_frozen() -> None:
    model = Net()
    model.freeze("encoder.0", "head.bias", "scale")
    assert repr(model) == (
        "Net(  # frozen\n"
        "  encoder: Sequential(\n"
        "    0: Linear(3, 4)  # frozen\n"
        "    1: Tanh()\n"
        "    2: Linear(4, 4)\n"
        "  )\n"
        "  head: Linear(4, 2)  # frozen: bias\n"
        ")"
    )


# Other dtypes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_astype_gives_a_model_of_another_dtype(dtype: Any) -> None:
    model = Net(0)
    before = values(model)
    other: Any = model.astype(dtype)
    assert type(other) is Net
    assert {path: t.dtype for path, t in other.named_tensors()} == {
        **dict.fromkeys([*ALL, "mean"], np.dtype(dtype)),
        "count": np.dtype(np.int64),
    }
    for path, array in values(other).items():
        np.testing.assert_array_equal(array, before[path].astype(array.dtype))
    x = ones(5, 3, dtype=dtype)
    y = other(x.traced())
    assert y.dtype == dtype
    gradients = y.square().sum().backward()
    assert {gradients[p].dtype for p in other.parameters()} == {np.dtype(dtype)}
    optim.SGD(other, lr=0.1).update(other, gradients)
    assert not changed(before, values(model))
    assert not {p.id for p in model.parameters()} & {p.id for p in other.parameters()}
    other.reset_params(0)
    np.testing.assert_array_equal(other.head.weight.numpy(), before["head.weight"].astype(dtype))


def test_astype_keeps_ties() -> None:
    other = Tied().astype(np.float64)
    assert other.last.weight is other.first.weight
    assert other.first.weight.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.complex64])
def test_parameters_are_of_floats(dtype: Any) -> None:
    with pytest.raises(tl.DtypeError) as raised:
        Net().astype(dtype)
    name = np.dtype(dtype).name
    assert str(raised.value) == f"astype: expected float16, float32, float64, got {name}"


# Copies -------------------------------------------------------------------------------------------


def test_a_deep_copy_shares_nothing() -> None:
    model = Net(0)
    other = copy.deepcopy(model)
    before = values(other)
    assert not changed(values(model), before)
    ids = [{t.id for _, t in m.named_tensors()} for m in (model, other)]
    assert not ids[0] & ids[1]
    step(model, optim.SGD(model, lr=0.1))
    assert changed(values(model), values(other)) == ALL
    assert not changed(before, values(other))
    gradients = other(ones(5, 3).traced()).sum().backward()
    assert all(p in gradients for p in other.parameters())
    assert not any(p in gradients for p in model.parameters())


def test_a_deep_copy_draws_the_same_dropouts() -> None:
    model: Any = nn.Sequential(nn.Dropout(rng=0), nn.Dropout(rng=1))
    model(ones(50).traced())
    other = copy.deepcopy(model)
    drawn = [m(ones(50).traced()).tolist() for m in (model, other, model, other)]
    assert drawn[0] == drawn[1] != drawn[2] == drawn[3]


def test_a_model_that_holds_a_traced_tensor_is_not_copied() -> None:
    model = Net()
    model.mean = ones(2).traced()
    with pytest.raises(tl.TapeError, match="owns a gradient tape"):
        copy.deepcopy(model)


# Moving averages ----------------------------------------------------------------------------------


def test_ema_follows_the_parameters_and_takes_over_buffers() -> None:
    model = Net(0)
    ema = optim.EMA(model, decay=0.9)
    expected = {path: array.astype(np.float64) for path, array in values(model).items()}
    sgd = optim.SGD(model, lr=0.1)
    for count in range(4):
        step(model, sgd)
        model.count.write(np.array([count]), "test")
        model.mean.write(np.array([count, -count], np.float32), "test")
        ema.update(model)
        for path, array in values(model).items():
            is_buffer = path in ("count", "mean")
            old, new = (0, 1) if is_buffer else (0.9, 0.1)
            expected[path] = old * expected[path] + new * array
    for path, array in values(ema.model).items():
        np.testing.assert_allclose(array, expected[path], 1e-6, 1e-7, err_msg=path)
    assert changed(values(model), values(ema.model)) == ALL


def test_the_average_is_a_constant_of_its_own() -> None:
    model: Any = Net(0)
    ema = optim.EMA(model, decay=0.5)
    assert not {p.id for p in model.parameters()} & {p.id for p in ema.model.parameters()}
    assert all(p.frozen for p in ema.model.parameters())
    assert not any(p.frozen for p in model.parameters())
    x = ones(5, 3)
    loss = (model(x.traced()) - ema.model(x)).square().sum()
    ema.update(model)  # between the passes
    gradients = loss.backward()
    assert all(p in gradients for p in model.parameters())
    assert len(gradients) == len(model.parameters()) + 1


def test_the_average_of_a_tied_parameter_moves_once() -> None:
    model = Tied()
    ema = optim.EMA(model, decay=0.5)
    assert ema.model.last.weight is ema.model.first.weight
    before = values(ema.model)["first.weight"]
    model.first.weight.write(before + 1, "test")
    ema.update(model)
    np.testing.assert_allclose(values(ema.model)["first.weight"], before + 0.5, 1e-5)


def test_ema_of_float16_steps_in_float32() -> None:
    model = nn.Bias(1).astype(np.float16)
    ema = optim.EMA(model, decay=0.99)
    model.bias.write(np.array([1000.0]), "test")
    ema.update(model)
    assert ema.model.bias.tolist() == [10.0]


EMA_ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: optim.EMA(nn.Bias(2), 1.0), ValueError, "EMA: decay must be at least 0 and below 1"),
    (lambda: optim.EMA(nn.Bias(2), -0.1), ValueError, "EMA: decay must be at least 0 and below 1"),
    (lambda: any_ema(3), TypeError, "EMA: expected a model, got int"),
    (
        lambda: any_ema(nn.Bias(2)).update(nn.Bias(3)),
        ValueError,
        "EMA.update: this model is built differently from the one it follows",
    ),
    (
        lambda: any_ema(nn.Bias(2)).update(nn.Bias(2).astype(np.float64)),
        ValueError,
        "EMA.update: this model is built differently from the one it follows",
    ),
    (lambda: any_ema(nn.Bias(2)).update(3), TypeError, "EMA.update: expected a model, got int"),
]


def any_ema(model: Any) -> Any:
    return optim.EMA(model)


@pytest.mark.parametrize(("act", "error", "text"), EMA_ERRORS)
def test_ema_errors(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value).startswith(text)


# Tied parameters ----------------------------------------------------------------------------------


def test_tied_parameters_are_one(tmp_path: Path) -> None:
    model: Any = Tied()
    assert model.num_params() == 9 + 3
    assert [path for path, _ in model.named_parameters()] == ["first.weight", "last.bias"]
    x = ones(5, 3)
    gradients = model(x.traced()).sum().backward()
    assert len(gradients) == 3
    hidden = model.first(x).tanh()
    separate = copy.deepcopy(model.last)
    through_last = separate(hidden).sum()
    assert not through_last.owns_tape
    model.save(tmp_path / "tied.npz")
    with np.load(tmp_path / "tied.npz") as file:
        assert sorted(file) == ["first.weight", "last.bias", "last.weight"]
        np.testing.assert_array_equal(file["first.weight"], file["last.weight"])
    other = Tied()
    other.load(tmp_path / "tied.npz")
    assert other.last.weight is other.first.weight
    assert not changed(values(model), values(other))


def test_the_gradient_of_a_tied_parameter_is_the_sum_over_its_places() -> None:
    tied: Any = Tied().astype(np.float64)
    apart: Any = copy.deepcopy(tied)
    apart.last.weight = nn.Parameter(tl.tensor(tied.first.weight.numpy()))
    x = ones(5, 3, dtype=np.float64)
    one, two = (m(x.traced()).square().sum().backward() for m in (tied, apart))
    both = two[apart.first.weight].numpy() + two[apart.last.weight].numpy()
    np.testing.assert_allclose(one[tied.first.weight].numpy(), both, 1e-12)
