"""The registry of rules: for each op by name, its shape rule, dtype rule and tape rule.

A rule's parameters are the op's parameters that bear on shapes, under the same names; those
annotated `Shape` stand for tensors. The run time calls a rule with ints, the checker calls the
same rule with symbolic dimensions.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from typing import Any

from tensorlib.shapes import dtypes
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.shape import Shape

_MEMO_LIMIT = 4096


class TapeRule(enum.Enum):
    """What an op does with the tapes of its operands."""

    RECORDS = "the result owns the merged tape of the operands"
    READS = "nothing is recorded; the result owns no tape"
    DECLARED = "the plain signature says it"
    NEEDS_TAPE = "this tensor owns no tape: call .traced() on the input of the forward pass"
    NEEDS_NO_TAPE = (
        "this tensor already owns a tape: use it as it is, "
        "or x.with_empty_tape() for a second branch"
    )

    def check(self, owns_tape: bool, subject: str) -> None:
        """Raise `TapeError` if the operand must or must not own a tape."""
        if self is TapeRule.NEEDS_TAPE and not owns_tape:
            raise TapeError(f"{subject}: {self.value}")
        if self is TapeRule.NEEDS_NO_TAPE and owns_tape:
            raise TapeError(f"{subject}: {self.value}")


class Rule:
    """The rules of one op.

    Calling a rule with operand shapes (and the parameters that bear on them) returns the result's
    shape, or a tuple of shapes for several results, and remembers it: the run time checks every
    call, and most calls repeat.
    """

    __slots__ = ("_memo", "dtype", "name", "operators", "parameters", "shape", "tape")

    def __init__(
        self,
        name: str,
        shape: Callable[..., Any],
        *,
        dtype: dtypes.DtypeRule = dtypes.same,
        tape: TapeRule = TapeRule.RECORDS,
        operators: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.shape = shape
        self.dtype = dtype
        self.tape = tape
        self.operators = operators
        self.parameters = inspect.signature(shape).parameters
        self._memo: dict[tuple[Any, ...], Any] = {}

    def __call__(self, *args: Any) -> Any:
        """Return the result's shape, from memory if these arguments came before."""
        try:
            return self._memo[args]
        except KeyError:
            pass
        except TypeError:  # a slice or a list among the arguments: nothing to remember it by
            return self.check(*args)
        result = self.check(*args)
        if len(self._memo) >= _MEMO_LIMIT:
            self._memo.clear()
        self._memo[args] = result
        return result

    def check(self, *args: Any, **parameters: Any) -> Any:
        """Return the result's shape; an error names this op."""
        try:
            return self.shape(*args, **parameters)
        except ShapeError as error:
            raise error if error.subject else error.named(self.name) from None

    def result_dtype(self, *operands: str) -> str:
        """Return the result's dtype; an error names this op."""
        try:
            return self.dtype(*operands)
        except DtypeError as error:
            raise error.named(self.name) from None

    def operand_dtype(self, *operands: str) -> str | None:
        """Return the dtype to convert the operands to, or None; an error names this op."""
        if self.dtype.operands is None:
            return None
        try:
            return self.dtype.operands(*operands)
        except DtypeError as error:
            raise error.named(self.name) from None

    @property
    def tensor_parameters(self) -> tuple[str, ...]:
        """The names of the parameters that stand for tensors, in order."""
        return tuple(
            name for name, parameter in self.parameters.items() if is_shape_parameter(parameter)
        )


def is_group_parameter(parameter: inspect.Parameter) -> bool:
    """Tell whether a rule's parameter stands for several tensors."""
    return bool(parameter.annotation == "tuple[Shape, ...]")


def is_shape_parameter(parameter: inspect.Parameter) -> bool:
    """Tell whether a rule's parameter stands for a tensor."""
    return parameter.annotation in ("Shape", Shape, "Shape | None")


_RULES: dict[str, Rule] = {}
_OPERATORS: dict[str, Rule] = {}
_OUTSIDE: dict[str, Rule] = {}


def register(rule: Rule) -> Rule:
    """Enter a rule under its op's name and operator methods, each of which must be new."""
    for table, names in ((_RULES, (rule.name,)), (_OPERATORS, rule.operators)):
        for name in names:
            if name in table:
                raise ValueError(f"there already is a rule for {name!r}")
            table[name] = rule
    return rule


def rule(
    name: str = "",
    *,
    dtype: dtypes.DtypeRule = dtypes.same,
    tape: TapeRule = TapeRule.RECORDS,
    operators: tuple[str, ...] = (),
    op: str = "",
) -> Callable[[Callable[..., Any]], Rule]:
    """Return a decorator that registers a shape rule.

    Args:
        name: the op's name in messages, by default the function's.
        dtype: which dtypes the op takes and returns.
        tape: what the op does with the tapes of its operands.
        operators: the operator methods that are this op.
        op: for an op outside of the library, the full name of its function: ``"shop.ops.swap"``.
    """

    def enter(shape: Callable[..., Any]) -> Rule:
        made = Rule(name or shape.__name__, shape, dtype=dtype, tape=tape, operators=operators)
        return register_for(op, made) if op else register(made)

    return enter


def register_for(op: str, rule: Rule) -> Rule:
    """Enter a rule for a function outside of the library, by its full name; the last one counts."""
    _OUTSIDE[op] = rule
    return rule


def find_outside(op: str) -> Rule | None:
    """Return the rule of a function outside of the library, by its full name, if it has one."""
    return _OUTSIDE.get(op)


def find(name: str) -> Rule | None:
    """Return the rule of an op or of an operator method such as ``__matmul__``, if any."""
    return _RULES.get(name) or _OPERATORS.get(name)


def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order in which they were registered."""
    return tuple(_RULES.values())
