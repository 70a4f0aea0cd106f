"""Containers and the layers that rearrange: values, gradients, tapes, shapes and errors."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import nn, optim

N = TypeVar("N", bound=int)
Array = np.ndarray[Any, np.dtype[Any]]


def L(i: int, o: int) -> Any:
    return nn.Linear(i, o)


def make(container: Any, *members: Any) -> Any:
    """Build a container where mypy would refuse it, or could not tell what it is."""
    return container(*members)


def values(model: nn.Module) -> dict[str, Array]:
    return {path: parameter.numpy().copy() for path, parameter in model.named_parameters()}


# Values and gradients -----------------------------------------------------------------------------


def torch_linear(layer: Any) -> torch.nn.Linear:
    """PyTorch's layer with our layer's weights."""
    out, inside = layer.weight.shape
    theirs = torch.nn.Linear(inside, out, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(layer.weight.numpy()))
        theirs.bias.copy_(torch.tensor(layer.bias.numpy()))
    return theirs


def residual(f: Any) -> Any:
    g = torch_linear(f[0])
    return [g], lambda x: torch.tanh(g(x)) + x


def residual_mul(f: Any) -> Any:
    g = torch_linear(f[0])
    return [g], lambda x: torch.tanh(g(x)) * x


def generalized(f: Any, r: Any) -> Any:
    g, h = torch_linear(f), torch_linear(r)
    return [g, h], lambda x: g(x) + h(x)


def repeated(*blocks: Any) -> Any:
    layers = [torch_linear(block.f) for block in blocks]

    def forward(x: Any) -> Any:
        for layer in layers:
            x = layer(x) + x
        return x

    return layers, forward


def split_and_added(split: Any, add: Any) -> Any:
    heads = [torch_linear(head) for head in (*split, *add)]

    def forward(x: Any) -> Any:
        return heads[2](heads[0](x)) + heads[3](heads[1](x))

    return heads, forward


MODELS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "Residual": (lambda: nn.Residual((L(4, 4), nn.Tanh())), lambda m: residual(m.f)),
    "ResidualMul": (lambda: nn.ResidualMul((L(4, 4), nn.Tanh())), lambda m: residual_mul(m.f)),
    "GeneralizedResidual": (
        lambda: nn.GeneralizedResidual(L(4, 3), L(4, 3)),
        lambda m: generalized(m.f, m.r),
    ),
    "Repeated": (lambda: nn.Repeated(lambda: nn.Residual(L(4, 4)), 3), lambda m: repeated(*m)),
    "SplitInto, AddInto": (
        lambda: nn.Sequential(nn.SplitInto(L(4, 2), L(4, 3)), nn.AddInto(L(2, 5), L(3, 5))),
        lambda m: split_and_added(m[0], m[1]),
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch", [(), (5,), (2, 3)])
def test_values_and_gradients_are_pytorchs(name: str, batch: tuple[int, ...]) -> None:
    build, reference = MODELS[name]
    model = build().astype(np.float64)
    layers, forward = reference(model)
    rng = np.random.default_rng(0)
    data = rng.standard_normal((*batch, 4))
    x: Any = tl.tensor(data)
    y = model(x.traced())
    weights = rng.standard_normal(y.shape)
    gradients = (y * tl.tensor(weights)).sum().backward()
    torch_x = torch.tensor(data, requires_grad=True)
    torch_y = forward(torch_x)
    (torch_y * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(y.numpy(), torch_y.detach().numpy(), 1e-10, 1e-12)
    leaves = [torch_x, *(leaf for layer in layers for leaf in (layer.weight, layer.bias))]
    for mine, peer in zip((x, *model.parameters()), leaves, strict=True):
        assert peer.grad is not None
        np.testing.assert_allclose(gradients[mine].numpy(), peer.grad.numpy(), 1e-10, 1e-12)
    np.testing.assert_array_equal(model(x).numpy(), y.numpy())


LAYERS: list[tuple[Any, Callable[[torch.Tensor], torch.Tensor], tuple[int, ...]]] = [
    (nn.Flatten(), torch.nn.Flatten(), (2, 3, 4, 5)),
    (nn.Flatten(), torch.nn.Flatten(), (2, 3)),
    (nn.Flatten(0, 1), torch.nn.Flatten(0, 1), (2, 3, 4)),
    (nn.Flatten(-2), torch.nn.Flatten(-2), (2, 3, 4)),
    (nn.Flatten(end_axis=2), torch.nn.Flatten(end_dim=2), (0, 3, 4, 5)),
    (nn.FlattenImage(), torch.nn.Flatten(-3), (2, 3, 4, 5)),
    (nn.FlattenImage(), torch.nn.Flatten(-3), (3, 4, 5)),
    (nn.FlattenImage(), torch.nn.Flatten(-3), (7, 2, 3, 4, 1)),
    (nn.Reshape((4, 3)), lambda x: x.reshape(2, 4, 3), (2, 3, 4)),
    (nn.Reshape((-1, 2)), lambda x: x.reshape(2, 6, 2), (2, 3, 4)),
    (nn.Reshape(()), lambda x: x.reshape(5), (5, 1)),
    (nn.Reshape((3, -1)), lambda x: x.reshape(0, 3, 4), (0, 12)),
]


@pytest.mark.parametrize(("layer", "reference", "shape"), LAYERS)
def test_layers_that_rearrange_are_pytorchs(
    layer: Any, reference: Callable[[torch.Tensor], torch.Tensor], shape: tuple[int, ...]
) -> None:
    data = np.random.default_rng(0).standard_normal(shape)
    x: Any = tl.tensor(data)
    y = layer(x.traced())
    torch_x = torch.tensor(data, requires_grad=True)
    torch_y = reference(torch_x)
    np.testing.assert_array_equal(y.numpy(), torch_y.detach().numpy())
    assert layer.output_shape(shape) == y.shape
    torch_y.exp().sum().backward()  # type: ignore[no-untyped-call]
    assert torch_x.grad is not None
    np.testing.assert_allclose(
        y.exp().sum().backward()[x].numpy(), torch_x.grad.numpy(), 1e-10, 1e-12
    )
    assert not layer.parameters()


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_bias_adds_a_trained_vector(batch: tuple[int, ...]) -> None:
    layer: Any = nn.Bias(4)
    assert layer.bias.tolist() == [0, 0, 0, 0]
    layer.bias.write(np.arange(4.0), "test")
    data = np.random.default_rng(0).standard_normal((*batch, 4)).astype(np.float32)
    x: Any = tl.tensor(data)
    y = layer(x.traced())
    np.testing.assert_array_equal(y.numpy(), data + np.arange(4, dtype=np.float32))
    exponentials = np.exp(y.numpy())
    gradients = y.exp().sum().backward()
    np.testing.assert_allclose(gradients[x].numpy(), exponentials, 1e-6)
    summed = exponentials.reshape(-1, 4).sum(0)
    np.testing.assert_allclose(gradients[layer.bias].numpy(), summed, 1e-6)
    layer.reset_params(rng=0)
    assert layer.bias.tolist() == [0, 0, 0, 0]


# Tapes --------------------------------------------------------------------------------------------


def test_a_residual_acts_as_in_training_only_where_a_tape_is() -> None:
    model: Any = nn.Residual(nn.Dropout(0.5, rng=0))
    x: Any = tl.ones((200,))
    assert set(model(x).tolist()) == {2.0}
    assert set(model(x.traced()).tolist()) == {1.0, 3.0}


@pytest.mark.parametrize("container", [nn.Residual, nn.ResidualMul])
def test_a_residual_that_fails_leaves_the_tape(container: Any) -> None:
    class Picky(nn.Module):
        def forward(self, x: Any) -> Any:
            return x @ tl.ones((x.shape[-1], 2))

    x: Any = tl.ones((3, 4)).traced()
    with pytest.raises(tl.ShapeError, match=r"f must keep the shape \(3, 4\), got \(3, 2\)"):
        container(Picky())(x)
    x.sum().backward()


def test_the_operand_of_a_residual_moves() -> None:
    x: Any = tl.ones((3, 4)).traced()
    nn.Residual(L(4, 4))(x)
    with pytest.raises(tl.TapeMovedError):
        x.sum()
    with pytest.raises(tl.TapeMovedError):
        nn.Residual(L(4, 4))(x)


def heads() -> Any:
    return nn.Sequential(L(4, 3), nn.SplitInto(L(3, 2), L(3, 1)))


def test_each_result_of_split_into_owns_the_whole_history() -> None:
    model = heads()
    x: Any = tl.ones((5, 4))
    first, second = model(x.traced())
    assert first.owns_tape
    assert second.owns_tape
    gradients = first.sum().backward()
    used = [path for path, p in model.named_parameters() if p in gradients]
    assert used == ["0.weight", "0.bias", "1.0.weight", "1.0.bias"]
    assert x in gradients
    with pytest.raises(tl.TapeError, match="add the losses and call backward once"):
        second.sum().backward()


def test_the_losses_of_several_heads_add_up() -> None:
    model = heads()
    x: Any = tl.ones((5, 4))

    def gradients(loss: Callable[[Any, Any], Any]) -> Any:
        return loss(*model(x.traced())).backward()

    together = gradients(lambda a, b: a.square().sum() + b.sum())
    apart = gradients(lambda a, b: a.square().sum()) + gradients(lambda a, b: b.sum())
    for parameter in (x, *model.parameters()):
        np.testing.assert_allclose(together[parameter].numpy(), apart[parameter].numpy(), 1e-5)


def test_an_unused_head_is_named_by_the_optimizer() -> None:
    model = heads()
    sgd = optim.SGD(model, lr=0.1)
    first, _ = model(tl.ones((5, 4)).traced())
    gradients = first.sum().backward()
    with pytest.raises(tl.TensorlibError, match=r"no gradient for 1\.1\.weight, 1\.1\.bias"):
        sgd.update(model, gradients)
    sgd.update(model, gradients, allow_unused=["1.1"])


def test_split_into_without_a_tape_records_nothing() -> None:
    first, second = heads()(tl.ones((5, 4)))
    assert not first.owns_tape
    assert not second.owns_tape


def test_add_into_merges_what_tapes_there_are() -> None:
    model: Any = nn.AddInto(L(4, 2), L(3, 2))
    x, z = tl.ones((5, 4)), tl.ones((5, 3))
    y = model((x, z.traced()))
    gradients = y.sum().backward()
    # What the first head records nothing for is a constant: its operand owned no tape.
    used = [path for path, p in model.named_parameters() if p in gradients]
    assert used == ["1.weight", "1.bias"]
    assert z in gradients
    assert x not in gradients
    gradients = model([x.traced(), z.traced()]).sum().backward()
    assert len(gradients) == 6


# Structure ----------------------------------------------------------------------------------------


def test_members_have_paths_and_places() -> None:
    model: Any = nn.Sequential(
        nn.GeneralizedResidual((L(4, 4), nn.ReLU()), L(4, 4)),
        nn.Repeated(lambda: nn.Residual(L(4, 4)), 2),
        nn.SplitInto(nn.ResidualMul(nn.Bias(4)), L(4, 1)),
    )
    paths = [path for path, _ in model.named_parameters() if not path.endswith("bias")]
    assert paths == ["0.f.0.weight", "0.r.weight", "1.0.f.weight", "1.1.f.weight", "2.1.weight"]
    assert isinstance(model[0].f, nn.Sequential)
    assert model[0].members == (model[0].f, model[0].r)
    assert list(model[1]) == [model[1][0], model[1][1]]
    assert len(model[2]) == 2
    assert model[2][-1] is model[2].members[1]
    assert repr(model[2]) == (
        "SplitInto(\n  0: ResidualMul(\n    f: Bias(4)\n  )\n  1: Linear(4, 1)\n)"
    )


def test_repeated_blocks_have_parameters_of_their_own() -> None:
    model = nn.Repeated(partial(nn.Linear, 3, 3), 4)
    assert len({p.id for p in model.parameters()}) == 8
    model.reset_params(0)
    weights = [block.weight.tolist() for block in model]
    assert all(weights[0] != other for other in weights[1:])
    model.reset_params(0)
    assert [block.weight.tolist() for block in model] == weights
    assert nn.Repeated(nn.ReLU, 3)[2].label() == "ReLU"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_containers_are_copied_saved_and_loaded(copied: Any, tmp_path: Path) -> None:
    def model() -> Any:
        return nn.Sequential(nn.Repeated(lambda: nn.Residual(L(4, 4)), 2), nn.Flatten(0))

    first, second = model(), model()
    first.save(tmp_path / "model.npz")
    second.load(tmp_path / "model.npz")
    x = tl.ones((5, 4))
    for other in (second, copied(first)):
        assert other(x).tolist() == first(x).tolist()
        assert not set(other.parameters()) & set(first.parameters())


def test_with_active_reaches_into_containers() -> None:
    model: Any = nn.Residual(nn.SplitInto(nn.Dropout(), (nn.ReLU(), nn.Dropout())).members[1])
    copied = model.with_active(False, "f.1")
    assert copied.f[1].active is False
    assert model.f[1].active is None
    assert copied(tl.ones((9,)).traced()).tolist() == [2.0] * 9


# Shapes -------------------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn, width: int, depth: int) -> tuple[Any, int]:
    """Draw a module that takes a last dimension, and the last dimension of its result."""
    kinds = ["Linear", "ReLU", "Bias"]
    if depth:
        kinds += ["Sequential", "Residual", "ResidualMul", "GeneralizedResidual", "Repeated", "Add"]
    kind = draw(st.sampled_from(kinds))
    if kind == "Linear":
        out = draw(st.integers(1, 4))
        return L(width, out), out
    if kind in ("ReLU", "Bias"):
        return (nn.ReLU() if kind == "ReLU" else nn.Bias(width)), width
    first, out = draw(trees(width, depth - 1))
    if kind == "Sequential":
        second, last = draw(trees(out, depth - 1))
        return make(nn.Sequential, first, second), last
    if kind == "GeneralizedResidual":
        return make(nn.GeneralizedResidual, first, L(width, out)), out
    if kind == "Add":
        split = make(nn.SplitInto, first, L(width, 3))
        return make(nn.Sequential, split, nn.AddInto(L(out, 2), L(3, 2))), 2
    back = make(nn.Sequential, first, L(out, width))
    if kind == "Repeated":
        return make(nn.Repeated, lambda: copy.deepcopy(back), 2), width
    return make(getattr(nn, kind), back), width


@given(st.data(), st.integers(1, 4), st.sampled_from([(), (2,), (3, 1)]))
@settings(max_examples=60, deadline=None)
def test_the_shape_foretold_is_the_shape_computed(
    data: st.DataObject, width: int, batch: tuple[int, ...]
) -> None:
    model, out = data.draw(trees(width, 3))
    shape = (*batch, width)
    x: Any = tl.ones(shape)
    assert model.output_shape(shape) == model(x).shape == (*batch, out)
    with pytest.raises(tl.ShapeError) as foretold:
        make(nn.Sequential, L(3, width + 1), L(width + 1, width), model, L(out + 1, 1))
    assert f"expected last dimension {out + 1}, got {out} from" in str(foretold.value)


def test_several_results_have_several_shapes() -> None:
    split: Any = nn.SplitInto(L(4, 2), nn.ReLU())
    assert split.output_shape((5, 4)) == ((5, 2), (5, 4))
    assert nn.AddInto(L(2, 3), L(4, 3)).output_shape(((5, 2), (5, 4))) == (5, 3)
    assert str(split.input_shape()) == str(nn.Residual((nn.ReLU(), L(4, 4))).input_shape())


# Stated as types ----------------------------------------------------------------------------------

STATED: list[tuple[Any, list[str]]] = [
    (nn.Residual[nn.Linear[Literal[4], Literal[4]]], ["f.weight", "f.bias"]),
    (nn.Residual[tuple[nn.ReLU, nn.Bias[Literal[4]]]], ["f.1.bias"]),
    (nn.ResidualMul[nn.Bias[Literal[4]]], ["f.bias"]),
    (
        nn.GeneralizedResidual[nn.Bias[Literal[4]], tuple[nn.Bias[Literal[4]]]],
        ["f.bias", "r.0.bias"],
    ),
    (nn.Repeated[nn.Residual[nn.Bias[Literal[4]]], Literal[2]], ["0.f.bias", "1.f.bias"]),
    (nn.Sequential[nn.Repeated[nn.Bias[Literal[4]], Literal[1]], nn.ReLU], ["0.0.bias"]),
    (nn.SplitInto[nn.Bias[Literal[4]], tuple[nn.Bias[Literal[4]]]], ["0.bias", "1.0.bias"]),
    (nn.AddInto[nn.Bias[Literal[4]], nn.Bias[Literal[4]]], ["0.bias", "1.bias"]),
    (nn.Sequential[nn.Flatten, nn.Reshape[tuple[Literal[2], Literal[-1]]]], []),
    (nn.Flatten[Literal[0], Literal[1]], []),
]


@pytest.mark.parametrize(("stated", "paths"), STATED)
def test_containers_are_built_from_types(stated: Any, paths: list[str]) -> None:
    model: Any = nn.build(stated, rng=0)
    assert [path for path, _ in model.named_parameters()] == paths
    x = (tl.ones((5, 4)), tl.ones((5, 4))) if isinstance(model, nn.AddInto) else tl.ones((5, 4))
    model(x)


class Encoder(nn.Sequential[Any, Any], Generic[N]):
    """A class derived from a container, with sizes of its own."""

    def __init__(self, n: N) -> None:
        super().__init__(nn.Linear(n, n), nn.ReLU())


def test_a_class_derived_from_a_container_is_built_by_its_own_constructor() -> None:
    model: Any = nn.build(Encoder[Literal[4]])
    assert model(tl.ones((4,))).shape == (4,)
    with pytest.raises(tl.ShapeError) as raised:
        make(nn.Sequential, L(4, 3), model)(tl.ones((4,)))
    assert str(raised.value) == (
        "Sequential[1] Encoder: Sequential[0] Linear(4, 4): expected last dimension 4, got 3"
        "; try nn.Linear(3, 4)"
    )


# Errors -------------------------------------------------------------------------------------------


class Narrow(nn.Module):
    """Does not tell its shape."""

    def forward(self, x: Any) -> Any:
        return x[..., :1]


BUILD_ERRORS: list[tuple[Any, str]] = [
    (nn.Residual, "build: Residual: missing a required argument: 'f'"),
    (nn.Residual[int], "build: Residual.f: expected a module class, got int"),
    (nn.Residual[tuple[nn.ReLU, int]], "build: Residual.f[1]: expected a module class, got int"),
    (nn.Repeated, "build: Repeated: missing a required argument: 'make'"),
    (
        nn.Repeated[nn.ReLU, int],
        "build: Repeated: type arguments must be Literal ints, got <class 'int'>",
    ),
    (
        nn.Reshape[tuple[Literal[2], int]],
        "build: Reshape: type arguments must be Literal ints, got <class 'int'>",
    ),
    (nn.SplitInto, "SplitInto: expected at least one module"),
]


@pytest.mark.parametrize(("stated", "text"), BUILD_ERRORS)
def test_what_cannot_be_built(stated: Any, text: str) -> None:
    with pytest.raises(TypeError) as raised:
        nn.build(stated)
    assert str(raised.value) == text


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: make(nn.Residual, nn.ReLU),
        TypeError,
        "Residual.f: expected a module or a tuple of modules, got type: write ReLU()",
    ),
    (lambda: make(nn.Residual, ()), TypeError, "Residual.f: expected at least one module"),
    (
        lambda: make(nn.GeneralizedResidual, nn.ReLU(), 3),
        TypeError,
        "GeneralizedResidual.r: expected a module or a tuple of modules, got int",
    ),
    (lambda: make(nn.AddInto), TypeError, "AddInto: expected at least one module"),
    (
        lambda: make(nn.SplitInto, nn.ReLU(), (nn.ReLU(), 3)),
        TypeError,
        "SplitInto[1][1]: expected a module or a tuple of modules, got int",
    ),
    (
        lambda: make(nn.Repeated, L(4, 4), 3),
        TypeError,
        "Repeated: expected a function that makes a module, got Linear(4, 4): "
        "pass lambda: ..., so that each block has parameters of its own",
    ),
    (
        lambda: make(nn.Repeated, lambda: 3, 3),
        TypeError,
        "Repeated: expected a module from make, got int",
    ),
    (
        lambda: make(nn.Repeated, nn.ReLU, 2.0),
        TypeError,
        "Repeated: n must be an int, got 2.0",
    ),
    (
        lambda: make(nn.Repeated, nn.ReLU, 0),
        tl.ShapeError,
        "Repeated: n must be positive, got 0",
    ),
    (
        lambda: make(nn.Repeated, iter([nn.ReLU(), L(4, 2)]).__next__, 2)(tl.ones((3, 4))),
        tl.ShapeError,
        "Repeated: each copy must keep the shape (..., 4), "
        "got (..., 2) from Repeated[1] Linear(4, 2); try nn.Linear(4, 4)",
    ),
    (
        lambda: make(nn.Sequential, L(3, 4), nn.Residual(Narrow()))(tl.ones((2, 3))),
        tl.ShapeError,
        "Sequential[1] Residual: f must keep the shape (2, 4), "
        "got (2, 1) from Sequential[1].f Narrow",
    ),
    (
        lambda: make(nn.GeneralizedResidual, nn.ReLU(), Narrow())(tl.ones((2, 3))),
        tl.ShapeError,
        "GeneralizedResidual: f and r must return the same shape, "
        "got (2, 3) from GeneralizedResidual.f ReLU and (2, 1) from GeneralizedResidual.r Narrow",
    ),
    (
        lambda: make(nn.AddInto, nn.ReLU(), nn.ReLU())(tl.ones((2, 3))),
        tl.ShapeError,
        "AddInto: expected a tuple of 2 tensors, got a tensor",
    ),
    (
        lambda: make(nn.AddInto, nn.ReLU(), nn.ReLU())(3),
        TypeError,
        "AddInto: expected a tuple of 2 tensors, got int",
    ),
    (
        lambda: make(nn.Sequential, L(3, 4), nn.AddInto(nn.ReLU(), nn.ReLU())),
        tl.ShapeError,
        "Sequential[1] AddInto: expected a tuple of 2 tensors, got a tensor",
    ),
    (lambda: make(nn.Bias, 0), tl.ShapeError, "Bias: size must be positive, got 0"),
    (lambda: make(nn.Bias, "a"), TypeError, "Bias: sizes must be ints, got 'a'"),
    (
        lambda: make(nn.Bias(3), tl.ones(())),
        tl.ShapeError,
        "Bias(3): expected last dimension 3, got a scalar",
    ),
    (
        lambda: make(nn.Bias(3), tl.ones((2, 1))),
        tl.ShapeError,
        "Bias(3): expected last dimension 3, got 1; try nn.Bias(1)",
    ),
    (
        lambda: make(nn.Bias(3), [1.0]),
        TypeError,
        "Bias(3): expected a tensor, got list: wrap it with tl.tensor(...)",
    ),
    (lambda: make(nn.Reshape((3,)), 1.0), TypeError, "Reshape((3,)): expected a tensor, got float"),
    (
        lambda: make(nn.Reshape((3, -1)), tl.ones((2, 4))),
        tl.ShapeError,
        "Reshape((3, -1)): the number of elements must stay, "
        "got (4,) and (3, -1): 4 is not a multiple of 3",
    ),
    (
        lambda: make(nn.Flatten(1, 3), tl.ones((2, 4))),
        tl.IndexOutOfRangeError,
        "Flatten(1, 3): axis 3 is out of range for shape (2, 4): use -2 to 1",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), ERRORS)
def test_errors(act: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act()
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("chain", "shape", "expected"),
    [
        (lambda: nn.Sequential(nn.BatchNorm2d(3), nn.MaxPool2d(2)), (3, 4, 6), (3, 2, 3)),
        (
            lambda: nn.Sequential(nn.BatchNorm2d(3), nn.FlattenImage(), nn.Linear(12, 5)),
            (2, 3, 2, 2),
            (2, 5),
        ),
    ],
)
def test_sizes_that_the_first_member_leaves_open_are_settled_by_the_call(
    chain: Callable[[], nn.Module], shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    """Building must not demand that a chain takes images of every size."""
    model: Any = chain()
    assert model(tl.zeros(shape)).shape == expected
