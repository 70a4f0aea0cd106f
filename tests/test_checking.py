"""`check_shapes`: it says what mypy says, of results and fields as well, and costs nothing off."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple

import numpy as np
import pytest
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import (
    DtypeError,
    NoTape,
    Shape,
    ShapeError,
    Tape,
    TapeError,
    Tensor,
    check_shapes,
    nn,
)
from tensorlib.checking import decorator
from tests import checked_functions
from tests.typecheck import ROOT, printed, run_mypy

if TYPE_CHECKING:
    from elsewhere import Unknown  # type: ignore[import-not-found]

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
H = TypeVar("H", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
T2 = TypeVar("T2", bound=NoTape | Tape)
D = TypeVar("D", bound=np.generic)
S = TypeVar("S", bound=tuple[Any, ...])
Batch = TypeVarTuple("Batch")

f3, f4, f4x3 = tl.zeros((3,)), tl.zeros((4,)), tl.zeros((4, 3))
unknown: Any = f4


def problem(call: Callable[[], object]) -> str:
    """Return the first line of the error that a call raises."""
    with pytest.raises((ShapeError, DtypeError, TapeError)) as caught:
        call()
    return str(caught.value).split("\n")[0]


# The same verdict as mypy's -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """Run mypy once over all calls of the table: what it says of each line."""
    folder = tmp_path_factory.mktemp("calls")
    (folder / "checked_functions.py").write_text(Path(checked_functions.__file__).read_text())
    head = "import numpy as np, tensorlib as tl; from tensorlib import nn; "
    lines = "\n".join(checked_functions.CALLS)
    (folder / "calls.py").write_text(f"{head}from checked_functions import *\n{lines}\n")
    found: dict[int, list[str]] = {}
    result = run_mypy("calls.py", "checked_functions.py", cwd=folder)
    for message in printed(result.stdout):
        assert message.file == "calls.py", message
        found.setdefault(message.line - 2, []).append(message.text)
    assert len(found) > 50, result.stdout + result.stderr
    return found


@pytest.mark.parametrize("place", range(len(checked_functions.CALLS)))
def test_the_verdict_is_mypys(place: int, verdicts: dict[int, list[str]]) -> None:
    call = checked_functions.CALLS[place]
    said = []
    try:
        eval(call, vars(checked_functions))
    except (ShapeError, DtypeError, TapeError) as error:
        said = [str(error).split("\n")[0]]
    assert said == verdicts.get(place, []), call


# The text -----------------------------------------------------------------------------------------


def test_an_error_names_parameter_annotation_value_bindings_and_fix() -> None:
    @check_shapes
    def score(
        x: Tensor[Shape[N, M]], bias: Tensor[Shape["2*M"]], w: Tensor[Shape[M, 5]]
    ) -> Tensor[Shape[N, 5]]:
        return x @ w

    with pytest.raises(ShapeError) as caught:
        score(
            tl.zeros((64, 10)), tl.zeros((20,)), w=unknown.expect_shape((4,)).broadcast_to((5, 4))
        )
    assert str(caught.value).splitlines() == [
        "score: expected w of shape (M, 5), got (5, 4): 5 is not 10",
        "  w: Tensor[Shape[M, 5]]",
        "  got a Tensor of shape (5, 4) and dtype float32, without a tape",
        "  with N = 64 from x, M = 10 from x",
    ]
    with pytest.raises(ShapeError) as caught:
        score(tl.zeros((64, 10)), tl.zeros((20,)), tl.zeros((5, 10)))  # type: ignore[tensor-shape]
    assert str(caught.value).splitlines()[-1] == "  try w.T"
    with pytest.raises(ShapeError) as caught:
        score(tl.zeros((64, 10)), tl.zeros((2, 5)), tl.zeros((10, 5)))  # type: ignore[tensor-shape]
    assert '  bias: Tensor[Shape["2*M"]]' in str(caught.value).splitlines()


def test_a_symbol_is_at_least_one() -> None:
    @check_shapes
    def f(y: Tensor[Shape[int]], x: Tensor[Shape[N]]) -> None: ...

    f(tl.zeros((0,)), f3)
    assert problem(lambda: f(tl.zeros((0,)), tl.zeros((0,)))) == (
        "f: expected x with N of at least 1, got N = 0: write int for a size that may be 0"
    )


def test_what_is_no_tensor_is_a_type_error() -> None:
    @check_shapes
    def f(x: Tensor[Shape[N]] | None, y: nn.Parameter[Shape[N]] | None = None) -> None: ...

    values: Any = [1.0]
    with pytest.raises(TypeError, match=r"^f: expected x to be a Tensor, got list: wrap it"):
        f(values)
    with pytest.raises(TypeError, match=r"^f: expected y to be a Parameter, got Tensor"):
        f(None, unknown)


# Results ------------------------------------------------------------------------------------------


def test_results_are_checked_with_what_the_arguments_bound() -> None:
    @check_shapes
    def double(x: Tensor[Shape[N]], right: bool = True) -> Tensor[Shape["2*N"]]:
        result: Any = tl.zeros((6 if right else 7,))
        return result  # type: ignore[no-any-return]

    assert double(f3).shape == (6,)
    assert problem(lambda: double(f3, False)) == (
        "double: expected the result of shape (2*N,), got (7,): 7 is not 6"
    )


def test_tape_and_dtype_of_results() -> None:
    @check_shapes
    def drops(x: Tensor[Shape[N], T, D]) -> Tensor[Shape[N], T, D]:
        result: Any = x.detach()
        return result  # type: ignore[no-any-return]

    @check_shapes
    def merges(
        x: Tensor[Shape[N], T], y: Tensor[Shape[N], T2], z: Any = None
    ) -> Tensor[Shape[N], T | T2]:
        result: Any = x + y if z is None else z
        return result  # type: ignore[no-any-return]

    @check_shapes
    def converts(x: Tensor[Shape[N], NoTape, D], y: Any) -> Tensor[Shape[N], NoTape, D]:
        return y  # type: ignore[no-any-return]

    assert not drops(f3).owns_tape
    assert problem(lambda: drops(f3.traced())) == (
        "drops: expected the result with a tape, got it without: something dropped it"
    )
    assert merges(f3, f3.traced()).owns_tape
    assert problem(lambda: merges(f3, f3, f3.traced())) == (
        "merges: expected the result without a tape: return y.detach(), or declare it with a tape"
    )
    converts(f3, f3)
    assert "of dtype float32, got int64" in problem(lambda: converts(f3, f3.astype(np.int64)))


def test_one_variable_for_a_tape_is_one_tape() -> None:
    @check_shapes
    def f(x: Tensor[Shape[3], T], y: Tensor[Shape[3], T]) -> None: ...

    f(f3.traced(), f3.traced())
    assert problem(lambda: f(f3.traced(), unknown[:3])) == (
        "f: expected y with a tape, as an argument before it: give both one by with_tape_of, "
        "or declare each with a variable of its own, not T"
    )


def test_a_tape_that_has_moved_is_left_to_the_next_op() -> None:
    @check_shapes
    def f(x: Tensor[Shape[3], Tape]) -> Tensor[Shape[3], Tape]:
        return x.exp()

    x = f3.traced()
    x.sum()
    with pytest.raises(TapeError, match=r"^exp: the tape of this tensor moved"):
        f(x)


def test_a_whole_shape_by_one_variable() -> None:
    @check_shapes
    def keep(x: Tensor[S], y: Tensor[S], z: Any) -> Tensor[S]:
        return z  # type: ignore[no-any-return]

    keep(f3, f3, f3)
    keep(f3, f4, f4x3)  # several shapes: mypy joins them, and so nothing is known of the result
    assert problem(lambda: keep(f3, f3, f4)) == (
        "keep: expected the result of shape (3,), got (4,): 4 is not 3"
    )


def test_abstract_dtypes() -> None:
    @check_shapes
    def f(x: Tensor[Shape[N], NoTape, np.floating[Any]]) -> None: ...

    f(f3)
    assert "a dtype of np.floating, got int64" in problem(lambda: f(unknown.astype(np.int64)))


# Kinds of functions -------------------------------------------------------------------------------


def test_generators_are_checked_at_each_step() -> None:
    @check_shapes
    def rows(x: Tensor[Shape[N, 3]], last: Any) -> Generator[Tensor[Shape[3]], int, str]:
        received = yield x[0]
        try:
            yield x[received]
        except KeyError:
            yield last
        return "done"

    assert inspect.isgeneratorfunction(rows)
    steps = rows(f4x3, f4)
    assert next(steps).shape == (3,)
    assert steps.send(2).shape == (3,)
    assert problem(lambda: steps.throw(KeyError())) == (
        "rows: expected what it yields of shape (3,), got (4,): 4 is not 3"
    )
    steps = rows(f4x3, f3)
    next(steps), steps.send(1), steps.throw(KeyError())
    with pytest.raises(StopIteration) as stopped:
        next(steps)
    assert stopped.value.value == "done"
    wrong: Any = f4
    assert problem(lambda: next(rows(wrong, f3))).startswith("rows: expected x of shape (N, 3)")
    opened = rows(f4x3, f3)
    next(opened)
    opened.close()


def test_coroutines_and_async_generators() -> None:
    @check_shapes
    async def work(x: Tensor[Shape[N]], y: Any) -> Tensor[Shape[N]]:
        @check_shapes
        def inner(y: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
            return y

        await asyncio.sleep(0)
        return inner(y)

    @check_shapes
    async def stream(x: Tensor[Shape[N, 3]]) -> AsyncIterator[Tensor[Shape[3]]]:
        yield x[0]

    async def both() -> tuple[Any, ...]:
        return tuple(await asyncio.gather(work(f3, f3), work(f4, f4)))

    assert inspect.iscoroutinefunction(work)
    assert [y.shape for y in asyncio.run(both())] == [(3,), (4,)]
    assert problem(lambda: asyncio.run(work(f3, f4))).startswith("inner: expected y of shape (N,)")
    assert problem(lambda: stream(unknown)).startswith("stream: expected x of shape (N, 3)")


def test_variables_of_the_enclosing_call_are_bound_inside() -> None:
    @check_shapes
    def outer(x: Tensor[Shape[N]], y: Any) -> None:
        @check_shapes
        def inner(y: Tensor[Shape[N]], z: Tensor[Shape[M]]) -> Tensor[Shape[M]]:
            return z

        inner(y, f3)
        inner(y, f4)

    outer(f3, f3)
    with pytest.raises(ShapeError, match="with N = 3 from the enclosing call"):
        outer(f3, f4)
    outer(f4, f4)


def test_variables_of_a_caller_are_not() -> None:
    def define() -> Callable[[Any], None]:
        @check_shapes
        def free(y: Tensor[Shape[N]]) -> None: ...

        return free

    @check_shapes
    def caller(x: Tensor[Shape[N]]) -> None:
        (lambda: None)()
        define()(f4)

    caller(f3)


def test_names_of_later_and_of_nowhere() -> None:
    @check_shapes
    def early(x: Tensor[Later], y: Unknown | None, z: Tensor[Shape[N]]) -> Unknown:
        return z

    early(f3, None, f3)
    assert problem(lambda: early(unknown, None, f3)) == (
        "early: expected x of shape (3,), got (4,): 4 is not 3"
    )


Later = tuple[Literal[3]]


def test_annotations_that_python_evaluates() -> None:
    def f(x: Any, y: Any = None, *more: Any) -> Any:
        return x

    tensor: Any = Tensor
    shape: Any = Shape
    matrix: Any = tl.Tensor2D
    pack: Any = Batch
    f.__annotations__ = {
        "x": tensor[shape[N, "N + 1"], T],
        "y": matrix[2, 3] | None,
        "more": tensor[shape[(*pack, 3)]],
        "return": "Tensor[Shape[N, 'N + 1'], T]",
    }
    checked = check_shapes(f)
    checked(tl.zeros((2, 3)), None, f4x3, f4x3)
    checked(tl.zeros((2, 3)).traced(), tl.zeros((2, 3)), f3)
    assert "2 is not 3" in problem(lambda: checked(tl.zeros((2, 2))))
    assert "3 is not 2" in problem(lambda: checked(tl.zeros((2, 3)), tl.zeros((3, 3))))
    assert problem(lambda: checked(tl.zeros((2, 3)), None, f4x3, tl.zeros((5, 3)))) == (
        "f: expected more with last dimension 4, got 5"
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax of PEP 695")
def test_the_new_syntax_of_type_parameters() -> None:
    namespace: dict[str, Any] = {"Tensor": Tensor, "Shape": Shape}
    source = (
        "type Rows[K: int] = Tensor[Shape[K, 3]]\n"
        "def f[N: int](x: Rows[N], y: Tensor[Shape['N + 1']]) -> None: ...\n"
        "class Box[N: int]:\n"
        "    def __init__(self, n: N) -> None: ...\n"
        "    def f(self, x: Tensor[Shape[N]]) -> None: ...\n"
    )
    exec(source, namespace)
    f, box = check_shapes(namespace["f"]), check_shapes(namespace["Box"])(3)
    f(f4x3, tl.zeros((5,)))
    assert "4 is not 5" in problem(lambda: f(f4x3, f4))
    assert "4 is not 3" in problem(lambda: box.f(f4))


def test_a_shape_that_cannot_be_read() -> None:
    def f(x: Any) -> None: ...

    f.__annotations__ = {"x": "Tensor[Shape['N +']]"}
    with pytest.raises(ShapeError, match="cannot read the dimension 'N \\+'"):
        check_shapes(f)


# Classes ------------------------------------------------------------------------------------------


@check_shapes
class Head(nn.Module, Generic[N, H]):
    weight: nn.Parameter[Shape[N, H]]
    layers: "list[nn.Linear[H, N]]"

    def __init__(self, n: N, h: H, *, wrong: int = 0) -> None:
        weight: Any = tl.zeros((n, h + wrong))
        self.weight = nn.Parameter(weight)
        self.layers = [nn.Linear(h, n)]

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, H], T]:
        return x @ self.weight

    def pick(self, x: Any) -> Tensor[Shape[H]]:
        return x  # type: ignore[no-any-return]

    @property
    def rows(self) -> Tensor[Shape[N, H]]:
        result: Any = self.weight.detach() if self.layers else f4
        return result  # type: ignore[no-any-return]


def test_sizes_of_a_class_are_bound_for_each_instance() -> None:
    small, large = Head(3, 5), Head(4, 6)
    assert small(f3).shape == (5,)
    assert large(f4).shape == (6,)
    assert problem(lambda: small(unknown)) == "Head(3, 5): expected last dimension 3, got 4"
    assert problem(lambda: large.pick(f3)) == (
        "Head.pick: expected the result of shape (6,), got (3,): 3 is not 6"
    )
    assert [path for path, _ in small.named_tensors()] == [
        "weight",
        "layers.0.weight",
        "layers.0.bias",
    ]
    for copied in (deepcopy(small), pickle.loads(pickle.dumps(small)), small.with_active(True)):
        assert problem(partial(copied, unknown)).startswith("Head(3, 5)")
    assert small.rows.shape == (3, 5)
    small.layers = []
    assert problem(lambda: small.rows).startswith("Head.rows: expected the result of shape (3, 5)")


def test_declared_fields_are_checked_after_init() -> None:
    assert problem(lambda: Head(3, 5, wrong=1)) == (
        "Head: expected weight of shape (N, H), got (3, 6): 6 is not 5"
    )


def test_a_class_without_a_dictionary() -> None:
    @check_shapes
    @dataclasses.dataclass(frozen=True, slots=True)
    class Pair:
        x: Tensor[Shape[3]]

        def f(self, y: Tensor[Shape[N]]) -> None: ...

    Pair(f3).f(f4)
    assert problem(lambda: Pair(unknown)).startswith("Pair: expected x of shape (3,)")


def test_a_method_by_itself() -> None:
    class Plain:
        @check_shapes
        def f(self, x: Tensor[Shape[N, 3]]) -> None: ...

        @staticmethod
        @check_shapes
        def g(x: Tensor[Shape[N, 3]]) -> None: ...

    assert problem(lambda: Plain().f(unknown)).startswith("Plain.f: expected x of shape (N, 3)")
    assert problem(lambda: Plain.g(unknown)).startswith("Plain.g: expected x of shape (N, 3)")


def test_named_tuples_and_the_like_stay_as_they_are() -> None:
    @check_shapes
    class Point(NamedTuple):
        x: int

    assert Point(3) == (3,)


def test_classes_with_a_mind_of_their_own() -> None:
    class Immutable(type):
        def __setattr__(cls, name: str, value: object) -> None:
            raise AttributeError(name)

    @check_shapes
    class Answers(metaclass=Immutable):
        x: Tensor[Shape[3]]
        later: Tensor[Shape[4]]

        def __init__(self) -> None:
            self.x = f3

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

        def f(self, x: Tensor[Shape[N]], y: Tensor[Shape[N]]) -> None: ...

    Answers().f(f3, f3)
    assert problem(lambda: Answers().f(f3, unknown)) == (
        "Answers.f: expected y of shape (N,), got (4,): 4 is not 3"
    )


# The same callable, and no cost -------------------------------------------------------------------


def test_what_needs_no_check_is_returned_as_it_is() -> None:
    def plain(x: int, y: Any, *rest: str) -> list[float]:
        return []

    def bare(x, y):  # type: ignore[no-untyped-def]
        return x

    assert check_shapes(plain) is plain
    assert check_shapes(bare) is bare
    once = check_shapes(checked_functions.same)
    assert once is checked_functions.same


def test_the_checked_function_looks_like_itself() -> None:
    f = checked_functions.half
    assert (f.__name__, f.__module__) == ("half", "tests.checked_functions")
    assert list(inspect.signature(f).parameters) == ["x", "n"]
    assert pickle.loads(pickle.dumps(f)) is f


def test_off_returns_the_very_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLIB_CHECK_SHAPES", "0")

    def f(x: Tensor[Shape[N]]) -> None: ...

    class Box:
        x: Tensor[Shape[3]]

        def f(self, x: Tensor[Shape[N]]) -> None: ...

    before = dict(vars(Box))
    assert check_shapes(f) is f
    assert check_shapes(Box) is Box
    assert dict(vars(Box)) == before
    hooks = list(sys.meta_path)
    tl.checking.install("json")
    assert sys.meta_path == hooks


# Whole packages -----------------------------------------------------------------------------------

PACKAGE = {
    "__init__.py": '"""A package."""\n',
    "work.py": '''"""Of shapes."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from typing_extensions import TypeVar

from tensorlib import Shape, Tensor, zeros

N = TypeVar("N", bound=int)


def same(x: Tensor[Shape[N]], y: Tensor[Shape[N]]) -> None: ...


def nested(x: Tensor[Shape[N]]) -> None:
    def inner(y: Tensor[Shape[N]]) -> None: ...

    inner(zeros((4,)))


@functools.cache
def decorated(x: Tensor[Shape[N, 3]]) -> None: ...


@dataclass
class Batch:
    x: Tensor[Shape[3]]

    @staticmethod
    def f(x: Tensor[Shape[3]]) -> None: ...
''',
    "empty.py": '"""Nothing in it."""\n',
}
PROGRAM = """
import tensorlib as tl
from mypackage import empty, work
f3, f4 = tl.zeros((3,)), tl.zeros((4,))
for call in (
    lambda: work.same(f3, f4), lambda: work.nested(f3), lambda: work.decorated(f3),
    lambda: work.Batch(f4), lambda: work.Batch.f(f4),
):
    try:
        call()
    except tl.ShapeError as error:
        print(str(error).partition(":")[0])
    else:
        print("unchecked")
"""


def _run(folder: Path, switch: str) -> list[str]:
    package = folder / "mypackage"
    package.mkdir(exist_ok=True)
    for name, text in PACKAGE.items():
        (package / name).write_text(text)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), decorator.SWITCH: switch},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.split()


def test_the_switch_checks_whole_packages_at_import(tmp_path: Path) -> None:
    everything = ["same", "inner", "decorated", "Batch", "Batch.f"]
    assert _run(tmp_path, "mypackage") == everything
    for switch in ("", "0", "1", "mypack"):  # nor does the bytecode keep what was put in
        assert _run(tmp_path, switch) == ["unchecked"] * 5
    assert _run(tmp_path, "another, mypackage.work") == everything


def test_installing_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed_by_hand.py").write_text(PACKAGE["work.py"])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    tl.checking.install("installed_by_hand")
    import installed_by_hand  # type: ignore[import-not-found]

    assert problem(lambda: installed_by_hand.same(f3, f4)).startswith("same: expected y")
    lines, start = inspect.getsourcelines(installed_by_hand.same)
    assert lines[0].startswith("def same")
    assert start == 15


@pytest.mark.slow
def test_the_models_of_the_examples_are_as_annotated() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_models.py"]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), decorator.SWITCH: "models"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def iterates(x: Iterator[Tensor[Shape[3]]]) -> None:
    """Take a stream, which reading would use up."""


def test_streams_are_not_read() -> None:
    stream = iter([f3])
    check_shapes(iterates)(stream)
    assert len(list(stream)) == 1
