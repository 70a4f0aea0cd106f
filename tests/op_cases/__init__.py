"""One table of all ops: how to call each, what PyTorch computes, and with which operands.

A row's strategy draws calls: shapes to be filled with values, scalars, and parameters. What is
tested with them stands in `test_ops`. Each family of ops has its rows in a module of its name.
"""

from __future__ import annotations

from tests.op_cases import (
    activation,
    elementwise,
    indexing,
    joining,
    linalg,
    logic,
    manipulation,
    normalization,
    ordering,
    power,
    random,
    reduction,
    rounding,
    scan,
    trigonometry,
)
from tests.op_cases.case import OpCase

CASES: tuple[OpCase, ...] = (
    *elementwise.CASES,
    *random.CASES,
    *power.CASES,
    *rounding.CASES,
    *activation.CASES,
    *trigonometry.CASES,
    *logic.CASES,
    *reduction.CASES,
    *scan.CASES,
    *normalization.CASES,
    *ordering.CASES,
    *linalg.CASES,
    *manipulation.CASES,
    *joining.CASES,
    *indexing.CASES,
)

NAMES: frozenset[str] = frozenset(case.op for case in CASES)
