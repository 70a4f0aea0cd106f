"""Forms: what an annotation requires of a value.

A form is made once of each annotation (`reading`) and matched in each call. `Facts` hold what the
call has learned of its type variables so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tensorlib.checking.facts import Facts, Misfit, Variable, single
from tensorlib.nn.module import Module
from tensorlib.shapes.declared import (
    fits_no_shape,
    fits_no_shapes,
    require_dtype,
    require_same_tape,
    require_tape,
)
from tensorlib.shapes.dim import Dim, Symbol, SymbolicDim, UnknownDim
from tensorlib.shapes.errors import (
    DtypeError,
    ShapeError,
    TapeError,
    TensorlibError,
    UndecidedError,
)
from tensorlib.shapes.shape import Shape, format_shape
from tensorlib.tape import Moved
from tensorlib.tensor import Tensor

AnyTensor = Tensor[Any, Any, Any]


class Form:
    """What an annotation requires; by itself nothing, as ``Any`` does."""

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Require that a value is as annotated, and note what it says of the type variables.

        Raises:
            ShapeError, DtypeError, TapeError: it is not.
            TypeError: it is no tensor, or of another class, where one is annotated.
        """

    def returned(self, value: Any, name: str, facts: Facts) -> None:
        """Require the same of a result, whose type variables the arguments have bound."""
        self.match(value, name, facts)

    def is_alike(self, value: Any) -> bool:
        """Tell whether a value may be meant for this member of a union."""
        return True


ANYTHING = Form()
"""Requires nothing."""


@dataclass(frozen=True)
class Foreign(Form):
    """A class that is none of ours: only unions ask whether a value is of it."""

    classes: type | tuple[type, ...]

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is of the class."""
        try:
            return isinstance(value, self.classes)
        except TypeError:  # a protocol, which does not tell
            return True


@dataclass(frozen=True)
class SizeForm(Form):
    """An int that is a size: ``n: N``."""

    dim: Dim

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match the size; what is no int is left to the type checker."""
        if self.is_alike(value):
            facts.matcher.match_dim(self.dim, int(value), name)

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is an int."""
        return isinstance(value, int | np.integer) and not isinstance(value, bool)


TapeWanted: TypeAlias = "bool | tuple[Variable, ...] | None"
"""With a tape, without, either, or as the variables say, of which one with a tape is enough."""


class TensorForm(Form):
    """A tensor: its shape, its tape, its dtype.

    Args:
        kind: the class, Tensor or one of its subclasses.
        shape: the declared shape, or the variable that stands for all of it.
        tape: the declared tape.
        dtype: NumPy's class, a variable for it, or None for any.
    """

    def __init__(
        self, kind: type[AnyTensor], shape: Shape | Variable, tape: TapeWanted, dtype: Variable
    ) -> None:
        self.kind = kind
        self.shape: Shape | None = shape if isinstance(shape, tuple) else None
        self._whole = None if isinstance(shape, tuple) else shape
        self.tape = tape
        self._dtype = dtype if isinstance(dtype, type) else None
        self._exact = None
        if self._dtype is not None and issubclass(self._dtype, np.generic):
            try:
                self._exact = np.dtype(self._dtype)
            except TypeError:  # an abstract one, such as np.floating
                self._exact = None
            if self._exact is not None and self._exact.type is not self._dtype:
                self._exact = None
        self._dtype_variable = None if isinstance(dtype, type) else dtype
        self._plain = self._plainly()

    def _plainly(self) -> tuple[int | Symbol | None, ...] | None:
        """Return the dimensions if all are ints or single symbols, which are matched quickly."""
        plain: list[int | Symbol | None] = []
        for item in self.shape or ():
            if isinstance(item, UnknownDim):
                plain.append(None)
            elif isinstance(item, int):
                plain.append(item)
            elif isinstance(item, SymbolicDim) and (name := single(item)) is not None:
                plain.append(name)
            else:
                return None
        return None if self.shape is None else tuple(plain)

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match kind, tape, dtype and shape, in this order, as the checker does."""
        if not isinstance(value, self.kind):
            raise TypeError(self._wrong_kind(value, name))
        self._match_tape(value, name, facts)
        if value._data.dtype is not self._exact:
            self._match_dtype(value, name, facts)
        if self._plain is None or not self._matches_plainly(value._data.shape, facts.matcher.dims):
            self._match_shape(value._data.shape, name, facts)

    def _match_tape(self, value: AnyTensor, name: str, facts: Facts) -> None:
        wanted, owned = self.tape, owns_tape(value)
        if wanted is None or owned is wanted:
            return
        if not isinstance(wanted, tuple):
            require_tape(wanted, owned, name)
        elif owned is not None and len(wanted) == 1:
            known = facts.tapes.setdefault(wanted[0], owned)
            if known is not owned:
                require_same_tape(known, name, wanted[0].__name__)

    def _match_dtype(self, value: AnyTensor, name: str, facts: Facts) -> None:
        got = value._data.dtype
        if self._exact is not None:
            require_dtype(self._exact.name, got.name, name)
        elif self._dtype_variable is not None:
            require_dtype(facts.dtypes.setdefault(self._dtype_variable, got.name), got.name, name)
        elif self._dtype is not None and not issubclass(got.type, self._dtype):
            expected = f"expected {name} of" if name else "expected"
            raise DtypeError(f"{expected} a dtype of np.{self._dtype.__name__}, got {got}")

    def _matches_plainly(self, actual: tuple[int, ...], dims: dict[Symbol, Dim]) -> bool:
        """Bind sizes without arithmetic; False if anything is wrong, for `_match_shape` to say."""
        wanted = self._plain
        assert wanted is not None
        if len(actual) != len(wanted):
            return False
        for want, have in zip(wanted, actual, strict=True):
            if type(want) is Symbol:
                if dims.setdefault(want, have) != have:
                    return False
            elif want is not None and want != have:
                return False
        return True

    def _match_shape(self, actual: tuple[int, ...], name: str, facts: Facts) -> None:
        if self.shape is not None:
            facts.matcher.match(facts.in_instance(self.shape), actual, name)
        elif self._whole is not None:
            facts.shapes.setdefault(self._whole, []).append(actual)

    def returned(self, value: Any, name: str, facts: Facts) -> None:
        """Match a result: of a variable that several arguments bind, what all of them agree on."""
        if not isinstance(value, self.kind):
            raise TypeError(self._wrong_kind(value, name))
        wanted, owned = self.tape, owns_tape(value)
        if isinstance(wanted, tuple):
            passed = [facts.tapes.get(variable) for variable in wanted]
            wanted = True if True in passed else None if None in passed else False
        if wanted is True and owned is False:
            raise TapeError(f"expected {name} with a tape, got it without: something dropped it")
        if wanted is False and owned is True:
            raise TapeError(
                f"expected {name} without a tape: return y.detach(), or declare it with a tape"
            )
        if value._data.dtype is not self._exact:
            self._match_dtype(value, name, facts)
        if self._plain and self._matches_plainly(value._data.shape, facts.matcher.dims):
            return
        seen = facts.shapes.get(self._whole, []) if self._whole is not None else []
        if seen and all(shape == seen[0] for shape in seen):
            facts.matcher.match(seen[0], value._data.shape, name)
        elif self.shape is not None:
            facts.matcher.match(facts.in_instance(self.shape), value._data.shape, name)

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is such a tensor."""
        return isinstance(value, self.kind)

    def _wrong_kind(self, value: Any, name: str) -> str:
        got = type(value).__name__
        fix = ": wrap it with tl.tensor(...)" if got in ("ndarray", "list", "tuple") else ""
        return f"expected {name or 'an operand'} to be a {self.kind.__name__}, got {got}{fix}"


def owns_tape(value: AnyTensor) -> bool | None:
    """Tell whether a tensor owns a tape; None if its tape moved, of which the next op will tell."""
    return None if type(value._tape) is Moved else value._tape is not None


@dataclass(frozen=True)
class TupleForm(Form):
    """A tuple of so many items."""

    items: tuple[Form, ...]

    @property
    def shapes(self) -> tuple[Shape, ...] | None:
        """The shapes of the items, if all are tensors of declared shapes."""
        found = [item.shape for item in self.items if isinstance(item, TensorForm)]
        known = tuple(shape for shape in found if shape is not None)
        return known if len(known) == len(self.items) else None

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match the items one by one."""
        if self.is_alike(value):
            for form, item in zip(self.items, value, strict=True):
                form.match(item, name, facts)

    def returned(self, value: Any, name: str, facts: Facts) -> None:
        """Match the items of a result one by one."""
        if self.is_alike(value):
            for form, item in zip(self.items, value, strict=True):
                form.returned(item, name, facts)

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is a tuple of this length."""
        return isinstance(value, tuple) and len(value) == len(self.items)


@dataclass(frozen=True)
class ItemsForm(Form):
    """A collection whose items, or a mapping whose values, are all alike."""

    kind: type
    item: Form

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match each item."""
        for item in self._items(value):
            self.item.match(item, name, facts)

    def returned(self, value: Any, name: str, facts: Facts) -> None:
        """Match each item of a result."""
        for item in self._items(value):
            self.item.returned(item, name, facts)

    def _items(self, value: Any) -> Sequence[Any]:
        if not self.is_alike(value):
            return ()
        return tuple(value.values() if isinstance(value, Mapping) else value)

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is such a collection, and no stream that reading would use up."""
        return isinstance(value, self.kind) and hasattr(value, "__len__")


class UnionForm(Form):
    """One of several: the first of the value's kind that fits."""

    def __init__(self, members: Sequence[Form]) -> None:
        self.members = members

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match the first member that fits."""
        self._first(value, name, facts, "match")

    def returned(self, value: Any, name: str, facts: Facts) -> None:
        """Match a result with the first member that fits."""
        self._first(value, name, facts, "returned")

    def _first(self, value: Any, name: str, facts: Facts, how: str) -> None:
        alike = [member for member in self.members if member.is_alike(value)]
        problems: list[ShapeError | DtypeError | TapeError] = []
        for member in alike:
            trial = facts.copy()
            try:
                getattr(member, how)(value, name, trial)
                # The next argument may decide it, but not whether this member is meant at all.
                trial.matcher.copy().finish()
            except Misfit as problem:
                problems.append(problem)
                continue
            facts.take(trial)
            return
        if problems:
            raise self._misfit(alike, value, name, problems)
        tensors = [member for member in self.members if isinstance(member, TensorForm)]
        if tensors and len(tensors) == sum(not _is_none(member) for member in self.members):
            tensors[0].match(value, name, facts)  # says that it is no tensor

    @staticmethod
    def _misfit(
        alike: Sequence[Form],
        value: Any,
        name: str,
        problems: Sequence[ShapeError | DtypeError | TapeError],
    ) -> TensorlibError:
        shapes = [form.shape for form in alike if isinstance(form, TensorForm) and form.shape]
        tuples = [form.shapes for form in alike if isinstance(form, TupleForm) and form.shapes]
        by_shape = all(isinstance(problem, ShapeError) for problem in problems)
        if len(problems) > 1 and by_shape and len(tuples) == len(alike):
            return fits_no_shapes(tuples, [each.shape for each in value], name, unproven=False)
        if len(problems) == 1 or not by_shape or len(shapes) < len(alike):
            return problems[0]
        return fits_no_shape(shapes, value.shape, name, unproven=False)

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value may be meant for one of the members."""
        return any(member.is_alike(value) for member in self.members)


def _is_none(form: Form) -> bool:
    return isinstance(form, Foreign) and form.classes is type(None)


class MapsForm(Form):
    """A model that takes one tensor and returns one: ``nn.Maps[In, Out]``."""

    def __init__(self, operand: Form, result: Form) -> None:
        self.operand = operand
        self.result = result

    def apply(self, model: Any, name: str, facts: Facts) -> None:
        """Ask a module for the shape of its result, once the sizes of the operand are known.

        Raises:
            ShapeError: it does not take the operand, or returns another shape.
        """
        operand, result = self.operand, self.result
        if not isinstance(model, Module) or not isinstance(operand, TensorForm):
            return
        given = facts.matcher.substituted(operand.shape or ())
        if operand.shape is None or not all(isinstance(item, int) for item in given):
            return
        try:
            shape = model.output_shape(given)
        except UndecidedError:
            return
        except ShapeError as error:
            raise ShapeError(f"{name} does not fit: {error}") from None
        if not isinstance(result, TensorForm) or result.shape is None:
            return
        wanted = facts.matcher.substituted(result.shape)
        try:
            facts.matcher.copy().match(wanted, shape)
        except ShapeError:
            tape = {True: " with a tape", False: " without a tape"}
            have = tape.get(operand.tape is True, "")
            raise ShapeError(
                f"expected {name} to return {format_shape(wanted)}"
                f"{tape.get(result.tape is True, '')}, got {format_shape(shape)}{have}"
            ) from None
