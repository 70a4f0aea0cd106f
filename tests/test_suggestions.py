"""What an error suggests mends the program: it is applied to random wrong ones, and they run."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib import losses, nn
from tensorlib.shapes.suggestions import INPUT, MARK, OUTPUT, resized

size = st.integers(1, 5)
shape = st.lists(size, min_size=1, max_size=3).map(tuple)
Draw = Callable[[Any], Any]


def _suggested(call: Callable[[], object]) -> list[str]:
    """Return what the error of a call suggests."""
    with pytest.raises(tl.ShapeError) as caught:
        call()
    _, mark, changes = str(caught.value).partition(MARK)
    return re.split(r" or (?=\w+[.(=]|x[12] @)", changes) if mark else []


def _operands(**shapes: tuple[int, ...]) -> dict[str, Any]:
    return {name: tl.zeros(shape) for name, shape in shapes.items()}


def _is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except tl.ShapeError:
        return True
    except tl.DtypeError:  # of which a rule of shapes knows nothing
        return False
    return False


def _changed(operands: dict[str, Any], change: str) -> dict[str, Any]:
    """Return the operands with one of them replaced, as ``x2.T`` or ``axis=1`` say."""
    keyword = re.match(r"(\w+)=", change)
    if keyword:
        return {**operands, keyword[1]: eval(change[keyword.end() :])}
    return {**operands, change.partition(".")[0]: eval(change, {}, operands)}


@given(shape, shape)
def test_matmul(x1: tuple[int, ...], x2: tuple[int, ...]) -> None:
    operands = _operands(x1=x1, x2=x2)
    assume(_is_refused(lambda: tl.matmul(**operands)))
    changes = _suggested(lambda: tl.matmul(**operands))
    for change in changes:
        eval(change, {}, operands)
    if len(x1) == len(x2) == 2 and x1[-1] == x2[-1]:
        assert "x1 @ x2.T" in changes


OPS: dict[str, tuple[Callable[..., object], tuple[str, str]]] = {
    "add": (tl.add, ("x1", "x2")),
    "less": (tl.less, ("x1", "x2")),
    "mse_loss": (losses.mse_loss, ("input", "target")),
    "cross_entropy": (losses.cross_entropy, ("input", "target")),
}


@pytest.mark.parametrize("name", OPS)
@given(shape, shape)
def test_operands(name: str, first: tuple[int, ...], second: tuple[int, ...]) -> None:
    op, names = OPS[name]
    operands = _operands(**dict(zip(names, (first, second), strict=True)))
    assume(_is_refused(lambda: op(*operands.values())))
    for change in _suggested(lambda: op(*operands.values())):
        changed = _changed(operands, change)
        assert not _is_refused(partial(op, *changed.values()))


@pytest.mark.parametrize("name", OPS)
def test_operands_are_suggested(name: str) -> None:
    op, names = OPS[name]
    operands = _operands(**dict(zip(names, ((4, 1), (4,)), strict=True)))
    if name == "cross_entropy":
        operands = {"input": tl.zeros((4, 3)), "target": tl.zeros((4, 1))}
    assert _suggested(lambda: op(*operands.values()))


@given(st.integers(2, 4), size, size, size)
def test_a_vector_beside_images(channels: int, n: int, height: int, width: int) -> None:
    """Of the lengths that channels, rows and columns may have, one is the vector's."""
    assume(channels not in (height, width))
    operands = _operands(x1=(n, channels, height, width), x2=(channels,))
    if height == width == 1:
        return
    changes = _suggested(lambda: tl.subtract(**operands))
    assert "x2.reshape((-1, 1, 1))" in changes
    for change in changes:
        tl.subtract(**_changed(operands, change))


@given(size, size, size, size)
def test_a_reversed_batch_of_matrices(n: int, rows: int, columns: int, inner: int) -> None:
    operands = _operands(x1=(n, rows, inner), x2=(inner, columns, n))
    assume(_is_refused(lambda: tl.matmul(**operands)))
    changes = _suggested(lambda: tl.matmul(**operands))
    for change in changes:
        eval(change, {}, operands)
    assert len(changes) == 2 or "x1 @ x2.T.mT" in changes


@given(st.integers(2, 5), st.integers(2, 5), size)
def test_rows_that_became_one_vector(count: int, made_for: int, out: int) -> None:
    layer, x = nn.Linear(made_for, out), tl.zeros((count, made_for)).flatten()
    changes = _suggested(lambda: layer(x))
    assert changes == [f"x.reshape((-1, {made_for}))", f"nn.Linear({count * made_for}, {out})"]
    assert layer(eval(changes[0])).shape == (count, out)
    eval(changes[1])(x)


@given(st.integers(2, 4), st.lists(shape, min_size=1, max_size=3), st.integers(0, 2))
def test_concat(count: int, shapes: list[tuple[int, ...]], axis: int) -> None:
    xs = tuple(tl.zeros(shapes[i % len(shapes)]) for i in range(count))
    operands: dict[str, Any] = {"xs": xs, "axis": axis}
    assume(_is_refused(lambda: tl.concat(**operands)))
    for change in _suggested(lambda: tl.concat(**operands)):
        tl.concat(**_changed(operands, change))


def test_concat_is_suggested() -> None:
    xs: Any = (tl.zeros((2, 3)), tl.zeros((2, 4)))
    assert _suggested(lambda: tl.concat(xs)) == ["axis=1"]


@given(shape, shape)
def test_reshape(x: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assume(math.prod(x) != math.prod(wanted))
    operands = _operands(x=x)
    changes = _suggested(lambda: operands["x"].reshape(wanted))
    for change in changes:
        assert eval(change, {}, operands).size == math.prod(x)
    first = math.prod(wanted[1:])
    assert bool(changes) >= (math.prod(x) % first == 0)


@given(st.data())
def test_weight_of_linear(data: st.DataObject) -> None:
    n, i, o = (data.draw(size) for _ in range(3))
    assume(i != o)
    operands = _operands(x=(n, i), weight=(i, o))
    (change,) = _suggested(lambda: tl.linear(**operands))
    tl.linear(**_changed(operands, change))


# Layers -------------------------------------------------------------------------------------------

LAYERS: dict[str, tuple[Callable[[int], nn.Module], Callable[[int], tuple[int, ...]]]] = {
    "BatchNorm1d": (nn.BatchNorm1d, lambda n: (4, n)),
    "BatchNorm2d": (nn.BatchNorm2d, lambda n: (4, n, 3, 3)),
    "Bias": (nn.Bias, lambda n: (4, n)),
    "Conv1d": (lambda n: nn.Conv1d(n, 2, 3, padding=1), lambda n: (n, 9)),
    "Conv2d": (lambda n: nn.Conv2d(n, 2, (3, 1), stride=2), lambda n: (4, n, 9, 9)),
    "ConvTranspose2d": (lambda n: nn.ConvTranspose2d(n, 2, 3), lambda n: (n, 9, 9)),
    "GRU": (lambda n: nn.GRU(n, 2, 2, True), lambda n: (4, 5, n)),
    "GRUCell": (lambda n: nn.GRUCell(n, 2), lambda n: (4, n)),
    "LSTM": (lambda n: nn.LSTM(n, 2), lambda n: (4, 5, n)),
    "LSTMCell": (lambda n: nn.LSTMCell(n, 2), lambda n: (4, n)),
    "LayerNorm": (nn.LayerNorm, lambda n: (4, n)),
    "Linear": (lambda n: nn.Linear(n, 2), lambda n: (4, n)),
    "RMSNorm": (nn.RMSNorm, lambda n: (4, n)),
    "RNN": (lambda n: nn.RNN(n, 2, 2), lambda n: (4, 5, n)),
    "RNNCell": (lambda n: nn.RNNCell(n, 2), lambda n: (4, n)),
}


def test_every_layer_with_a_size_is_tried() -> None:
    assert LAYERS.keys() == INPUT.keys()


@pytest.mark.parametrize("name", LAYERS)
@given(size, size)
def test_layers(name: str, made_for: int, given_: int) -> None:
    assume(made_for != given_)
    make, operand = LAYERS[name]
    layer: Any = make(made_for)
    x = tl.zeros(operand(given_))
    changes = _suggested(lambda: layer(x))
    # Of one channel, the axis of channels may be what is missing.
    assert changes[-1].startswith((f"nn.{name}({given_}", "x.expand_dims("))
    for change in changes:
        if change.endswith(" before it"):
            layer(eval(change.removesuffix(" before it"))(x))
        else:
            changed = eval(change)
            layer(changed) if isinstance(changed, tl.Tensor) else changed(x)


@given(st.lists(size, min_size=1, max_size=3), st.integers(0, 2), size)
def test_a_flatten_before_a_layer(dims: list[int], kept: int, out: int) -> None:
    x = tl.zeros((*dims[:kept], *dims, 2))
    features = 2 * math.prod(dims)
    assume(features != 2)
    changes = _suggested(lambda: nn.Linear(features, out)(x))
    flatten = next(change for change in changes if change.endswith(" before it"))
    nn.Sequential(eval(flatten.removesuffix(" before it")), nn.Linear(features, out))(x)


@given(st.lists(size, min_size=2, max_size=5), st.data())
def test_chains(widths: list[int], data: st.DataObject) -> None:
    """One layer of a chain that fits is made for another size; the suggestion mends the chain."""
    layers = [nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    place = data.draw(st.integers(0, len(layers) - 1))
    wrong = data.draw(size)
    assume(place > 0 and wrong != widths[place])
    layers[place] = nn.Linear(wrong, widths[place + 1])
    (change,) = _suggested(lambda: nn.Sequential(*layers))
    layers[place] = eval(change)
    nn.Sequential(*layers)


RESULTS: dict[str, Callable[[int, int], nn.Module]] = {
    "Conv1d": lambda c, o: nn.Conv1d(c, o, 3, padding=1),
    "Conv2d": lambda c, o: nn.Conv2d(c, o, 3, 1, 1),
    "ConvTranspose2d": lambda c, o: nn.ConvTranspose2d(c, o, 1),
    "Linear": nn.Linear,
}


def test_every_layer_with_a_size_of_the_result_is_tried() -> None:
    assert RESULTS.keys() == OUTPUT.keys()


@pytest.mark.parametrize("name", RESULTS)
@given(size, size)
def test_residuals(name: str, taken: int, returned: int) -> None:
    assume(taken != returned)
    layer = RESULTS[name](taken, returned)
    (change,) = _suggested(lambda: nn.Residual(layer))
    nn.Residual(eval(change))


def test_what_is_no_number_or_no_layer_is_not_suggested() -> None:
    assert resized("Linear(N, 10)", "N", 3) is None
    assert resized("Linear(3, M)", 3, 4) is None
    assert resized("Block(3, 4)", 3, 4) is None
    assert resized("Linear(3, 4)", 5, 4) is None
    assert resized("Conv2d(4, 8, 3, 1, 0, 1, 2)", 4, 3) is None
