"""Who owns the tape, what is recorded, and which gradients come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn
from tensorlib.ops.indexing import getitem
from tensorlib.ops.primitive import Primitive
from tensorlib.shapes import dtypes
from tensorlib.shapes.errors import TapeError
from tensorlib.shapes.registry import Rule
from tensorlib.tape import Tape
from tests.leaves import leaf, named_pair, parameter, taped

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


# What no tape sees --------------------------------------------------------------------------------


NOT_RECORDED = (
    'backward: the loss depends on parameter "first" through {op!r}, which no tape recorded, as no '
    "operand owned one: use p.with_tape_of(x) there, or .detach() the result if a constant is meant"
)


@pytest.mark.parametrize(
    ("term", "op"),
    [
        (lambda p: p * p, "multiply"),
        (lambda p: p.exp(), "exp"),
        (lambda p: p.square().sum(), "sum"),
        (lambda p: p.reshape((2, 1)).T, "permute"),
        (lambda p: p[0] + p[1], "add"),
        (lambda p: p.split(2)[0], "split"),
        (lambda p: tl.stack((p, p)), "stack"),
        (lambda p: 2.0 / p, "divide"),
        (lambda p: p.astype(np.float32), "astype"),
        (lambda p: p.exp().with_tape_of(leaf(1).traced()), "exp"),
        (lambda p: p.exp().with_empty_tape(), "exp"),
    ],
)
def test_ops_on_parameters_alone_are_no_constants(term: Callable[[Any], Any], op: str) -> None:
    """Nothing records them, as parameters own no tape; the gradient would silently be short."""
    x, model = leaf(1, 2), named_pair()
    p = model.first
    loss = ((x.traced() * p).sum() + term(p)).sum()
    with pytest.raises(tl.IncompleteTapeError) as caught:
        loss.backward()
    assert str(caught.value) == NOT_RECORDED.format(op=op)
    assert loss.owns_tape
    assert loss.backward(wrt=x)[x].tolist() == [1 * term(p).size, 2 * term(p).size]


def test_the_two_ways_out_of_it() -> None:
    x, p = leaf(1, 2), parameter(3, 4)
    t = x.traced()
    recorded = p.with_tape_of(t) * p
    assert (t * p + recorded).sum().backward()[p].tolist() == [7, 10]
    assert (x.traced() * p + (p * p).detach()).sum().backward()[p].tolist() == [1, 2]
    assert (p.traced() * p).sum().backward()[p].tolist() == [6, 8]


def test_only_gradients_that_are_asked_for_may_not_be_short() -> None:
    """The other model's share is no part of the answer, as in turns of two models."""
    x, model = leaf(1, 2), named_pair()
    loss = (x.traced() * model.first * model.second.exp()).sum()
    gradients = loss.backward(wrt=[model.first])
    np.testing.assert_allclose(
        gradients[model.first].numpy(), [1 * np.exp(3), 2 * np.exp(4)], rtol=1e-6
    )


def test_what_is_computed_of_data_is_a_constant() -> None:
    """As in a model that is applied without a tape: the targets of a bootstrap are such."""
    x, p, q = leaf(1, 2), parameter(3, 4), parameter(5, 6)
    untaped = leaf(1, 1) * p + q.exp()
    assert (x.traced() * p * untaped).sum().backward()[p].tolist() == pytest.approx(
        [3 + np.exp(5), 2 * (4 + np.exp(6))]
    )


def test_parameters_that_are_not_trained_are_constants() -> None:
    x, model = leaf(1, 2), named_pair()
    model.freeze("second")
    gradients = (x.traced() * model.first * model.second.exp()).sum().backward()
    assert model.second not in gradients
    model.unfreeze()
    scale = model.second.exp()
    model.freeze("second")
    (x.traced() * model.first * scale).sum().backward()


def test_questions_about_parameters_are_no_part_of_a_gradient() -> None:
    x, p = leaf(1, 2), parameter(3, 4)
    steps = (p > 3).astype(np.float32) + p.argmax().astype(np.float32)
    assert (x.traced() * p * steps).sum().backward()[p].tolist() == [1, 4]


def test_what_the_loss_does_not_use_may_be_unrecorded() -> None:
    x, p = leaf(1, 2), parameter(3, 4)
    t = x.traced()
    _ = t.with_empty_tape() * p.exp()
    assert (t * p).sum().backward()[p].tolist() == [1, 2]


def test_a_long_history_without_a_tape_costs_nothing() -> None:
    y: Any = parameter(1, 1)
    for _ in range(2000):
        y = y * y
    with pytest.raises(tl.IncompleteTapeError, match="a parameter of shape"):
        (leaf(1, 2).traced() * y).sum().backward()


def test_a_leaf_made_of_parameters_is_a_leaf() -> None:
    p = parameter(3, 4)
    scale = p.exp()
    assert scale in (scale.traced() * 2).sum().backward()


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
    assert len(tape.record.nodes) == 1


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
    with pytest.raises(
        tl.TapeMovedError, match=r"^exp: an earlier backward consumed the tape of this tensor"
    ):
        loss.exp()
    with pytest.raises(tl.TapeMovedError, match=r"^traced: an earlier backward consumed the tape"):
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
        lambda x: x.with_tape_of(x),
        lambda x: tl.zeros((2,)).with_tape_of(x),
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


def test_the_tape_of_another_tensor() -> None:
    x, start, weight = tl.tensor([2.0]), tl.tensor([3.0]), nn.Parameter(tl.tensor([5.0]))
    assert start.with_tape_of(x) is start
    traced = x.traced()
    assert traced.with_tape_of(start) is traced
    begun = start.with_tape_of(traced)
    assert (begun.id, begun.owns_tape, start.owns_tape) == (start.id, True, False)
    product = begun * weight.with_tape_of(traced).exp() * traced
    assert start.with_tape_of(traced).owns_tape  # it has moved, but there was one
    gradients = product.sum().backward()
    assert gradients[x].item() == pytest.approx(3 * np.exp(5))
    assert gradients[weight].item() == pytest.approx(6 * np.exp(5))
    assert begun not in gradients
    wrong: Any = 3
    with pytest.raises(TypeError, match="with_tape_of: expected a tensor"):
        start.with_tape_of(wrong)


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
    h: Any = counted(x.traced())
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


def test_getitem_function_is_the_operator() -> None:
    x = leaf(1, 2, 3)
    assert getitem(x.traced(), slice(1, None)).sum().backward()[x].tolist() == [0, 1, 1]


# Ops with several results ------------------------------------------------------------------------


def test_parts_share_the_history_and_the_op_runs_once() -> None:
    x = leaf(1, 2, 3, 4)
    h = x.traced() * x
    a, b = h.split(2)
    gradients = ((a * 2).sum() + b.sum()).backward()
    assert gradients[x].tolist() == [4, 8, 6, 8]


def test_parts_that_are_not_used_have_no_gradient() -> None:
    x = leaf(1, 2, 3)
    _, b, _ = x.traced().unstack()
    assert (b * 5).backward()[x].tolist() == [0, 5, 0]


def test_backward_over_one_part_spends_the_other() -> None:
    a, b = (leaf(1, 2).traced() * 2).unstack()
    a.backward()
    with pytest.raises(TapeError, match="add the losses"):
        b.backward()


def test_a_long_chain_of_splits_costs_as_much_as_it_is_long() -> None:
    """Each split shares the history before it; nothing is copied, and nothing recurses."""
    x = leaf(1, 1)
    h = x.traced()
    for _ in range(3000):
        a, b = h.split(2)
        h = tl.concat((b, a))
    assert h.sum().backward()[x].tolist() == [1, 1]


def test_indices_beside_other_results_own_no_tape() -> None:
    rule = Rule("largest", lambda x: (x[:-1], x[:-1]), dtype=dtypes.with_indices)
    largest = Primitive(
        rule,
        lambda x: (x.max(-1), x.argmax(-1)),
        lambda g, y, x: (x == y[0][..., None]) * g[0][..., None],
        many=True,
    )
    x = leaf(1, 3, 2)
    values: Any
    places: Any
    values, places = largest(x.traced())
    assert values.owns_tape
    assert not places.owns_tape
    assert (values * 2).backward()[x].tolist() == [0, 2, 0]
