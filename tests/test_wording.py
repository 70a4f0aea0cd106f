"""mypy's own errors, in the words of annotations, and no error that only follows from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from mypy_plugin.wording import reworded
from tests.typecheck import run_mypy

REWORDED = (
    ("tuple[Literal[2], N], NoTape, floating[_32Bit]", "Shape[2, N], NoTape"),
    ("tuple[()], Tape, signedinteger[_64Bit]", "Shape[()], Tape, int64"),
    ("tuple[*Batch, Mul[Literal[2], N]], T, D", "Shape[*Batch, 2*N], T, D"),
    ("tuple[int, ...], Tape | NoTape, Any", "Shape[...], Tape | NoTape, Any"),
    ("tuple[*tuple[int, ...], int, Any], T, float64", "Shape[..., int, Any], T, float64"),
    ("tuple[FloorDiv[Add[N, Literal[1]], Literal[2]]], T, D", "Shape[(N + 1)//2], T, D"),
)
LEFT_ALONE = (
    "Tensor[Never, Never, Never]",
    "type[Tensor[S_co, T_co, D_co]]",
    "Tensor[tuple[Literal[2]]",
    "Tensor[tuple[dict[str, int]], T, D]",
    "tuple[Literal[2], Literal[3]] is no tensor, nor is MyTensor[tuple[Literal[2]], T, D]",
)
PROGRAM = """
from typing import Any
from typing_extensions import TypeVar
import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)


def assigned(x: Tensor[Shape[N, 4]]) -> Tensor[Shape["N + 1", 4]]:
    y: Tensor[Shape[N]] = x
    return x + 0.0


def operated(x: Tensor[Shape[3]], y: Tensor[Shape[4]]) -> Tensor[Shape[3]]:
    return (
        x * 2
        + y
    )


def passed_on(x: Any) -> Tensor[Shape[3]]:
    return x
"""


@pytest.mark.parametrize(("types", "words"), REWORDED)
def test_types_are_written_as_annotations(types: str, words: str) -> None:
    assert reworded(f'got "list[Tensor[{types}]] | None"') == f'got "list[Tensor[{words}]] | None"'


def test_what_an_opened_parameter_takes_is_a_tensor() -> None:
    text = 'expected "dict[str, Tensor[object, object, object]]"'
    assert reworded(text) == 'expected "dict[str, Tensor]"'


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_tensor_with_a_shape_is_left_alone(text: str) -> None:
    assert reworded(text) == text


@pytest.mark.xdist_group("typecheck")
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_errors_of_a_module(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    expected = [
        "program.py:11: error: Incompatible types in assignment (expression has type "
        '"Tensor[Shape[N, 4], NoTape]", variable has type "Tensor[Shape[N], NoTape]")  '
        "[assignment]",
        "program.py:12: error: Incompatible return value type "
        '(got "Tensor[Shape[N, 4], NoTape]", expected "Tensor[Shape[N + 1, 4], NoTape]")  '
        "[return-value]",
        "program.py:17: error: add: shapes must be equal, or one stretch to the other, "
        "got (3,) and (4,): 3 is not 4 on axis -1  [tensor-shape]",
        "program.py:23: error: Returning Any from function declared to return "
        '"Tensor[Shape[3], NoTape]"  [no-any-return]',
    ]
    for _ in range(2):
        done = run_mypy(*options, "program.py", cwd=tmp_path)
        assert done.stdout.splitlines()[:-1] == expected
