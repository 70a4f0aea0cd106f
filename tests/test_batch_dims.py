"""Batch dimensions survive every op and layer: what mypy says of ``*Batch``, and what comes out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import Tensor, nn
from tests.batch_cases import CASES, WITHOUT, Case
from tests.test_architecture import LINALG, LOSSES, OPS, WRITTEN_AS, rule_name
from tests.typecheck import run_mypy

HEADER = """
from typing import TypeVar, TypeVarTuple

import numpy as np
from typing_extensions import assert_type

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

C = TypeVar("C", bound=int)
H = TypeVar("H", bound=int)
K = TypeVar("K", bound=int)
M = TypeVar("M", bound=int)
N = TypeVar("N", bound=int)
W = TypeVar("W", bound=int)
Batch = TypeVarTuple("Batch")

"""
SIZES = {"N": 3, "M": 4, "K": 2, "C": 3, "H": 2, "W": 4}
BATCHES = ((), (2,), (2, 1, 3))

Declared = tuple[list[str], str]


def _declared(text: str) -> Declared:
    """Read ``*Batch, N int64`` as dimensions and a dtype."""
    found = re.fullmatch(r"\s*(?P<dims>.*?)\s*(?P<dtype>\b(int64|bool))?\s*", text)
    assert found is not None
    dims = [] if found["dims"] in ("", "()") else found["dims"].split(", ")
    return dims, found["dtype"] or "float32"


def _operands(case: Case) -> Iterator[tuple[str, Declared]]:
    for operand in case.operands.split("; "):
        name, _, text = operand.partition(": ")
        yield name, _declared(text)


def _results(case: Case) -> list[Declared]:
    return [_declared(text) for text in case.result.split(";")]


def _annotation(declared: Declared) -> str:
    dims, dtype = declared
    items = (dim if re.fullmatch(r"\*?\w+", dim) else f'"{dim}"' for dim in dims)
    return f"Tensor[Shape[{', '.join(items) or '()'}], NoTape, np.{dtype}]"


def _program() -> tuple[str, dict[int, Case]]:
    """Return a program with a function for each case, and which lines are whose."""
    lines, owners = HEADER.splitlines(), {}
    for place, case in enumerate(CASES):
        parameters = ", ".join(f"{name}: {_annotation(d)}" for name, d in _operands(case))
        results = [*map(_annotation, _results(case))]
        wanted = results[0] if len(results) == 1 else f"tuple[{', '.join(results)}]"
        lines += [
            f"def case_{place}({parameters}) -> None:",
            f"    assert_type({case.call}, {wanted})",
            "",
        ]
        owners[len(lines) - 1] = owners[len(lines) - 2] = case
    return "\n".join(["from __future__ import annotations", *lines]), {
        line + 1: case for line, case in owners.items()
    }


@pytest.mark.xdist_group("typecheck")
def test_batch_dims_survive_in_mypy(tmp_path: Path) -> None:
    source, owners = _program()
    (tmp_path / "program.py").write_text(source)
    output = run_mypy("program.py", cwd=tmp_path).stdout
    wrong = []
    for line in output.splitlines():
        found = re.match(r"program\.py:(\d+): (.*)", line)
        if found is not None:
            case = owners[int(found[1])]
            wrong.append(f"{case.call} of {case.operands}: {found[2]}")
    assert not wrong, "\n".join(wrong)
    assert output.startswith("Success"), output


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_batch_dims_survive_in_python(batch: tuple[int, ...]) -> None:
    wrong = []
    for case in CASES:
        values = {name: _value(declared, batch) for name, declared in _operands(case)}
        names: dict[str, Any] = {"tl": tl, "nn": nn, "np": np, **values}
        result = eval(case.call, names)
        results = result if isinstance(result, tuple) else (result,)
        shapes = [(*each.shape, each.dtype.name) for each in results]
        if not _fit(results, _results(case), batch):
            wrong.append(f"{case.call} of {case.operands}: {shapes}")
    assert not wrong, "\n".join(wrong)


def _fit(results: tuple[Any, ...], wanted: list[Declared], batch: tuple[int, ...]) -> bool:
    return len(results) == len(wanted) and all(
        _fits(have.shape, dims, batch) and have.dtype.name == dtype
        for have, (dims, dtype) in zip(results, wanted, strict=True)
    )


def _value(declared: Declared, batch: tuple[int, ...]) -> Tensor[Any, Any, Any]:
    """Return a tensor whose numbers every op can do with."""
    dims, dtype = declared
    shape = tuple(size for dim in dims for size in _sizes(dim, batch))
    if dtype == "int64":
        return tl.ones(shape, dtype=np.int64)
    if dtype == "bool":
        return tl.rand(shape, rng=0) > 0.5
    return tl.rand(shape, rng=0) * 0.8 + 0.1


def _sizes(dim: str, batch: tuple[int, ...]) -> tuple[int, ...]:
    return batch if dim == "*Batch" else (int(eval(dim, {}, SIZES)),)


def _fits(shape: tuple[int, ...], dims: list[str], batch: tuple[int, ...]) -> bool:
    if "int" in dims:
        return len(shape) == sum(len(batch) if dim == "*Batch" else 1 for dim in dims)
    return shape == tuple(size for dim in dims for size in _sizes(dim, batch))


NAMES = {case.name for case in CASES}


@pytest.mark.parametrize("f", OPS + LINALG + LOSSES, ids=lambda f: f.__name__)
def test_op_has_a_case(f: Any) -> None:
    name = rule_name(f)
    assert (name in NAMES) != (name in WITHOUT)
    if name in NAMES:
        written = "x[" if name in WRITTEN_AS else name
        assert any(written in case.call for case in CASES if case.name == name)


LAYERS = [
    name
    for name, value in vars(nn).items()
    if inspect.isclass(value) and issubclass(value, nn.Module) and value is not nn.Module
]


@pytest.mark.parametrize("name", LAYERS)
def test_layer_has_a_case(name: str) -> None:
    assert (name in NAMES) != (name in WITHOUT)
