"""Modules: walking, drawing, layers, containers, dropout, models stated as types."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Literal, NamedTuple, TypeAlias

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from typing_extensions import TypeAliasType, TypeVar

import tensorlib as tl
from tensorlib import nn

Array = np.ndarray[Any, np.dtype[Any]]
N = TypeVar("N", bound=int)


def values(model: nn.Module) -> dict[str, Array]:
    """Return copies of all parameters by path."""
    return {path: parameter.numpy().copy() for path, parameter in model.named_parameters()}


def assert_same(a: dict[str, Array], b: dict[str, Array]) -> None:
    assert list(a) == list(b)
    for path, array in a.items():
        np.testing.assert_array_equal(array, b[path], err_msg=path)


def differ(a: dict[str, Array], b: dict[str, Array]) -> bool:
    return all(not np.array_equal(array, b[path]) for path, array in a.items())


# Walking ----------------------------------------------------------------------------------------


class Pair(NamedTuple):
    first: nn.Module
    second: nn.Module


class Fields(nn.Module):
    """A module with whatever fields it is given."""

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


def linear(*, bias: bool = False) -> Any:
    return nn.Linear(2, 2, bias=bias)


def parameter() -> nn.Parameter[Any]:
    return nn.Parameter(tl.zeros((2,)))


WALKS: list[tuple[Callable[[], dict[str, Any]], list[str]]] = [
    (dict, []),
    (lambda: {"weight": parameter(), "other": 3, "name": "x"}, ["weight"]),
    (lambda: {"b": linear(bias=True), "a": linear()}, ["b.weight", "b.bias", "a.weight"]),
    (lambda: {"blocks": [linear(), linear()]}, ["blocks.0.weight", "blocks.1.weight"]),
    (lambda: {"blocks": (linear(), None, linear())}, ["blocks.0.weight", "blocks.2.weight"]),
    (lambda: {"heads": {"a": linear(), 7: linear()}}, ["heads.a.weight", "heads.7.weight"]),
    (lambda: {"heads": OrderedDict(a=[parameter()])}, ["heads.a.0"]),
    (lambda: {"pair": Pair(linear(), nn.ReLU())}, ["pair.0.weight"]),
    (lambda: {"deep": [{"x": (nn.Sequential(linear()),)}]}, ["deep.0.x.0.0.weight"]),
    (lambda: {"list": [], "dict": {}, "nothing": None}, []),
    (lambda: {"scale": parameter(), "mean": nn.Buffer(tl.zeros((2,)))}, ["scale"]),
]


@pytest.mark.parametrize(("fields", "paths"), WALKS)
def test_parameters_are_found_in_the_order_of_the_fields(
    fields: Callable[[], dict[str, Any]], paths: list[str]
) -> None:
    model = Fields(**fields())
    assert [path for path, _ in model.named_parameters()] == paths
    assert [p.path for p in model.parameters()] == paths
    assert model.num_params() == sum(p.size for p in model.parameters())


def test_buffers_are_tensors_of_the_module_but_no_parameters() -> None:
    model = Fields(mean=nn.Buffer(tl.zeros((2,))), scale=parameter())
    assert [path for path, _ in model.named_tensors()] == ["mean", "scale"]
    assert [path for path, _ in model.named_parameters()] == ["scale"]


def test_tied_parameters_count_once_by_their_first_path() -> None:
    encoder, decoder = linear(bias=True), linear(bias=True)
    decoder.weight = encoder.weight
    model = Fields(encoder=encoder, decoder=decoder)
    assert list(values(model)) == ["encoder.weight", "encoder.bias", "decoder.bias"]
    assert [path for path, _ in model.named_tensors()][2] == "decoder.weight"
    assert model.num_params() == 4 + 2 + 2


def test_named_modules_gives_outer_ones_first() -> None:
    model = nn.Sequential(linear(), (nn.ReLU(), linear()))
    paths = [(path, type(module).__name__) for path, module in model.named_modules()]
    assert paths == [
        ("", "Sequential"),
        ("0", "Linear"),
        ("1", "Sequential"),
        ("1.0", "ReLU"),
        ("1.1", "Linear"),
    ]


def test_repr_shows_the_structure() -> None:
    model = nn.Sequential(nn.Linear(4, 3), (nn.ReLU(), nn.Dropout(0.25)))
    assert repr(model) == (
        "Sequential(\n"
        "  0: Linear(4, 3)\n"
        "  1: Sequential(\n"
        "    0: ReLU()\n"
        "    1: Dropout(p=0.25)\n"
        "  )\n"
        ")"
    )


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_have_parameters_of_their_own_and_keep_ties(copied: Any) -> None:
    model = Tied()
    other = copied(model)
    assert_same(values(model), values(other))
    assert not {p.id for p in model.parameters()} & {p.id for p in other.parameters()}
    assert other.decoder.weight is other.encoder.weight
    other.reset_params(1)
    assert differ(values(model), values(other))


class Tied(nn.Module):
    def __init__(self) -> None:
        self.encoder: Any = nn.Linear(3, 3, bias=False, rng=0)
        self.decoder: Any = nn.Linear(3, 3, bias=False, rng=0)
        self.decoder.weight = self.encoder.weight


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (
            np.zeros(3),
            TypeError,
            "Parameter: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
        ),
        (
            tl.tensor([1, 2]),
            tl.DtypeError,
            "Parameter: expected a floating dtype, got int64: use nn.Buffer for the rest",
        ),
    ],
)
def test_what_cannot_be_a_parameter(data: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        nn.Parameter(data)
    assert str(raised.value) == text


def test_a_parameter_copies_its_data_and_is_written_in_place() -> None:
    data = tl.ones((2,))
    p = nn.Parameter(data)
    view = p.numpy()
    p.write(np.array([3.0, 4.0]), "test")
    assert view.tolist() == [3, 4]
    assert data.tolist() == [1, 1]
    assert (p.version, p.writer) == (1, "test")
    with pytest.raises(tl.ShapeError, match=r"expected shape \(2,\), got \(3,\)"):
        p.write(np.zeros(3), "test")
    assert (p.tolist(), p.version) == ([3, 4], 1)


def test_gradients_limited_to_a_container_are_those_of_its_parameters() -> None:
    model: Any = nn.Sequential(linear(), linear())
    x: Any = tl.ones((1, 2))
    gradients = model(x.traced()).sum().backward(model)
    assert set(gradients) == set(model.parameters())


# Drawing ----------------------------------------------------------------------------------------


def mlp(rng: Any = None) -> Any:
    return nn.Sequential(nn.Linear(5, 4, rng=rng), nn.ReLU(), (nn.Linear(4, 3, rng=rng),))


def test_reset_params_reproduces_from_a_seed_or_a_generator() -> None:
    a, b = mlp(), mlp()
    assert differ(values(a), values(b))
    a.reset_params(7)
    b.reset_params(np.random.default_rng(7))
    assert_same(values(a), values(b))
    a.reset_params(8)
    assert differ(values(a), values(b))
    a.reset_params(7)
    assert_same(values(a), values(b))
    a.reset_params()
    assert differ(values(a), values(b))


def test_constructing_with_one_generator_draws_as_reset_params_does() -> None:
    model = mlp(np.random.default_rng(7))
    other = mlp()
    other.reset_params(7)
    assert_same(values(model), values(other))


def test_drawing_leaves_numpys_global_state_alone() -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    mlp().reset_params()
    tl.dropout(tl.ones((3,)))
    np.testing.assert_equal(np.random.get_state(legacy=False), before)  # noqa: NPY002


def test_parameters_that_nobody_draws_are_named_before_anything_is_drawn() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Linear(2, 2, rng=0)
            self.scale = nn.Parameter(tl.ones(()))

    model = Scaled()
    before = model.inner.weight.tolist()
    with pytest.raises(NotImplementedError, match=r"Scaled has parameters of its own, scale: def"):
        model.reset_params(1)
    assert model.inner.weight.tolist() == before


def test_a_module_in_two_places_is_drawn_once() -> None:
    shared = linear()
    model, plain = Fields(a=shared, b=shared, c=linear()), Fields(a=linear(), c=linear())
    model.reset_params(0)
    plain.reset_params(0)
    assert_same(values(model), values(plain))


def test_reset_params_names_itself_to_a_backward_pass_that_comes_too_late() -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2))
    loss = model(tl.ones((1, 2)).traced()).sum()
    model.reset_params()
    with pytest.raises(tl.ParameterChangedError, match=r'"0\.weight" was changed by reset_params'):
        loss.backward()


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 3000), (100, 200), (1, 500)])
def test_linear_starts_as_pytorchs_does(inputs: int, outputs: int) -> None:
    ours: Any = nn.Linear(inputs, outputs, rng=0)
    torch.manual_seed(0)
    theirs = torch.nn.Linear(inputs, outputs)
    bound = 1 / np.sqrt(inputs)
    for mine, peer in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        drawn, reference = mine.numpy(), peer.detach().numpy()
        assert drawn.dtype == np.float32
        assert np.abs(drawn).max() <= np.float32(bound)
        # A sample of n uniform values comes this close to its bounds, and to PyTorch's quantiles.
        assert np.abs(drawn).max() >= bound * (1 - 20 / drawn.size)
        tolerance = 8 * bound / np.sqrt(drawn.size)
        quantiles = np.linspace(0.05, 0.95, 10)
        np.testing.assert_allclose(
            np.quantile(drawn, quantiles), np.quantile(reference, quantiles), atol=tolerance
        )


# Layers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [(), (1,), (5,), (2, 3), (0,)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_equals_pytorchs(batch: tuple[int, ...], bias: bool) -> None:
    layer: Any = nn.Linear(4, 3, bias=bias, rng=0)
    data = np.random.default_rng(1).standard_normal((*batch, 4)).astype(np.float32)
    x: Any = tl.tensor(data)
    y = layer(x.traced())
    gradients = y.sum().backward()
    leaves = [torch.tensor(p.numpy(), requires_grad=True) for p in layer.parameters()]
    torch_x = torch.tensor(data, requires_grad=True)
    torch_y = F.linear(torch_x, *leaves)
    torch_y.sum().backward()  # type: ignore[no-untyped-call]
    np.testing.assert_allclose(y.numpy(), torch_y.detach().numpy(), rtol=1e-5, atol=1e-6)
    for mine, peer in zip((x, *layer.parameters()), (torch_x, *leaves), strict=True):
        assert peer.grad is not None
        have = gradients[mine].numpy()
        np.testing.assert_allclose(have, peer.grad.numpy(), rtol=1e-5, atol=1e-6)


ACTIVATIONS: list[tuple[nn.Module, Callable[[torch.Tensor], torch.Tensor]]] = [
    (nn.ReLU(), torch.relu),
    (nn.Tanh(), torch.tanh),
    (nn.Sigmoid(), torch.sigmoid),
    (nn.Exp(), torch.exp),
    (nn.Log(), torch.log),
    (nn.Sin(), torch.sin),
    (nn.Cos(), torch.cos),
    (nn.Square(), torch.square),
    (nn.Sqrt(), torch.sqrt),
    (nn.Abs(), torch.abs),
    (nn.GELU(), torch.nn.GELU()),
    (nn.GELU("tanh"), torch.nn.GELU("tanh")),
    (nn.SiLU(), torch.nn.SiLU()),
    (nn.ELU(), torch.nn.ELU()),
    (nn.ELU(0.5), torch.nn.ELU(0.5)),
    (nn.SELU(), torch.nn.SELU()),
    (nn.LeakyReLU(), torch.nn.LeakyReLU()),
    (nn.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
    (nn.Softplus(), torch.nn.Softplus()),
    (nn.Softplus(2, 3), torch.nn.Softplus(2, 3)),
    (nn.Hardtanh(), torch.nn.Hardtanh()),
    (nn.Hardtanh(-0.5, 1.5), torch.nn.Hardtanh(-0.5, 1.5)),
    (nn.Hardsigmoid(), torch.nn.Hardsigmoid()),
    (nn.Hardswish(), torch.nn.Hardswish()),
    (nn.LogSigmoid(), torch.nn.LogSigmoid()),
    (nn.Softmax(), lambda x: torch.softmax(x, -1)),
    (nn.Softmax(axis=0), lambda x: torch.softmax(x, 0)),
    (nn.LogSoftmax(), lambda x: torch.log_softmax(x, -1)),
    (nn.LogSoftmax(axis=0), lambda x: torch.log_softmax(x, 0)),
]


@pytest.mark.parametrize(("module", "reference"), ACTIVATIONS)
def test_activations_are_their_functions(
    module: Any, reference: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    low = 0.1 if isinstance(module, nn.Log | nn.Sqrt) else -4
    data = np.random.default_rng(0).uniform(low, 4, (3, 4))
    expected = reference(torch.tensor(data)).numpy()
    np.testing.assert_allclose(module(tl.tensor(data)).numpy(), expected, 1e-12, 1e-14)
    assert module.output_shape((3, 4)) == (3, 4)
    assert not module.parameters()


LAYER_ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: make(nn.Linear, 0, 2), tl.ShapeError, "Linear: in_features must be positive, got 0"),
    (
        lambda: make(nn.Linear, 2, -1),
        tl.ShapeError,
        "Linear: out_features must be positive, got -1",
    ),
    (lambda: make(nn.Linear, 2.0, 3), TypeError, "Linear: sizes must be ints, got 2.0"),
    (lambda: make(nn.Linear, 2, "a"), TypeError, "Linear: sizes must be ints, got 'a'"),
    (
        lambda: call(linear(), tl.zeros((4, 3))),
        tl.ShapeError,
        "Linear(2, 2): expected last dimension 2, got 3; try nn.Linear(3, 2)",
    ),
    (
        lambda: call(linear(), tl.zeros(())),
        tl.ShapeError,
        "Linear(2, 2): expected last dimension 2, got a scalar",
    ),
    (
        lambda: call(linear(), tl.zeros((4, 2), np.float64)),
        tl.DtypeError,
        "linear: dtypes must agree, got float64 and float32: "
        "convert one with .astype(np.float32) or .astype(np.float64)",
    ),
    (
        lambda: call(linear(), np.zeros((4, 2), np.float32)),
        TypeError,
        "Linear(2, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)",
    ),
]


def make(layer: Any, *arguments: Any) -> Any:
    return layer(*arguments)


def call(layer: Any, x: Any) -> Any:
    return layer(x)


@pytest.mark.parametrize(("act", "error", "text"), LAYER_ERRORS)
def test_layer_errors(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


# Sequential -------------------------------------------------------------------------------------


def L(i: int, o: int) -> Any:
    return nn.Linear(i, o)


class Silent(nn.Module):
    """Keeps the shape, but does not tell."""

    def forward(self, x: Any) -> Any:
        return x


class First(nn.Module):
    """Keeps one column, but does not tell."""

    def forward(self, x: Any) -> Any:
        return x[..., :1]


class Block(nn.Module):
    def __init__(self) -> None:
        self.net: Any = nn.Sequential(L(3, 4), L(4, 3))

    def forward(self, x: Any) -> Any:
        return self.net(x)


CONSTRUCTION_ERRORS: list[tuple[tuple[Any, ...], str]] = [
    (
        (L(10, 32), nn.ReLU(), L(31, 2)),
        "Sequential[2] Linear(31, 2): expected last dimension 31, got 32 from Sequential[1] ReLU"
        "; try nn.Linear(32, 2)",
    ),
    (
        (L(10, 32), L(31, 2)),
        "Sequential[1] Linear(31, 2): expected last dimension 31, "
        "got 32 from Sequential[0] Linear(10, 32); try nn.Linear(32, 2)",
    ),
    (
        (L(10, 32), (L(32, 32), nn.ReLU(), L(31, 2))),
        "Sequential[1][2] Linear(31, 2): expected last dimension 31, "
        "got 32 from Sequential[1][1] ReLU; try nn.Linear(32, 2)",
    ),
    (
        (L(10, 32), nn.Sequential(L(31, 2), nn.ReLU())),
        "Sequential[1][0] Linear(31, 2): expected last dimension 31, "
        "got 32 from Sequential[0] Linear(10, 32); try nn.Linear(32, 2)",
    ),
    (
        (L(10, 32), (L(32, 5), (nn.ReLU(),)), L(32, 2)),
        "Sequential[2] Linear(32, 2): expected last dimension 32, "
        "got 5 from Sequential[1][1][0] ReLU; try nn.Linear(5, 2)",
    ),
    (
        (Silent(), L(10, 32), Silent(), L(5, 4), nn.Dropout(0.1), L(5, 4)),
        "Sequential[5] Linear(5, 4): expected last dimension 5, got 4 from Sequential[4] Dropout"
        "; try nn.Linear(4, 4)",
    ),
]


@pytest.mark.parametrize(("members", "text"), CONSTRUCTION_ERRORS)
def test_members_that_do_not_fit_are_found_at_construction(
    members: tuple[Any, ...], text: str
) -> None:
    for build, arguments in ((nn.Sequential, members), (nn.sequential, (members,))):
        with pytest.raises(tl.ShapeError) as raised:
            make(build, *arguments)
        assert str(raised.value) == text


CALL_ERRORS: list[tuple[tuple[Any, ...], tuple[int, ...], str]] = [
    (
        (L(3, 2),),
        (5, 4),
        "Sequential[0] Linear(3, 2): expected last dimension 3, got 4; try nn.Linear(4, 2)",
    ),
    (
        (nn.ReLU(), (L(3, 2),)),
        (5, 4),
        "Sequential[1][0] Linear(3, 2): expected last dimension 3, got 4 from Sequential[0] ReLU"
        "; try nn.Linear(4, 2)",
    ),
    (
        (L(4, 3), First(), L(3, 2)),
        (5, 4),
        "Sequential[2] Linear(3, 2): expected last dimension 3, got 1 from Sequential[1] First"
        "; try nn.Linear(1, 2)",
    ),
    (
        (Block(), L(3, 2)),
        (5, 4),
        "Sequential[0] Block: Sequential[0] Linear(3, 4): expected last dimension 3, got 4"
        "; try nn.Linear(4, 4)",
    ),
    (
        (Fields(forward=nn.Sequential((nn.ReLU(), L(3, 2)))),),
        (5, 4),
        "Sequential[0] Fields: Sequential[0][1] Linear(3, 2): expected last dimension 3, "
        "got 4 from Sequential[0][0] ReLU; try nn.Linear(4, 2)",
    ),
]


@pytest.mark.parametrize(("members", "shape", "text"), CALL_ERRORS)
def test_operands_that_do_not_fit_are_found_at_the_call(
    members: tuple[Any, ...], shape: tuple[int, ...], text: str
) -> None:
    x: Any = tl.zeros(shape)
    traced = x.traced()
    with pytest.raises(tl.ShapeError) as raised:
        nn.Sequential(*members)(traced)
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: make(nn.Sequential), "Sequential: expected at least one module"),
        (lambda: nn.sequential((L(2, 2), ())), "Sequential[1]: expected at least one module"),  # type: ignore[arg-type]
        (
            lambda: make(nn.Sequential, L(2, 2), (nn.ReLU(), [L(2, 2)])),
            "Sequential[1][1]: expected a module or a tuple of modules, got list: "
            "write *layers, or make it a tuple",
        ),
        (
            lambda: make(nn.Sequential, nn.ReLU),
            "Sequential[0]: expected a module or a tuple of modules, got type: write ReLU()",
        ),
        (
            lambda: make(nn.sequential, L(2, 2)),
            "sequential: expected a tuple of modules, got Linear",
        ),
    ],
)
def test_what_is_no_module(act: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as raised:
        act()
    assert str(raised.value) == text


def test_sequential_applies_its_members_in_order() -> None:
    layers = [L(3, 4), nn.Tanh(), L(4, 2)]
    model: Any = nn.Sequential(layers[0], (layers[1], layers[2]))
    x: Any = tl.randn((5, 3), rng=0)
    expected = layers[2](layers[1](layers[0](x)))
    np.testing.assert_array_equal(model(x).numpy(), expected.numpy())
    assert len(model) == 2
    assert list(model) == [model[0], model[1]]
    assert model[1][0] is layers[1]
    assert model[-1] is model[1]


def test_fields_of_a_subclass_are_no_members() -> None:
    class Named(nn.Sequential[Any, Any]):
        def __init__(self) -> None:
            super().__init__(L(3, 4), L(4, 3))
            self.name = "x"
            self.head: Any = L(9, 9)

    model: Any = Named()
    assert len(model) == 2
    assert model(tl.zeros((5, 3))).shape == (5, 3)
    assert len(model.parameters()) == 6


# Dropout ----------------------------------------------------------------------------------------


def ones(*shape: int, dtype: Any = np.float32) -> Any:
    return tl.ones(shape, dtype)


def test_dropout_acts_by_tape() -> None:
    layer: Any = nn.Dropout(0.5, rng=0)
    x = ones(100)
    assert layer(x) is x
    assert 0 in layer(x.traced()).numpy()
    assert layer(x) is x


@pytest.mark.parametrize("active", [True, False])
def test_active_overrides_the_tape(active: bool) -> None:
    layer: Any = nn.Dropout(0.5, active=active, rng=0)
    for x in (ones(100), ones(100).traced()):
        assert (0 in layer(x).numpy()) is active


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_dropout_zeroes_with_probability_p_and_scales_the_rest(p: float, dtype: Any) -> None:
    x = ones(100, 100, dtype=dtype)
    y = tl.dropout(x.traced(), p, rng=0)
    kept = y.numpy() != 0
    scale = dtype(1 / (1 - p)) if p < 1 else dtype(0)
    np.testing.assert_array_equal(y.numpy(), np.where(kept, scale, 0))
    assert kept.mean() == pytest.approx(1 - p, abs=4 * np.sqrt(p * (1 - p)) / 100)
    assert y.dtype == dtype
    gradient = (y * 3.0).sum().backward()[x]
    np.testing.assert_array_equal(gradient.numpy(), 3 * y.numpy())
    assert gradient.dtype == dtype


def test_dropout_of_one_number_and_of_none() -> None:
    assert tl.dropout(ones(), 0.0).shape == ()
    x = ones().traced()
    assert tl.dropout(x, 0.5, rng=0).sum().item() in (0, 2)
    assert tl.dropout(ones(0, 3), 0.5).shape == (0, 3)


def test_the_function_acts_without_a_tape_and_reproduces() -> None:
    masks = [tl.dropout(ones(50), rng=seed).tolist() for seed in (1, 1, 2)]
    assert masks[0] == masks[1] != masks[2]
    assert 0 in masks[0]
    stream = np.random.default_rng(1)
    assert tl.dropout(ones(50), rng=stream).tolist() == masks[0]
    assert tl.dropout(ones(50), rng=stream).tolist() != masks[0]


def test_each_dropout_has_a_stream_of_its_own_that_reset_params_starts_anew() -> None:
    first, second = nn.Dropout(active=True), nn.Dropout(active=True)
    model = nn.Sequential(first, L(50, 50), second)

    def masks() -> list[Any]:
        return [call(layer, ones(50)).tolist() for layer in (first, second, first)]

    model.reset_params(3)
    before = masks()
    assert before[0] != before[1]
    assert before[0] != before[2]
    model.reset_params(3)
    assert masks() == before
    assert masks() != before
    model.reset_params(4)
    assert masks() != before


def test_dropouts_do_not_change_what_parameters_are_drawn() -> None:
    model, plain = nn.Sequential(nn.Dropout(), L(3, 2)), nn.Sequential(nn.ReLU(), L(3, 2))
    model.reset_params(0)
    plain.reset_params(0)
    assert_same(values(model), values(plain))


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_probabilities_are_from_0_to_1(p: float) -> None:
    with pytest.raises(ValueError, match=f"^Dropout: p must be from 0 to 1, got {p}$"):
        nn.Dropout(p)
    with pytest.raises(ValueError, match=f"^dropout: p must be from 0 to 1, got {p}$"):
        tl.dropout(ones(2), p)


def test_dropout_refuses_what_it_cannot_scale() -> None:
    x: Any = tl.tensor([1, 2])
    with pytest.raises(tl.DtypeError, match=r"^dropout: expected a floating dtype, got int64"):
        tl.dropout(x)
    with pytest.raises(TypeError, match=r"^Dropout: expected a tensor, got list: wrap it"):
        call(nn.Dropout(), [1.0])


def test_dropout_of_a_tensor_whose_tape_has_moved_is_an_error_not_an_identity() -> None:
    x = ones(3).traced()
    x.sum()
    with pytest.raises(tl.TapeMovedError, match=r"^Dropout: the tape of this tensor moved"):
        call(nn.Dropout(), x)


# with_active ------------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self) -> None:
        self.encoder: Any = nn.Sequential(L(20, 20), nn.Dropout())
        self.blocks: Any = [nn.Dropout(), {"a": (nn.Dropout(),)}]
        self.pair: Any = Pair(nn.Dropout(), L(2, 2))
        self.encoders: Any = nn.Dropout()


def switches(model: nn.Module) -> dict[str, bool | None]:
    return {path: m.active for path, m in model.named_modules() if isinstance(m, nn.Dropout)}


ALL = ["encoder.1", "blocks.0", "blocks.1.a.0", "pair.0", "encoders"]


@pytest.mark.parametrize(
    ("paths", "changed"),
    [
        ((), ALL),
        (("",), ALL),
        (("encoder",), ["encoder.1"]),
        (("encoder.1",), ["encoder.1"]),
        (("blocks",), ["blocks.0", "blocks.1.a.0"]),
        (("blocks.1", "pair"), ["blocks.1.a.0", "pair.0"]),
        (("encoder.0",), []),
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_with_active_overrides_by_path(
    paths: tuple[str, ...], changed: list[str], active: bool
) -> None:
    model = Net()
    copied = model.with_active(active, *paths)
    assert switches(copied) == {path: active if path in changed else None for path in ALL}
    assert switches(model) == dict.fromkeys(ALL)
    assert type(copied.pair) is Pair
    assert [a is b for a, b in zip(copied.parameters(), model.parameters(), strict=True)] == [
        True
    ] * 4
    assert switches(copied.with_active(None)) == dict.fromkeys(ALL)


def test_with_active_gives_monte_carlo_dropout() -> None:
    model: Any = nn.Sequential(nn.Dropout(0.5, rng=0), L(20, 20))
    x = ones(20)
    assert model(x).tolist() == model(x).tolist()
    sampler = model.with_active(True)
    assert sampler(x).tolist() != sampler(x).tolist()
    assert model.with_active(False)(x.traced()).tolist() == model(x).tolist()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("encodr", "with_active: the model has no 'encodr': did you mean 'encoder'?"),
        ("encoder.7", "with_active: the model has no 'encoder.7': did you mean 'encoder.1'?"),
        ("q", "with_active: the model has no 'q'"),
    ],
)
def test_with_active_knows_its_paths(path: str, text: str) -> None:
    with pytest.raises(ValueError, match="with_active") as raised:
        Net().with_active(False, path)
    assert str(raised.value) == text


# build ------------------------------------------------------------------------------------------

Small: TypeAlias = nn.Sequential[
    nn.Linear[Literal[10], Literal[32]], nn.ReLU, nn.Linear[Literal[32], Literal[2]]
]


class Widened(nn.Module, Generic[N]):
    """A user's generic module."""

    def __init__(self, n: N) -> None:
        self.layer: Any = nn.Linear(n, 2 * n)


class Plain(nn.Module):
    def __init__(self) -> None:
        self.layers: Any = [L(3, 2), L(2, 2)]


def subscribed(model: Any, *arguments: Any) -> Any:
    """Return ``model[*arguments]`` where mypy would refuse it."""
    return model[arguments]


MODELS: list[tuple[Any, list[str]]] = [
    (Small, ["(32, 10)", "(32,)", "(2, 32)", "(2,)"]),
    (nn.Linear[Literal[3], Literal[2]], ["(2, 3)", "(2,)"]),
    (subscribed(nn.Linear, 3, 2), ["(2, 3)", "(2,)"]),
    (nn.Sequential[nn.Sequential[nn.Linear[Literal[3], Literal[2]]], nn.Tanh], ["(2, 3)", "(2,)"]),
    (
        nn.Sequential[nn.Dropout, tuple[nn.ReLU, tuple[nn.Linear[Literal[1], Literal[2]]]]],
        ["(2, 1)", "(2,)"],
    ),
    (Widened[Literal[3]], ["(6, 3)", "(6,)"]),
    (Plain, ["(2, 3)", "(2,)", "(2, 2)", "(2,)"]),
    (TypeAliasType("Alias", nn.Linear[Literal[3], Literal[2]]), ["(2, 3)", "(2,)"]),
    (nn.Sequential[Plain, nn.Softmax], ["(2, 3)", "(2,)", "(2, 2)", "(2,)"]),
]


@pytest.mark.parametrize(("stated", "shapes"), MODELS)
def test_build_makes_the_model_and_draws_as_reset_params(stated: Any, shapes: list[str]) -> None:
    model = nn.build(stated, rng=5)
    assert [str(p.shape) for p in model.parameters()] == shapes
    drawn = values(model)
    model.reset_params(5)
    assert_same(values(model), drawn)
    assert differ(values(nn.build(stated, rng=6)), drawn)
    assert differ(values(nn.build(stated)), drawn)


def test_build_draws_what_constructing_with_one_generator_draws() -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(10, 32, rng=rng), nn.ReLU(), nn.Linear(32, 2, rng=rng))
    assert_same(values(nn.build(Small, rng=0)), values(model))


BUILD_ERRORS: list[tuple[Any, type[Exception], str]] = [
    (3, TypeError, "build: expected a module class, got 3"),
    (int, TypeError, "build: expected a module class, got int"),
    (nn.ReLU(), TypeError, "build: expected a module class, got ReLU()"),
    (tuple[nn.ReLU], TypeError, "build: expected a module class, got tuple"),
    (
        nn.Sequential[nn.ReLU, int],
        TypeError,
        "build: Sequential[1]: expected a module class, got int",
    ),
    (
        nn.Sequential[nn.ReLU, tuple[nn.ReLU, list[nn.ReLU]]],
        TypeError,
        "build: Sequential[1][1]: expected a module class, got list",
    ),
    (
        nn.Sequential[nn.ReLU, nn.Linear[Literal[3], int]],
        TypeError,
        "build: Sequential[1] Linear: type arguments must be Literal ints, got <class 'int'>",
    ),
    (
        subscribed(nn.Linear, Literal["a"], Literal[2]),
        TypeError,
        "build: Linear: type arguments must be Literal ints, got typing.Literal['a']",
    ),
    (
        nn.Linear[Literal[1, 2], Literal[2]],
        TypeError,
        "build: Linear: type arguments must be Literal ints, got typing.Literal[1, 2]",
    ),
    (
        subscribed(nn.Linear, Literal[True], Literal[2]),
        TypeError,
        "build: Linear: type arguments must be Literal ints, got typing.Literal[True]",
    ),
    (
        Widened[Any],
        TypeError,
        "build: Widened: type arguments must be Literal ints, got typing.Any",
    ),
    (nn.Linear, TypeError, "build: Linear: missing a required argument: 'in_features'"),
    (nn.Sequential, TypeError, "Sequential: expected at least one module"),
    (
        nn.Sequential[nn.Linear[Literal[3], Literal[2]], nn.Linear[Literal[3], Literal[2]]],
        tl.ShapeError,
        "Sequential[1] Linear(3, 2): expected last dimension 3, "
        "got 2 from Sequential[0] Linear(3, 2); try nn.Linear(2, 2)",
    ),
]


@pytest.mark.parametrize(("stated", "error", "text"), BUILD_ERRORS)
def test_build_errors(stated: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        nn.build(stated)
    assert str(raised.value) == text
