"""The backward pass: merged tapes, what it refuses, the gradients it gives, and what it costs."""

from __future__ import annotations

import gc
import random
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tests.leaves import leaf, named_pair, parameter, taped

# Merging -----------------------------------------------------------------------------------------


def random_graph(seed: int) -> tuple[Any, Any]:
    """The same random graph in both libraries: gradients of its three leaves."""
    choose = random.Random(seed)
    values = np.random.default_rng(seed).uniform(0.5, 1.5, (3, 4))
    leaves: list[Any] = [tl.tensor(row) for row in values]
    inputs = [torch.tensor(row, requires_grad=True) for row in values]
    ours: list[Any] = [x.traced() * 1 for x in leaves]
    theirs: list[Any] = [x * 1 for x in inputs]

    def use(index: int) -> Any:
        """The value itself while it owns its tape and chance wills, else a borrowed handle."""
        x = ours[index]
        return x if x.owns_tape and choose.random() < 0.5 else x.with_empty_tape()

    for _ in range(choose.randrange(5, 40)):
        i, j = choose.randrange(len(ours)), choose.randrange(len(ours))
        kind = choose.randrange(6)
        if kind == 0:
            ours.append(use(i).tanh())
            theirs.append(theirs[i].tanh())
        elif kind == 1:
            first = use(i)
            ours.append(first * first)
            theirs.append(theirs[i] * theirs[i])
        elif kind == 2:
            ours.append((use(i) - use(j) if i != j else use(i) - ours[i].with_empty_tape()) * 0.5)
            theirs.append((theirs[i] - theirs[j]) * 0.5)
        elif kind == 3:
            a, b = tl.broadcast_arrays(use(i), ours[j].with_empty_tape())
            ours += [a, b]
            theirs += [theirs[i], theirs[j]]
        elif kind == 4 and ours[i].owns_tape:
            bare, tape = ours[i].split_tape()
            ours.append(bare.put_tape(tape))
            theirs.append(theirs[i])
        else:
            ours.append((use(i) * ours[j].with_empty_tape()).sigmoid())
            theirs.append((theirs[i] * theirs[j]).sigmoid())
    # The loss takes every tape that is still held, so that no history is missing.
    order = [k for k, x in enumerate(ours) if x.owns_tape]
    choose.shuffle(order)
    total, expected = None, torch.tensor(0.0, dtype=torch.float64)
    for k in order:
        weight = choose.uniform(-1, 1)
        term = (ours[k] * weight).sum()
        total = term if total is None else total + term
        expected = expected + (theirs[k] * weight).sum()
    assert total is not None
    expected.backward()  # type: ignore[no-untyped-call]
    gradients = total.backward()
    found = [gradients[x].numpy() if x in gradients else np.zeros(4) for x in leaves]
    return found, [np.zeros(4) if x.grad is None else x.grad.numpy() for x in inputs]


@pytest.mark.parametrize("seed", range(60))
def test_merges_of_random_graphs_are_pytorchs(seed: int) -> None:
    found, expected = random_graph(seed)
    for gradient, reference in zip(found, expected, strict=True):
        scale = max(1e-3, float(np.abs(reference).max()))
        np.testing.assert_allclose(gradient, reference, rtol=1e-9, atol=1e-12 * scale)


def test_merges_are_ordered_by_creation_not_by_merging() -> None:
    """The branch that is merged last was computed first."""
    x = leaf(0.5)
    h = x.traced() * 2
    early = h.with_empty_tape().exp()
    late = (h * 3).exp()
    for _ in range(5):
        late = late * 1
    loss = (late + early).sum()
    expected = 6 * np.exp(3.0) + 2 * np.exp(1.0)
    assert loss.backward()[x].tolist() == pytest.approx([expected], rel=1e-6)


def test_a_deep_chain() -> None:
    x = leaf(1.0)
    y = x.traced()
    for _ in range(10_000):
        y = y + 1e-4
    assert y.sum().backward()[x].tolist() == [1]


def test_a_deep_chain_that_is_dropped() -> None:
    y = leaf(1.0).traced()
    for _ in range(10_000):
        y = y + 1e-4
    del y
    gc.collect()


def test_a_wide_merge() -> None:
    leaves = [leaf(float(i)) for i in range(2_000)]
    terms = [x.traced() * 2 for x in leaves]
    while len(terms) > 1:
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + (
            [terms[-1]] if len(terms) % 2 else []
        )
    gradients = terms[0].sum().backward()
    assert len(gradients) == 2_000
    assert all(gradients[x].tolist() == [2] for x in leaves)


# Backward ----------------------------------------------------------------------------------------


def test_backward_needs_a_scalar() -> None:
    for shape, text in (((2,), "(2,)"), ((1,), "(1,)"), ((2, 3), "(2, 3)")):
        with pytest.raises(tl.ShapeError) as caught:
            taped(*shape).backward()
        assert str(caught.value) == (
            f"backward: expected a scalar, got shape {text}: reduce it first, e.g. with .mean()"
        )


def test_backward_needs_a_tape() -> None:
    with pytest.raises(tl.TapeError) as caught:
        leaf(1, 2).sum().backward()
    assert str(caught.value) == (
        "backward: this tensor owns no tape: call .traced() on the input of the forward pass"
    )
    assert type(caught.value) is tl.TapeError
    with pytest.raises(tl.TapeError, match=r"owns no tape"):
        parameter(1, 2).sum().backward()


def test_backward_twice() -> None:
    loss = leaf(1, 2).traced().sum()
    loss.backward()
    with pytest.raises(tl.TapeMovedError) as caught:
        loss.backward()
    assert str(caught.value) == (
        "backward: an earlier backward consumed the tape of this tensor: run the forward pass again"
    )


def test_gradients_are_constants() -> None:
    """First order only: a gradient has no tape and no history."""
    x = leaf(1, 2)
    gradient = (x.traced() * x).sum().backward()[x]
    assert not gradient.owns_tape
    with pytest.raises(tl.TapeError, match=r"owns no tape"):
        gradient.sum().backward()


def test_what_the_loss_does_not_depend_on_is_no_error() -> None:
    x, y, p = leaf(1, 2), leaf(3, 4), parameter(5, 6)
    _, tape = (y.traced() * p).split_tape()
    total = (x.traced() * 2).sum() + leaf(0.0).put_tape(tape).sum()
    gradients = total.backward()
    assert x in gradients
    assert y not in gradients
    assert p not in gradients


def test_what_a_constant_hides_has_no_gradient() -> None:
    x, p = leaf(1, 2), parameter(3, 4)
    h = x.traced() * p
    gradients = (h.detach() * 2 + h * 0).sum().backward()
    assert gradients[p].tolist() == [0, 0]


# Part of the history is elsewhere ----------------------------------------------------------------


def missing_history(op: str) -> str:
    return (
        f"backward: the loss depends on a result of {op!r} whose history is on another tape: "
        "add the losses of both branches and call backward once, on the sum, "
        "or put_tape() the tape that was split off"
    )


def test_incomplete_tape_names_the_op() -> None:
    x = leaf(1, 2)
    h = x.traced().exp()
    branch = h.with_empty_tape() * 2
    with pytest.raises(tl.IncompleteTapeError) as caught:
        branch.sum().backward()
    assert str(caught.value) == missing_history("exp")


def test_incomplete_tape_of_a_split_value() -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    bare, tape = x.traced().sin().split_tape()
    loss = (y.traced() * bare).sum()
    with pytest.raises(tl.IncompleteTapeError) as caught:
        loss.backward()
    assert str(caught.value) == missing_history("sin")
    # As nothing was consumed, it can be put right.
    total = loss + (bare.put_tape(tape) * 0).sum()
    assert total.backward()[x].tolist() == pytest.approx(y.numpy() * np.cos(x.numpy()))


@pytest.mark.parametrize("swap", [False, True])
def test_incomplete_tape_after_merges(swap: bool) -> None:
    """That something is missing is remembered, whichever of two tapes is the longer one."""
    h = leaf(1, 2).traced().exp()
    branch, other = h.with_empty_tape(), leaf(3, 4).traced() * 1 * 1 * 1
    loss = (branch * other if swap else other * branch).sum()
    with pytest.raises(tl.IncompleteTapeError) as caught:
        loss.backward()
    assert str(caught.value) == missing_history("exp")


def test_incomplete_tape_after_the_other_branch_ran_backward() -> None:
    h = leaf(1, 2).traced().exp()
    branch = h.with_empty_tape()
    h.sum().backward()
    with pytest.raises(tl.IncompleteTapeError, match=r"add the losses of both branches"):
        branch.sum().backward()


def test_a_borrowed_value_the_loss_does_not_need() -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    h = x.traced().exp()
    unused = h.with_empty_tape() * 2
    _, tape = unused.split_tape()
    loss = (y.put_tape(tape) * 2).sum()
    assert len(loss.backward()) == 0


# Parameters that change --------------------------------------------------------------------------


def changed(name: str, writer: str) -> str:
    return (
        f"backward: {name} was changed by {writer} after the forward pass: "
        "run the forward pass again"
    )


def test_a_written_parameter_is_noticed() -> None:
    model, x = named_pair(), leaf(1, 2)
    loss = (x.traced() * model.second).sum()
    model.second.write(np.zeros(2, np.float32), "update")
    with pytest.raises(tl.ParameterChangedError) as caught:
        loss.backward()
    assert str(caught.value) == changed('parameter "second"', "update")


def test_a_parameter_without_a_path_is_named_by_its_shape() -> None:
    p = parameter(1, 2)
    loss = (leaf(1, 2).traced() * p).sum()
    p.write(np.zeros(2, np.float32), "load")
    with pytest.raises(tl.ParameterChangedError) as caught:
        loss.backward()
    assert str(caught.value) == changed("a parameter of shape (2,)", "load")


@pytest.mark.parametrize("swap", [False, True])
def test_a_parameter_used_before_and_after_it_was_written(swap: bool) -> None:
    p = parameter(1, 2)
    before = leaf(1, 2).traced() * p
    p.write(np.ones(2, np.float32), "update")
    after = leaf(1, 2).traced() * p * 1 * 1
    loss = (after + before if swap else before + after).sum()
    with pytest.raises(tl.ParameterChangedError, match=r"was changed by update"):
        loss.backward()


def test_writing_after_backward_is_fine() -> None:
    model = named_pair()
    for _ in range(2):
        gradients = (leaf(1, 2).traced() * model.first).sum().backward()
        model.first.write(model.first.numpy() - gradients[model.first].numpy(), "update")
    assert model.first.tolist() == [-1, -2]


def test_results_do_not_see_a_later_write() -> None:
    p, buffer = parameter(1, 2), nn.Buffer(leaf(1, 2))
    for q in (p, buffer):
        views = [q.reshape((2, 1)), q[:], q.transpose(0, 0), q.expect_shape((2,)), q.detach()]
        views += [q.traced().reshape((2, 1)), q.traced(), q.copy(), q.astype(np.float32)]
        first, second = tl.broadcast_arrays(q, q)
        q.write(np.zeros(2, np.float32), "update")
        assert all(sum(np.ravel(v.tolist())) == 3 for v in [*views, first, second])


def test_results_are_never_parameters() -> None:
    p = parameter(1, 2)
    for y in (p + 1, p.exp(), p.reshape((2, 1)), p[0], p.traced(), p.detach(), p.copy(), -p):
        assert type(y) is tl.Tensor


# Gradients ---------------------------------------------------------------------------------------


def some_gradients(scale: float = 1.0) -> tuple[Any, Any, Any]:
    model, x = named_pair(), leaf(1, 2)
    loss = (x.traced() * model.first * scale).sum()
    return model, x, loss.backward()


def test_gradients_are_a_mapping() -> None:
    model, x, gradients = some_gradients()
    assert len(gradients) == 2
    assert x in gradients
    assert model.first in gradients
    assert model.second not in gradients
    assert "first" not in gradients
    assert list(gradients.keys()) == list(gradients)
    assert {key: value.tolist() for key, value in gradients.items()} == {
        x: [1, 2], model.first: [1, 2],
    }  # fmt: skip
    assert gradients.get(model.second) is None
    assert repr(gradients) in (
        'Gradients(a tensor of shape (2,), parameter "first")',
        'Gradients(parameter "first", a tensor of shape (2,))',
    )


def test_a_gradient_has_the_shape_and_dtype_of_its_key() -> None:
    x: Any = tl.ones((2, 3), np.float64)
    gradient = x.traced().sum().backward()[x]
    assert gradient.shape == (2, 3)
    assert gradient.dtype == np.float64
    assert type(gradient) is tl.Tensor


def test_gradients_of_handles() -> None:
    x = leaf(1, 2)
    traced = x.traced()
    gradients = traced.sum().backward()
    assert gradients[traced].tolist() == gradients[x].tolist() == [1, 1]


def test_missing_gradients_are_named() -> None:
    model, _, gradients = some_gradients()
    not_recorded = "only through what no tape recorded"
    for key, name, reason in (
        (model.second, 'parameter "second"', not_recorded),
        (leaf(1, 2, 3), "a tensor of shape (3,)", "it is neither a parameter nor traced"),
        (parameter(1), "a parameter of shape (1,)", not_recorded),
    ):
        with pytest.raises(KeyError) as caught:
            gradients[key]
        assert caught.value.args == (
            f"no gradient for {name}: the loss does not depend on it, or {reason}",
        )


def test_gradients_cannot_be_changed() -> None:
    model, x, gradients = some_gradients()
    with pytest.raises(TypeError):
        gradients[x] = x
    with pytest.raises(TypeError):
        del gradients[x]
    with pytest.raises(AttributeError):
        gradients.extra = 1
    with pytest.raises(ValueError, match=r"read-only"):
        gradients[x].numpy()[0] = 5
    doubled = gradients * 2
    assert gradients[model.first].tolist() == [1, 2]
    assert doubled[model.first].tolist() == [2, 4]


def test_gradients_add_and_scale() -> None:
    model = named_pair()
    x = leaf(1, 2)
    first = (x.traced() * model.first).sum().backward(wrt=model)
    second = (x.traced() * model.first * model.second).sum().backward(wrt=model)
    total = first + second
    assert total[model.first].tolist() == [4, 10]
    assert total[model.second].tolist() == [1, 4]
    assert (0.5 * total)[model.first].tolist() == [2, 5]
    assert (total * np.float64(2))[model.first].dtype == np.float32
    assert first[model.first].tolist() == [1, 2]
    assert model.second not in first


def test_gradients_of_scalars_stay_arrays() -> None:
    p: Any = nn.Parameter(tl.tensor(2.0))
    gradients = (p * leaf(1, 2).traced()).sum().backward()
    for g in (gradients, gradients * 2, gradients + gradients, gradients.clip_norm(0.1)):
        assert g[p].shape == ()
        assert g[p].dtype == np.float32


def test_clip_norm() -> None:
    model, _, _ = some_gradients()
    x = leaf(3, 4)
    gradients = (x.traced() * model.first).sum().backward(wrt=model)
    assert gradients.norm() == 5
    clipped = gradients.clip_norm(1.0)
    assert clipped[model.first].tolist() == pytest.approx([0.6, 0.8])
    assert clipped.norm() == pytest.approx(1)
    assert gradients.clip_norm(7.0)[model.first].tolist() == [3, 4]
    for limit in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=r"^clip_norm: the limit must be positive, got"):
            gradients.clip_norm(limit)


def test_gradients_with_respect_to_some() -> None:
    model, x = named_pair(), leaf(1, 2)

    def loss() -> Any:
        return (x.traced() * model.first * model.second).sum()

    assert set(loss().backward()) == {x, model.first, model.second}
    assert set(loss().backward(wrt=model)) == {model.first, model.second}
    assert set(loss().backward(wrt=[x])) == {x}
    assert set(loss().backward(wrt=x)) == {x}
    assert set(loss().backward(wrt=(p for p in (x, model.first)))) == {x, model.first}
    assert len(loss().backward(wrt=[])) == 0
    everything = loss().backward()
    assert loss().backward(wrt=model)[model.first].tolist() == everything[model.first].tolist()


def test_threads_do_not_meet() -> None:
    p = parameter(1, 2)

    def slopes(factor: float) -> set[tuple[float, ...]]:
        x = leaf(3, 4)
        losses = ((x.traced() * p * factor).sum() for _ in range(50))
        return {tuple(loss.backward()[p].tolist()) for loss in losses}

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(slopes, range(8))) == [{(3 * i, 4 * i)} for i in range(8)]


# Cost --------------------------------------------------------------------------------------------


def test_nothing_is_recorded_without_a_tape() -> None:
    p = parameter(1, 2)
    h = p * leaf(3, 4)
    intermediate = weakref.ref(h._data)
    y = h.exp()
    del h
    assert intermediate() is None
    assert not y.owns_tape


def test_a_tape_keeps_only_what_the_derivatives_need() -> None:
    x = leaf(1, 2)
    h = x.traced() * leaf(3, 4)
    needless = weakref.ref(h._data)  # exp needs its result, not its operand
    y = h.exp()
    needed = weakref.ref(y._data)
    z = y + 1
    del h, y
    assert needless() is None
    assert needed() is not None
    gradients = z.sum().backward()
    assert needed() is None
    assert x in gradients


def test_memory_is_freed_though_the_loss_and_other_results_live() -> None:
    x = leaf(1, 2)
    h = (x.traced() * 2).exp()
    saved = weakref.ref(h._data)
    first, second = tl.broadcast_arrays(h.sin(), leaf(1, 1))
    del h
    loss = first.sum()
    gradients = loss.backward()
    assert saved() is None
    assert second.owns_tape
    assert x in gradients


def test_a_dropped_tape_frees_what_it_saved() -> None:
    y = leaf(1, 2).traced().exp()
    saved = weakref.ref(y._data)
    z = y.sin()
    del y, z
    assert saved() is None


def test_an_op_on_constants_under_a_tape_saves_nothing() -> None:
    """A value on the tape without a gradient of its own takes the tape along, no node."""
    count: Any = tl.tensor([1, 2]).traced()
    y = count * 2
    _, tape = y.split_tape()
    assert len(tape.record.nodes) == 0
