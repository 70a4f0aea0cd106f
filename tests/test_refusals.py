"""After an error nothing is lost or half done: every operand owns the tape that it owned before."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib import losses, nn
from tensorlib.ops.primitive import Primitive
from tests.op_cases import CASES
from tests.op_cases.case import Call, OpCase
from tests.test_ops import fill, has_gradient
from tests.test_silent_mistakes import IMAGES, LAYERS, ROWS, SEQUENCES, TWO_OPERANDS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

# Refused operands and arguments -------------------------------------------------------------------

WRONG_SHAPES: tuple[tuple[int, ...], ...] = ((), (7,), (5, 7), (2, 3, 5, 7, 11))
WRONG_DTYPES = (np.float16, np.float64, np.int64, np.bool_)
WRONG_ARGUMENTS: tuple[Any, ...] = (99, -99, 0.5, "no", None, (99,), (1, 1), object())


def taped(array: Any) -> Any:
    """Return a value with a history, if it can have one."""
    return tl.tensor(array).traced() * 1 if array.dtype.kind == "f" else tl.tensor(array)


def changed(items: Sequence[Any], place: int, item: Any) -> list[Any]:
    return [*items[:place], item, *items[place + 1 :]]


def wrong_calls(case: OpCase, call: Call) -> Iterator[tuple[list[Any], Sequence[Any]]]:
    """Go through calls with one operand or argument changed; many, not all, are refused."""
    operands = fill(case, call, np.random.default_rng(0))
    floats = [x.astype(np.float32) if has_gradient(x) else x for x in operands]
    for place, operand in enumerate(floats):
        if not isinstance(operand, np.ndarray):
            continue
        others = [np.ones(shape, operand.dtype) for shape in WRONG_SHAPES]
        others += [operand.astype(dtype) for dtype in WRONG_DTYPES]
        for other in others:
            yield changed(floats, place, other), call.args
        yield changed(floats, place, "no tensor"), call.args
    for place in range(len(call.args)):
        for argument in WRONG_ARGUMENTS:
            yield floats, changed(call.args, place, argument)


def refusals(case: OpCase, call: Call) -> int:
    """Check that whatever refuses a wrong call leaves the tapes; return how many do."""
    refused = 0
    for arrays, args in wrong_calls(case, call):
        operands = [taped(x) if isinstance(x, np.ndarray) else x for x in arrays]
        owners = [x for x in operands if isinstance(x, tl.Tensor) and x.owns_tape]
        try:
            case.ours(*operands, *args)
        except (tl.TensorlibError, TypeError, ValueError, IndexError, AttributeError):
            refused += 1
            assert all(x.owns_tape for x in owners)
    return refused


COMPOSED = {"where", "nans_to", "linalg.cholesky", "linalg.eigh"}
"""Ops whose rows in the table run other ops first."""


@pytest.mark.parametrize("name", sorted({case.op for case in CASES} - COMPOSED))
def test_an_op_that_refuses_takes_no_tape(name: str) -> None:
    refused = 0
    rows = [case for case in CASES if case.op == name]

    @settings(deadline=None, derandomize=True, max_examples=2, database=None)
    @given(st.tuples(*(case.calls for case in rows)))
    def check(calls: tuple[Call, ...]) -> None:
        nonlocal refused
        refused += sum(map(refusals, rows, calls))

    check()
    assert refused, "none of these calls is wrong"


@pytest.mark.parametrize(
    "refused",
    [
        lambda h: tl.where(tl.tensor([True, False]), h, tl.zeros((3,))),
        lambda h: tl.where(tl.ones((2, 3)), h, h),
        lambda h: h.nans_to("no"),
        lambda h: tl.linalg.cholesky(h),
        lambda h: tl.linalg.eigh(h),
        lambda h: h.expect_shape((3, 2)),
        lambda h: h.astype(np.complex64),
        lambda h: h[5],
        lambda h: h.put_tape(h),
        lambda h: h.traced(),
        lambda h: h.backward(),
        lambda h: h.with_tape_of("no"),
        lambda h: tl.map(h, lambda x: x.sum(), np.cos),
    ],
)
def test_neither_do_others(refused: Callable[[Any], Any]) -> None:
    h = tl.ones((2, 3)).traced() * 1
    with pytest.raises((tl.TensorlibError, TypeError)):
        refused(h)
    assert h.owns_tape


# Failures midway ----------------------------------------------------------------------------------


class Failure(Exception):  # noqa: N818 (it stands for any error)
    """What no op raises by itself."""


class Failing:
    """Lets the ops fail from some call on, whatever they are given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        run: Any = Primitive.__call__

        def call(op: Any, *args: Any) -> Any:
            if self.left is not None:
                if not self.left:
                    raise Failure(op.name)
                self.left -= 1
            return run(op, *args)

        monkeypatch.setattr(Primitive, "__call__", call)

    def after(self, calls: int, run: Callable[[], Any]) -> bool:
        """Tell whether something fails when so many ops have run."""
        self.left = calls
        try:
            run()
        except Failure:
            return True
        finally:
            self.left = None
        return False


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    return Failing(monkeypatch)


def total(result: Any) -> Any:
    """Return a loss that depends on all of a result."""
    if isinstance(result, tl.Tensor):
        return (result * result).sum()
    first, *others = map(total, result)
    for other in others:
        first = first + other
    return first


def check_all_failures(
    failing: Failing, function: Callable[..., Any], shapes: Sequence[tuple[int, ...]]
) -> int:
    """Let a function fail behind each of its ops, and then do its work on the same operands.

    Returns:
        Behind how many ops it failed.
    """
    leaves = [tl.tensor(np.random.default_rng(0).uniform(0.2, 0.8, s)) for s in shapes]
    expected = total(function(*(x.traced() * 1 for x in leaves))).backward()
    operands = [x.traced() * 1 for x in leaves]
    count = 0
    while failing.after(count, partial(function, *operands)):
        assert all(x.owns_tape for x in operands), f"lost behind op {count}"
        found = total(function(*operands)).backward()
        assert set(found) == set(expected)
        for leaf in expected:
            np.testing.assert_array_equal(found[leaf].numpy(), expected[leaf].numpy())
        operands = [x.traced() * 1 for x in leaves]
        count += 1
    return count


def layers() -> Iterator[Any]:
    for name, cls in vars(nn).items():
        if not inspect.isclass(cls) or not issubclass(cls, nn.Module):
            continue
        arguments, shape = LAYERS.get(
            name, ("", IMAGES if "2d" in name or "Image" in name else ROWS)
        )
        try:
            layer = eval(f"nn.{name}({arguments})", {"nn": nn})
        except TypeError:
            continue  # containers, below
        if name not in ("Module", "Embedding"):
            count = 1 + (name in TWO_OPERANDS)
            yield pytest.param(layer.astype(np.float64), [shape] * count, id=name)


@pytest.mark.parametrize(("layer", "shapes"), [*layers()])
def test_a_layer_that_fails_midway_leaves_the_tapes(
    layer: Any, shapes: list[tuple[int, ...]], failing: Failing
) -> None:
    check_all_failures(failing, layer.with_active(False), shapes)


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (nn.MultiHeadAttention(4, 2), [SEQUENCES] * 2),
        (nn.MultiHeadAttention(4, 2), [SEQUENCES] * 3),
        (nn.RNN(4, 3, num_layers=2, bidirectional=True), [SEQUENCES, (4, 2, 3)]),
        (nn.GRUCell(4, 3), [ROWS, (2, 3)]),
        (nn.Transformer(4, 2, 1, 1), [SEQUENCES, (2, 3, 4)]),
    ],
    ids=lambda each: each.label() if isinstance(each, nn.Module) else str(len(each)),
)
def test_so_do_layers_of_several_operands(
    layer: Any, shapes: list[tuple[int, ...]], failing: Failing
) -> None:
    assert check_all_failures(failing, layer.astype(np.float64).with_active(False), shapes) > 1


class OfOnesOwn(nn.Module):
    """A module that takes its operand's tape and fails later."""

    def __init__(self) -> None:
        self.layer = nn.Linear(4, 4, rng=0)

    def forward(self, x: Any) -> Any:
        return self.layer(x).tanh().exp()


def linear() -> Any:
    return nn.Linear(4, 4, rng=0)


CONTAINERS = (
    nn.Sequential(linear(), nn.ReLU(), linear()),
    nn.Sequential(nn.Identity(), OfOnesOwn(), (nn.Tanh(), OfOnesOwn())),
    nn.Residual(nn.Sequential(linear(), OfOnesOwn())),
    nn.ResidualMul((linear(), nn.Tanh())),
    nn.GeneralizedResidual(OfOnesOwn(), (linear(), nn.Tanh())),
    nn.SplitInto(linear(), OfOnesOwn(), nn.Residual(linear())),
    nn.Repeated(lambda: nn.Residual((linear(), nn.Tanh())), 3),
    nn.Sequential(nn.SplitInto(linear(), linear()), nn.AddInto(OfOnesOwn(), linear())),
    nn.Sequential(linear(), nn.SplitInto(nn.Residual(OfOnesOwn()), nn.Tanh())),
)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda each: type(each).__name__)
def test_a_container_that_fails_midway_leaves_the_tapes(container: Any, failing: Failing) -> None:
    assert check_all_failures(failing, container.astype(np.float64), [(2, 4)]) > 1


def test_each_operand_of_a_container_keeps_its_tape(failing: Failing) -> None:
    model: Any = nn.AddInto(OfOnesOwn(), linear()).astype(np.float64)

    def apply(x: Any, y: Any) -> Any:
        return model((x, y))

    assert check_all_failures(failing, apply, [(2, 4), (2, 4)]) > 3


LOSSES = [name for name, f in vars(losses).items() if inspect.isfunction(f) and name[0] != "_"]


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_fails_midway_leaves_the_tapes(name: str, failing: Failing) -> None:
    loss = getattr(losses, name)
    if name == "triplet_margin_loss":
        check_all_failures(failing, loss, [(5, 3)] * 3)
    elif name in ("nll_loss", "cross_entropy"):
        labels = tl.tensor([0, 2, 1, 1, 0])
        check_all_failures(failing, lambda x: loss(x, labels), [(5, 3)])
    elif name == "cosine_embedding_loss":
        signs = tl.tensor([1, -1, 1, 1, -1])
        check_all_failures(failing, lambda x, y: loss(x, y, signs), [(5, 3)] * 2)
    else:
        check_all_failures(failing, loss, [(5, 3)] * 2)


# What this is for ---------------------------------------------------------------------------------


def test_a_refused_operand_goes_another_way() -> None:
    wide: Any = nn.Sequential(OfOnesOwn(), nn.Linear(5, 2, rng=0))
    narrow = nn.Sequential(OfOnesOwn(), nn.Linear(4, 2, rng=0))
    x = tl.ones((3, 4))
    h = x.traced() * 2
    with pytest.raises(tl.ShapeError, match=r"^Sequential\[1\] Linear\(5, 2\): expected last"):
        wide(h)
    gradients = narrow(h).sum().backward()
    assert x in gradients
    assert all(p in gradients for p in narrow.parameters())
    assert not any(p in gradients for p in wide.parameters())


def test_what_leaked_from_a_failure_shares_the_history() -> None:
    """A result that outlives the error is another branch: only the sum has gradients for both."""

    class Leaking(nn.Module):
        def forward(self, x: Any) -> Any:
            self.seen = x.tanh()
            return self.seen @ tl.ones((7,))

    leaking = Leaking()
    x: Any = tl.ones((3,))
    h = x.traced() * 2
    with pytest.raises(tl.ShapeError):
        nn.Sequential(leaking)(h)
    (h.sum() + leaking.seen.sum()).backward()
    h = x.traced() * 2
    with pytest.raises(tl.ShapeError):
        nn.Sequential(leaking)(h)
    leaking.seen.sum().backward()
    with pytest.raises(tl.TapeError, match="another backward pass consumed part of this history"):
        h.sum().backward()


def test_in_a_module_of_ones_own_the_last_op_is_all_that_is_undone() -> None:
    """What ran before has moved, as in any function."""
    layer: Any = nn.Linear(5, 2)
    h = tl.ones((3, 4)).traced() * 2
    y = h.tanh()
    with pytest.raises(tl.ShapeError):
        layer(y)
    assert y.owns_tape
    assert not h.owns_tape


def test_an_error_inside_of_a_derivative_ends_the_backward_pass() -> None:
    loss = tl.ones((3,)).traced().map(np.sin, lambda x: x[:1]).sum()
    with pytest.raises(tl.ShapeError, match="df must return"):
        loss.backward()
    with pytest.raises(tl.TapeMovedError, match="run the forward pass again"):
        loss.backward()  # type: ignore[tensor-tape,unused-ignore]  # pytest.raises lets it go on
