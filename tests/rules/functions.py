"""The ops of rules: where they are, how they are called, and what they are given."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import product
from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib import data, losses
from tensorlib.shapes.dtypes import DtypeRule
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.shapes.indexing import IndexTensor
from tensorlib.shapes.registry import Rule, TapeRule
from tests.op_cases import CASES
from tests.op_cases.case import Array, Values, anywhere

NOTHING = object()
"""What an op gives of data without items, whose shape nobody sees."""


def _without_result(_: Any) -> None:
    """Leave the result out, which is no tensor or has no shape of its own."""


def _batches(*xs: Any, args: Sequence[Any]) -> Any:
    named = dict(zip(("batch_size", "drop_last"), args, strict=False))
    return iter(data.batches(*xs, **named))


ROOMS: tuple[Any, ...] = (tl, losses, tl.metrics, data, tl.Tensor)
WRITTEN: dict[str, Callable[..., Any]] = {
    "getitem": operator.getitem,
    "iter": lambda x: next(iter(x), NOTHING),
    "setitem": lambda x: operator.setitem(x, ..., 1),
    "delitem": lambda x: operator.delitem(x, ...),
    "T": operator.attrgetter("T"),
    "backward": lambda x: _without_result(x.backward()),
    "item": lambda x: _without_result(x.item()),
    "split_tape": lambda x: _without_result(x.split_tape()),
    "put_tape": lambda x: _without_result(x.put_tape(tl.ones(()).traced().split_tape()[1])),
    "batches": lambda xs, *args: next(_batches(*xs, args=args), NOTHING),
}
"""Ops that are written otherwise, and those whose result is no tensor."""
CHOOSES = {
    "linalg.cholesky": "reads one triangle",
    "linalg.eigh": "reads one triangle, and vectors have any sign",
    "linalg.qr": "columns have any sign",
    "linalg.svd": "vectors have any sign",
}
"""Ops whose rows make something smooth of their operands or results, and why."""
OTHERS: dict[str, Any] = {
    "dtype": np.float64, "value": 0.5, "low": 0, "high": 3, "start": 0.0, "end": 1.0, "stop": 1.0,
    "f": np.sinh, "df": np.cosh, "rng": 0,
}  # fmt: skip
"""What parameters are given of which a rule is not told."""


def op_of(rule: Rule) -> Callable[..., Any]:
    """Return the op of a rule."""
    if rule.name in WRITTEN:
        return WRITTEN[rule.name]
    if rule.name.startswith("linalg."):
        return getattr(tl.linalg, rule.name.removeprefix("linalg."))  # type: ignore[no-any-return]
    room = next(room for room in ROOMS if callable(getattr(room, rule.name, None)))
    return getattr(room, rule.name)  # type: ignore[no-any-return]


def call(rule: Rule, arguments: dict[str, Any]) -> Any:
    """Call a rule's op with the rule's arguments, tensors in the place of shapes."""
    op = op_of(rule)
    parameters = signature_of(rule)
    leading: list[Any] = []
    named: dict[str, Any] = {}
    for name, value in arguments.items():
        if name not in parameters:  # a rule of a family has names of its own
            leading.append(value)
        elif parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
            leading, named = [*leading, *named.values(), *value], {}
        else:
            named[name] = value
    rest = [each for name, each in parameters.items() if name not in named][len(leading) :]
    for each in rest:
        is_needed = each.default is each.empty or each.name == "rng"
        if is_needed and each.name in OTHERS and each.name not in rule.parameters:
            named[each.name] = OTHERS[each.name]
    return op(*leading, **named)


@cache
def values_of(rule: Rule) -> Values:
    """Return what fills operands of floats: as in the table of ops, else between 0 and 1."""
    rows = [row for row in CASES if row.op == rule.name]
    rows.sort(key=lambda row: not (row.differentiable and row.smooth))
    return rows[0].values if rows else _between


@cache
def is_smooth(rule: Rule) -> bool:
    """Tell whether an op has gradients, as it does of `values_of`."""
    rows = [row for row in CASES if row.op == rule.name]
    smooth = any(row.differentiable and row.smooth for row in rows)
    return rule.tape is TapeRule.RECORDS and (smooth or not rows) and rule.name not in CHOOSES


def _between(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.1, 0.9, shape)


@cache
def dtypes_of(rule: Rule, shapes: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    """Return dtypes that a rule takes, of floats where it can be."""
    every = product(("float64", "int64", "bool"), repeat=len(shapes))
    taken = [dtypes for dtypes in every if _are_taken(rule.dtype, dtypes)]
    for dtypes in taken:
        with suppress(DtypeError, ShapeError):
            rule.require_together(shapes, dtypes)
            return dtypes
    return taken[0]


def _are_taken(rule: DtypeRule, dtypes: Sequence[str]) -> bool:
    if rule.operands is None:
        return True
    try:
        rule.operands(*dtypes)
    except DtypeError:
        return False
    return True


def filled(
    rule: Rule, name: str, shape: tuple[int, ...], dtype: str, rng: np.random.Generator
) -> Array | float:
    """Return what stands for one of a rule's tensors; indices are 0, and what is aimed at 1."""
    if takes_numbers_only(rule, name):
        return float(rng.uniform(-1, 1))
    if dtype != "float64":
        return np.zeros(shape, dtype)
    if name == "target":
        return np.ones(shape)
    return floats(values_of(rule), rng, shape)


def floats(values: Values, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return values, whatever the rank: those of matrices know none of vectors."""
    try:
        return np.asarray(values(rng, shape), np.float64)
    except ValueError:
        return np.asarray(anywhere(rng, shape))


def with_arrays(value: Any) -> Any:
    """Put arrays in the place of an index' tensors."""
    if isinstance(value, tuple):
        return tuple(map(with_arrays, value))
    if isinstance(value, IndexTensor):
        return np.zeros(value.shape, value.dtype)
    return value


def with_tensors(value: Any) -> Any:
    """Put tensors in the place of an index' tensors."""
    if isinstance(value, tuple):
        return tuple(map(with_tensors, value))
    found = with_arrays(value)
    return found if found is value else tl.tensor(found)


@cache
def signature_of(rule: Rule) -> dict[str, inspect.Parameter]:
    """Return the parameters of a rule's op by name; none of what is written otherwise."""
    return {} if rule.name in WRITTEN else dict(inspect.signature(op_of(rule)).parameters)


def is_required(rule: Rule, name: str) -> bool:
    """Tell whether an op must be given an argument, even if the rule need not."""
    parameter = signature_of(rule).get(name)
    if rule.parameters[name].is_required or parameter is None:
        return rule.parameters[name].is_required
    return parameter.default is parameter.empty


def takes_numbers_only(rule: Rule, name: str) -> bool:
    """Tell whether an operand is a number, as is a limit, and never a tensor."""
    parameter = signature_of(rule).get(name)
    if parameter is None or rule.takes_data:
        return False
    annotation = str(parameter.annotation)
    return "Scalar" in annotation and "Tensor" not in annotation and "Any" not in annotation


def operand(rule: Rule, x: Any) -> Any:
    """Return what an op is given for an array."""
    if rule.takes_data or not isinstance(x, np.ndarray):
        return x
    tensor: Any = tl.tensor(x)
    return tensor.traced() if rule.tape is TapeRule.NEEDS_TAPE else tensor
