"""Who owns the tape, what is recorded, and which gradients come back."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.ops.manipulation import getitem
from tensorlib.tape import Tape


def leaf(*values: float) -> Any:
    return tl.tensor(list(values), np.float32)


def parameter(*values: float) -> Any:
    return nn.Parameter(leaf(*values))


class Pair(nn.Module):
    def __init__(self) -> None:
        self.first = parameter(1.0, 2.0)
        self.second = parameter(3.0, 4.0)


def named_pair() -> Any:
    model = Pair()
    model.parameters()  # gives the parameters their paths
    return model


# Ids ---------------------------------------------------------------------------------------------


def test_results_have_new_ids() -> None:
    x = leaf(1, 2)
    results = [x + 1, x.exp(), x.sum(), x.reshape((2,)), x.expect_shape((2,)), x[:], x.detach()]
    results += [x.copy(), x.astype(np.float32), x == x]
    assert len({x.id, *(y.id for y in results)}) == len(results) + 1


def test_handles_of_a_value_keep_its_id() -> None:
    x = leaf(1, 2)
    traced = x.traced()
    assert traced.id == x.trace().id == x.id
    y = traced.exp()
    assert y.with_empty_tape().id == y.id
    z, tape = y.split_tape()
    assert z.id == y.id
    assert z.put_tape(tape).id == y.id


# Leaves ------------------------------------------------------------------------------------------


def test_leaves_are_parameters_and_what_was_traced() -> None:
    x, constant, p = leaf(1, 2), leaf(3, 4), parameter(5, 6)
    gradients = (x.traced() * constant * p).sum().backward()
    assert set(gradients) == {x, p}
    assert gradients[x].tolist() == [15, 24]
    assert gradients[p].tolist() == [3, 8]


def test_a_traced_tensor_is_a_leaf_of_other_tapes_too() -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    x.traced()
    gradients = (y.traced() * x).sum().backward()
    assert gradients[x].tolist() == [3, 4]
    assert gradients[y].tolist() == [1, 2]


def test_a_leaf_may_be_used_many_times() -> None:
    x, p = leaf(1, 2), parameter(3, 4)
    loss = (x.traced() * p + p * p.traced() + x.traced() / x).sum()
    gradients = loss.backward()
    assert gradients[x].tolist() == [3, 4]
    assert gradients[p].tolist() == [7, 10]


def test_what_no_tape_sees_is_a_constant() -> None:
    """Parameters own no tape: a term of parameters only is recorded if one of them is traced."""
    x, p = leaf(1, 2), parameter(3, 4)
    assert (x.traced() * p + p * p).sum().backward()[p].tolist() == [1, 2]
    assert (p.traced() * p).sum().backward()[p].tolist() == [6, 8]


def test_results_of_recorded_ops_are_no_leaves() -> None:
    x = leaf(1, 2)
    y = x.traced().exp()
    gradients = (y.with_empty_tape() * y).sum().backward()
    assert set(gradients) == {x}
    assert y not in gradients


def test_detached_values_and_copies_are_constants() -> None:
    x = leaf(1, 2)
    for constant in (x.detach(), x.copy(), x.traced().exp().detach()):
        gradients = (leaf(1, 1).traced() * constant).sum().backward()
        assert len(gradients) == 1
        assert constant not in gradients


def test_a_tensor_traced_in_the_middle_is_a_leaf() -> None:
    """The gradient of a recorded value is given on request: trace it once it has no tape."""
    x = leaf(1, 2)
    middle, tape = (x.traced() * 3).split_tape()
    taped = middle.traced()
    loss = (taped * taped).sum()
    gradients = loss.backward(wrt=middle)
    assert gradients[middle].tolist() == [6, 12]
    assert len(tape.nodes) == 1


def test_a_scalar_leaf_is_its_own_loss() -> None:
    x = tl.tensor(3.0).traced()
    assert x.backward()[x].item() == 1


# Who owns the tape -------------------------------------------------------------------------------


def test_traced_gives_a_handle_and_leaves_the_tensor_alone() -> None:
    x = leaf(1, 2)
    taped = x.traced()
    assert taped.owns_tape
    assert not x.owns_tape
    assert (x + x).owns_tape is False
    assert x.traced().owns_tape


def test_results_own_the_tape() -> None:
    x, y = leaf(1, 2).traced(), leaf(3, 4).traced()
    z = x * y
    assert z.owns_tape
    assert not x.owns_tape
    assert not y.owns_tape


RECORDING: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("exp", lambda x: x.exp()),
    ("add", lambda x: x + 1),
    ("subtract", lambda x: 1 - x),
    ("multiply", lambda x: leaf(1, 2) * x),
    ("divide", lambda x: parameter(1, 2) / x),
    ("sum", lambda x: x.sum()),
    ("softmax", lambda x: tl.softmax(x)),
    ("matmul", lambda x: x @ leaf(1, 2)),
    ("linear", lambda x: tl.linear(x, tl.ones((3, 2)), tl.ones((3,)))),
    ("linear", lambda x: nn.Linear(2, 3, rng=0)(x)),
    ("reshape", lambda x: x.reshape((2, 1))),
    ("broadcast_to", lambda x: x.broadcast_to((3, 2))),
    ("broadcast_arrays", lambda x: tl.broadcast_arrays(leaf(1, 2), x)),
    ("getitem", lambda x: x[0]),
    ("iter", lambda x: iter(x)),
    ("expect_shape", lambda x: x.expect_shape((2,))),
    ("astype", lambda x: x.astype(np.float64)),
    ("split_tape", lambda x: x.split_tape()),
)


@pytest.mark.parametrize(("name", "op"), RECORDING)
def test_recording_ops_move_the_tape(name: str, op: Callable[[Any], Any]) -> None:
    x = leaf(1, 2).traced()
    op(x)
    for other, again in RECORDING:
        with pytest.raises(tl.TapeMovedError) as caught:
            again(x)
        assert str(caught.value) == (
            f"{other}: the tape of this tensor moved into the result of {name!r}: "
            "use x.with_empty_tape() for one of the two"
        )


def test_backward_and_put_tape_move_the_tape() -> None:
    loss = leaf(1, 2).traced().sum()
    loss.backward()
    with pytest.raises(tl.TapeMovedError, match=r"^exp: .* moved into the result of 'backward'"):
        loss.exp()
    with pytest.raises(tl.TapeMovedError, match=r"^traced: .* moved into the result of 'backward'"):
        loss.traced()
    value, tape = leaf(1, 2).traced().split_tape()
    value.put_tape(tape)
    with pytest.raises(tl.TapeError, match=r"^put_tape: this tape already has an owner"):
        value.put_tape(tape)


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x.shape,
        lambda x: x.ndim,
        lambda x: x.dtype,
        lambda x: x.numpy(),
        lambda x: x.tolist(),
        lambda x: x.sum,
        lambda x: x.detach(),
        lambda x: x.copy(),
        lambda x: x == x,
        lambda x: x < 3,
        lambda x: tl.greater(x, leaf(1, 2)),
        lambda x: x.argmax(),
        lambda x: x.argmin(-1),
        lambda x: x.astype(np.int64),
        lambda x: x.astype(np.bool_),
        lambda x: np.asarray(x),
        lambda x: repr(x),
        lambda x: len(x),
        lambda x: x.with_empty_tape(),
        lambda x: x.id,
        hash,
    ],
)
def test_reading_moves_nothing_and_stays_legal(read: Callable[[Any], Any]) -> None:
    x = leaf(1, 2).traced()
    read(x)
    assert x.owns_tape
    y = x.exp()
    read(x)
    assert not x.owns_tape
    assert y.owns_tape


def test_reads_own_no_tape() -> None:
    x = leaf(1, 2).traced()
    assert not any(y.owns_tape for y in (x.detach(), x == 1.0, x.argmax(), x.astype(np.int64)))


def test_int_to_float_keeps_the_tape() -> None:
    """As the types say; there is no gradient to record."""
    count: Any = tl.tensor([1, 2]).traced()
    p = parameter(3, 4)
    y = count.astype(np.float32)
    assert y.owns_tape
    gradients = (y * p).sum().backward()
    assert set(gradients) == {p}


def test_the_same_object_twice_is_one_move() -> None:
    x = leaf(2, 3)
    h = x.traced() * 1
    assert (h * h).sum().backward()[x].tolist() == [4, 6]
    h = x.traced() * 1
    assert (h @ h).backward()[x].tolist() == [4, 6]
    h = x.traced() * 1
    assert tl.maximum(h, h).sum().backward()[x].tolist() == [1, 1]


def taped(*shape: int) -> Any:
    return tl.ones(shape).traced()


@pytest.mark.parametrize(
    "op",
    [
        lambda x, y: x + taped(5),
        lambda x, y: taped(3) + x + taped(4),
        lambda x, y: x @ y,
        lambda x, y: x * y.astype(np.float64),
        lambda x, y: x.sum(4),
        lambda x, y: x.reshape((7,)),
        lambda x, y: x[9],
        lambda x, y: x[1.5],
        lambda x, y: x + np.ones(2),
        lambda x, y: x + None,
        lambda x, y: tl.linear(x, tl.ones((3, 4))),
        lambda x, y: nn.Linear(5, 3)(x),
        lambda x, y: tl.broadcast_arrays(x, tl.ones((5,))),
        lambda x, y: x.expect_shape((3,)),
        lambda x, y: x.astype(np.complex64),
        lambda x, y: x.backward(),
        lambda x, y: x.traced(),
        lambda x, y: x.clip(),
        lambda x, y: x.clip("a"),
    ],
)
def test_an_op_that_raises_leaves_every_tape(op: Callable[[Any, Any], Any]) -> None:
    x, y = taped(2), taped(3)
    with pytest.raises((tl.TensorlibError, TypeError, ValueError)):
        op(x, y)
    assert x.owns_tape
    assert x.exp().owns_tape


@pytest.mark.parametrize("op", [tl.add, tl.matmul, tl.broadcast_arrays])
def test_a_moved_operand_leaves_the_other_tape(op: Callable[[Any, Any], Any]) -> None:
    x, moved = taped(2), taped(2)
    moved.exp()
    for operands in ((x, moved), (moved, x)):
        with pytest.raises(tl.TapeMovedError):
            op(*operands)
    assert x.owns_tape
    assert moved.with_empty_tape().owns_tape


def test_a_failing_backward_leaves_the_tape() -> None:
    x = leaf(1, 2)
    y = x.traced().exp()
    with pytest.raises(tl.ShapeError):
        y.backward()
    assert y.sum().backward()[x].shape == (2,)


def test_tracing_what_owns_a_tape() -> None:
    text = (
        "this tensor already owns a tape: use it as it is, "
        "or x.with_empty_tape() for a second branch"
    )
    x = leaf(1, 2).traced()
    for name, call in (
        ("traced", x.traced),
        ("trace", x.trace),
        ("put_tape", lambda: x.put_tape(leaf(1).traced().split_tape()[1])),
    ):
        with pytest.raises(tl.TapeError) as caught:
            call()
        assert str(caught.value) == f"{name}: {text}"
    assert x.owns_tape


# A second use ------------------------------------------------------------------------------------


def test_with_empty_tape_of_what_never_owned_one_is_the_tensor_itself() -> None:
    x, p = leaf(1, 2), parameter(1, 2)
    assert x.with_empty_tape() is x
    assert p.with_empty_tape() is p
    assert x.exp().with_empty_tape().owns_tape is False


@pytest.mark.parametrize("before", [True, False])
def test_with_empty_tape_before_and_after_the_move(before: bool) -> None:
    x = leaf(2, 3)
    h = x.traced() * x
    branch = h.with_empty_tape() if before else None
    main = h * 2
    branch = h.with_empty_tape() if branch is None else branch
    assert branch.owns_tape
    gradients = (main + branch).sum().backward()
    assert gradients[x].tolist() == [12, 18]


def test_with_empty_tape_does_not_move() -> None:
    h = leaf(2, 3).traced() * 1
    h.with_empty_tape()
    h.with_empty_tape()
    assert h.owns_tape


def test_a_residual_block() -> None:
    x = leaf(0.5, -0.5)

    def block(h: Any) -> Any:
        return h.with_empty_tape() + (h * h.with_empty_tape()).tanh()

    assert not block(x).owns_tape
    y = x.numpy().astype(np.float64)
    gradient = block(block(x.traced())).sum().backward()[x].numpy()
    inner = y + np.tanh(y * y)
    outer = (1 + 2 * inner / np.cosh(inner**2) ** 2) * (1 + 2 * y / np.cosh(y**2) ** 2)
    np.testing.assert_allclose(gradient, outer, rtol=1e-5)


def test_split_and_put() -> None:
    x = leaf(2, 3)
    y, tape = (x.traced() * 3).split_tape()
    assert isinstance(tape, Tape)
    assert repr(tape) == "Tape(1 ops)"
    assert not y.owns_tape
    z = y * 5  # nothing is recorded here
    assert not z.owns_tape
    back = y.put_tape(tape)
    assert (back * 5).sum().backward()[x].tolist() == [15, 15]


def test_a_tape_can_be_put_onto_a_later_value() -> None:
    x = leaf(2, 3)
    _, tape = (x.traced() * 3).split_tape()
    other = leaf(1, 1).put_tape(tape)
    assert other.owns_tape
    gradients = (other * x).sum().backward()
    assert gradients[x].tolist() == [1, 1]


def test_put_twice() -> None:
    y, tape = leaf(1, 2).traced().split_tape()
    taken = y.put_tape(tape)
    with pytest.raises(tl.TapeError) as caught:
        leaf(1, 2).put_tape(tape)
    assert str(caught.value) == "put_tape: this tape already has an owner, or was consumed"
    taken.sum().backward()
    with pytest.raises(tl.TapeError, match=r"was consumed$"):
        y.put_tape(tape)


def test_split_needs_a_tape() -> None:
    with pytest.raises(tl.TapeError) as caught:
        leaf(1, 2).split_tape()
    assert str(caught.value) == (
        "split_tape: this tensor owns no tape: call .traced() on the input of the forward pass"
    )


# Several results ---------------------------------------------------------------------------------


def test_results_of_one_op_share_the_history() -> None:
    x, y = leaf(2, 3), leaf(5)
    first, second = tl.broadcast_arrays(x.traced() * 1, y.traced() * 1)
    assert first.owns_tape
    assert second.owns_tape
    gradients = (first * second).sum().backward()
    assert gradients[x].tolist() == [5, 5]
    assert gradients[y].tolist() == [5]


def test_one_of_several_results_is_enough() -> None:
    x = leaf(2, 3)
    h = x.traced() * x
    first, _ = tl.broadcast_arrays(h, h)
    assert first.sum().backward()[x].tolist() == [4, 6]


def test_a_constant_beside_a_taped_operand_gets_the_tape() -> None:
    x, constant = leaf(2, 3), leaf(5)
    first, second = tl.broadcast_arrays(x.traced(), constant)
    assert second.owns_tape
    assert (first * second).sum().backward()[x].tolist() == [5, 5]


def test_iterating_gives_every_member_the_history() -> None:
    x = tl.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    a, b, c = x.traced() * 2
    assert (a * b + c).sum().backward()[x].tolist() == [[12, 16], [4, 8], [2, 2]]
    rows = list(x.traced())
    assert rows[1].sum().backward()[x].tolist() == [[0, 0], [1, 1], [0, 0]]
    assert [row.owns_tape for row in x] == [False] * 3


def test_shared_ops_run_once() -> None:
    calls = []
    from tensorlib.ops.primitive import Primitive
    from tensorlib.shapes.registry import Rule

    def vjp(g: Any) -> Any:
        calls.append(g)
        return g

    counted = Primitive(Rule("counted", lambda x: x), lambda x: x * 1, vjp)
    x = leaf(2, 3)
    h = counted(x.traced())
    for _ in range(20):  # copies of the history must not add up
        first, second = tl.broadcast_arrays(h, h)
        h = first + second
    assert h.sum().backward()[x].tolist() == [2**20] * 2
    assert len(calls) == 1


def test_two_backward_passes_over_shared_history() -> None:
    x = leaf(2, 3)
    h = x.traced() * x
    first, second = tl.broadcast_arrays(h, h)
    first.sum().backward()
    with pytest.raises(tl.TapeError) as caught:
        second.sum().backward()
    assert str(caught.value) == (
        "backward: another backward pass consumed part of this history: "
        "add the losses and call backward once, on the sum"
    )


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
        "backward: the tape of this tensor moved into the result of 'backward': "
        "use x.with_empty_tape() for one of the two"
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
    for key, name in (
        (model.second, 'parameter "second"'),
        (leaf(1, 2, 3), "a tensor of shape (3,)"),
        (parameter(1), "a parameter of shape (1,)"),
    ):
        with pytest.raises(KeyError) as caught:
            gradients[key]
        assert caught.value.args == (
            f"no gradient for {name}: the loss does not depend on it, "
            "or it is neither a parameter nor traced",
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
    assert len(tape.nodes) == 0


def test_getitem_function_is_the_operator() -> None:
    x = leaf(1, 2, 3)
    assert getitem(x.traced(), slice(1, None)).sum().backward()[x].tolist() == [0, 1, 1]
