"""A hundred mutants of the models: mypy foresees those that raise, and is right about the others.

All of them are judged by ``make mutants``.
"""

from __future__ import annotations

import pytest

from tests.missed_mutants import MISSED, reason
from tests.mutants import FOLDER, Verdict, mutants_of, programs, sample, sizes_of, verdicts

KINDS = {"literal", "axis", "dimension", "order", "layer", "dropped"}
ALL = [mutant for program in programs() for mutant in mutants_of(program)]
HUNDRED = sample(ALL, 100)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    return verdicts(HUNDRED, tmp_path_factory.mktemp("mutants"))


def test_there_are_enough_mutants_of_each_kind() -> None:
    assert len(ALL) >= 1000
    assert {mutant.kind for mutant in ALL} == KINDS
    assert len({mutant.text for mutant in ALL}) == len(ALL)


def test_the_hundred_are_of_every_program_and_kind() -> None:
    assert len(set(HUNDRED)) == 100
    groups = {(mutant.program, mutant.kind) for mutant in ALL}
    assert {(mutant.program, mutant.kind) for mutant in HUNDRED} == groups
    assert sample(ALL[::-1], 100) == HUNDRED


@pytest.mark.parametrize("program", programs())
def test_models_are_run_with_enough_sizes(program: str) -> None:
    sizes = sizes_of(program)
    assert len(set(sizes)) >= 5
    # No two symbols have the same size throughout, or the one could stand for the other.
    columns = list(zip(*sizes, strict=True))
    assert len(set(columns)) == len(columns)


def test_a_mutant_changes_one_place() -> None:
    for mutant in HUNDRED:
        before = (FOLDER / f"{mutant.program}.py").read_bytes()
        after = mutant.text.encode()
        assert before[: mutant.start] == after[: mutant.start]
        rest = before[mutant.start + len(mutant.old.encode()) :]
        assert after[mutant.start :] == mutant.new.encode() + rest
        assert before.count(b"\n", 0, mutant.start) + 1 == mutant.line


@pytest.mark.xdist_group("typecheck")
def test_mutants_that_raise_are_reported(judged: list[Verdict]) -> None:
    raising = [each for each in judged if each.raises]
    missed = [str(each.mutant) for each in judged if each.is_missed]
    assert len(raising) >= 30
    assert [name for name in missed if reason(name) is None] == []
    assert sum(bool(each.reports) for each in raising) >= 0.9 * len(raising)  # of all: SHARE


@pytest.mark.xdist_group("typecheck")
def test_reports_on_mutants_that_run_are_right(judged: list[Verdict]) -> None:
    assert [(str(each.mutant), each.wrong) for each in judged if each.wrong] == []


def test_what_is_missed_is_a_mutant_and_has_one_reason() -> None:
    names = {str(mutant) for mutant in ALL}
    listed = [name for mutants in MISSED.values() for name in mutants]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= names
