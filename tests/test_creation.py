"""Making tensors: dtypes, copies and shared memory, bad data, random streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")
NOT_SUPPORTED = "expected a dtype of bool, uint8, int32, int64, float16, float32, float64, got "


def make(data: Any, dtype: Any = None) -> Any:
    return tl.tensor(data) if dtype is None else tl.tensor(data, dtype)


# From values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.5, "float32", ()),
        (2, "int64", ()),
        (True, "bool", ()),
        ([], "float32", (0,)),
        ([[], []], "float32", (2, 0)),
        ([1.0, 2.0], "float32", (2,)),
        ([1, 2.5], "float32", (2,)),
        ([1, 2, 3], "int64", (3,)),
        ([True, False], "bool", (2,)),
        ([True, 2], "int64", (2,)),
        ([[[1.0], [2.0]]], "float32", (1, 2, 1)),
        ((1, (2)), "int64", (2,)),
        (range(4), "int64", (4,)),
        ([np.float64(1), 2.0], "float32", (2,)),
        ([np.zeros(2), [1.0, 2.0]], "float32", (2, 2)),
        (np.float64(1.5), "float64", ()),
        (np.uint8(3), "uint8", ()),
    ],
)
def test_dtypes_of_values(data: Any, dtype: str, shape: tuple[int, ...]) -> None:
    x = make(data)
    assert x.dtype == dtype
    assert x.shape == shape
    assert not x.owns_tape


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_keep_their_dtype(dtype: str) -> None:
    array = np.ones((2, 3), dtype)
    assert make(array).dtype == dtype
    assert tl.from_numpy(array).dtype == dtype
    assert make(make(array)).dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_can_be_chosen(dtype: str) -> None:
    kind = np.dtype(dtype).type
    for x in (make([1, 0], kind), make(np.array([1.0, 0.0]), kind), make(make([1, 0]), kind)):
        assert x.dtype == dtype
        assert x.tolist() == [1, 0]
    for f in (tl.zeros, tl.ones):
        assert f((2,), kind).dtype == dtype
    assert tl.full((2,), 1, kind).dtype == dtype


def test_pythons_types_are_dtypes() -> None:
    assert make([1], float).dtype == np.float64
    assert make([1.0], int).dtype == np.int64
    assert make([1], bool).dtype == np.bool_


def test_tensor_copies() -> None:
    array = np.array([1.0, 2.0], np.float32)
    x = make(array)
    array[0] = 5
    assert x.tolist() == [1, 2]
    y = make(x)
    assert not np.shares_memory(x.numpy(), y.numpy())
    assert y.id != x.id
    assert make(x.traced()).owns_tape is False


# Bad data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        [[1.0, 2.0], [3.0]],
        [1.0, [2.0]],
        [[1], [2, 3], []],
        [[[1, 2]], [[1], [2]]],
        [np.zeros(2), np.zeros(3)],
        [np.zeros((2, 3)), np.zeros((2, 4))],
        [np.zeros((2, 3)), np.zeros(2)],
    ],
)
def test_ragged_lists(data: Any) -> None:
    with pytest.raises(tl.ShapeError) as caught:
        make(data)
    assert str(caught.value) == "tensor: nested lists must have equal lengths at each level"


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (None, "object"),
        ([1, None], "object"),
        ([{}], "object"),
        ({1.0, 2.0}, "object"),
        (object(), "object"),
        ([2**70], "object"),
        ([2**63], "uint64"),
        ("text", "str128"),
        (["a", "bc"], "str64"),
        (b"bytes", "bytes40"),
        ([1j], "complex128"),
        (np.array([1, 2], np.int8), "int8"),
        (np.array([1, 2], np.uint16), "uint16"),
        (np.ones(2, np.complex64), "complex64"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64[D]"),
        (np.array([1], "m8[s]"), "timedelta64[s]"),
        (np.array([1], object), "object"),
        (np.zeros(2, [("a", "f4"), ("b", "i4")]), "void64"),
    ],
)
def test_what_is_not_numeric(data: Any, got: str) -> None:
    with pytest.raises(tl.DtypeError) as caught:
        make(data)
    assert str(caught.value).startswith(f"tensor: {NOT_SUPPORTED}{got}: ")
    if isinstance(data, np.ndarray):
        with pytest.raises(tl.DtypeError, match=r"^from_numpy: expected a dtype of bool"):
            tl.from_numpy(data)


@pytest.mark.parametrize("data", [["1.5"], np.array(["a"]), [1j], [None]])
def test_a_dtype_makes_nothing_numeric(data: Any) -> None:
    with pytest.raises(tl.DtypeError):
        make(data, np.float32)


@pytest.mark.parametrize("dtype", ["complex64", "object", "U3", "int8", "M8[s]"])
@pytest.mark.parametrize("name", ["tensor", "zeros", "ones", "full"])
def test_dtypes_that_tensors_cannot_have(name: str, dtype: str) -> None:
    kind: Any = np.dtype(dtype)
    f: Any = getattr(tl, name)
    args = {"tensor": ([1],), "full": ((2,), 1)}.get(name, ((2,),))
    with pytest.raises(tl.DtypeError, match=f"^{name}: expected a dtype of bool"):
        f(*args, kind)


# Sharing memory ----------------------------------------------------------------------------------


def test_from_numpy_shares_behind_a_read_only_view() -> None:
    array = np.array([1.0, 2.0], np.float32)
    x: Any = tl.from_numpy(array)
    assert np.shares_memory(x.numpy(), array)
    assert array.flags.writeable
    array[0] = 5
    assert x.tolist() == [5, 2]
    with pytest.raises(ValueError, match=r"read-only"):
        x.numpy()[0] = 1
    assert (x + 1).tolist() == [6, 3]


@pytest.mark.parametrize("value", [[1.0, 2.0], 1.0, np.float32(1), None, "text"])
def test_from_numpy_takes_arrays_only(value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        tl.from_numpy(value)
    assert str(caught.value) == f"from_numpy: expected an array, got {type(value).__name__}"


def test_swapped_bytes() -> None:
    array = np.array([1.0, 2.0], ">f4" if np.little_endian else "<f4")
    assert make(array).tolist() == [1, 2]
    assert make(array).numpy().dtype.isnative
    assert (make(array) + 1).tolist() == [2, 3]
    with pytest.raises(tl.DtypeError) as caught:
        tl.from_numpy(array)
    assert str(caught.value).startswith("from_numpy: expected native byte order, got ")
    assert "use tl.tensor(array)" in str(caught.value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4).T,
        np.arange(12, dtype=np.float32)[::-2],
        np.arange(12, dtype=np.float32).reshape(3, 4)[:, 1:3],
        np.broadcast_to(np.array([1, 2], np.float32), (3, 2)),
        np.asfortranarray(np.ones((2, 3), np.float32)),
        np.zeros((0, 3), np.float32),
        np.array(2.5, np.float32),
        np.frombuffer(b"\0" * 13, np.float32, count=3, offset=1),
    ],
)
def test_any_layout(array: Any) -> None:
    for x in (make(array), tl.from_numpy(array)):
        tensor: Any = x
        assert tensor.shape == array.shape
        assert tensor.tolist() == array.tolist()
        doubled = (tensor.traced() * 2).sum().backward()[tensor]
        assert doubled.tolist() == np.full(array.shape, 2.0).tolist()
    assert make(array).numpy().flags.c_contiguous


def test_read_only_arrays() -> None:
    array = np.ones(3, np.float32)
    array.flags.writeable = False
    assert make(array).tolist() == [1, 1, 1]
    assert np.shares_memory(tl.from_numpy(array).numpy(), array)


def test_subclasses_of_arrays_become_plain() -> None:
    class Special(np.ndarray[Any, Any]):
        pass

    array = np.ones(3, np.float32).view(Special)
    for x in (make(array), tl.from_numpy(array)):
        assert type(x.numpy()) is np.ndarray


# From a shape ------------------------------------------------------------------------------------

SHAPES: tuple[Any, ...] = ((), (3,), (2, 3), (1, 2, 1), (0,), (2, 0, 3), [2, 3], (np.int64(2), 3))
MAKERS: dict[str, Callable[[Any], Any]] = {
    "zeros": tl.zeros,
    "ones": tl.ones,
    "full": lambda shape: tl.full(shape, 7),
    "rand": lambda shape: tl.rand(shape, rng=1),
    "randn": lambda shape: tl.randn(shape, rng=1),
    "uniform": lambda shape: tl.uniform(shape, -1.0, 2.0, rng=1),
    "normal": lambda shape: tl.normal(shape, 1.0, 2.0, rng=1),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", MAKERS)
def test_shapes(name: str, shape: Any) -> None:
    x = MAKERS[name](shape)
    assert x.shape == tuple(shape)
    assert x.numpy().shape == tuple(shape)
    assert x.dtype == np.float32


@pytest.mark.parametrize("name", MAKERS)
def test_bad_shapes(name: str) -> None:
    with pytest.raises(tl.ShapeError) as caught:
        MAKERS[name]((2, -1))
    assert str(caught.value) == f"{name}: dimensions must not be negative, got (2, -1)"
    for shape, text in ((3, "3: write (3,)"), ((2.0,), "(2.0,)"), (None, "None"), ("2", "'2'")):
        with pytest.raises(TypeError) as wrong:
            MAKERS[name](shape)
        assert str(wrong.value) == f"{name}: expected a shape as a tuple of ints, got {text}"


def test_what_they_hold() -> None:
    assert tl.zeros((2,)).tolist() == [0, 0]
    assert tl.ones((2,)).tolist() == [1, 1]
    assert tl.full((2,), 7).tolist() == [7, 7]
    assert tl.full((), np.nan).numpy().dtype == np.float32
    assert tl.full((2,), True, np.bool_).tolist() == [True, True]


# Random numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [tl.rand, tl.randn, tl.uniform, tl.normal])
def test_seeds_reproduce(draw: Any) -> None:
    first, again, other = draw((5,), rng=3), draw((5,), rng=3), draw((5,), rng=4)
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
    assert draw((5,)).tolist() != draw((5,)).tolist()


@pytest.mark.parametrize("draw", [tl.rand, tl.randn, tl.uniform, tl.normal])
def test_a_generator_goes_on(draw: Any) -> None:
    rng = np.random.default_rng(3)
    first, second = draw((5,), rng=rng), draw((5,), rng=rng)
    assert first.tolist() == draw((5,), rng=3).tolist()
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize("draw", [tl.rand, tl.randn, tl.uniform, tl.normal])
def test_numpys_global_state_is_not_touched(draw: Any) -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    draw((100,))
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002


def test_random_ints() -> None:
    x = tl.randint((1000,), -2, 3, rng=5)
    assert set(x.tolist()) == {-2, -1, 0, 1, 2}
    assert x.dtype == np.int64
    assert x.tolist() == tl.randint((1000,), -2, 3, rng=5).tolist()
    assert sorted(tl.permutation(7, rng=1).tolist()) == list(range(7))
    assert tl.permutation(0).shape == (0,)


def test_distributions() -> None:
    uniform, normal = tl.rand((10_000,), rng=5).numpy(), tl.randn((10_000,), rng=5).numpy()
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert uniform.mean() == pytest.approx(0.5, abs=0.02)
    assert normal.mean() == pytest.approx(0, abs=0.05)
    assert normal.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("f", [tl.zeros, tl.ones])
def test_sizes_one_by_one_are_no_shape(f: Any) -> None:
    """As PyTorch takes them; the text speaks of the shape, not of a dtype of 3."""
    for ints in ((2, 3), (2, 3, 4)):
        with pytest.raises(TypeError) as caught:
            f(*ints)
        listed = ", ".join(map(str, ints))
        text = f"expected a shape as a tuple of ints, got {listed}: write ({listed})"
        assert str(caught.value) == f"{f.__name__}: {text}"
    with pytest.raises(TypeError, match="takes from 1 to 2 positional arguments but 3 were given"):
        f((2, 3), np.float32, 4)


def test_randint_needs_an_int_to_draw() -> None:
    with pytest.raises(ValueError, match="randint: low must be below high, got 3 and 3"):
        tl.randint((2,), 3, 3)
