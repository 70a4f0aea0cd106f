"""One table of all ops: how to call each, what PyTorch computes, and with which operands.

A row's strategy draws calls: shapes to be filled with values, scalars, and parameters. What is
tested with them stands in `test_ops`. Each family of ops has its rows in a module of its name.
"""

from __future__ import annotations

from tests.op_cases import (
    activation,
    attention,
    contraction,
    convolution,
    elementwise,
    indexing,
    joining,
    linalg,
    logic,
    manipulation,
    mapping,
    matrix,
    normalization,
    normalization_layers,
    ordering,
    padding,
    pooling,
    power,
    random,
    recurrent,
    reduction,
    resampling,
    rounding,
    scan,
    searching,
    selection,
    similarity,
    splitting,
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
    *normalization_layers.CASES,
    *attention.CASES,
    *ordering.CASES,
    *linalg.CASES,
    *contraction.CASES,
    *matrix.CASES,
    *convolution.CASES,
    *pooling.CASES,
    *resampling.CASES,
    *manipulation.CASES,
    *mapping.CASES,
    *joining.CASES,
    *splitting.CASES,
    *indexing.CASES,
    *selection.CASES,
    *padding.CASES,
    *searching.CASES,
    *similarity.CASES,
    *recurrent.CASES,
)

NAMES: frozenset[str] = frozenset(case.op for case in CASES)
