"""Damaged files: every reader refuses them clearly, reads them right, and does nothing else."""

from __future__ import annotations

import pytest

from tests.damage.judging import Outcome
from tests.damage.plants import PLANTS
from tests.damage.running import SHARES, Batch


@pytest.mark.parametrize("reader", SHARES)
def test_damaged_files_do_no_harm(reader: str) -> None:
    """A few of those that ``make fuzz-files`` reads; a fault names the command to see it again."""
    counts, faults = Batch(reader, 0, range(250)).finish()
    assert not faults, f"python -m tests.damage --seed 0 --case ...: {faults}"
    assert counts.total() == 250
    assert counts[reader, Outcome.REFUSED] > 150
    assert counts[reader, Outcome.WHOLE] > 0


@pytest.mark.parametrize("plant", PLANTS)
def test_faults_are_found(plant: str) -> None:
    """Each is found by what it does wrong."""
    reader, _, numbers, said = PLANTS[plant]
    _, faults = Batch(reader, 1, numbers, plant).finish()
    assert [fault for fault in faults if said in fault], faults
