"""The registry of rules: for each op by name, its shape rule, dtype rule and tape rule.

A rule's parameters are the op's parameters that bear on shapes, under the same names; those
annotated `Shape` stand for tensors. The run time calls a rule with ints, the checker calls the
same rule with symbolic dimensions.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tensorlib.shapes import dtypes
from tensorlib.shapes.errors import DtypeError, IndexOutOfRangeError, ShapeError, TapeError
from tensorlib.shapes.mending import Mends, suggestion
from tensorlib.shapes.parameters import REQUIRED, Declared, parameters_of
from tensorlib.shapes.shape import Shape, is_unknown

Together: TypeAlias = Callable[[Sequence[Shape], Sequence[str]], None]
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


class Parameter:
    """A parameter of a rule, and what its annotation says that it stands for.

    Attributes:
        name: its name.
        annotation: as it is written.
        default: its default; meaningless if it is required.
        is_required: whether it has no default.
        is_group: whether it stands for several tensors.
        takes_several: whether such a group may have members that are given by their number.
        is_data: whether it stands for a tensor, or for nested lists of numbers.
        is_tensor: whether it stands for one tensor.
    """

    __slots__ = (
        "annotation",
        "default",
        "is_data",
        "is_group",
        "is_required",
        "is_tensor",
        "name",
        "takes_several",
    )

    def __init__(self, declared: Declared) -> None:
        annotation = declared.annotation
        self.name = declared.name
        self.annotation = annotation
        self.default = declared.default
        self.is_required = declared.default is REQUIRED
        self.is_group = annotation in ("tuple[Shape, ...]", "Group")
        self.takes_several = annotation == "Group"
        self.is_data = annotation == "Data"
        self.is_tensor = annotation in ("Shape", Shape, "Shape | None", "Data")


class Rule:
    """The rules of one op.

    Calling a rule with operand shapes (and the parameters that bear on them) returns the result's
    shape, or a tuple of shapes for several results, and remembers it: the run time checks every
    call, and most calls repeat.

    Attributes:
        parameters: by name, in order.
        required: the names of those without a default.
        takes_data: whether one of them stands for a tensor or for nested lists of numbers.
        takes_tensors_only: whether each of them stands for one tensor.
        tensor_parameters: the names of those that stand for one tensor, in order.
        group: the place of the one that stands for several tensors, if there is one.
    """

    __slots__ = (
        "_memo",
        "dtype",
        "group",
        "mends",
        "name",
        "operators",
        "parameters",
        "required",
        "shape",
        "takes_data",
        "takes_tensors_only",
        "tape",
        "tensor_parameters",
        "together",
        "within",
    )

    def __init__(
        self,
        name: str,
        shape: Callable[..., Any],
        *,
        dtype: dtypes.DtypeRule = dtypes.same,
        tape: TapeRule = TapeRule.RECORDS,
        operators: tuple[str, ...] = (),
        mends: Mends | None = None,
        together: Together | None = None,
        within: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.together = together
        self.within = within
        self.shape = shape
        self.mends = mends
        self.dtype = dtype
        self.tape = tape
        self.operators = operators
        self.parameters = {each.name: Parameter(each) for each in parameters_of(shape)}
        self.required = tuple(name for name, each in self.parameters.items() if each.is_required)
        self.takes_data = any(each.is_data for each in self.parameters.values())
        tensors = (name for name, each in self.parameters.items() if each.is_tensor)
        self.tensor_parameters = tuple(tensors)
        self.takes_tensors_only = len(self.tensor_parameters) == len(self.parameters)
        groups = (place for place, each in enumerate(self.parameters.values()) if each.is_group)
        self.group = next(groups, None)
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
            named = error if error.subject else error.named(self.name)
            raise self._suggesting(named, args, parameters) from None

    def _suggesting(
        self, error: ShapeError, args: tuple[Any, ...], parameters: dict[str, Any]
    ) -> ShapeError:
        """Return an error that tells what mends the call, if the rule finds it."""
        if self.mends is None or isinstance(error, IndexOutOfRangeError):
            return error
        bound = inspect.signature(self.shape).bind(*args, **parameters)
        bound.apply_defaults()
        return error.suggesting(suggestion(self.shape, bound.arguments, self.mends))

    def result_dtype(self, *operands: str) -> str:
        """Return the result's dtype; an error names this op."""
        try:
            return self.dtype(*operands)
        except DtypeError as error:
            raise error if error.subject else error.named(self.name) from None

    def operand_dtype(self, *operands: str) -> str | None:
        """Return the dtype to convert the operands to, or None; an error names this op."""
        if self.dtype.operands is None:
            return None
        try:
            return self.dtype.operands(*operands)
        except DtypeError as error:
            raise error if error.subject else error.named(self.name) from None

    def require_together(self, shapes: Sequence[Shape], operands: Sequence[str]) -> None:
        """Require what the operands' shapes and dtypes have to do with each other.

        Raises:
            DtypeError: a shape says that an operand means one thing, its dtype another.
            ShapeError: a shape does not fit what a dtype says that an operand means.
        """
        if self.together is None or any(map(is_unknown, shapes)):
            return
        try:
            self.together(shapes, operands)
        except (DtypeError, ShapeError) as error:
            raise error.named(self.name) from None

    def require_within(self, **arguments: Any) -> None:
        """Require of an int in the place of an operand what the op requires of its value.

        Args:
            arguments: those of the rule, but for ints that stand for operands, as they are.

        Raises:
            IndexOutOfRangeError: it is an index that there is not.
        """
        if self.within is None:
            return
        try:
            self.within(**arguments)
        except ShapeError as error:
            raise error.named(self.name) from None


_RULES: dict[str, Rule] = {}
_OPERATORS: dict[str, Rule] = {}
_OUTSIDE: dict[str, Rule] = {}


def register(rule: Rule) -> Rule:
    """Enter a rule under its op's name and operator methods, each of which must be new."""
    for table, names in ((_RULES, (rule.name,)), (_OPERATORS, rule.operators)):
        _enter(table, names, rule)
    return rule


def register_operators(rule: Rule) -> Rule:
    """Enter a rule of operators that are an op, but do not take all that its function takes."""
    _enter(_OPERATORS, rule.operators, rule)
    return rule


def _enter(table: dict[str, Rule], names: Sequence[str], rule: Rule) -> None:
    for name in names:
        if name in table:
            raise ValueError(f"there already is a rule for {name!r}")
        table[name] = rule


def rule(
    name: str = "",
    *,
    dtype: dtypes.DtypeRule = dtypes.same,
    tape: TapeRule = TapeRule.RECORDS,
    operators: tuple[str, ...] = (),
    op: str = "",
    mends: Mends | None = None,
    together: Together | None = None,
    within: Callable[..., None] | None = None,
) -> Callable[[Callable[..., Any]], Rule]:
    """Return a decorator that registers a shape rule.

    Args:
        name: the op's name in messages, by default the function's.
        dtype: which dtypes the op takes and returns.
        tape: what the op does with the tapes of its operands.
        operators: the operator methods that are this op.
        op: for an op outside of the library, the full name of its function: ``"shop.ops.swap"``.
        mends: names changes of a refused call, from the rule's arguments; those that mend it are
            shown behind the error, ``; try x1 @ x2.T``.
        together: requires what the operands' shapes and dtypes have to do with each other.
        within: takes the rule's arguments, but ints that stand for operands as they are, and
            requires what the op requires of their values.
    """

    def enter(shape: Callable[..., Any]) -> Rule:
        made = Rule(
            name or shape.__name__,
            shape,
            dtype=dtype,
            tape=tape,
            operators=operators,
            mends=mends,
            together=together,
            within=within,
        )
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
