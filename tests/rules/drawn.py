"""Calls drawn from the annotations of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tensorlib.shapes.registry import Rule
from tests.op_cases.case import OpCase
from tests.rules.arguments import GROUPS, OPERANDS, SIZED, arguments
from tests.rules.functions import (
    call,
    dtypes_of,
    filled,
    is_smooth,
    operand,
    with_arrays,
    with_tensors,
)
from tests.rules.peers import numpys
from tests.rules.rows import ROWS, trials_of_row
from tests.rules.trial import Trial


@st.composite
def trials(draw: st.DrawFn, rule: Rule) -> Trial:
    """A call of a rule's op: from the table of ops, or from the rule's annotations."""
    rows = ROWS.get(rule.name, [])
    from_table: bool = draw(st.booleans())
    if rows and from_table:
        row: OpCase = draw(st.sampled_from(rows))
        return draw(trials_of_row(row))
    return trial_of(rule, draw(arguments(rule)))


def trial_of(rule: Rule, found: dict[str, Any]) -> Trial:
    """Return a call with these arguments, shapes in the place of tensors."""
    kinds = {name: str(rule.parameters[name].annotation) for name in found}
    groups = {name: len(found[name]) for name in found if kinds[name] in GROUPS}
    tensors = [name for name in found if name in groups or kinds[name] in OPERANDS]
    others = [name for name in found if name not in tensors]
    shapes = tuple(
        shape for name in tensors for shape in (found[name] if name in groups else [found[name]])
    )
    names = [name for name in tensors for _ in range(groups.get(name, 1))]

    def with_operands(operands: Sequence[Any], rest: Sequence[Any]) -> dict[str, Any]:
        given = iter(operands)
        whole = {
            name: tuple(next(given) for _ in range(groups[name])) if name in groups else next(given)
            for name in tensors
        }
        whole |= zip(others, rest, strict=True)
        return {name: whole[name] for name in found}

    def ask(shapes: Sequence[Any], rest: Sequence[Any]) -> Any:
        return rule.check(**with_operands(shapes, rest))

    def arrays(rng: np.random.Generator) -> list[Any]:
        whole = zip(names, shapes, dtypes_of(rule, shapes), strict=True)
        return [filled(rule, *each, rng) for each in whole]

    rest = tuple(found[name] for name in others)

    def apply(arrays: Sequence[Any]) -> Any:
        operands = [operand(rule, x) for x in arrays]
        return call(rule, with_operands(operands, tuple(map(with_tensors, rest))))

    theirs = numpys(rule)

    def numpy(arrays: Sequence[Any]) -> Any:
        assert theirs is not None
        return theirs(with_operands(arrays, tuple(map(with_arrays, rest))))

    sized = frozenset(place for place, name in enumerate(others) if kinds[name] in SIZED)
    return Trial(
        rule,
        shapes,
        rest,
        sized,
        ask,
        arrays,
        apply,
        is_smooth=is_smooth(rule),
        numpy=theirs and numpy,
    )
