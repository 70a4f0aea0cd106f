"""What a compiled step refuses of what goes on in Python, and what a refused call leaves behind."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.elementwise import relu as relu_rule


def one(value: float) -> Any:
    return tl.tensor([value])


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
        assert f"(test_compile_refused.py, line {line}: " in str(caught.value)
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


def test_a_line_of_the_step_is_named() -> None:
    def step(x: Any) -> Any:
        return tl.full((2,), x[0])

    with pytest.raises(tl.CompileError, match=r"\(test_compile_refused\.py, line"):
        tl.compile(step)(one(1.0))


def test_tensors_as_bounds_of_what_is_drawn() -> None:
    def step(low: Any, high: Any) -> Any:
        return tl.uniform((3,), low * 2.0, high, rng=0)

    compiled: Any = tl.compile(step)
    for bounds in ((one(1.0), one(2.0)), (one(3.0), one(8.0))):
        assert compiled(*bounds).tolist() == step(*bounds).tolist()


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
