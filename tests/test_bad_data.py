"""Odd data: refused in words of ours, or computed with as any other, and never written to."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib import losses, nn, optim
from tests.op_cases.case import Array, OpCase
from tests.test_ops import SEEDS, assert_same_in_float64, few, fill, has_gradient, members, named

# What is refused ---------------------------------------------------------------------------------

HUGE = 1 << 40
MASKED: Any = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
with warnings.catch_warnings(action="ignore"):  # NumPy recommends it no more
    MATRIX: Any = np.asmatrix(np.ones((1, 3)))


def x(*shape: int) -> Any:
    return tl.ones(shape).traced()


def no_array(op: str, *shape: int) -> tuple[type[Exception], str]:
    return tl.ShapeError, f"{op}: no array can be of shape {shape}"


def never(op: str, kind: str) -> tuple[type[Exception], str]:
    return TypeError, f"{op}: expected a tensor, got {kind}: wrap it with tl.tensor("


OUT = tl.IndexOutOfRangeError
NO_MASKS = (TypeError, "np.ma: masked arrays record no gradient: use tl.where(mask, ...) with ")
FILL = "expected an array without a mask, got MaskedArray: use array.filled(...)"

REFUSED: dict[str, tuple[Callable[[], Any], tuple[type[Exception], str]]] = {
    "a label too large": (
        lambda: losses.cross_entropy(x(2, 3), tl.tensor([0, 3])),
        (OUT, "cross_entropy: class index 3 at (1,) is out of range for 3 classes"),
    ),
    "a negative label": (
        lambda: losses.nll_loss(x(2, 3), tl.tensor([-1, 0])),
        (OUT, "nll_loss: class index -1 at (0,) is out of range for 3 classes"),
    ),
    "a label in a metric": (
        lambda: tl.metrics.accuracy(x(2, 3), tl.tensor([0, 9])),
        (OUT, "accuracy: class index 9 at (1,) is out of range for 3 classes"),
    ),
    "a word that is not there": (
        lambda: nn.Embedding(3, 2)(tl.tensor([3])),
        (OUT, "Embedding(3, 2): index 3 at (0,) is out of range for 3 rows: use 0 to 2"),
    ),
    "the largest of nothing": (
        lambda: x(0, 3).max(0),
        (tl.ShapeError, "max: there are no elements to choose from in shape (0, 3)"),
    ),
    "an axis far away": (
        lambda: x(3).sum(1 << 70),
        (OUT, f"sum: axis {1 << 70} is out of range for shape (3,): use -1 to 0"),
    ),
    "an index far away": (
        lambda: x(3)[1 << 70],
        (OUT, f"getitem: index {1 << 70} is out of range for axis 0 of shape (3,)"),
    ),
    "an axis twice, once negative": (
        lambda: x(2, 3).sum((1, -1)),
        (tl.ShapeError, "sum: axes must differ, got (1, -1) for shape (2, 3)"),
    ),
    "huge zeros": (lambda: tl.zeros((HUGE, HUGE)), no_array("zeros", HUGE, HUGE)),
    "huge ones": (lambda: tl.ones((HUGE, HUGE)), no_array("ones", HUGE, HUGE)),
    "huge full": (lambda: tl.full((HUGE, HUGE), 1.0), no_array("full", HUGE, HUGE)),
    "a huge identity": (lambda: tl.eye(HUGE), no_array("eye", HUGE, HUGE)),
    "huge noise": (lambda: tl.randn((HUGE, HUGE)), no_array("randn", HUGE, HUGE)),
    "a huge range": (lambda: tl.arange(1 << 62), no_array("arange", 1 << 62)),
    "a huge range of floats": (
        lambda: tl.arange(0.0, 2.0**62),
        no_array("arange", 1 << 62),
    ),
    "huge steps": (lambda: tl.linspace(0, 1, 1 << 62), no_array("linspace", 1 << 62)),
    "a huge permutation": (lambda: tl.permutation(1 << 62), no_array("permutation", 1 << 62)),
    "huge and empty": (lambda: tl.zeros((0, HUGE, HUGE)), no_array("zeros", 0, HUGE, HUGE)),
    "one size beyond all": (lambda: tl.zeros((1 << 63,)), no_array("zeros", 1 << 63)),
    "too many axes": (lambda: tl.zeros((1,) * 65), no_array("zeros", *(1,) * 65)),
    "an axis too many": (
        lambda: tl.zeros((1,) * 64).expand_dims(0),
        no_array("expand_dims", *(1,) * 65),
    ),
    "stretched beyond all": (
        lambda: x(1, 1).broadcast_to((HUGE, HUGE)),
        no_array("broadcast_to", HUGE, HUGE),
    ),
    "repeated beyond all": (
        lambda: tl.repeat(x(2), HUGE * HUGE),
        no_array("repeat", 2 * HUGE * HUGE),
    ),
    "padded beyond all": (
        lambda: tl.pad(x(2), ((0, HUGE * HUGE),)),
        no_array("pad", 2 + HUGE * HUGE),
    ),
    "classes beyond all": (
        lambda: tl.one_hot(tl.tensor([0]), HUGE * HUGE),
        no_array("one_hot", 1, HUGE * HUGE),
    ),
    "a huge layer": (lambda: nn.Linear(HUGE, HUGE), no_array("zeros", HUGE, HUGE)),
    "masked + x": (lambda: MASKED + x(3), NO_MASKS),
    "masked - x": (lambda: MASKED - x(3), NO_MASKS),
    "masked / x": (lambda: MASKED / x(3), NO_MASKS),
    "np.ma.equal": (lambda: np.ma.equal(MASKED, x(3)), NO_MASKS),
    "masked += x": (lambda: MASKED.copy().__iadd__(x(3)), NO_MASKS),
    "np.ma.add": (lambda: np.ma.add(x(3), MASKED), NO_MASKS),
    "np.ma.masked_array": (lambda: np.ma.masked_array(x(3)), NO_MASKS),
    "x + masked": (lambda: x(3) + MASKED, never("add", "MaskedArray")),
    "masked @ x": (lambda: MASKED @ x(3), never("matmul", "MaskedArray")),
    "a masked tensor": (lambda: tl.tensor(MASKED), (TypeError, f"tensor: {FILL}")),
    "a masked view": (lambda: tl.from_numpy(MASKED), (TypeError, f"from_numpy: {FILL}")),
    "a masked export": (lambda: tl.from_dlpack(MASKED), (TypeError, f"from_dlpack: {FILL}")),
    "matrix + x": (lambda: MATRIX + x(3), never("add", "matrix")),
    "x * matrix": (lambda: x(3) * MATRIX, never("multiply", "matrix")),
    "matrix @ x": (lambda: MATRIX @ x(3), never("matmul", "matrix")),
    "matrix == x": (lambda: operator.eq(MATRIX, x(3)), never("equal", "ndarray")),
    "masked == x": (lambda: operator.eq(MASKED, x(3)), NO_MASKS),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    call, (kind, text) = REFUSED[name]
    with pytest.raises(kind) as raised:
        call()
    assert str(raised.value).startswith(text)


@pytest.mark.parametrize("name", ["masked + x", "x + masked", "x * matrix"])
def test_a_refused_operand_keeps_its_tape(name: str) -> None:
    y, other = x(3), MATRIX if "matrix" in name else MASKED
    with pytest.raises(TypeError):
        other + y if name.startswith("masked") else y + other
    assert y.owns_tape


# NumPy's functions --------------------------------------------------------------------------------

OURS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "sum": (np.sum, "sum"), "mean": (np.mean, "mean"), "max": (np.max, "max"),
    "amin": (np.amin, "min"), "prod": (np.prod, "prod"), "std": (np.std, "std"),
    "argmax": (np.argmax, "argmax"), "any": (np.any, "any"), "sort": (np.sort, "sort"),
    "cumsum": (np.cumsum, "cumsum"), "squeeze": (np.squeeze, "squeeze"),
    "concatenate": (lambda x: np.concatenate([x, x]), "concat"),
    "stack": (lambda x: np.stack((np.ones(3), x)), "stack"),
    "where": (lambda x: np.where([True], x, 0), "where"),
    "clip": (lambda x: np.clip(np.ones(3), 0, a_max=x), "clip"),
    "einsum": (lambda x: np.einsum("i->", x), "einsum"),
    "zeros_like": (np.zeros_like, "zeros_like"),
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_numpys_functions_name_ours(name: str) -> None:
    call, ours = OURS[name]
    y = x(3)
    with pytest.raises(TypeError) as raised:
        call(y)
    assert str(raised.value) == (
        f"np.{name}: NumPy's functions record no gradient: "
        f"use tl.{ours}(...), or x.numpy() to leave the tape"
    )
    assert callable(getattr(tl, ours))
    assert y.owns_tape


@pytest.mark.parametrize("name", OURS)
def test_without_a_tape_they_read(name: str) -> None:
    call, _ = OURS[name]
    y = tl.tensor([3.0, 1.0, 2.0])
    found = call(y)
    assert not isinstance(found, tl.Tensor)
    np.testing.assert_array_equal(found, call(y.numpy()))


def test_masked_arrays_are_made_of_tensors_without_a_tape() -> None:
    y = tl.tensor([3.0, np.inf])
    assert np.ma.masked_invalid(y).mask.tolist() == [False, True]


def test_functions_that_are_not_ours_read_what_has_no_tape() -> None:
    y: Any = tl.tensor([3.0, 1.0])
    assert np.percentile(y, 50) == 2
    assert np.histogram([y, y], bins=1)[0].tolist() == [4]
    assert np.apply_along_axis(lambda v: v[:1], 0, arr=y).tolist() == [3]
    with pytest.raises(TypeError, match=r"^np\.percentile: .* gradient: use x\.numpy\(\) to leave"):
        np.percentile(y.traced(), 50)
    with pytest.raises(TypeError, match=r"^np\.linalg\.cond: .* gradient: use x\.numpy\(\) to"):
        np.linalg.cond(x(2, 2))


def test_functions_that_lose_no_gradient_read() -> None:
    y: Any = x(2, 3)
    assert (np.shape(y), np.ndim(y), np.size(y)) == ((2, 3), 2, 6)
    assert np.array_equal(y, np.ones((2, 3)))
    assert np.allclose([y], 1)
    assert type(np.copy(y)) is np.ndarray
    assert y.owns_tape


# NaN, infinity and no elements --------------------------------------------------------------------


def test_nan_and_infinity_are_numbers() -> None:
    """Ops hand them on, as IEEE 754 says; NumPy's warnings are the user's to filter."""
    y = tl.tensor([1.0, np.nan, np.inf, -np.inf])
    assert y.relu().tolist()[2:] == [np.inf, 0]
    assert y.exp().tolist()[2:] == [np.inf, 0]
    assert np.isnan(y.relu().tolist()[1])
    assert np.isnan(y.sum().item())
    assert np.isnan(y.max().item())
    assert y.isnan().tolist() == [False, True, False, False]
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert (tl.tensor([1.0]) / 0.0).item() == np.inf
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(tl.tensor([-1.0]).log().item())
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (tl.tensor([1.0]) / 0.0).item() == np.inf


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_no_step_is_taken_with_nan_or_infinity(number: float) -> None:
    model = nn.Linear(2, 1, rng=0)
    before = [p.numpy().copy() for _, p in model.named_tensors()]
    sgd = optim.SGD(model, lr=0.1)
    loss = losses.mse_loss(model(tl.tensor([[1.0, number]]).traced()), tl.zeros((1, 1)))
    with pytest.raises(tl.NonFiniteGradientError), np.errstate(all="ignore"):
        sgd.update(model, loss.backward(wrt=model))
    for (_, p), old in zip(model.named_tensors(), before, strict=True):
        np.testing.assert_array_equal(p.numpy(), old)
    assert sgd.steps == 0


def test_a_batch_of_nothing_does_no_harm() -> None:
    """Its mean is NaN, as NumPy's and PyTorch's; its gradients are 0, and statistics stay."""
    model: Any = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=1))
    before = [p.numpy().copy() for _, p in model.named_tensors()]
    sgd = optim.SGD(model, lr=0.1)
    logits = model(tl.zeros((0, 3)).traced())
    assert logits.shape == (0, 2)
    loss = losses.cross_entropy(logits, tl.zeros((0,), np.int64))
    assert np.isnan(loss.item())
    sgd.update(model, loss.backward(wrt=model))
    for (path, p), old in zip(model.named_tensors(), before, strict=True):
        np.testing.assert_array_equal(p.numpy(), old, err_msg=path)


# Layouts and memory -------------------------------------------------------------------------------


def strided(array: Array) -> Array:
    """Return the same elements, every other one of a larger array."""
    return np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array.copy()


def reversed_(array: Array) -> Array:
    """Return the same elements, with negative strides."""
    return np.ascontiguousarray(array[..., ::-1])[..., ::-1] if array.ndim else array.copy()


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "strided": strided, "reversed": reversed_, "fortran": lambda array: np.array(array, order="F"),
}  # fmt: skip


@named()
@given(data=st.data())
@few(2)
def test_any_layout_gives_the_same_and_is_never_written(case: OpCase, data: st.DataObject) -> None:
    """What `from_numpy` shares is the user's: forward and backward passes leave it alone."""
    call, seed = data.draw(case.calls), data.draw(SEEDS)
    layout = LAYOUTS[data.draw(st.sampled_from(sorted(LAYOUTS)))]
    operands = fill(case, call, np.random.default_rng(seed))

    def run(arrays: list[Any]) -> list[Array]:
        tensors = [tl.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arrays]
        traced = [
            t.traced() if has_gradient(a) and case.differentiable else t
            for a, t in zip(arrays, tensors, strict=True)
        ]
        results = members(case.ours(*traced, *call.args))
        found = [y.numpy().copy() for y in results]
        if not case.differentiable:
            return found
        total = sum((y.square().sum() for y in results[1:]), results[0].square().sum())
        gradients = total.backward()
        of = [t for a, t in zip(arrays, tensors, strict=True) if has_gradient(a)]
        return found + [gradients[t].numpy() for t in of]

    others = [layout(a) if isinstance(a, np.ndarray) else a for a in operands]
    before = [a.tobytes() if isinstance(a, np.ndarray) else b"" for a in others]
    for actual, expected in zip(run(others), run(operands), strict=True):
        assert_same_in_float64(actual, expected)
    assert [a.tobytes() if isinstance(a, np.ndarray) else b"" for a in others] == before
    assert all(a.flags.writeable for a in others if isinstance(a, np.ndarray))


@pytest.mark.parametrize("dtype", [">f4", "<f4", ">i8", "<i8", ">f8", "|u1", "?"])
def test_any_byte_order_is_copied_to_the_machines_own(dtype: str) -> None:
    array = np.arange(4).astype(dtype)
    y = tl.tensor(array)
    assert y.dtype.isnative
    assert y.dtype == array.dtype.newbyteorder("=")
    assert y.tolist() == array.tolist()
    if array.dtype.isnative:
        assert np.shares_memory(tl.from_numpy(array).numpy(), array)
    else:
        with pytest.raises(tl.DtypeError, match=r"^from_numpy: expected native byte order"):
            tl.from_numpy(array)


def test_arrays_that_may_not_be_written_are_read() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    for y in (tl.tensor(array), tl.from_numpy(array), tl.from_dlpack(array)):
        assert (y.traced() * 2.0).sum().backward()[y].tolist() == [2, 2, 2]
    assert tl.tensor(np.broadcast_to(np.float32(3), (2, 2))).sum().item() == 12


def test_arrays_without_axes() -> None:
    array: Any = np.array(2.0)
    for y in (tl.tensor(array), tl.from_numpy(array), tl.from_dlpack(array)):
        assert y.shape == ()
        assert (y.traced() * 3.0).backward()[y].item() == 3


def test_a_parameter_copies_what_was_shared() -> None:
    array = np.ones(3, np.float32)
    weight = nn.Parameter(tl.from_numpy(array))
    weight.write(np.zeros(3, np.float32))
    assert array.tolist() == [1, 1, 1]
    array[:] = 5
    assert weight.tolist() == [0, 0, 0]


def test_a_matrix_becomes_a_plain_tensor() -> None:
    for y in (tl.tensor(MATRIX), tl.from_numpy(MATRIX)):
        assert y.shape == (1, 3)
        assert type(y.numpy()) is np.ndarray
        assert (y[0] * 2.0).shape == (3,)
