"""What every op is made of: a rule, a NumPy forward function, and vector-Jacobian products.

An op is one `Primitive`. Its vjps say by their parameter names what they need to remember, and
nothing else is kept for the backward pass:

    exp = Primitive(shapes.exp, np.exp, lambda g, y: g * y)
    multiply = Primitive(shapes.multiply, np.multiply,
                         (lambda g, x2: g * x2, lambda g, x1: g * x1))

``g`` is the cotangent of the result; ``y`` is the result; ``saved`` is what the forward function
returned beside the result; other names are those of the forward function's parameters; an
operand's name with ``_shape`` behind it is its shape. A vjp may ignore broadcasting: the sum over
stretched axes is done here, once for all ops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast

import numpy as np

from tensorlib import recording
from tensorlib.ops.node import FLOATS, ManyNode, OpNode, Plan
from tensorlib.ops.sizes import possible
from tensorlib.shapes import errors
from tensorlib.shapes.dim import UnknownDim
from tensorlib.shapes.parameters import names_of
from tensorlib.shapes.registry import Rule, TapeRule
from tensorlib.tape import (
    Array,
    Moved,
    Origin,
    Tape,
    Value,
    next_id,
    origin_without_tape,
    require_tape_present,
    take_tapes,
)

R = TypeVar("R")
"""What the signature of the function around a call says that it returns."""
Vjp = Callable[..., Array]

_MOST_PLANS = 4096
_SCALARS: tuple[type, ...] = (bool, int, float, np.bool_, np.integer, np.floating)


class Primitive:
    """One op: how it checks, computes, and is differentiated.

    Args:
        rule: the op's rule from `tensorlib.shapes`, called with the operands' shapes followed by
            as many of the parameters as it takes.
        forward: computes the result's array from the operands' arrays (Python scalars stay
            scalars) followed by the parameters, all positional. With ``saves=True`` it returns
            the result and something for the vjps.
        vjps: one function per operand, or None where an operand has no gradient; a single
            function stands for an op of one operand. None: the op is not differentiable.
        operands: how many of the leading arguments are operands, if not as many as vjps.
        saves: see ``forward``.
        view: whether the result may share memory with the operand.
        many: whether ``forward`` returns a tuple of results, of any number; ``y`` and ``g`` are
            tuples then. Results that the dtype rule counts as ``beside`` the others, such as
            indices, own no tape, and their cotangent is None.
        elementwise: whether ``forward`` and the vjps make each element of those at the same place
            alone, so that they can be given a block at a time; ufuncs are known to.
    """

    __slots__ = (
        "_moved",
        "_needs",
        "_plans",
        "_records",
        "_seen",
        "forward",
        "kind",
        "many",
        "name",
        "operands",
        "rule",
        "saves",
        "view",
        "vjps",
    )

    def __init__(
        self,
        rule: Rule,
        forward: Callable[..., Any],
        vjps: Vjp | Sequence[Vjp | None] | None,
        *,
        operands: int | None = None,
        saves: bool = False,
        view: bool = False,
        many: bool = False,
        elementwise: bool = False,
    ) -> None:
        self.rule = rule
        is_elementwise = elementwise or isinstance(forward, np.ufunc)
        self.kind = "ELEMENTWISE" if is_elementwise else "PURE"
        self.name = rule.name
        self.forward = forward
        self.vjps: tuple[Vjp | None, ...] = (
            () if vjps is None else (vjps,) if callable(vjps) else tuple(vjps)
        )
        self.operands = len(self.vjps) if operands is None else operands
        self.saves = saves
        self.view = view
        self.many = many
        self._needs = self._find_needs() if self.vjps else ()
        self._records = rule.tape is not TapeRule.READS
        self._moved = Moved(self.name)
        self._plans: dict[tuple[Any, ...], Plan] = {}
        # How many of the parameters the rule is told, on which a plan depends.
        self._seen = max(len(rule.parameters) - self.operands, 0)

    def _find_needs(self) -> tuple[tuple[int, ...], ...]:
        """Translate the vjps' parameter names to places in (y, saved, *shapes, *arguments)."""
        names = _parameter_names(self.forward, self.operands)
        shapes = (f"{name}_shape" for name in names[: self.operands])
        places = {name: place for place, name in enumerate(("y", "saved", *shapes, *names))}
        return tuple(
            () if vjp is None else tuple(places[name] for name in names_of(vjp)[1:])
            for vjp in self.vjps
        )

    def __call__(self, *args: Any) -> R:  # type: ignore[type-var]
        """Check, compute and, if an operand owns a tape, record."""
        # In one piece, as every call of an op comes through here, and calling functions takes time.
        parameters = args[self.operands :]
        operands = args[: self.operands] if parameters else args
        owners: list[Value] = []
        ids: list[int | None] = []
        arrays: list[Any] = []
        key: list[Any] = []
        for x in operands:
            if isinstance(x, Value):
                data = x._data
                arrays.append(data)
                ids.append(x._id)
                key += data.shape, data.dtype, x._origin is None
                if x._tape is not None:
                    owners.append(x)
            else:
                number = self._number(x, operands)
                arrays.append(number)
                ids.append(None)
                key.append(type(number))
        if parameters:
            key += parameters[: self._seen]
        try:
            plan = self._plans[(*key,)]
        except (KeyError, TypeError):
            plan = self._plan(tuple(key), operands, arrays, parameters)
        if recording.active:
            recording.require_known(operands)
            self._require_known_shape(arrays, parameters)
        if plan.target is not None:
            convert = recording.noted(_converted, kind="ELEMENTWISE")
            arrays = [convert(a, plan.target) for a in arrays]
        records = self._records and bool(owners)
        if records:
            for x in owners:
                if type(x._tape) is Moved:
                    require_tape_present(x, self.name)
        saved: Any = None
        forward = self.forward
        if recording.active:
            forward = recording.noted(forward, self.name, self.kind)
        y: Any = forward(*arrays, *parameters)
        if self.saves:
            y, saved = y
        if self.many:
            y = recording.noted(_arrays, kind="PURE")(y)
        elif type(y) is not np.ndarray:
            y = recording.noted(np.asarray, kind="PURE")(y)
        if self.view and any(isinstance(x, Value) and x.is_mutable for x in operands):
            # Parameters are written in place; no other tensor's data ever changes.
            y = recording.noted(_copies if self.many else np.copy)(y)
        id = next_id()
        tape: Tape | None = None
        node: OpNode | None = None
        origin: Origin = None
        if records:
            if len(owners) > 1:
                tape = take_tapes(owners, self._moved)
            else:  # by far the most calls
                tape, owners[0]._tape = cast("Tape", owners[0]._tape), self._moved
            if plan.has_gradient and (y.dtype in FLOATS if not self.many else _are_floats(y)):
                if plan.from_operands:
                    kept = plan.keep(arrays)
                else:
                    kept = plan.keep((y, saved, *plan.shapes, *arrays, *parameters))
                if plan.blind:
                    ids = [None if place in plan.blind else each for place, each in enumerate(ids)]
                if self.many:
                    node = ManyNode(id, ids, plan, kept, y[: len(y) - len(self.rule.dtype.beside)])
                else:
                    node = OpNode(id, ids, plan, kept)
                origin = self.name
                record = tape.record
                record.nodes[id] = node
                if len(owners) < plan.tensors:
                    for x in operands:
                        if isinstance(x, Value) and x._tape is None and x._origin is not None:
                            record.note(x)
        elif not plan.is_constant:
            origin = origin_without_tape(self.name, filter(_is_value, operands))
        like = operands[plan.first]
        if self.many:
            return self._results(like, y, tape, node, origin)
        return like._result(y, tape, origin, id)

    def _results(
        self,
        like: Value,
        ys: Any,
        tape: Tape | None,
        node: OpNode | None,
        origin: Origin,
    ) -> Any:
        """Make the tensors of several results; each owns a tape with the whole history."""
        owners = len(ys) - len(self.rule.dtype.beside)
        tapes = [None] * owners if tape is None else tape.fork(owners)
        ids = [next_id() for _ in range(owners)] if node is None else node.outputs
        owning = zip(ys, tapes, ids, strict=False)
        return (
            *(like._result(y, own, origin, id) for y, own, id in owning),
            *(like._result(y, None, None, next_id()) for y in ys[owners:]),
        )

    def _check(self, shapes: Sequence[tuple[int, ...]], parameters: Sequence[Any]) -> Any:
        """Ask the rule for the shape of the result."""
        return self.rule(*shapes, *parameters[: self._seen])

    def _require_known_shape(self, arrays: Sequence[Any], parameters: tuple[Any, ...]) -> None:
        """Refuse to write down a call the shape of whose result depends on elements."""
        if recording.is_recording() and _is_unknown(
            self._check([np.shape(a) for a in arrays], parameters)
        ):
            recording.refuse(
                f"{self.name} returns as many elements as numbers tell",
                "keep the shape, with tl.where(mask, x, 0), or call it outside of the step",
            )

    def _number(self, x: object, operands: Sequence[object]) -> bool | int | float:
        """Return an operand that is no tensor as a Python scalar, which is weak in NumPy."""
        if is_scalar(x):
            return python_scalar(x)
        has_tensor = any(isinstance(each, Value) for each in operands)
        raise not_a_tensor(x if has_tensor else operands[0], self.name)

    def _plan(
        self,
        key: tuple[Any, ...],
        operands: Sequence[Any],
        arrays: Sequence[Any],
        parameters: tuple[Any, ...],
    ) -> Plan:
        """Make a plan for a call unlike all that came before."""
        if not any(isinstance(x, Value) for x in operands):
            raise not_a_tensor(operands[0], self.name)
        plan = self._checked(operands, arrays, parameters)
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        with suppress(TypeError):  # a slice or list among the parameters: nothing to know it by
            self._plans[key] = plan
        return plan

    def _checked(
        self, operands: Sequence[Any], arrays: Sequence[Any], parameters: tuple[Any, ...]
    ) -> Plan:
        """Ask the rule about shapes, then about dtypes."""
        shapes = [x.shape if isinstance(x, np.ndarray) else () for x in arrays]
        possible(self._check(shapes, parameters), self.name)
        target = self.rule.operand_dtype(*map(dtype_name, arrays))
        converts = target is not None and self.rule.dtype.converts
        if converts and all(a.dtype == target for a in arrays if isinstance(a, np.ndarray)):
            converts = False
        return Plan(self, operands, self._needs, target if converts else None)


def _are_floats(ys: Any) -> bool:
    """Tell whether several results can have a gradient, of which indices stand behind others."""
    return bool(ys) and ys[0].dtype in FLOATS


def _is_unknown(shape: Any) -> bool:
    """Tell whether a size in a shape, or in one of several, is known only by elements."""
    if isinstance(shape, tuple):
        return any(map(_is_unknown, shape))
    return isinstance(shape, UnknownDim)


def _arrays(ys: Sequence[Any]) -> tuple[Array, ...]:
    return tuple(map(np.asarray, ys))


def _copies(ys: Any) -> tuple[Array, ...]:
    return tuple(y.copy() for y in ys)


def _is_value(x: object) -> bool:
    return isinstance(x, Value)


def _converted(array: Any, dtype: str) -> Any:
    return array.astype(dtype, copy=False) if isinstance(array, np.ndarray) else array


def dtype_name(array: Any) -> str:
    """Name an array's dtype, or the kind of a Python scalar, as `tensorlib.shapes.dtypes` does."""
    if isinstance(array, np.ndarray):
        return array.dtype.name
    if isinstance(array, bool):
        return "scalar bool"
    return "scalar int" if isinstance(array, int) else "scalar float"


def not_a_tensor(x: object, op: str) -> TypeError:
    """Return the error for an operand of another type."""
    kind = type(x).__name__
    if isinstance(x, tuple | list) and any(map(_holds_tensors, x)):
        kind = errors.group_kind("list" if isinstance(x, list) else "tuple", len(x))
    return TypeError(errors.not_a_tensor(kind, op))


def _holds_tensors(x: object) -> bool:
    """Tell whether this is a tensor, or a tuple or list with one in it."""
    if isinstance(x, tuple | list):
        return any(map(_holds_tensors, x))
    return isinstance(x, Value)


def is_scalar(x: object) -> bool:
    """Tell whether this is a number; NumPy counts timedelta64 among the integers, we do not."""
    return isinstance(x, _SCALARS) and not isinstance(x, np.timedelta64)


def python_scalar(x: Any) -> bool | int | float:
    """Return one of Python's or NumPy's scalars as Python's, which is weak in NumPy's promotion."""
    if isinstance(x, bool | np.bool_):
        return bool(x)
    return int(x) if isinstance(x, int | np.integer) else float(x)


def _parameter_names(forward: Callable[..., Any], operands: int) -> tuple[str, ...]:
    """Return the parameter names of a forward function; ufuncs use x, or x1 and x2."""
    if isinstance(forward, np.ufunc):
        return ("x",) if operands == 1 else ("x1", "x2")
    return names_of(forward)
