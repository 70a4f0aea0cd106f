"""Recurrent layers and cells: PyTorch's with the same weights, states, directions, errors."""

from __future__ import annotations

import copy
from typing import Any, Literal, cast

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.shapes import registry
from tensorlib.shapes.dim import symbol
from tensorlib.shapes.shape import UNKNOWN_DIMS, Pack
from tests.test_ops import assert_as_precise_in_float32, assert_same_in_float64, largest

Array = np.ndarray[Any, np.dtype[Any]]

KINDS = ("RNN", "GRU", "LSTM")
I, H, L = 3, 4, 5


def state_count(kind: str) -> int:
    return 2 if kind.startswith("LSTM") else 1


def with_weights_of(layer: Any, theirs: torch.nn.Module, dtype: Any) -> Any:
    """Give a layer PyTorch's parameters, which have the same names in the same order."""
    named = dict(theirs.named_parameters())
    assert [path for path, _ in layer.named_parameters()] == list(named)
    for path, parameter in named.items():
        array = parameter.detach().numpy()
        assert getattr(layer, path).shape == array.shape
        setattr(layer, path, nn.Parameter(tl.tensor(array.astype(dtype))))
    return layer


def flat(result: Any) -> list[Any]:
    """The tensors of a result, out of its tuples."""
    return [y for each in result for y in flat(each)] if isinstance(result, tuple) else [result]


def drawn(rng: np.random.Generator, *shape: int) -> Array:
    return rng.standard_normal(shape).astype(np.float32).astype(np.float64)


def run_ours(
    layer: Any, arrays: list[Array], dtype: Any, cotangents: list[Array] | None
) -> list[Array]:
    """Results and gradients of operands and parameters."""
    x, *states = [tl.tensor(array.astype(dtype)) for array in arrays]
    given: Any = [state.traced() for state in states]
    state = None if not given else given[0] if len(given) == 1 else tuple(given)
    results = flat(layer(x.traced(), state) if states else layer(x.traced()))
    found = [y.numpy() for y in results]
    if cotangents is None:
        return found
    pairs = zip(results, cotangents, strict=True)
    terms = [(y * tl.tensor(g.astype(dtype))).sum() for y, g in pairs]
    loss = terms[0]
    for term in terms[1:]:
        loss = loss + term
    gradients = loss.backward()
    return found + [gradients[leaf].numpy() for leaf in (x, *states, *layer.parameters())]


def run_theirs(
    layer: torch.nn.Module, arrays: list[Array], dtype: Any, batch: tuple[int, ...], rng: Any
) -> tuple[list[Array], list[Array]]:
    """Results and gradients of PyTorch's layer, and the cotangents drawn for them."""
    layer = copy.deepcopy(layer).to(dtype)
    leaves = [torch.tensor(array, dtype=dtype, requires_grad=True) for array in arrays]
    x, *states = leaves
    is_cell = isinstance(layer, torch.nn.RNNCellBase)
    rows = x.reshape(-1, *x.shape[len(batch) :])
    firsts = [
        state.reshape(-1, H) if is_cell else state.reshape(len(state), -1, H) for state in states
    ]
    given: Any = None if not firsts else firsts[0] if len(firsts) == 1 else tuple(firsts)
    results = flat(layer(rows, given))
    shaped = [
        y.reshape(*batch, *y.shape[1:])
        if is_cell or place == 0
        else y.reshape(len(y), *batch, *y.shape[2:])
        for place, y in enumerate(results)
    ]
    cotangents = [drawn(rng, *y.shape) for y in shaped]
    loss: Any = sum(
        (y * torch.tensor(g, dtype=dtype)).sum() for y, g in zip(shaped, cotangents, strict=True)
    )
    loss.backward()
    slopes = [leaf.grad for leaf in (*leaves, *layer.parameters())]
    return [y.detach().numpy() for y in (*shaped, *slopes)], cotangents


def compare(layer: Any, theirs: torch.nn.Module, arrays: list[Array], batch: Any) -> None:
    """In float64, and in float32 against float64."""
    exact, cotangents = run_theirs(theirs, arrays, torch.float64, batch, np.random.default_rng(1))
    wide = run_ours(with_weights_of(layer, theirs, np.float64), arrays, np.float64, cotangents)
    for mine, want in zip(wide, exact, strict=True):
        assert_same_in_float64(mine, want)
    peer, _ = run_theirs(theirs, arrays, torch.float32, batch, np.random.default_rng(1))
    single = run_ours(with_weights_of(layer, theirs, np.float32), arrays, np.float32, cotangents)
    scale = max(map(largest, exact))
    for mine, other, want in zip(single, peer, exact, strict=True):
        assert mine.dtype == np.float32
        assert_as_precise_in_float32(mine, other, want, scale)


# Against PyTorch ---------------------------------------------------------------------------------


@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_pytorchs(
    kind: str, num_layers: int, bidirectional: bool, with_state: bool
) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    theirs = getattr(torch.nn, kind)(
        I, H, num_layers, batch_first=True, bidirectional=bidirectional
    )
    layer = getattr(nn, kind)(I, H, num_layers, bidirectional=bidirectional)
    batch = (2, 3) if num_layers == 2 else (4,)
    arrays = [drawn(rng, *batch, L, I)]
    if with_state:
        rows = num_layers * (2 if bidirectional else 1)
        arrays += [drawn(rng, rows, *batch, H) for _ in range(state_count(kind))]
    compare(layer, theirs, arrays, batch)


@pytest.mark.parametrize("kind", KINDS)
def test_layers_without_bias_are_pytorchs(kind: str) -> None:
    theirs = getattr(torch.nn, kind)(I, H, 2, batch_first=True, bias=False, bidirectional=True)
    layer = getattr(nn, kind)(I, H, 2, bias=False, bidirectional=True)
    compare(layer, theirs, [drawn(np.random.default_rng(0), 2, L, I)], (2,))


def test_relu_networks_are_pytorchs() -> None:
    rng = np.random.default_rng(0)
    theirs = torch.nn.RNN(I, H, 2, "relu", batch_first=True)
    compare(
        nn.RNN(I, H, 2, nonlinearity="relu"),
        theirs,
        [drawn(rng, 2, L, I), drawn(rng, 2, 2, H)],
        (2,),
    )
    cell = torch.nn.RNNCell(I, H, nonlinearity="relu")
    compare(nn.RNNCell(I, H, nonlinearity="relu"), cell, [drawn(rng, 2, I), drawn(rng, 2, H)], (2,))


@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", ["RNNCell", "GRUCell", "LSTMCell"])
def test_cells_are_pytorchs(kind: str, bias: bool, with_state: bool) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    theirs = getattr(torch.nn, kind)(I, H, bias=bias)
    for batch in ((4,), (2, 3)):
        arrays = [drawn(rng, *batch, I)]
        if with_state:
            arrays += [drawn(rng, *batch, H) for _ in range(state_count(kind))]
        compare(getattr(nn, kind)(I, H, bias=bias), theirs, arrays, batch)


# What holds among them ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_two_parts_is_the_whole(kind: str) -> None:
    layer: Any = getattr(nn, kind)(I, H, 2, rng=0)
    x: Any = tl.randn((2, 6, I), rng=1)
    whole, last = layer(x)
    head, state = layer(x[:, :4])
    tail, end = layer(x[:, 4:], state)
    np.testing.assert_allclose(tl.concat((head, tail), 1).numpy(), whole.numpy(), rtol=1e-5)
    for mine, want in zip(flat(end), flat(last), strict=True):
        np.testing.assert_allclose(mine.numpy(), want.numpy(), rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_step_by_step_is_the_layer(kind: str) -> None:
    layer: Any = getattr(nn, kind)(I, H, rng=0)
    cell: Any = getattr(nn, f"{kind}Cell")(I, H)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(layer, f"{name}_l0"))
    x: Any = tl.randn((L, I), rng=1)
    y, _ = layer(x)
    state: Any = None
    for step in range(L):
        state = cell(x[step]) if state is None else cell(x[step], state)
        np.testing.assert_allclose(flat(state)[0].numpy(), y.numpy()[step], rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_flow_through_a_loop_of_cells(kind: str) -> None:
    """As through a layer, where each step uses the same parameters."""
    layer: Any = getattr(nn, kind)(I, H, rng=0)
    cell: Any = getattr(nn, f"{kind}Cell")(I, H)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    for name in names:
        setattr(cell, name, nn.Parameter(getattr(layer, f"{name}_l0")))
    x: Any = tl.randn((L, I), rng=1)
    y, _ = layer(x.traced())
    of_layer = y[-1].square().sum().backward()
    state: Any = None
    for step in tl.unstack(x.traced()):
        state = cell(step) if state is None else cell(step, state)
    last = flat(state)[0]
    of_cell = last.square().sum().backward()
    np.testing.assert_allclose(of_cell[x].numpy(), of_layer[x].numpy(), rtol=1e-4, atol=1e-7)
    for name in names:
        np.testing.assert_allclose(
            of_cell[getattr(cell, name)].numpy(),
            of_layer[getattr(layer, f"{name}_l0")].numpy(),
            rtol=1e-4,
            atol=1e-7,
        )


def test_one_tensor_may_be_both_states() -> None:
    layer = nn.LSTM(I, H, 2, rng=0)
    x, h = tl.randn((2, L, I), rng=1), tl.randn((2, 2, H), rng=2)
    traced = h.traced()
    y, _ = layer(x, (traced, traced))
    other = h.copy()
    want, _ = layer(x, (h.traced(), other.traced()))
    assert y.tolist() == want.tolist()
    total = y.sum().backward()[h].numpy()
    parts = want.sum().backward()
    np.testing.assert_allclose(total, parts[h].numpy() + parts[other].numpy(), rtol=1e-5)


def test_what_has_no_tape_gives_none() -> None:
    layer = nn.GRU(I, H)
    y, h = layer(tl.randn((L, I)))
    assert not y.owns_tape
    assert not h.owns_tape
    kept, last = layer(tl.randn((L, I)), tl.zeros((1, H)).traced())
    assert kept.owns_tape
    assert last.owns_tape


@pytest.mark.parametrize("kind", KINDS)
def test_large_values_saturate_without_a_warning(kind: str) -> None:
    layer: Any = getattr(nn, kind)(I, H, rng=0)
    x: Any = tl.randn((2, L, I), rng=1) * 1e6
    y, last = layer(x.traced())
    gradients = (y.square().sum() + flat(last)[0].sum()).backward()
    assert np.isfinite(y.numpy()).all()
    assert all(np.isfinite(gradients[leaf].numpy()).all() for leaf in (x, *layer.parameters()))


@pytest.mark.parametrize("kind", KINDS)
def test_no_members_and_no_steps(kind: str) -> None:
    layer: Any = getattr(nn, kind)(I, H, 2, bidirectional=True, rng=0)
    for shape in ((0, L, I), (2, 0, I)):
        x: Any = tl.zeros(shape)
        y, last = layer(x.traced())
        assert y.shape == (*shape[:-1], 2 * H)
        assert flat(last)[0].shape == (4, shape[0], H)
        assert y.sum().backward()[x].shape == shape


@pytest.mark.parametrize("kind", KINDS)
def test_float16_is_near_float32(kind: str) -> None:
    layer: Any = getattr(nn, kind)(I, H, rng=0)
    x: Any = tl.randn((2, L, I), rng=1)
    want, _ = layer(x)
    small = copy.deepcopy(layer)
    for path, parameter in layer.named_parameters():
        setattr(small, path, nn.Parameter(parameter.astype(np.float16)))
    half = x.astype(np.float16)
    y, last = small(half.traced())
    assert y.dtype == flat(last)[0].dtype == np.float16
    np.testing.assert_allclose(y.numpy(), want.numpy(), atol=5e-3)
    gradients = y.sum().backward()
    assert all(gradients[p].dtype == np.float16 for p in small.parameters())


# Making them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "RNNCell", "GRUCell", "LSTMCell"])
def test_initial_values_are_uniform_as_pytorchs(kind: str) -> None:
    layer: Any = getattr(nn, kind)(50, 64, rng=0)
    for parameter in layer.parameters():
        values = parameter.numpy()
        assert np.abs(values).max() <= 1 / 8
        assert np.abs(values).max() > 0.95 / 8
        assert abs(values.mean()) < 0.03
    again: Any = getattr(nn, kind)(50, 64, rng=0)
    pairs = list(zip(layer.parameters(), again.parameters(), strict=True))
    assert all(a.tolist() == b.tolist() for a, b in pairs)
    layer.reset_params(1)
    assert not any(a.tolist() == b.tolist() for a, b in pairs)


def test_layers_are_built_from_their_types() -> None:
    build: Any = nn.build
    stacked = build(nn.LSTM[Literal[3], Literal[4], Literal[2], Literal[1]], rng=0)
    assert stacked.label() == nn.LSTM(3, 4, 2, bidirectional=True).label()
    assert build(nn.RNN[Literal[3], Literal[4]]).label() == "RNN(3, 4)"
    assert build(nn.GRUCell[Literal[3], Literal[4]]).label() == "GRUCell(3, 4)"


def test_labels() -> None:
    assert nn.LSTM(3, 4).label() == "LSTM(3, 4)"
    assert nn.GRU(3, 4, 2).label() == "GRU(3, 4, 2)"
    assert nn.RNN(3, 4, bidirectional=True).label() == "RNN(3, 4, 1, 1)"
    assert repr(nn.GRUCell(3, 4)) == "GRUCell(3, 4)"


def test_cells_tell_their_shapes() -> None:
    chain = nn.Sequential(nn.Linear(2, I), nn.GRUCell(I, H), nn.Linear(H, 1))
    assert chain.output_shape((5, 2)) == (5, 1)
    assert chain(tl.zeros((5, 2))).shape == (5, 1)
    with pytest.raises(tl.ShapeError, match=r"^Sequential\[1\] GRUCell\(3, 4\): "):
        nn.Sequential(nn.Linear(2, 5), cast(Any, nn.GRUCell(I, H)))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.LSTM(_size(0), 4), tl.ShapeError, "LSTM: input_size must be positive, got 0"),
        (lambda: nn.GRU(3, _size(-1)), tl.ShapeError, "GRU: hidden_size must be positive, got -1"),
        (lambda: nn.RNN(3, 4, _size(0)), tl.ShapeError, "RNN: num_layers must be positive, got 0"),
        (
            lambda: nn.GRUCell(3, _size(2.5)),
            TypeError,
            "GRUCell: sizes must be ints, got 2.5",
        ),
        (
            lambda: nn.RNN(3, 4, nonlinearity=_no_nonlinearity()),
            ValueError,
            "RNN: nonlinearity must be 'tanh' or 'relu', got 'sine'",
        ),
        (
            lambda: nn.LSTM(3, 4)(cast(Any, tl.zeros((5, 3), np.float64))),
            tl.DtypeError,
            "lstm: dtypes must agree, got float64 and float32: "
            "convert one with .astype(np.float32) or .astype(np.float64)",
        ),
        (
            lambda: tl.rnn(tl.zeros((5, 3)), tl.zeros((4,)), tl.zeros((4, 3)), tl.zeros((4, 4)),
                           tl.zeros((4,))),
            TypeError,
            "rnn: expected both bias_ih and bias_hh, or neither",
        ),
        (
            lambda: _lstm(nn.LSTM(3, 4))(tl.zeros((5, 3)), tl.zeros((1, 4))),
            TypeError,
            "LSTM(3, 4): expected state as a tuple of 2 tensors",
        ),
        (
            lambda: _lstm(nn.LSTMCell(3, 4))(tl.zeros((3,)), (tl.zeros((4,)),)),
            TypeError,
            "LSTMCell(3, 4): expected state as a tuple of 2 tensors",
        ),
        (
            lambda: nn.GRUCell(3, 4)(tl.zeros((3,)), _no_tensor()),
            TypeError,
            "GRUCell(3, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)",
        ),
        (
            lambda: nn.GRU(3, 4)(_no_tensor()),
            TypeError,
            "GRU(3, 4): expected a tensor, got ndarray: wrap it with tl.tensor(...)",
        ),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def _size(size: float) -> Any:
    """A size that the checker does not see."""
    return size


def _lstm(layer: Any) -> Any:
    """A layer whose arguments the checker does not see."""
    return layer


def _no_nonlinearity() -> Any:
    return "sine"


def _no_tensor() -> Any:
    return np.zeros((5, 3), np.float32)


# Rules -------------------------------------------------------------------------------------------


def test_rules_with_symbols() -> None:
    n, length, size, hidden = (symbol(name) for name in ("N", "L", "I", "H"))
    for op, gates, states in (("rnn", 1, 1), ("gru", 3, 1), ("lstm", 4, 2)):
        rule = registry.find(op)
        assert rule is not None
        rows = gates * hidden
        weights = ((rows, size), (rows, hidden), (rows,), (rows,))
        for batch in ((), (n,), (2, n), (Pack("Other", "key"),)):
            state = (*batch, hidden)
            found = rule.check((*batch, length, size), *(state,) * states, *weights)
            assert found == ((*batch, length, hidden), *(state,) * states)
        with pytest.raises(tl.ShapeError, match=rf"^{op}: expected x of shape \(\*Batch, L, I\)"):
            rule.check((n, length, hidden), *((n, hidden),) * states, *weights)
        with pytest.raises(tl.TensorlibError, match="are not known"):
            rule.check((UNKNOWN_DIMS, size), *((n, hidden),) * states, *weights)
