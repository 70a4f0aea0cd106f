"""Compiled kernels: they compute what NumPy does within rounding, and are there when wanted."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib.losses import classification
from tensorlib.ops import (
    activation,
    attention,
    blocks,
    elementwise,
    kernels,
    normalization,
    normalization_layers,
    special,
)
from tensorlib.optim import adam, sgd
from tensorlib.tape import Array

INSTALLED = kernels.load() is None
needs_numba = pytest.mark.skipif(not INSTALLED, reason="numba is not installed")
both_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(autouse=True)
def _for_any_size(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let kernels compute small arrays, and leave the switch as it was."""
    monkeypatch.setattr(kernels, "on", True)
    monkeypatch.setattr(kernels, "least", 0)
    monkeypatch.setattr(kernels, "missing", kernels.missing)
    return iter([None])


# NumPy's numbers ----------------------------------------------------------------------------------

Draw = Callable[..., Array]
Arguments = Callable[[Draw, tuple[int, ...]], tuple[Any, ...]]

SHAPES = ((1,), (7,), (3, 5), (2, 3, 17), (64, 33), (130, 2), (1, 4, 1), (0, 3), (5, 700))


def _probabilities(draw: Draw, shape: tuple[int, ...]) -> Array:
    terms = np.exp(draw(shape))
    return np.asarray(terms / terms.sum(-1, keepdims=True))


def _standard(draw: Draw, shape: tuple[int, ...]) -> tuple[Any, ...]:
    return draw(shape), draw(shape), np.exp(draw((*shape[:-1], 1))), (-1,), draw(shape[-1:])


_NUMBERS = adam._Numbers(0.9, 0.999, 0.3, 1e-8, -1e-2, 0.99)

CASES: dict[str, tuple[Callable[..., Any], Arguments]] = {
    "elementwise.exp": (elementwise._exp_forward, lambda draw, s: (draw(s),)),
    "elementwise.gelu": (activation._gelu_forward, lambda draw, s: (draw(s), "none")),
    "elementwise.gelu_vjp": (
        activation._gelu_vjp,
        lambda draw, s: (draw(s), draw(s), _probabilities(draw, s), "none"),
    ),
    "elementwise.logistic": (special.logistic, lambda draw, s: (draw(s),)),
    "elementwise.logistic_vjp": (
        elementwise._sigmoid_vjp,
        lambda draw, s: (draw(s), _probabilities(draw, s)),
    ),
    "elementwise.positive_part": (blocks.positive_part, lambda draw, s: (draw(s),)),
    "elementwise.silu": (activation._silu_forward, lambda draw, s: (draw(s),)),
    "elementwise.silu_vjp": (
        activation._silu_vjp,
        lambda draw, s: (draw(s), draw(s), _probabilities(draw, s)),
    ),
    "elementwise.tanh_vjp": (elementwise._tanh_vjp, lambda draw, s: (draw(s), draw(s))),
    "elementwise.where_positive": (blocks.where_positive, lambda draw, s: (draw(s), draw(s))),
    "rows.column_products": (
        normalization_layers._weight_slope,
        lambda draw, s: (draw(s), draw(s), (-1,)),
    ),
    "rows.layer_norm": (
        normalization_layers._normalized,
        lambda draw, s: (draw(s), draw(s[-1:]), draw(s[-1:]), 1e-5),
    ),
    "rows.layer_norm_vjp": (normalization_layers._normalized_vjp, _standard),
    "rows.log_softmax": (normalization._log_softmax_forward, lambda draw, s: (draw(s), -1)),
    "rows.log_softmax_vjp": (
        normalization._log_softmax_vjp,
        lambda draw, s: (draw(s), np.log(_probabilities(draw, s)), -1),
    ),
    "rows.softmax": (normalization._softmax_forward, lambda draw, s: (draw(s), len(s) - 1)),
    "rows.softmax_vjp": (
        normalization._softmax_vjp,
        lambda draw, s: (draw(s), _probabilities(draw, s), -1),
    ),
    "rows.surprise": (classification._softmax, lambda draw, s: (draw(s),)),
    "rows.weights": (attention._softmax, lambda draw, s: (draw((2, *s)), False)),
    "rows.weights_vjp": (
        attention._softmax_vjp,
        lambda draw, s: (draw(s), _probabilities(draw, s)),
    ),
    "steps.adam": (
        adam._stepped,
        lambda draw, s: (draw(s), draw(s), draw(s), draw(s) ** 2, None, _NUMBERS),
    ),
    "steps.momentum": (
        sgd._with_momentum,
        lambda draw, s: (draw(s), draw(s), draw(s), 0.9, 0.75, -0.01, False),
    ),
}
MORE: dict[str, tuple[Callable[..., Any], Arguments]] = {
    "gelu by tanh": (activation._gelu_forward, lambda draw, s: (draw(s), "tanh")),
    "gelu by tanh backward": (
        activation._gelu_vjp,
        lambda draw, s: (draw(s), draw(s), _probabilities(draw, s), "tanh"),
    ),
    "causal weights": (attention._softmax, lambda draw, s: (draw((2, *s)), True)),
    "nesterov": (
        sgd._with_momentum,
        lambda draw, s: (draw(s), draw(s), draw(s), 0.9, 1.0, -0.01, True),
    ),
}
EXACT = (
    "elementwise.logistic_vjp", "elementwise.silu_vjp", "elementwise.tanh_vjp",
    "elementwise.where_positive", "steps.adam", "steps.momentum", "nesterov",
)  # fmt: skip
"""What computes in the same order as NumPy, and has the same bits."""
IN_PLACE = ("rows.weights", "rows.weights_vjp", "steps.adam", "steps.momentum")
"""What writes to its arguments."""


def drawing(dtype: str, seed: int = 0) -> Draw:
    rng = np.random.default_rng(seed)
    return lambda shape: np.asarray(rng.standard_normal(shape)).astype(dtype)


def copies(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(x.copy() if isinstance(x, np.ndarray) else x for x in arguments)


def arrays_of(result: Any, arguments: tuple[Any, ...]) -> list[Array]:
    """What a function returns and what it has written to."""
    written = [x for x in arguments if isinstance(x, np.ndarray)]
    return [*(result if isinstance(result, tuple) else (result,)), *written]


def numpys(function: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Array]:
    given = copies(arguments)
    with np.errstate(all="ignore"):
        plain: Callable[..., Any] = function.__wrapped__  # type: ignore[attr-defined]
        return arrays_of(plain(*given), given)


def kernels_(name: str, arguments: tuple[Any, ...]) -> list[Array] | None:
    given = copies(arguments)
    result = kernels.find(name)(*given)
    return None if result is NotImplemented else arrays_of(result, given)


def name_of(case: str) -> str:
    function = (CASES | MORE)[case][0]
    return next(name for name, (known, _) in CASES.items() if known is function)


def assert_close(have: list[Array], want: list[Array], exact: bool = False) -> None:
    for a, b in zip(have, want, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        if exact:
            np.testing.assert_array_equal(a, b)
        else:
            eps = np.finfo(b.dtype).eps
            size = np.max(np.abs(b[np.isfinite(b)]), initial=1)
            np.testing.assert_allclose(a, b, 8 * eps, 8 * eps * size)


def test_each_kernel_has_a_case() -> None:
    assert sorted(kernels.names) == sorted(CASES)


@needs_numba
@both_dtypes
@pytest.mark.parametrize("case", [*CASES, *MORE])
def test_a_kernel_is_numpys_function(case: str, dtype: str) -> None:
    function, arguments = (CASES | MORE)[case]
    computed = 0
    for seed, shape in enumerate(SHAPES):
        given = arguments(drawing(dtype, seed), shape)
        have = kernels_(name_of(case), given)
        if have is None:
            continue
        computed += 1
        assert_close(have, numpys(function, given), case in EXACT)
    assert computed >= len(SHAPES) - 1 or (case, dtype) == ("elementwise.exp", "float64")


SPECIAL = (
    np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40, 1e-310, 1e-7, 88.7, 88.8, -87.4, -103.9,
    -104.1, 709.7, 709.9, -708.5, -745.1, -745.2, 3.0, -3.0, 1e30, -1e30,
)  # fmt: skip


@needs_numba
@both_dtypes
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("elementwise")])
def test_special_numbers(name: str, dtype: str) -> None:
    """One by one: what is NaN, infinite or zero for NumPy is that for the kernel, with its sign."""
    function, arguments = CASES[name]
    for number in SPECIAL:
        numbers = iter([number, 0.5, 0.25])

        def filled(shape: tuple[int, ...], numbers: Iterator[float] = numbers) -> Array:
            return np.full(shape, next(numbers), dtype)

        with np.errstate(all="ignore"):
            given = arguments(filled, (33,))
            have = kernels_(name, given)
        if have is None:
            assert (name, dtype) == ("elementwise.exp", "float64")
            continue
        want = numpys(function, given)
        assert_close(have, want)
        for a, b in zip(have, want, strict=True):
            np.testing.assert_array_equal(np.signbit(a[b == b]), np.signbit(b[b == b]))


@needs_numba
@both_dtypes
@pytest.mark.parametrize(
    "name", ["rows.softmax", "rows.log_softmax", "rows.surprise", "rows.weights"]
)
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_special_numbers_in_rows(name: str, number: float, dtype: str) -> None:
    function, arguments = CASES[name]
    for shape in ((4, 9), (4, 1), (3, 40)):
        given = arguments(drawing(dtype), shape)
        given[0][..., 1, 0] = number
        given[0][..., 2, :] = number
        have = kernels_(name, given)
        assert have is not None
        assert_close(have, numpys(function, given))


@needs_numba
def test_exponentials_are_precise() -> None:
    """They are at most about one unit of the last place from the exact value."""
    from tensorlib.kernels.elementwise import _exp

    for dtype, least, most in ((np.float32, -87.3, 88.7), (np.float64, -708.3, 709.7)):
        x = np.random.default_rng(0).uniform(least, most, 400_000).astype(dtype)
        y = np.empty_like(x)
        _exp[x.dtype](x, y)
        exact = np.exp(x.astype(np.longdouble))
        error = np.abs(y - exact) / exact
        assert error.max() < (2e-16 if dtype == np.float64 else 1.2e-7)
        assert (np.abs(y - exact) / np.spacing(y)).max() < 1.1


@needs_numba
@both_dtypes
def test_logistic_functions_are_precise(dtype: str) -> None:
    x = np.random.default_rng(0).uniform(-80, 80, 100_000).astype(dtype)
    have = kernels_("elementwise.logistic", (x,))
    assert have is not None
    exact = 1 / (1 + np.exp(-x.astype(np.longdouble)))
    assert (np.abs(have[0] - exact) / np.spacing(have[0])).max() < 4


# Who computes -------------------------------------------------------------------------------------


def _in_columns(x: Array) -> Array:
    return np.asfortranarray(x)


def _every_other(x: Array) -> Array:
    return np.repeat(x, 2, axis=-1)[..., ::2]


def _unaligned(x: Array) -> Array:
    return np.frombuffer(bytearray(b"\0" + x.tobytes()), x.dtype, offset=1).reshape(x.shape)


def _swapped(x: Array) -> Array:
    return x.astype(x.dtype.newbyteorder())


def _half(x: Array) -> Array:
    return x.astype(np.float16)


@needs_numba
@pytest.mark.parametrize("made", [_in_columns, _every_other, _unaligned, _swapped, _half])
@pytest.mark.parametrize("name", CASES)
def test_what_a_kernel_cannot_take_is_numpys(name: str, made: Callable[[Array], Array]) -> None:
    function, arguments = CASES[name]

    def given() -> tuple[Any, ...]:
        first, *others = arguments(drawing("float32"), (4, 6))
        x = made(first)
        return x, *others

    if name.startswith("elementwise") and made in (_in_columns, _every_other):
        result = kernels.find(name)(*given())  # contiguous copies are made of these
        assert_close(arrays_of(result, given()), numpys(function, given()))
        return
    assert kernels.find(name)(*given()) is NotImplemented
    mine, own = given(), given()
    plain: Callable[..., Any] = function.__wrapped__  # type: ignore[attr-defined]
    have, want = arrays_of(function(*mine), mine), arrays_of(plain(*own), own)
    for a, b in zip(have, want, strict=True):
        np.testing.assert_array_equal(a, b)


@needs_numba
@pytest.mark.parametrize("name", [name for name in CASES if name not in IN_PLACE])
def test_operands_may_be_read_only(name: str) -> None:
    _, arguments = CASES[name]
    given = arguments(drawing("float32"), (4, 6))
    for x in given:
        if isinstance(x, np.ndarray):
            x.flags.writeable = False
    assert kernels.find(name)(*given) is not NotImplemented


@needs_numba
@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(("_vjp", "positive"))])
def test_stretched_cotangents(name: str) -> None:
    """The cotangent of a sum is one number in all places: kernels of elements write it out."""
    function, arguments = CASES[name]
    given = list(arguments(drawing("float32"), (4, 6)))
    place = 1 if name == "elementwise.where_positive" else 0
    given[place] = np.broadcast_to(given[place][1, 2], (4, 6))
    if name.startswith("elementwise"):
        assert_close([kernels.find(name)(*given)], numpys(function, tuple(given))[:1])
    else:
        assert kernels.find(name)(*given) is NotImplemented


@needs_numba
def test_long_rows_are_numpys() -> None:
    x = drawing("float32")((2, 20_000))
    assert kernels.find("rows.softmax")(x, -1) is NotImplemented
    assert kernels.find("rows.softmax")(x.T.copy(), 0) is NotImplemented


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the names of kernels are added as they compute something."""
    names: list[str] = []
    from tensorlib.kernels.building import Kernel

    def noted(self: Any, dtype: Any) -> Any:
        names.append(self._function.__name__)
        return original(self, dtype)

    original = Kernel.__getitem__
    monkeypatch.setattr(Kernel, "__getitem__", noted)
    return names


@needs_numba
def test_small_arrays_are_numpys(monkeypatch: pytest.MonkeyPatch) -> None:
    names = counted(monkeypatch)
    monkeypatch.setattr(kernels, "least", 4096)
    x = tl.ones((4095,))
    tl.silu(x)
    assert names == []
    tl.silu(tl.ones((4096,)))
    tl.exp(tl.ones((4096,)))
    assert names == ["_silu"]
    tl.exp(tl.ones((8, 4096)))
    assert names == ["_silu", "_exp"]


# Ops, gradients, steps ----------------------------------------------------------------------------

Op = Callable[..., Any]
OPS: dict[str, tuple[Op, Op, tuple[tuple[int, ...], ...]]] = {
    "relu": (tl.relu, torch.relu, ((4, 33),)),
    "exp": (tl.exp, torch.exp, ((4, 33),)),
    "sigmoid": (tl.sigmoid, torch.sigmoid, ((4, 33),)),
    "tanh": (tl.tanh, torch.tanh, ((4, 33),)),
    "silu": (tl.silu, torch.nn.functional.silu, ((4, 33),)),
    "gelu": (tl.gelu, torch.nn.functional.gelu, ((4, 33),)),
    "gelu by tanh": (
        lambda x: tl.gelu(x, "tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        ((4, 33),),
    ),
    "softmax": (tl.softmax, lambda x: x.softmax(-1), ((4, 5, 33),)),
    "log_softmax": (tl.log_softmax, lambda x: x.log_softmax(-1), ((4, 5, 33),)),
    "layer_norm": (
        tl.layer_norm,
        lambda x, w, b: torch.nn.functional.layer_norm(x, (33,), w, b),
        ((4, 5, 33), (33,), (33,)),
    ),
    "attention": (
        lambda q, k, v: tl.scaled_dot_product_attention(q, k, v, is_causal=True),
        lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True),
        ((2, 3, 7, 8), (2, 3, 7, 8), (2, 3, 7, 8)),
    ),
    "cross_entropy": (
        lambda x: tl.losses.cross_entropy(x, tl.tensor([3, 0, 8, 1]), reduction="none"),
        lambda x: torch.nn.functional.cross_entropy(
            x, torch.tensor([3, 0, 8, 1]), reduction="none"
        ),
        ((4, 9),),
    ),
}


@needs_numba
@both_dtypes
@pytest.mark.parametrize("name", OPS)
def test_gradients_are_pytorchs(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = counted(monkeypatch)
    ours, theirs, shapes = OPS[name]
    draw = drawing(dtype, 3)
    arrays = [draw(shape) for shape in shapes]
    operands = [tl.from_numpy(array).traced() for array in arrays]
    tensors = [torch.tensor(array.astype(np.float64), requires_grad=True) for array in arrays]
    y, reference = ours(*operands), theirs(*tensors)
    g = draw(tuple(reference.shape))
    gradients = (y * tl.from_numpy(g)).sum().backward()
    (reference * torch.tensor(g.astype(np.float64))).sum().backward()
    tolerance = 2e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(y.numpy(), reference.detach().numpy(), tolerance, tolerance)
    for operand, tensor in zip(operands, tensors, strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(
            gradients[operand].numpy(), tensor.grad.numpy(), tolerance, tolerance
        )
    assert names or (name, dtype) == ("exp", "float64")


class Model(tl.nn.Module):
    """What uses most of the kernels."""

    def __init__(self) -> None:
        self.first = tl.nn.Linear(16, 32, rng=0)
        self.norm = tl.nn.LayerNorm(32)
        self.last = tl.nn.Linear(32, 5, rng=1)

    def forward(self, x: Any) -> Any:
        return self.last(self.norm(self.first(x)).gelu().silu().sigmoid())


def _trained(make: Callable[[Any], Any], *, compiled: bool) -> list[float]:
    model = Model()
    optimizer = make(model)
    x = tl.from_numpy(drawing("float32")((24, 16)))
    target = tl.from_numpy(np.arange(24) % 5)

    def step(x: Any, target: Any) -> Any:
        loss = tl.losses.cross_entropy(model(x.traced()), target)
        value = loss.detach()
        optimizer.update(model, loss.backward())
        return value

    run = tl.compile(step) if compiled else step
    return [run(x, target).item() for _ in range(20)]


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "Adam": lambda model: tl.optim.Adam(model, lr=0.01),
    "AdamW": lambda model: tl.optim.AdamW(model, lr=0.01, weight_decay=0.1),
    "amsgrad": lambda model: tl.optim.Adam(model, lr=0.01, amsgrad=True),
    "SGD": lambda model: tl.optim.SGD(model, lr=0.1, momentum=0.9),
    "Nesterov": lambda model: tl.optim.SGD(model, lr=0.1, momentum=tl.optim.Nesterov(0.9)),
}


@needs_numba
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_as_with_numpy(name: str) -> None:
    have = _trained(OPTIMIZERS[name], compiled=False)
    with tl.kernels.use(False):
        want = _trained(OPTIMIZERS[name], compiled=False)
    np.testing.assert_allclose(have, want, 1e-5)


@needs_numba
def test_compiled_steps_use_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions of a step choose at each repetition, as they do in the step itself."""
    names = counted(monkeypatch)
    eager = _trained(OPTIMIZERS["AdamW"], compiled=False)
    of_eager = names[:]
    names.clear()
    assert _trained(OPTIMIZERS["AdamW"], compiled=True) == eager
    assert sorted(names) == sorted(of_eager)
    assert {"_adam", "_layer_norm", "_layer_norm_vjp", "_gelu", "_surprise"} < {*names}
    names.clear()
    with tl.kernels.use(False):
        np.testing.assert_allclose(_trained(OPTIMIZERS["AdamW"], compiled=True), eager, 1e-5)
    assert names == []


@needs_numba
def test_threads_share_kernels() -> None:
    from tensorlib.kernels import elementwise as of_elements

    x = drawing("float32")((100, 100))
    want = kernels_("elementwise.silu", (x,))
    assert want is not None
    of_elements._silu._compiled.clear()
    found: list[Array] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for _ in range(20):
            found.append(kernels.find("elementwise.silu")(x)[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all((y == want[0]).all() for y in found)


# The switch ---------------------------------------------------------------------------------------


@needs_numba
def test_use_is_taken_back() -> None:
    with tl.kernels.use(False):
        assert not tl.kernels.info().on
        with tl.kernels.use(True):
            assert tl.kernels.info().on
        assert not tl.kernels.info().on
    assert tl.kernels.info().on
    assert repr(tl.kernels.use(False)) == "Use(on=False, before=True)"
    assert not kernels.on


@needs_numba
def test_use_is_taken_back_after_an_error() -> None:
    with pytest.raises(KeyError), tl.kernels.use(False):
        raise KeyError
    assert kernels.on


def test_only_bools_switch() -> None:
    with pytest.raises(TypeError, match=r"^kernels\.use: expected True or False, got 'yes'$"):
        tl.kernels.use("yes")  # type: ignore[arg-type]


def test_without_numba_numpy_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "missing", "No module named 'numba'")
    function = kernels.compiled("elementwise.silu")(np.negative)
    kernels.names.pop()
    assert function(np.ones(3)).tolist() == [-1, -1, -1]
    assert not tl.kernels.info().on
    assert "missing   No module named 'numba'" in str(tl.kernels.info())
    message = r"^kernels\.use: No module named 'numba': pip install 'tensorlib\[fast\]'$"
    with pytest.raises(ImportError, match=message):
        tl.kernels.use(True)
    tl.kernels.use(False)


@needs_numba
def test_info_tells_what_there_is() -> None:
    info = tl.kernels.info()
    assert info.on
    assert (info.compiler or "").startswith("numba 0.")
    assert info.missing is None
    assert info.names == tuple(sorted(CASES))
    assert str(info).startswith("kernels   on\ncompiler  numba")


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


LOADED = "; print(*(name for name in ('numba', 'tensorlib.kernels') if name in sys.modules))"
LARGE = "; tl.ones((100, 100)).silu()"


@needs_numba
@pytest.mark.parametrize(
    ("program", "variable", "loaded"),
    [
        ("", "", ""),
        ("; tl.ones((10, 10)).silu(); tl.kernels.info()", "", "tensorlib.kernels"),
        (LARGE, "", "numba tensorlib.kernels"),
        (LARGE, "0", "tensorlib.kernels"),
        ("", "1", "numba tensorlib.kernels"),
        ("; tl.kernels.use(True)", "", "numba tensorlib.kernels"),
    ],
)
def test_numba_is_imported_when_it_is_wanted(program: str, variable: str, loaded: str) -> None:
    done = run("import sys, tensorlib as tl" + program + LOADED, TENSORLIB_KERNELS=variable)
    assert (done.stdout.strip(), done.stderr) == (loaded, "")


def test_the_variable_is_0_or_1() -> None:
    done = run("import tensorlib", TENSORLIB_KERNELS="fast")
    assert done.stderr.endswith("ValueError: TENSORLIB_KERNELS: expected 0 or 1, got 'fast'\n")


def test_a_program_without_numba_runs() -> None:
    without = "import sys; sys.modules['numba'] = None; import tensorlib as tl"
    done = run(f"{without}{LARGE}; print(tl.kernels.info().on)", TENSORLIB_KERNELS="")
    assert (done.stdout, done.stderr) == ("False\n", "")
    done = run(without, TENSORLIB_KERNELS="1")
    assert "ImportError: TENSORLIB_KERNELS: " in done.stderr
    assert done.stderr.endswith("pip install 'tensorlib[fast]'\n")


@needs_numba
def test_a_second_program_compiles_nothing(tmp_path: Path) -> None:
    count = (
        "import tensorlib as tl; from tensorlib.kernels import elementwise as e; import numpy as np"
        "; tl.ones((100, 100)).silu()"
        "; print(*e._silu[np.dtype('float32')].stats.cache_hits.values())"
    )
    first, second = (run(count, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert (first.stdout, first.stderr) == ("\n", "")
    assert (second.stdout, second.stderr) == ("1\n", "")


@needs_numba
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import numba

    from tensorlib.kernels import elementwise as of_elements

    njit = numba.njit

    def refusing(*arguments: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function")
        return njit(*arguments, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    monkeypatch.setattr(of_elements._silu_vjp, "_compiled", {})
    x = drawing("float32")((30,))
    have = kernels_("elementwise.silu_vjp", (x, x, x))
    assert have is not None
    assert_close(have, numpys(activation._silu_vjp, (x, x, x)), exact=True)
