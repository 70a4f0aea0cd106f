"""Generated programs agree: a short run with a fixed seed, and what the comparison rests on.

`make agreement` is the long run; `tests/planted_disagreements.py` shows what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.agreement.checking import check
from tests.agreement.judging import Verdict, judge
from tests.agreement.program import Operand, Program
from tests.agreement.revealed import Have, Known, Type, agrees, parse
from tests.agreement.session import Session
from tests.agreement.shrinking import shrunk
from tests.agreement.writing import Written, written
from tests.planted_disagreements import BUGS, Bug

COUNT = 300
X = Operand("x", ("2", "3"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where mypy runs, so that its cache serves all tests here."""
    return tmp_path_factory.mktemp("agreement")


@pytest.mark.xdist_group("agreement")
def test_generated_programs_agree(folder: Path) -> None:
    session = Session(7, folder)
    found = [f"{each.kind}: {each.why}\n{each.program}" for each in session.run(COUNT)]
    assert not found, "\n".join(found)
    assert session.programs == COUNT
    assert 0.3 < session.refused / session.programs < 0.7, session.summary()
    assert session.translated > 20
    assert session.left_open < 0.02 * session.programs
    assert session.unknown < 0.05 * session.dims


WRONG = {
    "": Program("sum", (X,), ("r = x.sum(0)",)),
    "missed": Program("matmul", (X, Operand("y", ("2", "3"))), ("r = x @ y",)),
    "false alarm": Program("sum", (X,), ("r = x.sum(0)",)),
    "elsewhere": Program("sum", (X,), ("r = x.sum(0)", "s = r.sum(1)")),
    "revealed": Program("sum", (X,), ("r = x.sum(0)",)),
    "pytorch": Program("exp", (X,), ("r = x.exp()",), peer=lambda arrays: arrays[0] + 1),
    "stated": Program("exp", (X,), ("r = x.exp()",), stated="float64"),
}
"""Programs of which all agree; the test falsifies what mypy says, or what PyTorch does."""


@pytest.mark.xdist_group("agreement")
def test_disagreements_are_found(folder: Path) -> None:
    found = dict(zip(WRONG, check([*WRONG.values()], folder), strict=True))
    (error,) = found["missed"].errors
    assert error.code == "tensor-shape"
    found["missed"].errors.clear()
    found["false alarm"].errors.append(error)
    found["elsewhere"].errors[:] = [error]
    found["revealed"].types = {3: ["Tensor[Shape[2], NoTape, float32]"]}
    for kind, checked in found.items():
        assert judge(WRONG[kind], checked).kind == kind


@pytest.mark.xdist_group("agreement")
def test_gradients_are_compared(folder: Path) -> None:
    """The peers have the same result, of which one depends on the operand as ours does."""

    def right(arrays: Sequence[Any]) -> Any:
        return torch.as_tensor(arrays[0]).exp()

    def wrong(arrays: Sequence[Any]) -> Any:
        x = torch.as_tensor(arrays[0])
        return x.exp() + x - x.detach()

    programs = [
        Program("exp", (X,), ("r = x.exp()",), peer=peer, has_slopes=True)
        for peer in (right, wrong)
    ]
    verdicts = map(judge, programs, check(programs, folder))
    assert [(each.kind, each.has_slopes) for each in verdicts] == [("", True), ("pytorch", True)]


@pytest.mark.xdist_group("agreement")
def test_what_is_left_open_is_counted(folder: Path) -> None:
    """An axis that is empty for some sizes is; one that is empty for all is mypy's to see."""
    rows = Operand("x", ("N", "3"))
    programs = [
        Program("reshape", (rows,), ("r = x[1:].reshape((-1, x[1:].shape[0]))",)),
        Program("max", (rows,), ("r = x[1:].max(axis=0)",)),
        Program("max", (rows,), ("r = x[:0].max(axis=0)",)),
    ]
    some, none, always = map(judge, programs, check(programs, folder))
    assert [(each.kind, each.is_open) for each in (some, none)] == [("", True)] * 2
    assert (always.kind, always.is_refused, always.is_open) == ("", True, False)


@pytest.mark.xdist_group("agreement")
def test_reports_on_symbols_are_right_if_a_size_fails(folder: Path) -> None:
    symbolic = Operand("x", ("N", "M"))
    programs = [
        Program("matmul", (symbolic,), ("r = x @ x",)),
        Program("matmul", (symbolic,), ("r = x @ x.mT",)),
    ]
    refused, accepted = check(programs, folder)
    verdict = judge(programs[0], refused)
    assert (verdict.kind, verdict.is_refused) == ("", True)
    verdict = judge(programs[1], accepted)
    assert (verdict.kind, verdict.is_refused) == ("", False)
    assert len(verdict.outcomes) > 4
    assert judge(programs[0], accepted).kind == "missed"
    assert judge(programs[1], refused).kind == "false alarm"


@pytest.mark.xdist_group("agreement")
def test_disagreements_become_small(folder: Path) -> None:
    """What mypy says of products is taken away: the rest of the program goes as well."""
    y = Operand("y", ("5", "3"), owns_tape=True)
    body = ("r = (x.exp() + 1).relu()", "s = r @ y", "t = s.sum()")
    program = Program("matmul", (Operand("x", ("4", "2", "3")), y), body)

    def judged(programs: Sequence[Program]) -> list[Verdict]:
        found = check(programs, folder)
        for checked in found:
            checked.errors = [each for each in checked.errors if "matmul" not in each.text]
        return [judge(each, checked) for each, checked in zip(programs, found, strict=True)]

    (verdict,) = judged([program])
    assert verdict.kind == "missed"
    small = shrunk(verdict, judged).program
    assert len(small.body) == 1
    assert "@" in small.body[0]
    assert "exp" not in small.body[0]
    assert not any(each.owns_tape for each in small.operands)


REVEALED = [
    ("Tensor[Shape[2, 3], NoTape, float32]", Have((2, 3), "float32", False), True),
    ("Tensor[Shape[2, 3], NoTape, float32]", Have((2, 4), "float32", False), False),
    ("Tensor[Shape[2, 3], NoTape, float32]", Have((2, 3), "float64", False), False),
    ("Tensor[Shape[2, 3], Tape, float32]", Have((2, 3), "float32", False), False),
    ("Tensor[Shape[int, 3], NoTape, float32]", Have((9, 3), "float32", False), True),
    ("Tensor[Shape[int, 3], NoTape, float32]", Have((3,), "float32", False), False),
    ("Tensor[Shape[Add[N, 1]], NoTape, float32]", Have((6,), "float32", False), True),
    ("Tensor[Shape[Mul[2, FloorDiv[N, 2]]], NoTape, bool]", Have((5,), "bool", False), False),
    ("Tensor[Shape[*Batch, 3], NoTape, float32]", Have((4, 2, 3), "float32", False), True),
    ("Tensor[Shape[*Batch, 3], NoTape, float32]", Have((2, 3), "float32", False), False),
    (
        "Tensor[Shape[*tuple[int, ...], 3], NoTape, float32]",
        Have((7, 8, 3), "float32", False),
        True,
    ),
    ("Tensor[Shape[*tuple[int, ...], 3], NoTape, float32]", Have((7, 8), "float32", False), False),
    ("Tensor[Shape[()], NoTape, float32]", Have((), "float32", False), True),
    ("Tensor[Shape[()], NoTape, float32]", Have((1,), "float32", False), False),
    ("tuple[Tensor[Shape[2], Tape, float32]]", (Have((2,), "float32", True),), True),
    ("tuple[Tensor[Shape[2], Tape, float32]]", (Have((3,), "float32", True),), False),
    ("bool", Have((2,), "bool", False), False),
    ("Any", Have((2,), "bool", False), True),
    ("Gradients", None, True),
    ("Tensor[Shape[2], Tape, float32]", None, False),
]


@pytest.mark.parametrize(("text", "value", "is_right"), REVEALED, ids=str)
def test_types_are_compared_with_values(text: str, value: Any, is_right: bool) -> None:
    assignment = {"N": 5, "Batch": (4, 2)}
    assert agrees(parse(text), value, assignment, Known()) == is_right


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.what)
def test_bugs_can_be_planted(bug: Bug) -> None:
    assert bug.is_plantable
    assert bug.text != bug.instead


def test_types_are_read() -> None:
    found = parse("tuple[Linear[2, N], Tensor[Shape[()], Any] | None, int]")
    linear = Type("Linear", (Type("2"), Type("N")))
    assert found == Type("tuple", (linear, Type("?"), Type("int")))


def test_calls_are_written() -> None:
    x: Any = Written("x")
    assert written(x[1:, None, ..., ::2]) == "x[1:, None, ..., ::2]"
    assert written(2 - abs(-x) @ x) == "(2 - (abs((-x)) @ x))"
    assert written(x.sum(axis=(0,), where=float("inf"))) == 'x.sum(axis=(0,), where=float("inf"))'
