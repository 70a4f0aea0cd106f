"""The choice of a BLAS: what is chosen computes, and products are NumPy's within rounding."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import tensorlib as tl
from tensorlib.blas import address, mkl
from tensorlib.blas.geometry import geometry
from tensorlib.ops import products
from tensorlib.tape import Array
from tests.blas_libraries import MKL, each_library, library, needs_mkl, without_numpys

# Products -----------------------------------------------------------------------------------------

SHAPES = (
    ((3, 4), (4, 5)),
    ((1, 4), (4, 5)),
    ((3, 1), (1, 5)),
    ((3, 4), (4, 1)),
    ((65, 33), (33, 17)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((7, 3, 4), (7, 4, 5)),
    ((7, 3, 4), (4, 5)),
    ((3, 4), (7, 4, 5)),
    ((1, 3, 4), (7, 4, 5)),
    ((2, 7, 3, 4), (7, 4, 5)),
    ((2, 1, 3, 4), (1, 7, 4, 5)),
    ((2, 3, 2, 3, 4), (3, 1, 4, 5)),
    ((7, 4), (7, 4, 5)),
    ((2, 3, 4), (4,)),
    ((1, 1, 3, 4), (1, 4, 5)),
)
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "rows": lambda x: x,
    "columns": lambda x: np.ascontiguousarray(x.T).T,
    "transposed": lambda x: (
        np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2) if x.ndim > 1 else x
    ),
    "part of rows": lambda x: np.pad(x, [(0, 0)] * (x.ndim - 1) + [(1, 2)])[..., 1:-2],
    "batch last": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0),
    "batch inside": lambda x: (
        np.ascontiguousarray(x.swapaxes(0, -2)).swapaxes(0, -2) if x.ndim > 2 else x
    ),
}
"""Ways to lie in memory, all of which BLAS can read but for the batch that comes last."""
UNREADABLE: dict[str, Callable[[Array], Array]] = {
    "every other column": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "reversed rows": lambda x: np.ascontiguousarray(x[..., ::-1, :])[..., ::-1, :],
    "one row stretched": lambda x: np.broadcast_to(x[..., :1, :], x.shape),
    "overlapping rows": lambda x: sliding_window_view(x.reshape(-1), x.shape[1])[: len(x)],
    "rows in records": lambda x: _in_records(x, 1),
    "batch in records": lambda x: _in_records(x[None].repeat(2, 0), 1),
    "unaligned": lambda x: np.frombuffer(b"\0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
}


def _in_records(x: Array, axes: int) -> Array:
    """Put all behind the first axes into records, which have two bytes more each."""
    records = np.zeros(x.shape[:axes], [("x", x.dtype, x.shape[axes:]), ("rest", "i2")])
    records["x"] = x
    return records["x"]


def drawn(shape: tuple[int, ...], dtype: str = "float32", seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def close(x: Any, y: Any) -> bool:
    tolerance = 1e-5 if x.dtype == np.float32 else 1e-12
    return bool(x.dtype == y.dtype and x.shape == y.shape and np.allclose(x, y, 0, tolerance))


@each_library
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout2", LAYOUTS)
@pytest.mark.parametrize("layout1", LAYOUTS)
def test_products_are_numpys(name: str, layout1: str, layout2: str, dtype: str) -> None:
    for shape1, shape2 in SHAPES:
        x1 = LAYOUTS[layout1](drawn(shape1, dtype, 1))
        x2 = LAYOUTS[layout2](drawn(shape2, dtype, 2))
        assert (x1.shape, x2.shape) == (shape1, shape2)
        assert close(library(name).matmul(x1, x2), np.matmul(x1, x2)), (shape1, shape2)


@each_library
@pytest.mark.parametrize("layout", ["rows", "transposed", "part of rows", "batch inside"])
def test_operands_are_read_where_they_lie(
    name: str, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the library, and without a copy, which would be of another size than the result."""
    multiply = library(name).matmul
    operands = [(LAYOUTS[layout](drawn(s1)), LAYOUTS[layout](drawn(s2))) for s1, s2 in SHAPES]
    # Where operands lie is found out by the first call of its kind, which asks NumPy.
    wanted = [multiply(x1, x2).shape for x1, x2 in operands]
    asked = without_numpys(monkeypatch)
    made: list[Any] = []
    empty = np.empty

    def noted(shape: tuple[int, ...], dtype: Any) -> Array:
        made.append(shape)
        return empty(shape, dtype)

    monkeypatch.setattr(np, "empty", noted)
    for x1, x2 in operands:
        multiply(x1, x2)
    assert made == wanted
    assert not asked


@each_library
@pytest.mark.parametrize("layout", UNREADABLE)
def test_what_blas_cannot_read_is_numpys(
    name: str, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x1, x2 = UNREADABLE[layout](drawn((3, 4))), drawn((4, 5), seed=1)
    wanted = np.matmul(x1, x2), np.matmul(x2.T, x1.mT)
    multiply, asked = library(name).matmul, without_numpys(monkeypatch)
    np.testing.assert_array_equal(multiply(x1, x2), wanted[0])
    np.testing.assert_array_equal(multiply(x2.T, x1.mT), wanted[1])
    assert len(asked) == 2


@each_library
@pytest.mark.parametrize(
    ("x1", "x2"),
    [
        (drawn((3, 4), "float16"), drawn((4, 5), "float16")),
        (np.arange(12).reshape(3, 4), np.arange(20).reshape(4, 5)),
        (drawn((3, 4), "float32"), drawn((4, 5), "float64")),
        (drawn((3, 4), "float32"), drawn((4, 1), "float64")),
        (drawn((1, 4), "float32"), drawn((4, 2), "float64").T.copy().T),
        (drawn((3, 4), ">f4"), drawn((4, 5), ">f4")),
        (drawn((4,)), drawn((4,))),
        (drawn((6, 1, 4)), drawn((6, 4, 1))),
        (drawn((0, 4)), drawn((4, 5))),
        (drawn((3, 0)), drawn((0, 5))),
        (drawn((3, 4))[:, 1:1], drawn((4, 5))[1:1]),
        (drawn((0, 3, 4)), drawn((4, 5))),
        (drawn((3, 4)), drawn((4, 0))),
    ],
    ids=lambda x: f"{x.dtype.str}{x.shape}",
)
def test_what_is_not_for_blas_is_numpys(
    name: str, x1: Array, x2: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, multiply = np.matmul(x1, x2), library(name).matmul
    asked = without_numpys(monkeypatch)
    y = multiply(x1, x2)
    np.testing.assert_array_equal(y, wanted, strict=True)
    assert asked == [(x1.shape, x2.shape)]


@each_library
@pytest.mark.parametrize(
    ("shape1", "shape2"),
    [((3, 4), (5, 6)), ((2, 3, 4), (3, 4, 5)), ((), (3, 4)), ((3, 4), ()), ((3, 4), (3,))],
)
def test_shapes_that_do_not_fit_are_refused_as_by_numpy(
    name: str, shape1: tuple[int, ...], shape2: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"mismatch|broadcast|dimension") as wanted:
        np.matmul(drawn(shape1), drawn(shape2))
    with pytest.raises(ValueError, match=r"mismatch|broadcast|dimension") as found:
        library(name).matmul(drawn(shape1), drawn(shape2))
    assert str(found.value) == str(wanted.value)


@each_library
@pytest.mark.parametrize("layout", ["rows", "part of rows", "transposed"])
def test_a_result_goes_where_it_is_told(name: str, layout: str) -> None:
    x1, x2 = drawn((7, 3, 4)), drawn((4, 5), seed=1)
    whole = LAYOUTS[layout](np.full((9, 3, 5), 7, np.float32))
    y = library(name).matmul(x1, x2, out=whole[1:8])
    assert np.shares_memory(y, whole)
    assert close(whole[1:8], np.matmul(x1, x2))
    assert (whole[[0, 8]] == 7).all()


@each_library
def test_a_result_of_another_shape_or_dtype_is_for_numpy_to_judge(name: str) -> None:
    x1, x2 = drawn((3, 4)), drawn((4, 5), seed=1)
    for columns in (5, 1):
        wide = np.empty((3, columns))
        library(name).matmul(x1, x2[:, :columns], out=wide)
        assert close(wide.astype(np.float32), np.matmul(x1, x2[:, :columns]))
    with pytest.raises(ValueError, match="Output operand"):
        library(name).matmul(x1, x2, out=np.empty((2, 5), np.float32))


@each_library
def test_drawn_views_multiply_as_by_numpy(name: str) -> None:
    rng, multiply = np.random.default_rng(0), library(name).matmul
    for _ in range(400):
        rows, inner, columns, count = (int(n) for n in rng.integers(1, 7, 4))
        x1 = _view(rng, (count, rows, inner)[-int(rng.integers(2, 4)) :])
        x2 = _view(rng, (count, inner, columns)[-int(rng.integers(2, 4)) :])
        assert close(multiply(x1, x2), np.matmul(x1, x2)), (x1.strides, x2.strides)


def _view(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """A part of a larger array whose axes are in another order, each with a step of its own."""
    order = rng.permutation(len(shape))
    steps = [int(step) for step in rng.choice([1, 1, 1, 2, -1], len(shape))]
    larger = [size * abs(step) + 1 for size, step in zip(shape, steps, strict=True)]
    x = rng.standard_normal([larger[axis] for axis in order]).transpose(np.argsort(order))
    x = x[tuple(slice(None, None, step) for step in steps)]
    return x[tuple(slice(size) for size in shape)]


def test_how_matrices_lie() -> None:
    found = geometry((3, 4), (4, 12), (4, 5), (28, 4), None, 4)
    assert found is not None
    assert [tuple(lie) for lie in found.lies] == [(True, 3), (False, 7), (False, 5)]
    assert found.batch == ()
    found = geometry((1, 4), (400, 8), (4, 1), (12, 400), None, 4)  # of one row or column
    assert found is None
    found = geometry((1, 4), (400, 8), (4, 2), (12, 4), None, 4)
    assert found is not None
    assert [tuple(lie) for lie in found.lies] == [(True, 2), (False, 3), (False, 2)]
    found = geometry((2, 4), (16, 4), (4, 1), (12, 400), None, 4)
    assert found is not None
    assert [tuple(lie) for lie in found.lies] == [(False, 4), (False, 3), (False, 1)]
    found = geometry((2, 1, 3, 4), (48, 8, 16, 4), (6, 4, 5), (80, 20, 4), None, 4)
    assert found is not None
    assert (found.shape, found.batch) == ((2, 6, 3, 5), (2, 6))
    assert found.steps.tolist() == [[48, 0], [0, 80], [360, 60]]
    starts = found.starts((1000, 2000, 3000))
    assert starts[:, :7].tolist() == [
        [1000, 1000, 1000, 1000, 1000, 1000, 1048],
        [2000, 2080, 2160, 2240, 2320, 2400, 2000],
        [3000, 3060, 3120, 3180, 3240, 3300, 3360],
    ]


def test_addresses_are_numpys() -> None:
    x = drawn((4, 5))
    for view in (x, x[2:], x.T[3:], x[::-1], np.frombuffer(b"12345678", np.float32)):
        assert address.address(view) == view.ctypes.data
    assert (address.address is address._read) == (sys.implementation.name == "cpython")


# Ops ----------------------------------------------------------------------------------------------

Op = Callable[..., Any]
OPS: dict[str, tuple[Op, tuple[tuple[int, ...], ...]]] = {
    "matmul": (tl.matmul, ((3, 4), (4, 5))),
    "matmul of a batch": (tl.matmul, ((2, 6, 3, 4), (6, 4, 5))),
    "matvec": (tl.matvec, ((6, 3, 4), (6, 4))),
    "vecmat": (tl.vecmat, ((6, 4), (6, 4, 5))),
    "outer": (tl.outer, ((3,), (4,))),
    "linear": (tl.linear, ((2, 6, 4), (5, 4), (5,))),
    "tensordot": (lambda x, y: tl.tensordot(x, y, axes=((0, 2), (1, 0))), ((2, 3, 4), (4, 2, 5))),
    "einsum": (lambda x, y, z: tl.einsum("bij,jk,bk->bi", x, y, z), ((6, 3, 4), (4, 5), (6, 5))),
    "conv2d": (lambda x, w: tl.conv2d(x, w, padding=1), ((2, 3, 6, 6), (4, 3, 3, 3))),
    "conv2d in groups": (lambda x, w: tl.conv2d(x, w, groups=2), ((2, 4, 6, 6), (6, 2, 3, 3))),
    "conv_transpose2d": (tl.conv_transpose2d, ((2, 3, 4, 4), (3, 5, 2, 2))),
    "attention": (tl.scaled_dot_product_attention, ((2, 3, 6, 4), (2, 3, 5, 4), (2, 3, 5, 7))),
    "lstm": (
        lambda x, h, c, w, r: tl.lstm(x, h, c, w, r)[0],
        ((2, 5, 3), (2, 4), (2, 4), (16, 3), (16, 4)),
    ),
}


def _with_gradients(op: Op, shapes: tuple[tuple[int, ...], ...], dtype: str) -> list[Array]:
    operands = [tl.tensor(drawn(shape, dtype, place)) for place, shape in enumerate(shapes)]
    constant = op(*operands)
    gradients = (op(*(x.traced() for x in operands)) * constant).sum().backward(wrt=operands)
    return [constant.numpy(), *(gradients[x].numpy() for x in operands)]


@each_library
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ops_and_gradients_are_numpys(
    name: str, op: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none of their products is NumPy's."""
    multiply = library(name).matmul
    with tl.blas.use("numpy"):
        wanted = _with_gradients(*OPS[op], dtype)
        monkeypatch.setattr(products, "matmul", multiply)
        asked = without_numpys(monkeypatch)
        found = _with_gradients(*OPS[op], dtype)
    assert not [shapes for shapes in asked if 1 not in (shapes[0][-2:] + shapes[1][-2:])]
    for x, y in zip(found, wanted, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_allclose(x, y, 1e-4 if dtype == "float32" else 1e-10, 1e-4)


# The choice ---------------------------------------------------------------------------------------

NOT_KNOWN = 'expected "numpy", "mkl-dynamic-seq" or "mkl-dynamic-iomp", got '


def run(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "TENSORLIB_BLAS"}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_numpy_is_the_default_and_nothing_is_imported() -> None:
    result = run(
        "import sys, numpy, tensorlib as tl; from tensorlib.ops import products\n"
        "assert products.matmul is numpy.matmul\n"
        "assert not [name for name in sys.modules if name.startswith('tensorlib.blas')]\n"
        "tl.blas.use('numpy'); from tensorlib import blas; assert blas is tl.blas\n"
        "assert products.matmul is numpy.matmul\n"
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["mkl", "MKL-dynamic-seq", "", None, 3])
def test_unknown_libraries_are_refused(name: Any) -> None:
    before = products.matmul
    with pytest.raises(ValueError, match=r"^blas.use: ") as caught:
        tl.blas.use(name)
    assert str(caught.value) == f"blas.use: {NOT_KNOWN}{name!r}"
    assert products.matmul is before


@pytest.mark.parametrize("threads", ["seq", "iomp"])
def test_static_libraries_are_refused(threads: str) -> None:
    name: Any = f"mkl-static-{threads}"
    with pytest.raises(ValueError, match=r"^blas.use: ") as caught:
        tl.blas.use(name)
    assert str(caught.value) == (
        "blas.use: nothing is linked statically in Python, which loads libraries as it runs: "
        f'use "mkl-dynamic-{threads}"'
    )


def test_the_environment_chooses() -> None:
    program = "import tensorlib as tl; print([row.used for row in tl.blas.info()][0])"
    assert run(program, TENSORLIB_BLAS="numpy").stdout == "True\n"
    assert run(program, TENSORLIB_BLAS="").stdout == "True\n"
    result = run(program, TENSORLIB_BLAS="mkl")
    assert result.stderr.endswith(f"ValueError: TENSORLIB_BLAS: {NOT_KNOWN}'mkl'\n")
    assert result.returncode == 1


def test_a_missing_mkl_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def files(package: str) -> None:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(mkl, "_mkl", None)
    monkeypatch.setattr(metadata, "files", files)
    monkeypatch.setattr(mkl, "find_library", lambda name: None)
    before = products.matmul
    with pytest.raises(ImportError) as caught:
        tl.blas.use("mkl-dynamic-iomp")
    assert str(caught.value) == "blas.use: MKL is not installed: pip install 'tensorlib[mkl]'"
    assert products.matmul is before


@pytest.mark.parametrize("file", ["libm.so.6", "nowhere.so"])
def test_what_is_no_mkl_is_refused(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mkl, "_mkl", None)
    monkeypatch.setattr(mkl, "find", lambda: file)
    with pytest.raises(ImportError, match=r"^blas.use: MKL cannot be loaded: "):
        tl.blas.use("mkl-dynamic-iomp")
    assert mkl.loaded() is None


@pytest.fixture
def stand_in() -> Iterator[Callable[..., Any]]:
    """Have NumPy's BLAS stand in for MKL, and return its product."""
    multiply = library("openblas")

    class Mkl:
        cblas = multiply
        path = ""

        def set_layer(self, layer: str) -> str:
            return layer

    with tl.blas.use("numpy"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(mkl, "load", Mkl)
        patch.setattr(mkl, "threads_would_mix", lambda path: False)
        yield multiply.matmul
        tl.blas.use("numpy")


def test_a_choice_is_taken_back(stand_in: Callable[..., Any]) -> None:
    with tl.blas.use("mkl-dynamic-seq"):
        assert products.matmul == stand_in
        with tl.blas.use("numpy"):
            assert products.matmul is np.matmul
        assert products.matmul == stand_in
        with pytest.raises(KeyError), tl.blas.use("mkl-dynamic-iomp"):
            raise KeyError
        assert products.matmul == stand_in
    assert products.matmul is np.matmul
    chosen = tl.blas.use("mkl-dynamic-seq")
    assert products.matmul == stand_in
    assert (chosen.name, chosen.before) == ("mkl-dynamic-seq", "numpy")


@pytest.mark.usefixtures("stand_in")
def test_threads_may_choose_at_any_time() -> None:
    x, y = drawn((8, 8)), drawn((8, 8), seed=1)
    wanted, right = x @ y, []

    def work(choice: tl.blas.Choice) -> None:
        for _ in range(200):
            tl.blas.use(choice)
            right.append(close(tl.matmul(tl.tensor(x), tl.tensor(y)).numpy(), wanted))

    choices: tuple[tl.blas.Choice, ...] = ("numpy", "mkl-dynamic-seq", "mkl-dynamic-iomp")
    threads = [threading.Thread(target=work, args=(choice,)) for choice in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 600


# MKL ----------------------------------------------------------------------------------------------


@needs_mkl
def test_mkl_is_chosen_and_told() -> None:
    with tl.blas.use("numpy"):
        with tl.blas.use(MKL):
            numpys, other = tl.blas.info()
            assert (numpys.used, other.used, other.name) == (False, True, "MKL")
            assert other.threads is not None
            assert other.threads >= 1
            assert other.version.startswith("20")
        assert [row.used for row in tl.blas.info()] == [True, False]


@needs_mkl
@pytest.mark.parametrize("other", ["mkl-dynamic-seq", "mkl-dynamic-iomp"])
def test_mkl_keeps_its_way_with_threads(other: str) -> None:
    result = run(
        "import tensorlib as tl\n"
        "tl.matmul(tl.ones((2, 3)), tl.ones((3, 4)))\n"
        "try:\n"
        f"    tl.blas.use({other!r})\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
        "print(tl.blas.info()[1].used)\n",
        TENSORLIB_BLAS="mkl-dynamic-seq" if other.endswith("iomp") else "mkl-dynamic-iomp",
    )
    cure = "choose it before anything is computed"
    if other == "mkl-dynamic-seq":
        cure = "say tl.blas.threads(1)"
    before = "mkl-dynamic-iomp" if other == "mkl-dynamic-seq" else "mkl-dynamic-seq"
    assert result.stdout == (
        f"blas.use: MKL computes as {before} in this program already, and cannot change to "
        f"{other}: {cure}\nTrue\n"
    )


PRODUCTS_ARE_RIGHT = """
import numpy as np
for rows, inner, columns in ((4, 20, 3), (200, 200, 200), (50, 700, 20)):
    x, y = (np.random.default_rng(0).random((inner, n)) for n in (rows, columns))
    assert np.allclose(tl.matmul(tl.tensor(x).T, tl.tensor(y)).numpy(), np.matmul(x.T, y))
print("right")
"""
TWO_THREADS = {"OMP_NUM_THREADS": "2", "MKL_DYNAMIC": "FALSE"}


@needs_mkl
def test_mkls_threads_get_on_with_pytorchs_that_come_later() -> None:
    program = "import tensorlib as tl\ntl.blas.use('mkl-dynamic-iomp')\nimport torch"
    result = run(program + PRODUCTS_ARE_RIGHT, **TWO_THREADS)
    assert result.stdout == "right\n", result.stderr


@needs_mkl
def test_mkls_threads_are_refused_after_pytorchs() -> None:
    program = (
        "import torch\nimport tensorlib as tl\n"
        "try:\n"
        "    tl.blas.use('mkl-dynamic-iomp')\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
        "tl.blas.use('mkl-dynamic-seq')"
    )
    result = run(program + PRODUCTS_ARE_RIGHT, **TWO_THREADS)
    assert result.stdout == (
        "blas.use: mkl-dynamic-iomp would compute wrong results beside another OpenMP that is "
        "loaded already, such as PyTorch's: choose it before PyTorch is imported, or "
        "mkl-dynamic-seq\nright\n"
    ), result.stderr


@needs_mkl
def test_mkl_takes_as_many_threads_as_it_may() -> None:
    program = (
        "import tensorlib as tl\n"
        "def threads(): return tl.blas.info()[1].threads\n"
        "with tl.blas.threads(1):\n"
        "    print(threads())\n"
        "print(threads())\n"
    )
    for name, count in (("mkl-dynamic-iomp", "2"), ("mkl-dynamic-seq", "1")):
        assert run(program, TENSORLIB_BLAS=name, **TWO_THREADS).stdout == f"1\n{count}\n"


# The table, and threads ---------------------------------------------------------------------------


def test_the_table_names_numpys_blas() -> None:
    with tl.blas.use("numpy"):
        table = tl.blas.info()
    cells = (table[0].name, table[0].version, table[0].architecture or "?", table[0].threads or "?")
    built: Any = np.show_config(mode="dicts")
    assert table[0].name.lower() in built["Build Dependencies"]["blas"]["name"]
    assert table[0].used
    assert (len(table) == 2) == (mkl.loaded() is not None)
    head, first, *_ = str(table).splitlines()
    assert head.split() == ["library", "version", "architecture", "threads", "used"]
    assert first.split() == [*map(str, cells), "yes"]
    assert repr(table) == str(table)


def test_the_table_does_without_threadpoolctl(monkeypatch: pytest.MonkeyPatch) -> None:
    with tl.blas.use("numpy"):
        whole = tl.blas.info()[0]
        monkeypatch.setitem(sys.modules, "threadpoolctl", None)
        table = tl.blas.info()
    assert (table[0].name, table[0].used) == (whole.name, True)
    assert (table[0].architecture, table[0].threads, table[0].path) == (None, None, None)
    assert str(table).splitlines()[1].split()[2:] == ["?", "?", "yes"]


def test_threads_are_limited_and_given_back() -> None:
    before = tl.blas.info()[0].threads
    if before is None:
        pytest.skip("threadpoolctl does not know NumPy's BLAS")
    with tl.blas.threads(2):
        assert tl.blas.info()[0].threads == 2
        with tl.blas.threads(1):
            assert tl.blas.info()[0].threads == 1
        assert tl.blas.info()[0].threads == 2
    assert tl.blas.info()[0].threads == before


def test_threads_are_a_positive_number(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = 1.5
    with pytest.raises(TypeError, match=r"^blas.threads: expected a number of threads as an int"):
        tl.blas.threads(wrong)
    with pytest.raises(ValueError, match=r"^blas.threads: expected at least 1 thread, got 0$"):
        tl.blas.threads(0)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(ImportError) as caught:
        tl.blas.threads(1)
    assert str(caught.value) == (
        "blas.threads: threadpoolctl is not installed: pip install 'tensorlib[blas]'"
    )
